"""An estimate says what it is worth, why, and with what doubt, in words and figures that follow from the facts."""

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.config import Worth
from insights.domain.estimate import (
    Estimate,
    Range,
    Revision,
    estimate_from_json,
    estimate_to_json,
    likely_return_in,
)
from insights.domain.facts import Facts, Firm
from insights.worth.estimate import estimate_all
from insights.worth.value import Assumptions
from tests.worth.cases import ASSUMPTIONS, NOTHING, facts, paying

amounts = st.floats(min_value=0, max_value=1e9)
some_facts = st.builds(
    lambda items, days, revenues, opened, lost: Facts(
        items=items, days=days, accounts=paying(*revenues), open_deals=tuple(opened), lost_deals=tuple(lost)
    ),
    items=st.integers(min_value=0, max_value=100_000),
    days=st.floats(min_value=0, max_value=91),
    revenues=st.lists(st.none() | amounts, max_size=20),
    opened=st.lists(st.none() | amounts, max_size=5),
    lost=st.lists(st.none() | amounts, max_size=5),
)


def estimate(
    some: Facts, a: Assumptions = ASSUMPTIONS, *, firm: Firm | None = None, revision: Revision | None = None
) -> Estimate:
    return estimate_all({1: some}, firm or Firm(), a, revisions={1: revision} if revision else {})[1]


def words(made: Estimate, name: str) -> str:
    return next(part.words for part in made.parts if part.name == name)


def test_unknown_revenue_is_told_and_not_taken_for_zero() -> None:
    unknown, zero = estimate(facts(accounts=paying(None))), estimate(facts(accounts=paying(0.0)))

    assert (unknown.unknown_revenue_accounts, zero.unknown_revenue_accounts) == (1, 0)
    assert words(unknown, "revenue kept") == "revenue of 1 account unknown, not counted"
    assert "unknown" not in words(zero, "revenue kept")
    assert unknown.reason == "nothing that can be counted against $12k of work"


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (Range(0.01, 0.03, 0.08), "1% – 3% – 8%"),
        (Range(0.0004, 0.025, 0.123), "0.04% – 2.5% – 12%"),
        (Range(0.0, 0.5, 1.0), "0% – 50% – 100%"),
        (Range(0.5, 0.995, 0.9996), "50% – 99.5% – 99.96%"),
    ],
)
def test_no_chance_is_told_as_none_or_certain(loss: Range, told: str) -> None:
    [said] = [one for one in estimate(NOTHING, replace(ASSUMPTIONS, loss=loss)).assumptions if "loss_*" in one.setting]

    assert said.value == told


@pytest.mark.parametrize("field", ["accounts", "open_deals"])
@pytest.mark.parametrize("amount", [1e45, 1e308])
def test_an_amount_that_is_a_slip_spoils_no_figure(field: str, amount: float) -> None:
    some = facts(**{field: paying(amount, amount) if field == "accounts" else (amount, amount)})
    made = estimate_all({1: some, 2: facts(accounts=paying(50_000.0, first=9))}, Firm(), ASSUMPTIONS)

    kept = "".join(map(estimate_to_json, made.values()))
    assert "NaN" not in kept
    assert "Infinity" not in kept


def test_what_moves_the_chance_is_said_beside_it() -> None:
    angry = paying(50_000.0, score=1.0) + paying(70_000.0, first=2, renewal_days=20, says_leaving=True)

    assert words(estimate(facts(accounts=angry, severity="blocks")), "revenue kept") == (
        "2 accounts paying $120k a year × 16% added chance to leave "
        "(blocks, 1 detractor, 1 speaks of leaving, 1 renews within 90 days)"
    )


def test_a_deal_of_unknown_amount_is_told_and_not_taken_for_zero() -> None:
    mixed = estimate(facts(open_deals=(10_000.0, None), lost_deals=(None,)))

    assert words(mixed, "revenue won") == (
        "1 open deal of $10k × 10% added chance to win; amount of 2 more deals unknown, not counted"
    )
    assert words(estimate(facts(open_deals=(None,))), "revenue won") == "amount of 1 deal unknown, not counted"


