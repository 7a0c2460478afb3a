"""What is far from usual is told once, whatever the workspace does as a whole; noise stays within its budget."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from insights.domain.alarm import (
    BUDGET_SHARES,
    CLOSES_AT,
    KEPT,
    LOOKS_A_MONTH,
    Alarm,
    AlarmKind,
    Chance,
    Dispersion,
    Heard,
    alarms_tonight,
    chances_of,
    dispersion_of,
    judge,
    levels_of,
    pooled_dispersion,
    weights_of,
)

TONIGHT = date(2026, 3, 2)
WEEKS = 14
STEADY = (3,) * WEEKS
NEW, SPIKE, GROWTH, FADING = AlarmKind
NO_ALARMS: Mapping[int, Sequence[Alarm]] = {}
PROBLEM = 0


def a_workspace(voices: Sequence[int], *, problems: int = 50) -> dict[int, Heard]:
    """One problem with these voices among others that are steady."""
    return {PROBLEM: Heard(voices=tuple(voices))} | {n: Heard(voices=STEADY) for n in range(1, problems)}


def totals_of(heard: Mapping[int, Heard]) -> list[int]:
    return [sum(week) for week in zip(*(one.voices for one in heard.values()), strict=True)]


def judged(
    heard: Mapping[int, Heard],
    *,
    before: Mapping[int, Sequence[Alarm]] = NO_ALARMS,
    today: date = TONIGHT,
    weeks_known: int = 30,
    budget: float = 1.0,
) -> dict[int, tuple[Alarm, ...]]:
    return judge(
        heard,
        totals=totals_of(heard),
        weeks_known=weeks_known,
        before=before,
        today=today,
        false_alarms_a_month=budget,
    )


def told(voices: Sequence[int], *, problems: int = 50, weeks_known: int = 30) -> list[AlarmKind]:
    """What is told tonight of a problem with these voices among steady ones."""
    return [alarm.kind for alarm in judged(a_workspace(voices, problems=problems), weeks_known=weeks_known)[PROBLEM]]


def with_last(*last: int, usual: int = 3) -> tuple[int, ...]:
    return (usual,) * (WEEKS - len(last)) + last


# -- what is told ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("voices", "kinds"),
    [
        (STEADY, []),
        (with_last(6), []),
        (with_last(15), [SPIKE]),
        (with_last(2, usual=0), []),
        (with_last(3, usual=0), [NEW]),
        (with_last(30, usual=0), [NEW]),
        (with_last(7, 8, 7, 8), [GROWTH]),
        (with_last(4, 4, 4, 4), []),
        (with_last(2, 1, 2, 1, usual=10), [FADING]),
        (with_last(0, 0, 0, 0, usual=1), []),  # four voices less may be chance
        (with_last(0, 0, 0, 0, usual=6), [FADING]),
        ((0,) * WEEKS, []),
    ],
)
def test_what_is_far_from_usual_is_told(voices: Sequence[int], kinds: list[AlarmKind]) -> None:
    assert told(voices) == kinds


@pytest.mark.parametrize(("problems", "voices"), [(20, 3), (50, 3), (300, 3), (1_000, 4)])
def test_a_new_problem_takes_three_or_four_voices_at_the_default(problems: int, voices: int) -> None:
    assert told(with_last(voices, usual=0), problems=problems) == [NEW]
    assert told(with_last(voices - 1, usual=0), problems=problems) == []


def test_a_problem_that_always_comes_in_bursts_does_not_spike() -> None:
    assert told((12, 0, 0, 13, 0, 0, 12, 0, 0, 14, 0, 0, 0, 13)) == []


def test_nothing_is_said_before_four_whole_weeks_of_data() -> None:
    heard = a_workspace(with_last(40))

    assert judged(heard, weeks_known=4)[PROBLEM] == ()
    assert [alarm.kind for alarm in judged(heard, weeks_known=5)[PROBLEM]] == [SPIKE]


def test_growth_and_fading_need_four_weeks_before_their_own() -> None:
    assert told(with_last(7, 8, 7, 8), weeks_known=7) == []
    assert told(with_last(7, 8, 7, 8), weeks_known=WEEKS) == [GROWTH]


def test_weeks_before_the_first_data_are_no_history() -> None:
    """Zeros from before the first import would make every problem new."""
    heard = a_workspace((0,) * 9 + (4, 5, 3, 4, 5))

    assert AlarmKind.SPIKE in chances_of(heard, totals=totals_of(heard), weeks_known=5)[PROBLEM]
    assert judged(heard, weeks_known=5)[PROBLEM] == ()


def test_an_alarm_says_what_it_was_told_with() -> None:
    (alarm,) = judged(a_workspace(with_last(15)))[PROBLEM]

    assert alarm == Alarm(kind=SPIKE, opened_on=TONIGHT, told_on=TONIGHT, week=15, lately=15, usual=alarm.usual)
    assert alarm.usual == pytest.approx(39.5 / 13)


def test_growth_says_its_pace_over_four_weeks() -> None:
    (alarm,) = judged(a_workspace(with_last(7, 8, 7, 10)))[PROBLEM]

    assert (alarm.kind, alarm.week, alarm.lately) == (GROWTH, 10, 8)
    assert alarm.usual == pytest.approx(30.5 / 10)


def test_an_empty_workspace_has_no_alarms() -> None:
    assert judge({}, totals=(), weeks_known=0, before={}, today=TONIGHT, false_alarms_a_month=1.0) == {}
    assert judge({}, totals=(0,) * 14, weeks_known=14, before={}, today=TONIGHT, false_alarms_a_month=1.0) == {}


@given(
    st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=16).map(tuple), min_size=1, max_size=5),
    st.lists(st.integers(0, 200), min_size=0, max_size=16),
    st.integers(0, 40),
)
def test_whatever_is_counted_chances_are_chances(
    voices: list[tuple[int, ...]], totals: list[int], weeks_known: int
) -> None:
    heard = {n: Heard(voices=one) for n, one in enumerate(voices)}

    found = chances_of(heard, totals=totals, weeks_known=weeks_known)

    assert found.keys() == heard.keys()
    assert all(0 <= chance.p <= 1 for one in found.values() for chance in one.values())


@given(st.lists(st.integers(0, 30), min_size=WEEKS, max_size=WEEKS))
def test_one_more_voice_never_makes_a_week_more_usual(voices: list[int]) -> None:
    def p(last: int) -> float:
        heard = a_workspace([*voices[:-1], last], problems=20)
        (kind,) = {NEW, SPIKE} & chances_of(heard, totals=totals_of(heard), weeks_known=WEEKS)[PROBLEM].keys()
        return chances_of(heard, totals=totals_of(heard), weeks_known=WEEKS)[PROBLEM][kind].p

    assert p(voices[-1] + 1) <= p(voices[-1]) * (1 + 1e-9)


def test_the_chance_is_that_of_a_negative_binomial_of_the_weeks_before() -> None:
    """Jeffreys' prior, and where nothing else is heard no exposure."""
    alone = {PROBLEM: Heard(voices=with_last(9))}

    chance = chances_of(alone, totals=totals_of(alone), weeks_known=WEEKS)[PROBLEM][SPIKE]

    assert chance.p == pytest.approx(float(nbinom.sf(8, 39.5, 13 / 14)), rel=1e-9)


