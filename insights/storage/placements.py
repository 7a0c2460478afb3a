"""Read where mentions stand, how they came there, and which ones have no problem. Writes nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, select

from insights.domain.correction import PERSON
from insights.domain.feedback import Stance
from insights.domain.placement import OUT, UNTOLD, Placement, Waiting
from insights.storage import tables
from insights.storage.also import AlsoStore
from insights.storage.database import Database
from insights.storage.feedback import RANKED, REDACTED, chunks, number_of
from insights.storage.merges import heirs_in


class PlacementStore:
    """Words are those of the redacted copy; problems merged since stand under their heir."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def of_item(self, feedback_id: int) -> list[Placement]:
        """The mentions of an item in the order of its text."""
        mention = tables.mention
        query = (
            select(mention, tables.feedback.c.created_at, tables.redaction.c.sealed)
            .select_from(mention.join(tables.feedback).join(tables.redaction))
            .where(mention.c.feedback_id == feedback_id)
            .order_by(mention.c.start, mention.c.id)
        )
        with self._database.read() as connection:
            heirs = heirs_in(connection)
            rows = connection.execute(query).all()
            found = [_placement(row, self._words(row), heirs) for row in rows]
            found = [replace(one, nearer_than=_nearer_than(connection, one)) for one in found]
        also = AlsoStore(self._database).of_item(feedback_id)
        return [replace(one, also=also.get(one.mention_id, ())) for one in found]

    def items_of(self, mention_ids: Sequence[int]) -> dict[int, int]:
        """mention id -> the item that it is in, for those that are still there."""
        column = tables.mention.c
        found: dict[int, int] = {}
        with self._database.read() as connection:
            for some in chunks(mention_ids):
                query = select(column.id, column.feedback_id).where(column.id.in_(some))
                found |= {row[0]: row[1] for row in connection.execute(query)}
        return found

    def waiting(self) -> list[Waiting]:
        """What no problem holds though it states a problem or request, by reason, the most first."""
        mention = tables.mention.c
        query = select(_REASON, func.count(), func.count(mention.feedback_id.distinct())).where(_waits())
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(_REASON)).all()
        return sorted((Waiting(*row) for row in rows), key=lambda one: (-one.mentions, one.reason))

    def items_waiting(self) -> int:
        """Items of which a mention waits."""
        query = select(func.count(tables.mention.c.feedback_id.distinct())).where(_waits())
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def ranked(self) -> int:
        """Mentions that state a problem or request."""
        with self._database.read() as connection:
            return number_of(connection, tables.mention, tables.mention.c.stance.in_(RANKED))

    def newest_waiting(self, limit: int) -> list[tuple[int, str]]:
        """Up to `limit` mentions that wait, each with its reason, the newest item first."""
        query = (
            select(tables.mention.c.id, _REASON)
            .select_from(tables.mention.join(tables.feedback))
            .where(_waits())
            .order_by(tables.feedback.c.created_at.desc(), tables.mention.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def _words(self, row: Row[Any]) -> str:
        return self._cipher.open(row.sealed, column=REDACTED, row=row.feedback_id)[row.start : row.end]


def _plain(word: str) -> ColumnElement[str]:
    """Written into the query: PostgreSQL takes two bound values in SELECT and GROUP BY for two expressions."""
    return literal(word, literal_execute=True)


_REASON: ColumnElement[str] = case(
    (tables.mention.c.waits.is_not(None), tables.mention.c.waits),
    (tables.mention.c.placed_by == _plain(PERSON), _plain(OUT)),
    else_=_plain(UNTOLD),
)


def _waits() -> ColumnElement[bool]:
    column = tables.mention.c
    return and_(column.stance.in_(RANKED), column.problem_id.is_(None), column.grouped_in.is_not(None))


def _nearer_than(connection: Connection, one: Placement) -> float | None:
    """None where nothing was compared, or nothing is there to compare with."""
    if one.problem_id is None or one.similarity is None:
        return None
    column = tables.mention.c
    others = and_(column.problem_id == one.problem_id, column.similarity.is_not(None), column.id != one.mention_id)
    count = number_of(connection, tables.mention, others)
    further = number_of(connection, tables.mention, and_(others, column.similarity < one.similarity))
    return further / count if count else None


def _placement(row: Row[Any], words: str, heirs: dict[int, int]) -> Placement:
    waits = row.problem_id is None and row.grouped_in is not None and Stance(row.stance).is_ranked
    return Placement(
        mention_id=row.id,
        feedback_id=row.feedback_id,
        text=words,
        stance=Stance(row.stance),
        confidence=row.confidence,
        created_at=row.created_at,
        is_new=row.grouped_in is None,
        told_by=row.told_by,
        problem_id=row.problem_id,
        similarity=row.similarity,
        placed_by=row.placed_by,
        waits=(row.waits or (OUT if row.placed_by == PERSON else UNTOLD)) if waits else None,
        runner_up=heirs.get(row.runner_up, row.runner_up),
        runner_similarity=row.runner_similarity,
        copy_of=row.copy_of,
    )
