"""Neighbours are the true ones, links weigh what is shared, and a cut follows the structure."""

import numpy as np
import pytest
from insights.grouping.features import unit

from insights.grouping.communities import communities, graph_of
from insights.grouping.granularity import choose, silhouettes
from insights.grouping.neighbours import nearest
from insights.ports import Vectors


def around(groups: int, *, rows_each: int, seed: int = 0) -> tuple[Vectors, list[int]]:
    random = np.random.default_rng(seed)
    centres = unit(random.normal(size=(groups, 32)).astype(np.float32))
    true = np.repeat(np.arange(groups), rows_each)
    return unit(centres[true] + random.normal(size=(len(true), 32)).astype(np.float32) / 12), true.tolist()


def test_neighbours_are_those_with_the_largest_cosine() -> None:
    vectors, _ = around(4, rows_each=15)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)

    found = nearest(vectors, 5, seed=0)

    assert np.allclose(np.take_along_axis(cosines, found, axis=1), -np.sort(-cosines, axis=1)[:, :5], atol=1e-5)


def test_a_row_is_not_its_own_neighbour_even_among_equals() -> None:
    found = nearest(np.full((50, 4), 0.5, dtype=np.float32), 8, seed=0)

    assert not (found == np.arange(50)[:, None]).any()


def test_a_row_of_zeros_has_no_neighbours() -> None:
    vectors, _ = around(2, rows_each=10)
    vectors[3] = 0

    assert set(nearest(vectors, 4, seed=0)[3].tolist()) == {-1}


def test_cells_find_nearly_all_neighbours_and_the_same_ones_again() -> None:
    vectors, _ = around(40, rows_each=50)
    exact = nearest(vectors, 10, seed=0)

    found = nearest(vectors, 10, seed=0, exact_rows=0)

    shared = [len(set(left) & set(right)) for left, right in zip(exact.tolist(), found.tolist(), strict=True)]
    assert np.mean(shared) > 9
    assert np.array_equal(found, nearest(vectors, 10, seed=0, exact_rows=0))


def test_links_weigh_the_share_of_common_neighbours() -> None:
    graph = graph_of(np.array([[1], [0], [0]]), count=1)

    weights = {(left, right): weight for left, right, weight in graph.links}

    assert weights == {("0", "1"): pytest.approx(1), ("0", "2"): pytest.approx(1 / 3)}


def test_a_row_without_links_is_alone() -> None:
    labels = communities(graph_of(np.array([[1], [0], [-1]]), count=1), resolution=1, seed=0)

    assert labels[0] == labels[1] != labels[2]


def test_a_finer_resolution_gives_more_communities() -> None:
    vectors, _ = around(10, rows_each=20)
    graph = graph_of(nearest(vectors, 8, seed=0), count=8)

    coarse, fine = (communities(graph, resolution=value, seed=0).max() for value in (0.25, 16))

    assert coarse < fine


def test_silhouettes_agree_with_their_definition() -> None:
    from sklearn.metrics import silhouette_samples

    vectors, true = around(4, rows_each=12)

    found = silhouettes(vectors, np.array(true))

    assert np.allclose(found, silhouette_samples(vectors, true, metric="cosine"), atol=1e-4)


def test_the_planted_number_of_groups_is_chosen() -> None:
    vectors, true = around(12, rows_each=25)

    assert choose(vectors, seed=0).groups == len(set(true))


def test_many_rows_are_cut_as_finely_as_their_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insights.grouping.granularity.CHOICE_ROWS", 300)
    vectors, true = around(12, rows_each=100)

    chosen = choose(vectors, seed=0)

    assert len(chosen.labels) == len(true)
    assert 8 <= chosen.groups <= 18
