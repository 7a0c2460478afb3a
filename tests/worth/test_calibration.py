"""How predicted ranges held, and how the priors move: little while little was seen, back to 80 % after."""

import numpy as np
import pytest

from insights.domain.estimate import Range
from insights.worth.calibration import (
    HELD,
    Compared,
    Quantity,
    calibrate,
    fit_scores,
    moved,
    moves_of,
    score_of,
)
from insights.worth.intervals import wilson
from insights.worth.quantiles import Z90, amounts_at, chances_at

SHARES = Range(0.4, 0.7, 0.9)
WEEKS = Range(1.0, 3.0, 8.0)


def exactly(value: float) -> Range:
    return Range(value, value, value)


def weeks(value: float, *, setting: str = "weeks", predicted: Range = WEEKS) -> Compared:
    return Compared(quantity=Quantity.WEEKS, predicted=predicted, realised=exactly(value), setting=setting)


def a_firm(generator: np.random.Generator, *, count: int, bias: float, spread: float) -> list[float]:
    """Weeks that work truly takes in a firm whose ranges are wrong by that much."""
    return amounts_at(WEEKS, generator.normal(bias, spread, count)).tolist()


def coverage(found: Range, values: list[float]) -> float:
    return sum(found.low <= value <= found.high for value in values) / len(values)


def test_the_ends_of_a_range_stand_at_their_scores() -> None:
    scores = [score_of(exactly(value), against=WEEKS, quantity=Quantity.WEEKS)[0] for value in (1.0, 3.0, 8.0)]

    assert scores == pytest.approx([-Z90, 0, Z90])


def test_what_a_range_does_not_reach_counts_no_farther_than_the_limit() -> None:
    rose = Compared(quantity=Quantity.AVOIDED, predicted=SHARES, realised=exactly(-0.5))

    assert rose.score == (-4.0, 0.0)
    assert not rose.is_inside


def test_an_outcome_that_is_hardly_known_is_no_miss() -> None:
    sure = Compared(quantity=Quantity.AVOIDED, predicted=SHARES, realised=Range(0.28, 0.3, 0.32))
    doubtful = Compared(quantity=Quantity.AVOIDED, predicted=SHARES, realised=Range(0.05, 0.3, 0.7))

    assert not sure.is_inside
    assert doubtful.is_inside


def test_without_outcomes_nothing_moves() -> None:
    fit = fit_scores([])

    assert (fit.bias, fit.spread) == pytest.approx((0, 1), abs=0.03)


def test_bias_and_spread_follow_their_formula_where_outcomes_are_exact() -> None:
    scores = np.array([0.4, 1.2, 0.9, -0.3, 1.6, 0.8])
    mean, n = scores.mean(), len(scores)
    squares = HELD + ((scores - mean) ** 2).sum() + HELD * n * mean**2 / (n + HELD)

    fit = fit_scores([(score, 0.0) for score in scores.tolist()])

    assert fit.bias == pytest.approx(scores.sum() / (n + HELD), abs=0.02)
    assert fit.spread == pytest.approx((squares / (n + HELD)) ** 0.5, rel=0.03)


def test_an_outcome_that_is_hardly_known_moves_less() -> None:
    sure = fit_scores([(1.0, 0.0)] * 6)
    doubtful = fit_scores([(1.0, 4.0)] * 6)

    assert 0 < doubtful.bias < sure.bias


def test_one_outcome_moves_less_than_ten_alike() -> None:
    assert fit_scores([(1.0, 0.0)]).bias < 0.5 * fit_scores([(1.0, 0.0)] * 10).bias


def test_coverage_counts_what_was_inside_and_where_it_fell() -> None:
    found = calibrate([weeks(value) for value in (0.2, 2.0, 3.0, 5.0, 20.0)])

    assert [one.quantity for one in found] == [Quantity.WEEKS]
    assert (found[0].inside, found[0].coverage) == (3, 0.6)
    assert found[0].pit == (1, 1, 1, 1, 1)
    assert found[0].interval == wilson(3, 5)


