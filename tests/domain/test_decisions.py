"""A problem's state is that of the latest decision that stands and gives one."""

from datetime import UTC, datetime

import pytest

from insights.domain.problem import CORRECTIONS, PAST, Action, Decision, State, standing

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
    assert standing([ACCEPTED, dismissed], without=2) is ACCEPTED
    assert standing([ACCEPTED], without=1) is None


def test_an_undo_gives_no_state_of_its_own() -> None:
    undone = decision(2, Action.UNDO, undoes=1, state=State.INBOX)

    assert standing([ACCEPTED, undone]) is None


def test_every_action_has_a_word_for_what_was_done() -> None:
    assert set(PAST) == set(Action)
