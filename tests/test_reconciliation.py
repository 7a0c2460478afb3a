"""What insights keeps of accounts, deals, subscriptions and departures equals pandas on the raw tables, to the cent.

The tables are made here, from a seed, with every trap that real exports were found to hold; `benchmarks/reconcile.py`
compares the same figures on real ones.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from benchmarks.compared import Compared, compare
from benchmarks.crm_figures import bring_crm, crm_figures, left_out_figures, turnover_figures
from benchmarks.saas_figures import Saas, bring_saas, saas_figures
from insights.bootstrap import open_workspace
from tests.cli.calling import caller, made

NAMES = (
    "GTX Pro",
    "Nord-Fleet",
    "Casa Verde",
    "Müller & Söhne",
    "Blue Harbour",
    "Lumen Works",
    "Ostkreuz",
    "Tally Foods",
)
LAST_DAY = date(2024, 12, 31)


def differing(figures: Sequence[Compared]) -> list[Compared]:
    return [one for one in figures if not one.agrees]


def figure(figures: Sequence[Compared], what: str) -> Compared:
    return next(one for one in figures if one.what == what)


# -- a firm with a CRM ----------------------------------------------------------------------------------------------


def spelled(name: str, chance: Random) -> str:
    """As people write it: the same, in another case, or run together, which is nearly the same name."""
    return chance.choice([name, name, name, name.upper(), f" {name} ", name.replace(" ", "").replace("-", "")])


def crm_tables(folder: Path, *, seed: int) -> Path:
    """Accounts without ids; deals and notes that name ids all the same, some of no account and some misspelt."""
    chance = Random(seed)
    accounts = [(name, round(chance.uniform(1, 9_000), 2)) for name in [*NAMES, *(f"Firm {n}" for n in range(30))]]
    write(
        folder / "accounts.csv",
        [{"account": name, "sector": "retail", "revenue": turnover, "employees": 7} for name, turnover in accounts],
    )
    write(folder / "sales_pipeline.csv", [a_deal(n, accounts, chance) for n in range(600)])
    notes = [a_note(n, accounts, chance) for n in range(200)]
    write(folder / "interactions.csv", [*notes, *notes[:5]])
    return folder


def a_deal(number: int, accounts: Sequence[tuple[str, float]], chance: Random) -> dict[str, Any]:
    stage = chance.choice(["Won", "Won", "Lost", "Engaging", "Prospecting"])
    place = chance.randrange(len(accounts)) if chance.random() > 0.2 else None
    closed = date(2025, 1, 1) + timedelta(days=chance.randrange(330))
    is_closed = stage in ("Won", "Lost")
    return {
        "opportunity_id": f"D{number}",
        "account_id": None if place is None else float(1000 + place),
        "product": chance.choice(["GTXPro", "GTX Pro", "MG Special"]),
        "account": None if place is None else spelled(accounts[place][0], chance),
        "deal_stage": stage,
        "close_date": f"{closed.month}/{closed.day}/{closed:%y}" if is_closed else None,
        "close_value": {"Won": round(chance.uniform(1, 30_000), 2), "Lost": 0.0}.get(stage),
    }


def a_note(number: int, accounts: Sequence[tuple[str, float]], chance: Random) -> dict[str, Any]:
    place = chance.randrange(len(accounts))
    unknown = chance.random() < 0.1
    return {
        "account_id": 9999 if unknown else 1000 + place,
        "account_name": "Nobody we know" if unknown else spelled(accounts[place][0], chance),
        "timestamp": f"{chance.randrange(1, 13)}/{chance.randrange(1, 29)}/25",
        "comment": chance.choice(
            ["", f"They asked about call {number}.\n\nThe import is too slow.", "It hangs again."]
        ),
    }


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    pd.DataFrame(rows).to_csv(path, index=False)


@pytest.mark.parametrize("seed", [5, 11])
def test_deals_and_notes_reconcile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    raw = crm_tables(tmp_path, seed=seed)
    workspace = made(tmp_path, monkeypatch)
    bring_crm(raw, caller(workspace))

    figures = crm_figures(raw, open_workspace(workspace).repository)

    assert differing(figures) == []
    assert figure(figures, "won without an account").ours > 0
    assert figure(figures, "deals without an amount").ours > 100
    assert figure(figures, "notes by account").ours > figure(figures, "notes without an account").ours > 0


def test_a_column_of_the_accounts_own_turnover_can_be_left_out_scaled_and_left_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = crm_tables(tmp_path, seed=5)
    workspace = made(tmp_path, monkeypatch)
    repository = open_workspace(workspace).repository

    for turnover in (False, True, False):
        bring_crm(raw, caller(workspace), turnover=turnover)
        figures = turnover_figures(raw, repository) if turnover else left_out_figures(raw, repository)
        assert differing(figures) == []


def test_a_deal_with_a_name_that_is_nearly_an_account_s_is_nobody_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its money must not land on a guess; a note may, and is shown as not certain."""
    write(tmp_path / "accounts.csv", [{"account": "GTX Pro", "revenue": 5.0}])
    deal = {"account_id": 1000.0, "account": "GTXPro", "deal_stage": "Won", "close_value": 10.1}
    sure = {**deal, "opportunity_id": "D2", "account": "gtx pro", "close_date": "11/21/25"}
    write(tmp_path / "sales_pipeline.csv", [{**deal, "opportunity_id": "D1", "close_date": "11/20/25"}, sure])
    note = {"account_id": 1000, "account_name": "GTXPro", "timestamp": "1/31/25", "comment": "It hangs."}
    write(tmp_path / "interactions.csv", [note])
    workspace = made(tmp_path, monkeypatch)
    bring_crm(tmp_path, caller(workspace))
    repository = open_workspace(workspace).repository

    assert differing(crm_figures(tmp_path, repository)) == []
    assert [deal.account_id for deal in repository.customers.deals()] == [None, 1]
    [item] = repository.feedback.unprotected(9)
    assert (item.account_id, item.account_match.is_certain) == (1, False)


