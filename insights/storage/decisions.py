"""Keep decisions: append-only, each with who, when and why; an undo is a decision, too."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from insights.domain.problem import Action, Column, Decision, State
from insights.storage import tables
from insights.storage.audit import AuditStore
from insights.storage.database import Database, take_ids

WHY = "decision.sealed"


class DecisionStore:
    """The latest decision that was not undone counts."""

    def __init__(self, database: Database, audit: AuditStore) -> None:
        self._database = database
        self._audit = audit
        self._cipher = database.cipher

    def of(self, problem_id: int, *, connection: Connection | None = None) -> list[Decision]:
        """All decisions on one problem, oldest first; as seen by the caller's transaction where there is one."""
        query = select(tables.decision).where(tables.decision.c.problem_id == problem_id)
        if connection is not None:
            return self._decisions(connection, query)
        with self._database.read() as own:
            return self._decisions(own, query)

    def since(self, moment: datetime | None) -> list[Decision]:
        """All decisions after a moment, oldest first."""
        query = select(tables.decision)
        if moment is not None:
            query = query.where(tables.decision.c.at > moment)
        with self._database.read() as connection:
            return self._decisions(connection, query)

    def last_standing(self, who: str, *, connection: Connection) -> list[Decision]:
        """The newest decision of a person that was not undone, with all that were made as one with it and stand; the
        oldest first. Part of the caller's transaction."""
        column = tables.decision.c
        undone = select(column.undoes).where(column.undoes.is_not(None))
        mine = select(tables.decision).where(
            column.who == who, column.action != Action.UNDO.value, column.id.not_in(undone)
        )
        return self._newest(connection, mine)

    def last_undone(self, who: str, *, connection: Connection) -> list[Decision]:
        """The newest undo of a person that was not taken back since the person decided anything new, with all that
        were made as one with it; the oldest first. Part of the caller's transaction."""
        column = tables.decision.c
        anew = select(func.coalesce(func.max(column.id), 0)).where(
            column.who == who, column.action != Action.UNDO.value, column.redoes.is_(None)
        )
        redone = select(column.redoes).where(column.redoes.is_not(None))
        undos = select(tables.decision).where(
            column.who == who,
            column.action == Action.UNDO.value,
            column.id > anew.scalar_subquery(),
            column.id.not_in(redone),
        )
        return self._newest(connection, undos)

    def by_ids(self, decision_ids: Iterable[int], *, connection: Connection | None = None) -> dict[int, Decision]:
        """decision id -> decision; as seen by the caller's transaction where there is one."""
        query = select(tables.decision).where(tables.decision.c.id.in_(set(decision_ids)))
        if connection is not None:
            return {one.id: one for one in self._decisions(connection, query)}
        with self._database.read() as own:
            return {one.id: one for one in self._decisions(own, query)}

    def new_batch(self, *, connection: Connection) -> int:
        """The number that decisions which are made as one share."""
        return take_ids(connection, "batch", count=1)[0]

    def append(self, decision: Decision, *, connection: Connection) -> Decision:
        """Write one decision and its entry in the audit log, with a new id: what it does to problems is the caller's
        part."""
        number = take_ids(connection, "decision", count=1)[0]
        row = {
            "id": number,
            "problem_id": decision.problem_id,
            "action": decision.action.value,
            "who": decision.who,
            "at": decision.at,
            "sealed": self._cipher.seal(decision.why, column=WHY, row=number) if decision.why else None,
            "until": decision.until,
            "undoes": decision.undoes,
            "state": decision.state.value if decision.state else None,
            "board_column": decision.column.value if decision.column else None,
            "place": decision.place,
            "batch": decision.batch,
            "redoes": decision.redoes,
        }
        connection.execute(insert(tables.decision).values(**row))
        action = decision.action.value if decision.redoes is None else "redo"
        facts = {"decision": number}
        self._audit.record(f"decision.{action}", f"P-{decision.problem_id}", facts=facts, connection=connection)
        return replace(decision, id=number)

    def _newest(self, connection: Connection, query: Select[Any]) -> list[Decision]:
        """The newest of them, or all of them that share its batch."""
        column = tables.decision.c
        row = connection.execute(query.order_by(column.id.desc()).limit(1)).first()
        if row is None or row.batch is None:
            return [self._decision(row)] if row else []
        return self._decisions(connection, query.where(column.batch == row.batch))

    def _decisions(self, connection: Connection, query: Any) -> list[Decision]:
        rows: Sequence[Row[Any]] = connection.execute(query.order_by(tables.decision.c.id)).all()
        return [self._decision(row) for row in rows]

    def _decision(self, row: Row[Any]) -> Decision:
        return Decision(
            id=row.id,
            problem_id=row.problem_id,
            action=Action(row.action),
            who=row.who,
            at=row.at,
            why=self._cipher.open(row.sealed, column=WHY, row=row.id) if row.sealed else None,
            until=row.until,
            undoes=row.undoes,
            state=State(row.state) if row.state else None,
            column=Column(row.board_column) if row.board_column else None,
            place=row.place,
            batch=row.batch,
            redoes=row.redoes,
        )
