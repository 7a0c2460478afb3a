"""Tell what a mention does: problem, request, praise, question or noise.

Pure and fast: cues and words are looked up, and a small linear model, trained on our own sample by
`benchmarks/train_stance.py`, weighs them. Capitals and strong words alone lower nothing. In doubt a mention is ranked.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from insights.domain.feedback import Stance
from insights.text.cues import NOT, phrases_from, word_cues

STANCES = (Stance.PROBLEM, Stance.REQUEST, Stance.PRAISE, Stance.QUESTION, Stance.NOISE)
"""The order of the model's columns."""

_RANKED_FROM = 0.33
"""A mention is ranked from this chance on of being a problem or a request: to lose one is worse than to see "
"one more."""
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

Weights = NDArray[np.float32]
"""Shape (features, 5); the last row is the intercept."""


@dataclass(frozen=True, slots=True)
class _Model:
    index: dict[str, int]
    weights: Weights


@cache
def _model() -> _Model:
    stored = json.loads(files("insights.text").joinpath("stance_weights.json").read_text("utf-8"))
    rows = np.array([*stored["weights"].values(), stored["intercept"]], dtype=np.float32) / stored["scale"]
    return _Model({name: row for row, name in enumerate(stored["weights"])}, rows)


def classify(texts: Sequence[str], *, scores: Sequence[float | None] | None = None) -> list[tuple[Stance, float]]:
    """What each text does, and how sure that is (0 to 1). `scores` run from 0 to 10, None where there is none."""
    if not texts:
        return []
    model = _model()
    logits = np.tile(model.weights[-1], (len(texts), 1))
    for row, text in enumerate(texts):
        known = [model.index[name] for name in features(text) if name in model.index]
        if known:
            logits[row] += model.weights[known].sum(axis=0)
    if scores is not None:
        logits += np.array([_score_leaning(score) for score in scores], dtype=np.float32)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return [_chosen(row) for row in odds / odds.sum(axis=1, keepdims=True)]


def _chosen(chances: Weights) -> tuple[Stance, float]:
    ranked = float(chances[0] + chances[1])
    is_ranked = ranked >= _RANKED_FROM and ranked > chances[2]
    column = int(chances[:2].argmax()) if is_ranked else 2 + int(chances[2:].argmax())
    return STANCES[column], round(ranked if column < 2 else float(chances[column]), 3)


def _score_leaning(score: float | None) -> tuple[float, ...]:
    """What a score from 0 to 10 adds to each stance: detractors seldom praise, promoters may still ask for "
    "something."""
    if score is None:
        return (0.0, 0.0, 0.0, 0.0, 0.0)
    if score <= 4:
        return (1.6, 0.2, -2.0, 0.0, 0.0)
    if score <= 6:
        return (1.0, 0.4, -1.2, 0.0, 0.0)
    return (0.0, 0.2, 0.2, 0.0, 0.0) if score < 9 else (-0.9, 0.0, 0.9, 0.0, 0.0)


def features(text: str) -> set[str]:
    """Names of what the model knows to weigh in the text: cues, turned cues, words, form."""
    text = text[:_MOST_CHARACTERS]
    plain = (
        _HANDLE.sub(" ", _LINK.sub(" ", text))
        if "@" in text or "#" in text or "<" in text or "http" in text or "{" in text
        else text
    )
    words = _WORD.findall(plain.casefold().replace("’", "'"))
    found = {name for name, count in _cue_counts(words).items() for name in _graded(name, count)}
    found.update(f"w:{word}" for word in words)
    found.update(f"w:{left} {right}" for left, right in pairwise(words))
    found.update(_form(text, words))
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
