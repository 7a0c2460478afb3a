"""What is known of groups once they are found: enough to place new rows without looking at the old ones.

Pure: arrays in, arrays out. All rows have length 1 (or 0) and lie in one space.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Labels
from insights.grouping.granularity import sums_of
from insights.grouping.space import unit
from insights.ports import Vectors

CORE_QUANTILE = 0.5
"""New rows less alike than half of a group's own rows are pooled and grouped again: that finds what is new. At a fifth,
half of a new kind of complaint next to a known one would join that."""

FLOOR_QUANTILE = 0.2
"""Rows less alike than a fifth of a group's own rows are in it loosely."""

EDGE_QUANTILE = 0.02
"""Rows of the pool that are in no new group still belong where the outermost rows of a known group are."""

FEWEST_OF_GROUP = 5
"""Rows of a group in a sample."""

NOTHING = 2.0
"""A floor that no cosine reaches: for a group without rows."""

NOWHERE = -2.0
"""Below any cosine: of a group that is empty, barred or named already."""

NEAREST = 2
"""Groups that are told of each row."""

ALSO = 2
"""Further groups that a row may state."""

UNSAID, SAID = 0.15, 0.3
"""Cosines to another centroid of what a row says beyond its own group, and of all that it says, from which on it may
state that, too. Right are 38 % of what is found on the sample firm, where most items state one thing; 51, 69 and 83 %
with .35, .40 and .45 for the second. On nlupp, where most state several, pairs have their best F1 at about .3."""

BLOCK_ROWS = 8_192


@dataclass(frozen=True, slots=True)
class Centres:
    """Groups by number. `sums`: (groups, dimensions), the sum of each group's rows. `sizes`, `floors`, `edges`:
    (groups,). `cores` are cosines to the centroid that half of a group's own rows reach, `floors` four fifths, `edges`
    nearly all."""

    sums: Vectors
    sizes: NDArray[np.float32]
    cores: NDArray[np.float32]
    floors: NDArray[np.float32]
    edges: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.sums)

    @property
    def centroids(self) -> Vectors:
        """Shape (groups, dimensions), of length 1."""
        return unit(self.sums)

    @property
    def means(self) -> Vectors:
        """Shape (groups, dimensions): the product with a row is its mean cosine to the group's rows."""
        return (self.sums / np.maximum(self.sizes, 1)[:, None]).astype(np.float32)

    @property
    def tightness(self) -> NDArray[np.float32]:
        """Mean cosine of two different rows of a group, shape (groups,); 1 for a group of one."""
        squares = np.einsum("ij,ij->i", self.sums, self.sums)
        pairs = self.sizes * (self.sizes - 1)
        found: NDArray[np.float32] = np.where(self.sizes > 1, (squares - self.sizes) / np.maximum(pairs, 1), 1)
        return found.astype(np.float32)


def centres_of(vectors: Vectors, labels: Labels, *, groups: int | None = None) -> Centres:
    """Centres of groups numbered from 0; rows with -1 are left out. A number that no row has gets a floor above 1,
    so that nothing attaches to it."""
    count = int(labels.max(initial=-1)) + 1 if groups is None else groups
    sums = sums_of(vectors, labels, groups=count)
    sizes = np.bincount(labels[labels >= 0], minlength=count).astype(np.float32)
    reached = np.full((3, count), NOTHING, dtype=np.float32)
    kept = np.flatnonzero(labels >= 0)
    own = np.einsum("ij,ij->i", vectors[kept], unit(sums)[labels[kept]])
    order = np.argsort(labels[kept], kind="stable")
    present, starts = np.unique(labels[kept][order], return_index=True)
    for group, similarities in zip(present, np.split(own[order], starts[1:]), strict=False):
        reached[:, group] = np.quantile(similarities, (CORE_QUANTILE, FLOOR_QUANTILE, EDGE_QUANTILE))
    return Centres(sums, sizes, *reached)


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each row the nearest groups (-1 where there are no more) and the cosines to their centroids, each of shape
    (n, NEAREST), nearest first."""

    groups: Labels
    cosines: NDArray[np.float32]

    @property
    def first(self) -> Labels:
        return self.groups[:, 0]

    @property
    def similarity(self) -> NDArray[np.float32]:
        return self.cosines[:, 0]


def nearest_centres(vectors: Vectors, centres: Centres, *, barred: NDArray[np.bool_] | None = None) -> Nearest:
    """The nearest groups of each row; `barred`, shape (n, groups), marks groups that a row must not be in."""
    rows = len(vectors)
    found = Nearest(np.full((rows, NEAREST), -1), np.zeros((rows, NEAREST), np.float32))
    if not len(centres):
        return found
    centroids, is_empty = centres.centroids, centres.sizes == 0
    for start in range(0, rows, BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        likeness = vectors[part] @ centroids.T
        likeness[:, is_empty] = NOWHERE
        if barred is not None:
            likeness[barred[part]] = NOWHERE
        _best(likeness, found, part)
    return found


def _best(likeness: NDArray[np.float32], found: Nearest, part: slice) -> None:
    own = np.arange(len(likeness))
    for place in range(min(NEAREST, likeness.shape[1])):
        best = likeness.argmax(axis=1)
        cosine = likeness[own, best]
        is_near = cosine > NOWHERE
        found.groups[part, place] = np.where(is_near, best, -1)
        found.cosines[part, place] = np.where(is_near, cosine, 0)
        likeness[own, best] = NOWHERE


def attach(near: Nearest, centres: Centres) -> Labels:
    """The nearest group of each row that is as near as four fifths of the group's own rows; else -1."""
    return within(near, centres.floors)


