"""A page to read over the screen: one run, the digest, an item in full."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from tui.actions import MOVING, bindings
from tui.pages.pieces import Line
from tui.screens.dialog import DialogScreen
from tui.screens.scrolling import Scrolling
from tui.widgets.lines import Lines


class PageScreen(Scrolling, DialogScreen[None]):
    """Scrolls; `make` draws its lines for a width in cells."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*MOVING, "back")

    def __init__(self, title: str, make: Callable[[int], Sequence[Line]]) -> None:
        super().__init__()
        self._title, self._make = title, make

    def titles(self) -> tuple[str, str]:
        return self._title, "j k: scroll   esc: back"

    def compose_inside(self) -> ComposeResult:
        with VerticalScroll(id="page", can_focus=False):
            yield Lines("inside")

    def on_mount(self) -> None:
        self.box.add_class("-tall")
        self.call_after_refresh(self.show)

    def show(self) -> None:
        self.query_one("#inside", Lines).show(list(self._make(max(self.width - 5, 20))))

    def action_back(self) -> None:
        self.dismiss(None)
