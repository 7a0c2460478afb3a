"""`notify` as a person calls it: drafts to read, drafts as files, and never a word that is sent."""

import json
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.errors import ExitCode, InsightsError
from tests.cli.calling import Run, caller, made
from tests.stored import a_stored_problem, an_item, fill


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """P-1 is accepted: one customer can be written to, one cannot."""
    folder = made(tmp_path, monkeypatch, columns=120)
    opened = open_workspace(folder)
    items = [
        an_item("It hangs \x1b[2J.", author="Ann", email="ann@acme.example"),
        an_item("Hangs, too.", url="https://desk.example/2"),
    ]
    fill(opened.repository, [a_stored_problem("Export hangs", items=items)])
    opened.close()
    monkeypatch.chdir(tmp_path)
    run = caller(folder)
    run("decide", "P-1", "accept")
    return run


def test_drafts_are_shown_and_it_is_said_that_nothing_was_sent(call: Run) -> None:
    told = call("notify", "P-1", "--draft", everything=True)

    assert "To: ann@acme.example\nSubject: We are working on what you told us" in told
    assert "Hangs, too." in told and "https://desk.example/2" in told
    assert "P-1 is not shipped yet: 1 draft; 1 without an address. Nothing was sent." in told
    assert "\x1b" not in told


def test_drafts_are_saved_where_a_mail_program_finds_them(call: Run, tmp_path: Path) -> None:
    call("shipped", "P-1", "--on", "2026-11-20")
    told = call("notify", "P-1", "--draft", "--eml", "drafts", everything=True)

    (path,) = (tmp_path / "drafts").glob("P-1-*.eml")
    named = json.loads(call("notify", "P-1", "--draft", "--eml", "drafts", "--json"))["files"]
    assert [Path(name).name for name in named] == [path.name]
    assert b"X-Unsent: 1\r\n" in path.read_bytes()
    assert "P-1 was shipped on" in told and "1 draft in drafts" in told
    assert "To: ann" not in told


def test_a_script_reads_them(call: Run) -> None:
    told = json.loads(call("notify", "P-1", "--draft", "--json"))

    assert [one["email"] for one in told["drafts"]] == ["ann@acme.example"]
    assert [one["said"][0]["ref"] for one in told["unreachable"]] == ["tickets/T-2"]
    assert told["shipped_on"] is None


def test_without_the_word_draft_nothing_is_done(call: Run) -> None:
    with pytest.raises(InsightsError, match="only drafts") as caught:
        call("notify", "P-1")

    assert caught.value.exit_code is ExitCode.USAGE
    assert "insights notify P-1 --draft" in caught.value.remedy
