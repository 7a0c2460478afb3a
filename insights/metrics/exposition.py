"""Metrics as OpenMetrics 1.0 text. Pure."""

import math
from collections.abc import Iterable, Iterator

from insights.metrics.samples import Kind, Metric, Sample

_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def open_metrics(metrics: Iterable[Metric]) -> str:
    """The whole exposition, with its end. A family without samples is left out: what is not known is not told as 0."""
    lines = [line for metric in metrics if metric.samples for line in _lines(metric)]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# TYPE {metric.name} {metric.kind}"
    if metric.unit:
        yield f"# UNIT {metric.name} {metric.unit}"
    yield f"# HELP {metric.name} {escaped(metric.help)}"
    name = f"{metric.name}_total" if metric.kind is Kind.COUNTER else metric.name
    for sample in metric.samples:
        yield f"{name}{_labels(sample)} {number(sample.value)}"


def _labels(sample: Sample) -> str:
    inside = ",".join(f'{name}="{escaped(value)}"' for name, value in sample.labels)
    return f"{{{inside}}}" if inside else ""


def escaped(text: str) -> str:
    """Backslash, quotation mark and line feed, as the text format has them."""
    return text.encode("utf-8", "replace").decode().translate(_ESCAPED)


def number(value: float) -> str:
    """Whole numbers without a point; the others as they read back the same."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))
