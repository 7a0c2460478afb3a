"""Find out which column of a file fills which field, by its name and by what is in it.

Pure: a header and some rows in, a mapping out. A name alone does not decide: a column called `date` without
dates in it is no date.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from connectors.files.dates import DateOrder, is_blank, read_date
from connectors.files.fields import (
    ENDINGS,
    FEEDBACK_KINDS,
    FLAGS_OF_LEAVING,
    MONTHLY,
    NOT_TEXT,
    OWN_TURNOVER,
    PARTS,
    WORK_UNITS,
    fields_of,
)
from connectors.files.rows import Cell
from connectors.files.values import ScoreScale, read_flag, read_number, read_score, says_trial
from insights.errors import ExitCode, InsightsError

Names = Mapping[str, str]
Wanted = Mapping[str, Sequence[str]]
Rows = Sequence[Mapping[str, Cell]]
Values = list[Cell]

_PREFIXES = ("properties_hs_", "property_hs_", "properties_", "property_", "attributes_", "fields_", "hs_")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TRANSLITERATE = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]{2,}")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_ENOUGH = 0.8
"""Share of filled values that must fit a field for the column to be taken."""

_REFERENCES = (
    "account",
    "organization",
    "company",
    "customer",
    "user",
    "author",
    "agent",
    "product",
    "parent",
)


def normalise(name: str) -> str:
    """A column's name as the lists of names spell it: "Property_CreateDate" is createdate."""
    words = _CAMEL.sub("_", name.strip()).casefold().translate(_TRANSLITERATE)
    plain = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
    plain = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    for prefix in _PREFIXES:
        plain = plain.removeprefix(prefix)
    return re.sub(r"_c$", "", plain)


def recognise(header: Sequence[str], sample_rows: Rows, kind: str) -> dict[str, str]:
    """Field to column. A field for which no column is good enough is left out."""
    names = {column: normalise(column) for column in header if not column.startswith("_")}
    values = {column: _filled(sample_rows, column) for column in names}
    found: dict[str, str] = {}
    _find_by_name(found, fields_of(kind), names, values=values)
    filled = {column: name for column, name in names.items() if values[column]}
    _find_by_part(found, fields_of(kind), filled, values=values)
    if "annual_revenue" in fields_of(kind) and "annual_revenue" not in found:
        found |= _monthly(found, names, values=values)
    _guess_by_content(found, names, values=values, kind=kind)
    return {field: found[field] for field in fields_of(kind) if field in found}


def _monthly(found: Names, names: Names, *, values: Mapping[str, Values]) -> dict[str, str]:
    """A column of monthly revenue, where none of a year's was found."""
    named = [column for column in names if is_monthly(column) and column not in found.values()]
    column = _first_fitting("annual_revenue", named, values=values)
    return {"annual_revenue": column} if column else {}


def _filled(rows: Rows, column: str) -> Values:
    cells = (row.get(column) for row in rows)
    return [cell for cell in cells if cell is not None and not (isinstance(cell, str) and is_blank(cell))]


def _find_by_name(found: dict[str, str], fields: Wanted, names: Names, *, values: Mapping[str, Values]) -> None:
    for field, wanted in fields.items():
        free = [column for column in names if column not in found.values()]
        free.sort(key=lambda column: column.casefold() != names[column])
        named = [column for name in wanted for column in free if names[column] == name]
        if column := _first_fitting(field, named, values=values):
            found[field] = column


def _find_by_part(found: dict[str, str], fields: Wanted, names: Names, *, values: Mapping[str, Values]) -> None:
    for field in fields:
        if field in found:
            continue
        free = [c for c in names if c not in found.values() and names[c] not in NOT_TEXT]
        ending = [c for part in ENDINGS.get(field, ()) for c in free if names[c].endswith(f"_{part}")]
        saying = [c for part in PARTS.get(field, ()) for c in free if part in names[c]]
        if column := _first_fitting(field, [*ending, *saying], values=values):
            found[field] = column


