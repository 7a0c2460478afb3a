"""Which moves in rank are told: a problem's own, far enough, and once."""

from dataclasses import replace

import pytest

from insights.config import Alerts
from insights.domain.night import NewsKind, Night, ReasonKind, Seen
from insights.domain.problem import State
from tests.news.nights import day_of, drivers, nights, only, seen, told, tonight


def a_list(returns: dict[int, float]) -> dict[int, Seen]:
    """problem -> return; each with an account for every point of its return, so that a change has a reason."""
    return {
        number: seen(roi, drivers=drivers(10_000 * (roi + 1), accounts=round(roi))) for number, roi in returns.items()
    }


TEN = {number: 100.0 - 10 * number for number in range(1, 11)}
"""Ranks as the numbers are."""


def test_a_problem_that_rises_by_its_own_return_is_told_with_the_reason() -> None:
    move = only(nights(a_list(TEN), a_list(TEN | {9: 55.0})))

    assert (move.problem_id, move.kind, move.before, move.after) == (9, NewsKind.MOVED, 9, 5)
    assert [(one.kind, one.count) for one in move.reasons] == [(ReasonKind.ACCOUNTS, 45)]
    assert move.since == day_of(1)


def test_those_that_it_passed_did_not_move() -> None:
    """P-5 to P-8 lost a rank each; and where many rise, the one that they pass loses many."""
    risen = {number: 95.0 + number for number in (7, 8, 9, 10)}

    night = nights(a_list(TEN), a_list(TEN | risen))

    assert night.problems[1].rank == 5
    assert told(night) == {(number, NewsKind.MOVED) for number in risen}


def test_a_problem_that_falls_is_told_too() -> None:
    move = only(nights(a_list(TEN), a_list(TEN | {2: 45.0})))

    assert (move.problem_id, move.before, move.after) == (2, 2, 5)
    assert [(one.kind, one.count) for one in move.reasons] == [(ReasonKind.ACCOUNTS, -35)]


@pytest.mark.parametrize(("least", "is_told"), [(3, True), (4, True), (5, False)])
def test_a_move_by_fewer_ranks_than_are_wanted_is_not_told(least: int, is_told: bool) -> None:
    night = nights(a_list(TEN), a_list(TEN | {9: 55.0}), alerts=Alerts(least_rank_move=least))

    assert bool(told(night)) is is_told


def test_slow_steps_add_up_to_one_move() -> None:
    steps = [TEN, TEN | {9: 21.0}, TEN | {9: 31.0}, TEN | {9: 41.0}]
    *quiet, last = [nights(*map(a_list, steps[: number + 1])) for number in range(4)]

    assert all(not one.news for one in quiet)
    assert (only(last).before, only(last).after) == (9, 6)


def test_the_rank_is_told_anew_with_the_move() -> None:
    risen = a_list(TEN | {9: 55.0})
    second = nights(a_list(TEN), risen)

    assert (second.problems[9].told_rank, second.problems[9].told_run) == (5, 2)
    assert told(tonight(second, risen)) == set()


def test_a_second_move_within_four_weeks_waits() -> None:
    second = nights(a_list(TEN), a_list(TEN | {9: 55.0}))
    third = tonight(second, a_list(TEN | {9: 85.0}))
    later = tonight(third, a_list(TEN | {9: 85.0}), night=30)

    assert told(third) == set()
    assert (only(later).before, only(later).after) == (5, 2)


def test_others_that_leave_move_nobody() -> None:
    some = {number: roi for number, roi in TEN.items() if number > 4}

    night = nights(a_list(TEN), a_list(some))

    assert night.problems[5].rank == 1
    assert told(night) == set()


def test_what_others_did_is_told_beside_what_it_did_itself() -> None:
    """P-9 passed four of its own, and three that were above it are gone."""
    some = {number: roi for number, roi in TEN.items() if number > 3} | {9: 65.0}

    move = only(nights(a_list(TEN), a_list(some)))

    assert (move.before, move.after) == (9, 1)
    assert [(one.kind, one.count) for one in move.reasons] == [(ReasonKind.ACCOUNTS, 55), (ReasonKind.OTHERS_LEFT, 3)]


def test_others_that_come_move_nobody() -> None:
    night = nights(a_list(TEN), a_list(TEN | {number: 200.0 + number for number in range(11, 16)}))

    assert night.problems[1].rank == 6
    assert told(night) == set()


def test_changed_settings_move_nobody_and_leave_nothing_to_be_told_later() -> None:
    first = tonight(None, a_list(TEN), settings="a")
    upside_down = a_list({number: 10.0 * number for number in TEN})

    second = tonight(first, upside_down, settings="b")

    assert told(second) == told(tonight(second, upside_down, settings="b")) == set()


