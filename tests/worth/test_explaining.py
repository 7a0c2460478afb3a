"""Why this rank: shares that sum to the whole, changes that do flip it, and what knowing more is worth."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lightshap import explain_any
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import norm

from insights.domain.estimate import Range
from insights.worth.explaining import (
    AVOIDED,
    EFFORT,
    FACTORS,
    FARTHEST,
    LEAVING,
    WINNING,
    Flip,
    Levels,
    Unknown,
    effective_chance,
    factor_shares,
    flip_in_words,
    hurdle_of,
    knowing_in_words,
    return_at,
    shapley,
    smallest_changes,
    worth_knowing,
)
from insights.worth.leaving import GRID_Z
from insights.worth.quantiles import Z90, amount_score, amounts_at, chance_score, chances_at

Array = NDArray[np.float64]

seeds = st.integers(min_value=0, max_value=2**32 - 1).map(np.random.default_rng)


def firm(random: Generator, count: int) -> Levels:
    """So many problems; some have no account, no deal or no ticket."""
    present = random.random((3, count)) < 0.8
    return Levels(
        revenue=present[0] * random.lognormal(12, 1.5, count),
        chance=random.uniform(0.001, 0.3, count),
        deals=present[1] * random.lognormal(9, 1.5, count),
        support=present[2] * random.lognormal(8, 1, count),
        cost=random.lognormal(9.5, 0.7, count),
    )


def any_worth(random: Generator, factors: int) -> Callable[[Array], Array]:
    """A worth in which the factors meet in products, a ratio and a kink."""
    each, pairs = random.normal(size=factors), random.normal(size=(factors, factors))

    def worth(levels: Array) -> Array:
        meeting = np.einsum("ni,ij,nj->n", levels, pairs, levels)
        return np.asarray(levels @ each + meeting / (1 + levels[:, 0] ** 2) + np.maximum(levels.prod(axis=1), 0))

    return worth


# -- shares by factor -------------------------------------------------------------------------------------------


def test_two_factors_that_only_count_together_share_alike() -> None:
    shares = shapley(lambda levels: levels[:, 0] * levels[:, 1], np.array([[1.0, 1.0], [2.0, 3.0]]), np.zeros(2))

    assert shares.tolist() == [[0.5, 0.5], [3.0, 3.0]]


@given(random=seeds, factors=st.integers(1, 6), rows=st.integers(1, 5))
def test_shares_sum_to_the_worth_less_that_of_the_reference(random: Generator, factors: int, rows: int) -> None:
    worth, at, reference = any_worth(random, factors), random.normal(size=(rows, factors)), random.normal(size=factors)

    whole = worth(at) - worth(reference[None, :])

    np.testing.assert_allclose(shapley(worth, at, reference).sum(axis=1), whole, rtol=1e-9, atol=1e-12)


@given(random=seeds, factors=st.integers(2, 6))
def test_a_factor_that_changes_nothing_gets_nothing(random: Generator, factors: int) -> None:
    worth, dummy = any_worth(random, factors - 1), int(random.integers(factors))

    shares = shapley(
        lambda levels: worth(np.delete(levels, dummy, axis=1)),
        random.normal(size=(3, factors)),
        random.normal(size=factors),
    )

    assert shares[:, dummy].tolist() == [0.0, 0.0, 0.0]


@given(random=seeds, factors=st.integers(2, 5))
def test_a_factor_at_its_reference_gets_nothing(random: Generator, factors: int) -> None:
    at, reference = random.normal(size=(3, factors)), random.normal(size=factors)
    at[:, 1] = reference[1]

    assert np.all(shapley(any_worth(random, factors), at, reference)[:, 1] == 0)


@given(random=seeds)
def test_factors_that_act_alike_share_alike(random: Generator) -> None:
    worth = any_worth(random, 3)
    at, reference = random.normal(size=(4, 4)), random.normal(size=4)
    at[:, 3], reference[3] = at[:, 1], reference[1]

    shares = shapley(
        lambda levels: worth(np.column_stack((levels[:, 0], levels[:, 1] + levels[:, 3], levels[:, 2]))), at, reference
    )

    np.testing.assert_allclose(shares[:, 1], shares[:, 3], rtol=1e-9, atol=1e-12)


@given(random=seeds, factors=st.integers(2, 5))
def test_the_order_of_the_factors_does_not_matter(random: Generator, factors: int) -> None:
    worth, at, reference = any_worth(random, factors), random.normal(size=(3, factors)), random.normal(size=factors)
    moved = random.permutation(factors)

    shuffled = shapley(lambda levels: worth(levels[:, np.argsort(moved)]), at[:, moved], reference[moved])

    np.testing.assert_allclose(shuffled, shapley(worth, at, reference)[:, moved], rtol=1e-9, atol=1e-12)


@given(random=seeds)
def test_shares_of_a_sum_are_sums_of_shares(random: Generator) -> None:
    one, other = any_worth(random, 4), any_worth(random, 4)
    at, reference = random.normal(size=(3, 4)), random.normal(size=4)

    both = shapley(lambda levels: one(levels) + 2 * other(levels), at, reference)

    np.testing.assert_allclose(
        both, shapley(one, at, reference) + 2 * shapley(other, at, reference), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("method", ["permutation", "kernel"])
@pytest.mark.parametrize("factors", [2, 3, 5, 7])
def test_shares_are_those_of_a_reference_library(method: str, factors: int) -> None:
    random = np.random.default_rng(factors)
    worth, at, reference = any_worth(random, factors), random.normal(size=(20, factors)), random.normal(size=factors)

    theirs = explain_any(worth, at, bg_X=reference[None, :], method=method, how="exact", verbose=False)

    np.testing.assert_allclose(shapley(worth, at, reference), theirs.shap_values, rtol=1e-9, atol=1e-9)


def test_shares_of_a_return_are_those_of_a_reference_library() -> None:
    levels = firm(np.random.default_rng(5), 60)
    at = levels.columns()

    theirs = explain_any(return_at, at, bg_X=np.median(at, axis=0)[None, :], how="exact", verbose=False)

    np.testing.assert_allclose(factor_shares(levels), theirs.shap_values, rtol=1e-9, atol=1e-9)


@given(random=seeds, count=st.integers(1, 30))
def test_shares_of_a_problem_sum_to_its_return_less_the_typical_one(random: Generator, count: int) -> None:
    levels = firm(random, count)
    typical = return_at(np.median(levels.columns(), axis=0)[None, :])

    shares = factor_shares(levels)

    assert shares.shape == (count, len(FACTORS))
    np.testing.assert_allclose(shares.sum(axis=1), return_at(levels.columns()) - typical, rtol=1e-9, atol=1e-9)


def test_a_single_problem_is_typical_and_no_problem_has_no_shares() -> None:
    assert factor_shares(firm(np.random.default_rng(1), 1)).tolist() == [[0.0] * 5]
    assert factor_shares(firm(np.random.default_rng(1), 0)).shape == (0, 5)


def test_work_dearer_than_the_typical_takes_from_the_return_and_more_revenue_adds() -> None:
    typical = [100_000.0, 100_000.0, 100_000.0]
    levels = Levels(
        revenue=np.array([400_000.0, *typical[1:]]),
        chance=np.full(3, 0.1),
        deals=np.full(3, 5_000.0),
        support=np.full(3, 1_000.0),
        cost=np.array([10_000.0, 30_000.0, 10_000.0]),
    )

    shares = factor_shares(levels)

    assert shares[0] == pytest.approx([3.0, 0, 0, 0, 0])
    assert shares[1] == pytest.approx([0, 0, 0, 0, 16 / 30 - 1.6])


def test_with_nothing_at_stake_the_chance_to_leave_is_the_middle_one_and_explains_nothing() -> None:
    revenue, kept = np.array([0.0, 1_000.0, 1_000.0, 2_000.0]), np.array([0.0, 10.0, 50.0, 60.0])
    chance = effective_chance(kept, revenue)

    shares = factor_shares(
        Levels(revenue=revenue, chance=chance, deals=np.zeros(4), support=np.ones(4), cost=np.ones(4))
    )

    assert chance.tolist() == [0.03, 0.01, 0.05, 0.03]
    assert shares[0, 1] == 0
    assert effective_chance(np.zeros(2), np.zeros(2)).tolist() == [0.0, 0.0]


# -- scores -----------------------------------------------------------------------------------------------------


@given(random=seeds, z=st.floats(-3, 3))
def test_a_score_is_turned_back_into_its_level(random: Generator, z: float) -> None:
    chances, amounts = Range(*np.sort(random.uniform(0.01, 0.99, 3))), Range(*np.sort(random.lognormal(1, 1, 3)))

    assert chance_score(chances, float(chances_at(chances, np.array(z)))) == pytest.approx(z, abs=1e-6)
    assert amount_score(amounts, float(amounts_at(amounts, np.array(z)))) == pytest.approx(z, abs=1e-6)


def test_quantiles_have_their_own_scores_and_what_cannot_be_an_infinite_one() -> None:
    weeks, share = Range(1, 3, 3), Range(0.4, 0.7, 0.9)

    assert [chance_score(share, level) for level in (0.4, 0.7, 0.9)] == pytest.approx([-Z90, 0, Z90])
    assert [amount_score(weeks, level) for level in (1, 3)] == pytest.approx([-Z90, 0])
    assert [amount_score(weeks, level) for level in (-1, 0, 3.1)] == [-np.inf, -np.inf, np.inf]
    assert [chance_score(share, level) for level in (-0.1, 0, 1, 1.1)] == [-np.inf, -np.inf, np.inf, np.inf]
    assert amount_score(Range(0, 0, 0), 1.0) == np.inf


# -- the smallest change ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """A problem's estimate in full, to be worked out again under another assumption."""

    revenue: float
    loss: Range
    deals: float
    win: Range
    support: float
    avoided: Range
    weeks: Range
    week_cost: float = 4_000

    def unknowns(self) -> list[Unknown]:
        return [
            Unknown(name=LEAVING, quantiles=self.loss, kind="chance", coefficient=self.revenue),
            Unknown(name=WINNING, quantiles=self.win, kind="chance", coefficient=self.deals),
            Unknown(name=AVOIDED, quantiles=self.avoided, kind="chance", coefficient=self.support),
            Unknown(
                name=EFFORT,
                quantiles=self.weeks,
                kind="amount",
                coefficient=self.week_cost,
                of_cost=True,
                unit="weeks",
            ),
        ]

    def roi(self, **levels: float) -> float:
        """Under the likely assumptions, but for those given by the name of the unknown."""
        at = {unknown.name: unknown.quantiles.likely for unknown in self.unknowns()} | levels
        value = self.revenue * at[LEAVING] + self.deals * at[WINNING] + self.support * at[AVOIDED]
        return value / (self.week_cost * at[EFFORT]) - 1


