"""Keep what was shipped, and what had been predicted of it.

A prediction is the estimate at the time of acceptance, before anyone knows better. The first one stays, whatever later
runs make of the estimate; only accepting the problem anew replaces it. Taking back an acceptance leaves it: it is what
was believed then.
"""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select

from insights.domain.estimate import Estimate, estimate_from_json, estimate_to_json
from insights.domain.feedback import FeedbackKind
from insights.domain.problem import Decision, Standing, State
from insights.domain.shipment import Prediction, Shipment, Told
from insights.storage import tables
from insights.storage.database import Database
from insights.storage.decisions import DecisionStore
from insights.storage.feedback import RANKED
from insights.storage.merges import heirs_in
from insights.storage.problems import touch, values_of


class ShipmentStore:
    """A shipment belongs to the decision that recorded it and counts while that stands."""

    def __init__(self, database: Database, decisions: DecisionStore) -> None:
        self._database = database
        self._decisions = decisions

    def decide(
        self,
        decision: Decision,
        *,
        seen_version: int,
        shipped_on: date,
        weeks: float | None = None,
        predicted: Estimate | None = None,
    ) -> Decision:
        """Append a shipment, with what was predicted where nothing was before, in one step. Raises Conflict where
        somebody else was first."""
        values = values_of(Standing(state=State.SHIPPED))
        with self._database.write() as connection:
            touch(connection, decision.problem_id, seen_version=seen_version, values=values)
            made = self._decisions.append(decision, connection=connection)
            self.save_shipment(made.id, shipped_on, weeks, connection=connection)
            if predicted is not None:
                self.save_prediction(made.problem_id, predicted, made.at, connection=connection)
        return made

    def save_shipment(self, decision_id: int, shipped_on: date, weeks: float | None, *, connection: Connection) -> None:
        """Part of the caller's transaction."""
        row = {"decision_id": decision_id, "shipped_on": shipped_on, "weeks": weeks}
        connection.execute(insert(tables.shipment).values(**row))

    def copy_shipment(self, decision_id: int, *, to: int, connection: Connection) -> None:
        """What one decision recorded, another records, too; part of the caller's transaction."""
        column = tables.shipment.c
        query = select(column.shipped_on, column.weeks).where(column.decision_id == decision_id)
        for row in connection.execute(query).all():
            self.save_shipment(to, row.shipped_on, row.weeks, connection=connection)

    def save_prediction(
        self, problem_id: int, estimate: Estimate, at: datetime, *, connection: Connection, anew: bool = False
    ) -> None:
        """Part of the caller's transaction. One that is there stays, unless it is to be made `anew`."""
        own = tables.prediction.c.problem_id == problem_id
        if anew:
            connection.execute(delete(tables.prediction).where(own))
        elif connection.execute(select(tables.prediction.c.problem_id).where(own)).first() is not None:
            return
        row = {"problem_id": problem_id, "made_at": at, "estimate": estimate_to_json(estimate)}
        connection.execute(insert(tables.prediction).values(**row))

    def shipped(self) -> dict[int, Shipment]:
        """problem id -> its latest release that was not taken back, for problems that stand as shipped. A problem that
        was merged counts for its heir where that is shipped by it."""
        decision, shipment = tables.decision.c, tables.shipment.c
        undone = select(decision.undoes).where(decision.undoes.is_not(None))
        query = (
            select(decision.problem_id, decision.who, decision.at, *tables.shipment.c)
            .join_from(tables.shipment, tables.decision, shipment.decision_id == decision.id)
            .where(decision.id.not_in(undone))
            .order_by(decision.id)
        )
        with self._database.read() as connection:
            heirs = heirs_in(connection)
            shipped = tables.problem.c.state == State.SHIPPED.value
            standing = set(connection.execute(select(tables.problem.c.id).where(shipped)).scalars())
            found = [Shipment(**row._mapping) for row in connection.execute(query)]
        by_home = {heirs.get(one.problem_id, one.problem_id): one for one in found}
        return {home: one for home, one in sorted(by_home.items()) if home in standing}

    def predictions(self) -> dict[int, Prediction]:
        """problem id -> what was predicted of it."""
        column = tables.prediction.c
        with self._database.read() as connection:
            rows = connection.execute(select(column.problem_id, column.made_at, column.estimate))
            return {
                row[0]: Prediction(problem_id=row[0], made_at=row[1], estimate=estimate_from_json(row[2]))
                for row in rows
            }

    def told(self) -> Iterator[Told]:
        """Every item that states a problem or request of which a problem was made, once for each such problem; by day.
        No word is read."""
        mention, item = tables.mention.c, tables.feedback.c
        query = (
            select(mention.problem_id, item.id, item.day, item.source, item.kind, item.account_id)
            .select_from(tables.mention.join(tables.feedback))
            .where(mention.problem_id.is_not(None), mention.stance.in_(RANKED), mention.embedded_by.is_not(None))
            .distinct()
            .order_by(item.day, item.id)
            .execution_options(yield_per=1000)
        )
        with self._database.read() as connection:
            for row in connection.execute(query):
                yield Told(
                    problem_id=row[0],
                    feedback_id=row[1],
                    day=row[2],
                    source=row[3],
                    kind=FeedbackKind(row[4]),
                    account_id=row[5],
                )
