"""Grouping finds what was planted, says when there is nothing, and does not care for the order of rows."""

from pathlib import Path

import numpy as np
import pytest

from insights.grouping.centres import ALSO
from insights.grouping.copies import collapse
from insights.grouping.group import Grouping, compact, fewest_beyond, group, without_loners
from insights.grouping.space import unit
from insights.ports import Vectors
from tests.grouping.planted import Places, around, chance, pairs, sentences, word


def arrays(found: Grouping) -> list[Places]:
    return [found.labels, found.second, found.also, found.stands]


def same(left: Grouping, right: Grouping) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(arrays(left), arrays(right), strict=True)) and np.array_equal(
        left.similarity, right.similarity
    )


def in_pages(monkeypatch: pytest.MonkeyPatch) -> tuple[Vectors, list[str], Places]:
    """180 rows of which 90 are grouped as a whole, and the others placed in three pages."""
    for name, rows in (("GROUPED_ROWS", 90), ("PAGE_ROWS", 30), ("SAMPLED_ROWS", 60)):
        monkeypatch.setattr(f"insights.grouping.group.{name}", rows)
    return sentences(6, rows_each=30)


def test_planted_groups_are_found() -> None:
    vectors, texts, true = sentences(6, rows_each=25)

    found = group(vectors, texts)

    assert np.array_equal(pairs(found.labels), pairs(true))
    assert not found.is_weak
    assert found.score > 0.3


def test_rows_are_nearer_to_their_own_group_than_to_the_next() -> None:
    vectors, texts, _ = sentences(6, rows_each=25)

    found = group(vectors, texts)

    assert found.similarity.dtype == np.float32
    assert (found.similarity > found.second_similarity).all()
    assert found.similarity.max() <= 1 + 1e-5
    assert (found.second != found.labels).all()


def test_a_row_about_two_things_states_the_other_group_too() -> None:
    vectors, texts, true = sentences(4, rows_each=25)
    both = unit(vectors[:1] + vectors[-1:])

    found = group(np.vstack([vectors, both]), [*texts, f"{texts[0]} {texts[-1]}"])

    homes = {int(found.labels[0]), int(found.labels[len(true) - 1])}
    assert {int(found.labels[-1]), int(found.also[-1, 0])} == homes
    assert found.also.shape == (len(true) + 1, ALSO)


def test_the_order_of_rows_does_not_matter() -> None:
    vectors, texts, _ = sentences(5, rows_each=12)
    vectors = unit(vectors + np.random.default_rng(1).normal(size=vectors.shape) / 30)
    order = np.random.default_rng(9).permutation(len(texts))

    straight = group(vectors, texts)
    mixed = group(vectors[order], [texts[row] for row in order.tolist()])

    assert np.array_equal(mixed.labels, straight.labels[order])
    assert np.array_equal(mixed.similarity, straight.similarity[order])
    assert np.array_equal(order[mixed.stands], straight.stands[order])


def test_the_same_rows_and_seed_give_the_same_groups() -> None:
    vectors, texts = chance(120)

    assert same(group(vectors, texts, seed=4), group(vectors, texts, seed=4))


def test_vectors_may_lie_in_a_file(tmp_path: Path) -> None:
    vectors, texts, _ = sentences(4, rows_each=10)
    np.save(tmp_path / "vectors.npy", vectors)

    mapped: Vectors = np.load(tmp_path / "vectors.npy", mmap_mode="r")

    assert isinstance(mapped, np.memmap)
    assert same(group(mapped, texts), group(vectors, texts))


def test_more_rows_than_are_grouped_at_once_are_placed_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, texts, true = in_pages(monkeypatch)

    found = group(vectors, texts)

    assert found.labels.max() == 5
    assert (found.labels >= 0).mean() > 0.9
    together = pairs(found.labels)
    assert not (together & ~pairs(true)).any()


