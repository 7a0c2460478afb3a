import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Range
from insights.domain.figures import likely, money, money_range, rounded, span, spark, times, times_range


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


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (210_000, 840_000, "$210k–840k"),
        (213_456, 841_234, "$210k–840k"),
        (120_000, 1_300_000, "$120k–1.3M"),
        (840, 1_300, "$0.8k–1.3k"),
        (1, 3_000, "$0–3k"),
        (0, 840, "$0–840"),
        (212, 847, "$210–850"),
        (2.2, 8.4, "$2–8"),
        (999_600, 2_000_000, "$1M–2M"),
    ],
)
def test_a_wide_range_prints_two_digits_at_most_an_end(low, high, words):
    assert span(Range(low, low, high), "$") == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (417_382, 431_900, "$417k–432k"),
        (417_382, 418_900, "$417.4k–418.9k"),
        (72_000, 96_000, "$72k–96k"),
        (96_000, 104_000, "$96k–104k"),
        (960, 1_040, "$0.96k–1.04k"),
        (417_382, 417_384, "$417k"),
        (417_382, 417_382, "$417k"),
        (0.2, 0.4, "$0"),
    ],
)
def test_a_narrow_range_prints_what_tells_its_ends_apart_and_no_more(low, high, words):
    assert span(Range(low, low, high), "$") == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-12_000, 30_000, "−$12k to $30k"),
        (-30_000, -12_000, "−$30k to −$12k"),
        (-400, 30_000, "−$400 to $30k"),
        (-0.2, 30_000, "$0–30k"),
    ],
)
def test_no_dash_stands_before_or_after_an_amount_below_zero(low, high, words):
    assert span(Range(low, 0, high), "$") == words


def test_a_currency_of_letters_stands_once_before_the_range_or_with_each_signed_end():
    assert span(Range(210_000, 420_000, 840_000), "EUR") == "EUR 210k–840k"
    assert span(Range(-12_000, 0, 30_000), "CHF") == "−CHF 12k to CHF 30k"
    assert span(Range(210_000, 420_000, 840_000)) == "210k–840k"


def test_a_range_that_is_not_known_is_said_to_be_unknown():
    assert money_range(None, "$") == "unknown"
    assert span(Range(math.nan, 1, 2), "$") == span(Range(1, 2, math.inf), "$") == "unknown"
    assert times_range(Range(0, 1, math.inf)) == "unknown"


def test_a_likely_amount_has_the_digits_of_its_range():
    assert likely(Range(210_000, 417_382, 840_000), "$") == "$420k"
    assert likely(Range(417_000, 424_382, 431_900), "$") == "$424k"
    assert likely(Range(417_000, 417_382, 417_900), "EUR") == "EUR 417.4k"
    assert likely(Range(5, 5, 5), "$") == "$5"


def test_a_range_of_returns_is_told_in_two_digits():
    ranges = [Range(0.52, 1, 4.21), Range(-0.3, 5, 46.6), Range(-2, -1.5, -0.6), Range(1, 2, 127), Range(3.2, 3.2, 3.2)]
    assert [times_range(roi) for roi in ranges] == ["0.5×–4.2×", "−0.3× to 47×", "−2× to −0.6×", "1×–130×", "3.2×"]


def _read(words: str) -> list[float]:
    """The amounts that somebody reads out of a range."""
    unit = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9}
    said = [
        (-1 if minus else 1) * float(digits) * unit[letter]
        for minus, digits, letter in re.findall(r"(−?)\$?([0-9.]+)([kMB]?)", words)
    ]
    return said if len(said) == 2 else said * 2


_AMOUNTS = st.floats(min_value=-9e11, max_value=9e11)
_RANGES = st.tuples(_AMOUNTS, _AMOUNTS, _AMOUNTS).map(lambda ends: Range(*sorted(ends)))
_POSITIVE = st.tuples(st.floats(min_value=1e3, max_value=9e11), st.floats(min_value=1, max_value=1e3)).map(
    lambda it: Range(it[0], it[0] * it[1] ** 0.5, it[0] * it[1])
)


@given(_RANGES | _POSITIVE)
def test_a_range_reads_back_low_before_high_and_each_end_within_its_rounding(value):
    low, high = _read(span(value, "$"))
    width = value.high - value.low

    assert low <= high
    for said, meant in ((low, value.low), (high, value.high)):
        # A twentieth of an end of two digits, a quarter of a narrow range, half a tenth of the unit of the high end.
        assert abs(said - meant) <= max(0.0501 * abs(meant), width / 4, 0.5, 50 if value.high > 950 else 0)


@given(_POSITIVE)
def test_a_range_is_never_told_in_more_digits_than_its_width_supports(value):
    digits = [len(d.replace(".", "").strip("0")) for d in re.findall(r"[0-9.]+", span(value, "$"))]

    assert max(digits) <= (2 if value.high > 1.5 * value.low else 4)


@given(_POSITIVE, st.sampled_from([1e3, 1e6]))
def test_the_digits_of_a_range_do_not_depend_on_its_scale(value, scale):
    larger = Range(value.low * scale, value.likely * scale, value.high * scale)
    mantissas = [
        [float(f"{amount:.3e}".split("e")[0]) for amount in _read(span(one, "$"))]
        for one in (value, larger)
        if one.high < 9e11
    ]

    assert all(one == mantissas[0] for one in mantissas)


@given(_RANGES | _POSITIVE, st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted))
def test_an_amount_is_never_told_as_less_than_a_smaller_one_of_the_same_range(value, shares):
    inside = (min(value.low + share * (value.high - value.low), value.high) for share in shares)
    less, more = (_read(rounded(amount, value, "$"))[0] for amount in inside)

    assert less <= more


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
