"""`insights trackers` shows which trackers the settings name, where their logins are, and what types there are."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Run, caller, made

BLOCKS = """
[[trackers]]
name = "backlog"
type = "github"
repository = "acme/app"

[[trackers]]
name = "ops"
type = "nothing-installed"
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BACKLOG", "OPS"):
        monkeypatch.delenv(f"INSIGHTS_SECRET_{name}", raising=False)
    return made(tmp_path, monkeypatch)


@pytest.fixture
def call(workspace: Path) -> Run:
    return caller(workspace)


def test_where_none_is_named_that_is_said_with_what_there_is(call: Run) -> None:
    said = call("trackers")

    assert "No [[trackers]]" in said and "file:backlog.md" in said
    assert "Types: file, " in said and "github" in said


def test_each_is_shown_with_where_its_login_is_or_the_command_that_keeps_one(
    workspace: Path, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "insights.toml").write_text(BLOCKS)
    monkeypatch.setenv("INSIGHTS_SECRET_BACKLOG", "canary-51")

    said = call("trackers", everything=True)

    assert "backlog: github; its login is in INSIGHTS_SECRET_BACKLOG" in said
    assert "ops: nothing-installed; no login: insights auth ops" in said
    assert "canary-51" not in said


def test_json_holds_the_same(workspace: Path, call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (workspace / "insights.toml").write_text(BLOCKS)
    monkeypatch.setenv("INSIGHTS_SECRET_BACKLOG", "canary-51")

    told = json.loads(call("trackers", "--json"))

    assert told["trackers"] == [
        {"name": "backlog", "type": "github", "login": "INSIGHTS_SECRET_BACKLOG"},
        {"name": "ops", "type": "nothing-installed", "login": None},
    ]
    assert {"file", "github"} <= set(told["types"])