def test_support_says_over_which_days_its_items_were_counted() -> None:
    made = estimate(facts(items=885, days=14))

    assert words(made, "support saved") == "885 items in 14 days, 23,073 a year × 30 min × $40/h × 70% avoided"
    assert [part.words for part in estimate(NOTHING).parts] == [
        "no known account",
        "no deal names it",
        "no item in the last 30 days",
    ]


def test_what_was_left_out_is_told_with_its_amount() -> None:
    limited = replace(ASSUMPTIONS, account_limit=10_000.0)
    made = estimate(facts(accounts=paying(1_010_000.0), renewals=2), limited)

    assert made.capped == pytest.approx(30_000, rel=1e-3)
    assert {
        "$30k is left out: no account counts with more than worth.account_limit",
        "2 open deals counted as revenue kept, not won: a renewal",
    } <= set(made.notes)


def test_where_nobody_told_the_severity_the_range_is_wider_and_says_so() -> None:
    known = estimate(facts(accounts=paying(1e6)))
    unknown = estimate(facts(accounts=paying(1e6), severity=None))

    assert unknown.value.high / unknown.value.low > 1.3 * known.value.high / known.value.low
    assert any("nobody told how severe" in note for note in unknown.notes)
    assert not any("nobody told how severe" in note for note in known.notes)


def test_every_assumption_names_its_setting_and_every_setting_is_named() -> None:
    made = estimate(NOTHING).assumptions + estimate(facts(is_request=True)).assumptions
    stems = {one.setting.removeprefix("worth.").removesuffix("*") for one in made}

    assert sorted({key for key in Worth.model_fields for stem in stems if key.startswith(stem)}) == sorted(
        Worth.model_fields
    )


def test_what_a_person_set_is_marked_as_theirs() -> None:
    made = estimate(NOTHING, revision=Revision(minutes=5, weeks=Range(1, 2, 3)))
    sources = {one.name: (one.value, one.source) for one in made.assumptions}

    assert sources["handling time of an item"] == ("5 min", "you")
    assert sources["effort in weeks"] == ("1 – 2 – 3", "you")
    assert made.cost_source == "you"
    assert made.cost == Range(4_000, 8_000, 12_000)


def test_what_it_assumes_can_be_read_back_as_figures_not_only_as_words() -> None:
    """By these a prediction is compared with what came of it, years later."""
    made = estimate(NOTHING, revision=Revision(share_avoided=Range(0.0004, 0.5, 0.9951), minutes=0))
    assumed = {one.setting: one for one in made.assumptions}

    assert assumed["worth.loss_*"].quantiles == ASSUMPTIONS.loss
    assert assumed["worth.usual_loss"].quantiles == Range(0.1, 0.1, 0.1)
    assert assumed["worth.share_avoided_*"].quantiles == Range(0.0004, 0.5, 0.9951)
    assert assumed["worth.weeks_*"].quantiles == ASSUMPTIONS.weeks
    assert assumed["worth.minutes_per_item"].source == "you"


def test_the_reason_names_the_biggest_part_and_what_it_rests_on() -> None:
    payers, load = estimate(facts(accounts=paying(1e6, None))), estimate(facts(items=100))

    assert payers.reason == "revenue kept $30k (1 account paying $1M a year) against $12k of work"
    assert load.reason == "support saved $17k (100 items in 30 days, 1,217 a year) against $12k of work"


def test_the_shares_of_the_factors_sum_to_what_sets_the_return_apart() -> None:
    """Of three, the middle one is the typical one in every factor."""
    several = {n: facts(accounts=paying(n * 1e5), items=n * 10) for n in (1, 2, 3)}
    made = estimate_all(several, Firm(), ASSUMPTIONS)

    assert [factor.share for factor in made[2].factors] == pytest.approx([0] * 5, abs=1e-9)
    assert sum(factor.share for factor in made[3].factors) > 0 > sum(factor.share for factor in made[1].factors)
    assert max(made[3].factors, key=lambda factor: factor.share).name == "revenue at stake"


