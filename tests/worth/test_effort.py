"""Effort from similar finished work: ranges in order, scaled as the weeks are; all finished work where nothing is
nearer; no estimate where there is nothing to estimate from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from insights.worth.effort import FEWEST_FINISHED, FEWEST_NEAR, NEAREST, all_finished, similar_efforts

seeds = st.integers(0, 10_000)
counts = st.integers(FEWEST_FINISHED, 90)


def some_rows(count: int, *, seed: int, dimensions: int = 8) -> NDArray[np.float32]:
    """Random directions: no two are alike but by chance."""
    rows = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def some_weeks(count: int, *, seed: int) -> NDArray[np.float64]:
    return np.exp(np.random.default_rng(seed + 1).normal(0, 1, count))


def two_kinds(each: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Short work (one week) in one direction, long work (ten) at right angles to it."""
    rows = np.vstack([np.tile([1.0, 0.0], (each, 1)), np.tile([0.0, 1.0], (each, 1))]).astype(np.float32)
    return rows, np.repeat([1.0, 10.0], each)


@given(seeds, counts, st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_low_likely_and_high_stand_in_order_within_what_work_took(seed: int, count: int, problems: int) -> None:
    weeks = some_weeks(count, seed=seed)
    efforts = similar_efforts(some_rows(problems, seed=seed + 7), some_rows(count, seed=seed), weeks)

    assert len(efforts) == problems
    for effort in efforts:
        if effort is not None:
            low, likely, high = effort.weeks.low, effort.weeks.likely, effort.weeks.high
            assert weeks.min() * (1 - 1e-9) <= low <= likely <= high <= weeks.max() * (1 + 1e-9)
            assert not effort.neighbours or FEWEST_NEAR <= len(effort.neighbours) <= NEAREST
            assert list(effort.cosines) == sorted(effort.cosines, reverse=True)


@given(seeds, counts, st.floats(0.01, 500))
@settings(max_examples=60, deadline=None)
def test_weeks_in_another_unit_give_the_same_range_in_that_unit(seed: int, count: int, factor: float) -> None:
    rows, weeks, asked = some_rows(count, seed=seed), some_weeks(count, seed=seed), some_rows(2, seed=seed + 7)

    for one, other in zip(
        similar_efforts(asked, rows, weeks), similar_efforts(asked, rows, weeks * factor), strict=True
    ):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            scaled = one.weeks.scaled(factor)
            assert (other.weeks.low, other.weeks.likely, other.weeks.high) == pytest.approx(
                (scaled.low, scaled.likely, scaled.high), rel=1e-9
            )
            assert other.neighbours == one.neighbours


@given(seeds, counts)
@settings(max_examples=40, deadline=None)
def test_the_order_of_finished_work_does_not_matter(seed: int, count: int) -> None:
    rows, weeks, asked = some_rows(count, seed=seed), some_weeks(count, seed=seed), some_rows(1, seed=seed + 7)
    order = np.random.default_rng(seed).permutation(count)

    one, other = similar_efforts(asked, rows, weeks)[0], similar_efforts(asked, rows[order], weeks[order])[0]

    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.weeks.likely == pytest.approx(other.weeks.likely, rel=1e-4)
        assert sorted(one.neighbours) == sorted(order[list(other.neighbours)].tolist())


@given(seeds, counts)
@settings(max_examples=30, deadline=None)
def test_many_problems_at_once_get_what_each_gets_alone(seed: int, count: int) -> None:
    rows, weeks, asked = some_rows(count, seed=seed), some_weeks(count, seed=seed), some_rows(70, seed=seed + 7)

    together = similar_efforts(asked, rows, weeks)

    for place in (0, 63, 64, 69):
        alone = similar_efforts(asked[place], rows, weeks)[0]
        assert (alone is None) == (together[place] is None)
        if alone is not None:
            assert together[place].weeks.likely == pytest.approx(alone.weeks.likely, rel=1e-4)  # type: ignore[union-attr]


@given(st.integers(FEWEST_FINISHED, 200), st.floats(0.05, 100))
@settings(max_examples=40, deadline=None)
def test_copies_of_one_issue_leave_no_doubt(count: int, weeks: float) -> None:
    rows = np.tile(np.array([[0.6, 0.8]], dtype=np.float32), (count, 1))
    other = np.array([[0.61, 0.79]], dtype=np.float32)

    effort = similar_efforts(rows[:1], np.vstack([rows, -other]), np.full(count + 1, weeks))[0]

    assert effort is not None
    assert (effort.weeks.low, effort.weeks.likely, effort.weeks.high) == pytest.approx((weeks, weeks, weeks))


def test_what_is_like_short_work_is_short_and_what_is_like_long_work_is_long() -> None:
    rows, weeks = two_kinds(60)

    short, long = similar_efforts(np.eye(2, dtype=np.float32), rows, weeks)

    assert short is not None
    assert long is not None
    assert short.weeks.likely == pytest.approx(1)
    assert long.weeks.likely == pytest.approx(10)
    assert set(short.neighbours) <= set(range(60))
    assert set(long.neighbours) <= set(range(60, 120))


def test_few_neighbours_are_drawn_towards_all_finished_work() -> None:
    rows, weeks = two_kinds(40)
    few, many = np.r_[0:4, 40:80], np.r_[0:40, 40:80]
    asked = np.array([[1.0, 0.0]], dtype=np.float32)

    by_few = similar_efforts(asked, rows[few], weeks[few])[0]
    by_many = similar_efforts(asked, rows[many], weeks[many])[0]

    assert by_few is not None
    assert by_many is not None
    assert by_few.weeks.likely > by_many.weeks.likely
    assert by_few.weeks.high == pytest.approx(10)
    assert by_many.weeks.low == pytest.approx(1)


def test_where_no_issue_is_nearer_than_another_the_range_is_that_of_all_finished_work() -> None:
    """Every issue has the same cosine with the problem, above that of two issues."""
    count = NEAREST
    rows = np.hstack([np.full((count, 1), 0.6), 0.8 * np.eye(count)]).astype(np.float32)
    weeks = some_weeks(count, seed=3)
    asked = np.zeros((1, count + 1), dtype=np.float32)
    asked[0, 0] = 1

    effort = similar_efforts(asked, rows, weeks)[0]

    whole = all_finished(weeks)
    assert effort is not None
    assert (effort.weeks.low, effort.weeks.likely, effort.weeks.high) == pytest.approx(
        (whole.low, whole.likely, whole.high), rel=1e-5
    )


def test_where_the_past_is_told_no_better_by_its_nearest_all_finished_work_decides() -> None:
    """Twenty kinds of work, four issues of each: two took a week, two took ten. Of the others of its kind, most took
    what an issue did not."""
    rows = np.repeat(np.eye(20, dtype=np.float32), 4, axis=0)
    weeks = np.tile([1.0, 1.0, 10.0, 10.0], 20)

    effort = similar_efforts(rows[:1], rows, weeks)[0]

    assert effort is not None
    assert effort.weeks == all_finished(weeks)
    assert effort.neighbours == effort.cosines == ()


@given(seeds, counts)
@settings(max_examples=40, deadline=None)
def test_a_range_names_its_neighbours_or_is_that_of_all_finished_work(seed: int, count: int) -> None:
    weeks = some_weeks(count, seed=seed)

    for effort in similar_efforts(some_rows(3, seed=seed + 7), some_rows(count, seed=seed), weeks):
        assert effort is None or effort.neighbours or effort.weeks == all_finished(weeks)


def test_a_problem_unlike_all_finished_work_has_no_estimate() -> None:
    rows = some_rows(100, seed=1)
    rows[:, 0] = np.abs(rows[:, 0]) + 1
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    away = np.zeros((1, rows.shape[1]), dtype=np.float32)
    away[0, 0] = -1

    assert similar_efforts(away, rows, some_weeks(100, seed=1)) == [None]


@given(st.integers(0, FEWEST_FINISHED - 1), st.integers(1, 5))
def test_too_little_finished_work_gives_no_estimate(count: int, problems: int) -> None:
    rows = some_rows(count, seed=2)

    assert similar_efforts(some_rows(problems, seed=2), rows, some_weeks(count, seed=2)) == [None] * problems


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_range_of_all_finished_work_holds_four_fifths_of_what_comes_however_few_there_are(seed: int) -> None:
    """Weibull's positions: P10 and P90 of nine are the least and the most of them."""
    draw = np.random.default_rng(seed)
    inside = []
    for _ in range(800):
        weeks = np.exp(draw.normal(0, 1, 10))
        found = all_finished(weeks[:9])
        inside.append(found.low <= weeks[9] <= found.high)

    assert 0.74 <= np.mean(inside) <= 0.86
