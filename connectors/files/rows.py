"""What every reader of a file delivers: rows, refused rows, and a word about the file. Reads nothing
itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from insights.errors import InsightsError
from insights.ports import Reject

FIELD_LIMIT = 1_000_000
"""Characters in one value. A longer one refuses its row."""

LINE_LIMIT = 8_000_000
"""Characters in one line or record. What goes beyond is skipped unread, so that memory stays bounded."""

COLUMN_LIMIT = 16_384
"""Columns in one file: as many as a spreadsheet holds."""

RAW_LIMIT = 20_000
"""Characters kept of a refused row."""

Cell = str | float | datetime | None
"""One value. Whole numbers stay strings, because an id of 18 digits does not fit a float."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column name; `line` counts from 1; `notes` say what was repaired on the way."""

    line: int
    cells: dict[str, Cell]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file. `header` is empty where each row brings its own names (JSON)."""

    form: str
    header: tuple[str, ...]
    items: Iterator[Row | Reject]
    notes: tuple[str, ...] = ()


def refuse(line: int, reason: str, *, raw: str) -> Reject:
    """A refused row with as much of its words as is worth keeping."""
    kept = raw if len(raw) <= RAW_LIMIT else f"{raw[:RAW_LIMIT]} … ({len(raw) - RAW_LIMIT} more characters)"
    return Reject(line, reason, kept.rstrip("\r\n").encode("utf-8", "replace").decode())


def oversized(cells: dict[str, Cell]) -> str | None:
    """The first column whose value is beyond the limit."""
    return next((name for name, cell in cells.items() if isinstance(cell, str) and len(cell) > FIELD_LIMIT), None)


def checked(row: Row) -> Row | Reject:
    """The row, or its refusal where a value is too long."""
    column = oversized(row.cells)
    if column is None:
        return row
    return refuse(row.line, f"The value in {column!r} is longer than 1 MB.", raw=str(row.cells[column]))


def name_columns(names: list[str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Unique, non-empty column names, and a note for each that had to be changed. Raises InsightsError."""
    if len(names) > COLUMN_LIMIT:
        raise InsightsError(
            f"The header names {len(names)} columns.",
            remedy=f"Keep the columns that matter; {COLUMN_LIMIT} are the limit.",
        )
    wanted = [(name or "").strip() for name in names]
    taken, result, notes = set(wanted), list[str](), list[str]()
    for position, name in enumerate(wanted, start=1):
        unique = name or _free("column", position, taken)
        if name and name in result:
            unique = _free(name, 2, taken)
            notes.append(f"Two columns are called {name!r}; column {position} is read as {unique!r}.")
        taken.add(unique)
        result.append(unique)
    return tuple(result), tuple(notes)


def _free(name: str, number: int, taken: set[str]) -> str:
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
