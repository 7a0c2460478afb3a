"""Subscriptions and departures come in by the command line, from files and from the configuration."""

from datetime import date
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from tests.cli.calling import caller, made

ACCOUNTS = "account_id,name\nA-1,Acme\nA-2,Beta\n"
SUBSCRIPTIONS = "id,account_id,mrr,start_date\nS-1,A-1,10.35,2024-01-01\nS-2,A-2,1,2024-01-02\n"
DEPARTURES = "id,account_id,churn_date,reason\nC-1,A-2,2024-05-31,no audit log\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in (("accounts", ACCOUNTS), ("subscriptions", SUBSCRIPTIONS), ("departures", DEPARTURES)):
        (tmp_path / f"{name}.csv").write_text(content)
    return made(tmp_path, monkeypatch, columns=200)


def test_files_of_contracts_are_imported_with_what_was_recognised(workspace: Path) -> None:
    call, folder = caller(workspace), workspace.parent
    call("import", str(folder / "accounts.csv"), "--kind", "account", "-y")

    said = call("import", str(folder / "subscriptions.csv"), "--kind", "subscription", "-y", everything=True)
    call("import", str(folder / "departures.csv"), "--kind", "departure", "-y")

    assert "2 new" in said
    assert "a year's is 12 times as much" in said
    acme, beta = open_workspace(workspace).repository.customers.accounts()
    assert acme.annual_revenue == pytest.approx(124.2)
    assert acme.customer_since == date(2024, 1, 1)
    assert beta.left_on == date(2024, 5, 31)


def test_contracts_are_pulled_from_the_configuration_and_scaled(workspace: Path) -> None:
    settings = workspace / "insights.toml"
    blocks = [
        '[[sources]]\nname = "crm"\npath = "../accounts.csv"\nkind = "account"\n',
        '[[sources]]\nname = "billing"\npath = "../subscriptions.csv"\nkind = "subscription"\n'
        'map = { annual_revenue = "mrr" }\nscale = { annual_revenue = 12000 }\n',
        '[[sources]]\nname = "churn"\npath = "../departures.csv"\nkind = "departure"\n',
    ]
    settings.write_text(settings.read_text() + "\n".join(["", *blocks]))

    caller(workspace)("pull")

    repository = open_workspace(workspace).repository
    assert [one.annual_revenue for one in repository.customers.accounts()] == [pytest.approx(124_200), 12_000]
    assert [one.reason for one in repository.subscriptions.departures()] == ["no audit log"]
