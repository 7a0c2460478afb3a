"""A tracker that does its worst, in memory, with a clock of its own. Not a test.

Its search lags, it times out before, after and long before it has done what it was asked, it refuses, and people
delete, move, close and open its issues.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from insights.errors import InsightsError
from insights.filing import Once
from insights.ports import Filed, Issue, Progressed, Sought, Unanswered

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Killed(BaseException):
    """The process ended here."""


class Trouble(Enum):
    """What goes wrong with one call."""

    NONE = auto()
    REFUSED = auto()
    NO_ANSWER_NOT_DONE = auto()
    NO_ANSWER_DONE = auto()
    NO_ANSWER_DONE_LATER = auto()
    KILLED_BEFORE = auto()
    KILLED_AFTER = auto()
    KILLED_DONE_LATER = auto()


LATER = (Trouble.NO_ANSWER_DONE_LATER, Trouble.KILLED_DONE_LATER)
DONE = (Trouble.NONE, Trouble.NO_ANSWER_DONE, Trouble.KILLED_AFTER)


@dataclass
class Clock:
    """Stands still but for those who wait."""

    now: datetime = START
    slept: float = 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += timedelta(seconds=seconds)

    def once(self, **options: object) -> Once:
        return Once(sleep=self.sleep, clock=self, **options)  # type: ignore[arg-type]


@dataclass
class Kept:
    """An issue, from when on a search shows it, and what people did to it."""

    issue: Issue
    filed: Filed
    shows_at: datetime
    is_deleted: bool = False
    is_hidden: bool = False
    comments: list[str] = field(default_factory=list)


def no_trouble(_: str) -> Trouble:
    return Trouble.NONE


@dataclass
class HostileTracker:
    """`trouble` says of each call, by its method's name, what goes wrong with it; what is done later is done `late`
    seconds later."""

    name: str = "hostile"
    lag_seconds: float = 0.0
    clock: Clock = field(default_factory=Clock)
    trouble: Callable[[str], Trouble] = no_trouble
    late: float = 20.0
    kept: dict[str, Kept] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _due: list[tuple[datetime, Issue]] = field(default_factory=list)

    # -- the port -------------------------------------------------------------------------------------------------

    def find(self, sought: Sought) -> Filed | None:
        self._answer("find")
        found = [one for one in self._there() if one.issue.sought.marker == sought.marker]
        shown = [one for one in found if one.shows_at <= self.clock.now]
        if len(shown) > 1:
            raise InsightsError(f"{sought.problem} has {len(shown)} issues.", remedy="Delete all but one.")
        return shown[0].filed if shown else None

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        self._answer("read")
        there = {one.filed.external_id: one.filed for one in self._there()}
        moved = {name: one.filed for name, one in self.kept.items() if one.filed.moved_to}
        return {name: (moved | there)[name] for name in external_ids if name in moved | there}

    def create(self, issue: Issue) -> Filed:
        trouble = self._begin("create")
        if trouble in DONE:
            self._make(issue, self.clock.now)
        if trouble in LATER:
            self._due.append((self.clock.now + timedelta(seconds=self.late), issue))
        self._end(trouble)
        return list(self.kept.values())[-1].filed

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        trouble = self._begin("update")
        kept = self.kept[filed.external_id]
        if trouble in DONE:
            kept.issue = replace(issue, sought=kept.issue.sought)
        if trouble in DONE and reopens:
            kept.filed = replace(kept.filed, progress=Progressed.OPEN, closed_at=None)
        self._end(trouble)
        return kept.filed

    def close(self, filed: Filed, comment: str) -> Filed:
        kept = self.kept[filed.external_id]
        kept.comments.append(comment)
        kept.filed = replace(kept.filed, progress=Progressed.DROPPED, closed_at=self.clock.now)
        return kept.filed

    # -- people ---------------------------------------------------------------------------------------------------

    def set(self, external_id: str, **fields: object) -> None:
        """A person changes an issue: progress=…, assignee=…, closed_at=…"""
        self.kept[external_id].filed = replace(self.kept[external_id].filed, **fields)  # type: ignore[arg-type]

    def delete(self, external_id: str) -> None:
        self.kept[external_id].is_deleted = True

    def move(self, external_id: str, to: str, *, is_hidden: bool = False) -> None:
        """To another project, where it may be that we see nothing."""
        old = self.kept[external_id]
        self.kept[to] = replace(old, filed=replace(old.filed, external_id=to, moved_to=None), is_hidden=is_hidden)
        old.filed = replace(old.filed, moved_to=to)

    def issues_of(self, ref: str) -> list[str]:
        """The ids of all issues that carry a problem, shown or not, and those that are still to come."""
        self._do_what_is_due(until=datetime.max.replace(tzinfo=UTC))
        return [one.filed.external_id for one in self._there() if one.issue.sought.problem == ref]

    # -- parts ----------------------------------------------------------------------------------------------------

    def _there(self) -> Iterator[Kept]:
        return (one for one in self.kept.values() if not (one.is_deleted or one.is_hidden or one.filed.moved_to))

    def _make(self, issue: Issue, at: datetime) -> None:
        number = f"ISS-{len(self.kept) + 1}"
        filed = Filed(external_id=number, url=f"https://tracker.example/{number}", status="To do")
        self.kept[number] = Kept(issue, filed, at + timedelta(seconds=self.lag_seconds))

    def _do_what_is_due(self, *, until: datetime) -> None:
        for at, issue in [one for one in self._due if one[0] <= until]:
            self._due.remove((at, issue))
            self._make(issue, at)

    def _begin(self, what: str) -> Trouble:
        self._do_what_is_due(until=self.clock.now)
        self.asked.append(what)
        trouble = self.trouble(what)
        if trouble is Trouble.REFUSED:
            raise InsightsError("The tracker is full.", remedy="Make room.")
        return trouble

    def _end(self, trouble: Trouble) -> None:
        if trouble.name.startswith("KILLED"):
            raise Killed
        if trouble is not Trouble.NONE:
            raise Unanswered("The tracker did not answer.", remedy="Try again.")

    def _answer(self, what: str) -> None:
        """Of what only reads: done or not is all the same."""
        self._end(self._begin(what))
