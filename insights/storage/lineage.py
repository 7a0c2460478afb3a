"""Keep what became of each problem: append-only, no customer's words."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from insights.domain.lineage import Event, LineageEntry
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.feedback import chunks
from insights.storage.merges import merged_in


class LineageStore:
    """Entries are added, never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entries: Sequence[LineageEntry], *, connection: Connection | None = None) -> None:
        """Append the entries with new ids, in the caller's transaction where there is one."""
        if not entries:
            return
        with self._database.write_in(connection) as inside:
            ids = take_ids(inside, "lineage", count=len(entries))
            rows = [
                {**asdict(entry), "id": number, "event": entry.event.value}
                for number, entry in zip(ids, entries, strict=True)
            ]
            inside.execute(insert(tables.lineage), rows)

    def of(self, problem_id: int) -> list[LineageEntry]:
        """What became of a problem and of those merged into it, over any number of merges, oldest first."""
        column = tables.lineage.c
        with self._database.read() as connection:
            found = [
                _entry(row)
                for some in chunks(_with_merged(connection, problem_id))
                for row in connection.execute(select(tables.lineage).where(column.problem_id.in_(some)))
            ]
        return sorted(found, key=lambda entry: (entry.at, entry.id))

    def of_runs(self, run_ids: Collection[int]) -> dict[int, Counter[Event]]:
        """run id -> how many problems each event befell in it."""
        column = tables.lineage.c
        found = {number: Counter[Event]() for number in run_ids}
        with self._database.read() as connection:
            for some in chunks(list(run_ids)):
                query = select(column.run_id, column.event, func.count(column.problem_id.distinct()))
                rows = connection.execute(query.where(column.run_id.in_(some)).group_by(column.run_id, column.event))
                for run_id, event, count in rows:
                    found[run_id][Event(event)] = count
        return found

    def of_grouping(self, events: Collection[Event], *, after_run: int, until_run: int) -> list[LineageEntry]:
        """What the grouping did to problems in the runs after one until another, oldest first; nothing that a person or
        a model decided."""
        column = tables.lineage.c
        query = select(tables.lineage).where(
            column.event.in_([event.value for event in events]),
            column.decision_id.is_(None),
            column.run_id > after_run,
            column.run_id <= until_run,
        )
        with self._database.read() as connection:
            return [_entry(row) for row in connection.execute(query.order_by(column.id))]


def _with_merged(connection: Connection, problem_id: int) -> list[int]:
    """The problem, those merged into it, those merged into these, and so on."""
    direct = merged_in(connection)
    family = [problem_id]
    for place in family:
        family += [merged for merged, target in direct.items() if target == place and merged not in family]
    return family


def _entry(row: Row[Any]) -> LineageEntry:
    return LineageEntry(**{**row._mapping, "event": Event(row.event)})
