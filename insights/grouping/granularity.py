"""How fine to cut, without being told the number of groups.

Tries communities of several neighbourhood sizes and resolutions, and average linkage at several tightnesses, and
scores each partition by how much nearer rows are to their own group than to the next one. The fewest groups whose
score is close to the best win. Linkage, which finds many small groups beside a few large ones, must be clearly
better.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Graph, Labels, communities, graph_of
from insights.grouping.linkage import Tree, tree_of
from insights.grouping.neighbours import Neighbours, nearest
from insights.ports import Vectors

COUNTS = (8, 15)
RESOLUTIONS = tuple(float(2 ** (half / 2)) for half in range(-26, -3))
TIGHTNESSES = tuple(round(0.04 + 0.03 * step, 2) for step in range(23))
LINKED = 15
"""Neighbours along which average linkage merges."""

NEAR_BEST = 0.95
"""Of the best score; at .96 some sets fall into three times the groups that people made, at .92 others merge."""

CHOICE_ROWS = 6_000
"""Settings are chosen on at most so many rows. With more, the score prefers splitting ever further."""

MOST_GROUPS = 3.0
MOST_LINKED = 3.5
"""Times the root of the rows: communities, and linked groups of two or more. Where structure is weak the score rises
with every split, down to pairs."""

LINKAGE_LEAD = 1.15
"""Times the best score of communities that linkage must reach."""

FEW_ROWS = 30
FEW_TIGHTNESS = 0.3
"""Fewer rows than that bear no choice: what is about as alike as paraphrases are is together. They may all be."""

BISECTIONS = 6
BLOCK_ROWS = 8_192


@dataclass(frozen=True, slots=True)
class Choice:
    """A partition with the settings that made it. `neighbours` is 0 where average linkage cut it at `fineness`, a
    mean cosine; else `fineness` is the resolution of communities. `groups` counts those of two rows or more for
    linkage, all for communities."""

    labels: Labels
    score: float
    neighbours: int
    fineness: float
    groups: int

    @property
    def is_linked(self) -> bool:
        return self.neighbours == 0


def silhouettes(vectors: Vectors, labels: Labels) -> NDArray[np.float32]:
    """Silhouette of each row under cosine distance, shape (n,), from -1 to 1 (Rousseeuw 1987).

    The mean distance to a group's rows is 1 minus the product with their mean, so n x groups products do.
    Rows alone in their group, and all rows of an only group, have 0.
    """
    sizes = np.bincount(labels)
    sums = sums_of(vectors, labels, groups=len(sizes))
    result = np.zeros(len(vectors), dtype=np.float32)
    if len(sizes) < 2:
        return result
    means = np.divide(sums, sizes[:, None], dtype=np.float32)
    for start in range(0, len(vectors), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        result[part] = _silhouettes(vectors[part], labels[part], means=means, sizes=sizes)
    return result


def sums_of(vectors: Vectors, labels: Labels, *, groups: int) -> NDArray[np.float32]:
    """Sum of each group's rows, shape (groups, dimensions)."""
    from scipy.sparse import csr_matrix

    kept = np.flatnonzero(labels >= 0)
    chosen = csr_matrix((np.ones(len(kept), np.float32), (labels[kept], kept)), shape=(groups, len(vectors)))
    return np.asarray(chosen @ vectors, dtype=np.float32)


def _silhouettes(
    vectors: Vectors, labels: Labels, *, means: NDArray[np.float32], sizes: NDArray[np.int64]
) -> NDArray[np.float32]:
    rows = np.arange(len(vectors))
    likeness = vectors @ means.T
    size = sizes[labels].astype(np.float32)
    lengths = np.einsum("ij,ij->i", vectors, vectors)
    own = 1 - (likeness[rows, labels] * size - lengths) / np.maximum(size - 1, 1)
    likeness[rows, labels] = -np.inf
    other = 1 - likeness.max(axis=1)
    larger = np.maximum(np.maximum(own, other), 1e-6)
    return np.where(size > 1, (other - own) / larger, 0).astype(np.float32)


