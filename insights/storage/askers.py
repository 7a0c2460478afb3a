"""Read who told of a problem, and in which words. Writes nothing."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from insights.domain.feedback import item_ref
from insights.storage import tables
from insights.storage.database import Database
from insights.storage.feedback import RANKED, REDACTED, SEALED


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One mention of a problem: its words in the redacted copy, and who said them when, as the source tells."""

    feedback_id: int
    ref: str
    words: str
    at: datetime
    name: str | None
    email: str | None
    account_id: int | None
    account: str | None
    url: str | None


class AskerStore:
    """Those who stated a problem or request; who praised, or gave orders to a machine, is not among them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def of_problem(self, problem_id: int) -> list[Asked]:
        """Every mention of it, the oldest first."""
        mention, item = tables.mention.c, tables.feedback.c
        query = (
            select(
                item.id,
                item.source,
                item.source_id,
                item.created_at,
                item.account_id,
                item.sealed,
                mention.start,
                mention.end,
                tables.redaction.c.sealed.label("redacted"),
                tables.account.c.name,
            )
            .select_from(
                tables.mention.join(tables.feedback)
                .join(tables.redaction)
                .outerjoin(tables.account, item.account_id == tables.account.c.id)
            )
            .where(mention.problem_id == problem_id, mention.stance.in_(RANKED), tables.redaction.c.is_order.is_(False))
            .order_by(item.created_at, mention.id)
        )
        with self._database.read() as connection:
            return [self._asked(row) for row in connection.execute(query)]

    def _asked(self, row: Any) -> Asked:
        content = json.loads(self._cipher.open(row.sealed, column=SEALED, row=row.id))
        redacted = self._cipher.open(row.redacted, column=REDACTED, row=row.id)
        return Asked(
            feedback_id=row.id,
            ref=item_ref(row.source, row.source_id),
            words=redacted[row.start : row.end],
            at=row.created_at,
            name=content["author_name"] or None,
            email=content["author_email"] or None,
            account_id=row.account_id,
            account=row.name or (content["account_hint"] or "").rpartition("\n")[2] or None,
            url=content["url"],
        )
