"""What is news, and what is not."""

from dataclasses import replace
from typing import Any

import pytest

from insights.config import Alerts
from insights.domain.alarm import Alarm, AlarmKind
from insights.domain.lineage import Event
from insights.domain.night import NewsKind, Seen
from insights.domain.problem import State
from insights.news.compare import REGROUPED_LEAST
from tests.news.nights import an_alarm, day_of, entry, nights, only, seen, told, tonight

SPIKE, NEW = AlarmKind.SPIKE, AlarmKind.NEW


def alarmed(*alarms: Alarm, **fields: Any) -> Seen:
    return seen(alarms=alarms, **fields)


def test_the_first_night_is_no_news() -> None:
    first = tonight(
        None, {1: alarmed(an_alarm(SPIKE, night=1)), 2: seen(state=State.SHIPPED)}, verdicts={2: ("fell", "")}
    )

    assert first.news == ()
    assert first.problems[1].told_rank == first.problems[1].rank == 1
    assert first.problems[2].verdict == "fell"


@pytest.mark.parametrize(
    ("alarm", "kind"),
    [
        (AlarmKind.NEW, NewsKind.NEW),
        (AlarmKind.SPIKE, NewsKind.SPIKING),
        (AlarmKind.GROWTH, NewsKind.GROWING),
        (AlarmKind.FADING, NewsKind.FADING),
    ],
)
def test_an_alarm_is_told_by_the_night_that_raises_it_alone(alarm: AlarmKind, kind: NewsKind) -> None:
    quiet, rings = {1: seen()}, {1: alarmed(an_alarm(alarm, night=2))}

    second = nights(quiet, rings)
    third = tonight(second, rings)

    assert told(second) == {(1, kind)}
    assert only(second).day == day_of(2)
    assert told(third) == set()


def test_a_burst_is_told_in_voices_of_a_week_and_a_trend_in_those_of_four() -> None:
    burst = only(nights({1: seen()}, {1: alarmed(an_alarm(SPIKE, night=2, week=9, lately=9, usual=2.0))}))
    trend = only(nights({1: seen()}, {1: alarmed(an_alarm(AlarmKind.GROWTH, night=2, week=9, lately=7.5, usual=2.0))}))

    assert (burst.before, burst.after) == (2, 9)
    assert (trend.before, trend.after) == (8, 30)


def test_two_runs_over_the_same_data_tell_an_alarm_once() -> None:
    """The second one looks at the same newest day, on which the alarm was told."""
    rings = {1: alarmed(an_alarm(SPIKE, night=2))}
    second = nights({1: seen()}, rings)

    assert told(tonight(second, rings, day=day_of(2))) == set()


def test_an_alarm_that_reopens_is_told_again_as_such_however_soon() -> None:
    second = nights({1: seen()}, {1: alarmed(an_alarm(SPIKE, night=2))})

    again = tonight(second, {1: alarmed(an_alarm(SPIKE, night=5, times=2))}, night=5)

    assert (told(again), only(again).times) == ({(1, NewsKind.SPIKING)}, 2)


def test_nothing_of_one_kind_is_told_twice_within_four_weeks() -> None:
    second = nights({1: seen()}, {1: alarmed(an_alarm(SPIKE, night=2))})

    soon = tonight(second, {1: alarmed(an_alarm(SPIKE, night=29))}, night=29)
    later = tonight(second, {1: alarmed(an_alarm(SPIKE, night=30))}, night=30)

    assert told(soon) == set()
    assert told(later) == {(1, NewsKind.SPIKING)}


@pytest.mark.parametrize("state", [State.DISMISSED, State.SNOOZED])
def test_an_alarm_of_what_is_dismissed_or_snoozed_is_told_when_that_ends(state: State) -> None:
    alarm = an_alarm(SPIKE, night=2)
    silent = nights({1: seen()}, {1: alarmed(alarm, state=state, waits=False)})
    still = tonight(silent, {1: alarmed(alarm, state=state, waits=False)})

    back = tonight(still, {1: alarmed(alarm)})
    after = tonight(back, {1: alarmed(alarm)})

    assert told(silent) == told(still) == told(after) == set()
    assert told(back) == {(1, NewsKind.SPIKING)}


