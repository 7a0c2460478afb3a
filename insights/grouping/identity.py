"""Problems keep their id from night to night.

Known problems take the rows that are as near as their own rows are; what is left is grouped afresh, and a new
group that holds most of a known problem's rows continues it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Labels
from insights.grouping.features import unit
from insights.grouping.granularity import sums_of
from insights.ports import Vectors

FLOOR_QUANTILE = 0.2
"""Rows less alike than a fifth of a group's own rows are pooled and grouped again: that finds what is new."""

LEAST_OVERLAP = 0.5
"""Of the smaller of the two; with less, decisions would be carried to other complaints."""

BLOCK_ROWS = 8_192


def floors_of(vectors: Vectors, labels: Labels) -> tuple[Vectors, NDArray[np.float32]]:
    """Centroids, shape (groups, dimensions), and how alike a row must be to belong, shape (groups,).

    Groups are numbered from 0; rows with -1 are left out. A number that no row has gets a centroid of 0 and a
    floor above 1, so that nothing attaches to it.
    """
    groups = int(labels.max(initial=-1)) + 1
    centroids = unit(sums_of(vectors, labels, groups=groups))
    floors = np.full(groups, 2, dtype=np.float32)
    kept = np.flatnonzero(labels >= 0)
    own = np.einsum("ij,ij->i", vectors[kept], centroids[labels[kept]])
    order = np.argsort(labels[kept], kind="stable")
    present, starts = np.unique(labels[kept][order], return_index=True)
    for group, similarities in zip(present, np.split(own[order], starts[1:]), strict=False):
        floors[group] = np.quantile(similarities, FLOOR_QUANTILE)
    return centroids, floors


def attach(
    vectors: Vectors, *, centroids: Vectors, floors: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Index of the centroid nearest to each row, or -1 where that is below its floor; and the cosine to it.

    `vectors` has shape (n, dimensions), `centroids` (groups, dimensions); rows of both have length 1.
    """
    nearest = np.full(len(vectors), -1, dtype=np.int64)
    similarity = np.zeros(len(vectors), dtype=np.float32)
    if not len(centroids):
        return nearest, similarity
    for start in range(0, len(vectors), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        likeness = vectors[part] @ centroids.T
        nearest[part] = likeness.argmax(axis=1)
        similarity[part] = likeness.max(axis=1)
    nearest[similarity < floors[nearest]] = -1
    return nearest, similarity


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
