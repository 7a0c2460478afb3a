"""A run is told to a collector where the environment names one; nothing is loaded or sent where it does not."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from insights.bootstrap import make_workspace, open_workspace
from insights.metrics.telemetry import NO_EXPORTER, is_wanted
from tests.drafts import a_draft, save
from tests.fakes import quiet
from tests.language.chat_server import chat_server
from tests.language.honest_model import honest
from tests.metrics.collector import Collector, collecting

CANARY = "canary-7f3a@leak.example"
PHRASE = "purple walrus ledger"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting(monkeypatch) as kept:
        yield kept


def analysed(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A run with a model over items that hold the canary."""
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
    make_workspace(folder / "w")
    with chat_server(honest) as server:
        monkeypatch.setenv("INSIGHTS_LANGUAGE_MODEL", "openai:small")
        monkeypatch.setenv("INSIGHTS_LANGUAGE_BASE_URL", server.base_url)
        workspace = open_workspace(folder / "w")
        texts = (f"The export of the {PHRASE} hangs on line {n}, tell {CANARY}" for n in range(12))
        save(workspace.repository, *(a_draft(text, number=n) for n, text in enumerate(texts, 1)))
        run = workspace.analyze(progress=quiet)
        workspace.close()
    return run


def test_a_run_its_stages_and_its_calls_are_spans_of_one_trace(
    collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed(tmp_path, monkeypatch)
    by_name = {span.name: span for span in collector.spans}
    assert {"insights run", "stage protect", "stage embed", "stage compare"} <= set(by_name)
    assert len({span.trace_id for span in collector.spans}) == 1
    stages = {span.span_id for span in collector.spans if span.name.startswith("stage ")}
    calls = [span for span in collector.spans if span.name == "chat small"]
    assert calls
    assert all(call.parent_span_id in stages for call in calls)
    attributes = {one.key for one in calls[0].attributes}
    assert {"gen_ai.request.model", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"} <= attributes
    assert {"insights_items", "insights_model_tokens"} <= collector.metrics


def test_no_word_of_a_customer_gets_to_the_collector(
    collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed(tmp_path, monkeypatch)
    assert b"insights_items" in collector.everything
    assert b"canary" not in collector.everything
    assert b"walrus" not in collector.everything


def test_a_collector_that_is_away_does_not_end_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    assert analysed(tmp_path, monkeypatch).status == "done"


def test_a_protocol_without_an_exporter_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("insights.metrics.telemetry._exporter", lambda *_: None)
    assert NO_EXPORTER in analysed(tmp_path, monkeypatch).failures


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_METRICS_EXPORTER": "none", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_only_its_variables_ask_for_it(environment: dict[str, str], wanted: bool) -> None:
    assert is_wanted(environment) is wanted


def test_nothing_of_opentelemetry_is_loaded_for_it() -> None:
    code = "import sys, insights.metrics.telemetry; print([m for m in sys.modules if m.startswith('opentelemetry')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
