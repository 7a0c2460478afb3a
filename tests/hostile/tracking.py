"""A tracker as it is behind any interface: issues that people edit, close, move and delete, seen late by a search."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar, Protocol

from insights.ports import Issue, Setup, Sought, Tracker, TrackerKind
from tests.hostile.server import SECRET, Call, Reply, listening

START = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)


@dataclass
class TrackedIssue:
    """`body` is what the vendor keeps, in its own form. `visible` is from which search on it is found. `progress` is
    open, done or dropped."""

    number: int
    title: str
    body: Any
    key: str = ""
    labels: list[str] = field(default_factory=list)
    comments: list[Any] = field(default_factory=list)
    assignee: str = ""
    progress: str = "open"
    closed: datetime | None = None
    made: datetime = START
    changed: datetime = START
    is_deleted: bool = False
    moved_to: str = ""
    visible: int = 0
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Office:
    """`lag` is in how many searches a new issue is not found yet."""

    issues: dict[int, TrackedIssue] = field(default_factory=dict)
    lag: int = 0
    searches: int = 0
    now: datetime = START
    lock: RLock = field(default_factory=RLock)

    def there(self) -> list[TrackedIssue]:
        return [issue for issue in self.issues.values() if not issue.is_deleted and not issue.moved_to]

    def found(self) -> list[TrackedIssue]:
        """What a search shows, one more of which was made."""
        self.searches += 1
        return [issue for issue in self.there() if issue.visible <= self.searches]

    def add(self, title: str, body: Any, **more: Any) -> TrackedIssue:
        number = len(self.issues) + 1
        self.now += timedelta(seconds=1)
        visible = self.searches + self.lag + 1 if self.lag else 0
        issue = TrackedIssue(number, title, body, made=self.now, changed=self.now, visible=visible, **more)
        self.issues[number] = issue
        return issue

    def close(self, number: int, *, progress: str = "done") -> None:
        self.now += timedelta(hours=1)
        issue = self.issues[number]
        issue.progress, issue.closed, issue.changed = progress, self.now, self.now

    def reopen(self, number: int) -> None:
        self.now += timedelta(hours=1)
        self.issues[number].progress, self.issues[number].closed = "open", None


class TrackerDialect(Protocol):
    """A vendor's interface over an office, as strict as the vendor: unknown paths, parameters, fields and a missing
    login are refused."""

    kind: ClassVar[TrackerKind[Any]]
    search_lags: ClassVar[bool]
    """Whether what `find` asks shows new issues late."""
    knows_dropped: ClassVar[bool]
    """Whether a closed issue says that it was not done."""
    can_move: ClassVar[bool]
    """Whether a moved issue says where it went."""

    def settings(self, base: str) -> dict[str, Any]: ...

    def external_id(self, issue: TrackedIssue) -> str: ...

    def written_around(self, body: Any, above: str, below: str) -> Any:
        """The body after people wrote a line above our part and one below it."""
        ...

    def text(self, body: Any) -> str:
        """All of the body as one string: what a reader sees, or the source where that is the same."""
        ...

    def answer(self, office: Office, call: Call) -> Reply: ...


@dataclass
class TrackerServer:
    """`faults` are met by the next requests, one each, before anything is done; those of `after_write` by the next
    writes, after they were done."""

    office: Office
    dialect: TrackerDialect
    faults: list[str] = field(default_factory=list)
    after_write: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    base: str = ""

    @property
    def now(self) -> datetime:
        return self.office.now

    def reply(self, call: Call) -> Reply | str:
        with self.office.lock:
            self.calls.append(call)
            if self.faults:
                return self.faults.pop(0)
            before = repr(self.office.issues)
            found = self.dialect.answer(self.office, call)
            has_written = repr(self.office.issues) != before
            return self.after_write.pop(0) if self.after_write and has_written else found


@contextmanager
def serving(dialect: TrackerDialect) -> Iterator[TrackerServer]:
    server = TrackerServer(Office(), dialect)
    with listening(server):
        yield server


def tracker_on(dialect: TrackerDialect, base: str, *, sleep: Callable[[float], object]) -> Tracker:
    """The connector, logged in."""
    settings = dialect.kind.settings.model_validate(dialect.settings(base))
    return dialect.kind.make(Setup(name="board", settings=settings, folder=Path(), secret=lambda: SECRET, sleep=sleep))


def sought(number: int = 12) -> Sought:
    """Of problem P-12 in a workspace of the marker ab12cd."""
    return Sought(
        problem=f"P-{number}",
        marker=f"insights-ab12cd-P-{number}",
        key=f"00000000-0000-4000-8000-{number:012d}",
    )


def an_issue(number: int = 12, *, title: str = "Export hangs", body: str = "It *hangs* at half.") -> Issue:
    return Issue(sought=sought(number), title=title, body=body, fields={})
