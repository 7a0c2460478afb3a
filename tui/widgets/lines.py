"""Lines of pieces on the screen: the one way by which words, a customer's too, become visible outside the list."""

from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.pages.pieces import Line


class Lines(Widget):
    """Shows ready-made lines; the role of a piece says how it looks. Nothing in it is read as mark-up."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lines--muted",
        "lines--strong",
        "lines--trend",
        "lines--mark",
        "lines--quote",
    }

    def __init__(self, name_in_css: str | None = None) -> None:
        super().__init__(id=name_in_css)
        self._lines: list[Line] = []
        self._width = 0

    class Widened(Message):
        """There is more or less room in a line than before; the sender is `control`."""

        def __init__(self, control: "Lines") -> None:
            super().__init__()
            self._control = control

        @property
        def control(self) -> "Lines":
            return self._control

    def show(self, lines: list[Line]) -> None:
        if lines == self._lines:
            return
        is_as_tall = len(lines) == len(self._lines)
        self._lines = lines
        self.refresh(layout=not is_as_tall)

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._width:
            self._width = event.size.width
            self.post_message(self.Widened(self))

    def on_show(self) -> None:
        """After it was hidden, its width may be known only now."""
        self.post_message(self.Widened(self))

    def render(self) -> Content:
        return Content("\n").join(self._content(line) for line in self._lines)

    def _content(self, line: Line) -> Content:
        parts = [
            text if role == "plain" else (text, self.get_visual_style(f"lines--{role}", partial=True))
            for text, role in line
        ]
        return Content.assemble(*parts)
