"""A problem falls into the parts that its own rows bear out, whatever their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.grouping.parts import parts_of
from insights.grouping.space import unit
from tests.grouping.planted import around, pairs


def test_planted_parts_are_found() -> None:
    vectors, true = around(5, rows_each=6)

    assert np.array_equal(pairs(parts_of(vectors)), pairs(true))


def test_a_part_of_two_is_found_beside_a_large_one_and_numbered_after_it() -> None:
    vectors, true = around(2, rows_each=30)
    few = np.r_[0:30, 30:32]

    assert parts_of(vectors[few]).tolist() == true[few].tolist()


def test_what_is_one_stays_one() -> None:
    vectors, _ = around(1, rows_each=40)

    assert parts_of(vectors).tolist() == [0] * 40


def test_a_row_alone_has_no_part_unless_it_stands_for_several() -> None:
    vectors, true = around(2, rows_each=4)
    rows = np.zeros((9, 33), dtype=np.float32)
    rows[:8, :32], rows[8, 32] = vectors, 1

    assert np.array_equal(pairs(parts_of(rows)), pairs(np.r_[true, -1]))
    assert parts_of(rows, counts=np.array([1] * 8 + [3]))[-1] == 2


@pytest.mark.parametrize("rows", range(4))
def test_few_rows_are_no_special_case(rows: int) -> None:
    labels = parts_of(np.eye(4, dtype=np.float32)[:rows])

    assert labels.tolist() == [0] * rows


@given(st.integers(0, 40), st.integers(0, 1_000))
def test_another_order_of_rows_gives_the_same_parts(rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors = unit(np.abs(random.normal(size=(rows, 6))))
    order = random.permutation(rows)

    assert np.array_equal(parts_of(vectors[order]), parts_of(vectors)[order])


@given(st.integers(1, 30), st.integers(0, 1_000))
def test_parts_are_numbered_by_size_without_gaps(rows: int, seed: int) -> None:
    labels = parts_of(unit(np.random.default_rng(seed).normal(size=(rows, 4))))

    sizes = np.bincount(labels[labels >= 0])
    assert (sizes >= min(rows, 2)).all()
    assert (np.diff(sizes) <= 0).all()
