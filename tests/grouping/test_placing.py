"""New rows join what they belong to, make groups of their own, or wait; nothing known moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.grouping.placing import continued, place
from insights.grouping.space import unit
from insights.ports import Vectors
from tests.grouping.planted import Places, around, pairs

KNOWN, NEW = 5, 2


def topics(rows_each: int = 30) -> tuple[Vectors, Places]:
    """Rows about seven things: `KNOWN` of which a few rows are known, and `NEW` others."""
    return around(KNOWN + NEW, rows_each=rows_each, spread=0.6)


def split(vectors: Vectors, true: Places) -> tuple[Vectors, Places, Vectors, Places]:
    """Two thirds of the rows of known topics; and the rest, of new topics too."""
    known = (true < KNOWN) & (np.arange(len(true)) % 3 > 0)
    return vectors[known], true[known], vectors[~known], true[~known]


def strangers(rows: int) -> Vectors:
    """Rows in directions of their own, far from the 32 of the topics."""
    return np.eye(rows, 32 + rows, k=32, dtype=np.float32)


def widened(vectors: Vectors, dimensions: int) -> Vectors:
    return np.hstack([vectors, np.zeros((len(vectors), dimensions), np.float32)])


def test_rows_join_what_they_belong_to_and_new_topics_are_new_groups() -> None:
    sample, sampled, rows, true = split(*topics())

    placed = place(rows, sample, sampled)

    assert np.array_equal(placed.labels[true < KNOWN], true[true < KNOWN])
    assert np.array_equal(pairs(placed.labels[true >= KNOWN]), pairs(true[true >= KNOWN]))
    assert set(placed.labels[true >= KNOWN].tolist()) == {KNOWN, KNOWN + 1}


def test_rows_that_are_far_from_everything_wait() -> None:
    sample, sampled, rows, true = split(*topics())

    placed = place(np.vstack([widened(rows, 6), strangers(6)]), widened(sample, 6), sampled)

    assert set(placed.labels[-6:].tolist()) == {-1}
    assert np.array_equal(placed.labels[:-6][true < KNOWN], true[true < KNOWN])


def test_a_new_topic_that_is_far_from_everything_is_a_group() -> None:
    sample, sampled, _, _ = split(*topics())

    placed = place(np.repeat(strangers(2), 4, axis=0), widened(sample, 2), sampled)

    assert np.array_equal(pairs(placed.labels), pairs(np.repeat([0, 1], 4)))
    assert placed.labels.min() >= KNOWN


def test_two_who_say_the_same_are_two_and_one_is_nobody() -> None:
    sample, sampled, _, _ = split(*topics())

    placed = place(strangers(2), widened(sample, 2), sampled, counts=np.array([2, 1]))

    assert placed.labels.tolist() == [KNOWN, -1]


def test_two_who_say_the_same_are_two_where_nothing_is_known_yet() -> None:
    nothing = np.zeros(0, dtype=np.int64)

    assert place(strangers(2), strangers(2)[:0], nothing, counts=np.array([1, 2])).labels.tolist() == [-1, 0]


def test_two_who_say_the_same_are_two_beyond_those_that_are_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insights.grouping.placing.MOST_POOLED", 1)
    sample, sampled, _, _ = split(*topics())

    labels = place(strangers(3), widened(sample, 3), sampled, counts=np.array([1, 2, 2])).labels

    assert labels.tolist() == [-1, KNOWN, KNOWN + 1]


def test_a_row_that_is_next_to_a_group_but_not_like_it_waits() -> None:
    sample, sampled, _, _ = split(*topics())
    beside = unit(widened(sample[:1], 1) + 6 * strangers(1))

    assert place(beside, widened(sample, 1), sampled).labels.tolist() == [-1]


def test_a_group_needs_as_many_as_are_asked_for() -> None:
    sample, sampled, _, _ = split(*topics())
    rows, counts = np.repeat(strangers(3), [4, 5, 1], axis=0), np.append(np.ones(9, dtype=np.int64), 5)

    labels = place(rows, widened(sample, 3), sampled, counts=counts, fewest=5).labels

    assert set(labels[:4].tolist()) == {-1}
    assert np.array_equal(pairs(labels[4:]), pairs(np.array([0] * 5 + [1])))


def test_a_row_joins_no_group_that_it_must_not_be_in() -> None:
    sample, sampled, rows, true = split(*topics())
    barred = np.zeros((len(rows), KNOWN), dtype=bool)
    barred[true == 2, 2] = True
    barred[true == 3] = True

    labels = place(rows, sample, sampled, barred=barred).labels

    assert not (labels[true == 2] == 2).any()
    assert set(labels[true == 3].tolist()) & set(range(KNOWN)) == set()
    assert np.array_equal(labels[true < 2], true[true < 2])


def test_only_rows_that_joined_without_being_near_are_loose() -> None:
    vectors, true = topics()
    sample, sampled, rows, _ = split(vectors, true)
    surely = unit(np.stack([sample[sampled == group].sum(axis=0) for group in range(KNOWN)]))

    placed = place(np.vstack([rows, surely]), sample, sampled)

    assert placed.is_loose.any()
    assert not placed.is_loose[-KNOWN:].any()
    assert ((placed.labels >= 0) & (placed.labels < KNOWN))[placed.is_loose].all()


def test_known_rows_keep_their_groups_however_many_are_new() -> None:
    sample, sampled, rows, _ = split(*topics())
    before, numbers = sample.copy(), sampled.copy()

    labels = place(np.vstack([rows, sample]), sample, sampled).labels[len(rows) :]

    assert np.array_equal(labels, sampled)
    assert np.array_equal(sample, before)
    assert np.array_equal(sampled, numbers)


def test_without_known_groups_all_groups_are_new() -> None:
    vectors, true = around(3, rows_each=12)

    labels = place(vectors, vectors[:0], true[:0]).labels

    assert np.array_equal(pairs(labels), pairs(true))
    assert labels.min() == 0


def test_no_new_rows_change_nothing() -> None:
    sample, sampled, _, _ = split(*topics())

    placed = place(sample[:0], sample, sampled)

    assert (placed.labels.shape, placed.is_loose.shape) == ((0,), (0,))


def test_rows_without_meaning_or_words_wait_however_many_there_are() -> None:
    sample, sampled, _, _ = split(*topics())

    labels = place(np.zeros((3, 32), np.float32), sample, sampled, counts=np.array([4, 1, 1])).labels

    assert labels.tolist() == [-1, -1, -1]


def test_of_many_pooled_rows_some_are_linked_and_the_others_join_or_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    sample, sampled, rows, true = split(*topics())
    monkeypatch.setattr("insights.grouping.placing.MOST_POOLED", 20)

    labels = place(rows, sample, sampled).labels

    joined = (labels >= 0) & (labels < KNOWN)
    assert np.array_equal(labels[joined], true[joined])
    assert joined[true < KNOWN].mean() > 0.8
    assert not joined[true >= KNOWN].any()


def test_the_same_rows_are_placed_in_the_same_way_again() -> None:
    sample, sampled, rows, _ = split(*topics())

    assert np.array_equal(place(rows, sample, sampled).labels, place(rows, sample, sampled).labels)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 25), st.integers(0, 25), st.integers(0, 4), st.integers(0, 10_000))
def test_labels_are_known_groups_or_new_ones_without_gaps_or_none(new: int, known: int, groups: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors = unit(random.normal(size=(new + known, 5)))
    sampled = random.integers(-1, groups, size=known)
    numbers = int(sampled.max(initial=-1)) + 1
    barred = random.random((new, numbers)) < 0.3
    counts = random.integers(1, 3, size=new)

    placed = place(vectors[:new], vectors[new:], sampled, counts=counts, barred=barred)

    labels = placed.labels
    born = np.unique(labels[labels >= numbers])
    joined = (labels >= 0) & (labels < numbers)
    assert np.array_equal(born, numbers + np.arange(len(born)))
    assert np.isin(labels[joined], sampled).all()
    assert not barred[joined, labels[joined]].any()
    assert all(counts[labels == group].sum() >= 2 for group in born)
    assert not placed.is_loose[~joined].any()


def test_a_grouping_that_still_holds_is_continued() -> None:
    vectors, true = around(6, rows_each=20)

    found = continued(vectors, true, groups=6)

    assert np.array_equal(found.labels, true)
    assert found.kept == 1


def test_rows_of_no_group_join_or_make_new_ones_when_a_grouping_is_continued() -> None:
    vectors, true = around(6, rows_each=20)
    known = np.where((true == 5) | (np.arange(len(true)) % 4 == 0), -1, true)

    found = continued(vectors, known, groups=5)

    assert np.array_equal(pairs(found.labels), pairs(true))
    assert np.array_equal(found.labels[true < 5], true[true < 5])


def test_a_group_whose_rows_share_no_link_can_be_continued() -> None:
    vectors, true = around(2, rows_each=6, spread=0.1)
    known = np.full(len(true), -1)
    known[[0, 6]] = 0

    found = continued(vectors, known, groups=1)

    assert np.array_equal(pairs(found.labels), pairs(true))
    assert found.kept == 0.5


def test_of_two_parts_of_a_group_the_larger_keeps_its_number() -> None:
    vectors, true = around(2, rows_each=20)
    kept = np.flatnonzero((true == 1) | (np.arange(len(true)) < 12))
    vectors, true = vectors[kept], true[kept]

    found = continued(vectors, np.zeros_like(true), groups=1)

    assert set(found.labels[true == 1].tolist()) == {0}
    assert set(found.labels[true == 0].tolist()) in ({0}, {found.labels.max()})


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows_can_be_continued(rows: int) -> None:
    found = continued(np.eye(rows, 4, dtype=np.float32), np.arange(rows), groups=rows)

    assert found.labels.tolist() == list(range(rows))


def beside(*, new_rows: int = 40) -> tuple[Vectors, Places]:
    """Rows around five known directions, and new rows around one that lies beside the
    first. Returns vectors, and the known group of each row, -1 of what is new."""
    vectors, true = around(5, rows_each=60, spread=0.8)
    random = np.random.default_rng(4)
    first = unit(vectors[true == 0].sum(axis=0, keepdims=True))
    other = unit(first + 0.6 * unit(random.normal(size=(1, 32))))
    late = unit(other + 0.8 * random.normal(size=(new_rows, 32)) / np.sqrt(32))
    return np.vstack([vectors, late]), np.concatenate([true, np.full(new_rows, -1)])


def test_what_is_new_comes_off_from_the_known_group_beside_it() -> None:
    vectors, known = beside()
    is_new = known < 0

    found = continued(vectors, known, groups=5)

    assert (found.labels[~is_new] == known[~is_new]).mean() > 0.97
    assert (found.labels[is_new] >= 5).mean() > 0.6


def test_new_rows_of_a_known_kind_stay_there_however_many_come() -> None:
    vectors, true = around(4, rows_each=80, spread=0.5)
    known = np.where(np.arange(len(true)) % 80 < 25, true, -1)

    found = continued(vectors, known, groups=4)

    assert (found.labels == true).mean() > 0.95


def test_rows_at_the_edge_join_what_was_found_in_a_sample_of_them_and_are_said_to_be_loose() -> None:
    vectors, true = around(4, rows_each=100, spread=0.8)
    is_sample = np.arange(len(true)) % 2 == 0

    found = place(vectors[~is_sample], vectors[is_sample], true[is_sample], is_sampled=True, fewest=12)

    assert np.array_equal(found.labels, true[~is_sample])
    assert 0.1 < found.is_loose.mean() < 0.35


def test_what_a_sample_did_not_hold_is_new_where_it_is_many_rows() -> None:
    vectors, true = around(5, rows_each=40, spread=0.5)
    is_sample = (true < 4) & (np.arange(len(true)) % 2 == 0)

    found = place(vectors[~is_sample], vectors[is_sample], true[is_sample], is_sampled=True, fewest=12)
    refused = place(vectors[~is_sample], vectors[is_sample], true[is_sample], is_sampled=True, fewest=41)

    assert np.array_equal(found.labels >= 4, true[~is_sample] == 4)
    assert (refused.labels < 4).all()
