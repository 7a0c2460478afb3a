"""How a problem develops, from the days of its items. Pure: the caller says which day is the last."""

import math
from collections.abc import Sequence

from insights.domain.figures import counted
from insights.domain.problem import Movement, Problem

NEW_DAYS = 21
"""A problem first heard of within three weeks of the newest item is new."""

_LEAST_ITEMS = 4
_NEW_SHARE = 0.8
HALF_A_YEAR = 26

SPIKE_WEEKS = 12
"""What a week is compared with: a quarter, less the week itself."""
_LEAST_SPIKE = 3
_SPIKE_CHANCE = 0.001
_NEGLIGIBLE = 1e-12


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


def change_in_words(problem: Problem) -> str:
    """How the last four weeks compare with the four before, in counts of items."""
    recent, before = sum(problem.weekly[-4:]), sum(problem.weekly[-8:-4])
    if problem.movement is Movement.NEW:
        return f"{counted(recent, 'item')} in the last 4 weeks, {before} before"
    if problem.movement in (Movement.GROWING, Movement.FADING):
        return f"{before} → {recent} in four weeks"
    return f"{counted(recent, 'item')} in the last 4 weeks, {before} in the 4 before"


def is_spike(weekly: Sequence[int]) -> bool:
    """Whether the last week holds far more items than the `SPIKE_WEEKS` before it let expect: at least three, and so
    many with a chance below one in a thousand. `weekly`: counts, oldest first; without weeks before nothing is said."""
    *before, last = weekly[-SPIKE_WEEKS - 1 :] or (0,)
    if not before or last < _LEAST_SPIKE or last * len(before) <= sum(before):
        return False
    return chance_of_as_many(last, before) < _SPIKE_CHANCE


def chance_of_as_many(count: int, before: Sequence[int]) -> float:
    """The chance that a week holds at least `count` items, 0..1, after weeks with the counts `before` (one at least).

    The predictive distribution of a Poisson count under Jeffreys' prior, a negative binomial (Riebler, 2004; in Höhle,
    2007, "surveillance: an R package for the monitoring of infectious diseases"): mean m = (sum + 1/2) / n, variance
    m (d + 1 / n). The dispersion d, variance over mean of the weeks before and at least 1, widens it where counts
    vary more than Poisson's (Farrington and others, 1996, "A statistical algorithm for the early detection of
    outbreaks of infectious disease")."""
    weeks = len(before)
    mean = (sum(before) + 0.5) / weeks
    return chance_of_at_least(count, mean=mean, spread=_dispersion(before) - 1 + 1 / weeks)


def chance_of_at_least(count: int, *, mean: float, spread: float) -> float:
    """P(K >= count), 0..1, of a negative binomial K with this mean and the variance mean (1 + spread), spread > 0."""
    size, share = mean / spread, spread / (1 + spread)
    if count > mean:
        return _upper_tail(count, size=size, share=share)
    return max(1 - _lower_tail(count - 1, size=size, share=share), 0.0)


def chance_of_at_most(count: int, *, mean: float, spread: float) -> float:
    """P(K <= count), 0..1, of the same."""
    size, share = mean / spread, spread / (1 + spread)
    if count < mean:
        return _lower_tail(count, size=size, share=share)
    return max(1 - _upper_tail(count + 1, size=size, share=share), 0.0)


def _dispersion(counts: Sequence[int]) -> float:
    mean = sum(counts) / len(counts)
    if len(counts) < 2 or not mean:
        return 1.0
    return max(sum((count - mean) ** 2 for count in counts) / (len(counts) - 1) / mean, 1.0)


def _upper_tail(count: int, *, size: float, share: float) -> float:
    """P(K >= count) of a negative binomial with so many successes of chance 1 - share; summed from its least likely
    end, so that a small chance loses no digits. For counts above the mean."""
    term = total = _chance_of(count, size=size, share=share)
    while term > total * _NEGLIGIBLE:
        term *= share * (count + size) / (count + 1)
        count += 1
        total += term
    return total


def _lower_tail(count: int, *, size: float, share: float) -> float:
    """P(K <= count) of the same, summed downwards. For counts below the mean."""
    if count < 0:
        return 0.0
    term = total = _chance_of(count, size=size, share=share)
    while count and term > total * _NEGLIGIBLE:
        term *= count / (share * (count - 1 + size))
        count -= 1
        total += term
    return total


def _chance_of(count: int, *, size: float, share: float) -> float:
    return math.exp(
        math.lgamma(count + size)
        - math.lgamma(size)
        - math.lgamma(count + 1)
        + size * math.log1p(-share)
        + count * math.log(share)
    )
