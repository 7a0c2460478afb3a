"""Keep what a person's session of the application looked like, so that the next one goes on there."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from insights.storage import tables
from insights.storage.database import Database

SEALED = "session.sealed"


class SessionStore:
    """One session a person, the last one. It is sealed: a filter may be somebody's name."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def get(self, who: str) -> dict[str, Any] | None:
        """What was saved for this person last; None where nothing was."""
        query = select(tables.session.c.sealed).where(tables.session.c.who == who)
        with self._database.read() as connection:
            sealed = connection.execute(query).scalar()
        if sealed is None:
            return None
        kept: dict[str, Any] = json.loads(self._cipher.open(sealed, column=SEALED, row=who))
        return kept

    def save(self, who: str, session: Mapping[str, Any], at: datetime) -> None:
        """In place of what was saved before; `session` holds what JSON can."""
        values = {"sealed": self._cipher.seal(json.dumps(dict(session)), column=SEALED, row=who), "saved_at": at}
        own = tables.session.c.who == who
        with self._database.write() as connection:
            if not connection.execute(update(tables.session).where(own).values(**values)).rowcount:
                connection.execute(insert(tables.session).values(who=who, **values))
