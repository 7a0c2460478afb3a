"""Keep runs, what models answered, and how far each source was read."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from insights.domain.run import Run, RunStatus
from insights.errors import ExitCode, InsightsError
from insights.storage import tables
from insights.storage.calls import Call, CallStore
from insights.storage.database import Database, take_ids

ANSWER = "answer.sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """A model's answer, kept so that it is paid once. `key` stands for prompt, model, parameters and schema."""

    key: str
    prompt: str
    model: str
    text: str
    tokens_in: int
    tokens_out: int
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How far a source was read, when it was read to its end last, and what went wrong since: when, why, what to do,
    and whether it is the login. `swept_at` is when its deletions were looked for."""

    source: str
    state: dict[str, Any]
    read_at: datetime | None = None
    error: str | None = None
    remedy: str | None = None
    failed_at: datetime | None = None
    needs_login: bool = False
    swept_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What is kept of a source: `kind` of one row of it, how many rows, and the days (since 1970-01-01) on which items
    of it were written; none where it delivers no feedback."""

    kind: str
    rows: int
    days: frozenset[int] = field(default_factory=frozenset)


class RunStore:
    """A run exists before its work starts; its row is the record of what the night did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, *, mode: str, at: datetime) -> Run:
        """A new run. One left running was stopped: its process is gone, for the caller holds the run's lock."""
        with self._database.write() as connection:
            column = tables.run.c
            connection.execute(
                update(tables.run)
                .where(column.status == RunStatus.RUNNING.value)
                .values(status=RunStatus.STOPPED.value)
            )
            number = take_ids(connection, "run", count=1)[0]
            run = Run(id=number, started_at=at, status=RunStatus.RUNNING, mode=mode)
            connection.execute(insert(tables.run).values(**_row(run)))
        return run

    def save(self, run: Run) -> None:
        with self._database.write() as connection:
            connection.execute(update(tables.run).where(tables.run.c.id == run.id).values(**_row(run)))

    def get(self, number: int | None = None) -> Run:
        """One run, or the newest. Raises InsightsError where there is none."""
        column = tables.run.c
        query = select(tables.run).order_by(column.id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query if number is None else query.where(column.id == number)).first()
        if row is None:
            raise InsightsError(
                f"There is no run {number}." if number is not None else "There was no run yet.",
                remedy="`insights runs` lists those there are."
                if number is not None
                else "Start one: insights analyze",
                exit_code=ExitCode.USAGE,
            )
        return _run(row)

    def recent(self, limit: int = 20) -> list[Run]:
        """Newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.run).order_by(tables.run.c.id.desc()).limit(limit))
            return [_run(row) for row in rows]


@dataclass(slots=True)
class _Waiting:
    """A sealed row of an answer that a thread wants kept, with its entry for the ledger, and what became of them."""

    row: dict[str, Any]
    call: Call | None
    is_written: bool = False
    failure: BaseException | None = None


class AnswerStore:
    """Model answers by key, sealed. May be used from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher
        self._calls = CallStore(database)
        self._waiting: list[_Waiting] = []
        self._lock = Lock()
        self._writing = Lock()

    def get(self, key: str) -> StoredAnswer | None:
        with self._database.read() as connection:
            row = connection.execute(select(tables.answer).where(tables.answer.c.key == key)).first()
        if row is None:
            return None
        return StoredAnswer(
            key=key,
            prompt=row.prompt,
            model=row.model,
            text=self._cipher.open(row.sealed, column=ANSWER, row=key),
            tokens_in=row.tokens_in,
            tokens_out=row.tokens_out,
            usd=row.usd,
        )

    def put(self, answer: StoredAnswer, *, run_id: int | None = None, call: Call | None = None) -> None:
        """Keep an answer and, in the same step, the ledger's entry of the call that gave it.

        What threads bring while another one writes is written in one step by the next of them: each on its own would
        wait for the disk as often as there are threads, and what is not kept when the process dies is paid twice.
        """
        mine = _Waiting(self._row(answer, run_id=run_id), call)
        with self._lock:
            self._waiting.append(mine)
        with self._writing:
            if not mine.is_written and mine.failure is None:
                self._write_waiting()
        if mine.failure is not None:
            raise mine.failure

    def _row(self, answer: StoredAnswer, *, run_id: int | None) -> dict[str, Any]:
        return {
            "key": answer.key,
            "run_id": run_id,
            "prompt": answer.prompt,
            "model": answer.model,
            "sealed": self._cipher.seal(answer.text, column=ANSWER, row=answer.key),
            "tokens_in": answer.tokens_in,
            "tokens_out": answer.tokens_out,
            "usd": answer.usd,
            "at": datetime.now(UTC),
        }

    def _write_waiting(self) -> None:
        """All of them or none: what the database refuses, it refuses all of them."""
        with self._lock:
            together, self._waiting = self._waiting, []
        try:
            with self._database.write() as connection:
                for one in together:
                    self._write(one, connection)
        except BaseException as failure:  # raised again in each thread that waits
            for one in together:
                one.failure = failure
            return
        for one in together:
            one.is_written = True

    def _write(self, waiting: _Waiting, connection: Connection) -> None:
        if waiting.call is not None:
            self._calls.add(waiting.call, connection=connection)
        connection.execute(delete(tables.answer).where(tables.answer.c.key == waiting.row["key"]))
        connection.execute(insert(tables.answer).values(**waiting.row))


