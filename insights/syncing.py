"""Read how filed issues stand, and let what became of them count.

Only what changed since it was read last does anything. An issue that is done ships its problem, once, on the day it was
closed; one that is opened again takes back that shipment, as long as it is what stands. What a person decided since
stays. How an issue was found to stand is kept in the transaction that writes what follows from it: whoever is
interrupted finds the same change again, or none.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import PurePath

from insights.domain.access import Act, use_case
from insights.domain.filed import export_command
from insights.domain.problem import (
    PAST,
    Action,
    Decision,
    ExportLink,
    Progressed,
    State,
    fold,
    problem_ref,
    progress_of,
    standing,
)
from insights.errors import ExitCode, InsightsError
from insights.filing import LONGEST_WORDS, read_following
from insights.ports import Filed, Progress, Tracker
from insights.storage.deciding import Deciding
from insights.storage.repository import Repository
from insights.text.clean import one_line

READ_AT_ONCE = 50
"""Issues of one request."""
MOST_FAILURES = 3
"""After so many requests that failed, no more is asked."""
_TRACKER = " (tracker)"
_IN_ITS_WAY = (State.DISMISSED, State.SNOOZED)


class Happened(StrEnum):
    """What was found, and what followed from it."""

    SHIPPED = "shipped"
    SHIPPED_ALREADY = "shipped already"
    TAKEN_BACK = "shipment taken back"
    LEFT = "left as decided"
    DROPPED = "closed without being done"
    REOPENED = "open again"
    GONE = "deleted"
    BACK = "there again"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened to the issue of a problem; `words` are a sentence, `command` is what a person may want to
    do, empty where nothing is left to be done."""

    problem_id: int
    external_id: str
    url: str | None
    happened: Happened
    words: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What one tracker told: how many issues were read of how many, and what changed. `unknown` are problems of which
    it is not known whether they were filed, `failed` is why the rest could not be read."""

    tracker: str
    read: int
    of: int
    changes: tuple[Change, ...] = ()
    unknown: tuple[int, ...] = ()
    failed: InsightsError | None = None


@use_case(Act.FILE)
def sync(tracker: Tracker, *, repository: Repository, now: datetime, progress: Progress) -> Synced:
    """Read all issues of the tracker that carry problems. What could not be read stays as it was read last."""
    links = repository.filings.links(tracker.name)
    changes: list[Change] = []
    failures: list[InsightsError] = []
    read = 0
    for first in range(0, len(links), READ_AT_ONCE):
        some = links[first : first + READ_AT_ONCE]
        try:
            found = read_following(tracker, [link.external_id for link in some])
        except InsightsError as error:
            failures.append(error)
            if error.exit_code is ExitCode.LOGIN or len(failures) == MOST_FAILURES:
                break
            continue
        changes += _Reading(repository, tracker.name, now).take(some, found)
        read += len(some)
        progress("reading issues", first + len(some), len(links))
    unknown = tuple(filing.problem_id for filing in repository.filings.open(tracker.name))
    return Synced(
        tracker=tracker.name,
        read=read,
        of=len(links),
        changes=tuple(changes),
        unknown=unknown,
        failed=failures[0] if failures else None,
    )


@use_case(Act.LOOK)
def trackers_to_read(repository: Repository, named: Collection[str]) -> tuple[list[str], list[str]]:
    """Trackers by what links know them by: those that hold an issue and can be read, being files or among those that
    the settings have `named`; and those that the settings name no longer."""
    holding = repository.filings.trackers()
    left = [name for name in holding if name not in named and not name.startswith("file:")]
    return [name for name in holding if name not in left], left


def who_is(tracker: str) -> str:
    """The name under which a tracker's shipments are recorded; without a colon, which marks what a model decided."""
    short = PurePath(tracker.removeprefix("file:")).name if tracker.startswith("file:") else tracker
    return f"{one_line(short.replace(':', '-'), 100)}{_TRACKER}"


