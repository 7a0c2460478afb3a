"""Read dates as people and machines write them. Results are in UTC; a time without a zone counts as UTC.

Never guesses a missing part: "March 2026" or "10:30" is refused, not completed with today's date.
"""

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from connectors.files.rows import Cell

if TYPE_CHECKING:
    from dateutil.parser import parser

_NUMERIC = re.compile(
    r"(\d{1,4})\s*([./\-])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?"
    r"(?:[T,\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?\s?[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_YEARS = range(1971, 2101)
_MONTHS = [
    ("jan", "january", "januar", "jänner", "enero", "ene", "janvier", "janv"),
    ("feb", "february", "februar", "febrero", "février", "févr", "fevrier"),
    ("mar", "march", "märz", "maerz", "mär", "mrz", "marzo", "mars"),
    ("apr", "april", "abril", "abr", "avril", "avr"),
    ("may", "mai", "mayo"),
    ("jun", "june", "juni", "junio", "juin"),
    ("jul", "july", "juli", "julio", "juillet", "juil"),
    ("aug", "august", "agosto", "ago", "août", "aout"),
    ("sep", "sept", "september", "septiembre", "setiembre", "septembre"),
    ("oct", "october", "oktober", "okt", "octubre", "octobre"),
    ("nov", "november", "noviembre", "novembre"),
    ("dec", "december", "dezember", "dez", "diciembre", "dic", "décembre", "déc", "decembre"),
]
_ZONE_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "EDT": -4, "EST": -5,
    "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DateOrder:
    """Whether 3/4/2026 is 3 April in this column, and how many values spoke for it and against; `borrowed` where the
    other columns of the file decided."""

    day_first: bool
    votes_day: int = 0
    votes_month: int = 0
    ambiguous: int = 0
    borrowed: bool = False

    @property
    def is_certain(self) -> bool:
        """False where values could be read either way and none decided."""
        return not self.ambiguous or self.votes_day != self.votes_month

    @property
    def words(self) -> str:
        order = "day before month" if self.day_first else "month before day"
        if not (self.votes_day or self.votes_month or self.ambiguous):
            return "unambiguous"
        if self.borrowed:
            return f"{order}, as in the other columns"
        votes = self.votes_day if self.day_first else self.votes_month
        other = self.votes_month if self.day_first else self.votes_day
        return f"{order} ({votes} values say so, {other} the contrary, {self.ambiguous} could be either)"


@dataclass(slots=True)
class DateVotes:
    """Counts what speaks for day first and for month first: values where one of both numbers is beyond 12."""

    day: int = 0
    month: int = 0
    either: int = 0
    dotted: int = 0

    def add(self, value: Cell) -> None:
        match = _NUMERIC.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None or len(match[1]) > 2:
            return
        first, second = int(match[1]), int(match[3])
        self.day += first > 12 >= second
        self.month += second > 12 >= first
        self.either += first <= 12 and second <= 12 and first != second
        self.dotted += match[2] == "."

    @property
    def order(self) -> DateOrder:
        """Without evidence dots mean day first, as where they are customary, and all else month first."""
        day_first = self.day > self.month or (self.day == self.month and self.dotted > 0)
        return DateOrder(day_first, self.day, self.month, self.either)


def decide_order(values: Iterable[Cell]) -> DateOrder:
    """The order of day and month in these values."""
    votes = DateVotes()
    for value in values:
        votes.add(value)
    return votes.order


def read_date(value: Cell, order: DateOrder) -> datetime | None:
    """The instant in UTC; None for an empty value. Raises ValueError for what is no date or an unlikely
    one."""
    if value is None or (isinstance(value, str) and is_blank(value)):
        return None
    try:
        found = _instant(value, order)
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, OSError):
        found = None  # dateutil raises all of these for odd words
    if found is None:
        raise ValueError(f"{str(value)[:60]!r} is not a date")
    if found.year not in _YEARS:
        raise ValueError(f"{str(value)[:60]!r} lies outside the years {_YEARS[0]} to {_YEARS[-1]}")
    return found