def sums(random: Generator, count: int) -> list[Sum]:
    present = random.random((3, count)) < 0.7

    def chances(highest: float) -> Range:
        return Range(*np.sort(random.uniform(0.005, highest, 3)).tolist())

    return [
        Sum(
            revenue=float(present[0, place] * random.lognormal(13, 1)),
            loss=chances(0.2),
            deals=float(present[1, place] * random.lognormal(11, 1)),
            win=chances(0.4),
            support=float(present[2, place] * random.lognormal(9, 1)),
            avoided=chances(0.95),
            weeks=Range(*np.sort(random.lognormal(1, 0.6, 3)).tolist()),
        )
        for place in range(count)
    ]


def ranked(problems: list[Sum]) -> list[int]:
    return sorted(range(len(problems)), key=lambda place: -problems[place].roi())


def flips_of(problems: list[Sum]) -> list[Flip | None]:
    return smallest_changes(
        ranked(problems),
        roi50=np.array([problem.roi() for problem in problems]),
        cost50=np.array([problem.weeks.likely * problem.week_cost for problem in problems]),
        unknowns=[problem.unknowns() for problem in problems],
    )


def rank_with(problems: list[Sum], place: int, name: str, level: float) -> int:
    """The rank of one problem with one of its assumptions changed, the list ordered anew."""
    rois = [problem.roi() for problem in problems]
    rois[place] = problems[place].roi(**{name: level})
    return sorted(ranked(problems), key=lambda other: -rois[other]).index(place) + 1


