"""Keep which batches of questions are at a model's server, until their answers are collected. No words of anybody are
here: a question is told by the key of its answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Row, delete, insert, select

from insights.storage import tables
from insights.storage.calls import Call, CallStore
from insights.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBatch:
    """Questions that a server answers together. `marker` is ours and stands in the batch's metadata; `id` is the
    server's, None until it has said that it took the batch. `output` names the answers' type, `prompt` file and
    version. `canaries` has for each answer's key the word that the answer must not hold; `usd` is the most that all
    may cost."""

    marker: str
    server: str
    model: str
    stage: str
    prompt: str
    output: str
    canaries: Mapping[str, str]
    usd: float
    sent_at: datetime
    id: str | None = None


class BatchStore:
    """A batch is put down before it is sent: one that was sent and never acknowledged can be looked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._calls = CallStore(database)

    def begin(self, batch: SentBatch) -> None:
        """Put down a batch that is about to be sent."""
        with self._database.write() as connection:
            connection.execute(insert(tables.model_batch).values(**_values(batch)))

    def acknowledge(self, batch: SentBatch, *, id: str) -> SentBatch:  # noqa: A002 - the server's word
        """The server has taken it under this id. It counts even where somebody has forgotten the batch meanwhile."""
        known = replace(batch, id=id)
        with self._database.write() as connection:
            connection.execute(_forget(batch))
            connection.execute(insert(tables.model_batch).values(**_values(known)))
        return known

    def under_way(self, *, server: str, model: str) -> list[SentBatch]:
        """Those sent and not ended, oldest first."""
        column = tables.model_batch.c
        query = select(tables.model_batch).where(column.server == server, column.model == model)
        with self._database.read() as connection:
            return [_batch(row) for row in connection.execute(query.order_by(column.sent_at, column.id))]

    def end(self, batch: SentBatch, *, calls: Sequence[Call] = ()) -> None:
        """Forget a batch and, in the same step, put down the calls that gave no answer: they are counted once."""
        with self._database.write() as connection:
            for call in calls:
                self._calls.add(call, connection=connection)
            connection.execute(_forget(batch))


def _forget(batch: SentBatch) -> Delete:
    return delete(tables.model_batch).where(tables.model_batch.c.id == (batch.id or batch.marker))


def _values(batch: SentBatch) -> dict[str, Any]:
    told = {name: getattr(batch, name) for name in ("marker", "stage", "prompt", "output", "usd")}
    return {
        "id": batch.id or batch.marker,
        "server": batch.server,
        "model": batch.model,
        "keys": json.dumps({**told, "keys": dict(batch.canaries)}),
        "sent_at": batch.sent_at,
    }


def _batch(row: Row[Any]) -> SentBatch:
    told = json.loads(row.keys)
    return SentBatch(
        marker=told["marker"],
        server=row.server,
        model=row.model,
        stage=told["stage"],
        prompt=told["prompt"],
        output=told["output"],
        canaries=told["keys"],
        usd=told["usd"],
        sent_at=row.sent_at,
        id=row.id if row.id != told["marker"] else None,
    )
