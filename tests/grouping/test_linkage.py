"""Merging along links gives the tree of average linkage where all are linked, and no larger groups where few are."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from insights.grouping.linkage import LEAST, tree_of
from insights.grouping.neighbours import nearest
from insights.grouping.space import unit
from insights.ports import Vectors
from tests.grouping.planted import around, pairs


def alike(rows: int, *, seed: int) -> Vectors:
    """Rows of which all are alike to some extent, so that all are linked."""
    return unit(np.abs(np.random.default_rng(seed).normal(size=(rows, 6))))


@given(st.integers(2, 16), st.integers(0, 1_000))
def test_where_all_rows_are_linked_the_tree_is_that_of_average_linkage(rows: int, seed: int) -> None:
    vectors = alike(rows, seed=seed)
    expected = linkage(pdist(vectors.astype(np.float64), "cosine"), "average")

    tree = tree_of(vectors, nearest(vectors, rows - 1))

    assert np.allclose(np.sort(1 - tree.likeness), expected[:, 2], atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_a_cut_gives_the_groups_of_average_linkage(seed: int) -> None:
    vectors = alike(14, seed=seed)
    expected = linkage(pdist(vectors.astype(np.float64), "cosine"), "average")
    tree = tree_of(vectors, nearest(vectors, 13))

    for distance in (expected[:-1, 2] + expected[1:, 2]) / 2:
        merged = fcluster(expected, distance, "distance")
        assert np.array_equal(pairs(tree.cut(1 - distance)), pairs(merged))


@given(st.integers(0, 40), st.integers(1, 6), st.integers(0, 1_000))
def test_a_tighter_cut_only_splits_groups(rows: int, count: int, seed: int) -> None:
    vectors = unit(np.random.default_rng(seed).normal(size=(rows, 5)))
    tree = tree_of(vectors, nearest(vectors, count))

    cuts = [pairs(tree.cut(least)) for least in (0, 0.2, 0.4, 0.6, 0.8, 1.1)]

    for loose, tight in pairwise(cuts):
        assert not (tight & ~loose).any()
    assert np.array_equal(cuts[-1], np.eye(rows, dtype=bool))


def test_planted_groups_are_cut_apart() -> None:
    vectors, true = around(8, rows_each=12)

    assert np.array_equal(pairs(tree_of(vectors, nearest(vectors, 8)).cut(0.6)), pairs(true))


def test_rows_are_never_merged_along_no_link() -> None:
    vectors = np.ones((4, 1), dtype=np.float32)

    labels = tree_of(vectors, np.array([[1], [0], [3], [2]])).cut(LEAST)

    assert labels.tolist() == [0, 0, 1, 1]


def test_rows_without_links_are_alone() -> None:
    tree = tree_of(np.ones((3, 2), np.float32), np.full((3, 2), -1))

    assert len(tree.likeness) == 0
    assert tree.cut(0).tolist() == [0, 1, 2]


@pytest.mark.parametrize("rows", [0, 1])
def test_one_row_or_none_has_no_merges(rows: int) -> None:
    vectors = np.ones((rows, 2), np.float32)

    assert tree_of(vectors, nearest(vectors, 5)).cut(0).tolist() == list(range(rows))


def test_linked_rows_that_are_not_alike_stay_apart() -> None:
    assert tree_of(np.eye(2, dtype=np.float32), np.array([[1], [0]])).cut(0).tolist() == [0, 1]


def test_ties_give_the_same_tree_every_time() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32) + 0.5, 6, axis=0)
    neighbours = nearest(unit(vectors), 9)

    first, second = (tree_of(unit(vectors), neighbours) for _ in range(2))

    assert np.array_equal(first.left, second.left)
    assert np.array_equal(first.right, second.right)
    assert np.array_equal(first.likeness, second.likeness)
    assert np.array_equal(pairs(first.cut(0.99)), pairs(np.repeat(np.arange(3), 6)))
