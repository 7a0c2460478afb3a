"""The Board: what was accepted, in columns, and what was dismissed beside it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from insights.domain.problem import Action, Column, Problem
from insights.errors import InsightsError
from tui.actions import DECIDING, MOVING, bindings
from tui.cells import shown
from tui.keys import DISMISS, Choice
from tui.models.board import COLUMNS, NAMES, WONT, Board, beside
from tui.pages.board import cards, column_title, lines_of_card, tabs
from tui.pages.frame import Status
from tui.pages.pieces import Line, Role
from tui.screens.working_on import WorkingScreen
from tui.widgets.lines import Lines

_EMPTY: list[Line] = [
    [("Nothing is on the board yet.", Role.STRONG)],
    [],
    [("1  Inbox: a accepts to Next, A to another column", Role.PLAIN)],
]


class BoardScreen(WorkingScreen):
    """Four columns side by side from 110 columns of the terminal; below, the one that the cursor is in."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        *MOVING,
        *DECIDING,
        *("left", "right", "open", "back", "select", "card_left", "card_right", "card_up", "card_down"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.board = Board()
        self._laid_out = -1
        self._follow: int | None = None
        self._reasons: dict[int, str] = {}
        self._first: dict[str, int] = {}

    def compose(self) -> ComposeResult:
        yield from self.compose_top()
        with Container(id="board"):
            yield Lines("tabs")
            for name in COLUMNS:
                with Vertical(id=f"column-{name}", classes="column"):
                    yield Lines(f"cards-{name}")
        yield Lines("notice")
        yield from self.compose_bottom()

    # -- what a screen says of itself --------------------------------------------------------------------------

    @property
    def looked_at(self) -> Problem | None:
        self._lay_out()
        return self.board.current

    @property
    def chosen(self) -> list[Problem]:
        self._lay_out()
        marked = self.insights.desk.selected
        some = [problem for name in COLUMNS for problem in self.board.columns[name] if problem.id in marked]
        return some or ([self.board.current] if self.board.current else [])

    # -- showing ----------------------------------------------------------------------------------------------

    def show_body(self) -> None:
        self._lay_out()
        self.set_class(not self.board.count and self.insights.desk.is_read, "-nothing")
        self.query_one("#notice", Lines).show(_EMPTY)
        limit = self.insights.office.settings.triage.now_limit
        self.query_one("#tabs", Lines).show([tabs(self.board, now_limit=limit)])
        for name in COLUMNS:
            self._show_column(name, limit)
        self._read_reasons()

    @on(Lines.Widened)
    def show_widened_column(self) -> None:
        self.show_body()

    def _show_column(self, name: str, limit: int) -> None:
        box = self.query_one(f"#column-{name}")
        box.border_title = column_title(self.board, name, now_limit=limit)
        box.set_class(name == self.board.name, "-current")
        width, height = box.content_size
        if not width:
            return
        self._first[name], lines = cards(
            self.board,
            name,
            width=width,
            height=height,
            currency=self.insights.currency,
            marked=self.insights.desk.selected,
            reasons=self._reasons,
        )
        self.query_one(f"#cards-{name}", Lines).show(lines)

    def _lay_out(self) -> None:
        """Anew where a problem changed since."""
        desk = self.insights.desk
        if desk.changes != self._laid_out:
            is_first, self._laid_out = not self.board.count, desk.changes
            self.board.lay_out(desk.problems.values(), follow=self._follow)
            if is_first:
                self.board.go_to_cards()
            self._follow = None

    def _read_reasons(self) -> None:
        unknown = [problem.id for problem in self.board.columns[WONT] if problem.id not in self._reasons]
        if unknown:
            self._reasons |= dict.fromkeys(unknown, "")  # asked for once
            self._read_whys(unknown)

    @work(group="reasons")
    async def _read_whys(self, numbers: Sequence[int]) -> None:
        triage = self.insights.triage

        def read() -> dict[int, str]:
            found = {number: triage.history(number) for number in numbers}
            whys = {n: [d.why for d in some if d.action is Action.DISMISS] for n, some in found.items()}
            return {number: some[-1] or "" for number, some in whys.items() if some}

        with suppress(InsightsError):  # a reason less; the cards stand
            self._reasons |= await asyncio.to_thread(read)
        self.show()

    # -- moving -----------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        self.board.move(step)
        self.insights.look()

    def action_go(self, place: int) -> None:
        self.board.go(place if place >= 0 else len(self.board.columns[self.board.name]) - 1)
        self.insights.look()

    def action_page(self, step: int) -> None:
        height = self.query_one(f"#column-{self.board.name}").content_size.height
        self.action_move(step * max(height // lines_of_card(self.board, self.board.name, height) - 1, 1))

    def action_sideways(self, step: int) -> None:
        self.board.sideways(step)
        self.insights.look()

    def action_open(self) -> None:
        if self.board.current is not None:
            self.insights.open_problem(self.board.current.id)

    def action_back(self) -> None:
        """Out of a selection first, then back to the Inbox."""
        if self.insights.desk.unselect():
            self.show()
        else:
            self.insights.action_go("inbox")

    def action_select(self) -> None:
        if self.board.current is not None:
            self.insights.desk.selected ^= {self.board.current.id}
            self.action_move(1)

    @on(events.Click)
    def go_where_clicked(self, event: events.Click) -> None:
        for name in COLUMNS:
            box = self.query_one(f"#column-{name}")
            if box.display and box.region.contains(event.screen_x, event.screen_y):
                lines = lines_of_card(self.board, name, box.content_size.height)
                row = (event.screen_y - box.content_region.y) // lines + self._first.get(name, 0)
                self.board.column = COLUMNS.index(name)
                self.board.go(min(max(row, 0), max(len(self.board.columns[name]) - 1, 0)))
                self.insights.look()

    # -- arranging --------------------------------------------------------------------------------------------

    def _decide(self, action: Action, choice: Choice | None = None) -> None:
        self._reasons = {n: why for n, why in self._reasons.items() if n not in {p.id for p in self.chosen}}
        super()._decide(action, choice)

    def action_carry(self, step: int) -> None:
        """The chosen cards go one column to the left or right; out of the last one they are dismissed, with a
        reason."""
        name = beside(self.board.name, step)
        cards_ = self.chosen
        if name is None or not cards_:
            return
        self._follow = cards_[0].id
        if name == WONT:
            self.pending = DISMISS
            self.show()
        elif self.board.name == WONT:
            self._decide(Action.ACCEPT, Choice("l", NAMES[name], name))
        else:
            self._carry(cards_, Column(name))

    def _carry(self, some: Sequence[Problem], column: Column) -> None:
        placed = [problem for problem in some if problem.column is not None]
        what = f"“{shown(placed[0].title, 200)}”" if len(placed) == 1 else f"{len(placed):,} problems"
        self.insights.arrange({p.id: (column, None) for p in placed}, f"placed {what} in {NAMES[column.value]}")
        limit = self.insights.office.settings.triage.now_limit
        if column is Column.NOW and limit and len(self.board.columns[column.value]) > limit:
            words = f"Now holds {len(self.board.columns[column.value]):,}, more than the {limit:,} that it should"
            self.insights.say(Status(words, hint="u undo", is_error=True))

    def action_reorder(self, step: int) -> None:
        """The card goes up or down; the order is kept."""
        current = self.board.current
        places = self.board.places(step)
        if current is None or not places:
            return
        self._follow = current.id
        column = Column(self.board.name)
        words = f"moved “{shown(current.title, 200)}” {'up' if step < 0 else 'down'}"
        self.insights.arrange({number: (column, place) for number, place in places.items()}, words)
