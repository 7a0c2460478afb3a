"""Make the copy of a customer's words that may leave the machine: personal data becomes `<EMAIL>`, `<NAME>` and so on.

Pure. Lowers the risk; does not make anyone anonymous. Placeholders are stable: redacting twice changes nothing. Which
placeholder is whose is told beside the copy, by place.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from insights.privacy import patterns
from insights.privacy.patterns import Finder, Span
from insights.privacy.personal_names import KnownNames, announced_names
from insights.privacy.phones import phones
from insights.privacy.pseudonyms import FullNames, Named, normalised
from insights.text.clean import sanitise
from insights.text.placeholders import LABELS, PLACEHOLDER

REGIONS = ("US", "GB", "DE", "ES", "FR", "AT", "CH", "NL", "BE", "IT", "DK", "PL")
"""Whose numbering plans a telephone number without a country code is read by."""

_RANK = {label: rank for rank, label in enumerate(LABELS)}
_MAIL_WORD = re.compile(r"[^\s<>()\[\]{},;:\"]+@[^\s<>()\[\]{},;:\"]+")
_WIDE = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Redacted:
    """The copy, how often each kind of thing was taken out, and the placeholders that have a pseudonym, by place."""

    text: str
    counts: dict[str, int] = field(default_factory=dict)
    named: tuple[Named, ...] = ()


class Redactor:
    """Takes personal data out of texts. Made once for a workspace: it knows the names its accounts gave."""

    def __init__(
        self,
        *,
        names: Iterable[str] = (),
        addresses: Iterable[str] = (),
        regions: Sequence[str] = REGIONS,
        finders: Iterable[Finder] = (),
        pseudonym: Callable[[str, str], str | None] | None = None,
    ) -> None:
        """`names` are persons', never firms'; `addresses` are e-mail addresses known to be someone's; `finders` look
        besides our own rules; `pseudonym` gives eight letters for a label and a normalised value: without it nothing
        is named."""
        names = tuple(names)
        self._finders = tuple(finders)
        self._names = KnownNames.of(names)
        self._pseudonym = pseudonym
        self._full_names = FullNames.of(names if pseudonym else ())
        self._addresses = frozenset(address.strip().casefold() for address in addresses if "@" in address)
        self._regions = tuple(regions)

    def redact(self, text: str, *, also: Iterable[str] = ()) -> Redacted:
        """The redacted copy. `also` holds the name and e-mail address of this text's author, replaced even in part."""
        told = [word for word in also if word and word.strip()]
        author = KnownNames.of((word for word in told if "@" not in word), eager=True)
        addresses = self._addresses | {word.strip().casefold() for word in told if "@" in word}
        counts: Counter[str] = Counter()
        named: list[Named] = []
        text = sanitise(text)
        # What a placeholder leaves beside it can read differently: repeat until nothing more is found. Each pass takes
        # characters away, so this ends; nearly always after the second.
        while spans := merged(_outside(text, self._find(text, author=author, addresses=addresses))):
            if self._pseudonym is not None:
                named = sorted((*_moved(named, spans), *self._named(text, spans)), key=lambda one: one.start)
            text = _replaced(text, spans)
            counts.update(label for _, _, label in spans)
        return Redacted(text, dict(counts), tuple(named))

    def spans(self, text: str) -> list[Span]:
        """Where the first pass finds something in a text that `sanitise` has cleaned; in order, none overlaps."""
        return merged(self._find(text, author=KnownNames(), addresses=self._addresses))

    def _named(self, text: str, spans: Sequence[Span]) -> Iterator[Named]:
        """The placeholders of these spans, by where they will start."""
        for (start, end, label), place in zip(spans, _places(spans), strict=True):
            value = self._value(label, text[start:end])
            letters = self._pseudonym(label, value) if self._pseudonym and value else None
            if value and letters:
                kept = " ".join(text[start:end].split()) if label == "NAME" else value
                yield Named(start=place, token=f"{label}_{letters}", value=kept)

    def _value(self, label: str, text: str) -> str | None:
        if PLACEHOLDER.search(text):
            return None
        if label == "NAME":
            return self._full_names.get(text)
        return normalised(label, _narrowed(text), regions=self._regions)

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
        for further in self._finders:
            yield from further(folded)


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


def _outside(text: str, spans: Iterable[Span]) -> Iterable[Span]:
    """Without what lies inside a placeholder: its eight letters are no number of somebody's."""
    placed = [found.span() for found in PLACEHOLDER.finditer(text) if found["token"]] if "_" in text else []
    if not placed:
        return spans
    return [span for span in spans if not any(start <= span[0] and span[1] <= end for start, end in placed)]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap become one, under the strongest label, so that no half survives."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span[0] < joined[-1][1]:
            start, end, label = joined.pop()
            joined.append((start, max(end, span[1]), min(label, span[2], key=_RANK.__getitem__)))
        else:
            joined.append(span)
    return joined


def _places(spans: Sequence[Span]) -> Iterator[int]:
    """Where each placeholder starts once all are put in."""
    shift = 0
    for start, end, label in spans:
        yield start + shift
        shift += len(f"<{label}>") - (end - start)


def _moved(named: Iterable[Named], spans: Sequence[Span]) -> Iterator[Named]:
    """What was named in an earlier pass, but for what this pass takes out."""
    for one in named:
        stop = one.start + len(f"<{one.token.partition('_')[0]}>")
        if all(end <= one.start or start >= stop for start, end, _ in spans):
            shift = sum(len(f"<{label}>") - (end - start) for start, end, label in spans if end <= one.start)
            yield replace(one, start=one.start + shift)


def _replaced(text: str, spans: Sequence[Span]) -> str:
    kept: list[str] = []
    reached = 0
    for start, end, label in spans:
        kept += [text[reached:start], f"<{label}>"]
        reached = end
    return "".join([*kept, text[reached:]])
