"""What a text means and which words it uses, in one space.

Pure: arrays and texts in, one array out. The embedding carries the meaning, the words carry product names and
error codes that an embedding blurs. Works for any embedder and for any number of rows, also none.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from insights.grouping.languages import languages
from insights.ports import Vectors

MEANING_DIMENSIONS = 128
WORD_DIMENSIONS = 128
WORD_WEIGHT = 0.3
"""Share of the words against 1 for the meaning, in squared length. More helps long narrative texts and harms
short questions."""

FEW_ROWS = 10
"""A mean of fewer rows says nothing about a language as such: it is not taken off."""

FITTED_ROWS = 20_000
"""Rows that the axes are found on; more do not change them."""

VOCABULARY = 50_000


def combine(vectors: Vectors, texts: Sequence[str], *, seed: int) -> Vectors:
    """One vector a row, shape (n, at most 256), of length 1; or 0 where neither meaning nor words are known.

    `vectors` has shape (n, dimensions) from any embedder, `texts` n texts.
    """
    meaning = _meaning(np.asarray(vectors, dtype=np.float32), texts, seed=seed)
    words = _words(texts, seed=seed)
    return unit(np.hstack([meaning, np.float32(np.sqrt(WORD_WEIGHT)) * words]))


def unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """Rows scaled to length 1; rows of (almost) no length become 0."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-6)
    return scaled


def _meaning(vectors: NDArray[np.float32], texts: Sequence[str], *, seed: int) -> Vectors:
    """Principal axes of the vectors, shape (n, at most 128), rows of length 1 or 0."""
    from sklearn.decomposition import PCA

    known = np.flatnonzero(np.linalg.norm(vectors, axis=1) > 0)
    if len(known) < FEW_ROWS or np.ptp(vectors[known], axis=0).max() < 1e-6:
        return unit(vectors)
    centred = _centred(vectors[known], languages([texts[row] for row in known.tolist()]))
    sample = centred[_sample(len(known), seed=seed)]
    axes = min(MEANING_DIMENSIONS, vectors.shape[1], len(sample) - 1)
    fitted = PCA(n_components=axes, random_state=seed).fit(sample)
    found = np.zeros((len(vectors), axes), dtype=np.float32)
    found[known] = fitted.transform(centred)
    return unit(found)


def _centred(vectors: NDArray[np.float32], spoken: NDArray[np.int64]) -> NDArray[np.float32]:
    """Each row less the mean of its language: otherwise German rows make one group, whatever they are about."""
    centred: NDArray[np.float32] = vectors - vectors.mean(axis=0)
    for language in np.unique(spoken[spoken >= 0]):
        rows = spoken == language
        if rows.sum() >= FEW_ROWS:
            centred[rows] -= centred[rows].mean(axis=0)
    return centred


def _words(texts: Sequence[str], *, seed: int) -> Vectors:
    """Latent axes of weighted words, shape (n, at most 128); (n, 1) zeros where no words are shared."""
    from sklearn.decomposition import TruncatedSVD

    counts = _weighted_words(texts)
    axes = min(WORD_DIMENSIONS, counts.shape[0] - 1, counts.shape[1] - 1)
    if axes < 2:
        return np.zeros((len(texts), 1), dtype=np.float32)
    fitted = TruncatedSVD(n_components=axes, random_state=seed)
    with np.errstate(divide="ignore", invalid="ignore"):  # shares of a variance of 0, which are not used
        fitted.fit(counts[_sample(len(texts), seed=seed)])
    return unit(np.asarray(fitted.transform(counts), dtype=np.float32))


def _weighted_words(texts: Sequence[str]) -> csr_matrix:
    """TF-IDF of four-letter pieces of words, shape (n, vocabulary); no columns where no piece is shared.

    Pieces, not words: they see through endings, compounds and typing errors in any language.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    is_small = len(texts) < 3 * FEW_ROWS
    vectorizer = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(4, 4),
        sublinear_tf=True,
        min_df=2 if is_small else 3,
        max_df=1.0 if is_small else 0.1,
        max_features=VOCABULARY,
        dtype=np.float32,
    )
    try:
        return cast("csr_matrix", vectorizer.fit_transform(texts))
    except ValueError:  # scikit-learn's answer to an empty vocabulary, and to no texts at all
        return csr_matrix((len(texts), 0), dtype=np.float32)


def _sample(rows: int, *, seed: int) -> NDArray[np.int64]:
    if rows <= FITTED_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, size=FITTED_ROWS, replace=False))
