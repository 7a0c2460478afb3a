"""What the core asks of the outside, each with at least two real implementations."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from insights.domain.customers import AccountRecord, DealRecord, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import FeedbackRecord
from insights.domain.step import Step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    """What a source delivers at a time: records, ids that are gone, refused rows, and where to go on."""

    records: Sequence[Record]
    tombstones: Sequence[str] = ()
    rejects: Sequence[Reject] = ()
    state: dict[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """Where feedback comes from."""

    @property
    def name(self) -> str: ...

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        """Pages of what is new since `state`. Raises InsightsError where nothing can be read at all."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What a tracker is to hold of a problem: text cleaned, personal data redacted."""

    problem: str
    title: str
    body: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Filed:
    """An issue as the tracker knows it; `is_closed` where nobody is to work on it any more."""

    external_id: str
    url: str | None
    is_closed: bool = False


class Tracker(Protocol):
    """Where accepted problems go. One issue per problem: `find` before `create`. An issue cannot be taken back, but
    closed with a comment that says why; `update` opens it again."""

    @property
    def name(self) -> str: ...

    def find(self, problem: str) -> Filed | None: ...

    def create(self, issue: Issue) -> Filed: ...

    def update(self, filed: Filed, issue: Issue) -> Filed: ...

    def close(self, filed: Filed, comment: str) -> Filed: ...


class Embedder(Protocol):
    """Turns texts into vectors. Same fingerprint, same space."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...
