"""Draws agree with closed forms where there are any, and a problem's figures hang on nothing but its own."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import gamma, norm

from insights.domain.estimate import Range
from insights.worth.quantiles import Z90
from insights.worth.simulation import SURE, TOP, Case, simulate, ties
from tests.worth.cases import a_case

HALF = np.log(3) / Z90
"""Of a range whose ends are a third and three times its middle: standard deviation in logs."""


def test_a_quotient_of_lognormals_is_the_lognormal_of_the_formula() -> None:
    """log(value) ~ N(log 30,000, s), log(cost) ~ N(log 12,000, s): the return's quantiles follow."""
    simulated = simulate([a_case(weeks=Range(1, 3, 9))], shared=0.5)
    spread = np.sqrt(2) * HALF * Z90

    assert simulated.roi[0].likely == pytest.approx(2.5 - 1, abs=0.05)
    assert simulated.roi[0].low + 1 == pytest.approx(2.5 * np.exp(-spread), rel=0.05)
    assert simulated.roi[0].high + 1 == pytest.approx(2.5 * np.exp(spread), rel=0.05)
    assert simulated.chance_positive[0] == pytest.approx(norm.cdf(np.log(2.5) / (np.sqrt(2) * HALF)), abs=0.015)


@pytest.mark.parametrize("shared", [0.0, 0.5, 0.9])
def test_the_chance_to_outrank_is_that_of_two_correlated_lognormals(shared: float) -> None:
    """log ROI+1 differs by N(log 2, 2 s sqrt(1 - shared)): P(A > B) = Phi(log 2 / that)."""
    better, worse = a_case(1, kept=Range(20_000, 60_000, 180_000)), a_case(2)
    simulated = simulate([better, worse], shared=shared)
    deviation = 2 * HALF * np.sqrt(1 - shared)

    assert simulated.outranks(0, 1) == pytest.approx(norm.cdf(np.log(2) / deviation), abs=0.015)
    assert simulated.outranks(0, 1) + simulated.outranks(1, 0) == pytest.approx(1)


def test_where_all_unknowns_are_shared_the_better_one_always_outranks() -> None:
    better, worse = a_case(1, kept=Range(20_000, 60_000, 180_000)), a_case(2)

    assert simulate([better, worse], shared=1.0).outranks(0, 1) == 1


def mean_value(case: Case) -> float:
    """Of a problem whose cost is known, so that the draws of the return tell those of the value."""
    known = replace(case, weeks=Range(1, 1, 1))
    return float((simulate([known], shared=0.5).roi_draws + 1).mean(dtype=np.float64)) * known.week_cost


def test_a_sum_of_parts_has_the_mean_of_their_means() -> None:
    both = a_case(deals=100_000.0, items=250.0, item_cost=200.0)
    alone = [
        a_case(),
        a_case(kept=Range(0, 0, 0), deals=100_000.0),
        a_case(kept=Range(0, 0, 0), items=250.0, item_cost=200.0),
    ]
    means = [mean_value(case) for case in alone]

    assert mean_value(both) == pytest.approx(sum(means), rel=1e-4)


@pytest.mark.parametrize("items", [1, 4, 40, 4000])
def test_few_items_tell_their_rate_less_well_than_many(items: float) -> None:
    """With the share avoided known, the range of the support saved is that of the Gamma distribution of the rate."""
    known = a_case(kept=Range(0, 0, 0), items=float(items), item_cost=200.0, avoided=Range(0.7, 0.7, 0.7))
    [support] = simulate([known], shared=0.5).support
    rate = gamma(items + 0.5)

    assert support.low == pytest.approx(200 * 0.7 * rate.ppf(0.1), rel=0.06)
    assert support.high == pytest.approx(200 * 0.7 * rate.ppf(0.9), rel=0.04)


def test_where_no_item_came_lately_one_may_still_come() -> None:
    [support] = simulate([a_case(kept=Range(0, 0, 0), items=0.0, item_cost=200.0)], shared=0.5).support

    assert 0 < support.low < support.likely < 200 * 0.7 < support.high


def test_the_same_problem_has_the_same_figures_whoever_stands_beside_it() -> None:
    alone = simulate([a_case(7)], shared=0.5)
    among = simulate([a_case(3), a_case(7), a_case(9, kept=Range(1, 2, 3))], shared=0.5)

    assert among.value[1] == alone.value[0]
    assert among.roi[1] == alone.roi[0]


def test_a_night_later_nothing_moves() -> None:
    cases = [a_case(number) for number in range(1, 6)]

    assert simulate(cases, shared=0.5).roi == simulate(cases, shared=0.5).roi


def test_equal_problems_share_the_first_places_evenly() -> None:
    simulated = simulate([a_case(number) for number in range(1, 41)], shared=0.5)

    assert simulated.chance_top.sum() == pytest.approx(TOP, abs=0.01)
    assert simulated.chance_top == pytest.approx(np.full(40, TOP / 40), abs=0.03)


def test_ten_or_fewer_are_all_among_the_first() -> None:
    assert simulate([a_case(number) for number in range(1, 11)], shared=0.5).chance_top.tolist() == [1.0] * 10


def test_of_many_problems_only_the_returns_are_kept_draw_by_draw() -> None:
    cases = [a_case(n) for n in range(1, 301)]
    tracemalloc.start()
    try:
        simulated = simulate(cases, shared=0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 2 * simulated.roi_draws.nbytes


def test_equals_share_the_places_at_the_top_that_are_left() -> None:
    """Where nothing can be counted of 36 problems and four are worth something, six places are left for them."""
    worth, nothing = [a_case(n) for n in range(1, 5)], [a_case(n, kept=Range(0, 0, 0)) for n in range(5, 41)]
    chances = simulate([*worth, *nothing], shared=0.5).chance_top

    assert chances[:4] == pytest.approx(1)
    assert chances[4:] == pytest.approx((TOP - 4) / 36)


def test_chances_to_be_at_the_top_add_up_to_its_places() -> None:
    chances = simulate([a_case(n, kept=Range(1e3 * n, 3e3 * n, 9e3 * n)) for n in range(1, 31)], shared=0.5).chance_top

    assert chances.sum() == pytest.approx(TOP)


def test_problems_that_cannot_be_told_apart_are_tied_and_those_far_apart_are_not() -> None:
    cases = [a_case(1, kept=Range(1e6, 3e6, 9e6)), a_case(2), a_case(3), a_case(4, kept=Range(10, 30, 90))]
    simulated = simulate(cases, shared=0.5)
    order = sorted(range(4), key=lambda place: -simulated.roi[place].likely)

    found = ties(order, simulated)

    assert set(found) == {1, 2}
    assert len(set(found.values())) == 1
    assert simulated.outranks(order[0], order[1]) >= SURE


def test_value_that_is_nothing_returns_minus_the_cost() -> None:
    simulated = simulate([a_case(kept=Range(0, 0, 0))], shared=0.5)

    assert simulated.roi[0] == Range(-1, -1, -1)
    assert simulated.chance_positive[0] == 0
