"""Keep decisions: append-only, each with who, when and why; an undo is a decision, too."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from insights.domain.problem import Action, Decision, State
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.problems import touch

WHY = "decision.sealed"


class DecisionStore:
    """The latest decision that was not undone counts."""

    def __init__(self, database: Database) -> None:
        self._database = database
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

    def last_standing(self, who: str) -> Decision | None:
        """The newest decision of a person that was not undone."""
        column = tables.decision.c
        undone = select(column.undoes).where(column.undoes.is_not(None))
        query = select(tables.decision).where(
            column.who == who, column.action != Action.UNDO.value, column.id.not_in(undone)
        )
        with self._database.read() as connection:
            row = connection.execute(query.order_by(column.id.desc()).limit(1)).first()
        return self._decision(row) if row else None

    def add(
        self,
        problem_id: int,
        *,
        action: Action,
        who: str,
        at: datetime,
        state: State,
        seen_version: int,
        why: str | None = None,
        until: date | None = None,
        undoes: int | None = None,
    ) -> Decision:
        """Append a decision and fold it into the problem, in one step; `state` is what it makes of the problem,
        snoozed until `until`. Raises InsightsError where someone else was first."""
        with self._database.write() as connection:
            touch(
                connection,
                problem_id,
                seen_version=seen_version,
                values={"state": state.value, "snoozed_until": until},
            )
            decision = Decision(
                id=0,
                problem_id=problem_id,
                action=action,
                who=who,
                at=at,
                why=why,
                until=until,
                undoes=undoes,
                state=state,
            )
            return self.append(decision, connection=connection)

    def append(self, decision: Decision, *, connection: Connection) -> Decision:
        """Write one decision and nothing else, with a new id: what it does to problems is the caller's part."""
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
        }
        connection.execute(insert(tables.decision).values(**row))
        return replace(decision, id=number)

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
        )
