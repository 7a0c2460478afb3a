"""Meaning and words come together for any embedder, any language and hardly any rows, and can be kept."""

import io

import numpy as np
import pytest

from insights.grouping.languages import SMALL_WORDS
from insights.grouping.space import Space, fit, unit
from insights.ports import Vectors
from tests.grouping.planted import Places, around, chance, sentences, word


def in_two_languages() -> tuple[Vectors, list[str], Places, Places]:
    """Rows of three topics; every other is German, and its vector leans where all German ones do."""
    vectors, topics = around(3, rows_each=40)
    german = np.arange(len(topics)) % 2
    lean = np.float32(1.5) * np.eye(1, vectors.shape[1], dtype=np.float32)
    said = ("this is not what we have", "das ist nicht gut und wir warten")
    texts = [f"{said[spoken]} {word(row)}" for row, spoken in enumerate(german.tolist())]
    return unit(vectors + german[:, None] * lean), texts, topics, german


def mean_cosine(rows: Vectors, left: Places, right: Places) -> float:
    """Of all pairs of a row of `left` and one of `right`, both given as masks."""
    return float(np.mean(rows[left.astype(bool)] @ rows[right.astype(bool)].T))


@pytest.mark.parametrize("dimensions", [1, 3, 256])
@pytest.mark.parametrize("rows", [0, 1, 2, 9, 40])
def test_placed_rows_have_length_one_for_any_embedder(rows: int, dimensions: int) -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(rows, dimensions)))
    texts = [f"the printer {word(row)} stopped" for row in range(rows)]

    placed = fit(vectors, texts, seed=0).place(vectors, texts)

    assert placed.dtype == np.float32
    assert len(placed) == rows
    assert np.allclose(np.linalg.norm(placed, axis=1), 1, atol=1e-5)


def test_a_space_of_no_rows_places_rows_by_their_meaning() -> None:
    space = fit(np.zeros((0, 32), np.float32), [], seed=0)
    vectors, _ = around(2, rows_each=4)

    placed = space.place(vectors, ["some words"] * len(vectors))

    assert np.allclose(placed @ placed.T, vectors @ vectors.T, atol=1e-5)


def test_neither_meaning_nor_words_stay_zero() -> None:
    vectors, texts, _ = sentences(3, rows_each=10)
    space = fit(vectors, texts, seed=0)

    assert not space.place(np.zeros((3, 512), np.float32), ["", " ", "!"]).any()
    assert not fit(np.zeros((30, 16), np.float32), [""] * 30, seed=0).place(np.zeros((1, 16), np.float32), [""]).any()


def test_empty_texts_leave_the_meaning() -> None:
    vectors, _ = around(2, rows_each=20)

    placed = fit(vectors, [""] * 40, seed=0).place(vectors, [""] * 40)

    assert np.allclose(np.linalg.norm(placed, axis=1), 1, atol=1e-5)


def test_rows_without_a_vector_are_placed_by_their_words() -> None:
    vectors, texts, topics = sentences(3, rows_each=10)
    space = fit(vectors, texts, seed=0)

    placed = space.place(np.zeros_like(vectors), texts)

    assert mean_cosine(placed, topics == 0, topics == 0) > 0.5
    assert mean_cosine(placed, topics == 0, topics == 1) < 0


def test_words_that_keep_company_bring_rows_nearer() -> None:
    _, texts, topics = sentences(3, rows_each=10)
    vectors, plain = chance(len(texts))

    with_words, without = (fit(vectors, some, seed=0).place(vectors, some) for some in (texts, plain))

    assert mean_cosine(with_words, topics == 0, topics == 0) > mean_cosine(without, topics == 0, topics == 0) + 0.1


def test_words_weigh_less_where_texts_are_long() -> None:
    vectors, texts, _ = sentences(3, rows_each=10)

    short, long = (fit(vectors, [text * times for text in texts], seed=0).word_weight for times in (1, 10))

    assert long < short


def test_a_language_is_no_topic() -> None:
    vectors, texts, topics, german = in_two_languages()

    placed = fit(vectors, texts, seed=0).place(vectors, texts)

    one_language = mean_cosine(placed, (topics == 0) & (german == 1), (topics != 0) & (german == 1))
    one_topic = mean_cosine(placed, (topics == 0) & (german == 1), (topics == 0) & (german == 0))
    assert mean_cosine(vectors, (topics == 0) & (german == 1), (topics != 0) & (german == 1)) > 0.5
    assert one_topic > 0.3
    assert one_language < 0


def test_a_language_of_too_few_rows_has_no_mean_of_its_own() -> None:
    vectors, texts, _, german = in_two_languages()
    few = np.flatnonzero((german == 0) | (np.arange(len(german)) < 18))

    means = fit(vectors[few], [texts[row] for row in few.tolist()], seed=0).means

    assert means.shape == (1 + len(SMALL_WORDS), 32)
    assert means[1].any()
    assert not means[2:].any()


def test_the_same_rows_and_seed_give_the_same_space() -> None:
    vectors, texts, _ = sentences(4, rows_each=15)

    assert fit(vectors, texts, seed=2).to_bytes() == fit(vectors, texts, seed=2).to_bytes()


@pytest.mark.parametrize("rows", [0, 1, 60])
def test_a_stored_space_is_the_same_but_for_digits_of_word_vectors(rows: int) -> None:
    vectors, texts, _ = sentences(4, rows_each=15)
    space = fit(vectors[:rows], texts[:rows], seed=0)

    read = Space.from_bytes(space.to_bytes())

    assert np.allclose(read.word_vectors, space.word_vectors, rtol=1e-3, atol=1e-6)
    assert read.word_vectors.dtype == np.float32
    for name in ("means", "axes", "buckets", "word_mean", "word_weight"):
        assert np.array_equal(getattr(read, name), getattr(space, name))


def test_a_nights_rows_in_a_stored_space_are_where_they_were_at_fit() -> None:
    vectors, texts, _, _ = in_two_languages()
    space = fit(vectors, texts, seed=0)
    at_fit = space.place(vectors, texts)

    tonight = Space.from_bytes(space.to_bytes()).place(vectors[7:19], texts[7:19])

    assert np.allclose(tonight, at_fit[7:19], atol=1e-3)


def test_a_stored_space_holds_no_words() -> None:
    vectors, texts, _ = sentences(4, rows_each=15)
    space = fit(vectors, texts, seed=0)
    assert len(space.buckets)

    with np.load(io.BytesIO(space.to_bytes())) as parts:
        numbers = [parts[name] for name in parts.files]

    assert all(part.dtype.kind in "fi" for part in numbers)
    written = space.to_bytes() + b"".join(part.tobytes() for part in numbers)
    assert not [known for text in texts for known in text.split() if known.encode() in written]


def test_words_that_one_text_alone_has_leave_no_trace() -> None:
    vectors, texts, _ = sentences(4, rows_each=15)
    secret = [*texts[:-1], f"{texts[-1]} hunter"]

    assert np.array_equal(fit(vectors, texts, seed=0).buckets, fit(vectors, secret, seed=0).buckets)


def test_of_many_rows_a_sample_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, texts, topics = sentences(3, rows_each=30)
    whole = fit(vectors, texts, seed=0)

    monkeypatch.setattr("insights.grouping.space.FITTED_ROWS", 45)
    sampled = fit(vectors, texts, seed=0)

    assert sampled.axes.shape[1] < whole.axes.shape[1]
    placed = sampled.place(vectors, texts)
    assert mean_cosine(placed, topics == 0, topics == 0) > 0.4
    assert mean_cosine(placed, topics == 0, topics == 1) < 0
