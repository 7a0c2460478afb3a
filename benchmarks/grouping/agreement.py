"""How well groups agree with labels: the scores of `insights evaluate`, without their intervals.

A row of no group is a group of its own, for every method alike.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.grouping.sets import SEPARATOR

SMALLEST_TOLD = 5

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts and scores of one grouping; `large` are the groups of five rows or more."""

    labels: int
    groups: int
    large: int
    left_out: float
    ami: float
    ari: float
    v_measure: float
    bcubed_f1: float


def agreement(true: Sequence[str], found: Labels) -> Agreement:
    """Compare n groups with n labels, one each."""
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    numbers, alone = numbered(true), with_own_groups(found)
    groups, large = counted(found)
    precision, recall = bcubed_of(true, found)
    return Agreement(
        labels=len(set(true)),
        groups=groups,
        large=large,
        left_out=float((found < 0).mean()),
        ami=ami(numbers, alone),
        ari=float(adjusted_rand_score(numbers, alone)),
        v_measure=_quiet(v_measure_score, numbers, alone),
        bcubed_f1=harmonic(precision, recall),
    )


def ami(left: Labels, right: Labels) -> float:
    """Adjusted mutual information of two partitions."""
    from sklearn.metrics import adjusted_mutual_info_score

    return _quiet(adjusted_mutual_info_score, left, right)


def bcubed_of(true: Sequence[str], found: Labels) -> tuple[float, float]:
    """Precision and recall, in the extended form where a row has several labels; every row has one or more."""
    from insights.grouping.bcubed import Pairs, bcubed, kinds_of

    split = [label.split(SEPARATOR) for label in true]
    names = {name: number for number, name in enumerate(sorted({name for one in split for name in one}))}
    given = np.array([(row, names[name]) for row, one in enumerate(split) for name in one], dtype=np.int64)
    grouped = np.flatnonzero(found >= 0)
    kinds = kinds_of(Pairs(given[:, 0], given[:, 1]), Pairs(grouped, found[grouped]), items=len(found))
    precision, recall = bcubed(kinds, np.ones((1, len(found)), dtype=bool))[0]
    return float(precision), float(recall)


def counted(found: Labels) -> tuple[int, int]:
    """Number of groups, and of those with five rows or more."""
    sizes = np.bincount(found[found >= 0])
    return int((sizes > 0).sum()), int((sizes >= SMALLEST_TOLD).sum())


def harmonic(left: float, right: float) -> float:
    """The harmonic mean; 0 where both are."""
    return 2 * left * right / (left + right) if left + right else 0.0


def numbered(names: Sequence[str]) -> Labels:
    """A number for each distinct name."""
    return np.unique(np.asarray(names, dtype=object), return_inverse=True)[1].astype(np.int64)


def with_own_groups(found: Labels) -> Labels:
    """Every row of no group gets a number of its own."""
    return np.where(found >= 0, found, int(found.max(initial=-1)) + 1 + np.arange(len(found)))


def _quiet(function: Callable[..., float], *arguments: Labels) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that many groups look like a measured quantity
        return float(function(*arguments))
