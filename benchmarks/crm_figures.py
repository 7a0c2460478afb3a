"""A firm with a CRM: its deals, what was won and lost, and the notes beside them, by insights and by pandas."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from math import fsum
from pathlib import Path

import pandas as pd

from benchmarks.compared import Compared, compare, counted, items_of, of
from insights.domain.feedback import FeedbackKind
from insights.stages.collect import rematch
from insights.storage.repository import Repository
from tests.cli.calling import Run

_MILLION = 1_000_000
_STAGES = {"Won": "won", "Lost": "lost"}


def bring_crm(folder: Path, call: Run, *, turnover: bool = False) -> None:
    """Notes and deals before the accounts that they belong to; `turnover` takes what accounts turn over for revenue."""
    call("import", str(folder / "interactions.csv"), "--kind", "note", "-y")
    call("import", str(folder / "sales_pipeline.csv"), "--kind", "deal", "-y")
    revenue = ["--scale", f"annual_revenue={_MILLION}"] if turnover else ["--map", "annual_revenue="]
    call("import", str(folder / "accounts.csv"), "--kind", "account", "-y", *revenue)


def crm_figures(folder: Path, repository: Repository) -> list[Compared]:
    """Deals, what was won and lost, and the notes beside them, in all and by account."""
    rematch(repository)
    raw = pd.read_csv(folder / "sales_pipeline.csv")
    raw["stage"] = raw["deal_stage"].map(_STAGES).fillna("open")
    raw["name"] = _exact_names(raw["account"], pd.read_csv(folder / "accounts.csv")["account"])
    names = {account.id: account.name for account in repository.customers.accounts()}
    return [*_deals(raw, repository, names), *_notes(raw, folder, repository, names)]


def _exact_names(wanted: "pd.Series[str]", known: "pd.Series[str]") -> "pd.Series[str]":
    """The account of that very name, but for case; empty where there is none."""
    by_name = dict(zip(known.str.strip().str.casefold(), known.str.strip(), strict=True))
    return wanted.str.strip().str.casefold().map(by_name)


def _deals(raw: pd.DataFrame, repository: Repository, names: Mapping[int, str]) -> list[Compared]:
    deals = repository.customers.deals()
    by_stage = raw.groupby("stage")
    won_by, lost_by, without = defaultdict[str, list[float]](list), Counter[str](), Counter[str]()
    amounts: dict[str, list[float]] = defaultdict(list)
    for deal in deals:
        name = names.get(deal.account_id or 0)
        amounts[deal.stage.value].append(deal.amount or 0.0)
        if name is None:
            without[deal.stage.value] += 1
        elif deal.stage.value == "won":
            won_by[name].append(deal.amount or 0.0)
        elif deal.stage.value == "lost":
            lost_by[name] += 1
    won = raw[raw["stage"] == "won"]
    return [
        compare("deals by stage", counted(deal.stage.value for deal in deals), of(by_stage.size())),
        compare("amounts by stage", {k: fsum(v) for k, v in amounts.items()}, of(by_stage["close_value"].sum())),
        compare(
            "deals without an amount",
            counted(deal.stage.value for deal in deals if deal.amount is None),
            of(raw[raw["close_value"].isna()].groupby("stage").size()),
        ),
        compare("deals without an account", dict(without), of(raw[raw["name"].isna()].groupby("stage").size())),
        compare(
            "won without an account",
            {"won": fsum(d.amount or 0.0 for d in deals if d.stage.value == "won" and d.account_id is None)},
            {"won": float(won[won["name"].isna()]["close_value"].sum())},
        ),
        compare(
            "won by account", {k: fsum(v) for k, v in won_by.items()}, of(won.groupby("name")["close_value"].sum())
        ),
        compare("lost deals by account", dict(lost_by), of(raw[raw["stage"] == "lost"].groupby("name").size())),
        compare(
            "last day of a won deal, by number",
            {"won": float(max(d.closed_on for d in deals if d.stage.value == "won" and d.closed_on).toordinal())},
            {"won": float(pd.to_datetime(won["close_date"], format="%m/%d/%y").max().toordinal())},
        ),
    ]


def _notes(raw: pd.DataFrame, folder: Path, repository: Repository, names: Mapping[int, str]) -> list[Compared]:
    """Notes find an account by nearly the same name, too; deals with money do not."""
    accounts = pd.read_csv(folder / "accounts.csv")["account"]
    notes = pd.read_csv(folder / "interactions.csv")
    notes = notes[notes["comment"].str.strip().fillna("") != ""]
    alike = dict(zip(_alike(accounts), accounts.str.strip(), strict=True))
    notes["name"] = _exact_names(notes["account_name"], accounts).fillna(_alike(notes["account_name"]).map(alike))
    by_account = notes.groupby("name").size()
    ours = [names.get(item.account_id or 0) for item in items_of(repository, FeedbackKind.NOTE)]
    found: list[Compared] = [
        compare("notes by account", counted(ours), of(by_account)),
        compare("notes without an account", {"": ours.count(None)}, {"": int(notes["name"].isna().sum())}),
    ]
    deals = repository.customers.deals()
    for stage in ("open", "lost"):
        dealing = {names.get(deal.account_id or 0) for deal in deals if deal.stage.value == stage}
        theirs = raw[(raw["stage"] == stage) & raw["name"].notna()]["name"].unique()
        found.append(
            compare(
                f"notes of accounts with {stage} deals",
                counted(name for name in ours if name in dealing),
                of(by_account[by_account.index.isin(theirs)]),
            )
        )
    return found


def _alike(names: "pd.Series[str]") -> "pd.Series[str]":
    return names.str.replace(r"[\s_-]+", "", regex=True).str.casefold()


def turnover_figures(folder: Path, repository: Repository) -> list[Compared]:
    """`revenue` in millions, where somebody says that it is what accounts pay; None where it was left out."""
    raw = pd.read_csv(folder / "accounts.csv")
    ours = {account.name: account.annual_revenue for account in repository.customers.accounts()}
    theirs = pd.Series((raw["revenue"] * _MILLION).to_numpy(), index=raw["account"].str.strip())
    return [compare("revenue by account, scaled", ours, of(theirs))]


def left_out_figures(folder: Path, repository: Repository) -> list[Compared]:
    raw = pd.read_csv(folder / "accounts.csv")
    ours = {account.name: account.annual_revenue for account in repository.customers.accounts()}
    return [compare("revenue by account, left out", ours, dict.fromkeys(raw["account"].str.strip()))]
