"""The audit log: who did what to what, each entry sealed to the one before it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_HEAD = re.compile(r"([0-9]{1,12}):([0-9a-f]{64})")


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

    @property
    def text(self) -> str:
        """NUMBER:MAC."""
        return f"{self.number}:{self.mac}"


NO_HEAD = Head(0, "")


class Kind(StrEnum):
    """How a log is not the one that was written."""

    EDITED = "edited"
    """What the entry says was changed; its seal is the one it had."""
    MOVED = "moved"
    """An entry that was not written there: put in, swapped, or left after others were taken out."""
    MISSING = "missing"
    """Numbers without an entry: entries were deleted."""
    CUT = "cut"
    """The log ends before an entry that is known to have been written."""
    REPLACED = "replaced"
    """The entry is another one than the anchor knows: the log was written anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The number that it begins at, and what it means."""

    number: int
    kind: Kind
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found of a log: all its `troubles` are `count`, of which the first are here, by number."""

    entries: int
    head: Head
    troubles: tuple[Trouble, ...] = ()
    count: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.count


def head_of(text: str) -> Head | None:
    """NUMBER:MAC as `Head.text` writes it; None for anything else."""
    found = _HEAD.fullmatch(text.strip())
    return Head(int(found[1]), found[2]) if found else None
