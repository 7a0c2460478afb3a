"""How problems stood in one night beside another. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from insights.domain.night import Night, Reason, Seen
from insights.news.reasons import reasons_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One problem; None where a night did not know it. `heir` stands for one that was merged since. `reasons` are what
    changed its return, none where a night of the two was thinned."""

    problem_id: int
    before: Seen | None
    after: Seen | None
    heir: int | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def ranks(self) -> tuple[int, ...]:
        """Those that it had."""
        return tuple(seen.rank for seen in (self.before, self.after) if seen is not None and seen.rank is not None)

    @property
    def rise(self) -> int | None:
        """Ranks that it gained, below zero where it lost; None where it had none in one of the nights."""
        return self.ranks[0] - self.ranks[1] if len(self.ranks) == 2 else None

    @property
    def is_change(self) -> bool:
        """Whether anything that is told of it differs."""
        return self.before is None or self.after is None or _told(self.before) != _told(self.after)


def differences(since: Night, until: Night, *, heirs: Mapping[int, int], renewal_days: int) -> list[Difference]:
    """Every problem of the two nights, those that moved furthest first. Ranks count more the nearer they are to the
    top: from 2 to 1 is as far as from 20 to 10. What is new comes from below the last, what is gone went there."""
    numbers = {*since.problems, *until.problems}
    made = [_difference(one, since, until, heirs, renewal_days=renewal_days) for one in numbers]
    below = 1 + max((rank for one in made for rank in one.ranks), default=0)
    return sorted(made, key=lambda one: (-_distance(one, below), min(one.ranks, default=below), one.problem_id))


def _difference(number: int, since: Night, until: Night, heirs: Mapping[int, int], *, renewal_days: int) -> Difference:
    before, after = since.problems.get(number), until.problems.get(number)
    is_known = before is not None and after is not None and not (since.is_thin or until.is_thin)
    reasons: tuple[Reason, ...] = ()
    if before and after and is_known and before.roi != after.roi:
        is_up = (after.roi or 0.0) > (before.roi or 0.0)
        reasons = reasons_of(before.drivers, after.drivers, renewal_days=renewal_days, is_up=is_up)
    return Difference(
        problem_id=number,
        before=before,
        after=after,
        heir=heirs.get(number) if after is None else None,
        reasons=reasons,
    )


def _told(seen: Seen) -> tuple[object, ...]:
    return seen.rank, seen.value, seen.roi, seen.items, seen.accounts, seen.state, seen.movement


def _distance(one: Difference, below: int) -> float:
    """By how many times the rank changed."""
    then, now = (seen.rank if seen and seen.rank else below for seen in (one.before, one.after))
    return max(then, now) / min(then, now)
