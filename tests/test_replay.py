"""The replay of `benchmarks.replay` in small: twelve nights of a firm of which five things are said."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from benchmarks.replay import Replay, environment, nights_of
from benchmarks.replay_firm import Firm, Plant, World
from benchmarks.replay_judge import outcome_of, told_twice, unplanted
from benchmarks.replay_seen import NightSeen, Told
from benchmarks.replay_stories import STOCK, Event

FIRST, LAST = date(2026, 1, 25), date(2026, 2, 5)
SPIKE = date(2026, 2, 2)
SMALL = World(
    plants=(Plant(label=STOCK, first=SPIKE, a_week=(21,)),),
    only=(STOCK, "csv-export-timeout", "reset-mail-missing", "returns-handling", "sso-login-loop"),
)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[NightSeen]]:
    folder = tmp_path_factory.mktemp("replay")
    with environment(folder):
        replay = Replay(folder, first=FIRST, world=SMALL, acts=())
        yield [*nights_of(replay, FIRST, LAST), replay.night(LAST)]


def test_the_first_night_tells_what_there_is_and_quiet_ones_tell_nothing(nights: list[NightSeen]) -> None:
    sent = {night.day: night.told for night in nights if night.told is not None and night.day < SPIKE}
    assert sent == {FIRST: (), date(2026, 2, 1): ()}  # then a heartbeat after seven nights


def test_a_spike_is_told_once_within_three_nights(nights: list[NightSeen]) -> None:
    event = Event(what="a spike", night=SPIKE, within=3, told=("spiking",), label=STOCK)
    outcome = outcome_of(event, nights)
    assert outcome.is_right
    assert outcome.problems == 1
    assert told_twice(nights[:-1]) == []


def test_a_night_that_runs_again_tells_the_same_in_the_same_digest(nights: list[NightSeen]) -> None:
    *_, last, again = nights
    assert again.day == last.day
    assert (again.told, again.found, again.problems) == (last.told, last.found, last.problems)


def test_files_hold_nothing_of_later_days(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("files")
    Firm(SMALL).write(folder, FIRST)
    tickets = (folder / "tickets.csv").read_text(encoding="utf-8")
    deals = (folder / "deals.csv").read_text(encoding="utf-8")
    assert "2026-01-2" in tickets
    assert "2026-02" not in tickets
    assert ",won,,2026-01-20,2026-02" not in deals


# -- what is judged -------------------------------------------------------------------------------------------------


def told(way: str, *, about: str = STOCK, problem: int = 1) -> Told:
    return Told(ways=frozenset({way}), problem_id=problem, about=frozenset({about}), mark=(problem, way))


def night(day: date, *entries: Told, is_sent: bool = True) -> NightSeen:
    return NightSeen(day=day, told=entries if is_sent else None, found=entries)


@pytest.mark.parametrize(
    ("after", "is_silent", "is_right"), [(2, False, True), (3, False, False), (2, True, False), (3, True, True)]
)
def test_an_event_is_told_within_its_delay_or_not_at_all(after: int, is_silent: bool, is_right: bool) -> None:
    event = Event(what="", night=SPIKE, within=2, told=("spiking",), label=STOCK, is_silent=is_silent)
    nights = [
        night(SPIKE + timedelta(days=number), *([told("spiking")] if number == after else [])) for number in range(9)
    ]
    assert outcome_of(event, nights).is_right is is_right


def test_what_is_found_and_in_no_digest_is_not_told() -> None:
    event = Event(what="", night=SPIKE, within=2, told=("spiking",), label=STOCK)
    outcome = outcome_of(event, [night(SPIKE, told("spiking"), is_sent=False)])
    assert (outcome.on, outcome.kept, outcome.is_right) == (None, SPIKE, False)


def test_the_same_in_a_later_digest_is_told_twice_and_that_of_another_problem_is_not() -> None:
    nights = [night(FIRST, told("spiking")), night(SPIKE, told("spiking"), told("spiking", problem=2))]
    assert told_twice(nights) == [(SPIKE, told("spiking"))]


def test_a_spike_that_nobody_planted_is_compared_with_true_counts() -> None:
    firm = Firm(SMALL)
    day = SPIKE + timedelta(days=6)
    nights = [night(day, told("spiking"), told("spiking", about="returns-handling", problem=2))]
    found = list(unplanted(nights, (), SMALL, firm.items))
    assert [(one.label, one.is_so) for one in found] == [("returns-handling", False)]
    bare = list(unplanted(nights, (), World(only=SMALL.only), firm.items))
    assert [(one.label, one.is_so) for one in bare] == [(STOCK, True), ("returns-handling", False)]
