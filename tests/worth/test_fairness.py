"""A group's share of the top is compared with its share of all; low ones are flagged, where there are enough to say."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from insights.worth.fairness import LEAST_RATIO, TOP, Group, Shares, Verdict, shares_of

Array = NDArray[np.float64]
NAMES = ("SMB", "Mid-market", "Enterprise")


def pure(groups: Sequence[int], *, kinds: int = 2) -> Array:
    """Problems of one group each, -1 of an unknown one; shape (problems, kinds + 1)."""
    weights = np.zeros((len(groups), kinds + 1))
    weights[np.arange(len(groups)), groups] = 1.0
    return weights


def mixed(seed: int, problems: int, *, kinds: int = 3, evenness: float = 1.0) -> Array:
    """Problems whose voices are drawn, some of them unknown."""
    return np.random.default_rng(seed).dirichlet([evenness] * (kinds + 1), size=problems)


def by_name(shares: Shares) -> dict[str, Group]:
    return {group.name: group for group in shares.groups}


def looked(weights: Array, order: Sequence[int] | None = None, *, accounts: Sequence[float] = (1, 1)) -> Shares:
    names = ("SMB", "Enterprise", "Mid-market")[: len(accounts)]
    every = range(len(weights)) if order is None else order
    return shares_of(names, weights, accounts=np.array(accounts, dtype=np.float64), order=every)


@given(seed=st.integers(0, 10_000), problems=st.integers(1, 60))
def test_shares_of_the_known_sum_to_one(seed: int, problems: int) -> None:
    shares = looked(mixed(seed, problems), accounts=(5, 3, 2))

    for share in ("top", "problems", "accounts"):
        assert sum(getattr(group, share) for group in shares.groups) == pytest.approx(1.0)
    assert 0 <= shares.unknown_top <= 1


@given(seed=st.integers(0, 10_000), problems=st.integers(12, 60))
def test_a_ratio_lies_in_its_interval_and_chances_are_chances(seed: int, problems: int) -> None:
    for group in looked(mixed(seed, problems, evenness=0.3), accounts=(5, 3, 2)).groups:
        for ratio in (group.to_problems, group.to_accounts):
            assert ratio.value is not None
            assert ratio.low is not None
            assert ratio.high is not None
            assert 0 <= ratio.low <= ratio.value <= ratio.high
        assert 0 < group.chance <= 1


@given(seed=st.integers(0, 10_000))
def test_the_top_and_its_reverse_hold_all_of_twice_as_many_problems(seed: int) -> None:
    weights = mixed(seed, 2 * TOP)
    weights[:, :-1] /= weights[:, :-1].sum(axis=1, keepdims=True)
    weights[:, -1] = 0
    first, last = looked(weights, accounts=(1, 1, 1)), looked(weights, range(2 * TOP)[::-1], accounts=(1, 1, 1))

    for name, group in by_name(first).items():
        assert (group.top + by_name(last)[name].top) / 2 == pytest.approx(group.problems)


def test_an_order_that_knows_no_groups_gives_a_ratio_of_one_on_average() -> None:
    chance, weights = np.random.default_rng(7), mixed(1, 60)

    ratios = [
        [
            by_name(looked(weights, chance.permutation(60).tolist(), accounts=(1, 1, 1)))[n].to_problems.value
            for n in NAMES
        ]
        for _ in range(80)
    ]

    assert np.mean(np.array(ratios, dtype=float), axis=0) == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("evenness", [0.2, 1.0, 5.0])
def test_the_interval_holds_one_at_least_nine_times_in_ten_where_the_order_knows_no_groups(evenness: float) -> None:
    chance, held = np.random.default_rng(3), []
    for seed in range(50):
        shares = looked(mixed(seed, 60, evenness=evenness), chance.permutation(60).tolist(), accounts=(1, 1, 1))
        held += [(g.to_problems.low or 0) <= 1 <= (g.to_problems.high or 0) for g in shares.groups]

    assert np.mean(held) >= 0.9


def test_a_group_that_is_kept_out_of_the_top_is_flagged_and_the_other_is_not() -> None:
    small = by_name(looked(pure([1] * 10 + [0] * 10), accounts=(10, 10)))

    assert small["SMB"].to_problems.verdict is Verdict.BELOW
    assert small["SMB"].is_flagged
    assert small["SMB"].is_clearly_low
    assert small["SMB"].chance < 0.01
    assert small["Enterprise"].to_problems.verdict is Verdict.ENOUGH
    assert not small["Enterprise"].is_flagged


def test_a_ratio_of_exactly_four_fifths_is_not_below() -> None:
    weights = pure([0] * 4 + [1] * 6 + [0] * 6 + [1] * 4)

    group = by_name(looked(weights, accounts=(10, 10)))["SMB"]

    assert group.to_problems.value == pytest.approx(LEAST_RATIO)
    assert not group.is_flagged


def test_who_says_less_than_its_accounts_would_is_flagged_against_accounts_alone() -> None:
    weights = pure([0, 0, *[1] * 8] * 3)

    group = by_name(looked(weights, accounts=(60, 40)))["SMB"]

    assert group.to_problems.verdict is Verdict.ENOUGH
    assert group.to_accounts.verdict is Verdict.BELOW
    assert group.to_accounts.value == pytest.approx(0.2 / 0.6)


def test_a_small_group_is_too_few_to_say() -> None:
    group = by_name(looked(pure([1] * 39 + [0]), accounts=(1, 39)))["SMB"]

    assert group.to_problems.verdict is Verdict.TOO_FEW
    assert group.to_accounts.verdict is Verdict.TOO_FEW
    assert not group.is_flagged


def test_where_all_problems_are_in_the_top_nobody_is_judged() -> None:
    shares = looked(pure([0, 1, 1, 1]), accounts=(90, 10))

    assert shares.top == 4
    assert {group.to_accounts.verdict for group in shares.groups} == {Verdict.TOO_FEW}


def test_unknown_voices_count_for_no_group() -> None:
    half = np.array([[0.25, 0.25, 0.5]] * 20)

    shares = looked(half, accounts=(10, 10))

    assert shares.unknown_top == pytest.approx(0.5)
    assert [group.top for group in shares.groups] == pytest.approx([0.5, 0.5])


def test_where_nobody_is_known_there_is_no_ratio() -> None:
    shares = looked(pure([-1] * 15), accounts=(3, 3))

    assert shares.unknown_problems == 1
    assert all(g.to_problems.value is None and g.to_problems.verdict is Verdict.TOO_FEW for g in shares.groups)


def test_without_groups_there_is_nothing_to_say() -> None:
    assert looked(np.ones((12, 1)), accounts=()).groups == ()


def test_the_largest_group_comes_first_and_the_same_input_gives_the_same_figures() -> None:
    weights = mixed(4, 40)

    assert [g.name for g in looked(weights, accounts=(2, 9, 4)).groups] == ["Enterprise", "Mid-market", "SMB"]
    assert looked(weights, accounts=(2, 9, 4)) == looked(weights, accounts=(2, 9, 4))


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), times=st.integers(2, 4))
def test_more_accounts_in_the_same_proportion_change_no_ratio(seed: int, times: int) -> None:
    weights = mixed(seed, 30)
    few, many = looked(weights, accounts=(4, 3, 2)), looked(weights, accounts=(4 * times, 3 * times, 2 * times))

    assert [g.to_accounts.value for g in few.groups] == pytest.approx([g.to_accounts.value for g in many.groups])
