"""Find the lines that a form, a macro or a mail program wrote, not a customer, and cut what customers say free of them.

Pure, linear, and of two steps: `find_boilerplate` counts over the items of one source, `stated_spans` cuts one item.
What was found is 64-bit hashes of lines, no words. A piece is a sentence of one line, or one field ("Region: EU") of a
line of fields; it is compared in lower case, with digits masked and blanks made one. Each item counts once.

A piece is boilerplate where all of this holds; each test keeps customers' own words:

1. It stands in 10 items or more and in 2% of them: fewer cannot glue much together.
2. Those items differ otherwise: of items with the same words one counts, for duplicates are evidence.
3. It has three words or more, or is a field: two words are often all that somebody says of a thing.
4. It is seldom what an item says. Where nothing else is left in 20% of its items, courtesies and more frequent
   boilerplate aside, it stays: "App crashes on login", written by 30 customers, or the one answer in a form.
5. It says nothing of its own: the chance that it is a question or noise is two thirds. A field, and what stands in a
   fifth of all items in the same words, a program wrote: it stays only where it is clearly a problem or request.

A field counts by its label, since values differ: where the label passes 1 and 2, and half of its values are a choice
(at most four words that recur), those go that pass 4 and 5. A longer value is free text: it stays, its label goes.
Where words are not parted by blanks (Chinese, Japanese) only fields are found.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from math import ceil

from insights.domain.feedback import Stance
from insights.text import mail
from insights.text.openings import is_pleasantry, section_heading
from insights.text.sentences import line_sentences, mention_spans
from insights.text.stance import STANCES, chances

Boilerplate = frozenset[int]
"""Hashes of the pieces and labels to cut."""

MOST_COUNTED = 20_000
"""Items of a source that are counted, the newest: enough for a share of 2%, and time and memory stay bounded."""

_FEWEST_ITEMS = 10
_SMALLEST_SHARE = 0.02
_FEWEST_WORDS = 3
_ALONE_SHARE = 0.20
_EMPTY_CHANCE = 2 / 3
_PROGRAM_SHARE = 0.2
_CLEAR_CHANCE = 0.8
_VALUE_WORDS = 4
_LABEL_WORDS = 4
_CHOSEN_SHARE = 0.5
_RECURS = 3
"""Items in which a value stands before it counts as chosen from a list."""

_DIGITS = re.compile(r"\d+")
_START = re.compile(r"[\W_]*")
_ENDING = " .!?,;:…"
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_LABEL = r"[^\W\d_][^\n:：]{0,38}[:：](?=\s|$)"
_LABELLED = re.compile(rf"[\W_]{{0,4}}({_LABEL})\s*")
_NEXT_FIELD = re.compile(rf"(?:\s[-–—•·/]|\s?[|;,])\s+(?={_LABEL})")
_RANKED = [column for column, stance in enumerate(STANCES) if stance.is_ranked]
_EMPTY = [STANCES.index(Stance.QUESTION), STANCES.index(Stance.NOISE)]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence or field: where it stands, its hash, and where it has a label that hash, else 0, and where the value
    begins."""

    start: int
    end: int
    code: int
    label: int
    value: int


@dataclass(slots=True)
class _Tally:
    """What was counted: hash -> items with different words that hold it (label, piece), the words of pieces that
    recur and their labels, and the pieces of each item that are no courtesy."""

    different: Counter[int] = field(default_factory=Counter)
    words: dict[int, tuple[str, str]] = field(default_factory=dict)
    labels: dict[int, int] = field(default_factory=dict)
    items: list["array[int]"] = field(default_factory=list)


def find_boilerplate(texts: Iterable[str]) -> Boilerplate:
    """What the items of one source share that says nothing; `texts` are their redacted copies."""
    tally = _tally(texts)
    fewest = max(_FEWEST_ITEMS, ceil(_SMALLEST_SHARE * len(tally.items)))
    labels = {label for label in tally.labels.values() if tally.different[label] >= fewest}
    choices = _choices(tally, labels)
    shared = {
        code: tally.labels[code] if tally.labels.get(code) in choices else code
        for code in tally.words
        if _is_shared(tally, code, choices=choices, fewest=fewest)
    }
    empty = _without_own_words(tally, shared)
    alone = _often_alone(tally, empty)
    return frozenset(labels) | frozenset(code for code, counted_as in empty.items() if counted_as not in alone)


def stated_spans(text: str, boilerplate: Boilerplate, *, most: int = 12) -> list[tuple[int, int]]:
    """As `mention_spans`, of what remains without boilerplate; empty where nothing does. No span holds a cut piece."""
    if not boilerplate:
        return mention_spans(text, most=most)
    parts = [part for part in _kept(text, boilerplate) if mail.has_words(text[part[0] : part[1]])]
    if len(parts) > 1:
        parts = [part for part in parts if not _is_courtesy(text[part[0] : part[1]])] or parts[:1]
    spans = [(start + left, start + right) for start, end in parts for left, right in mention_spans(text[start:end])]
    return sorted(sorted(spans, key=lambda span: span[0] - span[1])[:most])