@settings(deadline=None)
@given(random=seeds, count=st.integers(2, 12))
def test_a_flip_flips_beyond_its_level_and_not_short_of_it(random: Generator, count: int) -> None:
    problems = sums(random, count)

    for place, flip in enumerate(flips_of(problems)):
        if flip is None:
            continue
        name, beyond = flip.unknown.name, -1e-6 if flip.below else 1e-6
        assert rank_with(problems, place, name, flip.at * (1 + beyond)) == flip.rank_after != flip.rank
        assert rank_with(problems, place, name, flip.at * (1 - beyond)) == flip.rank
        assert flip.below == (flip.at < flip.now)
        end = flip.unknown.quantiles.low if flip.below else flip.unknown.quantiles.high
        assert rank_with(problems, place, name, end) == flip.rank_at_end


@settings(deadline=None)
@given(random=seeds, count=st.integers(2, 12))
def test_the_level_that_is_said_flips(random: Generator, count: int) -> None:
    problems = sums(random, count)

    for place, flip in enumerate(flips_of(problems)):
        if flip is None:
            continue
        figure = re.search(r"(?:below|above) ([\d.]+)(%?)", flip_in_words(flip))
        assert figure
        level = float(figure[1]) / (100 if figure[2] else 1)
        rank = rank_with(problems, place, flip.unknown.name, level)
        assert rank >= flip.rank_after if flip.rank_after > flip.rank else rank <= flip.rank_after


