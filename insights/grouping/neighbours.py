"""The nearest rows of each row by cosine.

Exact up to 20,000 rows, nearly so above (the same answer every time); memory stays linear in the rows.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.ports import Vectors

EXACT_ROWS = 20_000
BLOCK_ROWS = 1_024
TRAINED_ROWS = 30_000
CELLS_PROBED = 12

Neighbours = NDArray[np.int64]
"""Shape (n, k): row numbers, nearest first, without the row itself; -1 where nothing is alike (cosine <= 0).
"""


def nearest(vectors: Vectors, count: int, *, seed: int, exact_rows: int = EXACT_ROWS) -> Neighbours:
    """The `count` nearest rows (at most n - 1) of each row of `vectors`, which have length 1 or 0."""
    count = max(0, min(count, len(vectors) - 1))
    if count == 0:
        return np.zeros((len(vectors), 0), dtype=np.int64)
    index = _flat(vectors) if len(vectors) <= exact_rows else _cells(vectors, seed=seed)
    found = np.empty((len(vectors), count), dtype=np.int64)
    for start in range(0, len(vectors), BLOCK_ROWS):
        block = vectors[start : start + BLOCK_ROWS]
        likeness, rows = index.search(block, count + 1)
        rows[likeness <= 0] = -1
        found[start : start + len(block)] = _without_self(rows, start)
    return found


def _without_self(rows: Neighbours, start: int) -> Neighbours:
    """Drop each row's own number; among many equal rows it may be missing, then the farthest goes."""
    own = rows == np.arange(start, start + len(rows))[:, None]
    own[~own.any(axis=1), -1] = True
    others: Neighbours = rows[~own].reshape(len(rows), -1)
    return others


def _flat(vectors: Vectors) -> Any:
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def _cells(vectors: Vectors, *, seed: int) -> Any:
    """An inverted file: rows in cells by k-means with a fixed seed, of which the nearest few are searched."""
    import faiss

    cells = int(2 * np.sqrt(len(vectors)))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = seed + 1
    index.cp.niter = 10
    index.cp.max_points_per_centroid = max(40, TRAINED_ROWS // cells)
    index.train(vectors)
    index.add(vectors)
    index.nprobe = CELLS_PROBED
    return index
