"""Who there is in a simulated firm: accounts, the problems they have, what moves them, and who leaves. Pure.

Revenue is lognormal by segment. Which accounts have a problem hangs on their segment; how much they write does, too,
and on the firm's style: the quiet customer is the one that a count of items forgets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from insights.domain.estimate import Range
from insights.worth.leaving import HIGHEST, moved
from insights.worth.quantiles import chances_at
from insights.worth.value import Assumptions

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Generator = np.random.Generator

SEGMENTS = ("SMB", "mid", "enterprise")
SEGMENT_SHARES = (0.6, 0.3, 0.1)
REVENUE = np.array([4_000.0, 25_000.0, 120_000.0])
"""Median annual revenue of a segment's account; lognormal about it."""
_REVENUE_SPREAD = 1.0

STYLES: Mapping[str, tuple[float, float, float]] = {
    "alike": (1.0, 1.0, 1.0),
    "large ones talk": (0.5, 1.0, 2.5),
    "small ones talk": (1.5, 1.0, 0.4),
}
"""How much an account writes beside the average, by segment: who is the quiet customer."""

SEVERITIES = ("blocks", "hurts", "annoys", "wish")
_SEVERITY_SHARES = (0.15, 0.35, 0.35, 0.15)
_ATTITUDE_SHARES = (0.3, 0.35, 0.35)
SCORES_GIVEN = ((0, 7), (7, 9), (9, 11))
"""Of detractors, passives, promoters; the end is not in."""

TODAY = 20_000
"""Days since 1970."""
YEAR = 365.0
_MONTH = 30.4
LEAST_ITEMS = 2
"""A group of fewer is no problem."""

ANSWERS, ANSWERS_THAT_STATE = 0.4, 0.6
DEALS, LOST_DEALS, DEAL_DAYS = 0.1, 0.15, 120.0
_ITEMS_A_YEAR = (0.5, 6.0)
"""Of a problem from an account that has it: the firm's median lies between."""
STATES_ANOTHER = 0.1
_LEAVING_INTENT = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Shares of what the firm's records hold; what they do not hold is true all the same."""

    severity: float = 0.7
    renewal: float = 0.8
    revenue: float = 0.95
    amount: float = 0.85
    intent: float = 0.5
    """Of the items of an account that means to leave, the share that say so."""
    attitude: float = ANSWERS


