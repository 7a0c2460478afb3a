"""The data keys in the database, each wrapped by the workspace's key, and how a program that runs learns that they were
changed: by a generation that every write reads in its own transaction.

On PostgreSQL a write holds that row for sharing, so that whoever changes the keys waits for writers that use the former
ones, and later writers wait for the change. SQLite has one writer at a time.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.encryption import Cipher, Ring, fingerprint_of, unwrapped, wrapped

GENERATION = "keys.generation"
_PLACE = "keys.workspace"
KEY_CHECK = "key_check"
CHECKED = "insights"
COLUMNS, DIGESTS = "columns", "digests"

_GENERATION = select(tables.meta.c.value).where(tables.meta.c.key == GENERATION)
_SHARED, _ALONE = _GENERATION.with_for_update(read=True), _GENERATION.with_for_update()
"""Every write asks one of them: made once."""

OtherKeys = Callable[[str], Sequence[bytes]]
"""Gives the workspace's keys that may have this fingerprint, read anew from where they are kept."""


def no_others(_: str) -> Sequence[bytes]:
    return ()


class KeyRing:
    """What a `Cipher` seals and opens with. `wrapping` is the workspace's key that fits the database."""

    def __init__(self, engine: Engine, cipher: Cipher, others: OtherKeys = no_others) -> None:
        self._engine = engine
        self._cipher = cipher
        self._others = others
        self._generation: str | None = None
        self._is_shared = engine.dialect.name != "sqlite"
        self.wrapping = cipher.key

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.wrapping)

    def open(self, *, is_new: bool) -> None:
        """Load the data keys; a database without any is given them: new ones where it was made just now, else those
        that its key alone gave until now, so that no sealed value changes. Raises InsightsError where the key does not
        fit."""
        if not self.reload() and self._generation is None:
            self._make(Ring.new() if is_new else Ring.of(self.wrapping))
        self._cipher.follow(self.reload)

    def confirm(self, connection: Connection, *, alone: bool = False) -> None:
        """At the start of a write: use the newest keys. Nobody changes them until it ends; `alone`, nobody else
        writes."""
        if self._generation is None:  # a database that is being made or brought to a newer version
            return
        query = _GENERATION if not self._is_shared else _ALONE if alone else _SHARED
        self._take(connection, connection.execute(query).scalar())

    def reload(self) -> bool:
        """Use the newest keys; whether they are others than before."""
        with self._engine.connect() as connection, connection.begin():
            return self._take(connection, connection.execute(_GENERATION).scalar())

    def _take(self, connection: Connection, generation: str | None) -> bool:
        self._cipher.looked()
        if generation is None or generation == self._generation:
            return False
        rows = connection.execute(select(tables.data_key).order_by(tables.data_key.c.id.desc())).all()
        self.wrapping = self._fitting(rows)
        place = place_of(connection)
        opened = [(row.purpose, unwrapped(row.wrapped, self.wrapping, place=bound(place, row))) for row in rows]
        keys = [(purpose, key) for purpose, key in opened if key is not None]
        columns = tuple(key for purpose, key in keys if purpose == COLUMNS)
        digests = [key for purpose, key in keys if purpose == DIGESTS]
        if len(keys) < len(rows) or not columns or not digests:
            raise _damaged()
        self._cipher.use(Ring(columns=columns, digests=digests[0]))
        self._generation = generation
        return True

    def _fitting(self, rows: Sequence[Row[tuple[object, ...]]]) -> bytes:
        """The workspace's key that wrapped them: the one in use, or one that came in its place meanwhile."""
        wanted = {str(row.wrapped_by) for row in rows}
        if len(wanted) != 1:
            raise _damaged()
        [fingerprint] = wanted
        if self.fingerprint == fingerprint:
            return self.wrapping
        for pause in (0, 0.2):  # where one is being put in place of the other, neither may be seen
            time.sleep(pause)
            for key in self._others(fingerprint):
                if fingerprint_of(key) == fingerprint:
                    return key
        raise does_not_fit()

    def _make(self, ring: Ring) -> None:
        try:
            with self._engine.connect().execution_options(insights_write=True) as connection, connection.begin():
                if meta_value(connection, GENERATION) is None:
                    connection.execute(insert(tables.meta).values(key=GENERATION, value="1"))
                    self._keep_first(connection, ring)
        except IntegrityError:  # another program made them at the same time
            pass
        self.reload()

    def _keep_first(self, connection: Connection, ring: Ring) -> None:
        self._cipher.use(ring)
        check = meta_value(connection, KEY_CHECK)
        if check is None:
            sealed = self._cipher.seal(CHECKED, column="meta.value", row="key").hex()
            connection.execute(insert(tables.meta).values(key=KEY_CHECK, value=sealed))
        elif not self._cipher.is_newest(bytes.fromhex(check), column="meta.value", row="key"):
            raise does_not_fit()
        connection.execute(insert(tables.meta).values(key=_PLACE, value=secrets.token_hex(8)))
        at = datetime.now(UTC)
        add_key(connection, ring.digests, self.wrapping, purpose=DIGESTS, at=at)
        add_key(connection, ring.columns[0], self.wrapping, purpose=COLUMNS, at=at)


def add_key(connection: Connection, data_key: bytes, key: bytes, *, purpose: str, at: datetime) -> int:
    """Keep a data key, wrapped by the workspace's `key`; its id."""
    number = max(connection.execute(select(tables.data_key.c.id)).scalars(), default=0) + 1
    place = f"data_key|{place_of(connection)}|{purpose}|{number}"
    connection.execute(
        insert(tables.data_key).values(
            id=number,
            purpose=purpose,
            wrapped=wrapped(data_key, key, place=place),
            wrapped_by=fingerprint_of(key),
            made_at=at,
        )
    )
    return number


def rewrap_all(connection: Connection, former: bytes, key: bytes) -> None:
    """Wrap every data key by `key` instead of `former`."""
    place = place_of(connection)
    for row in connection.execute(select(tables.data_key)).all():
        data_key = unwrapped(row.wrapped, former, place=bound(place, row))
        if data_key is None:
            raise _damaged()
        values = {"wrapped": wrapped(data_key, key, place=bound(place, row)), "wrapped_by": fingerprint_of(key)}
        connection.execute(update(tables.data_key).where(tables.data_key.c.id == row.id).values(**values))


def bump(connection: Connection) -> None:
    """Tell every program that the keys were changed, once this transaction is committed."""
    before = int(meta_value(connection, GENERATION) or 0)
    connection.execute(update(tables.meta).where(tables.meta.c.key == GENERATION).values(value=str(before + 1)))


def place_of(connection: Connection) -> str:
    """What marks this workspace's keys: a data key of another one does not open here."""
    return meta_value(connection, _PLACE) or ""


def bound(place: str, row: Row[tuple[object, ...]]) -> str:
    """What a wrapped key is bound to."""
    return f"data_key|{place}|{row.purpose}|{row.id}"


def meta_value(connection: Connection, key: str) -> str | None:
    return connection.execute(select(tables.meta.c.value).where(tables.meta.c.key == key)).scalar()


def does_not_fit() -> InsightsError:
    return InsightsError(
        "The key does not fit this database: it was made with another one.",
        remedy="Set INSIGHTS_KEY, or put back the key file that `insights init` named. Nothing was changed.",
    )


def _damaged() -> InsightsError:
    return InsightsError(
        "The keys in the database are damaged or not its own.",
        remedy="Restore the database from a backup; it was left as it is.",
    )
