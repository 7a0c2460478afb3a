"""The triage application by its keys, on a real database."""

import re
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.binding import Binding

from insights.domain.feedback import GIVES_ORDERS
from insights.domain.problem import Action, State
from insights.errors import InsightsError
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.actors import ADA
from tests.builders import MORNING
from tests.stored import a_stored_problem, a_workspace, an_item
from tests.tui.offices import an_office
from tests.tui.sessions import at_work
from tui.app import InsightsApp
from tui.entrance import check_terminal
from tui.models.dossier import read_dossier
from tui.office import with_theme
from tui.pages.problem import Page, brief
from tui.screens.board import BoardScreen
from tui.screens.help import HelpScreen
from tui.screens.inbox import InboxScreen
from tui.screens.problem import ProblemScreen
from tui.screens.small import SmallScreen


async def test_accepting_writes_and_moves_on(triage):
    async with at_work(triage) as session:
        await session.press("j", "a")

        assert triage.problem(2).state is State.ACCEPTED
        assert session.on_cursor == 3
        assert "accepted “SSO login" in session.words("#status")
        assert session.words("#status").rstrip().endswith("u undo")
        assert "1/6 done" in session.words("#top")
        assert "Inbox 5" in session.words("#top")


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("1", "won't fix: out of strategy"),
        ("2", "duplicate"),
        ("3", "not a problem"),
        ("4", "too small"),
        ("d", None),
    ],
)
async def test_a_dismissal_takes_a_reason_or_none(triage, second, why):
    async with at_work(triage) as session:
        await session.press("d", second)

    assert triage.problem(1).state is State.DISMISSED
    assert triage.history(1)[-1].why == why


@pytest.mark.parametrize(("second", "days"), [("d", 1), ("w", 7), ("m", 30), ("g", None)])
async def test_a_snooze_lasts_as_long_as_its_second_key_says(triage, second, days):
    async with at_work(triage) as session:
        await session.press("s", second)

    problem = triage.problem(1)
    assert problem.state is State.SNOOZED
    assert problem.snoozed_until == (MORNING.date() + timedelta(days=days) if days else None)


async def test_a_waiting_prefix_asks_and_other_keys_decide_nothing(triage):
    async with at_work(triage) as session:
        await session.press("d", "a", "j", "x")
        assert "dismiss “CSV export" in session.words("#status")
        assert "1 won't fix  2 duplicate" in session.app.screen.query_one("#keys").render().plain

        await session.press("escape", "j")
        assert session.on_cursor == 2
    assert len(triage.inbox()) == 6


async def test_keys_typed_in_one_burst_are_all_obeyed_in_order(triage):
    async with at_work(triage) as session:
        for key in ("a", "d", "1", "s", "w", "a", "u", "d", "d"):
            session.app.simulate_key(key)
        await session.settle()
        await session.settle()

    states = [triage.problem(number).state for number in range(1, 7)]
    assert states == [State.ACCEPTED, State.DISMISSED, State.SNOOZED, State.DISMISSED, State.INBOX, State.INBOX]


async def test_a_search_typed_in_one_burst_loses_no_letter(triage):
    async with at_work(triage) as session:
        for key in "/dash":
            session.app.simulate_key("slash" if key == "/" else key)
        await session.settle()

        assert session.app.desk.wanted == "dash"
        assert session.listed == [3]


async def test_quitting_right_after_a_decision_still_writes_it(triage):
    async with at_work(triage) as session:
        session.app.simulate_key("a")
        session.app.simulate_key("q")
        await session.pilot.pause()

    assert triage.problem(1).state is State.ACCEPTED


async def test_undo_brings_the_problem_back_under_the_cursor(triage):
    async with at_work(triage) as session:
        await session.press("j", "a", "u")

        assert session.on_cursor == 2
        assert session.listed == [1, 2, 3, 4, 5, 6]
        assert "0/6 done" in session.words("#top")
        await session.press("a")
    assert triage.problem(2).state is State.ACCEPTED


