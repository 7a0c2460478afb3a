"""The life of a problem on one time line: runs, decisions and corrections, each with who or what stands behind it."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from insights.domain.estimate import Range, Revision
from insights.domain.problem import Action, Decision
from insights.errors import InsightsError
from insights.history import history_of
from insights.storage.repository import Repository
from tests.stored import NOW
from tests.test_corrections import a_night, by, stored, triage


def hours(number: int) -> timedelta:
    return timedelta(hours=number)


def told(repository: Repository, problem_id: int) -> list[tuple[int, str, str | None]]:
    """Problem, event, and who."""
    return [(m.problem_id, m.event, m.who) for m in history_of(problem_id, repository=repository)]


def test_a_life_is_told_in_the_order_in_which_it_was_lived(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3, 1)
    later = NOW.replace(year=2027)
    triage(repository, at=later).decide(1, Action.SNOOZE, until=later.date(), why="next quarter")
    by(repository, "bob", at=later + hours(1)).rename(1, "Exports stop", why="clearer")
    by(repository, at=later + hours(2)).merge(2, 1, why="one cause")
    by(repository, "bob", at=later + hours(3)).split(1, [1])

    moments = history_of(1, repository=repository)

    assert [(m.event, m.who, m.why) for m in moments] == [
        ("born", None, None),
        ("snooze", "ada", "next quarter"),
        ("renamed", "bob", "clearer"),
        ("grew", "ada", "one cause"),
        ("split", "bob", None),
    ]
    assert [m.words for m in moments][1:] == [
        "snoozed until 2027-11-20",
        "a person gave it its title",
        "P-2 was merged into it",
        "1 item became P-3",
    ]
    assert (moments[0].run_id, moments[2].title, moments[3].other_id) == (1, "Exports stop", 2)


def test_a_merged_problem_tells_its_own_story_and_its_heir_s_but_each_merge_once(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1, 1)
    later = NOW.replace(year=2027)
    by(repository, at=later).merge(1, 2)
    triage(repository, "bob", at=later + hours(1)).decide(2, Action.ACCEPT)
    by(repository, at=later + hours(2)).merge(2, 3)

    assert [moment for moment in told(repository, 1) if moment[1] != "born"] == [
        (1, "merged", "ada"),
        (2, "accept", "bob"),
        (2, "merged", "ada"),
    ]
    assert (3, "grew", "ada") in told(repository, 3)
    assert (1, "merged", "ada") not in told(repository, 3)


def test_what_was_taken_back_and_by_whom_is_told(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 1)
    later = NOW.replace(year=2027)
    triage(repository, at=later).decide(1, Action.ACCEPT)
    by(repository, at=later + hours(1)).merge(1, 2)
    triage(repository, at=later + hours(2)).undo()
    triage(repository, at=later + hours(3)).undo()

    assert [moment.words for moment in history_of(1, repository=repository)][1:] == [
        "accepted to Next",
        "merged into P-2",
        "its merge into P-2 was taken back: 2 items came back",
        "“accepted to Next” was taken back",
    ]
    assert history_of(2, repository=repository)[-1].words == "the merge of P-1 into it was taken back: 2 items left"


def test_what_a_run_added_is_told_with_the_run(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2)
    a_night(repository, 3, into=1)

    assert [(m.event, m.run_id) for m in history_of(1, repository=repository)] == [("born", 1), ("grew", 2)]


def test_a_problem_older_than_the_book_of_lives_was_born_in_its_run(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2)
    with sqlite3.connect(tmp_path / "insights.db") as connection:
        connection.execute("DELETE FROM lineage")

    (born,) = history_of(1, repository=repository)

    assert (born.event, born.run_id, born.at) == ("born", 1, repository.runs.recent(1)[0].started_at)


def test_a_problem_whose_items_are_gone_still_has_its_history(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1)
    triage(repository).decide(1, Action.ACCEPT)
    with repository.writing() as connection:
        repository.feedback.remove("tickets", ["T-1"], connection=connection)

    assert (1, "accept", "ada") in told(repository, 1)


def test_a_problem_that_never_was_has_none(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1)

    with pytest.raises(InsightsError, match="There is no problem P-9"):
        history_of(9, repository=repository)


def test_figures_that_a_person_set_are_told_and_that_they_were_taken_back(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2)
    person = triage(repository, at=NOW.replace(year=2027))
    said = Revision(weeks=Range(2, 3, 6), loss=Range(0.02, 0.05, 0.1), minutes=25, severity="hurts")
    decision = Decision(id=0, problem_id=1, action=Action.ESTIMATE, who=person.who, at=person.now())
    repository.revisions.decide(decision, said, seen_version=repository.problems.get(1).version)
    person.undo()

    words = "set effort 2–3–6 wk, chance to leave 2–5–10%, 25 min an item, severity hurts"
    assert [moment.words for moment in history_of(1, repository=repository)][1:] == [
        words,
        f"“{words}” was taken back",
    ]