def test_what_one_page_has_found_is_known_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, true = around(5, rows_each=30)
    texts = [f"{'early' if topic < 3 else 'late'} {word(row)}" for row, topic in enumerate(true.tolist())]
    monkeypatch.setattr("insights.grouping.group.PAGE_ROWS", 20)
    monkeypatch.setattr("insights.grouping.group._drawn", lambda rows, *, seed: np.arange(90))

    found = group(vectors, texts)

    assert not (pairs(found.labels) & ~pairs(true)).any()
    assert found.labels.max() == 4
    assert (found.labels >= 0).mean() > 0.9


def test_pages_do_not_depend_on_the_order_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, texts, _ = in_pages(monkeypatch)
    order = np.random.default_rng(2).permutation(len(texts))

    straight = group(vectors, texts)
    mixed = group(vectors[order], [texts[row] for row in order.tolist()])

    assert np.array_equal(mixed.labels, straight.labels[order])


def test_copies_share_the_group_of_the_row_that_stands_for_them() -> None:
    vectors, texts, _ = sentences(4, rows_each=10)
    shouted = [f"  {text.upper().replace(' ', '  ')}!\n" for text in texts[:10]]

    found = group(np.vstack([vectors, vectors[:10][::-1]]), [*texts, *shouted])

    assert np.array_equal(found.labels[len(texts) :], found.labels[:10])
    assert np.array_equal(found.stands[len(texts) :], found.stands[:10])
    assert np.array_equal(found.stands[found.stands], found.stands)


def test_copies_do_not_change_who_is_together() -> None:
    vectors, texts, _ = sentences(4, rows_each=10)
    copied = np.vstack([vectors, np.repeat(vectors[:1], 40, axis=0)])

    once, often = group(vectors, texts), group(copied, [*texts, *texts[:1] * 40])

    assert np.array_equal(pairs(often.labels[: len(texts)]), pairs(once.labels))
    assert often.labels[0] == 0


def test_labels_run_from_the_largest_group_to_the_smallest() -> None:
    vectors, texts, true = sentences(5, rows_each=16)
    kept = np.flatnonzero((true != 2) | (np.arange(len(true)) % 2 == 0))

    labels = group(vectors[kept], [texts[row] for row in kept.tolist()]).labels

    sizes = np.bincount(labels[labels >= 0])
    assert sizes.tolist() == [16, 16, 16, 16, 8]


def test_rows_without_structure_are_said_to_be_weak() -> None:
    vectors, texts = chance(200)

    found = group(vectors, texts)

    assert found.is_weak
    assert found.score < 0.06


def test_a_first_impression_of_few_rows_is_said_to_be_weak() -> None:
    vectors, texts, true = sentences(3, rows_each=6)

    found = group(vectors, texts)

    assert np.array_equal(pairs(found.labels), pairs(true))
    assert found.is_weak


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 11])
def test_few_rows_get_labels_of_their_number(rows: int) -> None:
    vectors, texts, _ = sentences(3, rows_each=4)
    seen: list[tuple[int, int]] = []

    found = group(vectors[:rows], texts[:rows], progress=lambda _, done, total: seen.append((done, total)))

    assert found.labels.shape == found.similarity.shape == found.second.shape == found.stands.shape == (rows,)
    assert found.labels.dtype == np.int64
    assert seen[-1] == (rows, rows)


def test_one_row_is_no_group() -> None:
    vectors, texts, _ = sentences(1, rows_each=1)

    found = group(vectors, texts)

    assert found.labels.tolist() == [-1]
    assert found.is_weak


def test_two_rows_about_one_thing_are_a_group_and_two_strangers_are_not() -> None:
    vectors, texts, _ = sentences(1, rows_each=2)

    assert group(vectors, texts).labels.tolist() == [0, 0]
    assert group(np.eye(2, 64, dtype=np.float32), ["abcd", "wxyz"]).labels.tolist() == [-1, -1]


