"""Simulated firms: what they know and what is true stay apart, the truth follows the settings, tables are whole."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from benchmarks.firm_figures import OURS, RANGES, TRUE, Estimated, Judged, estimated, judged, share_inside
from benchmarks.firm_outcomes import before_and_after
from benchmarks.firm_people import EVERYTHING, SEGMENTS, Kind
from benchmarks.firm_world import Truth, World, make_world
from benchmarks.firms import Run, mean_of, ratio_of, tables_of
from insights.config import Settings
from insights.domain.estimate import Range
from insights.valuation import assumptions_of

A = assumptions_of(Settings())
SMALL = Kind(accounts=(40, 50), problems=(18, 22))


@cache
def a_firm(number: int = 0, kind: Kind = SMALL) -> World:
    return make_world(number, assumptions=A, kind=kind)


@cache
def said_of(number: int) -> Estimated:
    return estimated(a_firm(number).evidence, A)


@cache
def judged_firm(number: int) -> Judged:
    return judged(a_firm(number), said_of(number))


def with_truth(truth: Truth, places: np.ndarray) -> Truth:
    """Everybody's truth is somebody else's."""
    moved = {name: getattr(truth, name)[places] for name in ("loss", "win", "avoided", "weeks", "kept", "won", "saved")}
    return replace(truth, **moved, load=truth.load[places], cost=truth.cost[places])


def test_what_a_firm_knows_does_not_hang_on_unknowns_that_leave_no_trace():
    other = make_world(0, assumptions=A, kind=SMALL, unknowns_seed=1)

    assert other.evidence.facts == a_firm().evidence.facts
    assert other.evidence.firm == a_firm().evidence.firm
    assert not np.allclose(other.truth.weeks, a_firm().truth.weeks)
    assert not np.allclose(other.truth.avoided, a_firm().truth.avoided)


def test_estimates_stay_the_same_whatever_is_true():
    world = a_firm()
    swapped = replace(world, truth=with_truth(world.truth, np.arange(len(world.truth.ids))[::-1]))
    again = estimated(swapped.evidence, A)

    assert again.estimates == said_of(0).estimates
    assert judged(swapped, again).tau[OURS] != judged_firm(0).tau[OURS]


def test_the_same_seed_makes_the_same_firm_and_another_another():
    assert make_world(0, assumptions=A, kind=SMALL).evidence.facts == a_firm().evidence.facts
    assert make_world(0, assumptions=A, kind=SMALL, seed=1).evidence.facts != a_firm().evidence.facts


def test_only_accounts_that_wrote_are_known_of_a_problem():
    world = a_firm()
    known = world.evidence
    for number, facts in known.facts.items():
        assert 0 < len(facts.accounts) <= known.items[number] * 2
        assert known.heard[number] <= len(facts.accounts)
        assert known.voices[number].sum() == pytest.approx(1)
    assert known.firm.heard <= known.accounts.sum()


def test_true_value_is_the_sum_of_its_parts_and_counts_what_accounts_pay_at_most():
    world = a_firm(1)
    truth = world.truth
    paid = [sum(one.revenue or 0.0 for one in facts.accounts) for facts in world.evidence.facts.values()]

    assert truth.value == pytest.approx(truth.kept + truth.won + truth.saved)
    assert truth.roi == pytest.approx((truth.value - truth.cost) / truth.cost)
    assert (truth.kept <= np.array(paid) * A.most_lost + 1e-9).all()
    assert (truth.load > 0).any()


def test_true_unknowns_follow_the_settings():
    truths = [make_world(number, assumptions=A, kind=SMALL).truth for number in range(20)]
    below = [np.mean(truth.avoided < A.share_avoided.likely) for truth in truths]
    inside = [np.mean((truth.loss >= A.loss.low) & (truth.loss <= A.loss.high)) for truth in truths]

    assert np.mean(below) == pytest.approx(0.5, abs=0.15)
    assert np.mean(inside) == pytest.approx(0.8, abs=0.1)


def test_where_everything_is_known_every_severity_is():
    known = make_world(0, assumptions=A, kind=replace(SMALL, known=EVERYTHING)).evidence

    assert all(facts.severity for facts in known.facts.values())
    assert any(facts.severity is None for facts in a_firm().evidence.facts.values())


def test_a_range_that_holds_half_of_the_truths_covers_half():
    assert share_inside([Range(0, 1, 2), Range(0, 1, 2)], np.array([1.0, 3.0])) == 0.5
    assert np.isnan(share_inside([], np.array([])))


def test_a_judged_firm_tells_every_range_order_and_share():
    one = judged_firm(0)

    assert set(one.inside) == set(RANGES)
    assert {OURS, "RICE", "item count", "revenue-weighted count", "distinct accounts"} <= set(one.tau)
    assert all(-1 <= tau <= 1 for tau in one.tau.values())
    assert ((one.pairs[:, 0] >= 0.5) & (one.pairs[:, 0] <= 1)).all()
    assert len(one.adjacent) == one.problems - 1
    for shares, flags in one.shares.values():
        assert shares.shape == (len(SEGMENTS), 3)
        assert shares.sum(axis=0) == pytest.approx([1, 1, 1])
        assert flags.shape == (len(SEGMENTS),)
    assert set(one.shares) == {*one.tau, TRUE}


def test_calibration_is_measured_on_problems_that_were_not_shipped():
    world = a_firm(0, Kind(accounts=(100, 120), problems=(30, 35), bias_off=2.0))
    found = before_and_after(world, A, seed=0, shipped=(6, 12))

    assert {count for count, _ in found} == {0, 6, 12}
    assert all(0 <= found[count, name] <= 1 for count in (0, 6, 12) for name in ("value", "cost", "ROI"))
    assert before_and_after(a_firm(), A, seed=0, shipped=(1_000,)) == {}


def test_ranges_of_a_firm_far_off_the_settings_hold_more_after_calibration():
    worlds = [a_firm(number, Kind(accounts=(80, 100), problems=(50, 55), bias_off=8.0)) for number in range(1, 3)]
    found = [before_and_after(world, A, seed=0, shipped=(25,), exactly=True) for world in worlds]

    for name in ("value", "cost", "ROI"):
        assert np.mean([one[25, name] for one in found]) > np.mean([one[0, name] for one in found]) + 0.1


def test_all_tables_are_filled():
    firms = [judged_firm(number) for number in range(3)]
    plain = {"all known": [{"value": 0.8}, {"value": 0.7}]}
    outcome = {(count, name): 0.8 for count in (0, 10, 20, 40) for name in ("value", "cost", "ROI", "width")}
    tables = tables_of(Run(assumed=firms, off=firms, ablations=plain, watched=[outcome, {}], exact=[outcome]))

    assert len(tables) == 10
    assert all(table.rows for table in tables.values())
    assert "0.750" in str(next(iter(tables.values())))


def test_cells_show_the_mean_with_its_interval():
    assert mean_of([0.5, 0.5, float("nan")]) == "0.500 [0.500, 0.500]"
    assert mean_of([0.25, 0.25], signed=True) == "+0.250 [+0.250, +0.250]"
    assert ratio_of([1.0, 3.0, 9.0], [2.0, 6.0, 0.0]) == "0.500 [0.500, 0.500]"
    assert ratio_of([1.0], [0.0]) == "–"
