"""A file as a source: pages, refusals, states and the preview."""

import gzip
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from connectors.sources.files import FileSource
from insights.domain.customers import AccountRecord, DealRecord, DealStage, DepartureRecord, SubscriptionRecord
from insights.domain.feedback import FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Record, Source

Kind = TypeVar("Kind", bound=Record)


def a_source(folder: Path, content: str | bytes, *, kind: str = "ticket", **fields: Any) -> FileSource:
    path = folder / fields.pop("file", "data.csv")
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return FileSource(name="mailbox", path=path, kind=kind, **fields)


def everything(source: FileSource, state: dict[str, Any] | None = None) -> Page:
    pages = list(source.fetch(state or {}))
    return Page(
        [record for page in pages for record in page.records],
        rejects=[reject for page in pages for reject in page.rejects],
        state=pages[-1].state if pages else {},
    )


def made(kind: type[Kind], source: FileSource) -> list[Kind]:
    """Its records, all of that type."""
    records = everything(source).records
    assert all(isinstance(record, kind) for record in records)
    return [record for record in records if isinstance(record, kind)]


def revenues(source: FileSource) -> list[float | None]:
    records = everything(source).records
    return [r.annual_revenue for r in records if isinstance(r, AccountRecord | SubscriptionRecord)]


def feedback_of(source: FileSource) -> list[FeedbackRecord]:
    return [record for record in everything(source).records if isinstance(record, FeedbackRecord)]


def test_a_file_source_is_a_source(tmp_path):
    source: Source = a_source(tmp_path, "id,text\n1,a\n")

    assert source.name == "mailbox"


def test_a_row_becomes_feedback(tmp_path):
    content = (
        "id,created_at,subject,description,organization_id,requester_email,url\n"
        "1.0,2026-03-05 10:00,Help,It spins,77.0,Ann <ann@b.example>,https://x.example/1\n"
    )
    [record] = feedback_of(a_source(tmp_path, content))

    assert (record.source, record.source_id, record.subject, record.text) == (
        "mailbox",
        "1",
        "Help",
        "It spins",
    )
    assert record.created_at == datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert (record.account, record.author_email, record.url) == ("77", "ann@b.example", "https://x.example/1")


def test_an_account_is_named_by_its_id_and_its_name(tmp_path):
    content = (
        'id,text,account_id,account\n1,aa,7,"Muster\n GmbH"\n2,bb,,Muster\n3,cc,8.0,\n4,dd,,\n5,ee,Muster,Muster\n'
    )
    records = feedback_of(a_source(tmp_path, content))

    assert [record.account for record in records] == ["7\nMuster GmbH", "Muster", "8", None, "Muster"]


def test_a_ticket_with_a_subject_alone_says_its_subject(tmp_path):
    [record] = feedback_of(a_source(tmp_path, "id,subject,body\n1,Printer is dead,\n"))

    assert (record.text, record.subject) == ("Printer is dead", None)


def test_rows_without_words_are_left_out_and_counted(tmp_path):
    page = everything(a_source(tmp_path, "id,score,comment\n1,9,\n2,3,too slow\n", kind="nps"))

    assert [r.source_id for r in page.records] == ["2"] and not page.rejects
    assert page.state["warnings"] == ["Rows without any text were left out. (1 time)"]


def test_a_row_with_an_impossible_date_is_refused_with_the_reason(tmp_path):
    content = "id,text,date\n" + "".join(f"{n},words {n},2026-03-{n}\n" for n in range(10, 20)) + "99,x,2026-02-30\n"
    page = everything(a_source(tmp_path, content))

    assert len(page.records) == 10
    assert [(r.line, r.reason) for r in page.rejects] == [(12, "'2026-02-30' is not a date.")]
    assert '"id": "99"' in page.rejects[0].raw


