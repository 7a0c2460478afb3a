"""A search as a person types it: words, and filters as name:value anywhere between them.

Pure: the day is given. `parse_query` reads any text: what is half-typed or not known is told in a hint and left out of
the search. Words in double quotes are words, whatever they look like.
"""

import calendar
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from insights.domain.feedback import Evidence, FeedbackKind
from insights.domain.problem import parse_problem_ref, problem_ref
from insights.errors import ExitCode, InsightsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What hits must fulfil; None asks for nothing. Days are UTC and both included, as are the scores."""

    kind: FeedbackKind | None = None
    source: str | None = None
    account: str | None = None
    segment: str | None = None
    since: date | None = None
    until: date | None = None
    lowest_score: float | None = None
    highest_score: float | None = None
    problem: int | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """Why a filter does not count. `is_pending` where it may only be half-typed; `words` may hold what was typed."""

    words: str
    is_pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to search for; `hints` in the order typed."""

    words: str = ""
    filters: Filters = Filters()
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a line found. Without words, `total` is how many pass the filters, and the hits are the newest of them;
    else it is None: everything is near by some measure. `query` has the filters that counted, `hints` say what was left
    out or guessed."""

    query: Query
    hits: tuple[Evidence, ...] = ()
    hints: tuple[Hint, ...] = ()
    total: int | None = None


HELP: Mapping[str, str] = {
    "kind": f"one of {', '.join(FeedbackKind)}",
    "source": "the name of a source",
    "account": 'a name; "in quotes" where it has spaces',
    "segment": "the segment of an account",
    "since": "a day, a month, or how long ago: 2026-05-01, 2026-05, 7d, 3m",
    "until": "a day, a month, or how long ago: 2026-05-01, 2026-05, 7d, 3m",
    "score": "a number or a range: 3, 0-6, <=3, >8",
    "problem": "a problem's id: P-12",
}
"""Every filter by its name, and what it takes."""

_PENDING, _UNKNOWN = "is not yet understood", "is not understood"
_TOKEN = re.compile(rf'(?<!\S)(?:("[^"]*")|({"|".join(HELP)}):(?:"([^"]*)("?)|(?!"))(\S*))')
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_HALF_DAY = re.compile(r"\d{1,3}|\d{4}-\d?|\d{4}-\d\d-\d?", re.ASCII)
_AGO = re.compile(r"(\d{1,4})([dwmy])", re.ASCII)
_NUMBER = r"(\d{1,4}(?:\.\d{1,3})?)"
_BOUND = re.compile(rf"(<=|>=|<|>|=|){_NUMBER}", re.ASCII)
_SPAN = re.compile(rf"{_NUMBER}(?:-|–|\.\.){_NUMBER}", re.ASCII)
_HALF_SCORE = re.compile(r"[<>=]{1,2}|[<>=]{0,2}\d{1,4}\.|\d{1,4}(?:\.\d{1,3})?(?:-|–|\.\.)(?:\d{1,4}\.)?", re.ASCII)


def parse_query(line: str, *, today: date) -> Query:
    """Words and filters of a typed line. Never raises; of a filter that is set twice the last one counts."""
    words: list[str] = []
    filters = Filters()
    hints: list[Hint] = []
    end = 0
    for found in _TOKEN.finditer(line):
        if found[2] is None:
            continue
        words.append(line[end : found.start()])
        end = found.end()
        read = _read(found, today)
        if isinstance(read, Hint):
            hints.append(read)
        else:
            filters = replace(filters, **read)
    words.append(line[end:])
    return Query(words=" ".join(" ".join(words).split()), filters=filters, hints=(*hints, *_contradiction(filters)))


def read_query(line: str, *, today: date, filters: Filters) -> Query:
    """A line that is typed to its end; of a filter that is among `filters`, too, that one counts. Raises InsightsError
    for a filter that is not understood: a script must not be given more than it asked for."""
    query = parse_query(line, today=today)
    if query.hints:
        raise InsightsError(
            query.hints[0].words.replace(_PENDING, _UNKNOWN) + ".",
            remedy='Words that only look like a filter go into quotes: "kind:other".',
            exit_code=ExitCode.USAGE,
        )
    given = {one.name: value for one in fields(filters) if (value := getattr(filters, one.name)) is not None}
    return replace(query, filters=replace(query.filters, **given))


def parts_of(filters: Filters) -> list[tuple[str, str]]:
    """The filters that are set, as name and value: ("kind", "nps"), ("score", "0-6")."""
    values: dict[str, str | date | None] = {
        "kind": filters.kind,
        "source": filters.source,
        "account": filters.account,
        "segment": filters.segment,
        "since": filters.since,
        "until": filters.until,
        "score": _score_words(filters.lowest_score, filters.highest_score),
        "problem": None if filters.problem is None else problem_ref(filters.problem),
    }
    return [(name, str(value)) for name, value in values.items() if value is not None]


def written(query: Query) -> str:
    """The line that is read as this query, without its hints: filters first, then the words."""
    typed = [f"{name}:{_quoted(value)}" for name, value in parts_of(query.filters)]
    return " ".join([*typed, query.words]).rstrip()


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\s", value) else value


# -- one filter -------------------------------------------------------------------------------------------------

_Read = dict[str, Any] | Hint


def _read(found: re.Match[str], today: date) -> _Read:
    name, quoted, closing, rest = found[2], found[3], found[4], found[5]
    if quoted is None:
        return _value(name, rest, today)
    return _value(name, quoted, today) if closing and not rest else _pending(name, f'"{quoted}{closing}{rest}')


def _value(name: str, typed: str, today: date) -> _Read:
    value = " ".join(typed.split())
    return _READERS[name](name, value, today) if value else _pending(name, value)


def _pending(name: str, value: str) -> Hint:
    return Hint(f"{name}:{value} {_PENDING}: {HELP[name]}", is_pending=True)


def _unknown(name: str, value: str) -> Hint:
    return Hint(f"{name}:{value} {_UNKNOWN}: {HELP[name]}")


def _kind(name: str, value: str, _today: date) -> _Read:
    typed = value.lower()
    if typed in set(FeedbackKind):
        return {"kind": FeedbackKind(typed)}
    return _pending(name, value) if any(kind.startswith(typed) for kind in FeedbackKind) else _unknown(name, value)


def _name(name: str, value: str, _today: date) -> _Read:
    return {name: value}


def _problem(name: str, value: str, _today: date) -> _Read:
    if re.fullmatch(r"[Pp]?-?[0-9]{1,12}", value) and not value.startswith("-"):
        return {"problem": parse_problem_ref(value)}
    return _pending(name, value) if value in ("p", "P", "p-", "P-") else _unknown(name, value)


def _day(name: str, value: str, today: date) -> _Read:
    day = _day_said(value.lower(), today, is_last=name == "until")
    if day is not None:
        return {name: day}
    is_half = _HALF_DAY.fullmatch(value) or any(word.startswith(value.lower()) for word in ("today", "yesterday"))
    return _pending(name, value) if is_half else _unknown(name, value)


def _day_said(value: str, today: date, *, is_last: bool) -> date | None:
    """The day; of a month or year the first, or the last if `is_last`; None where it is none."""
    ago, whole = _AGO.fullmatch(value), _DAY.fullmatch(value)
    try:
        if value in ("today", "yesterday"):
            return today - timedelta(days=value == "yesterday")
        if ago is not None:
            return _before(today, int(ago[1]), ago[2])
        return _edge(whole, is_last=is_last) if whole is not None else None
    except (ValueError, OverflowError):
        return None


def _before(today: date, number: int, unit: str) -> date:
    """So many days, weeks, months or years earlier; the 31st becomes the last of a shorter month."""
    if unit in "dw":
        return today - timedelta(days=number * (7 if unit == "w" else 1))
    year, month = divmod(today.year * 12 + today.month - 1 - number * (12 if unit == "y" else 1), 12)
    return date(year, month + 1, min(today.day, _days_in(year, month + 1)))


def _edge(whole: re.Match[str], *, is_last: bool) -> date:
    year, month, day = int(whole[1]), whole[2], whole[3]
    number = int(month) if month else (12 if is_last else 1)
    if day:
        return date(year, number, int(day))
    return date(year, number, _days_in(year, number) if is_last else 1)


def _days_in(year: int, month: int) -> int:
    """Raises ValueError for what is no month of a year that a date can have."""
    date(year, month, 1)
    return calendar.monthrange(year, month)[1]


def _score(name: str, value: str, _today: date) -> _Read:
    span, bound = _SPAN.fullmatch(value), _BOUND.fullmatch(value)
    if span is not None:
        low, high = sorted((float(span[1]), float(span[2])))
        return {"lowest_score": low, "highest_score": high}
    if bound is not None:
        low_bound, high_bound = _bounds(bound[1], float(bound[2]))
        return {"lowest_score": low_bound, "highest_score": high_bound}
    return _pending(name, value) if _HALF_SCORE.fullmatch(value) else _unknown(name, value)


def _bounds(sign: str, number: float) -> tuple[float | None, float | None]:
    """Both bounds are included: below 3 is at most the next float under 3."""
    return {
        "<": (None, math.nextafter(number, -math.inf)),
        "<=": (None, number),
        ">": (math.nextafter(number, math.inf), None),
        ">=": (number, None),
    }.get(sign, (number, number))


def _score_words(lowest: float | None, highest: float | None) -> str | None:
    if lowest is None and highest is None:
        return None
    if lowest is not None and highest is not None:
        return _figure(lowest) if lowest == highest else f"{_figure(lowest)}-{_figure(highest)}"
    bound = lowest if lowest is not None else highest or 0.0
    is_open = bound != round(bound, 3)
    return f"{'<' if lowest is None else '>'}{'' if is_open else '='}{_figure(bound)}"


def _figure(number: float) -> str:
    return f"{round(number, 3) + 0.0:.7g}"


_READERS: Mapping[str, Callable[[str, str, date], _Read]] = {
    "kind": _kind,
    "source": _name,
    "account": _name,
    "segment": _name,
    "since": _day,
    "until": _day,
    "score": _score,
    "problem": _problem,
}


def _contradiction(filters: Filters) -> tuple[Hint, ...]:
    if filters.since is not None and filters.until is not None and filters.since > filters.until:
        return (Hint(f"since {filters.since} is after until {filters.until}: nothing can be found"),)
    return ()
