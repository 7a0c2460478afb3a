"""Read amounts, scores, ids and stages from cells. Empty is None and never 0; what cannot be read is a
ValueError."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from connectors.files.dates import is_blank
from connectors.files.rows import Cell
from insights.domain.customers import DealStage

_SUFFIXES = {
    "": 1.0, "k": 1e3, "tsd": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "mm": 1e6, "million": 1e6, "b": 1e9,
    "bn": 1e9, "mrd": 1e9, "billion": 1e9,
}  # fmt: skip
_CURRENCY = re.compile(r"[$€£¥₹]|\b(?:usd|eur|gbp|chf|cad|aud|jpy|inr|us|euros?|dollars?)\b\.?", re.IGNORECASE)
_BLANKS = re.compile(r"[\s'\u2019_]")
_AMOUNT = re.compile(r"([+-]?)([\d.,]*\d[\d.,]*)(?:e([+-]?\d{1,3}))?([a-z]*)\.?%?", re.IGNORECASE)
_WHOLE = re.compile(r"([+-]?\d+)\.0+")
_OUT_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|out of|von|de|sur)\s*(\d+)(?:\s*stars?)?", re.IGNORECASE)

_WON = ("won", "gewonnen", "ganad", "gagn", "erfolgreich", "accepted", "success")
_YES = frozenset(
    {"true", "t", "yes", "y", "1", "x", "ja", "j", "wahr", "si", "sí", "s", "verdadero", "oui", "o", "vrai"}
)
_NO = frozenset({"false", "f", "no", "n", "0", "nein", "falsch", "falso", "non", "faux"})
_TRIAL = ("trial", "probe", "prueba", "essai", "testphase", "testabo")
_LOST = ("lost", "verloren", "perdid", "perdu", "churned", "rejected", "declined", "abgelehnt")


def read_text(value: Cell) -> str | None:
    """The words; None where there are none."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(int(value)) if value.is_integer() else repr(value)


def read_id(value: Cell) -> str | None:
    """An id in one spelling: 1000, "1000" and "1000.0" are the same."""
    text = read_text(value)
    if text is None or is_blank(text):
        return None
    text = text.strip()
    match = _WHOLE.fullmatch(text)
    return match[1] if match else text


def decide_decimal(values: Iterable[Cell]) -> str:
    """The decimal sign of a column: the one that is followed by other than three digits, or comes last of
    both."""
    commas = dots = 0
    for value in values:
        if not isinstance(value, str):
            continue
        if "," in value and "." in value:
            commas += value.rfind(",") > value.rfind(".")
            dots += value.rfind(".") > value.rfind(",")
        else:
            commas += bool(re.search(r"\d,(?:\d{1,2}|\d{4,})(?!\d)", value)) and value.count(",") == 1
            dots += bool(re.search(r"\d\.(?:\d{1,2}|\d{4,})(?!\d)", value)) and value.count(".") == 1
            dots += value.count(",") > 1
            commas += value.count(".") > 1
    return "," if commas > dots else "."


def read_number(value: Cell, decimal: str = ".") -> float | None:
    """An amount: "$1,234.50", "1.234,50 €", "12k", "(300)". None for an empty value. Raises ValueError."""
    if value is None or isinstance(value, float):
        return None if value is None or math.isnan(value) else _finite(value, str(value))
    if isinstance(value, datetime):
        raise ValueError(f"{value.date()} is not a number")
    if is_blank(value):
        return None
    text = _CURRENCY.sub("", value.strip().replace("\u2212", "-"))
    is_negative = text.strip().startswith("(") and text.strip().endswith(")")
    match = _AMOUNT.fullmatch(_BLANKS.sub("", text).strip("()"))
    if match is None or match[4].casefold() not in _SUFFIXES:
        raise ValueError(f"{value.strip()[:60]!r} is not a number")
    digits = _plain_digits(match[2], decimal)
    if digits is None:
        raise ValueError(f"{value.strip()[:60]!r} is not a number")
    number = float(f"{match[1]}{digits}e{match[3] or 0}") * _SUFFIXES[match[4].casefold()]
    return _finite(-number if is_negative else number, value)


def _finite(number: float, words: str) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{words[:60]!r} is not a finite number")
    return number


