"""Keep which backups were made, proved and not deleted yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from insights.storage import tables
from insights.storage.database import Database, take_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One archive. `digest` is the SHA-256 of its bytes (64 hex digits), `checked_at` when it was restored on trial and
    compared."""

    id: int
    made_at: datetime
    place: str
    bytes: int
    digest: str
    checked_at: datetime | None


class BackupStore:
    """Records alone; the archives are files elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wrapping_key(self) -> bytes:
        """The workspace's key, as it fits the database now: what an archive's own key is wrapped by."""
        self._database.keys.reload()
        return self._database.keys.wrapping

    @property
    def url(self) -> str:
        """Where the database is. Not to be shown: it may hold a password."""
        return self._database.url

    def all(self) -> list[Backup]:
        """Oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.backup).order_by(tables.backup.c.made_at, tables.backup.c.id))
            return [_backup(row) for row in rows]

    def add(
        self,
        *,
        made_at: datetime,
        place: str,
        size: int,
        digest: str,
        checked_at: datetime | None,
        connection: Connection | None = None,
    ) -> Backup:
        """Part of the caller's transaction, or one of its own."""
        with self._database.write_in(connection) as own:
            (number,) = take_ids(own, "backup", count=1)
            row = {
                "id": number,
                "made_at": made_at,
                "place": place,
                "bytes": size,
                "digest": digest,
                "checked_at": checked_at,
            }
            own.execute(insert(tables.backup), row)
        return Backup(**row)  # type: ignore[arg-type]

    def remove(self, number: int, *, connection: Connection | None = None) -> None:
        """Forget one; nothing where there is none."""
        with self._database.write_in(connection) as own:
            own.execute(delete(tables.backup).where(tables.backup.c.id == number))


def _backup(row: Any) -> Backup:
    return Backup(
        id=row.id,
        made_at=row.made_at,
        place=row.place,
        bytes=row.bytes,
        digest=row.digest,
        checked_at=row.checked_at,
    )
