"""Whatever nights find, nothing is told twice within four weeks."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.domain.alarm import AlarmKind, Heard, judge
from insights.domain.lineage import Event
from insights.domain.night import News, NewsKind, Night, Seen
from insights.domain.problem import State
from insights.news.compare import ONCE_IN
from tests.news.nights import an_alarm, day_of, drivers, entry, seen, tonight

_PROBLEMS = st.integers(1, 5)
_STATES = st.sampled_from([State.INBOX, State.ACCEPTED, State.SNOOZED, State.DISMISSED, State.SHIPPED])


@st.composite
def problems(draw: st.DrawFn, night: int) -> dict[int, Seen]:
    found = {}
    for number in draw(st.sets(_PROBLEMS, min_size=1)):
        roi = draw(st.sampled_from([0.0, 1.0, 5.0, 20.0, 21.0, 80.0]))
        told = draw(st.sampled_from([night, night, max(night - 3, 1)]))
        alarms = [an_alarm(kind, night=told) for kind in draw(st.sets(st.sampled_from(AlarmKind), max_size=2))]
        found[number] = seen(
            roi,
            state=draw(_STATES),
            waits=draw(st.booleans()),
            alarms=tuple(alarms),
            drivers=drivers(10_000 * (roi + 1), accounts=round(roi)),
        )
    return found


@st.composite
def fields(draw: st.DrawFn, night: int) -> dict[str, Any]:
    """What else a night finds."""
    befallen = draw(st.lists(st.tuples(_PROBLEMS, st.sampled_from([Event.MERGED, Event.SPLIT]), _PROBLEMS), max_size=2))
    verdicts = draw(st.dictionaries(_PROBLEMS, st.sampled_from(["fell", "stayed"]), max_size=2))
    return {
        "regrouped": [entry(*one, night=night) for one in befallen],
        "reopened": frozenset(draw(st.sets(_PROBLEMS, max_size=1))),
        "verdicts": {number: (verdict, "") for number, verdict in verdicts.items()},
        "settings": draw(st.sampled_from(["", "", "", "other"])),
    }


@st.composite
def quarters(draw: st.DrawFn) -> list[Night]:
    """Up to twelve nights, some days apart."""
    made: list[Night] = []
    number = 1
    for _ in range(draw(st.integers(2, 12))):
        before = made[-1] if made else None
        made.append(tonight(before, draw(problems(number)), night=number, **draw(fields(number))))
        number += draw(st.sampled_from([1, 1, 2, 10]))
    return made


def days_told(nights: list[Night]) -> Mapping[tuple[int, NewsKind], list[date]]:
    told: dict[tuple[int, NewsKind], list[date]] = {}
    for one in (news for night in nights for news in night.news):
        told.setdefault((one.problem_id, one.kind), []).append(one.day)
    return told


@settings(deadline=None)
@given(quarters())
def test_nothing_of_one_kind_is_told_twice_of_a_problem_within_four_weeks(nights: list[Night]) -> None:
    for days in days_told(nights).values():
        assert all(later - earlier >= ONCE_IN for earlier, later in pairwise(days))


@settings(deadline=None)
@given(quarters())
def test_where_nothing_changed_since_there_is_no_news(nights: list[Night]) -> None:
    last = nights[-1]

    assert tonight(last, last.problems, night=last.run_id, settings=last.settings).news == ()


@pytest.mark.parametrize("seed", range(4))
def test_over_a_quarter_of_real_alarms_an_event_is_told_once_and_again_only_as_such(seed: int) -> None:
    """A burst comes and goes, problems are snoozed and dismissed at random; each tenth run sees no new day."""
    chance = Random(seed)
    heard = {problem: [chance.random() < 0.2 for _ in range(180)] for problem in range(1, 7)}
    nights: list[Night] = []
    for run in range(1, 81):
        day = run - run // 10
        burst = 7 * (day // 20 % 2)
        voices = {one: _by_week(days[: 100 + day], burst if one == 1 else 0) for one, days in heard.items()}
        before = nights[-1] if nights else None
        alarms = judge(
            {problem: Heard(voices=weeks) for problem, weeks in voices.items()},
            totals=[sum(week) for week in zip(*voices.values(), strict=True)],
            weeks_known=14,
            before={number: one.alarms for number, one in before.problems.items()} if before else {},
            today=day_of(day),
            false_alarms_a_month=50,
        )
        found = {
            problem: seen(float(problem), alarms=some, state=chance.choice(_OFTEN), waits=chance.random() < 0.5)
            for problem, some in alarms.items()
        }
        nights.append(tonight(before, found, night=run, day=day_of(day)))

    latest: dict[tuple[int, NewsKind], News] = {}
    for one in (news for night in nights for news in night.news):
        last = latest.get((one.problem_id, one.kind))
        assert last is None or one.day - last.day >= ONCE_IN or one.times > last.times
        latest[one.problem_id, one.kind] = one
    assert any(problem == 1 for problem, _ in latest)


_OFTEN = (State.INBOX, State.INBOX, State.INBOX, State.SNOOZED, State.DISMISSED)


def _by_week(days: list[bool], burst: int) -> tuple[int, ...]:
    """Voices of the last fourteen weeks, with some more in the last one."""
    weeks = [sum(days[len(days) - 7 * (ago + 1) : len(days) - 7 * ago]) for ago in reversed(range(14))]
    return (*weeks[:-1], weeks[-1] + burst)
