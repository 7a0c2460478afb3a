"""What a report holds: the digest as it is told, every ranked problem with what explains it, and what came of fixes.

Words from outside were cleaned of what hides or acts on a terminal; the page escapes them.
"""

from dataclasses import dataclass
from datetime import date, datetime

from insights.digest.story import Story
from insights.domain.feedback import FeedbackKind
from insights.domain.problem import Problem
from insights.outcomes import Outcome

LISTED_WEEKS = 26
"""Weeks of a problem's chart; those of a fix go back a year."""
WATCHED_WEEKS = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A checked quote from the redacted copy of an item. `gives_orders`: its item speaks to a machine."""

    words: str
    kind: FeedbackKind
    day: date
    account: str = ""
    score: float | None = None
    gives_orders: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One problem of the list. `problem.weekly` are items of a year, oldest first. `is_whole`: its parts, reasons and
    quotes are shown, too; a long list leaves them out from some rank on."""

    problem: Problem
    theme: str = ""
    owners: tuple[str, ...] = ()
    quotes: tuple[Quoted, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A problem that has shipped. `weekly` are items of a year, oldest first; the last week ends with `weeks_end`.
    Empty where nothing tells of it any more."""

    outcome: Outcome
    weekly: tuple[int, ...] = ()
    weeks_end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it. `listed` is in the order of the rank; `of_all` is how many problems there are without the reader's
    filters. `has_quotes`: quotes were asked for."""

    story: Story
    made_at: datetime
    currency: str
    listed: tuple[Listed, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    of_all: int = 0
    has_quotes: bool = True