@settings(deadline=None, max_examples=30)
@given(random=seeds, count=st.integers(2, 6))
def test_nothing_nearer_than_the_flip_changes_the_rank(random: Generator, count: int) -> None:
    problems = sums(random, count)
    order = ranked(problems)

    for place, flip in enumerate(flips_of(problems)):
        nearest = FARTHEST if flip is None else abs(flip.z)
        scores = np.linspace(-nearest, nearest, 13) * (1 - 1e-6)
        for unknown in problems[place].unknowns():
            levels = (chances_at if unknown.kind == "chance" else amounts_at)(unknown.quantiles, scores)
            ranks = {rank_with(problems, place, unknown.name, float(level)) for level in levels}
            assert ranks == {order.index(place) + 1}


EVEN = Sum(
    revenue=400_000,
    loss=Range(0.01, 0.03, 0.08),
    deals=0,
    win=Range(0.02, 0.10, 0.25),
    support=10_000,
    avoided=Range(0.4, 0.7, 0.9),
    weeks=Range(1, 3, 8),
)


def in_words(problems: list[Sum]) -> list[str]:
    return [flip_in_words(flip) if flip else "" for flip in flips_of(problems)]


def test_a_flip_is_said_in_words_and_the_easiest_one_is_taken() -> None:
    ahead, behind = replace(EVEN, revenue=500_000), replace(EVEN, revenue=260_000)
    known_effort = replace(EVEN, weeks=Range(2.9, 3, 3.1))

    assert in_words([ahead, EVEN, behind]) == [
        "effort above 3.5 weeks (now 3) drops it to #2",
        "effort below 2.5 weeks (now 3) lifts it to #1",
        "effort below 2.3 weeks (now 3) lifts it to #2",
    ]
    assert in_words([known_effort, behind]) == [
        "chance to leave below 1.9% (now 3.0%) drops it to #2",
        "effort below 2.3 weeks (now 3) lifts it to #1",
    ]


def test_a_fixed_assumption_does_not_flip() -> None:
    certain = replace(EVEN, loss=Range(0.03, 0.03, 0.03), weeks=Range(3, 3, 3))
    ahead = replace(certain, support=11_000)

    assert in_words([ahead, certain]) == [
        "share avoided below 63% (now 70%) drops it to #2",
        "share avoided above 77% (now 70%) lifts it to #1",
    ]


def test_what_no_thinkable_change_moves_has_no_flip() -> None:
    far = replace(EVEN, revenue=1e12)

    assert flips_of([far, EVEN]) == [None, None]
    assert flips_of([EVEN]) == [None]
    assert smallest_changes([], roi50=np.array([]), cost50=np.array([]), unknowns=[]) == []


def test_problems_worth_nothing_do_not_pass_each_other() -> None:
    nothing = replace(EVEN, revenue=0, support=0)

    assert flips_of([nothing, nothing]) == [None, None]


def test_passing_one_that_is_as_good_as_equal_tells_nothing() -> None:
    near, behind = replace(EVEN, revenue=401_000), replace(EVEN, revenue=260_000)
    problems = [near, EVEN, behind]
    [flip, *_] = smallest_changes(
        ranked(problems),
        roi50=np.array([problem.roi() for problem in problems]),
        cost50=np.array([problem.weeks.likely * problem.week_cost for problem in problems]),
        unknowns=[problem.unknowns() for problem in problems],
        apart=0.05,
    )

    assert flip
    assert flip.rank_after == 3


