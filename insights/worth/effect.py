"""Whether a problem is heard of less since its release than it would have been anyway. Pure: counts a week in.

An interrupted time series (Bernal, Cummins, Gasparrini 2017, Int. J. Epidemiology 46:348) with a control (difference in
differences on logs). Items of a week t are counts with the mean

    e(t) · level · exp(slope · t) · ratio,    ratio = 1 before the release,

where the exposure e(t) is the number of customers times what all other problems' items say of the season: their number
a customer, smoothed over five weeks. Weeks while the release spreads are left out. The ratio's distribution is a
mixture in closed form:

- Given the slope, level before and level after have Gamma posteriors (Poisson counts, Jeffreys' priors): shape
  Y/d + 1/2, rate E/d, with Y items under exposure E. Their quotient is a scaled F distribution,
  (A/Ea)/(B/Eb) · F(2A, 2B); so zero items after a release are no difficulty.
- The slope is weighed on a grid: prior N(0, 0.02²) a week times the multinomial likelihood of the weeks before given
  their sum, which holds no level. While data is thin the slope stays near zero and its doubt widens the interval.
- d is the overdispersion (quasi-Poisson: Wedderburn 1974; McCullagh, Nelder 1989, ch. 9): Pearson's statistic of the
  weeks before over its degrees of freedom, of single weeks and of blocks of four and eight, which see drift, too; the
  largest, never below 1, held to 1 while there are few.
- How the whole moved is known by its own counts alone: a lognormal factor with variance dc·(1/Ca + 1/Cb), shrunk to no
  change by a prior of N(0, 0.3²).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtr, gammaincinv, ndtri

from insights.domain.estimate import Range

Array = NDArray[np.float64]

SETTLING_WEEKS = 2
"""Weeks after a release that are left out while it reaches everybody."""

LEAST_WEEKS = 4
LEAST_EXPECTED = 5.0
"""Before fewer weeks, before or after, or where fewer items were to be expected after, nothing can be said."""

SURE = 0.9
"""The chance from which a fall or rise is told as one."""

SLOPE_SD = 0.02
"""Doubt of the trend before, in logs a week. Reviews of four apps, beside the whole, gave 0.010 to 0.013
(benchmarks/effect.py); problems are accepted while they grow, so that theirs may be steeper."""

WHOLE_SD = 0.3
"""Doubt of how all items moved, in logs, before their number tells."""

_SMOOTHED = 5
_BLOCKS = (1, 4, 8)
_LEAST_BLOCKS = 3
_HELD = 3.0
"""Degrees of freedom that the overdispersion of 1 is worth beforehand."""

_SLOPES = np.linspace(-3.5, 3.5, 29)
_DOUBTS: Array = ndtri((np.arange(7) + 0.5) / 7) * 1.0972
"""Standard normal quantiles, scaled to a variance of one."""
_SHARES = (np.arange(25) + 0.5) / 25
_LOG_RATIOS = np.linspace(-7.0, 5.0, 241)
_LOG_QUOTIENTS = np.linspace(-30.0, 30.0, 1501)


class Verdict(StrEnum):
    """What can be said of a release."""

    FELL = "fell"
    ROSE = "rose"
    UNCLEAR = "no clear change"
    EARLY = "too early to say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Items a week, oldest first, shape (weeks,); the first `release` of them are before the release. `exposure` is the
    number of customers (ones where unknown), `control` the items of all other problems, each shape (weeks,)."""

    counts: Sequence[float] | Array
    release: int
    exposure: Sequence[float] | Array | None = None
    control: Sequence[float] | Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a release did. `ratio` is the rate after over the rate that would have been, P10, P50, P90; `helped` the
    chance that it is below 1; `expected` the items to be expected after without the release, `fewer` how many of those
    do not come any more; `slope` the trend before in logs a week beside the whole; `whole` how all other items a
    customer moved, as a ratio (1 without a control)."""

    ratio: Range
    helped: float
    weeks_before: int
    weeks_after: int
    items_before: float
    items_after: float
    expected: float
    fewer: Range
    slope: float
    whole: float
    overdispersion: float

    @property
    def avoided(self) -> Range:
        """Share of the items that do not come any more; below zero where more come."""
        return Range(1 - self.ratio.high, 1 - self.ratio.likely, 1 - self.ratio.low)

    @property
    def is_thin(self) -> bool:
        """Whether too little was seen to say anything."""
        weeks = min(self.weeks_before, self.weeks_after)
        return weeks < LEAST_WEEKS or self.expected < LEAST_EXPECTED * self.overdispersion

    @property
    def verdict(self) -> Verdict:
        if self.is_thin:
            return Verdict.EARLY
        if self.helped >= SURE:
            return Verdict.FELL
        return Verdict.ROSE if self.helped <= 1 - SURE else Verdict.UNCLEAR

    @property
    def words(self) -> str:
        """ "mentions fell by 62 % (35–80 %)"; the P10-P90 in brackets."""
        avoided, verdict = self.avoided, self.verdict
        if verdict is Verdict.EARLY:
            return f"too early to say: {self._seen()}"
        if verdict is Verdict.FELL:
            return f"mentions fell by {avoided.likely:.0%} ({max(avoided.low, 0):.0%}–{avoided.high:.0%})"
        if verdict is Verdict.ROSE:
            low, high = max(-avoided.high, 0), -avoided.low
            return f"mentions rose by {-avoided.likely:.0%} ({low:.0%}–{high:.0%})"
        return f"no clear change ({-avoided.high:+.0%} to {-avoided.low:+.0%})".replace("-", "−")

    def _seen(self) -> str:
        if self.weeks_before < LEAST_WEEKS:
            return f"heard of for {_weeks(self.weeks_before)} before"
        if self.weeks_after < LEAST_WEEKS:
            return f"{_weeks(self.weeks_after)} watched"
        return f"{self.expected:.0f} expected in {_weeks(self.weeks_after)}"


def effect_of(watched: Watched, *, settling: int = SETTLING_WEEKS) -> Effect:
    """The effect of a release; `settling` weeks after it are left out. Nothing is refused: what is thin says so."""
    counts = np.asarray(watched.counts, dtype=np.float64)
    weeks, release = np.arange(len(counts)), watched.release
    before, after = weeks < release, weeks >= release + settling
    times = np.asarray(weeks - (release - 1) / 2, dtype=np.float64)
    exposure, whole, doubt = _exposure(watched, before=before, after=after)
    y, e, t = counts[before], exposure[before], times[before]
    spread = _overdispersion(y, e * np.exp(_likeliest(y, e, t) * t)) if y.sum() else 1.0
    slopes, weights = _slopes(y / spread, e, t)
    sum_before = np.exp(np.outer(slopes, t)) @ e
    sum_after = np.exp(np.outer(slopes, times[after])) @ exposure[after]
    shapes = (y.sum() / spread + 0.5, counts[after].sum() / spread + 0.5)
    chance = _chances(shapes, (sum_before, sum_after), weights, doubt=doubt)
    low, likely, high = (float(np.exp(np.interp(share, chance, _LOG_RATIOS))) for share in (0.1, 0.5, 0.9))
    return Effect(
        ratio=Range(low, likely, high),
        helped=min(float(np.interp(0.0, _LOG_RATIOS, chance)), 1.0),
        weeks_before=int(before.sum()),
        weeks_after=int(after.sum()),
        items_before=float(y.sum()),
        items_after=float(counts[after].sum()),
        expected=float(y.sum() * (weights @ (sum_after / np.maximum(sum_before, 1e-12)))),
        fewer=_fewer(shapes, sum_after / np.maximum(sum_before, 1e-12), weights, doubt=doubt).scaled(spread),
        slope=float(weights @ slopes),
        whole=whole,
        overdispersion=spread,
    )


def _weeks(number: int) -> str:
    return f"{number} week{'' if number == 1 else 's'}"


# -- what each week could have brought ------------------------------------------------------------------------------


def _exposure(watched: Watched, *, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> tuple[Array, float, float]:
    """Exposure of each week, shape (weeks,); how the whole moved, as a ratio; and the doubt of that in logs."""
    customers = np.ones(len(before)) if watched.exposure is None else np.asarray(watched.exposure, dtype=np.float64)
    customers = np.maximum(customers, 1e-9)
    if watched.control is None:
        return customers, 1.0, 0.0
    control = np.asarray(watched.control, dtype=np.float64)
    smooth = _smoothed(control, customers)
    spread = _overdispersion(control, np.maximum(smooth * customers, 1e-9), fitted=1 / _SMOOTHED)
    own = spread * (1 / (control[before].sum() + 0.5) + 1 / (control[after].sum() + 0.5))
    trusted = WHOLE_SD**2 / (WHOLE_SD**2 + own)
    season = np.exp(trusted * np.log(np.maximum(smooth, 1e-9) / max(float(smooth.mean()), 1e-9)))
    moved = _rate(season, customers, after) / _rate(season, customers, before)
    return customers * season, float(moved), float(np.sqrt(trusted * own))


def _rate(season: Array, customers: Array, some: NDArray[np.bool_]) -> float:
    return float((season * customers)[some].sum() / max(float(customers[some].sum()), 1e-9)) if some.any() else 1.0


def _smoothed(control: Array, customers: Array) -> Array:
    """Items a customer, the mean of the weeks around; half an item is added to five weeks, so that none is zero."""
    window = np.ones(min(_SMOOTHED, len(control)))
    around = np.convolve(customers, window, mode="same")
    return np.asarray(
        np.convolve(control, window, mode="same") / around + 0.5 / float(around.max()),
        dtype=np.float64,
    )


def _overdispersion(counts: Array, mean: Array, *, fitted: float = 0.0) -> float:
    """Pearson's statistic over its degrees of freedom at the scale at which it is largest. `mean` is made to sum to the
    counts; `fitted` is the share of freedom that it took, beside the two of level and slope."""
    mean = mean * counts.sum() / max(float(mean.sum()), 1e-12)
    found = 1.0
    for size in _BLOCKS:
        blocks = len(counts) // size
        if blocks < _LEAST_BLOCKS:
            continue
        y, m = (some[len(some) - blocks * size :].reshape(blocks, size).sum(axis=1) for some in (counts, mean))
        free = max(blocks * (1 - fitted) - 2, 0.0)
        pearson = float((((y - m) ** 2) / np.maximum(m, 1e-9)).sum())
        found = max(found, (_HELD + pearson) / (_HELD + free))
    return found


# -- the trend before ---------------------------------------------------------------------------------------------


def _slopes(counts: Array, exposure: Array, times: Array) -> tuple[Array, Array]:
    """Slopes in logs a week and their weights, shape (29,) each."""
    slopes = _SLOPES * SLOPE_SD
    logs = -(_SLOPES**2) / 2 + _log_likelihood(slopes, counts, exposure, times)
    weights = np.exp(logs - logs.max())
    return slopes, weights / weights.sum()


def _log_likelihood(slopes: Array, counts: Array, exposure: Array, times: Array) -> Array:
    """Of the weeks given their sum: multinomial with shares in proportion to exposure · exp(slope · t)."""
    if not counts.sum():
        return np.zeros_like(slopes)
    logs = np.log(exposure) + np.outer(slopes, times)
    top = logs.max(axis=1, keepdims=True)
    whole = top[:, 0] + np.log(np.exp(logs - top).sum(axis=1))
    return np.asarray(logs @ counts - counts.sum() * whole)


def _likeliest(counts: Array, exposure: Array, times: Array) -> float:
    slopes, weights = _slopes(counts, exposure, times)
    return float(slopes[np.argmax(weights)])


# -- the ratio ----------------------------------------------------------------------------------------------------


def _chances(shapes: tuple[float, float], sums: tuple[Array, Array], weights: Array, *, doubt: float) -> Array:
    """The chance that the ratio is below each of `_LOG_RATIOS`, shape (241,), rising strictly. `shapes` are of the
    Gamma posteriors before and after, `sums` the exposures before and after under each slope, shape (slopes,)."""
    b, a = shapes
    before, after = (np.maximum(some, 1e-12) for some in sums)
    scale = np.log(after / before * b / a)
    places = (scale[:, None] + doubt * _DOUBTS[None, :]).ravel()
    likely = np.repeat(weights / len(_DOUBTS), len(_DOUBTS))
    kept = likely > 1e-7
    table = fdtr(2 * a, 2 * b, np.exp(_LOG_QUOTIENTS))
    quotients = (_LOG_RATIOS[:, None] + places[None, kept]).ravel()
    below = np.interp(quotients, _LOG_QUOTIENTS, table).reshape(len(_LOG_RATIOS), -1)
    chance = below @ (likely[kept] / likely[kept].sum())
    return np.asarray(chance + np.arange(len(chance)) * 1e-12)


def _fewer(shapes: tuple[float, float], growth: Array, weights: Array, *, doubt: float) -> Range:
    """P10, P50 and P90 of the items that would have come after less those that do, by quantiles of the Gamma posteriors
    before and after; `growth` is the exposure after over that before under each slope."""
    b, a = (gammaincinv(shape, _SHARES) for shape in shapes)
    without = growth[:, None, None] * np.exp(doubt * _DOUBTS)[None, :, None] * b[None, None, :]
    likely = np.broadcast_to(weights[:, None, None], without.shape)
    at = _quantiles(without.ravel(), likely.ravel(), _SHARES)
    low, middle, high = np.quantile(np.subtract.outer(at, a), [0.1, 0.5, 0.9]).tolist()
    return Range(low, middle, high)


def _quantiles(values: Array, weights: Array, shares: Array) -> Array:
    order = np.argsort(values)
    middle = np.cumsum(weights[order]) - weights[order] / 2
    return np.asarray(np.interp(shares, middle / weights.sum(), values[order]))
