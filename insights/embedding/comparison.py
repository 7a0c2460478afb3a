"""What other weights cost and bring: two embedders side by side on the same texts.

Pure but for the clock; stores nothing. **Neighbours kept** is, for each text, the share of its ten nearest texts that
are also among its ten nearest by the other embedder. **Label accuracy** is the share of texts whose nearest ten, the
text itself left out, have most often a label that it has, too (of equally frequent labels that of the nearest).

Intervals are for 95 %: Wilson's for a share of texts, a bootstrap over texts for means and for the difference of two
shares. They say what other texts of the same kind would change.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from insights.errors import InsightsError
from insights.ports import Embedder, Progress, Vectors
from insights.text.clean import analysed_body
from insights.text.meaning import meaning_of

NEIGHBOURS = 10
FEWEST_TEXTS = 100
"""With fewer, a tenth of all texts are neighbours, and most are kept whatever the weights are."""

ROUNDS = 10
"""Turns that the embedders take: what else the machine does meets both, and the median leaves it out."""

_WARMING = 32
_LEAST_SECONDS = 1e-6
"""Clocks of processes may stand still for milliseconds."""

_DRAWS = 2_000
_BLOCK = 1_000
_Z = 1.959964

Labels = tuple[str, ...]
_Rows = NDArray[np.int64]
_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """Distinct texts, none blank, and the labels of each where people gave some."""

    texts: tuple[str, ...]
    labels: tuple[Labels, ...] | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share, or a difference of shares, from 0 to 1, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians over the rounds. CPU seconds are those of all threads, for 1,000 texts."""

    texts_per_second: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class LabelAccuracy:
    """`change` is after less before, on the same texts."""

    labels: int
    before: Share
    after: Share
    change: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`times_as_fast` and `cpu_share` are medians of after by before, round by round."""

    texts: int
    rounds: int
    before: Speed
    after: Speed
    times_as_fast: float
    cpu_share: float
    neighbours_kept: Share
    accuracy: LabelAccuracy | None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one embedder took for the texts of one round."""

    texts: int
    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class _Run:
    """All vectors of one embedder, and its turns."""

    vectors: Vectors
    turns: list[_Turn]


def trial_of(texts: Sequence[str], labels: Sequence[Labels] | None = None) -> Trial:
    """Cleaned as an analysis cleans them; of texts that are then the same the first.

    Raises InsightsError where they are too few, or where their labels leave nothing to compare.
    """
    first: dict[str, int] = {}
    for number, text in enumerate(texts):
        first.setdefault(meaning_of(analysed_body(text)).strip(), number)
    first.pop("", None)
    if len(first) < FEWEST_TEXTS:
        raise InsightsError(
            f"{len(first)} different texts are too few to compare neighbours.",
            remedy=f"Take {FEWEST_TEXTS} or more.",
        )
    if labels is None:
        return Trial(tuple(first))
    kept = tuple(labels[number] for number in first.values())
    _require_repeated(kept)
    return Trial(tuple(first), kept)


def _require_repeated(labels: Sequence[Labels]) -> None:
    """Two labels or more, and one that repeats: else every text is right, or none."""
    counts = Counter(name for names in labels for name in names)
    if len(counts) < 2 or max(counts.values(), default=0) < 2:
        raise InsightsError(
            "Every text has the same label." if len(counts) == 1 else "No two texts share a label.",
            remedy="Name a column with two labels or more, whose values repeat, with --label.",
        )


def compare(before: Embedder, after: Embedder, trial: Trial, *, progress: Progress) -> Comparison:
    """Embed the texts of a trial with both, in turns, and compare what came out."""
    one, other = _embedded_in_turns((before, after), trial.texts, progress=progress)
    near, near_after = nearest(one.vectors), nearest(other.vectors)
    pairs = list(zip(one.turns, other.turns, strict=True))
    return Comparison(
        texts=len(trial.texts),
        rounds=len(pairs),
        before=_speed(one.turns),
        after=_speed(other.turns),
        times_as_fast=median(slow.wall_seconds / fast.wall_seconds for slow, fast in pairs),
        cpu_share=median(less.cpu_seconds / more.cpu_seconds for more, less in pairs),
        neighbours_kept=_mean(kept_neighbours(near, near_after)),
        accuracy=_accuracy(near, near_after, trial.labels) if trial.labels else None,
    )


