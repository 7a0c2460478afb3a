"""Problems keep their id from night to night, and only rows near enough join them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from insights.grouping.features import unit

from insights.grouping.identity import attach, floors_of, match
from insights.grouping.similar import near_pairs

KNOWN_AND_TONIGHT = st.lists(st.tuples(st.integers(0, 6), st.integers(-1, 6)), max_size=60)


def test_ids_survive_other_label_numbers() -> None:
    known = [11, 11, 11, 12, 12, 12, 13, 13]

    assert match(known, np.array([2, 2, 2, 0, 0, 0, 1, 1])) == {2: 11, 0: 12, 1: 13}


def test_a_group_of_new_rows_continues_nothing() -> None:
    assert match([5, 5, 0, 0], np.array([0, 0, 1, 1])) == {0: 5}


def test_a_split_problem_goes_to_its_larger_part() -> None:
    assert match([7] * 10, np.array([0] * 3 + [1] * 7)) == {1: 7}


def test_two_merged_problems_leave_one_id() -> None:
    assert match([1] * 6 + [2] * 4, np.array([0] * 10)) == {0: 1}


def test_a_small_overlap_continues_nothing() -> None:
    assert match([3] * 10 + [0] * 8, np.array([-1] * 8 + [0] * 10)) == {}


def test_nothing_matches_nothing() -> None:
    assert match([], np.array([], dtype=np.int64)) == {}


@given(KNOWN_AND_TONIGHT)
def test_matches_are_one_to_one_and_share_half_of_the_smaller(rows: list[tuple[int, int]]) -> None:
    known = np.array([problem for problem, _ in rows], dtype=np.int64)
    labels = np.array([label for _, label in rows], dtype=np.int64)

    found = match(known, labels)

    assert len(set(found.values())) == len(found)
    for label, problem in found.items():
        shared = ((known == problem) & (labels == label)).sum()
        assert label >= 0
        assert problem > 0
        assert 2 * shared >= min((known == problem).sum(), (labels == label).sum())


def test_a_near_row_attaches_and_a_far_one_stays_unassigned() -> None:
    random = np.random.default_rng(1)
    centres = np.eye(2, 16, dtype=np.float32)
    labels = np.repeat(np.arange(2), 20)
    rows = unit(centres[labels] + random.normal(size=(40, 16)).astype(np.float32) / 20)
    centroids, floors = floors_of(rows, labels)

    index, similarity = attach(
        np.vstack([centres, np.eye(16, dtype=np.float32)[5:6]]), centroids=centroids, floors=floors
    )

    assert index.tolist() == [0, 1, -1]
    assert similarity.dtype == np.float32
    assert similarity[:2].min() > 0.95
    assert similarity[2] < 0.3


def test_a_fifth_of_the_own_rows_lie_below_the_floor() -> None:
    rows = unit(np.random.default_rng(2).normal(size=(100, 8)).astype(np.float32) + 1)
    labels = np.zeros(100, dtype=np.int64)
    centroids, floors = floors_of(rows, labels)

    index, _ = attach(rows, centroids=centroids, floors=floors)

    assert (index < 0).sum() == 20


def test_nothing_attaches_to_a_number_without_rows() -> None:
    centroids, floors = floors_of(np.eye(2, 4, dtype=np.float32), np.array([1, -1]))

    index, _ = attach(np.eye(2, 4, dtype=np.float32), centroids=centroids, floors=floors)

    assert index.tolist() == [1, -1]


def test_without_problems_every_row_stays_unassigned() -> None:
    index, similarity = attach(
        np.eye(3, dtype=np.float32), centroids=np.zeros((0, 3), np.float32), floors=np.zeros(0, np.float32)
    )

    assert index.tolist() == [-1, -1, -1]
    assert similarity.tolist() == [0, 0, 0]


def test_similar_problems_are_listed_nearest_first_without_the_problem_itself() -> None:
    centroids = unit(np.array([[1, 0], [1, 0.1], [1, 0.5], [0, 1]], dtype=np.float32))

    near = near_pairs(centroids, least=0.8)

    assert [[other for other, _ in row] for row in near] == [[1, 2], [0, 2], [1, 0], []]
    assert near[0][0][1] > near[0][1][1] >= 0.8


def test_no_problems_have_no_similar_ones() -> None:
    assert near_pairs(np.zeros((0, 4), np.float32), least=0.5) == []
    assert near_pairs(np.eye(1, 4, dtype=np.float32), least=0.5) == [[]]
