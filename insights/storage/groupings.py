"""Keep what a run's grouping found: which mention belongs to which problem, how that was decided, and what it means
for the life of each problem. One step each, so that a kill leaves the old grouping or the new one."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from insights.domain.feedback import Stance
from insights.domain.lineage import lineage_of
from insights.domain.problem import State
from insights.storage import tables
from insights.storage.also import put_also
from insights.storage.database import Database, take_ids
from insights.storage.feedback import EXPIRED, RANKED, chunks
from insights.storage.lineage import LineageStore
from insights.storage.merges import heirs_in
from insights.storage.spaces import SpaceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProblem:
    """A group that has earned an id: the mentions in it, and what it mostly is."""

    stance: Stance
    mentions: tuple[int, ...]


PERSON = "person"
"""Placed by: somebody moved it there, or split it off."""

LOOSELY = "loosely"
"""Placed by: near a known problem, but not as near as most of its mentions."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one mention stands: its problem (0 is none), whether no run has looked at it yet, and whether it is in its
    problem for want of a better one."""

    mention_id: int
    feedback_id: int
    problem_id: int
    is_new: bool
    is_loose: bool = False
    has_words: bool = True
    """False where they went by rule: it stays where it is, and has no vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """How a mention came to its place. `waits`: why it has no problem. `runner_up`: the problem that it was next
    nearest to, with the cosine. `copy_of`: the mention whose near copy it is. `also`: further problems that it
    states."""

    placed_by: str
    waits: str | None = None
    runner_up: int | None = None
    runner_similarity: float | None = None
    copy_of: int | None = None
    runner_up_born: int | None = None
    """Its place among the born, where the next nearest is one that has no id before it is saved."""
    also: tuple[int, ...] = ()
    also_born: tuple[int, ...] = ()
    """Places among the born, of further problems that have no id before they are saved."""

    def with_born(self, ids: Sequence[int]) -> "Reason":
        """The reason with the ids of problems that were born."""
        also = (*self.also, *(ids[place] for place in self.also_born))
        near = self.runner_up if self.runner_up_born is None else ids[self.runner_up_born]
        return replace(self, runner_up=near, runner_up_born=None, also=also, also_born=())


@dataclass(frozen=True, slots=True)
class NewSpace:
    """A fitted space, with the fingerprint of the embedder whose vectors it is for."""

    content: bytes
    embedder: str


Joined = Mapping[int, tuple[int | None, float]]
Born = Sequence[tuple[NewProblem, Sequence[float]]]


