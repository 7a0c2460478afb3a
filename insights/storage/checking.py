"""Whether what is kept is whole: every sealed value opens, rows refer to rows, the tables are as they should be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, inspect, select, text

from insights.domain.feedback import FeedbackKind
from insights.errors import InsightsError
from insights.ports import Progress
from insights.storage import tables
from insights.storage.database import HEAD, Database
from insights.storage.feedback import EXPIRED, SEALED, day_of, edition_of
from insights.storage.sealed_columns import SEALED_COLUMNS, SealedColumn
from insights.storage.snapshot import faults, is_sqlite

_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The sealed values of one column, "table.column": how many opened, and the rows that did not."""

    column: str
    opened: int
    former: int
    """Of those that opened: by a former key alone."""
    unopened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spanned:
    """Something that points into the text of an item: a mention or a quote."""

    what: str
    feedback_id: int
    start: int
    end: int


class CheckingStore:
    """Reads alone; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def faults(self) -> list[str]:
        """What SQLite finds in its own file."""
        return faults(self._database.url)

    @property
    def is_sqlite(self) -> bool:
        return is_sqlite(self._database.url)

    def schema(self) -> list[str]:
        """Where the tables are not those of this version."""
        with self._database.read() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            found = [] if version == HEAD else [f"the tables are of version {version}, this program's of {HEAD}"]
            known = inspect(connection)
            there = set(known.get_table_names())
            for table in tables.metadata.sorted_tables:
                if table.name not in there:
                    found.append(f"table {table.name} is missing")
                    continue
                columns = {column["name"] for column in known.get_columns(table.name)}
                found += [f"column {one} is missing" for one in table.columns if one.name not in columns]
        return found

    def opened(self, *, most: int | None = None, progress: Progress = lambda *_: None) -> list[Opened]:
        """Open all sealed values, or the first `most` of each column. Memory: some hundred values."""
        found = []
        for done, column in enumerate(SEALED_COLUMNS):
            progress("opening sealed values", done, len(SEALED_COLUMNS))
            found.append(self._opened(column, most))
        progress("opening sealed values", len(SEALED_COLUMNS), len(SEALED_COLUMNS))
        return found

    def _opened(self, sealed: SealedColumn, most: int | None) -> Opened:
        cipher, opened, former, unopened = self._database.cipher, 0, 0, []
        with self._database.read() as connection:
            for row in _values(connection, sealed, most):
                key, value = sealed.row_of(row[:-1]), row[-1]
                try:
                    cipher.open_bytes(value, column=sealed.name, row=key)
                except InsightsError:
                    unopened.append(str(key))
                    continue
                opened += 1
                former += not cipher.is_newest(value, column=sealed.name, row=key)
        return Opened(column=sealed.name, opened=opened, former=former, unopened=tuple(unopened))

    def editions(self) -> tuple[int, list[int]]:
        """How many items are of the edition that was taken in, by the keyed digest over their words, kind, date and
        score; and those that are not. Of an item whose words were let go, its day alone is compared."""
        whole, changed = 0, []
        query = select(tables.feedback).order_by(tables.feedback.c.id)
        with self._database.read() as connection:
            for row in connection.execution_options(stream_results=True).execute(query).yield_per(_ROWS):
                if self._is_as_taken_in(row):
                    whole += 1
                else:
                    changed.append(row.id)
        return whole, changed

    def _is_as_taken_in(self, row: Row[Any]) -> bool:
        """Words that do not open are for another check to tell. Raises ValueError for what is no kind or time."""
        if row.day != day_of(row.created_at):
            return False
        if row.expired_at is not None:
            return True
        try:
            content = self._database.cipher.open(row.sealed, column=SEALED, row=row.id)
        except InsightsError:
            return True
        scores = {repr(score): score for score in (row.score, _whole(row.score))}
        return any(
            edition_of(self._database.cipher, content, kind=FeedbackKind(row.kind), at=at, score=score) == row.digest
            for at in (row.created_at, None)
            for score in scores.values()
        )

    def orphans(self) -> Mapping[str, int]:
        """Rows that refer to rows that are not there, by "table.column"; references that a database enforces, and those
        that it does not know of."""
        with self._database.read() as connection:
            found = {name: _without(connection, table, column, other) for name, table, column, other in _references()}
        return {name: count for name, count in found.items() if count}

    def spans(self) -> Iterator[Spanned]:
        """Mentions and quotes, by item; those whose words were let go are left out."""
        for what, table in (("mention", tables.mention), ("quote", tables.quote)):
            column = table.c
            query = select(column.feedback_id, column.start, column.end).order_by(column.feedback_id)
            query = query.join(tables.feedback).where(tables.feedback.c.expired_at.is_(None))
            with self._database.read() as connection:
                for row in connection.execution_options(stream_results=True).execute(query).yield_per(_ROWS):
                    yield Spanned(what, row.feedback_id, row.start, row.end)

    def embedded(self) -> Mapping[int, str]:
        """Mentions that have a vector by the database, with the embedder that made it."""
        column = tables.mention.c
        with self._database.read() as connection:
            rows = connection.execute(select(column.id, column.embedded_by).where(column.embedded_by != EXPIRED))
            return {row.id: row.embedded_by for row in rows}

    def mention_ids(self) -> set[int]:
        """All of them."""
        with self._database.read() as connection:
            return set(connection.execute(select(tables.mention.c.id)).scalars())


def _whole(score: float | None) -> float | None:
    """As a source gives it that knows no fractions."""
    return int(score) if score is not None and score == int(score) else score


def _values(connection: Connection, sealed: SealedColumn, most: int | None) -> Iterator[Any]:
    """The primary key's columns, then the value."""
    table = sealed.table
    query = select(*table.primary_key.columns, sealed.column).where(sealed.column.is_not(None)).limit(most)
    yield from connection.execution_options(stream_results=True).execute(query).yield_per(_ROWS)


def _references() -> Iterator[tuple[str, Table, Any, Any]]:
    for table in tables.metadata.sorted_tables:
        for key in table.foreign_keys:
            yield f"{table.name}.{key.parent.name}", table, key.parent, key.column
    for column, other in (
        (tables.mention.c.copy_of, tables.mention.c.id),
        (tables.problem.c.theme_id, tables.theme.c.id),
    ):
        yield f"{column.table.name}.{column.name}", column.table, column, other


def _without(connection: Connection, table: Table, column: Any, other: Any) -> int:
    there = other.table.alias("there")
    query = (
        select(func.count())
        .select_from(table)
        .where(column.is_not(None), ~select(there.c[other.name]).where(there.c[other.name] == column).exists())
    )
    return int(connection.execute(query).scalar_one())