def test_thousands_that_are_as_good_as_equal_are_looked_through_in_seconds() -> None:
    """Each looks past all the others for one that differs."""
    many = 4_000
    problems = [replace(EVEN, revenue=400_000 + place) for place in range(many)]
    began = time.process_time()
    flips = smallest_changes(
        range(many)[::-1],
        roi50=np.array([problem.roi() for problem in problems]),
        cost50=np.full(many, EVEN.weeks.likely * EVEN.week_cost),
        unknowns=[problem.unknowns() for problem in problems],
        apart=0.05,
    )

    assert flips == [None] * many
    assert time.process_time() - began < 5


def test_among_equals_any_change_flips_and_passes_all_of_them() -> None:
    first, second, third = flips_of([EVEN, EVEN, EVEN])
    assert first and second and third

    assert (first.rank, first.rank_after, first.z) == (1, 3, 0)
    assert (second.rank_after, third.rank_after) == (3, 1)


@pytest.mark.parametrize(
    ("at", "now", "words"),
    [
        (0.0300075, 0.03, "above 3.0008% (now 3.0000%)"),
        (0.031, 0.03, "above 3.1% (now 3.0%)"),
        (0.0211, 0.03, "below 2.1% (now 3.0%)"),
        (0.8, 0.7, "above 80% (now 70%)"),
        (0.9971, 0.7, "above 99.71% (now 70%)"),
        (0.0004, 0.001, "below 0.040% (now 0.10%)"),
        (0.03, 0.03, "above 3.0% (now 3.0%)"),
    ],
)
def test_a_level_has_the_digits_that_tell_it_from_the_present_one(at: float, now: float, words: str) -> None:
    unknown = Unknown(name=LEAVING, quantiles=Range(0, now, 1), kind="chance", coefficient=1)
    flip = Flip(unknown=unknown, at=at, now=now, below=at < now, rank=3, rank_after=2, rank_at_end=2, z=1)

    assert flip_in_words(flip) == f"chance to leave {words} lifts it to #2"


@pytest.mark.parametrize(
    ("at", "now", "words"),
    [
        (4.2, 3, "above 4.2 weeks (now 3)"),
        (4.0, 3, "above 4 weeks (now 3)"),
        (2.96, 3, "below 2.96 weeks (now 3)"),
        (123.4, 90, "above 124 weeks (now 90)"),
    ],
)
def test_an_amount_has_its_unit_and_no_idle_noughts(at: float, now: float, words: str) -> None:
    unknown = Unknown(
        name=EFFORT, quantiles=Range(1, now, 200), kind="amount", coefficient=1, of_cost=True, unit="weeks"
    )
    flip = Flip(unknown=unknown, at=at, now=now, below=at < now, rank=2, rank_after=3, rank_at_end=3, z=1)

    assert flip_in_words(flip) == f"effort {words} drops it to #3"


# -- what is worth finding out ----------------------------------------------------------------------------------


def normal_points(mean: float, deviation: float, points: int = 160) -> Array:
    return np.asarray(mean + deviation * ndtri((np.arange(points) + 0.5) / points))[None, :]


def unit_normal_loss(mean: float, deviation: float) -> float:
    """E max(0, x) - max(0, E x) of a normal x."""
    far = abs(mean) / deviation
    return float(deviation * (norm.pdf(far) - far * norm.sf(far)))


@pytest.mark.parametrize("mean", [-1.5, -0.4, 0.0, 0.4, 1.5])
def test_a_normal_unknown_is_worth_the_unit_normal_loss_integral(mean: float) -> None:
    fine, usual = (
        worth_knowing(
            {"one": normal_points(5 + mean, 1.0, points), "other": normal_points(2, 0.5, points)},
            cost=np.full((1, points), 3.5),
            hurdle=2.0,
        )[0]
        for points in (20_000, 160)
    )

    assert fine == pytest.approx([unit_normal_loss(mean, 1.0), unit_normal_loss(mean, 0.5), 0], rel=2e-3, abs=1e-4)
    assert usual == pytest.approx(fine, rel=0.05, abs=1e-3)


def test_a_normal_effort_is_worth_the_unit_normal_loss_integral_times_the_hurdle() -> None:
    found = worth_knowing({}, cost=normal_points(4, 0.5, 20_000), hurdle=3.0, sure=np.array([12.6]))

    assert found[0, 0] == pytest.approx(3 * unit_normal_loss(0.2, 0.5), rel=2e-3)