# -- the workspace --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.5, 2, 3])
def test_a_workspace_that_changes_as_a_whole_makes_no_problem_spike_or_fade(factor: float) -> None:
    for changed in (1, 2, 4):
        weeks = (10,) * (WEEKS - changed) + (round(10 * factor),) * changed
        heard = {n: Heard(voices=weeks) for n in range(30)}

        assert not any(judged(heard).values())


def test_an_outage_that_makes_up_most_of_the_volume_is_told_and_hides_no_other() -> None:
    heard = a_workspace(with_last(900, usual=20)) | {1: Heard(voices=with_last(15))}

    alarms = judged(heard)

    assert [alarm.kind for alarm in alarms[PROBLEM]] == [SPIKE]
    assert [alarm.kind for alarm in alarms[1]] == [SPIKE]


def test_an_outage_lets_no_other_problem_fade() -> None:
    heard = {n: Heard(voices=(20,) * WEEKS) for n in range(30)} | {PROBLEM: Heard(voices=with_last(900, 0, 0, 0))}

    assert not any(judged(heard)[n] for n in range(1, 30))


def test_small_totals_say_little_of_the_workspace() -> None:
    """Two voices where one is usual are no doubled workspace."""
    few = {PROBLEM: Heard(voices=with_last(18)), 1: Heard(voices=with_last(2, usual=1))}

    assert [alarm.kind for alarm in judged(few)[PROBLEM]] == [SPIKE]


