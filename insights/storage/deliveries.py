"""Keep every digest before it is sent, and what became of it: one for each digest and period.

A message is kept, sealed, until its sender took it; what it said goes then, and the receipt stays.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from insights.storage import tables
from insights.storage.database import Database

SEALED = "delivery.sealed"
UNNAMED = "digest"
"""What the one digest is called where the settings name none."""


class DeliveryStatus(StrEnum):
    """`QUIET`: there was nothing to tell. `WAITING`: it is made and was not sent yet, or not for sure. `DROPPED`: its
    sender refused it for too long."""

    QUIET = "quiet"
    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A digest of one period: what the name of `period` is (2026-11-26, 2026-W48), the last run whose news are in it,
    how often its sender was asked and what it answered."""

    digest: str
    period: str
    status: DeliveryStatus
    until_run: int
    made_at: datetime
    attempts: int = 0
    tried_at: datetime | None = None
    sent_at: datetime | None = None
    receipt: str | None = None
    error: str | None = None
    remedy: str | None = None


class DeliveryStore:
    """One row a digest and period."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def get(self, digest: str, period: str) -> Delivery | None:
        with self._database.read() as connection:
            row = connection.execute(_select().where(_of(digest, period))).first()
        return _delivery(row) if row else None

    def last(
        self, digest: str, *, until: datetime | None = None, among: Collection[DeliveryStatus] = tuple(DeliveryStatus)
    ) -> Delivery | None:
        """The newest of a digest among those of some statuses; of those made until a moment, for a clock that was wrong
        may have made some in the future."""
        column = tables.delivery.c
        query = _select().where(column.digest == digest, column.status.in_([one.value for one in among]))
        if until is not None:
            query = query.where(column.made_at <= until)
        with self._database.read() as connection:
            row = connection.execute(query.order_by(column.made_at.desc(), column.period.desc()).limit(1)).first()
        return _delivery(row) if row else None

    def told_until(self, digest: str) -> int | None:
        """The last run whose news any of a digest told; None where none was made."""
        query = select(func.max(tables.delivery.c.until_run)).where(tables.delivery.c.digest == digest)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def first_made_at(self, digest: str) -> datetime | None:
        """When the first of a digest was made, whatever became of it; None where none was."""
        column = tables.delivery.c
        query = select(column.made_at).where(column.digest == digest).order_by(column.made_at).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def waiting(self) -> list[Delivery]:
        """Those that are yet to be sent, oldest first."""
        column = tables.delivery.c
        query = _select().where(column.status == DeliveryStatus.WAITING.value)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(column.made_at, column.digest, column.period))
            return [_delivery(row) for row in rows]

    def recent(self, limit: int = 20) -> list[Delivery]:
        """Newest first."""
        query = _select().order_by(tables.delivery.c.made_at.desc(), tables.delivery.c.digest).limit(limit)
        with self._database.read() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def put(self, delivery: Delivery, *, message: str | None = None) -> None:
        """In place of what was kept of this digest and period; `message` is what is to be sent."""
        row = _row(delivery)
        row["sealed"] = self._seal(delivery, message)
        with self._database.write() as connection:
            if not connection.execute(update(tables.delivery).where(_of_row(delivery)).values(**row)).rowcount:
                connection.execute(insert(tables.delivery).values(**row))

    def message(self, delivery: Delivery) -> str | None:
        """What is to be sent; None once it was."""
        with self._database.read() as connection:
            sealed = connection.execute(select(tables.delivery.c.sealed).where(_of_row(delivery))).scalar()
        return None if sealed is None else self._cipher.open(sealed, column=SEALED, row=_place(delivery))

    def claim(self, delivery: Delivery, at: datetime) -> Delivery | None:
        """Note that it is about to be sent; None where somebody else did so since it was read."""
        mine = _of_row(delivery) & (tables.delivery.c.attempts == delivery.attempts)
        is_waiting = tables.delivery.c.status == DeliveryStatus.WAITING.value
        values = {"attempts": delivery.attempts + 1, "tried_at": at}
        with self._database.write() as connection:
            changed = connection.execute(update(tables.delivery).where(mine, is_waiting).values(**values)).rowcount
        return self.get(delivery.digest, delivery.period) if changed else None

    def sent(self, delivery: Delivery, receipt: str, at: datetime) -> None:
        """Its words go with this."""
        values: dict[str, Any] = {"status": DeliveryStatus.SENT.value, "sent_at": at, "receipt": receipt[:1000]}
        self._end(delivery, values | {"error": None, "remedy": None, "sealed": None})

    def failed(self, delivery: Delivery, error: str, remedy: str, *, is_dropped: bool = False) -> None:
        """It waits for another try, unless it `is_dropped`."""
        values: dict[str, Any] = {"error": error, "remedy": remedy}
        self._end(delivery, values | ({"status": DeliveryStatus.DROPPED.value, "sealed": None} if is_dropped else {}))

    def _end(self, delivery: Delivery, values: dict[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(update(tables.delivery).where(_of_row(delivery)).values(**values))

    def _seal(self, delivery: Delivery, message: str | None) -> bytes | None:
        return None if message is None else self._cipher.seal(message, column=SEALED, row=_place(delivery))


def _select() -> Any:
    return select(*(column for column in tables.delivery.c if column.name != "sealed"))


def _of(digest: str, period: str) -> Any:
    return (tables.delivery.c.digest == digest) & (tables.delivery.c.period == period)


def _of_row(delivery: Delivery) -> Any:
    return _of(delivery.digest, delivery.period)


def _place(delivery: Delivery) -> str:
    return f"{delivery.digest}|{delivery.period}"


def _row(delivery: Delivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in Delivery.__dataclass_fields__} | {"status": delivery.status.value}


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "status": DeliveryStatus(row.status)})
