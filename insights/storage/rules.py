"""Keep what people said about the grouping: rules with the decision behind each; a revoked one stays in the book."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from insights.domain.rule import Rule, RuleKind
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.feedback import chunks
from insights.storage.merges import heirs_in


class RuleStore:
    """Rules are added and revoked, never changed; those about an item go with the item. Writing is part of the
    caller's transaction, which writes the decision, too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, rules: Sequence[Rule]) -> None:
        """Write rules under new ids; the id that each comes with is not used."""
        if not rules:
            return
        ids = take_ids(connection, "rule", count=len(rules))
        rows = [_row(rule, number) for number, rule in zip(ids, rules, strict=True)]
        connection.execute(insert(tables.rule), rows)

    def revoke(self, connection: Connection, decision_id: int, *, by: int) -> None:
        """The rules of one decision are taken back by another, and those that it had taken back stand again, unless
        their own decision was undone meanwhile."""
        column = tables.rule.c
        undone = select(tables.decision.c.undoes).where(tables.decision.c.undoes.is_not(None))
        own = and_(column.decision_id == decision_id, column.revoked_by.is_(None))
        overruled = and_(column.revoked_by == decision_id, column.decision_id.not_in(undone))
        connection.execute(update(tables.rule).where(own).values(revoked_by=by))
        connection.execute(update(tables.rule).where(overruled).values(revoked_by=None))

    def overrule(self, connection: Connection, rule_ids: Sequence[int], *, by: int) -> None:
        """A later decision says otherwise than these rules: they are taken back one by one, not with all that were
        said with them."""
        column = tables.rule.c
        for some in chunks(rule_ids):
            where = and_(column.id.in_(some), column.revoked_by.is_(None))
            connection.execute(update(tables.rule).where(where).values(revoked_by=by))

    # -- reading ----------------------------------------------------------------------------------------------

    def all(self, *, connection: Connection | None = None) -> list[Rule]:
        """Every rule there ever was, oldest first; as seen by the caller's transaction where there is one."""
        return self._load(None, connection)

    def standing(self, *, connection: Connection | None = None) -> list[Rule]:
        """Those that nobody took back, oldest first; as seen by the caller's transaction where there is one."""
        return self._load(tables.rule.c.revoked_by.is_(None), connection)

    def of_item(self, feedback_id: int) -> list[Rule]:
        """All rules about one item, oldest first, revoked ones too."""
        return self._load(tables.rule.c.feedback_id == feedback_id)

    def of_problem(self, problem_id: int) -> list[Rule]:
        """All rules that name a problem, oldest first, revoked ones too."""
        column = tables.rule.c
        return self._load(or_(column.problem_id == problem_id, column.other_id == problem_id))

    # -- for grouping -----------------------------------------------------------------------------------------

    def pinned(self) -> dict[int, int]:
        """feedback id -> the living problem that it belongs to by the latest standing rule."""
        return dict(self._about_items(RuleKind.BELONGS))

    def barred(self) -> set[tuple[int, int]]:
        """(feedback id, living problem): no mention of the item may be in the problem."""
        return set(self._about_items(RuleKind.NOT_IN))

    def corrected_problems(self) -> set[int]:
        """Living problems that a person has shaped, by a standing rule or a name."""
        column = tables.problem.c
        with self._database.read() as connection:
            heirs = heirs_in(connection)
            named = connection.execute(select(column.id).where(column.named_by.is_not(None))).scalars().all()
            rules = self.standing(connection=connection)
        touched = {problem for rule in rules for problem in rule.problems} | set(named)
        return {heirs.get(problem, problem) for problem in touched}

    def _about_items(self, kind: RuleKind) -> list[tuple[int, int]]:
        """Item and living problem of each standing rule of a kind, oldest first."""
        with self._database.read() as connection:
            heirs = heirs_in(connection)
            rules = self.standing(connection=connection)
        return [
            (rule.feedback_id, heirs.get(rule.problem_id, rule.problem_id))
            for rule in rules
            if rule.kind is kind and rule.feedback_id is not None
        ]

    def _load(self, where: ColumnElement[bool] | None, connection: Connection | None = None) -> list[Rule]:
        query = select(tables.rule).order_by(tables.rule.c.id)
        if where is not None:
            query = query.where(where)
        if connection is not None:
            return [_rule(row) for row in connection.execute(query)]
        with self._database.read() as own:
            return [_rule(row) for row in own.execute(query)]


def _row(rule: Rule, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "kind": rule.kind.value,
        "feedback_id": rule.feedback_id,
        "problem_id": rule.problem_id,
        "other_id": rule.other_id,
        "decision_id": rule.decision_id,
    }


def _rule(row: Row[Any]) -> Rule:
    return Rule(**{**row._mapping, "kind": RuleKind(row.kind)})