async def test_undo_survives_a_restart(triage):
    async with at_work(triage) as session:
        await session.press("a")

    async with at_work(triage) as session:
        assert session.listed == [2, 3, 4, 5, 6]
        await session.press("u")
        assert session.on_cursor == 1
    assert triage.problem(1).state is State.INBOX


async def test_undo_with_nothing_to_take_back_says_so(triage):
    async with at_work(triage) as session:
        await session.press("u")
        assert "no decision of yours" in session.words("#status")


async def test_a_decision_on_what_someone_else_decided_overwrites_nothing(triage):
    other = replace(triage, who="ben")
    async with at_work(triage) as session:
        other.decide(1, Action.DISMISS)
        await session.press("a")

        assert "! ben dismissed P-1 just now: “CSV export" in session.words("#status")
        assert session.listed == [2, 3, 4, 5, 6]
        assert "0/5 done" in session.words("#top")
    assert triage.problem(1).state is State.DISMISSED


async def test_after_a_conflict_the_problem_that_still_waits_can_be_decided(triage):
    other = replace(triage, who="ben")
    async with at_work(triage) as session:
        other.decide(1, Action.DISMISS)
        other.undo()
        await session.press("a")
        assert session.listed == [1, 2, 3, 4, 5, 6]
        assert triage.problem(1).state is State.INBOX

        await session.press("f")
        assert session.listed == [2, 3, 4, 5, 6]
    assert triage.problem(1).state is State.ACCEPTED


async def test_the_order_is_frozen_until_ranked_anew(triage, repository):
    async with at_work(triage) as session:
        repository.problems.save_ranks([3, 1, 2, 4, 5, 6])
        await session.press("a")
        assert session.listed == [2, 3, 4, 5, 6]

        await session.press("R")
        assert session.listed == [3, 2, 4, 5, 6]


async def test_find_filters_as_you_type_and_escape_shows_all(triage):
    async with at_work(triage) as session:
        await session.press("slash", *"invoi")
        assert session.listed == [5]
        assert "1 of 6" in session.words("#status")
        assert "Inbox 1/6" in session.words("#top")

        await session.press("enter", "escape")
        assert session.listed == [1, 2, 3, 4, 5, 6]
        assert session.on_cursor == 5


async def test_find_takes_back_letters_and_tells_when_nothing_matches(triage):
    async with at_work(triage) as session:
        await session.press("slash", *"qqqqq")
        assert "Nothing matches “qqqqq”" in session.words("#notice")

        await session.press(*["backspace"] * 5)
        assert len(session.listed) == 6


async def test_moving_stops_at_both_ends(triage):
    async with at_work(triage) as session:
        for keys, place in ((["k"], 1), (["G"], 6), (["j"], 6), (["g"], 1), (["down", "down", "up"], 2)):
            await session.press(*keys)
            assert session.on_cursor == place


async def test_the_detail_tells_value_reason_quote_and_origin(triage):
    async with at_work(triage, size=(140, 40)) as session:
        words = session.words("#detail")

        for part in ("$420k a year", "├", "●", "ROI", "renewals at risk", "Seven accounts", "0.91", "P-3"):
            assert part in words
        assert "“CSV export times out over 50k rows: it cost us an hour" in words
        assert "Acme · $120k a year · zendesk T-1 · 2026-11-17" in words


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_a_quote_of_an_item_that_gives_orders_to_a_machine_is_marked(repository, triage, size):
    repository.feedback.mark_orders({1: True})
    async with at_work(triage, size=size) as session:
        assert f"{GIVES_ORDERS}  Acme · $120k" in session.words("#detail")
        await session.press("J")
        assert GIVES_ORDERS not in session.words("#detail")


