"""A file as a source: pages, refusals, states and the preview."""

import gzip
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.files import FileSource
from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.domain.feedback import FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Source


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


def test_an_account_without_an_id_falls_back_to_its_name(tmp_path):
    records = feedback_of(a_source(tmp_path, "id,text,account_id,account\n1,aa,7,Muster\n2,bb,,Muster\n"))

    assert [record.account for record in records] == ["7", "Muster"]


def test_a_ticket_with_a_subject_alone_says_its_subject(tmp_path):
    [record] = feedback_of(a_source(tmp_path, "id,subject,body\n1,Printer is dead,\n"))

    assert (record.text, record.subject) == ("Printer is dead", None)


def test_rows_without_words_are_left_out_and_counted(tmp_path):
    page = everything(a_source(tmp_path, "id,score,comment\n1,9,\n2,3,too slow\n", kind="nps"))

    assert [r.source_id for r in page.records] == ["2"] and not page.rejects
    assert page.state["warnings"] == ["Rows without any text were left out. (1 times)"]


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
    assert page.state["warnings"] == ["A value of closed_on is no likely date and was left out. (1 times)"]


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


def test_monthly_revenue_is_not_taken_for_a_years(tmp_path):
    preview = a_source(tmp_path, "account_id,name,mrr\n1,A,5\n2,B,6\n", kind="account").preview()

    assert all(column.field != "annual_revenue" for column in preview.columns)
    assert any("annual_revenue=12" in warning for warning in preview.warnings)
