"""A digest as it is told, whatever the form: sections in their order, each entry a title with a few sentences.

Everything here is plain text in the reader's language; nothing is escaped. Forms lay it out and escape it, and word
nothing themselves, so that mail, chat, page and terminal say the same.
"""

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """The sections of a digest, in the order in which they are told; those with nothing to tell are left out."""

    TROUBLES = "troubles"
    FRESH = "fresh"
    MOVERS = "movers"
    FIXES = "fixes"
    WAITING = "waiting"
    UNFILED = "unfiled"
    DECIDED = "decided"
    DATA = "data"


class Tone(StrEnum):
    """How an entry may be coloured, beside its badge's words: colour alone never says it."""

    ALERT = "alert"
    BAD = "bad"
    GOOD = "good"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One problem, decision or fact. `badge` is a word or two ("new", "spiking again"), `told` are sentences without
    their full stop, `weekly` items of half a year, oldest first; `worth` is the likely value with its range. Data has
    its name in `title`. `url` is an issue's, a web address or empty."""

    title: str
    ref: str = ""
    badge: str = ""
    tone: Tone = Tone.PLAIN
    told: tuple[str, ...] = ()
    weekly: tuple[int, ...] = ()
    trend: str = ""
    """What `weekly` shows, in words: for who does not see it."""
    worth: str = ""
    quote: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`more` says how many are left out, and the command that lists them; empty where none is."""

    part: Part
    heading: str
    entries: tuple[Entry, ...]
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`title` names product and period, `headline` is the one sentence to know first, `by` says who worded it.
    `subject` is a mail's: it holds the headline. `language` is an ISO 639-1 code."""

    language: str
    title: str
    headline: str
    period: str
    sections: tuple[Section, ...]
    subject: str
    by: str = ""
    footer: str = ""
    """Where to read more, and why this was sent."""