# -- dispersion -----------------------------------------------------------------------------------------------------


def test_one_voice_tells_nothing_of_dispersion() -> None:
    assert dispersion_of((0, 1, 0, 0), (1, 1, 1, 1)) == (1.0, 0.0)
    assert dispersion_of((), ()) == (1.0, 0.0)


def test_dispersion_is_variance_over_mean_given_the_exposure() -> None:
    dispersion, worth = dispersion_of((2, 4, 6), (1.0, 1.0, 1.0))

    assert dispersion == pytest.approx(1.0)
    assert worth == pytest.approx(2 * 11 / 12)
    assert dispersion_of((2, 4, 6), (1.0, 2.0, 3.0))[0] == pytest.approx(0.0)


def test_one_outage_hardly_changes_the_dispersion_of_all() -> None:
    assert pooled_dispersion([Dispersion(1.0, 12.0)] * 49 + [Dispersion(80.0, 12.0)])[0] == pytest.approx(1.08)
    assert pooled_dispersion([Dispersion(0.2, 12.0)])[0] == 1.0


def test_what_is_worth_nothing_says_nothing_of_the_dispersion() -> None:
    assert pooled_dispersion([]) == pooled_dispersion([Dispersion(4.0, 0.0)]) == (1.0, 40.0)


def test_the_dispersion_of_all_is_worth_less_where_problems_differ_in_it() -> None:
    alike = pooled_dispersion([Dispersion(1.6, 12.0), Dispersion(2.4, 12.0)] * 10)
    unlike = pooled_dispersion([Dispersion(0.1, 12.0), Dispersion(3.9, 12.0)] * 10)

    assert alike[0] == unlike[0] == pytest.approx(2.0)
    assert alike[1] == 40.0
    assert unlike[1] == 3.0


def test_a_workspace_of_bursts_needs_more_voices_for_a_new_problem() -> None:
    weeks = (0, 6, 0, 5, 0, 0, 7, 0, 0, 6, 0, 5, 0, 0)
    bursts = {n: Heard(voices=weeks[n % WEEKS :] + weeks[: n % WEEKS]) for n in range(1, 43)}
    heard = bursts | {PROBLEM: Heard(voices=with_last(5, usual=0))}

    assert judged(heard)[PROBLEM] == ()
    assert told(with_last(5, usual=0)) == [NEW]


# -- the budget -----------------------------------------------------------------------------------------------------

some_heard = st.dictionaries(
    st.integers(1, 500),
    st.builds(
        Heard,
        voices=st.just(STEADY),
        severity=st.sampled_from(["blocks", "hurts", "annoys", "wish", None, "strange"]),
        value=st.floats(-10, 1e9),
    ),
    min_size=1,
    max_size=30,
)


@given(some_heard)
def test_weights_have_the_mean_one_and_are_bounded(heard: dict[int, Heard]) -> None:
    weights = weights_of(heard)

    assert fmean(weights.values()) == pytest.approx(1)
    assert max(weights.values()) <= 32 * min(weights.values()) * (1 + 1e-9)


@given(some_heard, st.floats(0.01, 30))
def test_all_thresholds_together_are_the_budget_at_most(heard: dict[int, Heard], budget: float) -> None:
    levels = [
        levels_of(weight, problems=len(heard), false_alarms_a_month=budget) for weight in weights_of(heard).values()
    ]

    spent = sum(level[kind] * LOOKS_A_MONTH[kind] for level in levels for kind in AlarmKind)
    assert spent <= budget * sum(BUDGET_SHARES.values()) * (1 + 1e-9)
    assert sum(BUDGET_SHARES.values()) == pytest.approx(1)


@given(some_heard)
def test_no_threshold_reaches_what_closes_an_alarm(heard: dict[int, Heard]) -> None:
    levels = levels_of(max(weights_of(heard).values()), problems=1, false_alarms_a_month=1_000)

    assert max(levels.values()) < CLOSES_AT


def test_what_blocks_is_told_at_fewer_voices_than_a_wish() -> None:
    def least(severity: str) -> int:
        usual = [Heard(voices=STEADY, severity=one) for one in ("blocks", "hurts", "annoys", "wish") * 10]
        for last in range(3, 40):
            heard = dict(enumerate([Heard(voices=with_last(last), severity=severity), *usual]))
            if judged(heard)[PROBLEM]:
                return last
        raise AssertionError

    assert least("blocks") < least("wish")


