"""Keep the classifiers that were distilled from a language model's answers, and tell what they may be learned from.

A classifier is sealed: its weights are made from customers' words.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import and_, delete, insert, select

from insights.storage import tables
from insights.storage.database import Database

DISTILLED = "distilled.sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A classifier that is kept. `made_from` says in words what it learned from, `figures` is JSON."""

    name: str
    made_from: str
    figures: str
    at: datetime


class DistilledStore:
    """One classifier of each name."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def all(self) -> list[Kept]:
        """By name, without their contents."""
        column = tables.distilled.c
        query = select(column.name, column.made_from, column.figures, column.at).order_by(column.name)
        with self._database.read() as connection:
            return [Kept(**row._mapping) for row in connection.execute(query)]

    def contents(self) -> dict[str, bytes]:
        """name -> the classifier itself."""
        column = tables.distilled.c
        with self._database.read() as connection:
            rows = connection.execute(select(column.name, column.sealed).order_by(column.name)).all()
        return {row.name: self._cipher.open_bytes(row.sealed, column=DISTILLED, row=row.name) for row in rows}

    def replace(self, made: Sequence[tuple[Kept, bytes]]) -> None:
        """These, each with its content, take the place of all that there were, in one step."""
        with self._database.write() as connection:
            connection.execute(delete(tables.distilled))
            for kept, content in made:
                sealed = self._cipher.seal_bytes(content, column=DISTILLED, row=kept.name)
                connection.execute(insert(tables.distilled).values(**asdict(kept), sealed=sealed))

    # -- what may be learned from -----------------------------------------------------------------------------

    def told_by_models(self, *, most: int) -> dict[int, str]:
        """mention id -> the model that told its kind, for the newest so many of which it was sure; a model's name has a
        colon, which no person's has."""
        column = tables.mention.c
        told = and_(column.told_by.contains(":", autoescape=True), column.confidence >= 1)
        query = select(column.id, column.told_by).where(told).order_by(column.id.desc()).limit(most)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {row.id: row.told_by for row in reversed(rows)}
