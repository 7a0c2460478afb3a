"""Links weigh what is shared, and a cut follows the structure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.grouping.communities import communities, graph_of
from insights.grouping.neighbours import nearest
from tests.grouping.planted import around, pairs

SAME = np.ones((3, 1), dtype=np.float32)


def weights(links: list[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    return {(left, right): weight for left, right, weight in links}


def test_a_link_weighs_the_root_of_likeness_times_the_share_of_common_neighbours() -> None:
    alike = graph_of(SAME, np.array([[1], [0], [0]]), count=1)
    half = graph_of(np.array([[1, 0], [0.5, 0.75**0.5]], dtype=np.float32), np.array([[1], [0]]), count=1)

    assert weights(alike.links) == {("0", "1"): pytest.approx(1), ("0", "2"): pytest.approx((1 / 3) ** 0.5)}
    assert weights(half.links) == {("0", "1"): pytest.approx(0.5**0.5)}


def test_rows_that_are_not_alike_have_no_link() -> None:
    assert graph_of(np.eye(2, dtype=np.float32), np.array([[1], [0]]), count=1).links == []


def test_only_the_first_neighbours_count() -> None:
    assert weights(graph_of(SAME, np.array([[1, 2], [0, 2], [-1, -1]]), count=1).links) == {("0", "1"): 1}


def test_each_pair_is_linked_once_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = around(3, rows_each=10)
    neighbours = nearest(vectors, 6)
    whole = graph_of(vectors, neighbours, count=6).links

    monkeypatch.setattr("insights.grouping.communities.BLOCK_ROWS", 7)
    blocks = graph_of(vectors, neighbours, count=6).links

    assert weights(blocks) == pytest.approx(weights(whole))
    assert len(blocks) == len(whole) == len(weights(whole))
    assert all(int(left) < int(right) and 0 < weight <= 1 + 1e-6 for left, right, weight in whole)


def test_a_row_without_links_is_alone() -> None:
    labels = communities(graph_of(SAME, np.array([[1], [0], [-1]]), count=1), resolution=0.5, seed=0)

    assert labels[0] == labels[1] != labels[2]


def test_no_rows_have_no_communities() -> None:
    graph = graph_of(np.zeros((0, 4), np.float32), np.zeros((0, 0), np.int64), count=8)

    assert communities(graph, resolution=1, seed=0).shape == (0,)


def test_planted_groups_are_communities() -> None:
    vectors, true = around(10, rows_each=20)

    found = communities(graph_of(vectors, nearest(vectors, 8), count=8), resolution=0.03, seed=0)

    assert np.array_equal(pairs(found), pairs(true))


def test_a_finer_resolution_gives_more_communities() -> None:
    vectors, _ = around(10, rows_each=20)
    graph = graph_of(vectors, nearest(vectors, 8), count=8)

    coarse, fine = (communities(graph, resolution=value, seed=0).max() for value in (0.001, 0.3))

    assert coarse < fine


@given(st.integers(0, 30), st.integers(0, 50))
def test_communities_are_numbered_from_0_and_the_same_again(rows: int, seed: int) -> None:
    vectors, _ = around(rows, rows_each=1, seed=seed)
    graph = graph_of(vectors, nearest(vectors, 4), count=4)

    found = communities(graph, resolution=0.1, seed=seed)

    assert np.array_equal(np.unique(found), np.arange(found.max(initial=-1) + 1))
    assert np.array_equal(found, communities(graph, resolution=0.1, seed=seed))
