"""Themes over problems: a readable number of them, along the seams, and the same ones the next night."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.grouping import themes
from insights.grouping.communities import Labels
from insights.grouping.space import unit
from insights.grouping.themes import allowed, named, themes_of
from insights.ports import Vectors


def areas(sizes: list[int], *, noise: float = 0.3, seed: int = 0) -> tuple[Vectors, Labels]:
    """Problems around as many directions as there are sizes, and which one each is around."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    middles = np.eye(24, dtype=np.float32)[labels]
    return unit((middles + noise * rng.standard_normal(middles.shape) / 5).astype(np.float32)), labels


def none(count: int) -> Labels:
    return np.zeros(count, dtype=np.int64)


def same(one: Labels, other: Labels) -> bool:
    """The same groups, whatever their numbers."""
    return bool(((one[:, None] == one) == (other[:, None] == other)).all())


def test_themes_follow_the_seams_in_the_data() -> None:
    centroids, labels = areas([9, 7, 6, 8, 6])

    assert same(themes_of(centroids, none(36)), labels)


def test_a_problem_that_is_like_no_other_is_a_theme_of_its_own() -> None:
    centroids, labels = areas([12, 12, 11, 1])

    assert same(themes_of(centroids, none(36)), labels)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 40, 200])
def test_the_number_of_themes_is_about_the_root_of_the_number_of_problems(count: int) -> None:
    rng = np.random.default_rng(1)
    centroids = unit(rng.standard_normal((count, 24)).astype(np.float32))

    found = len(np.unique(themes_of(centroids, none(count))))

    least, most = allowed(count)
    assert least <= found <= most
    assert most <= 15
    assert least >= min(2, count)


@pytest.mark.parametrize(("count", "expected"), [(40, (4, 8)), (200, (8, 15)), (2_500, (30, 50))])
def test_more_themes_than_a_person_reads_come_only_with_very_many_problems(
    count: int, expected: tuple[int, int]
) -> None:
    assert allowed(count) == expected


def test_problems_that_nothing_is_known_of_do_not_stop_it() -> None:
    assert len(themes_of(np.zeros((6, 4), dtype=np.float32), none(6))) == 6


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(0, 9))
def test_themes_are_numbered_from_zero_without_gaps_and_repeatable(count: int, seed: int) -> None:
    centroids = unit(np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float32))

    found = themes_of(centroids, none(count))

    assert np.unique(found).tolist() == list(range(found.max() + 1))
    assert (found == themes_of(centroids, none(count))).all()


def test_more_problems_than_are_compared_in_full_follow_the_same_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    centroids, labels = areas([30, 30, 30, 30, 30, 30, 30, 30])
    monkeypatch.setattr(themes, "COMPARED_IN_FULL", 100)

    found = themes_of(centroids, none(240))

    assert len(np.unique(found)) <= allowed(240)[1]
    assert all(len(np.unique(labels[found == theme])) == 1 for theme in np.unique(found))


# -- from night to night ----------------------------------------------------------------------------------------


def test_themes_stay_and_new_problems_join_the_nearest() -> None:
    centroids, labels = areas([9, 7, 6, 8, 6])
    known = labels + 11
    known[[3, 20]] = 0

    assert same(themes_of(centroids, known), labels)


def test_themes_that_are_much_worse_than_new_ones_are_made_anew() -> None:
    centroids, labels = areas([9, 7, 6, 8, 6])
    mixed = np.arange(36) % 5 + 1

    assert same(themes_of(centroids, mixed), labels)


def test_too_many_themes_for_the_problems_that_are_left_are_made_anew() -> None:
    centroids, _ = areas([8, 8])

    assert len(np.unique(themes_of(centroids, np.arange(16) + 1))) <= allowed(16)[1]


def test_a_theme_keeps_its_id_where_it_keeps_its_problems() -> None:
    known = np.array([7, 7, 7, 4, 4, 4, 0, 0])
    labels = np.array([0, 0, 1, 1, 1, 1, 2, 2])

    assert named(labels, known).tolist() == [7, 7, 4, 4, 4, 4, 0, 0]


def test_an_id_is_given_once() -> None:
    known = np.full(6, 3)
    labels = np.array([0, 0, 0, 0, 1, 1])

    assert named(labels, known).tolist() == [3, 3, 3, 3, 0, 0]
