"""How fine to cut, without being told the number of groups.

Tries neighbourhood sizes and resolutions and scores each partition by how much nearer rows are to their own
group than to the next one. The fewest groups whose score is close to the best win.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Graph, Labels, communities, graph_of
from insights.grouping.neighbours import nearest
from insights.ports import Vectors

COUNTS = (8, 15)
RESOLUTIONS = tuple(float(2 ** (half / 2)) for half in range(-4, 11))
NEAR_BEST = 0.95
"""Of the best score; at .96 some sets fall into three times the groups that people made, at .92 others merge."""

CHOICE_ROWS = 6_000
"""Settings are chosen on at most so many rows. With more, the score prefers splitting ever further: on all of
13,083 questions with 77 labels it chose 253 groups (AMI .755), by a sample of 6,000 of them 118 (.80)."""

MOST_GROUPS = 3
"""Times the root of the rows. Where structure is weak the score rises with every split, down to pairs."""

BISECTIONS = 5
BLOCK_ROWS = 8_192


@dataclass(frozen=True, slots=True)
class Choice:
    """A partition with the settings that made it."""

    labels: Labels
    score: float
    count: int
    resolution: float
    groups: int


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
    if len(vectors) <= CHOICE_ROWS:
        return _best(list(_partitions(vectors, seed=seed)))
    rows = np.random.default_rng(seed).choice(len(vectors), size=CHOICE_ROWS, replace=False)
    sampled = choose(vectors[np.sort(rows)], seed=seed)
    return _of_all(vectors, sampled, seed=seed)


def _best(tried: list[Choice]) -> Choice:
    most = MOST_GROUPS * np.sqrt(len(tried[0].labels))
    allowed = [choice for choice in tried if choice.groups <= most] or tried
    best = max(choice.score for choice in allowed)
    near = [choice for choice in allowed if choice.score >= NEAR_BEST * best]
    return min(near, key=lambda choice: (choice.groups, -choice.score))


def _partitions(vectors: Vectors, *, seed: int) -> Iterator[Choice]:
    """A partition for each neighbourhood size and resolution."""
    neighbours = nearest(vectors, COUNTS[-1], seed=seed)
    for count in COUNTS:
        if count > COUNTS[0] and count >= len(vectors) / 3:
            break
        graph = graph_of(neighbours, count=count)
        for resolution in RESOLUTIONS:
            yield _cut(vectors, graph, count=count, resolution=resolution, seed=seed)


def _cut(vectors: Vectors, graph: Graph, *, count: int, resolution: float, seed: int) -> Choice:
    labels = communities(graph, resolution=resolution, seed=seed)
    score = float(silhouettes(vectors, labels).mean()) if len(labels) else 0.0
    return Choice(labels, score, count, resolution, int(labels.max(initial=-1)) + 1)


def _of_all(vectors: Vectors, sampled: Choice, *, seed: int) -> Choice:
    """Cut all rows about as finely as the sample: at its resolution they would fall into many more groups."""
    graph = graph_of(nearest(vectors, sampled.count, seed=seed), count=sampled.count)
    low, high = sampled.resolution / 16, sampled.resolution
    for _ in range(BISECTIONS):
        middle = float(np.sqrt(low * high))
        tried = _cut(vectors, graph, count=sampled.count, resolution=middle, seed=seed)
        low, high = (middle, high) if tried.groups < sampled.groups else (low, middle)
    return tried
