"""What a page about one problem is drawn for: its room, the money's sign, where the reader is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from tui.cells import cut
from tui.figures import Comparison
from tui.pages.pieces import LABEL, Line, Role, label

_PANE_HEIGHT = 34
_TITLE_FRAME = 6
"""Cells of a border that its title leaves to its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How much room there is, in cells, which quote is looked at, the sign before amounts of money, and what all
    problems share. `height` binds the pane beside the list alone; `title_room` is what the border above has for the
    title. The keys are the ones that work."""

    width: int
    currency: str
    quote: int = 0
    height: int = _PANE_HEIGHT
    title_room: int | None = None
    comparison: Comparison = field(default_factory=Comparison)
    merge_key: str = "m"
    analyze_key: str = "N"
    quote_keys: str = "J K"
    open_key: str = "o"

    @property
    def room(self) -> int:
        """Beside the labels."""
        return max(self.width - LABEL, 2)

    @property
    def room_for_title(self) -> int:
        return max(self.width - _TITLE_FRAME, 10) if self.title_room is None else self.title_room


def packed(parts: Sequence[str], width: int) -> list[str]:
    """The parts with a dot between, on as few lines of `width` cells as hold them; one that is longer is cut."""
    lines: list[str] = []
    for part in filter(None, parts):
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and cell_len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(cut(part, width))
    return lines


def section(word: str, lines: Sequence[str], role: Role = Role.PLAIN) -> list[Line]:
    """Lines of one role beside a label."""
    return [[label(word if number == 0 else ""), (line, role)] for number, line in enumerate(lines)]
