"""Figures at a glance."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Range
from insights.domain.figures import clock, counted, money, range_bar, span, times
from insights.domain.problem import Movement
from tests.builders import a_problem, an_estimate
from tui.figures import (
    MARK_CELLS,
    MARK_WORDS,
    Scale,
    age,
    axis,
    bar_on,
    compared,
    doubt,
    mark_column,
    marks,
    range_in,
    sparkline,
    weeks,
)


@pytest.mark.parametrize(
    ("amount", "seen"),
    [
        (0, "$0"),
        (-0.2, "$0"),
        (950, "$950"),
        (999.6, "$1k"),
        (4_210, "$4.2k"),
        (9_960, "$10k"),
        (420_000, "$420k"),
        (999_900, "$1M"),
        (1_340_000, "$1.3M"),
        (2.5e9, "$2.5B"),
        (-12_000, "−$12k"),
        (None, "unknown"),
    ],
)
def test_money_is_three_digits_and_a_unit(amount, seen):
    assert money(amount, "$") == seen


@pytest.mark.parametrize(("ratio", "seen"), [(2.44, "2.4×"), (-0.8, "−0.8×"), (34.2, "34×"), (12_000, "12k×")])
def test_a_return_is_a_multiple_of_the_cost(ratio, seen):
    assert times(ratio) == seen


def test_a_range_runs_from_low_to_high():
    assert span(Range(210_000, 420_000, 840_000)) == "210k–840k"
    assert weeks(Range(1, 3, 8)) == "3 wk (1–8)"


def test_a_sparkline_is_as_long_as_asked_and_lowest_where_nothing_was_said():
    assert sparkline((0, 1, 4, 8), length=4) == "▁▂▅█"
    assert sparkline((8,), length=3) == "▁▁█"
    assert sparkline((1, 2, 3), length=2) == "▅▇"
    assert sparkline((), length=3) == "▁▁▁"


@pytest.mark.parametrize(
    ("amounts", "bar"),
    [
        (Range(0, 2.5, 10), "├──●─────┤"),
        (Range(0, 0, 10), "├●───────┤"),
        (Range(0, 10, 10), "├───────●┤"),
        (Range(5, 5, 5), "├────●───┤"),
    ],
)
def test_the_dot_lies_where_the_likely_figure_does(amounts, bar):
    assert range_bar(amounts, length=10) == bar


def test_marks_tell_movement_and_doubt_without_colour():
    assert marks(a_problem(movement=Movement.NEW)) == "+"
    assert marks(a_problem(movement=Movement.GROWING)) == "+"
    assert marks(a_problem(movement=Movement.FADING)) == "-"
    assert marks(a_problem(movement=Movement.STEADY)) == ""
    doubtful = an_estimate(unknown_revenue_accounts=5)
    assert marks(a_problem(movement=Movement.NEW, accounts=7, estimate=doubtful)) == "+?"
    assert marks(a_problem(movement=Movement.GROWING, is_spike=True)) == "+!"
    assert marks(a_problem(movement=Movement.STEADY, is_spike=True, items=2)) == "!?"


def test_in_a_list_each_mark_has_a_place_of_its_own():
    assert mark_column(a_problem(movement=Movement.FADING)) == "-  "
    assert mark_column(a_problem(movement=Movement.STEADY, is_spike=True)) == " ! "
    assert mark_column(a_problem(movement=Movement.STEADY, items=2)) == "  ?"
    assert mark_column(a_problem(movement=Movement.NEW, is_spike=True, items=2)) == "+!?"
    assert mark_column(a_problem(movement=Movement.STEADY)) == " " * MARK_CELLS


def test_every_mark_is_explained():
    seen = {*marks(a_problem(is_spike=True, items=2)), *marks(a_problem(movement=Movement.FADING))}

    assert seen == {mark for mark, _ in MARK_WORDS}


def test_what_little_an_estimate_rests_on_is_told():
    assert doubt(a_problem(items=1)) == "1 item"
    few = an_estimate(unknown_revenue_accounts=4)
    assert doubt(a_problem(accounts=7, estimate=few)) == "revenue of 4 of 7 accounts unknown"
    assert doubt(a_problem()) == doubt(a_problem(items=1, estimate=None)) == ""


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Range(210_000, 420_000, 840_000), "210k–840k"),
        (Range(0, 420, 840), "0–840"),
        (Range(1_052_000, 1_100_000, 1_161_000), "1.1M–1.2M"),
        (Range(-12_000, 1, 30_000), "−12k…30k"),
        (Range(-123_000, 1, 345_000), "–"),
    ],
)
def test_a_range_in_a_column_is_told_shorter_before_it_is_cut(value, told):
    assert range_in(value, 9) == told


def test_a_scale_spans_all_ranges_by_powers_of_ten_but_no_more_than_five():
    def scale_of(*values: Range) -> Scale | None:
        estimates = [replace(an_estimate(), value=value) for value in values]
        return compared([a_problem(estimate=estimate) for estimate in estimates]).scale

    assert scale_of(Range(2_000, 4_000, 8_000)) == Scale(low=1e3, high=1e4)
    assert scale_of(Range(2_000, 4_000, 8_000), Range(1e5, 2e5, 1e6)) == Scale(low=1e3, high=1e6)
    assert scale_of(Range(0.2, 4, 8), Range(1e5, 2e5, 3e6)) == Scale(low=1e2, high=1e7)
    assert scale_of(Range(0, 0, 50)) == Scale(low=10, high=100)
    assert scale_of(Range(-5, 0, 0)) is None
    assert scale_of() is None


@given(st.floats(-10, 1e9), st.floats(-10, 1e9), st.floats(-10, 1e9), st.integers(5, 80))
def test_a_bar_on_a_scale_fills_its_cells_and_has_one_dot(one, two, three, cells):
    scale = Scale(low=10, high=1e6)
    before, bar, after = bar_on(scale, Range(*sorted((one, two, three))), cells=cells)

    assert len(before + bar + after) == cells
    assert bar.count("●") == 1
    assert set(before + after) <= {"·"}


def test_a_scale_labels_the_powers_of_ten_that_have_room():
    scale = Scale(low=1e3, high=1e6)

    assert axis(scale, cells=31, currency="$") == "$1k       $10k      $100k   $1M"
    assert len(axis(scale, cells=31, currency="$")) == 31
    assert axis(scale, cells=12, currency="$").split() == ["$1k", "$10k", "$1M"]


def test_counts_ages_and_times_read_like_words():
    assert [counted(1, "item"), counted(12_345, "item")] == ["1 item", "12,345 items"]
    assert [age(date(2026, 11, 20), date(2026, 11, d)) for d in (20, 23)] == ["today", "3 d"]
    assert [clock(252), clock(3_852)] == ["4:12", "1:04:12"]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.data())
def test_the_last_of_a_tie_is_found_wherever_it_is_looked_for(sizes, data):
    firsts = [1 + sum(sizes[:n]) for n, size in enumerate(sizes) for _ in range(size)]
    estimates = [an_estimate(rank=rank, tie=first) for rank, first in enumerate(firsts, 1)]
    one = data.draw(st.sampled_from(estimates))
    last = max(rank for rank, first in enumerate(firsts, 1) if first == one.tie)
    told = compared([a_problem(estimate=estimate) for estimate in reversed(estimates)]).tie(one)

    if one.tie == last:
        assert told == "tied with others"
    else:
        ends = [int(number) for number in re.findall(r"#(\d+)", told)]
        assert (min(one.rank, *ends), max(one.rank, *ends)) == (one.tie, last)
