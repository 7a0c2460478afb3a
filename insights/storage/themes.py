"""Keep themes: which problems each holds, and its name, sealed."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from insights.domain.run import OFFLINE
from insights.domain.theme import Theme
from insights.errors import ExitCode, InsightsError
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.merges import heirs_in

NAME = "theme.sealed"


class ThemeStore:
    """A theme's row stays when its last problem leaves, so that its id is never given again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def all(self) -> list[Theme]:
        """Themes that hold a problem with evidence, by id; problems merged since count as their heir."""
        with self._database.read() as connection:
            members = _members(connection)
            rows = connection.execute(select(tables.theme).order_by(tables.theme.c.id)).all()
        return [self._theme(row, members[row.id]) for row in rows if row.id in members]

    def counts(self) -> dict[int, tuple[int, int]]:
        """theme id -> (distinct items, distinct accounts) of its problems."""
        theme, item = tables.problem.c.theme_id, tables.feedback.c
        query = (
            select(theme, func.count(item.id.distinct()), func.count(item.account_id.distinct()))
            .select_from(tables.mention.join(tables.feedback).join(tables.problem))
            .where(theme.is_not(None))
            .group_by(theme)
        )
        with self._database.read() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

    def find(self, name: str) -> Theme:
        """A theme by its name, in any case, or its id. Raises InsightsError where there is none."""
        wanted = name.strip().casefold()
        themes = self.all()
        for theme in themes:
            if theme.name.casefold() == wanted:
                return theme
        for theme in themes:
            if str(theme.id) == wanted:
                return theme
        raise InsightsError(
            f"There is no theme {name!r}.",
            remedy="`insights themes` lists those there are; a run makes them.",
            exit_code=ExitCode.USAGE,
        )

    def save(self, themes: Sequence[Theme], *, run_id: int) -> list[int]:
        """Write names and memberships in one step; an id of 0 stands for a theme that is new. Problems that no theme
        names have none. Returns the ids."""
        column = tables.problem.c
        with self._database.write() as connection:
            new = [theme for theme in themes if not theme.id]
            fresh = iter(take_ids(connection, "theme", count=len(new))) if new else iter(())
            ids = [theme.id or next(fresh) for theme in themes]
            connection.execute(update(tables.problem).where(column.theme_id.is_not(None)).values(theme_id=None))
            for number, theme in zip(ids, themes, strict=True):
                self._write(connection, number, theme, run_id=run_id)
                for problem in theme.problems:
                    connection.execute(update(tables.problem).where(column.id == problem).values(theme_id=number))
        return ids

    def _write(self, connection: Connection, number: int, theme: Theme, *, run_id: int) -> None:
        content = json.dumps({"name": theme.name, "of": sorted(theme.named_from), "by": theme.named_by})
        sealed = self._cipher.seal(content, column=NAME, row=number)
        if theme.id:
            connection.execute(update(tables.theme).where(tables.theme.c.id == number).values(sealed=sealed))
        else:
            connection.execute(insert(tables.theme).values(id=number, born_in=run_id, sealed=sealed))

    def _theme(self, row: Row[Any], problems: frozenset[int]) -> Theme:
        content = json.loads(self._cipher.open(row.sealed, column=NAME, row=row.id)) if row.sealed else {}
        return Theme(
            id=row.id,
            name=content.get("name", ""),
            problems=problems,
            named_from=frozenset(content.get("of", ())),
            named_by=content.get("by", OFFLINE),
        )


def _members(connection: Connection) -> dict[int, frozenset[int]]:
    """theme id -> its living problems that have evidence."""
    problem = tables.problem.c
    held = select(tables.mention.c.problem_id).where(tables.mention.c.problem_id.is_not(None))
    query = select(problem.id, problem.theme_id).where(problem.theme_id.is_not(None), problem.id.in_(held))
    heirs = heirs_in(connection)
    found: dict[int, set[int]] = defaultdict(set)
    for number, theme in connection.execute(query):
        if number not in heirs:
            found[theme].add(number)
    return {theme: frozenset(problems) for theme, problems in found.items()}
