"""Neighbours are the true ones: nearest first, never the row itself, never one that is not alike."""

import numpy as np

from insights.grouping.neighbours import nearest
from tests.grouping.planted import around


def test_neighbours_are_those_with_the_largest_cosine_nearest_first() -> None:
    vectors, _ = around(4, rows_each=15)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)

    found = nearest(vectors, 5)

    assert np.allclose(np.take_along_axis(cosines, found, axis=1), -np.sort(-cosines, axis=1)[:, :5], atol=1e-5)


def test_a_row_is_not_its_own_neighbour_even_among_equals() -> None:
    found = nearest(np.full((50, 4), 0.5, dtype=np.float32), 8)

    assert not (found == np.arange(50)[:, None]).any()


def test_a_row_of_zeros_has_no_neighbours_and_is_nobodys() -> None:
    vectors, _ = around(2, rows_each=10)
    vectors[3] = 0

    found = nearest(vectors, 19)

    assert set(found[3].tolist()) == {-1}
    assert 3 not in found


def test_opposite_rows_are_no_neighbours() -> None:
    assert nearest(np.array([[1, 0], [-1, 0]], dtype=np.float32), 1).tolist() == [[-1], [-1]]


def test_there_are_at_most_as_many_neighbours_as_other_rows() -> None:
    vectors, _ = around(1, rows_each=3)

    assert [nearest(vectors[:rows], 8).shape for rows in range(4)] == [(0, 0), (1, 0), (2, 1), (3, 2)]


def test_blocks_of_rows_do_not_change_the_neighbours() -> None:
    vectors, _ = around(5, rows_each=240)

    found = nearest(vectors, 3)

    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    assert np.allclose(np.take_along_axis(cosines, found, axis=1), -np.sort(-cosines, axis=1)[:, :3], atol=1e-5)
