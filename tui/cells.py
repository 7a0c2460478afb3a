"""Text that fills an exact number of terminal cells, whatever a customer wrote.

Pure. Terminals disagree on the width of joined emoji, flags and presentation selectors, so those are shown as their
first part or as letters: a column is never pushed aside by the words in it.
"""

import re
from functools import lru_cache

from rich.cells import cell_len, chop_cells, set_cell_size

from insights.text.clean import one_line, sanitise

MOST_CHARACTERS = 2000
"""Characters of one text on one line."""
MOST_WHOLE = 8000
"""Characters of one text with its line breaks: four full screens."""

_JOINED = re.compile("\u200d.|[\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]", re.DOTALL)
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")


@lru_cache(8192)
def shown(text: str, limit: int = MOST_CHARACTERS) -> str:
    """The text on one line, inert, at most `limit` characters."""
    return _plain(one_line(text[: 4 * MOST_CHARACTERS], limit))


def shown_whole(text: str) -> str:
    """The text with its line breaks, inert; a very long one ends with an ellipsis."""
    ending = "…" if len(text) > MOST_WHOLE else ""
    return _plain(sanitise(text[:MOST_WHOLE]).expandtabs(4)) + ending


def cut(text: str, width: int) -> str:
    """At most `width` cells; what is cut off leaves an ellipsis."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells: cut or filled up with spaces, on the left if `right`."""
    text = cut(text, width)
    gap = " " * (width - cell_len(text))
    return gap + text if right else text + gap


def wrapped(text: str, width: int, *, most: int | None = None) -> list[str]:
    """The text in lines of at most `width` cells, broken at spaces; no more than `most` lines, the last one cut."""
    lines = [line for paragraph in text.split("\n") for line in _paragraph(paragraph, max(width, 2))]
    if most is None or len(lines) <= most:
        return lines
    rest = " ".join(lines[most - 1 :][:2])
    return [*lines[: most - 1], cut(rest + "…" if cell_len(rest) < width else rest, width)]


def _paragraph(paragraph: str, width: int) -> list[str]:
    lines = [""]
    for word in paragraph.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
            continue
        pieces = chop_cells(word, width)
        lines = [*(lines if lines[-1] else lines[:-1]), *pieces]
    return lines


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return _FLAG_LETTER.sub(lambda found: chr(ord(found[0]) - 0x1F1E6 + ord("A")), _JOINED.sub("", text))