def within(near: Nearest, least: NDArray[np.float32]) -> Labels:
    """The nearest group of each row that reaches the `least` cosine of that group, shape (groups,); else -1."""
    return np.where(near.similarity >= value_of(least, near.first), near.first, -1).astype(np.int64)


def value_of(values: NDArray[np.float32], groups: Labels) -> NDArray[np.float32]:
    """The value of each row's group; where there is no group, one that no cosine reaches."""
    if not len(values):
        return np.full(len(groups), NOTHING, dtype=np.float32)
    return np.where(groups >= 0, values[groups], NOTHING).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Told:
    """How near each row is to its own group's centroid, and to the nearest other group's (-1: there is none); each of
    shape (n,). `also`: shape (n, ALSO), other groups that the row states besides its own; -1 fills up."""

    similarity: NDArray[np.float32]
    second: Labels
    second_similarity: NDArray[np.float32]
    also: Labels


def told_of(vectors: Vectors, labels: Labels, centres: Centres) -> Told:
    """What there is to tell of rows that were put into groups (-1: none) with these centres."""
    near = nearest_centres(vectors, centres)
    grouped = np.flatnonzero(labels >= 0)
    similarity = np.zeros(len(vectors), dtype=np.float32)
    similarity[grouped] = np.einsum("ij,ij->i", vectors[grouped], centres.centroids[labels[grouped]])
    is_own = near.groups == labels[:, None]
    others = np.take_along_axis(near.groups, np.argsort(is_own, axis=1, kind="stable"), axis=1)
    cosines = np.take_along_axis(near.cosines, np.argsort(is_own, axis=1, kind="stable"), axis=1)
    return Told(similarity, others[:, 0], cosines[:, 0], _beyond(vectors, labels, centres))


def _beyond(vectors: Vectors, labels: Labels, centres: Centres) -> Labels:
    """Other groups that rows state besides their own, shape (n, ALSO), -1 fills up: what the own centroid leaves
    unsaid is compared with the others' (matching pursuit, Mallat and Zhang 1993)."""
    found = np.full((len(vectors), ALSO), -1)
    centroids = centres.centroids
    grouped = np.flatnonzero(labels >= 0)
    for start in range(0, len(grouped), BLOCK_ROWS):
        rows = grouped[start : start + BLOCK_ROWS]
        rest, named = vectors[rows], labels[rows]
        is_open = rest @ centroids.T >= SAID
        for step in range(ALSO):
            is_open[np.arange(len(rows)), named] = False
            rest = rest - np.einsum("ij,ij->i", rest, centroids[named])[:, None] * centroids[named]
            likeness = np.where(is_open, rest @ centroids.T, NOWHERE)
            named, is_said = likeness.argmax(axis=1), likeness.max(axis=1) >= UNSAID
            is_open &= is_said[:, None]
            found[rows, step] = np.where(is_said, named, -1)
    return found


def stratified(labels: Labels, *, count: int) -> NDArray[np.int64]:
    """At most about `count` rows, of every group: the first rows of each, of larger groups more; -1 is left out."""
    kept = np.flatnonzero(labels >= 0)
    if len(kept) <= count:
        return kept
    order = np.argsort(labels[kept], kind="stable")
    _, starts, sizes = np.unique(labels[kept][order], return_index=True, return_counts=True)
    place = np.arange(len(kept)) - np.repeat(starts, sizes)
    share = max(1, min(FEWEST_OF_GROUP, count // len(sizes)))
    left = max(0, count - int(np.minimum(sizes, share).sum()))
    most = np.minimum(sizes, share + (sizes * (left / len(kept))).astype(np.int64))
    return np.sort(kept[order[place < np.repeat(most, sizes)]])
