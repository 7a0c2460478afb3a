"""What is particular to Zendesk: who says what in a ticket, how little is asked, and its organizations."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.sources.zendesk import ZENDESK, ZendeskSettings
from insights.domain.customers import AccountRecord
from insights.domain.feedback import AccountMatch, FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Checkable, Page, Setup
from tests.connectors.sources.wild import json_values
from tests.hostile.dialects.zendesk import EMAIL, ZendeskDialect
from tests.hostile.reading import Reader, reading
from tests.hostile.server import NOT_FOUND, SECRET, Call, HostileServer, Reply, serving
from tests.hostile.world import World

AGENT = {"id": 9, "name": "Agent", "email": "agent@acme.example", "role": "agent"}
ANNA = {"id": 5, "name": "Anna", "email": "anna@firm.example", "role": "end-user", "organization_id": 77}
BORIS = {"id": 6, "name": "Boris", "email": "boris@firm.example", "role": "end-user"}


class Told(ZendeskDialect):
    """Answers what a test tells it to, by path."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def answer(self, world: World, call: Call) -> Reply:
        name = call.path.removeprefix("/api/v2/").removesuffix(".json").replace("/", "_")
        return Reply(self._answers[name]) if name in self._answers else NOT_FOUND


class WithAccounts(ZendeskDialect):
    def settings(self, base: str) -> dict[str, Any]:
        return {**super().settings(base), "accounts": True, "revenue_field": "arr", "segment_field": "tier"}


class WithClient(ZendeskDialect):
    """Each token serves three calls."""

    def __init__(self) -> None:
        self.client = "insights"
        self.given = self.left = 0

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "client_id": "insights"}

    def answer(self, world: World, call: Call) -> Reply:
        if call.path == "/oauth/tokens":
            known = {"client_id": self.client, "client_secret": SECRET}
            if call.body != {"grant_type": "client_credentials", "scope": "read", **known}:
                return Reply({"error": "invalid_client", "error_description": f"Unknown: {call.body}"}, 401)
            self.given, self.left = self.given + 1, 3
            return Reply({"access_token": f"token-{self.given}", "token_type": "bearer", "expires_in": 1800})
        if call.headers.get("authorization") != f"Bearer token-{self.given}" or not self.left:
            return Reply({"error": "invalid_token", "error_description": "The access token provided is expired"}, 401)
        self.left -= 1
        return super().answer(world, replace(call, headers={**call.headers, "authorization": f"Bearer {SECRET}"}))


class WithOAuth(ZendeskDialect):
    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "oauth": True}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(ZendeskDialect, tmp_path) as opened:
        yield opened


@contextmanager
def told(*tickets: Any, comments: Any = (), users: Any = (ANNA, BORIS, AGENT)) -> Iterator[list[Page]]:
    """The pages of a reading of these tickets, each with these comments."""
    export = {"tickets": tickets, "users": users, "organizations": [], "after_cursor": None, "end_of_stream": True}
    said = {"comments": comments, "users": users, "meta": {"has_more": False}}
    named = {f"tickets_{row['id']}_comments": said for row in tickets if isinstance(row, dict) and "id" in row}
    with serving(World(), Told(incremental_tickets_cursor=export, **named)) as hostile:
        yield list(source(hostile).fetch({}))


def source(hostile: HostileServer) -> Any:
    own = ZendeskSettings(url=hostile.base, email=EMAIL)
    return ZENDESK.make(Setup(name="desk", settings=own, folder=Path(), secret=lambda: SECRET, sleep=lambda _: 0))


def ticket(number: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "id": number,
        "subject": "Export",
        "description": "The export hangs.",
        "status": "open",
        "created_at": "2026-03-01T08:00:00Z",
        "generated_timestamp": 1_772_352_000,
        "requester_id": ANNA["id"],
        "submitter_id": ANNA["id"],
        "organization_id": None,
        "is_public": True,
        "comment_count": 1,
        "satisfaction_rating": {"score": "unoffered"},
        **other,
    }


def comment(author: int, body: str, *, public: bool = True) -> dict[str, Any]:
    return {"id": 1, "author_id": author, "body": body, "public": public}


def only(pages: list[Page]) -> FeedbackRecord:
    [record] = [one for page in pages for one in page.records]
    assert isinstance(record, FeedbackRecord)
    return record


def test_only_what_the_customers_side_said_in_public_counts() -> None:
    comments = [
        comment(5, "The export hangs."),
        comment(9, "Have you tried again?"),
        comment(6, "Here it hangs, too."),
        comment(6, "For my colleagues only.", public=False),
        comment(404, "Somebody who is not known."),
    ]
    with told(ticket(comment_count=5), comments=comments) as pages:
        record = only(pages)

    assert record.text == "The export hangs.\n\nHere it hangs, too."
    assert (record.author_name, record.author_email) == ("Anna", "anna@firm.example")


