"""Find what was quoted in the text it is said to come from. Pure.

A quote counts when its words stand there, in order; case, white space and typographic marks may differ, and an
ellipsis may stand for words left out. It may not cut a word or a number short, nor leave out what turns its sense: a
"not" before it, behind it or beneath its ellipsis. Never a likeness: a match above .9 accepts nearly all that is made
up.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from insights.language.clauses import is_turned, may_be_left_out

LEAST_LETTERS = 8
"""Letters and digits in a quote; fewer prove nothing. A whole text that is shorter may be quoted as it is."""
_LEAST_WORDS = 2
"""Of each part, where words are left out: out of single words anything can be put together."""
_MOST_GAPS = 3
_MOST_PARTS = 12
_MOST_PLACES = 20
"""Where a part stands more often, the further ones are not looked at."""
_LONGEST_GAP = 1_500
"""Characters that an ellipsis may stand for."""
_SEEN = 12
"""Characters behind a place that tell whether a word or number goes on."""

_ELLIPSIS = re.compile(r"[\[(]\s*(?:\.{3,}|…)\s*[\])]|\.{3,}|…|(?:\. ){2,}\.")
_BEFORE = re.compile(r"(?:[ \"',;:!?…]|[-.](?!\d))+")
_EDGES = " \"'.,;:!?-…"
_SAME = {
    **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
    **dict.fromkeys("“”„‟«»″＂‹›", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
}
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f")
_CLUSTER = re.compile(r"\s+|[^\s][\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\u3099\u309a]*")
_OTHER_VALUE = ("<super>", "<sub>", "<circle>", "<fraction>")
"""Compatible characters that say something else: 10² is not 102."""
_INSIDE = re.compile(
    r"[^\W_]['’‑‐@&_-](?=[^\W_])|[^\W_]\.(?=(?-i:[a-z]))"  # can't, sign-on, order.created
    r"|\d[.,:/](?=\d)|\d\s(?=\d{3}(?!\d))"  # 1,200, 10:30, 1 200
    r"|(?<!\w)[-+±<>≤≥~≈$€£.](?=\d)|\d(?=\s?[%‰°€$£])|\d\s(?=(?:percent|hundred|thousand|million|billion)\b)",
    re.IGNORECASE,
)
"""Words and numbers that go on across a mark; what comes before the place and, looked at only, what behind it."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text as it is compared, and where each of its characters begins and ends in the original."""

    original: str
    text: str
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class _Found:
    """Parts of a quote that stand in order, from one place to another; the words of the last part, with those that only
    marks keep apart from it; how often words are left out."""

    start: int
    end: int
    words: int
    gaps: int = 0


def find_span(source_text: str, quoted: str) -> tuple[int, int] | None:
    """Where `quoted` stands in `source_text`: (start, end) in the original text, or None where it does not."""
    source = _plain(source_text)
    parts = [part for part in map(_trimmed, _ELLIPSIS.split(quoted)) if part]
    if not parts or len(parts) > _MOST_PARTS or not _is_long_enough(parts, source):
        return None
    return next(_spans(source, parts), None)


def _is_long_enough(parts: list[str], source: _Plain) -> bool:
    letters = sum(char.isalnum() for part in parts for char in part)
    return letters >= LEAST_LETTERS or (letters > 0 and parts == [source.text.strip(_EDGES)])


def _spans(source: _Plain, parts: list[str]) -> Iterator[tuple[int, int]]:
    """Where all parts stand in order, with nothing left out that turns them; as places in the original text."""
    found = [_Found(place, place + len(parts[0]), _words_in(parts[0])) for place in _places(source, parts[0])]
    for part in parts[1:]:
        found = list(_carried_on(source, found, part))
    for one in found:
        start, end = source.starts[one.start], source.ends[one.end - 1]
        whole = source.original
        is_said = one.words >= _LEAST_WORDS or not one.gaps
        if is_said and not is_turned(whole[:start], whole[start:end], whole[end:]):
            yield start, end


def _carried_on(source: _Plain, found: list[_Found], part: str) -> Iterator[_Found]:
    """Those of the beginnings behind which the part stands, each with it."""
    for place in _places(source, part):
        carried = (_with_part(source, one, part, place) for one in reversed(found) if one.end <= place)
        yield from islice((one for one in carried if one is not None), 1)


def _with_part(source: _Plain, found: _Found, part: str, place: int) -> _Found | None:
    """None where what is left out between them may not be."""
    end, words = place + len(part), _words_in(part)
    if not any(map(str.isalnum, source.text[found.end : place])):
        return _Found(found.start, end, found.words + words, found.gaps)  # the customer's own dots
    begin, stop = source.ends[found.end - 1], source.starts[place]
    if found.words < _LEAST_WORDS or found.gaps == _MOST_GAPS or stop - begin > _LONGEST_GAP:
        return None
    may_skip = may_be_left_out(source.original, begin, stop)
    return _Found(found.start, end, words, found.gaps + 1) if may_skip else None


def _words_in(part: str) -> int:
    """How many words; scripts without blanks count by the character."""
    return len(part.split()) + sum(char >= "\u2e80" for char in part)


def _places(source: _Plain, part: str) -> Iterator[int]:
    """The first places where the part stands as whole words: "able" is not in "unable", nor "can" in "can't"."""
    found = (place.start() for place in re.finditer(f"(?={re.escape(part)})", source.text))
    whole = (place for place in found if _is_edge(source, place) and _is_edge(source, place + len(part)))
    return islice(whole, _MOST_PLACES)


def _is_edge(source: _Plain, place: int) -> bool:
    """Whether no word or number runs across this place."""
    if place in (0, len(source.text)):
        return True
    if source.text[place - 1].isalnum() and source.text[place].isalnum():
        return False
    # Invisible characters make two places of it in the original.
    sides = source.ends[place - 1], source.starts[place]
    seen = _INSIDE.finditer(source.original, source.starts[max(place - 2, 0)], sides[1] + _SEEN)
    return not any(found.start() < side <= found.end() for found in seen for side in sides)


def _trimmed(piece: str) -> str:
    """Without the marks around it, but for those of a number: -5, .5."""
    text = _plain(piece).text.rstrip(_EDGES)
    found = _BEFORE.match(text)
    return text[found.end() :] if found else text


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
    return _Plain(text, "".join(chars), starts, ends)


def _folded(cluster: str) -> str:
    if cluster.isspace():
        return " "
    seen = "".join(_SAME.get(char, char) for char in cluster if char not in _UNSEEN)
    form: Literal["NFC", "NFKC"] = (
        "NFC" if any(unicodedata.decomposition(char).startswith(_OTHER_VALUE) for char in seen) else "NFKC"
    )
    folded = unicodedata.normalize(form, unicodedata.normalize(form, seen).casefold())
    return "".join(_SAME.get(char, " " if char.isspace() else char) for char in folded)
