"""Why each problem stands where it stands: what sets it apart, what would move it, what is worth finding out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insights.domain.estimate import Factor, Range
from insights.domain.figures import counted, money
from insights.worth.explaining import (
    AVOIDED,
    EFFORT,
    FACTORS,
    LEAVING,
    WINNING,
    Array,
    Levels,
    Unknown,
    effective_chance,
    factor_shares,
    flip_in_words,
    hurdle_of,
    knowing_in_words,
    smallest_changes,
    worth_knowing,
)
from insights.worth.leaving import GRID_Z
from insights.worth.quantiles import amounts_at, chances_at, quantiles_of, table_at
from insights.worth.simulation import Simulated
from insights.worth.value import Worked

_APART = 0.05
"""Returns whose value over cost differs by less are as good as equal: passing one another tells nothing."""

_KNOWABLE = (LEAVING, WINNING, AVOIDED, EFFORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """For one problem: the factors by their share in its return, and two sentences, which may be empty."""

    factors: tuple[Factor, ...] = ()
    flip: str = ""
    worth_knowing: str = ""


def reasons_of(worked: Sequence[Worked], simulated: Simulated, *, order: Sequence[int], currency: str) -> list[Reasons]:
    """One for each problem, in the order of `worked`; `order` has the places, best first."""
    roi50 = np.array([roi.likely for roi in simulated.roi])
    cost50 = np.array([cost.likely for cost in simulated.cost])
    levels = _levels(worked)
    shares = factor_shares(levels)
    unknowns = [_unknowns(one) for one in worked]
    flips = smallest_changes(order, roi50=roi50, cost50=cost50, unknowns=unknowns, apart=_APART)
    hurdle = hurdle_of(roi50)
    knowing = worth_knowing(_known_values(worked), cost=_costs(worked), hurdle=hurdle)
    best = knowing.argmax(axis=1)
    return [
        Reasons(
            factors=_factors(one, levels, place, shares=shares[place], currency=currency),
            flip=flip_in_words(flip) if flip else "",
            worth_knowing=knowing_in_words(
                _KNOWABLE[best[place]],
                float(knowing[place, best[place]]),
                currency,
                cost=float(cost50[place]),
                hurdle=hurdle,
            ),
        )
        for place, (one, flip) in enumerate(zip(worked, flips, strict=True))
    ]


def _levels(worked: Sequence[Worked]) -> Levels:
    """The factors at their likely levels."""
    revenue = np.array([one.revenue for one in worked])
    kept = np.array([quantiles_of(one.case.kept).likely for one in worked])
    return Levels(
        revenue=revenue,
        chance=effective_chance(kept, revenue),
        deals=np.array([one.case.deals * one.case.win.likely for one in worked]),
        support=np.array([one.case.support * one.case.avoided.likely for one in worked]),
        cost=np.array([one.case.weeks.likely * one.case.week_cost for one in worked]),
    )


def _factors(one: Worked, levels: Levels, place: int, *, shares: Array, currency: str) -> tuple[Factor, ...]:
    is_paid = one.known > 0
    words = (
        f"{counted(one.known, 'account')} paying {money(one.revenue, currency)} a year" if is_paid else "nothing known",
        f"{levels.chance[place]:.1%} of it, likely" if is_paid else "no account of known revenue",
        f"{money(float(levels.deals[place]), currency)} won, likely",
        f"{money(float(levels.support[place]), currency)} saved, likely",
        f"{one.case.weeks.likely:g} weeks ({one.weeks_source})",
    )
    return tuple(
        Factor(name=name, share=float(share), words=said)
        for name, share, said in zip(FACTORS, shares, words, strict=True)
    )


def _unknowns(one: Worked) -> list[Unknown]:
    case = one.case
    found = [
        Unknown(
            name=EFFORT, quantiles=case.weeks, kind="amount", coefficient=case.week_cost, of_cost=True, unit="weeks"
        )
    ]
    if one.revenue:
        kept = quantiles_of(case.kept)
        chance = Range(kept.low / one.revenue, kept.likely / one.revenue, kept.high / one.revenue)
        found.append(Unknown(name=LEAVING, quantiles=chance, kind="chance", coefficient=one.revenue))
    if case.deals:
        found.append(Unknown(name=WINNING, quantiles=case.win, kind="chance", coefficient=case.deals))
    if case.support:
        found.append(Unknown(name=AVOIDED, quantiles=case.avoided, kind="chance", coefficient=case.support))
    return found


def _known_values(worked: Sequence[Worked]) -> dict[str, Array]:
    """What each unknown adds to the value at equally likely points, shape (n, points)."""
    kept = [one.case.kept if one.case.beyond is None else one.case.kept + one.case.beyond for one in worked]
    return {
        LEAVING: np.array([table_at(some, GRID_Z) for some in kept]),
        WINNING: np.array([one.case.deals * chances_at(one.case.win, GRID_Z) for one in worked]),
        AVOIDED: np.array([one.case.support * chances_at(one.case.avoided, GRID_Z) for one in worked]),
    }


def _costs(worked: Sequence[Worked]) -> Array:
    return np.array([one.case.week_cost * amounts_at(one.case.weeks, GRID_Z) for one in worked])
