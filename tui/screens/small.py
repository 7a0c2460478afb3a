"""What shows where the terminal is too small: nothing can be decided that cannot be read."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import ModalScreen

from tui.pages.pieces import Role
from tui.widgets.lines import Lines

SMALLEST = Size(60, 15)


def is_too_small(size: Size) -> bool:
    return size.width < SMALLEST.width or size.height < SMALLEST.height


class SmallScreen(ModalScreen[None]):
    """Covers all; takes no key but q."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "quit", id="quit")]

    def compose(self) -> ComposeResult:
        yield Lines("small")

    def on_resize(self) -> None:
        size = self.app.size
        needs = f"needs {SMALLEST.width}×{SMALLEST.height}, now {size.width}×{size.height}"
        self.query_one(Lines).show([[(needs, Role.STRONG)], [("all keys are off but q", Role.MUTED)]])
