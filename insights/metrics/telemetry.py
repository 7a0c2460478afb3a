"""A run as OpenTelemetry spans and metrics, where the environment asks for it; else nothing is loaded and nothing sent.

Names are those of the semantic conventions for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/).
There are counts, times and names of models, stages and prompt files in it; never what a model was asked or answered.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from insights.domain.run import Run
from insights.language.completions import ANSWERED
from insights.metrics.gather import OTHER, OUTCOMES, prompt_label, safe_name
from insights.metrics.samples import Kind, Metric
from insights.storage.calls import RECALLED
from insights.storage.measures import EndedCall

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_LONGEST_WAIT = 5_000
"""Milliseconds that a run waits at its end for a collector."""
SCOPE = "insights"
NO_EXPORTER = (
    "OpenTelemetry was asked for and nothing was sent: there is no exporter of this protocol, or its address is none. "
    "Set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or install opentelemetry-exporter-otlp-proto-http."
)


@dataclass(frozen=True, slots=True)
class Exporters:
    """Where to; None where it is not asked for."""

    spans: "SpanExporter | None" = None
    metrics: "MetricExporter | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a run tells: `calls` gives the calls of a run that ended after one of a number; `figures` all metrics."""

    run: Run
    calls: Callable[[int, int], Sequence[EndedCall]]
    figures: Callable[[], Sequence[Metric]]


@dataclass(slots=True)
class Telemetry:
    """Times the stages of a run, and tells of them where somebody asked for it. A collector that is away, or refuses,
    never ends a run."""

    watch: Watch
    tracer: "Tracer | None" = None
    notes: tuple[str, ...] = ()
    """What keeps it from telling, in words."""
    seconds: dict[str, float] = field(default_factory=dict)
    _last: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage; the calls to models in it become spans beneath its own."""
        begun = monotonic()
        try:
            with _span(self.tracer, f"stage {name}", {"insights.stage": name}):
                try:
                    yield
                finally:
                    self._tell_calls()
        finally:
            self.seconds[name] = monotonic() - begun

    def _tell_calls(self) -> None:
        if self.tracer is None:
            return
        with suppress(Exception):  # whoever watches must not end what they watch
            for call in self.watch.calls(self._last, self.watch.run.id):
                _tell(self.tracer, call)
                self._last = call.number


@contextmanager
def followed(watch: Watch, environment: Mapping[str, str] = os.environ) -> Iterator[Telemetry]:
    """A run from its begin to its end."""
    if not is_wanted(environment):
        yield Telemetry(watch)
        return
    exporters = exporters_of(environment)
    if exporters == Exporters():
        yield Telemetry(watch, notes=(NO_EXPORTER,))
        return
    with exported(watch, exporters) as telemetry:
        yield telemetry


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether traces or metrics are to be sent."""
    return any(_asks_for(kind, environment) for kind in ("TRACES", "METRICS"))


def _asks_for(kind: str, environment: Mapping[str, str]) -> bool:
    """`OTEL_…_EXPORTER` decides; where it is not set, an endpoint does. `OTEL_SDK_DISABLED` forbids all."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().casefold() == "true":
        return False
    said = environment.get(f"OTEL_{kind}_EXPORTER", "").strip()
    if said:
        return said != "none"
    return bool(environment.get(_ENDPOINT) or environment.get(f"OTEL_EXPORTER_OTLP_{kind}_ENDPOINT"))


def exporters_of(environment: Mapping[str, str]) -> Exporters:
    """As the variables ask for; those that are not installed here are left out."""
    return Exporters(
        spans=_exporter("TRACES", environment, "trace_exporter", "OTLPSpanExporter"),
        metrics=_exporter("METRICS", environment, "metric_exporter", "OTLPMetricExporter"),
    )


def _exporter(kind: str, environment: Mapping[str, str], module: str, name: str) -> Any:
    from importlib import import_module

    if not _asks_for(kind, environment):
        return None
    said = environment.get(f"OTEL_EXPORTER_OTLP_{kind}_PROTOCOL") or environment.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")
    way = "http" if said.startswith("http") else "grpc"
    with suppress(Exception):  # not installed, or an address that is none
        return getattr(import_module(f"opentelemetry.exporter.otlp.proto.{way}.{module}"), name)()
    return None


@contextmanager
def exported(watch: Watch, exporters: Exporters) -> Iterator[Telemetry]:
    """Through these exporters, with providers of our own: nothing else in the process gets to send."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # a collector that is away is no news of ours
    resource = Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", SCOPE)})
    with _tracing(exporters.spans, resource) as tracer:
        run = watch.run
        telemetry = Telemetry(watch, tracer)
        facts = {"insights.run": run.id, "insights.mode": safe_name(run.mode)}
        with _span(tracer, "insights run", facts):
            yield telemetry
    if exporters.metrics is not None:
        with suppress(Exception):
            send_metrics(watch.figures(), exporters.metrics, resource)


