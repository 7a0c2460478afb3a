"""Words of a story on one line, with the no-break spaces that a language wants before its signs and units. Pure."""

import re
from collections.abc import Callable

from insights.text.clean import one_line

_NO_BREAK = re.compile("([\u00a0\u202f])")
"""Words from outside lost theirs when they came in: these are a catalogue's own."""


def shown(text: str, limit: int, *, each: Callable[[str, int], str] = one_line) -> str:
    """As `one_line`, or as `each` has it, which is given what stands between no-break spaces; what is too long is cut,
    and has none."""
    if len(text) > limit:
        return each(text, limit)
    pieces = _NO_BREAK.split(text)
    return "".join(piece if place % 2 else each(piece, limit) for place, piece in enumerate(pieces))
