"""Finished work from a file of any form that an import reads: a tracker's export, or a table somebody keeps.

Reads and yields; stores nothing. A row that is not finished, or whose effort is unknown or not above 0, is refused with
the reason: an effort is never made up.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from connectors.files.columns import apply_overrides, check_fields, recognise
from connectors.files.dates import DateOrder, decide_order, read_date
from connectors.files.fields import WORK_UNITS
from connectors.files.readers import open_table
from connectors.files.rows import Cell, Row, refuse
from connectors.files.values import decide_decimal, read_id, read_number, read_text
from connectors.sources.files import SAMPLE_ROWS, RecognisedColumn
from insights.domain.finished_work import FinishedWork
from insights.errors import ExitCode, InsightsError
from insights.ports import Reject

KIND = "work"
PAGE_ROWS = 500
HOURS_IN_WEEK = 40.0
DAYS_IN_WEEK = 5.0
_LONGEST_WEEKS = 520.0
"""Ten years of one person: beyond it the unit is wrong."""
_MONTH_FIRST = DateOrder(day_first=False)
_PER_WEEK = {"weeks": 1.0, "days": DAYS_IN_WEEK, "hours": HOURS_IN_WEEK, "seconds": HOURS_IN_WEEK * 3600}
_POINTS = "points"


@dataclass(frozen=True, slots=True)
class WorkPage:
    """Rows that were read, and those that were refused."""

    works: Sequence[FinishedWork]
    rejects: Sequence[Reject]


@dataclass(frozen=True, slots=True)
class WorkPreview:
    """What an import would make of the file."""

    form: str
    columns: tuple[RecognisedColumn, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How this file is read: the column of each field, the order of its dates, the decimal sign of its figures."""

    source: str
    columns: Mapping[str, str]
    order: DateOrder = _MONTH_FIRST
    decimals: Mapping[str, str] = field(default_factory=dict)
    weeks_per_point: float | None = None


@dataclass(frozen=True, kw_only=True)
class FinishedWorkFile:
    """A file with one finished issue a row. `overrides` ("hours=Actual") beat what is recognised. Story points count
    only where `weeks_per_point` says what one is worth. Raises InsightsError for a field that there is not."""

    name: str
    path: Path
    overrides: Sequence[str] = ()
    weeks_per_point: float | None = None

    def __post_init__(self) -> None:
        check_fields([words.partition("=")[0].strip() for words in self.overrides], KIND)
        if self.weeks_per_point is not None and not (math.isfinite(self.weeks_per_point) and self.weeks_per_point > 0):
            raise _usage("The weeks of a story point must be above 0.", "Write it as --weeks-per-point 0.4.")

    def preview(self) -> WorkPreview:
        """Which columns are taken, from the first rows. Raises InsightsError where the file cannot be read."""
        reading, form, rows, notes = self._survey()
        columns = tuple(_example(name, column, rows) for name, column in reading.columns.items())
        doubt = "" if reading.order.is_certain else f"No value tells day from month: read as {reading.order.words}."
        return WorkPreview(form, columns, (*notes, *([doubt] if doubt else [])))

    def pages(self) -> Iterator[WorkPage]:
        """All rows, 500 a page. Raises InsightsError where the file cannot be read or lacks a column that is needed."""
        reading = self._survey()[0]
        seen: dict[str, tuple[int, FinishedWork]] = {}
        with open_table(self.path) as table:
            while some := list(islice(table.items, PAGE_ROWS)):
                made = [item if isinstance(item, Reject) else _made(item, reading, seen) for item in some]
                yield WorkPage(
                    [one for one in made if isinstance(one, FinishedWork)],
                    [one for one in made if isinstance(one, Reject)],
                )

    def _survey(self) -> tuple[_Reading, str, list[Row], tuple[str, ...]]:
        with open_table(self.path) as table:
            rows = [item for item in islice(table.items, SAMPLE_ROWS) if isinstance(item, Row)]
            header = table.header or tuple(dict.fromkeys(name for row in rows for name in row.cells))
            found = recognise(header, [row.cells for row in rows], KIND)
            columns = apply_overrides(found, self.overrides, header)
            _require(columns, header, weeks_per_point=self.weeks_per_point)
            reading = _Reading(
                source=self.name,
                columns=columns,
                order=decide_order(_values(rows, columns.get("finished_on"))),
                decimals={unit: decide_decimal(_values(rows, columns.get(unit))) for unit in WORK_UNITS},
                weeks_per_point=self.weeks_per_point,
            )
            return reading, table.form, rows, table.notes


