"""The bottom line: the keys that work here, each one clickable; help is always in sight."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from tui.keys import KeyHelp


class KeyLine(Widget):
    """Shows as many keys as fit, and the last one always."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-line--key"}

    def __init__(self, name_in_css: str | None = None) -> None:
        super().__init__(id=name_in_css)
        self._keys: list[KeyHelp] = []

    def show(self, keys: list[KeyHelp]) -> None:
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render(self) -> Content:
        look = self.get_visual_style("key-line--key", partial=True)
        return Content("  ").join(
            Content.assemble((key.keys[0], look), f" {key.words}").stylize(Style.from_meta({"@click": key.action}))
            for key in self._fitting()
        )

    def _fitting(self) -> list[KeyHelp]:
        if not self._keys:
            return []
        *first, last = self._keys
        room = self.size.width - _width(last)
        kept = []
        for key in first:
            room -= _width(key) + 2
            if room < 0:
                break
            kept.append(key)
        return [*kept, last]


def _width(key: KeyHelp) -> int:
    return cell_len(key.keys[0]) + 1 + cell_len(key.words)
