"""The nearest rows of each row by cosine, exactly: larger sets are grouped by a sample (see `group`)."""

import numpy as np
from numpy.typing import NDArray

from insights.ports import Vectors

BLOCK_ROWS = 1_024

Neighbours = NDArray[np.int64]
"""Shape (n, k): row numbers, nearest first, without the row itself; -1 where nothing is alike (cosine <= 0).
"""


def nearest(vectors: Vectors, count: int) -> Neighbours:
    """The `count` nearest rows (at most n - 1) of each row of `vectors`, which have length 1 or 0."""
    import faiss

    count = max(0, min(count, len(vectors) - 1))
    found = np.empty((len(vectors), count), dtype=np.int64)
    if count == 0:
        return found
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
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
