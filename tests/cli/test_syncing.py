"""`sync` as a person calls it: what became of issues in backlog files, told once; `show` with how they stand."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.errors import ExitCode, InsightsError
from tests.cli.calling import Run, caller, made
from tests.stored import a_stored_problem, fill


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two accepted problems, filed in backlog.csv."""
    folder = made(tmp_path, monkeypatch, columns=200)
    opened = open_workspace(folder)
    fill(opened.repository, [a_stored_problem(title) for title in ("Export hangs", "Login loops")])
    opened.close()
    monkeypatch.chdir(folder)
    call = caller(folder)
    call("decide", "P-1", "P-2", "accept")
    call("export", "--accepted", "--to", "file:backlog.csv")
    return folder


@pytest.fixture
def call(workspace: Path) -> Run:
    return caller(workspace)


def write_state(workspace: Path, problem: str, state: str) -> None:
    path = workspace / "backlog.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(
        "".join(line.replace('"accepted"', f'"{state}"') if line.startswith(f'"{problem}"') else line for line in lines)
    )


def test_what_is_done_there_is_shipped_here_and_told_once(call: Run, workspace: Path) -> None:
    write_state(workspace, "P-1", "done")

    told = call("sync", everything=True)

    assert "shipped" in told and "insights shipped P-1 --on" in told
    assert "2 issues read, 1 change." in told
    assert "2 issues read, 0 changes." in call("sync", everything=True)
    assert json.loads(call("show", "P-1", "--json"))["state"] == "shipped"


def test_an_undo_says_what_it_leaves_of_a_trackers_shipment_and_how_that_is_taken_back(
    call: Run, workspace: Path
) -> None:
    write_state(workspace, "P-1", "done")
    call("sync")

    told = call("undo", everything=True)

    assert "“accepted to Next” is taken back" in told
    assert "P-1 stays shipped, as backlog.csv (tracker) recorded. To take that back: insights decide P-1 accept" in told
    call("decide", "P-1", "accept")
    assert "0 changes" in call("sync", everything=True)
    with pytest.raises(InsightsError) as caught:
        for _ in range(3):
            call("undo")
    assert "insights decide P-12 accept" in caught.value.remedy


def test_a_script_reads_what_changed(call: Run, workspace: Path) -> None:
    write_state(workspace, "P-1", "closed")

    (told,) = json.loads(call("sync", "file:backlog.csv", "--json"))["trackers"]

    assert (told["read"], told["of"], told["unknown"]) == (2, 2, [])
    (change,) = told["changes"]
    assert (change["ref"], change["happened"]) == ("P-1", "closed without being done")
    assert change["command"].startswith("insights decide P-1 dismiss")


def test_a_tracker_that_fails_does_not_keep_the_others_from_being_read(call: Run, workspace: Path) -> None:
    call("export", "P-1", "--to", "file:other.md")
    (workspace / "other.md").write_text("<!-- insights:P-1 -->\n")
    write_state(workspace, "P-2", "released")

    with pytest.raises(InsightsError, match=r"other\.md could not be read as a whole: The entry") as caught:
        call("sync")

    assert caught.value.exit_code is ExitCode.PARTIAL
    assert json.loads(call("show", "P-2", "--json"))["state"] == "shipped"


def test_a_tracker_that_the_settings_name_no_longer_is_told_and_does_not_fail(call: Run, workspace: Path) -> None:
    opened = open_workspace(workspace)
    link = replace(opened.repository.filings.links()[0], tracker="linear", external_id="ENG-1")
    opened.repository.filings.done(link)
    opened.close()

    told = call("sync", everything=True)

    assert "linear holds issues and is no tracker of insights.toml any more" in told and "2 issues read" in told
    assert json.loads(call("sync", "--json"))["left_out"] == ["linear"]
    with pytest.raises(InsightsError, match="no place to file problems in"):
        call("sync", "linear")


def test_a_problem_shows_how_its_issue_stands_and_how_old_that_is(call: Run, workspace: Path) -> None:
    assert "backlog.csv · filed 20" in call("show", "P-1").replace("\n", " ")
    path = workspace / "backlog.csv"
    header, *rows = csv.reader(path.open(newline=""))
    csv.writer(path.open("w", newline="")).writerows([[*header, "owner"], *([*row, "Ann [/]"] for row in rows)])
    call("sync")

    assert "accepted · Ann [/] · read 0 min ago" in " ".join(call("show", "P-1").split())


def test_where_nothing_is_filed_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    empty = caller(made(tmp_path / "empty", monkeypatch))

    assert "Nothing is filed yet" in empty("sync", everything=True)
    assert json.loads(empty("sync", "--json")) == {"trackers": [], "failed": [], "left_out": []}


def test_a_tracker_that_nobody_named_is_refused(call: Run) -> None:
    with pytest.raises(InsightsError, match="no place to file problems in") as caught:
        call("sync", "jira:X")

    assert caught.value.exit_code is ExitCode.USAGE
