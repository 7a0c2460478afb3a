"""The parts that a problem's value and cost are made of, before anything is drawn. Pure: facts and assumptions in.

Revenue kept is the sum over the accounts that have the problem of annual revenue x added chance to leave because of it;
revenue won that over deals which name it of amount x added chance to win; support saved items a year x handling time x
hourly cost x share avoided. What would count twice is taken off: an account leaves once, whatever the number of its
problems; a renewal is revenue kept, not won.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from insights.domain.estimate import Range, Revision
from insights.domain.facts import Facts, Firm
from insights.worth.leaving import (
    GRID,
    Moves,
    Usual,
    at_scores,
    grid_weights,
    moved,
    odds_multiplier,
    prior_grid,
    unknown_severity,
)
from insights.worth.quantiles import SCORES, quantiles_of
from insights.worth.simulation import Case

Array = NDArray[np.float64]

DAYS_IN_YEAR = 365.0
LARGEST = 1e15
"""More than any customer pays in a year, in any currency: an amount beyond is a slip, whose draws were no numbers."""
_SHARES = 12
"""Quantiles at which the share of accounts that have a problem is weighed."""
_MIDDLE = len(SCORES) // 2
_EVERY = 4
"""Every so many grid points are enough for a product of two unknowns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """The numbers behind every estimate; shares and chances are 0..1, money is a year's or an hour's. `account_limit`
    is the most annual revenue that one account counts with, None = no limit."""

    loss: Range
    win: Range
    lost_deal_share: float
    minutes_per_item: float
    hourly_cost: float
    share_avoided: Range
    weeks: Range
    request_weeks: Range
    week_cost: float
    moves: Moves
    usual: Usual
    learn_departures: bool = True
    most_lost: float = 0.6
    account_limit: float | None = None
    reach_silent: bool = False
    silent_share: float = 0.5
    shared: float = 0.5
    currency: str = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """One problem worked out: the case to draw, what it rests on, and what was left out of it. `chance` is the likely
    revenue kept as a share of what its accounts pay; `learned` whether departures moved it."""

    facts: Facts
    revision: Revision
    case: Case
    known: int
    unknown: int
    revenue: float
    chance: float
    learned: bool
    counted_twice: float
    limited: float
    minutes: float
    weeks_source: str
    weeks_words: str
    severity: str | None
    beyond: Array | None


@dataclass(frozen=True, slots=True)
class _Payers:
    """Arrays of the accounts of known revenue: ids, what they count with, the odds, and what the limit took."""

    ids: NDArray[np.int64]
    revenue: Array
    odds: Array
    over_limit: Array


def work_out(
    facts: Mapping[int, Facts],
    firm: Firm,
    assumptions: Assumptions,
    *,
    revisions: Mapping[int, Revision],
    only: Collection[int] | None = None,
) -> dict[int, Worked]:
    """Every problem ready to be drawn, in the order given; or `only` some of them, exactly as they are among all."""
    wanted = facts if only is None else {number: facts[number] for number in only}
    beside = facts if only is None else _sharing_accounts(facts, wanted)
    revised = {number: revisions.get(number, Revision()) for number in facts}
    payers = {number: _payers(facts[number], revised[number], assumptions) for number in beside}
    told = [severity for number in facts if (severity := revised[number].severity or facts[number].severity)]
    unknown = unknown_severity(assumptions.loss, told, assumptions.moves)
    spread = {
        number: _loss(facts[number], firm, revised[number], assumptions, payers=payers[number], unknown=unknown)
        for number in beside
    }
    kept_share = _shares_of_accounts(payers, spread, most=assumptions.most_lost)
    return {
        number: _worked(
            number,
            facts[number],
            firm,
            assumptions,
            revision=revised[number],
            payers=payers[number],
            loss=spread[number],
            shares=kept_share[number],
        )
        for number in wanted
    }


def _sharing_accounts(facts: Mapping[int, Facts], wanted: Mapping[int, Facts]) -> dict[int, Facts]:
    """Those wanted and all that share a paying account with one of them: nothing else has a say in what they lose."""
    theirs = {one.account for some in wanted.values() for one in some.accounts}
    return {
        number: some
        for number, some in facts.items()
        if number in wanted or any(one.account in theirs for one in some.accounts)
    }


def items_a_year(facts: Facts) -> float:
    return facts.items * DAYS_IN_YEAR / max(facts.days, 1.0)


@dataclass(frozen=True, slots=True)
class _Loss:
    """The added chance to leave at rising grid points and their weights, shape (GRID,); its middle; whether departures
    had a say."""

    grid: Array
    weights: Array
    likely: float
    learned: bool


def _payers(facts: Facts, revision: Revision, a: Assumptions) -> _Payers:
    paying = [one for one in facts.accounts if one.revenue is not None]
    severity = revision.severity or facts.severity
    # Who pays less than nothing, as after a credit note, is no gain when they leave.
    full = np.array([held(one.revenue) for one in paying], dtype=np.float64)
    counted = full if a.account_limit is None else np.minimum(full, a.account_limit)
    return _Payers(
        ids=np.array([one.account for one in paying], dtype=np.int64),
        revenue=counted,
        odds=np.array([odds_multiplier(one, severity=severity, moves=a.moves) for one in paying], dtype=np.float64),
        over_limit=full - counted,
    )


