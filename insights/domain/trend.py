"""How a problem develops, from the days of its items. Pure: the caller says which day is the last."""

from collections.abc import Sequence

from insights.domain.problem import Movement

NEW_DAYS = 21
"""A problem first heard of within three weeks of the newest item is new."""

_LEAST_ITEMS = 4
_NEW_SHARE = 0.8
HALF_A_YEAR = 26


def weekly_counts(days: Sequence[int], *, last_day: int, weeks: int) -> tuple[int, ...]:
    """Items per week, oldest first; the last week ends with `last_day` (days since 1970)."""
    counts = [0] * weeks
    for day in days:
        back = (last_day - day) // 7
        if 0 <= back < weeks:
            counts[weeks - 1 - back] += 1
    return tuple(counts)


def movement_of(weekly: Sequence[int], *, ages: Sequence[int]) -> Movement:
    """How a problem develops. `weekly`: counts of half a year, oldest first; `ages`: days since each item.

    New: more than four items in five came within three weeks (of a group's items some belong elsewhere). Growing:
    the last four weeks beat the four before; fading: they stay below the four before, or below the mean of all weeks
    before. Two Poisson counts a and b differ where |a - b| exceeds 1.6 standard deviations, sqrt(a + b): one chance
    in ten to be wrong, both sides together. Fewer than four items say nothing.
    """
    if len(ages) < _LEAST_ITEMS:
        return Movement.STEADY
    if sum(age <= NEW_DAYS for age in ages) > _NEW_SHARE * len(ages):
        return Movement.NEW
    recent, before = sum(weekly[-4:]), sum(weekly[-8:-4])
    usual = 4 * sum(weekly[:-4]) / max(len(weekly) - 4, 1)
    if _exceeds(recent, before):
        return Movement.GROWING
    if _exceeds(before, recent) or _exceeds(usual, recent):
        return Movement.FADING
    return Movement.STEADY


def _exceeds(one: float, other: float) -> bool:
    return one + other >= _LEAST_ITEMS and one - other > 1.6 * (one + other) ** 0.5
