"""Accounts and deals are kept once; what nobody told us stays unknown."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.storage.feedback import Saved
from insights.storage.repository import Repository

ACME = AccountRecord(source="crm", source_id="A-1", name="Acme", annual_revenue=120_000.0, domain="acme.example")
DEAL = DealRecord(source="crm", source_id="D-1", stage=DealStage.OPEN, name="Seats", amount=5_000.0, account="A-1")


def save_accounts(repository: Repository, *records: AccountRecord) -> Saved:
    with repository.writing() as connection:
        return repository.customers.save_accounts(records, connection=connection)


def save_deals(repository: Repository, *records: DealRecord, accounts: dict[str, int] | None = None) -> Saved:
    with repository.writing() as connection:
        return repository.customers.save_deals(records, accounts=accounts or {}, connection=connection)


def test_unknown_revenue_stays_unknown_and_zero_stays_zero(repository: Repository) -> None:
    save_accounts(
        repository,
        replace(ACME, annual_revenue=None),
        replace(ACME, source_id="A-2", annual_revenue=0.0),
    )

    assert [account.annual_revenue for account in repository.customers.accounts()] == [None, 0.0]


def test_an_account_keeps_every_field(repository: Repository) -> None:
    record = replace(ACME, segment="Large", plan="Pro", region="EU", renewal_date=date(2027, 3, 1))

    save_accounts(repository, record)

    [stored] = repository.customers.accounts()
    for name in AccountRecord.__dataclass_fields__:
        assert getattr(stored, name) == getattr(record, name)


def test_second_import_of_accounts_changes_only_what_changed(repository: Repository) -> None:
    other = replace(ACME, source_id="A-2", name="Beta")
    save_accounts(repository, ACME, other)
    ids = [account.id for account in repository.customers.accounts()]

    saved = save_accounts(repository, replace(ACME, annual_revenue=None), other)

    assert saved == Saved(changed=1, unchanged=1)
    assert [account.id for account in repository.customers.accounts()] == ids
    assert repository.customers.accounts()[0].annual_revenue is None


def test_the_same_id_in_two_systems_is_two_accounts(repository: Repository) -> None:
    assert save_accounts(repository, ACME, replace(ACME, source="billing")) == Saved(new=2)


def test_deals_are_kept_once_and_follow_their_account(repository: Repository) -> None:
    save_accounts(repository, ACME)
    account = repository.customers.accounts()[0].id

    first = save_deals(repository, DEAL)
    again = save_deals(repository, DEAL)
    matched = save_deals(repository, DEAL, accounts={"A-1": account})

    assert (first, again, matched) == (Saved(new=1), Saved(unchanged=1), Saved(changed=1))
    assert [deal.account_id for deal in repository.customers.deals()] == [account]


def test_a_deal_keeps_every_field_and_an_unknown_amount(repository: Repository) -> None:
    lost = replace(DEAL, stage=DealStage.LOST, amount=None, reason_lost="No single sign-on", closed_on=date(2026, 9, 1))

    save_deals(repository, lost)

    [stored] = repository.customers.deals()
    assert (stored.stage, stored.amount, stored.closed_on) == (DealStage.LOST, None, date(2026, 9, 1))
    assert (stored.name, stored.reason_lost) == ("Seats", "No single sign-on")


def test_why_a_deal_was_lost_does_not_stand_in_the_files(tmp_path: Path) -> None:
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=bytes(32))
    save_deals(repository, replace(DEAL, name="xylophone", reason_lost="xylophone missing"))
    repository.close()

    assert b"xylophone" not in (tmp_path / "insights.db").read_bytes()
