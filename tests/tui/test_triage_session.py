"""A session of triage: several at once, undo and redo, two people, a database that is away, and the next morning."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from insights.domain.problem import Action, Column, Movement, State
from insights.domain.query import Found, parse_query
from insights.errors import Unreachable
from insights.triage import Triage
from tests.builders import MORNING
from tests.hostile.tracker import HostileTracker
from tests.tui.sessions import at_work
from tui.models.outbox import Outbox
from tui.office import Office
from tui.screens.board import BoardScreen
from tui.screens.evidence import EvidenceScreen
from tui.screens.inbox import InboxScreen
from tui.screens.picking import PickScreen
from tui.screens.problem import ProblemScreen
from tui.widgets.problem_list import ProblemList


def states(triage):
    return [triage.problem(number).state.value for number in range(1, 7)]


class Flaky(Triage):
    """A database that can be away."""

    __slots__ = ()
    is_away = False

    def decide_all(self, intents):
        if Flaky.is_away:
            raise Unreachable("The database cannot be reached.", remedy="Is it running?")
        return super().decide_all(intents)


@pytest.fixture
def flaky(triage):
    Flaky.is_away = False
    return Flaky(triage.repository, "ana", triage.now)


# -- several at once ----------------------------------------------------------------------------------------------


async def test_a_decision_on_several_is_one_decision(triage):
    async with at_work(triage) as session:
        await session.press("space", "j", "space")
        assert "2 problems" not in session.words("#status")
        assert session.app.screen.query_one("#ranked").border_subtitle.startswith("2 selected")
        await session.press("d", "4")
        assert session.listed == [2, 4, 5, 6]
        assert "dismissed 2 problems (too small)" in session.words("#status")

        await session.press("u")
        assert session.listed == [1, 2, 3, 4, 5, 6]
        assert states(triage) == ["inbox"] * 6

        await session.press("U")
    assert states(triage) == ["dismissed", "inbox", "dismissed", "inbox", "inbox", "inbox"]


async def test_a_range_is_selected_with_v(triage):
    async with at_work(triage) as session:
        await session.press("j", "v", "j", "j", "a")
        assert session.listed == [1, 5, 6]
        assert session.on_cursor == 5
    assert [triage.problem(number).column for number in (2, 3, 4)] == [Column.NEXT] * 3


async def test_escape_leaves_a_selection_before_a_search(triage):
    async with at_work(triage) as session:
        await session.press("slash", "s", "enter", "space", "escape")
        assert session.app.desk.wanted == "s"
        assert not session.app.desk.marked
        await session.press("escape")
        assert session.app.desk.wanted == ""


@pytest.mark.parametrize(("second", "column"), [("n", Column.NOW), ("x", Column.NEXT), ("l", Column.LATER)])
async def test_a_problem_is_accepted_to_a_column(triage, second, column):
    async with at_work(triage) as session:
        await session.press("A", second)
    assert triage.problem(1).column is column


async def test_accepting_to_wont_asks_why_and_dismisses(triage):
    async with at_work(triage) as session:
        await session.press("A", "w")
        assert "Why?" in session.words("#status")
        await session.press("2")
    assert (triage.problem(1).state, triage.history(1)[-1].why) == (State.DISMISSED, "duplicate")


# -- undo and redo -------------------------------------------------------------------------------------------------


async def test_redo_repeats_what_was_taken_back_until_something_new_is_decided(triage):
    async with at_work(triage) as session:
        await session.press("a", "d", "d", "u", "u")
        assert states(triage)[:2] == ["inbox", "inbox"]
        await session.press("U")
        assert states(triage)[:2] == ["accepted", "inbox"]
        assert "1/6 done" in session.words("#top")

        await session.press("s", "w", "U")
        assert session.words("#status").startswith(" ! ")
    assert states(triage)[:2] == ["accepted", "snoozed"]


async def test_redo_survives_a_restart(triage):
    async with at_work(triage) as session:
        await session.press("a", "u")
    async with at_work(triage) as session:
        await session.press("U")
        assert session.listed == [2, 3, 4, 5, 6]
    assert states(triage)[0] == "accepted"


async def test_what_is_taken_back_of_a_decided_problem_leaves_it_done(triage):
    async with at_work(triage) as session:
        await session.press("a", "2", "r", *"Exports stop", "enter", "u", "1")
        assert "1/6 done" in session.words("#top")
        await session.press("u")
        assert "0/6 done" in session.words("#top")


async def test_a_new_title_shows_at_once_and_can_be_taken_back(triage):
    async with at_work(triage) as session:
        await session.press("r")
        for key in ("ctrl+u", *"Exports", "space", *"stop", "enter"):
            await session.press(key)
        assert session.app.desk.visible[0].title == "Exports stop"
        assert "P-1 is called “Exports stop” now" in session.words("#status")
        await session.press("u")
        assert session.app.desk.visible[0].title.startswith("CSV export")


# -- two people ----------------------------------------------------------------------------------------------------


async def test_of_several_those_that_nobody_else_changed_are_decided_when_theirs_is_kept(triage):
    ben = replace(triage, who="ben")
    async with at_work(triage) as session:
        ben.decide(1, Action.DISMISS)
        await session.press("space", "j", "space", "a")
        assert states(triage)[:3] == ["dismissed", "inbox", "inbox"]
        assert "ben dismissed P-1" in session.words("#status")

        await session.press("enter")
        assert states(triage)[:3] == ["dismissed", "inbox", "accepted"]
        assert session.listed == [2, 4, 5, 6]


async def test_mine_overrules_theirs_when_asked_for(triage):
    ben = replace(triage, who="ben")
    async with at_work(triage) as session:
        ben.decide(1, Action.DISMISS)
        await session.press("a", "f")
    assert [decision.who for decision in triage.history(1)] == ["ben", "ana"]
    assert states(triage)[0] == "accepted"


async def test_theirs_can_be_looked_at_before_choosing(triage):
    ben = replace(triage, who="ben")
    async with at_work(triage) as session:
        ben.decide(1, Action.DISMISS)
        await session.press("a", "v")
        assert isinstance(session.app.screen, ProblemScreen)
        assert "ben" in session.words("#detail")
        await session.press("h", "f")
    assert states(triage)[0] == "accepted"


async def test_keys_that_are_no_answer_keep_their_meaning_while_a_conflict_waits(triage):
    ben = replace(triage, who="ben")
    async with at_work(triage) as session:
        ben.decide(1, Action.DISMISS)
        await session.press("a", "a", "j")
        assert "ben dismissed P-1" in session.words("#status")
    assert states(triage)[:3] == ["dismissed", "accepted", "inbox"]


# -- away ----------------------------------------------------------------------------------------------------------


async def test_decisions_wait_in_a_file_while_the_database_is_away_and_are_written_when_it_is_back(flaky, tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    async with at_work(flaky, parts={"outbox": outbox}) as session:
        Flaky.is_away = True
        await session.press("a", "d", "2")
        assert session.listed == [3, 4, 5, 6]
        assert "offline, 2 decisions kept" in session.words("#top")
        assert len(Outbox(outbox).waiting()) == 2

        Flaky.is_away = False
        await session.app.retry()
        await session.settle()
        assert "offline" not in session.words("#top")
    assert states(flaky)[:3] == ["accepted", "dismissed", "inbox"]
    assert Outbox(outbox).waiting() == []


async def test_decisions_that_wait_are_written_by_the_next_session(flaky, tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    async with at_work(flaky, parts={"outbox": outbox}) as session:
        Flaky.is_away = True
        await session.press("a")
    Flaky.is_away = False
    async with at_work(flaky, parts={"outbox": outbox}) as session:
        assert session.listed == [2, 3, 4, 5, 6]
    assert states(flaky)[0] == "accepted"


async def test_what_waits_can_be_taken_back(flaky, tmp_path):
    async with at_work(flaky, parts={"outbox": tmp_path / "outbox.jsonl"}) as session:
        Flaky.is_away = True
        await session.press("a", "u")
        assert session.listed == [1, 2, 3, 4, 5, 6]
        Flaky.is_away = False
        await session.press("j", "a")
    assert states(flaky)[:2] == ["inbox", "accepted"]


async def test_what_waited_and_somebody_else_decided_meanwhile_is_asked_about(flaky, tmp_path):
    async with at_work(flaky, parts={"outbox": tmp_path / "outbox.jsonl"}) as session:
        Flaky.is_away = True
        await session.press("a")
        Triage(flaky.repository, "ben", flaky.now).decide(1, Action.SNOOZE)
        Flaky.is_away = False
        await session.app.retry()
        await session.settle()
        assert "ben snoozed P-1" in session.words("#status")
    assert states(flaky)[0] == "snoozed"


# -- the next morning ----------------------------------------------------------------------------------------------


async def test_a_session_begins_where_the_last_one_ended(triage):
    async with at_work(triage) as session:
        await session.press("slash", "s", "enter", "j")
        cursor = session.on_cursor
        await session.press("q")
    async with at_work(triage) as session:
        assert session.app.desk.wanted == "s"
        assert session.on_cursor == cursor
        await session.press("escape", "2", "q")
    async with at_work(triage) as session:
        assert isinstance(session.app.screen, BoardScreen)


async def test_two_people_have_sessions_of_their_own(triage):
    async with at_work(triage) as session:
        await session.press("slash", "s", "enter", "q")
    async with at_work(replace(triage, who="ben")) as session:
        assert session.app.desk.wanted == ""
        assert isinstance(session.app.screen, InboxScreen)


# -- the palette ---------------------------------------------------------------------------------------------------


async def test_the_palette_finds_what_can_be_done_and_does_it(triage):
    async with at_work(triage) as session:
        await session.press("colon")
        assert isinstance(session.app.screen, PickScreen)
        assert "insights decide P-12 accept" in session.words("#picks")
        await session.press(*"snooz", "enter")
        assert "How long?" in session.words("#status")
        await session.press("w")
        await session.press("colon", *"next theme", "enter")
        assert session.app.theme == "light"
    assert states(triage)[0] == "snoozed"


# -- another order -------------------------------------------------------------------------------------------------


async def test_the_inbox_can_be_put_in_another_order_which_the_next_session_keeps(triage, repository):
    async with at_work(triage, size=(140, 40)) as session:
        before = session.listed
        await session.press("O", *"accounts", "enter")
        assert "by accounts" in session.app.screen.query_one("#ranked").border_title
        assert sorted(session.listed) == sorted(before)
        accounts = [triage.problem(number).accounts for number in session.listed]
        assert accounts == sorted(accounts, reverse=True)
        await session.press("q")
    async with at_work(triage, size=(140, 40)) as session:
        assert "by accounts" in session.app.screen.query_one("#ranked").border_title


# -- what a person expects to read -----------------------------------------------------------------------------------


async def test_a_snooze_until_it_grows_of_what_grows_already_says_for_how_long(triage):
    async with at_work(triage) as session:
        growing = replace(session.app.desk.visible[0], movement=Movement.GROWING)
        session.app.desk.problems[growing.id] = growing
        session.app.desk.find("")
        await session.press("s", "g")
        assert "(it grows already: for four weeks)" in session.words("#status")
    assert triage.problem(1).snoozed_until == MORNING.date() + timedelta(weeks=4)


async def test_an_undo_of_a_move_on_the_board_says_so(triage):
    async with at_work(triage) as session:
        await session.press("a", "a", "2", "j", "left_curly_bracket", "u")
        assert "taken back: the move on the board" in session.words("#status")


async def test_the_board_begins_at_the_first_card(triage):
    async with at_work(triage) as session:
        await session.press("a", "2")
        assert session.app.screen.board.name == Column.NEXT


async def test_another_order_is_named_on_a_narrow_screen(triage):
    async with at_work(triage) as session:
        await session.press("O")
        await session.press(*"rice", "enter")
        assert "Inbox 6 by RICE" in session.words("#top")


async def test_where_no_problem_is_near_the_first_of_the_list_is_merged_into_only_when_chosen(triage):
    async with at_work(triage) as session:
        await session.press("j", "m", "enter")
        assert session.listed == [1, 2, 3, 4, 5, 6]
        assert "none is near" in session.app.screen.query_one("#dialog").border_subtitle

        await session.press("down", "up", "enter")
        assert session.listed == [1, 3, 4, 5, 6]


async def test_a_new_theme_is_named(triage):
    async with at_work(triage) as session:
        await session.press("colon", *"theme", "enter")
        assert "theme light" in session.words("#status")


async def test_an_export_of_several_names_them(triage):
    async with at_work(triage) as session:
        await session.press("space", "space", "E")
        assert "Export P-1, P-2; this is the first" in session.app.screen.query_one("#dialog").border_title


@pytest.fixture
def filed_in(monkeypatch):
    """Where the application files."""
    tracker = HostileTracker()
    monkeypatch.setattr(Office, "tracker", lambda _: tracker)
    return tracker


@pytest.mark.parametrize("key", ["ctrl+c", "q"])
async def test_an_export_that_waits_for_its_tracker_is_stopped_at_once_and_goes_on_another_time(triage, filed_in, key):
    filings = triage.repository.filings
    filings.claim(filings.begin(1, "hostile", MORNING), datetime.now(UTC))
    async with at_work(triage) as session:
        await session.press("E")
        await session.pilot.press("enter")
        while "waiting until the tracker shows" not in session.words("#status"):
            await asyncio.sleep(0.01)
        begun = monotonic()
        if key == "q":
            await session.app.action_quit()
            await asyncio.get_running_loop().shutdown_default_executor()
        else:
            await session.press(key)
            assert "stopped; what was filed is kept" in session.words("#status")

        assert monotonic() - begun < 5
    assert filings.open("hostile") != []
    assert filed_in.kept == {}


async def test_what_is_gone_there_is_filed_anew_by_who_was_told_so(triage, filed_in):
    async with at_work(triage) as session:
        await session.press("E", "enter")
        filed_in.delete("ISS-1")

        await session.press("E")
        assert "file it anew" in session.app.screen.query_one("#dialog").border_subtitle
        await session.press("enter")

        assert "filed P-1 as ISS-2" in session.words("#status")


class Finder:
    """Finds nothing."""

    def prepare(self):
        pass

    def find(self, typed, _most):
        return Found(query=parse_query(typed, today=MORNING.date()), hits=())


async def test_what_finds_nothing_is_mended_where_it_is_typed(triage):
    async with at_work(triage) as session:
        session.app.finder = Finder()
        await session.press("3", "slash", *"qqq")
        await session.press("enter", *"dx")
        assert session.app.screen.typed == "qqqdx"

        await session.press("escape", "escape")
        assert isinstance(session.app.screen, InboxScreen)


async def test_after_a_merge_the_page_says_that_the_figures_are_of_before_until_it_is_taken_back(triage):
    async with at_work(triage) as session:
        assert "before a correction" not in session.words("#detail")
        await session.press("m", "enter")
        session.app.desk.find("Dashboard")
        session.app.look()
        await session.settle()
        assert "figures are from before a correction: N renews them" in session.words("#detail")
        await session.press("u")
        assert "before a correction" not in session.words("#detail")


async def test_what_was_split_off_stands_below_where_it_can_be_named_and_leaves_when_it_is_taken_back(triage):
    async with at_work(triage) as session:
        first = triage.items(1)[0].feedback_id
        session.app.split(session.app.desk.problems[1], [first])
        await session.settle()
        assert session.listed[:2] == [1, 7]
        assert "as P-7, below it: r names it" in session.words("#status")
        await session.press("j")
        assert "no figures yet: N makes them" in session.words("#detail")
        session.app.rename(session.app.desk.current, "Exports of one file")
        await session.settle()
        assert triage.problem(7).title == "Exports of one file"
        await session.press("u", "u")
        assert 7 not in session.listed
        await session.press("U")
        assert 7 in session.listed


async def test_a_merge_that_is_done_again_leaves_the_list(triage):
    async with at_work(triage) as session:
        await session.press("m", "enter")
        assert 1 not in session.listed
        await session.press("u")
        assert session.on_cursor == 1
        await session.press("U")
        assert session.listed == [2, 3, 4, 5, 6]


async def test_after_several_are_taken_back_the_cursor_is_on_the_first_of_them(triage):
    async with at_work(triage) as session:
        await session.press("j", "space", "space", "space", "d", "d")
        assert session.listed == [1, 5, 6]
        await session.press("u")
        assert session.on_cursor == 2


async def test_another_order_shows_its_own_figures_and_counts_its_own_places(triage):
    async with at_work(triage, size=(140, 40)) as session:
        await session.press("O", *"accounts", "enter")
        row = session.app.screen.query_one(ProblemList).render_line(0).text
        assert "accounts" in session.words("#titles") and "ROI" not in session.words("#titles")
        assert row.strip("▌ ").split()[:2] == ["1", session.app.desk.visible[0].ref]
        assert f" {session.app.desk.visible[0].accounts} " in row
        await session.press("O", *"return", "enter")


async def test_a_move_of_an_item_to_what_somebody_else_changed_meanwhile_is_asked_about(triage):
    async with at_work(triage) as session:
        item = triage.items(2)[0].feedback_id
        Triage(triage.repository, "ben", triage.now).decide(3, Action.ACCEPT)
        problems = session.app.desk.problems
        session.app.move_item(item, problems[2], problems[3])
        await session.settle()
        assert "ben accepted P-3" in session.words("#status")
    assert item in {one.feedback_id for one in triage.items(2)}


# -- evidence ------------------------------------------------------------------------------------------------------


async def test_a_session_that_ended_on_the_evidence_does_not_begin_in_its_line(triage):
    async with at_work(triage) as session:
        await session.press("3", "escape", "3")
        session.app.screen.is_finding = False
        await session.press("q")
    async with at_work(triage) as session:
        assert isinstance(session.app.screen, EvidenceScreen) and not session.app.screen.is_finding


async def test_in_a_line_that_nobody_asked_for_digits_go_to_the_screens_and_after_a_slash_they_are_typed(triage):
    async with at_work(triage) as session:
        await session.press("3", "2")
        assert isinstance(session.app.screen, BoardScreen)
        await session.press("3", "slash", "2", "q")
        assert isinstance(session.app.screen, EvidenceScreen) and session.app.screen.typed == "2q"


async def test_an_item_is_moved_to_the_nearest_problem_first(triage):
    async with at_work(triage) as session:
        await session.press("3")
        screen = session.app.screen
        screen.found = Found(query=parse_query("x", today=MORNING.date()), hits=(triage.items(1)[0],))
        screen.is_finding = False
        screen.show()
        await session.press("m")
        assert "P-3 " in session.words("#picks").splitlines()[0]
