"""What is particular to Request Tracker: its log, merged tickets, queues, and what a user of it may see."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sources.request_tracker import REQUEST_TRACKER, RequestTracker, RequestTrackerSettings
from insights.domain.feedback import FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Setup
from tests.connectors.sources.wild import are_words, json_values
from tests.hostile.dialects.request_tracker import RequestTrackerDialect
from tests.hostile.reading import Reader, reading
from tests.hostile.server import SECRET, Call, HostileServer, Reply, serving
from tests.hostile.world import World


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(RequestTrackerDialect, tmp_path) as opened:
        yield opened


def dialect(reader: Reader) -> RequestTrackerDialect:
    assert isinstance(reader.hostile.dialect, RequestTrackerDialect)
    return reader.hostile.dialect


def source(hostile: HostileServer, *, since: date | None = None, **own: Any) -> RequestTracker:
    chosen = RequestTrackerSettings(url=hostile.base, **{"user": "reader", **own})
    setup = Setup(
        name="rt", settings=chosen, folder=Path(), secret=lambda: SECRET, since=since, overlap=timedelta(0), sleep=_wake
    )
    made = REQUEST_TRACKER.make(setup)
    assert isinstance(made, RequestTracker)
    return made


def _wake(_: float) -> None:
    """Waits for nothing."""


def records(source: RequestTracker) -> dict[str, FeedbackRecord]:
    found = [record for page in source.fetch({}) for record in page.records]
    return {record.source_id: record for record in found if isinstance(record, FeedbackRecord)}


def test_a_ticket_tells_who_asked_what_and_where_it_is_shown(reader: Reader) -> None:
    reader.world.add()

    [record] = records(source(reader.hostile)).values()

    assert (record.subject, record.author_name) == ("Subject s1", "person1@firm1.example")
    assert record.author_email == "person1@firm1.example"
    assert record.url == f"{reader.hostile.base}/Ticket/Display.html?id=1"


def test_a_merged_ticket_is_part_of_the_one_that_it_was_merged_into(reader: Reader) -> None:
    world = reader.world
    world.add(9)
    reader.pull()

    dialect(reader).merged[2] = 7
    world.reply(7)
    world.pass_time(seconds=1)
    reader.pull()

    stored = reader.stored()
    words = [world.items[2].text, world.items[7].text, world.items[7].replies[0].text]
    places = [stored["7"].find(one) for one in words]
    assert "2" not in stored
    assert -1 not in places and places == sorted(places)


def test_a_merged_ticket_is_never_read_as_one_of_its_own(reader: Reader) -> None:
    reader.world.add(3)
    dialect(reader).merged[1] = 3

    assert set(records(source(reader.hostile))) == {"2", "3"}


def test_only_the_queues_of_the_settings_are_read_and_what_leaves_them_goes(reader: Reader) -> None:
    reader.world.add(4)
    dialect(reader).queues |= {2: "Sal\\es' {0}", 3: "Sal\\es' {0}"}
    chosen = source(reader.hostile, queues=["Sal\\es' {0}"])
    pages = list(chosen.fetch({}))
    state = pages[-1].state
    dialect(reader).queues[3] = "General"
    reader.world.edit(3)

    gone = [number for page in chosen.fetch(state) for number in page.tombstones]

    assert [record.source_id for page in pages for record in page.records] == ["2", "3"]
    assert gone == ["3"]
    assert [number for page in chosen.living() for number in page] == ["2"]


def test_the_first_reading_begins_at_a_day_whatever_zone_times_are_read_in(reader: Reader) -> None:
    world = reader.world
    world.add(2, apart=0)
    world.now = world.now.replace(hour=0, minute=0) + timedelta(days=3)
    world.add(2)

    found = records(source(reader.hostile, since=world.now.date()))

    assert set(found) == {"3", "4"}


def test_no_query_after_the_first_reading_holds_a_time(reader: Reader) -> None:
    reader.world.add(3)
    reader.pull()
    before = len(reader.hostile.calls)
    reader.world.edit(1)

    reader.pull()

    assert not any(
        "Updated >" in str(call.query) or "Created >" in str(call.query) for call in reader.hostile.calls[before:]
    )


def test_a_first_reading_that_is_stopped_goes_on_where_it_was_and_misses_no_change_meanwhile(reader: Reader) -> None:
    world = reader.world
    world.add(9)
    chosen = source(reader.hostile)
    first = next(iter(chosen.fetch({})))
    world.edit(1)

    rest = [record.source_id for page in chosen.fetch(first.state) for record in page.records]

    assert [record.source_id for record in first.records] == ["1", "2", "3", "4"]
    assert rest == ["5", "6", "7", "8", "9", "1"]


def test_what_may_not_be_seen_is_not_gone(reader: Reader) -> None:
    reader.world.add(3)
    answer = reader.hostile.dialect.answer

    def without_the_second(world: World, call: Call) -> Reply:
        if call.path.endswith("/ticket/2"):
            return Reply({"message": "Forbidden"}, 403)
        reply = answer(world, call)
        if isinstance(reply.data, dict) and call.path.endswith("tickets"):
            reply.data["items"] = [row for row in reply.data["items"] if row["id"] != 2]
        return reply

    reader.hostile.dialect.answer = without_the_second  # type: ignore[method-assign]

    assert source(reader.hostile).are_gone(["1", "2", "77"]) == ["77"]


def test_an_older_one_that_heeds_no_query_of_its_log_is_told_as_such() -> None:
    class Older(RequestTrackerDialect):
        def _transactions(self, world: World, call: Call) -> Reply:
            return super()._transactions(world, replace(call, query={**call.query, "query": "id > 0"}))

    with serving(World(), Older()) as hostile, pytest.raises(InsightsError, match="does not heed"):
        hostile.world.add(9)
        list(source(hostile).fetch({}))


def test_many_deletions_cost_a_few_calls(reader: Reader) -> None:
    world = reader.world
    numbers = world.add(80)
    reader.pull()
    before = len(reader.hostile.calls)
    world.delete(*numbers[:60])

    reader.pull()

    assert reader.differences() == []
    assert not any("/ticket/" in call.path for call in reader.hostile.calls[before:])


def test_a_token_logs_in_where_no_user_is_named() -> None:
    class ByToken(RequestTrackerDialect):
        def answer(self, world: World, call: Call) -> Reply:
            is_right = call.headers.get("authorization") == f"token {SECRET}"
            return Reply({"Version": "5.0.3"} if is_right else {}, 200 if is_right else 401)

    with serving(World(), ByToken()) as hostile:
        assert source(hostile, user="").check() == f"a token at {hostile.base} (Request Tracker 5.0.3)"


def test_a_wrong_password_is_told_without_it_and_without_what_is_made_of_it(reader: Reader) -> None:
    with pytest.raises(InsightsError) as caught:
        source(reader.hostile, user="nobody").check()

    said = str(caught.value.message)
    assert caught.value.exit_code is ExitCode.LOGIN
    assert SECRET not in said and "Unauthorized" in said and "bm9ib2R5" not in said


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from(["Subject", "Requestor", "Created", "Queue", "Status"]), value=json_values())
def test_whatever_stands_in_a_field_the_other_tickets_come(name: str, value: Any) -> None:
    class Wild(RequestTrackerDialect):
        def _page(self, call: Call, rows: Sequence[dict[str, Any]], *, total: int | None = None) -> Reply:
            return super()._page(call, [{**row, name: value} if row["id"] == 2 else row for row in rows], total=total)

    with serving(World(), Wild()) as hostile:
        hostile.world.add(3)
        pages = list(source(hostile).fetch({}))

    found = {record.source_id for page in pages for record in page.records}
    assert {"1", "3"} <= found
    assert ("2" in found) != any(page.rejects for page in pages)
    assert all(are_words(record) for page in pages for record in page.records)


def test_a_row_without_a_number_is_refused(reader: Reader) -> None:
    reader.world.add(2)
    answer = reader.hostile.dialect.answer

    def odd(world: World, call: Call) -> Reply:
        reply = answer(world, call)
        if isinstance(reply.data, dict) and call.path.endswith("tickets"):
            reply.data["items"] = [None, {"Subject": "of nobody"}, *reply.data["items"]]
        return reply

    reader.hostile.dialect.answer = odd  # type: ignore[method-assign]
    done = reader.pull()

    assert reader.differences() == []
    assert done.reasons == ("It has no number.",)
