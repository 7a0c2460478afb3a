"""All rows of a workspace's SQLite database, and where two readings of it differ."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from insights.errors import InsightsError
from insights.storage.encryption import Cipher

Row = Mapping[str, Any]
Rows = Mapping[tuple[Any, ...], Row]
"""Primary key -> the row by its columns' names."""


class Tables:
    """What is not compared, and why."""

    LOG: ClassVar = {
        "decision": "the log itself: decisions and what took them back are only ever added",
        "correction": "belongs to a decision of the log",
        "revision": "belongs to a decision of the log; one that was taken back counts no more",
        "rule": "made by a decision of the log; one that was taken back is marked as revoked, never deleted",
        "lineage": "the life of a problem tells of the merge and of its end",
        "prediction": "the estimate at an acceptance; it stays until the next one, and counts once the work is done",
        "session": "which screen and problem a person looked at last",
        "audit": "who did what: only ever added",
    }
    COUNTING: ClassVar = {
        "problem.version": "counts the changes of a row, so that two people cannot overwrite each other",
        "counter": "the last number given of each kind; a number is never given twice",
    }
    LEFT_OUT: ClassVar = frozenset((*LOG, *COUNTING))


@dataclass(frozen=True, slots=True)
class Difference:
    """One value of one row; `column` is empty where the whole row is new or gone."""

    table: str
    key: tuple[Any, ...]
    column: str
    before: Any
    after: Any

    def __str__(self) -> str:
        where = f"{self.table} {', '.join(map(str, self.key))} {self.column}".strip()
        return f"{where}: {_brief(self.before)} -> {_brief(self.after)}"


@dataclass(frozen=True, slots=True)
class Decided:
    """One entry of the log."""

    id: int
    problem_id: int
    action: str


def read_all(database: Path) -> dict[str, Rows]:
    """table -> its rows."""
    with _open(database) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: _rows(connection, name) for name in names if not name.startswith("sqlite_")}


def differences(before: Mapping[str, Rows], after: Mapping[str, Rows], *, cipher: Cipher) -> list[Difference]:
    """Every value that differs, less what `Tables` leaves out. Sealed values are compared by what they hold: sealing
    anew changes every byte."""
    found = []
    for table in sorted({*before, *after} - Tables.LEFT_OUT):
        ours, theirs = before.get(table, {}), after.get(table, {})
        for key in sorted({*ours, *theirs}, key=repr):
            found += _of_row(table, key, ours.get(key), theirs.get(key), cipher)
    return found


def decided(database: Path) -> list[Decided]:
    """The log so far, oldest first."""
    with _open(database) as connection:
        return [Decided(*row) for row in connection.execute("SELECT id, problem_id, action FROM decision ORDER BY id")]


def nearest_of(database: Path, problem: int) -> int | None:
    """The most similar problem, None where there is none."""
    with _open(database) as connection:
        similar = connection.execute("SELECT similar FROM problem WHERE id = ?", (problem,)).fetchone()[0]
    pairs = json.loads(similar or "[]")
    return int(pairs[0][0]) if pairs else None


def heirs_of(database: Path) -> frozenset[int]:
    """Problems that were merged into others."""
    with _open(database) as connection:
        return frozenset(row[0] for row in connection.execute("SELECT id FROM problem WHERE state = 'merged'"))


def _open(database: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=15))


def _rows(connection: sqlite3.Connection, table: str) -> Rows:
    columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    names = [column[1] for column in columns]
    keys = [column[1] for column in sorted(columns, key=lambda one: one[5]) if column[5]] or names
    rows = [dict(zip(names, row, strict=True)) for row in connection.execute(f'SELECT * FROM "{table}"')]
    return {tuple(row[key] for key in keys): row for row in rows}


def _of_row(
    table: str, key: tuple[Any, ...], ours: Row | None, theirs: Row | None, cipher: Cipher
) -> Iterator[Difference]:
    if ours is None or theirs is None:
        yield Difference(table, key, "", ours and "a row", theirs and "a row")
        return
    for column in {**ours, **theirs}:
        before, after = ours.get(column), theirs.get(column)
        if before != after and f"{table}.{column}" not in Tables.LEFT_OUT:
            if isinstance(before, bytes) and isinstance(after, bytes):
                before, after = (_opened(cipher, one, f"{table}.{column}", key) for one in (before, after))
            if before != after:
                yield Difference(table, key, column, before, after)


def _opened(cipher: Cipher, sealed: bytes, column: str, key: tuple[Any, ...]) -> str | bytes:
    """The words, or the bytes where they cannot be opened under the row's own key."""
    try:
        return cipher.open(sealed, column=column, row=key[0])
    except InsightsError:
        return sealed


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
