"""Reviews of apps as the stores export them: each once, in its latest words, without what developers answered."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import check_source
from connectors.sources.app_reviews import APP_REVIEWS, AppReviews
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Setup

HEADER = (
    "Package Name,App Version Code,App Version Name,Reviewer Language,Device,Review Submit Date and Time,"
    "Review Submit Millis Since Epoch,Review Last Update Date and Time,Review Last Update Millis Since Epoch,"
    "Star Rating,Review Title,Review Text,Developer Reply Date and Time,Developer Reply Millis Since Epoch,"
    "Developer Reply Text,Review Link"
)
LINK = (
    "http://play.google.com/console/developers/57/app/49/user-feedback/review-details?reviewId={}&corpus=PUBLIC_REVIEWS"
)
OLD_LINK = "https://play.google.com/apps/publish?account=7#ReviewDetailsPlace:p=org.acme&reviewid=gp:AOq{}"


def a_row(text: str, *, link: str = "", stars: int = 1, at: str = "2026-03-02T08:00:00Z", title: str = "") -> str:
    sent = "2026-03-01T08:00:00Z,1772352000000"
    reply = '2026-03-04T08:00:00Z,1772611200000,"Sorry, we look into it"' if link else ",,"
    return f'org.acme,12,1.2,de,pixel,{sent},{at},1772438400000,{stars},{title},"{text}",{reply},{link}'


def play_file(folder: Path, *rows: str, month: str = "202603") -> Path:
    path = folder / f"reviews_org.acme_{month}.csv"
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-16")
    return path


def source(folder: Path, path: str = "reviews_*.csv", *, since: date | None = None, **more: Any) -> AppReviews:
    settings = APP_REVIEWS.settings.model_validate({"path": path, **more})
    setup: Setup[Any] = Setup(name="stores", settings=settings, folder=folder, secret=lambda: "", since=since)
    made = APP_REVIEWS.make(setup)
    assert isinstance(made, AppReviews)
    return made


def items(pages: Sequence[Page]) -> dict[str, FeedbackRecord]:
    return {one.source_id: one for page in pages for one in page.records if isinstance(one, FeedbackRecord)}


def test_a_month_of_google_play_is_read_without_what_developers_answered(tmp_path: Path) -> None:
    play_file(
        tmp_path,
        a_row("Stürzt ab,\nimmer", link=LINK.format("d2b07a18-68e9"), stars=2, title="Schlecht"),
        a_row("Slow", link=OLD_LINK.format("x_-1")),
        a_row("", stars=5),
    )

    [page] = source(tmp_path).fetch({})

    found = items([page])
    assert set(found) == {"d2b07a18-68e9", "gp:AOqx_-1"}
    first = found["d2b07a18-68e9"]
    assert (first.kind, first.subject, first.text) == (FeedbackKind.REVIEW, "Schlecht", "Stürzt ab,\nimmer")
    assert (first.score, first.created_at) == (2.5, datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert first.url == LINK.format("d2b07a18-68e9")
    assert not any("Sorry" in item.text for item in found.values())
    assert page.state["warnings"] == ["Rows without any text were left out."]


def test_the_latest_words_of_a_review_count_whichever_file_they_are_in(tmp_path: Path) -> None:
    link = LINK.format("a-1")
    play_file(tmp_path, a_row("newer", link=link, at="2026-03-09T08:00:00Z"), month="202602")
    play_file(tmp_path, a_row("older", link=link), a_row("other", link=LINK.format("b-2")), month="202603")

    found = items(list(source(tmp_path).fetch({})))

    assert {name: item.text for name, item in found.items()} == {"a-1": "newer", "b-2": "other"}


def test_an_edit_in_a_later_month_is_the_same_review(tmp_path: Path) -> None:
    play_file(tmp_path, a_row("It hangs", link=LINK.format("a-1")))
    [before] = source(tmp_path).fetch({})
    play_file(tmp_path, a_row("Works now", link=LINK.format("a-1"), at="2026-04-09T08:00:00Z", stars=5), month="202604")

    [after] = source(tmp_path).fetch(before.state)

    assert {name: (item.text, item.score) for name, item in items([after]).items()} == {"a-1": ("Works now", 10.0)}


def test_files_that_did_not_change_bring_nothing(tmp_path: Path) -> None:
    play_file(tmp_path, a_row("x", link=LINK.format("a-1")))
    [page] = source(tmp_path).fetch({})

    assert list(source(tmp_path).fetch(page.state)) == []


APPLE = {
    "data": [
        {
            "type": "customerReviews",
            "id": "00000191-be75-7003",
            "attributes": {
                "rating": 2,
                "title": "Bad",
                "body": "It hangs.",
                "reviewerNickname": "ann",
                "createdDate": "2026-03-08T13:22:08-07:00",
                "territory": "ESP",
            },
            "relationships": {"response": {"data": {"type": "customerReviewResponses", "id": "r-1"}}},
        }
    ],
    "included": [
        {
            "type": "customerReviewResponses",
            "id": "r-1",
            "attributes": {"responseBody": "Thanks!", "state": "PUBLISHED"},
        }
    ],
    "links": {"self": "https://api.appstoreconnect.apple.com/v1/apps/1/customerReviews"},
}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(APPLE),
        json.dumps([APPLE, APPLE], indent=1),
        json.dumps(APPLE) + "\n" + json.dumps(APPLE),
        json.dumps(APPLE["data"]),
        json.dumps(APPLE["data"][0]),  # type: ignore[index]
    ],
    ids=["answer", "answers", "lines", "list", "review"],
)
def test_what_the_api_of_app_store_connect_answers_is_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "apple.json").write_text(content)

    [page] = source(tmp_path, "apple.json").fetch({})

    [item] = page.records
    assert isinstance(item, FeedbackRecord)
    assert (item.source_id, item.subject, item.text, item.author_name) == (
        "00000191-be75-7003",
        "Bad",
        "It hangs.",
        "ann",
    )
    assert (item.score, item.created_at) == (2.5, datetime(2026, 3, 8, 20, 22, 8, tzinfo=UTC))
    assert "ESP" not in item.text and page.rejects == []


def test_what_the_api_of_google_play_answers_is_the_same_review_as_the_months(tmp_path: Path) -> None:
    play_file(tmp_path, a_row("It hangs", link=LINK.format("a-1")))
    review = {
        "reviewId": "a-1",
        "authorName": "Maria",
        "comments": [
            {
                "userComment": {
                    "text": "Bad\tIt still hangs",
                    "lastModified": {"seconds": "1773000000"},
                    "starRating": 1,
                }
            },
            {"developerComment": {"text": "Sorry", "lastModified": {"seconds": "1774000000"}}},
        ],
    }
    (tmp_path / "reviews_api.json").write_text(json.dumps({"reviews": [review]}))

    [item] = items(list(source(tmp_path, "reviews_*").fetch({}))).values()

    assert (item.subject, item.text, item.author_name, item.score) == ("Bad", "It still hangs", "Maria", 0.0)


def test_another_tools_table_is_recognised_or_mapped(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(
        "Review ID,Rating,Title,Body,Verdict,Date\n"
        "1,5,Good,I like it a lot,x,2026-03-01\n"
        "2,1,Bad,It hangs often,y,2026-03-02\n"
    )

    plain = items(list(source(tmp_path, "export.csv").fetch({})))
    mapped = items(list(source(tmp_path, "export.csv", map={"text": "Verdict"}).fetch({})))

    assert {name: (item.text, item.score) for name, item in plain.items()} == {
        "1": ("I like it a lot", 10.0),
        "2": ("It hangs often", 0.0),
    }
    assert mapped["1"].text == "x"


def test_a_file_that_is_broken_keeps_no_other_from_being_read_and_is_tried_again(tmp_path: Path) -> None:
    play_file(tmp_path, a_row("x", link=LINK.format("a-1")))
    (tmp_path / "reviews_broken.csv").write_bytes(b"\x89PNG...")
    pages = list[Page]()

    with pytest.raises(InsightsError, match="1 of 2 files"):
        pages.extend(_until_error(source(tmp_path), pages))

    assert set(items(pages)) == {"a-1"}
    with pytest.raises(InsightsError):
        list(source(tmp_path).fetch(pages[-1].state))


def _until_error(made: AppReviews, pages: list[Page]) -> list[Page]:
    for page in made.fetch({}):
        pages.append(page)
    return []


def test_odd_rows_are_refused_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"data": [{"type": "customerReviews", "id": "1"}, 5, "x"]}')
    (tmp_path / "b.json").write_text('{"type": "customerReviews", "id": "2", "attributes": {"body": "ok"}}\n{"broken\n')

    [page] = source(tmp_path, "*.json").fetch({})

    assert set(items([page])) == {"2"}
    assert [reject.reason.split(":")[0] for reject in page.rejects] == ["a.json", "b.json"]


def test_reviews_before_a_day_are_left_out(tmp_path: Path) -> None:
    play_file(
        tmp_path,
        a_row("old", link=LINK.format("a-1")),
        a_row("new", link=LINK.format("b-2"), at="2026-04-02T08:00:00Z"),
    )

    assert set(items(list(source(tmp_path, since=date(2026, 4, 1)).fetch({})))) == {"b-2"}


def test_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match="no file"):
        list(source(tmp_path).fetch({}))


def test_the_source_keeps_its_contract(tmp_path: Path) -> None:
    for month in ("202603", "202604"):
        rows = [a_row(f"words {number}", link=LINK.format(f"{month}-{number}")) for number in range(300)]
        play_file(tmp_path, *rows, month=month)

    check_source(source(tmp_path))