@contextmanager
def _tracing(exporter: "SpanExporter | None", resource: Any) -> Iterator["Tracer | None"]:
    if exporter is None:
        yield None
        return
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter, export_timeout_millis=_LONGEST_WAIT))
    try:
        yield provider.get_tracer(SCOPE)
    finally:
        with suppress(Exception):
            provider.force_flush(_LONGEST_WAIT)
            provider.shutdown()


@contextmanager
def _span(tracer: "Tracer | None", name: str, facts: Mapping[str, Any]) -> Iterator[None]:
    """An error is told by its type alone: its words may be a customer's."""
    if tracer is None:
        yield
        return
    from opentelemetry.trace import Status, StatusCode

    with tracer.start_as_current_span(
        name, attributes=dict(facts), record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise


def _tell(tracer: "Tracer", call: EndedCall) -> None:
    from opentelemetry.trace import SpanKind, Status, StatusCode

    provider, _, model = safe_name(call.model).rpartition(":")
    operation = "embeddings" if call.stage == "embed" else "chat"
    outcome = call.outcome if call.outcome in OUTCOMES else OTHER
    facts: dict[str, str | int | float] = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": provider or "other",
        "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": call.tokens_in,
        "gen_ai.usage.output_tokens": call.tokens_out,
        "insights.prompt": prompt_label(call.prompt),
        "insights.outcome": outcome,
        "insights.cost_usd": call.usd,
    }
    begun = call.at - timedelta(seconds=call.seconds)
    span = tracer.start_span(f"{operation} {model}", kind=SpanKind.CLIENT, attributes=facts, start_time=_nanos(begun))
    if call.outcome not in (ANSWERED, RECALLED):
        span.set_attribute("error.type", outcome)
        span.set_status(Status(StatusCode.ERROR))
    span.end(_nanos(call.at))


def _nanos(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000


def send_metrics(metrics: Sequence[Metric], exporter: "MetricExporter", resource: Any = None) -> None:
    """Once, as they stand: gauges, and sums of what only grows."""
    from opentelemetry.metrics import CallbackOptions, Observation
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource

    reader = PeriodicExportingMetricReader(
        exporter, export_interval_millis=float("inf"), export_timeout_millis=_LONGEST_WAIT
    )
    provider = MeterProvider([reader], resource or Resource.create({}), shutdown_on_exit=False)
    meter = provider.get_meter(SCOPE)

    def told(metric: Metric) -> Callable[[CallbackOptions], list[Observation]]:
        return lambda _: [Observation(one.value, dict(one.labels)) for one in metric.samples]

    for metric in metrics:
        make = meter.create_observable_counter if metric.kind is Kind.COUNTER else meter.create_observable_gauge
        make(metric.name, callbacks=[told(metric)], unit=metric.unit, description=metric.help)
    try:
        provider.force_flush(_LONGEST_WAIT)
    finally:
        provider.shutdown(_LONGEST_WAIT)
