"""One moment of a database: copied while others write, measured, and put back.

SQLite is copied by VACUUM INTO: one read transaction, which in write-ahead mode keeps no writer waiting and is not
begun anew by one, as the backup API is by writers of other processes; and it takes rows alone, so that what was deleted
does not live on in free pages of a backup. Other databases are read table by table in one REPEATABLE READ
transaction, as lines of JSON that any database takes back.
"""

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy import update as sql_update
from sqlalchemy.engine import make_url

from insights.errors import InsightsError
from insights.storage.database import HEAD, in_words_of, migrate, open_engine

_ROWS = 1000
_VERSION = "alembic_version"
_DIGEST_BITS = 256


@dataclass(frozen=True, slots=True)
class Measured:
    """A table: how many rows, and a digest over all columns of all of them, whatever their order."""

    rows: int
    digest: str


Tables = Mapping[str, Measured]


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_file(url: str) -> Path:
    """The file of a SQLite database by its URL."""
    return Path(make_url(url).database or "")


def copy_sqlite(url: str, to: Path) -> None:
    """Its rows as they are now, in a file that must not be there. Raises InsightsError where it is damaged or the disk
    is full."""
    with _engine(url) as engine, engine.connect() as connection:
        cursor = connection.connection.cursor()
        try:
            cursor.execute("VACUUM INTO ?", (str(to),))
        except sqlite3.Error as error:
            raise in_words_of(error) from error
        finally:
            cursor.close()


def measure(url: str) -> tuple[str, Tables]:
    """The version of its tables, and each of them measured, all in one moment."""
    with _one_moment(url) as connection:
        known = _tables(connection)
        return _version(connection), {table.name: _measured(_rows(connection, table)) for table in known}


def dump(url: str, to: Path) -> tuple[str, Tables]:
    """Every table as lines of JSON, measured as they are written. Memory: a thousand rows."""
    found: dict[str, Measured] = {}
    with _one_moment(url) as connection, to.open("x", encoding="utf-8") as file:
        for table in _tables(connection):
            file.write(json.dumps({"table": table.name, "columns": [one.name for one in _columns(table)]}) + "\n")

            def written(rows: Iterator[str]) -> Iterator[str]:
                for row in rows:
                    file.write(row + "\n")
                    yield row

            found[table.name] = _measured(written(_rows(connection, table)))
        return _version(connection), found


def load(dumped: Path, url: str, *, schema: str) -> None:
    """Make the tables of that version in a database without rows, and put all rows back, in one transaction. Raises
    InsightsError where it has rows."""
    migrate(url, revision=schema)
    with _engine(url) as engine, engine.connect() as plain:
        connection = plain.execution_options(insights_write=True)
        with connection.begin(), dumped.open(encoding="utf-8") as file:
            known = {table.name: table for table in _tables(connection)}
            _refuse_rows(connection, known.values())
            later: list[tuple[Table, dict[str, Any], dict[str, Any]]] = []
            for table, rows in _dumped(file, known):
                for some in _batches(rows):
                    later += [_held_back(table, row) for row in some if _self_references(table, row)]
                    connection.execute(insert(table), some)
            for table, key, values in later:
                where = [table.c[name] == value for name, value in key.items()]
                connection.execute(sql_update(table).where(*where).values(**values))


def has_rows(url: str) -> bool:
    """Whether there is anything in it that `load` would refuse."""
    with _engine(url) as engine, engine.connect() as connection:
        return any(connection.execute(select(table).limit(1)).first() for table in _tables(connection))


def faults(url: str, *, most: int = 20) -> list[str]:
    """What SQLite's own check of pages, indexes and references finds; nothing for other databases, which check
    themselves. A damaged file is a fault, not an error."""
    if not is_sqlite(url):
        return []
    try:
        with closing(sqlite3.connect(f"{sqlite_file(url).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            pages = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({int(most)})")]
            strays = islice(connection.execute("PRAGMA foreign_key_check"), most)
            found = [one for one in pages if one != "ok"]
            return found + [f"row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there" for row in strays]
    except sqlite3.Error as error:
        return [str(error)]