def test_what_is_worth_much_is_told_sooner() -> None:
    weights = weights_of({1: Heard(voices=(), value=900), 2: Heard(voices=(), value=100), 3: Heard(voices=())})

    assert weights[1] > weights[2] == weights[3]


def test_a_larger_budget_tells_more() -> None:
    heard = a_workspace(with_last(10))

    assert judged(heard, budget=0.1)[PROBLEM] == ()
    assert [alarm.kind for alarm in judged(heard, budget=20)[PROBLEM]] == [SPIKE]
    assert judged(heard, budget=0)[PROBLEM] == ()


# -- from night to night --------------------------------------------------------------------------------------------

USUAL = Chance(p=0.5, week=3, lately=3, usual=3)
HIGH = Chance(p=0.05, week=7, lately=7, usual=3)
FAR = Chance(p=1e-9, week=30, lately=30, usual=3)
LEVELS = dict.fromkeys(AlarmKind, 1e-4)


def chances(
    burst: Chance = USUAL, growth: Chance = USUAL, fading: Chance = USUAL, *, first: AlarmKind = SPIKE
) -> Mapping[AlarmKind, Chance]:
    return {first: burst, GROWTH: growth, FADING: fading}


def nightly(nights: Iterable[Mapping[AlarmKind, Chance]], before: Sequence[Alarm] = ()) -> list[tuple[Alarm, ...]]:
    """The alarms of each night, from tonight on."""
    found = []
    for night, one in enumerate(nights):
        before = alarms_tonight(one, levels=LEVELS, before=before, today=TONIGHT + timedelta(days=night))
        found.append(tuple(before))
    return found


def news(nights: list[tuple[Alarm, ...]]) -> list[tuple[int, AlarmKind, int]]:
    """Night, kind and how often it was told by then."""
    return [
        (night, alarm.kind, alarm.times)
        for night, alarms in enumerate(nights)
        for alarm in alarms
        if alarm.told_on == TONIGHT + timedelta(days=night)
    ]


def test_an_alarm_that_is_open_is_told_once() -> None:
    nights = nightly([chances(FAR)] * 5 + [chances(HIGH)] * 5)

    assert news(nights) == [(0, SPIKE, 1)]
    assert all(alarm.is_open for alarms in nights for alarm in alarms)


def test_an_alarm_closes_when_the_week_is_back_to_usual() -> None:
    nights = nightly([chances(FAR), chances(HIGH), chances(USUAL)])

    assert [alarms[0].is_open for alarms in nights] == [True, True, False]
    assert nights[-1][0].closed_on == TONIGHT + timedelta(days=2)


def test_what_fires_again_within_eight_weeks_reopens_its_alarm() -> None:
    nights = nightly([chances(FAR), *[chances(USUAL)] * 56, chances(FAR)])

    assert news(nights) == [(0, SPIKE, 1), (57, SPIKE, 2)]
    assert len(nights[-1]) == 1
    assert nights[-1][0].opened_on == TONIGHT
    assert nights[-1][0].is_open
    assert nights[-1][0].closed_on is None


def a_burst(*, left: int) -> dict[int, list[Alarm]]:
    """Told five weeks ago with thirteen voices, closed a week later with those that were left."""
    then = TONIGHT - timedelta(weeks=5)
    closed = then + timedelta(weeks=1)
    return {
        PROBLEM: [
            Alarm(
                kind=SPIKE, opened_on=then, told_on=then, is_open=False, closed_on=closed, week=13, usual=2.0, left=left
            )
        ]
    }


def test_a_burst_that_is_over_hides_none_that_comes_after_it() -> None:
    heard = a_workspace((2, 2, 2, 2, 2, 2, 2, 2, 13, 3, 2, 2, 2, 14))

    assert judged(heard)[PROBLEM] == ()
    (again,) = judged(heard, before=a_burst(left=3))[PROBLEM]
    assert (again.kind, again.times, again.told_on) == (SPIKE, 2, TONIGHT)


def test_what_a_burst_left_higher_than_before_is_usual_by_now() -> None:
    heard = a_workspace((2, 2, 2, 2, 2, 2, 2, 2, 13, 12, 13, 11, 12, 13))

    (alarm,) = judged(heard, before=a_burst(left=12))[PROBLEM]
    assert alarm.times == 1


