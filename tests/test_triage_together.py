"""Decisions that are made as one, the board, and redo; two people on one database."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.corrections import Corrections
from insights.domain.estimate import Range, Revision
from insights.domain.intent import Intent
from insights.domain.problem import Action, Column, Decision, State, fold
from insights.errors import Conflict, InsightsError
from insights.estimating import set_figures
from insights.outcomes import ship
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.actors import ADA
from tests.stored import KEY, NOW, a_stored_problem, a_workspace, an_estimate, an_item

LATER = NOW + timedelta(hours=1)


def triage(repository: Repository, who: str = "ada", *, at: datetime = NOW) -> Triage:
    return Triage(repository, who=who, now=lambda: at)


def correcting(repository: Repository, who: str = "ada") -> Corrections:
    return Corrections(repository, who=who, now=lambda: NOW)


def problems(folder: Path, *sizes: int) -> Repository:
    """P-1, P-2, … of so many items each; items are numbered through from 1."""
    folder.mkdir(exist_ok=True)
    stored = [
        a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}.{i}") for i in range(size)])
        for n, size in enumerate(sizes, 1)
    ]
    return a_workspace(folder, problems=stored)


@pytest.fixture
def three(tmp_path: Path) -> Repository:
    return problems(tmp_path, 2, 2, 2)


def intents(action: Action, *numbers: int, **more: Any) -> list[Intent]:
    return [Intent(problem_id=number, action=action, **more) for number in numbers]


def stands(repository: Repository, number: int) -> tuple[State, Column | None, float | None]:
    problem = repository.problems.get(number)
    return problem.state, problem.column, problem.place


def states(repository: Repository, count: int = 3) -> list[State]:
    return [repository.problems.get(number).state for number in range(1, count + 1)]


def items(repository: Repository, number: int) -> set[int]:
    return {one.feedback_id for one in repository.evidence.of_problem(number)}


# -- the board --------------------------------------------------------------------------------------------------


def test_what_is_accepted_goes_to_next_or_to_the_column_that_is_said(three: Repository) -> None:
    ada = triage(three)

    first, second = ada.decide(1, Action.ACCEPT), ada.decide(2, Action.ACCEPT, column=Column.NOW, place=2.5)

    assert (stands(three, 1), first.column) == ((State.ACCEPTED, Column.NEXT, None), Column.NEXT)
    assert (stands(three, 2), second.place) == ((State.ACCEPTED, Column.NOW, 2.5), 2.5)


def test_placing_moves_a_problem_on_the_board_and_leaves_it_accepted(three: Repository) -> None:
    ada = triage(three)
    ada.decide(1, Action.ACCEPT)

    moved = ada.decide(1, Action.PLACE, column=Column.LATER)
    ada.decide(1, Action.PLACE, place=3.0)

    assert stands(three, 1) == (State.ACCEPTED, Column.LATER, 3.0)
    assert moved.state is None


def test_placing_keeps_what_was_predicted_at_the_acceptance(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, problems=[a_stored_problem(estimate=an_estimate(value=7))])
    triage(repository).decide(1, Action.ACCEPT)
    repository.problems.save_estimates({1: an_estimate(value=9)})

    triage(repository, at=LATER).decide(1, Action.PLACE, column=Column.NOW)

    assert repository.shipments.predictions()[1].estimate.value == an_estimate(value=7).value


@pytest.mark.parametrize("action", [None, Action.DISMISS, Action.SNOOZE])
def test_only_what_is_accepted_has_a_place(three: Repository, action: Action | None) -> None:
    if action:
        triage(three).decide(1, action)

    with pytest.raises(InsightsError, match="P-1 is not on the board") as caught:
        triage(three).decide(1, Action.PLACE, column=Column.NOW)

    assert "insights decide P-1 accept" in caught.value.remedy
    assert all(decision.action is not Action.PLACE for decision in three.decisions.of(1))


@pytest.mark.parametrize("action", [Action.DISMISS, Action.SNOOZE, Action.SHIP])
def test_what_leaves_the_board_comes_back_to_its_place_by_undo(three: Repository, action: Action) -> None:
    ada = triage(three)
    ada.decide(1, Action.ACCEPT)
    ada.decide(1, Action.PLACE, column=Column.NOW, place=1.0)
    ada.decide(1, action)
    left = stands(three, 1)

    ada.undo()

    assert left[1:] == (None, None)
    assert stands(three, 1) == (State.ACCEPTED, Column.NOW, 1.0)
    ada.undo()
    assert stands(three, 1) == (State.ACCEPTED, Column.NEXT, None)
    ada.undo()
    assert stands(three, 1) == (State.INBOX, None, None)


def test_accepted_again_it_does_not_go_back_to_an_old_place(three: Repository) -> None:
    ada = triage(three)
    ada.decide(1, Action.ACCEPT, column=Column.NOW, place=1.0)
    ada.decide(1, Action.DISMISS)

    ada.decide(1, Action.ACCEPT)

    assert stands(three, 1) == (State.ACCEPTED, Column.NEXT, None)


def test_a_merge_hands_the_place_on_to_what_waits_and_its_undo_gives_it_back(three: Repository) -> None:
    triage(three).decide(1, Action.ACCEPT, column=Column.NOW, place=4.0)

    correcting(three).merge(1, 2)
    assert stands(three, 2) == (State.ACCEPTED, Column.NOW, 4.0)

    triage(three).undo()
    assert stands(three, 2) == (State.INBOX, None, None)
    assert stands(three, 1) == (State.ACCEPTED, Column.NOW, 4.0)


# -- as one -----------------------------------------------------------------------------------------------------


def test_decisions_made_as_one_are_taken_back_and_done_again_by_one_key(three: Repository) -> None:
    ada = triage(three)
    ada.decide(3, Action.SNOOZE)

    made = ada.decide_all([*intents(Action.ACCEPT, 1, 2, column=Column.NOW), *intents(Action.DISMISS, 3, why="old")])
    undone = ada.undo()
    after = states(three)
    again = ada.redo()

    assert len({one.batch for one in made}) == 1
    assert made[0].batch is not None
    assert after == [State.INBOX, State.INBOX, State.SNOOZED]
    assert [one.id for one in undone.about] == [one.id for one in made[::-1]]
    assert [one.undoes for one in undone.decisions] == [one.id for one in undone.about]
    assert undone.problem_ids == again.problem_ids == (1, 2, 3)
    assert states(three) == [State.ACCEPTED, State.ACCEPTED, State.DISMISSED]
    assert stands(three, 1) == (State.ACCEPTED, Column.NOW, None)
    assert [one.redoes for one in again.decisions] == [one.id for one in undone.decisions[::-1]]
    assert [one.why for one in again.decisions] == [None, None, "old"]


def test_one_stale_problem_keeps_all_from_being_written_and_every_stale_one_is_named(three: Repository) -> None:
    seen = {number: three.problems.get(number).version for number in (1, 2, 3)}
    triage(three, "bob").decide(3, Action.ACCEPT)
    triage(three, "bob").decide(2, Action.ACCEPT)

    with pytest.raises(Conflict, match="P-2, P-3 were changed by someone else") as caught:
        triage(three).decide_all(
            [Intent(problem_id=n, action=Action.DISMISS, seen_version=version) for n, version in seen.items()]
        )

    assert caught.value.problem_ids == (2, 3)
    assert states(three) == [State.INBOX, State.ACCEPTED, State.ACCEPTED]
    assert three.decisions.of(1) == []


def test_what_was_merged_away_since_it_was_looked_at_is_a_conflict(three: Repository) -> None:
    seen = three.problems.get(1).version
    correcting(three, "bob").merge(1, 2)

    with pytest.raises(Conflict) as caught:
        triage(three).decide(1, Action.DISMISS, seen_version=seen)

    assert caught.value.problem_ids == (1,)
    assert stands(three, 2)[0] is State.INBOX


def test_one_unknown_problem_keeps_all_from_being_written(three: Repository) -> None:
    with pytest.raises(InsightsError, match="no problem P-99"):
        triage(three).decide_all(intents(Action.ACCEPT, 1, 99))

    assert three.decisions.of(1) == []


def test_several_merges_are_one_transaction_and_one_undo(tmp_path: Path) -> None:
    repository = problems(tmp_path, 1, 2, 1, 1)
    triage(repository).decide(2, Action.ACCEPT, column=Column.LATER)

    made = correcting(repository).merge_all([1, 2, 3], 4, why="one cause")
    merged = items(repository, 4)
    together = stands(repository, 4)
    undone = triage(repository).undo()
    apart = [items(repository, number) for number in (1, 2, 3, 4)]
    again = triage(repository).redo()

    assert [one.other_id for one in made] == [1, 2, 3]
    assert merged == items(repository, 4) == {1, 2, 3, 4, 5}
    assert together == stands(repository, 4) == (State.ACCEPTED, Column.LATER, None)
    assert apart == [{1}, {2, 3}, {4}, {5}]
    assert undone.problem_ids == again.problem_ids == (1, 2, 3, 4)
    assert len(repository.rules.standing()) == 3


def test_a_merge_of_several_that_cannot_be_writes_none(three: Repository) -> None:
    seen = {number: three.problems.get(number).version for number in (1, 2, 3)}
    triage(three, "bob").decide(2, Action.ACCEPT)

    with pytest.raises(Conflict) as caught:
        correcting(three).merge_all([1, 2], 3, seen_versions=seen)
    with pytest.raises(InsightsError, match="merged into itself"):
        correcting(three).merge_all([1, 3], 3)

    assert caught.value.problem_ids == (2,)
    assert [problem.id for problem in three.problems.all()] == [1, 2, 3]


def test_what_was_merged_has_its_rank_again_once_the_merge_is_taken_back(tmp_path: Path) -> None:
    stored = [a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}")], estimate=an_estimate()) for n in "123"]
    repository = a_workspace(tmp_path, problems=stored)
    correcting(repository).merge_all([1, 2], 3)
    alone = repository.problems.returns().keys()

    triage(repository).undo()

    assert alone == {3}
    assert [problem.id for problem in repository.problems.all()] == [1, 2, 3]


# -- redo -------------------------------------------------------------------------------------------------------


def test_undone_step_by_step_it_is_redone_step_by_step_also_after_a_restart(tmp_path: Path) -> None:
    repository = problems(tmp_path, 1, 1, 1)
    for number, action in ((1, Action.ACCEPT), (2, Action.DISMISS), (3, Action.SNOOZE)):
        triage(repository).decide(number, action)
    for _ in range(3):
        triage(repository).undo()
    repository.close()

    again = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    seen = []
    for _ in range(3):
        triage(again).redo()
        seen.append(states(again))
    triage(again).undo()

    assert seen == [
        [State.ACCEPTED, State.INBOX, State.INBOX],
        [State.ACCEPTED, State.DISMISSED, State.INBOX],
        [State.ACCEPTED, State.DISMISSED, State.SNOOZED],
    ]
    assert states(again) == [State.ACCEPTED, State.DISMISSED, State.INBOX]
    triage(again).redo()
    assert states(again) == seen[-1]
    again.close()


def test_with_nothing_taken_back_there_is_nothing_to_redo(three: Repository) -> None:
    triage(three).decide(1, Action.ACCEPT)
    triage(three, "bob").decide(2, Action.ACCEPT)
    triage(three, "bob").undo()

    with pytest.raises(InsightsError, match="nothing of yours to do again"):
        triage(three).redo()


def test_a_new_decision_of_one_s_own_ends_what_can_be_redone(three: Repository) -> None:
    triage(three).decide(1, Action.ACCEPT)
    triage(three).undo()
    triage(three, "bob").decide(3, Action.ACCEPT)
    triage(three).decide(2, Action.DISMISS)

    with pytest.raises(InsightsError, match="nothing of yours to do again"):
        triage(three).redo()
    triage(three).undo()
    triage(three).redo()

    assert states(three) == [State.INBOX, State.DISMISSED, State.ACCEPTED]


def test_a_redo_does_not_overwrite_what_somebody_else_decided_since(three: Repository) -> None:
    ada = triage(three)
    ada.decide_all(intents(Action.ACCEPT, 1, 2))
    ada.undo()
    triage(three, "bob").decide(2, Action.DISMISS)

    with pytest.raises(Conflict) as caught:
        ada.redo()
    assert caught.value.problem_ids == (2,)
    assert states(three) == [State.INBOX, State.DISMISSED, State.INBOX]

    triage(three, "bob").undo()
    ada.redo()
    assert states(three) == [State.ACCEPTED, State.ACCEPTED, State.INBOX]


def test_a_place_is_not_redone_once_its_problem_left_the_board(three: Repository) -> None:
    triage(three, "bob").decide(1, Action.ACCEPT)
    triage(three).decide(1, Action.PLACE, column=Column.NOW)
    triage(three).undo()
    triage(three, "bob").undo()

    with pytest.raises(InsightsError, match="P-1 is not on the board"):
        triage(three).redo()


def test_a_redone_acceptance_keeps_what_was_predicted_first(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, problems=[a_stored_problem(estimate=an_estimate(value=7))])
    triage(repository).decide(1, Action.ACCEPT)
    triage(repository).undo()
    repository.problems.save_estimates({1: an_estimate(value=9)})

    triage(repository, at=LATER).redo()

    kept = repository.shipments.predictions()[1]
    assert (kept.estimate.value, kept.made_at) == (an_estimate(value=7).value, NOW)


def test_a_release_is_redone_with_its_day_and_weeks(three: Repository) -> None:
    ship(1, on=date(2026, 6, 1), weeks=2.5, why=None, repository=three, who="ada", now=lambda: NOW)
    triage(three).undo()

    triage(three).redo()

    found = three.shipments.shipped()[1]
    assert (found.shipped_on, found.weeks, states(three)[0]) == (date(2026, 6, 1), 2.5, State.SHIPPED)


def test_figures_are_redone_and_everything_is_estimated_anew(three: Repository) -> None:
    figures = Revision(weeks=Range(2, 3, 6))
    three.revisions.decide(
        Decision(id=0, problem_id=1, action=Action.ESTIMATE, who="ada", at=NOW), figures, seen_version=1
    )
    revalued: list[str] = []
    ada = Triage(three, who="ada", now=lambda: NOW, revalue=lambda _: revalued.append("anew"))
    ada.undo()
    undone = three.revisions.standing()

    ada.redo()

    assert undone == {}
    assert three.revisions.standing() == {1: [figures]}
    assert revalued == ["anew", "anew"]
    assert states(three)[0] is State.INBOX


def test_a_redone_split_brings_back_the_problem_that_it_had_made(three: Repository) -> None:
    new = correcting(three).split(1, [2]).other_id or 0
    triage(three).decide(new, Action.ACCEPT, column=Column.NOW)
    for _ in range(2):
        triage(three).undo()
    gone = three.problems.heirs()[new]

    split = triage(three).redo()
    accepted = triage(three).redo()

    assert gone == 1
    assert (items(three, 1), items(three, new)) == ({1}, {2})
    assert split.problem_ids == (1, new)
    assert accepted.problem_ids == (new,)
    assert stands(three, new) == (State.ACCEPTED, Column.NOW, None)
    for _ in range(2):
        triage(three).undo()
    assert items(three, 1) == {1, 2}
    assert three.rules.standing() == []


EACH: dict[str, Callable[[Corrections], object]] = {
    "merge": lambda by: by.merge(1, 2, why="one cause"),
    "split": lambda by: by.split(1, [2]),
    "move": lambda by: by.move(1, 1, to=2),
    "out": lambda by: by.move(1, 1, to=None),
    "rename": lambda by: by.rename(1, "Exports stop"),
}


def picture(repository: Repository, count: int) -> object:
    """Titles, states and items of the problems, and what the rules say."""
    told = [
        (p.id, p.title, p.named_by, p.state, p.column, p.place, sorted(items(repository, p.id)))
        for p in repository.problems.all()
    ]
    said = {(r.kind, r.problem_id, r.other_id, r.feedback_id) for r in repository.rules.standing()}
    return sorted(told), said, count


@pytest.mark.parametrize("name", EACH)
def test_every_correction_is_redone_as_it_was_and_undone_again(three: Repository, name: str) -> None:
    before = picture(three, 0)
    EACH[name](correcting(three))
    after = picture(three, 0)
    why = three.decisions.since(None)[-1].why
    triage(three).undo()

    again = triage(three).redo()
    redone = picture(three, 0)
    triage(three).undo()

    assert redone == after
    assert picture(three, 0) == before
    assert again.decisions[0].why == why


def test_a_merge_is_not_redone_where_its_problem_went_elsewhere_meanwhile(three: Repository) -> None:
    correcting(three).merge(1, 2)
    triage(three).undo()
    correcting(three, "bob").merge(1, 3)

    with pytest.raises(InsightsError, match="P-1 was merged into P-3 already"):
        triage(three).redo()
    assert items(three, 2) == {3, 4}


def test_a_move_is_not_redone_where_the_item_is_gone(three: Repository) -> None:
    correcting(three).move(1, 1, to=2)
    triage(three).undo()
    correcting(three, "bob").move(1, 1, to=3)

    with pytest.raises(InsightsError, match="not in P-1 any more"):
        triage(three).redo()


def test_a_name_that_somebody_else_gave_since_is_not_overwritten(three: Repository) -> None:
    correcting(three).rename(1, "Exports stop")
    triage(three).undo()
    correcting(three, "bob").rename(1, "Exports hang")

    with pytest.raises(Conflict):
        triage(three).redo()
    assert three.problems.get(1).title == "Exports hang"


def test_setting_figures_ends_what_can_be_redone(three: Repository) -> None:
    from insights.config import Settings

    triage(three).decide(1, Action.ACCEPT)
    triage(three).undo()
    set_figures(
        2,
        Revision(weeks=Range(1, 2, 3)),
        repository=three,
        settings=Settings(),
        who="ada",
        now=lambda: NOW,
    )

    with pytest.raises(InsightsError, match="nothing of yours to do again"):
        triage(three).redo()


# -- any order --------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob"]),
        st.sampled_from(["accept", "place", "dismiss", "snooze", "both", "undo", "redo"]),
        st.integers(1, 2),
        st.sampled_from(list(Column)),
        st.none() | st.sampled_from([0.5, 1.0, 2.0]),
    ),
    max_size=12,
)


def step(repository: Repository, who: str, what: str, number: int, column: Column, place: float | None) -> None:
    """What is refused changes nothing."""
    hers = triage(repository, who)
    try:
        if what in {"undo", "redo"}:
            getattr(hers, what)()
        elif what == "both":
            hers.decide_all(intents(Action.ACCEPT, 1, 2, column=column))
        else:
            on_board = {"column": column, "place": place} if what in {"accept", "place"} else {}
            hers.decide(number, Action(what), **on_board)  # type: ignore[arg-type]
    except InsightsError:
        pass


def folded(history: Iterable[Decision], ids: Sequence[int]) -> list[tuple[State, Column | None, float | None]]:
    found = [fold([one for one in history if one.problem_id == number]) for number in ids]
    return [(one.state, one.column, one.place) for one in found]


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_a_problem_is_always_what_its_standing_decisions_make_of_it(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[str, str, int, Column, float | None]]
) -> None:
    repository = problems(tmp_path_factory.mktemp("together"), 1, 1)
    for one in steps:
        step(repository, *one)
        assert [stands(repository, n) for n in (1, 2)] == folded(repository.decisions.since(None), [1, 2])

    theirs = _without(repository.decisions.since(None), "ada")
    _undo_all(repository, "ada")
    assert [stands(repository, n) for n in (1, 2)] == folded(theirs, [1, 2])

    _undo_all(repository, "bob")
    assert [stands(repository, n) for n in (1, 2)] == [(State.INBOX, None, None)] * 2
    repository.close()


def _without(history: Sequence[Decision], who: str) -> list[Decision]:
    """As if this person had decided nothing."""
    return [replace(one) for one in history if one.who != who]


def _undo_all(repository: Repository, who: str) -> None:
    for _ in range(100):
        try:
            triage(repository, who).undo()
        except InsightsError:
            return
    pytest.fail("There is no end to what can be taken back.")
