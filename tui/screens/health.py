"""Health: sources and how fresh they are, model, key, disk, backup; each with the command that mends it."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from insights.domain.health import Check
from insights.errors import InsightsError
from tui.actions import MOVING, bindings
from tui.pages.health import first_line_of_check, health_page, health_title, legend, looking
from tui.pages.pieces import Role
from tui.screens.deciding import DecidingScreen
from tui.widgets.lines import Lines


class HealthScreen(DecidingScreen):
    """What is known without asking anybody, at once; `R` asks the servers, too."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*MOVING, "back", "copy")

    def __init__(self) -> None:
        super().__init__()
        self.checks: Sequence[Check] = ()
        self.cursor = 0
        self._is_asking = False
        self._is_whole = False

    def compose(self) -> ComposeResult:
        yield from self.compose_top()
        yield Lines("heading")
        with VerticalScroll(id="page", can_focus=False):
            yield Lines("detail")
        yield from self.compose_bottom()

    # -- reading ----------------------------------------------------------------------------------------------

    @on(events.ScreenResume)
    def read(self) -> None:
        self._read(asks=False)

    def action_rerank(self) -> None:
        """Look again, and ask the servers."""
        super().action_rerank()
        self._read(asks=True)

    @work(group="health", exclusive=True)
    async def _read(self, *, asks: bool) -> None:
        examine = self.insights.office.examine
        if examine is None:
            return
        self._is_asking = asks
        self.show()
        try:
            self.checks = await asyncio.to_thread(examine, asks)
            self._is_whole = asks
        except InsightsError as error:
            self.insights.complain(error)
        finally:
            self._is_asking = False
            self.action_move(0)

    # -- showing ----------------------------------------------------------------------------------------------

    def show_body(self) -> None:
        detail = self.query_one("#detail", Lines)
        width = detail.size.width
        self.query_one("#heading", Lines).show([[(health_title(self.checks), Role.STRONG)]])
        if not width:
            return
        if not self.checks or self._is_asking:
            detail.show(looking(is_asking=self._is_asking))
            return
        lines = health_page(self.checks, width, current=self.cursor)
        detail.show([*lines, [], *legend(is_whole=self._is_whole, asks_key="R")])

    @property
    def current(self) -> Check | None:
        return self.checks[self.cursor] if self.cursor < len(self.checks) else None

    # -- moving -----------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        self.cursor = min(max(self.cursor + step, 0), max(len(self.checks) - 1, 0))
        self.show()
        width = self.query_one("#detail", Lines).size.width
        if self.checks and width:
            line = first_line_of_check(self.checks, width, self.cursor)
            page = self.query_one("#page", VerticalScroll)
            page.scroll_to(y=max(line - page.size.height // 2, 0), animate=False)

    def action_go(self, place: int) -> None:
        self.action_move(-len(self.checks) if place == 0 else len(self.checks))

    def action_page(self, step: int) -> None:
        self.action_move(step * 5)

    def action_back(self) -> None:
        self.insights.action_go("inbox")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "copy":
            return True if self.current and _mends(self.current) else None
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """What mends it, to be put into a shell."""
        check = self.current
        if check is not None and _mends(check):
            self.insights.copy(_mends(check))


def _mends(check: Check) -> str:
    """The command where there is one, else the words."""
    return check.command or check.remedy
