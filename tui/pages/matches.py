"""The words of a search made to stand out in a text, and the part of the text where most of them are. Pure."""

import re
from functools import lru_cache
from itertools import islice

from rich.cells import cell_len

from insights.language.small_words import ARTICLES, JOINERS, PREPOSITIONS
from insights.text.literals import literals_in
from tui.cells import cut
from tui.pages.pieces import Line, Role

_SHORT = 3
"""Letters under which a word is told in a text as a whole word only: "is" is not told in "issue"."""
_MOST_MATCHES = 12
_HEAD = "… "
_SMALL = ARTICLES | PREPOSITIONS | JOINERS


@lru_cache(64)
def pattern_of(words: str) -> re.Pattern[str] | None:
    """What of the query is told in a text: its codes and quoted words with the marks between, its other words where a
    word begins with them. Small words only where there are no others; None where nothing is left."""
    typed = re.findall(r"\w+", words)
    told = [word for word in typed if _is_telling(word)] or typed
    parts = [literal.pattern for literal in literals_in(words)]
    parts += [_part(word) for word in sorted(set(told), key=lambda word: (-len(word), word))]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _is_telling(word: str) -> bool:
    is_small = len(word) < _SHORT and word.isascii() and word.isalpha()
    return not is_small and word.casefold() not in _SMALL


def _part(word: str) -> str:
    """Scripts without case, such as Chinese, are written without spaces: there a word may stand anywhere."""
    if not (word[0].isdigit() or word[0].lower() != word[0].upper()):
        return re.escape(word)
    return r"(?<![^\W_])" + re.escape(word) + (r"(?![^\W_])" if len(word) < _SHORT else "")


def marked(text: str, pattern: re.Pattern[str] | None, role: Role = Role.PLAIN) -> Line:
    """The text in its role, what matches strong."""
    line: Line = []
    end = 0
    for found in pattern.finditer(text) if pattern is not None else ():
        line += [(text[end : found.start()], role), (found[0], Role.STRONG)]
        end = found.end()
    return [(words, its) for words, its in [*line, (text[end:], role)] if words]


def around(text: str, pattern: re.Pattern[str] | None, width: int) -> str:
    """At most `width` cells of one line of text, where most of what matches can be seen; from the beginning where that
    is as good."""
    if cell_len(text) <= width:
        return text
    places = [found.span() for found in islice(pattern.finditer(text), _MOST_MATCHES)] if pattern else []
    starts = [0, *(_word_before(text, begin, cells=width // 4) for begin, _ in places)]
    best = max(starts, key=lambda start: (_seen(text, places, start, width), -start))
    return cut(f"{_HEAD}{text[best:]}" if best else text, width)


def _word_before(text: str, place: int, *, cells: int) -> int:
    """Where a word begins, at most so many cells before the place."""
    start = place
    while start and cell_len(text[start - 1 : place]) <= cells:
        start -= 1
    space = text.find(" ", max(start - 1, 0), place)
    return start if start == 0 else space + 1 if space >= 0 else place


def _seen(text: str, places: list[tuple[int, int]], start: int, width: int) -> int:
    """How many different matches can be seen whole in a line from there on."""
    room = width - 1 - (len(_HEAD) if start else 0)
    return len(
        {
            text[begin:end].casefold()
            for begin, end in places
            if begin >= start
            and cell_len(text[start : min(end, start + 2 * width)]) <= room
            and end <= start + 2 * width
        }
    )
