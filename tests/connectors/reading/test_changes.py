"""Reading by the time of change, each rule for itself: where a page begins, when a list ends, what is told."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.reading.changes import BEGINNING, Batch, Changed, Gone, changes, page_of, read_time
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Record, Reject

DAY = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return DAY + timedelta(seconds=seconds)


def made(rows: Sequence[Changed]) -> Iterable[Record]:
    for one in rows:
        yield FeedbackRecord(source="desk", source_id=one.id, kind=FeedbackKind.TICKET, text=str(one.row))


@dataclass
class Desk:
    """Rows by id and time behind a list of pages of three; every question is kept. `cap` pages are given at most."""

    rows: dict[str, datetime] = field(default_factory=dict)
    size: int = 3
    cap: int = 99
    moment: datetime | None = None
    total: bool = False
    asked: list[tuple[datetime, int]] = field(default_factory=list)

    def page(self, since: datetime, number: int) -> Batch:
        self.asked.append((since, number))
        found = sorted((when, name) for name, when in self.rows.items() if when >= since)
        some = found[number * self.size : (number + 1) * self.size]
        more = (number + 1) * self.size < len(found)
        return Batch(
            [Changed(name, when, name) for when, name in some],
            more=more,
            moment=self.moment,
            total=len(found) if self.total else 0,
            is_capped=more and number + 1 >= self.cap,
        )

    def read(self, state: dict[str, Any] | None = None, **how: Any) -> list[Page]:
        given_ = {"overlap": timedelta(0), **how}
        return list(changes(state or {}, listing=self.page, make=made, **given_))


def ids(pages: Iterable[Page]) -> list[str]:
    return [record.source_id for page in pages for record in page.records]


def test_the_first_reading_begins_where_time_does_or_at_the_day_given() -> None:
    desk = Desk({"a": at(0)})
    desk.read()
    desk.read(since=date(2026, 3, 1))
    desk.read(since=date(2026, 3, 2))

    assert [since for since, _ in desk.asked] == [BEGINNING, datetime(2026, 3, 1, tzinfo=UTC), at(16 * 3600)]


def test_the_next_reading_begins_the_overlap_before_the_newest_time_whatever_the_first_day_was() -> None:
    desk = Desk({"a": at(0), "b": at(9)})
    state = desk.read()[-1].state
    desk.asked.clear()

    desk.read(state, since=date(2030, 1, 1), overlap=timedelta(minutes=15))

    assert desk.asked == [(at(9) - timedelta(minutes=15), 0)]


@pytest.mark.parametrize(
    ("hours", "begins"), [(1, at(9) - timedelta(minutes=15)), (24, at(9) - timedelta(minutes=15)), (25, at(9))]
)
def test_what_was_long_past_when_it_was_read_is_not_read_again(hours: int, begins: datetime) -> None:
    """Stopped in the middle of years of tickets, a reading goes on there; near the present it overlaps."""
    desk = Desk({"a": at(0), "b": at(9)}, moment=at(9) + timedelta(hours=hours))
    state = desk.read()[-1].state
    desk.asked.clear()

    pages = desk.read(state, overlap=timedelta(minutes=15))

    assert desk.asked == [(begins, 0)] and "b" in ids(pages)
    assert state["read_to"] == at(9).isoformat()


def test_an_overlap_that_is_longer_than_time_is_no_error() -> None:
    desk = Desk()
    desk.read({"read_to": "1970-01-01T00:01:00+00:00"}, overlap=timedelta(days=1))

    assert desk.asked == [(BEGINNING, 0)]


def test_a_reading_that_brings_nothing_leaves_the_position_as_it_was() -> None:
    state = Desk({"a": at(0)}).read()[-1].state

    assert Desk().read(state)[-1].state["read_to"] == state["read_to"] == at(0).isoformat()


def test_a_position_never_goes_back_where_rows_come_with_earlier_times() -> None:
    state = {"read_to": at(100).isoformat()}

    [page] = Desk({"late": at(50)}).read(state, overlap=timedelta(minutes=1))

    assert ids([page]) == ["late"] and page.state["read_to"] == at(100).isoformat()


def test_a_position_is_never_ahead_of_the_servers_clock() -> None:
    [page] = Desk({"a": at(0), "ahead": at(500)}, moment=at(10)).read()

    assert page.state["read_to"] == at(10).isoformat()


def test_each_page_begins_at_the_newest_time_and_brings_no_row_again() -> None:
    desk = Desk({name: at(place) for place, name in enumerate("abcdefg")})

    pages = desk.read()

    assert ids(pages) == list("abcdefg")
    assert desk.asked == [(BEGINNING, 0), (at(2), 0), (at(4), 0)]


def test_a_page_of_one_time_is_counted_on_until_a_round_brings_nothing_new() -> None:
    desk = Desk({name: at(5) for name in "abcdefgh"} | {"z": at(9)})

    assert sorted(ids(desk.read())) == list("abcdefghz")
    assert [number for since, number in desk.asked if since == at(5)][:3] == [0, 1, 2]


def test_a_row_that_moves_to_another_page_of_one_time_is_found_in_the_next_round() -> None:
    desk = Desk({name: at(5) for name in "bcdefgh"})
    page = desk.page

    def shifting(since: datetime, number: int) -> Batch:
        found = page(since, number)
        if number == 1 and "a" not in desk.rows:
            desk.rows["a"] = at(5)
        return found

    pages = changes({}, listing=shifting, make=made, overlap=timedelta(0))

    assert sorted(ids(pages)) == list("abcdefgh")


def test_a_row_that_changes_while_its_time_is_counted_comes_again() -> None:
    desk = Desk({name: at(5) for name in "abcdefgh"})
    page = desk.page

    def changing(since: datetime, number: int) -> Batch:
        found = page(since, number)
        if number == 2:
            desk.rows["a"] = at(6)
        return found

    assert ids(changes({}, listing=changing, make=made, overlap=timedelta(0))).count("a") == 2


def test_a_list_that_never_stands_still_is_left_after_some_rounds() -> None:
    desk = Desk({name: at(5) for name in "abcdefgh"})
    page = desk.page

    def restless(since: datetime, number: int) -> Batch:
        desk.rows[f"new{len(desk.asked)}"] = at(5)
        return page(since, number)

    found = ids(changes({}, listing=restless, make=made, overlap=timedelta(0)))

    assert len(found) == len(set(found))
    assert 20 < len(desk.asked) < 2_000


def test_rows_of_one_time_that_a_cap_hides_are_said_and_the_later_ones_come() -> None:
    desk = Desk({f"{number:02}": at(5) for number in range(10)} | {"z": at(9)}, cap=2)

    pages = desk.read()

    assert "z" in ids(pages) and len(ids(pages)) == 7
    assert pages[-1].state["warnings"] == ["More rows have the time 2026-03-01 08:00:05 than the service shows."]
    assert pages[0].state["warnings"] == []


def test_a_cap_where_times_differ_hides_nothing() -> None:
    desk = Desk({f"{number:02}": at(number) for number in range(20)}, cap=1)

    pages = desk.read()

    assert len(set(ids(pages))) == 20 and pages[-1].state["warnings"] == []


def test_warnings_of_one_list_outlast_the_reading_of_another_until_it_is_read_again() -> None:
    capped = Desk({f"{number:02}": at(5) for number in range(10)}, cap=2)
    state = capped.read(key="tickets")[-1].state
    state = Desk({"n": at(1)}).read(state, key="notes")[-1].state
    assert len(state["warnings"]) == 1

    state = Desk({"n": at(1)}).read(state, key="tickets")[-1].state

    assert state["warnings"] == [] and set(state) >= {"tickets", "notes"}


def test_what_moves_in_two_rounds_of_one_time_is_found_in_a_third() -> None:
    """The round that finds something is followed by another, whichever of its pages found it."""
    desk = Desk({name: at(5) for name in "cdefgh"}, size=2)
    page, joining = desk.page, ["b", "a"]

    def shifting(since: datetime, number: int) -> Batch:
        found = page(since, number)
        if number == 2 and joining:
            desk.rows[joining.pop(0)] = at(5)
        return found

    assert sorted(ids(changes({}, listing=shifting, make=made, overlap=timedelta(0)))) == list("abcdefgh")


def test_a_time_that_never_stands_still_does_not_hold_the_reading_for_ever() -> None:
    asked: list[int] = []

    def restless(since: datetime, number: int) -> Batch:
        asked.append(number)
        assert len(asked) < 200
        return Batch([Changed(f"{len(asked)}", at(5), 1)], more=number < 1)

    list(changes({}, listing=restless, make=made, overlap=timedelta(0)))

    assert asked.count(0) > 5


def test_each_time_that_is_counted_has_its_own_rounds() -> None:
    """Of many bulk edits, each with rows that move, none uses up the patience for the next."""
    desk = Desk({f"{edit:02}{name}": at(edit) for edit in range(30) for name in "bcdefgh"})
    page, moved = desk.page, set[datetime]()

    def shifting(since: datetime, number: int) -> Batch:
        found = page(since, number)
        if number == 1 and since not in moved and since.year == 2026:
            moved.add(since)
            desk.rows[f"{(since - DAY).seconds:02}a"] = since
        return found

    found = set(ids(changes({}, listing=shifting, make=made, overlap=timedelta(0))))

    assert found == set(desk.rows) and len(moved) == 30


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_a_time_without_a_zone_is_utc_wherever_this_machine_stands(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert read_time("2026-03-01T08:00:00") == DAY
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_service_that_gives_empty_pages_without_end_is_left() -> None:
    def empty(since: datetime, number: int) -> Batch:
        return Batch([], more=True)

    with pytest.raises(InsightsError, match="empty page"):
        list(changes({}, listing=empty, make=made, overlap=timedelta(0)))


def test_some_empty_pages_between_are_no_end() -> None:
    def sparse(since: datetime, number: int) -> Batch:
        return Batch([Changed("a", at(1), 1)], more=False) if number == 30 else Batch([], more=True)

    assert ids(changes({}, listing=sparse, make=made, overlap=timedelta(0))) == ["a"]


def test_the_total_is_that_of_the_whole_reading_and_none_where_it_is_not_told() -> None:
    rows = {name: at(place) for place, name in enumerate("abcdefg")}

    assert {page.total for page in Desk(rows, total=True).read()} == {7}
    assert {page.total for page in Desk(rows).read()} == {0}


def test_pages_of_a_list_name_it() -> None:
    assert {page.stream for page in Desk({"a": at(0)}).read(key="read_to:7")} == {"read_to:7"}


def test_what_was_made_is_sorted_into_records_refused_rows_and_what_is_gone() -> None:
    record = FeedbackRecord(source="desk", source_id="1", kind=FeedbackKind.TICKET, text="x")
    refused = Reject(0, "no", "{}")

    page = page_of([record, Gone("2"), refused], state={"a": 1}, total=3)

    assert (page.records, page.tombstones, page.rejects) == ([record], ["2"], [refused])
    assert page.state == {"a": 1} and page.total == 3


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-01T08:00:00Z", DAY),
        ("2026-03-01T09:30:00+01:30", DAY),
        ("2026-03-01 08:00:00", DAY),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        (DAY.timestamp(), DAY),
        (int(DAY.timestamp()), DAY),
        ("", None),
        (None, None),
    ],
)
def test_times_are_read_in_utc(written: Any, moment: datetime | None) -> None:
    assert read_time(written) == moment


@pytest.mark.parametrize(
    "written", ["soon", "2026-13-01", 1e20, float("nan"), True, "0001-01-01T00:00:00+23:00", [], {}]
)
def test_a_time_that_cannot_be_read_is_refused(written: Any) -> None:
    with pytest.raises(InsightsError, match="cannot be read"):
        read_time(written)


@given(st.lists(st.integers(0, 12), max_size=30), st.integers(1, 4), st.integers(0, 60))
def test_whoever_stops_after_any_page_and_goes_on_gets_the_rest(times: list[int], size: int, stop: int) -> None:
    desk = Desk({f"{place:02}": at(time) for place, time in enumerate(times)}, size=size)
    pages = desk.read()
    kept = pages[: stop % len(pages) + 1]

    rest = desk.read(kept[-1].state)

    assert set(ids(kept)) | set(ids(rest)) == set(desk.rows)
