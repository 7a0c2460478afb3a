"""A distribution goes through the three quantiles that people give, whatever they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Range
from insights.worth.quantiles import SCORES, Z90, amounts_at, chances_at, quantiles_of, range_of, table_at

ENDS = np.array([-Z90, 0.0, Z90])
positive = st.floats(min_value=1e-3, max_value=1e9)
chance = st.floats(min_value=1e-4, max_value=1 - 1e-4)


def rising(of: st.SearchStrategy[float]) -> st.SearchStrategy[Range]:
    return st.lists(of, min_size=3, max_size=3).map(lambda some: Range(*sorted(some)))


@given(rising(positive))
def test_an_amount_goes_through_its_quantiles(some: Range) -> None:
    likely = max(some.likely, some.high / 1000)
    held = Range(max(some.low, likely / 1000), likely, some.high)
    assert amounts_at(some, ENDS) == pytest.approx([held.low, held.likely, held.high], rel=1e-6)


@given(rising(chance))
def test_a_chance_goes_through_its_quantiles_and_stays_one(some: Range) -> None:
    assert chances_at(some, ENDS) == pytest.approx([some.low, some.likely, some.high], rel=1e-6)
    assert ((chances_at(some, SCORES) >= 0) & (chances_at(some, SCORES) <= 1)).all()


@given(rising(positive), rising(chance))
def test_both_rise_with_the_score(amount: Range, share: Range) -> None:
    assert (np.diff(amounts_at(amount, SCORES)) >= 0).all()
    assert (np.diff(chances_at(share, SCORES)) >= 0).all()


def test_where_both_sides_are_alike_it_is_the_lognormal() -> None:
    z = np.random.default_rng(1).standard_normal(200_000)
    draws = amounts_at(Range(10, 20, 40), z)
    sigma = np.log(2) / Z90

    assert draws.mean() == pytest.approx(20 * np.exp(sigma**2 / 2), rel=0.01)
    assert np.log(draws).std() == pytest.approx(sigma, rel=0.01)


def test_nothing_is_worth_nothing_and_a_zero_low_end_is_held_above_it() -> None:
    assert amounts_at(Range(0, 0, 0), ENDS).tolist() == [0, 0, 0]
    assert amounts_at(Range(0, 10, 20), ENDS) == pytest.approx([0.01, 10, 20])
    assert 0 < chances_at(Range(0, 0.5, 1), ENDS)[0] < 1e-5


def test_draws_give_back_their_quantiles() -> None:
    z = np.random.default_rng(2).standard_normal(100_000)
    found = range_of(amounts_at(Range(1, 3, 8), z))

    assert (found.low, found.likely, found.high) == pytest.approx((1, 3, 8), rel=0.02)


def test_a_table_is_read_between_its_scores_and_held_at_its_ends() -> None:
    table = np.exp(SCORES)
    z = np.array([-9.0, -Z90, 0.013, Z90, 9.0])

    assert table_at(table, z) == pytest.approx(np.exp(np.clip(z, -4, 4)), rel=1e-3)
    assert quantiles_of(table).likely == pytest.approx(1.0)