EVERYTHING = Known(severity=1, renewal=1, revenue=1, amount=1, intent=1, attitude=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """Factors between a firm's truth and the settings, the same for all its problems: on the odds of leaving, on those
    of an item's being avoided, on weeks that the settings and not similar work tell."""

    loss: float = 1.0
    avoided: float = 1.0
    weeks: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What firms are drawn. `odds_off` is the factor by which the true multipliers of odds differ from the settings' at
    most; each factor of a firm's `Bias` is `bias_off` or 1 / `bias_off`."""

    accounts: tuple[int, int] = (40, 400)
    problems: tuple[int, int] = (20, 80)
    known: Known = Known()
    odds_off: float = 1.0
    bias_off: float = 1.0


@dataclass(slots=True, kw_only=True)
class Draft:
    """A firm in the making. Arrays over accounts (n,), problems (k,) or both (n, k); days count from 1970."""

    segment: Ints
    revenue: Array
    since: Ints
    attitude: Ints
    has: Bools
    intends: Bools
    rate: Array
    onset: Ints
    severity: Ints
    is_request: Bools
    start: int
    usual: float
    odds: "_Odds"
    left: Array = field(default_factory=lambda: np.zeros(0))
    loss: Array = field(default_factory=lambda: np.zeros(0))

    @property
    def size(self) -> tuple[int, int]:
        return self.has.shape[0], self.has.shape[1]

    def renewal_days(self, day: float) -> Array:
        """To the next yearly renewal, 1 to 365."""
        return np.asarray(YEAR - np.mod(day - self.since, YEAR), dtype=np.float64)

    def multipliers(self, day: float) -> Array:
        """What the odds of leaving are truly multiplied by, shape (n, k)."""
        soon = np.where(self.renewal_days(day) <= self.odds.renewal_days, self.odds.renewal_soon, 1.0)
        of_account: Array = self.odds.attitude[self.attitude] * soon
        return np.asarray(
            of_account[:, None]
            * self.odds.severity[self.severity][None, :]
            * np.where(self.intends, self.odds.says_leaving, 1.0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Odds:
    """The true multipliers of odds: severity (4,), attitude (3,)."""

    severity: Array
    attitude: Array
    says_leaving: float
    renewal_soon: float
    renewal_days: int


# -- who there is -------------------------------------------------------------------------------------------------


def draft_of(rng: Generator, a: Assumptions, kind: Kind, *, talk: Array) -> Draft:
    low, high = kind.accounts
    n, k = (
        round(float(np.exp(rng.uniform(np.log(low), np.log(high))))),
        int(rng.integers(*kind.problems, endpoint=True)),
    )
    segment = rng.choice(3, size=n, p=SEGMENT_SHARES)
    history = int(rng.integers(365, 731))
    start = TODAY - history
    since = np.where(rng.random(n) < 0.5, start - rng.integers(1, 1_800, n), rng.integers(start, TODAY - 30, n))
    often = np.exp(rng.normal(np.log(0.05), 0.9, k))[None, :] * np.exp(rng.normal(0, 0.6, (3, k)))[segment]
    has = rng.random((n, k)) < np.minimum(often, 0.7)
    often_written = np.exp(rng.uniform(*np.log(_ITEMS_A_YEAR)) + rng.normal(0, 0.6, k))
    rate = often_written[None, :] * (talk[segment] * np.exp(rng.normal(0, 0.5, n)))[:, None]
    return Draft(
        segment=segment,
        revenue=np.round(REVENUE[segment] * np.exp(rng.normal(0, _REVENUE_SPREAD, n))),
        since=since,
        attitude=rng.choice(3, size=n, p=_ATTITUDE_SHARES),
        has=has,
        intends=has & (rng.random((n, k)) < _LEAVING_INTENT),
        rate=rate,
        onset=np.where(rng.random(k) < 0.4, start, rng.integers(start, TODAY - 60, k)),
        severity=rng.choice(4, size=k, p=_SEVERITY_SHARES),
        is_request=rng.random(k) < 0.3,
        start=start,
        usual=float(rng.beta(a.usual.chance * a.usual.years, (1 - a.usual.chance) * a.usual.years)),
        odds=_odds(rng, a, off=kind.odds_off),
    )


def _odds(rng: Generator, a: Assumptions, *, off: float) -> _Odds:
    """The settings' multipliers, each off by a factor of its own."""
    wrong = np.exp(rng.uniform(-1, 1, 8) * np.log(off))
    m = a.moves
    return _Odds(
        severity=np.array([m.severity[word] for word in SEVERITIES]) * wrong[:4],
        attitude=np.array([m.detractor * wrong[4], 1.0, m.promoter * wrong[5]]),
        says_leaving=m.says_leaving * float(wrong[6]),
        renewal_soon=m.renewal_soon * float(wrong[7]),
        renewal_days=m.renewal_days,
    )


def bias_of(rng: Generator, off: float) -> Bias:
    loss, avoided, weeks = np.exp(rng.choice([-1.0, 1.0], 3) * np.log(off)).tolist()
    return Bias(loss=loss, avoided=avoided, weeks=weeks)


def mixed(common: Array, own: Array, shared: float) -> Array:
    """Standard normal scores of which any two have the correlation `shared`."""
    return np.asarray(shared**0.5 * common + (1 - shared) ** 0.5 * own)


def chances(some: Range, z: Array, *, odds: float = 1.0) -> Array:
    return moved(np.asarray(chances_at(some, z), dtype=np.float64), odds)


# -- who leaves ---------------------------------------------------------------------------------------------------


def departures(rng: Generator, draft: Draft, *, most: float) -> Array:
    """The day on which each account left, infinite where it did not, shape (n,)."""
    left = np.full(draft.size[0], np.inf)
    day = float(draft.start)
    while day < TODAY:
        length = min(_MONTH, TODAY - day)
        here = (draft.since <= day) & (left > day)
        added = np.where(draft.has & (draft.onset <= day), moved(draft.loss, draft.multipliers(day)), 0.0)
        chance = np.minimum(draft.usual + np.minimum(added.sum(axis=1), most), HIGHEST)
        goes = here & (rng.random(len(left)) < 1 - (1 - chance) ** (length / YEAR))
        left[goes] = np.floor(day + rng.random(int(goes.sum())) * length)
        day += length
    return left
