"""Average linkage among linked rows: the finest groups first, and no table of all pairs.

The mean cosine of two groups is the product of their sums over the product of their sizes, so a group is its sum and
its size. Groups that are each other's nearest merge at once, round by round (reciprocal agglomerative clustering,
Sumengen et al. 2021), which gives the same tree as one merge at a time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from insights.grouping.communities import Labels
from insights.grouping.neighbours import Neighbours
from insights.ports import Vectors

LEAST = 0.02
"""Mean cosine under which nothing is merged: rows drawn at random have 0."""

BLOCK_PAIRS = 100_000

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Tree:
    """Merges in any order: one row of each side, and the mean cosine at which the two sides merged."""

    rows: int
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    likeness: NDArray[np.float32]

    def cut(self, least: float) -> Labels:
        """Groups whose merges all had a mean cosine of `least` or more, shape (n,), numbered from 0."""
        kept = self.likeness >= least
        ones = np.ones(int(kept.sum()), dtype=np.int8)
        merged = csr_matrix((ones, (self.left[kept], self.right[kept])), shape=(self.rows, self.rows))
        labels: Labels = connected_components(merged, directed=False)[1].astype(np.int64)
        return labels


def tree_of(vectors: Vectors, neighbours: Neighbours) -> Tree:
    """Merge the rows of `vectors` (length 1 or 0) along the links between neighbours."""
    pairs = _links(neighbours)
    sums, sizes = vectors.astype(np.float32, copy=True), np.ones(len(vectors), dtype=np.float32)
    names, ceiling = np.arange(len(vectors)), np.ones(len(vectors), dtype=np.float32)
    merges: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]] = []
    while len(pairs[0]):
        likeness = _mean_cosines(pairs, sums, sizes)
        left, right, best = _mutual(pairs, likeness, groups=len(sums))
        if not len(left):
            break
        height = np.minimum(best, np.minimum(ceiling[left], ceiling[right]))  # a tree's merges never get tighter
        merges.append((names[left], names[right], height))
        target = _targets(left, right, groups=len(sums))
        ceiling[left] = height
        kept = np.unique(target)
        place = np.searchsorted(kept, target)
        sums, sizes = _summed(sums, place, groups=len(kept)), np.bincount(place, weights=sizes).astype(np.float32)
        names, ceiling = names[kept], ceiling[kept]
        pairs = _renamed(pairs, place, groups=len(kept))
    columns = [np.concatenate(column) for column in zip(*merges, strict=True)] if merges else [np.zeros(0)] * 3
    return Tree(len(vectors), columns[0].astype(np.int64), columns[1].astype(np.int64), columns[2].astype(np.float32))


def _links(neighbours: Neighbours) -> Pairs:
    rows, count = neighbours.shape
    left, right = np.repeat(np.arange(rows), count), neighbours.ravel()
    known = right >= 0
    return _distinct(left[known], right[known], groups=rows)


def _distinct(left: NDArray[np.int64], right: NDArray[np.int64], *, groups: int) -> Pairs:
    """Each pair of two different groups once, the lower number left."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    keys = np.unique((low * groups + high)[low != high])
    return keys // max(groups, 1), keys % max(groups, 1)


def _mean_cosines(pairs: Pairs, sums: Vectors, sizes: NDArray[np.float32]) -> NDArray[np.float32]:
    products = np.empty(len(pairs[0]), dtype=np.float32)
    for start in range(0, len(products), BLOCK_PAIRS):
        left, right = pairs[0][start : start + BLOCK_PAIRS], pairs[1][start : start + BLOCK_PAIRS]
        products[start : start + len(left)] = np.einsum("ij,ij->i", sums[left], sums[right])
    found: NDArray[np.float32] = products / (sizes[pairs[0]] * sizes[pairs[1]])
    return found


def _mutual(
    pairs: Pairs, likeness: NDArray[np.float32], *, groups: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Pairs of groups that are each other's nearest and alike enough; of equals the first counts."""
    order = np.lexsort((pairs[1], pairs[0], -likeness))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    first = np.full(groups, len(order), dtype=np.int64)
    np.minimum.at(first, pairs[0], rank)
    np.minimum.at(first, pairs[1], rank)
    chosen = np.unique(order[first[first < len(order)]])
    left, right = pairs[0][chosen], pairs[1][chosen]
    mutual = (first[left] == rank[chosen]) & (first[right] == rank[chosen]) & (likeness[chosen] >= LEAST)
    return left[mutual], right[mutual], likeness[chosen][mutual]


def _targets(left: NDArray[np.int64], right: NDArray[np.int64], *, groups: int) -> NDArray[np.int64]:
    target = np.arange(groups)
    target[right] = left
    return target


def _summed(sums: Vectors, place: NDArray[np.int64], *, groups: int) -> Vectors:
    chosen = csr_matrix((np.ones(len(place), np.float32), (place, np.arange(len(place)))), shape=(groups, len(place)))
    return np.asarray(chosen @ sums, dtype=np.float32)


def _renamed(pairs: Pairs, place: NDArray[np.int64], *, groups: int) -> Pairs:
    return _distinct(place[pairs[0]], place[pairs[1]], groups=groups)
