"""Write decisions on what problems are worth, and take them back: several in one transaction, all or none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select, update

from insights.domain.estimate import Estimate
from insights.domain.problem import Column, Decision, Standing, State
from insights.storage import tables
from insights.storage.decisions import DecisionStore
from insights.storage.merges import heirs_in
from insights.storage.problems import estimate_in, hold, spot_of, unknown_problem, values_of
from insights.storage.revisions import RevisionStore
from insights.storage.shipments import ShipmentStore
from insights.storage.tallies import evidence_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a problem is just before a decision on it is written."""

    problem_id: int
    state: State
    column: Column | None
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Deciding:
    """Decisions while they are written: every method is part of one transaction."""

    connection: Connection
    decisions: DecisionStore
    shipments: ShipmentStore
    revisions: RevisionStore

    def hold(self, versions: Mapping[int, int | None]) -> None:
        """Keep others from changing these problems until the transaction ends. Raises Conflict that names all that
        somebody has changed since the version that stands with them."""
        hold(self.connection, versions)

    def heirs(self) -> dict[int, int]:
        """merged problem -> the one that stands for it in the end."""
        return heirs_in(self.connection)

    def history(self, problem_id: int) -> list[Decision]:
        """All decisions on one problem, oldest first."""
        return self.decisions.of(problem_id, connection=self.connection)

    def last_standing(self, who: str) -> list[Decision]:
        """The newest decisions of a person, made as one, that were not undone; the oldest first."""
        return self.decisions.last_standing(who, connection=self.connection)

    def last_undone(self, who: str) -> list[Decision]:
        """The newest undos of a person, made as one, that can be taken back; the oldest first."""
        return self.decisions.last_undone(who, connection=self.connection)

    def by_ids(self, decision_ids: Iterable[int]) -> dict[int, Decision]:
        """decision id -> decision."""
        return self.decisions.by_ids(decision_ids, connection=self.connection)

    def new_batch(self) -> int:
        """The number that decisions which are made as one share."""
        return self.decisions.new_batch(connection=self.connection)

    def held(self, problem_id: int) -> Held:
        """What the problem is. Raises InsightsError where there is none, or nothing tells of it any more."""
        query = select(tables.problem).where(tables.problem.c.id == problem_id)
        row = self.connection.execute(query).first()
        if row is None or not evidence_days(self.connection, [problem_id]):
            raise unknown_problem(problem_id)
        return Held(
            problem_id=problem_id,
            state=State(row.state),
            column=spot_of(row)[0],
            estimate=estimate_in(row),
        )

    def write(self, decision: Decision, standing: Standing | None) -> Decision:
        """Append a decision with a new id, and give the problem what it is by its decisions; None where the decision
        leaves that as it was."""
        column = tables.problem.c
        changed = update(tables.problem).where(column.id == decision.problem_id)
        values = values_of(standing) if standing else {}
        self.connection.execute(changed.values(**values, version=column.version + 1))
        return self.decisions.append(decision, connection=self.connection)

    def predict(self, decision: Decision, estimate: Estimate | None, *, anew: bool) -> None:
        """Keep what is predicted with an acceptance; one that is there stays, unless it is to be made `anew`."""
        if estimate is not None:
            self.shipments.save_prediction(
                decision.problem_id, estimate, decision.at, anew=anew, connection=self.connection
            )

    def ship(self, decision: Decision, *, on: date, estimate: Estimate | None) -> Decision:
        """Append a release of that day, of which nobody said how much work it took; with what was predicted where
        nothing was before."""
        made = self.write(decision, Standing(state=State.SHIPPED))
        self.shipments.save_shipment(made.id, on, None, connection=self.connection)
        self.predict(made, estimate, anew=False)
        return made

    def repeat(self, original: Decision, *, by: Decision) -> None:
        """What belongs to one decision belongs to the one that repeats it, too: a release, figures."""
        self.shipments.copy_shipment(original.id, to=by.id, connection=self.connection)
        self.revisions.copy(original.id, to=by.id, connection=self.connection)
