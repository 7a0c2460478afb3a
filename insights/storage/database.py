"""One database, SQLite or PostgreSQL, by the same code: transactions, ids, migrations, and errors in words."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, inspect, update
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError

from insights.errors import ExitCode, InsightsError, Unreachable
from insights.storage import tables
from insights.storage.encryption import Cipher
from insights.storage.key_ring import KeyRing, OtherKeys, meta_value, no_others

HEAD = "0011"
"""The newest migration; a test compares it with the folder."""

_WAL_ATTEMPTS = 100


class Database:
    """An open database with its key. Reads see one moment; a write is all or nothing, one writer at a time."""

    def __init__(self, url: str, cipher: Cipher, *, other_keys: OtherKeys = no_others) -> None:
        self.url = url
        self.cipher = cipher
        self.engine = open_engine(url)
        self.keys = KeyRing(self.engine, cipher, other_keys)
        self._afterwards: dict[int, Callable[[], None]] = {}

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, alone: bool = False, waits: bool = True) -> Iterator[Connection]:
        """Begins with the newest keys; `alone`, no other write goes on meanwhile, whatever the database. Without
        `waits`, InsightsError at once where another write keeps SQLite busy."""
        connection = self.engine.connect().execution_options(insights_write=True, insights_waits=waits)
        try:
            with connection, connection.begin():
                self.keys.confirm(connection, alone=alone)
                yield connection
        finally:
            afterwards = self._afterwards.pop(id(connection), None)
        if afterwards is not None:
            afterwards()

    def after(self, connection: Connection, do: Callable[[], None]) -> None:
        """What follows once this write is committed, and does not where it fails: the latest that was told."""
        self._afterwards[id(connection)] = do

    @contextmanager
    def write_in(self, connection: Connection | None) -> Iterator[Connection]:
        """Part of the caller's transaction, or one of its own where the caller has none."""
        if connection is not None:
            yield connection
            return
        with self.write() as own:
            yield own

    def close(self) -> None:
        self.engine.dispose()

    def prepare(self) -> None:
        """Bring the tables to the newest version, and see that the key is the one they were made with."""
        version = self._version()
        if version != HEAD:
            migrate(self.url)
        self.keys.open(is_new=version is None)

    def get_meta(self, key: str) -> str | None:
        with self.read() as connection:
            return meta_value(connection, key)

    def set_meta(self, key: str, value: str) -> None:
        with self.write() as connection:
            put_meta(connection, key, value)

    def checkpoint(self) -> None:
        """Leave nothing in SQLite's write-ahead log, as far as no other process reads it."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                _outside_transaction(connection, "PRAGMA wal_checkpoint(TRUNCATE)")

    def vacuum(self) -> None:
        """Write the files anew, without the bytes of what was deleted. Raises Unreachable where others write."""
        if self.engine.dialect.name == "sqlite":
            self.checkpoint()
            with self.engine.connect() as connection:
                _outside_transaction(connection, "VACUUM")
            self.checkpoint()
            return
        self._vacuum_tables(tables.metadata.sorted_tables)

    def overwrite(self, table: Table) -> None:
        """Leave no byte in the files of what was just deleted from one table. Raises Unreachable where others write."""
        if self.engine.dialect.name == "sqlite":
            self.checkpoint()  # what is deleted is overwritten at once, but for the log of writes
        else:
            self._vacuum_tables([table])

    def _vacuum_tables(self, some: Iterable[Table]) -> None:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in some:
                connection.exec_driver_sql(f'VACUUM FULL "{table.name}"')

    def _version(self) -> str | None:
        from sqlalchemy import text

        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _outside_transaction(connection: Connection, statement: str) -> None:
    """What SQLite does in no transaction; the driver is asked, since ours begins one."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
        cursor.fetchall()
    except OperationalError as error:
        raise in_words_of(error) from error
    finally:
        cursor.close()


def in_words_of(error: Exception) -> InsightsError:
    """What SQLite's own driver refused, as a person can mend it."""
    words = str(error).lower()
    known = next((InsightsError(message, remedy=remedy) for sign, message, remedy in _WORDS if sign in words), None)
    return known or _later(words) or InsightsError(f"The database refused: {error}.", remedy="Try it again.")


def put_meta(connection: Connection, key: str, value: str) -> None:
    """Set one value inside a running write."""
    changed = connection.execute(update(tables.meta).where(tables.meta.c.key == key).values(value=value)).rowcount
    if not changed:
        connection.execute(insert(tables.meta).values(key=key, value=value))


def take_ids(connection: Connection, name: str, *, count: int) -> range:
    """`count` ids never given before, inside a running write."""
    column = tables.counter.c
    taken = connection.execute(
        update(tables.counter).where(column.name == name).values(last=column.last + count).returning(column.last)
    ).scalar()
    if taken is None:
        taken = _first_ids(connection, name, count=count)
    return range(taken - count + 1, taken + 1)


