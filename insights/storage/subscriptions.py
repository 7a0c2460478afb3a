"""Keep subscriptions and departures, by source and source id."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table, func, insert, select, update

from insights.domain.contracts import as_of
from insights.domain.customers import (
    Account,
    DealStage,
    Departure,
    DepartureRecord,
    Subscription,
    SubscriptionRecord,
)
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.encryption import Cipher
from insights.storage.feedback import Saved, chunks, start_of_day

DEPARTURE = "departure.sealed"
_FEW = 500
"""Accounts that are asked for by id; of more, all are read."""

Natural = tuple[str, str]
"""Source and source id."""

Rows = dict[Natural, dict[str, Any]]
Contract = TypeVar("Contract", Subscription, Departure)


class SubscriptionStore:
    """Subscriptions stand in the clear; a departure's reason is sealed. `accounts` maps the hint of a record to the
    account that it was matched to; a row keeps its account while its hint stays the same."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def subscriptions(self) -> list[Subscription]:
        with self._database.read() as connection:
            return read_subscriptions(connection)

    def departures(self) -> list[Departure]:
        with self._database.read() as connection:
            return read_departures(connection, cipher=self._cipher)

    def save_subscriptions(
        self, records: Sequence[SubscriptionRecord], *, accounts: Mapping[str, int], connection: Connection
    ) -> Saved:
        """Insert or update; part of the caller's transaction."""
        fresh: Rows = {(record.source, record.source_id): _hinted(asdict(record)) for record in records}
        saved = self._save(tables.subscription, fresh, accounts=accounts, connection=connection)
        return saved + Saved(unchanged=len(records) - len(fresh))

    def save_departures(
        self, records: Sequence[DepartureRecord], *, accounts: Mapping[str, int], connection: Connection
    ) -> Saved:
        """Insert or update; part of the caller's transaction."""
        fresh: Rows = {}
        for record in records:
            row = _hinted(asdict(record))
            fresh[record.source, record.source_id] = {**row, "digest": self._cipher.digest(f"{record}")}
        saved = self._save(tables.departure, fresh, accounts=accounts, connection=connection)
        return saved + Saved(unchanged=len(records) - len(fresh))

    def without_account(self) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """(id, account hint) of the subscriptions, and of the departures, that found no account."""
        with self._database.read() as connection:
            return _unmatched(tables.subscription, connection), _unmatched(tables.departure, connection)

    def set_accounts(self, *, subscriptions: Mapping[int, int], departures: Mapping[int, int]) -> None:
        """Subscription id -> account id, departure id -> account id."""
        with self._database.write() as connection:
            for table, found in ((tables.subscription, subscriptions), (tables.departure, departures)):
                for number, account_id in found.items():
                    connection.execute(update(table).where(table.c.id == number).values(account_id=account_id))

    def _save(self, table: Table, fresh: Rows, *, accounts: Mapping[str, int], connection: Connection) -> Saved:
        known = _known(table, fresh, connection)
        for key, row in fresh.items():
            row["account_id"] = _account_of(row["account_hint"], known.get(key), accounts)
        new = [key for key in fresh if key not in known]
        changed = [key for key in fresh if key in known and _differs(fresh[key], known[key])]
        ids = dict(zip(new, take_ids(connection, table.name, count=len(new)), strict=True)) if new else {}
        if new:
            connection.execute(insert(table), [self._row(ids[key], fresh[key]) for key in new])
        for key in changed:
            row = self._row(known[key]["id"], fresh[key])
            connection.execute(update(table).where(table.c.id == row["id"]).values(**row))
        return Saved(len(new), len(changed), len(fresh) - len(new) - len(changed))

    def _row(self, number: int, row: dict[str, Any]) -> dict[str, Any]:
        """The row as its table has it: with its id, and a reason sealed to that id."""
        if "reason" not in row:
            return {"id": number, **row}
        plain = {name: value for name, value in row.items() if name != "reason"}
        words = json.dumps({"reason": row["reason"]})
        return {"id": number, **plain, "sealed": self._cipher.seal(words, column=DEPARTURE, row=number)}


def _hinted(row: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in row.items() if name != "account"}, "account_hint": row["account"]}


def _known(table: Table, wanted: Collection[Natural], connection: Connection) -> Rows:
    known: Rows = {}
    for some in chunks(sorted({source_id for _, source_id in wanted})):
        rows = connection.execute(select(table).where(table.c.source_id.in_(some)))
        known |= {(row.source, row.source_id): dict(row._mapping) for row in rows}
    return known


