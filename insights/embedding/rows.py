"""Rows of length 1 from whatever an embedder gives.

Pure. No row is ever NaN: what has no length (a blank text, an answer of zeros) becomes one fixed unit vector, so that
such rows are alike to each other and cosines stay defined.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.ports import Vectors

_LEAST_LENGTH = 1e-6


def unit_rows(rows: NDArray[np.floating[Any]]) -> Vectors:
    """`rows`, shape (n, dimensions), scaled to length 1; rows without a length become (1, 0, 0, …)."""
    wide = np.asarray(rows, dtype=np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    is_usable = np.isfinite(lengths[:, 0]) & (lengths[:, 0] > _LEAST_LENGTH)
    scaled = np.zeros(wide.shape, dtype=np.float32)
    scaled[is_usable] = wide[is_usable] / lengths[is_usable]
    scaled[~is_usable, 0] = 1.0
    return scaled


def embed_sorted(
    texts: Sequence[str], embed: Callable[[list[str]], NDArray[np.floating[Any]]], *, batch: int, dimensions: int
) -> Vectors:
    """Unit rows in the order of `texts`, made in batches of texts of like length: padding is wasted work.

    `embed` gets 1 to `batch` texts, none blank, and answers an array of shape (texts, dimensions).
    """
    rows = np.zeros((len(texts), dimensions), dtype=np.float32)
    order = sorted((row for row, text in enumerate(texts) if text.strip()), key=lambda row: len(texts[row]))
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        rows[chosen] = embed([texts[row] for row in chosen])
    return unit_rows(rows)


def rows_in_order(texts: Sequence[str], vectors: Mapping[str, Vectors], *, dimensions: int) -> Vectors:
    """Unit rows in the order of `texts` from those of each distinct one; a blank text has none and needs none."""
    rows = np.zeros((len(texts), dimensions), dtype=np.float32)
    for place, text in enumerate(texts):
        if text in vectors:
            rows[place] = vectors[text]
    return unit_rows(rows)


def lonely_row(text: str, *, dimensions: int) -> Vectors:
    """A unit row of chance for a text that nothing is known of, the same for the same text: at right angles, nearly,
    to every other row."""
    seed = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8])
    row: Vectors = unit_rows(np.random.default_rng(seed).standard_normal((1, dimensions)))[0]
    return row