@pytest.mark.parametrize("width", [12, 30, 60, 120])
def test_the_mark_of_a_quote_widens_no_line(triage, repository, width):
    repository.feedback.mark_orders({1: True})
    lines = brief(read_dossier(triage, triage.problem(1)), Page(width=width, currency="$"))
    marked = ["".join(text for text, _ in line) for line in lines if any("⚠" in text for text, _ in line)]

    assert len(marked) == 1
    assert cell_len(marked[0]) <= width


async def test_quotes_turn_and_unknown_revenue_is_called_unknown(triage):
    async with at_work(triage) as session:
        await session.press("J")
        assert "Globex · $1.3M a year" in session.words("#detail")
        await session.press("J", "J")
        assert "Initech · revenue unknown" in session.words("#detail")
        await session.press("K", "K", "K")
        assert "Acme · $120k a year" in session.words("#detail")


async def test_a_problem_without_estimate_shows_a_dash(triage):
    async with at_work(triage) as session:
        await session.press("G")
        assert "–  not estimated yet" in session.words("#detail")


async def test_the_detail_lists_earlier_decisions(triage):
    triage.decide(1, Action.SNOOZE, until=date(2026, 11, 24))
    triage.undo()
    async with at_work(triage, size=(140, 40)) as session:
        assert "ana snoozed until 2026-11-24" in session.words("#detail")


async def test_enter_opens_the_whole_problem_and_deciding_there_goes_on(triage):
    async with at_work(triage) as session:
        await session.press("enter")
        assert isinstance(session.app.screen, ProblemScreen)
        assert "1 of 3" in session.words("#detail")

        await session.press("a")
        assert "P-2" in session.words("#heading")
        assert triage.problem(1).state is State.ACCEPTED

        await session.press("escape")
        assert isinstance(session.app.screen, InboxScreen)


async def test_deciding_the_last_problem_on_its_page_leads_to_inbox_zero(triage):
    async with at_work(triage) as session:
        await session.press("enter", "a", "a", "d", "d", "s", "w", "a", "a")

        assert isinstance(session.app.screen, InboxScreen)
        words = session.words("#notice")
        assert "Inbox zero." in words
        assert "6 problems triaged in 0:00 (4 accepted, 1 dismissed, 1 snoozed)." in words


async def test_after_inbox_zero_undo_shows_the_problem_whole(triage):
    async with at_work(triage) as session:
        await session.press(*"aaaaaa", "u")
        assert session.listed == [6]
        assert "not estimated yet" in session.words("#detail")


def bindings_of(namespace: type) -> list[Binding]:
    return [binding for binding in vars(namespace).get("BINDINGS", []) if isinstance(binding, Binding)]


async def test_help_lists_every_binding_and_choice(triage):
    async with at_work(triage) as session:
        expected = {
            binding.description
            for namespace in (InsightsApp, *InboxScreen.__mro__[:3])
            for binding in bindings_of(namespace)
        }
        await session.press("question_mark")
        assert isinstance(session.app.screen, HelpScreen)
        words = session.words("#help_lines")
        for text in (*expected, "d 1", "won't fix", "s g", "until it grows", "low confidence"):
            assert text in words
        await session.press("escape", "a")
    assert triage.problem(1).state is State.ACCEPTED


async def test_every_binding_has_an_id_and_can_be_remapped(triage):
    for namespace in (InsightsApp, InboxScreen, ProblemScreen, HelpScreen, SmallScreen):
        assert all(binding.id and binding.description for binding in bindings_of(namespace))

    async with at_work(triage, keys={"accept": "Y"}) as session:
        await session.press("Y")
        assert "Y accept" in session.app.screen.query_one("#keys").render().plain
    assert triage.problem(1).state is State.ACCEPTED


async def test_a_key_means_the_same_on_every_screen():
    meanings: dict[str, set[str]] = {}
    for screen in (*InboxScreen.__mro__[:3], ProblemScreen, BoardScreen):
        for binding in bindings_of(screen):
            for key in binding.key.split(","):
                meanings.setdefault(key, set()).add(binding.id or "")

    assert {key: ids for key, ids in meanings.items() if len(ids) > 1} == {}


