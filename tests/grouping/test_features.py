"""Meaning and words come together for any embedder, any language and hardly any rows."""

import numpy as np
import pytest

from insights.grouping.features import combine, unit
from insights.grouping.languages import languages


@pytest.mark.parametrize("dimensions", [1, 3, 256, 384])
@pytest.mark.parametrize("rows", [0, 1, 2, 9, 40])
def test_rows_have_length_one_for_any_embedder(rows: int, dimensions: int) -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(rows, dimensions)).astype(np.float32))

    combined = combine(vectors, [f"the printer number {row} stopped" for row in range(rows)], seed=0)

    assert combined.dtype == np.float32
    assert len(combined) == rows
    assert np.allclose(np.linalg.norm(combined, axis=1), 1, atol=1e-5)


def test_empty_texts_and_zero_vectors_stay_zero() -> None:
    assert not combine(np.zeros((30, 16), np.float32), [""] * 30, seed=0).any()


def test_empty_texts_leave_the_meaning() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(40, 16)).astype(np.float32))

    assert np.allclose(np.linalg.norm(combine(vectors, [""] * 40, seed=0), axis=1), 1, atol=1e-5)


def test_a_shared_product_name_brings_rows_nearer() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(40, 16)).astype(np.float32))
    plain = [f"{row * 7919:08d}" for row in range(40)]
    named = [f"{text} zebra" if row < 4 else text for row, text in enumerate(plain)]

    before, after = (combine(vectors, texts, seed=0)[:4] for texts in (plain, named))

    assert (after @ after.T).sum() > (before @ before.T).sum()


def test_small_words_tell_the_language() -> None:
    texts = [
        "we do not have the report",
        "wir haben das nicht und es ist",
        "no se puede con los",
        "4711 XZ",
        "",
    ]

    assert languages(texts).tolist() == [0, 1, 2, -1, -1]
