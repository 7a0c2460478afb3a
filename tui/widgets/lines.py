"""Lines of pieces on the screen: the one way by which words, a customer's too, become visible outside the list."""

from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from tui.pages import Line


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

    def show(self, lines: list[Line]) -> None:
        self._lines = lines
        self.refresh(layout=True)

    def render(self) -> Content:
        return Content("\n").join(self._content(line) for line in self._lines)

    def _content(self, line: Line) -> Content:
        parts = [
            text if role == "plain" else (text, self.get_visual_style(f"lines--{role}", partial=True))
            for text, role in line
        ]
        return Content.assemble(*parts)
