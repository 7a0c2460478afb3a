"""How fine to cut, without being told the number of groups.

Tries communities of several neighbourhood sizes and resolutions, and average linkage at several tightnesses. Two
things pull against each other: how much nearer rows are to their own group than to the next one (silhouette), which
rises with every split long after the groups that people would make, and how many of each row's nearest rows are in its
group, which falls with every split. Of the partitions about as good by the product of both, the middle one is taken:
the best is often so by chance. Linkage finds many small groups beside a few large ones; where it is about as good,
communities are taken.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Graph, Labels, communities, graph_of
from insights.grouping.linkage import tree_of
from insights.grouping.neighbours import Neighbours, nearest
from insights.ports import Vectors

COUNTS = (8, 12)
RESOLUTIONS = tuple(2.0**power for power in range(-13, -1))
STEPS = (2.0**-0.5, 2.0**0.5)
"""Tried beside the best of these."""

TIGHTNESSES = tuple(round(0.04 + 0.03 * step, 2) for step in range(23))
LINKED = 15
"""Neighbours along which average linkage merges."""

HELD_POWER = 3
"""Of the share of nearest rows held together. At 2 some sets fall into twice the groups that people made, at 4 others
into half."""

NEAR_BEST = 0.95
"""Of the best product; scores turn by some hundredths with the order of chance."""

ROWS_A_NEIGHBOUR = 850
"""So many rows ask for one nearest row, more for as many as the power of two thirds: among more rows the nearest are
nearer, and would be held together by any partition."""

MOST_GROUPS = 3.0
MOST_LINKED = 3.5
"""Times the root of the rows: communities, and linked groups of two or more. Where structure is weak the score rises
with every split, down to pairs."""

LINKAGE_SHARE = 0.87
"""Of what it is worth counts for linkage, beside communities."""

FEW_ROWS = 30
FEW_TIGHTNESS = 0.3
"""Fewer rows than that bear no choice: what is about as alike as paraphrases are is together. They may all be."""

BLOCK_ROWS = 8_192


@dataclass(frozen=True, slots=True)
class Choice:
    """A partition with the settings that made it. `neighbours` is 0 where average linkage cut it at `fineness`, a
    mean cosine; else `fineness` is the resolution of communities. `groups` counts those of two rows or more for
    linkage, all for communities. `score` is the mean silhouette, `held` the share of nearest rows held together."""

    labels: Labels
    score: float
    held: float
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
    """The partition of the rows of `vectors` (length 1 or 0)."""
    from threadpoolctl import threadpool_limits

    neighbours = nearest(vectors, LINKED)
    if len(vectors) < FEW_ROWS:
        tree = tree_of(vectors, neighbours)
        return _at(vectors, neighbours, tree.cut(FEW_TIGHTNESS), tightness=FEW_TIGHTNESS)
    with threadpool_limits(1, user_api="blas"):  # idle threads spin between the products: a third of all CPU seconds
        tried = list(_communities(vectors, neighbours, seed=seed))
        most = MOST_GROUPS * np.sqrt(len(vectors))
        few = [choice for choice in tried if choice.groups <= most] or tried
        return _middle([*few, *_linked(vectors, neighbours)])


def _middle(tried: Sequence[Choice]) -> Choice:
    """Of those about as good as the best, the one whose number of groups is nearest to their mean, on a scale of
    ratios; what is nearer to the best counts for more."""
    worth = np.array([_worth(choice) for choice in tried])
    if worth.max() <= 0:
        return tried[int(worth.argmax())]
    least = NEAR_BEST * worth.max()
    near = np.flatnonzero(worth >= least)
    sizes = np.log([int(tried[place].labels.max()) + 1 for place in near.tolist()])
    distance = np.abs(sizes - np.average(sizes, weights=worth[near] - least + np.finfo(float).eps))
    return tried[int(near[np.lexsort((-worth[near], distance))[0]])]


def _worth(choice: Choice) -> float:
    """Of two with no more than chance, the one less bad."""
    worth = choice.score * choice.held**HELD_POWER if choice.score > 0 else choice.score
    return worth * LINKAGE_SHARE if choice.is_linked and worth > 0 else worth


def _held(neighbours: Neighbours, labels: Labels) -> float:
    """The share of the nearest rows of each row that are in its group."""
    count = max(1, round((len(labels) / ROWS_A_NEIGHBOUR) ** (2 / 3)))
    near = neighbours[:, :count]
    known = near >= 0
    together = (labels[near] == labels[:, None]) & known
    return float(together.sum() / max(known.sum(), 1))


def _communities(vectors: Vectors, neighbours: Neighbours, *, seed: int) -> Iterator[Choice]:
    """Partitions for each neighbourhood size: resolutions from the coarsest on, then beside the best of them."""
    for count in COUNTS:
        if count > COUNTS[0] and count >= len(vectors) / 3:
            break
        graph = graph_of(vectors, neighbours, count=count)
        cut = partial(_cut, vectors, neighbours, graph, count=count, seed=seed)
        tried = list(_swept(cut, most=MOST_GROUPS * np.sqrt(len(vectors))))
        yield from tried
        best = max(tried, key=_worth)
        yield from (cut(resolution=best.fineness * step) for step in STEPS)


def _swept(cut: Callable[..., Choice], *, most: float) -> Iterator[Choice]:
    """Until there are more groups than `most`."""
    for resolution in RESOLUTIONS:
        choice = cut(resolution=resolution)
        yield choice
        if choice.groups > most:
            break


def _cut(vectors: Vectors, neighbours: Neighbours, graph: Graph, *, count: int, resolution: float, seed: int) -> Choice:
    labels = communities(graph, resolution=resolution, seed=seed)
    groups = int(labels.max(initial=-1)) + 1
    return Choice(labels, _score(vectors, labels), _held(neighbours, labels), count, resolution, groups)


def _linked(vectors: Vectors, neighbours: Neighbours) -> Iterator[Choice]:
    tree = tree_of(vectors, neighbours)
    for tightness in TIGHTNESSES:
        labels = tree.cut(tightness)
        if 2 <= _grown(labels) <= MOST_LINKED * np.sqrt(len(vectors)):
            yield _at(vectors, neighbours, labels, tightness=tightness)


def _at(vectors: Vectors, neighbours: Neighbours, labels: Labels, *, tightness: float) -> Choice:
    return Choice(labels, _score(vectors, labels), _held(neighbours, labels), 0, tightness, _grown(labels))


def _grown(labels: Labels) -> int:
    """The number of groups of two rows or more."""
    return int((np.bincount(labels, minlength=1) >= 2).sum())


def _score(vectors: Vectors, labels: Labels) -> float:
    return float(silhouettes(vectors, labels).mean()) if len(labels) else 0.0
