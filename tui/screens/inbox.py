"""The Inbox: the ranked list of what waits for a decision, and what is known of the problem under the cursor."""

import asyncio
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content

from insights.domain.problem import Problem, State
from tui.actions import DECIDING, MOVING, bindings
from tui.cells import shown
from tui.keys import KeyHelp
from tui.models.dossier import Dossier
from tui.models.picks import Pick
from tui.models.typed_line import edited
from tui.pages.frame import Empty, Status, notice
from tui.pages.problem import Page, border_title, brief, full
from tui.screens.working_on import WorkingScreen
from tui.widgets.lines import Lines
from tui.widgets.problem_list import ProblemList

_FIND_KEYS = [
    KeyHelp(("enter",), "keep", "screen.end_find"),
    KeyHelp(("↓", "↑"), "move", "screen.move(1)"),
    KeyHelp(("esc",), "show all", "screen.back"),
]


class InboxScreen(WorkingScreen):
    """List and live detail: below each other, side by side from 110 columns."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        *MOVING,
        *DECIDING,
        "open",
        "back",
        "next_quote",
        "previous_quote",
        "select",
        "range",
        "source",
        "copy",
        "find",
        "lens",
    )

    is_finding = False

    @property
    def looked_at(self) -> Problem | None:
        return self.insights.desk.current

    @property
    def chosen(self) -> list[Problem]:
        return self.insights.desk.chosen

    def compose(self) -> ComposeResult:
        yield from self.compose_top()
        with Container(id="body"):
            with Vertical(id="ranked"):
                yield Lines("titles")
                yield ProblemList(currency=self.insights.currency, name_in_css="list")
            with Vertical(id="beside"):
                yield Lines("detail")
        yield Lines("notice")
        yield from self.compose_bottom()

    # -- showing ----------------------------------------------------------------------------------------------

    def show_body(self) -> None:
        desk = self.insights.desk
        self.set_class(desk.current is None, "-nothing")
        if desk.current is None:
            self.query_one("#notice", Lines).show(notice(self._empty()))
            return
        ranked = self.query_one(ProblemList)
        ranked.show(desk.visible, desk.cursor, desk.marked, lens=self.insights.lens_column)
        self.query_one("#titles", Lines).show([ranked.titles()])
        self.query_one("#ranked").border_title = f"Inbox {desk.waiting:,} · by {self.insights.lens_title}"
        chosen = f"{len(desk.marked):,} selected · " if desk.marked else ""
        self.query_one("#ranked").border_subtitle = f"{chosen}{desk.cursor + 1:,} of {len(desk.visible):,}"
        self.show_dossier(self.insights.dossier_of(desk.current))

    def _empty(self) -> Empty:
        app = self.insights
        desk = app.desk
        snoozed = [p.snoozed_until for p in desk.problems.values() if p.state is State.SNOOZED and p.snoozed_until]
        return Empty(
            error=desk.error,
            is_read=desk.is_read,
            has_any=desk.has_any,
            wanted=desk.wanted,
            decided=desk.done,
            seconds=(app.office.now() - app.started).total_seconds(),
            snoozed=tuple(snoozed),
            accepted=sum(p.state is State.ACCEPTED for p in desk.problems.values()),
        )

    def show_dossier(self, dossier: Dossier) -> None:
        beside, detail = self.query_one("#beside"), self.query_one("#detail", Lines)
        if not detail.size.width:  # not laid out yet; it tells when it is
            return
        room = max(beside.size.width - 6, 10)
        page = Page(
            width=detail.size.width,
            height=beside.size.height,
            title_room=room,
            currency=self.insights.currency,
            quote=self.insights.quote,
            comparison=self.insights.desk.comparison,
        )
        title = border_title(dossier.problem, room)
        beside.border_title = Content(title if self.has_class("-wide") else f" {title} ")
        beside.border_subtitle = "enter: open"
        is_wide = self.has_class("-wide")
        detail.show(full(dossier, page, every_quote=False) if is_wide else brief(dossier, page))

    def status(self) -> Status:
        desk = self.insights.desk
        if not self.is_finding:
            said, error = super().status(), desk.error
            is_above = error is not None and desk.current is None and said.text.startswith(error.message)
            return Status() if is_above else said
        return Status(f"/ {desk.wanted}▏", hint=f"{len(desk.visible):,} of {desk.waiting:,}")

    def keys(self) -> list[KeyHelp]:
        return _FIND_KEYS if self.is_finding else super().keys()

    # -- moving -----------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        self.insights.move_to(self.insights.desk.cursor + step)

    def action_go(self, place: int) -> None:
        self.insights.move_to(place if place >= 0 else len(self.insights.desk.visible) - 1)

    def action_page(self, step: int) -> None:
        self.action_move(step * max(self.query_one(ProblemList).size.height - 1, 1))

    def action_open(self) -> None:
        if self.insights.desk.current is not None:
            self.insights.open_problem(self.insights.desk.current.id)

    @on(ProblemList.Clicked)
    def go_where_clicked(self, clicked: ProblemList.Clicked) -> None:
        is_again = clicked.index == self.insights.desk.cursor
        self.insights.move_to(clicked.index)
        if is_again:
            self.action_open()

    # -- finding ----------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        self.is_finding = True
        self.show()

    def action_end_find(self) -> None:
        self.is_finding = False
        self.show()

    def action_back(self) -> None:
        """Out of a selection first, then out of a search."""
        self.is_finding = False
        if self.insights.desk.unselect():
            self.show()
        else:
            self.insights.find("")

    async def action_lens(self) -> None:
        """Another order, until it is read again with the first one. Keys wait, as they are meant for the list."""
        from tui.screens.picking import PickScreen

        lenses = await asyncio.to_thread(_lenses)  # they load what takes a moment
        picks = [Pick(name, title, more=formula) for name, title, formula in lenses]

        def keep(name: str | None) -> None:
            if name is not None:
                self.insights.lens = name
                self.insights.read_all()

        self.app.push_screen(PickScreen("Order the Inbox by", picks, hint="enter: order   esc: back"), keep)

    # -- selecting --------------------------------------------------------------------------------------------

    def action_select(self) -> None:
        """Select, and go on to the next."""
        self.insights.desk.select()
        self.action_move(1)

    def action_range(self) -> None:
        self.insights.desk.select_range()
        self.show()

    def take_key(self, event: events.Key) -> bool:
        return self._type(event) if self.is_finding else super().take_key(event)

    def _type(self, event: events.Key) -> bool:
        """A key of the search; movement and what is no letter keeps its meaning."""
        wanted = self.insights.desk.wanted
        match event.key:
            case "enter":
                self.action_end_find()
            case "escape":
                self.action_back()
            case _:
                typed = edited(wanted, event.key, event.character)
                if typed is None:
                    return False
                self.insights.find(typed)
        return True

    def on_paste(self, event: events.Paste) -> None:
        if self.is_finding:
            self.insights.find(self.insights.desk.wanted + shown(event.text, 200))


def _lenses() -> list[tuple[str, str, str]]:
    """Name, title and formula of each lens."""
    from insights.worth.lenses import CUSTOM, LENSES

    own = (CUSTOM, "your own weights", "[lenses] custom of insights.toml")
    return [*((lens.name, lens.title, lens.formula) for lens in LENSES.values()), own]
