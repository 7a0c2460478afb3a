"""What the core asks of the outside, each with at least two real implementations."""

import errno
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, runtime_checkable

from insights.domain.customers import AccountRecord, DealRecord, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import FeedbackRecord
from insights.domain.problem import Progressed as Progressed  # noqa: PLC0414 - a word of this port
from insights.domain.step import Step
from insights.errors import InsightsError
from insights.text.addresses import issue_address

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydantic import BaseModel

    Vectors = NDArray[np.float32]
else:  # whoever only names the type, as the triage application does, loads no numpy
    Vectors = Any
"""Shape (n, dimensions); rows have length 1."""

Record = FeedbackRecord | AccountRecord | DealRecord | SubscriptionRecord | DepartureRecord
Answer = TypeVar("Answer")

Progress = Callable[[str, int, int], None]
"""Called as progress(what, done, total); total is 0 where it is not known."""

Follow = Callable[[Step], None]
"""Called with every step of a run: which stage it is at, what of that is done, what it cost so far."""


def unfollowed(_: Step) -> None:
    """Where nobody follows."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was refused: where it stood, why, and its raw words, so that it is not lost."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a source delivers at a time: records, ids that are gone, refused rows, and where to go on. `total` is how
    many records its `stream` will bring, 0 where the service does not say; a source with several lists names each.
    `unchanged` records were delivered by an earlier reading, are as they were then, and are left out."""

    records: Sequence[Record]
    tombstones: Sequence[str] = ()
    rejects: Sequence[Reject] = ()
    state: dict[str, Any] = field(default_factory=dict)
    total: int = 0
    stream: str = ""
    unchanged: int = 0


class Defect(InsightsError):
    """A source or tracker failed over a mistake of its own."""


@contextmanager
def contained(name: str) -> Iterator[None]:
    """Around what a source or tracker does, which others may have written: a defect of it ends nothing else. Only its
    kind and place are told, for its words may hold a key. Raises Defect, whose cause has the place and no words."""
    try:
        yield
    except (InsightsError, MemoryError):
        raise
    except Exception as error:  # the boundary to what others wrote
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        *_, last = traceback.extract_tb(error.__traceback__)
        raise Defect(
            f"{name} has a defect: {type(error).__name__} in {Path(last.filename).name}, line {last.lineno}.",
            remedy="What was read before is kept. Report it to whoever made this connector.",
        ) from Exception(type(error).__name__).with_traceback(error.__traceback__)


class Source(Protocol):
    """Where feedback comes from."""

    @property
    def name(self) -> str: ...

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        """Pages of what is new since `state`, which is plain JSON; an empty one reads from the start. Whoever stops
        after any page and goes on from its state gets the rest. Raises InsightsError where nothing can be read."""
        ...


@runtime_checkable
class Sweepable(Protocol):
    """A source whose service forgets what was deleted without a word: what it still has is looked up now and then."""

    def living(self) -> Iterator[Sequence[str]]:
        """The ids of all items that are there, as records name them, in pages of any size."""
        ...

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        """Those of a few ids that the service no longer has, asked for one by one: a list that shifted while it was
        read may have left one out. What may not be seen is not gone."""
        ...


@runtime_checkable
class PartlySweepable(Sweepable, Protocol):
    """One that can say of some of its items alone whether they are there: the others stay as they are."""

    def is_covered(self, source_id: str) -> bool:
        """Whether `living` would name this item if it were there."""
        ...


@runtime_checkable
class Checkable(Protocol):
    """A source or tracker that can say who it is logged in as."""

    def check(self) -> str:
        """As whom and where, in words. One small request. Raises InsightsError with exit code LOGIN where refused."""
        ...


