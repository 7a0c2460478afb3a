"""Why a problem has its rank: shares by factor, the smallest change that moves it, what is worth finding out. Pure.

Shares are exact Shapley values against the typical problem. The smallest change is measured in the assumption's own
doubt, so that a chance and a number of weeks can be compared. What is worth finding out is the expected value of
perfect information on one unknown, beside what the same money would return elsewhere.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insights.domain.estimate import Range
from insights.domain.figures import money
from insights.worth.quantiles import amount_score, chance_score
from insights.worth.simulation import TOP

Array = NDArray[np.float64]

REVENUE = "revenue at stake"
LEAVING = "chance to leave"
DEALS = "deals"
SUPPORT = "support load"
EFFORT = "effort"
WINNING = "chance to win"
AVOIDED = "share avoided"

FACTORS = (REVENUE, LEAVING, DEALS, SUPPORT, EFFORT)
"""The factors of a return, in the order of the columns of `Levels`."""

FARTHEST = 3.0
"""Standard normal score beyond which a change is no longer thought of: about one chance in 740."""

_TELLING = 0.02
"""The share of the cost below which finding out is not worth a word."""
_DIGITS = 2
_MOST_DIGITS = 5


# -- shares by factor -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The factors of n problems, each shape (n,). `revenue` is a year's at stake, `chance` what is kept of it (see
    `effective_chance`), `deals` likely revenue won, `support` likely support saved, `cost` that of the work, above 0;
    all but the chance are money."""

    revenue: Array
    chance: Array
    deals: Array
    support: Array
    cost: Array

    def columns(self) -> Array:
        """Shape (n, 5), in the order of `FACTORS`."""
        return np.column_stack((self.revenue, self.chance, self.deals, self.support, self.cost)).astype(np.float64)


def effective_chance(kept: Array, revenue: Array) -> Array:
    """Likely revenue kept / revenue at stake, shape (n,). Where nothing is at stake, the middle one of the others: a
    chance to lose nothing explains nothing."""
    paying = revenue > 0
    typical = float(np.median(kept[paying] / revenue[paying])) if paying.any() else 0.0
    chance: Array = np.divide(kept, revenue, out=np.full(len(kept), typical), where=paying)
    return chance


def return_at(levels: Array) -> Array:
    """The return on investment at factor levels (m, 5), shape (m,)."""
    revenue, chance, deals, support, cost = levels.T
    return np.asarray((revenue * chance + deals + support) / cost - 1)


def factor_shares(levels: Levels) -> Array:
    """What each factor adds to the return beside the typical problem's, shape (n, 5), columns as `FACTORS`. The typical
    problem has the median of each factor over the problems; a row sums to the problem's return less the typical
    one's. A single problem is its own typical one: its shares are 0."""
    at = levels.columns()
    if not len(at):
        return np.zeros((0, len(FACTORS)))
    return shapley(return_at, at, np.median(at, axis=0))


def shapley(worth: Callable[[Array], Array], at: Array, reference: Array) -> Array:
    """The Shapley value of each factor (Shapley, 1953, "A value for n-person games"), an absent factor being at its
    reference level (Lundberg and Lee, 2017, "A unified approach to interpreting model predictions", with one
    reference).

    `at` is (n, f), `reference` (f,); `worth` takes levels (m, f) and gives (m,). Exact: all 2^f subsets of the factors
    are evaluated for every row, so f is a handful. Returns (n, f); a row sums to worth(at) - worth(reference)."""
    rows, factors = at.shape
    subsets = np.arange(2**factors)
    present = (subsets[:, None] >> np.arange(factors)) & 1 == 1
    mixed = np.where(present[:, None, :], at[None, :, :], reference)
    worths = worth(mixed.reshape(-1, factors)).reshape(len(subsets), rows)
    sizes = present.sum(axis=1)
    weights = np.array([1 / (factors * math.comb(factors - 1, size)) for size in range(factors)])
    shares = np.empty((rows, factors))
    for factor in range(factors):
        without = subsets[~present[:, factor]]
        gained = worths[without | (1 << factor)] - worths[without]
        shares[:, factor] = weights[sizes[without]] @ gained
    return shares