def _first_fitting(field: str, columns: Sequence[str], *, values: Mapping[str, Values]) -> str | None:
    fits = _CHECKS.get(field)
    fitting = [column for column in columns if fits is None or fits(values[column])]
    filled = [column for column in fitting if values[column]]
    return next(iter(filled or fitting), None)


def _share(values: Values, fits: Callable[[Cell], bool]) -> float:
    return sum(map(fits, values)) / len(values) if values else 1.0


def _is_date(cell: Cell) -> bool:
    try:
        return read_date(cell, DateOrder(day_first=False)) is not None
    except ValueError:
        return str(cell)[:4] == "9999"


def _is_number(cell: Cell) -> bool:
    try:
        return read_number(cell) is not None
    except ValueError:
        return False


def _is_score(cell: Cell) -> bool:
    try:
        return read_score(cell, ScoreScale.HUNDRED) is not None
    except ValueError:
        return False


def _is_words(cell: Cell) -> bool:
    return isinstance(cell, str) and not (_is_number(cell) or _is_date(cell) or _URL.fullmatch(cell.strip()))


def _is_flag(cell: Cell) -> bool:
    return str(cell).casefold() in ("true", "false", "yes", "no", "0", "1")


def _is_yes_or_no(cell: Cell) -> bool:
    try:
        return read_flag(cell) is not None
    except ValueError:
        return False


def _tells_trials(values: Values) -> bool:
    """Yes and no, or statuses of which one names a trial."""
    return _share(values, _is_yes_or_no) >= _ENOUGH or any(map(says_trial, values))


def _is_yes_or_day(cell: Cell) -> bool:
    return _is_yes_or_no(cell) or _is_date(cell)


def _is_email(cell: Cell) -> bool:
    return isinstance(cell, str) and _EMAIL.search(cell) is not None


def _is_url(cell: Cell) -> bool:
    return isinstance(cell, str) and _URL.fullmatch(cell.strip()) is not None