# -- a firm with subscriptions --------------------------------------------------------------------------------------


def saas_tables(folder: Path, *, seed: int) -> Path:
    """Day-first dates; accounts with many subscriptions, trials alone, or none; ends before, on and after the last day;
    departures before and after returns; flags that contradict them; subscriptions and departures of nobody we know."""
    chance = Random(seed)
    ids = [f"A-{n:03}" for n in range(70)]
    write(folder / "accounts.csv", [an_account(name, chance) for name in ids])
    accounts = [*ids[:60], "A-unknown"]
    rows = [a_subscription(n, chance.choice(accounts), chance) for n in range(400)]
    rows += [a_subscription(1000 + n, name, chance, is_trial=True) for n, name in enumerate(ids[60:64])]
    rows += [a_subscription(2000 + n, name, chance, end=LAST_DAY) for n, name in enumerate(ids[64:67])]
    write(folder / "subscriptions.csv", rows)
    write(
        folder / "churn_events.csv", [a_departure(n, chance.choice([*accounts, ids[68]]), chance) for n in range(150)]
    )
    tickets = [a_ticket(n, chance.choice(accounts), chance) for n in range(250)]
    write(
        folder / "supports_ticket.csv", [*tickets, {**a_ticket(999, ids[0], chance), "submitted_at": written(LAST_DAY)}]
    )
    return folder


def written(day: date | None) -> str | None:
    return f"{day:%d-%m-%Y}" if day else None


def a_day(chance: Random) -> date:
    return date(2023, 1, 1) + timedelta(days=chance.randrange((LAST_DAY - date(2023, 1, 1)).days))


