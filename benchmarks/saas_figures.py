"""A firm with subscriptions: what its accounts pay, who left, and the items beside them, by insights and by pandas."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from pathlib import Path

import pandas as pd

from benchmarks.compared import Compared, compare, counted, items_of, of
from insights.domain.contracts import runs_on
from insights.domain.customers import Account
from insights.domain.feedback import FeedbackKind
from insights.stages.collect import rematch
from insights.storage.repository import Repository
from tests.cli.calling import Run


def bring_saas(folder: Path, call: Run, *, tickets: Path) -> None:
    """Subscriptions before the accounts that they belong to."""
    call("import", str(folder / "subscriptions.csv"), "--kind", "subscription", "-y")
    call("import", str(folder / "accounts.csv"), "--kind", "account", "-y")
    call("import", str(folder / "churn_events.csv"), "--kind", "departure", "-y")
    call("import", str(folder / "churn_events.csv"), "--kind", "note", "-y")
    call("import", str(tickets), "--kind", "ticket", "-y")


def with_words(folder: Path, into: Path) -> Path:
    """The tickets, each with what its account said last about leaving; most said nothing."""
    said = pd.read_csv(folder / "churn_events.csv").dropna(subset=["feedback_text"])
    last = said.assign(day=_days(said["churn_date"])).sort_values("day", kind="stable").groupby("account_id").last()
    tickets = pd.read_csv(folder / "supports_ticket.csv", dtype=str)
    tickets["description"] = tickets["account_id"].map(last["feedback_text"])
    tickets.to_csv(into / "supports_ticket.csv", index=False)
    return into / "supports_ticket.csv"


def _days(written: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    return pd.to_datetime(written, format="%d-%m-%Y")


@dataclass(frozen=True, slots=True)
class Saas:
    """The raw tables with their days read; `day` is the newest of them."""

    accounts: pd.DataFrame
    subscriptions: pd.DataFrame
    departures: pd.DataFrame
    tickets: pd.DataFrame
    day: pd.Timestamp

    @classmethod
    def of(cls, folder: Path, tickets: Path) -> "Saas":
        accounts, events = pd.read_csv(folder / "accounts.csv"), pd.read_csv(folder / "churn_events.csv")
        subscriptions, items = pd.read_csv(folder / "subscriptions.csv"), pd.read_csv(tickets)
        accounts["since"] = _days(accounts["signup_date"])
        subscriptions["start"], subscriptions["end"] = (
            _days(subscriptions["start_date"]),
            _days(subscriptions["end_date"]),
        )
        events["day"], items["day"] = _days(events["churn_date"]), _days(items["submitted_at"])
        told = items[items["description"].notna()]["day"]
        newest = max(accounts["since"].max(), subscriptions["start"].max(), events["day"].max(), told.max())
        return cls(accounts, subscriptions, events, items, newest)

    @property
    def paid(self) -> pd.DataFrame:
        begun = self.subscriptions["start"].isna() | (self.subscriptions["start"] <= self.day)
        return self.subscriptions[begun & ~self.subscriptions["is_trial"]]

    @property
    def running(self) -> pd.DataFrame:
        return self.paid[self.paid["end"].isna() | (self.paid["end"] > self.day)]

    def left_on(self) -> "pd.Series[pd.Timestamp]":
        """By account that left: its latest departure, unless undone; else its last end, where all ended."""
        paid = self.paid.groupby("account_id")
        events = self.departures[self.departures["day"] <= self.day]
        latest = events.groupby("account_id")["day"].max()
        at_latest = events[events["day"] == events["account_id"].map(latest)]
        came_back = at_latest.groupby("account_id")["is_reactivation"].any()
        last_start = paid["start"].max().reindex(latest.index)
        departed = latest[~came_back & ~(last_start > latest)]
        all_ended = self.paid.assign(ended=self.paid["end"] <= self.day).groupby("account_id")["ended"].all()
        return departed.combine_first(paid["end"].max()[all_ended])

    def revenue(self) -> "pd.Series[float]":
        """By account: what its paid subscriptions come to that run; without any 0 where it left, else NaN."""
        every = self.accounts["account_id"]
        running = self.running.groupby("account_id")["arr_amount"].sum(min_count=1).reindex(every)
        has_paid = every.isin(self.paid.dropna(subset=["arr_amount"])["account_id"])
        has_ended = every.isin(self.left_on().index) & has_paid & ~every.isin(self.running["account_id"])
        return running.mask(has_ended.to_numpy(), 0.0)


def saas_figures(raw: Saas, repository: Repository) -> list[Compared]:
    """Subscriptions, what accounts pay, who left, and the items beside them, in all and by account."""
    rematch(repository)
    accounts = repository.customers.accounts()
    ids = {account.id: account.source_id for account in accounts}
    return [
        *_subscriptions(raw, repository, ids),
        *_accounts(raw, accounts),
        *_departures(raw, repository),
        *_words(raw, repository, ids),
    ]


def _subscriptions(raw: Saas, repository: Repository, ids: Mapping[int, str]) -> list[Compared]:
    rows, day = repository.subscriptions.subscriptions(), raw.day.date()
    known = raw.subscriptions["account_id"].isin(raw.accounts["account_id"])
    ours: dict[str, list[float]] = defaultdict(list)
    for one in rows:
        if not one.is_trial and runs_on(one, day):
            ours[ids.get(one.account_id or 0, "")].append(one.annual_revenue or 0.0)
    theirs = raw.running.assign(account_id=raw.running["account_id"].where(known, "")).groupby("account_id")
    return [
        compare("subscriptions", {"": len(rows)}, {"": len(raw.subscriptions)}),
        compare("trials", {"": sum(one.is_trial for one in rows)}, {"": int(raw.subscriptions["is_trial"].sum())}),
        compare(
            "subscriptions ended",
            {"": sum(one.ended_on is not None and one.ended_on <= day for one in rows)},
            {"": int((raw.subscriptions["end"] <= raw.day).sum())},
        ),
        compare(
            "subscriptions without an account",
            {"": sum(one.account_id is None for one in rows)},
            {"": int((~known).sum())},
        ),
        compare(
            "annual revenue of all subscriptions",
            {"": fsum(one.annual_revenue or 0.0 for one in rows)},
            {"": float(raw.subscriptions["arr_amount"].sum())},
        ),
        compare("active ARR by account", {k: fsum(v) for k, v in ours.items()}, of(theirs["arr_amount"].sum())),
    ]


def _accounts(raw: Saas, accounts: list[Account]) -> list[Compared]:
    revenue, left_on = raw.revenue(), raw.left_on()
    left_on = left_on[left_on.index.isin(raw.accounts["account_id"])]
    flagged = set(raw.accounts[raw.accounts["churn_flag"]]["account_id"])
    running = raw.running.groupby("account_id")["arr_amount"].sum()
    gone = [account.source_id for account in accounts if account.left_on]
    return [
        compare("accounts", {"": len(accounts)}, {"": len(raw.accounts)}),
        compare("annual revenue by account", {a.source_id: a.annual_revenue for a in accounts}, of(revenue)),
        compare(
            "accounts of unknown revenue",
            {"": sum(a.annual_revenue is None for a in accounts)},
            {"": int(revenue.isna().sum())},
        ),
        compare("accounts that left", counted(gone), of(left_on.notna().astype(float))),
        compare(
            "active ARR of accounts that left",
            {name: float(running.get(name, 0.0)) for name in gone},
            of(running.reindex(left_on.index).fillna(0.0)),
        ),
        compare(
            "day of leaving by account, by number",
            {a.source_id: float(a.left_on.toordinal()) for a in accounts if a.left_on},
            of(left_on.map(lambda day: float(day.toordinal()))),
        ),
        compare(
            "left, though the flag says no",
            counted(name for name in gone if name not in flagged),
            of(left_on[~left_on.index.isin(flagged)].notna().astype(float)),
        ),
        compare(
            "customer since by account, by number",
            {a.source_id: float(a.customer_since.toordinal()) for a in accounts if a.customer_since},
            of(_since(raw).map(lambda day: float(day.toordinal()))),
        ),
    ]


def _since(raw: Saas) -> "pd.Series[pd.Timestamp]":
    own = raw.accounts.set_index("account_id")["since"]
    return own.fillna(raw.paid.groupby("account_id")["start"].min().reindex(own.index)).dropna()


def _departures(raw: Saas, repository: Repository) -> list[Compared]:
    rows, events = repository.subscriptions.departures(), raw.departures
    return [
        compare("departures by reason", counted(one.reason for one in rows), of(events.groupby("reason_code").size())),
        compare(
            "departures that came back",
            {"": sum(one.came_back for one in rows)},
            {"": int(events["is_reactivation"].sum())},
        ),
        compare(
            "accounts with a departure",
            {"": len({one.account_id for one in rows if one.account_id is not None})},
            {"": events[events["account_id"].isin(raw.accounts["account_id"])]["account_id"].nunique()},
        ),
    ]


def _words(raw: Saas, repository: Repository, ids: Mapping[int, str]) -> list[Compared]:
    """Items have words; rows without any are left out."""
    known = raw.accounts["account_id"]
    found = []
    for kind, table, column in (
        (FeedbackKind.NOTE, raw.departures, "feedback_text"),
        (FeedbackKind.TICKET, raw.tickets, "description"),
    ):
        told = table[table[column].notna() & table["account_id"].isin(known)]
        ours = counted(ids.get(item.account_id or 0) for item in items_of(repository, kind))
        found.append(compare(f"{kind.value}s by account", ours, of(told.groupby("account_id").size())))
    return found
