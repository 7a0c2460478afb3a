"""What is particular to Intercom: who says what in a conversation, ratings, companies, and their scroll."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.sources.intercom import INTERCOM, IntercomSettings
from insights.domain.feedback import AccountMatch, FeedbackRecord
from insights.ports import Checkable, Page, Setup, Sweepable
from tests.connectors.sources.wild import json_values
from tests.hostile.dialects.intercom import IntercomDialect
from tests.hostile.reading import Reader, reading
from tests.hostile.server import SECRET, Call, Reply, serving
from tests.hostile.world import World

ANNA = {"type": "user", "id": "c1", "name": "Anna", "email": "anna@firm.example"}
LEAD = {"type": "lead", "id": "c2", "name": None, "email": None}
ADMIN = {"type": "admin", "id": "9", "name": "Agent", "email": "agent@acme.example"}


class WithAccounts(IntercomDialect):
    def settings(self, base: str) -> dict[str, Any]:
        return {**super().settings(base), "accounts": True}


class Told(IntercomDialect):
    """One page of conversations that a test tells; each comes whole as it is in the list, unless told otherwise."""

    def __init__(self, *rows: Any, whole: dict[str, Any] | None = None) -> None:
        self.rows, self.whole = rows, whole

    def answer(self, world: World, call: Call) -> Reply:
        if call.path == "/conversations/search":
            return Reply({"conversations": self.rows, "total_count": len(self.rows), "pages": {"type": "pages"}})
        if call.path.startswith("/conversations/") and self.whole is not None:
            return Reply(self.whole)
        return super().answer(world, call)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(IntercomDialect, tmp_path) as opened:
        yield opened


@pytest.fixture
def with_accounts(tmp_path: Path) -> Iterator[Reader]:
    with reading(WithAccounts, tmp_path) as opened:
        yield opened


def pages_of(*rows: Any, whole: dict[str, Any] | None = None) -> list[Page]:
    with serving(World(), Told(*rows, whole=whole)) as hostile:
        own = IntercomSettings(url=hostile.base)
        setup = Setup(name="chat", settings=own, folder=Path(), secret=lambda: SECRET, sleep=lambda _: 0)
        return list(INTERCOM.make(setup).fetch({}))


def only(pages: list[Page]) -> FeedbackRecord:
    [record] = [one for page in pages for one in page.records]
    assert isinstance(record, FeedbackRecord)
    return record


def conversation(author: dict[str, Any] = ANNA, *parts: Any, total: int | None = None, **other: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "title": None,
        "created_at": 1_772_352_000,
        "updated_at": 1_772_352_000,
        "source": {"subject": "<p>Export</p>", "body": "<p>The export hangs.</p>", "author": author},
        "statistics": {"count_conversation_parts": len(parts)},
        "conversation_parts": {"conversation_parts": parts, "total_count": len(parts) if total is None else total},
        **other,
    }


def part(author: dict[str, Any], body: str | None, **other: Any) -> dict[str, Any]:
    return {"part_type": "comment", "author": author, "body": body, **other}


def test_what_users_leads_and_contacts_wrote_is_kept_in_order_and_nothing_else() -> None:
    whole = conversation(
        ANNA,
        part(ADMIN, "<p>Have you tried again?</p>"),
        part(ANNA, "<p>Yes &amp; no.</p>"),
        part(ANNA, None, part_type="close"),
        part(ANNA, "<p>secret</p>", redacted=True),
        part({"type": "bot", "id": "1", "name": "Fin", "email": "bot@acme.example"}, "<p>I can help.</p>"),
        part(LEAD, "<p>Here, too.</p>"),
    )
    record = only(pages_of(whole, whole=whole))

    assert record.text == "The export hangs.\n\nYes & no.\n\nHere, too."
    assert (record.subject, record.author_email) == ("Export", "anna@firm.example")
    assert record.url == "https://app.intercom.com/a/inbox/abc1/inbox/shared/all/conversation/7"


def test_a_message_of_ours_that_nobody_answered_is_no_feedback() -> None:
    [first, *_] = pages_of(conversation(ADMIN))
    assert (first.records, first.tombstones) == ([], ["conversation-7"])


def test_of_a_conversation_that_we_began_the_customers_part_is_kept_without_our_subject() -> None:
    whole = conversation(ADMIN, part(LEAD, "<p>No, thanks: the export hangs.</p>"))
    record = only(pages_of(whole, whole=whole))
    assert (record.text, record.subject) == ("No, thanks: the export hangs.", None)


def test_a_conversation_without_parts_costs_no_call_of_its_own(reader: Reader) -> None:
    first, *_ = reader.world.add(6)
    reader.world.reply(first)

    reader.pull()

    asked = [call.path for call in reader.hostile.calls if call.method == "GET" and "conversations" in call.path]
    assert asked == ["/conversations/1"] and reader.differences() == []


def test_what_was_remarked_with_a_rating_belongs_to_the_conversation() -> None:
    rated = {"rating": 2, "remark": "It took a week."}
    assert only(pages_of(conversation(conversation_rating=rated))).text == "The export hangs.\n\nIt took a week."


def test_a_conversation_that_is_longer_than_the_vendor_tells_is_warned_of() -> None:
    whole = conversation(ANNA, part(ANNA, "<p>More.</p>"), total=731)
    *_, last = pages_of(whole, whole=whole)
    assert last.state["warnings"] == [
        "Of 1 conversation Intercom gives the newest 500 parts alone: what was said before is missing."
    ]


def test_malformed_conversations_are_refused_and_the_others_come() -> None:
    rows = [
        None,
        {"no": "id"},
        conversation(id="../companies"),
        conversation(id="8", created_at="soon", updated_at="soon"),
        conversation(id="9", source="text"),
        conversation(id="10"),
    ]
    pages = pages_of(*rows)
    assert only(pages).source_id == "conversation-10"
    assert sum(len(page.rejects) for page in pages) == 5


@settings(max_examples=15, deadline=None)
@given(field=st.sampled_from(sorted(conversation())), value=json_values(), is_list=st.booleans())
def test_whatever_stands_in_a_field_the_other_conversations_come(field: str, value: Any, is_list: bool) -> None:
    wild = {**conversation(ANNA, part(ANNA, "<p>More.</p>"), id="8"), field: value}
    pages = pages_of(
        wild if is_list else conversation(ANNA, part(ANNA, "<p>More.</p>"), id="8"), conversation(), whole=wild
    )
    assert "conversation-7" in [one.source_id for page in pages for one in page.records]
    assert sum(len([*page.records, *page.rejects, *page.tombstones]) for page in pages) == 2


def test_companies_are_accounts_with_a_years_revenue(with_accounts: Reader) -> None:
    with_accounts.world.add(20)

    with_accounts.pull()

    accounts = {one.name: one for one in with_accounts.repository.customers.delivered_accounts()}
    assert accounts["Firm 2"].annual_revenue == 2400 and accounts["Firm 2"].domain == "www.firm2.example"
    assert accounts["Firm 0"].annual_revenue is None and accounts["Firm 0"].domain is None
    assert (accounts["Firm 3"].plan, accounts["Firm 3"].segment) == ("Pro", "Mining")
    items = with_accounts.repository.feedback.unprotected(30)
    assert {item.account_match for item in items} == {AccountMatch.ID}


def test_contacts_are_looked_up_once_though_their_conversations_come_again(with_accounts: Reader) -> None:
    with_accounts.world.add(20)
    with_accounts.world.plan += [lambda world: world.edit(1, 2, 19)]

    with_accounts.pull()

    lookups = [call.body["query"]["value"] for call in with_accounts.hostile.calls if call.path == "/contacts/search"]
    named = [contact for [named] in lookups for contact in named["value"]]
    assert len(named) == len(set(named)) == 20 and len(lookups) <= 6


def test_a_scroll_that_broke_is_begun_again_when_it_has_ended(with_accounts: Reader) -> None:
    with_accounts.hostile.faults += ["cut"]

    with_accounts.pull()

    assert 61.0 in with_accounts.slept
    assert len(with_accounts.repository.customers.delivered_accounts()) == 5


def test_a_sweep_keeps_the_companies_that_are_there(with_accounts: Reader) -> None:
    with_accounts.world.add(3)
    with_accounts.pull()
    with_accounts.world.delete(2)

    assert with_accounts.sweep() == 1
    assert len(with_accounts.repository.customers.delivered_accounts()) == 5


def test_a_company_is_asked_for_by_its_id(with_accounts: Reader) -> None:
    chat = with_accounts.source()
    assert isinstance(chat, Sweepable)
    assert chat.are_gone(["company-6762f0971bb69f9f2193bb00", "company-6762"]) == ["company-6762"]


def test_the_check_says_as_whom_and_where(reader: Reader) -> None:
    chat = reader.source()
    assert isinstance(chat, Checkable)
    assert chat.check() == f"ciaran@acme.example in Acme at {reader.hostile.base}"


def test_a_region_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="us"):
        IntercomSettings.model_validate({"region": "moon"})