def an_account(name: str, chance: Random) -> dict[str, Any]:
    return {
        "account_id": name,
        "account_name": f"Company {name}",
        "industry": "EdTech",
        "signup_date": written(a_day(chance)) if chance.random() > 0.3 else None,
        "plan_tier": "Pro",
        "is_trial": chance.random() < 0.2,
        "churn_flag": chance.random() < 0.2,
    }


def a_subscription(
    number: int, account: str, chance: Random, *, is_trial: bool | None = None, end: date | None = None
) -> dict[str, Any]:
    start = a_day(chance)
    trial = chance.random() < 0.15 if is_trial is None else is_trial
    mrr = None if chance.random() < 0.1 else round(chance.uniform(5, 9_000), 2)
    ends = chance.random() < 0.5
    return {
        "subscription_id": f"S-{number}",
        "account_id": account,
        "start_date": written(start),
        "end_date": written(end or (start + timedelta(days=chance.randrange(500)) if ends else None)),
        "mrr_amount": mrr,
        "arr_amount": None if mrr is None else round(mrr * 12, 2),
        "is_trial": trial,
        "churn_flag": ends,
    }


def a_departure(number: int, account: str, chance: Random) -> dict[str, Any]:
    return {
        "churn_event_id": f"C-{number}",
        "account_id": account,
        "churn_date": written(a_day(chance)),
        "reason_code": chance.choice(["pricing", "support", "features"]),
        "refund_amount_usd": 4.03,
        "is_reactivation": chance.random() < 0.15,
        "feedback_text": chance.choice([None, "too expensive", "The export is missing."]),
    }


def a_ticket(number: int, account: str, chance: Random) -> dict[str, Any]:
    return {
        "ticket_id": f"T-{number}",
        "account_id": account,
        "submitted_at": written(a_day(chance)),
        "satisfaction_score": chance.choice([None, 3.0, 5.0]),
        "description": chance.choice([None, f"The export hangs again, on day {number}."]),
    }


def german(amount: float) -> str | None:
    """1.234,50 €"""
    return None if pd.isna(amount) else f"{amount:,.2f} €".translate(str.maketrans(",.", ".,"))


def rewritten(folder: Path, how: str) -> None:
    """The same amounts, as other firms write them."""
    path = folder / "subscriptions.csv"
    rows = pd.read_csv(path)
    if how == "by month":
        rows = rows.drop(columns="arr_amount")
    if how == "German":
        rows["arr_amount"] = rows["arr_amount"].map(german)
    rows.to_csv(path, index=False)


@pytest.mark.parametrize(("seed", "how"), [(5, "plain"), (11, "by month"), (23, "German")])
def test_subscriptions_and_departures_reconcile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, how: str
) -> None:
    folder = saas_tables(tmp_path, seed=seed)
    raw = Saas.of(folder, folder / "supports_ticket.csv")
    rewritten(folder, how)
    workspace = made(tmp_path, monkeypatch)
    for _ in range(2):  # a second import changes nothing
        bring_saas(folder, caller(workspace), tickets=folder / "supports_ticket.csv")

    figures = saas_figures(raw, open_workspace(workspace).repository)

    assert differing(figures) == []
    for what in (
        "subscriptions without an account",
        "accounts of unknown revenue",
        "accounts that left",
        "active ARR of accounts that left",
        "left, though the flag says no",
        "departures that came back",
    ):
        assert figure(figures, what).ours > 0, f"the tables lost a trap: {what}"


def test_a_difference_of_a_cent_or_of_unknown_from_nothing_is_found() -> None:
    assert compare("", {"a": 0.1 + 0.2}, {"a": 0.3}).agrees
    assert compare("", {"a": 0.31}, {"a": 0.3}).differing == ("a",)
    assert compare("", {"a": None}, {"a": 0.0}).differing == ("a",)
    assert compare("", {"a": 1.0, "b": 2.0}, {"a": 2.0, "b": 1.0}).differing == ("a", "b")
    assert not compare("", {}, {"a": 0.0}).agrees