def test_a_requester_who_was_removed_is_still_the_customer() -> None:
    with told(ticket(comment_count=2), comments=[comment(5, "It hangs."), comment(9, "Thanks.")], users=[]) as pages:
        assert only(pages).text == "It hangs."


@pytest.mark.parametrize("other", [{"submitter_id": 9}, {"is_public": False}, {"comment_count": None}])
def test_where_the_description_may_be_our_own_words_the_comments_are_asked_for(other: dict[str, Any]) -> None:
    with told(ticket(**other), comments=[comment(5, "My own words.")]) as pages:
        assert only(pages).text == "My own words."


def test_a_ticket_in_which_no_customer_says_anything_is_no_feedback() -> None:
    with told(ticket(submitter_id=9), comments=[comment(9, "We will be down on Sunday.")]) as pages:
        assert [(page.records, page.tombstones) for page in pages] == [([], ["ticket-1"])]


def test_what_was_said_with_a_rating_belongs_to_the_ticket() -> None:
    rating = {"id": 3, "score": "bad", "comment": "It took a week."}
    with told(ticket(satisfaction_rating=rating)) as pages:
        assert only(pages).text == "The export hangs.\n\nIt took a week."


def test_the_organization_of_the_ticket_or_else_of_its_author_is_the_account() -> None:
    with told(ticket(1), ticket(2, organization_id=78)) as pages:
        accounts = [one.account for page in pages for one in page.records if isinstance(one, FeedbackRecord)]
    assert accounts == ["organization-77", "organization-78"]


def test_malformed_tickets_are_refused_and_the_others_come() -> None:
    rows = [None, "text", {"subject": "no id"}, ticket(2, created_at="yesterday"), ticket(3, description=7), ticket(4)]
    with told(*rows) as pages:
        refused = [one.reason for page in pages for one in page.rejects]
        assert only(pages).source_id == "ticket-4"
    assert len(refused) == 5


@settings(max_examples=15, deadline=None)
@given(field=st.sampled_from(sorted(ticket())), value=json_values())
def test_whatever_stands_in_a_field_the_other_tickets_come(field: str, value: Any) -> None:
    with told({**ticket(1), field: value}, ticket(2), comments=[comment(5, "It hangs.")]) as pages:
        assert "ticket-2" in [one.source_id for page in pages for one in page.records]
        assert sum(len([*page.records, *page.rejects, *page.tombstones]) for page in pages) == 2


def test_a_ticket_that_nobody_answered_costs_no_call(reader: Reader) -> None:
    numbers = reader.world.add(8)
    reader.world.reply(numbers[0])

    reader.pull()

    comments = [call.path for call in reader.hostile.calls if call.path.endswith("comments.json")]
    assert set(comments) == {"/api/v2/tickets/1/comments.json"}
    assert reader.differences() == []


def test_what_is_slow_to_read_is_saved_in_parts_and_only_the_last_moves_on() -> None:
    rows = [ticket(number, comment_count=2) for number in range(1, 121)]
    with told(*rows, comments=[comment(5, "It hangs.")]) as pages:
        assert [len(page.records) for page in pages] == [50, 50, 20]
        assert [page.state.get("read_to") for page in pages] == [None, None, "2026-03-01T08:00:00+00:00"]


def test_the_minute_that_is_held_back_comes_later(reader: Reader) -> None:
    dialect = reader.hostile.dialect
    assert isinstance(dialect, ZendeskDialect)
    dialect.held_back = timedelta(minutes=1)
    reader.world.add(5)
    reader.pull()
    assert reader.stored() == {}

    reader.world.pass_time(seconds=62)
    reader.world.edit(3)
    reader.pull()
    assert set(reader.stored()) == {"ticket-1", "ticket-2", "ticket-4", "ticket-5"}

    reader.world.pass_time(seconds=62)
    reader.pull()
    assert reader.differences() == []


def test_a_cursor_that_the_service_does_not_know_is_left_for_the_time_that_was_read_to() -> None:
    state = {"cursor": "gone", "read_to": "2026-03-01T08:00:00+00:00"}
    asked: list[dict[str, str]] = []

    class Forgetful(Told):
        def answer(self, world: World, call: Call) -> Reply:
            asked.append(call.query)
            return Reply({"error": "InvalidCursor"}, 400) if "cursor" in call.query else super().answer(world, call)

    export = {"tickets": [ticket()], "users": [ANNA], "end_of_stream": True}
    with serving(World(), Forgetful(incremental_tickets_cursor=export)) as hostile:
        assert only(list(source(hostile).fetch(state))).source_id == "ticket-1"

    start = datetime(2026, 3, 1, 7, 45, tzinfo=UTC)  # the usual overlap before
    assert [query.get("start_time") for query in asked] == [None, str(int(start.timestamp()))]


