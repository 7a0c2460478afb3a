"""Whether there is evidence enough to decide on a problem: counts against thresholds, each told. Pure: no clock.

It tells, and refuses nothing: a person may know what the data does not.
"""

from dataclasses import dataclass
from datetime import date

from insights.domain.figures import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The least numbers of distinct accounts, items and sources; the newest item may be `days` days old, 0: of any
    age."""

    accounts: int
    items: int
    sources: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What there is: distinct accounts, items and sources, and the day of the newest item."""

    accounts: int
    items: int
    sources: int
    newest: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One threshold: `what` is accounts, items, sources or days; of days, `found` is how old the newest item is."""

    what: str
    found: int
    wanted: int
    passed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Gate:
    """Every check, passed or short."""

    checks: tuple[Check, ...]

    @property
    def is_enough(self) -> bool:
        return not self.short

    @property
    def short(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def words(self) -> str:
        """ "enough", or what is short: "thin: 2 accounts of 3 wanted; 1 source of 2 wanted"."""
        return f"thin: {'; '.join(check.words for check in self.short)}" if self.short else "enough"


def gate_of(counts: Counts, thresholds: Thresholds, *, today: date) -> Gate:
    """Each count against its threshold."""
    return Gate(
        (
            _least("account", counts.accounts, thresholds.accounts),
            _least("item", counts.items, thresholds.items),
            _least("source", counts.sources, thresholds.sources),
            _recent(counts.newest, thresholds.days, today=today),
        )
    )


def _least(noun: str, found: int, wanted: int) -> Check:
    passed = found >= wanted
    words = f"{counted(found, noun)}{', ' if passed else ' of '}{wanted:,} wanted"
    return Check(what=f"{noun}s", found=found, wanted=wanted, passed=passed, words=words)


def _recent(newest: date, days: int, *, today: date) -> Check:
    """By the day of the newest item, not its age, so that the words stay the same overnight."""
    age = (today - newest).days
    wanted = f"wanted within {counted(days, 'day')}" if days else "of any age"
    words = f"newest item {newest:%Y-%m-%d}, {wanted}"
    return Check(what="days", found=age, wanted=days, passed=not days or age <= days, words=words)
