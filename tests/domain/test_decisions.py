"""A problem's state is that of the latest decision that stands and gives one."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from insights.domain.problem import (
    CORRECTIONS,
    PAST,
    STATE_AFTER,
    Action,
    Column,
    Decision,
    Standing,
    State,
    done_in_words,
    fold,
    standing,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)


def decision(number: int, action: Action, *, undoes: int | None = None, state: State | None = None) -> Decision:
    return Decision(id=number, problem_id=1, action=action, who="ada", at=AT, undoes=undoes, state=state)


ACCEPTED = decision(1, Action.ACCEPT)


@pytest.mark.parametrize("action", sorted(CORRECTIONS))
def test_a_correction_leaves_the_state_as_it_was(action: Action) -> None:
    assert standing([ACCEPTED, decision(2, action)]) is ACCEPTED


def test_a_merge_that_hands_a_state_on_gives_it() -> None:
    merged = decision(2, Action.MERGE, state=State.ACCEPTED)

    assert standing([merged]) is merged
    assert standing([merged, decision(3, Action.DISMISS), decision(4, Action.UNDO, undoes=3)]) is merged


def test_what_was_taken_back_does_not_stand() -> None:
    dismissed = decision(2, Action.DISMISS)

    assert standing([ACCEPTED, dismissed, decision(3, Action.UNDO, undoes=2)]) is ACCEPTED
    assert standing([ACCEPTED, dismissed], without=[2]) is ACCEPTED
    assert standing([ACCEPTED], without=[1]) is None


def test_an_undo_gives_no_state_of_its_own() -> None:
    undone = decision(2, Action.UNDO, undoes=1, state=State.INBOX)

    assert standing([ACCEPTED, undone]) is None


def test_placing_leaves_the_state_and_says_where() -> None:
    accepted = replace(ACCEPTED, column=Column.NEXT)
    placed = replace(decision(2, Action.PLACE), column=Column.NOW, place=1.5)

    assert Action.PLACE not in STATE_AFTER
    assert standing([accepted, placed]) is accepted
    assert fold([accepted, placed]) == Standing(state=State.ACCEPTED, column=Column.NOW, place=1.5)
    assert fold([accepted, placed], without=[2]) == Standing(state=State.ACCEPTED, column=Column.NEXT)


def test_only_what_is_accepted_is_on_the_board() -> None:
    snoozed = replace(decision(2, Action.SNOOZE), until=date(2026, 12, 1))

    assert fold([replace(ACCEPTED, column=Column.NOW), snoozed]) == Standing(
        state=State.SNOOZED, until=date(2026, 12, 1)
    )
    assert fold([]) == Standing(state=State.INBOX)


def test_what_was_accepted_before_there_was_a_board_is_in_next() -> None:
    assert fold([ACCEPTED]) == Standing(state=State.ACCEPTED, column=Column.NEXT)


def test_what_an_undo_gave_back_is_not_a_place_of_its_own() -> None:
    undo = replace(decision(3, Action.UNDO, undoes=2), column=Column.NOW, place=9.0)

    assert fold([ACCEPTED, decision(2, Action.DISMISS), undo]).column is Column.NEXT


def test_a_decision_is_told_with_its_column_and_whether_it_was_redone() -> None:
    accepted = replace(ACCEPTED, column=Column.NOW)

    assert done_in_words(ACCEPTED) == "accepted"
    assert done_in_words(accepted) == "accepted to Now"
    assert done_in_words(replace(accepted, action=Action.PLACE)) == "placed in Now"
    assert done_in_words(replace(accepted, redoes=7)) == "accepted to Now again"
    assert done_in_words(replace(accepted, action=Action.UNDO)) == "taken back"


def test_every_action_has_a_word_for_what_was_done() -> None:
    assert set(PAST) == set(Action)
