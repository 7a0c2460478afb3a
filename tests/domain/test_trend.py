"""Counts by week lose no item inside their span, and movement is said only where counts bear it."""

from collections.abc import Sequence
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from insights.domain.problem import Movement
from insights.domain.trend import HALF_A_YEAR, chance_of_as_many, is_spike, movement_of, weekly_counts


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        ([], (0, 0, 0)),
        ([100, 94], (0, 0, 2)),
        ([93, 87], (0, 2, 0)),
        ([86, 80, 79], (2, 0, 0)),
        ([101], (0, 0, 0)),
    ],
)
def test_the_last_week_ends_with_the_last_day(days: Sequence[int], counts: tuple[int, ...]) -> None:
    assert weekly_counts(days, last_day=100, weeks=3) == counts


@given(st.lists(st.integers(min_value=0, max_value=20_000), max_size=60), st.integers(min_value=1, max_value=60))
def test_every_item_inside_the_span_is_counted_once(days: list[int], weeks: int) -> None:
    last = max(days, default=0)

    counts = weekly_counts(days, last_day=last, weeks=weeks)

    assert len(counts) == weeks
    assert sum(counts) == sum(last - day < 7 * weeks for day in days)


def moves(*weekly: int) -> Movement:
    """The movement of a problem with these counts by week, oldest first, at the end of the last."""
    ages = [7 * back for back, count in enumerate(reversed(weekly)) for _ in range(count)]
    half_a_year = (0,) * (HALF_A_YEAR - len(weekly)) + weekly
    return movement_of(half_a_year[-HALF_A_YEAR:], ages=ages)


@pytest.mark.parametrize(
    ("weekly", "movement"),
    [
        ((1, 1, 1, 1, 4, 4, 4, 4), Movement.GROWING),
        ((4, 4, 4, 4, 1, 1, 1, 1), Movement.FADING),
        ((2, 2, 2, 2, 3, 2, 2, 2), Movement.STEADY),
        ((0, 0, 0, 0, 0, 0, 0, 0), Movement.STEADY),
        ((0, 0, 0, 0, 0, 0, 1, 2), Movement.STEADY),
        ((0, 0, 0, 0, 0, 0, 2, 2), Movement.NEW),
        ((1, 0, 0, 0, 0, 0, 5, 4), Movement.NEW),
        ((2, 0, 0, 0, 0, 0, 5, 4), Movement.NEW),
        ((3, 0, 0, 0, 0, 0, 5, 4), Movement.GROWING),
        ((4, 4, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0), Movement.FADING),
        ((4, 4, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0), Movement.FADING),
    ],
)
def test_movement_is_said_where_counts_bear_it(weekly: tuple[int, ...], movement: Movement) -> None:
    assert moves(*weekly) is movement


@given(st.lists(st.integers(min_value=0, max_value=50), min_size=26, max_size=26))
def test_one_more_item_last_week_never_makes_a_growing_problem_fade(weekly: list[int]) -> None:
    more = [*weekly[:-1], weekly[-1] + 1]

    assert (moves(*weekly), moves(*more)) != (Movement.GROWING, Movement.FADING)


@given(st.integers(min_value=1, max_value=200))
def test_an_even_pace_is_steady(each_week: int) -> None:
    assert moves(*[each_week] * HALF_A_YEAR) is Movement.STEADY


@pytest.mark.parametrize(
    ("weekly", "spikes"),
    [
        ((0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2), False),  # too few to say
        ((0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3), True),
        ((1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 3), False),
        ((1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4), True),
        ((4, 5, 3, 4, 6, 4, 5, 3, 4, 4, 5, 4, 9), False),
        ((4, 5, 3, 4, 6, 4, 5, 3, 4, 4, 5, 4, 14), True),
        ((1, 1, 2, 2, 3, 5, 6, 8), False),  # it grows, week after week
        ((9, 0, 0, 8, 0, 0, 9, 0, 0, 0, 10, 0, 10), False),  # it always comes in bursts
        ((40, 40, 40, 40, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9), True),  # what was before a quarter is forgotten
        ((50,), False),
        ((), False),
    ],
)
def test_a_week_far_above_those_before_it_is_a_spike(weekly: tuple[int, ...], spikes: bool) -> None:
    assert is_spike(weekly) is spikes


@given(
    st.lists(st.integers(min_value=0, max_value=400), min_size=1, max_size=25),
    st.integers(min_value=1, max_value=400),
)
def test_the_chance_of_a_count_is_that_of_a_negative_binomial(before: list[int], above: int) -> None:
    count = sum(before) // len(before) + above
    mean = (sum(before) + 0.5) / len(before)
    dispersion = max(variance(before) / fmean(before), 1.0) if len(before) > 1 and any(before) else 1.0
    ratio = dispersion + 1 / len(before)

    assert chance_of_as_many(count, before) == pytest.approx(
        float(nbinom.sf(count - 1, mean / (ratio - 1), 1 / ratio)), rel=1e-6, abs=1e-280
    )


@given(st.lists(st.integers(min_value=0, max_value=60), min_size=2, max_size=30))
def test_more_items_never_take_a_spike_away(weekly: list[int]) -> None:
    assert is_spike([*weekly[:-1], weekly[-1] + 1]) or not is_spike(weekly)