def test_accounts_keep_unknown_revenue_unknown(tmp_path):
    content = "account_id,account,revenue,renewal_date,website\n1,A,1100.5,2027-01-31,https://www.A.example/x\n2,B,,,\n"
    first, second = everything(a_source(tmp_path, content, kind="account", factors=["annual_revenue=1000"])).records

    assert first == AccountRecord(
        source="mailbox", source_id="1", name="A", annual_revenue=1_100_500.0, renewal_date=date(2027, 1, 31),
        domain="a.example",
    )  # fmt: skip
    assert isinstance(second, AccountRecord) and second.annual_revenue is None


def test_accounts_without_ids_are_known_by_name(tmp_path):
    [record] = everything(a_source(tmp_path, "account,revenue\nMuster GmbH,5\n", kind="account")).records

    assert record.source_id == "Muster GmbH"


def test_deals_are_won_lost_or_open(tmp_path):
    content = (
        "opportunity_id,account_id,deal_stage,close_date,close_value\n"
        "N1,1000.0,Won,11/21/25,556.0\nN2,,Lost,1/6/25,0\nN3,,Engaging,,\n"
    )
    deals = [d for d in everything(a_source(tmp_path, content, kind="deal")).records if isinstance(d, DealRecord)]

    assert [(d.stage, d.amount, d.account, d.closed_on) for d in deals] == [
        (DealStage.WON, 556.0, "1000", date(2025, 11, 21)),
        (DealStage.LOST, 0.0, None, date(2025, 1, 6)),
        (DealStage.OPEN, None, None, None),
    ]


def test_stages_that_say_neither_won_nor_lost_are_pointed_out(tmp_path):
    page = everything(a_source(tmp_path, "id,stage\n1,7970058\n2,7970059\n", kind="deal"))

    assert page.state["warnings"] == ["No value of 'stage' says won or lost, so every deal counts as open."]


def test_a_nonsense_date_that_a_deal_can_do_without_is_a_warning(tmp_path):
    rows = "".join(f"N{n},Won,1/{n}/25\n" for n in range(1, 20))
    page = everything(a_source(tmp_path, f"id,stage,close_date\n{rows}N99,Won,99/99/25\n", kind="deal"))

    assert len(page.records) == 20
    assert page.state["warnings"] == ["A value of closed_on is no likely date and was left out. (1 time)"]


def test_pages_hold_at_most_five_hundred_and_only_the_last_moves_the_state(tmp_path):
    content = "id,text\n" + "".join(f"{n},words {n}\n" for n in range(1, 1_202))
    pages = list(a_source(tmp_path, content).fetch({"sha256": "old"}))

    assert [len(page.records) for page in pages] == [500, 500, 201]
    assert [page.state["sha256"] == "old" for page in pages] == [True, True, False]


def test_an_unchanged_file_yields_nothing_unless_asked(tmp_path):
    source = a_source(tmp_path, "id,text\n1,a\n")
    state = everything(source).state
    os.utime(source.path)

    assert list(source.fetch(state)) == []
    assert len(everything(FileSource(name="m", path=source.path, kind="ticket", full=True), state).records) == 1


def test_a_changed_file_or_a_changed_mapping_is_read_again(tmp_path):
    source = a_source(tmp_path, "id,text,body\n1,a,b\n")
    state = everything(source).state
    remapped = a_source(tmp_path, "id,text,body\n1,a,b\n", overrides=["text=body"])

    assert [r.text for r in everything(remapped, state).records if isinstance(r, FeedbackRecord)] == ["b"]
    assert len(everything(a_source(tmp_path, "id,text,body\n1,c,b\n"), state).records) == 1


def test_rows_without_ids_get_the_same_ones_every_time(tmp_path):
    content = "text\nslow\nslow\nfine\n"
    first, again = (feedback_of(a_source(tmp_path, content, full=True)) for _ in range(2))

    assert [r.source_id for r in first] == [r.source_id for r in again]
    assert first[1].source_id == f"{first[0].source_id}#2"
    assert len({r.source_id for r in first}) == 3