def test_an_alarm_that_closed_meanwhile_is_not_told_late() -> None:
    alarm = an_alarm(SPIKE, night=2)
    silent = nights({1: seen()}, {1: alarmed(alarm, state=State.DISMISSED, waits=False)})

    assert told(tonight(silent, {1: alarmed(replace(alarm, is_open=False))})) == set()


def test_an_alarm_that_was_told_before_a_snooze_is_not_told_after_it() -> None:
    alarm = an_alarm(SPIKE, night=2)
    second = nights({1: seen()}, {1: alarmed(alarm)})
    snoozed = tonight(second, {1: alarmed(alarm, state=State.SNOOZED, waits=False)})

    assert told(tonight(snoozed, {1: alarmed(alarm)})) == set()


@pytest.mark.parametrize(
    ("alerts", "is_told"),
    [
        (Alerts(least_value=50_000), True),
        (Alerts(least_value=500_000), False),
        (Alerts(least_severity="hurts"), True),
        (Alerts(least_severity="blocks"), False),
    ],
)
def test_what_is_worth_or_hurts_too_little_stays_quiet(alerts: Alerts, is_told: bool) -> None:
    quiet = seen(9)
    quiet = replace(quiet, drivers=replace(quiet.drivers, severity="hurts"))

    second = nights({1: quiet}, {1: replace(quiet, alarms=(an_alarm(SPIKE, night=2),))}, alerts=alerts)

    assert told(second) == ({(1, NewsKind.SPIKING)} if is_told else set())


def test_how_severe_nobody_told_is_no_reason_to_stay_quiet() -> None:
    second = nights({1: seen()}, {1: alarmed(an_alarm(SPIKE, night=2))}, alerts=Alerts(least_severity="blocks"))

    assert told(second) == {(1, NewsKind.SPIKING)}


# -- what shipped ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alarm", [SPIKE, NEW])
def test_a_burst_of_what_shipped_is_told_as_its_return_whatever_it_is_worth(alarm: AlarmKind) -> None:
    alerts = Alerts(least_value=10**9)
    second = nights(
        {1: seen(state=State.SHIPPED)}, {1: alarmed(an_alarm(alarm, night=2), state=State.SHIPPED)}, alerts=alerts
    )

    assert told(second) == {(1, NewsKind.BACK)}
    assert only(second).after == 9


def test_that_what_shipped_fades_is_left_to_its_outcome() -> None:
    fading = alarmed(an_alarm(AlarmKind.FADING, night=2), state=State.SHIPPED)

    assert told(nights({1: seen(state=State.SHIPPED)}, {1: fading})) == set()


def test_what_a_tracker_opened_again_is_back() -> None:
    shipped = tonight(None, {1: seen(state=State.SHIPPED)})

    back = tonight(shipped, {1: seen(state=State.ACCEPTED)}, reopened=frozenset({1}))

    assert (told(back), only(back).after) == ({(1, NewsKind.BACK)}, None)


def test_a_verdict_is_told_when_it_changes_and_stays_while_nothing_is_sure() -> None:
    shipped = {1: seen(state=State.SHIPPED)}
    first = tonight(None, shipped)
    fell = tonight(first, shipped, verdicts={1: ("fell", "mentions fell by 60 %")})
    same = tonight(fell, shipped, verdicts={1: ("fell", "mentions fell by 61 %")})
    unsure = tonight(same, shipped)
    stayed = tonight(unsure, shipped, verdicts={1: ("stayed", "mentions rose")})

    assert (told(fell), only(fell).words) == ({(1, NewsKind.FELL)}, "mentions fell by 60 %")
    assert told(same) == told(unsure) == set()
    assert unsure.problems[1].verdict == "fell"
    assert told(stayed) == {(1, NewsKind.STAYED)}


def test_the_next_release_of_a_problem_is_judged_anew() -> None:
    shipped, open_again = {1: seen(state=State.SHIPPED)}, {1: seen(state=State.ACCEPTED)}
    fell = {1: ("fell", "")}
    before = tonight(tonight(tonight(None, shipped), shipped, verdicts=fell), open_again)

    again = tonight(before, shipped, night=40, verdicts=fell)

    assert before.problems[1].verdict == ""
    assert told(again) == {(1, NewsKind.FELL)}


