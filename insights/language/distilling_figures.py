"""How well a small classifier's answers agree with those that a language model gave, each figure with its interval.

Pure: answers in, figures out. Intervals are for 95 %: of precision, recall and F1 from 1,000 draws of whole groups with
replacement, of shares by Wilson, whose interval does not shrink to a point where all are right.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.grouping.scores import Figure

DRAWS = 1_000
ONE_ERROR, INTERVAL = 1.0, 1.959964
"""Standard errors: of a cautious estimate, and of a 95 % interval."""

Counts = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quality:
    """Precision: share of what is told so that is so. Recall: share of what is so that is told so."""

    precision: Figure
    recall: Figure
    f1: Figure


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """One answer: how many held-out rows have it, how well it is told, and the chance (0 to 1) from which it is sure;
    None where it never is."""

    answer: str
    rows: int
    quality: Quality
    sure_from: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a classifier does on the `held_out` of its `rows`, which it was not trained on.

    `mean` is that of all answers, each weighing the same (macro); `before` the mean F1 on the same rows of what is told
    without the classifier. `sure` is the share of the held-out rows that it is sure of, `sure_precision` the share of
    these that it tells right, `precision` what was asked for. `strength` is the C that was chosen."""

    rows: int
    held_out: int
    answers: tuple[AnswerFigures, ...]
    mean: Quality
    before: Figure
    sure: Figure
    sure_precision: Figure
    precision: float
    strength: float

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def figures_of(text: str) -> Figures:
    """The other way."""
    said = json.loads(text)
    answers = tuple(
        AnswerFigures(one["answer"], one["rows"], _quality_of(one["quality"]), one["sure_from"])
        for one in said.pop("answers")
    )
    told: dict[str, Any] = {name: Figure(**said.pop(name)) for name in ("before", "sure", "sure_precision")}
    return Figures(answers=answers, mean=_quality_of(said.pop("mean")), **told, **said)


def _quality_of(said: dict[str, dict[str, float]]) -> Quality:
    return Quality(*(Figure(**said[name]) for name in ("precision", "recall", "f1")))


def refusal(figures: Figures) -> str:
    """Why a classifier is not to be used; empty where it is."""
    if (figures.mean.f1.value or 0) <= (figures.before.value or 0):
        return "it agrees with the model no better than what is told without it"
    if not figures.sure.value:
        return f"it is {figures.precision:.0%} sure of no answer"
    if (figures.sure_precision.high or 0) < figures.precision:
        return f"of what it is sure of, less than {figures.precision:.0%} is right on the answers held out"
    return ""


def qualities(
    truth: Counts, told: Counts, groups: Counts, *, answers: int, seed: int = 0
) -> tuple[list[Quality], Quality]:
    """Of each answer (numbers from 0 to `answers`), and their mean over the answers that occur in `truth`. All three
    arrays have the shape (n,); rows of one group are drawn together. `told` may hold other numbers."""
    place = np.unique(groups, return_inverse=True)[1]
    counts = [_by_group(truth, told, place, answer) for answer in range(answers)]
    draws = _draws(int(place.max(initial=-1)) + 1, seed=seed)
    scores = np.stack([_scores(draws @ some) for some in counts])  # answers, draws, three scores
    occur = np.unique(truth)
    with np.errstate(invalid="ignore"):
        mean = np.nanmean(scores[occur], axis=0)
    return [_quality(one) for one in scores], _quality(mean)


def _by_group(truth: Counts, told: Counts, place: Counts, answer: int) -> Values:
    """Right ones, told ones, real ones in each group: shape (groups, 3)."""
    is_told, is_so = told == answer, truth == answer
    size = int(place.max(initial=-1)) + 1
    return np.stack([np.bincount(place[rows], minlength=size) for rows in (is_told & is_so, is_told, is_so)], axis=1)


def _draws(groups: int, *, seed: int) -> Values:
    """How often each group counts: once in the first row, then as drawn with replacement. Shape (1 + DRAWS, groups)."""
    drawn = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=DRAWS)
    return np.vstack([np.ones(groups), drawn])


def _scores(counts: Values) -> Values:
    """Precision, recall and F1 from right, told and real ones, shape (draws, 3); without any of either, nothing."""
    right, told, real = counts.T
    scores = np.stack(
        [right / np.maximum(told, 1), right / np.maximum(real, 1), 2 * right / np.maximum(told + real, 1)]
    )
    return np.where(told + real > 0, scores, np.nan).T


def _quality(scores: Values) -> Quality:
    return Quality(*(_figure(column) for column in scores.T))


def _figure(values: Values) -> Figure:
    """The figure of all rows, which comes first, and where 95 of 100 draws lie."""
    if not np.isfinite(values[0]):
        return Figure(None, None, None)
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return Figure(float(values[0]), float(low), float(high))


def share(hits: int, count: int) -> Figure:
    """So many of so many, with Wilson's interval; nothing of none."""
    if not count:
        return Figure(None, None, None)
    low, high = wilson(np.array([hits]), np.array([count]), errors=INTERVAL)
    return Figure(hits / count, float(low[0]), float(high[0]))


def wilson(hits: Counts, counts: Counts, *, errors: float) -> tuple[Values, Values]:
    """The ends of the interval of a share that reaches so many standard errors to each side (Wilson 1927)."""
    p, spread = hits / counts, errors * errors / counts
    middle = p + spread / 2
    reach = np.sqrt(spread * (p * (1 - p) + spread / 4))
    return (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
