"""Keep accounts and deals, by source and source id; hand accounts out as their subscriptions and departures say."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from insights.domain.customers import Account, AccountRecord, Deal, DealRecord, DealStage
from insights.storage import tables
from insights.storage.database import Database, take_ids
from insights.storage.feedback import Saved, chunks
from insights.storage.subscriptions import as_they_stand

DEAL = "deal.sealed"


class CustomerStore:
    """Accounts stand in the clear but for persons; a deal's name and the reason it was lost are sealed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cipher = database.cipher

    def accounts(self, *, day: date | None = None) -> list[Account]:
        """By id, as they stand on that day: where a source did not say what an account pays, since when and whether it
        left, its subscriptions and departures do. Default: the newest day of which the data tell, at most the
        clock's."""
        with self._database.read() as connection:
            return as_they_stand(read_accounts(connection), connection, day=day)

    def delivered_accounts(self) -> list[Account]:
        """By id, with what their sources said of them and no more."""
        with self._database.read() as connection:
            return read_accounts(connection)

    def deals(self) -> list[Deal]:
        with self._database.read() as connection:
            rows = connection.execute(select(tables.deal).order_by(tables.deal.c.id))
            return [self._deal(row) for row in rows]

    def save_accounts(self, records: Sequence[AccountRecord], *, connection: Connection) -> Saved:
        """Insert or update; part of the caller's transaction."""
        column = tables.account.c
        known: dict[tuple[str, str], dict[str, Any]] = {}
        for some in chunks(sorted({record.source_id for record in records})):
            rows = connection.execute(select(tables.account).where(column.source_id.in_(some)))
            known |= {(row.source, row.source_id): dict(row._mapping) for row in rows}
        fresh = {(record.source, record.source_id): asdict(record) for record in records}
        new = [key for key in fresh if key not in known]
        changed = [key for key in fresh if key in known and {**known[key], **fresh[key]} != known[key]]
        if new:
            ids = take_ids(connection, "account", count=len(new))
            connection.execute(
                insert(tables.account), [{"id": i, **fresh[key]} for i, key in zip(ids, new, strict=True)]
            )
        for key in changed:
            connection.execute(update(tables.account).where(column.id == known[key]["id"]).values(**fresh[key]))
        return Saved(len(new), len(changed), len(records) - len(new) - len(changed))

    def save_deals(
        self, records: Sequence[DealRecord], *, accounts: Mapping[str, int], connection: Connection
    ) -> Saved:
        """Insert or update; `accounts` gives the account that a record's `account` was matched to."""
        column = tables.deal.c
        known: dict[tuple[str, str], tuple[int, str, int | None]] = {}
        for some in chunks(sorted({record.source_id for record in records})):
            query = select(column.source, column.source_id, column.id, column.digest, column.account_id)
            rows = connection.execute(query.where(column.source_id.in_(some)))
            known |= {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}
        fresh = {(record.source, record.source_id): record for record in records}
        digests = {key: self._digest(record) for key, record in fresh.items()}
        new = [key for key in fresh if key not in known]
        changed = [
            key
            for key in fresh
            if key in known
            and (
                known[key][1] != digests[key] or accounts.get(fresh[key].account or "", known[key][2]) != known[key][2]
            )
        ]
        ids = dict(zip(new, take_ids(connection, "deal", count=len(new)), strict=True)) if new else {}
        if new:
            rows_in = [self._deal_row(ids[key], fresh[key], accounts, digests[key]) for key in new]
            connection.execute(insert(tables.deal), rows_in)
        for key in changed:
            row = self._deal_row(known[key][0], fresh[key], accounts, digests[key])
            connection.execute(update(tables.deal).where(column.id == row["id"]).values(**row))
        return Saved(len(new), len(changed), len(records) - len(new) - len(changed))

    def without_account(self) -> list[tuple[int, str]]:
        """(deal id, account hint) of deals that found no account."""
        column = tables.deal.c
        query = select(column.id, column.account_hint)
        with self._database.read() as connection:
            rows = connection.execute(query.where(column.account_id.is_(None), column.account_hint.is_not(None)))
            return [(row[0], row[1]) for row in rows]

    def set_accounts(self, found: Mapping[int, int]) -> None:
        """deal id -> account id."""
        with self._database.write() as connection:
            for deal_id, account_id in found.items():
                connection.execute(update(tables.deal).where(tables.deal.c.id == deal_id).values(account_id=account_id))

    def remove(self, source: str, source_ids: Sequence[str], *, connection: Connection) -> int:
        """Deals that are gone at their source go here, too; of an account that is gone, which others may still point
        to, nobody knows what it pays. Part of the caller's transaction."""
        removed = 0
        deal, account = tables.deal.c, tables.account.c
        for some in chunks(source_ids):
            own = (deal.source == source) & deal.source_id.in_(some)
            removed += connection.execute(delete(tables.deal).where(own)).rowcount
            paying = (account.source == source) & account.source_id.in_(some) & account.annual_revenue.is_not(None)
            removed += connection.execute(update(tables.account).where(paying).values(annual_revenue=None)).rowcount
        return removed

    def source_ids(self, source: str) -> set[str]:
        """The ids, as the source names them, of its deals, and of its accounts that pay something."""
        deal, account = tables.deal.c, tables.account.c
        with self._database.read() as connection:
            deals = connection.execute(select(deal.source_id).where(deal.source == source)).scalars()
            paying = select(account.source_id).where(account.source == source, account.annual_revenue.is_not(None))
            return {*deals, *connection.execute(paying).scalars()}

    def _digest(self, record: DealRecord) -> str:
        return self._cipher.digest(f"{record}")

    def _deal_row(self, deal_id: int, record: DealRecord, accounts: Mapping[str, int], digest: str) -> dict[str, Any]:
        words = json.dumps({"name": record.name, "reason_lost": record.reason_lost})
        return {
            "id": deal_id,
            "source": record.source,
            "source_id": record.source_id,
            "stage": record.stage.value,
            "amount": record.amount,
            "account_id": accounts.get(record.account or ""),
            "account_hint": record.account,
            "closed_on": record.closed_on,
            "sealed": self._cipher.seal(words, column=DEAL, row=deal_id),
            "digest": digest,
        }

    def _deal(self, row: Row[Any]) -> Deal:
        words = json.loads(self._cipher.open(row.sealed, column=DEAL, row=row.id))
        return Deal(
            id=row.id,
            source=row.source,
            source_id=row.source_id,
            stage=DealStage(row.stage),
            name=words["name"],
            amount=row.amount,
            account_id=row.account_id,
            reason_lost=words["reason_lost"],
            closed_on=row.closed_on,
        )


def read_accounts(connection: Connection, *, only: Collection[int] | None = None) -> list[Account]:
    """As delivered, by id; `only` some of them, or all."""
    column = tables.account.c
    query = select(tables.account).order_by(column.id)
    parts = [query] if only is None else [query.where(column.id.in_(some)) for some in chunks(sorted(only))]
    return [Account(**row._mapping) for part in parts for row in connection.execute(part)]


def revenues_of(account_ids: Collection[int], connection: Connection) -> dict[int, float | None]:
    """Account id -> what it pays a year, as `CustomerStore.accounts` tells it; None where nobody knows."""
    accounts = read_accounts(connection, only=account_ids)
    return {one.id: one.annual_revenue for one in as_they_stand(accounts, connection)} if accounts else {}
