"""What happens at the same time: reading and deciding, two sessions of one person, a database that goes and comes."""

import asyncio
import threading

import pytest

from insights.domain.problem import Action, State
from insights.errors import InsightsError, Unreachable
from insights.triage import Triage
from tests.tui.sessions import at_work
from tui.models.outbox import Outbox
from tui.recording import WAITING


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


async def test_while_the_database_is_slow_an_undo_says_that_it_waits(held, monkeypatch):
    goes_on = threading.Event()
    undo = Triage.undo

    def slowly(self):
        goes_on.wait(5)
        return undo(self)

    async with at_work(held) as session:
        await session.press("a")
        monkeypatch.setattr(Held, "undo", slowly)
        undoing = asyncio.create_task(session.app.undo())
        await asyncio.sleep(0.2)
        assert WAITING in session.words("#status")
        goes_on.set()
        await undoing
        await session.settle()
        assert "waits again" in session.words("#status")


class Refusing(Triage):
    """Refuses what it is told to, once it may go on."""

    __slots__ = ()
    goes_on = threading.Event()
    refused: tuple[Action, ...] = ()

    def decide_all(self, intents):
        Refusing.goes_on.wait(5)
        if intents[0].action in Refusing.refused:
            raise InsightsError("The disk is full.", remedy="Free some space.")
        return super().decide_all(intents)


@pytest.fixture
def refusing(triage):
    Refusing.goes_on.clear()
    Refusing.refused = ()
    return Refusing(triage.repository, "ana", triage.now)


async def both_decided(session):
    """Two decisions on P-1, the second while the first is on its way."""
    app = session.app
    app.decide([app.desk.problems[1]], Action.SNOOZE)
    app.decide([app.desk.problems[1]], Action.ACCEPT)
    Refusing.goes_on.set()
    await session.settle()


async def test_a_decision_on_top_of_one_that_was_refused_is_written_and_is_no_conflict(refusing):
    async with at_work(refusing) as session:
        Refusing.refused = (Action.SNOOZE,)
        await both_decided(session)
        assert session.app.question is None
        assert session.app.desk.problems[1] == refusing.problem(1)
        await session.press("u", "a")
    assert [one.action for one in refusing.history(1)] == [Action.ACCEPT, Action.UNDO, Action.ACCEPT]


async def test_where_both_are_refused_the_problem_stands_as_it_is_stored(refusing):
    async with at_work(refusing) as session:
        Refusing.refused = (Action.SNOOZE, Action.ACCEPT)
        await both_decided(session)
        assert "The disk is full" in session.words("#status")
        assert session.app.desk.problems[1] == refusing.problem(1)
        assert session.listed[0] == 1


async def test_what_rests_on_a_decision_that_somebody_was_faster_than_overwrites_nothing(refusing):
    async with at_work(refusing) as session:
        Triage(refusing.repository, "ben", refusing.now).decide(1, Action.DISMISS)
        await both_decided(session)
        assert "ben dismissed P-1" in session.words("#status")
        await session.press("enter")
        assert session.app.question is None
    assert [one.who for one in refusing.history(1)] == ["ben"]


async def test_of_two_that_waited_the_second_is_no_conflict_with_oneself(held, tmp_path):
    async with at_work(held, parts={"outbox": tmp_path / "outbox.jsonl"}) as session:
        Held.is_away = True
        app = session.app
        app.decide([app.desk.problems[1]], Action.SNOOZE)
        app.decide([app.desk.problems[1]], Action.ACCEPT)
        await session.settle()
        Triage(held.repository, "ben", held.now).decide(1, Action.DISMISS)
        Held.is_away = False
        await app.retry()
        await session.settle()
        assert "ben dismissed P-1" in session.words("#status")
        await session.press("enter")
        assert app.question is None
    assert [one.who for one in held.history(1)] == ["ben"]
