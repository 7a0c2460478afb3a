"""Keep what sources and trackers log in with, sealed with the workspace's key; whoever has only the database reads
nothing."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from insights.storage import tables
from insights.storage.database import Database

SEALED = "credential.sealed"


class CredentialStore:
    """One secret for each source or tracker, by its name in the settings."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def get(self, name: str) -> str | None:
        """The secret; None where none is kept."""
        query = select(tables.credential.c.sealed).where(tables.credential.c.name == name)
        with self._database.read() as connection:
            sealed = connection.execute(query).scalar()
        return None if sealed is None else self._cipher.open(sealed, column=SEALED, row=name)

    def names(self) -> frozenset[str]:
        """Those of which a secret is kept; none is opened."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(tables.credential.c.name)).scalars())

    def keep(self, name: str, secret: str, at: datetime) -> None:
        """In place of an earlier one."""
        values = {"sealed": self._cipher.seal(secret, column=SEALED, row=name), "kept_at": at}
        with self._database.write() as connection:
            own = tables.credential.c.name == name
            if not connection.execute(update(tables.credential).where(own).values(**values)).rowcount:
                connection.execute(insert(tables.credential).values(name=name, **values))

    def forget(self, name: str) -> bool:
        """Whether there was one."""
        with self._database.write() as connection:
            return bool(connection.execute(delete(tables.credential).where(tables.credential.c.name == name)).rowcount)
