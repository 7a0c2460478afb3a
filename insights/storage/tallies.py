"""Count a problem's evidence: the days of its items, its accounts and mentions, and the issues that carry it."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, case, func, select

from insights.domain.problem import ExportLink
from insights.storage import tables
from insights.storage.merges import heirs_in


def evidence_days(connection: Connection, only: Collection[int] | None) -> dict[int, list[int]]:
    """problem id -> the day of each distinct item; of all problems, or of a few that are named."""
    problem = tables.mention.c.problem_id
    query = (
        select(problem, tables.feedback.c.id, tables.feedback.c.day)
        .select_from(tables.mention.join(tables.feedback))
        .where(problem.is_not(None))
        .distinct()
    )
    if only is not None:
        query = query.where(problem.in_(only))
    days: dict[int, list[int]] = defaultdict(list)
    for problem_id, _, day in connection.execute(query):
        days[problem_id].append(day)
    return days


def tallies_of(connection: Connection, only: Collection[int] | None) -> dict[int, tuple[int, int]]:
    """problem id -> (distinct accounts, mentions)."""
    problem = tables.mention.c.problem_id
    query = (
        select(problem, func.count(tables.feedback.c.account_id.distinct()), func.count(tables.mention.c.id))
        .select_from(tables.mention.join(tables.feedback))
        .where(problem.is_not(None))
        .group_by(problem)
    )
    if only is not None:
        query = query.where(problem.in_(only))
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def heard_since(connection: Connection, day: int) -> dict[int, tuple[int, int]]:
    """problem id -> (distinct accounts, items of no known account) from that day on; none where nothing came."""
    problem, item = tables.mention.c.problem_id, tables.feedback.c
    unknown = case((item.account_id.is_(None), item.id))
    query = (
        select(problem, func.count(item.account_id.distinct()), func.count(unknown.distinct()))
        .select_from(tables.mention.join(tables.feedback))
        .where(problem.is_not(None), item.day >= day)
        .group_by(problem)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def links_of(connection: Connection, only: Collection[int] | None) -> dict[int, tuple[ExportLink, ...]]:
    """Those of a merged problem stand with its heir, too."""
    query = select(tables.export_link)
    heirs = heirs_in(connection)
    if only is not None:
        line = [*only, *(merged for merged, heir in heirs.items() if heir in only)]
        query = query.where(tables.export_link.c.problem_id.in_(line))
    links: dict[int, list[ExportLink]] = defaultdict(list)
    for row in connection.execute(query):
        links[heirs.get(row.problem_id, row.problem_id)].append(ExportLink(**row._mapping))
    return {problem_id: tuple(found) for problem_id, found in links.items()}