def test_ranks_follow_the_return_and_those_that_cannot_be_told_apart_are_tied() -> None:
    several = {
        1: facts(accounts=paying(1e5)),
        2: facts(accounts=paying(1e8)),
        3: facts(accounts=paying(1.1e5, first=2)),
    }
    made = estimate_all(several, Firm(), ASSUMPTIONS)

    assert list(made) == [2, 3, 1]
    assert [one.rank for one in made.values()] == [1, 2, 3]
    assert [one.tie for one in made.values()] == [None, 2, 2]
    assert made[2].outranks_next == pytest.approx(1, abs=0.01)
    assert made[3].outranks_next == pytest.approx(0.54, abs=0.05)
    assert made[1].outranks_next is None


@pytest.mark.parametrize(
    ("several", "order"),
    [
        ({1: facts(accounts=paying(None)), 2: facts(accounts=paying(None, None))}, [2, 1]),
        ({1: facts(), 2: facts()}, [1, 2]),
        ({}, []),
    ],
)
def test_equal_returns_go_to_more_accounts_then_to_the_older(several: dict[int, Facts], order: list[int]) -> None:
    assert list(estimate_all(several, Firm(), ASSUMPTIONS)) == order


def test_it_is_kept_whole() -> None:
    made = estimate(facts(accounts=paying(1e6), items=4), firm=Firm(heard=3, silent=9, silent_revenue=1e6))

    assert replace(estimate_from_json(estimate_to_json(made)), rank=made.rank) == made
    assert made.beyond is not None


@settings(max_examples=40)
@given(some_facts)
def test_low_is_at_most_likely_is_at_most_high(some: Facts) -> None:
    made = estimate(some)

    for found in (made.value, made.cost, made.roi, *(part.value for part in made.parts)):
        assert found.low <= found.likely <= found.high


@settings(max_examples=40)
@given(some_facts, amounts)
def test_one_more_account_deal_or_item_never_lowers_the_value(some: Facts, amount: float) -> None:
    before = estimate(some).value.likely
    more = [
        replace(some, accounts=(*some.accounts, *paying(amount, first=1000))),
        replace(some, open_deals=(*some.open_deals, amount)),
        replace(some, lost_deals=(*some.lost_deals, amount)),
        replace(some, items=some.items + 1),
    ]

    for facts_after in more:
        assert estimate(facts_after).value.likely >= before * (1 - 1e-5)


@settings(max_examples=40)
@given(some_facts)
def test_an_account_of_unknown_revenue_changes_no_figure(some: Facts) -> None:
    before = estimate(some)
    after = estimate(replace(some, accounts=(*some.accounts, *paying(None, first=1000))))

    assert (after.value, after.roi) == (before.value, before.roi)
    assert after.unknown_revenue_accounts == before.unknown_revenue_accounts + 1


@settings(max_examples=20)
@given(some_facts, st.floats(min_value=1.01, max_value=10))
def test_dearer_work_lowers_the_return(some: Facts, factor: float) -> None:
    dear = replace(ASSUMPTIONS, week_cost=ASSUMPTIONS.week_cost * factor)

    assert estimate(some, dear).roi.likely <= estimate(some).roi.likely


def test_the_likely_return_is_read_from_what_was_kept_without_the_rest() -> None:
    made = estimate_all({1: facts(accounts=paying(1e5))}, Firm(), ASSUMPTIONS)[1]

    assert likely_return_in(estimate_to_json(made)) == made.roi.likely
    assert likely_return_in(json.dumps(asdict(made))) == made.roi.likely
    assert likely_return_in(estimate_to_json(made).replace(": ", ":")) == made.roi.likely


def test_it_is_kept_as_a_plain_reading_of_its_fields() -> None:
    made = estimate_all({1: facts(accounts=paying(1e5))}, Firm(), ASSUMPTIONS)[1]

    assert estimate_to_json(made) == json.dumps(asdict(made))