class SourceStore:
    """States are written in the transaction that writes the page they belong to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, source: str) -> SourceState:
        with self._database.read() as connection:
            query = select(tables.source_state).where(tables.source_state.c.source == source)
            row = connection.execute(query).first()
        if row is None:
            return SourceState(source=source, state={})
        return _source_state(row)

    def put(self, state: SourceState, *, connection: Connection) -> None:
        """Part of the caller's transaction."""
        connection.execute(delete(tables.source_state).where(tables.source_state.c.source == state.source))
        connection.execute(insert(tables.source_state).values({**asdict(state), "state": json.dumps(state.state)}))

    def put_state(self, source: str, state: dict[str, Any], *, connection: Connection) -> None:
        """How far it was read; what is known of it otherwise stays. Part of the caller's transaction."""
        own = tables.source_state.c.source == source
        text = json.dumps(state)
        if not connection.execute(update(tables.source_state).where(own).values(state=text)).rowcount:
            connection.execute(insert(tables.source_state).values(source=source, state=text))

    def all(self) -> list[SourceState]:
        with self._database.read() as connection:
            rows = connection.execute(select(tables.source_state).order_by(tables.source_state.c.source))
            return [_source_state(row) for row in rows]

    def note_read(self, source: str, at: datetime) -> None:
        """It was read to its end, though it may have brought nothing; nothing is wrong with it."""
        well = {"error": None, "remedy": None, "failed_at": None, "needs_login": False}
        self._note(source, {**well, "read_at": at})

    def note_failed(
        self, source: str, at: datetime, *, error: str, remedy: str = "", needs_login: bool = False
    ) -> None:
        """It could not be read; how far it was read stays."""
        self._note(source, {"error": error, "remedy": remedy, "failed_at": at, "needs_login": needs_login})

    def note_login(self, source: str) -> None:
        """A login of it is taken: it may be read again, where the want of one was what kept it from that."""
        column = tables.source_state.c
        known = {"error": None, "remedy": None, "failed_at": None, "needs_login": False}
        with self._database.write() as connection:
            connection.execute(
                update(tables.source_state).where(column.source == source, column.needs_login).values(**known)
            )

    def note_swept(self, source: str, at: datetime) -> None:
        """Its deletions were looked for."""
        self._note(source, {"swept_at": at})

    def _note(self, source: str, values: dict[str, Any]) -> None:
        column = tables.source_state.c
        with self._database.write() as connection:
            changed = connection.execute(update(tables.source_state).where(column.source == source).values(values))
            if not changed.rowcount:
                connection.execute(insert(tables.source_state).values(source=source, state="{}", **values))

    def delivered(self) -> dict[str, Delivered]:
        """What is kept of every source, by its name."""
        with self._database.read() as connection:
            found = _rows_of_customers(connection)
            column = tables.feedback.c
            query = select(column.source, column.day, func.count()).group_by(column.source, column.day)
            days: dict[str, dict[int, int]] = {}
            for source, day, count in connection.execute(query):
                days.setdefault(source, {})[day] = count
            for source, counts in days.items():
                kind = connection.execute(select(column.kind).where(column.source == source).limit(1)).scalar_one()
                found[source] = Delivered(kind=kind, rows=sum(counts.values()), days=frozenset(counts))
        return found


def _source_state(row: Row[Any]) -> SourceState:
    return SourceState(**{**row._mapping, "state": json.loads(row.state)})


def _rows_of_customers(connection: Connection) -> dict[str, Delivered]:
    """Accounts, deals, subscriptions and departures by source."""
    found: dict[str, Delivered] = {}
    for table in (tables.account, tables.deal, tables.subscription, tables.departure):
        query = select(table.c.source, func.count()).group_by(table.c.source)
        found |= {source: Delivered(kind=table.name, rows=count) for source, count in connection.execute(query)}
    return found


def _row(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "status": run.status.value,
        "stage": run.stage,
        "mode": run.mode,
        "counts": json.dumps(run.counts),
        "spend_usd": run.spend_usd,
        "failures": json.dumps(run.failures),
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        started_at=row.started_at,
        finished_at=row.finished_at,
        status=RunStatus(row.status),
        stage=row.stage,
        mode=row.mode,
        counts=json.loads(row.counts),
        spend_usd=row.spend_usd,
        failures=tuple(json.loads(row.failures)),
    )