def test_an_export_that_turns_in_a_circle_ends() -> None:
    export = {"tickets": [], "users": [], "after_cursor": "same", "end_of_stream": False}
    with serving(World(), Told(incremental_tickets_cursor=export)) as hostile, pytest.raises(InsightsError):
        list(source(hostile).fetch({}))


def test_organizations_are_accounts_where_that_is_wanted(tmp_path: Path) -> None:
    with reading(WithAccounts, tmp_path) as reader:
        reader.world.add(7)

        reader.pull()

        accounts = {one.name: one for one in reader.repository.customers.delivered_accounts()}
        assert accounts["Firm 3"].annual_revenue == 3600
        assert accounts["Firm 0"].annual_revenue is None and accounts["Firm 0"].domain == "firm0.example"
        assert len(accounts) == 7
        items = reader.repository.feedback.unprotected(10)
        assert {item.account_match for item in items} == {AccountMatch.ID}


def test_malformed_organizations_are_refused_and_deleted_ones_go() -> None:
    rows = [
        {"id": 1, "name": "Firm", "updated_at": "2026-01-01T00:00:00Z", "organization_fields": {"arr": "12 apples"}},
        {"id": 2, "name": "Gone", "updated_at": "2026-01-01T00:00:00Z", "deleted_at": "2026-01-01T00:00:00Z"},
        {"id": 3, "name": "Firm", "updated_at": "2026-01-01T00:00:00Z", "domain_names": []},
        {"name": "nobody"},
    ]
    answers = {
        "incremental_organizations": {"organizations": rows, "end_of_stream": True},
        "incremental_tickets_cursor": {"tickets": [], "end_of_stream": True},
    }
    with serving(World(), Told(**answers)) as hostile:
        own = ZendeskSettings(url=hostile.base, email=EMAIL, accounts=True, revenue_field="arr")
        setup = Setup(name="desk", settings=own, folder=Path(), secret=lambda: SECRET)
        first, *_ = ZENDESK.make(setup).fetch({})

    assert [one.source_id for one in first.records if isinstance(one, AccountRecord)] == ["organization-3"]
    assert first.tombstones == ["organization-2"] and len(first.rejects) == 2


def test_an_oauth_token_is_borne(tmp_path: Path) -> None:
    with reading(WithOAuth, tmp_path) as reader:
        reader.world.add(3)
        reader.pull()
        assert reader.differences() == []
        assert {call.headers["authorization"] for call in reader.hostile.calls} == {f"Bearer {SECRET}"}


def test_an_oauth_client_gets_a_token_and_another_when_that_ends(tmp_path: Path) -> None:
    with reading(WithClient, tmp_path) as reader:
        for number in reader.world.add(9):
            reader.world.reply(number)
        reader.pull()

        assert reader.differences() == []
        dialect = reader.hostile.dialect
        assert isinstance(dialect, WithClient) and dialect.given > 3


def test_a_client_that_zendesk_does_not_know_is_a_refused_login_without_its_secret(tmp_path: Path) -> None:
    with reading(WithClient, tmp_path) as reader:
        reader.hostile.dialect.client = "another"  # type: ignore[attr-defined]
        with pytest.raises(InsightsError) as caught:
            reader.pull()

    assert caught.value.exit_code is ExitCode.LOGIN and SECRET not in caught.value.message


@pytest.mark.parametrize("login", [{}, {"email": EMAIL, "oauth": True}, {"email": EMAIL, "client_id": "insights"}])
def test_one_way_to_log_in_must_be_chosen(login: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="give either client_id"):
        ZendeskSettings(url="https://acme.zendesk.com", **login)


def test_the_check_says_as_whom_we_are_logged_in(reader: Reader) -> None:
    desk = reader.source()
    assert isinstance(desk, Checkable)
    assert desk.check() == f"{EMAIL} (admin) at {reader.hostile.base}"


def test_to_be_taken_for_nobody_is_no_login() -> None:
    nobody = {"user": {"id": None, "name": "Anonymous user"}}
    with serving(World(), Told(users_me=nobody)) as hostile, pytest.raises(InsightsError) as caught:
        source(hostile).check()
    assert caught.value.exit_code is ExitCode.LOGIN


def test_no_error_holds_the_key_in_any_writing() -> None:
    written = base64.b64encode(f"{EMAIL}/token:{SECRET}".encode()).decode()

    class Refusing(Told):
        def answer(self, world: World, call: Call) -> Reply:
            return Reply({"error": f"no: {call.headers['authorization']} {SECRET}"}, 403)

    asks: list[Callable[[Any], Any]] = [lambda desk: desk.check(), lambda desk: list(desk.fetch({}))]
    for ask in asks:
        with serving(World(), Refusing()) as hostile, pytest.raises(InsightsError) as caught:
            ask(source(hostile))
        assert SECRET not in caught.value.message and written not in caught.value.message
