"""How well personal data is found, against texts in which somebody marked it.

Pure. **Found**: a marked span counts as found where finds of its type cover at least half of its characters.
**Right**: a find is right where it overlaps a marked span of its type. Recall is the share of marked spans that were
found, precision the share of finds that are right. As a name or number can be found in two pieces, or two in one, the
two are counted apart. **Left** is stricter and blind to types: the share of marked characters that the redacted copy
still shows.

Intervals are for 95 %. Precision and recall: Wilson's score (1927, Journal of the American Statistical Association
22:209), as if spans were independent. F1: percentiles of a bootstrap over texts (Efron 1979, Annals of Statistics 7:1),
which keeps the spans of a text together.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np
from numpy.typing import NDArray

from insights.ports import Progress
from insights.privacy.marked import Mark, MarkedText, label_of
from insights.privacy.patterns import Span
from insights.text.clean import sanitise

STRUCTURED = ("EMAIL", "PHONE", "CARD", "IBAN", "IP", "ID")
"""Told by form; scored together. Names, addresses and secrets are scored apart."""

APART = ("NAME", "ADDRESS", "URL", "SECRET")
RULE = (
    "A marked span counts as found where finds of its type cover half of its characters or more; "
    "a find is right where it overlaps a marked span of its type."
)
LEFT_RULE = "Left: share of the marked characters that the redacted copy still shows, whatever they were taken for."
INTERVALS = "Intervals are for 95 %: Wilson's (1927) for precision and recall, a bootstrap over texts for F1."
_DRAWS = 500
_SEED = 20260101
_Z = 1.96
_BATCH = 500
_KINDS = (*STRUCTURED, *APART)
_WORD = re.compile(r"\s|\S+")
_Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share, of how many, and its interval; all None of nothing."""

    value: float | None
    low: float | None
    high: float | None
    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class F1:
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindScore:
    """Of one type, or of several together. `left` is a share of marked characters."""

    kind: str
    precision: Rate
    recall: Rate
    f1: F1
    left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PiiScores:
    """`structured` is over EMAIL, PHONE, CARD, IBAN, IP and ID; `not_looked_for` counts marks by the file's type."""

    engine: str
    regions: tuple[str, ...]
    texts: int
    structured: KindScore
    kinds: list[KindScore]
    not_looked_for: dict[str, int]
    cpu_seconds_per_1000: float
    rule: str = RULE
    left_rule: str = LEFT_RULE
    intervals: str = INTERVALS


def score(
    texts: Sequence[MarkedText],
    find: Callable[[str], Sequence[Span]],
    *,
    engine: str,
    regions: Sequence[str],
    progress: Progress = lambda *_: None,
) -> PiiScores:
    """What `find` finds in each cleaned text, against its marks: spans in order, none overlapping."""
    found: list[Sequence[Span]] = []
    started = process_time()
    for number, one in enumerate(texts, 1):
        found.append(found_in(one.text, find))
        if number % _BATCH == 0:
            progress("taking out personal data", number, len(texts))
    seconds = process_time() - started
    pairs = list(zip(texts, found, strict=True))
    counts = np.array([[_counts(one, spans, kind) for kind in _KINDS] for one, spans in pairs], dtype=np.int64)
    others = Counter(mark.type for one in texts for mark in one.marks if label_of(mark.type) is None)
    seen = [place for place in range(len(_KINDS)) if counts[:, place].any()]
    return PiiScores(
        engine=engine,
        regions=tuple(regions),
        texts=len(texts),
        structured=_scored("structured", counts[:, : len(STRUCTURED)].sum(axis=1)),
        kinds=[_scored(_KINDS[place], counts[:, place]) for place in seen],
        not_looked_for=dict(sorted(others.items())),
        cpu_seconds_per_1000=seconds / len(texts) * 1000,
    )