@dataclass(frozen=True, slots=True)
class _Reading:
    repository: Repository
    tracker: str
    now: datetime

    def take(self, links: Sequence[ExportLink], found: dict[str, Filed]) -> Iterator[Change]:
        """Keep how these stand; those that are as they were, in one transaction."""
        read = [(link, _as_read(link, found.get(link.external_id), self.now)) for link in links]
        with self.repository.writing() as connection:
            for link, new in read:
                if new == replace(link, seen_at=self.now):
                    self.repository.filings.note(new, since=link.seen_at, connection=connection)
        for link, new in read:
            if new != replace(link, seen_at=self.now):
                yield from self._change(link, new, found.get(link.external_id))

    def _change(self, link: ExportLink, new: ExportLink, filed: Filed | None) -> list[Change]:
        with self.repository.deciding() as step:
            home = step.heirs().get(link.problem_id, link.problem_id)
            step.hold({home: None})
            stored = self.repository.filings.of_problem(home, self.tracker, connection=step.connection)
            if not self.repository.filings.note(new, since=link.seen_at, connection=step.connection):
                return []  # it was filed or closed anew, or read by another process, while it was read
            before = progress_of(stored) or link.progress
            current = [new if one.problem_id == link.problem_id else one for one in stored]
            after = progress_of(current)
            seen = _Seen(step, home, link, new, who_is(self.tracker), filed.closed_at if filed else None, self.now)
            changes = list(seen.plainly())
            if after is not None and after is not before and not _was_done_and_is_gone(link, new):
                changes += seen.of_all(current, after).moved_on(before, after)
        return changes


@dataclass(frozen=True, slots=True)
class _Seen:
    """One issue that changed, while what follows from it is written."""

    step: Deciding
    home: int
    link: ExportLink
    new: ExportLink
    who: str
    closed_at: datetime | None
    now: datetime

    @property
    def ref(self) -> str:
        return problem_ref(self.home)

    @property
    def issue(self) -> str:
        return f"{one_line(self.new.external_id, 60)} in {one_line(self.new.tracker, 200)}"

    def of_all(self, current: Sequence[ExportLink], after: Progressed) -> "_Seen":
        """What follows is told of the issue of a problem's several that was done last, where they are done."""
        finished = [one for one in current if one.progress is Progressed.DONE and not one.is_gone]
        if after is not Progressed.DONE or not finished:
            return self
        last = max(finished, key=lambda one: (one.closed_on or date.min, one == self.new))
        return self if last == self.new else replace(self, new=last, closed_at=None)

    def plainly(self) -> Iterator[Change]:
        """What is only told."""
        old, new = self.link, self.new
        if new.is_gone and not old.is_gone:
            anew = f"{export_command(self.home, new.tracker)} --again"
            yield self._told(Happened.GONE, f"{self.issue} is gone: deleted there, or hidden", anew)
        if old.is_gone and not new.is_gone:
            yield self._told(Happened.BACK, f"{self.issue} is there again")
        if old.external_id != new.external_id:
            yield self._told(Happened.MOVED, f"{one_line(old.external_id, 60)} was moved and is now {self.issue}")
        is_known = old.seen_at is not None and old.progress is new.progress
        if is_known and _work(old) != _work(new):
            was = f" (was: {', '.join(_work(old))})" if _work(old) else ""
            yield self._told(Happened.CHANGED, f"{self.issue}: {', '.join(_work(new)) or 'nobody works on it'}{was}")

    def moved_on(self, before: Progressed, after: Progressed) -> Iterator[Change]:
        """What follows from how far the work is by now."""
        if after is Progressed.DONE:
            yield self._done()
            return
        history = self.step.history(self.home)
        if before is Progressed.DONE:
            yield self._not_done(history)
        elif after is Progressed.OPEN:
            yield self._told(Happened.REOPENED, f"{self.issue} is open again")
        if after is Progressed.DROPPED:
            status = f" ({self.new.status})" if self.new.status else ""
            state = fold(history).state
            dismiss = f'insights decide {self.ref} dismiss --why "not planned"' if state is State.ACCEPTED else ""
            words = f"{self.issue} was closed without being done{status}; {self.ref} stays {state.value}"
            yield self._told(Happened.DROPPED, words, dismiss)

    def _done(self) -> Change:
        try:
            held = self.step.held(self.home)
        except InsightsError:  # no item tells of it any more
            return self._told(Happened.LEFT, f"{self.issue} is done; {self.ref} has no evidence any more")
        if held.state is State.SHIPPED:
            return self._told(Happened.SHIPPED_ALREADY, f"{self.issue} is done; {self.ref} was shipped already")
        later = self._decided_later()
        day = self._day()
        ship = f"insights shipped {self.ref} --on {day}"
        if later is not None:
            words = f"{self.issue} is done; {self.ref} stays {held.state.value}: {_decided(later)}"
            return self._told(Happened.LEFT, words, ship)
        status = f" ({self.new.status})" if self.new.status else ""
        why = f"{self.issue} was closed as done{status}"
        self.step.ship(self._decision(Action.SHIP, why=why, state=State.SHIPPED), on=day, estimate=held.estimate)
        words = f"{self.issue} is done: shipped on {day}; what takes that back: insights decide {self.ref} accept"
        return self._told(Happened.SHIPPED, words, f"{ship} --weeks N")

    def _not_done(self, history: Sequence[Decision]) -> Change:
        again = "open again" if self.new.progress is Progressed.OPEN else "not done after all"
        last = standing(history)
        if last is None or last.action is not Action.SHIP:
            return self._told(Happened.REOPENED, f"{self.issue} is {again}")
        if last.who != self.who:
            words = f"{self.issue} is {again}; {self.ref} stays shipped: {_decided(last)}"
            return self._told(Happened.LEFT, words, f"insights decide {self.ref} accept")
        before = fold(history, without=[last.id])
        undo = replace(
            self._decision(Action.UNDO, why=f"{self.issue} is {again}", state=before.state),
            undoes=last.id,
            until=before.until,
            column=before.column,
            place=before.place,
        )
        self.step.write(undo, before)
        words = f"{self.issue} is {again}: its shipment is taken back, {self.ref} is {before.state.value}"
        return self._told(Happened.TAKEN_BACK, words)

    def _decided_later(self) -> Decision | None:
        """What a person decided on the problem since the issue was closed. Where the tracker does not tell when that
        was: since it was read last, as far as it is in the way."""
        seen = max(self.link.exported_at, self.link.seen_at or self.link.exported_at)
        since = seen if self.closed_at is None else max(self.link.exported_at, self.closed_at)
        later = [
            one
            for one in _effective(self.step.history(self.home), since)
            if not one.who.endswith(_TRACKER) and (self.closed_at is not None or one.state in _IN_ITS_WAY)
        ]
        return later[-1] if later else None

    def _day(self) -> date:
        today = self.now.date()
        return min(self.new.closed_on or today, today)

    def _decision(self, action: Action, *, why: str, state: State) -> Decision:
        return Decision(id=0, problem_id=self.home, action=action, who=self.who, at=self.now, why=why, state=state)

    def _told(self, happened: Happened, words: str, command: str = "") -> Change:
        return Change(
            problem_id=self.home,
            external_id=self.new.external_id,
            url=self.new.url,
            happened=happened,
            words=f"{words}.",
            command=command,
        )