HUNDRED = {number: 1_000 * 0.96**number - 1 for number in range(1, 101)}
"""Ranks as the numbers are; what each is worth over its cost is a twenty-fifth less than of the one before it."""


def moved(before: int, after: int) -> Night:
    """The night on which one of them moved so."""
    beyond = 0.5 if after > before else -0.5
    night = nights(a_list(HUNDRED), a_list(HUNDRED | {before: 1_000 * 0.96 ** (after + beyond) - 1}))
    assert night.problems[before].rank == after
    return night


@pytest.mark.parametrize(("before", "after"), [(12, 9), (20, 27), (32, 20), (17, 24), (99, 20), (20, 99)])
def test_a_move_by_a_quarter_of_the_larger_rank_is_told(before: int, after: int) -> None:
    move = only(moved(before, after))

    assert (move.problem_id, move.before, move.after) == (before, before, after)


@pytest.mark.parametrize(("before", "after"), [(13, 10), (20, 26), (24, 19), (17, 22)])
def test_a_move_by_less_than_a_quarter_of_the_larger_rank_is_not_told(before: int, after: int) -> None:
    """Problems stand closer together further down."""
    assert told(moved(before, after)) == set()


@pytest.mark.parametrize(("before", "after"), [(60, 21), (21, 60), (100, 50)])
def test_a_move_beyond_the_first_twenty_is_not_told(before: int, after: int) -> None:
    assert told(moved(before, after)) == set()


def test_one_that_comes_from_far_down_by_steps_is_told_where_it_comes_among_the_first() -> None:
    second = moved(80, 50)
    third = tonight(second, a_list(HUNDRED | {80: 1_000 * 0.96**19.5 - 1}))

    assert told(second) == set()
    assert (only(third).before, only(third).after) == (80, 20)


@pytest.mark.parametrize(("now", "is_told"), [(0.05, False), (0.09, False), (0.11, True), (0.3, True)])
def test_where_problems_are_alike_only_one_whose_value_over_cost_changed_by_a_tenth_has_moved(
    now: float, is_told: bool
) -> None:
    """All return nothing or next to it: four ranks are nothing there."""
    alike = {number: seen(0.01 * number) for number in range(1, 5)}
    before = alike | {9: seen(0.0, drivers=drivers(10_000, accounts=5))}
    after = alike | {9: seen(now, drivers=drivers(10_000 * (1 + now), accounts=6))}

    assert bool(told(nights(before, after))) is is_told


def test_among_a_thousand_that_cannot_be_told_apart_a_move_is_told() -> None:
    """It is compared with itself, and not with those around it."""
    crowd = a_list({number: 100 * 0.999**number for number in range(1, 1_001)})

    night = nights(crowd, crowd | a_list({50: 115.0}))

    assert [(one.problem_id, one.before, one.after) for one in night.news] == [(50, 50, 1)]


@pytest.mark.parametrize("state", [State.DISMISSED, State.SHIPPED, State.SNOOZED])
def test_what_nobody_asks_for_is_not_told_and_leaves_nothing_to_be_told_later(state: State) -> None:
    first = tonight(None, a_list(TEN))
    risen = a_list(TEN | {9: 55.0})

    second = tonight(first, risen | {9: replace(risen[9], state=state, waits=False)})

    assert told(second) == told(tonight(second, risen)) == set()


def test_equal_returns_do_not_move_each_other() -> None:
    """Ranks among equals go by accounts and items, and change with them."""
    equal = dict.fromkeys(range(1, 11), 5.0)
    first = tonight(None, a_list(equal))

    assert told(tonight(first, a_list(equal | {11: 5.004, 12: 5.0}))) == set()
    assert told(tonight(first, a_list(equal | {10: 5.01}))) == set()


def test_a_move_without_a_reason_is_not_told() -> None:
    """Its return changed, and nothing that is known of it did."""
    same = drivers()
    before = {number: replace(one, drivers=same) for number, one in a_list(TEN).items()}

    assert told(nights(before, before | {9: replace(seen(55.0), drivers=same)})) == set()


def test_a_night_tells_the_most_valuable_moves_and_the_others_when_they_move_on() -> None:
    many = {number: float(1000 - 10 * number) for number in range(1, 61)}
    risen = many | {number: 1000.0 + number for number in range(41, 61)}
    second = nights(a_list(many), a_list(risen))
    third = tonight(second, a_list(risen))

    assert {number for number, _ in told(second)} == set(range(51, 61))
    assert told(third) == set()
