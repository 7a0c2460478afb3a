"""Count what waits, and what calls to models took, for whoever watches a workspace. No words are read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from insights.domain.feedback import Stance
from insights.storage import tables
from insights.storage.calls import CallTotals, totals_of
from insights.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for one step: how much, and since when the oldest of it; None where nothing does."""

    name: str
    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    """One call to a model, when it had ended; `number` grows from call to call."""

    number: int
    at: datetime
    stage: str
    model: str
    prompt: str
    outcome: str
    tokens_in: int
    tokens_out: int
    usd: float
    seconds: float


class MeasureStore:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def calls(self, *, since: datetime | None = None) -> list[CallTotals]:
        """By stage, model, prompt and outcome; of all time where no moment is given."""
        column = tables.model_call.c
        keys = (column.stage, column.model, column.prompt, column.outcome)
        sums = (func.count(), *map(func.sum, (column.tokens_in, column.tokens_out, column.usd, column.seconds)))
        query = select(*keys, *sums).group_by(*keys).order_by(*keys)
        with self._database.read() as connection:
            rows = connection.execute(query if since is None else query.where(column.at >= since))
            return [totals_of(row) for row in rows]

    def calls_after(self, number: int, *, run_id: int) -> list[EndedCall]:
        """Calls of one run, each on its own, in the order in which they ended."""
        column = tables.model_call.c
        names = ("at", "stage", "model", "prompt", "outcome", "tokens_in", "tokens_out", "usd", "seconds")
        wanted = [column.id.label("number"), *(column[name] for name in names)]
        query = select(*wanted).where(column.id > number, column.run_id == run_id).order_by(column.id)
        with self._database.read() as connection:
            return [EndedCall(**row._mapping) for row in connection.execute(query)]

    def queues(self, *, fingerprint: str | None) -> list[Queue]:
        """Items without a redacted copy, redacted ones not split, mentions without a vector of the embedder of this
        fingerprint (of any, where it is None), issues sent without an answer, batches with a model's server."""
        redaction, feedback = tables.redaction.c, tables.feedback
        protected = feedback.outerjoin(tables.redaction)
        mentions = tables.mention.join(feedback)
        received = feedback.c.received_at
        return [
            self._queue("unprotected", redaction.feedback_id.is_(None), received, protected),
            self._queue("unsplit", redaction.is_split.is_(False), received, protected),
            self._queue("unembedded", _unembedded(fingerprint), received, mentions),
            self._queue("filings", None, tables.filing.c.begun_at, tables.filing),
            self._queue("batches", None, tables.model_batch.c.sent_at, tables.model_batch),
        ]

    def _queue(self, name: str, where: ColumnElement[bool] | None, moment: Any, source: Any) -> Queue:
        query = select(func.count(), func.min(moment)).select_from(source)
        with self._database.read() as connection:
            count, since = connection.execute(query if where is None else query.where(where)).one()
        return Queue(name=name, count=int(count), since=since)

    def problems_by_state(self) -> dict[str, int]:
        column = tables.problem.c
        with self._database.read() as connection:
            rows = connection.execute(select(column.state, func.count()).group_by(column.state))
            return {state: int(count) for state, count in rows}

    def items_by_source(self) -> list[tuple[str, str, int, datetime, datetime, int]]:
        """Source, kind, items, the first and last date of them, and how many have an account."""
        column = tables.feedback.c
        query = (
            select(
                column.source,
                column.kind,
                func.count(),
                func.min(column.created_at),
                func.max(column.created_at),
                func.count(column.account_id),
            )
            .group_by(column.source, column.kind)
            .order_by(column.source, column.kind)
        )
        with self._database.read() as connection:
            return [tuple(row) for row in connection.execute(query)]


def _unembedded(fingerprint: str | None) -> ColumnElement[bool]:
    """As `embed` takes them."""
    column = tables.mention.c
    missing: ColumnElement[bool] = column.embedded_by.is_(None)
    if fingerprint is not None:
        missing = or_(missing, column.embedded_by != fingerprint)
    return and_(column.stance != Stance.NOISE.value, missing)