CHANCE, WEEKS, SHARE = Range(0.01, 0.03, 0.08), Range(1, 3, 8), Range(0.4, 0.7, 0.9)


def at_points(quantiles: Range, level: Callable[[Range, Array], NDArray[np.floating]], *, money: float) -> Array:
    return np.asarray(money * level(quantiles, GRID_Z), dtype=np.float64)[None, :]


@pytest.mark.parametrize("hurdle", [1.0, 1.3, 2.0])
def test_what_knowing_is_worth_agrees_with_a_nested_simulation(hurdle: float) -> None:
    revenue, support, week_cost, sure = 400_000.0, 9_000.0, 4_000.0, 500.0
    found = worth_knowing(
        {
            LEAVING: at_points(CHANCE, chances_at, money=revenue),
            AVOIDED: at_points(SHARE, chances_at, money=support),
        },
        cost=at_points(WEEKS, amounts_at, money=week_cost),
        hurdle=hurdle,
        sure=np.array([sure]),
    )[0]
    random = np.random.default_rng(8)

    def net(z: Array) -> Array:
        kept, saved = revenue * chances_at(CHANCE, z[0]), support * chances_at(SHARE, z[1])
        return np.asarray(kept + saved + sure - hurdle * week_cost * amounts_at(WEEKS, z[2]))

    whole = net(random.standard_normal((3, 1_000_000))).mean()
    for unknown, ours in enumerate(found):
        z = random.standard_normal((3, 2_000, 1_000))
        z[unknown] = random.standard_normal(2_000)[:, None]
        other_way = np.maximum(-np.sign(whole) * net(z).mean(axis=1), 0)
        noise = float(other_way.std() / len(other_way) ** 0.5)
        assert ours == pytest.approx(float(other_way.mean()), abs=4 * noise + 0.003 * week_cost)


@given(random=seeds, hurdle=st.floats(1, 5))
def test_one_unknown_is_never_worth_more_than_all_of_them(random: Generator, hurdle: float) -> None:
    one, other, cost = random.lognormal(1, 1, (3, 4, 8))
    sure = random.lognormal(0, 1, 4)

    found = worth_knowing({"one": one, "other": other}, cost=cost, hurdle=hurdle, sure=sure)

    every = one[:, :, None, None] + other[:, None, :, None] - hurdle * cost[:, None, None, :]
    net = (every + sure[:, None, None, None]).reshape(4, -1)
    perfect = np.maximum(net, 0).mean(axis=1) - np.maximum(net.mean(axis=1), 0)
    assert found.shape == (4, 3)
    assert np.all(found >= 0)
    assert np.all(found <= perfect[:, None] * (1 + 1e-9) + 1e-9)


def test_knowing_more_is_worth_nothing_where_no_answer_changes_the_decision() -> None:
    values = {"one": np.array([[5.0, 6.0, 7.0], [0.1, 0.2, 0.3]])}

    found = worth_knowing(values, cost=np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), hurdle=1.0)

    assert found.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_the_hurdle_is_the_return_of_the_tenth_and_doing_nothing_is_always_possible() -> None:
    rois = np.random.default_rng(0).permutation(np.arange(12.0))

    assert hurdle_of(rois) == 1 + 2.0
    assert hurdle_of(rois - 5) == 1.0
    assert hurdle_of(rois[:10]) == 1.0
    assert hurdle_of(np.array([])) == 1.0


def test_what_is_worth_finding_out_is_said_with_what_it_decides() -> None:
    assert (
        knowing_in_words(EFFORT, 12_345, "$", cost=12_000, hurdle=2.5)
        == "worth finding out: effort (up to $12k): it decides whether this belongs in the first ten"
    )
    assert (
        knowing_in_words(LEAVING, 900, "EUR", cost=12_000, hurdle=1.0)
        == "worth finding out: chance to leave (up to EUR 900): it decides whether this pays"
    )


def test_what_is_worth_less_than_a_fiftieth_of_the_cost_is_not_said() -> None:
    assert knowing_in_words(EFFORT, 239, "$", cost=12_000, hurdle=2.0) == ""
    assert knowing_in_words(EFFORT, 240, "$", cost=12_000, hurdle=2.0) != ""
    assert knowing_in_words(EFFORT, 0, "$", cost=0, hurdle=2.0) == ""