def is_in_use(path: Path) -> bool:
    """Whether another process, or another connection of this one, has this SQLite database open."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0.2, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return "locked" in str(error) or "busy" in str(error)
    except sqlite3.Error:
        return False  # damaged: nobody else can use it either
    return False


def is_newer(schema: str) -> bool:
    """Whether tables of that version were made by a newer program."""
    return schema > HEAD


# -- reading --------------------------------------------------------------------------------------------------------


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _one_moment(url: str) -> Iterator[Connection]:
    """A transaction in which nothing changes. SQLite's always is one."""
    options = {} if is_sqlite(url) else {"isolation_level": "REPEATABLE READ"}
    with _engine(url) as engine, engine.connect() as plain:
        connection = plain.execution_options(**options)
        with connection.begin():
            yield connection


def _tables(connection: Connection) -> list[Table]:
    """As they are, which may be an older version's; those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _VERSION]


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table(_VERSION):
        raise InsightsError("This is no database of insights.", remedy="Name the file that `insights backup` wrote.")
    return str(connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar())  # noqa: S608 - our own name


def _rows(connection: Connection, table: Table) -> Iterator[str]:
    """Each row as a line of JSON: the same on every database."""
    result = connection.execution_options(stream_results=True).execute(select(*_columns(table)))
    for some in result.yield_per(_ROWS).partitions():
        for row in some:
            yield json.dumps([_plain(value) for value in row], separators=(",", ":"))


def _columns(table: Table) -> list[Column[Any]]:
    """In an order that is the same on every database, whatever migrations made of it."""
    return sorted(table.columns, key=lambda column: column.name)


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, date) else value


def _measured(rows: Iterable[str]) -> Measured:
    """The sum of the rows' SHA-256 modulo 2**256: no order of rows is the same on all databases. It tells accidents,
    not somebody who means it: what is archived is sealed besides."""
    count = total = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - counted
        total += int.from_bytes(hashlib.sha256(row.encode()).digest(), "big")
    return Measured(count, f"{total % (1 << _DIGEST_BITS):064x}")


# -- putting back ---------------------------------------------------------------------------------------------------


def _refuse_rows(connection: Connection, known: Iterable[Table]) -> None:
    for table in known:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise InsightsError(
                "The database that storage.database_url names is not empty.",
                remedy="Make an empty one and name it there, or empty this one yourself; nothing was changed.",
            )


def _dumped(lines: Iterable[str], known: Mapping[str, Table]) -> Iterator[tuple[Table, Iterator[dict[str, Any]]]]:
    """Tables with their rows; each table's are to be read before the next is asked for."""
    source = iter(lines)
    head = next(source, None)
    while head is not None:
        told = json.loads(head)
        table, columns = known[told["table"]], told["columns"]
        readers = [_reader(table.c[name].type) for name in columns]
        following: list[str] = []

        def rows(
            columns: list[str] = columns,
            readers: list[Callable[[Any], Any]] = readers,
            following: list[str] = following,
        ) -> Iterator[dict[str, Any]]:
            for line in source:
                if line.startswith("{"):
                    following.append(line)
                    return
                values = (read(value) for read, value in zip(readers, json.loads(line), strict=True))
                yield dict(zip(columns, values, strict=True))

        yield table, rows()
        head = following[0] if following else None


def _reader(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, LargeBinary):
        return lambda value: None if value is None else base64.b64decode(value)
    if isinstance(kind, DateTime):
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return lambda value: None if value is None else date.fromisoformat(value)
    return lambda value: value


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, _ROWS)):
        yield some


def _self_references(table: Table, row: Mapping[str, Any]) -> list[str]:
    """Columns of a row that name another row of its table, which may come later."""
    return [
        key.parent.name for key in table.foreign_keys if key.column.table is table and row[key.parent.name] is not None
    ]


def _held_back(table: Table, row: dict[str, Any]) -> tuple[Table, dict[str, Any], dict[str, Any]]:
    """Take those out of a row, to be set once all rows are there."""
    names = _self_references(table, row)
    values = {name: row[name] for name in names}
    row.update(dict.fromkeys(names))
    return table, {column.name: row[column.name] for column in table.primary_key}, values