def _first_ids(connection: Connection, name: str, *, count: int) -> int:
    try:
        with connection.begin_nested():
            connection.execute(insert(tables.counter).values(name=name, last=count))
        return count
    except IntegrityError:  # another writer was first (PostgreSQL; SQLite has one writer)
        column = tables.counter.c
        query = update(tables.counter).where(column.name == name).values(last=column.last + count)
        return int(connection.execute(query.returning(column.last)).scalar_one())


def open_engine(url: str) -> Engine:
    """SQLite, or PostgreSQL with the password from the URL or PGPASSWORD, which the driver does not read itself."""
    try:
        place = make_url(url)
        asks = place.get_driver_name() == "pg8000" and place.password is None
        engine = create_engine(place, connect_args={"password": os.environ.get("PGPASSWORD", "")} if asks else {})
    except (ArgumentError, ImportError) as error:
        raise InsightsError(
            f"storage.database_url is not usable: {error}.",
            remedy="Write postgresql+pg8000://user@host/name (extra `postgres`), or leave it empty for SQLite.",
        ) from error
    event.listen(engine, "handle_error", _in_words)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


_BUSY_MILLISECONDS = 15_000


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: a write takes its lock at the start
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    _switch_to_wal(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:
    """Two processes that both do this to a new database block each other, and SQLite does not wait then: we do."""
    for attempt in range(_WAL_ATTEMPTS):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except OperationalError as error:
            if "locked" not in str(error) or attempt == _WAL_ATTEMPTS - 1:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("insights_waits", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("insights_write") else "BEGIN")
        return
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")


_WORDS = (
    (
        "disk is full",
        "The disk is full.",
        "Free some space and run the command again; nothing half-done was kept.",
    ),
    (
        "readonly",
        "The database cannot be written.",
        "Check the permissions of the workspace's .insights folder.",
    ),
    (
        "unable to open",
        "The database cannot be opened.",
        "Check that .insights exists and may be written by you.",
    ),
    ("malformed", "The database is damaged.", "Restore it from a backup; the file was left as it is."),
    *(
        (sign, f"The database is damaged: {name} is missing.", "Restore it from a backup; the file was left as it is.")
        for name in sorted(tables.metadata.tables, key=len, reverse=True)
        for sign in (f"no such table: {name}", f"no such table: main.{name}")
    ),
    ("unsupported file format", "The database is damaged.", "Restore it from a backup; the file was left as it is."),
    ("not a database", "The database is damaged.", "Restore it from a backup; the file was left as it is."),
    (
        "disk i/o",
        "The disk refused a read or write; it may be full.",
        "Free some space, or check the disk, then run the command again.",
    ),
)

_BUSY = ("locked", "database is busy", "deadlock", "55p03", "40p01")
_AWAY = ("connect", "network error", "timed out", "57p01", "57p03", "53300")
"""Signs of a database that may answer later, in the drivers' words or PostgreSQL's codes."""

_REFUSED_LOGIN = ("authentication failed", "28p01", "28000", "3d000", "sasl")
"""Signs, in the driver's words or PostgreSQL's codes: wrong password, unknown user, unknown database."""


def _in_words(context: ExceptionContext) -> InsightsError | None:
    """Turn what a user can cause into InsightsError; a defect in our SQL keeps its traceback."""
    words = str(context.original_exception).lower()
    if isinstance(context.original_exception, InsightsError) or isinstance(
        context.sqlalchemy_exception, IntegrityError
    ):
        return None
    if any(sign in words for sign in _REFUSED_LOGIN):
        return InsightsError(
            "The database server refused the login.",
            remedy="Set PGPASSWORD, and check user and database in storage.database_url.",
            exit_code=ExitCode.LOGIN,
        )
    is_ours = "syntax" in words and "malformed database schema" not in words
    for sign, message, remedy in _WORDS:
        if sign in words and not is_ours:
            return InsightsError(message, remedy=remedy)
    return None if is_ours else _later(words)


def _later(words: str) -> Unreachable | None:
    """What may work when it is tried again."""
    if any(sign in words for sign in _BUSY):
        return Unreachable(
            "Another process is writing to the database.", remedy="Wait until it is done, then run the command again."
        )
    if any(sign in words for sign in _AWAY):
        return Unreachable(
            "The database server cannot be reached.", remedy="Check storage.database_url and that the server runs."
        )
    return None


def migrate(url: str, *, revision: str = "head") -> None:
    """Bring the tables to a version. Raises InsightsError where they are of a newer one."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise InsightsError(
            "The database is of a newer version of insights than this one.",
            remedy="Update insights; nothing was changed.",
        ) from error
