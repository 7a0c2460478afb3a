"""Every column that holds something sealed, and what each value is bound to. Keys are rotated and words are looked for
by this list; a test compares it with the tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from insights.storage import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """One column. `row_of` gives what a value is bound to beside the column's name, from the row's primary key."""

    column: Column[Any]
    row_of: Callable[[Sequence[Any]], int | str]
    is_text: bool = True
    """False for arrays of numbers."""

    @property
    def table(self) -> Table:
        return self.column.table

    @property
    def name(self) -> str:
        """ "table.column", as it is sealed under."""
        return f"{self.table.name}.{self.column.name}"


def _single(row: Sequence[Any]) -> int | str:
    value: int | str = row[0]
    return value


def _with_bar(row: Sequence[Any]) -> str:
    return f"{row[0]}|{row[1]}"


def _with_colon(row: Sequence[Any]) -> str:
    return f"{row[0]}:{row[1]}"


def _sealed(
    column: Column[Any], row_of: Callable[[Sequence[Any]], int | str] = _single, *, is_text: bool = True
) -> SealedColumn:
    return SealedColumn(column=column, row_of=row_of, is_text=is_text)


SEALED_COLUMNS: tuple[SealedColumn, ...] = (
    _sealed(tables.feedback.c.sealed),
    _sealed(tables.redaction.c.sealed),
    _sealed(tables.mention.c.statement),
    _sealed(tables.problem.c.sealed),
    _sealed(tables.theme.c.sealed),
    _sealed(tables.decision.c.sealed),
    _sealed(tables.correction.c.sealed),
    _sealed(tables.deal.c.sealed),
    _sealed(tables.departure.c.sealed),
    _sealed(tables.finished_work.c.sealed),
    _sealed(tables.finished_work.c.vector, is_text=False),
    _sealed(tables.space.c.sealed, is_text=False),
    _sealed(tables.export_link.c.sealed, _with_bar),
    _sealed(tables.answer.c.sealed),
    _sealed(tables.assessment.c.sealed, _with_colon),
    _sealed(tables.paid_vector.c.sealed, is_text=False),
    _sealed(tables.distilled.c.sealed, is_text=False),
    _sealed(tables.session.c.sealed),
    _sealed(tables.credential.c.sealed),
    _sealed(tables.night.c.sealed, is_text=False),
    _sealed(tables.delivery.c.sealed, _with_bar),
    _sealed(tables.person.c.wrapped, is_text=False),
)
"""The primary key's columns come first, in the table's order, in a row given to `row_of`. `pseudonym.sealed` is
sealed with its person's own key, `data_key.wrapped` with the workspace's: neither is here."""