def test_an_id_that_comes_twice_is_refused_unless_the_row_is_the_same(tmp_path):
    page = everything(a_source(tmp_path, "id,text\n1,a\n2,b\n3,c\n1,a\n2,other\n"))

    assert [r.source_id for r in page.records] == ["1", "2", "3", "1"]
    assert [(r.line, r.reason) for r in page.rejects] == [
        (6, "The id '2' stands in line 3 already, with other content.")
    ]


def test_a_row_that_differs_only_in_columns_nobody_reads_is_the_same(tmp_path):
    page = everything(a_source(tmp_path, "id,text,label\n1,a,x\n2,b,x\n1,a,y\n"))

    assert len(page.records) == 3 and not page.rejects


def test_defaults_fill_what_a_row_leaves_empty(tmp_path):
    records = feedback_of(a_source(tmp_path, "id,text,account\n1,a,X\n2,b,\n", defaults={"account_name": "Muster"}))

    assert [record.account for record in records] == ["X", "Muster"]


def test_a_file_with_a_header_only_gives_no_records_but_a_state(tmp_path):
    page = everything(a_source(tmp_path, "id,text\n"))

    assert not page.records and page.state["sha256"]


def test_a_file_without_a_text_names_its_columns(tmp_path):
    with pytest.raises(InsightsError, match="No column holds the text") as caught:
        list(a_source(tmp_path, "id,size\n1,2\n").fetch({}))

    assert "--map text=COLUMN" in caught.value.remedy and "id, size" in caught.value.remedy


@pytest.mark.parametrize(
    "fields",
    [{"kind": "letter"}, {"overrides": ["txt=a"]}, {"defaults": {"acount": "x"}}, {"factors": ["amount=x"]}],
)
def test_a_wrong_setting_is_explained(tmp_path, fields):
    with pytest.raises(InsightsError) as caught:
        list(a_source(tmp_path, "id,text\n1,a\n", **fields).fetch({}))

    assert caught.value.remedy


def test_what_was_read_before_a_cut_is_delivered_and_the_state_stays(tmp_path):
    content = "id,text\n" + "".join(f"{n},{n * 7919 % 10007} words\n" for n in range(20_000))
    source = a_source(tmp_path, gzip.compress(content.encode())[:-500], file="cut.csv.gz")
    pages: list[Page] = []

    with pytest.raises(InsightsError, match="cut off"):
        for page in source.fetch({}):
            pages.append(page)

    assert sum(len(page.records) for page in pages) > 1_000
    assert all(page.state == {} for page in pages)


def test_a_late_row_decides_which_number_is_the_day(tmp_path):
    rows = "".join(f"{n},words {n},3/4/26\n" for n in range(2_500))
    records = feedback_of(a_source(tmp_path, f"id,text,date\n{rows}x,words,25/4/26\n"))

    assert records[0].created_at == datetime(2026, 4, 3, tzinfo=UTC)


def test_a_late_high_score_shows_that_these_are_no_stars(tmp_path):
    rows = "".join(f"{n},words {n},4\n" for n in range(2_500))
    records = feedback_of(a_source(tmp_path, f"id,text,score\n{rows}x,words,9\n"))

    assert [records[0].score, records[-1].score] == [4.0, 9.0]


def test_the_preview_shows_columns_examples_orders_and_warnings(tmp_path):
    content = "id;text;date;rating;spare\n1;too slow;3/4/26;1;\n2;fine by me;5/6/26;5;\n3;a;b;c;d;e\n"
    preview = a_source(tmp_path, content, kind="review").preview()

    assert {c.field: (c.column, c.example) for c in preview.columns} == {
        "id": ("id", "1"), "text": ("text", "too slow"), "date": ("date", "3/4/26"), "score": ("rating", "1"),
    }  # fmt: skip
    assert preview.unused == ("spare",) and len(preview.rows) == 2 and len(preview.rejects) == 1
    assert "semicolon" in preview.form and "month before day" in preview.dates["date"]
    assert any("tells day from month" in warning for warning in preview.warnings)
    assert any("1 to 5" in warning for warning in preview.warnings)