# -- the smallest change ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """One assumption of one problem, likely at `quantiles.likely`. Value, or cost if `of_cost`, is money and changes
    by `coefficient` x (another level - the likely one): revenue at stake for a chance to leave, the cost of a week for
    effort in weeks. A chance has its distribution in log-odds, an amount in logarithms; `unit` is an amount's."""

    name: str
    quantiles: Range
    kind: Literal["chance", "amount"]
    coefficient: float
    of_cost: bool = False
    unit: str = ""

    def score(self, level: float) -> float:
        """The standard normal score of a level; infinite where the distribution does not reach."""
        return (chance_score if self.kind == "chance" else amount_score)(self.quantiles, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """The smallest change of one assumption that changes a rank: the unknown beyond the level `at`, `below` or above
    it, brings the problem from `rank` to `rank_after`. `z` is the standard normal score of `at`, 0 being the likely
    level `now`. `rank_at_end` is the rank with the unknown at its P10 or P90 in that direction: unchanged if that is
    nearer than `at`."""

    unknown: Unknown
    at: float
    now: float
    below: bool
    rank: int
    rank_after: int
    rank_at_end: int
    z: float


def smallest_changes(
    order: Sequence[int], *, roi50: Array, cost50: Array, unknowns: Sequence[Sequence[Unknown]], apart: float = 0.0
) -> list[Flip | None]:
    """For each of n problems the change of one of its own assumptions, all else alike, that moves it past the nearest
    one below or above whose return differs by `apart` of value over cost, the smallest in score; None where nothing
    within `FARTHEST` does.

    `order` has the places of the problems by falling `roi50` (n,), the return's P50; `cost50` (n,) is the likely cost
    in money, above 0; `unknowns` has each problem's. The value is taken to be (roi50 + 1) x cost50, so that the order
    is the list's, and the P50 to move as the return does with all else at its likely level; to draw anew may differ."""
    rising = sorted(float(roi) for roi in roi50)
    falling = np.array([roi50[place] for place in order], dtype=np.float64)
    flips: list[Flip | None] = [None] * len(order)
    for position, place in enumerate(order):
        own = _Standing(float(roi50[place]), float(cost50[place]), position + 1, rising)
        beside = _beside(falling, position, apart=apart)
        found = [
            flip
            for unknown in unknowns[place]
            for neighbour, drop in beside
            if (flip := _flip(unknown, own, neighbour=neighbour, drop=drop)) is not None
        ]
        flips[place] = min(found, key=lambda flip: abs(flip.z), default=None)
    return flips


def _beside(falling: Array, position: int, *, apart: float) -> list[tuple[float, bool]]:
    """The returns of the nearest below and above that differ by `apart` of value over cost, and whether to pass them is
    to drop; none, one or both. `falling` are the returns in order, shape (n,)."""
    own = falling[position]
    is_apart = np.abs(falling - own) >= apart * abs(1 + own)
    below, above = np.flatnonzero(is_apart[position + 1 :]), np.flatnonzero(is_apart[:position])
    beside = [(float(falling[position + 1 + below[0]]), True)] if len(below) else []
    return [*beside, (float(falling[above[-1]]), False)] if len(above) else beside


@dataclass(frozen=True, slots=True)
class _Standing:
    """One problem among the others, whose returns, its own among them, are `rising`."""

    roi: float
    cost: float
    rank: int
    rising: Sequence[float]

    @property
    def value(self) -> float:
        return (self.roi + 1) * self.cost

    def rank_at(self, roi: float, *, drop: bool) -> int:
        """The rank just past those who return `roi`."""
        if drop:
            return 1 + len(self.rising) - bisect_left(self.rising, roi) - (self.roi >= roi)
        return 1 + len(self.rising) - bisect_right(self.rising, roi) - (self.roi > roi)

    def roi_at(self, unknown: Unknown, level: float) -> float:
        change = unknown.coefficient * (level - unknown.quantiles.likely)
        value = self.value + (0.0 if unknown.of_cost else change)
        cost = self.cost + (change if unknown.of_cost else 0.0)
        return value / cost - 1 if cost > 0 else math.inf

    def level_for(self, unknown: Unknown, roi: float) -> float | None:
        """The level of the unknown at which the return is `roi`; None where there is none."""
        if not unknown.coefficient:
            return None
        if not unknown.of_cost:
            change = (roi - self.roi) * self.cost
        elif self.value > 0 and roi > -1:
            change = self.value / (roi + 1) - self.cost
        else:
            return None
        return unknown.quantiles.likely + change / unknown.coefficient


def _flip(unknown: Unknown, own: _Standing, *, neighbour: float, drop: bool) -> Flip | None:
    level = own.level_for(unknown, neighbour)
    z = math.inf if level is None else unknown.score(level)
    if level is None or abs(z) > FARTHEST:
        return None
    below = drop != unknown.of_cost
    end = unknown.quantiles.low if below else unknown.quantiles.high
    return Flip(
        unknown=unknown,
        at=level,
        now=unknown.quantiles.likely,
        below=below,
        rank=own.rank,
        rank_after=own.rank_at(neighbour, drop=drop),
        rank_at_end=own.rank_at(own.roi_at(unknown, end), drop=drop),
        z=z,
    )


def flip_in_words(flip: Flip) -> str:
    """ "chance to leave below 2.1% (now 3.0%) drops it to #3", "effort above 4.2 weeks (now 3) drops it to #3". The
    level is rounded away from the likely one, so that the sentence is true, by a quarter of the way to it at most."""
    percent = flip.unknown.kind == "chance"
    at, now = (100 * level if percent else level for level in (flip.at, flip.now))
    digits = _DIGITS
    while digits < _MOST_DIGITS and abs(_away(at, flip.below, _decimals(at, digits, percent)) - at) > abs(at - now) / 4:
        digits += 1
    decimals = _decimals(at, digits, percent)
    said = _figure(_away(at, flip.below, decimals), decimals, percent)
    unit = f" {flip.unknown.unit}" if flip.unknown.unit else ""
    likely = _figure(now, _decimals(now, digits, percent), percent)
    moves = "drops" if flip.rank_after > flip.rank else "lifts"
    way = "below" if flip.below else "above"
    return f"{flip.unknown.name} {way} {said}{unit} (now {likely}) {moves} it to #{flip.rank_after}"


def _decimals(number: float, digits: int, percent: bool) -> int:
    """So many that as many digits tell; near 100 % those of what is left tell: 2.1, 70, 99.2."""
    telling = min(number, 100 - number) if percent else number
    return max(0, digits - 1 - math.floor(math.log10(telling))) if telling > 0 else 0


def _away(number: float, down: bool, decimals: int) -> float:
    scale = 10.0**decimals
    whole = round(number * scale, 6)  # what is a whole number but for its last bits is left alone
    return (math.floor(whole) if down else math.ceil(whole)) / scale


def _figure(number: float, decimals: int, percent: bool) -> str:
    text = f"{number:.{decimals}f}"
    if percent:
        return f"{text}%"
    return text.rstrip("0").rstrip(".") if "." in text else text


# -- what is worth finding out ----------------------------------------------------------------------------------


def hurdle_of(roi50: Array) -> float:
    """What a unit of cost must return for a problem to be done, as a multiple: as much as in the problem at the cut,
    the one at place `TOP`. 1 where all are within the cut, and where that one loses money: nothing need be done."""
    if len(roi50) <= TOP:
        return 1.0
    return max(1.0, 1.0 + float(np.sort(roi50)[-TOP]))


def worth_knowing(values: Mapping[str, Array], *, cost: Array, hurdle: float, sure: Array | float = 0.0) -> Array:
    """The expected value of perfect information on one unknown (Raiffa and Schlaifer, 1961, "Applied statistical
    decision theory"; "partial" or EVPPI in Strong, Oakley and Brennan, 2014), in money, >= 0, shape (n, unknowns + 1):
    one column for each of `values`, in their order, and the last for the effort.

    Decided is whether to do a problem or to put its cost where it returns `hurdle` times itself: it is done if its
    mean value exceeds `hurdle` x its mean cost. `values` has, for each unknown, what it adds to the value of n
    problems in money at equally likely points of its distribution, shape (n, points); `cost` (n, points) is that of
    the effort; `sure` (n,) is mean value that hangs on none of them. The unknowns are independent and their amounts
    are added, so that the mean given one of them is exact, and no nested simulation is needed."""
    net = [*values.values(), -hurdle * cost]
    means = np.array([some.mean(axis=1) for some in net])
    whole = means.sum(axis=0) + sure
    changed = np.where(whole > 0, -1.0, 1.0)[:, None]  # what the other decision would bring
    given = [changed * (some + (whole - mean)[:, None]) for some, mean in zip(net, means, strict=True)]
    return np.column_stack([np.maximum(some, 0).mean(axis=1) for some in given])


def knowing_in_words(name: str, amount: float, currency: str, *, cost: float, hurdle: float) -> str:
    """ "worth finding out: effort (up to $12k): it decides whether this belongs in the first ten"; empty where that is
    worth less than a fiftieth of the likely cost. With a hurdle of 1 the question is whether it pays."""
    if amount <= 0 or amount < _TELLING * cost:
        return ""
    question = "belongs in the first ten" if hurdle > 1 else "pays"
    return f"worth finding out: {name} (up to {money(amount, currency)}): it decides whether this {question}"
