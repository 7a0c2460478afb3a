"""Keep mentions: the spans of items that are embedded and grouped, and which of them have a vector."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from insights.domain.feedback import FeedbackKind, Mention, Stance
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.feedback import RANKED, REDACTED, chunks, number_of


@dataclass(frozen=True, slots=True)
class Span:
    """A mention before it has an id."""

    start: int
    end: int
    stance: Stance
    confidence: float


class MentionStore:
    """A mention's words are the redacted copy's own: only where they begin and end is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def save(self, spans: Mapping[int, Sequence[Span]]) -> None:
        """feedback id -> its mentions, and the items are marked as split, in one step."""
        with self._database.write() as connection:
            present = _waiting(connection, list(spans))
            flat = [(number, span) for number, some in spans.items() if number in present for span in some]
            if flat:
                ids = take_ids(connection, "mention", count=len(flat))
                rows = [
                    {
                        "id": mention_id,
                        "feedback_id": number,
                        "start": span.start,
                        "end": span.end,
                        "stance": span.stance.value,
                        "confidence": span.confidence,
                    }
                    for mention_id, (number, span) in zip(ids, flat, strict=True)
                ]
                connection.execute(insert(tables.mention), rows)
            for some in chunks(list(spans)):
                connection.execute(
                    update(tables.redaction).where(tables.redaction.c.feedback_id.in_(some)).values(is_split=True)
                )

    # -- embed ------------------------------------------------------------------------------------------------

    def count_unembedded(self, fingerprint: str) -> int:
        return self._count(_unembedded(fingerprint))

    def count_embedded(self, fingerprint: str | None = None) -> int:
        """Mentions that have a vector by this embedder, or by any, as far as the database knows."""
        column = tables.mention.c.embedded_by
        return self._count(column.is_not(None) if fingerprint is None else column == fingerprint)

    def unembedded(self, fingerprint: str, *, limit: int) -> list[Mention]:
        """Mentions worth a vector that have none by this embedder."""
        return self._load(_unembedded(fingerprint), limit=limit)

    def mark_embedded(self, mention_ids: Sequence[int], *, fingerprint: str) -> None:
        with self._database.write() as connection:
            for some in chunks(mention_ids):
                connection.execute(
                    update(tables.mention).where(tables.mention.c.id.in_(some)).values(embedded_by=fingerprint)
                )

    def forget_embeddings(self) -> None:
        """All mentions are to be embedded anew: the embedder changed, or the vectors are to be rebuilt."""
        with self._database.write() as connection:
            connection.execute(update(tables.mention).values(embedded_by=None))

    def gone_vectors(self) -> list[int]:
        with self._database.read() as connection:
            return list(connection.execute(select(tables.gone_vector.c.mention_id)).scalars())

    def vectors_deleted(self, mention_ids: Sequence[int]) -> None:
        with self._database.write() as connection:
            for some in chunks(mention_ids):
                connection.execute(delete(tables.gone_vector).where(tables.gone_vector.c.mention_id.in_(some)))

    # -- reading ----------------------------------------------------------------------------------------------

    def ranked(self) -> list[Mention]:
        """All embedded mentions that state a problem or request, by id."""
        return self._load(_is_ranked())

    def by_problem(self) -> dict[int, list[Mention]]:
        """problem id -> its mentions that are embedded, by id."""
        members: dict[int, list[Mention]] = defaultdict(list)
        for mention, problem in self._with_problems(and_(_is_ranked(), tables.mention.c.problem_id.is_not(None))):
            if problem is not None:
                members[problem].append(mention)
        return members

    def get(self, mention_ids: Sequence[int]) -> list[Mention]:
        found: list[Mention] = []
        for some in chunks(mention_ids):
            found += self._load(tables.mention.c.id.in_(some))
        return found

    def _load(self, where: ColumnElement[bool], *, limit: int | None = None) -> list[Mention]:
        return [mention for mention, _ in self._with_problems(where, limit=limit)]

    def _with_problems(
        self, where: ColumnElement[bool], *, limit: int | None = None
    ) -> list[tuple[Mention, int | None]]:
        """Mentions by id, each with the problem it belongs to."""
        query = (
            select(
                tables.mention,
                tables.feedback.c.created_at,
                tables.feedback.c.account_id,
                tables.feedback.c.score,
                tables.feedback.c.kind,
                tables.redaction.c.sealed,
            )
            .select_from(tables.mention.join(tables.feedback).join(tables.redaction))
            .where(where)
            .order_by(tables.mention.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        texts = {row.feedback_id: row.sealed for row in rows}
        opened = {number: self._cipher.open(sealed, column=REDACTED, row=number) for number, sealed in texts.items()}
        return [(_mention(row, opened[row.feedback_id]), row.problem_id) for row in rows]

    def _count(self, where: ColumnElement[bool]) -> int:
        with self._database.read() as connection:
            return number_of(connection, tables.mention, where)


def _is_ranked() -> ColumnElement[bool]:
    return and_(tables.mention.c.stance.in_(RANKED), tables.mention.c.embedded_by.is_not(None))


def _unembedded(fingerprint: str) -> ColumnElement[bool]:
    column = tables.mention.c
    missing = or_(column.embedded_by.is_(None), column.embedded_by != fingerprint)
    return and_(column.stance != Stance.NOISE.value, missing)


def _waiting(connection: Connection, feedback_ids: Sequence[int]) -> set[int]:
    """Those whose redacted copy still waits to be split: an item that changed meanwhile has none, or another."""
    found: set[int] = set()
    for some in chunks(feedback_ids):
        query = select(tables.redaction.c.feedback_id).where(
            tables.redaction.c.feedback_id.in_(some), tables.redaction.c.is_split.is_(False)
        )
        found |= set(connection.execute(query).scalars())
    return found


def _mention(row: Row[Any], redacted: str) -> Mention:
    return Mention(
        id=row.id,
        feedback_id=row.feedback_id,
        text=redacted[row.start : row.end],
        stance=Stance(row.stance),
        created_at=row.created_at,
        start=row.start,
        confidence=row.confidence,
        account_id=row.account_id,
        score=row.score,
        kind=FeedbackKind(row.kind),
    )
