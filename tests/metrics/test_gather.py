"""What is told of a workspace agrees with what is in it, and its labels come from closed sets."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from insights.config import Settings
from insights.metrics.exposition import open_metrics
from insights.metrics.gather import OTHER, Watched, metrics_of
from insights.metrics.samples import Metric
from insights.metrics.stage_seconds import STAGE_SECONDS, keep_seconds, seconds_of
from insights.storage.calls import Call
from insights.storage.repository import Repository
from tests.stored import NOW, a_stored_problem, a_workspace, an_item


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    items = [an_item("The export hangs", account="Canary Freight"), an_item("The export stops")]
    return a_workspace(tmp_path, problems=[a_stored_problem("Export hangs", items=items)])


def told(repository: Repository, folder: Path, settings: Settings | None = None) -> list[Metric]:
    watched = Watched(repository=repository, settings=settings or Settings(), data=folder, now=NOW)
    return metrics_of(watched)


def value(metrics: list[Metric], name: str, **labels: str) -> float | None:
    (metric,) = (one for one in metrics if one.name == name)
    return next((one.value for one in metric.samples if dict(one.labels) == labels), None)


def a_call(**changes: object) -> Call:
    call = Call(run_id=1, stage="describe", model="openai:small", prompt="describe_problem 3", outcome="answered")
    return replace(call, **changes)  # type: ignore[arg-type]


def test_items_mentions_and_problems_are_counted(repository: Repository, tmp_path: Path) -> None:
    found = told(repository, tmp_path)
    assert value(found, "insights_items", kind="ticket") == 2
    assert value(found, "insights_items", kind="nps") == 0
    assert value(found, "insights_mentions", stance="problem") == 2
    assert value(found, "insights_problems", state="inbox") == 1


def test_tokens_and_cost_are_summed_by_model_and_prompt(repository: Repository, tmp_path: Path) -> None:
    for tokens in (100, 20):
        repository.calls.add(a_call(tokens_in=tokens, usd=0.5))
    repository.calls.add(a_call(outcome="bad_request"))
    found = told(repository, tmp_path)
    names = {"model": "openai:small", "prompt": "describe_problem_3"}
    assert value(found, "insights_model_tokens", **names, direction="in") == 120
    assert value(found, "insights_model_cost_usd", **names) == pytest.approx(1.0)
    assert value(found, "insights_model_failures") == 1
    assert value(found, "insights_model_calls", outcome="bad_request") == 1


def test_what_is_no_name_of_a_model_is_told_as_other(repository: Repository, tmp_path: Path) -> None:
    repository.calls.add(a_call(model="canary-7f3a@leak.example", tokens_in=1))
    found = told(repository, tmp_path)
    names = {"model": OTHER, "prompt": "describe_problem_3", "direction": "in"}
    assert value(found, "insights_model_tokens", **names) == 1
    assert "canary" not in open_metrics(found)


def test_labels_are_of_closed_sets_also_where_a_phrase_could_be_a_name(repository: Repository, tmp_path: Path) -> None:
    repository.calls.add(a_call(outcome="purple walrus", prompt="purple walrus", tokens_in=1))
    found = told(repository, tmp_path)
    assert value(found, "insights_model_calls", outcome=OTHER) == 1
    assert "walrus" not in open_metrics(found)


def test_no_label_holds_an_account_or_a_word_of_an_item(repository: Repository, tmp_path: Path) -> None:
    text = open_metrics(told(repository, tmp_path)).casefold()
    assert "freight" not in text
    assert "hangs" not in text


def test_the_quotes_check_is_told_over_all_runs(repository: Repository, tmp_path: Path) -> None:
    run = repository.runs.start(mode="offline", at=NOW)
    repository.runs.save(replace(run, counts={"quotes_kept": 9, "quotes_dropped": 1}))
    assert value(told(repository, tmp_path), "insights_model_quotes_pass_ratio") == pytest.approx(0.9)


def test_what_waits_has_the_age_of_its_oldest(repository: Repository, tmp_path: Path) -> None:
    repository.filings.begin(1, "jira", NOW - timedelta(hours=2))
    found = told(repository, tmp_path)
    assert value(found, "insights_queue_entries", queue="filings") == 1
    assert value(found, "insights_queue_age_seconds", queue="filings") == 7200
    assert value(found, "insights_queue_entries", queue="batches") == 0


def test_decisions_in_outbox_files_are_counted(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "outbox-0123.jsonl").write_text("{}\n{}\n")
    assert value(told(repository, tmp_path), "insights_queue_entries", queue="outbox") == 2


def test_a_backup_that_was_not_proved_has_no_age(repository: Repository, tmp_path: Path) -> None:
    made = NOW - timedelta(days=1)
    repository.backups.add(made_at=made, place="/x", size=1, digest="0" * 64, checked_at=None)
    assert value(told(repository, tmp_path), "insights_backup_age_seconds") is None
    repository.backups.add(made_at=made, place="/y", size=1, digest="0" * 64, checked_at=NOW)
    assert value(told(repository, tmp_path), "insights_backup_age_seconds") == 86_400


def test_stages_are_those_of_the_last_run_alone(repository: Repository) -> None:
    keep_seconds(repository, run_id=3, seconds={"embed": 1.25})
    assert seconds_of(repository, run_id=3) == {"embed": 1.25}
    assert seconds_of(repository, run_id=4) == {}
    repository.set_meta(STAGE_SECONDS, "[1")
    assert seconds_of(repository, run_id=3) == {}


def test_all_of_it_is_valid_open_metrics(repository: Repository, tmp_path: Path) -> None:
    repository.calls.add(a_call(tokens_in=3, usd=0.1))
    repository.runs.start(mode="offline", at=NOW)
    families = list(text_string_to_metric_families(open_metrics(told(repository, tmp_path))))
    assert {family.type for family in families} == {"gauge", "counter", "stateset"}
    assert all(family.name.startswith("insights_") and family.documentation for family in families)
