"""How sure a share is. Pure."""

import math

_Z = 1.96


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score (1927, JASA 22:209); right at 0 and 1, too. (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    share, weight = hits / total, _Z**2 / total
    half = _Z * math.sqrt(share * (1 - share) / total + weight / total / 4)
    low, high = ((share + weight / 2 + side) / (1 + weight) for side in (-half, half))
    return max(min(low, share), 0.0), min(max(high, share), 1.0)
