"""Keep what every call to a model took: by run, stage, model and prompt. No words of anybody are here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from insights.storage import tables
from insights.storage.database import Database, take_ids

RECALLED = "recalled"
"""The outcome of a question that was answered, and paid, before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question to one model. `outcome` is "answered", "recalled" or what went wrong; `prompt` is name and version;
    `seconds` runs from the first byte sent to the last received."""

    run_id: int | None
    stage: str
    model: str
    prompt: str
    outcome: str
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTotals:
    """Calls of one stage, model, prompt and outcome in a run, with what they took in all."""

    stage: str
    model: str
    prompt: str
    outcome: str
    calls: int
    tokens_in: int
    tokens_out: int
    usd: float
    seconds: float


class CallStore:
    """The ledger: rows are added, never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, call: Call, *, connection: Connection | None = None) -> None:
        """Part of the caller's transaction, or one of its own."""
        with self._database.write_in(connection) as own:
            number = take_ids(own, "model_call", count=1)[0]
            own.execute(
                insert(tables.model_call).values(
                    id=number,
                    run_id=call.run_id,
                    stage=call.stage,
                    model=call.model,
                    prompt=call.prompt,
                    outcome=call.outcome,
                    tokens_in=call.tokens_in,
                    tokens_out=call.tokens_out,
                    usd=call.usd,
                    seconds=call.seconds,
                    at=datetime.now(UTC),
                )
            )

    def of_run(self, run_id: int) -> list[CallTotals]:
        """By stage, model, prompt and outcome, in the order in which they were first asked."""
        column = tables.model_call.c
        keys = (column.stage, column.model, column.prompt, column.outcome)
        sums = (func.count(), *map(func.sum, (column.tokens_in, column.tokens_out, column.usd, column.seconds)))
        query = select(*keys, *sums).where(column.run_id == run_id).group_by(*keys).order_by(func.min(column.id))
        with self._database.read() as connection:
            return [totals_of(row) for row in connection.execute(query)]

    def spent_usd(self, *, since: datetime) -> float:
        """What all calls since then cost."""
        column = tables.model_call.c
        query = select(func.coalesce(func.sum(column.usd), 0.0)).where(column.at >= since)
        with self._database.read() as connection:
            return float(connection.execute(query).scalar_one())


def month_of(moment: datetime) -> datetime:
    """When the calendar month began, UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def totals_of(row: Row[Any]) -> CallTotals:
    """A row of stage, model, prompt, outcome, calls, tokens in and out, dollars and seconds."""
    stage, model, prompt, outcome, calls, tokens_in, tokens_out, usd, seconds = tuple(row)
    return CallTotals(
        stage=stage,
        model=model,
        prompt=prompt,
        outcome=outcome,
        calls=int(calls),
        tokens_in=int(tokens_in),
        tokens_out=int(tokens_out),
        usd=float(usd),
        seconds=float(seconds),
    )
