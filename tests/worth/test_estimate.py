"""What a problem is worth: known money only, ranges in order, and a return that follows its formula."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Estimate, Range
from insights.worth.estimate import Assumptions, Facts, estimate, return_on

ASSUMPTIONS = Assumptions(
    loss=Range(0.01, 0.03, 0.08),
    win=Range(0.02, 0.10, 0.25),
    lost_deal_share=0.3,
    minutes_per_item=30,
    hourly_cost=40,
    share_avoided=Range(0.4, 0.7, 0.9),
    weeks=Range(1, 3, 8),
    week_cost=4000,
)
NOTHING = Facts(items=0, days=30, revenues=[])

amounts = st.floats(min_value=0, max_value=1e9)
facts = st.builds(
    Facts,
    items=st.integers(min_value=0, max_value=100_000),
    days=st.floats(min_value=0, max_value=91),
    revenues=st.lists(st.none() | amounts, max_size=20),
    open_deals=st.lists(st.none() | amounts, max_size=5),
    lost_deals=st.lists(st.none() | amounts, max_size=5),
)


def part(made: Estimate, name: str) -> Range:
    return next(part.value for part in made.parts if part.name == name)


def test_revenue_kept_is_that_of_known_accounts_times_the_chance_to_leave() -> None:
    made = estimate(replace(NOTHING, revenues=[100_000.0, None, 50_000.0, None]), ASSUMPTIONS)

    assert part(made, "revenue kept") == Range(1_500.0, 4_500.0, 12_000.0)
    assert made.unknown_revenue_accounts == 2


def test_unknown_revenue_is_told_and_not_taken_for_zero() -> None:
    unknown = estimate(replace(NOTHING, revenues=[None]), ASSUMPTIONS)
    zero = estimate(replace(NOTHING, revenues=[0.0]), ASSUMPTIONS)

    assert (unknown.unknown_revenue_accounts, zero.unknown_revenue_accounts) == (1, 0)
    assert unknown.parts[0].words == "revenue of 1 account unknown, not counted"
    assert "unknown" not in zero.parts[0].words
    assert unknown.reason == "nothing that can be counted against $12k of work"


def test_a_deal_of_unknown_amount_is_told_and_not_taken_for_zero() -> None:
    mixed = estimate(replace(NOTHING, open_deals=[10_000.0, None], lost_deals=[None]), ASSUMPTIONS)
    unknown = estimate(replace(NOTHING, open_deals=[None]), ASSUMPTIONS)

    assert (
        mixed.parts[1].words
        == "1 open deal of $10k × 10% added chance to win; amount of 2 more deals unknown, not counted"
    )
    assert unknown.parts[1].words == "amount of 1 deal unknown, not counted"
    assert part(mixed, "revenue won").likely == pytest.approx(1_000.0)


def test_support_says_over_which_days_its_items_were_counted() -> None:
    made = estimate(replace(NOTHING, items=885, days=14), ASSUMPTIONS)

    assert made.parts[2].words == "885 items in 14 days, 23,073 a year × 30 min × $40/h × 70% avoided"
    assert [part.words for part in estimate(NOTHING, ASSUMPTIONS).parts] == [
        "no known account",
        "no deal names it",
        "no item in the last 30 days",
    ]


def test_a_lost_deal_counts_for_a_share_of_an_open_one() -> None:
    made = estimate(replace(NOTHING, open_deals=[10_000.0], lost_deals=[20_000.0]), ASSUMPTIONS)

    assert part(made, "revenue won").likely == pytest.approx((10_000 + 0.3 * 20_000) * 0.10)


def test_support_is_that_of_a_year_at_the_pace_of_the_span() -> None:
    made = estimate(replace(NOTHING, items=10, days=73), ASSUMPTIONS)

    assert part(made, "support saved").likely == pytest.approx(50 * 0.5 * 40 * 0.7)


def test_return_pairs_low_value_with_high_cost() -> None:
    roi = return_on(Range(5_000, 30_000, 90_000), Range(4_000, 12_000, 32_000))

    assert roi == Range(-27_000 / 32_000, 1.5, 21.5)


def test_value_is_the_sum_of_its_parts_and_the_return_its_formula() -> None:
    made = estimate(Facts(items=9, days=30, revenues=[1e5], open_deals=[5e3], lost_deals=[2e4]), ASSUMPTIONS)

    assert made.value.likely == pytest.approx(sum(part.value.likely for part in made.parts))
    assert made.cost == Range(4_000, 12_000, 32_000)
    assert made.roi.likely == pytest.approx((made.value.likely - 12_000) / 12_000)


def test_every_assumption_names_its_setting() -> None:
    from insights.config import Worth

    settings = [assumption.setting for assumption in estimate(NOTHING, ASSUMPTIONS).assumptions]
    stems = [setting.removeprefix("worth.").removesuffix("*") for setting in settings]

    assert sorted({key for key in Worth.model_fields for stem in stems if key.startswith(stem)}) == sorted(
        Worth.model_fields
    )


def test_the_reason_names_the_biggest_part_and_what_it_rests_on() -> None:
    payers = estimate(replace(NOTHING, revenues=[1e6, None]), ASSUMPTIONS)
    load = estimate(replace(NOTHING, items=100), ASSUMPTIONS)

    assert payers.reason == "revenue kept $30k (1 account paying $1M a year) against $12k of work"
    assert load.reason == "support saved $17k (100 items in 30 days, 1,217 a year) against $12k of work"


@given(facts)
def test_low_is_at_most_likely_is_at_most_high(some: Facts) -> None:
    made = estimate(some, ASSUMPTIONS)

    for found in (made.value, made.cost, made.roi, *(part.value for part in made.parts)):
        assert found.low <= found.likely <= found.high


@given(facts, amounts)
def test_one_more_account_deal_or_item_never_lowers_the_value(some: Facts, amount: float) -> None:
    before = estimate(some, ASSUMPTIONS)
    more = [
        replace(some, revenues=[*some.revenues, amount]),
        replace(some, open_deals=[*some.open_deals, amount]),
        replace(some, lost_deals=[*some.lost_deals, amount]),
        replace(some, items=some.items + 1),
    ]

    for facts_after in more:
        after = estimate(facts_after, ASSUMPTIONS)
        assert after.value.likely >= before.value.likely * (1 - 1e-12)
        assert after.roi.likely >= before.roi.likely - 1e-9 * max(1.0, abs(before.roi.likely))


@given(facts)
def test_an_account_of_unknown_revenue_changes_no_figure(some: Facts) -> None:
    before = estimate(some, ASSUMPTIONS)
    after = estimate(replace(some, revenues=[*some.revenues, None]), ASSUMPTIONS)

    assert (after.value, after.roi) == (before.value, before.roi)
    assert after.unknown_revenue_accounts == before.unknown_revenue_accounts + 1


@given(facts, st.floats(min_value=1.01, max_value=10))
def test_dearer_work_lowers_the_return(some: Facts, factor: float) -> None:
    dear = replace(ASSUMPTIONS, week_cost=ASSUMPTIONS.week_cost * factor)

    assert estimate(some, dear).roi.likely <= estimate(some, ASSUMPTIONS).roi.likely