def _is_domain(cell: Cell) -> bool:
    return (
        isinstance(cell, str) and re.fullmatch(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?", cell.strip()) is not None
    )


def _is_unique(values: Values) -> bool:
    """Mostly: a few ids that come twice are refused row by row, a column of the same few is no id."""
    return len({str(value) for value in values}) >= 0.5 * len(values)


def _mostly(fits: Callable[[Cell], bool]) -> Callable[[Values], bool]:
    return lambda values: _share(values, fits) >= _ENOUGH


def _varies(values: Values) -> bool:
    """The words of a question stand in each row; an answer differs."""
    return len(values) < 3 or len({str(value) for value in values}) > 1


def _is_name(cell: Cell) -> bool:
    return _is_words(cell) and not _is_email(cell) and not _is_flag(cell) and len(str(cell)) <= 200


_CHECKS: dict[str, Callable[[Values], bool]] = {
    "id": _is_unique,
    "text": lambda values: _share(values, _is_words) >= 0.5 and _varies(values),
    "subject": _mostly(_is_words),
    "date": _mostly(_is_date),
    "renewal_date": _mostly(_is_date),
    "closed_on": _mostly(_is_date),
    "finished_on": _mostly(_is_date),
    **dict.fromkeys(WORK_UNITS, _mostly(_is_number)),
    "customer_since": _mostly(_is_date),
    "left_on": _mostly(_is_date),
    "started_on": _mostly(_is_date),
    "ended_on": _mostly(_is_date),
    "is_trial": _tells_trials,
    "reason": _mostly(lambda cell: not _is_yes_or_day(cell)),
    "came_back": _mostly(_is_yes_or_day),
    "account_name": _mostly(lambda cell: not _is_flag(cell) and not _is_url(cell)),
    "author_name": _mostly(_is_name),
    "author_email": _mostly(_is_email),
    "score": _mostly(_is_score),
    "url": _mostly(_is_url),
    "domain": _mostly(_is_domain),
    "annual_revenue": _mostly(_is_number),
    "amount": _mostly(_is_number),
}


def _guess_by_content(found: dict[str, str], names: Names, *, values: Mapping[str, Values], kind: str) -> None:
    """Where names said nothing: an id is unique in each row, the text is the longest prose."""
    free = [column for column in names if column not in found.values() and values[column]]
    if "id" not in found and (column := _guess_id(free, names, values)):
        found["id"] = column
    if kind not in FEEDBACK_KINDS:
        return
    if "text" not in found and (column := _guess_text(free, names, values)):
        found["text"] = column
    for field in ("date", "author_email", "url"):
        candidates = [c for c in free if c not in found.values() and _looks_sure(field, values[c])]
        if field not in found and len(candidates) == 1:
            found[field] = candidates[0]


def _looks_sure(field: str, values: Values) -> bool:
    """Bare numbers can be read as dates of several kinds, so they do not count as sure ones."""
    return _CHECKS[field](values) and not any(_is_number(value) for value in values[:20])


def _guess_id(columns: Sequence[str], names: Names, values: Mapping[str, Values]) -> str | None:
    """A column named something_id that is unique, and is not some other thing's id."""
    for column in columns:
        head, _, tail = names[column].rpartition("_")
        is_own = tail in ("id", "key", "nr", "number") and not head.endswith(_REFERENCES)
        if is_own and len(values[column]) > 1 and len(set(map(str, values[column]))) == len(values[column]):
            return column
    return None


def _guess_text(columns: Sequence[str], names: Names, values: Mapping[str, Values]) -> str | None:
    lengths = {
        column: sum(len(str(value)) for value in values[column]) / len(values[column])
        for column in columns
        if names[column] not in NOT_TEXT and _is_prose(values[column])
    }
    return max(lengths, key=lambda column: lengths[column], default=None)


def _is_prose(values: Values) -> bool:
    """Several words in most values, and not a handful of the same ones."""
    several = _share(values, lambda cell: _is_words(cell) and len(str(cell).split()) >= 3)
    return several >= 0.5 and len({str(value) for value in values}) > len(values) * 0.2


def apply_overrides(mapping: Names, overrides: Sequence[str], header: Sequence[str]) -> dict[str, str]:
    """The mapping with each "field=column" put in; "field=" leaves the field empty. Raises InsightsError."""
    result = dict(mapping)
    for override in overrides:
        field, sign, wanted = override.partition("=")
        if not sign or not field.strip():
            raise _usage(f"{override!r} does not say which column fills which field.", "Write it as text=comment.")
        if wanted.strip():
            result[field.strip()] = find_column(wanted.strip(), header)
        else:
            result.pop(field.strip(), None)
    return result


def check_fields(fields: Sequence[str], kind: str) -> None:
    """Raises InsightsError for a field that this kind does not have."""
    known = list(fields_of(kind))
    for field in fields:
        if field not in known:
            raise _usage(f"{kind} has no field {field!r}.", _nearest(field, known, "Its fields are"))


def find_column(wanted: str, header: Sequence[str]) -> str:
    """The column of that name, whatever its case and blanks. Raises InsightsError that names the nearest
    ones."""
    if wanted in header:
        return wanted
    alike = [column for column in header if normalise(column) == normalise(wanted)]
    if len(alike) == 1:
        return alike[0]
    message = f"There is no column {wanted!r}."
    raise _usage(message, _nearest(wanted, header, "The columns are")).quoting(message, "Correct its name.")


def _nearest(wanted: str, names: Sequence[str], otherwise: str) -> str:
    from rapidfuzz import process

    close = [match for match, _, _ in process.extract(wanted, list(names), limit=3, score_cutoff=60)]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"{otherwise}: {', '.join(names[:20])}{more}."


def _usage(message: str, remedy: str) -> InsightsError:
    return InsightsError(message, remedy=remedy, exit_code=ExitCode.USAGE)


def is_monthly(column: str) -> bool:
    """Whether the column's name says that it holds revenue of a month."""
    return normalise(column) in MONTHLY


def may_be_turnover(column: str) -> bool:
    """Whether the column of an account may hold its own turnover. Our own name for what it pays is meant as such."""
    return column != "annual_revenue" and normalise(column) in OWN_TURNOVER


def flag_of_leaving(columns: Sequence[str]) -> str | None:
    """A column that says whether an account left, and not when."""
    return next((column for column in columns if normalise(column) in FLAGS_OF_LEAVING), None)
