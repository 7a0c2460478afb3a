"""What the chat forms share: words of which nothing acts in a chat, and a story cut so that it fits.

A story that is too large loses what is below the first entries of its sections before it loses an entry, and the last
entries of all sections before the first of any.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from insights.digest.contents import MOST
from insights.digest.one_line import shown
from insights.digest.story import Entry, Part, Section, Story
from insights.domain.figures import spark
from insights.text.addresses import web_address

JOINER = "\u2060"
"""WORD JOINER: it has no width, allows no line to break, and is no letter."""
_LOOK_ALIKE = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
"""Slack documents no way to escape its marks, and an invisible character beside one is a border of words to it, at
which marks act: another character that looks like it is none. In Markdown it is none either."""
_MARK = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""Inside a word, as in user_id, an underscore marks nothing."""
_ACTING = re.compile(
    r"@|#(?=\w)|:(?=[\w+'-]+:)"  # mentions, channels, :emoji:
    r"|(?<=\w):(?=//)|/(?=/)|\\(?=\\)|(?i:\b(?:mailto|tel|xmpp|sip|skype)):|(?i:\bwww)\."  # addresses
    r"|<(?=[\w/!?])|\{(?=\{)|\$(?=\{)|\](?=[(\[])"  # tags, {{DATE()}}, templates, links
)
_HOST = re.compile(r"(?<=\w)[.\u3002\uff0e\uff61](?=[^\W\d_]{2})")
"""Between the parts of evil.com. What we word ourselves names files and commands, which are copied."""
_BEGINNING = re.compile(r"(?=[>#+-]|\d{1,9}[.)]\s)")
"""What makes a line a quotation, a heading or a list."""
_MOST_TOLD = 6
_MOST_FACTS = 9
"""Of data and cost: one line each."""
_WEEKS = 26
_LONGEST_URL = 300
_ENDS, _CLOSING = ".!?…:", "”“»«’\"'"
LIMITS = {
    "title": 160,
    "badge": 40,
    "ref": 30,
    "told": 300,
    "worth": 150,
    "quote": 280,
    "more": 200,
    "headline": 600,
    "foot": 300,
}
"""Characters of what is said."""
_OURS = ("more", "foot")


class Detail(IntEnum):
    """How much of an entry is told."""

    TITLE = 0
    SHORT = 1
    FULL = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How many entries of each section are told in full, at least in short, and at all; `room` is the share of the
    usual letters that each text may have, 0..1."""

    full: int
    short: int
    titles: int
    room: float = 1.0

    @property
    def is_whole(self) -> bool:
        """No entry is left out that a story has in its lists."""
        return self.titles >= MOST

    def detail(self, place: int) -> Detail:
        return Detail.FULL if place < self.full else Detail.SHORT if place < self.short else Detail.TITLE


PLANS = (
    *(Plan(full, MOST, MOST) for full in (5, 4, 3, 2, 1, 0)),
    *(Plan(0, short, MOST) for short in (3, 2, 1, 0)),
    *(Plan(0, 0, titles) for titles in (3, 2, 1)),
    *(Plan(0, 0, 1, room) for room in (0.5, 0.2, 0.1)),
)
"""From the whole to what always fits."""


def fitted(
    story: Story, lay_out: Callable[[Story, Plan], dict[str, Any]], fits: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """As much of the story as fits; the least of it where nothing does."""
    laid_out: dict[str, Any] = {}
    for plan in PLANS:
        laid_out = lay_out(story, plan)
        if fits(laid_out):
            break
    return laid_out


def sections(story: Story, plan: Plan) -> Iterator[tuple[Section, Sequence[Entry], str]]:
    """Each with the entries that are told, and what to say of those that are not."""
    for section in story.sections[: len(Part)]:
        told = section.entries[: _MOST_FACTS if section.part is Part.DATA and plan.is_whole else plan.titles]
        cut = len(section.entries) - len(told)
        more = " · ".join(filter(None, (f"… +{cut}" if cut else "", section.more)))
        yield section, told, more


def inert(line: str, *, marks: bool, hosts: bool = True) -> str:
    """The line with a joiner inside of whatever a chat would make act, names of `hosts` among it."""
    if marks:
        line = _MARK.sub(lambda found: _LOOK_ALIKE[found[0]], line)
    line = _ACTING.sub(_joined, line)
    line = _HOST.sub(_joined, line) if hosts else line
    return JOINER + line if _BEGINNING.match(line) else line


def _joined(found: re.Match[str]) -> str:
    return found[0] + JOINER


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of a story as a chat shows them. `marks`: whether it reads any; `escape` is what it asks for besides."""

    marks: bool
    room: float = 1.0
    escape: Callable[[str], str] = str

    def said(self, text: str, kind: str) -> str:
        """On one line, with nothing in it that acts."""
        return self.escape(self._inert(text, kind))

    def figure(self, text: str) -> str:
        """What begins a line and is no sentence."""
        return self.said(capital(text), "worth")

    def sentence(self, text: str, kind: str = "told") -> str:
        """With its capital and its full stop."""
        line = self._inert(capital(text), kind)
        return self.escape(line if line.rstrip(_CLOSING)[-1:] in ("", *_ENDS) else f"{line}.")

    def prose(self, told: Sequence[str]) -> str:
        return " ".join(filter(None, map(self.sentence, told[:_MOST_TOLD])))

    def _inert(self, text: str, kind: str) -> str:
        line = shown(text, int(LIMITS[kind] * self.room))
        return inert(line, marks=self.marks, hosts=kind not in _OURS)


def capital(text: str) -> str:
    """With its first letter large."""
    return f"{text[:1].upper()}{text[1:]}"


def bars(entry: Entry) -> str:
    """Half a year as text."""
    return spark(entry.weekly[-_WEEKS:]) if entry.weekly else ""


def link(entry: Entry) -> str:
    """The address of its issue, empty where that is none of the web or too long to be one."""
    url = web_address(entry.url)
    return url if len(url) <= _LONGEST_URL else ""
