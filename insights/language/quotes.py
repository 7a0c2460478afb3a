"""Find what was quoted in the text it is said to come from. Pure.

A quote counts when its words stand there, in order; case, white space and typographic marks may differ, and an
ellipsis may stand for words left out. Never a likeness: a match above .9 accepts nearly all that is made up.
"""

import re
import unicodedata
from dataclasses import dataclass

LEAST_LETTERS = 8
"""Letters and digits in a quote; fewer prove nothing. A whole text that is shorter may be quoted as it is."""
_LEAST_PART = 3
_MOST_PARTS = 6

_ELLIPSIS = re.compile(r"[\[(]\s*(?:\.{3,}|…)\s*[\])]|\.{3,}|…|(?:\. ){2,}\.")
_EDGES = " \"'.,;:!?-…"
_SAME = {
    **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
    **dict.fromkeys("“”„‟«»″＂‹›", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
}
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f")
_CLUSTER = re.compile(r"\s+|[^\s][\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\u3099\u309a]*")


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text as it is compared, and where each of its characters begins and ends in the original."""

    text: str
    starts: list[int]
    ends: list[int]


def find_span(source_text: str, quoted: str) -> tuple[int, int] | None:
    """Where `quoted` stands in `source_text`: (start, end) in the original text, or None where it does not."""
    source = _plain(source_text)
    parts = [part for part in (_plain(piece).text.strip(_EDGES) for piece in _ELLIPSIS.split(quoted)) if part]
    if not parts or len(parts) > _MOST_PARTS or not _is_long_enough(parts, source):
        return None
    start, reached = -1, 0
    for part in parts:
        place = _find_words(source.text, part, reached)
        if place < 0:
            return None
        start = place if start < 0 else start
        reached = place + len(part)
    return source.starts[start], source.ends[reached - 1]


def _is_long_enough(parts: list[str], source: _Plain) -> bool:
    letters = [sum(char.isalnum() for char in part) for part in parts]
    if len(parts) == 1 and letters[0] and parts[0] == source.text.strip(_EDGES):
        return True
    return sum(letters) >= LEAST_LETTERS and min(letters) >= _LEAST_PART


def _find_words(text: str, part: str, begin: int) -> int:
    """The first place from `begin` where `part` stands as whole words ("able" is not in "unable"); -1 if none."""
    place = text.find(part, begin)
    while place >= 0 and not (_is_edge(text, place) and _is_edge(text, place + len(part))):
        place = text.find(part, place + 1)
    return place


def _is_edge(text: str, place: int) -> bool:
    """Whether no word runs across this place."""
    return place in (0, len(text)) or not (text[place - 1].isalnum() and text[place].isalnum())


def _plain(text: str) -> _Plain:
    """NFKC, folded case, one blank for white space, plain quotes and dashes; invisible characters are left out."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _CLUSTER.finditer(text):
        for char in _folded(found[0]):
            if char == " " and chars and chars[-1] == " ":
                ends[-1] = found.end()
                continue
            chars.append(char)
            starts.append(found.start())
            ends.append(found.end())
    return _Plain("".join(chars), starts, ends)


def _folded(cluster: str) -> str:
    if cluster.isspace():
        return " "
    seen = "".join(_SAME.get(char, char) for char in cluster if char not in _UNSEEN)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    return "".join(_SAME.get(char, " " if char.isspace() else char) for char in folded)