def _kept(text: str, boilerplate: Boilerplate) -> Iterator[tuple[int, int]]:
    """The parts between what is cut."""
    begin = 0
    for piece in _pieces(text):
        if piece.code in boilerplate:
            yield begin, piece.start
            begin = piece.end
        elif piece.label in boilerplate and _is_no_choice(text[piece.value : piece.end]):
            yield begin, piece.start
            begin = piece.value
    yield begin, len(text)


def _pieces(text: str) -> Iterator[_Piece]:
    for left, right in line_sentences(text):
        for start, end in _fields(text, left, end=right):
            found = _LABELLED.match(text, start, end)
            code = _hash(_normal(text[start:end]))
            if found and _is_label(found[1]):
                yield _Piece(start, end, code, _hash("label " + _normal(found[1])), found.end())
            else:
                yield _Piece(start, end, code, 0, start)


def _is_label(words: str) -> bool:
    """Not "Next steps:" and the like, by which `mention_spans` knows what to leave out."""
    return not words[0].islower() and _count_words(words) <= _LABEL_WORDS and not section_heading(words)


def _fields(text: str, start: int, *, end: int) -> Iterator[tuple[int, int]]:
    """The fields of a line that begins with one; else the line as it is."""
    if _LABELLED.match(text, start, end):
        for found in _NEXT_FIELD.finditer(text, start, end):
            yield start, found.start()
            start = found.end()
    yield start, end


def _normal(words: str) -> str:
    """Lower case, digits masked, single blanks, no punctuation at the ends."""
    begin = _START.match(words)
    own = words[begin.end() :] if begin else words
    return " ".join(_DIGITS.sub("#", own.casefold()).split()).rstrip(_ENDING)


def _hash(words: str) -> int:
    """64 bits, never 0."""
    return int.from_bytes(blake2b(words.encode(errors="replace"), digest_size=8).digest()) or 1


def _count_words(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))


def _is_no_choice(value: str) -> bool:
    """Whether the value of a field is free text, or on the next line."""
    return not 1 <= _count_words(value) <= _VALUE_WORDS


def _is_courtesy(words: str) -> bool:
    words = words.strip()
    return is_pleasantry(words) or mail.is_greeting(words) or mail.is_sign_off(words)


def _tally(texts: Iterable[str]) -> _Tally:
    tally = _Tally()
    seen: set[int] = set()
    for text in texts:
        pieces = list(_pieces(text))
        own = {piece.code for piece in pieces if not _is_courtesy(text[piece.start : piece.end])}
        tally.items.append(array("Q", sorted(own)))
        whole = _hash(_normal(text))
        if whole not in seen:
            seen.add(whole)
            _count(tally, text, pieces=pieces)
    return tally


def _count(tally: _Tally, text: str, *, pieces: list[_Piece]) -> None:
    """Counts each piece and label of an item once; keeps the words of what recurs."""
    for piece in {piece.code: piece for piece in pieces}.values():
        tally.different[piece.code] += 1
        if piece.label:
            tally.labels[piece.code] = piece.label
        if tally.different[piece.code] == _RECURS:
            tally.words[piece.code] = (text[piece.start : piece.end], text[piece.value : piece.end])
    tally.different.update({piece.label for piece in pieces if piece.label})


def _choices(tally: _Tally, labels: set[int]) -> set[int]:
    """The labels of which half of the values, empty ones aside, are a choice."""
    filled: Counter[int] = Counter({label: tally.different[label] for label in labels})
    chosen: Counter[int] = Counter()
    for code, (_, value) in tally.words.items():
        label = tally.labels.get(code, 0)
        if not _count_words(value):
            filled[label] -= tally.different[code]
        elif not _is_no_choice(value):
            chosen[label] += tally.different[code]
    return {label for label in labels if chosen[label] >= max(1, _CHOSEN_SHARE * filled[label])}


def _is_shared(tally: _Tally, code: int, *, choices: set[int], fewest: int) -> bool:
    """Whether tests 1 to 3 hold."""
    words, value = tally.words[code]
    if tally.labels.get(code) in choices:
        return not _is_no_choice(value)
    return tally.different[code] >= fewest and _count_words(words) >= _FEWEST_WORDS


def _without_own_words(tally: _Tally, shared: dict[int, int]) -> dict[int, int]:
    """Those that pass test 5: piece -> what it counts as, its label or itself."""
    told = chances([tally.words[code][1] for code in shared])
    kept = {}
    for (code, counted_as), row in zip(shared.items(), told, strict=True):
        is_frequent = tally.different[code] >= _PROGRAM_SHARE * len(tally.items)
        is_of_program = is_frequent or counted_as != code
        if row[_EMPTY].sum() >= _EMPTY_CHANCE or (is_of_program and row[_RANKED].sum() < _CLEAR_CHANCE):
            kept[code] = counted_as
    return kept


def _often_alone(tally: _Tally, empty: dict[int, int]) -> set[int]:
    """Those that fail test 4: what is left of an item of nothing but boilerplate is its least frequent piece."""
    items: Counter[int] = Counter()
    alone: Counter[int] = Counter()
    for codes in tally.items:
        held = {empty[code] for code in codes if code in empty}
        items.update(held)
        if held and all(code in empty for code in codes):
            rarest = min(tally.different[code] for code in held)
            alone.update(code for code in held if tally.different[code] == rarest)
    return {code for code, times in alone.items() if times >= _ALONE_SHARE * items[code]}
