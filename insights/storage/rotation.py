"""Rotation of the keys in the database: a new data key, every sealed value sealed anew with it while others read and
write, and the former key deleted once nothing can have it any more.

A value does not say which key it has, so a rotation that was cut off goes on by itself: what the newest key does not
open is sealed anew. Values are replaced only where they are still those that were read.
"""

import base64
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, select, tuple_, update

from insights.errors import InsightsError
from insights.ports import Progress
from insights.storage import tables
from insights.storage.database import Database, put_meta
from insights.storage.encryption import KEY_BYTES, fingerprint_of
from insights.storage.key_ring import COLUMNS, KEY_CHECK, add_key, bump, meta_value, rewrap_all
from insights.storage.sealed_columns import SEALED_COLUMNS, SealedColumn

_CURSOR = "keys.cursor"
_FORMER = "keys.former"
_META = "meta.value"
_BATCH, _FEW = 200, 10
"""Rows of a batch: of texts, and of arrays, which may be megabytes."""
_MOST_PASSES = 50
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """One data key of the columns, without itself."""

    id: int
    made_at: datetime
    retired_at: datetime | None
    """Since when nothing in the database has it; what runs may still write a value with it for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The state of the keys. `former` are fingerprints of workspace's keys that were replaced, the newest last."""

    fingerprint: str
    columns: tuple[DataKey, ...]
    """The newest first."""
    former: tuple[str, ...]

    @property
    def is_under_way(self) -> bool:
        return sum(key.retired_at is None for key in self.columns) > 1

    @property
    def retired(self) -> tuple[DataKey, ...]:
        return tuple(key for key in self.columns if key.retired_at is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """`values` were sealed anew; `unreadable` open with no key of the workspace, and stayed as they were."""

    values: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Meta:
    """What is kept sealed beside the tables, by its name, as text."""

    name: str
    row: str
    decode: Callable[[str], bytes]
    encode: Callable[[bytes], str]


_SEALED_META = (
    _Meta(KEY_CHECK, "key", bytes.fromhex, bytes.hex),
    _Meta("erasing", "erasing", base64.b85decode, lambda content: base64.b85encode(content).decode("ascii")),
)


class RotationStore:
    """Each step is safe to repeat."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    @property
    def fingerprint(self) -> str:
        """Of the workspace's key that fits."""
        return self._database.keys.fingerprint

    def keys(self) -> Keys:
        column = tables.data_key.c
        query = select(column.id, column.made_at, column.retired_at).where(column.purpose == COLUMNS)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(column.id.desc())).all()
            former = (meta_value(connection, _FORMER) or "").split()
        columns = tuple(DataKey(id=row.id, made_at=row.made_at, retired_at=row.retired_at) for row in rows)
        return Keys(fingerprint=self.fingerprint, columns=columns, former=tuple(former))

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """One transaction in which the keys may be changed: no write goes on meanwhile. Afterwards they are used."""
        with self._database.write(alone=True) as connection:
            yield connection
            bump(connection)
        self._database.keys.reload()

    def begin(self, connection: Connection, at: datetime) -> int:
        """Add a data key, with which everything is sealed from now on; its id. Where a rotation is under way already,
        that one's."""
        column = tables.data_key.c
        live = select(column.id).where(column.purpose == COLUMNS, column.retired_at.is_(None))
        ids: list[int] = sorted(connection.execute(live).scalars())
        if len(ids) > 1:
            return ids[-1]
        return add_key(connection, os.urandom(KEY_BYTES), self._database.keys.wrapping, purpose=COLUMNS, at=at)

    def rewrap(self, connection: Connection, key: bytes) -> None:
        """Wrap the data keys by another key of the workspace, the present one from now on."""
        ring = self._database.keys
        if fingerprint_of(key) == ring.fingerprint:
            return
        former = [one for one in (meta_value(connection, _FORMER) or "").split() if one != fingerprint_of(key)]
        rewrap_all(connection, ring.wrapping, key)
        put_meta(connection, _FORMER, " ".join([*former, ring.fingerprint]))
        ring.wrapping = key

    def reseal(self, *, progress: Progress) -> Resealed:
        """Seal everything with the newest key, in short transactions, until one look through all of it finds nothing
        that it does not open. Raises InsightsError where others keep hold of rows."""
        total, values, start = self._count(), 0, self._noted()
        for _ in range(_MOST_PASSES):
            found = self._pass(start, tell=lambda seen: progress("sealing anew", min(seen, total), total))
            values += found.values
            if start is None and not found.stale:
                self._forget(_CURSOR)
                return Resealed(values=values, unreadable=found.unreadable)
            if found.stale > found.values:
                time.sleep(_PAUSE_SECONDS)
            start = None
        raise InsightsError(
            "Another program keeps hold of what is to be sealed anew.",
            remedy="Run insights keys rotate again: it goes on where it stopped.",
        )

    def waiting(self) -> int:
        """How many values the newest key does not open."""
        found = 0
        for column in SEALED_COLUMNS:
            for rows in self._batches(column, after=None):
                found += sum(not self._is_newest(column, row) for row in rows)
        return found

    def retire(self, connection: Connection, at: datetime) -> None:
        """The former keys are had by nothing any more, but for what others sealed and did not write yet."""
        column = tables.data_key.c
        newest = select(func.max(column.id)).where(column.purpose == COLUMNS).scalar_subquery()
        former = and_(column.purpose == COLUMNS, column.id < newest, column.retired_at.is_(None))
        connection.execute(update(tables.data_key).where(former).values(retired_at=at))

    def due(self, now: datetime, grace: timedelta) -> tuple[int, ...]:
        """The data keys that were retired so long ago that nothing can be written with them any more."""
        return tuple(key.id for key in self.keys().retired if key.retired_at and key.retired_at + grace <= now)

    def delete(self, connection: Connection, ids: Sequence[int]) -> None:
        """Retired keys go for good: what still has them is lost."""
        column = tables.data_key.c
        connection.execute(delete(tables.data_key).where(column.id.in_(ids), column.retired_at.is_not(None)))

    def forget_former(self) -> None:
        """The workspace's former keys are kept nowhere any more."""
        self._forget(_FORMER)

    def overwrite(self) -> None:
        """Leave no bytes of deleted keys in the database's files, as far as nobody reads them."""
        if self._database.engine.dialect.name == "sqlite":
            self._database.checkpoint()
            return
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL data_key")

    # -- passes -----------------------------------------------------------------------------------------------

    def _count(self) -> int:
        with self._database.read() as connection:
            counts = [
                connection.execute(select(func.count()).select_from(one.table).where(one.column.is_not(None))).scalar()
                for one in SEALED_COLUMNS
            ]
        return sum(count or 0 for count in counts)

    def _pass(self, start: "_Place | None", *, tell: Callable[[int], object]) -> "_Found":
        """Once over everything, or over what is left of it from `start` on."""
        found, seen = self._reseal_meta(), start.seen if start else 0
        begun = start.column if start else 0
        for number, column in enumerate(SEALED_COLUMNS[begun:], begun):
            for rows in self._batches(column, after=start.key if start and number == begun else None):
                seen += len(rows)
                found = found.and_also(self._reseal(column, rows, _Place(number, _key(column, rows[-1]), seen)))
                tell(seen)
        return found

    def _batches(self, column: SealedColumn, *, after: tuple[Any, ...] | None) -> Iterator[Sequence[Any]]:
        keys = list(column.table.primary_key.columns)
        query = select(*keys, column.column).where(column.column.is_not(None)).order_by(*keys)
        query = query.limit(_BATCH if column.is_text else _FEW)
        while True:
            later = query if after is None else query.where(tuple_(*keys) > tuple_(*after))
            with self._database.read() as connection:
                rows = connection.execute(later).all()
            if not rows:
                return
            yield rows
            after = _key(column, rows[-1])

    def _is_newest(self, column: SealedColumn, row: Sequence[Any]) -> bool:
        return self._cipher.is_newest(row[-1], column=column.name, row=column.row_of(row))

    def _reseal(self, column: SealedColumn, rows: Sequence[Any], place: "_Place") -> "_Found":
        stale = [row for row in rows if not self._is_newest(column, row)]
        if not stale:
            return _Found()
        sealed = {_key(column, row): (row[-1], self._anew(column, row)) for row in stale}
        anew = {key: (before, after) for key, (before, after) in sealed.items() if after is not None}
        with self._database.write() as connection:
            free = _free(connection, column, list(anew))
            changed = _replace(connection, column, {key: anew[key] for key in free})
            put_meta(connection, _CURSOR, json.dumps([place.column, place.key, place.seen]))
        return _Found(stale=len(anew), values=changed, unreadable=len(sealed) - len(anew))

    def _anew(self, column: SealedColumn, row: Sequence[Any]) -> bytes | None:
        bound = column.row_of(row)
        try:
            content = self._cipher.open_bytes(row[-1], column=column.name, row=bound)
        except InsightsError:
            return None
        return self._cipher.seal_bytes(content, column=column.name, row=bound)

    def _reseal_meta(self) -> "_Found":
        found = _Found()
        for one in _SEALED_META:
            with self._database.write() as connection:
                kept = meta_value(connection, one.name)
                if not kept or self._cipher.is_newest(one.decode(kept), column=_META, row=one.row):
                    continue
                try:
                    content = self._cipher.open_bytes(one.decode(kept), column=_META, row=one.row)
                except InsightsError:
                    found = found.and_also(_Found(unreadable=1))
                    continue
                put_meta(connection, one.name, one.encode(self._cipher.seal_bytes(content, column=_META, row=one.row)))
                found = found.and_also(_Found(stale=1, values=1))
        return found

    def _forget(self, name: str) -> None:
        with self._database.write() as connection:
            connection.execute(delete(tables.meta).where(tables.meta.c.key == name))

    def _noted(self) -> "_Place | None":
        noted = self._database.get_meta(_CURSOR)
        if not noted:
            return None
        column, key, seen = json.loads(noted)
        return _Place(column, tuple(key), seen) if column < len(SEALED_COLUMNS) else None


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a pass is: the number of the column, the key of the last row there, and how many rows that are."""

    column: int
    key: tuple[Any, ...]
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """`stale` values could be sealed anew, `values` were."""

    stale: int = 0
    values: int = 0
    unreadable: int = 0

    def and_also(self, other: "_Found") -> "_Found":
        return _Found(
            stale=self.stale + other.stale,
            values=self.values + other.values,
            unreadable=self.unreadable + other.unreadable,
        )


def _key(column: SealedColumn, row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(row[: len(column.table.primary_key.columns)])


def _free(connection: Connection, column: SealedColumn, keys: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Those rows that no other write holds: waiting for it while it waits for us would end one of both."""
    if not keys:
        return []
    own = list(column.table.primary_key.columns)
    query = select(*own).where(tuple_(*own).in_(keys)).order_by(*own)
    return [tuple(row) for row in connection.execute(query.with_for_update(key_share=True, skip_locked=True))]


def _replace(connection: Connection, column: SealedColumn, anew: dict[tuple[Any, ...], tuple[bytes, bytes]]) -> int:
    """Write what was sealed anew, each where what was there before still is; how many, at most."""
    if not anew:
        return 0
    keys = column.table.primary_key.columns
    same = [own == bindparam(f"key_{number}") for number, own in enumerate(keys)]
    wanted = (
        update(column.table)
        .where(*same, column.column == bindparam("former"))
        .values({column.column: bindparam("anew")})
    )
    rows = [
        {**{f"key_{number}": value for number, value in enumerate(key)}, "former": before, "anew": after}
        for key, (before, after) in anew.items()
    ]
    changed = int(connection.execute(wanted, rows).rowcount)
    return changed if changed >= 0 else len(rows)  # not every driver counts what many statements did
