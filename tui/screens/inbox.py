"""The Inbox: the ranked list of what waits for a decision, and what is known of the problem under the cursor."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content

from tui.cells import cut, shown
from tui.dossier import Dossier
from tui.keys import KeyHelp
from tui.pages.frame import Status, notice
from tui.pages.problem import Page, brief, full
from tui.screens.deciding import DecidingScreen
from tui.widgets.lines import Lines
from tui.widgets.problem_list import ProblemList

_FIND_KEYS = [
    KeyHelp(("enter",), "keep", "screen.end_find"),
    KeyHelp(("↓", "↑"), "move", "screen.move(1)"),
    KeyHelp(("esc",), "show all", "screen.back"),
]


class InboxScreen(DecidingScreen):
    """List and live detail: below each other, side by side from 110 columns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "next", show=False, id="next"),
        Binding("k,up", "move(-1)", "previous", show=False, id="previous"),
        Binding("g,home", "go(0)", "first", show=False, id="first"),
        Binding("G,end", "go(-1)", "last", show=False, id="last"),
        Binding("pagedown", "page(1)", "a page down", show=False, id="page_down"),
        Binding("pageup", "page(-1)", "a page up", show=False, id="page_up"),
        Binding("enter", "open", "open", id="open"),
        Binding("slash", "find", "find", id="find"),
        Binding("escape,h", "back", "back, show all", show=False, id="back"),
        Binding("1", "go_inbox", "Inbox", show=False, id="inbox"),
    ]

    is_finding = False

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
            lines = notice(desk, started=self.insights.started, now=self.insights.triage.now())
            self.query_one("#notice", Lines).show(lines)
            return
        ranked = self.query_one(ProblemList)
        ranked.show(desk.visible, desk.cursor)
        self.query_one("#titles", Lines).show([ranked.titles()])
        self.query_one("#ranked").border_title = "Inbox · by return on investment"
        self.query_one("#ranked").border_subtitle = f"{desk.cursor + 1:,} of {len(desk.visible):,}"
        self.show_dossier(self.insights.dossier_of(desk.current))

    def show_dossier(self, dossier: Dossier) -> None:
        beside, detail = self.query_one("#beside"), self.query_one("#detail", Lines)
        if not detail.size.width:  # not laid out yet; it tells when it is
            return
        page = Page(width=detail.size.width, currency=self.insights.currency, quote=self.insights.quote)
        room = max(beside.size.width - 22, 10)
        title = cut(f"{dossier.problem.ref} {shown(dossier.problem.title, 300)}", room)
        beside.border_title = Content(title if self.has_class("-wide") else f" {title} ")
        beside.border_subtitle = "enter: open"
        is_wide = self.has_class("-wide")
        detail.show(full(dossier, page, every_quote=False) if is_wide else brief(dossier, page))

    def status(self) -> Status:
        if not self.is_finding:
            return super().status()
        desk = self.insights.desk
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

    def action_go_inbox(self) -> None:
        """This is the Inbox; the key is for the screens to come."""

    def action_open(self) -> None:
        if self.insights.desk.current is not None:
            self.insights.open_problem()

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
        self.is_finding = False
        self.insights.find("")

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
            case "backspace":
                self.insights.find(wanted[:-1])
            case "ctrl+u":
                self.insights.find("")
            case _:
                if not event.is_printable or event.character is None:
                    return False
                self.insights.find(wanted + event.character)
        return True

    def on_paste(self, event: events.Paste) -> None:
        if self.is_finding:
            self.insights.find(self.insights.desk.wanted + shown(event.text, 200))
