"""The parts of one problem: the finest groups that its own mentions bear out.

Average linkage among the rows of one problem, cut where the mean silhouette is best. What lies outside the problem is
not asked: on sets with a long tail, silhouettes that saw the other problems agreed less with what people labelled.
Pure: the same rows in another order get the same parts.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Labels
from insights.grouping.granularity import LINKED, TIGHTNESSES, silhouettes
from insights.grouping.linkage import tree_of
from insights.grouping.neighbours import nearest
from insights.ports import Vectors

LEAST_SCORE = 0.1
"""Mean silhouette below which a problem is one part. Rows strewn about one direction of 256 dimensions, a mean cosine
of a half between them, reach .03 to .07 in the median of 20 draws, from 3 rows to 400."""

LEAST_SHARE = 1.5
"""Rows a group on average; a finer cut is mostly rows alone, and would compare all with all."""


def parts_of(vectors: Vectors, *, counts: NDArray[np.int64] | None = None) -> Labels:
    """Parts of the n rows of one problem, shape (n,), from 0 in order of size; -1 is no part of its own.

    `vectors`: shape (n, dimensions), length 1 or 0, in the fitted space. `counts`: shape (n,), how many rows each
    stands for; a row alone that stands for several is a part. All rows are part 0 where splitting does not help.
    """
    if not len(vectors):
        return np.zeros(0, dtype=np.int64)
    stands = np.ones(len(vectors), dtype=np.int64) if counts is None else counts
    order = _order(vectors, stands)
    found = np.empty(len(vectors), dtype=np.int64)
    found[order] = _by_size(_best_cut(vectors[order]), stands[order])
    return found


def _order(vectors: Vectors, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """By what rows are, not where they stand."""
    rows = np.ascontiguousarray(vectors)
    _, place = np.unique(rows.view(f"V{rows.itemsize * rows.shape[1]}").ravel(), return_inverse=True)
    return np.lexsort((counts, place))


def _best_cut(vectors: Vectors) -> Labels:
    """The cut with the best mean silhouette, the finest of equals."""
    best, score = np.zeros(len(vectors), dtype=np.int64), LEAST_SCORE
    for labels in _cuts(vectors):
        reached = float(silhouettes(vectors, labels).mean())
        if reached >= score:
            best, score = labels, reached
    return best


def _cuts(vectors: Vectors) -> Iterator[Labels]:
    """Each number of groups once, the fewest first."""
    tree = tree_of(vectors, nearest(vectors, LINKED))
    groups = 1
    for tightness in TIGHTNESSES:
        labels = tree.cut(tightness)
        found = int(labels.max()) + 1
        if found * LEAST_SHARE > len(vectors) + 1:
            return
        if found > groups:
            groups = found
            yield labels


def _by_size(labels: Labels, counts: NDArray[np.int64]) -> Labels:
    """Numbered from the largest, equal ones by their first row; what stands for one row is in no part."""
    sizes = np.bincount(labels, weights=counts).astype(np.int64)
    first = np.unique(labels, return_index=True)[1]
    numbers = np.empty(len(sizes), dtype=np.int64)
    numbers[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return np.where((sizes[labels] > 1) | (len(sizes) == 1), numbers[labels], -1).astype(np.int64)
