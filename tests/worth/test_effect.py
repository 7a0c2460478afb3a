"""Whether a release did anything: intervals that hold what is true, and no credit for what would have come anyway."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Range
from insights.worth.effect import Effect, Verdict, Watched, effect_of

WEEKS_BEFORE, SETTLING, WEEKS_AFTER = 26, 2, 16
SERIES = 150


def a_series(
    generator: np.random.Generator,
    *,
    rate: float = 4.0,
    ratio: float = 1.0,
    slope: float = 0.0,
    season: float = 0.0,
    overdispersion: float = 0.0,
) -> Watched:
    """Weeks of a simulated problem beside forty items a week of all others, which share its season."""
    weeks = np.arange(WEEKS_BEFORE + SETTLING + WEEKS_AFTER)
    whole = np.exp(season * np.sin(2 * math.pi * (weeks + generator.integers(52)) / 52))
    mean = rate * whole * np.exp(slope * (weeks - WEEKS_BEFORE / 2)) * np.where(weeks >= WEEKS_BEFORE, ratio, 1.0)
    if overdispersion:
        mean = mean * generator.gamma(1 / overdispersion, overdispersion, len(weeks))
    return Watched(
        counts=generator.poisson(mean), release=WEEKS_BEFORE, control=generator.poisson(40 * whole).astype(float)
    )


def many(seed: int, *, ratio: float = 1.0, slope_sd: float = 0.0, **fields: float) -> list[Effect]:
    generator = np.random.default_rng(seed)
    slopes = generator.normal(0, slope_sd, SERIES) if slope_sd else np.zeros(SERIES)
    return [effect_of(a_series(generator, ratio=ratio, slope=float(slope), **fields)) for slope in slopes]


def steady(before: int, after: int, *, weeks: int = 20, control: int | None = None) -> Watched:
    """The same number each week before, and another after."""
    counts = [before] * weeks + [after] * weeks
    return Watched(counts=counts, release=weeks, control=None if control is None else [control] * 2 * weeks)


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("no effect", {}),
        ("real effect", {"ratio": 0.4}),
        ("trend", {"slope_sd": 0.015}),
        ("trend and effect", {"slope_sd": 0.015, "ratio": 0.4}),
        ("season", {"season": 0.5}),
        ("overdispersed", {"overdispersion": 0.5}),
    ],
)
def test_the_interval_holds_the_truth_at_least_as_often_as_it_says(what: str, fields: dict[str, float]) -> None:
    true = fields.get("ratio", 1.0)
    found = many(7, **fields)

    held = sum(one.ratio.low <= true <= one.ratio.high for one in found) / len(found)

    assert held >= 0.8 - 2 * math.sqrt(0.8 * 0.2 / len(found)), what


@pytest.mark.parametrize("fields", [{}, {"slope_sd": 0.015}, {"season": 0.5}, {"overdispersion": 0.5}])
def test_where_nothing_helped_one_in_ten_is_told_as_a_fall_at_most(fields: dict[str, float]) -> None:
    found = many(11, **fields)

    false = sum(one.verdict is Verdict.FELL for one in found) / len(found)

    assert false <= 0.1 + 2 * math.sqrt(0.1 * 0.9 / len(found))


def test_a_real_fall_is_mostly_found() -> None:
    found = many(13, ratio=0.4)

    assert sum(one.verdict is Verdict.FELL for one in found) / len(found) > 0.8


def test_what_was_fading_anyway_gets_less_credit_than_a_plain_comparison_gives() -> None:
    weeks = np.arange(44)
    fading = Watched(counts=np.round(30 * np.exp(-0.04 * weeks)), release=26)
    shuffled = Watched(counts=np.concatenate([np.full(26, 18.0), fading.counts[26:]]), release=26)

    assert effect_of(fading).ratio.likely > 1.4 * effect_of(shuffled).ratio.likely
    assert effect_of(fading).slope < -0.02


def test_a_trend_over_few_items_is_hardly_believed() -> None:
    thin = Watched(counts=[2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], release=6)
    thick = Watched(counts=[200, 50, 100, 40, 30, 20, 20, 20, 20, 20, 20, 20], release=6)

    assert abs(effect_of(thin).slope) < abs(effect_of(thick).slope)


def test_a_fall_of_all_problems_alike_is_not_credited() -> None:
    counts = [10] * 20 + [5] * 20
    beside = Watched(counts=counts, release=20, control=[80] * 20 + [40] * 20)

    assert effect_of(Watched(counts=counts, release=20)).verdict is Verdict.FELL
    assert effect_of(beside).verdict is Verdict.UNCLEAR
    assert effect_of(beside).whole == pytest.approx(0.5, rel=0.1)


def test_more_customers_after_make_the_same_number_a_fall() -> None:
    doubled = Watched(counts=[10] * 40, release=20, exposure=[100] * 20 + [200] * 20)

    assert effect_of(doubled).ratio.likely == pytest.approx(0.5, rel=0.1)


def test_weeks_while_a_release_spreads_do_not_count() -> None:
    watched = Watched(counts=[6] * 20 + [50, 50] + [2] * 10, release=20)

    assert effect_of(watched).items_after == 20
    assert effect_of(watched).verdict is Verdict.FELL
    assert effect_of(watched, settling=0).items_after == 120


def test_no_item_at_all_after_a_release_is_a_fall_with_an_interval() -> None:
    found = effect_of(steady(3, 0))

    assert 0 < found.ratio.low < found.ratio.likely < found.ratio.high < 0.2
    assert found.helped > 0.99


def test_items_that_do_not_come_any_more_are_those_expected_less_those_that_came() -> None:
    found = effect_of(steady(10, 4))

    assert found.fewer.likely == pytest.approx(found.expected - found.items_after, rel=0.1)
    assert found.fewer.low < 6 * found.weeks_after < found.fewer.high
    assert effect_of(steady(10, 0)).fewer.low < 0.95 * 10 * found.weeks_after


def test_scattered_weeks_widen_the_interval() -> None:
    even, scattered = steady(5, 3), Watched(counts=[0, 10] * 10 + [3] * 20, release=20)

    assert effect_of(scattered).overdispersion > 2 > effect_of(even).overdispersion
    assert effect_of(scattered).ratio.high / effect_of(scattered).ratio.low > (
        effect_of(even).ratio.high / effect_of(even).ratio.low
    )


@pytest.mark.parametrize(
    ("watched", "words"),
    [
        (Watched(counts=[4] * 3 + [0] * 20, release=3), "too early to say: heard of for 3 weeks before"),
        (Watched(counts=[4] * 20 + [0] * 5, release=20), "too early to say: 3 weeks watched"),
        (Watched(counts=[0, 1, 0, 0] * 5 + [0] * 8, release=20), "too early to say: 2 expected in 6 weeks"),
    ],
)
def test_what_is_thin_says_so_and_why(watched: Watched, words: str) -> None:
    assert effect_of(watched).words == words


def test_words_tell_fall_rise_and_neither() -> None:
    found = effect_of(steady(10, 10))
    fell = replace(found, ratio=Range(0.2, 0.38, 0.65), helped=0.99)
    rose = replace(found, ratio=Range(1.1, 1.5, 2.0), helped=0.02)
    unclear = replace(found, ratio=Range(0.7, 0.9, 1.2), helped=0.7)

    assert fell.words == "mentions fell by 62% (35%–80%)"
    assert rose.words == "mentions rose by 50% (10%–100%)"
    assert unclear.words == "no clear change (−30% to +20%)"


@given(
    before=st.lists(st.integers(0, 500), max_size=40),
    after=st.lists(st.integers(0, 500), min_size=1, max_size=40),
    control=st.integers(0, 1000),
)
def test_any_counts_give_a_finite_interval_in_order(before: list[int], after: list[int], control: int) -> None:
    counts = before + after
    found = effect_of(Watched(counts=counts, release=len(before), control=[control] * len(counts)))

    assert 0 < found.ratio.low <= found.ratio.likely <= found.ratio.high < math.inf
    assert 0 <= found.helped <= 1
    assert found.overdispersion >= 1
    assert -math.inf < found.fewer.low <= found.fewer.likely <= found.fewer.high < math.inf
    assert found.words