def _loss(facts: Facts, firm: Firm, revision: Revision, a: Assumptions, *, payers: _Payers, unknown: Array) -> _Loss:
    """What a person said outranks what departures tell; `unknown` is the grid where nobody told the severity."""
    even = np.full(GRID, 1 / GRID)
    if revision.loss is not None:
        return _Loss(prior_grid(revision.loss), even, revision.loss.likely, learned=False)
    grid = prior_grid(a.loss) if revision.severity or facts.severity else unknown
    learns = a.learn_departures and firm.stay.left > 0 and facts.stay.years > 0
    weights = _learned(grid, facts, firm, a, payers) if learns else even
    return _Loss(grid, weights, float(at_scores(grid, weights)[_MIDDLE]), learned=learns)


def _learned(grid: Array, facts: Facts, firm: Firm, a: Assumptions, payers: _Payers) -> Array:
    """The weights of the grid after what departures tell."""
    mean_odds = float(payers.odds.mean()) if len(payers.odds) else 1.0
    others = firm.stay.without(facts.stay)
    return grid_weights(grid, seen=facts.stay, others=others, usual=a.usual, multiplier=mean_odds)


def _shares_of_accounts(payers: Mapping[int, _Payers], losses: Mapping[int, _Loss], *, most: float) -> dict[int, Array]:
    """For each account of each problem what is left of it, 0..1: all its problems together lose it with `most`."""
    total: dict[int, float] = {}
    chances = {n: moved(np.asarray(losses[n].likely), payers[n].odds) for n in payers}
    for number, some in payers.items():
        for account, chance in zip(some.ids.tolist(), chances[number].tolist(), strict=True):
            total[account] = total.get(account, 0.0) + chance
    return {
        number: np.array([min(1.0, most / max(total[account], 1e-12)) for account in some.ids.tolist()])
        for number, some in payers.items()
    }


def _worked(
    number: int,
    facts: Facts,
    firm: Firm,
    a: Assumptions,
    *,
    revision: Revision,
    payers: _Payers,
    loss: _Loss,
    shares: Array,
) -> Worked:
    kept = at_scores(_kept(payers.revenue * shares, payers.odds, loss.grid), loss.weights)
    beyond = _beyond(facts, firm, loss, a)
    revenue = float(payers.revenue.sum())
    chances = moved(np.asarray(loss.likely), payers.odds)
    minutes = a.minutes_per_item if revision.minutes is None else revision.minutes
    weeks, source, words = effort_of(facts, revision, a)
    case = Case(
        id=number,
        kept=kept,
        deals=known_sum(facts.open_deals) + a.lost_deal_share * known_sum(facts.lost_deals),
        win=revision.win or a.win,
        items=facts.items,
        item_cost=minutes / 60 * a.hourly_cost * DAYS_IN_YEAR / max(facts.days, 1.0),
        avoided=revision.share_avoided or a.share_avoided,
        weeks=weeks,
        week_cost=a.week_cost,
        beyond=beyond if a.reach_silent else None,
    )
    return Worked(
        facts=facts,
        revision=revision,
        case=case,
        known=len(payers.ids),
        unknown=len(facts.accounts) - len(payers.ids),
        revenue=revenue,
        chance=quantiles_of(kept).likely / revenue if revenue else loss.likely,
        learned=loss.learned,
        counted_twice=float((payers.revenue * (1 - shares) * chances).sum()),
        limited=float((payers.over_limit * chances).sum()),
        minutes=minutes,
        weeks_source=source,
        weeks_words=words,
        severity=revision.severity or facts.severity,
        beyond=beyond,
    )


def _kept(revenue: Array, odds: Array, grid: Array) -> Array:
    """Revenue kept at each grid point, shape (GRID,): accounts whose odds are alike are taken together."""
    alike, place = np.unique(odds, return_inverse=True)
    sums = np.bincount(place, weights=revenue, minlength=len(alike))
    return np.asarray(sums @ moved(grid[None, :], alike[:, None])) if len(alike) else np.zeros_like(grid)


def _beyond(facts: Facts, firm: Firm, loss: _Loss, a: Assumptions) -> Array | None:
    """What accounts not heard from may add, kept at SCORES; None where there are none. Of those heard from a share has
    the problem, Beta(k + 1/2, n - k + 1/2) (Jeffreys); that of the silent is taken to be the same."""
    heard, having = firm.heard, len(facts.accounts)
    if not firm.silent_revenue or not having or heard < having:
        return None
    share = betaincinv(having + 0.5, heard - having + 0.5, (np.arange(_SHARES) + 0.5) / _SHARES)
    middles = loss.grid.reshape(-1, _EVERY).mean(axis=1)
    amounts = firm.silent_revenue * a.silent_share * np.outer(share, middles).ravel()
    weights = np.tile(loss.weights.reshape(-1, _EVERY).sum(axis=1) / _SHARES, _SHARES)
    order = np.argsort(amounts)
    middle = np.cumsum(weights[order]) - weights[order] / 2
    at_grid = np.interp((np.arange(GRID) + 0.5) / GRID, middle, amounts[order])
    return at_scores(at_grid, np.full(GRID, 1 / GRID))


def effort_of(facts: Facts, revision: Revision, a: Assumptions) -> tuple[Range, str, str]:
    """Weeks, who says so, and on what ground: a person, else similar finished work, else a model, else the default."""
    if revision.weeks is not None:
        return revision.weeks, "you", ""
    if facts.effort is not None:
        return facts.effort.weeks, facts.effort.source, facts.effort.words
    return (a.request_weeks, "default, new work", "") if facts.is_request else (a.weeks, "default", "")


def known_sum(amounts: Sequence[float | None]) -> float:
    """The sum of those that somebody told us."""
    return float(sum(held(amount) for amount in amounts))


def held(amount: float | None) -> float:
    """An amount within what can be true; 0 where nobody told it, and where it is below."""
    return min(max(amount or 0.0, 0.0), LARGEST)
