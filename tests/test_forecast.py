"""What an analysis would ask its models is said before anything is sent, and comes about."""

import json
from pathlib import Path

import pytest

from insights.bootstrap import Workspace, make_workspace, open_workspace
from insights.errors import InsightsError
from tests.cli.calling import caller
from tests.drafts import a_draft, save
from tests.fakes import quiet
from tests.language.chat_server import ChatServer, chat_server
from tests.language.honest_model import asked_for, honest

TOPICS = ("The export of the stock list hangs", "Labels are printed without their edge", "Login loops after a change")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    make_workspace(tmp_path / "w")
    return tmp_path / "w"


def opened(folder: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch, **changes: str) -> Workspace:
    settings = {"model": "openai:small", "base_url": server.base_url, "audit_share": "0"} | changes
    for name, value in settings.items():
        monkeypatch.setenv(f"INSIGHTS_LANGUAGE_{name.upper()}", value)
    return open_workspace(folder)


def hear(workspace: Workspace, count: int, *, first: int = 1) -> None:
    texts = [f"{TOPICS[n % 3]} on line {n}" for n in range(first, first + count)]
    save(workspace.repository, *(a_draft(text, number=first + n) for n, text in enumerate(texts)))


def asked(server: ChatServer) -> dict[str, int]:
    kinds = [asked_for(request) for request in server.requests]
    return {kind: kinds.count(kind) for kind in set(kinds)}


def test_nothing_is_sent_and_what_was_counted_comes_about(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(honest) as server:
        workspace = opened(folder, server, monkeypatch)
        hear(workspace, 45)
        told = {one.stage: one for one in workspace.forecast(progress=quiet)}
        assert server.calls == 0
        workspace.analyze(progress=quiet)
        workspace.close()

    assert told["restate"].is_counted
    assert told["restate"].expected.calls == asked(server)["StatementsDraft"] == 3
    assert told["describe"].expected.calls >= 1
    assert not told["describe"].is_counted


def test_what_is_known_costs_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(honest) as server:
        workspace = opened(folder, server, monkeypatch)
        hear(workspace, 45)
        workspace.analyze(progress=quiet)
        again = workspace.forecast(progress=quiet)
        workspace.close()

    assert sum(one.expected.calls for one in again) == 0


def test_all_are_restated_only_where_that_fits_half_of_the_money(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(honest) as server:
        workspace = opened(folder, server, monkeypatch, max_usd="0.0005")
        hear(workspace, 45)
        told = {one.stage: one for one in workspace.forecast(progress=quiet)}
        workspace.close()

    assert not told["restate"].is_counted


def test_without_a_model_there_is_nothing_to_tell(folder: Path) -> None:
    workspace = open_workspace(folder)
    hear(workspace, 5)

    assert workspace.forecast(progress=quiet) == []
    workspace.close()


def test_the_command_says_what_it_would_cost_and_what_a_run_may(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(honest) as server:
        workspace = opened(folder, server, monkeypatch)
        hear(workspace, 45)
        workspace.close()
        call = caller(folder)
        words, data = (
            call("analyze", "--estimate", everything=True),
            json.loads(call("analyze", "--estimate", "--json")),
        )

    assert server.calls == 0
    assert "in all" in words
    assert "this run may cost $5.00" in words
    assert data["may_spend_usd"] == 5
    assert {one["stage"] for one in data["stages"]} == {"kinds", "restate", "review", "describe", "theme", "assess"}


def test_where_nothing_is_new_the_command_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(honest) as server:
        workspace = opened(folder, server, monkeypatch)
        hear(workspace, 45)
        workspace.analyze(progress=quiet)
        workspace.close()

        assert caller(folder)("analyze", "--estimate", everything=True) == (
            "Nothing is new: no model would be asked anything.\n"
        )


def test_without_feedback_there_is_nothing_to_estimate(folder: Path) -> None:
    with pytest.raises(InsightsError, match="no feedback"):
        caller(folder)("analyze", "--estimate")


def test_a_run_is_shown_in_eighty_columns_without_cutting_a_models_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_server(honest) as server:
        workspace = opened(folder, server, monkeypatch)
        hear(workspace, 45)
        workspace.analyze(progress=quiet)
        workspace.close()
    monkeypatch.setenv("COLUMNS", "80")
    narrow = caller(folder)("runs", "show")
    monkeypatch.setenv("COLUMNS", "140")
    wide = caller(folder)("runs", "show")

    assert narrow.count("openai:small") == wide.count("openai:small") >= 3
    assert "describe_problem 2" not in narrow
    assert "describe_problem 2" in wide
