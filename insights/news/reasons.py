"""Why a problem's return changed, from what it rested on then and what it rests on now. Pure.

The return is value over cost, and value a sum of parts, so that its change falls exactly into one of each part and one
of the cost: the Shapley values of a quotient of two. What in the facts lies behind a part shares its weight by how much
such a fact moves an account's chance to leave.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from insights.domain.night import Drivers, Reason, ReasonKind

MOST = 3
"""Reasons that are told."""
MOST_NAMED = 3
"""Accounts that are named for one reason."""
LEAST_SHARE = 0.1
"""What weighs less beside the weightiest is no reason."""

_LEAVING, _DETRACTOR, _RENEWAL, _ACCOUNT, _LEFT = 3.0, 2.0, 2.0, 1.0, 1.0
"""How much one of them weighs beside one more account."""
_OF_ACCOUNTS = (
    (ReasonKind.LEAVING, "leaving", _LEAVING),
    (ReasonKind.RENEWALS, "renewing", _RENEWAL),
    (ReasonKind.DETRACTORS, "detractors", _DETRACTOR),
)
_SEVERITY = ("wish", "annoys", "hurts", "blocks")


@dataclass(frozen=True, slots=True)
class _Weighed:
    weight: float
    reason: Reason


def reasons_of(then: Drivers, now: Drivers, *, renewal_days: int, is_up: bool | None = None) -> tuple[Reason, ...]:
    """What moved the return up or down, weightiest first, at most three; none where nothing is known. `is_up` is the
    way that it moved, None where the change of its parts is to tell that."""
    shares = _shares(then, now)
    is_up = sum(shares.values()) > 0 if is_up is None else is_up
    sign = 1.0 if is_up else -1.0
    found = [
        _Weighed(sign * share * one.weight, one.reason)
        for name, share in shares.items()
        if sign * share > 0
        for one in _normalised(list(_behind(name, then, now, sign=sign, renewal_days=renewal_days)))
    ]
    found.sort(key=lambda one: -one.weight)
    told = [one.reason for one in found if one.weight >= LEAST_SHARE * found[0].weight]
    return tuple(told[:MOST])


def _shares(then: Drivers, now: Drivers) -> dict[str, float]:
    """The part of value, or the cost -> what it changed of value over cost."""
    if min(then.cost, now.cost) <= 0:
        return {}
    names = dict.fromkeys([*then.parts, *now.parts])
    inverse = (1 / then.cost + 1 / now.cost) / 2
    changed = {name: (now.parts.get(name, 0.0) - then.parts.get(name, 0.0)) * inverse for name in names}
    middle = (sum(then.parts.values()) + sum(now.parts.values())) / 2
    return {**changed, _COST: middle * (1 / now.cost - 1 / then.cost)}


_COST = "cost"


def _normalised(some: list[_Weighed]) -> list[_Weighed]:
    whole = sum(one.weight for one in some)
    return [_Weighed(one.weight / whole, one.reason) for one in some] if whole else []


def _behind(name: str, then: Drivers, now: Drivers, *, sign: float, renewal_days: int) -> Iterator[_Weighed]:
    """What changed in the facts of one part. Figures that a person set stand for all of a part that nothing else
    explains."""
    found = []
    if name == "revenue kept":
        found = [*_of_accounts(then, now, sign=sign, renewal_days=renewal_days), *_of_whole(then, now, sign=sign)]
    elif name == "revenue won":
        found = list(_of_deals(then, now, sign=sign))
    elif name == "support saved":
        found = list(_of_load(then, now, sign=sign))
    elif name == _COST:
        found = list(_of_effort(then, now))
    if not found and then.revised != now.revised:
        found = [_Weighed(1.0, Reason(kind=ReasonKind.FIGURES))]
    yield from found


def _of_accounts(then: Drivers, now: Drivers, *, sign: float, renewal_days: int) -> Iterator[_Weighed]:
    """More of them make it worth more, fewer less; a fall counts those that are no more."""
    old, new = (then, now) if sign > 0 else (now, then)
    for kind, name, weight in _OF_ACCOUNTS:
        count, came = _added(old, new, name)
        if count > 0:
            days = renewal_days if kind is ReasonKind.RENEWALS else 0
            reason = Reason(kind=kind, count=round(sign) * count, days=days, accounts=came[:MOST_NAMED])
            yield _Weighed(weight * count, reason)
    more = now.accounts - then.accounts
    if sign * more > 0:
        yield _Weighed(_ACCOUNT * abs(more), Reason(kind=ReasonKind.ACCOUNTS, count=more))


def _of_whole(then: Drivers, now: Drivers, *, sign: float) -> Iterator[_Weighed]:
    """What is so of all of its accounts."""
    accounts = max(then.accounts, now.accounts, 1)
    left, revenue = now.left - then.left, now.revenue - then.revenue
    if left > 0:
        yield _Weighed(_LEFT * left, Reason(kind=ReasonKind.LEFT, count=left))
    beyond = now.revenue - then.revenue * now.accounts / max(then.accounts, 1)  # what more accounts do not explain
    if sign * revenue > 0 and sign * beyond >= LEAST_SHARE * then.revenue and beyond:
        weight = accounts * abs(beyond) / max(then.revenue, now.revenue)
        yield _Weighed(weight, Reason(kind=ReasonKind.REVENUE, amount=revenue))
    if now.severity and sign * (_severe(now.severity) - _severe(then.severity)) > 0:
        yield _Weighed(accounts, Reason(kind=ReasonKind.SEVERITY, word=now.severity))


def _of_deals(then: Drivers, now: Drivers, *, sign: float) -> Iterator[_Weighed]:
    for kind, more in (
        (ReasonKind.OPEN_DEALS, now.open_deals - then.open_deals),
        (ReasonKind.LOST_DEALS, now.lost_deals - then.lost_deals),
    ):
        if sign * more > 0:
            yield _Weighed(abs(more), Reason(kind=kind, count=more))


def _of_load(then: Drivers, now: Drivers, *, sign: float) -> Iterator[_Weighed]:
    more = math.floor(abs(now.load - then.load) + 0.5)
    if more and sign * (now.load - then.load) > 0:
        reason = Reason(kind=ReasonKind.LOAD, count=round(sign) * more, amount=now.load - then.load)
        yield _Weighed(1.0, reason)


def _of_effort(then: Drivers, now: Drivers) -> Iterator[_Weighed]:
    if now.weeks != then.weeks:
        yield _Weighed(1.0, Reason(kind=ReasonKind.EFFORT, amount=now.weeks - then.weeks, word=now.weeks_source))


def _added(old: Drivers, new: Drivers, name: str) -> tuple[int, tuple[int, ...]]:
    """How many came, and who. Where a list of ids was cut, how many more there are, and nobody's name."""
    before, after = getattr(old, name), getattr(new, name)
    were, are = getattr(old, f"{name}_count"), getattr(new, f"{name}_count")
    came = tuple(one for one in after if one not in before)
    if were == len(before) and are == len(after):
        return len(came), came
    return are - were, came if were == len(before) else ()


def _severe(word: str) -> float:
    """Where nobody told, it counts as of the middle."""
    return float(_SEVERITY.index(word)) if word in _SEVERITY else 1.5
