"""Decisions that wait in a file while the database is away."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.intent import Intent
from insights.domain.problem import Action, Column
from insights.errors import Conflict, InsightsError, Unreachable
from tui.models.outbox import Outbox

ACCEPT = Intent(problem_id=1, action=Action.ACCEPT, column=Column.NOW, seen_version=3)
SNOOZE = Intent(problem_id=2, action=Action.SNOOZE, until=date(2026, 12, 1))
DISMISS = Intent(problem_id=3, action=Action.DISMISS, why="too\nsmall \x1b[31m“”")

intents = st.builds(
    Intent,
    problem_id=st.integers(1, 10**9),
    action=st.sampled_from(Action),
    why=st.none() | st.text(),
    until=st.none() | st.dates(),
    column=st.none() | st.sampled_from(Column),
    place=st.none() | st.floats(allow_nan=False),
    seen_version=st.none() | st.integers(0, 10**6),
)


@pytest.fixture
def outbox(tmp_path):
    return Outbox(tmp_path / "outbox.jsonl")


def away(_):
    raise Unreachable("The database is away.", remedy="Wait.")


@given(st.lists(st.lists(intents, min_size=1, max_size=3), max_size=4))
def test_what_is_kept_is_read_back_as_it_was(tmp_path_factory, batches):
    path = tmp_path_factory.mktemp("outbox") / "outbox.jsonl"
    for batch in batches:
        Outbox(path).add(batch)

    assert Outbox(path).waiting() == [tuple(batch) for batch in batches]


def test_only_its_owner_can_read_the_file(outbox, tmp_path):
    outbox.add([ACCEPT])

    assert (tmp_path / "outbox.jsonl").stat().st_mode & 0o077 == 0


def test_delivery_goes_in_order_and_leaves_nothing(outbox):
    outbox.add([ACCEPT, SNOOZE])
    outbox.add([DISMISS])
    written: list[tuple[Intent, ...]] = []

    assert outbox.deliver(written.append) == []

    assert written == [(ACCEPT, SNOOZE), (DISMISS,)]
    assert outbox.waiting() == []


def test_what_cannot_be_delivered_yet_stays(outbox):
    outbox.add([ACCEPT])

    with pytest.raises(Unreachable):
        outbox.deliver(away)
    assert outbox.waiting() == [(ACCEPT,)]


def test_what_was_delivered_before_the_connection_broke_is_not_delivered_twice(outbox):
    outbox.add([ACCEPT])
    outbox.add([SNOOZE])
    written: list[tuple[Intent, ...]] = []

    def once(batch):
        if written:
            away(batch)
        written.append(batch)

    with pytest.raises(Unreachable):
        outbox.deliver(once)
    outbox.deliver(written.append)

    assert written == [(ACCEPT,), (SNOOZE,)]


def test_what_somebody_else_was_faster_with_is_given_back_and_the_rest_is_delivered(outbox):
    outbox.add([ACCEPT])
    outbox.add([SNOOZE])
    written: list[tuple[Intent, ...]] = []

    def write(batch):
        if batch == (ACCEPT,):
            raise Conflict("P-1 was changed.", remedy="Look.", problem_ids=(1,))
        written.append(batch)

    (refused,) = outbox.deliver(write)

    assert refused.intents == (ACCEPT,)
    assert (written, outbox.waiting()) == ([(SNOOZE,)], [])


def test_what_waits_can_be_taken_back(outbox):
    outbox.add([ACCEPT])
    outbox.add([SNOOZE])

    assert outbox.take_back([SNOOZE])
    assert outbox.waiting() == [(ACCEPT,)]


def test_what_another_session_wrote_meanwhile_cannot_be_taken_back_from_the_file(outbox):
    outbox.add([ACCEPT])
    outbox.deliver(lambda _: None)
    outbox.add([SNOOZE])

    assert not outbox.take_back([ACCEPT])
    assert outbox.waiting() == [(SNOOZE,)]


@pytest.mark.parametrize("text", ["{", '[{"problem_id": 1}]', '[{"action": "accept", "new": 1}]'])
def test_a_file_that_cannot_be_read_is_named_and_stays(tmp_path, text):
    path = tmp_path / "outbox.jsonl"
    path.write_text(text)

    with pytest.raises(InsightsError, match="decisions that wait"):
        Outbox(path).deliver(lambda _: None)
    assert path.read_text() == text
