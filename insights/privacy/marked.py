"""Read texts in which somebody marked the personal data, to measure against: JSON lines, or one JSON list.

A text stands under `text` or `full_text`, its marks under `spans`: each with `start_position`, `end_position` and
`entity_type`, or with `start`, `end` and `type`, `label` or `entity_type`. Positions count characters; the end is not
part of the span. Everything read is hostile: what a message repeats of it is shortened and made harmless.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insights.errors import ExitCode, InsightsError
from insights.text.clean import one_line

_TEXT = ("text", "full_text")
_START, _END = ("start_position", "start"), ("end_position", "end")
_TYPE = ("entity_type", "type", "label")
_REMEDY = (
    'Give one object a line: {"text": "write to a@b.example", "spans": '
    '[{"start": 9, "end": 20, "type": "EMAIL_ADDRESS"}]}'
)

LABEL_OF = {
    name: label
    for label, names in {
        "EMAIL": "EMAIL EMAIL_ADDRESS MAIL E_MAIL",
        "PHONE": "PHONE PHONE_NUMBER TELEPHONE TELEPHONE_NUMBER TELEPHONENUM FAX_NUMBER MOBILE_NUMBER",
        "CARD": "CARD CREDIT_CARD CREDIT_CARD_NUMBER CREDITCARDNUMBER CREDITCARD DEBIT_CARD PAYMENT_CARD",
        "IBAN": "IBAN IBAN_CODE",
        "IP": "IP IP_ADDRESS IPV4 IPV6 IPV4_ADDRESS IPV6_ADDRESS",
        "ID": "ID US_SSN SSN SOCIALNUM SOCIAL_SECURITY_NUMBER US_ITIN UK_NHS UK_NINO ES_NIF ES_NIE ES_DNI "
        "IT_FISCAL_CODE PL_PESEL FR_NIR NL_BSN DE_TAX_ID DE_STEUER_ID SE_PERSONNUMMER BR_CPF NATIONAL_ID ID_NUMBER "
        "TAX_ID TAXNUM US_DRIVER_LICENSE DRIVER_LICENSE US_PASSPORT PASSPORT IT_DRIVER_LICENSE IT_PASSPORT "
        "IT_IDENTITY_CARD UK_PASSPORT",
        "ADDRESS": "ADDRESS STREET_ADDRESS POSTAL_ADDRESS",
        "NAME": "NAME PERSON PER PERSON_NAME FULL_NAME FIRST_NAME LAST_NAME",
        "SECRET": "SECRET PASSWORD API_KEY TOKEN ACCESS_TOKEN PRIVATE_KEY",
        "URL": "SECRET_URL",
    }.items()
    for name in names.split()
}
"""By the type's name in upper case with "_" for "-" and blanks; what is not here is not looked for."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end` (not included) of a text are personal data of this type, as the file names it."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class MarkedText:
    text: str
    marks: tuple[Mark, ...]


def label_of(name: str) -> str | None:
    """What we call a type of the file; None for one that is not looked for."""
    return LABEL_OF.get(name.strip().upper().replace("-", "_").replace(" ", "_"))


def read_marked(path: Path) -> list[MarkedText]:
    """Every text with its marks. Raises InsightsError that names the row."""
    rows = list(_rows(path))
    if not rows:
        raise InsightsError(f"{_shown(path)} holds no text.", remedy=_REMEDY)
    found = [_marked(row, where=f"{_shown(path)}, row {number}") for number, row in enumerate(rows, 1)]
    if not any(one.marks for one in found):
        raise InsightsError(f"No text of {_shown(path)} has a mark.", remedy=_REMEDY)
    return found


def _shown(path: Path) -> str:
    return one_line(str(path), 120)


def _rows(path: Path) -> Iterator[Any]:
    text = _content(path)
    if text.lstrip()[:1] == "[":
        yield from _parsed(text, where=_shown(path))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _parsed(line, where=f"{_shown(path)}, line {number}")


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InsightsError(f"There is no file {_shown(path)}.", remedy="Check its name.") from None
    except UnicodeDecodeError:
        raise InsightsError(f"{_shown(path)} is no text in UTF-8.", remedy=_REMEDY) from None
    except OSError as error:
        why = one_line(error.strerror or "unknown reason")
        raise InsightsError(f"{_shown(path)} cannot be read: {why}.", remedy="Name a file that you may read.") from None


def _parsed(text: str, *, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InsightsError(f"{where}: this is no JSON.", remedy=_REMEDY) from None


def _marked(row: Any, *, where: str) -> MarkedText:
    text = _first(row, _TEXT) if isinstance(row, dict) else None
    if not isinstance(text, str):
        raise _bad(where, 'there is no "text"')
    spans = row.get("spans", [])
    if not isinstance(spans, list):
        raise _bad(where, '"spans" is no list')
    return MarkedText(text, tuple(_mark(span, text=text, where=where) for span in spans))


def _mark(span: Any, *, text: str, where: str) -> Mark:
    if not isinstance(span, dict):
        raise _bad(where, "a span is no object")
    start, end, kind = (_first(span, names) for names in (_START, _END, _TYPE))
    if not isinstance(kind, str) or not kind.strip():
        raise _bad(where, "a span has no type")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise _bad(where, f"a span of {one_line(kind, 40)} does not lie in its text")
    return Mark(start, end, kind)


def _first(row: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if name in row), None)


def _bad(where: str, what: str) -> InsightsError:
    return InsightsError(f"{where}: {what}.", remedy=_REMEDY, exit_code=ExitCode.ERROR)
