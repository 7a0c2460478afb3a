"""What nights found comes back as it was kept, sealed, and small once it is old."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from insights.domain.alarm import Alarm, AlarmKind
from insights.domain.night import (
    Drivers,
    News,
    NewsKind,
    Night,
    Reason,
    ReasonKind,
    Seen,
    night_from_json,
    night_to_json,
)
from insights.domain.problem import Movement, State
from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.nights import SEALED, WHOLE_DAYS, no_such_night
from insights.storage.repository import Repository

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
DAY = date(2026, 5, 31)

DRIVERS = Drivers(
    parts={"revenue kept": 120_000.0, "support saved": 900.0},
    cost=12_000.0,
    weeks=3.0,
    weeks_source="you",
    accounts=7,
    revenue=610_000.0,
    renewing=(4, 9),
    renewing_count=2,
    detractors=(9,),
    detractors_count=1,
    leaving=(1,),
    leaving_count=1,
    left=1,
    open_deals=2,
    lost_deals=1,
    load=2.5,
    severity="hurts",
    revised="ab12",
)
ALARM = Alarm(
    kind=AlarmKind.SPIKE,
    opened_on=DAY,
    told_on=DAY,
    times=2,
    is_open=False,
    closed_on=DAY,
    week=9,
    lately=9.0,
    usual=1.2,
)
SEEN = Seen(
    rank=3,
    told_rank=6,
    told_roi=4.5,
    told_run=2,
    told_on=DAY,
    value=121_000.0,
    roi=9.1,
    items=18,
    accounts=7,
    movement=Movement.GROWING,
    state=State.SHIPPED,
    waits=False,
    alarms=(ALARM, Alarm(kind=AlarmKind.GROWTH, opened_on=DAY, told_on=DAY)),
    hushed=(AlarmKind.GROWTH,),
    drivers=DRIVERS,
    verdict="fell",
)
NEWS = (
    News(
        problem_id=12,
        kind=NewsKind.MOVED,
        day=DAY,
        before=6,
        after=3,
        reasons=(Reason(kind=ReasonKind.RENEWALS, count=2, days=60, accounts=(4, 9)),),
        since=DAY,
    ),
    News(problem_id=9, kind=NewsKind.MERGED, day=DAY, other_id=12),
    News(problem_id=12, kind=NewsKind.FELL, day=DAY, times=2, words="mentions fell by 60 %"),
)


def a_night(run: int = 1, *, days: int = 0, **fields: Any) -> Night:
    defaults: dict[str, Any] = {
        "problems": {12: SEEN, 13: Seen(rank=None)},
        "news": NEWS,
        "settings": "5e77",
        "told": {12: {NewsKind.MOVED: DAY, NewsKind.FELL: DAY}},
    }
    return Night(run_id=run, at=NOW + timedelta(days=days), day=DAY, **{**defaults, **fields})


def keep(repository: Repository, *nights: Night) -> None:
    """Each under a run of its own."""
    for night in nights:
        while repository.runs.start(mode="offline", at=night.at).id < night.run_id:
            pass
        repository.nights.keep(night)


def test_a_night_comes_back_as_it_was(repository: Repository) -> None:
    keep(repository, a_night())

    assert repository.nights.get(1) == a_night()


def test_what_is_as_it_is_by_default_takes_no_room() -> None:
    text = night_to_json(a_night(problems={13: Seen(rank=None)}, news=(), told={}))

    assert "drivers" not in text
    assert night_from_json(text, run_id=1, at=NOW).problems == {13: Seen(rank=None)}


def test_a_run_that_keeps_its_night_again_replaces_it(repository: Repository) -> None:
    keep(repository, a_night())
    repository.nights.keep(a_night(settings="other"))

    assert repository.nights.get(1) == a_night(settings="other")
    assert repository.nights.after(0) == [a_night(settings="other")]


def test_who_speaks_of_leaving_is_sealed_and_bound_to_its_run(repository: Repository) -> None:
    keep(repository, a_night(1), a_night(2))
    with repository.writing() as connection:
        sealed = dict(connection.execute(select(tables.night.c.run_id, tables.night.c.sealed)).tuples().all())

    cipher = repository._database.cipher
    assert b"fell" not in sealed[1]
    assert cipher.open_bytes(sealed[1], column=SEALED, row=1)
    with pytest.raises(InsightsError):
        cipher.open_bytes(sealed[1], column=SEALED, row=2)


def test_nights_are_found_by_run_and_by_time(repository: Repository) -> None:
    keep(repository, a_night(2), a_night(3, days=1), a_night(5, days=4))
    nights = repository.nights

    def run(night: Night | None) -> int | None:
        return night.run_id if night else None

    assert (run(nights.last()), run(nights.last(before_run=5)), run(nights.last(before_run=2))) == (5, 3, None)
    assert (run(nights.get(3)), run(nights.get(4))) == (3, None)
    assert run(nights.at(NOW + timedelta(days=3))) == 3
    assert run(nights.at(NOW)) == 2
    assert run(nights.at(NOW - timedelta(seconds=1))) is None
    assert [one.run_id for one in nights.after(2)] == [3, 5]
    assert nights.oldest() == (2, NOW)


def test_news_are_read_without_the_rest(repository: Repository) -> None:
    keep(repository, a_night(1, news=NEWS[:1]), a_night(2, news=NEWS[1:]), a_night(3, news=()))

    assert repository.nights.news(after_run=0, until_run=2) == [(1, NEWS[:1]), (2, NEWS[1:])]
    assert repository.nights.news(after_run=2, until_run=3) == [(3, ())]


def test_an_empty_workspace_has_none(repository: Repository) -> None:
    nights = repository.nights

    assert (nights.last(), nights.get(1), nights.at(NOW), nights.oldest(), nights.after(0)) == (None,) * 4 + ([],)


def test_old_nights_lose_what_problems_rested_on_and_nothing_else(repository: Repository) -> None:
    old, new = a_night(1), a_night(2, days=1)
    keep(repository, old, new)

    thinned = repository.nights.thin(NOW + timedelta(days=WHOLE_DAYS, seconds=1))

    lean = {number: replace(seen, drivers=Drivers()) for number, seen in old.problems.items()}
    assert thinned == 1
    assert repository.nights.get(1) == replace(old, problems=lean, is_thin=True)
    assert repository.nights.get(2) == new


def test_what_was_thinned_is_not_looked_at_again(repository: Repository) -> None:
    """Those that the last time saw are left out where that is known; how long ago it was does not matter."""
    keep(repository, a_night(1), a_night(2, days=200))
    first = NOW + timedelta(days=WHOLE_DAYS + 150)
    second = NOW + timedelta(days=WHOLE_DAYS + 250)

    assert repository.nights.thin(first) == 1
    assert repository.nights.thin(first) == 0
    assert repository.nights.thin(second, since=first) == 1


def test_what_is_older_than_wanted_is_forgotten(repository: Repository) -> None:
    keep(repository, a_night(1), a_night(2, days=1))

    assert repository.nights.forget(NOW + timedelta(hours=1)) == 1
    assert [night.run_id for night in repository.nights.after(0)] == [2]


def test_that_there_is_no_such_night_is_said_with_those_there_are() -> None:
    assert no_such_night("run 3").message == "No night is kept of run 3."
    assert "insights analyze" in no_such_night("run 3").remedy
    assert "run 7 (2026-06-01)" in no_such_night("run 3", oldest=(7, NOW)).remedy