def _as_read(link: ExportLink, filed: Filed | None, now: datetime) -> ExportLink:
    """The link as the issue stands; None: it was deleted."""
    if filed is None:
        return replace(link, is_gone=True, seen_at=now)
    known = link.closed_on if link.progress is filed.progress else None
    closed = filed.closed_at.date() if filed.closed_at else known or now.date()
    return replace(
        link,
        external_id=filed.external_id,
        url=filed.url or link.url,
        progress=filed.progress,
        status=one_line(filed.status, LONGEST_WORDS),
        assignee=one_line(filed.assignee, LONGEST_WORDS),
        estimate=one_line(filed.estimate, LONGEST_WORDS),
        due_on=filed.due_on,
        closed_on=closed if filed.is_closed else None,
        seen_at=now,
        is_gone=False,
    )


def _was_done_and_is_gone(link: ExportLink, new: ExportLink) -> bool:
    """Who clears away what is done does not say that it is not."""
    return new.is_gone and link.progress is Progressed.DONE


def _effective(history: Sequence[Decision], since: datetime) -> list[Decision]:
    """The decisions since then that gave the problem its state and were not taken back; not those that only took back
    one since then."""
    undone = {one.undoes for one in history}
    harmless = {one.id for one in history if one.at > since or one.gives is None}
    return [
        one
        for one in history
        if one.at > since and one.state is not None and one.id not in undone and one.undoes not in harmless
    ]


def _work(link: ExportLink) -> list[str]:
    """Who does what until when, in words."""
    due = f"due {link.due_on}" if link.due_on else ""
    estimate = f"estimate {link.estimate}" if link.estimate else ""
    return [word for word in (link.status, link.assignee, estimate, due) if word]


def _decided(decision: Decision) -> str:
    return f"{one_line(decision.who, 60)} decided so since ({PAST[decision.action]}, {decision.at:%Y-%m-%d})"
