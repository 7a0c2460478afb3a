"""Count a problem's evidence: the days of its items, its accounts and mentions, its voices by week."""

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


def voices_by_week(connection: Connection, last_day: int, *, weeks: int) -> dict[int, list[int]]:
    """problem id -> voices of each of so many weeks, oldest first, the last one ending with that day: distinct
    accounts, and items of no known account. A problem without any is missing."""
    problem, item = tables.mention.c.problem_id, tables.feedback.c
    heard = (
        select(
            problem,
            ((last_day - item.day) // 7).label("ago"),
            # No account has an id below zero.
            case((item.account_id.is_(None), -item.id), else_=item.account_id).label("voice"),
        )
        .select_from(tables.mention.join(tables.feedback))
        .where(problem.is_not(None), item.day > last_day - 7 * weeks, item.day <= last_day)
        .subquery()
        .c
    )
    query = select(heard.problem_id, heard.ago, func.count(heard.voice.distinct())).group_by(
        heard.problem_id, heard.ago
    )
    voices: dict[int, list[int]] = defaultdict(lambda: [0] * weeks)
    for problem_id, weeks_ago, count in connection.execute(query):
        voices[problem_id][weeks - 1 - weeks_ago] = count
    return dict(voices)


def days_heard_of(connection: Connection, *, after: int, until: int) -> list[int]:
    """The days of all items after one day until another, oldest first."""
    day = tables.feedback.c.day
    query = select(day).where(day > after, day <= until).distinct().order_by(day)
    return list(connection.execute(query).scalars())
