"""Draw the value, cost and return of many problems together. Pure and repeatable.

Every problem sees the same draws of what all share (how readily our customers leave, how well we sell, how much a fix
helps, how we plan), and draws of its own, which hang on its id alone: a new problem changes nobody else's figures.
`shared` is the correlation of two problems' unknowns. With 1 all problems rise and fall together, and A against B is
all but decided by their middles; with 0 nothing that is wrong with A's estimate would be wrong with B's, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr, ndtri

from insights.domain.estimate import Range
from insights.worth.quantiles import SCORES, amounts_at, chances_at, quantiles_of, range_of, table_at

Array = NDArray[np.float64]
Draws = NDArray[np.float32]

DRAWS = 10_000
TOP = 10
SURE = 0.8
"""The chance to outrank below which two problems are tied."""

_SEED = 20_26
_LEAVING, _AVOIDED, _EFFORT, _WINNING, _LOAD = range(5)
_SHARED = 4
"""The first so many unknowns are partly shared; how many items came by chance is each problem's own."""
_PART_DRAWS = 2_500
"""Enough for the range of a part that is shown beside the whole."""
_CHUNK = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One problem, ready to be drawn. `kept` is the revenue kept in a year, kept at `SCORES`; `beyond`, if any, what
    accounts not heard from add to it; `deals` and `support` are money a year that the chance to
    win and the share avoided multiply; `week_cost` is money."""

    id: int
    kept: Array
    deals: float
    win: Range
    items: float
    item_cost: float
    avoided: Range
    weeks: Range
    week_cost: float
    beyond: Array | None = None

    @property
    def support(self) -> float:
        """What its items cost in a year at the pace they came."""
        return self.items * self.item_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Draws of the return, shape (problems, draws), and for each problem P10, P50, P90 and the chances."""

    value: tuple[Range, ...]
    cost: tuple[Range, ...]
    roi: tuple[Range, ...]
    kept: tuple[Range, ...]
    support: tuple[Range, ...]
    chance_positive: Array
    chance_top: Array
    roi_draws: Draws

    def outranks(self, one: int, other: int) -> float:
        """The chance that the return at place `one` exceeds the one at `other`; equal ones count half."""
        a, b = self.roi_draws[one], self.roi_draws[other]
        return float((a > b).mean() + (a == b).mean() / 2)


def simulate(cases: Sequence[Case], *, shared: float, draws: int = DRAWS) -> Simulated:
    """Draw all problems. `shared` is 0..1."""
    common = _common(draws)
    roi = np.empty((len(cases), draws), dtype=np.float32)
    value, support = [], []
    for place, case in enumerate(cases):
        # Of value no draw is kept: of many problems they would take twice the memory.
        drawn, roi[place], saved = _drawn(case, _mixed(common, _own(case.id, draws), shared))
        value.append(range_of(drawn))
        support.append(saved)
    return Simulated(
        value=tuple(value),
        cost=tuple(case.weeks.scaled(case.week_cost) for case in cases),
        roi=tuple(range_of(row) for row in roi),
        kept=tuple(quantiles_of(case.kept) for case in cases),
        support=tuple(support),
        chance_positive=np.array([(row > 0).mean() for row in roi]),
        chance_top=_chance_top(roi),
        roi_draws=roi,
    )


def ties(order: Sequence[int], simulated: Simulated) -> dict[int, int]:
    """place -> the first place of its group, for those in a group of two and more. From the best on, a problem is tied
    with the group's first one while that outranks it with a chance below `SURE`."""
    groups: list[list[int]] = []
    for place in order:
        if groups and simulated.outranks(groups[-1][0], place) < SURE:
            groups[-1].append(place)
        else:
            groups.append([place])
    return {place: group[0] for group in groups if len(group) > 1 for place in group}


def _common(draws: int) -> Draws:
    """What all share, shape (shared unknowns, draws): each unknown's draws are its equally likely points in another
    order (Latin hypercube; McKay, Beckman and Conover, 1979), as an error here would be every problem's."""
    points = ndtri((np.arange(draws) + 0.5) / draws).astype(np.float32)
    return _generator(0).permuted(np.tile(points, (_SHARED, 1)), axis=1)


def _own(problem: int, draws: int) -> Draws:
    """Standard normal draws of one problem's unknowns, shape (unknowns, draws)."""
    return _generator(problem).standard_normal((_LOAD + 1, draws), dtype=np.float32)


def _generator(stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence((_SEED, stream))))


def _mixed(common: Draws, own: Draws, shared: float) -> Draws:
    """Draws of each unknown, shape (unknowns, draws)."""
    mixed: Draws = np.float32((1 - shared) ** 0.5) * own
    mixed[:_SHARED] += np.float32(shared**0.5) * common
    mixed[_SHARED:] = own[_SHARED:]
    return mixed


def _drawn(case: Case, z: Draws) -> tuple[Draws, Draws, Range]:
    """Value and return, each shape (draws,), and the range of the support saved."""
    kept = case.kept if case.beyond is None else case.kept + case.beyond
    value = table_at(kept.astype(np.float32), z[_LEAVING])
    if case.deals:
        value += np.float32(case.deals) * chances_at(case.win, z[_WINNING])
    support = Range(0.0, 0.0, 0.0)
    if case.item_cost:
        saved = (
            np.float32(case.item_cost)
            * table_at(load_table(case.items), z[_LOAD])
            * chances_at(case.avoided, z[_AVOIDED])
        )
        value, support = value + saved, range_of(saved[:_PART_DRAWS])
    cost = np.float32(case.week_cost) * amounts_at(case.weeks, z[_EFFORT])
    return value, value / cost - 1, support


@lru_cache(maxsize=4096)
def load_table(items: float) -> Draws:
    """How many items are to be expected where so many came, kept at `SCORES`: the mean of a Poisson distribution of
    which they are one draw, Gamma(items + 1/2, 1) (Jeffreys' prior). Another quarter brings others by chance alone."""
    return np.asarray(gammaincinv(items + 0.5, ndtr(SCORES)), dtype=np.float32)


def _chance_top(roi: Draws) -> Array:
    """The share of draws in which each problem is among the first `TOP`; equal ones share the places that are left."""
    problems, draws = roi.shape
    if problems <= TOP:
        return np.ones(problems)
    inside: Array = np.zeros(problems)
    for start in range(0, draws, _CHUNK):
        some = roi[:, start : start + _CHUNK].T.copy()
        least = np.partition(some, problems - TOP, axis=1)[:, problems - TOP, None]
        above, level = some > least, some == least
        left = (TOP - above.sum(axis=1)) / level.sum(axis=1)
        inside += above.sum(axis=0) + left @ level
    return np.asarray(inside / draws)
