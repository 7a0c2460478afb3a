"""Keep which further problems a mention states besides the one that it is in.

A run writes what it found together with the mention's place. What people say of it since, by merging, moving and rules,
is heeded on reading: so whatever they take back comes back here, too. Nothing is counted by it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select

from insights.storage import tables
from insights.storage.database import Database
from insights.storage.feedback import chunks
from insights.storage.merges import heirs_in
from insights.storage.rules import RuleStore


class AlsoStore:
    """A merged problem stands under its heir. A problem that the item is in already is not told, nor one that a person
    said it is not in; a mention in no problem has no further ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_item(self, feedback_id: int) -> dict[int, tuple[int, ...]]:
        """mention id -> the further problems that it states, by id; mentions without any are left out."""
        own = tables.mention.c.feedback_id == feedback_id
        found: dict[int, set[int]] = defaultdict(set)
        barred = RuleStore(self._database).barred()
        with self._database.read() as connection:
            for mention, _, problem in _told(connection, own, inside=own, barred=barred):
                found[mention].add(problem)
        return {mention: tuple(sorted(problems)) for mention, problems in found.items()}

    def of_problem(self, problem_id: int) -> dict[int, int]:
        """Mentions of other problems that state this one, which is not merged, too; each with its item."""
        inside = tables.mention.c.problem_id == problem_id
        barred = RuleStore(self._database).barred()
        with self._database.read() as connection:
            merged = [number for number, heir in heirs_in(connection).items() if heir == problem_id]
            where = or_(*(tables.mention_also.c.problem_id.in_(some) for some in chunks([problem_id, *merged])))
            return {mention: item for mention, item, _ in _told(connection, where, inside=inside, barred=barred)}


def put_also(connection: Connection, also: Mapping[int, Collection[int]]) -> None:
    """mention id -> the further problems that it states, in place of what was known; a mention that is gone is left
    out. Part of the caller's transaction."""
    drop_also(connection, list(also))
    column = tables.mention.c.id
    for some in chunks([mention for mention, problems in also.items() if problems]):
        present = connection.execute(select(column).where(column.in_(some))).scalars()
        rows = [{"mention_id": mention, "problem_id": problem} for mention in present for problem in also[mention]]
        if rows:
            connection.execute(insert(tables.mention_also), rows)


def drop_also(connection: Connection, mention_ids: Sequence[int]) -> None:
    """Part of the caller's transaction."""
    column = tables.mention_also.c.mention_id
    for some in chunks(mention_ids):
        connection.execute(delete(tables.mention_also).where(column.in_(some)))


def _told(
    connection: Connection, where: ColumnElement[bool], *, inside: ColumnElement[bool], barred: set[tuple[int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Mention, item and further problem, as it stands now. `inside` finds mentions that may be in it already."""
    mention, also = tables.mention, tables.mention_also
    heirs = heirs_in(connection)
    places = select(mention.c.feedback_id, mention.c.problem_id).where(inside, mention.c.problem_id.is_not(None))
    untold = barred | {(row[0], row[1]) for row in connection.execute(places)}
    query = select(mention.c.id, mention.c.feedback_id, also.c.problem_id).select_from(mention.join(also))
    for number, item, told in connection.execute(query.where(where, mention.c.problem_id.is_not(None))):
        problem = heirs.get(told, told)
        if (item, problem) not in untold:
            yield number, item, problem