def choose(vectors: Vectors, *, seed: int) -> Choice:
    """The partition of the rows of `vectors` (length 1 or 0), chosen on a sample where there are many."""
    if len(vectors) < FEW_ROWS:
        return _at(vectors, tree_of(vectors, nearest(vectors, LINKED)), tightness=FEW_TIGHTNESS)
    if len(vectors) <= CHOICE_ROWS:
        neighbours = nearest(vectors, COUNTS[-1])
        return _best(list(_communities(vectors, neighbours, seed=seed)), list(_linked(vectors, neighbours)))
    rows = np.random.default_rng(seed).choice(len(vectors), size=CHOICE_ROWS, replace=False)
    return _of_all(vectors, choose(vectors[np.sort(rows)], seed=seed), seed=seed)


def _best(communities_tried: list[Choice], linked_tried: list[Choice]) -> Choice:
    root = np.sqrt(len(communities_tried[0].labels))
    small = [choice for choice in communities_tried if choice.groups <= MOST_GROUPS * root] or communities_tried
    linked = [choice for choice in linked_tried if 2 <= choice.groups <= MOST_LINKED * root]
    best = max(choice.score for choice in small)
    if linked and max(choice.score for choice in linked) > LINKAGE_LEAD * best:
        return _fewest(linked)
    return _fewest(small)


def _fewest(tried: list[Choice]) -> Choice:
    best = max(choice.score for choice in tried)
    near = [choice for choice in tried if choice.score >= min(NEAR_BEST * best, best)]  # the best may be below 0
    return min(near, key=lambda choice: (choice.labels.max(initial=-1), -choice.score))


def _communities(vectors: Vectors, neighbours: Neighbours, *, seed: int) -> Iterator[Choice]:
    """A partition for each neighbourhood size and resolution."""
    for count in COUNTS:
        if count > COUNTS[0] and count >= len(vectors) / 3:
            break
        graph = graph_of(vectors, neighbours, count=count)
        for resolution in RESOLUTIONS:
            tried = _cut(vectors, graph, count=count, resolution=resolution, seed=seed)
            yield tried
            if tried.groups > MOST_GROUPS * np.sqrt(len(vectors)):
                break


def _linked(vectors: Vectors, neighbours: Neighbours) -> Iterator[Choice]:
    tree = tree_of(vectors, neighbours[:, :LINKED])
    for tightness in TIGHTNESSES:
        yield _at(vectors, tree, tightness=tightness)


def _cut(vectors: Vectors, graph: Graph, *, count: int, resolution: float, seed: int) -> Choice:
    labels = communities(graph, resolution=resolution, seed=seed)
    return Choice(labels, _score(vectors, labels), count, resolution, int(labels.max(initial=-1)) + 1)


def _at(vectors: Vectors, tree: Tree, *, tightness: float) -> Choice:
    labels = tree.cut(tightness)
    return Choice(labels, _score(vectors, labels), 0, tightness, int((np.bincount(labels, minlength=1) >= 2).sum()))


def _score(vectors: Vectors, labels: Labels) -> float:
    return float(silhouettes(vectors, labels).mean()) if len(labels) else 0.0


def _of_all(vectors: Vectors, sampled: Choice, *, seed: int) -> Choice:
    """Cut all rows about as finely as the sample. A tightness means the same for any number of rows; at the same
    resolution they would fall into many more communities."""
    if sampled.is_linked:
        return _at(vectors, tree_of(vectors, nearest(vectors, LINKED)), tightness=sampled.fineness)
    count = sampled.neighbours
    graph = graph_of(vectors, nearest(vectors, count), count=count)
    low, high = sampled.fineness / 64, sampled.fineness * 2
    for _ in range(BISECTIONS):
        middle = float(np.sqrt(low * high))
        tried = _cut(vectors, graph, count=count, resolution=middle, seed=seed)
        low, high = (middle, high) if tried.groups < sampled.groups else (low, middle)
    return tried
