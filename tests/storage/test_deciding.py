"""Decisions in one transaction, on every database that storage runs on: all or none, and nobody overwrites anybody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from insights.domain.intent import Intent
from insights.domain.problem import Action, Column, State
from insights.errors import Conflict, InsightsError
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.actors import ADA
from tests.stored import KEY, NOW, a_stored_problem, an_item, fill


@pytest.fixture
def two(repository: Repository) -> Repository:
    fill(repository, [a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}")]) for n in (1, 2)])
    return repository


@pytest.fixture
def elsewhere(two: Repository, database_url: str) -> Iterator[Repository]:
    """The same workspace, opened by another process."""
    opened = Repository(database_url, key=KEY, actor=ADA)
    yield opened
    opened.close()


def triage(repository: Repository, who: str = "ada") -> Triage:
    return Triage(repository, who=who, now=lambda: NOW)


def both(action: Action, **versions: int) -> list[Intent]:
    return [Intent(problem_id=n, action=action, seen_version=versions.get(f"v{n}")) for n in (1, 2)]


def states(repository: Repository) -> list[State]:
    return [repository.problems.get(number).state for number in (1, 2)]


def test_columns_places_and_batches_are_kept(two: Repository) -> None:
    triage(two).decide_all(both(Action.ACCEPT))
    triage(two).decide(1, Action.PLACE, column=Column.NOW, place=-0.5)

    first, placed = two.decisions.of(1)
    assert (first.column, first.batch, placed.column, placed.place) == (Column.NEXT, 1, Column.NOW, -0.5)
    assert (placed.batch, placed.state) == (None, None)
    assert two.problems.get(1).place == -0.5


def test_a_whole_batch_is_undone_and_redone(two: Repository, elsewhere: Repository) -> None:
    triage(two).decide_all(both(Action.ACCEPT))

    triage(elsewhere).undo()
    undone = states(two)
    triage(two).redo()

    assert undone == [State.INBOX, State.INBOX]
    assert states(elsewhere) == [State.ACCEPTED, State.ACCEPTED]


def test_the_second_of_two_people_is_told_and_writes_nothing(two: Repository, elsewhere: Repository) -> None:
    seen = two.problems.get(2).version
    triage(two).decide(2, Action.ACCEPT)

    with pytest.raises(Conflict) as caught:
        triage(elsewhere, "bob").decide_all(both(Action.DISMISS, v2=seen))

    assert caught.value.problem_ids == (2,)
    assert states(two) == [State.INBOX, State.ACCEPTED]


def test_of_many_who_decide_at_once_one_is_first_and_the_others_are_told(
    two: Repository, elsewhere: Repository
) -> None:
    seen = {f"v{n}": two.problems.get(n).version for n in (1, 2)}

    def decide(number: int) -> bool:
        try:
            triage([two, elsewhere][number % 2], f"person {number}").decide_all(both(Action.ACCEPT, **seen))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        done = list(people.map(decide, range(8)))

    assert done.count(True) == 1
    assert len(two.decisions.since(None)) == 2


def test_pressed_in_two_windows_at_once_an_undo_takes_each_decision_back_once(
    two: Repository, elsewhere: Repository
) -> None:
    triage(two).decide(1, Action.ACCEPT)
    triage(two).decide(2, Action.DISMISS)

    def undo(number: int) -> bool:
        try:
            triage([two, elsewhere][number % 2]).undo()
        except InsightsError:
            return False
        return True

    with ThreadPoolExecutor(4) as windows:
        done = list(windows.map(undo, range(6)))

    while done.count(True) < 2:  # one that came too late was told so, and may be tried again
        done.append(undo(0))
    assert states(two) == [State.INBOX, State.INBOX]
    assert sorted(one.undoes or 0 for one in two.decisions.since(None)) == [0, 0, 1, 2]
