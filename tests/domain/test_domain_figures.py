import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Range
from insights.domain.figures import money, money_range, spark, times


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "$0"),
        (-0.4, "$0"),
        (950, "$950"),
        (1234, "$1.2k"),
        (420_000, "$420k"),
        (999_400, "$999k"),
        (999_600, "$1M"),
        (1_300_000, "$1.3M"),
        (-12_000, "−$12k"),
        (2_300_000_000, "$2.3B"),
        (None, "unknown"),
        (math.nan, "unknown"),
    ],
)
def test_an_amount_is_said_in_two_or_three_digits(amount, words):
    assert money(amount, "$") == words


def test_a_currency_of_letters_stands_apart_from_the_digits():
    assert money(420_000, "EUR") == "EUR 420k"


@given(st.floats(min_value=1, max_value=9e11))
def test_an_amount_said_is_within_five_percent_and_never_a_thousand_of_a_unit(amount):
    said = money(amount, "")
    unit = {"k": 1e3, "M": 1e6, "B": 1e9}.get(said[-1], 1)
    number = float(said.rstrip("kMB"))

    assert number * unit == pytest.approx(amount, rel=0.05, abs=0.5)
    assert number < 1000


def test_a_range_is_low_to_high_and_one_amount_where_both_look_alike():
    assert money_range(Range(120_000, 400_000, 1_300_000), "$") == "$120k to $1.3M"
    assert money_range(Range(120_000, 120_001, 120_002), "$") == "$120k"
    assert money_range(None, "$") == "unknown"


def test_a_return_is_a_multiple_of_the_cost():
    assert [times(roi) for roi in (3.2, 57.3, -0.4, -0.01, None)] == ["3.2×", "57×", "−0.4×", "0×", "unknown"]


def test_only_a_zero_gets_the_lowest_bar():
    assert spark([0, 1, 100]) == "▁▂█"
    assert spark([0, 0]) == "▁▁"
    assert spark([]) == ""


@given(st.lists(st.integers(min_value=0, max_value=10_000)))
def test_there_is_one_bar_a_count_and_more_is_never_lower(counts):
    bars = spark(counts)

    assert len(bars) == len(counts)
    assert [bars[i] for i in sorted(range(len(counts)), key=counts.__getitem__)] == sorted(bars)
