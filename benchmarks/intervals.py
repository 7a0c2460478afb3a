"""How sure a share is. Pure."""

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

_Z = 1.96


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score; right at 0 and 1, too. (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    share, weight = hits / total, _Z**2 / total
    middle, half = share + weight / 2, _Z * sqrt(share * (1 - share) / total + weight / total / 4)
    # Held between 0, the share and 1 against rounding.
    return max(min((middle - half) / (1 + weight), share), 0.0), min(max((middle + half) / (1 + weight), share), 1.0)


def ratio_interval(above: ArrayLike, below: ArrayLike, *, draws: int = 2_000, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of sum(above) / sum(below) by the percentile bootstrap (Efron 1979). Pairs are drawn together:
    blocks of a time series, or whole projects, where what lies in one is not independent."""
    pairs = np.column_stack([np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)])
    chosen = np.random.default_rng(seed).integers(0, len(pairs), size=(draws, len(pairs)))
    sums = pairs[chosen].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    return float(low), float(high)