async def test_a_click_on_a_key_does_what_the_key_does(triage):
    async with at_work(triage) as session:
        await session.pilot.click("#keys", offset=(2, 0))
        await session.settle()
    assert triage.problem(1).state is State.ACCEPTED


async def test_a_click_on_a_row_goes_there(triage):
    async with at_work(triage) as session:
        await session.pilot.click("#list", offset=(20, 3))
        await session.settle()
        assert session.on_cursor == 4


async def test_below_the_smallest_size_only_q_works(triage):
    async with at_work(triage, size=(52, 12)) as session:
        assert "needs 60×15, now 52×12" in session.words("#small")
        await session.press("a", "d", "d", "question_mark", "slash", "u")
        assert isinstance(session.app.screen, SmallScreen)
        assert len(triage.inbox()) == 6

        await session.pilot.resize_terminal(80, 24)
        await session.settle()
        assert isinstance(session.app.screen, InboxScreen)
        await session.press("a")
        assert triage.problem(1).state is State.ACCEPTED


async def test_an_empty_workspace_tells_how_to_begin(tmp_path):
    empty = Triage(a_workspace(tmp_path), "ana", lambda: MORNING)
    async with at_work(empty) as session:
        words = session.words("#notice")
        assert "insights import" in words
        assert "insights demo" in words
        await session.press("a", "d", "enter", "j", "J", "slash", "x", "escape")


async def test_an_empty_workspace_offers_no_key_that_does_nothing(tmp_path):
    empty = Triage(a_workspace(tmp_path), "ana", lambda: MORNING)
    async with at_work(empty) as session:
        assert "insights analyze" in session.words("#notice")
        offered = {key.words for key in session.app.screen.help()}
        assert "read again" in offered and not offered & {"undo", "redo", "find"}


async def test_what_cannot_be_read_is_told_with_its_remedy_and_read_again_on_request(triage):
    class Unreadable(Repository):
        def __init__(self):
            self.actor = ADA

        def __getattr__(self, name):
            raise InsightsError("The database is locked.", remedy="Close the other program.")

    async with at_work(replace(triage, repository=Unreadable())) as session:
        words = session.words("#notice")
        assert "! The database is locked." in words
        assert "Close the other program." in words

        session.app.triage = triage
        await session.press("R")
        assert len(session.listed) == 6


async def test_a_title_of_300_000_characters_is_shown_cut(tmp_path):
    stored = a_workspace(
        tmp_path,
        problems=[a_stored_problem("word " * 60_000, summary="x" * 300_000, items=[an_item("y" * 300_000)])],
    )
    async with at_work(Triage(stored, "ana", lambda: MORNING)) as session:
        assert "word word" in session.app.screen.query_one("#beside").border_title
        await session.press("slash", "w", "enter", "enter", "G", "escape")
        assert isinstance(session.app.screen, InboxScreen)


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast"])
async def test_every_theme_draws(triage, theme):
    async with at_work(triage, theme=theme) as session:
        assert session.app.current_theme.name == theme


def test_an_unknown_theme_is_refused_with_those_there_are(triage):
    with pytest.raises(InsightsError) as caught:
        InsightsApp(with_theme(an_office(triage), "pink"))
    assert "high-contrast" in caught.value.remedy


class Stream(StringIO):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.mark.parametrize(("term", "is_terminal"), [("dumb", True), ("xterm", False)])
def test_without_a_terminal_the_commands_are_named(term, is_terminal):
    with pytest.raises(InsightsError) as caught:
        check_terminal(Stream(is_terminal), environment={"TERM": term})
    assert "insights problems" in caught.value.remedy
    assert "insights decide" in caught.value.remedy


def test_styles_name_no_colour():
    styles = Path(__file__).parents[2] / "tui" / "app.tcss"
    assert not re.findall(r":[^;{]*(?:#[0-9a-fA-F]{3,8}\b|rgb|hsl)", styles.read_text())
