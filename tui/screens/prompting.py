"""Ask for one line of text: a new title, a reason, a place to file in."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.cells import shown, wrapped
from tui.pages.pieces import Line, Role
from tui.widgets.lines import Lines

_LONGEST = 300
"""Characters of the line."""


class _OneLine(Input):
    """Takes what is pasted as it takes what is typed: one line of text, nothing that acts on a terminal."""

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(shown(event.text, _LONGEST), *self.selection)


class PromptScreen(ModalScreen[str | None]):
    """Gives the line, None where it was left; `check` says what is wrong with one, or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close")]

    def __init__(self, title: str, *, text: str = "", about: str = "", check: Callable[[str], str | None]) -> None:
        super().__init__()
        self._title, self._text, self._about, self._check = title, shown(text, _LONGEST), about, check

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = "enter: keep   esc: back"
            yield Lines("about")
            yield _OneLine(self._text, id="line", compact=True)
            yield Lines("wrong")

    def on_mount(self) -> None:
        self.query_one("#about", Lines).show(self._told(self._about, Role.MUTED))
        field = self.query_one(Input)
        field.focus()
        field.cursor_position = len(self._text)

    def on_input_changed(self) -> None:
        self.query_one("#wrong", Lines).show([])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        wrong = self._check(event.value)
        if wrong is None:
            self.dismiss(event.value)
        else:
            self.query_one("#wrong", Lines).show(self._told(f"! {wrong}", Role.MARK))

    def action_leave(self) -> None:
        self.dismiss(None)

    def _told(self, words: str, role: Role) -> list[Line]:
        width = max(self.app.size.width - 12, 20)
        return [[(line, role)] for line in wrapped(shown(words), min(width, 72), most=3)] if words else []
