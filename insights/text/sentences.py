"""Cut feedback into mentions: spans that each state one thing.

Pure. Works by layout (paragraphs, bullets), sentences, and words that carry on ("it", "because") or turn to something
else ("Also,", "Außerdem", "Además"); knows no meaning. What states nothing (greetings, attendees, next steps) is left
out. Spans are trimmed, in order, never overlap and never leave the given text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from insights.text import mail
from insights.text.openings import carries_on, is_pleasantry, section_heading, turns_to_something_else
from insights.text.words import word_set

_ONE_COMMENT_WORDS = 25
_TWO_SENTENCE_WORDS = 40
_JOINED_WORDS = 45
"""A span stops growing here unless the next sentence carries on or speaks of the same things."""
_LONGEST_SPAN_WORDS = 75
_LONGEST_UNIT = 700
"""Characters; a longer run without a sentence end is cut at a space."""
_TITLE_WORDS = 10
_ASIDE_WORDS = 6
"""A sentence as short as this seldom states a thing of its own."""
_NAME_WORDS = 4
"""What follows a goodbye and is no longer than this is a signature."""
_HARD_WRAP = 60
"""A line at least this long that does not end a sentence was wrapped by a mail program."""

_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"\s*(?:[-*•·–—▪●◦‣]|\(?\d{1,2}[.)]|[a-zA-Z]\))\s+(?=\S)")
# A run of marks is tried from its first only: from each, a long one would take the square of its length.
_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’»)\]]*\s+|[。！？]+\s*")
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_LETTERS = re.compile(r"[^\W\d_]{4,}")
_LAST_TOKEN = re.compile(r"(\S{1,24})$")
_BEFORE_DAY = re.compile(r"\b(?:am|vom|zum|bis|ab|seit|der|den|dem|im)\s\d{1,2}$", re.IGNORECASE)
_ABBREVIATIONS = word_set(
    "e.g i.e etc vs approx mr mrs ms dr prof inc ltd corp co no nr art dept est fig incl excl max min st ca resp sr jr"
    " z.b d.h u.a usw bzw ggf evtl ca. inkl exkl abt str tel tsd mio bspw vgl sog zzgl std hr fr p.ej ej sra srta ud"
    " uds aprox núm pág av c.à.d env mme mlle cf a.m p.m u.s u.k e.u ext jan feb mar apr jun jul aug sep sept oct nov"
    " dec dez okt"
)
_STOP = word_set(
    "that this with have from they them then when what which there their about would could should because been being"
    " just like only also into some more most other over such than very will your yours were does doing done make made"
    " please need needs want still every even after before again while where each same here cannot aber auch dass eine"
    " einen einer nicht oder sich sind wird werden wenn noch haben über unser unsere para pero como esta este esto está"
    " todo todos tiene cuando porque desde hasta donde nuestro nuestra pour avec dans nous vous mais plus notre"
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or bullet, trimmed. `opens` says that the layout starts something new here."""

    start: int
    end: int
    opens: bool
    is_bullet: bool
    words: int


@dataclass(slots=True)
class _Growing:
    """A span in the making."""

    start: int
    end: int
    words: int
    topics: set[str]
    lists_steps: bool


def mention_spans(text: str, *, most: int = 12) -> list[tuple[int, int]]:
    """Spans (start, end) of `text` that each state one thing, at most `most`; empty where there are no words."""
    if not mail.has_words(text):
        return []
    units = list(_units(text))
    if _is_one_comment(units, text):
        return _whole(text)
    spans = [(grown.start, grown.end) for grown in _grow(text, _telling(units, text))]
    if len(spans) > most:
        longest = sorted(spans, key=lambda span: span[0] - span[1])[:most]
        spans = sorted(longest)
    return spans or _whole(text)[:most]


def line_sentences(text: str) -> Iterator[tuple[int, int]]:
    """The trimmed sentences of each line, in order: forms end a line without a full stop."""
    for line in _LINE.finditer(text):
        yield from _sentences(text, line.start(), end=line.end())


def _whole(text: str) -> list[tuple[int, int]]:
    """The text without the blanks around it; a long one only as far as a span may reach."""
    start = len(text) - len(text.lstrip())
    end = min(len(text.rstrip()), start + _LONGEST_UNIT)
    return [(start, start + len(text[start:end].rstrip()))]


def _is_one_comment(units: list[_Unit], text: str) -> bool:
    words = sum(unit.words for unit in units)
    if len(text.strip()) > _LONGEST_UNIT:
        return False
    if words <= _ONE_COMMENT_WORDS:
        return True
    starts_again = any(unit.opens or turns_to_something_else(text[unit.start : unit.end]) for unit in units[1:])
    return len(units) <= 2 and words <= _TWO_SENTENCE_WORDS and not starts_again


def _units(text: str) -> Iterator[_Unit]:
    """The sentences and bullets of the text, in order."""
    for start, end, opens, is_bullet in _blocks(text):
        for number, (left, right) in enumerate(_sentences(text, start, end=end)):
            words = sum(1 for _ in _WORD.finditer(text, left, right))
            if words:
                yield _Unit(left, right, opens and not number, is_bullet, words)