def found_in(text: str, find: Callable[[str], Sequence[Span]]) -> list[Span]:
    """Finds of a finder that reads what `sanitise` leaves of a text, at their places in the text as it is."""
    clean = sanitise(text)
    spans = find(clean)
    if clean == text:
        return list(spans)
    places = _places(text, clean)
    return [(places[start], places[end], label) for start, end, label in spans]


def _places(text: str, clean: str) -> list[int]:
    """For each place of the clean text its place in the other, word by word; inside a word that changed its length in
    proportion."""
    words = _WORD.findall(text)
    cleaned = [sanitise(word) for word in words]
    if "".join(cleaned) != clean:
        words, cleaned = [text], [clean]
    places, reached = [], 0
    for word, after in zip(words, cleaned, strict=True):
        places += [reached + place * len(word) // len(after) for place in range(len(after))]
        reached += len(word)
    return [*places, len(text)]


def _counts(one: MarkedText, spans: Sequence[Span], kind: str) -> tuple[int, int, int, int, int, int]:
    """Marked, found, finds, right, marked characters, those left."""
    marks = [mark for mark in one.marks if label_of(mark.type) == kind]
    finds = [span for span in spans if span[2] == kind]
    return (
        len(marks),
        sum(2 * _covered(mark, finds) >= mark.end - mark.start for mark in marks),
        len(finds),
        sum(any(_overlap(mark, span) for mark in marks) for span in finds),
        sum(mark.end - mark.start for mark in marks),
        sum(mark.end - mark.start - _covered(mark, spans) for mark in marks),
    )


def _covered(mark: Mark, spans: Iterable[Span]) -> int:
    """How many of its characters lie in spans, which do not overlap each other."""
    return sum(_overlap(mark, span) for span in spans)


def _overlap(mark: Mark, span: Span) -> int:
    return max(0, min(mark.end, span[1]) - max(mark.start, span[0]))


def _scored(kind: str, counts: _Counts) -> KindScore:
    """From one row of six counts a text."""
    marked, hit, finds, right, chars, left = (int(total) for total in counts.sum(axis=0))
    return KindScore(
        kind=kind,
        precision=_rate(right, finds),
        recall=_rate(hit, marked),
        f1=_f1_with_interval(counts[:, :4]),
        left=left / chars if chars else None,
    )


def _rate(hits: int, of: int) -> Rate:
    if not of:
        return Rate(None, None, None, 0, 0)
    return Rate(hits / of, *_wilson(hits, of), hits, of)


def _wilson(hits: int, of: int) -> tuple[float, float]:
    share, weight = hits / of, _Z**2 / of
    half = _Z * math.sqrt(share * (1 - share) / of + weight / of / 4)
    low, high = ((share + weight / 2 + side) / (1 + weight) for side in (-half, half))
    return max(min(low, share), 0.0), min(max(high, share), 1.0)


def _f1_with_interval(counts: _Counts) -> F1:
    value = _f1(counts.sum(axis=0))
    if value is None:
        return F1(None, None, None)
    telling = counts[counts.any(axis=1)]
    quiet = len(counts) - len(telling)
    rng = np.random.default_rng(_SEED)
    drawn = rng.multinomial(len(counts), _weights(len(telling), quiet), size=_DRAWS)[:, : len(telling)] @ telling
    values = [one for one in map(_f1, drawn) if one is not None]
    if not values:
        return F1(value, None, None)
    low, high = np.percentile(values, (2.5, 97.5))
    return F1(value, float(low), float(high))


def _weights(telling: int, quiet: int) -> NDArray[np.float64]:
    """Chance of each text that has something to count, and of all others together: they change nothing."""
    return np.append(np.full(telling, 1.0), float(quiet)) / (telling + quiet)


def _f1(totals: _Counts) -> float | None:
    marked, hit, finds, right = (int(total) for total in totals)
    if not marked or not finds:
        return 0.0 if marked else None
    precision, recall = right / finds, hit / marked
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
