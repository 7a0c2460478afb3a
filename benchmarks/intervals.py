"""How sure a ratio is. Pure."""

import numpy as np
from numpy.typing import ArrayLike


def ratio_interval(above: ArrayLike, below: ArrayLike, *, draws: int = 2_000, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of sum(above) / sum(below) by the percentile bootstrap (Efron 1979). Pairs are drawn together:
    blocks of a time series, or whole projects, where what lies in one is not independent."""
    pairs = np.column_stack([np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)])
    chosen = np.random.default_rng(seed).integers(0, len(pairs), size=(draws, len(pairs)))
    sums = pairs[chosen].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    return float(low), float(high)
