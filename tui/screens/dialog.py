"""What the dialogs share: a box over the screen, and a way to read in the background."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from insights.errors import InsightsError
from tui.pages.pieces import Line, Role
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui.app import InsightsApp

T = TypeVar("T")
Read = TypeVar("Read")


class DialogScreen(ModalScreen[T | None], Generic[T]):
    """Gives what was decided in it, None where it was left."""

    frame_lines = 4
    """Rows of the screen that the box needs for itself."""

    @property
    def insights(self) -> "InsightsApp":
        return cast("InsightsApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title, box.border_subtitle = self.titles()
            yield from self.compose_inside()

    def titles(self) -> tuple[str, str]:
        """What stands in the upper and lower edge."""
        raise NotImplementedError

    def compose_inside(self) -> ComposeResult:
        yield Lines("inside")

    def show(self) -> None:
        """Draw it anew."""
        raise NotImplementedError

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    @property
    def box(self) -> Widget:
        return self.query_one("#dialog")

    @property
    def width(self) -> int:
        """Cells for text."""
        return max(self.box.content_size.width or min(self.app.size.width - 12, 106), 20)

    @property
    def most_lines(self) -> int:
        """Lines for text that fit on the screen."""
        return max(self.app.size.height - self.frame_lines, 4)

    def read(self, look_up: Callable[[], Read], then: Callable[[Read], None]) -> None:
        """Look something up off the screen's thread; what cannot be read is said, and the dialog closes."""

        async def go() -> None:
            try:
                found = await asyncio.to_thread(look_up)
            except InsightsError as error:
                if self.is_current:
                    self.dismiss(None)
                self.insights.complain(error)
                return
            if self.is_attached:
                then(found)
                self.show()

        self.run_worker(go(), group="read", exclusive=False)

    def action_leave(self) -> None:
        self.dismiss(None)


def told(text: str) -> Line:
    """A muted line."""
    return [(text, Role.MUTED)]
