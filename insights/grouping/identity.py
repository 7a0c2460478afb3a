"""Problems keep their identity when everything is grouped afresh.

The new grouping starts from the old one and keeps it where it is about as good as one made from nothing; else groups
made from nothing continue the problems with which they share most rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Labels
from insights.grouping.copies import collapse
from insights.grouping.granularity import choose, silhouettes
from insights.grouping.group import FEW_ROWS, WEAK_SCORE, compact, without_loners
from insights.grouping.placing import FEWEST_OF_MANY, continued
from insights.grouping.space import Space, fit
from insights.ports import Vectors

CLEARLY_BETTER = 1.6
"""Times the score of the grouping carried on that one made from nothing must have to replace it."""

LEAST_OVERLAP = 0.5
"""Of the smaller of the two; with less, decisions would be carried to other complaints."""


@dataclass(frozen=True, slots=True)
class Regrouped:
    """`labels`: int64, shape (n,): a known group's number where that is continued, from the number of known groups
    on a new one, -1 none. `combined`: the rows in the new `space`. `stands`: the row that each row was grouped as, its
    own number where it is no copy. `kept`: share of the known rows that stayed."""

    labels: Labels
    combined: Vectors
    stands: NDArray[np.int64]
    space: Space
    kept: float
    score: float
    is_weak: bool


def regroup(
    vectors: Vectors, texts: Sequence[str], known: Labels, *, fixed: NDArray[np.bool_], seed: int = 0
) -> Regrouped:
    """Group n rows afresh: `vectors` of any embedder, their `texts`, and the group that each is in so far (-1 is
    none). Rows of `fixed` keep theirs."""
    stands, copies = collapse(texts)
    kept_texts = [texts[row] for row in stands.tolist()]
    space = fit(np.asarray(vectors)[stands], kept_texts, seed=seed)
    combined = space.place(np.asarray(vectors)[stands], kept_texts)
    counts = np.bincount(copies, minlength=len(stands))
    groups = int(known.max(initial=-1)) + 1
    labels = _best(combined, known[stands], groups=groups, counts=counts, seed=seed)[copies]
    labels = _numbered(np.where(fixed, known, labels), groups=groups)
    before = known >= 0
    grouped = labels[stands] >= 0
    score = float(silhouettes(combined[grouped], compact(labels[stands][grouped])).mean()) if grouped.any() else 0.0
    return Regrouped(
        labels=labels,
        combined=combined[copies],
        stands=stands[copies],
        space=space,
        kept=float((labels[before] == known[before]).mean()) if before.any() else 1.0,
        score=score,
        is_weak=len(stands) < FEW_ROWS or score < WEAK_SCORE,
    )


def _best(combined: Vectors, known: Labels, *, groups: int, counts: NDArray[np.int64], seed: int) -> Labels:
    """The known grouping carried on, unless one made from nothing is clearly better."""
    fresh = choose(combined, seed=seed)
    cut = without_loners(combined, fresh.labels, counts)
    if not (known >= 0).any():
        return cut
    carried = continued(combined, known, groups=groups, fewest=FEWEST_OF_MANY, seed=seed)
    if float(silhouettes(combined, compact(carried.labels)).mean()) * CLEARLY_BETTER >= fresh.score:
        return without_loners(combined, carried.labels, counts, known=groups)
    heirs = match(np.where(known >= 0, known + 1, 0), cut)
    found = np.unique(cut[cut >= 0])
    numbers = {int(group): heirs[int(group)] - 1 if int(group) in heirs else groups + int(group) for group in found}
    return np.asarray([numbers.get(int(label), -1) for label in cut], dtype=np.int64)


def _numbered(labels: Labels, *, groups: int) -> Labels:
    """New groups numbered on from the known ones, without gaps."""
    new = np.unique(labels[labels >= groups])
    return np.where(labels >= groups, groups + np.searchsorted(new, labels), labels).astype(np.int64)


def match(known: Sequence[int] | NDArray[np.int64], labels: Labels) -> dict[int, int]:
    """The problem that each of tonight's groups continues: label -> problem id, one to one.

    `known` holds each row's problem id before (0 is none), `labels` tonight's groups (-1 is none). Groups and
    problems are paired for the largest number of shared rows (Kuhn 1955); pairs that share less than half of
    the smaller of the two are dropped.
    """
    from scipy.optimize import linear_sum_assignment

    problems, groups, shared = _shared(np.asarray(known, dtype=np.int64), labels)
    smaller = np.minimum(_sizes(known, problems)[:, None], _sizes(labels, groups)[None, :])
    eligible = np.where(shared >= LEAST_OVERLAP * smaller, shared, 0)
    rows, columns = linear_sum_assignment(eligible, maximize=True)
    return {
        int(groups[column]): int(problems[row])
        for row, column in zip(rows, columns, strict=True)
        if eligible[row, column] > 0
    }


def _shared(known: NDArray[np.int64], labels: Labels) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Problem ids, group labels, and the rows each pair shares, shape (problems, groups)."""
    problems, groups = np.unique(known[known > 0]), np.unique(labels[labels >= 0])
    both = (known > 0) & (labels >= 0)
    shared = np.zeros((len(problems), len(groups)), dtype=np.int64)
    pairs = np.searchsorted(problems, known[both]), np.searchsorted(groups, labels[both])
    np.add.at(shared, pairs, 1)
    return problems, groups, shared


def _sizes(values: Sequence[int] | NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the sorted `values` equal each of `numbers`."""
    ordered = np.sort(np.asarray(values, dtype=np.int64))
    upper = np.searchsorted(ordered, numbers, side="right")
    return upper - np.searchsorted(ordered, numbers, side="left")