def _plain_digits(digits: str, decimal: str) -> str | None:
    """Without thousands signs and with a dot; None where the signs make no number."""
    if "," in digits and "." in digits:
        decimal = "," if digits.rfind(",") > digits.rfind(".") else "."
    elif digits.count(",") + digits.count(".") == 1:
        sign = "," if "," in digits else "."
        head, tail = digits.split(sign)
        if len(tail) != 3 or not 1 <= len(head) <= 3 or head.startswith("0"):
            decimal = sign
    elif digits.count(",") > 1 or digits.count(".") > 1:
        decimal = "." if "," in digits else ","
    thousands = "." if decimal == "," else ","
    whole, _, fraction = digits.partition(decimal)
    groups = whole.split(thousands)
    if not fraction.isdigit() and fraction:
        return None
    if len(groups) > 1 and not _is_grouped(groups):
        return None
    return f"{''.join(groups) or 0}.{fraction or 0}"


def _is_grouped(groups: list[str]) -> bool:
    """Thousands in threes, or as in India in twos before the last three."""
    return 1 <= len(groups[0]) <= 3 and len(groups[-1]) == 3 and all(len(group) in (2, 3) for group in groups[1:])


class ScoreScale(Enum):
    """What a column's scores run to; ours run from 0 to 10."""

    TEN = "0 to 10"
    FIVE = "1 to 5"
    HUNDRED = "0 to 100"


@dataclass(slots=True)
class ScoreRange:
    """The smallest and the largest score met."""

    low: float = math.inf
    high: float = -math.inf

    def add(self, value: Cell) -> None:
        try:
            score = _raw_score(value)
        except ValueError:
            return
        if score is not None:
            self.low, self.high = min(self.low, score), max(self.high, score)

    def scale(self, *, is_nps: bool) -> ScoreScale:
        """NPS answers run from 0 to 10 by definition; others are stars where none is 0 or above 5."""
        if 10 < self.high <= 100:
            return ScoreScale.HUNDRED
        if not is_nps and self.low >= 1 and self.high <= 5:
            return ScoreScale.FIVE
        return ScoreScale.TEN


def read_score(value: Cell, scale: ScoreScale) -> float | None:
    """A score from 0 to 10. "4/5" and stars bring their own scale. Raises ValueError."""
    if isinstance(value, str) and (match := _OUT_OF.fullmatch(value.strip())) and int(match[2]) > 0:
        return _within(float(match[1].replace(",", ".")) / int(match[2]) * 10, value)
    if isinstance(value, str) and value.strip() and set(value.strip()) <= set("★☆⭐ "):
        return _from_five(value.count("★") + value.count("⭐"))
    score = _raw_score(value)
    if score is None:
        return None
    if scale is ScoreScale.FIVE:
        return _within(_from_five(score), str(value))
    return _within(score / 10 if scale is ScoreScale.HUNDRED else score, str(value))


def _raw_score(value: Cell) -> float | None:
    return read_number(value) if not isinstance(value, str) else read_number(value.replace(",", "."))


def _from_five(stars: float) -> float:
    """One star is the worst that can be said, so it becomes 0; five become 10."""
    return (stars - 1) * 2.5


def _within(score: float, words: str) -> float:
    if not 0 <= score <= 10:
        raise ValueError(f"{words[:60]!r} is not a score on this column's scale")
    return round(score, 2)


def read_flag(value: Cell) -> bool | None:
    """Yes or no in four languages, or a cross. None for an empty value. Raises ValueError."""
    words = (read_id(value) or "").casefold()
    if not words:
        return None
    if words in _YES or words in _NO:
        return words in _YES
    raise ValueError(f"{words[:60]!r} is neither yes nor no")


def says_trial(value: Cell) -> bool:
    """Whether the words name a trial, as a status does: "trialing"."""
    words = (read_text(value) or "").casefold()
    return any(word in words for word in _TRIAL)


def read_stage(value: Cell) -> DealStage:
    """Won, lost, or else open, whatever the sales team calls the steps between."""
    words = (read_text(value) or "").casefold()
    if any(word in words for word in _LOST):
        return DealStage.LOST
    return DealStage.WON if any(word in words for word in _WON) else DealStage.OPEN
