"""Tell what a mention does: problem, request, praise, question or noise.

Pure and fast: a linear model weighs cues, words, pairs of words and pieces of words, the latter three by hash. It is
trained on our own sample by `benchmarks/train_stance.py`, which also prints how good it is on rows held out. Capitals
and strong words alone lower nothing. In doubt a mention is ranked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from insights.domain.feedback import Stance
from insights.text.cues import NOT, phrases_from, word_cues
from insights.text.grams import Run, piece_runs, word_runs

STANCES = (Stance.PROBLEM, Stance.REQUEST, Stance.PRAISE, Stance.QUESTION, Stance.NOISE)
"""The order of the model's columns."""

_RANKED_FROM = 1 / 3
"""A mention is ranked from this chance on of being a problem or a request: to lose one is twice as bad as to see one
more."""
_MOST_CHARACTERS = 1500
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|n/a|[?¿]|[.!\n]|\d+")
_LINK = re.compile(r"https?://\S+|www\.\S+")
_HANDLE = re.compile(r"[@#]\w+|<[A-Z]+>|\{\w+\}")
_GLAD = re.compile(
    "[\U0001f600-\U0001f60f\U0001f618-\U0001f61d\U0001f929\U0001f970\U0001f973\u2764\U0001f493-\U0001f49f\U0001f44d\U0001f44f\U0001f64c\U0001f64f\U0001f389\U0001f4aa\U0001f525\u2b50]"
    "|(?<!\\w)[:;]-?[)D]|<3"
)
_SAD = re.compile(
    "[\U0001f612-\U0001f617\U0001f61e-\U0001f62d\U0001f630-\U0001f633\U0001f641\u2639\U0001f926\U0001f44e\U0001f92c\U0001f494\U0001f644]"
    "|(?<!\\w):-?[(/]"
)
_TURNED_WITHIN = 3
_CUES_COUNTED = 3
_AT_ONCE = 500

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Model:
    """`cues` has a row for each known name, shape (names, 5); `words` and `pieces` one for each bucket, in
    `steps`. `cooling` divides all, so that chances are what they say."""

    index: dict[str, int]
    cues: Weights
    intercept: Weights
    words: NDArray[np.int64]
    pieces: NDArray[np.int64]
    steps: tuple[float, float]
    cooling: float


@cache
def _model() -> _Model:
    with files("insights.text").joinpath("stance_weights.npz").open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        return _Model(
            index={str(name): row for row, name in enumerate(stored["names"])},
            cues=stored["cues"].astype(np.float64),
            intercept=stored["intercept"],
            words=stored["words"].astype(np.int64),
            pieces=stored["pieces"].astype(np.int64),
            steps=(float(stored["steps"][0]), float(stored["steps"][1])),
            cooling=float(stored["cooling"]),
        )


def classify(texts: Sequence[str], *, scores: Sequence[float | None] | None = None) -> list[tuple[Stance, float]]:
    """What each text does, and the chance that this is so (0 to 1): of a problem or request, that it is one of the two.
    `scores` run from 0 to 10, None where there is none."""
    return [chosen(row) for row in chances(texts, scores=scores)]


def chances(texts: Sequence[str], *, scores: Sequence[float | None] | None = None) -> Weights:
    """The chance of each stance, shape (texts, 5), in the order of `STANCES`."""
    if not texts:
        return np.zeros((0, len(STANCES)))
    parts = [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]
    logits = np.concatenate([_logits(part) for part in parts])
    if scores is not None:
        logits += np.array([_score_leaning(score) for score in scores])
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _logits(bare: Sequence[str]) -> Weights:
    model, texts = _model(), [plain(text) for text in bare]
    logits = np.tile(model.intercept, (len(texts), 1))
    for row, text in enumerate(texts):
        known = [model.index[name] for name in sorted(cues_of(text)) if name in model.index]
        if known:
            logits[row] += model.cues[known].sum(axis=0)
    words = [text.words for text in texts]
    logits += model.steps[0] * _mean(word_runs(words), model.words, size=len(texts))
    logits += model.steps[1] * _mean(piece_runs(words), model.pieces, size=len(texts))
    return np.asarray(logits / model.cooling)


def _mean(runs: Sequence[Run], weights: NDArray[np.int64], *, size: int) -> Weights:
    """The sum of each text's weights over the root of their number. Whole numbers: the same on every machine, whatever
    texts stand beside it."""
    sums = np.zeros((size, weights.shape[1]), dtype=np.int64)
    counts = np.zeros(size, dtype=np.int64)
    for rows, buckets in runs:
        running = np.zeros((len(rows) + 1, weights.shape[1]), dtype=np.int64)
        np.cumsum(weights[buckets], axis=0, out=running[1:])
        ends = np.searchsorted(rows, np.arange(size + 1))
        sums += running[ends[1:]] - running[ends[:-1]]
        counts += np.diff(ends)
    return np.asarray(sums / np.sqrt(np.maximum(counts, 1))[:, None])


