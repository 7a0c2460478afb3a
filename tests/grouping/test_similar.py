"""Problems that look alike are listed beside each other."""

import numpy as np
import pytest

from insights.grouping.similar import near_pairs
from insights.grouping.space import unit
from tests.grouping.planted import around


def test_similar_problems_are_listed_nearest_first_without_the_problem_itself() -> None:
    centroids = unit(np.array([[1, 0], [1, 0.1], [1, 0.5], [0, 1]], dtype=np.float32))

    near = near_pairs(centroids, least=0.8)

    assert [[other for other, _ in row] for row in near] == [[1, 2], [0, 2], [1, 0], []]
    assert near[0][0][1] > near[0][1][1] >= 0.8


def test_no_more_are_listed_than_asked_for() -> None:
    centroids, _ = around(1, rows_each=12)

    assert {len(row) for row in near_pairs(centroids, least=-1, most=3)} == {3}


def test_no_problems_have_no_similar_ones() -> None:
    assert near_pairs(np.zeros((0, 4), np.float32), least=0.5) == []
    assert near_pairs(np.eye(1, 4, dtype=np.float32), least=0.5) == [[]]


def test_blocks_of_problems_do_not_change_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    centroids, _ = around(4, rows_each=6)
    whole = near_pairs(centroids, least=0.2)

    monkeypatch.setattr("insights.grouping.similar.BLOCK_ROWS", 5)
    blocks = near_pairs(centroids, least=0.2)

    assert [[other for other, _ in row] for row in blocks] == [[other for other, _ in row] for row in whole]
