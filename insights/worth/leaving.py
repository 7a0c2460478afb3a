"""The chance that an account leaves because of a problem. Pure.

The added chance of a year is what the settings say until departures tell more. Account-years with the problem are
trials with the usual chance plus the added one, those without it trials with the usual chance alone: a Beta prior on
the usual chance is updated by those without (Beta-binomial), and the prior of the added chance by those with it, on a
grid of its quantiles, the usual chance integrated out. So thin data leaves the prior as it is, and one departure more
or less moves it by what it tells. A year that an account stayed is a failure, whole or in part; one that it ended by
leaving a success.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

from insights.domain.estimate import Range
from insights.domain.facts import Affected, Stay
from insights.worth.quantiles import SCORES, Z90, chances_at

Array = NDArray[np.float64]

GRID = 160
"""Quantiles of the prior at which the added chance is weighed."""
_NODES = 15

_SILENT = 0.999
"""Of the prior's variance: from here on nothing was told."""

_FINEST = 1 / GRID**2
"""Of variances of a score: where one grid point has all the weight, the truth lies somewhere about it."""

HIGHEST = 0.95
_UNIFORM = (np.arange(GRID) + 0.5) / GRID
GRID_Z: Array = ndtri(_UNIFORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """By how much the odds of leaving are multiplied. `severity` has blocks, hurts, annoys and wish."""

    severity: Mapping[str, float]
    detractor: float
    promoter: float
    says_leaving: float
    renewal_soon: float
    renewal_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What is known of leaving beforehand: the usual chance a year, worth as much as so many account-years."""

    chance: float
    years: float


def odds_multiplier(account: Affected, *, severity: str | None, moves: Moves) -> float:
    """What the odds of leaving are multiplied by for this account; 1 where nothing is known of it."""
    factor = moves.severity.get(severity or "", 1.0)
    if account.score is not None:
        factor *= moves.detractor if account.score <= 6 else moves.promoter if account.score >= 9 else 1.0
    if account.says_leaving:
        factor *= moves.says_leaving
    if account.renewal_days is not None and 0 <= account.renewal_days <= moves.renewal_days:
        factor *= moves.renewal_soon
    return factor


def moved(chance: Array, multiplier: Array | float) -> Array:
    """A chance whose odds are multiplied; both shapes broadcast."""
    scaled = multiplier * chance
    return scaled / (1 - chance + scaled)


def prior_grid(prior: Range) -> Array:
    """The added chance at the quantiles of its prior, shape (GRID,), rising."""
    return np.minimum(chances_at(prior, GRID_Z), HIGHEST)


def unknown_severity(prior: Range, told: Sequence[str], moves: Moves) -> Array:
    """The grid where nobody told how severe a problem is, shape (GRID,): it is one of those there are, in the shares of
    the problems of which it was `told`, each severity with one more (Laplace's rule of succession). Wider than where it
    is known."""
    counts = np.array([told.count(name) + 1.0 for name in moves.severity])
    values = moved(prior_grid(prior)[None, :], np.array(list(moves.severity.values()))[:, None]).ravel()
    weights = np.repeat(counts / counts.sum() / GRID, GRID)
    order = np.argsort(values)
    middle = np.cumsum(weights[order]) - weights[order] / 2
    return np.asarray(np.interp(_UNIFORM, middle, values[order]), dtype=np.float64)


def grid_weights(grid: Array, *, seen: Stay, others: Stay, usual: Usual, multiplier: float = 1.0) -> Array:
    """The weight of each grid point, shape (GRID,), summing to 1, after what was seen of accounts with the problem
    (whose odds are `multiplier` times the average's) and of the others. Even where nothing was seen."""
    if seen.years <= 0 and not seen.left:
        return np.full(GRID, 1 / GRID)
    a = usual.chance * usual.years + others.left
    b = (1 - usual.chance) * usual.years + others.years
    nodes = betaincinv(max(a, 1e-3), max(b, 1e-3), (np.arange(_NODES) + 0.5) / _NODES)
    chance = np.clip(nodes[None, :] + moved(grid, multiplier)[:, None], 1e-9, HIGHEST)
    logs = seen.left * np.log(chance) + seen.years * np.log1p(-chance)
    likelihood = np.exp(logs - logs.max()).mean(axis=1)
    return np.asarray(likelihood / likelihood.sum(), dtype=np.float64)


def told_chance(prior: Range, *, seen: Stay, others: Stay, usual: Usual, multiplier: float = 1.0) -> Range | None:
    """What departures alone say of the average account's added chance, the prior taken out again: P10, P50 and P90;
    None where they say nothing. The prior's score is standard normal; its posterior mean m and variance s on the grid
    are those of an observation z = m v / s with variance v = 1 / (1/s - 1). A difference of two rates would often be
    negative, which no added chance is."""
    weights = grid_weights(prior_grid(prior), seen=seen, others=others, usual=usual, multiplier=multiplier)
    mean = float(weights @ GRID_Z)
    variance = max(float(weights @ (GRID_Z - mean) ** 2 / (GRID_Z**2).mean()), _FINEST)
    if variance >= _SILENT:
        return None
    doubt = 1 / (1 / variance - 1)
    low, likely, high = chances_at(prior, mean / variance * doubt + np.sqrt(doubt) * np.array([-Z90, 0.0, Z90]))
    return Range(float(low), float(likely), float(high))


def at_scores(values: Array, weights: Array) -> Array:
    """What stands at each grid point, shape (GRID,), at the regular `SCORES` of the weighted distribution instead."""
    middle = np.clip(np.cumsum(weights) - weights / 2, 1e-9, 1 - 1e-9)
    rising = np.maximum.accumulate(ndtri(middle)) + np.arange(GRID) * 1e-12
    return np.asarray(np.interp(SCORES, rising, values), dtype=np.float64)