def test_the_preview_says_what_is_missing_instead_of_failing(tmp_path):
    assert "No column holds the text." in a_source(tmp_path, "id,size\n1,2\n").preview().warnings


@pytest.mark.parametrize("kind", ["account", "subscription"])
@pytest.mark.parametrize("column", ["mrr", "MRR_amount", "Monatsbetrag", "Cuota mensual", "Prix mensuel"])
def test_revenue_of_a_month_is_taken_twelve_times(tmp_path, kind, column):
    source = a_source(tmp_path, f"id,account,{column}\n1,A,285.35\n2,B,\n", kind=kind)

    assert revenues(source) == [pytest.approx(3_424.2), None]
    assert any("a year's is 12 times as much" in warning for warning in source.preview().warnings)


def test_revenue_of_a_year_is_taken_before_that_of_a_month(tmp_path):
    source = a_source(tmp_path, "id,account,mrr_amount,arr_amount\n1,A,10,121\n", kind="subscription")

    assert [record.annual_revenue for record in made(SubscriptionRecord, source)] == [121.0]
    assert not source.preview().warnings


def test_a_scale_replaces_the_twelve_months(tmp_path):
    source = a_source(tmp_path, "id,account,mrr\n1,A,5\n", kind="account", factors=["annual_revenue=1"])

    assert [record.annual_revenue for record in made(AccountRecord, source)] == [5.0]


def test_a_column_that_may_be_the_accounts_own_turnover_is_pointed_out_and_can_be_left_out(tmp_path):
    content = "account,revenue\nMuster GmbH,1100.04\n"
    taken = a_source(tmp_path, content, kind="account")
    left_out = a_source(tmp_path, content, kind="account", overrides=["annual_revenue="])

    assert any("own turnover" in warning for warning in taken.preview().warnings)
    assert [record.annual_revenue for record in made(AccountRecord, left_out)] == [None]
    assert not left_out.preview().warnings


def test_what_an_account_pays_needs_no_note_under_our_own_name(tmp_path):
    assert not a_source(tmp_path, "account,annual_revenue\nMuster,5\n", kind="account").preview().warnings


def test_accounts_say_since_when_and_until_when(tmp_path):
    content = "account_id,account_name,signup_date,churned_at\n1,A,16-10-2023,05-06-2024\n2,B,17-08-2023,\n"
    records = made(AccountRecord, a_source(tmp_path, content, kind="account"))

    assert [(r.customer_since, r.left_on) for r in records] == [
        (date(2023, 10, 16), date(2024, 6, 5)),
        (date(2023, 8, 17), None),
    ]


@pytest.mark.parametrize("values", [("True", "False"), ("1", "0"), ("yes", "")])
@pytest.mark.parametrize("column", ["churn_flag", "churned", "is_churned"])
def test_no_day_of_leaving_is_made_of_a_flag(tmp_path, column, values):
    content = f"account_id,name,{column}\n1,A,{values[0]}\n2,B,{values[1]}\n"
    source = a_source(tmp_path, content, kind="account")

    assert [record.left_on for record in made(AccountRecord, source)] == [None, None]
    assert any("whether an account left, not when" in warning for warning in source.preview().warnings)


def test_subscriptions_are_read_with_their_days_and_trials(tmp_path):
    content = (
        "subscription_id,account_id,start_date,end_date,plan_tier,arr_amount,is_trial,churn_flag\n"
        "S-1,A-1,23-12-2023,12-04-2024,Pro,33432,False,True\n"
        "S-2,A-1,05-06-2024,,Pro,9996.50,False,False\n"
        "S-3,A-2,25-11-2024,,Basic,0,True,False\n"
        "S-4,,01-02-2024,,Basic,,False,False\n"
    )
    records = made(SubscriptionRecord, a_source(tmp_path, content, kind="subscription"))

    assert records == [
        SubscriptionRecord(
            source="mailbox", source_id="S-1", account="A-1", annual_revenue=33_432.0,
            started_on=date(2023, 12, 23), ended_on=date(2024, 4, 12),
        ),
        SubscriptionRecord(
            source="mailbox", source_id="S-2", account="A-1", annual_revenue=9_996.5, started_on=date(2024, 6, 5)
        ),
        SubscriptionRecord(
            source="mailbox", source_id="S-3", account="A-2", annual_revenue=0.0, started_on=date(2024, 11, 25),
            is_trial=True,
        ),
        SubscriptionRecord(source="mailbox", source_id="S-4", started_on=date(2024, 2, 1)),
    ]  # fmt: skip