def _embedded_in_turns(
    embedders: tuple[Embedder, Embedder], texts: Sequence[str], *, progress: Progress
) -> tuple[_Run, _Run]:
    """Every round takes each tenth text, so that rounds are alike; who begins changes from round to round."""
    runs = tuple(_Run(np.zeros((len(texts), which.dimensions), dtype=np.float32), []) for which in embedders)
    for which in embedders:
        which.embed(texts[:_WARMING])  # what loading and first calls take is not the speed of a night
    for turn in range(ROUNDS):
        progress("comparing", turn, ROUNDS)
        chosen = texts[turn::ROUNDS]
        for place in (0, 1) if turn % 2 == 0 else (1, 0):
            wall, cpu = time.perf_counter(), time.process_time()
            runs[place].vectors[turn::ROUNDS] = embedders[place].embed(chosen)
            took = (time.perf_counter() - wall, time.process_time() - cpu)
            runs[place].turns.append(_Turn(len(chosen), *(max(seconds, _LEAST_SECONDS) for seconds in took)))
    progress("comparing", ROUNDS, ROUNDS)
    return runs[0], runs[1]


def _speed(turns: Sequence[_Turn]) -> Speed:
    return Speed(
        median(turn.texts / turn.wall_seconds for turn in turns),
        median(1_000 * turn.cpu_seconds / turn.texts for turn in turns),
    )


def nearest(vectors: Vectors) -> _Rows:
    """The rows of the ten nearest others of each, nearest first: shape (n, 10), n above 10. Never n x n at a time."""
    found = [_nearest_to(vectors, start) for start in range(0, len(vectors), _BLOCK)]
    return np.vstack(found)


def _nearest_to(vectors: Vectors, start: int) -> _Rows:
    alike = vectors[start : start + _BLOCK] @ vectors.T
    rows = np.arange(len(alike))
    alike[rows, rows + start] = -np.inf
    chosen = np.argpartition(-alike, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    order = np.argsort(-np.take_along_axis(alike, chosen, axis=1), axis=1, kind="stable")
    return np.take_along_axis(chosen, order, axis=1)


def kept_neighbours(before: _Rows, after: _Rows) -> _Values:
    """For each row the share of its neighbours `before`, shape (n, k), that are among those `after`."""
    kept: _Values = (before[:, :, None] == after[:, None, :]).any(axis=2).mean(axis=1)
    return kept


def _accuracy(before: _Rows, after: _Rows, labels: Sequence[Labels]) -> LabelAccuracy:
    was, now = (np.fromiter(_are_right(near, labels), dtype=np.float64) for near in (before, after))
    return LabelAccuracy(
        labels=len({name for names in labels for name in names}),
        before=_wilson(was),
        after=_wilson(now),
        change=_mean(now - was),
    )


def _are_right(near: _Rows, labels: Sequence[Labels]) -> Iterator[bool]:
    for names, rows in zip(labels, near.tolist(), strict=True):
        # A Counter keeps the order in which labels came, so that of equal ones the nearest is told first.
        votes = Counter(name for row in rows for name in labels[row])
        yield bool(votes) and votes.most_common(1)[0][0] in names


def _mean(values: _Values) -> Share:
    """By bootstrap, the same for the same values."""
    draw = np.random.default_rng(0)
    means = [values[draw.integers(len(values), size=len(values))].mean() for _ in range(_DRAWS)]
    low, high = np.quantile(means, (0.025, 0.975))
    return Share(float(values.mean()), float(low), float(high))


def _wilson(is_right: _Values) -> Share:
    share, number = float(is_right.mean()), len(is_right)
    centre = share + _Z**2 / (2 * number)
    half = _Z * ((share * (1 - share) + _Z**2 / (4 * number)) / number) ** 0.5
    whole = 1 + _Z**2 / number
    # Rounding would leave 0 and 1 just outside of their own intervals.
    return Share(share, min((centre - half) / whole, share), max((centre + half) / whole, share))
