"""How sure a share is. Pure."""

from math import sqrt

_Z = 1.96


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score; right at 0 and 1, too. (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    share, weight = hits / total, _Z**2 / total
    middle, half = share + weight / 2, _Z * sqrt(share * (1 - share) / total + weight / total / 4)
    # Held between 0, the share and 1 against rounding.
    return max(min((middle - half) / (1 + weight), share), 0.0), min(max((middle + half) / (1 + weight), share), 1.0)
