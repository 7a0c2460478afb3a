"""Which mentions pass a search's filters, and whether what was read of them before still holds. Reads no words."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from insights.domain.query import Filters
from insights.storage import tables
from insights.storage.database import Database
from insights.storage.feedback import EXPIRED, chunks, day_number
from insights.storage.vectors import VECTORS_BY

Stamp = tuple[Any, ...]
"""Equal to the one before where nothing to search in was added, removed or embedded anew."""


class SoughtStore:
    """Mentions that are embedded: noise is not among them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self, filters: Filters, *, accounts: Collection[int] | None) -> list[int]:
        """Mention ids, newest first. Account and segment are given as the ids of `accounts`, None where any will do."""
        parts = [None] if accounts is None else list(chunks(sorted(accounts)))
        found: list[tuple[datetime, int]] = []
        with self._database.read() as connection:
            for some in parts:
                rows = connection.execute(_query().where(and_(*_conditions(filters, some))))
                found += [(row.created_at, row.id) for row in rows]
        return [number for _, number in sorted(found, reverse=True)]

    def sources(self) -> list[str]:
        """The names of all sources that items came from."""
        column = tables.feedback.c.source
        with self._database.read() as connection:
            return list(connection.execute(select(column).distinct().order_by(column)).scalars())

    def stamp(self) -> Stamp:
        """Changes with the mentions, their embedder, the number of accounts, and with every run."""
        mention, vector, run = tables.mention.c, tables.gone_vector.c, tables.run.c
        embedded = mention.embedded_by != EXPIRED
        query = select(
            select(func.count()).select_from(tables.mention).where(embedded).scalar_subquery(),
            select(func.max(mention.id)).where(embedded).scalar_subquery(),
            select(func.count()).select_from(tables.account).scalar_subquery(),
            select(func.max(vector.mention_id)).scalar_subquery(),
            select(func.max(run.id)).scalar_subquery(),
            select(func.max(run.finished_at)).scalar_subquery(),
            select(tables.meta.c.value).where(tables.meta.c.key == VECTORS_BY).scalar_subquery(),
        )
        with self._database.read() as connection:
            return tuple(connection.execute(query).one())


def _query() -> Any:
    return select(tables.mention.c.id, tables.feedback.c.created_at).select_from(tables.mention.join(tables.feedback))


def _conditions(filters: Filters, accounts: Collection[int] | None) -> Iterable[ColumnElement[bool]]:
    item, mention = tables.feedback.c, tables.mention.c
    yield mention.embedded_by != EXPIRED
    if accounts is not None:
        yield item.account_id.in_(accounts)
    if filters.kind is not None:
        yield item.kind == filters.kind.value
    if filters.source is not None:
        yield item.source == filters.source
    if filters.problem is not None:
        yield mention.problem_id == filters.problem
    yield from _bounds(filters)


def _bounds(filters: Filters) -> Iterable[ColumnElement[bool]]:
    item = tables.feedback.c
    if filters.since is not None:
        yield item.day >= day_number(filters.since)
    if filters.until is not None:
        yield item.day <= day_number(filters.until)
    if filters.lowest_score is not None:
        yield item.score >= filters.lowest_score
    if filters.highest_score is not None:
        yield item.score <= filters.highest_score