def test_a_burst_counts_as_usual_while_tonights_week_holds_some_of_it() -> None:
    then = TONIGHT - timedelta(days=9)
    burst = Alarm(
        kind=SPIKE,
        opened_on=then,
        told_on=then,
        is_open=False,
        closed_on=TONIGHT - timedelta(days=2),
        week=30,
        usual=2.0,
        left=10,
    )
    heard = a_workspace((2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 30, 10))

    (alarm,) = judged(heard, before={PROBLEM: [burst]})[PROBLEM]
    assert alarm.times == 1


def test_a_closed_alarm_is_forgotten_after_eight_weeks() -> None:
    nights = nightly([chances(FAR), *[chances(USUAL)] * (KEPT.days + 2), chances(FAR)])

    assert nights[-3] != ()
    assert nights[-2] == ()
    assert news(nights)[-1] == (59, SPIKE, 1)


def test_a_new_problem_is_no_spike_too() -> None:
    nights = nightly([chances(FAR, first=NEW), chances(FAR), chances(FAR)])

    assert news(nights) == [(0, NEW, 1)]


def test_a_new_problem_that_went_away_comes_back_as_a_spike_of_the_same_alarm() -> None:
    nights = nightly([chances(FAR, first=NEW), chances(USUAL), chances(FAR)])

    assert news(nights) == [(0, NEW, 1), (2, SPIKE, 2)]
    assert len(nights[-1]) == 1


@pytest.mark.parametrize("first", [NEW, SPIKE])
def test_growth_within_four_weeks_of_a_burst_is_the_same_thing(first: AlarmKind) -> None:
    nights = nightly([chances(FAR, FAR, first=first), *[chances(USUAL, FAR)] * 40])

    assert news(nights) == [(0, first, 1), (30, GROWTH, 1)]


@pytest.mark.parametrize("first", [NEW, SPIKE])
def test_a_burst_that_ends_is_no_fading_while_its_alarm_is_kept(first: AlarmKind) -> None:
    nights = nightly([chances(FAR, first=first), *[chances(USUAL, fading=FAR)] * 60])

    assert news(nights) == [(0, first, 1), (58, FADING, 1)]


def test_a_problem_has_one_piece_of_news_a_night() -> None:
    nights = nightly([chances(USUAL, FAR), chances(FAR, FAR), chances(USUAL, USUAL, FAR)])

    assert news(nights) == [(0, GROWTH, 1), (1, SPIKE, 1)]


def test_the_same_night_again_says_the_same() -> None:
    heard = a_workspace(with_last(15))
    once = judged(heard)
    closing = {PROBLEM: [Alarm(kind=SPIKE, opened_on=date(2026, 2, 1), told_on=date(2026, 2, 1))]}
    closed = judged(a_workspace(STEADY), before=closing)
    reopening = {
        PROBLEM: [Alarm(kind=SPIKE, opened_on=date(2026, 2, 1), told_on=date(2026, 2, 1), is_open=False)],
    }
    reopened = judged(heard, before=reopening)

    assert judged(heard, before=once) == once
    assert not closed[PROBLEM][0].is_open
    assert judged(a_workspace(STEADY), before=closed) == closed
    assert reopened[PROBLEM][0].times == 2
    assert judged(heard, before=reopened) == reopened


def test_without_enough_weeks_alarms_stay_as_they_are() -> None:
    """Data that was taken away closes nothing."""
    kept = (Alarm(kind=SPIKE, opened_on=TONIGHT - timedelta(days=3), told_on=TONIGHT - timedelta(days=3)),)

    assert judged(a_workspace(STEADY), before={PROBLEM: kept}, weeks_known=3)[PROBLEM] == kept


def test_a_quiet_year_of_thirty_problems_keeps_its_budget() -> None:
    """Once a week, which tells less than once a night: a dozen is the budget of a year."""
    generator = random.Random(7)
    rates = [0.1, 0.5, 1, 3, 8] * 6
    weeks = [[sum(generator.random() < rate / 20 for _ in range(20)) for rate in rates] for _ in range(WEEKS + 52)]
    before: dict[int, tuple[Alarm, ...]] = {}
    onsets = 0
    for end in range(WEEKS, len(weeks)):
        today = TONIGHT + timedelta(weeks=end)
        heard = {n: Heard(voices=tuple(week[n] for week in weeks[end - WEEKS : end])) for n in range(len(rates))}
        before = judged(heard, before=before, today=today)
        onsets += sum(alarm.told_on == today for alarms in before.values() for alarm in alarms)

    assert onsets <= 12
