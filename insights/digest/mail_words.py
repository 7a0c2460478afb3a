"""Words of a story as a mail shows them: on one line, without what acts on a terminal, and with no address in them that
a mail program would make a link of. Both parts of a mail say the same."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from insights.digest.one_line import shown
from insights.digest.story import Story
from insights.text.clean import one_line

_LIMITS = {"badge": 40, "worth": 120, "title": 160, "quote": 240, "told": 300, "headline": 300}
"""Characters."""
_SHRINKING = frozenset({"title", "quote", "told"})
_MOST_TOLD = 6
_SHORT = 60
_ENDS, _CLOSING = ".!?…:", "”“»«’\"'"

_JOINER = "\u2060"
"""An invisible word joiner."""
_IN_ADDRESS = re.compile(
    r"(?<=[A-Za-z])(?=:[/\w+])|(?<=:)(?=//)|(?<=/)(?=/)|(?<=\\)(?=\\)|(?<=@)(?=\S)"
    r"|(?<=\w[.\u3002\uff0e\uff61])(?=[^\W\d_]{2})"
)
"""Between the parts of a scheme, a host, a mail address, or the name of a server in a Windows network."""


@dataclass(frozen=True, slots=True)
class MailWords:
    """`room` is the share of the usual letters, 0..1, that a title, a quote and a sentence may have. Where nothing
    makes links of addresses, as in a terminal, they stay as they are, to be copied: `joins` is False there."""

    room: float = 1.0
    joins: bool = True

    def said(self, text: str, kind: str) -> str:
        """At most as many letters as its kind has."""
        limit = int(_LIMITS[kind] * (self.room if kind in _SHRINKING else 1))
        return inert(text, limit) if self.joins else shown(text, limit)

    def prose(self, told: Iterable[str]) -> str:
        """Sentences, each with its capital and its full stop."""
        return " ".join(filter(None, (self.sentence(one) for one in [*told][:_MOST_TOLD])))

    def sentence(self, text: str, kind: str = "told") -> str:
        line = capital(self.said(text, kind))
        return line if line.rstrip(_CLOSING)[-1:] in ("", *_ENDS) else f"{line}."

    def figure(self, text: str) -> str:
        """What begins a line and is no sentence."""
        return capital(self.said(text, "worth"))

    def preheader(self, story: Story) -> str:
        """What a list of mails shows beside the subject: what the first section holds."""
        if not story.sections:
            return self.said(story.period, "title")
        first = story.sections[0]
        told = [f"{one.title}: {one.told[0]}" if not one.ref and one.told else one.title for one in first.entries]
        told = told or [first.more]
        return self.said(f"{first.heading}: {' · '.join(one_line(words, _SHORT) for words in told)}", "title")


def inert(text: str, limit: int) -> str:
    """On one line, without what acts."""
    return _IN_ADDRESS.sub(_JOINER, shown(text, limit))


def capital(line: str) -> str:
    return f"{line[:1].upper()}{line[1:]}"
