"""Keep the fitted space that mentions are compared in: sealed, for it is made from customers' words."""

from sqlalchemy import Connection, delete, insert, select

from insights.storage import tables
from insights.storage.database import Database, take_ids

SPACE = "space.sealed"


class SpaceStore:
    """One space at a time: the newest replaces the one before, in the same step."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def latest(self, embedder: str) -> tuple[int, bytes] | None:
        """Id and content of the newest space, if it was fitted to the vectors of this embedder (its fingerprint)."""
        column = tables.space.c
        query = select(column.id, column.sealed).where(column.embedder == embedder).order_by(column.id.desc())
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
        return (row.id, self._cipher.open_bytes(row.sealed, column=SPACE, row=row.id)) if row else None

    def save(self, content: bytes, *, embedder: str, run_id: int, connection: Connection | None = None) -> int:
        """Write a space and delete the older ones, of every embedder, in the caller's transaction where there is one.
        Returns its id, which is never given twice."""
        with self._database.write_in(connection) as inside:
            number = take_ids(inside, "space", count=1)[0]
            inside.execute(delete(tables.space))
            sealed = self._cipher.seal_bytes(content, column=SPACE, row=number)
            row = {"id": number, "made_in": run_id, "embedder": embedder, "sealed": sealed}
            inside.execute(insert(tables.space).values(**row))
        return number
