"""One space for what a text means and which words it uses, fitted once and kept.

Pure: arrays and texts in, arrays out. The embedding carries the meaning; the words, by the company they keep in these
very texts, carry the product's own names that an embedding blurs. What was fitted can be stored, so that a later
night compares like with like. It holds no words, only numbers of hash buckets.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from insights.grouping.languages import SMALL_WORDS, languages
from insights.ports import Vectors

MEANING_DIMENSIONS = 80
WORD_DIMENSIONS = 64
WORD_WEIGHT = 0.45
"""Share of the words against 1 for the meaning, in squared length, where texts are short. In long ones the mean of all
words says little: there it is less, in proportion to the median length."""

SHORT_TEXT = 11
"""Words."""

FEW_ROWS = 10
"""A mean of fewer rows says nothing about a language as such: it is not taken off."""

SMALL_SET = 30
"""With fewer rows a word counts that two of them share; else three. Their vectors stay as they are: taking a mean off
would set rows apart that all say the same."""

FITTED_ROWS = 20_000
"""Rows that the axes are found on; more do not change them."""

BUCKETS = 2**18
VOCABULARY = 20_000
COMMON = 0.3
"""Words in more than this share of the rows keep everybody's company."""


@dataclass(frozen=True, slots=True)
class Space:
    """What `fit` found. `means`: shape (1 + languages, dimensions), the mean of all rows, then of each language (less
    that of all; 0 where few rows speak it). `axes`: (dimensions, m). `buckets`: (words,), ascending. `word_vectors`:
    (words, w), each times its rarity. `word_mean`: (w,). `word_weight`: one number, shape ()."""

    means: NDArray[np.float32]
    axes: NDArray[np.float32]
    buckets: NDArray[np.int64]
    word_vectors: NDArray[np.float32]
    word_mean: NDArray[np.float32]
    word_weight: NDArray[np.float32]

    def place(self, vectors: Vectors, texts: Sequence[str]) -> Vectors:
        """One vector a row, shape (n, m + w), of length 1; or 0 where neither meaning nor words are known."""
        meaning = self._meaning(np.asarray(vectors, dtype=np.float32), texts)
        worded = _worded(_counts(texts), self.buckets, self.word_vectors)
        known = worded.any(axis=1, keepdims=True)  # texts of new words alone must not be alike for that
        words = unit(np.where(known, worded - self.word_mean, 0))
        return unit(np.hstack([meaning, np.sqrt(self.word_weight) * words]))

    def to_bytes(self) -> bytes:
        """For a store; word vectors lose digits that do not matter."""
        file = io.BytesIO()
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        np.savez_compressed(file, **{**parts, "word_vectors": self.word_vectors.astype(np.float16)})
        return file.getvalue()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Space":
        with np.load(io.BytesIO(stored), allow_pickle=False) as parts:
            return cls(
                means=parts["means"],
                axes=parts["axes"],
                buckets=parts["buckets"],
                word_vectors=parts["word_vectors"].astype(np.float32),
                word_mean=parts["word_mean"],
                word_weight=parts["word_weight"],
            )

    def _meaning(self, vectors: NDArray[np.float32], texts: Sequence[str]) -> Vectors:
        known = np.linalg.norm(vectors, axis=1) > 0
        spoken = languages(texts)  # -1 is the last row of the table: no language's mean
        centred = vectors - self.means[0] - np.vstack([self.means[1:], np.zeros_like(self.means[:1])])[spoken]
        return unit(np.where(known[:, None], centred @ self.axes, 0))


def fit(vectors: Vectors, texts: Sequence[str], *, seed: int) -> Space:
    """The space of n rows: `vectors` of any embedder, shape (n, dimensions), and their texts; also of no rows."""
    rows = _sample(len(texts), seed=seed)
    vectors, texts = np.asarray(vectors, dtype=np.float32)[rows], [texts[row] for row in rows.tolist()]
    means, axes = _meaning_axes(vectors, texts, seed=seed)
    buckets, word_vectors = _company(_counts(texts), seed=seed)
    mean = unit(_worded(_counts(texts), buckets, word_vectors)).mean(axis=0) if texts else np.zeros(1)
    lengths = [len(text.split()) for text in texts]
    weight = np.float32(WORD_WEIGHT * min(1.0, SHORT_TEXT / max(float(np.median(lengths)) if lengths else 1.0, 1.0)))
    return Space(means, axes, buckets, word_vectors, np.asarray(mean, dtype=np.float32), np.asarray(weight))


def unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """Rows scaled to length 1; rows of (almost) no length become 0."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-6)
    return scaled


def _meaning_axes(
    vectors: NDArray[np.float32], texts: Sequence[str], *, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Means to take off and principal axes to turn on; as they are where there is nothing to find."""
    from sklearn.decomposition import PCA

    dimensions = vectors.shape[1] if vectors.ndim == 2 else 1
    known = np.flatnonzero(np.linalg.norm(vectors, axis=1) > 0)
    if len(known) < SMALL_SET or np.ptp(vectors[known], axis=0).max() < 1e-6:
        return np.zeros((1 + len(SMALL_WORDS), dimensions), np.float32), np.eye(dimensions, dtype=np.float32)
    means, centred = _centred(vectors[known], languages([texts[row] for row in known.tolist()]))
    axes = min(MEANING_DIMENSIONS, dimensions, len(known) - 1)
    found = PCA(n_components=axes, random_state=seed).fit(centred)
    return means, np.ascontiguousarray(found.components_.T, dtype=np.float32)


def _centred(vectors: NDArray[np.float32], spoken: NDArray[np.int64]) -> tuple[NDArray[np.float32], Vectors]:
    """The mean of each language is taken off: otherwise German rows make one group, whatever they are about."""
    means = np.zeros((1 + len(SMALL_WORDS), vectors.shape[1]), dtype=np.float32)
    means[0] = vectors.mean(axis=0)
    centred = vectors - means[0]
    for language in range(len(SMALL_WORDS)):
        rows = spoken == language
        if rows.sum() >= FEW_ROWS:
            means[1 + language] = centred[rows].mean(axis=0)
            centred[rows] -= means[1 + language]
    return means, centred


def _counts(texts: Sequence[str]) -> csr_matrix:
    """Which hashed words each text holds, shape (n, BUCKETS), ones."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        n_features=BUCKETS,
        alternate_sign=False,
        norm=None,
        binary=True,
        token_pattern=r"\w+",  # noqa: S106 -- a pattern of words
        dtype=np.float32,
    )
    if not len(texts):
        return csr_matrix((0, BUCKETS), dtype=np.float32)
    return cast("csr_matrix", hashing.transform(texts))


def _company(counts: csr_matrix, *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Words by the company they keep: axes of positive pointwise mutual information within a text (Levy and
    Goldberg 2014), times the rarity of the word. Words of which too few are shared have no vectors."""
    frequency = np.asarray(counts.sum(axis=0)).ravel()
    rows = counts.shape[0]
    shared = (frequency >= (2 if rows < SMALL_SET else 3)) & (frequency <= max(COMMON * rows, 2))
    buckets = np.flatnonzero(shared)
    if len(buckets) > VOCABULARY:
        buckets = np.sort(buckets[np.argsort(-frequency[buckets], kind="stable")[:VOCABULARY]])
    if len(buckets) < FEW_ROWS:
        return np.zeros(0, np.int64), np.zeros((0, 1), np.float32)
    information = _mutual_information(counts[:, buckets])
    rarity = np.log(rows / frequency[buckets])
    return buckets.astype(np.int64), (_axes(information, seed=seed) * rarity[:, None]).astype(np.float32)


def _mutual_information(counts: csr_matrix) -> csr_matrix:
    together = (counts.T @ counts).tocoo()
    apart = together.row != together.col
    left, right, times = together.row[apart], together.col[apart], together.data[apart]
    total = np.bincount(left, weights=times, minlength=together.shape[0]) + 1
    information = np.log(times * total.sum() / (total[left] * total[right]))
    positive = information > 0
    return csr_matrix((information[positive], (left[positive], right[positive])), shape=together.shape)


def _axes(information: csr_matrix, *, seed: int) -> Vectors:
    from sklearn.utils.extmath import randomized_svd

    axes = min(WORD_DIMENSIONS, information.shape[0] - 1)
    left, strength, _ = randomized_svd(information, axes, random_state=seed, n_iter=4)
    return unit(left * np.sqrt(strength))


def _worded(counts: csr_matrix, buckets: NDArray[np.int64], word_vectors: NDArray[np.float32]) -> Vectors:
    """The sum of each text's word vectors, of length 1, shape (n, w)."""
    if not len(buckets):
        return np.zeros((counts.shape[0], word_vectors.shape[1]), dtype=np.float32)
    return unit(np.asarray(counts[:, buckets] @ word_vectors))


def _sample(rows: int, *, seed: int) -> NDArray[np.int64]:
    if rows <= FITTED_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, size=FITTED_ROWS, replace=False))
