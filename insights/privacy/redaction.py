"""Make the copy of a customer's words that may leave the machine: personal data becomes `<EMAIL>`, `<NAME>` and so on.

Pure. Lowers the risk; does not make anyone anonymous. Placeholders are stable: redacting twice changes nothing.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from insights.privacy import patterns
from insights.privacy.patterns import Span
from insights.privacy.personal_names import KnownNames, announced_names
from insights.privacy.phones import phones
from insights.text.clean import sanitise

REGIONS = ("US", "GB", "DE", "ES", "FR", "AT", "CH", "NL", "BE", "IT", "DK", "PL")
"""Whose numbering plans a telephone number without a country code is read by."""

_STRONGEST_FIRST = ("SECRET", "URL", "EMAIL", "IBAN", "CARD", "IP", "ID", "PHONE", "ADDRESS", "NAME")
_RANK = {label: rank for rank, label in enumerate(_STRONGEST_FIRST)}
_MAIL_WORD = re.compile(r"[^\s<>()\[\]{},;:\"]+@[^\s<>()\[\]{},;:\"]+")
_WIDE = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Redacted:
    """The copy, and how often each kind of thing was taken out."""

    text: str
    counts: dict[str, int] = field(default_factory=dict)


class Redactor:
    """Takes personal data out of texts. Made once for a workspace: it knows the names its accounts gave."""

    def __init__(
        self, *, names: Iterable[str] = (), addresses: Iterable[str] = (), regions: Sequence[str] = REGIONS
    ) -> None:
        """`names` are persons', never firms'; `addresses` are e-mail addresses known to be someone's."""
        self._names = KnownNames.of(names)
        self._addresses = frozenset(address.strip().casefold() for address in addresses if "@" in address)
        self._regions = tuple(regions)

    def redact(self, text: str, *, also: Iterable[str] = ()) -> Redacted:
        """The redacted copy. `also` holds the name and e-mail address of this text's author, replaced even in part."""
        told = [word for word in also if word and word.strip()]
        author = KnownNames.of((word for word in told if "@" not in word), eager=True)
        addresses = self._addresses | {word.strip().casefold() for word in told if "@" in word}
        counts: Counter[str] = Counter()
        text = sanitise(text)
        # What a placeholder leaves beside it can read differently: repeat until nothing more is found. Each pass takes
        # characters away, so this ends; nearly always after the second.
        while spans := _merged(self._find(text, author=author, addresses=addresses)):
            text = _replaced(text, spans)
            counts.update(label for _, _, label in spans)
        return Redacted(text, dict(counts))

    def _find(self, text: str, *, author: KnownNames, addresses: frozenset[str]) -> Iterator[Span]:
        folded = _narrowed(text)
        for finder in patterns.ALWAYS:
            yield from finder(folded)
        if patterns.has_digit(folded):
            for finder in patterns.WITH_DIGITS:
                yield from finder(folded)
            yield from phones(folded, regions=self._regions)
        yield from _known_addresses(folded, addresses)
        yield from author.find(text)
        yield from self._names.find(text)
        yield from announced_names(text)


def _narrowed(text: str) -> str:
    """Full-width and foreign digits, signs and blanks as ASCII, one character for one."""
    return text if text.isascii() else _WIDE.sub(lambda found: _narrow(found[0]), text)


def _narrow(char: str) -> str:
    if char.isspace():
        return " "
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char in "‐‑‒–—−﹣":
        return "-"
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and plain.isascii() else char


def _known_addresses(text: str, addresses: frozenset[str]) -> Iterator[Span]:
    """Addresses that no pattern knows, such as one on an internal host."""
    if not addresses or "@" not in text:
        return
    for found in _MAIL_WORD.finditer(text):
        word = found[0].rstrip(".!?'")
        if word.casefold() in addresses:
            yield found.start(), found.start() + len(word), "EMAIL"


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap become one, under the strongest label, so that no half survives."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span[0] < merged[-1][1]:
            start, end, label = merged.pop()
            merged.append((start, max(end, span[1]), min(label, span[2], key=_RANK.__getitem__)))
        else:
            merged.append(span)
    return merged


def _replaced(text: str, spans: Sequence[Span]) -> str:
    kept: list[str] = []
    reached = 0
    for start, end, label in spans:
        kept += [text[reached:start], f"<{label}>"]
        reached = end
    return "".join([*kept, text[reached:]])
