"""Lists that give the newest first are read down to where the last reading began, and nothing in them is lost."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.reading.changes import Changed
from connectors.reading.newest_first import Slice, newest_first
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page

START = datetime(2026, 1, 1, tzinfo=UTC)


class Moving:
    """Rows of which some change, and so come to the front, between the calls."""

    def __init__(self, rows: int, *, seed: int = 0, moves: int = 0) -> None:
        self.chance, self.moves = random.Random(seed), moves
        self.at = {f"r{number}": START + timedelta(seconds=number // 2) for number in range(rows)}
        self.now = START + timedelta(days=1)
        self.calls = 0

    def __call__(self, begin: datetime, after: str | None) -> Slice:
        self.calls += 1
        order = sorted(self.at, key=lambda name: (self.at[name], name), reverse=True)
        if after is not None:
            at, _, name = after.partition("|")
            order = [one for one in order if (self.at[one], one) < (datetime.fromisoformat(at), name)]
        some = [Changed(name, self.at[name], f"{name} {self.at[name].isoformat()}") for name in order[:3]]
        found = Slice(
            rows=some,
            after=f"{some[-1].at.isoformat()}|{some[-1].id}" if len(order) > 3 else None,
            moment=self.now,
        )
        if self.moves:
            self.moves -= 1
            self.now += timedelta(seconds=1)
            self.at[self.chance.choice(list(self.at))] = self.now
        return found


def make(rows: Sequence[Changed]) -> Iterator[FeedbackRecord]:
    for one in rows:
        yield FeedbackRecord(source="s", source_id=one.id, kind=FeedbackKind.TICKET, text=one.row)


def pages_of(moving: Moving, state: dict[str, Any]) -> Iterator[Page]:
    return newest_first(state, key="k", ask=moving, make=make, overlap=timedelta(0))


def held(pages: list[Page]) -> dict[str, str]:
    return {one.source_id: one.text for page in pages for one in page.records if isinstance(one, FeedbackRecord)}


@pytest.mark.parametrize("seed", range(10))
def test_whoever_stops_after_any_page_gets_the_rest(seed: int) -> None:
    chance, moving = random.Random(seed), Moving(20, seed=seed, moves=12)
    state: dict[str, Any] = {"other": 1}
    kept: dict[str, str] = {}
    for _ in range(12):
        for page, _ in zip(pages_of(moving, state), range(chance.randrange(1, 4)), strict=False):
            kept |= held([page])
            state = page.state
    for page in pages_of(moving, state):
        kept |= held([page])
        state = page.state

    assert kept == {name: f"{name} {at.isoformat()}" for name, at in moving.at.items()}
    assert state["other"] == 1 and "walk" not in state["k"]


def test_a_second_reading_asks_once_where_nothing_changed() -> None:
    moving = Moving(20)
    *_, last = pages_of(moving, {})
    before = moving.calls

    again = held(list(pages_of(moving, last.state)))

    assert moving.calls == before + 1 and set(again) == {"r18", "r19"}


def test_a_time_ahead_of_the_servers_clock_is_no_position() -> None:
    moving = Moving(3)
    moving.at["r1"] = moving.now + timedelta(days=400)
    *_, last = pages_of(moving, {})

    assert last.state["k"]["read_to"] == moving.now.isoformat()


def test_a_page_that_leads_to_itself_ends_the_reading() -> None:
    def ask(begin: datetime, after: str | None) -> Slice:
        return Slice(rows=[Changed("r", START, "words")], after="here")

    with pytest.raises(InsightsError, match="again and again"):
        list(newest_first({}, key="k", ask=ask, make=make, overlap=timedelta(0)))