def _account_of(hint: str | None, known: Mapping[str, Any] | None, accounts: Mapping[str, int]) -> int | None:
    found = accounts.get(hint or "")
    if found is None and known is not None and known["account_hint"] == hint:
        return known["account_id"]  # type: ignore[no-any-return]
    return found


def _differs(fresh: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """By the columns; a sealed one differs each time, so that its digest stands for it."""
    return any(value != known[name] for name, value in fresh.items() if name != "reason")


def _unmatched(table: Table, connection: Connection) -> list[tuple[int, str]]:
    query = select(table.c.id, table.c.account_hint)
    rows = connection.execute(query.where(table.c.account_id.is_(None), table.c.account_hint.is_not(None)))
    return [(row[0], row[1]) for row in rows]


def as_they_stand(accounts: Sequence[Account], connection: Connection, *, day: date | None = None) -> list[Account]:
    """The accounts with what follows from their subscriptions and departures on that day; default: `today`."""
    some = {one.id for one in accounts} if len(accounts) <= _FEW else None
    subscriptions = _by_account(read_subscriptions(connection, accounts=some))
    departures = _by_account(read_departures(connection, cipher=None, accounts=some))
    on = day or today(connection)
    return [
        as_of(one, subscriptions=subscriptions.get(one.id, ()), departures=departures.get(one.id, ()), day=on)
        for one in accounts
    ]


def read_subscriptions(connection: Connection, *, accounts: Collection[int] | None = None) -> list[Subscription]:
    """By id; those of some accounts, at most a few hundred, or all."""
    column = tables.subscription.c
    names = [field.name for field in fields(Subscription)]
    query = select(*(column[name] for name in names)).order_by(column.id)
    if accounts is not None:
        query = query.where(column.account_id.in_(accounts))
    # There may be many, and a mapping of each row costs more than the rest.
    return [Subscription(**dict(zip(names, row, strict=True))) for row in connection.execute(query)]


def read_departures(
    connection: Connection, *, cipher: Cipher | None, accounts: Collection[int] | None = None
) -> list[Departure]:
    """By id; those of some accounts, at most a few hundred, or all. Their reasons only with a cipher."""
    column = tables.departure.c
    plain = (column.id, column.source, column.source_id, column.account_id, column.left_on, column.came_back)
    query: Select[Any] = select(*plain, *([] if cipher is None else [column.sealed]))
    if accounts is not None:
        query = query.where(column.account_id.in_(accounts))
    return [_departure(row, cipher) for row in connection.execute(query.order_by(column.id))]


def _departure(row: Row[Any], cipher: Cipher | None) -> Departure:
    reason = json.loads(cipher.open(row.sealed, column=DEPARTURE, row=row.id))["reason"] if cipher else None
    return Departure(
        id=row.id,
        source=row.source,
        source_id=row.source_id,
        account_id=row.account_id,
        left_on=row.left_on,
        reason=reason,
        came_back=row.came_back,
    )


def _by_account(rows: Sequence[Contract]) -> dict[int, list[Contract]]:
    """Account id -> its own; what found no account is left out."""
    found: dict[int, list[Contract]] = defaultdict(list)
    for row in rows:
        if row.account_id is not None:
            found[row.account_id].append(row)
    return found


def today(connection: Connection) -> date:
    """The newest day of which the data tell, or the clock's where that is earlier: in an old export nothing has ended
    since. Ends and renewals do not count, because they may lie ahead."""
    clock = datetime.now(UTC).date()
    deal, account = tables.deal.c, tables.account.c
    days = [
        connection.execute(select(func.max(tables.subscription.c.started_on))).scalar(),
        connection.execute(select(func.max(tables.departure.c.left_on))).scalar(),
        connection.execute(select(func.max(account.customer_since))).scalar(),
        connection.execute(select(func.max(account.left_on))).scalar(),
        connection.execute(select(func.max(deal.closed_on)).where(deal.stage != DealStage.OPEN.value)).scalar(),
    ]
    newest_item = connection.execute(select(func.max(tables.feedback.c.day))).scalar()
    if newest_item is not None:
        days.append(start_of_day(newest_item).date())
    return min(clock, max((day for day in days if day is not None), default=clock))
