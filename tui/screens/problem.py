"""One problem on the whole screen: every quote, every decision. Deciding here goes on to the next problem."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui.cells import shown, wrapped
from tui.dossier import Dossier
from tui.pages.pieces import Role
from tui.pages.problem import Page, first_line_of_quote, full
from tui.screens.deciding import DecidingScreen
from tui.widgets.lines import Lines


class ProblemScreen(DecidingScreen):
    """Scrolls; leaves by itself when nothing waits any more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "down", show=False, id="next"),
        Binding("k,up", "scroll(-1)", "up", show=False, id="previous"),
        Binding("g,home", "go(0)", "top", show=False, id="first"),
        Binding("G,end", "go(-1)", "bottom", show=False, id="last"),
        Binding("pagedown,space", "page(1)", "a page down", show=False, id="page_down"),
        Binding("pageup", "page(-1)", "a page up", show=False, id="page_up"),
        Binding("escape,h,1", "back", "back", id="back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[int, int] | None = None

    def compose(self) -> ComposeResult:
        yield from self.compose_top()
        yield Lines("heading")
        with VerticalScroll(id="page", can_focus=False):
            yield Lines("detail")
        yield from self.compose_bottom()

    def show_body(self) -> None:
        problem = self.insights.desk.current
        if problem is None:
            self.action_back()
            return
        heading = f"{problem.ref}  {shown(problem.title, 500)}"
        lines = wrapped(heading, max(self.size.width - 4, 10), most=2)
        self.query_one("#heading", Lines).show([[(line, Role.STRONG)] for line in lines])
        self.show_dossier(self.insights.dossier_of(problem))

    def show_dossier(self, dossier: Dossier) -> None:
        detail = self.query_one("#detail", Lines)
        if not detail.size.width:  # not laid out yet; it tells when it is
            return
        page = Page(width=detail.size.width, currency=self.insights.currency, quote=self.insights.quote)
        detail.show(full(dossier, page, every_quote=True))
        self._follow(dossier, page)

    def _follow(self, dossier: Dossier, page: Page) -> None:
        """A new problem begins at the top; a turned quote comes into sight."""
        before, self._shown = self._shown, (dossier.problem.id, page.quote)
        scroll = self.query_one("#page", VerticalScroll)
        if before is None or before[0] != dossier.problem.id:
            scroll.scroll_home(animate=False)
        elif before != self._shown:
            scroll.scroll_to(y=max(first_line_of_quote(dossier, page) - 1, 0), animate=False)

    def action_scroll(self, step: int) -> None:
        self.query_one("#page").scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        page = self.query_one("#page")
        page.scroll_relative(y=step * max(page.size.height - 2, 1), animate=False)

    def action_go(self, place: int) -> None:
        page = self.query_one("#page")
        page.scroll_to(y=0 if place == 0 else page.max_scroll_y, animate=False)

    def action_back(self) -> None:
        self.insights.close_problem()
