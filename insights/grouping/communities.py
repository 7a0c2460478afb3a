"""Communities in the graph of neighbours.

Two rows are linked where either names the other; a link weighs the root of how alike they are times the share of
neighbours that both have in common (Jaccard). Communities are found by Leiden (Traag, Waltman and van Eck 2019) for
the constant Potts model, which, other than modularity, does not merge small groups because the graph is large.
"""

from dataclasses import dataclass

import graspologic_native
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, triu

from insights.grouping.neighbours import Neighbours
from insights.ports import Vectors

BLOCK_ROWS = 4_096

ROUNDS, ROWS_OF_ROUNDS = 5, 3_000
"""Rounds of Leiden: of few rows several, as they cost little and chance does more there; one for so many rows."""

Labels = NDArray[np.int64]
"""Shape (n,): the number of each row's community or group; -1 is none."""


@dataclass(frozen=True, slots=True)
class Graph:
    """`links` as Leiden takes them: two row numbers as text, and a weight in (0, 1]; each pair once."""

    rows: int
    links: list[tuple[str, str, float]]


def graph_of(vectors: Vectors, neighbours: Neighbours, *, count: int) -> Graph:
    """The union graph of the first `count` neighbours of each row of `vectors` (length 1 or 0)."""
    rows = len(neighbours)
    named = _membership(neighbours[:, :count])
    linked = ((named + named.T) > 0).astype(np.float32).tocsr()
    links: list[tuple[str, str, float]] = []
    names = [str(row) for row in range(rows)]
    for start in range(0, rows, BLOCK_ROWS):
        links += _block(vectors, named, linked, start=start, names=names)
    return Graph(rows, links)


def communities(graph: Graph, *, resolution: float, seed: int) -> Labels:
    """Community of each row, shape (n,), numbered from 0; a row without links is alone in its own."""
    labels = np.arange(graph.rows, dtype=np.int64)
    if not graph.links:
        return labels
    _, found = graspologic_native.leiden(
        graph.links,
        resolution=resolution,
        seed=seed,
        iterations=int(np.clip(ROWS_OF_ROUNDS // graph.rows, 1, ROUNDS)),
        use_modularity=False,
    )
    linked = np.fromiter((int(name) for name in found), dtype=np.int64, count=len(found))
    labels[linked] = graph.rows + np.fromiter(found.values(), dtype=np.int64, count=len(found))
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _membership(neighbours: Neighbours) -> csr_matrix:
    """Row i holds 1 for i itself and for each of its neighbours, shape (n, n), sparse."""
    rows, count = neighbours.shape
    own = np.arange(rows)[:, None]
    columns = np.hstack([own, np.where(neighbours < 0, own, neighbours)])
    pointers = np.arange(rows + 1) * (count + 1)
    named = csr_matrix((np.ones(columns.size, np.float32), columns.ravel(), pointers), shape=(rows, rows))
    named.sum_duplicates()
    named.data[:] = 1
    return named


def _block(
    vectors: Vectors, named: csr_matrix, linked: csr_matrix, *, start: int, names: list[str]
) -> list[tuple[str, str, float]]:
    """Weighted links of one block of rows to rows after them."""
    sizes = np.diff(named.indptr)
    own = slice(start, start + BLOCK_ROWS)
    shared = (named[own] @ named.T).multiply(triu(linked[own], k=start + 1)).tocoo()
    left, right = shared.row + start, shared.col
    common = shared.data / (sizes[left] + sizes[right] - shared.data)
    alike = np.einsum("ij,ij->i", vectors[left], vectors[right])
    weight = np.sqrt(common * np.clip(alike, 0, 1))
    kept = weight > 0
    parts = (left[kept].tolist(), right[kept].tolist(), weight[kept].tolist())
    return [(names[a], names[b], w) for a, b, w in zip(*parts, strict=True)]
