"""Pick one of a list by typing a part of it: the palette, the problem to merge into, the theme to look at."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.cells import shown
from tui.models.picks import Pick, matching
from tui.models.typed_line import edited
from tui.pages.picks import pick_lines
from tui.widgets.lines import Lines

T = TypeVar("T")


class PickScreen(ModalScreen[T | None], Generic[T]):
    """Gives the value of what was picked, None where nothing was. Letters type, arrows move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pick", "pick"),
        Binding("escape", "leave", "close"),
        Binding("down,ctrl+n", "move(1)", "down"),
        Binding("up,ctrl+p", "move(-1)", "up"),
        Binding("pagedown", "move(10)", "a page down"),
        Binding("pageup", "move(-10)", "a page up"),
    ]

    def __init__(self, title: str, picks: Sequence[Pick[T]], *, hint: str = "enter: do it   esc: back") -> None:
        super().__init__()
        self._title, self._hint = title, hint
        self._picks = list(picks)
        self._typed = ""
        self._cursor = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = self._hint
            yield Lines("typed")
            yield Lines("picks")
            yield from self.compose_below()

    def compose_below(self) -> ComposeResult:
        """What stands under the list."""
        yield from ()

    def on_mount(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    @property
    def found(self) -> list[Pick[T]]:
        return matching(self._picks, self._typed)

    @property
    def current(self) -> Pick[T] | None:
        found = self.found
        return found[self._cursor] if self._cursor < len(found) else None

    def show(self) -> None:
        """Draw what matches, with the cursor in sight."""
        room = max(self.query_one("#dialog").size.width, 20)
        rows = max(min(self.app.size.height - self.reserved, 16), 3)
        typed, lines = pick_lines(self.found, self._typed, cursor=self._cursor, width=room, most=rows)
        self.query_one("#typed", Lines).show([typed])
        self.query_one("#picks", Lines).show(lines)

    reserved = 8
    """Rows of the screen that are not for the list."""

    def on_key(self, event: events.Key) -> None:
        typed = edited(self._typed, event.key, event.character)
        if typed is not None:
            self.type(typed)
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        self.type(self._typed + shown(event.text, 200))

    def type(self, typed: str) -> None:
        self._typed, self._cursor = typed, 0
        self.show()

    def action_move(self, step: int) -> None:
        self._cursor = min(max(self._cursor + step, 0), max(len(self.found) - 1, 0))
        self.show()

    def action_pick(self) -> None:
        if self.current is not None:
            self.dismiss(self.current.value)

    def action_leave(self) -> None:
        self.dismiss(None)
