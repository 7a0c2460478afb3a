"""`insights models distil` as its users see it: figures in 80 columns, JSON, what is in use, and how it is removed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.errors import ExitCode, InsightsError
from insights.storage.repository import Repository
from tests.cli.calling import Run, caller, made
from tests.lessons import teach


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSIGHTS_NOW", "2026-11-26T03:00:00+00:00")
    return made(tmp_path, monkeypatch)


@pytest.fixture
def call(folder: Path) -> Run:
    return caller(folder)


@pytest.fixture
def repository(folder: Path) -> Iterator[Repository]:
    workspace = open_workspace(folder)
    yield workspace.repository
    workspace.close()


def test_figures_with_intervals_and_what_is_used_fit_eighty_columns(call: Run, repository: Repository) -> None:
    teach(repository, 300)

    page = call("models", "distil")

    lines = [line.rstrip() for line in page.splitlines()]
    assert lines[0] == "kinds: 300 answers of openai:small"
    assert lines[1] == "On 60 answers held out, with 95% intervals; right is what the model says:"
    assert lines[2].split() == ["rows", "precision", "recall", "F1", "sure", "from"]
    assert [line.split()[0] for line in lines[3:7]] == ["noise", "praise", "problem", "mean"]
    assert "Without it, the mean F1 on the same answers is" in page
    assert "95% was asked for" in " ".join(page.split())
    assert "Used from the next analysis on." in lines
    assert "Not used: there are 0 answers to learn from, and 80 are needed." in lines
    assert max(map(len, lines)) <= 80


def test_json_holds_what_became_of_each(call: Run, repository: Repository) -> None:
    teach(repository, 300)

    found = {one["name"]: one for one in json.loads(call("models", "distil", "--precision", "0.9", "--json"))}

    assert sorted(found) == ["kinds", "severity", "urgency"]
    kinds = found["kinds"]
    assert (kinds["answers"], kinds["needed"], kinds["models"], kinds["refused"]) == (300, 200, ["openai:small"], "")
    assert kinds["figures"]["precision"] == 0.9
    assert kinds["figures"]["mean"]["f1"].keys() == {"value", "low", "high"}
    assert found["severity"]["figures"] is None


def test_the_status_tells_what_is_used_and_since_when(call: Run, repository: Repository) -> None:
    assert "Nothing is distilled" in call("models", "distil", "--status")
    teach(repository, 300)
    call("models", "distil")

    page = call("models", "distil", "--status")

    assert page.splitlines()[0] == "kinds: from 300 answers of openai:small"
    assert "Learned on 2026-11-26 03:00 UTC." in page
    assert [one["name"] for one in json.loads(call("models", "distil", "--status", "--json"))] == ["kinds"]


def test_what_is_forgotten_is_named_and_gone(call: Run, repository: Repository) -> None:
    teach(repository, 300)
    call("models", "distil")

    assert "Forgotten: kinds." in call("models", "distil", "--forget", everything=True)
    assert "Forgotten: nothing was distilled." in call("models", "distil", "--forget", everything=True)
    assert repository.distilled.all() == []


def test_a_run_tells_how_much_was_told_for_nothing(call: Run, repository: Repository) -> None:
    run = repository.runs.start(mode="offline", at=datetime(2026, 11, 26, tzinfo=UTC))
    repository.runs.save(replace(run, counts={"kinds_distilled": 12, "severity_distilled": 3}))

    assert "kinds distilled 12, severity distilled 3" in " ".join(call("runs", "show").split())


def test_to_tell_and_to_forget_at_once_is_wrong_usage(call: Run) -> None:
    with pytest.raises(InsightsError, match="two things") as refused:
        call("models", "distil", "--status", "--forget")

    assert refused.value.exit_code is ExitCode.USAGE
