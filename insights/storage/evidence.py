"""Read evidence as a person sees it: the words with who said them, where and when. Writes nothing."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from insights.domain.feedback import AccountMatch, Evidence, FeedbackKind, Quote
from insights.storage import tables
from insights.storage.customers import revenues_of
from insights.storage.database import Database
from insights.storage.feedback import REDACTED, SEALED, chunks


class EvidenceStore:
    """Words are those of the redacted copy."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def of_mentions(
        self, mention_ids: Sequence[int], *, revenues: Mapping[int, float | None] | None = None
    ) -> dict[int, Evidence]:
        """By mention id. `revenues` are what accounts pay a year, by id, where that is known already."""
        found: dict[int, Evidence] = {}
        for some in chunks(mention_ids):
            for evidence in self._mentions(tables.mention.c.id.in_(some), revenues):
                found[evidence.mention_id or 0] = evidence
        return found

    def of_problem(self, problem_id: int) -> list[Evidence]:
        """All mentions of a problem, nearest to its centre first."""
        found = self._mentions(tables.mention.c.problem_id == problem_id)
        return sorted(found, key=lambda evidence: (-(evidence.similarity or 0), evidence.mention_id or 0))

    def voices(self) -> dict[int, list[tuple[int, int | None]]]:
        """problem id -> (item, its account) of each item that it has a mention of, by item; of all problems at once,
        and no word is read."""
        mention = tables.mention.c
        query = (
            select(mention.problem_id, mention.feedback_id, tables.feedback.c.account_id)
            .select_from(tables.mention.join(tables.feedback))
            .where(mention.problem_id.is_not(None))
            .distinct()
            .order_by(mention.feedback_id)
        )
        found: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
        with self._database.read() as connection:
            for problem_id, item, account in connection.execute(query):
                found[problem_id].append((item, account))
        return found

    def of_quotes(self, quotes: Sequence[Quote]) -> list[Evidence]:
        """The quotes with their origin, in the order given; one whose item is gone is left out."""
        rows: dict[int, Row[Any]] = {}
        with self._database.read() as connection:
            for some in chunks([quote.feedback_id for quote in quotes]):
                query = _feedback_query().where(tables.feedback.c.id.in_(some))
                rows |= {row.feedback_id: row for row in connection.execute(query)}
            paid = _paid(rows.values(), connection)
        return [
            self._evidence(rows[quote.feedback_id], paid, start=quote.start, end=quote.end)
            for quote in quotes
            if quote.feedback_id in rows
        ]

    def _mentions(
        self, where: ColumnElement[bool], revenues: Mapping[int, float | None] | None = None
    ) -> list[Evidence]:
        with self._database.read() as connection:
            rows = connection.execute(_mention_query().where(and_(where))).all()
            paid = _paid(rows, connection) if revenues is None else revenues
        return [
            self._evidence(
                row,
                paid,
                start=row.start,
                end=row.end,
                mention_id=row.mention_id,
                problem_id=row.problem_id,
                similarity=row.similarity,
            )
            for row in rows
        ]

    def _evidence(
        self, row: Row[Any], paid: Mapping[int, float | None], *, start: int, end: int, **mention: Any
    ) -> Evidence:
        content = json.loads(self._cipher.open(row.sealed, column=SEALED, row=row.feedback_id))
        redacted = self._cipher.open(row.redacted, column=REDACTED, row=row.feedback_id)
        return Evidence(
            feedback_id=row.feedback_id,
            text=redacted[start:end],
            start=start,
            end=end,
            context=redacted,
            kind=FeedbackKind(row.kind),
            source=row.source,
            source_id=row.source_id,
            created_at=row.created_at,
            account_id=row.account_id,
            account_name=row.name or (content["account_hint"] or "").rpartition("\n")[2] or None,
            account_revenue=paid.get(row.account_id),
            account_is_certain=AccountMatch(row.account_match).is_certain,
            renewal_date=row.renewal_date,
            score=row.score,
            url=content["url"],
            is_order=row.is_order,
            **mention,
        )


_ORIGIN = (
    tables.feedback.c.id.label("feedback_id"),
    tables.feedback.c.kind,
    tables.feedback.c.source,
    tables.feedback.c.source_id,
    tables.feedback.c.created_at,
    tables.feedback.c.account_id,
    tables.feedback.c.account_match,
    tables.feedback.c.score,
    tables.feedback.c.sealed,
    tables.redaction.c.sealed.label("redacted"),
    tables.redaction.c.is_order,
    tables.account.c.name,
    tables.account.c.renewal_date,
)


def _paid(rows: Iterable[Row[Any]], connection: Connection) -> dict[int, float | None]:
    return revenues_of({row.account_id for row in rows if row.account_id is not None}, connection)


def _feedback_query() -> Any:
    return select(*_ORIGIN).select_from(
        tables.feedback.join(tables.redaction).outerjoin(
            tables.account, tables.feedback.c.account_id == tables.account.c.id
        )
    )


def _mention_query() -> Any:
    mention = tables.mention.c
    return select(
        *_ORIGIN,
        mention.id.label("mention_id"),
        mention.problem_id,
        mention.start,
        mention.end,
        mention.similarity,
    ).select_from(
        tables.mention.join(tables.feedback)
        .join(tables.redaction)
        .outerjoin(tables.account, tables.feedback.c.account_id == tables.account.c.id)
    )
