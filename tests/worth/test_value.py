"""What a problem's value is made of: known money only, nothing twice, one customer's weight held where asked."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Range, Revision
from insights.domain.facts import Affected, Effort, Facts, Firm, Stay
from insights.worth.quantiles import quantiles_of
from insights.worth.value import Assumptions, Worked, work_out
from tests.worth.cases import ASSUMPTIONS, facts, paying


def worked(
    some: Facts, *, firm: Firm | None = None, a: Assumptions = ASSUMPTIONS, revision: Revision | None = None
) -> Worked:
    revisions = {1: revision} if revision else {}
    return work_out({1: some}, firm or Firm(), a, revisions=revisions)[1]


def kept(one: Worked) -> Range:
    return quantiles_of(one.case.kept)


def test_revenue_kept_is_that_of_known_accounts_times_the_chance_to_leave() -> None:
    one = worked(facts(accounts=paying(100_000.0, None, 50_000.0)))

    assert (kept(one).low, kept(one).likely, kept(one).high) == pytest.approx((1_500, 4_500, 12_000), rel=0.02)
    assert (one.known, one.unknown, one.revenue) == (2, 1, 150_000)


def test_an_account_that_left_is_known_and_keeps_nothing() -> None:
    one = worked(facts(accounts=paying(0.0)))

    assert (one.known, one.unknown) == (1, 0)
    assert kept(one) == Range(0, 0, 0)


def test_who_pays_less_than_nothing_takes_nothing_from_others() -> None:
    """A credit note of a year is no reason to let its account go."""
    alone, beside = (worked(facts(accounts=paying(*some))) for some in ((50_000.0,), (50_000.0, -49_999.0)))

    assert kept(beside) == kept(alone)
    assert beside.chance == alone.chance
    assert worked(facts(open_deals=(10_000.0, -4_000.0))).case.deals == 10_000


def test_a_detractor_weighs_more_than_a_promoter() -> None:
    detractor = worked(facts(accounts=paying(100_000.0, score=2.0)))
    promoter = worked(facts(accounts=paying(100_000.0, score=10.0)))

    assert kept(detractor).likely > 1.9 * kept(promoter).likely


def test_severity_moves_the_chance_and_a_person_s_word_outranks_the_model_s() -> None:
    some = facts(accounts=paying(100_000.0), severity="wish", severity_by="a model")
    by_person = worked(some, revision=Revision(severity="blocks"))

    assert kept(by_person).likely > 4 * kept(worked(some)).likely
    assert by_person.severity == "blocks"


def test_an_account_leaves_only_once_however_many_problems_it_has() -> None:
    """Ten problems at .3 each would lose it three times; together they lose it with .6."""
    sure = replace(ASSUMPTIONS, loss=Range(0.25, 0.3, 0.35))
    ten = work_out({n: facts(accounts=paying(100_000.0)) for n in range(1, 11)}, Firm(), sure, revisions={})

    assert sum(kept(one).likely for one in ten.values()) == pytest.approx(60_000, rel=0.02)
    assert sum(one.counted_twice for one in ten.values()) == pytest.approx(240_000, rel=0.02)


def test_problems_of_different_accounts_take_nothing_from_each_other() -> None:
    sure = replace(ASSUMPTIONS, loss=Range(0.25, 0.3, 0.35))
    two = work_out(
        {1: facts(accounts=paying(1e5)), 2: facts(accounts=paying(1e5, first=9))}, Firm(), sure, revisions={}
    )

    assert [one.counted_twice for one in two.values()] == [0, 0]


def test_one_customer_s_weight_can_be_limited_and_what_that_takes_is_told() -> None:
    limited = replace(ASSUMPTIONS, account_limit=100_000.0)
    one = worked(facts(accounts=paying(1_000_000.0, 50_000.0)), a=limited)

    assert one.revenue == 150_000
    assert one.limited == pytest.approx(900_000 * 0.03, rel=1e-3)


def test_a_lost_deal_counts_for_a_share_of_an_open_one_and_an_unknown_amount_for_nothing() -> None:
    assert worked(facts(open_deals=(10_000.0, None), lost_deals=(20_000.0, None))).case.deals == 16_000


def test_support_is_that_of_a_year_at_the_pace_of_the_span() -> None:
    assert worked(facts(items=10, days=73)).case.support == pytest.approx(50 * 0.5 * 40)


def test_effort_is_a_person_s_else_that_of_similar_work_else_the_default_by_what_is_asked() -> None:
    similar = Effort(weeks=Range(2, 4, 6), source="similar finished work", words="3 issues")

    def effort(some: Facts, revision: Revision | None = None) -> tuple[Range, str]:
        one = worked(some, revision=revision)
        return one.case.weeks, one.weeks_source

    assert effort(facts(effort=similar), Revision(weeks=Range(1, 1, 2))) == (Range(1, 1, 2), "you")
    assert effort(facts(effort=similar)) == (Range(2, 4, 6), "similar finished work")
    assert effort(facts()) == (Range(1, 3, 8), "default")
    assert effort(facts(is_request=True)) == (Range(2, 4, 12), "default, new work")


def test_departures_move_the_chance_unless_the_settings_or_a_person_say_otherwise() -> None:
    some = facts(accounts=paying(100_000.0), stay=Stay(left=30, years=60))
    firm = Firm(stay=Stay(left=60, years=1000))
    learned = worked(some, firm=firm)

    assert learned.learned
    assert kept(learned).likely > 1.5 * 3_000
    assert not worked(some, firm=firm, a=replace(ASSUMPTIONS, learn_departures=False)).learned
    assert kept(worked(some, firm=firm, revision=Revision(loss=Range(0.01, 0.03, 0.08)))).likely == pytest.approx(
        3_000, rel=0.02
    )


def test_where_no_departure_is_known_nothing_is_learned_from_nobody_leaving() -> None:
    some = facts(accounts=paying(100_000.0), stay=Stay(years=500))

    assert not worked(some, firm=Firm(stay=Stay(years=5_000))).learned


def test_accounts_not_heard_from_are_shown_apart_and_counted_only_where_asked() -> None:
    """Two of ten that were heard have it: about a fifth of the silent ones' revenue is at stake, at half weight."""
    firm = Firm(heard=10, silent=40, silent_revenue=1_000_000)
    some = facts(accounts=paying(100_000.0, 100_000.0))
    apart, counted = worked(some, firm=firm), worked(some, firm=firm, a=replace(ASSUMPTIONS, reach_silent=True))

    assert apart.case.beyond is None
    assert counted.case.beyond is not None
    assert apart.beyond is not None
    beyond = quantiles_of(apart.beyond)
    assert beyond.likely == pytest.approx(1_000_000 * 0.5 * 0.21 * 0.03, rel=0.2)
    assert beyond.high / beyond.low > 8, "the share's own doubt widens the chance's range"


