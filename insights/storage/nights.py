"""Keep what each night found: sealed, since it says which accounts speak of leaving, and small."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, func, insert, select, update

from insights.domain.night import Drivers, News, Night, news_from_json, night_from_json, night_to_json
from insights.errors import ExitCode, InsightsError
from insights.storage import tables
from insights.storage.database import Database

SEALED = "night.sealed"
WHOLE_DAYS = 92
"""Nights older than a quarter are thinned: what problems rested on is left out."""
_LEVEL = 6
_ALONE = 0x696E7369
"""Number of the lock in a PostgreSQL; any that nobody else takes."""


class NightStore:
    """One night a run, by the run's number; later nights never change what an earlier one found."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One night at a time among machines that share a PostgreSQL; with SQLite there is one machine, where a lock on
        a file does it. Ends with its connection, also by `kill -9`. Raises InsightsError where another is under way."""
        if self._database.engine.dialect.name != "postgresql":
            yield
            return
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.execute(select(func.pg_try_advisory_lock(_ALONE))).scalar():
                raise InsightsError(
                    "A night of this workspace is under way on another machine.",
                    remedy="Wait until it is done. Have one machine run the nights: insights schedule remove",
                )
            try:
                yield
            finally:
                connection.invalidate()  # closed, not given back: that frees the lock

    def keep(self, night: Night) -> None:
        """In place of what the same run kept before."""
        content = zlib.compress(night_to_json(night).encode(), _LEVEL)
        values = {"at": night.at, "sealed": self._cipher.seal_bytes(content, column=SEALED, row=night.run_id)}
        own = tables.night.c.run_id == night.run_id
        with self._database.write() as connection:
            if not connection.execute(update(tables.night).where(own).values(**values)).rowcount:
                connection.execute(insert(tables.night).values(run_id=night.run_id, **values))

    def last(self, *, before_run: int | None = None) -> Night | None:
        """The newest night, or the newest before a run; None where none is kept."""
        column = tables.night.c
        query = select(tables.night).order_by(column.run_id.desc()).limit(1)
        if before_run is not None:
            query = query.where(column.run_id < before_run)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return self._night(row) if row else None

    def get(self, run_id: int) -> Night | None:
        """What a run found; None where it kept nothing."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.night).where(tables.night.c.run_id == run_id)).first()
        return self._night(row) if row else None

    def at(self, moment: datetime) -> Night | None:
        """The newest night at or before a moment; None where none is that old."""
        column = tables.night.c
        query = select(tables.night).where(column.at <= moment).order_by(column.run_id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return self._night(row) if row else None

    def oldest(self) -> tuple[int, datetime] | None:
        """Run and time of the first night that is kept; None where none is."""
        column = tables.night.c
        query = select(column.run_id, column.at).order_by(column.run_id).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return (row.run_id, row.at) if row else None

    def after(self, run_id: int) -> list[Night]:
        """Those of later runs, oldest first."""
        column = tables.night.c
        query = select(tables.night).where(column.run_id > run_id).order_by(column.run_id)
        with self._database.read() as connection:
            return [self._night(row) for row in connection.execute(query)]

    def news(self, *, after_run: int, until_run: int) -> list[tuple[int, tuple[News, ...]]]:
        """The news of the runs after one until another with their numbers, oldest first; the rest of their nights is
        not looked at."""
        column = tables.night.c
        query = select(tables.night).where(column.run_id > after_run, column.run_id <= until_run)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(column.run_id))
            return [(row.run_id, news_from_json(self._open(row))) for row in rows]

    def thin(self, now: datetime, *, since: datetime | None = None) -> int:
        """Leave out of old nights what problems rested on; how many were thinned. News and ranks stay. `since` is when
        that was done last: none that it saw is read again."""
        column = tables.night.c
        query = select(tables.night).where(column.at < now - timedelta(days=WHOLE_DAYS))
        if since is not None:
            query = query.where(column.at >= since - timedelta(days=WHOLE_DAYS))
        with self._database.read() as connection:
            old = [night for row in connection.execute(query) if not (night := self._night(row)).is_thin]
        for night in old:
            problems = {number: replace(seen, drivers=Drivers()) for number, seen in night.problems.items()}
            self.keep(replace(night, problems=problems, is_thin=True))
        return len(old)

    def forget(self, before: datetime) -> int:
        """Delete what is older; how many nights were."""
        with self._database.write() as connection:
            return connection.execute(delete(tables.night).where(tables.night.c.at < before)).rowcount

    def _night(self, row: Row[tuple[int, datetime, bytes]]) -> Night:
        return night_from_json(self._open(row), run_id=row.run_id, at=row.at)

    def _open(self, row: Row[tuple[int, datetime, bytes]]) -> str:
        content = self._cipher.open_bytes(row.sealed, column=SEALED, row=row.run_id)
        return zlib.decompress(content).decode()


def no_such_night(what: str, *, oldest: tuple[int, datetime] | None = None) -> InsightsError:
    """There is nothing to compare with; `oldest` is the run and time of the first night that is kept."""
    remedy = "Nights are kept from the first `insights analyze` of this version on; `insights runs` lists runs."
    if oldest is not None:
        number, at = oldest
        remedy = f"The oldest is of run {number} ({at:%Y-%m-%d}): --since {number}; `insights runs` lists later ones."
    return InsightsError(
        f"No night is kept of {what}.",
        remedy=remedy,
        exit_code=ExitCode.USAGE,
    )