Own = TypeVar("Own", bound="BaseModel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup(Generic[Own]):
    """What a source or tracker is made of: its name, its own settings, the workspace's folder, and its secret, which
    is looked up only when it is needed. `since` is how far back a first reading goes; None: to the beginning. `overlap`
    is how long a change may take to become visible."""

    name: str
    settings: Own
    folder: Path
    secret: Callable[[], str]
    """Raises InsightsError with exit code LOGIN where none is kept."""
    since: date | None = None
    overlap: timedelta = timedelta(minutes=15)
    sleep: Callable[[float], object] = time.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind(Generic[Own]):
    """A type of source, as it registers under `insights.sources`: the settings of its own (a model of pydantic; other
    keys are refused), how it is made of them, and what it logs in with, in words; empty: it needs no login."""

    settings: type[Own]
    make: Callable[[Setup[Own]], Source]
    login: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """How the issue of a problem is found again: the problem's id; a marker that is unique over all workspaces and
    stands in the issue (letters, digits and dashes); and a UUIDv4 for trackers that take the client's id."""

    problem: str
    marker: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What a tracker is to hold of a problem: text cleaned, personal data redacted. `body` is Markdown in which no word
    from outside acts; each tracker renders it its own way."""

    sought: Sought
    title: str
    body: str
    fields: dict[str, str]

    @property
    def problem(self) -> str:
        return self.sought.problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """An issue as the tracker knows it. `status`, `assignee` and `estimate` in the tracker's own words. `moved_to` is
    its new id where it was moved. Of the `url` that a tracker tells only one of the web, or of a file, is kept."""

    external_id: str
    url: str | None
    progress: Progressed = Progressed.OPEN
    status: str = ""
    assignee: str = ""
    estimate: str = ""
    due_on: date | None = None
    closed_at: datetime | None = None
    moved_to: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", issue_address(self.url or "") or None)

    @property
    def is_closed(self) -> bool:
        """Whether nobody is to work on it any more."""
        return self.progress is not Progressed.OPEN


class Unanswered(InsightsError):
    """A tracker took a request and did not answer: whether it did what it was asked is not known."""


class Tracker(Protocol):
    """Where accepted problems go. One issue per problem: `find` before `create`. An issue cannot be taken back, but
    closed with a comment that says why, and opened again."""

    @property
    def name(self) -> str: ...

    @property
    def lag_seconds(self) -> float:
        """How long a new issue may stay hidden from `find`; 0 where it is seen at once."""
        ...

    def find(self, sought: Sought) -> Filed | None:
        """The issue by its marker or key, open or closed. Raises InsightsError where there are several."""
        ...

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        """How these issues stand, by the ids asked for. One that was deleted is not among them; raises InsightsError
        where that cannot be told."""
        ...

    def create(self, issue: Issue) -> Filed:
        """Raises Unanswered where it may or may not have been made; InsightsError where it was refused."""
        ...

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        """Bring our part of the issue up to date; what people wrote stays, the title too. One that is closed is opened
        again where the update `reopens` it."""
        ...

    def close(self, filed: Filed, comment: str) -> Filed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerKind(Generic[Own]):
    """A type of tracker, as it registers under `insights.trackers`; fields as of SourceKind."""

    settings: type[Own]
    make: Callable[[Setup[Own]], Tracker]
    login: str = ""


class Form(StrEnum):
    """What a sender takes: plain text with HTML beside it, text alone, or the blocks of a chat."""

    MAIL = "mail"
    TEXT = "text"
    SLACK = "slack"
    TEAMS = "teams"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A PNG inside a message, which its HTML names as `cid:NAME`."""

    name: str
    content: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A digest to be sent. `key` is the same whenever this one is sent, and no other's (letters, digits, dots and
    dashes): what shows it tells a second copy from a second digest. `text` is there in every form, `html` and `images`
    in a mail, `blocks` (plain JSON) in a chat. `to` are addresses where the sender has no fixed ones. `suffix` is a
    file's: md, html, json or txt. Everything from outside in it is inert."""

    key: str
    subject: str
    text: str
    html: str = ""
    images: tuple[Image, ...] = ()
    blocks: dict[str, Any] | None = None
    to: tuple[str, ...] = ()
    suffix: str = "txt"


class Sender(Protocol):
    """Where digests go."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message) -> str:
        """A receipt: the id of the message or where it is, in words. Raises Unanswered where it may or may not have
        been taken, InsightsError where it was refused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderKind(Generic[Own]):
    """A type of sender, as it registers under `insights.senders`; fields as of SourceKind, and the form that it
    takes."""

    settings: type[Own]
    make: Callable[[Setup[Own]], Sender]
    form: Form
    login: str = ""


class Embedder(Protocol):
    """Turns texts into vectors. Same fingerprint, same space."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...