def test_wilsons_interval_is_the_published_one() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_range_moves_towards_what_was_seen_and_stays_a_range() -> None:
    slow = moved(WEEKS, fit_scores([(1.0, 0.0)] * 20), is_chance=False)
    fewer = moved(SHARES, fit_scores([(-1.0, 0.0)] * 20), is_chance=True)

    assert WEEKS.likely < slow.low < slow.likely < slow.high
    assert 0 < fewer.low < fewer.likely < SHARES.likely


def test_few_outcomes_move_no_setting() -> None:
    few = moves_of([weeks(7.0)] * 4, {"weeks": WEEKS})
    enough = moves_of([weeks(7.0)] * 5, {"weeks": WEEKS})

    assert (few[0].is_due, few[0].then) == (False, WEEKS)
    assert enough[0].is_due
    assert enough[0].then.likely > WEEKS.likely


def test_what_rests_on_something_else_than_a_setting_moves_none() -> None:
    assert moves_of([weeks(7.0, setting="")] * 9, {"weeks": WEEKS, "loss": SHARES}) == []


def test_to_move_it_twice_by_the_same_outcomes_moves_it_once() -> None:
    seen = [weeks(value) for value in (4.0, 6.0, 9.0, 11.0, 7.0, 5.0)]
    once = moves_of(seen, {"weeks": WEEKS})[0].then
    again = moves_of(seen, {"weeks": once})[0]

    assert again.then == once
    assert not again.is_due


@pytest.mark.parametrize(("bias", "spread"), [(0.0, 1.0), (1.0, 1.0), (-0.8, 0.6), (0.5, 1.8)])
def test_applied_to_firms_that_are_biased_coverage_comes_back(bias: float, spread: float) -> None:
    generator = np.random.default_rng(5)
    before, after = [], []
    for _ in range(60):
        seen = [weeks(value) for value in a_firm(generator, count=30, bias=bias, spread=spread)]
        new = a_firm(generator, count=200, bias=bias, spread=spread)
        before.append(coverage(WEEKS, new))
        after.append(coverage(moves_of(seen, {"weeks": WEEKS})[0].then, new))

    assert 0.75 <= np.mean(after) <= 0.85
    assert abs(np.mean(after) - 0.8) <= abs(np.mean(before) - 0.8) + 0.03


def test_outcomes_known_only_so_well_do_not_make_the_range_wide() -> None:
    generator = np.random.default_rng(9)
    after = []
    for _ in range(40):
        true = generator.normal(-0.8, 1.0, 40)
        measured = chances_at(SHARES, true + generator.normal(0, 0.7, 40)).tolist()
        seen = [(score_of(exactly(value), against=SHARES, quantity=Quantity.AVOIDED)[0], 0.49) for value in measured]
        found = moved(SHARES, fit_scores(seen), is_chance=True)
        after.append(coverage(found, chances_at(SHARES, generator.normal(-0.8, 1.0, 300)).tolist()))

    assert 0.75 <= np.mean(after) <= 0.85


def test_five_outcomes_do_not_make_a_right_range_too_narrow() -> None:
    generator = np.random.default_rng(5)
    after = []
    for _ in range(100):
        seen = [weeks(value) for value in a_firm(generator, count=5, bias=0, spread=1)]
        found = moves_of(seen, {"weeks": WEEKS})[0].then
        after.append(coverage(found, a_firm(generator, count=200, bias=0, spread=1)))

    assert 0.75 <= np.mean(after) <= 0.87


def test_what_is_known_so_roughly_that_no_range_could_fail_it_counts_for_no_coverage() -> None:
    clear = Compared(quantity=Quantity.WEEKS, predicted=Range(1, 3, 8), realised=Range(20, 20, 20))
    vague = Compared(quantity=Quantity.WEEKS, predicted=Range(1, 3, 8), realised=Range(0.001, 3, 9_000))

    [both] = calibrate([clear, vague])
    [alone] = calibrate([vague])

    assert (both.inside, both.told, both.coverage) == (0, 1, 0.0)
    assert both.fit.outcomes == 2
    assert (alone.told, alone.coverage) == (0, None)
