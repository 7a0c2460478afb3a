"""Bring a value that was taken out into one form, so that it gets the same pseudonym however it is written.

Pure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import phonenumbers

from insights.text.personal import addresses_in, normal
from insights.text.placeholders import LABELS

NAMELESS = frozenset(("SECRET", "URL", "ADDRESS"))
"""These get no pseudonym and are not kept: what unlocks something must not be turned back, nobody counts the rest."""
_CODES = frozenset(("IBAN", "CARD", "ID"))
_AT = re.compile(r"\s*(?:[(\[{<]\s*(?:at|@|arroba|ät|chez)\s*[)\]}>]|@|\s(?:at|arroba|ät|chez)\s)\s*", re.IGNORECASE)
_DOT = re.compile(
    r"\s*(?:[(\[{<]\s*(?:dot|punkt|punto|point|\.)\s*[)\]}>]|\.|\s(?:dot|punkt|punto|point)\s)\s*", re.IGNORECASE
)
_ADDRESS = re.compile(r"[\w.%+'-]+@(?:[\w-]+\.)*[\w-]+")
_EXTENSION = re.compile(r"\s?(?:x|ext\.?|extension|durchwahl|dw)\s?\d{1,6}$", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"\D")
_NOT_WORD = re.compile(r"[\W_]")
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "sr", "sra", "mme"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A placeholder of a redacted copy: where it starts there, its pseudonym (EMAIL_7KQ2M4XA), and whose it is."""

    start: int
    token: str
    value: str


def normalised(label: str, text: str, *, regions: Sequence[str]) -> str | None:
    """The one form of a value; None for what gets no pseudonym. A name is `FullNames`' to tell.

    E-mail addresses in small letters, telephone numbers as in E.164 (ITU-T) where they are valid in one of the
    regions, codes by their letters and digits.
    """
    if label in NAMELESS or label not in LABELS:
        return None
    if label == "EMAIL":
        return _email(text)
    if label == "PHONE":
        return _phone(text, regions) or None
    if label in _CODES:
        return _NOT_WORD.sub("", text).upper() or None
    return text.strip().casefold() or None if label == "IP" else None


def _email(text: str) -> str | None:
    """None where it is none, or several."""
    found = {value.strip("'") for _, _, value in addresses_in(text)}
    if not found:
        joined = _DOT.sub(".", _AT.sub("@", text)).strip(" '\"")
        found = {joined.casefold()} if _ADDRESS.fullmatch(joined) else set()
    return found.pop() if len(found) == 1 else None


def _phone(text: str, regions: Sequence[str]) -> str:
    number = _EXTENSION.sub("", text)
    for region in (None,) if number.lstrip("( ").startswith("+") else regions:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return _NOT_DIGIT.sub("", number)


@dataclass(slots=True)
class FullNames:
    """Names of known persons by each way to write them in full. A first name alone is nobody's: too many have it."""

    _forms: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> "FullNames":
        known = cls()
        for name in sorted(names):
            known._add(name)
        return known

    def get(self, text: str) -> str | None:
        """The one form of the name that this is; None where no known person is called so."""
        return self._forms.get(normal(text)) if self._forms else None

    def _add(self, name: str) -> None:
        words = [word for word in normal(name).split() if word not in _TITLES]
        if len(words) < 2 or "@" in name:
            return
        for form in ((words), (words[::-1]), [words[0], words[-1]], [words[-1], words[0]]):
            self._claim(" ".join(form), " ".join(words))

    def _claim(self, form: str, name: str) -> None:
        """A short form that two persons share is nobody's, but for whoever is called exactly so."""
        other = self._forms.get(form, name)
        if name in (other, form):
            self._forms[form] = name
        elif other != form:
            self._forms[form] = form