def read_day(value: Cell, order: DateOrder) -> date | None:
    """The day as it is written: midnight in Madrid belongs to that day, though UTC is in the evening before. None for
    an empty value. Raises ValueError as `read_date` does."""
    moment = read_date(value, order)
    if moment is None or isinstance(value, datetime):
        return value.date() if isinstance(value, datetime) else None
    written = _ISO.match(value.strip()) if isinstance(value, str) else None
    return date.fromisoformat(written[0]) if written else moment.date()


def is_blank(text: str) -> bool:
    """Whether a value says that there is none."""
    return text.strip().casefold() in {
        "",
        "nan",
        "nat",
        "null",
        "none",
        "n/a",
        "na",
        "-",
        "--",
        "#n/a",
        "nil",
        "\\n",
    }


def _instant(value: str | float | datetime, order: DateOrder) -> datetime | None:
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, float):
        return _from_number(value)
    text = " ".join(value.split())
    if _ISO.match(text) and (moment := _from_iso(text)):
        return moment
    if match := _NUMERIC.fullmatch(text):
        return _from_parts(match, order)
    if _DIGITS.fullmatch(text):
        return _from_digits(text)
    if match := _CHINESE.match(text):
        return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
    return _from_words(text, order)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_iso(text: str) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def _from_digits(text: str) -> datetime | None:
    for length, form in ((8, "%Y%m%d"), (12, "%Y%m%d%H%M"), (14, "%Y%m%d%H%M%S")):
        if len(text) == length and text.isdigit() and text[:2] in ("19", "20"):
            return datetime.strptime(text, form).replace(tzinfo=UTC)
    return _from_number(float(text))


def _from_number(number: float) -> datetime | None:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, or days as a spreadsheet counts them."""
    if 20_000 <= number < 80_000:
        return datetime(1899, 12, 30, tzinfo=UTC) + timedelta(seconds=round(number * 86_400))
    for scale in (1, 1e3, 1e6, 1e9):
        if 3e7 <= number / scale < 4.2e9:
            return datetime.fromtimestamp(number / scale, UTC)
    return None


def _from_parts(match: re.Match[str], order: DateOrder) -> datetime:
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) > 2:
        year, month, day = first, second, third
    else:
        year = _full_year(third) if len(match[4]) <= 2 else third
        day_first = second <= 12 and (order.day_first or first > 12)
        day, month = (first, second) if day_first else (second, first)
        if month > 12 and second <= 12:
            day, month = month, day
    moment = datetime(year, month, day, *_clock(match))
    zone = match[9] or ""
    if zone[:1] in ("+", "-"):
        sign = -1 if zone[0] == "-" else 1
        moment -= sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return moment.replace(tzinfo=UTC)


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = (int(match[group] or 0) for group in (5, 6, 7))
    if half := match[8]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    return hour, minute, second


def _full_year(two_digits: int) -> int:
    return two_digits + (2000 if two_digits < 69 else 1900)


def _from_words(text: str, order: DateOrder) -> datetime | None:
    """Dates with a month's name, in four languages. Read twice over different defaults: where the results
    differ, a part is missing."""
    if not re.search(r"[^\W\d_]{3}", text) or not re.search(r"\d", text) or len(text) > 80:
        return None
    text = re.sub(r"(?<=\d)\.(?=\s)|\b(?:de|del|den|der|le|el|um|uhr|at|alle)\b", " ", text, flags=re.IGNORECASE)
    zones = {name: hours * 3600 for name, hours in _ZONE_HOURS.items()}
    found = []
    for default in (datetime(2000, 1, 1), datetime(2004, 2, 2)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append(_parser().parse(text, default=default, dayfirst=order.day_first, tzinfos=zones))
    return _utc(found[0]) if found[0] == found[1] else None


@cache
def _parser() -> "parser":
    from dateutil.parser import parser, parserinfo

    class Info(parserinfo):
        MONTHS: Any = _MONTHS

    return parser(Info())
