"""Which problem stands for a merged one."""

from sqlalchemy import Connection, select

from insights.domain.rule import heir_of
from insights.storage import tables


def merged_in(connection: Connection) -> dict[int, int]:
    """merged problem -> the one that it was merged into, which may be merged itself."""
    column = tables.problem.c
    query = select(column.id, column.merged_into).where(column.merged_into.is_not(None))
    return {row[0]: row[1] for row in connection.execute(query)}


def heirs_in(connection: Connection) -> dict[int, int]:
    """merged problem -> the one that stands for it in the end."""
    direct = merged_in(connection)
    return {problem: heir_of(problem, direct) for problem in direct}