def test_a_verdict_that_may_not_be_told_yet_is_told_later() -> None:
    shipped = {1: seen(state=State.SHIPPED)}
    first = tonight(None, shipped)
    fell = tonight(first, shipped, verdicts={1: ("fell", "")})
    stayed = tonight(fell, shipped, verdicts={1: ("stayed", "")})
    too_soon = tonight(stayed, shipped, verdicts={1: ("fell", "")})

    assert told(too_soon) == set()
    assert told(tonight(too_soon, shipped, night=30, verdicts={1: ("fell", "")})) == {(1, NewsKind.FELL)}


# -- grouping and snoozes -------------------------------------------------------------------------------------------


def test_what_the_grouping_merged_is_told_with_what_stands_for_it() -> None:
    """P-1 went into P-2, which went into P-3 the same night."""
    first = tonight(None, {1: seen(), 2: seen(), 3: seen()})
    merged = [entry(1, Event.MERGED, 2, night=2), entry(2, Event.MERGED, 3, night=2)]

    second = tonight(first, {3: seen()}, regrouped=merged, heirs={1: 3, 2: 3})

    assert {(one.problem_id, one.kind, one.other_id) for one in second.news} == {
        (1, NewsKind.MERGED, 3),
        (2, NewsKind.MERGED, 3),
    }


def test_what_was_split_off_is_told_with_where_it_came_from() -> None:
    second = tonight(tonight(None, {1: seen()}), {1: seen(), 2: seen()}, regrouped=[entry(2, Event.SPLIT, 1, night=2)])

    assert (told(second), only(second).other_id) == ({(2, NewsKind.SPLIT)}, 1)


@pytest.mark.parametrize(("state", "is_told"), [(State.INBOX, False), (State.ACCEPTED, True)])
def test_the_merge_of_a_handful_of_items_is_told_where_somebody_decided_on_them(state: State, is_told: bool) -> None:
    first = tonight(None, {1: seen(items=REGROUPED_LEAST - 1, state=state), 2: seen()})

    second = tonight(first, {2: seen()}, regrouped=[entry(1, Event.MERGED, 2, night=2)], heirs={1: 2})

    assert told(second) == ({(1, NewsKind.MERGED)} if is_told else set())


def test_a_handful_of_items_that_is_split_off_is_not_told() -> None:
    few = {1: seen(), 2: seen(items=REGROUPED_LEAST - 1)}

    assert told(tonight(tonight(None, {1: seen()}), few, regrouped=[entry(2, Event.SPLIT, 1, night=2)])) == set()


def test_what_came_and_went_between_two_nights_is_not_told() -> None:
    born = [entry(2, Event.SPLIT, 1, night=2), entry(2, Event.MERGED, 1, night=2)]

    assert told(tonight(tonight(None, {1: seen()}), {1: seen()}, regrouped=born, heirs={2: 1})) == set()


def test_that_what_was_dismissed_is_merged_is_not_told() -> None:
    first = tonight(None, {1: seen(state=State.DISMISSED, waits=False), 2: seen()})

    assert told(tonight(first, {2: seen()}, regrouped=[entry(1, Event.MERGED, 2, night=2)])) == set()


def test_the_end_of_a_snooze_is_told_and_what_a_person_wakes_is_not() -> None:
    snoozed = tonight(None, {1: seen(state=State.SNOOZED, waits=False), 2: seen(state=State.SNOOZED, waits=False)})

    second = tonight(snoozed, {1: seen(state=State.SNOOZED, waits=True), 2: seen(state=State.INBOX, waits=True)})

    assert told(second) == {(1, NewsKind.WOKE)}
    assert told(tonight(second, {1: seen(state=State.SNOOZED, waits=True), 2: seen()})) == set()


def test_news_are_in_the_order_of_the_list() -> None:
    rings = {number: alarmed(an_alarm(SPIKE, night=2), roi=float(number)) for number in (1, 2, 3)}
    quiet = {number: seen(float(number)) for number in (1, 2, 3)}

    assert [one.problem_id for one in nights(quiet, rings).news] == [3, 2, 1]
