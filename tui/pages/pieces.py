"""What every page is made of: lines of pieces, each with a role. Pure.

A role says what a piece is; `app.tcss` says how it looks. Customer text passes through `tui.cells` before it gets here
and is never mark-up.
"""

from enum import StrEnum

from rich.cells import cell_len

from tui.cells import cut

LABEL = 9
"""Cells that the words at the left of a section take."""


class Role(StrEnum):
    """What a piece of text is."""

    PLAIN = "plain"
    MUTED = "muted"
    STRONG = "strong"
    TREND = "trend"
    MARK = "mark"
    QUOTE = "quote"


Piece = tuple[str, Role]
"""Words and their role."""

Line = list[Piece]


def label(word: str) -> Piece:
    """The name of a section at the left, or room as wide."""
    return (word.ljust(LABEL), Role.MUTED)


def labelled(word: str, lines: list[Line]) -> list[Line]:
    """The word before the first line, the others set in as far."""
    return [[label(word if number == 0 else ""), *line] for number, line in enumerate(lines)]


def clipped(line: Line, width: int) -> Line:
    """The line without what does not fit."""
    kept: Line = []
    for text, role in line:
        room = width - sum(cell_len(words) for words, _ in kept)
        kept.append((cut(text, room), role))
    return [piece for piece in kept if piece[0]]


def width_of(line: Line) -> int:
    """Cells that a line takes."""
    return sum(cell_len(text) for text, _ in line)
