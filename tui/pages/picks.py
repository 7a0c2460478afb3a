"""A list to pick from, as lines. Pure."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len

from tui.cells import cut, fit, shown
from tui.models.picks import Pick
from tui.pages.pieces import Line, Role


def pick_lines(
    picks: Sequence[Pick[Any]], typed: str, *, cursor: int, width: int, most: int
) -> tuple[Line, list[Line]]:
    """The line that is typed in, and at most `most` rows with the cursor among them."""
    line: Line = [("> ", Role.MARK), (cut(shown(typed, 200), width - 12), Role.STRONG), ("▏", Role.MARK)]
    counted = f"{len(picks):,}"
    used = sum(cell_len(text) for text, _ in line)
    line.append((" " * max(width - used - len(counted), 1) + counted, Role.MUTED))
    if not picks:
        return line, [[("  nothing is called that", Role.MUTED)]]
    first = min(max(cursor - most + 1, 0), max(len(picks) - most, 0))
    rows = list(enumerate(picks))[first : first + most]
    return line, [_row(pick, width, is_current=number == cursor) for number, pick in rows]


def _row(pick: Pick[Any], width: int, *, is_current: bool) -> Line:
    more = shown(pick.more, 100)
    hint = fit(shown(pick.hint, 20), max(cell_len(shown(pick.hint, 20)), 5), right=True)
    room = max(width - 2 - cell_len(hint) - 1, 8)
    words = cut(shown(pick.words, 300), room)
    rest = room - cell_len(words) - 2
    middle = cut(more, rest) if rest > 12 else ""
    gap = " " * (room - cell_len(words) - cell_len(middle))
    bar = "▌ " if is_current else "  "
    return [
        (bar, Role.MARK),
        (words, Role.STRONG if is_current else Role.PLAIN),
        (gap, Role.PLAIN),
        (middle, Role.MUTED),
        (f" {hint}", Role.MARK if is_current else Role.MUTED),
    ]
