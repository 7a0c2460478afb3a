"""How a problem develops, from the days of its items. Pure: the caller says which day is the last."""

from collections.abc import Sequence

from insights.domain.problem import Movement

NEW_DAYS = 21
"""A problem first heard of within three weeks of the newest item is new."""

_LEAST_ITEMS = 4


def weekly_counts(days: Sequence[int], *, last_day: int, weeks: int) -> tuple[int, ...]:
    """Items per week, oldest first; the last week ends with `last_day` (days since 1970)."""
    counts = [0] * weeks
    for day in days:
        back = (last_day - day) // 7
        if 0 <= back < weeks:
            counts[weeks - 1 - back] += 1
    return tuple(counts)


def movement_of(weekly: Sequence[int], *, age_days: int) -> Movement:
    """Compare the last four weeks with the four before, by a bound on the difference of two Poisson counts.

    The difference of counts a and b has variance a + b; 1.6 standard deviations are one chance in ten to be wrong,
    both sides together. Fewer than four items say nothing.
    """
    recent, before = sum(weekly[-4:]), sum(weekly[-8:-4])
    if recent + before < _LEAST_ITEMS:
        return Movement.STEADY
    if age_days <= NEW_DAYS:
        return Movement.NEW
    spread = 1.6 * (recent + before) ** 0.5
    if recent - before > spread:
        return Movement.GROWING
    if before - recent > spread:
        return Movement.FADING
    return Movement.STEADY


_BARS = "▁▂▃▅▆█"


def spark(counts: Sequence[int]) -> str:
    """One bar a count, the largest highest; only a zero gets the lowest bar."""
    most = max(counts, default=0)
    steps = len(_BARS) - 1
    return "".join(_BARS[max(1, round(count * steps / most)) if count > 0 else 0] for count in counts)