def chosen(row: Weights) -> tuple[Stance, float]:
    """What a row of chances comes to, and how sure that is."""
    ranked = float(row[0] + row[1])
    is_ranked = ranked >= _RANKED_FROM and ranked > row[2]
    column = int(row[:2].argmax()) if is_ranked else 2 + int(row[2:].argmax())
    return STANCES[column], round(ranked if column < 2 else float(row[column]), 3)


def _score_leaning(score: float | None) -> tuple[float, ...]:
    """What a score from 0 to 10 adds to each stance: detractors seldom praise, promoters may still ask for
    something."""
    if score is None:
        return (0.0, 0.0, 0.0, 0.0, 0.0)
    if score <= 4:
        return (1.6, 0.2, -2.0, 0.0, 0.0)
    if score <= 6:
        return (1.0, 0.4, -1.2, 0.0, 0.0)
    return (0.0, 0.2, 0.2, 0.0, 0.0) if score < 9 else (-0.9, 0.0, 0.9, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Plain:
    """What of a text is looked at: its beginning, and its words and marks in lower case, without links and handles."""

    text: str
    words: tuple[str, ...]


def plain(text: str) -> Plain:
    """The first 1,500 characters count: what somebody wants is said by then, and time stays bounded."""
    text = text[:_MOST_CHARACTERS]
    is_marked = "@" in text or "#" in text or "<" in text or "http" in text or "{" in text
    spoken = _HANDLE.sub(" ", _LINK.sub(" ", text)) if is_marked else text
    return Plain(text, tuple(_WORD.findall(spoken.casefold().replace("’", "'"))))


def cues_of(text: Plain) -> set[str]:
    """Names of what can be seen by looking words up: cues, turned cues, form."""
    found = {name for name, count in _cue_counts(text.words).items() for name in _graded(name, count)}
    found.update(_form(text.text, text.words))
    return found | set(_together(found))


def _graded(name: str, count: int) -> Iterator[str]:
    for least in range(1, min(count, _CUES_COUNTED) + 1):
        yield f"{name}{least}"


def _cue_counts(words: Sequence[str]) -> dict[str, int]:
    """How often each cue occurs; after a negation it counts as its own turned form."""
    counts: dict[str, int] = {}
    turned_until = -1
    covered = 0
    for place, word in enumerate(words):
        if word in ".!\n?":
            turned_until = -1
            continue
        cues, length = _cues_at(words, place)
        sign = "not:" if place <= turned_until else "cue:"
        if place >= covered or length > 1:
            for cue in cues:
                counts[f"{sign}{cue}"] = counts.get(f"{sign}{cue}", 0) + 1
            covered = max(covered, place + length)
        if word in NOT:
            turned_until = place + _TURNED_WITHIN
    return counts


def _cues_at(words: Sequence[str], place: int) -> tuple[Iterable[str], int]:
    """The cues that begin at a word, and over how many words they reach."""
    for tail, cue in phrases_from(words[place]):
        if tuple(words[place + 1 : place + 1 + len(tail)]) == tail:
            return (cue,), 1 + len(tail)
    return word_cues(words[place]), 1


def _form(text: str, words: Sequence[str]) -> Iterator[str]:
    """What can be seen without reading."""
    spoken = [word for word in words if word not in ".!?¿\n"]
    yield f"form:words{min(len(spoken), 3) if len(spoken) < 4 else 4 + min(3, len(spoken) // 10)}"
    if words and words[-1] == "?":
        yield "form:asks-last"
    if "?" in words:
        yield "form:asks"
    if spoken and (opening := word_cues(spoken[0])):
        yield from (f"form:opens-{cue}" for cue in opening)
    if not text.isascii() or ":" in text or ";" in text:
        if _GLAD.search(text):
            yield "form:glad"
        if _SAD.search(text):
            yield "form:sad"


def _together(found: set[str]) -> Iterator[str]:
    """Cues that change each other's meaning."""
    complains = "cue:FAIL1" in found or "cue:BAD1" in found or "not:PRAISE1" in found
    mood = "complains" if complains else "doubts" if "cue:DOUBT1" in found else "only"
    for cue in ("PRAISE", "THANKS"):
        if f"cue:{cue}1" in found:
            yield f"both:{cue}-{mood}"
            if f"cue:{cue}2" in found:
                yield f"both:{cue}2-{mood}"
            if "cue:BUT1" in found:
                yield f"both:{cue}-but"
    if "cue:ASK1" in found or "form:asks" in found:
        yield f"both:asks-{mood}"
        if "cue:WISH1" in found:
            yield "both:asks-wish"
    if not complains and not any(f"cue:{cue}1" in found for cue in ("PRAISE", "THANKS", "WISH", "ASK")):
        yield "both:none"
