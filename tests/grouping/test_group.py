"""Grouping finds what was planted, says when there is nothing, and does not care for the order of rows."""

import numpy as np
import pytest
from insights.grouping.features import unit
from numpy.typing import NDArray

from insights.grouping.group import Grouping, group
from insights.ports import Vectors

TOPICS = ("export", "login", "labels", "returns", "webhook", "forecast")


def planted(rows_each: int, *, spread: float = 0.6, seed: int = 0) -> tuple[Vectors, list[str], NDArray[np.int64]]:
    """Rows around six directions of 64, with a text of their own each."""
    random = np.random.default_rng(seed)
    true = np.repeat(np.arange(len(TOPICS)), rows_each)
    centres = unit(random.normal(size=(len(TOPICS), 64)).astype(np.float32))
    noise = random.normal(size=(len(true), 64)).astype(np.float32) / 8
    texts = [f"{TOPICS[topic]} case {row} {random.integers(10**9)}" for row, topic in enumerate(true.tolist())]
    return unit(centres[true] + np.float32(spread) * noise), texts, true


def noise(rows: int) -> tuple[Vectors, list[str]]:
    random = np.random.default_rng(3)
    words = random.integers(10**9, size=(rows, 3))
    return unit(random.normal(size=(rows, 64)).astype(np.float32)), [" ".join(map(str, row)) for row in words]


def pairs(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows are together, whatever the groups are called."""
    together: NDArray[np.bool_] = (labels[:, None] == labels[None, :]) & (labels >= 0)[:, None]
    return together


def same(left: Grouping, right: Grouping) -> bool:
    return bool(np.array_equal(left.labels, right.labels) and np.array_equal(left.similarity, right.similarity))


def test_planted_groups_are_found() -> None:
    vectors, texts, true = planted(30)

    found = group(vectors, texts)

    assert np.array_equal(pairs(found.labels), pairs(true))
    assert not found.is_weak


def test_rows_are_more_alike_to_their_group_than_the_floor_of_chance() -> None:
    vectors, texts, _ = planted(30)

    found = group(vectors, texts)

    assert found.similarity.dtype == np.float32
    assert found.similarity.min() > 0.3
    assert found.similarity.max() <= 1 + 1e-5


def test_order_of_rows_does_not_matter() -> None:
    vectors, texts, _ = planted(20, spread=1.5)
    order = np.random.default_rng(9).permutation(len(texts))

    straight = group(vectors, texts)
    mixed = group(vectors[order], [texts[row] for row in order.tolist()])

    assert np.array_equal(mixed.labels, straight.labels[order])
    assert np.array_equal(mixed.similarity, straight.similarity[order])


def test_same_rows_and_seed_give_the_same_groups() -> None:
    vectors, texts = noise(200)

    assert same(group(vectors, texts, seed=4), group(vectors, texts, seed=4))


def test_equal_texts_but_for_case_and_spaces_share_a_label() -> None:
    vectors, texts, _ = planted(20)
    shouted = [f"  {text.upper().replace(' ', '  ')}\n" for text in texts[:10]]

    found = group(np.vstack([vectors, vectors[:10][::-1]]), [*texts, *shouted])

    assert np.array_equal(found.labels[len(texts) :], found.labels[:10])


def test_copies_do_not_change_who_is_together() -> None:
    vectors, texts, _ = planted(20)
    copied = np.vstack([vectors, np.repeat(vectors[:1], 40, axis=0)])

    once, often = group(vectors, texts), group(copied, [*texts, *texts[:1] * 40])

    assert np.array_equal(pairs(often.labels[: len(texts)]), pairs(once.labels))


def test_labels_run_from_the_largest_group_to_the_smallest() -> None:
    vectors, texts, true = planted(30)
    kept = np.flatnonzero((true != 2) | (np.arange(len(true)) % 2 == 0))

    labels = group(vectors[kept], [texts[row] for row in kept.tolist()]).labels
    sizes = np.bincount(labels[labels >= 0])

    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)
    assert sizes[-1] == 15


def test_noise_is_said_to_have_weak_structure() -> None:
    assert group(*noise(300)).is_weak


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 30])
def test_few_rows_get_labels_of_their_number(rows: int) -> None:
    vectors, texts, _ = planted(5)

    found = group(vectors[:rows], texts[:rows])

    assert found.labels.shape == found.similarity.shape == (rows,)
    assert found.labels.dtype == np.int64


def test_one_row_is_no_group() -> None:
    vectors, texts, _ = planted(1)

    found = group(vectors[:1], texts[:1])

    assert found.labels.tolist() == [-1]
    assert found.is_weak


def test_two_rows_about_one_thing_are_a_group_and_two_strangers_are_not() -> None:
    vectors, texts, _ = planted(2)

    assert group(vectors[:2], texts[:2]).labels.tolist() == [0, 0]
    assert group(np.eye(2, 64, dtype=np.float32), ["abcd", "wxyz"]).labels.tolist() == [-1, -1]


def test_identical_rows_are_one_item_and_no_group() -> None:
    found = group(np.ones((30, 8), np.float32) / np.sqrt(8), ["It is broken"] * 30)

    assert set(found.labels.tolist()) == {-1}


def test_identical_vectors_with_different_texts_are_one_group() -> None:
    found = group(np.ones((30, 8), np.float32) / np.float32(np.sqrt(8)), [f"{row:04d} x" for row in range(30)])

    assert set(found.labels.tolist()) == {0}


def test_rows_without_meaning_or_words_have_no_group() -> None:
    vectors, texts, true = planted(20)
    padded = np.vstack([vectors, np.zeros((3, 64), np.float32)])

    found = group(padded, [*texts, "", " ", "!"])

    assert found.labels[-3:].tolist() == [-1, -1, -1]
    assert np.array_equal(pairs(found.labels[: len(texts)]), pairs(true))


def test_languages_do_not_become_groups() -> None:
    vectors, texts, true = planted(24)
    german = np.arange(len(texts)) % 2 == 0
    shifted = unit(vectors + german[:, None] * np.float32(1.5) * np.eye(1, 64, dtype=np.float32))
    spoken = [
        f"das ist nicht gut und wir {text}" if is_german else f"this is not what we have {text}"
        for text, is_german in zip(texts, german.tolist(), strict=True)
    ]

    found = group(shifted, spoken)

    assert np.array_equal(pairs(found.labels), pairs(true))


def test_progress_reaches_its_total() -> None:
    vectors, texts, _ = planted(10)
    seen: list[tuple[int, int]] = []

    group(vectors, texts, progress=lambda _, done, total: seen.append((done, total)))

    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