def test_a_status_that_names_trials_tells_them(tmp_path):
    content = "id,customer,status\n1,A,trialing\n2,B,active\n3,C,canceled\n"
    records = made(SubscriptionRecord, a_source(tmp_path, content, kind="subscription"))

    assert [record.is_trial for record in records] == [True, False, False]


def test_a_status_without_trials_is_no_flag(tmp_path):
    preview = a_source(tmp_path, "id,customer,status\n1,A,active\n2,B,ended\n", kind="subscription").preview()

    assert "status" in preview.unused


def test_a_subscription_that_ends_before_it_starts_is_noted(tmp_path):
    page = everything(a_source(tmp_path, "id,account,start,end\n1,A,2024-05-01,2024-04-01\n", kind="subscription"))

    assert len(page.records) == 1
    assert any("ends before it starts" in warning for warning in page.state["warnings"])


def test_departures_are_read_with_reason_and_return(tmp_path):
    content = (
        "churn_event_id,account_id,churn_date,reason_code,refund_amount_usd,is_reactivation,feedback_text\n"
        "C-1,A-1,27-10-2024,pricing,4.03,False,switched to competitor\n"
        "C-2,A-2,05-06-2024,support,0.0,True,\n"
    )
    records = made(DepartureRecord, a_source(tmp_path, content, kind="departure"))

    assert records == [
        DepartureRecord(
            source="mailbox", source_id="C-1", account="A-1", left_on=date(2024, 10, 27), reason="pricing"
        ),
        DepartureRecord(
            source="mailbox", source_id="C-2", account="A-2", left_on=date(2024, 6, 5), reason="support",
            came_back=True,
        ),
    ]  # fmt: skip


def test_a_day_of_return_says_that_an_account_came_back(tmp_path):
    content = "id,account,left_on,reactivated_at\n1,A,2024-05-01,2024-06-01\n2,B,2024-05-02,\n"
    records = made(DepartureRecord, a_source(tmp_path, content, kind="departure"))

    assert [record.came_back for record in records] == [True, False]


def test_a_departure_without_a_day_is_kept_and_noted(tmp_path):
    page = everything(a_source(tmp_path, "id,account,churn_date,reason\n1,A,,price\n", kind="departure"))

    assert page.records == [DepartureRecord(source="mailbox", source_id="1", account="A", reason="price")]
    assert any("without a day" in warning for warning in page.state["warnings"])


@pytest.mark.parametrize("kind", ["subscription", "departure"])
def test_a_file_without_accounts_is_no_list_of_contracts(tmp_path, kind):
    with pytest.raises(InsightsError, match=f"No column holds the account of the {kind}s") as caught:
        list(a_source(tmp_path, "id,start_date\n1,2024-05-01\n", kind=kind).fetch({}))

    assert "--map account=COLUMN" in caught.value.remedy


def test_a_column_of_days_that_tell_nothing_is_read_as_the_others_of_the_file(tmp_path):
    content = "id,account,start_date,end_date\n" + "".join(f"{n},A,{n}-02-2024,05-06-2024\n" for n in range(10, 20))
    source = a_source(tmp_path, content, kind="subscription")

    assert {record.ended_on for record in made(SubscriptionRecord, source)} == {date(2024, 6, 5)}
    assert any("'end_date'" in w and "as in the other columns" in w for w in source.preview().warnings)
