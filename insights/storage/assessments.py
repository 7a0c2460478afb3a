"""Keep, sealed, what models said of a problem as a whole: severity and effort, a brief, is it another's twin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select

from insights.storage import tables
from insights.storage.database import Database

ASSESSMENT = "assessment.sealed"
ASSESSED = "severity"
"""What severity, urgency and effort are kept as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One thing that was said of one problem. `what` names it in at most 20 characters, `told_from` is the state of the
    problem that it was said of (such as its number of items), `text` what was said, as JSON."""

    problem_id: int
    what: str
    told_by: str
    told_from: str
    text: str
    at: datetime


class AssessmentStore:
    """The latest of each kind for each problem."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def get(self, problem_id: int, what: str) -> Assessment | None:
        column = tables.assessment.c
        query = select(tables.assessment).where(column.problem_id == problem_id, column.what == what)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return self._opened(row) if row is not None else None

    def all(self, what: str) -> dict[int, Assessment]:
        """problem id -> what was said of it."""
        query = select(tables.assessment).where(tables.assessment.c.what == what)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {row.problem_id: self._opened(row) for row in rows}

    def starting_with(self, prefix: str) -> list[Assessment]:
        """All whose name begins so."""
        query = select(tables.assessment).where(tables.assessment.c.what.startswith(prefix, autoescape=True))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [self._opened(row) for row in rows]

    def put(self, some: Sequence[Assessment]) -> None:
        """All of them or none; one of the same kind is replaced."""
        column = tables.assessment.c
        with self._database.write() as connection:
            for one in some:
                same = and_(column.problem_id == one.problem_id, column.what == one.what)
                connection.execute(delete(tables.assessment).where(same))
                connection.execute(
                    insert(tables.assessment).values(
                        problem_id=one.problem_id,
                        what=one.what,
                        told_by=one.told_by,
                        told_from=one.told_from,
                        sealed=self._cipher.seal(one.text, column=ASSESSMENT, row=f"{one.problem_id}:{one.what}"),
                        at=one.at,
                    )
                )

    def _opened(self, row: Row[Any]) -> Assessment:
        return Assessment(
            problem_id=row.problem_id,
            what=row.what,
            told_by=row.told_by,
            told_from=row.told_from,
            text=self._cipher.open(row.sealed, column=ASSESSMENT, row=f"{row.problem_id}:{row.what}"),
            at=row.at,
        )