def _blocks(text: str) -> Iterator[tuple[int, int, bool, bool]]:
    """Runs of lines that belong to one paragraph or bullet: start, end, whether something new opens, whether it is a
    bullet."""
    start = end = -1
    opens = is_bullet = False
    for line in _LINE.finditer(text):
        if not line[0].strip():
            continue
        bullet = _BULLET.match(line[0])
        after_blank = end < 0 or "\n" in text[end : line.start()].strip(" \t\r").removeprefix("\n")
        if start >= 0 and not bullet and not after_blank and _was_wrapped(text, start, end=end):
            end = line.end()
            continue
        if start >= 0:
            yield start, end, opens, is_bullet
        start, end = line.start() + (bullet.end() if bullet else 0), line.end()
        opens, is_bullet = bool(bullet) or after_blank, bool(bullet)
    if start >= 0:
        yield start, end, opens, is_bullet


def _was_wrapped(text: str, start: int, *, end: int) -> bool:
    """Whether the line that ends here goes on in the next one."""
    last = text[max(start, text.rfind("\n", start, end) + 1) : end].rstrip()
    return len(last) >= _HARD_WRAP and last[-1] not in ".!?:…"


def _sentences(text: str, start: int, *, end: int) -> Iterator[tuple[int, int]]:
    """Trimmed sentences between two places, none longer than a unit may be."""
    left = start
    for found in _END.finditer(text, start, end):
        if _ends_sentence(text, found, left=left):
            yield from _pieces(text, left, end=found.end())
            left = found.end()
    yield from _pieces(text, left, end=end)


def _ends_sentence(text: str, found: re.Match[str], *, left: int) -> bool:
    """Not after an abbreviation, an initial or an ordinal number."""
    if found[0][0] != "." or found[0].startswith(".."):
        return True
    token = _LAST_TOKEN.search(text, max(left, found.start() - 24), found.start())
    word = token[1].strip("(\"'").casefold() if token else ""
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i"):
        return False
    if not (word.isdigit() and len(word) <= 2):
        return True
    follows = text[found.end() : found.end() + 1]
    return follows.isupper() and not _BEFORE_DAY.search(text, max(left, found.start() - 12), found.start())


def _pieces(text: str, start: int, *, end: int) -> Iterator[tuple[int, int]]:
    """The trimmed span, cut at spaces where it is too long to be read."""
    while True:
        start += len(text[start:end][: _LONGEST_UNIT * 2]) - len(text[start:end][: _LONGEST_UNIT * 2].lstrip())
        if end - start <= _LONGEST_UNIT:
            break
        cut = text.rfind(" ", start + 1, start + _LONGEST_UNIT)
        cut = cut if cut > start else start + _LONGEST_UNIT
        yield start, start + len(text[start:cut].rstrip())
        start = cut
    stop = start + len(text[start:end].rstrip())
    if stop > start:
        yield start, stop


def _telling(units: list[_Unit], text: str) -> Iterator[_Unit]:
    """The units that state something; sections such as "Next steps" go with their bullets."""
    is_skipping = has_said_goodbye = False
    for unit in units:
        words = text[unit.start : unit.end]
        has_said_goodbye = mail.is_sign_off(words) or (has_said_goodbye and unit.words <= _NAME_WORDS)
        if has_said_goodbye:
            continue
        heading = section_heading(words)
        if heading:
            is_skipping = unit.end - unit.start <= len(heading) + 2
            continue
        if is_skipping and (unit.is_bullet or not unit.opens):
            continue
        is_skipping = False
        if not is_pleasantry(words) and not mail.is_greeting(words):
            yield unit


def _grow(text: str, units: Iterator[_Unit]) -> Iterator[_Growing]:
    """Joins each unit to the one before, or starts a new span with it."""
    grown: _Growing | None = None
    for unit in units:
        words = text[unit.start : unit.end]
        topics = {word.casefold()[:6] for word in _LETTERS.findall(words)} - _STOP_STEMS
        if grown is not None and _belongs(grown, unit, words=words, topics=topics):
            grown.end = unit.end
            grown.words += unit.words
            grown.topics |= topics
        else:
            if grown is not None:
                yield grown
            grown = _Growing(unit.start, unit.end, unit.words, topics, False)
        grown.lists_steps = (grown.lists_steps and unit.is_bullet) or words.endswith(":")
    if grown is not None:
        yield grown


_STOP_STEMS = frozenset(word[:6] for word in _STOP)


def _belongs(grown: _Growing, unit: _Unit, *, words: str, topics: set[str]) -> bool:
    """Whether the unit goes on with what the span states."""
    together = grown.words + unit.words
    if together > _LONGEST_SPAN_WORDS or turns_to_something_else(words):
        return False
    if grown.lists_steps and unit.is_bullet:
        return unit.words <= _TITLE_WORDS
    if unit.is_bullet:
        return False
    if carries_on(words) or grown.words <= _TITLE_WORDS or unit.words <= _ASIDE_WORDS:
        return True
    shared = len(topics & grown.topics)
    return shared >= 2 if unit.opens else together <= _JOINED_WORDS or shared >= 1
