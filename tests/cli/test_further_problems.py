"""What states a problem though it is in another: told by `show` and `why` with the one it is in, not counted."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.domain.feedback import Stance
from insights.storage.groupings import NewProblem, Reason
from insights.storage.repository import Repository
from tests.cli.calling import Run, caller, made
from tests.drafts import a_draft, save, split_whole
from tests.stored import NOW

ESC = "\x1b[31m"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls `insights` where T-1 and T-2 are in P-1, T-3 to T-5 in P-2; T-4 and T-5 state P-1, too."""
    folder = made(tmp_path, monkeypatch, columns=100)
    workspace = open_workspace(folder)
    _fill(workspace.repository)
    workspace.close()
    return caller(folder)


def _fill(repository: Repository) -> None:
    save(
        repository, *(a_draft(f"It {ESC}hangs {n}", number=n, created_at=NOW - timedelta(days=n)) for n in range(1, 6))
    )
    split_whole(repository)
    repository.mentions.mark_embedded(range(1, 6), fingerprint="test")
    started = repository.runs.start(mode="offline", at=NOW)
    born = [
        (NewProblem(stance=Stance.PROBLEM, mentions=(1, 2)), [0.9, 0.7]),
        (NewProblem(stance=Stance.PROBLEM, mentions=(3, 4, 5)), [0.9, 0.8, 0.7]),
    ]
    reasons = dict.fromkeys((4, 5), Reason(placed_by="grouped", also_born=(0,)))
    repository.groupings.save(started.id, joined={}, born=born, reasons=reasons)


def test_a_problem_tells_how_many_items_of_others_state_it_and_counts_its_own_alone(run: Run) -> None:
    said = " ".join(run("show", "P-1").split())

    assert "2 items from no known account" in said
    assert "2 items of other problems may state it, too, and are not counted here." in said
    data = json.loads(run("show", "P-1", "--json"))
    assert (data["items"], data["mentions"], data["items_elsewhere"]) == (2, 2, 2)


def test_a_problem_that_nothing_else_states_says_nothing_of_it(run: Run) -> None:
    assert "not counted here" not in run("show", "P-2") + run("show", "P-2", "--items")
    assert json.loads(run("show", "P-2", "--json"))["items_elsewhere"] == 0


def test_items_of_other_problems_come_after_its_own_each_with_the_problem_that_it_is_in(run: Run) -> None:
    lines = run("show", "P-1", "--items").splitlines()

    assert [line.split()[:2] for line in lines if "hangs" in line] == [
        ["tickets/T-1", "2026-11-19"],
        ["tickets/T-2", "2026-11-18"],
        ["P-2", "tickets/T-4"],
        ["P-2", "tickets/T-5"],
    ]
    assert lines[4] == "2 items of other problems may state it, too, and are not counted here."
    assert ESC not in "".join(lines)
    assert "2 items, newest first." in run("show", "P-1", "--items", everything=True)


def test_items_as_data_name_the_problem_that_each_is_in(run: Run) -> None:
    listed = json.loads(run("show", "P-1", "--items", "--json"))

    assert [(item["ref"], item["problem"]) for item in listed] == [
        ("tickets/T-1", "P-1"),
        ("tickets/T-2", "P-1"),
        ("tickets/T-4", "P-2"),
        ("tickets/T-5", "P-2"),
    ]


def test_why_names_the_further_problem_and_says_where_it_is_counted(run: Run) -> None:
    run("rename", "P-1", "Exports stop")

    said = " ".join(run("why", "T-4").split())

    assert "It may also state P-1 “Exports stop”, but is counted in P-2 alone." in said
    (mention,) = json.loads(run("why", "T-4", "--json"))["mentions"]
    assert (mention["problem"], mention["also"]) == ("P-2", [{"problem": "P-1", "title": "Exports stop"}])
    assert json.loads(run("why", "T-1", "--json"))["mentions"][0]["also"] == []


def test_an_item_that_is_moved_there_is_counted_there_and_told_no_more(run: Run) -> None:
    run("move", "T-4", "--from", "P-2", "--to", "P-1")

    data = json.loads(run("show", "P-1", "--json"))
    assert (data["items"], data["items_elsewhere"]) == (3, 1)
    assert "1 item of another problem may state it, too, and is not counted here." in run("show", "P-1")
    assert "also state" not in run("why", "T-4")
    run("undo")
    assert json.loads(run("show", "P-1", "--json"))["items_elsewhere"] == 2
