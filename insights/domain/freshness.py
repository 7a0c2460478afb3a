"""Whether a source has fallen silent, judged by its own rhythm: a survey that comes four times a year is not stale
after a week, tickets that come every day are. Pure: days are whole days since 1970-01-01."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

LEAST_DAYS = 4
"""No silence shorter than this is told: a weekend, and the night before the next import."""
UNKNOWN_DAYS = 30
"""The same where too few silences are known to say what is usual."""
ENOUGH_SILENCES = 10
"""With n silences known, the next one is longer than all of them by chance in one of n + 1 cases (where their order
means nothing): one in eleven."""
LOOK_BACK_DAYS = 182

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """The day of the newest item, how many days nothing came since, and from how many on that is told, with why."""

    newest: date
    silent_days: int
    stale_from: int
    why: str

    @property
    def is_stale(self) -> bool:
        return self.silent_days >= self.stale_from


def freshness(days: Collection[int], *, today: int) -> Freshness | None:
    """Judge by the longest time without an item in the half-year before the newest one. None where no item ever came.
    A day after `today` counts as today."""
    heard = sorted({min(day, today) for day in days})
    if not heard:
        return None
    newest = heard[-1]
    silences = [later - day for day, later in pairwise(heard) if day >= newest - LOOK_BACK_DAYS]
    stale_from, why = _usual(silences)
    return Freshness(newest=_EPOCH + timedelta(days=newest), silent_days=today - newest, stale_from=stale_from, why=why)


def day_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def _usual(silences: list[int]) -> tuple[int, str]:
    longest = max(silences, default=0)
    if len(silences) < ENOUGH_SILENCES:
        return max(UNKNOWN_DAYS, longest + 1), "too little is known of its rhythm: a month is taken"
    if longest < LEAST_DAYS:
        return LEAST_DAYS, "items come every few days, and weekends are quiet"
    return longest + 1, f"its longest silence in the half-year before was {longest} days"