def _values(rows: Sequence[Row], column: str | None) -> list[Cell]:
    return [row.cells.get(column) for row in rows] if column else []


def _require(columns: Mapping[str, str], header: Sequence[str], *, weeks_per_point: float | None) -> None:
    told = f"The columns are: {', '.join(header[:30])}{' …' if len(header) > 30 else ''}"
    if not columns.keys() & {"title", "text"}:
        raise _usage("No column holds the titles.", f"Say which one it is with --map title=COLUMN. {told}")
    units = [unit for unit in WORK_UNITS if unit in columns]
    if units == [_POINTS] and weeks_per_point is None:
        raise _usage(
            f"{columns[_POINTS]!r} holds story points, and no column holds time.",
            "Say how many weeks a point is (--weeks-per-point 0.4), or which column holds time (--map hours=COLUMN).",
        )
    if not units:
        raise _usage(
            "No column holds the effort.",
            f"Say which one it is with --map weeks=COLUMN (or {', '.join(WORK_UNITS[1:])}). {told}",
        )


def _usage(message: str, remedy: str) -> InsightsError:
    return InsightsError(message, remedy=remedy, exit_code=ExitCode.USAGE)


def _made(row: Row, reading: _Reading, seen: dict[str, tuple[int, FinishedWork]]) -> FinishedWork | Reject:
    """The row's work, or its refusal. `seen` holds what the rows before said, by id."""
    try:
        work = _work(row, reading)
        line, first = seen.setdefault(work.source_id, (row.line, work))
        if first != work:
            raise ValueError(f"the id {work.source_id[:60]!r} stands in line {line} already, with other content")
        return work
    except ValueError as error:
        words = {name: cell for name, cell in row.cells.items() if cell is not None}
        raw = json.dumps(words, ensure_ascii=False, default=str)
        return refuse(row.line, f"{str(error)[:1].upper()}{str(error)[1:]}.", raw=raw)


def _work(row: Row, reading: _Reading) -> FinishedWork:
    def words(name: str) -> str:
        return read_text(row.cells.get(reading.columns.get(name, ""))) or ""

    title, text = words("title"), words("text")
    if not (title or text):
        raise ValueError("the row has neither a title nor a text")
    content = hashlib.blake2b(f"{title}\n{text}".encode("utf-8", "replace"), digest_size=8).hexdigest()
    return FinishedWork(
        source=reading.source,
        source_id=read_id(row.cells.get(reading.columns.get("id", ""))) or f"row-{content}",
        title=title,
        text=text,
        weeks=_weeks(row, reading),
        finished_on=_finished_on(row, reading),
    )


def _finished_on(row: Row, reading: _Reading) -> date | None:
    column = reading.columns.get("finished_on")
    if column is None:
        return None
    moment = read_date(row.cells.get(column), reading.order)
    if moment is None:
        raise ValueError(f"it is not finished: {column!r} is empty")
    return moment.date()


def _weeks(row: Row, reading: _Reading) -> float:
    """Of the first unit that the row fills: time outranks story points."""
    for unit in WORK_UNITS:
        column = reading.columns.get(unit)
        amount = read_number(row.cells.get(column), reading.decimals[unit]) if column else None
        if amount is not None:
            return _believable(_in_weeks(amount, unit, reading.weeks_per_point))
    raise ValueError("it has no effort")


def _in_weeks(amount: float, unit: str, weeks_per_point: float | None) -> float:
    if unit != _POINTS:
        return amount / _PER_WEEK[unit]
    if weeks_per_point is None:
        raise ValueError("it has story points and no time; --weeks-per-point says how many weeks a point is")
    return amount * weeks_per_point


def _believable(weeks: float) -> float:
    if weeks <= 0:
        raise ValueError("its effort is not above 0")
    if weeks > _LONGEST_WEEKS:
        raise ValueError(f"its effort of {weeks:,.0f} weeks is more than ten years: the unit may be another")
    return weeks


def _example(name: str, column: str, rows: Sequence[Row]) -> RecognisedColumn:
    texts = (read_text(row.cells.get(column)) for row in rows)
    return RecognisedColumn(name, column, next((text[:80] for text in texts if text), None))
