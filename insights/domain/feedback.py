"""What customers said: feedback, the mentions in it, and the evidence a problem rests on."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class FeedbackKind(StrEnum):
    TICKET = "ticket"
    NPS = "nps"
    NOTE = "note"
    REVIEW = "review"


class Stance(StrEnum):
    """What a mention does. Only problems and requests are grouped and ranked; the others are counted."""

    PROBLEM = "problem"
    REQUEST = "request"
    PRAISE = "praise"
    QUESTION = "question"
    NOISE = "noise"

    @property
    def is_ranked(self) -> bool:
        return self in (Stance.PROBLEM, Stance.REQUEST)


class AccountMatch(StrEnum):
    """How an item found its account. NAME_LIKE is not certain and is shown as such."""

    ID = "id"
    DOMAIN = "domain"
    NAME = "name"
    NAME_LIKE = "name-like"
    NONE = "none"

    @property
    def is_certain(self) -> bool:
        return self in (AccountMatch.ID, AccountMatch.DOMAIN, AccountMatch.NAME)


GIVES_ORDERS = "⚠ gives orders to a machine"
"""How an item is marked whose words speak to a language model instead of to people."""


def item_ref(source: str, source_id: str) -> str:
    """The name that people use for an item: tickets/T-12."""
    return f"{source}/{source_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRecord:
    """One thing one customer said, as a source delivers it. `created_at` is UTC."""

    source: str
    source_id: str
    kind: FeedbackKind
    text: str
    created_at: datetime | None = None
    subject: str | None = None
    author_name: str | None = None
    author_email: str | None = None
    account: str | None = None
    score: float | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One stored thing one customer said. `text` is never edited; `body` is what is analysed: no quoted replies,
    no signature. `redacted` is the copy that may leave the machine; None until it was protected."""

    id: int
    source: str
    source_id: str
    kind: FeedbackKind
    text: str
    body: str
    created_at: datetime
    account_id: int | None = None
    account_match: AccountMatch = AccountMatch.NONE
    account_hint: str | None = None
    author_name: str | None = None
    author_email: str | None = None
    score: float | None = None
    url: str | None = None
    redacted: str | None = None
    is_order: bool = False
    """Whether its words give orders to a language model; False until it was protected."""
    edition: str = ""
    """Another one for every change of the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A span of one feedback's redacted copy that states one thing; what is embedded and grouped. With its words, and
    what grouping and describing need to know of their origin."""

    id: int
    feedback_id: int
    text: str
    stance: Stance
    created_at: datetime
    start: int = 0
    confidence: float = 1.0
    account_id: int | None = None
    score: float | None = None
    kind: FeedbackKind = FeedbackKind.TICKET
    statement: str | None = None
    """What it states in common words, by a language model; grouped by, never quoted."""
    is_order: bool = False
    """Its item speaks to a machine: it counts as evidence, but no model is shown it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Evidence: a span of a feedback's redacted copy. A span cannot be invented."""

    feedback_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A quote or mention as a person sees it: the words, and who said them where and when."""

    feedback_id: int
    text: str
    kind: FeedbackKind
    source: str
    source_id: str
    created_at: datetime
    similarity: float | None = None
    mention_id: int | None = None
    problem_id: int | None = None
    start: int = 0
    end: int = 0
    context: str = ""
    account_id: int | None = None
    account_name: str | None = None
    account_revenue: float | None = None
    account_is_certain: bool = True
    renewal_date: date | None = None
    """When the account's contract ends next, as its source says."""
    score: float | None = None
    url: str | None = None
    is_order: bool = False
    """Its item gives orders to a language model; the quote or mention itself need not."""

    @property
    def ref(self) -> str:
        return item_ref(self.source, self.source_id)
