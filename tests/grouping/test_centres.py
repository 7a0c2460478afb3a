"""What is known of groups is enough to place new rows, and says only what is so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.grouping.centres import (
    FEWEST_OF_GROUP,
    attach,
    centres_of,
    nearest_centres,
    stratified,
    told_of,
)
from insights.grouping.space import unit
from insights.ports import Vectors
from tests.grouping.planted import Places, around

STRANGER = unit(np.random.default_rng(99).normal(size=(1, 32)))
NUMBERS = st.lists(st.integers(-1, 6), max_size=40)


def turned(*degrees: float) -> Vectors:
    """Rows in a plane."""
    angles = np.deg2rad(degrees)
    return unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))


def attached(rows: Vectors, known: Vectors, labels: Places) -> list[int]:
    centres = centres_of(known, labels)
    return attach(nearest_centres(rows, centres), centres).tolist()


def test_a_centroid_is_the_direction_of_its_rows() -> None:
    vectors, true = around(3, rows_each=10)

    centres = centres_of(vectors, true)

    assert np.allclose(centres.centroids, unit(np.stack([vectors[true == group].sum(axis=0) for group in range(3)])))
    assert np.allclose(centres.means, np.stack([vectors[true == group].mean(axis=0) for group in range(3)]), atol=1e-6)
    assert centres.sizes.tolist() == [10, 10, 10]


def test_tightness_is_the_mean_cosine_of_two_different_rows() -> None:
    vectors, _ = around(2, rows_each=3)

    found = centres_of(vectors, np.array([0, 0, 0, 1, -1, -1])).tightness

    cosines = vectors @ vectors.T
    assert found == pytest.approx([(cosines[0, 1] + cosines[0, 2] + cosines[1, 2]) / 3, 1], abs=1e-5)


def test_a_fifth_of_a_groups_rows_lie_below_its_floor_and_hardly_any_beyond_its_edge() -> None:
    vectors, true = around(2, rows_each=200)
    centres = centres_of(vectors, true)

    own = np.einsum("ij,ij->i", vectors, centres.centroids[true])

    for group in range(2):
        assert (own[true == group] < centres.floors[group]).sum() == 40
        assert (own[true == group] < centres.edges[group]).sum() == 4


def test_rows_without_a_group_are_left_out_of_centres() -> None:
    vectors, true = around(2, rows_each=10)
    with_stranger = centres_of(np.vstack([vectors, STRANGER]), np.append(true, -1))

    assert np.array_equal(with_stranger.sums, centres_of(vectors, true).sums)
    assert np.array_equal(with_stranger.edges, centres_of(vectors, true).edges)


def test_a_near_row_attaches_and_a_far_one_does_not() -> None:
    vectors, true = around(2, rows_each=20)

    assert attached(np.vstack([centres_of(vectors, true).centroids, STRANGER]), vectors, true) == [0, 1, -1]


def test_nothing_attaches_to_a_number_without_rows() -> None:
    rows = np.eye(2, 4, dtype=np.float32)

    assert attached(rows, rows, np.array([1, -1])) == [1, -1]


def test_without_groups_nothing_is_near() -> None:
    near = nearest_centres(STRANGER, centres_of(np.zeros((0, 32), np.float32), np.zeros(0, np.int64)))

    assert near.groups.tolist() == [[-1, -1]]
    assert not near.cosines.any()
    assert attached(STRANGER, np.zeros((0, 32), np.float32), np.zeros(0, np.int64)) == [-1]


def test_the_two_nearest_groups_are_those_of_the_largest_cosines(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, true = around(6, rows_each=9)
    centres = centres_of(vectors, true)
    monkeypatch.setattr("insights.grouping.centres.BLOCK_ROWS", 10)

    near = nearest_centres(vectors, centres)

    cosines = vectors @ centres.centroids.T
    assert np.array_equal(near.groups, np.argsort(-cosines, axis=1)[:, :2])
    assert np.allclose(near.cosines, -np.sort(-cosines, axis=1)[:, :2], atol=1e-6)


def test_a_row_is_near_no_group_that_it_must_not_be_in() -> None:
    vectors, true = around(3, rows_each=10)
    centres = centres_of(vectors, true)
    barred = np.arange(3) == true[:, None]

    near = nearest_centres(vectors, centres, barred=barred)

    assert not (near.groups == true[:, None]).any()
    assert (near.groups >= 0).all()


def test_where_all_groups_are_barred_none_is_near() -> None:
    vectors, true = around(3, rows_each=10)

    near = nearest_centres(vectors[:2], centres_of(vectors, true), barred=np.ones((2, 3), dtype=bool))

    assert near.groups.tolist() == [[-1, -1], [-1, -1]]
    assert not near.cosines.any()


def test_a_row_is_told_its_own_group_and_the_next_one() -> None:
    vectors = turned(0, 10, 60, 70, 100)

    told = told_of(vectors, np.array([0, 0, 1, 1, 2]), centres_of(vectors, np.array([0, 0, 1, 1, 2])))

    assert told.similarity == pytest.approx(np.cos(np.deg2rad([5, 5, 5, 5, 0])), abs=1e-5)
    assert told.second.tolist() == [1, 1, 2, 2, 1]
    assert told.second_similarity == pytest.approx(np.cos(np.deg2rad([65, 55, 40, 30, 35])), abs=1e-5)


def test_a_row_of_no_group_is_told_the_nearest() -> None:
    vectors = turned(0, 60, 50)

    told = told_of(vectors, np.array([0, 1, -1]), centres_of(vectors, np.array([0, 1, -1])))

    assert told.similarity[2] == 0
    assert told.second[2] == 1
    assert told.second_similarity[2] == pytest.approx(np.cos(np.deg2rad(10)), abs=1e-5)
    assert told.also[2].tolist() == [-1, -1]


def test_beside_an_only_group_there_is_no_next_one() -> None:
    vectors = turned(0, 10, 90)

    told = told_of(vectors, np.array([0, 0, -1]), centres_of(vectors, np.array([0, 0, -1])))

    assert told.second.tolist() == [-1, -1, 0]


def test_a_number_without_rows_is_nobodys_next_group() -> None:
    vectors = turned(0, 180)
    labels = np.array([0, 2])

    told = told_of(vectors, labels, centres_of(vectors, labels))

    assert told.second.tolist() == [2, 0]
    assert told.second_similarity == pytest.approx([-1, -1], abs=1e-5)


def test_nothing_is_told_of_no_rows() -> None:
    told = told_of(
        np.zeros((0, 4), np.float32), np.zeros(0, np.int64), centres_of(np.eye(2, 4, dtype=np.float32), np.arange(2))
    )

    assert (told.second.shape, told.also.shape) == ((0,), (0, 2))


def test_a_row_that_states_two_things_states_the_other_group_too() -> None:
    vectors = unit(np.vstack([np.eye(3), [[1, 0.8, 0]], [[1, 0.8, 0.7]]]))
    labels = np.array([0, 1, 2, 0, 0])
    centres = centres_of(vectors[:3], labels[:3])

    assert told_of(vectors, labels, centres).also.tolist() == [[-1, -1]] * 3 + [[1, -1], [1, 2]]


def test_what_the_own_group_says_already_is_no_further_statement() -> None:
    vectors = turned(0, 20)

    assert told_of(vectors, np.arange(2), centres_of(vectors, np.arange(2))).also.tolist() == [[-1, -1]] * 2


def test_a_rows_own_group_is_never_another_one() -> None:
    centres = centres_of(turned(0, 120, 240), np.arange(3))

    assert told_of(turned(60), np.array([0]), centres).also.tolist() == [[1, -1]]


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 10_000))
def test_other_groups_are_others_each_once_and_come_first(groups: int, dimensions: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors, labels = unit(random.normal(size=(20, dimensions))), random.integers(-1, groups, size=20)

    told = told_of(vectors, labels, centres_of(vectors, labels, groups=groups))

    for own, second, also in zip(labels.tolist(), told.second.tolist(), told.also.tolist(), strict=True):
        others = [group for group in also if group >= 0]
        assert own not in others
        assert own != second or own == -1
        assert len(set(others)) == len(others)
        assert also[: len(others)] == others
        assert own >= 0 or not others


def test_few_rows_are_all_in_the_sample() -> None:
    assert stratified(np.array([0, -1, 1, 0]), count=3).tolist() == [0, 2, 3]


def test_a_sample_holds_first_rows_of_every_group_and_more_of_large_ones() -> None:
    labels = np.repeat([0, 1, 2, -1], [1_000, 3, 200, 50])

    rows = stratified(labels, count=120)

    sizes = np.bincount(labels[rows])
    assert sizes[1] == 3
    assert sizes[0] > sizes[2] >= FEWEST_OF_GROUP
    assert sizes.sum() <= 120
    assert np.array_equal(rows, np.sort(rows))
    assert rows[: sizes[0]].tolist() == list(range(sizes[0]))


@given(NUMBERS, st.integers(1, 50))
def test_a_sample_holds_rows_of_every_group_once_and_of_nothing_else(numbers: list[int], count: int) -> None:
    labels = np.array(numbers, dtype=np.int64)

    rows = stratified(labels, count=count)

    assert np.array_equal(np.unique(labels[rows]), np.unique(labels[labels >= 0]))
    assert len(np.unique(rows)) == len(rows)
