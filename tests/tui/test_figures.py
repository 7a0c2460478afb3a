"""Figures at a glance."""

from datetime import date

import pytest

from insights.domain.estimate import Range
from insights.domain.figures import clock, counted, money, range_bar, span, times
from insights.domain.problem import Movement
from tests.builders import a_problem, an_estimate
from tui.figures import age, marks, sparkline, weeks


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


def test_counts_ages_and_times_read_like_words():
    assert [counted(1, "item"), counted(12_345, "item")] == ["1 item", "12,345 items"]
    assert [age(date(2026, 11, 20), date(2026, 11, d)) for d in (20, 23)] == ["today", "3 d"]
    assert [clock(252), clock(3_852)] == ["4:12", "1:04:12"]
