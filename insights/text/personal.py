"""Find the values that name one person in any text: e-mail address, name, telephone number, however they are written.

Pure. Names count from two words on: one word alone is too often somebody else, or no name.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from insights.text.folding import fold

EMAIL, NAME, PHONE = "EMAIL", "NAME", "PHONE"
FEWEST_DIGITS = 7
_COMPARED_DIGITS = 9
_MOST_NATIONAL = 10
"""More digits than these begin with a country's code."""
_MOST_NAME_WORDS = 4
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_RUN = re.compile(r"(?<![\w])(?:\+|\(\+|\()?\d(?:[\s().\-/]{0,3}\d){6,17}(?!\w)")
_EMAIL = re.compile(r"(?<![\w.%+'-])[\w.%+'-]+(?:@|%40)(?:[\w-]+\.)+[^\W\d_][\w-]{1,62}", re.IGNORECASE)
_GAP = r"[\s.,\xa0]{1,3}"


@dataclass(frozen=True, slots=True, order=True)
class Value:
    """What names a person: `label` is EMAIL, NAME or PHONE."""

    label: str
    text: str


def normal(identity: str) -> str:
    """An e-mail address in small letters; a name folded, its first name first; a number's last nine digits."""
    text = " ".join(identity.split())
    if "@" in text:
        return text.casefold()
    digits = digits_of(text)
    if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\W\d_]", text):
        return digits
    last, comma, first = text.partition(",")
    return " ".join(_words(f"{first} {last}" if comma else text))


def digits_of(text: str) -> str:
    """The digits that tell a telephone number from another, with and without its country's code: the last nine."""
    return "".join(re.findall(r"\d", text))[-_COMPARED_DIGITS:]


def value_of(identity: str) -> Value:
    """What kind of value somebody wrote."""
    if "@" in identity:
        return Value(EMAIL, " ".join(identity.split()))
    is_number = not re.search(r"[^\W\d_]", identity) and len(digits_of(identity)) >= FEWEST_DIGITS
    return Value(PHONE if is_number else NAME, " ".join(identity.split()))


def is_telling(value: Value) -> bool:
    """Whether it may be looked for in what others wrote: no name of one word, no number of few digits."""
    if value.label == NAME:
        return len(_words(value.text)) > 1
    return "@" in value.text if value.label == EMAIL else len(digits_of(value.text)) >= FEWEST_DIGITS


def _words(text: str) -> list[str]:
    return [fold(word) for word in _WORD.findall(text)]


class Values:
    """Values to look for; those that tell nobody are left out."""

    def __init__(self, values: Iterable[Value]) -> None:
        self.values = tuple(sorted({value for value in values if is_telling(value)}))
        self._digits = {digits_of(value.text) for value in self.values if value.label == PHONE}
        emails = [_spelt(value.text).replace("@", "(?:@|%40)") for value in self.values if value.label == EMAIL]
        names = [form for value in self.values if value.label == NAME for form in _forms(value.text)]
        self._patterns = [
            (label, re.compile(f"{before}(?:{'|'.join(sorted(forms, key=len, reverse=True))}){after}", re.IGNORECASE))
            for label, forms, before, after in (
                (EMAIL, emails, r"(?<![\w.%+-])", r"(?![\w-]|\.\w)"),
                (NAME, names, r"(?<!\w)", r"(?!\w)"),
            )
            if forms
        ]

    def __bool__(self) -> bool:
        return bool(self.values)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Where they stand: start, end, label; by place, none over another."""
        found = [(hit.start(), hit.end(), label) for label, pattern in self._patterns for hit in pattern.finditer(text)]
        if self._digits:
            found += [(start, end, PHONE) for start, end, digits in numbers_in(text) if digits in self._digits]
        return apart(found)


def apart(found: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Of two that overlap the one that begins first, then the longer one."""
    kept: list[tuple[int, int, str]] = []
    for span in sorted(found, key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def numbers_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Whatever may be a telephone number, with the digits it is compared by."""
    for found in _RUN.finditer(text):
        if sum(map(str.isdigit, found[0])) <= _MOST_NATIONAL or found[0].lstrip("(")[0] in "+01":
            yield found.start(), found.end(), digits_of(found[0])


def addresses_in(text: str) -> Iterator[tuple[int, int, str]]:
    """E-mail addresses, in small letters."""
    if "@" in text or "%40" in text:
        for found in _EMAIL.finditer(text):
            yield found.start(), found.end(), found[0].casefold().replace("%40", "@")


def names_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Every run of two to four words, the first of them with a capital, folded as `normal` does: a name may be any."""
    words = [(found.start(), found.end(), found[0]) for found in _WORD.finditer(text)]
    folded = [fold(word) for _, _, word in words]
    for first, (start, _, word) in enumerate(words):
        if not word[0].isupper():
            continue
        for last in range(first + 1, min(first + _MOST_NAME_WORDS, len(words))):
            gap = text[words[last - 1][1] : words[last][0]]
            if not re.fullmatch(_GAP, gap):
                break
            yield start, words[last][1], " ".join(folded[first : last + 1])
            if "," in gap and last == first + 1:
                yield start, words[last][1], f"{folded[last]} {folded[first]}"


def _forms(name: str) -> set[str]:
    words = normal(name).split()
    orders = {tuple(words), tuple(reversed(words)), (words[0], words[-1]), (words[-1], words[0])}
    return {_GAP.join(map(_spelt, order)) for order in orders}


def _spelt(text: str) -> str:
    """A pattern for the text with any accents and in any case."""
    bare = unicodedata.normalize("NFD", text.casefold())
    return "".join(_letter(letter) for letter in bare if not unicodedata.combining(letter))


@cache
def _letter(letter: str) -> str:
    if not letter.isalpha() or not letter.isascii():
        return re.escape(letter)
    return f"[{letter}{_accented().get(letter, '')}]\u0300?[\u0301-\u036f]*"


@cache
def _accented() -> dict[str, str]:
    """Letter -> all Latin letters that are it with accents."""
    found: dict[str, str] = {}
    for number in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(number).casefold())[:1]
        if base.isascii() and base.isalpha():
            found[base] = found.get(base, "") + chr(number)
    return found
