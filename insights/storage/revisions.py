"""Keep the figures that people set for problems: part of the decision that set them."""

from sqlalchemy import Connection, insert, select

from insights.domain.estimate import Revision, revision_from_json, revision_to_json
from insights.domain.problem import Decision
from insights.storage import tables
from insights.storage.database import Database
from insights.storage.decisions import DecisionStore
from insights.storage.problems import touch


class RevisionStore:
    """Append-only, as decisions are; what was undone does not count."""

    def __init__(self, database: Database, decisions: DecisionStore) -> None:
        self._database = database
        self._decisions = decisions

    def decide(self, decision: Decision, revision: Revision | None, *, seen_version: int) -> Decision:
        """Append a decision that leaves the problem's state as it is, with what it sets, if anything, in one step.
        Raises InsightsError where someone else was first."""
        with self._database.write() as connection:
            touch(connection, decision.problem_id, seen_version=seen_version, values={})
            made = self._decisions.append(decision, connection=connection)
            if revision is not None:
                row = {"decision_id": made.id, "figures": revision_to_json(revision)}
                connection.execute(insert(tables.revision).values(**row))
        return made

    def copy(self, decision_id: int, *, to: int, connection: Connection) -> None:
        """What one decision set, another sets, too; part of the caller's transaction."""
        column = tables.revision.c
        for figures in connection.execute(select(column.figures).where(column.decision_id == decision_id)).scalars():
            connection.execute(insert(tables.revision).values(decision_id=to, figures=figures))

    def of(self, decision_ids: list[int]) -> dict[int, Revision]:
        """decision id -> what it set."""
        column = tables.revision.c
        query = select(column.decision_id, column.figures).where(column.decision_id.in_(decision_ids))
        with self._database.read() as connection:
            return {row[0]: revision_from_json(row[1]) for row in connection.execute(query)}

    def standing(self) -> dict[int, list[Revision]]:
        """problem id -> what was set of it and not undone, oldest first."""
        revision, decision = tables.revision.c, tables.decision.c
        undone = select(decision.undoes).where(decision.undoes.is_not(None))
        query = (
            select(decision.problem_id, revision.figures)
            .join_from(tables.revision, tables.decision, revision.decision_id == decision.id)
            .where(decision.id.not_in(undone))
            .order_by(decision.id)
        )
        found: dict[int, list[Revision]] = {}
        with self._database.read() as connection:
            for problem_id, figures in connection.execute(query):
                found.setdefault(problem_id, []).append(revision_from_json(figures))
        return found