def test_two_customers_who_say_the_same_are_a_group() -> None:
    vectors, texts, _ = sentences(4, rows_each=10)
    every = np.vstack([np.hstack([vectors, np.zeros((40, 2), np.float32)]), np.eye(3, 514, k=512, dtype=np.float32)])
    every[-1] = every[-2]

    found = group(every, [*texts, "nobody else", "broken tile", "broken tile"])

    assert found.labels[-2] == found.labels[-1] >= 0
    assert (found.labels[:-2] != found.labels[-1]).all()


def test_identical_vectors_with_different_texts_are_one_group() -> None:
    found = group(np.ones((30, 8), np.float32) / np.float32(np.sqrt(8)), [f"{word(row)} x" for row in range(30)])

    assert set(found.labels.tolist()) == {0}


def test_rows_without_meaning_or_words_have_no_group() -> None:
    vectors, texts, true = sentences(4, rows_each=10)
    padded = np.vstack([vectors, np.zeros((4, 512), np.float32)])

    found = group(padded, [*texts, "", " ", "", "!"])

    assert found.labels[-4:].tolist() == [-1, -1, -1, -1]
    assert np.array_equal(pairs(found.labels[: len(texts)]), pairs(true))


def test_languages_do_not_become_groups() -> None:
    vectors, true = around(6, rows_each=20)
    german = np.arange(len(true)) % 2 == 0
    leaning = unit(vectors + german[:, None] * np.float32(1.5) * np.eye(1, 32, dtype=np.float32))
    said = ("this is not what we have", "das ist nicht gut und wir")
    texts = [f"{said[int(spoken)]} {word(row)}" for row, spoken in enumerate(german.tolist())]

    assert np.array_equal(pairs(group(leaning, texts).labels), pairs(true))


def test_progress_rises_to_its_total(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, texts, _ = in_pages(monkeypatch)
    distinct = len(collapse(texts)[0])
    seen: list[tuple[str, int, int]] = []

    group(vectors, texts, progress=lambda *told: seen.append(told))

    assert len(seen) >= 5
    assert len({(what, total) for what, _, total in seen}) == 1
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert seen[-1][1:] == (distinct, distinct)


def test_a_row_like_no_other_leaves_its_group() -> None:
    vectors = unit(np.array([[1, 0, 0], [1, 0.1, 0], [0, 0, 1], [0, 1, 0]], dtype=np.float32))
    once = np.ones(4, dtype=np.int64)

    assert without_loners(vectors, np.array([0, 0, 0, 1]), once).tolist() == [0, 0, -1, -1]


def test_a_row_where_the_outermost_rows_of_another_group_are_joins_that() -> None:
    vectors = unit(np.array([[1, 0.2, 0], [1, -0.2, 0], [1, 0.1, 0], [0, 0, 1], [0, 0.1, 1]], dtype=np.float32))

    found = without_loners(vectors, np.array([0, 0, 1, 1, 1]), np.ones(5, dtype=np.int64))

    assert found.tolist() == [0, 0, 0, 1, 1]


def test_a_row_that_stands_for_several_is_a_group_of_its_own_where_it_fits_nowhere() -> None:
    vectors = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 0]], dtype=np.float32)
    counts = np.array([1, 1, 2, 2, 2])

    found = without_loners(vectors, np.array([0, 0, 0, 1, 2]), counts, known=7)

    assert found.tolist() == [0, 0, 7, 1, -1]


def test_compact_numbers_have_no_gaps_and_keep_their_order() -> None:
    assert compact(np.array([7, -1, 3, 7, 9])).tolist() == [1, -1, 0, 1, 2]
    assert compact(np.array([], dtype=np.int64)).tolist() == []


@pytest.mark.parametrize(("rows", "fewest"), [(14_001, 5), (28_000, 6), (140_000, 30), (1_000_000, 214)])
def test_beyond_a_sample_a_group_has_as_many_rows_as_the_sample_should_have_shown(rows: int, fewest: int) -> None:
    assert fewest_beyond(14_000, rows=rows) == fewest
