"""Fields that the settings do not name are not kept."""

from datetime import UTC, datetime

from insights.domain.feedback import AccountMatch, FeedbackKind
from insights.ports import Page, Reject
from insights.stages.minimise import minimised, without_rows
from insights.storage.feedback import Draft

DRAFT = Draft(
    source="s", source_id="1", kind=FeedbackKind.TICKET, text="It hangs.\n-- \nAnn, +1 555", body="It hangs.",
    created_at=datetime(2026, 3, 1, tzinfo=UTC), account_id=7, account_match=AccountMatch.DOMAIN, account_hint="ACME",
    author_name="Ann", author_email="ann@acme.example", score=3, url="https://x.example/1",
)  # fmt: skip


def test_without_a_list_all_is_kept() -> None:
    assert minimised(DRAFT, None) == DRAFT


def test_with_an_empty_list_only_what_was_said_and_when_is_kept() -> None:
    found = minimised(DRAFT, [])
    assert (found.text, found.body, found.created_at) == ("It hangs.", "It hangs.", DRAFT.created_at)
    left = (found.author_name, found.author_email, found.score, found.url, found.account_hint, found.account_id)
    assert left == (None,) * 6
    assert found.account_match is AccountMatch.NONE


def test_the_account_that_an_address_led_to_stays_where_the_address_does_not() -> None:
    found = minimised(DRAFT, ["account"])
    assert (found.account_id, found.author_email) == (7, None)


def test_refused_rows_keep_line_and_reason_only() -> None:
    page = Page(records=[], rejects=[Reject(4, "no text", "ann@acme.example,")])
    (kept,) = without_rows(page, ["account"]).rejects
    assert (kept.line, kept.reason) == (4, "no text")
    assert "ann" not in kept.raw
    assert without_rows(page, None) is page
