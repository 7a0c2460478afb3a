"""HubSpot: nouns and whom they belong to, what is read only where it is named, and its caps."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from connectors.sources.hubspot import HUBSPOT
from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Record, Setup, Source
from tests.hostile.dialects.hubspot import START, HubSpotDialect, Thing
from tests.hostile.server import SECRET, HostileServer, serving
from tests.hostile.world import World

Kind = TypeVar("Kind", bound=Record)
ACME, GLOBEX = (
    Thing(9, {"name": "Acme", "domain": "acme.example"}),
    Thing(10, {"name": None, "domain": "globex.example"}),
)


@pytest.fixture
def dialect() -> HubSpotDialect:
    return HubSpotDialect(known_properties=frozenset({"arr", "tier", "renews"}))


@pytest.fixture
def server(dialect: HubSpotDialect) -> Iterator[HostileServer]:
    with serving(World(), dialect) as opened:
        yield opened


def source_on(server: HostileServer, *, since: date | None = None, **settings: Any) -> Source:
    own = HUBSPOT.settings.model_validate({"url": server.base, **settings})
    setup = Setup(
        name="crm",
        settings=own,
        folder=Path(),
        secret=lambda: SECRET,
        since=since,
        overlap=timedelta(0),
        sleep=_ignored,
    )
    return HUBSPOT.make(setup)


def _ignored(_: float) -> None:
    return None


def everything(source: Source, state: dict[str, Any] | None = None) -> Page:
    pages = list(source.fetch(state or {}))
    return Page(
        [record for page in pages for record in page.records],
        tombstones=[gone for page in pages for gone in page.tombstones],
        rejects=[reject for page in pages for reject in page.rejects],
        state=pages[-1].state,
    )


def of(kind: type[Kind], page: Page) -> dict[str, Kind]:
    return {record.source_id: record for record in page.records if isinstance(record, kind)}


def test_a_company_is_an_account_and_what_it_pays_is_read_where_a_property_is_named(
    server: HostileServer, dialect: HubSpotDialect
) -> None:
    own = {
        "annualrevenue": "900000000",
        "arr": "48000.5",
        "tier": "Enterprise",
        "renews": "2026-09-30",
        "country": "FR",
    }
    dialect.things["companies"] = [replace(ACME, properties={**ACME.properties, **own}), GLOBEX]

    bare = of(AccountRecord, everything(source_on(server)))
    named = of(
        AccountRecord,
        everything(source_on(server, revenue_property="arr", segment_property="tier", renewal_property="renews")),
    )

    assert bare["company-9"].annual_revenue is None and bare["company-9"].segment is None
    assert named["company-9"] == AccountRecord(
        source="crm",
        source_id="company-9",
        name="Acme",
        domain="acme.example",
        annual_revenue=48000.5,
        segment="Enterprise",
        region="FR",
        renewal_date=date(2026, 9, 30),
    )
    assert named["company-10"].name == "globex.example" and named["company-10"].annual_revenue is None


def test_a_property_that_does_not_exist_is_refused_at_once(server: HostileServer) -> None:
    with pytest.raises(InsightsError, match="no property ARR of companies") as caught:
        everything(source_on(server, revenue_property="ARR"))

    assert caught.value.exit_code is ExitCode.USAGE


def test_a_stage_of_a_pipeline_says_whether_a_deal_is_won_lost_or_open(
    server: HostileServer, dialect: HubSpotDialect
) -> None:
    dialect.pipelines = [
        {
            "id": "default",
            "stages": [
                {"id": "90210", "label": "Signed", "metadata": {"isClosed": "true", "probability": "1.0"}},
                {"id": "90211", "label": "Gone", "metadata": {"isClosed": "true", "probability": "0.0"}},
                {"id": "90212", "label": "Talks", "metadata": {"isClosed": "false", "probability": "0.8"}},
            ],
        }
    ]
    flags = {"hs_is_closed": "true", "hs_is_closed_won": "true"}
    stages = {1: ("90210", {}), 2: ("90211", {}), 3: ("90212", {}), 4: ("deleted", flags), 5: ("deleted", {})}
    dialect.things["deals"] = [
        Thing(number, {"dealname": f"D{number}", "dealstage": stage, "closed_lost_reason": "Too slow", **more})
        for number, (stage, more) in stages.items()
    ]

    deals = of(DealRecord, everything(source_on(server)))

    won, lost, is_open = DealStage.WON, DealStage.LOST, DealStage.OPEN
    assert [deals[f"deal-{number}"].stage for number in stages] == [won, lost, is_open, won, is_open]
    assert [deal.reason_lost for deal in deals.values() if deal.reason_lost] == ["Too slow"]


def test_a_deal_has_its_amount_in_the_accounts_own_currency_and_its_primary_company(
    server: HostileServer, dialect: HubSpotDialect
) -> None:
    own = {"amount": "1200", "amount_in_home_currency": "1310.4", "closedate": "2026-02-11T23:10:00Z"}
    dialect.things["deals"] = [Thing(7, own), Thing(8, {"amount": ""})]
    dialect.things["companies"] = [ACME, GLOBEX]
    dialect.links = [("deals", 7, "companies", 10, False), ("deals", 7, "companies", 9, True)]

    deals = of(DealRecord, everything(source_on(server)))

    assert deals["deal-7"].amount == 1310.4 and deals["deal-7"].closed_on == date(2026, 2, 11)
    assert deals["deal-7"].account == "company-9\ncompany-10"
    assert deals["deal-8"].amount is None and deals["deal-8"].account is None


def test_a_ticket_has_its_company_its_contact_and_each_of_its_mails_once(
    server: HostileServer, dialect: HubSpotDialect
) -> None:
    world = server.world
    _, number = world.add(2)
    for _ in range(5):
        world.reply(number)
    dialect.links = [("tickets", number, "companies", 9, True)]

    ticket = of(FeedbackRecord, everything(source_on(server)))[f"ticket-{number}"]

    assert ticket.text.split("\n\n") == world.truth()[number]
    assert (ticket.author_name, ticket.author_email) == ("Person 2", "person2@firm2.example")
    assert ticket.account == "company-9"
    assert ticket.url == "https://app.hubspot.com/contacts/4711/record/0-5/2"


def test_mails_are_left_out_where_they_are_not_wanted(server: HostileServer) -> None:
    [number] = server.world.add()
    server.world.reply(number)

    page = everything(source_on(server, emails=False))

    assert of(FeedbackRecord, page)["ticket-1"].text == server.world.items[number].text
    assert not [call for call in server.calls if "emails" in call.path]


def test_mails_that_the_login_may_not_read_are_no_words_of_customers(
    server: HostileServer, dialect: HubSpotDialect
) -> None:
    dialect.hides_mails = True
    [number] = server.world.add()
    server.world.reply(number)

    page = everything(source_on(server))

    assert of(FeedbackRecord, page)["ticket-1"].text == server.world.items[number].text
    assert "sales-email-read" in page.state["warnings"][0]


def test_a_first_reading_does_not_read_each_ticket_again_for_its_mails(server: HostileServer) -> None:
    for number in server.world.add(9):
        server.world.reply(number)
        server.world.pass_time(seconds=3)

    everything(source_on(server))

    asked = [call for call in server.calls if call.path == "/crm/objects/2026-03/tickets/batch/read"]
    assert sum(len(call.body["inputs"]) for call in asked) <= 1


def test_a_note_comes_with_its_company_or_with_that_of_its_deal(server: HostileServer, dialect: HubSpotDialect) -> None:
    dialect.things["notes"] = [
        Thing(1, {"hs_note_body": "<p>They miss <b>single sign-on</b>.</p>", "hs_timestamp": START}),
        Thing(2, {"hs_note_body": "Price is a problem", "hs_timestamp": START}),
    ]
    dialect.links = [
        ("notes", 1, "companies", 9, False),
        ("notes", 2, "deals", 7, False),
        ("deals", 7, "companies", 10, True),
    ]

    notes = of(FeedbackRecord, everything(source_on(server)))

    assert notes["note-1"].text == "They miss single sign-on." and notes["note-1"].account == "company-9"
    assert notes["note-1"].kind is FeedbackKind.NOTE and notes["note-1"].created_at == START
    assert notes["note-2"].account == "company-10"


def test_a_note_in_a_ticket_and_an_empty_one_are_no_feedback(server: HostileServer, dialect: HubSpotDialect) -> None:
    [number] = server.world.add()
    dialect.things["notes"] = [Thing(1, {"hs_note_body": "Told them to reboot"}), Thing(2, {"hs_note_body": None})]
    dialect.links = [("notes", 1, "tickets", number, False)]

    page = everything(source_on(server))

    assert set(of(FeedbackRecord, page)) == {"ticket-1"}
    assert set(page.tombstones) == {"note-1", "note-2"}


def test_only_the_objects_that_are_named_are_asked_for(server: HostileServer, dialect: HubSpotDialect) -> None:
    dialect.scopes = frozenset({"companies"})
    dialect.things["companies"] = [ACME]

    assert set(of(AccountRecord, everything(source_on(server, objects=["companies"])))) == {"company-9"}


def test_more_rows_of_one_time_than_a_search_shows_are_all_read(server: HostileServer) -> None:
    numbers = server.world.add(40)
    server.world.edit(*numbers)
    server.world.pass_time(seconds=1)
    server.world.add(3)

    page = everything(source_on(server, objects=["tickets"], emails=False))

    assert len(of(FeedbackRecord, page)) == 43
    assert not page.rejects and page.state["warnings"] == []


def test_since_bounds_tickets_but_leaves_no_company_out(server: HostileServer, dialect: HubSpotDialect) -> None:
    dialect.things["companies"] = [replace(ACME, changed=datetime(2019, 1, 1, tzinfo=UTC))]
    server.world.add()
    server.world.pass_time(days=20)
    server.world.add()

    page = everything(source_on(server, since=date(2026, 3, 15)))

    assert set(of(AccountRecord, page)) == {"company-9"} and set(of(FeedbackRecord, page)) == {"ticket-2"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"id": "77", "properties": None, "updatedAt": "2026-01-01T00:00:00Z"}, "another way"),
        ({"id": "77", "updatedAt": "2026-01-01T00:00:00Z"}, "no properties"),
        ({"id": "77", "properties": {"hs_lastmodifieddate": "yesterday", "createdate": "once"}}, "cannot be read"),
        ({"properties": {"content": "x"}}, "no id"),
        ("nonsense", "another way"),
        (None, "another way"),
    ],
)
def test_a_malformed_row_is_refused_and_the_others_come(
    server: HostileServer, dialect: HubSpotDialect, row: Any, why: str
) -> None:
    dialect.raw["tickets"] = [row]
    server.world.add(2)

    page = everything(source_on(server, objects=["tickets"]))

    assert set(of(FeedbackRecord, page)) == {"ticket-1", "ticket-2"}
    assert why in page.rejects[0].reason


@pytest.mark.parametrize("amount", ["a lot", "nan", "inf"])
def test_an_amount_that_is_no_number_refuses_its_deal(
    server: HostileServer, dialect: HubSpotDialect, amount: str
) -> None:
    dialect.things["deals"] = [Thing(1, {"amount": amount}), Thing(2, {"amount": "3"})]

    page = everything(source_on(server))

    assert set(of(DealRecord, page)) == {"deal-2"} and len(page.rejects) == 1


def test_what_may_not_be_seen_any_more_is_not_gone(server: HostileServer, dialect: HubSpotDialect) -> None:
    [number] = server.world.add()
    dialect.scopes = dialect.scopes - {"notes"}
    source: Any = source_on(server)

    assert source.are_gone(["note-1", "ticket-1", "ticket-99", "deal-4"]) == ["ticket-99", "deal-4"]
    assert f"ticket-{number}" in [one for page in source_on(server, objects=["tickets"]).living() for one in page]  # type: ignore[attr-defined]


def test_a_missing_scope_is_a_matter_of_the_login(server: HostileServer, dialect: HubSpotDialect) -> None:
    dialect.scopes = dialect.scopes - {"deals"}

    with pytest.raises(InsightsError, match="scopes") as caught:
        everything(source_on(server))

    assert caught.value.exit_code is ExitCode.LOGIN


def test_it_says_whose_account_it_is_logged_in_to(server: HostileServer) -> None:
    source: Any = source_on(server)

    assert source.check() == "HubSpot account 4711 (app.hubspot.com)"


@pytest.mark.parametrize("wrong", [{"objects": ["leads"]}, {"objects": []}, {"revenue": "arr"}])
def test_settings_that_are_wrong_are_refused(wrong: dict[str, Any]) -> None:
    check: Callable[[], object] = lambda: HUBSPOT.settings.model_validate(wrong)  # noqa: E731
    with pytest.raises(ValueError, match="validation error"):
        check()
