"""What happens at the same time: reading and deciding, two sessions of one person, a database that goes and comes."""

import threading

import pytest

from insights.domain.problem import Action, State
from insights.errors import Unreachable
from insights.triage import Triage
from tests.tui.sessions import at_work
from tui.models.outbox import Outbox


class Held(Triage):
    """A database that can be slow to read all, and that can be away."""

    __slots__ = ()
    goes_on = threading.Event()
    is_away = False

    def problems(self):
        if Held.is_away:
            raise Unreachable("The database cannot be reached.", remedy="Is it running?")
        found = super().problems()
        Held.goes_on.wait(5)
        return found

    def decide_all(self, intents):
        if Held.is_away:
            raise Unreachable("The database cannot be reached.", remedy="Is it running?")
        return super().decide_all(intents)


@pytest.fixture
def held(triage):
    Held.goes_on.set()
    Held.is_away = False
    return Held(triage.repository, "ana", triage.now)


async def test_what_is_decided_while_all_is_read_is_not_shown_as_it_was_before(held):
    async with at_work(held) as session:
        Held.goes_on.clear()
        await session.pilot.press("R", "a")
        await session.app.all_written()
        Held.goes_on.set()
        await session.settle()
        assert session.listed == [2, 3, 4, 5, 6]
        assert session.app.desk.problems[1].state is State.ACCEPTED


async def test_what_is_taken_back_while_all_is_read_waits_again(held):
    async with at_work(held) as session:
        await session.press("a")
        Held.goes_on.clear()
        await session.pilot.press("R", "u")
        Held.goes_on.set()
        await session.settle()
        assert session.listed == [1, 2, 3, 4, 5, 6]
        await session.press("k", "k", "a")
        assert session.app.question is None
    assert held.problem(1).state is State.ACCEPTED


async def test_a_database_that_is_away_at_the_start_is_read_when_it_is_back(held):
    Held.is_away = True
    async with at_work(held) as session:
        assert session.app.is_offline
        Held.is_away = False
        await session.app.retry()
        await session.settle()
        assert session.listed == [1, 2, 3, 4, 5, 6]


async def test_what_another_session_wrote_from_the_file_is_taken_back_from_storage(held, tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    async with at_work(held, parts={"outbox": outbox}) as session:
        Held.is_away = True
        await session.press("a")
        Held.is_away = False
        Outbox(outbox).deliver(held.decide_all)
        await session.press("u")
        assert session.listed == [1, 2, 3, 4, 5, 6]
    assert held.problem(1).state is State.INBOX
    assert [one.action for one in held.history(1)] == [Action.ACCEPT, Action.UNDO]


async def test_what_was_written_before_the_connection_broke_is_not_asked_about(held, tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    async with at_work(held, parts={"outbox": outbox}) as session:
        Held.is_away = True
        await session.press("a")
        Held.is_away = False
        for waiting in Outbox(outbox).waiting():
            held.decide_all(waiting)  # and the file was not brought up to date
        await session.app.retry()
        await session.settle()
        assert session.app.question is None
        assert not session.app.is_offline
    assert len(held.history(1)) == 1


async def test_a_file_of_decisions_that_cannot_be_read_is_told_and_the_inbox_shows(held, tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    outbox.write_text("{")
    async with at_work(held, parts={"outbox": outbox}) as session:
        assert session.listed == [1, 2, 3, 4, 5, 6]
        assert "decisions that wait" in session.words("#status")


async def test_a_range_stays_with_the_problem_that_it_began_with(held):
    async with at_work(held) as session:
        await session.press("a", "j", "v", "j")
        assert [problem.id for problem in session.app.desk.chosen] == [3, 4]
        session.app.desk.give_back(held.problem(1), session.app.today())
        assert [problem.id for problem in session.app.desk.chosen] == [3, 4]


async def test_a_merge_that_is_insisted_on_leaves_the_list(held):
    async with at_work(held) as session:
        Triage(held.repository, "ben", held.now).decide(3, Action.ACCEPT)
        await session.press("m", "enter", "f")
        assert session.listed == [2, 4, 5, 6]
    assert held.problem(1).id == 3
