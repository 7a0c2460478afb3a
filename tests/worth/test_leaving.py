"""The added chance to leave: the settings' until departures tell more, moved by what is known of an account."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from insights.domain.estimate import Range
from insights.domain.facts import Affected, Stay
from insights.worth.leaving import (
    GRID,
    GRID_Z,
    Usual,
    at_scores,
    grid_weights,
    moved,
    odds_multiplier,
    prior_grid,
    told_chance,
    unknown_severity,
)
from insights.worth.quantiles import Z90, chance_score, quantiles_of
from tests.worth.cases import MOVES

PRIOR = Range(0.01, 0.03, 0.08)
GRID_OF_PRIOR = prior_grid(PRIOR)
USUAL = Usual(chance=0.1, years=20)


def after(seen: Stay, others: Stay, *, multiplier: float = 1.0, usual: Usual = USUAL) -> Range:
    weights = grid_weights(GRID_OF_PRIOR, seen=seen, others=others, usual=usual, multiplier=multiplier)
    return quantiles_of(at_scores(GRID_OF_PRIOR, weights))


def test_without_departures_the_prior_stands() -> None:
    found = after(Stay(), Stay())

    assert (found.low, found.likely, found.high) == pytest.approx((0.01, 0.03, 0.08), rel=0.02)


def test_thin_data_barely_moves_the_prior_and_much_data_does() -> None:
    thin = after(Stay(left=1, years=4), Stay(left=10, years=100))
    much = after(Stay(left=120, years=480), Stay(left=1000, years=10_000))

    assert thin.likely == pytest.approx(0.03, rel=0.3)
    assert much.likely > 2 * thin.likely
    assert much.high - much.low < PRIOR.high - PRIOR.low


@given(st.integers(0, 20), st.integers(0, 20))
def test_more_departures_with_the_problem_mean_a_higher_chance(fewer: int, more: int) -> None:
    low, high = sorted((fewer, more))
    others = Stay(left=20, years=200)

    assert after(Stay(left=low, years=60), others).likely <= after(Stay(left=high, years=60), others).likely + 1e-9


def test_departures_of_the_others_are_not_held_against_the_problem() -> None:
    """One in five left with it; where one in five left without it, too, the problem added little."""
    seen = Stay(left=20, years=80)

    assert after(seen, Stay(left=200, years=800)).likely < after(seen, Stay(left=10, years=800)).likely


def test_where_nobody_leaves_otherwise_it_is_the_beta_binomial() -> None:
    """With a usual chance of nothing and a flat prior, the added chance is Beta(left + 1, years + 1)."""
    flat = (np.arange(GRID) + 0.5) / GRID * 0.94
    never = Usual(chance=1e-9, years=1e9)
    weights = grid_weights(flat, seen=Stay(left=6, years=24), others=Stay(), usual=never)

    assert float(weights @ flat) == pytest.approx(beta(7, 25).mean(), rel=0.01)


def test_what_multiplied_odds_did_is_not_told_of_the_average_account() -> None:
    """Where those with the problem were angry anyway, as many departures say less of the problem."""
    seen, others = Stay(left=12, years=60), Stay(left=50, years=500)

    assert after(seen, others, multiplier=3.0).likely < after(seen, others, multiplier=1.0).likely


def test_an_unknown_severity_is_a_mixture_of_those_there_are() -> None:
    grid = unknown_severity(PRIOR, [], MOVES)
    parts = [moved(GRID_OF_PRIOR, multiplier) for multiplier in MOVES.severity.values()]

    assert grid.mean() == pytest.approx(np.mean(parts), rel=0.02)
    assert (np.diff(grid) >= 0).all()


def test_an_unknown_severity_is_likely_what_the_known_ones_are() -> None:
    blocking = unknown_severity(PRIOR, ["blocks"] * 1000, MOVES)

    assert np.median(blocking) == pytest.approx(np.median(moved(GRID_OF_PRIOR, 2.0)), rel=0.02)


def test_what_departures_alone_say_of_a_chance_is_never_negative_and_vague_where_they_are_few() -> None:
    few = told_chance(PRIOR, seen=Stay(left=1, years=6), others=Stay(left=1, years=4), usual=USUAL)
    many = told_chance(PRIOR, seen=Stay(left=160, years=1000), others=Stay(left=100, years=1000), usual=USUAL)

    assert few is not None
    assert many is not None
    assert 0 < few.low < 0.001
    assert few.high > 0.2
    assert many.low < 0.05 < many.high
    assert told_chance(PRIOR, seen=Stay(), others=Stay(left=9, years=90), usual=USUAL) is None


def test_what_is_told_put_back_on_the_prior_is_the_posterior() -> None:
    """Two normal observations of one score are joined by their precisions."""
    seen, others = Stay(left=40, years=300), Stay(left=60, years=600)
    told = told_chance(PRIOR, seen=seen, others=others, usual=USUAL)
    assert told is not None
    score = chance_score(PRIOR, told.likely)
    doubt = ((chance_score(PRIOR, told.high) - chance_score(PRIOR, told.low)) / (2 * Z90)) ** 2

    weights = grid_weights(GRID_OF_PRIOR, seen=seen, others=others, usual=USUAL)
    assert score / (1 + doubt) == pytest.approx(float(weights @ GRID_Z), abs=0.02)


@pytest.mark.parametrize(
    ("account", "severity", "multiplier"),
    [
        (Affected(account=1, revenue=1.0), None, 1.0),
        (Affected(account=1, revenue=1.0), "blocks", 2.0),
        (Affected(account=1, revenue=1.0, score=6), "wish", 0.4 * 1.5),
        (Affected(account=1, revenue=1.0, score=8), None, 1.0),
        (Affected(account=1, revenue=1.0, score=9), None, 0.7),
        (Affected(account=1, revenue=1.0, says_leaving=True), None, 3.0),
        (Affected(account=1, revenue=1.0, renewal_days=90), None, 1.5),
        (Affected(account=1, revenue=1.0, renewal_days=91), None, 1.0),
        (Affected(account=1, revenue=1.0, renewal_days=-1), None, 1.0),
        (Affected(account=1, revenue=1.0, score=0, says_leaving=True, renewal_days=0), "blocks", 2 * 1.5 * 3 * 1.5),
    ],
)
def test_what_is_known_of_an_account_moves_its_odds(account: Affected, severity: str | None, multiplier: float) -> None:
    assert odds_multiplier(account, severity=severity, moves=MOVES) == pytest.approx(multiplier)


def test_a_million_account_years_tell_a_chance_that_is_all_but_certain() -> None:
    """All the weight is on one point of the grid."""
    told = told_chance(PRIOR, seen=Stay(left=0, years=1e6), others=Stay(left=0, years=1e6), usual=USUAL)

    assert told is not None
    assert 0 < told.low < told.likely < told.high < PRIOR.low


@given(st.floats(0.001, 0.94), st.floats(0.1, 20))
def test_a_moved_chance_stays_a_chance_and_its_odds_are_multiplied(chance: float, multiplier: float) -> None:
    found = float(moved(np.asarray(chance), multiplier))

    assert 0 < found < 1
    assert found / (1 - found) == pytest.approx(multiplier * chance / (1 - chance))
