"""Whether groups of customers get their share of the top of a list. Pure: arrays in, shares and ratios out.

A problem is its voices: a row of weights over the groups of one attribute and, last, over what is unknown. A group's
share of the top is what it has of the known voices there; its ratio is that share over its share of all problems, or of
accounts. Below 0.8 it is flagged, as by the four-fifths rule (29 CFR 1607.4(D)). That rule compares with the group that
fares best; here the comparison is with all, which flags less. What has more than its share is not flagged.

Ten places tell little, so intervals are wide. That of a share of the top is Beta(x + 1/2, k - x + 1/2), as of a
proportion under Jeffreys' prior (Brown, Cai & DasGupta 2001), for x of k effective places: problems of many voices
differ less than wholly one group's or another's do, so ten of them tell as much as 10 x p (1 - p) / s^2 of those, s^2
being the variance of the group's weight over all problems, p its mean (Korn & Graubard 1998). `chance` is the share of
random orders that give a group as little (Fisher's randomisation test): of orders that know nothing of groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

Array = NDArray[np.float64]

TOP = 10
LEAST_RATIO = 0.8
LEAST_SHARE = 0.05
"""Of all problems, or accounts: a smaller group cannot expect one place in ten."""
LEAST_COUNT = 2.0
"""Problems' worth, or accounts."""

_ORDERS = 2_000
_CHUNK = 200
_SEED = 29_1607
_TAIL = 0.025
_MOST_GAIN = 25.0


class Verdict(StrEnum):
    BELOW = "below"
    ENOUGH = "enough"
    TOO_FEW = "too few to say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A share of the top over another share; `low` to `high` is its 95 % interval. All None where nobody is known."""

    value: float | None
    low: float | None
    high: float | None
    verdict: Verdict

    @property
    def is_below(self) -> bool:
        return self.verdict is Verdict.BELOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Shares, 0..1, of the known: each of the three sums to 1 over the groups, or is 0 where nobody is known."""

    name: str
    top: float
    problems: float
    accounts: float
    to_problems: Ratio
    to_accounts: Ratio
    chance: float

    @property
    def is_flagged(self) -> bool:
        return self.to_problems.is_below or self.to_accounts.is_below

    @property
    def is_clearly_low(self) -> bool:
        """Flagged, and the whole interval is below."""
        ratios = (self.to_problems, self.to_accounts)
        return any(one.is_below and one.high is not None and one.high < LEAST_RATIO for one in ratios)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Groups of one attribute, the one with the largest share of accounts, then of problems, first. `top` is how many
    places were looked at, of so many `problems`; unknown is the share of voices whose group is not known."""

    groups: tuple[Group, ...]
    top: int
    problems: int
    unknown_top: float
    unknown_problems: float


def shares_of(names: Sequence[str], weights: Array, *, accounts: Array, order: Sequence[int], top: int = TOP) -> Shares:
    """Every group's shares. `weights` has shape (problems, groups + 1), each row sums to 1, the last column is
    unknown; `accounts` counts accounts, shape (groups,); `order` are rows, best first: others do not count."""
    rows = weights[np.asarray(order, dtype=np.int64)]
    places = min(top, len(rows))
    chances, gains = _chances(rows, places), _gains(rows)
    inside, everything = rows[:places].sum(axis=0), rows.sum(axis=0)
    judged = len(rows) > places
    groups = [
        Group(
            name=name,
            top=_of(inside[place], inside[:-1].sum()),
            problems=_of(everything[place], everything[:-1].sum()),
            accounts=_of(accounts[place], accounts.sum()),
            to_problems=_ratio(inside, everything[:-1], place, gain=float(gains[place]), is_judged=judged),
            to_accounts=_ratio(inside, accounts, place, gain=float(gains[place]), is_judged=judged),
            chance=float(chances[place]),
        )
        for place, name in enumerate(names)
    ]
    return Shares(
        groups=tuple(sorted(groups, key=lambda group: (-group.accounts, -group.problems, group.name))),
        top=places,
        problems=len(rows),
        unknown_top=_of(inside[-1], inside.sum()),
        unknown_problems=_of(everything[-1], everything.sum()),
    )


def _of(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0


def _gains(rows: Array) -> Array:
    """How many places of one group alone a place tells as much as, by group, shape (groups,), 1 at least."""
    known = rows[rows[:, :-1].sum(axis=1) > 0, :-1]
    if len(known) < 2:
        return np.ones(rows.shape[1] - 1)
    known = known / known.sum(axis=1, keepdims=True)
    mean = known.mean(axis=0)
    gains = mean * (1 - mean) / np.maximum(known.var(axis=0, ddof=1), 1e-9)
    return np.asarray(np.clip(gains, 1, _MOST_GAIN))


def _ratio(inside: Array, base: Array, place: int, *, gain: float, is_judged: bool) -> Ratio:
    """`inside` are places in the top by group, the last one unknown; `base` what it is compared with, by group."""
    known, share = float(inside[:-1].sum()), _of(base[place], base.sum())
    if known <= 0 or share <= 0:
        return Ratio(value=None, low=None, high=None, verdict=Verdict.TOO_FEW)
    held = min(float(inside[place]), known)
    value = held / known / share
    low, high = betaincinv(held * gain + 0.5, (known - held) * gain + 0.5, (_TAIL, 1 - _TAIL)) / share
    if not is_judged or share < LEAST_SHARE or base[place] < LEAST_COUNT:
        verdict = Verdict.TOO_FEW
    else:
        # A ratio of exactly 0.8 that is stored a little lower is not below it.
        verdict = Verdict.BELOW if value < LEAST_RATIO - 1e-9 else Verdict.ENOUGH
    return Ratio(value=value, low=float(min(low, value)), high=float(max(high, value)), verdict=verdict)


def _chances(rows: Array, places: int) -> Array:
    """For each group the share of random orders in which it has as little of the top or less, shape (groups,). The
    order that is looked at counts as one of them (Phipson & Smyth 2010), so that no chance is 0."""
    seen = _known_shares(rows[:places].sum(axis=0)[None, :])[0]
    generator = np.random.default_rng(_SEED)
    as_low = np.zeros(rows.shape[1] - 1)
    for _ in range(_ORDERS // _CHUNK):
        drawn = generator.random((_CHUNK, len(rows))).argpartition(max(places - 1, 0), axis=1)[:, :places]
        as_low += (_known_shares(rows[drawn].sum(axis=1)) <= seen + 1e-12).sum(axis=0)
    return np.asarray((1 + as_low) / (1 + _ORDERS))


def _known_shares(sums: Array) -> Array:
    known = sums[:, :-1].sum(axis=1, keepdims=True)
    shares: Array = np.divide(sums[:, :-1], known, out=np.zeros_like(sums[:, :-1]), where=known > 0)
    return shares