def test_a_firm_whose_accounts_were_all_heard_has_nothing_beyond() -> None:
    assert worked(facts(accounts=paying(1e5)), firm=Firm(heard=1)).beyond is None


@given(st.lists(st.floats(0, 1e7), max_size=8), st.floats(0, 1e7))
def test_one_more_account_never_lowers_the_revenue_kept(revenues: list[float], more: float) -> None:
    before = kept(worked(facts(accounts=paying(*revenues))))
    after = kept(worked(facts(accounts=paying(*revenues, more))))

    assert after.likely >= before.likely - 1e-6


@given(st.lists(st.floats(1, 1e7), min_size=1, max_size=8))
def test_no_account_is_worth_more_than_it_pays(revenues: list[float]) -> None:
    angry = paying(*revenues, score=0.0, says_leaving=True, renewal_days=1)
    one = worked(facts(accounts=angry, severity="blocks"))

    assert (np.asarray(one.case.kept) <= sum(revenues) * (1 + 1e-9)).all()


@given(st.lists(st.lists(st.integers(1, 6), max_size=4, unique=True), min_size=1, max_size=6), st.data())
def test_one_among_all_is_worked_out_as_with_all(having: list[list[int]], data: st.DataObject) -> None:
    """Each problem has some of six accounts; some tell their severity."""
    severities = st.sampled_from([None, "blocks", "wish"])
    some = {
        number: facts(
            accounts=tuple(Affected(account=one, revenue=1e5 * one) for one in accounts), severity=data.draw(severities)
        )
        for number, accounts in enumerate(having, 1)
    }
    every = work_out(some, Firm(), ASSUMPTIONS, revisions={})
    number = data.draw(st.sampled_from(sorted(some)))
    [(found, one)] = work_out(some, Firm(), ASSUMPTIONS, revisions={}, only=[number]).items()

    assert found == number
    assert (one.case.kept == every[number].case.kept).all()
    assert (one.counted_twice, one.chance, one.revenue) == (
        every[number].counted_twice,
        every[number].chance,
        every[number].revenue,
    )
