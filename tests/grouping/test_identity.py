"""Problems keep their identity when everything is grouped afresh, unless something clearly better was found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.grouping.identity import match, regroup
from insights.grouping.space import unit
from tests.grouping.planted import Places, pairs, sentences, word

TONIGHT = st.lists(st.tuples(st.integers(0, 6), st.integers(-1, 6)), max_size=60)


def none_of(rows: Places | list[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """No row was decided on."""
    return np.zeros(len(rows), dtype=bool)


def test_where_nothing_changed_every_row_stays() -> None:
    vectors, texts, true = sentences(6, rows_each=15)
    known = (true + 3) % 6

    found = regroup(vectors, texts, known, fixed=none_of(true))

    assert np.array_equal(found.labels, known)
    assert found.kept == 1
    assert not found.is_weak


def test_without_known_groups_all_are_new() -> None:
    vectors, texts, true = sentences(5, rows_each=12)

    found = regroup(vectors, texts, np.full(len(true), -1), fixed=none_of(true))

    assert np.array_equal(pairs(found.labels), pairs(true))
    assert np.array_equal(np.unique(found.labels), np.arange(5))
    assert found.kept == 1


def test_new_rows_join_what_they_belong_to() -> None:
    vectors, texts, true = sentences(5, rows_each=15)
    known = np.where(np.arange(len(true)) % 3 == 0, -1, true)

    found = regroup(vectors, texts, known, fixed=none_of(true))

    assert np.array_equal(found.labels, true)


def test_a_new_topic_gets_a_new_number() -> None:
    vectors, texts, true = sentences(6, rows_each=15)
    known = np.where(true == 5, -1, true)

    found = regroup(vectors, texts, known, fixed=none_of(true))

    assert np.array_equal(found.labels, true)


def test_rows_that_people_decided_on_keep_their_group() -> None:
    vectors, texts, true = sentences(5, rows_each=15)
    known = true.copy()
    known[::10] = (known[::10] + 1) % 5
    known[5] = -1
    fixed = known != true

    found = regroup(vectors, texts, known, fixed=fixed)

    assert np.array_equal(found.labels[fixed], known[fixed])
    assert np.array_equal(found.labels[~fixed], true[~fixed])


def test_a_grouping_that_made_no_sense_is_replaced() -> None:
    vectors, texts, true = sentences(6, rows_each=15)
    known = np.random.default_rng(0).integers(3, size=len(true))

    found = regroup(vectors, texts, known, fixed=none_of(true))

    assert np.array_equal(pairs(found.labels), pairs(true))
    assert found.kept < 0.5


def test_a_group_of_five_topics_leaves_its_number_to_the_largest() -> None:
    vectors, texts, true = sentences(6, rows_each=20)
    kept = np.flatnonzero((true == 2) | (np.arange(len(true)) % 2 == 0))
    vectors, texts, true = vectors[kept], [texts[row] for row in kept.tolist()], true[kept]
    known = (true == 5).astype(np.int64)

    found = regroup(vectors, texts, known, fixed=none_of(true))

    assert np.array_equal(pairs(found.labels), pairs(true))
    assert set(found.labels[true == 5].tolist()) == {1}
    assert set(found.labels[true == 2].tolist()) == {0}
    assert set(found.labels.tolist()) == set(range(6))


def test_groups_that_are_nearly_as_good_stay_although_others_would_be_better() -> None:
    vectors, texts, true = sentences(6, rows_each=15)
    known = np.minimum(true, 4)

    found = regroup(vectors, texts, known, fixed=none_of(true))

    assert np.array_equal(found.labels, known)


def test_copies_follow_the_row_that_stands_for_them() -> None:
    vectors, texts, true = sentences(4, rows_each=12)
    every, said = np.vstack([vectors, vectors[:9]]), [*texts, *(text.upper() for text in texts[:9])]
    known = np.concatenate([true, np.full(9, -1)])

    found = regroup(every, said, known, fixed=none_of(known))

    assert np.array_equal(found.labels, np.concatenate([true, true[:9]]))
    assert np.array_equal(found.stands[48:], found.stands[:9])
    assert np.array_equal(found.combined[48:], found.combined[:9])


def test_rows_come_back_in_the_space_that_is_stored() -> None:
    vectors, texts, true = sentences(4, rows_each=12)

    found = regroup(vectors, texts, true, fixed=none_of(true))

    assert np.allclose(found.combined, found.space.place(vectors, texts), atol=1e-5)


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
@pytest.mark.parametrize("is_fixed", [True, False])
def test_hardly_any_rows_can_be_grouped_afresh(rows: int, is_fixed: bool) -> None:
    vectors, texts, _ = sentences(1, rows_each=3)
    known = np.array([1, -1, 0])[:rows]

    found = regroup(vectors[:rows], texts[:rows], known, fixed=np.full(rows, is_fixed))

    assert found.labels.shape == (rows,)
    assert found.is_weak
    if is_fixed:
        assert np.array_equal(found.labels, known)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 25), st.integers(0, 4), st.integers(0, 10_000))
def test_any_known_groups_can_be_grouped_afresh(rows: int, groups: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors, texts = unit(random.normal(size=(rows, 6))), [word(int(row)) for row in random.integers(4_000, size=rows)]
    known, fixed = random.integers(-1, groups, size=rows), random.random(rows) < 0.3

    found, again = (regroup(vectors, texts, known, fixed=fixed, seed=seed) for _ in range(2))

    before = int(known.max(initial=-1)) + 1
    born = np.unique(found.labels[found.labels >= before])
    assert np.array_equal(found.labels[fixed], known[fixed])
    assert np.array_equal(born, before + np.arange(len(born)))
    assert found.labels.min(initial=-1) >= -1
    assert np.array_equal(found.labels, again.labels)


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


@given(TONIGHT)
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
