"""The audit log: who did what to what, each entry sealed to the one before it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log. Holds no customer's words: a person is named by a keyed digest or a pseudonym."""

    number: int
    at: datetime
    who: str
    roles: str
    action: str
    """Dotted: "decision.accept", "person.reveal", "person.export", "person.erase", "keys.rotate", "settings.change"."""
    subject: str
    """What it was done to: P-12, EMAIL_7KQ2M4XA, a source's name."""
    facts: dict[str, int | float | str] = field(default_factory=dict)
    mac: str
    """HMAC-SHA256 over this entry and the mac before it; 64 hex digits."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry, as it is anchored outside the database."""

    number: int
    mac: str


NO_HEAD = Head(0, "")