class GroupingStore:
    """Memberships change here and by corrections, nowhere else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def memberships(self) -> dict[int, int]:
        """mention id -> problem id, for mentions that have one."""
        with self._database.read() as connection:
            return _memberships(connection)

    def places(self) -> list[Place]:
        """All mentions that state a problem or request and have, or had, a vector, by id."""
        column = tables.mention.c
        where = column.stance.in_(RANKED) & column.embedded_by.is_not(None)
        query = select(
            column.id, column.feedback_id, column.problem_id, column.grouped_in, column.placed_by, column.embedded_by
        ).where(where)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(column.id)).all()
        return [
            Place(row[0], row[1], row[2] or 0, row[3] is None, row[4] == LOOSELY, row[5] != EXPIRED) for row in rows
        ]

    def closeness(self) -> dict[int, float]:
        """problem id -> the mean cosine of its mentions and its centre, as they were placed."""
        column = tables.mention.c
        where = column.problem_id.is_not(None) & column.similarity.is_not(None)
        query = select(column.problem_id, func.avg(column.similarity)).where(where).group_by(column.problem_id)
        with self._database.read() as connection:
            return {row[0]: float(row[1]) for row in connection.execute(query)}

    def reason(self, mention_id: int) -> Reason | None:
        """How a mention came to its place; None where no run has looked at it."""
        column = tables.mention.c
        query = select(
            column.placed_by, column.waits, column.runner_up, column.runner_similarity, column.copy_of
        ).where(column.id == mention_id, column.placed_by.is_not(None))
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return Reason(**row._mapping) if row else None

    def save(
        self,
        run_id: int,
        *,
        joined: Joined,
        born: Born,
        at: datetime | None = None,
        reasons: Mapping[int, Reason] | None = None,
        space: NewSpace | None = None,
    ) -> list[int]:
        """Write one grouping: `joined` is mention -> (known problem or None, similarity), `born` the new problems with
        their mentions' similarities; with a `space`, everything was grouped afresh in it. A problem that lost all its
        mentions redirects to the one that has most of them now. Returns the ids of the born."""
        with self._database.write() as connection:
            ids = list(take_ids(connection, "problem", count=len(born))) if born else []
            rows = [_problem_row(number, new, run_id) for number, (new, _) in zip(ids, born, strict=True)]
            if rows:
                connection.execute(insert(tables.problem), rows)
            before = _memberships(connection)
            held = _held_by_people(connection)
            changes = [
                change for change in _changes(joined, born, ids, heirs=heirs_in(connection)) if change[0] not in held
            ]
            told = {m: reason.with_born(ids) for m, reason in (reasons or {}).items()}
            if changes:
                connection.execute(_update(run_id), [_row(m, *place, told.get(m)) for m, place in changes])
                put_also(connection, {m: _also(problem, told.get(m)) for m, (problem, _) in changes})
            heirs = _redirect_emptied(connection, before, changes=dict(changes))
            after = before | {m: problem or 0 for m, (problem, _) in changes}
            entries = lineage_of(
                before,
                after,
                born=ids,
                heirs=heirs,
                run_id=run_id,
                at=at or datetime.now(UTC),
                afresh=space is not None,
            )
            LineageStore(self._database).add(entries, connection=connection)
            if space is not None:
                SpaceStore(self._database).save(
                    space.content, embedder=space.embedder, run_id=run_id, connection=connection
                )
        return ids


def _changes(
    joined: Joined, born: Born, ids: Sequence[int], *, heirs: Mapping[int, int]
) -> list[tuple[int, tuple[int | None, float]]]:
    """mention -> its problem and similarity; what a person merged while the run was thinking is followed."""
    changes = [(m, (heirs.get(problem, problem) if problem else None, s)) for m, (problem, s) in joined.items()]
    for number, (new, similarities) in zip(ids, born, strict=True):
        changes += [(m, (number, float(s))) for m, s in zip(new.mentions, similarities, strict=True)]
    return changes


def _held_by_people(connection: Connection) -> set[int]:
    """Mentions that a person put where they are, maybe while the run was thinking: they stay."""
    column = tables.mention.c
    where = (column.placed_by == PERSON) & column.problem_id.is_not(None)
    return set(connection.execute(select(column.id).where(where)).scalars())


def _problem_row(problem_id: int, new: NewProblem, run_id: int) -> dict[str, Any]:
    return {
        "id": problem_id,
        "born_in": run_id,
        "stance": new.stance.value,
        "state": State.INBOX.value,
        "version": 1,
    }


def _row(mention: int, problem: int | None, similarity: float, reason: Reason | None) -> dict[str, Any]:
    told = reason or Reason(placed_by="grouped")
    return {
        "b_id": mention,
        "b_problem": problem,
        "b_similarity": float(similarity),
        "b_placed_by": told.placed_by,
        "b_waits": told.waits,
        "b_runner_up": told.runner_up,
        "b_runner_similarity": told.runner_similarity,
        "b_copy_of": told.copy_of,
    }


def _also(problem: int | None, reason: Reason | None) -> set[int]:
    """What it states besides its own problem; a mention in none has no further ones."""
    return set(reason.also) - {problem} if reason and problem else set()


def _update(run_id: int) -> Any:
    return (
        update(tables.mention)
        .where(tables.mention.c.id == bindparam("b_id"))
        .values(
            problem_id=bindparam("b_problem"),
            similarity=bindparam("b_similarity"),
            placed_by=bindparam("b_placed_by"),
            waits=bindparam("b_waits"),
            runner_up=bindparam("b_runner_up"),
            runner_similarity=bindparam("b_runner_similarity"),
            copy_of=bindparam("b_copy_of"),
            grouped_in=run_id,
        )
    )


def _memberships(connection: Connection) -> dict[int, int]:
    column = tables.mention.c
    rows = connection.execute(select(column.id, column.problem_id).where(column.problem_id.is_not(None)))
    return {row[0]: row[1] for row in rows}


def _redirect_emptied(
    connection: Connection, before: Mapping[int, int], *, changes: Mapping[int, tuple[int | None, float]]
) -> dict[int, int]:
    """emptied problem -> its heir. Only mentions that left a problem can empty one."""
    left = {problem for m, (to, _) in changes.items() if (problem := before.get(m, 0)) and problem != to}
    if not left:
        return {}
    column = tables.mention.c
    held: set[int] = set()
    for some in chunks(sorted(left)):
        query = select(column.problem_id).where(column.problem_id.in_(some)).distinct()
        held |= set(connection.execute(query).scalars())
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for mention, (to, _) in changes.items():
        origin = before.get(mention, 0)
        if to is not None and origin in left - held:
            counts[origin][to] += 1
    heirs = {problem: some.most_common(1)[0][0] for problem, some in counts.items()}
    for emptied, heir in heirs.items():
        connection.execute(
            update(tables.problem)
            .where(tables.problem.c.id == emptied)
            .values(merged_into=heir, state=State.MERGED.value, version=tables.problem.c.version + 1)
        )
    return heirs
