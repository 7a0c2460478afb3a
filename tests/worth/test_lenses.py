"""Each lens against sums made by hand; what none may do: punish one account more, or be carried away by few items."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Part, Range, Revision
from insights.domain.facts import Affected, Facts, Firm, Scores
from insights.domain.problem import Problem
from insights.errors import InsightsError
from insights.worth import lenses
from insights.worth.lenses import LENSES, agreement, custom_lens, lens_named, order, percentiles, weights_of
from insights.worth.seen import KEPT, Heard, Seen, seen_of
from tests.builders import a_problem, an_estimate

MONTHS_OF_3_WEEKS = 3 * 7 * 12 / 365
NO_WEEKS = (0,) * 26


def seen(*problems: Problem, **known: Any) -> Seen:
    """These problems, with what a test says of facts, firm, quarter and revisions."""
    defaults: dict[str, Any] = {"facts": {}, "firm": Firm(), "heard": {}, "revisions": {}, "soon_days": 90}
    return seen_of(problems, **{**defaults, **known})


def some_facts(*accounts: Affected, **fields: Any) -> Facts:
    return Facts(items=18, days=91, accounts=accounts, **fields)


def payers(count: int, **fields: Any) -> tuple[Affected, ...]:
    return tuple(Affected(account=number, revenue=10_000.0, **fields) for number in range(count))


def numbered(*fields: Mapping[str, Any]) -> list[Problem]:
    """Problems 1, 2, … ranked in this order, each with its own fields."""
    made = []
    for number, own in enumerate(fields, 1):
        estimate = replace(own.get("estimate") or an_estimate(), rank=number)
        made.append(a_problem(**{**own, "id": number, "estimate": estimate}))
    return made


def refs(lens: str, some: Seen) -> list[int]:
    return [int(some.ids[place]) for place in order(LENSES[lens], some)]


# -- money ------------------------------------------------------------------------------------------------------


def test_net_value_is_likely_value_less_likely_cost() -> None:
    some = seen(a_problem(estimate=an_estimate(420_000)))

    assert lenses.net(some) == pytest.approx([408_000.0])
    assert lenses.roi(some) == pytest.approx([34.0])


def test_by_return_the_order_is_that_of_the_ranks() -> None:
    """Returns that differ by less than a hundredth are ranked by accounts and items."""
    first, second = (replace(an_estimate(), roi=Range(-1, roi, 0)) for roi in (-0.991, -0.989))

    assert refs("roi", seen(*numbered({"estimate": first, "accounts": 9}, {"estimate": second}))) == [1, 2]


def test_what_is_not_estimated_is_not_known_by_money() -> None:
    some = seen(a_problem(estimate=None))

    for lens in ("roi", "net", "rice", "wsjf"):
        assert np.isnan(LENSES[lens].score(some)).all(), lens


# -- RICE -------------------------------------------------------------------------------------------------------


def test_rice_is_reach_times_impact_times_confidence_by_person_months() -> None:
    some = seen(a_problem(), facts={1: some_facts(*payers(7), severity="hurts")}, heard={1: Heard(accounts=7)})

    assert lenses.confidence(some) == [0.8]
    assert lenses.rice(some) == pytest.approx([7 * 2 * 0.8 / MONTHS_OF_3_WEEKS])


def test_an_item_of_no_known_account_reaches_one_more() -> None:
    assert lenses.reach(seen(a_problem(), heard={1: Heard(accounts=7, items=3)})) == [10]
    assert lenses.reach(seen(a_problem())) == [0]


@pytest.mark.parametrize(
    ("severity", "expected"), [("blocks", 3), ("hurts", 2), ("annoys", 1), ("wish", 0.5), (None, 1), ("odd", 1)]
)
def test_impact_follows_the_severity(severity: str | None, expected: float) -> None:
    assert lenses.impact(seen(a_problem(), facts={1: some_facts(severity=severity)})) == [expected]


def test_a_persons_severity_outranks_the_models() -> None:
    facts = {1: some_facts(severity="wish", severity_by="a model")}

    assert lenses.impact(seen(a_problem(), facts=facts, revisions={1: Revision(severity="blocks")})) == [3]


@pytest.mark.parametrize(
    ("items", "paying", "severity", "cost_source", "expected"),
    [
        (18, 2, "hurts", "you", 1.0),
        (18, 2, "hurts", "default, new work", 0.8),
        (18, 2, None, "default", 0.8),
        (4, 2, None, "default", 0.5),
        (4, 0, None, "similar work", 0.5),
        (4, 1, "wish", "similar work", 0.8),
    ],
)
def test_confidence_counts_what_is_known(
    items: int, paying: int, severity: str | None, cost_source: str, expected: float
) -> None:
    problem = a_problem(items=items, accounts=7, estimate=an_estimate(cost_source=cost_source))

    some = seen(problem, facts={1: some_facts(*payers(paying), severity=severity)})

    assert lenses.confidence(some) == [expected]


def test_effort_counts_as_half_a_month_at_least() -> None:
    weeks = [Range(0, 0, 0), Range(1, 1, 2), Range(3, 365 / 7, 90)]

    some = seen(*numbered(*({"estimate": an_estimate(weeks=one)} for one in weeks)))

    assert lenses.months(some) == pytest.approx([0.5, 0.5, 12.0])


# -- cost of delay ----------------------------------------------------------------------------------------------


def a_year_of(weekly: float, *, kept: float = 0.0, weeks: float = 4.0) -> Problem:
    """Worth so much a week, `kept` a week of it at accounts."""
    year = 365 / 7
    part = Part(name=KEPT, value=Range(0, kept * year, 2 * kept * year), words="")
    return a_problem(estimate=an_estimate(weekly * year, parts=(part,), weeks=Range(1, weeks, 9)))


def test_cost_of_delay_is_the_value_of_a_week_and_wsjf_divides_it_by_the_weeks_of_work() -> None:
    some = seen(a_year_of(1_000))

    assert lenses.cost_of_delay(some) == pytest.approx([1_000.0])
    assert lenses.wsjf(some) == pytest.approx([250.0])


def test_what_hangs_on_a_near_renewal_is_spread_over_the_days_until_then() -> None:
    accounts = (
        Affected(account=1, revenue=30_000.0, renewal_days=40),
        Affected(account=2, revenue=10_000.0, renewal_days=200),
        Affected(account=3, revenue=None, renewal_days=10),
    )

    some = seen(a_year_of(1_000, kept=400), facts={1: some_facts(*accounts)}, soon_days=90)

    near = 0.75 * 400  # a week of the year's; its year falls due in 90 days
    assert lenses.cost_of_delay(some) == pytest.approx([1_000 - near + near * 365 / 90])


@pytest.mark.parametrize("days", [None, 91, -1])
def test_a_renewal_that_is_far_or_past_presses_nobody(days: int | None) -> None:
    facts = {1: some_facts(*payers(2, renewal_days=days))}

    assert lenses.cost_of_delay(seen(a_year_of(1_000, kept=400), facts=facts)) == pytest.approx([1_000.0])


def test_the_part_that_hangs_on_renewals_is_one_that_estimates_have() -> None:
    from insights.config import Settings
    from insights.valuation import assumptions_of
    from insights.worth.estimate import estimate_all

    facts = {1: some_facts(*payers(2, renewal_days=30))}
    made = estimate_all(facts, Firm(), assumptions_of(Settings()))[1]

    some = seen(a_problem(estimate=made), facts=facts)

    assert 0 < float(some.soon[0]) == pytest.approx(made.parts[0].value.likely)


# -- customers --------------------------------------------------------------------------------------------------


def test_most_accounts_come_first_then_most_items() -> None:
    some = seen(*numbered({"accounts": 3, "items": 9}, {"accounts": 0, "items": 99}, {"accounts": 3, "items": 10}))

    assert refs("accounts", some) == [3, 1, 2]
    assert np.isnan(lenses.accounts(some)).tolist() == [False, True, False]


def test_what_blocks_comes_first_then_where_more_speak_of_leaving_then_most_accounts() -> None:
    calm, leaving = payers(4), payers(2, says_leaving=True)
    facts = {
        1: some_facts(*calm, severity="annoys"),
        2: some_facts(*calm, severity="blocks"),
        3: some_facts(*calm[:2], *leaving, severity="blocks"),
        4: some_facts(*calm, severity="blocks"),
        5: some_facts(*calm, *leaving, severity=None),
    }
    some = seen(*numbered({}, {"accounts": 4}, {"accounts": 4}, {"accounts": 5}, {}), facts=facts)

    assert refs("severity", some) == [3, 4, 2, 1, 5]


def weekly(before: int, recent: int) -> tuple[int, ...]:
    """So many items in 22 weeks, then in 4."""
    return (before, *(0,) * 21, recent, 0, 0, 0)


def test_growth_is_the_posterior_mean_of_the_log_ratio_of_two_rates() -> None:
    some = seen(a_problem(weekly=weekly(20, 19)))

    # The difference of digammas at whole numbers is a sum of fractions: digamma(26) - digamma(25) = 1/25.
    rate = 6 / (39 / 26)
    expected = math.log((rate + 22) / (rate + 4)) - 1 / 25
    assert np.log(lenses.growth(some)) == pytest.approx([expected])


def test_three_items_after_one_do_not_outgrow_a_rise_from_ten_to_thirty_a_month() -> None:
    some = seen(*numbered(*({"weekly": weekly(*pair)} for pair in ((1, 3), (0, 3), (55, 30), (55, 10), (55, 3)))))

    assert refs("growth", some) == [3, 2, 1, 4, 5]
    assert lenses.growth(some)[3] == pytest.approx(1, abs=0.05)


def test_weeks_before_anything_was_heard_are_no_quiet_weeks() -> None:
    steady = (0,) * 18 + (5,) * 8

    assert lenses.growth(seen(a_problem(weekly=steady))) == pytest.approx([1.0])
    assert lenses.growth(seen(*numbered({"weekly": steady}, {"weekly": (5,) * 26})))[0] > 2


def test_growth_is_not_known_without_a_past_or_without_items() -> None:
    assert np.isnan(lenses.growth(seen(a_problem(weekly=(0,) * 22 + (9,) * 4)))).all()
    assert np.isnan(lenses.growth(seen(*numbered({"weekly": NO_WEEKS}, {"weekly": (1,) * 26}))))[0]
    assert np.isnan(lenses.growth(seen(a_problem(weekly=NO_WEEKS)))).all()


FIRM = Firm(scores=Scores(promoters=50, passives=30, detractors=20))


def test_nps_impact_is_the_score_without_those_who_answered_with_it() -> None:
    some = seen(a_problem(), facts={1: some_facts(scores=Scores(passives=1, detractors=9))}, firm=FIRM)

    assert lenses.score_of_all(some) == pytest.approx(30.0)
    assert lenses.nps(some) == pytest.approx([100 * (50 - 11) / 90 - 30])


def test_a_problem_of_promoters_lifts_the_score() -> None:
    facts = {1: some_facts(scores=Scores(promoters=10))}

    assert lenses.nps(seen(a_problem(), facts=facts, firm=FIRM)) == pytest.approx([100 * (40 - 20) / 90 - 30])


def test_nps_impact_is_not_known_where_nobody_or_everybody_answered_with_it() -> None:
    facts = {2: some_facts(scores=FIRM.scores)}

    assert np.isnan(lenses.nps(seen(*numbered({}, {}), facts=facts, firm=FIRM))).all()
    assert np.isnan(lenses.nps(seen(a_problem()))).all()


# -- order and weights ------------------------------------------------------------------------------------------


def test_what_a_lens_knows_nothing_of_comes_last_by_return() -> None:
    facts = {3: some_facts(severity="wish")}

    assert refs("severity", seen(*numbered({}, {"accounts": 99}, {}), facts=facts)) == [3, 1, 2]


def test_what_a_lens_leaves_even_keeps_the_order_by_return() -> None:
    assert refs("growth", seen(*numbered(*({"weekly": (2,) * 26} for _ in range(4))))) == [1, 2, 3, 4]


def test_equals_share_their_percentile() -> None:
    some = seen(*numbered(*({"accounts": count, "items": 9} for count in (7, 7, 9, 0))))

    ranks = percentiles(LENSES["accounts"], some)

    assert ranks[:3] == pytest.approx([1 / 3, 1 / 3, 5 / 6])
    assert np.isnan(ranks[3])


def test_custom_weights_take_the_mean_of_percentiles_and_the_middle_of_what_is_not_known() -> None:
    problems = numbered({"accounts": 9}, {"accounts": 5}, {"accounts": 0})
    facts = {1: some_facts(severity="wish"), 2: some_facts(severity="blocks")}

    score = custom_lens({"accounts": 1.0, "severity": 3.0}).score(seen(*problems, facts=facts))

    assert score == pytest.approx([(0.75 + 3 * 0.25) / 4, (0.25 + 3 * 0.75) / 4, np.nan], nan_ok=True)
    alone = custom_lens({"accounts": 1.0, "growth": 1.0}).score(seen(*numbered({"accounts": 9, "weekly": NO_WEEKS})))
    assert alone == pytest.approx([0.5])


def test_weights_are_read_by_name_or_alias() -> None:
    assert weights_of("value=2, growth=1,Severity=0.5,roi=0") == {"net": 2, "growth": 1, "severity": 0.5, "roi": 0}
    assert dict(lens_named("custom", weights="delay=1,roi=0").weights) == {"wsjf": 1}


@pytest.mark.parametrize(
    "weights",
    ["", " , ", "roi", "roi=", "roi=-1", "roi=nan", "roi=1e3", "roi=0,net=0", "roi=1,roi=2", "net=1,value=1", "x=1",
     "custom=1", "roi=1;net=2", "roi=١"],
)  # fmt: skip
def test_weights_that_are_none_are_refused_with_the_names_of_the_lenses(weights: str) -> None:
    with pytest.raises(InsightsError) as refused:
        weights_of(weights)

    assert "roi, net, rice, wsjf, accounts, severity, growth, nps" in refused.value.remedy
    assert refused.value.exit_code == 2


def test_an_unknown_lens_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(InsightsError, match="no lens 'r") as refused:
        lens_named("r\x1b[31mice", weights="roi=1")

    assert "\x1b" not in str(refused.value)
    assert "rice" in refused.value.remedy


def test_agreement_is_kendalls_tau_b() -> None:
    three = seen(*numbered(*({"accounts": count} for count in (7, 1, 5))))
    turned = replace(three, roi=np.array([1.0, 3.0, 2.0]))
    straight = replace(three, roi=np.array([3.0, 2.0, 1.0]))

    assert agreement(LENSES["accounts"], LENSES["roi"], turned) == pytest.approx(-1.0)
    assert agreement(LENSES["accounts"], LENSES["roi"], straight) == pytest.approx(1 / 3)
    assert agreement(LENSES["roi"], LENSES["roi"], straight) == pytest.approx(1.0)


def test_agreement_says_nothing_where_fewer_than_two_are_known_or_all_are_even() -> None:
    even = numbered({"accounts": 7}, {"accounts": 7})

    assert agreement(LENSES["severity"], LENSES["roi"], seen(*even)) is None
    assert agreement(LENSES["accounts"], LENSES["roi"], seen(*even)) is None
    assert agreement(LENSES["accounts"], LENSES["roi"], seen()) is None


def test_lenses_of_no_problems_have_no_scores() -> None:
    nothing = seen()

    for lens in (*LENSES.values(), custom_lens({"roi": 1.0})):
        assert lens.score(nothing).shape == (0,), lens.name
        assert order(lens, nothing).shape == (0,)


# -- what always holds ------------------------------------------------------------------------------------------

severities = st.sampled_from(["blocks", "hurts", "annoys", "wish", None])
affected = st.lists(st.tuples(st.none() | st.floats(0, 1e6), st.booleans()), min_size=0, max_size=6)


@given(accounts=affected, revenue=st.none() | st.floats(0, 1e6), severity=severities, items=st.integers(1, 30))
def test_one_account_more_never_lowers_rice_or_accounts(
    accounts: list[tuple[float | None, bool]], revenue: float | None, severity: str | None, items: int
) -> None:
    def with_accounts(some: list[tuple[float | None, bool]]) -> Seen:
        told = [Affected(account=n, revenue=paid, says_leaving=says) for n, (paid, says) in enumerate(some)]
        problem = a_problem(accounts=len(some), items=items + len(some))
        heard = {1: Heard(accounts=len(some), items=items)}
        return seen(problem, facts={1: some_facts(*told, severity=severity)}, heard=heard)

    fewer, more = with_accounts(accounts), with_accounts([*accounts, (revenue, False)])

    assert lenses.rice(more)[0] > lenses.rice(fewer)[0]
    assert np.nan_to_num(lenses.accounts(more))[0] > np.nan_to_num(lenses.accounts(fewer))[0]


@given(values=st.lists(st.floats(1, 1e7), min_size=1, max_size=8), scale=st.floats(0.01, 100))
def test_another_currency_changes_amounts_and_no_order(values: list[float], scale: float) -> None:
    def priced(factor: float) -> Seen:
        made = [an_estimate(value * factor, cost=Range(1, 12_000 * factor, 10**6 * factor)) for value in values]
        return seen(*numbered(*({"estimate": one} for one in made)))

    ours, theirs = priced(1.0), priced(scale)

    assert lenses.net(theirs) == pytest.approx(scale * lenses.net(ours), rel=1e-6, abs=1e-6 * scale)
    assert lenses.wsjf(theirs) == pytest.approx(scale * lenses.wsjf(ours))
    assert lenses.rice(theirs) == pytest.approx(lenses.rice(ours))


@given(before=st.integers(0, 200), recent=st.integers(0, 200))
def test_one_item_more_now_never_lowers_growth_and_one_more_before_never_raises_it(before: int, recent: int) -> None:
    longest = {"weekly": (1,) * 26}  # the weeks that count are the same for all
    pairs = ((before, recent), (before, recent + 1), (before + 1, recent))
    some = seen(*numbered(*({"weekly": weekly(*pair)} for pair in pairs), longest))

    now, later, earlier = np.nan_to_num(lenses.growth(some)[:3], nan=1.0)

    assert earlier <= now + 1e-9
    assert later >= now - 1e-9


@given(before=st.integers(1, 60), recent=st.integers(0, 60), times=st.integers(2, 20))
def test_the_same_ratio_of_more_items_is_doubted_less(before: int, recent: int, times: int) -> None:
    raw = math.log(recent / 4 / (before / 22)) if recent else -math.inf
    pairs = ((before, recent), (times * before, times * recent))
    some = seen(*numbered(*({"weekly": weekly(*pair)} for pair in pairs)))

    few, many = np.log(lenses.growth(some))

    assert abs(few) <= abs(raw) + 0.1
    assert abs(many - raw) <= abs(few - raw) + 1e-9


scored = st.builds(
    Scores, promoters=st.integers(0, 40), passives=st.integers(0, 40), detractors=st.integers(0, 40)
)  # fmt: skip


@given(problem=scored, others=scored)
def test_nps_impact_is_what_the_score_itself_says(problem: Scores, others: Scores) -> None:
    whole = Scores(
        promoters=problem.promoters + others.promoters,
        passives=problem.passives + others.passives,
        detractors=problem.detractors + others.detractors,
    )

    rise = lenses.nps(seen(a_problem(), facts={1: some_facts(scores=problem)}, firm=Firm(scores=whole)))[0]

    if not problem.answers or others.nps is None or whole.nps is None:
        assert np.isnan(rise)
    else:
        assert rise == pytest.approx(others.nps - whole.nps)


@given(counts=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=12), lens=st.sampled_from([*LENSES]))
def test_an_order_holds_every_problem_once_and_never_puts_less_before_more(
    counts: list[tuple[int, int]], lens: str
) -> None:
    some = seen(*numbered(*({"accounts": a, "items": i, "weekly": weekly(i, a)} for a, i in counts)))

    places = order(LENSES[lens], some)

    assert sorted(places.tolist()) == list(range(len(counts)))
    falling = np.nan_to_num(LENSES[lens].score(some)[places], nan=-math.inf)
    assert (falling[:-1] >= falling[1:]).all()
    ranks = percentiles(LENSES[lens], some)
    known = ranks[~np.isnan(ranks)]
    assert ((known > 0) & (known < 1)).all()
    assert known.mean() == pytest.approx(0.5) if len(known) else True
