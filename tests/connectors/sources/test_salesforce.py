"""Salesforce: objects and whom they belong to, who is a customer in a case, tokens, questions that cannot be bent."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.salesforce import SALESFORCE
from connectors.sources.salesforce_api import literal, named
from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Record, Setup, Source
from tests.hostile.dialects.salesforce import START, SalesforceDialect, case_id
from tests.hostile.server import SECRET, HostileServer, serving
from tests.hostile.world import World

Kind = TypeVar("Kind", bound=Record)
ACME: dict[str, Any] = {
    "Id": "001000000000000001",
    "Name": "Acme",
    "Website": "https://www.acme.example/en",
    "SystemModstamp": START,
}
DEAL: dict[str, Any] = {
    "Id": "006000000000000001",
    "Name": "Renewal",
    "IsWon": False,
    "IsClosed": True,
    "SystemModstamp": START,
}
NOTED = {"CreatedDate": START, "SystemModstamp": START, "LastModifiedDate": START, "IsDeleted": False}


@pytest.fixture
def dialect() -> SalesforceDialect:
    return SalesforceDialect()


@pytest.fixture
def server(dialect: SalesforceDialect) -> Iterator[HostileServer]:
    with serving(World(), dialect) as opened:
        yield opened


def source_on(server: HostileServer, *, since: date | None = None, secret: str = SECRET, **settings: Any) -> Source:
    own = SALESFORCE.settings.model_validate({"url": server.base, "client_id": "3MVG9", **settings})
    setup = Setup(
        name="crm",
        settings=own,
        folder=Path(),
        secret=lambda: secret,
        since=since,
        overlap=timedelta(0),
        sleep=lambda _: None,
    )
    return SALESFORCE.make(setup)


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


# -- accounts and deals ------------------------------------------------------------------------------------------------


def test_an_account_has_what_it_pays_where_a_field_is_named(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.fields["Account"] |= {"ARR__c", "Tier__c", "Renewal__c"}
    own = {"AnnualRevenue": 9e8, "ARR__c": 48000.5, "Tier__c": "Enterprise", "Renewal__c": "2026-09-30"}
    dialect.rows["Account"] = [{**ACME, **own, "BillingCountry": "France"}]

    bare = of(AccountRecord, everything(source_on(server)))
    full = source_on(server, revenue_field="ARR__c", segment_field="Tier__c", renewal_field="Renewal__c")
    [account] = of(AccountRecord, everything(full)).values()

    assert bare["account-001000000000000001"].annual_revenue is None
    assert account == AccountRecord(
        source="crm",
        source_id="account-001000000000000001",
        name="Acme",
        domain="acme.example",
        annual_revenue=48000.5,
        segment="Enterprise",
        region="France",
        renewal_date=date(2026, 9, 30),
    )


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("acme.example", "acme.example"),
        ("http://Shop.Acme.example:80/x", "shop.acme.example"),
        (None, None),
        ("[", None),
    ],
)
def test_a_website_says_the_domain(
    server: HostileServer, dialect: SalesforceDialect, website: str | None, domain: str | None
) -> None:
    dialect.rows["Account"] = [{**ACME, "Website": website}]

    [account] = of(AccountRecord, everything(source_on(server))).values()

    assert account.domain == domain


def test_a_field_that_does_not_exist_is_named(server: HostileServer) -> None:
    with pytest.raises(InsightsError, match="No such column 'Arr__c'") as caught:
        everything(source_on(server, revenue_field="Arr__c"))

    assert "`objects`" in caught.value.remedy


def test_an_opportunity_is_a_deal_with_the_reason_why_it_was_lost(
    server: HostileServer, dialect: SalesforceDialect
) -> None:
    dialect.fields["Opportunity"] |= {"Why__c"}
    own = {"AccountId": ACME["Id"], "Account": {"Name": "Acme"}, "Amount": 1200.0, "CloseDate": "2026-02-11"}
    more = {"Id": "006000000000000002", "IsWon": True}
    talks = {"Id": "006000000000000003", "IsClosed": False}
    dialect.rows["Opportunity"] = [
        {**DEAL, "Why__c": "No single sign-on", **own, **other} for other in ({}, more, talks)
    ]

    lost, won, is_open = of(DealRecord, everything(source_on(server, lost_reason_field="Why__c"))).values()

    assert lost == DealRecord(
        source="crm",
        source_id="opportunity-006000000000000001",
        stage=DealStage.LOST,
        name="Renewal",
        amount=1200.0,
        account="account-001000000000000001\nAcme",
        reason_lost="No single sign-on",
        closed_on=date(2026, 2, 11),
    )
    assert (won.stage, is_open.stage) == (DealStage.WON, DealStage.OPEN)
    assert won.reason_lost is None


def test_amounts_of_several_currencies_are_asked_for_in_one(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.rows["Opportunity"] = [{**DEAL, "Amount": 7.5}]

    page = everything(source_on(server, multi_currency=True))

    assert [deal.amount for deal in of(DealRecord, page).values()] == [7.5]
    assert any("convertCurrency(Amount)" in call.query.get("q", "") for call in server.calls)


def test_since_bounds_cases_but_leaves_no_account_out(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.rows["Account"] = [{**ACME, "SystemModstamp": datetime(2019, 1, 1, tzinfo=UTC)}]
    server.world.add()
    server.world.pass_time(days=20)
    server.world.add()

    page = everything(source_on(server, since=date(2026, 3, 15)))

    assert len(of(AccountRecord, page)) == 1 and set(of(FeedbackRecord, page)) == {f"case-{case_id(2)}"}


# -- cases -------------------------------------------------------------------------------------------------------------


def test_a_case_has_all_that_its_customer_wrote_over_several_answers(server: HostileServer) -> None:
    world = server.world
    first, second = world.add(2)
    for number in [first, second] * 6:
        world.reply(number)
        world.reply(number, is_customer=False)

    cases = of(FeedbackRecord, everything(source_on(server)))

    for number in (first, second):
        assert cases[f"case-{case_id(number)}"].text.split("\n\n") == world.truth()[number]
    assert cases[f"case-{case_id(1)}"].url == f"{server.base}/lightning/r/Case/{case_id(1)}/view"


def test_comments_that_the_customer_does_not_see_are_left_out(
    server: HostileServer, dialect: SalesforceDialect
) -> None:
    server.world.add()
    seen = {"ParentId": case_id(1), "CreatedDate": START, "SystemModstamp": START, "IsPublished": True}
    dialect.rows["CaseComment"] = [
        {**seen, "Id": "00a1", "CommentBody": "Hidden", "IsPublished": False, "CreatedBy": {"UserType": "Guest"}},
        {**seen, "Id": "00a2", "CommentBody": "Ours", "CreatedBy": {"UserType": "Standard"}},
        {**seen, "Id": "00a3", "CommentBody": "Robot", "CreatedBy": None},
        {**seen, "Id": "00a4", "CommentBody": "Still broken", "CreatedBy": {"UserType": "Guest"}},
    ]

    [case] = of(FeedbackRecord, everything(source_on(server))).values()

    assert case.text.split("\n\n")[1:] == ["Still broken"]


def test_a_case_of_a_form_has_the_company_and_address_that_were_written_there(
    server: HostileServer, dialect: SalesforceDialect
) -> None:
    form = {"SuppliedName": "Ada", "SuppliedEmail": "ada@acme.example", "SuppliedCompany": "ACME SA"}
    dialect.rows["Case"] = [{"Id": "500A", "Description": "It hangs", **NOTED, **form}]

    [case] = of(FeedbackRecord, everything(source_on(server))).values()

    assert (case.author_name, case.author_email, case.account) == ("Ada", "ada@acme.example", "ACME SA")
    assert case.created_at == START


def test_a_first_reading_does_not_read_each_case_again_for_its_children(server: HostileServer) -> None:
    for number in server.world.add(9):
        server.world.reply(number)
        server.world.pass_time(seconds=3)

    page = everything(source_on(server))

    assert len(page.records) <= 11


def test_mails_are_left_out_where_they_are_not_wanted(server: HostileServer, dialect: SalesforceDialect) -> None:
    del dialect.fields["EmailMessage"]
    server.world.add(2)

    assert len(of(FeedbackRecord, everything(source_on(server, emails=False)))) == 2
    with pytest.raises(InsightsError, match="EmailMessage") as caught:
        everything(source_on(server))
    assert "emails = false" in caught.value.remedy


def test_more_cases_of_one_second_than_an_answer_holds_are_all_read(server: HostileServer) -> None:
    server.world.edit(*server.world.add(40))
    server.world.pass_time(seconds=1)
    server.world.add(3)

    page = everything(source_on(server, objects=["cases"]))

    assert len(of(FeedbackRecord, page)) == 43 and page.state["warnings"] == []


# -- notes -------------------------------------------------------------------------------------------------------------


def test_a_task_with_a_description_is_a_note_unless_it_is_in_a_case_or_a_mail_of_ours(
    server: HostileServer, dialect: SalesforceDialect
) -> None:
    own = {**NOTED, "Description": "They miss single sign-on.", "Subject": "Call", "AccountId": ACME["Id"]}
    dialect.rows["Task"] = [
        {**own, "Id": "00T1", "Who": {"Name": "Ada"}},
        {**own, "Id": "00T2", "TaskSubtype": "Email"},
        {**own, "Id": "00T3", "WhatId": case_id(1)},
        {**own, "Id": "00T4", "Description": None},
    ]

    page = everything(source_on(server))
    [note] = of(FeedbackRecord, page).values()

    assert (note.source_id, note.kind, note.subject) == ("task-00T1", FeedbackKind.NOTE, "Call")
    assert (note.text, note.author_name) == ("They miss single sign-on.", "Ada")
    assert note.account == "account-001000000000000001"
    assert set(page.tombstones) == {"task-00T3", "task-00T4"}


def test_a_long_note_comes_whole_and_with_the_account_of_its_deal(
    server: HostileServer, dialect: SalesforceDialect
) -> None:
    whole = "They want it faster. " * 30
    dialect.texts["0691"] = f"<p>{whole}</p>"
    dialect.rows["ContentNote"] = [
        {**NOTED, "Id": "0691", "Title": "Visit", "TextPreview": whole[:255]},
        {**NOTED, "Id": "0692", "Title": "Mine", "TextPreview": "Buy milk"},
        {**NOTED, "Id": "0693", "Title": "Steps", "TextPreview": "Told them to reboot"},
    ]
    links: dict[str, list[str]] = {"0691": [DEAL["Id"], "0051"], "0692": ["0051"], "0693": [ACME["Id"], case_id(1)]}
    dialect.rows["ContentDocumentLink"] = [
        {"Id": f"06A{note}{to}", "ContentDocumentId": note, "LinkedEntityId": to}
        for note, linked in links.items()
        for to in linked
    ]
    dialect.rows["Opportunity"] = [{**DEAL, "AccountId": ACME["Id"], "Account": {"Name": "Acme"}}]

    page = everything(source_on(server, objects=["content_notes"]))
    [note] = of(FeedbackRecord, page).values()

    assert note.text == whole.strip() and note.account == "account-001000000000000001\nAcme"
    assert set(page.tombstones) == {"contentnote-0692", "contentnote-0693"}


def test_a_note_of_the_older_kind_is_read_unless_its_author_keeps_it_private(
    server: HostileServer, dialect: SalesforceDialect
) -> None:
    own = {**NOTED, "Title": "Call", "Body": "Too slow", "ParentId": ACME["Id"], "IsPrivate": False}
    dialect.rows["Note"] = [{**own, "Id": "0021"}, {**own, "Id": "0022", "IsPrivate": True}]

    page = everything(source_on(server, objects=["notes"]))

    assert of(FeedbackRecord, page)["note-0021"].account == "account-001000000000000001"
    assert list(page.tombstones) == ["note-0022"]


# -- deleted, malformed ------------------------------------------------------------------------------------------------


def test_what_is_in_the_recycle_bin_is_gone(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.rows["Account"] = [{**ACME, "IsDeleted": True}]
    server.world.add(2)
    server.world.delete(2)

    page = everything(source_on(server))

    assert set(page.tombstones) == {"account-001000000000000001", f"case-{case_id(2)}"}


def test_an_old_task_that_salesforce_archived_is_still_there(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.rows["Task"] = [{**NOTED, "Id": "00T1", "Description": "Slow", "IsArchived": True}]
    source: Any = source_on(server)

    assert ["task-00T1"] in [list(page) for page in source.living()]
    assert source.are_gone(["task-00T1", "task-00T2"]) == ["task-00T2"]


def test_an_object_out_of_sight_is_not_gone(server: HostileServer, dialect: SalesforceDialect) -> None:
    del dialect.fields["Task"]
    source: Any = source_on(server)

    assert source.are_gone(["task-00T1", f"case-{case_id(7)}"]) == [f"case-{case_id(7)}"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"Id": "500X", "SystemModstamp": "soon", "CreatedDate": "soon"}, "cannot be read"),
        ({"Id": "500X", "Subject": 7, "CreatedDate": "2026-01-05T09:00:00.000+0000"}, "another way"),
        ({"Id": "500X"}, "no CreatedDate"),
        ({"Subject": "x"}, "no Id"),
        ([1], "another way"),
        (None, "another way"),
    ],
)
def test_a_malformed_row_is_refused_and_the_others_come(
    server: HostileServer, dialect: SalesforceDialect, row: Any, why: str
) -> None:
    dialect.raw["Case"] = [row]
    server.world.add(2)

    page = everything(source_on(server, objects=["cases"]))

    assert len(of(FeedbackRecord, page)) == 2
    assert why in page.rejects[0].reason


# -- login -------------------------------------------------------------------------------------------------------------


def test_a_token_that_ends_is_renewed_in_the_middle(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.uses = 4
    server.world.add(9)

    assert len(of(FeedbackRecord, everything(source_on(server)))) == 9
    assert len(dialect.tokens) > 2


def test_neither_secret_nor_token_is_told(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.uses = 0
    wrong = "canary-of-another-firm"

    for secret in (SECRET, wrong):
        with pytest.raises(InsightsError) as caught:
            everything(source_on(server, secret=secret))
        assert caught.value.exit_code is ExitCode.LOGIN
        said = f"{caught.value.message} {caught.value.remedy}"
        assert not [word for word in (SECRET, wrong, *dialect.tokens) if word in said]


def test_a_ready_token_is_used_as_it_is(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.tokens["ready"] = 1_000
    server.world.add()
    source: Any = source_on(server, client_id="", secret="ready")

    assert len(of(FeedbackRecord, everything(source))) == 1
    assert source.check() == f"reader@acme.example at {server.base}"
    assert not [call for call in server.calls if call.path.endswith("/token")]


def test_a_day_without_calls_left_is_no_refused_login(server: HostileServer, dialect: SalesforceDialect) -> None:
    dialect.refuses_all = True

    with pytest.raises(InsightsError, match="no calls left for today") as caught:
        everything(source_on(server))

    assert caught.value.exit_code is not ExitCode.LOGIN
    assert "exceeded" in caught.value.message.lower() and "exceeded" not in caught.value.unquoted[0].lower()


# -- questions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"revenue_field": "ARR__c FROM User"},
        {"lost_reason_field": "Why__c, Password"},
        {"segment_field": "a'b"},
        {"api_version": "62.0/../.."},
        {"objects": ["leads"]},
    ],
)
def test_settings_cannot_bend_a_question(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        SALESFORCE.settings.model_validate({"url": "https://acme.my.salesforce.com", **wrong})


@given(st.text())
def test_a_text_in_a_question_ends_where_it_should(text: str) -> None:
    inner = named(text)[1:-1]

    assert inner.replace("\\\\", "").replace("\\'", "").count("'") == 0
    assert not inner.replace("\\\\", "").replace("\\'", "").endswith("\\")


def test_times_are_asked_for_in_utc() -> None:
    east = datetime(2026, 3, 1, 9, 0, 0, 250_000, tzinfo=UTC).astimezone()

    assert literal(east) == "2026-03-01T09:00:00.250Z"
