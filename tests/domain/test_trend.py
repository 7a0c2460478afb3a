"""Counts by week lose no item inside their span, and movement is said only where counts bear it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.problem import Movement
from insights.domain.trend import HALF_A_YEAR, movement_of, weekly_counts


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
