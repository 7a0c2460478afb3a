"""Count a problem's evidence: the days of its items, its accounts and mentions."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, case, func, select

from insights.storage import tables


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
