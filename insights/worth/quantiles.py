"""A distribution through three quantiles: P10, P50 and P90 as people give them. Pure.

In logs (amounts, weeks) or log-odds (chances, shares) each side of the median is half a normal distribution that
meets its quantile: the split normal (Wallis, 2014, "The two-piece normal, binormal, or double Gaussian
distribution"), with the split at the median. Where both sides are alike it is the lognormal or logit-normal.
"""

import math

import numpy as np
from numpy.typing import NDArray

from insights.domain.estimate import Range

Floats = NDArray[np.floating]

Z90 = 1.2815515655446004
"""The standard normal distribution's P90."""

SCORES = np.linspace(-4.0, 4.0, 161)
"""Standard normal scores at which a distribution that has no formula is kept."""

_NEARLY = 1e-6
_LEAST_SHARE = 1e-3
"""What a quantile of 0 is taken for, of the next one above: a logarithm has no 0."""


def amounts_at(quantiles: Range, z: Floats) -> Floats:
    """Values of a positive quantity at standard normal scores `z`, any shape. P10, P50, P90 stand at -Z90, 0, Z90."""
    if quantiles.high <= 0:
        return np.zeros_like(z)
    likely = max(quantiles.likely, quantiles.high * _LEAST_SHARE)
    low = max(quantiles.low, likely * _LEAST_SHARE)
    below, above = np.log(likely / low) / Z90, np.log(max(quantiles.high, likely) / likely) / Z90
    return likely * np.exp(z * np.where(z < 0, z.dtype.type(below), z.dtype.type(above)))


def chances_at(quantiles: Range, z: Floats) -> Floats:
    """The same for a chance or share, 0..1, in log-odds."""
    low, likely, high = (_log_odds(value) for value in (quantiles.low, quantiles.likely, quantiles.high))
    slope = np.where(z < 0, z.dtype.type((likely - low) / Z90), z.dtype.type((high - likely) / Z90))
    return 1 / (1 + np.exp(-(z.dtype.type(likely) + z * slope)))


def amount_score(quantiles: Range, amount: float) -> float:
    """The standard normal score of a positive quantity's value, what `amounts_at` turns back; infinite where the
    distribution does not reach it."""
    if quantiles.high <= 0 or amount <= 0:
        return -math.inf if amount <= 0 else math.inf
    likely = max(quantiles.likely, quantiles.high * _LEAST_SHARE)
    low = max(quantiles.low, likely * _LEAST_SHARE)
    return _score(math.log(amount), *(math.log(end) for end in (low, likely, max(quantiles.high, likely))))


def chance_score(quantiles: Range, chance: float) -> float:
    """The same for a chance or share."""
    if not 0 < chance < 1:
        return math.copysign(math.inf, chance - 0.5)
    ends = (_log_odds(end) for end in (quantiles.low, quantiles.likely, quantiles.high))
    return _score(math.log(chance / (1 - chance)), *ends)


def _score(value: float, low: float, likely: float, high: float) -> float:
    if value == likely:
        return 0.0
    side = (likely - low if value < likely else high - likely) / Z90
    return (value - likely) / side if side > 0 else math.copysign(math.inf, value - likely)


def table_at(table: Floats, z: Floats) -> Floats:
    """Values at standard normal scores `z` (draws,) of a distribution kept at `SCORES`: straight lines between them,
    its ends beyond."""
    steps = (len(SCORES) - 1) / (SCORES[-1] - SCORES[0])
    place = np.clip((z - z.dtype.type(SCORES[0])) * z.dtype.type(steps), 0, len(SCORES) - 1.001)
    below = place.astype(np.int32)
    return table[below] + (place - below) * (table[below + 1] - table[below])


def quantiles_of(table: Floats) -> Range:
    """P10, P50 and P90 of a distribution kept at `SCORES`."""
    return Range(*(float(value) for value in np.interp([-Z90, 0.0, Z90], SCORES, table)))


def _log_odds(chance: float) -> float:
    held = min(max(chance, _NEARLY), 1 - _NEARLY)
    return float(np.log(held / (1 - held)))


def range_of(draws: Floats) -> Range:
    """P10, P50 and P90 of draws, shape (draws,)."""
    ordered = np.sort(draws)  # faster than a partition at three places
    return Range(*(float(ordered[round(share * (len(draws) - 1))]) for share in (0.1, 0.5, 0.9)))
