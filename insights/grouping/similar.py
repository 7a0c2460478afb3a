"""Problems that look alike: the list beside a problem from which a person may merge."""

import numpy as np

from insights.ports import Vectors

MOST = 5
BLOCK_ROWS = 4_096

Near = tuple[int, float]
"""Another row's number, and the cosine to it."""


def near_pairs(centroids: Vectors, *, least: float, most: int = MOST) -> list[list[Near]]:
    """For each row of `centroids` (length 1) up to `most` others with a cosine of `least` or more, nearest first."""
    return [
        row
        for start in range(0, len(centroids), BLOCK_ROWS)
        for row in _near(centroids, slice(start, start + BLOCK_ROWS), least=least, most=most)
    ]


def _near(centroids: Vectors, part: slice, *, least: float, most: int) -> list[list[Near]]:
    likeness = centroids[part] @ centroids.T
    own = np.arange(len(likeness))
    likeness[own, own + part.start] = -np.inf
    order = np.argsort(-likeness, axis=1, kind="stable")[:, :most]
    return [
        [(int(other), float(row[other])) for other in others if row[other] >= least]
        for row, others in zip(likeness, order, strict=True)
    ]
