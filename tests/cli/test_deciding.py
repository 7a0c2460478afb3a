"""Deciding by command: several problems at once, the board, undo and redo."""

import json
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.errors import ExitCode, InsightsError
from tests.cli.calling import Run, caller, made
from tests.stored import a_stored_problem, an_estimate, an_item, fill

ESC = "\x1b[31m"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls `insights` in a workspace of three problems; the second one's title is hostile."""
    folder = made(tmp_path, monkeypatch)
    workspace = open_workspace(folder)
    titles = ["Exports hang", f"[/] {ESC}Login\nloops", "Labels are cut"]
    problems = [
        a_stored_problem(title, items=[an_item(f"It hangs {n}")], estimate=an_estimate(value=400_000 / n))
        for n, title in enumerate(titles, 1)
    ]
    fill(workspace.repository, problems)
    workspace.close()
    return caller(folder)


def board(run: Run) -> dict[str, list[str]]:
    """column -> the problems in it, from the top."""
    told = json.loads(run("board", "--json"))
    columns = {one["column"]: [problem["ref"] for problem in one["problems"]] for one in told["columns"]}
    return {**columns, "wont": [problem["ref"] for problem in told["wont"]["problems"]]}


def test_several_problems_are_decided_at_once_and_taken_back_at_once(run: Run) -> None:
    said = run("decide", "P-1", "P-3", "accept", "--to", "now", everything=True)
    both = board(run)
    undone = run("undo", everything=True)
    neither = board(run)
    again = run("redo", everything=True)

    assert said.splitlines()[0] == "P-1, P-3 accepted to Now. Take them back with: insights undo"
    assert both["now"] == ["P-1", "P-3"]
    assert undone.splitlines() == [
        "P-3: “accepted to Now” is taken back.",
        "P-1: “accepted to Now” is taken back.",
    ]
    assert neither["now"] == []
    assert again.splitlines() == ["P-1: accepted to Now again.", "P-3: accepted to Now again."]
    assert board(run) == both


@pytest.mark.parametrize(("until", "said"), [("growth", "until it grows"), ("2027-01-31", "until 2027-01-31")])
def test_a_snooze_says_how_long_it_lasts(run: Run, until: str, said: str) -> None:
    told = run("decide", "P-1", "P-3", "snooze", "--until", until, everything=True)

    assert told.splitlines()[0] == f"P-1, P-3 snoozed {said}. Take them back with: insights undo"


def test_one_problem_is_decided_as_ever(run: Run) -> None:
    decision = json.loads(run("decide", "P-2", "dismiss", "--why", "out of strategy", "--json"))

    assert (decision["problem_id"], decision["action"], decision["why"]) == (2, "dismiss", "out of strategy")
    assert board(run)["wont"] == ["P-2"]


def test_as_data_several_are_a_list_and_an_undo_names_what_changed(run: Run) -> None:
    decided = json.loads(run("decide", "P-1", "P-2", "snooze", "--json"))
    undone = json.loads(run("undo", "--json"))
    redone = json.loads(run("redo", "--json"))

    assert [one["problem_id"] for one in decided] == [1, 2]
    assert undone["problem_ids"] == redone["problem_ids"] == [1, 2]
    assert [one["undoes"] for one in undone["decisions"]] == [one["id"] for one in undone["about"]]
    assert [one["redoes"] for one in redone["decisions"]] == [one["id"] for one in redone["about"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("decide", "P-1"), "not a decision"),
        (("decide", "accept"), "nothing to accept"),
        (("decide", "P-1", "ship"), "not a decision"),
        (("decide", "P-1", "dismiss", "--to", "now"), "--to says where"),
        (("decide", "P-1", "accept", "--to", "soon"), "not a column"),
        (("place", "P-1", "--to", "now"), "not on the board"),
        (("place", "P-1", "--to", "now", "--first", "--last"), "different things"),
        (("place", "P-1", "--to", "later", "--before", "P-3"), "not another problem in Later"),
        (("merge", "P-1"), "takes two"),
    ],
)
def test_what_cannot_be_is_refused_in_words(run: Run, words: tuple[str, ...], message: str) -> None:
    run("decide", "P-3", "accept")

    with pytest.raises(InsightsError, match=message) as caught:
        run(*words)

    assert caught.value.exit_code is ExitCode.USAGE


def test_problems_are_put_in_order_on_the_board(run: Run) -> None:
    run("decide", "P-1", "P-2", "P-3", "accept", "--to", "now")

    first = run("place", "P-3", "--first", everything=True)
    at_first = board(run)["now"]
    run("place", "P-2", "--before", "P-3")
    before = board(run)["now"]
    run("place", "P-3", "--last")
    last = board(run)["now"]
    run("undo")

    assert first == "P-3 is 1 of 3 in Now. Take it back with: insights undo\n"
    assert (at_first, before, last) == (["P-3", "P-1", "P-2"], ["P-2", "P-3", "P-1"], ["P-2", "P-1", "P-3"])
    assert board(run)["now"] == before


def test_a_problem_moves_to_another_column_by_its_rank_or_above_another(run: Run) -> None:
    run("decide", "P-1", "P-2", "accept", "--to", "now")
    run("decide", "P-3", "accept", "--to", "later")

    run("place", "P-2", "--to", "later")
    by_rank = board(run)["later"]
    run("place", "P-1", "--before", "P-3")

    assert by_rank == ["P-2", "P-3"]
    assert board(run)["later"] == ["P-2", "P-1", "P-3"]


def test_the_board_says_how_full_now_is_and_shows_hostile_titles_as_text(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "w" / "insights.toml"
    settings.write_text("[triage]\nnow_limit = 1\n")
    run("decide", "P-1", "P-2", "accept", "--to", "now")
    run("decide", "P-3", "dismiss")

    lines = run("board").splitlines()

    assert lines[0] == "Now 2/1, 1 over the limit"
    assert lines[1].split() == ["P-1", "$400k", "Exports", "hang"]
    assert "[/] Login loops" in lines[2]
    assert "\x1b" not in lines[2]
    assert lines[3:] == ["Next 0", "Later 0", "Won't 1"]
    limits = [one["limit"] for one in json.loads(run("board", "--json"))["columns"]]
    assert limits == [1, None, None]


def test_several_problems_are_merged_into_the_last(run: Run) -> None:
    merged = run("merge", "P-1", "P-2", "P-3", everything=True)
    run("undo")
    apart = json.loads(run("problems", "--json"))

    assert merged.splitlines()[:2] == [
        "P-1 is part of P-3 now, with 1 item.",
        "P-2 is part of P-3 now, with 1 item.",
    ]
    assert [one["ref"] for one in apart] == ["P-1", "P-2", "P-3"]


def test_the_history_names_the_columns(run: Run) -> None:
    run("decide", "P-1", "accept", "--to", "now")
    run("place", "P-1", "--to", "later")

    told = [moment["words"] for moment in json.loads(run("history", "P-1", "--json"))]

    assert told[-2:] == ["accepted to Now", "placed in Later"]
