"""Subscriptions and departures are kept once, and accounts are handed out as these say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from insights.domain.customers import (
    AccountRecord,
    DealRecord,
    DealStage,
    Departure,
    DepartureRecord,
    Subscription,
    SubscriptionRecord,
)
from insights.domain.feedback import AccountMatch, FeedbackKind, Quote
from insights.storage.feedback import Draft, Saved
from insights.storage.repository import Repository
from tests.stored import KEY, a_stored_problem, a_workspace, an_item

ACME = AccountRecord(source="crm", source_id="A-1", name="Acme")
SEATS = SubscriptionRecord(
    source="billing",
    source_id="S-1",
    account="A-1",
    annual_revenue=1_200.5,
    started_on=date(2024, 1, 1),
    ended_on=date(2024, 12, 31),
)
GONE = DepartureRecord(
    source="crm", source_id="C-1", account="A-1", left_on=date(2024, 12, 31), reason="The audit log was missing."
)
FOUND = {"A-1": 1}


def save_accounts(repository: Repository, *records: AccountRecord) -> None:
    with repository.writing() as connection:
        repository.customers.save_accounts(records, connection=connection)


def subscribe(repository: Repository, *records: SubscriptionRecord, accounts: Mapping[str, int] = FOUND) -> Saved:
    with repository.writing() as connection:
        return repository.subscriptions.save_subscriptions(records, accounts=accounts, connection=connection)


def depart(repository: Repository, *records: DepartureRecord, accounts: Mapping[str, int] = FOUND) -> Saved:
    with repository.writing() as connection:
        return repository.subscriptions.save_departures(records, accounts=accounts, connection=connection)


def test_a_subscription_keeps_every_field(repository: Repository) -> None:
    save_accounts(repository, ACME)

    assert subscribe(repository, SEATS, replace(SEATS, source_id="S-2", is_trial=True, ended_on=None)) == Saved(new=2)

    assert repository.subscriptions.subscriptions()[0] == Subscription(
        id=1,
        source="billing",
        source_id="S-1",
        account_id=1,
        annual_revenue=1_200.5,
        started_on=date(2024, 1, 1),
        ended_on=date(2024, 12, 31),
        is_trial=False,
    )
    assert repository.subscriptions.subscriptions()[1].is_trial


def test_a_departure_keeps_every_field(repository: Repository) -> None:
    save_accounts(repository, ACME)

    assert depart(repository, GONE) == Saved(new=1)

    assert repository.subscriptions.departures() == [
        Departure(
            id=1,
            source="crm",
            source_id="C-1",
            account_id=1,
            left_on=date(2024, 12, 31),
            reason="The audit log was missing.",
        )
    ]


def test_why_an_account_left_is_sealed(tmp_path: Path) -> None:
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    depart(repository, GONE, accounts={})
    repository.close()

    assert not any(b"audit log" in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())


def test_saving_twice_changes_nothing(repository: Repository) -> None:
    save_accounts(repository, ACME)
    for _ in range(2):
        saved = subscribe(repository, SEATS, SEATS) + depart(repository, GONE, GONE)

    assert saved == Saved(unchanged=4)


def test_only_what_changed_is_changed(repository: Repository) -> None:
    save_accounts(repository, ACME)
    other = replace(SEATS, source_id="S-2")
    subscribe(repository, SEATS, other)
    depart(repository, GONE)

    assert subscribe(repository, replace(SEATS, ended_on=None), other) == Saved(changed=1, unchanged=1)
    assert depart(repository, replace(GONE, reason="Too dear.")) == Saved(changed=1)
    assert depart(repository, replace(GONE, reason="Too dear.", came_back=True)) == Saved(changed=1)

    assert [one.ended_on for one in repository.subscriptions.subscriptions()] == [None, date(2024, 12, 31)]
    assert [(one.reason, one.came_back) for one in repository.subscriptions.departures()] == [("Too dear.", True)]


def test_the_same_id_in_two_systems_is_two_subscriptions(repository: Repository) -> None:
    assert subscribe(repository, SEATS, replace(SEATS, source="crm"), accounts={}) == Saved(new=2)


def test_an_account_that_was_found_stays_while_the_hint_does(repository: Repository) -> None:
    save_accounts(repository, ACME)
    subscribe(repository, SEATS)
    subscribe(repository, replace(SEATS, annual_revenue=1.0), accounts={})
    assert [one.account_id for one in repository.subscriptions.subscriptions()] == [1]

    subscribe(repository, replace(SEATS, account="A-9"), accounts={})
    assert [one.account_id for one in repository.subscriptions.subscriptions()] == [None]


def test_what_found_no_account_can_be_given_one_later(repository: Repository) -> None:
    subscribe(repository, SEATS, replace(SEATS, source_id="S-2", account=None), accounts={})
    depart(repository, GONE, accounts={})
    assert repository.subscriptions.without_account() == ([(1, "A-1")], [(1, "A-1")])

    save_accounts(repository, ACME)
    repository.subscriptions.set_accounts(subscriptions={1: 1}, departures={1: 1})

    assert repository.subscriptions.without_account() == ([], [])
    assert [one.account_id for one in repository.subscriptions.subscriptions()] == [1, None]
    assert [one.account_id for one in repository.subscriptions.departures()] == [1]


def test_accounts_are_handed_out_as_their_contracts_say_and_kept_as_delivered(repository: Repository) -> None:
    save_accounts(repository, ACME, replace(ACME, source_id="A-2", name="Beta", annual_revenue=7.0))
    subscribe(repository, SEATS, replace(SEATS, source_id="S-2", annual_revenue=0.25, ended_on=None))

    running, own = repository.customers.accounts(day=date(2024, 6, 30))
    assert (running.annual_revenue, running.customer_since, running.left_on) == (1_200.75, date(2024, 1, 1), None)
    assert (own.annual_revenue, own.customer_since) == (7.0, None)
    depart(repository, GONE)
    assert repository.customers.accounts(day=date(2024, 12, 31))[0].left_on == date(2024, 12, 31)
    assert repository.customers.accounts(day=date(2024, 12, 31))[0].annual_revenue == 0.25

    assert [(a.annual_revenue, a.left_on) for a in repository.customers.delivered_accounts()] == [
        (None, None),
        (7.0, None),
    ]


def test_accounts_stand_as_on_the_newest_day_of_the_data(repository: Repository) -> None:
    """In an export of 2024 a contract until March 2025 still runs."""
    save_accounts(repository, ACME)
    subscribe(repository, replace(SEATS, ended_on=date(2025, 3, 1)))
    assert repository.customers.accounts()[0].left_on is None

    with repository.writing() as connection:
        won = DealRecord(source="crm", source_id="D", stage=DealStage.WON, closed_on=date(2025, 2, 28))
        ahead = replace(won, source_id="E", stage=DealStage.OPEN, closed_on=date(2025, 9, 1))
        repository.customers.save_deals([won, ahead], accounts={}, connection=connection)
    assert repository.customers.accounts()[0].left_on is None

    save_item(repository, datetime(2025, 3, 1, 9, tzinfo=UTC))
    assert repository.customers.accounts()[0].left_on == date(2025, 3, 1)


def test_a_day_that_lies_ahead_of_the_clock_does_not_end_what_runs(repository: Repository) -> None:
    save_accounts(repository, ACME)
    subscribe(repository, replace(SEATS, ended_on=date(2098, 1, 1)))
    save_item(repository, datetime(2099, 1, 1, tzinfo=UTC))

    assert repository.customers.accounts()[0].annual_revenue == 1_200.5


def test_evidence_shows_what_its_account_pays_as_its_subscriptions_say(tmp_path: Path) -> None:
    item = an_item("The export hangs.", account="Acme")
    repository = a_workspace(tmp_path, problems=[a_stored_problem(items=[item])], accounts=[ACME])
    subscribe(repository, replace(SEATS, ended_on=None))

    [mention] = repository.evidence.of_problem(1)
    [quote] = repository.evidence.of_quotes([Quote(feedback_id=1, start=0, end=3)])

    assert (mention.account_revenue, quote.account_revenue) == (1_200.5, 1_200.5)


def test_evidence_without_an_account_shows_its_name_and_not_its_id(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, problems=[a_stored_problem(items=[an_item("It hangs.", account="77\nBeta")])])

    [mention] = repository.evidence.of_problem(1)

    assert (mention.account_name, mention.account_revenue) == ("Beta", None)


def save_item(repository: Repository, at: datetime) -> None:
    draft = Draft(
        source="tickets",
        source_id="T-1",
        kind=FeedbackKind.TICKET,
        text="It hangs.",
        body="It hangs.",
        created_at=at,
        account_id=None,
        account_match=AccountMatch.NONE,
        account_hint=None,
        author_name=None,
        author_email=None,
        score=None,
        url=None,
    )
    with repository.writing() as connection:
        repository.feedback.save([draft], connection=connection, received_at=at)
