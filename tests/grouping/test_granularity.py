"""The number of groups comes from the rows: planted ones are counted, and nothing is made of nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from insights.grouping.granularity import choose, silhouettes, sums_of
from insights.grouping.group import WEAK_SCORE
from insights.grouping.space import unit
from tests.grouping.planted import around, chance, pairs


def test_silhouettes_agree_with_their_definition() -> None:
    vectors, true = around(4, rows_each=12)
    labels = np.where(np.arange(len(true)) % 5 == 0, 0, true)

    assert np.allclose(silhouettes(vectors, labels), silhouette_samples(vectors, labels, metric="cosine"), atol=1e-4)


def test_blocks_of_rows_do_not_change_silhouettes(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, true = around(4, rows_each=12)
    whole = silhouettes(vectors, true)

    monkeypatch.setattr("insights.grouping.granularity.BLOCK_ROWS", 7)

    assert np.allclose(silhouettes(vectors, true), whole, atol=1e-6)


def test_rows_alone_and_rows_of_an_only_group_have_a_silhouette_of_0() -> None:
    vectors, true = around(2, rows_each=6)

    assert not silhouettes(vectors, np.zeros_like(true)).any()
    assert not silhouettes(vectors, np.arange(len(true))).any()
    assert silhouettes(vectors[:0], true[:0]).shape == (0,)


def test_sums_are_those_of_each_groups_rows_and_of_no_others() -> None:
    vectors, _ = around(1, rows_each=4)

    sums = sums_of(vectors, np.array([2, -1, 0, 2]), groups=4)

    assert np.allclose(sums, [vectors[2], vectors[0] * 0, vectors[0] + vectors[3], vectors[0] * 0], atol=1e-6)


@pytest.mark.parametrize("groups", [3, 12])
def test_the_planted_groups_are_chosen(groups: int) -> None:
    vectors, true = around(groups, rows_each=25)

    chosen = choose(vectors, seed=0)

    assert np.array_equal(pairs(chosen.labels), pairs(true))
    assert chosen.groups == groups
    assert chosen.score == pytest.approx(float(silhouettes(vectors, true).mean()), abs=1e-5)


def test_many_small_groups_beside_a_large_one_are_linked() -> None:
    vectors, true = around(46, rows_each=24, spread=0.3)
    kept = np.flatnonzero((true == 0) | (np.arange(len(true)) % 24 < 3))

    chosen = choose(vectors[kept], seed=0)

    assert chosen.is_linked
    assert adjusted_rand_score(true[kept], chosen.labels) > 0.95
    assert chosen.groups == np.sum(np.bincount(chosen.labels) > 1)


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
@pytest.mark.parametrize("known", [True, False])
def test_hardly_any_rows_get_labels_of_their_number(rows: int, known: bool) -> None:
    vectors, _ = around(1, rows_each=3)

    chosen = choose(vectors[:rows] * known, seed=0)

    assert chosen.labels.shape == (rows,)
    assert np.isfinite(chosen.score)


def test_two_alike_are_together_and_two_strangers_are_not() -> None:
    assert choose(np.ones((2, 1), np.float32), seed=0).labels.tolist() == [0, 0]
    assert choose(np.eye(2, dtype=np.float32), seed=0).labels.tolist() == [0, 1]


def test_rows_without_structure_score_less_than_weak() -> None:
    vectors, _ = chance(300)

    assert choose(vectors, seed=0).score < WEAK_SCORE


def test_rows_that_fit_nowhere_better_get_the_least_bad_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insights.grouping.granularity.FEW_ROWS", 0)
    monkeypatch.setattr("insights.grouping.granularity.RESOLUTIONS", (2.0**-13,))
    monkeypatch.setattr("insights.grouping.granularity.TIGHTNESSES", (1.1,))
    angles = np.deg2rad([0, 75, 150])
    arc = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    vectors = unit(np.block([[arc, np.zeros((3, 2))], [np.zeros((3, 2)), arc]]))

    chosen = choose(vectors, seed=0)

    assert chosen.score < 0
    assert chosen.score == pytest.approx(float(silhouettes(vectors, chosen.labels).mean()), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(1, 6), st.integers(0, 10_000))
def test_any_rows_get_labels_from_0_without_gaps_and_the_same_again(rows: int, dimensions: int, seed: int) -> None:
    vectors = unit(np.random.default_rng(seed).normal(size=(rows, dimensions)))

    first, second = choose(vectors, seed=seed), choose(vectors, seed=seed)

    assert np.array_equal(np.unique(first.labels), np.arange(first.labels.max(initial=-1) + 1))
    assert np.array_equal(first.labels, second.labels)


@pytest.mark.parametrize("rows_each", [20, 60, 200])
def test_rows_that_lie_loosely_are_not_split_further_for_being_many(rows_each: int) -> None:
    vectors, true = around(12, rows_each=rows_each, spread=1.0)

    chosen = choose(vectors, seed=0)

    assert 6 <= chosen.groups <= 24
    assert adjusted_rand_score(true, chosen.labels) > 0.8


def test_what_tears_the_nearest_rows_apart_is_not_chosen_for_its_silhouette(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = around(10, rows_each=100, spread=1.6)
    monkeypatch.setattr("insights.grouping.granularity.TIGHTNESSES", (1.1,))
    held = choose(vectors, seed=0)

    monkeypatch.setattr("insights.grouping.granularity.HELD_POWER", 0)
    torn = choose(vectors, seed=0)

    assert torn.score >= held.score
    assert torn.held < held.held
