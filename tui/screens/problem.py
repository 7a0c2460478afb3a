"""One problem on the whole screen: every quote, every decision. Deciding here goes on to the next problem."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from insights.domain.problem import Problem
from tui.actions import DECIDING, MOVING, bindings
from tui.models.dossier import Dossier
from tui.pages.problem import Page, first_line_of_quote, full, heading
from tui.screens.scrolling import Scrolling
from tui.screens.working_on import WorkingScreen
from tui.widgets.lines import Lines


class ProblemScreen(Scrolling, WorkingScreen):
    """Scrolls. Opened from the Inbox it goes along with its cursor, and leaves by itself when nothing waits any
    more; opened from elsewhere it stays with its problem."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        *MOVING, *DECIDING, "back", "next_quote", "previous_quote", "source", "copy"
    )

    def __init__(self, problem_id: int) -> None:
        super().__init__()
        self._problem_id = problem_id
        self._follows: bool | None = None
        self._shown: tuple[int, int] | None = None

    @property
    def looked_at(self) -> Problem | None:
        desk = self.insights.desk
        if self._follows is None:
            self._follows = desk.current is not None and desk.current.id == self._problem_id
        return desk.current if self._follows else desk.problems.get(self._problem_id)

    def compose(self) -> ComposeResult:
        yield from self.compose_top()
        yield Lines("heading")
        with VerticalScroll(id="page", can_focus=False):
            yield Lines("detail")
        yield from self.compose_bottom()

    def show_body(self) -> None:
        problem = self.looked_at
        if problem is None:
            self.action_back()
            return
        self.query_one("#heading", Lines).show(heading(problem, self.size.width - 4))
        self.show_dossier(self.insights.dossier_of(problem))

    def show_dossier(self, dossier: Dossier) -> None:
        detail = self.query_one("#detail", Lines)
        if not detail.size.width:  # not laid out yet; it tells when it is
            return
        page = Page(
            width=detail.size.width,
            currency=self.insights.currency,
            quote=self.insights.quote,
            comparison=self.insights.desk.comparison,
        )
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

    def action_back(self) -> None:
        self.insights.close_problem()
