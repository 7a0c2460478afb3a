"""Searches that promise no order are read piece by piece, and nothing in them is lost."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from connectors.reading.changes import Changed
from connectors.reading.windows import Found, windows
from insights.errors import InsightsError

START = datetime(2026, 1, 1, tzinfo=UTC)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Moving:
    """Rows behind a search whose pages are counted, in an order of its own, while rows change between the calls."""

    def __init__(self, rows: int, *, seed: int = 0, moves: int = 0, apart: float = 60, page: int = 3) -> None:
        self.chance, self.moves, self.page = random.Random(seed), moves, page
        self.at = {number: START + timedelta(seconds=int(number * apart)) for number in range(rows)}
        self.now = max(self.at.values(), default=START) + timedelta(seconds=5)
        self.is_newest_first = False
        self.calls: list[tuple[datetime, datetime | None, str | None]] = []

    def __call__(self, begin: datetime, until: datetime | None, after: str | None) -> Found:
        self.calls.append((begin, until, after))
        there = [number for number, at in self.at.items() if at >= begin and (until is None or at < until)]
        if after is None:
            self.is_newest_first = self.chance.random() < 0.5
        there.sort(key=lambda number: (self.at[number], number), reverse=self.is_newest_first)
        start = int(after or 0)
        some = there[start : start + self.page]
        more = start + self.page < len(there)
        rows = tuple(Changed(str(number), self.at[number], None) for number in some)
        found = Found(rows=rows, after=str(start + self.page) if more else None, total=len(there), moment=self.now)
        self._move()
        return found

    def _move(self) -> None:
        if self.moves:
            self.moves -= 1
            self.now += timedelta(seconds=1)
            self.at[self.chance.randrange(len(self.at))] = self.now


def read(search: Moving, begin: datetime = BEGINNING) -> tuple[dict[str, datetime], datetime | None]:
    """What one reading found, and how far it is whole."""
    found, reached = dict[str, datetime](), None
    for page, read_to in windows(search, begin=begin, most=6):
        found |= {one.id: one.at for one in page.rows}
        reached = read_to or reached
    return found, reached


@pytest.mark.parametrize("seed", range(25))
def test_whatever_moves_meanwhile_two_readings_have_all(seed: int) -> None:
    search = Moving(30, seed=seed, moves=25)
    found, reached = read(search, START)
    assert reached is not None
    search.moves = 0

    later, _ = read(search, reached)

    assert found | later == {str(number): at for number, at in search.at.items()}


def test_a_row_that_slips_to_the_page_before_is_found_in_the_next_round() -> None:
    search = Moving(6, apart=1)
    found: dict[str, datetime] = {}
    for page, _ in windows(search, begin=START, most=6):
        found |= {one.id: one.at for one in page.rows}
        search.at[0] = search.now
    assert set(found) == {"0", "1", "2", "3", "4", "5"}


def test_no_search_is_asked_for_more_than_a_piece_of_time_holds() -> None:
    search = Moving(60)

    found, _ = read(search)

    assert len(found) == 60
    assert all(int(after or 0) <= 6 for _, _, after in search.calls)


def test_more_rows_of_one_second_than_a_piece_holds_are_read_all_the_same() -> None:
    search = Moving(40, apart=0)

    found, reached = read(search)

    assert len(found) == 40 and reached is not None and reached <= search.now


def test_whoever_stops_after_a_piece_goes_on_from_there() -> None:
    search = Moving(40, seed=3)
    some: dict[str, datetime] = {}
    for page, read_to in windows(search, begin=BEGINNING, most=6):
        some |= {one.id: one.at for one in page.rows}
        if some and read_to is not None:
            break
    assert read_to is not None and 0 < len(some) < 40

    rest, _ = read(search, read_to)

    assert len(some | rest) == 40 and len(rest) < 40


def test_nothing_found_moves_nothing() -> None:
    assert read(Moving(0)) == ({}, None)


def test_how_far_it_is_whole_is_never_after_the_services_time() -> None:
    search = Moving(4)
    search.now = START + timedelta(seconds=30)

    _, reached = read(search)

    assert reached == search.now


def test_a_search_that_leads_back_to_the_same_page_ends() -> None:
    def circle(begin: datetime, until: datetime | None, after: str | None) -> Found:
        return Found(rows=(Changed("1", START, None),), after="x", total=9, moment=START)

    with pytest.raises(InsightsError):
        list(windows(circle, begin=BEGINNING))
