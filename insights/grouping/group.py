"""Put mentions together that state the same problem; the number of groups comes from the mentions.

Pure: arrays and texts in, arrays out. The same rows in another order get the same groups. Copies count once. Of many
rows a sample is grouped, and the others are placed among what it found, page by page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.grouping.centres import ALSO, Centres, centres_of, nearest_centres, stratified, told_of, value_of
from insights.grouping.communities import Labels
from insights.grouping.copies import collapse
from insights.grouping.granularity import choose, silhouettes, sums_of
from insights.grouping.placing import FEWEST, FEWEST_OF_MANY, place
from insights.grouping.space import Space, fit
from insights.ports import Progress, Vectors

LEAST_LIKENESS = 0.03
"""Mean cosine to the rest of the group. Rows drawn at random have 0; of rows that people labelled 1 % have less
than .08."""

WEAK_SCORE = 0.06
"""A best score below this is what rows without any structure reach."""

FEW_ROWS = 30
"""With fewer distinct rows, groups are a first impression whatever their score."""

GROUPED_ROWS = 14_000
"""So many distinct rows are grouped as a whole; of more, a sample of this size."""

SHOWN = 3
"""Rows that a sample is expected to hold of a group for the group to be found."""

PAGE_ROWS = 20_000
SAMPLED_ROWS = 8_000
"""Rows of known groups that new rows are compared with."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of n rows, and how sure they are.

    `labels`: int64, shape (n,), from 0 in order of size; -1 is no group. `similarity`: float32, shape (n,), cosine of
    each row to its group's centroid (0 without a group). `second` and `second_similarity`: the next nearest group of
    each row (-1 is none). `also`: int64, shape (n, ALSO): other groups that the row states besides its own; -1 fills
    up. `stands`: the row that each row was grouped as, its own number where it is no copy. `score`: mean
    silhouette, -1 to 1. `is_weak`: the rows show little structure. `neighbours` (0: average linkage) and `fineness`
    were chosen.
    """

    labels: Labels
    similarity: NDArray[np.float32]
    second: Labels
    second_similarity: NDArray[np.float32]
    also: Labels
    stands: NDArray[np.int64]
    score: float
    is_weak: bool
    neighbours: int
    fineness: float
    space: Space


def group(vectors: Vectors, texts: Sequence[str], *, seed: int = 0, progress: Progress | None = None) -> Grouping:
    """Group n rows: `vectors` of any embedder, shape (n, dimensions), a memory map if there are many, and their
    `texts`."""
    report = progress or _silent
    stands, copies = collapse(texts)
    rows = _Rows(vectors, texts, stands)
    drawn = _drawn(len(stands), seed=seed)
    space = fit(*rows.at(drawn), seed=seed)
    sample = space.place(*rows.at(drawn))
    report("group", len(drawn) // 2, len(stands))
    choice = choose(sample, seed=seed)
    counts = np.bincount(copies, minlength=len(stands))
    fitted = compact(without_loners(sample, choice.labels, counts[drawn]))
    report("group", len(drawn), len(stands))
    found = _Found.empty(len(stands))
    found.write(drawn, sample, fitted, centres=centres_of(sample, fitted))
    _place_rest(found, rows, drawn, counts=counts, space=space, known=_Known(sample, fitted), report=report)
    order = _by_size(found.labels, copies)
    score = _score(sample, fitted)
    return Grouping(
        labels=_renamed(found.labels, order)[copies],
        similarity=found.similarity[copies],
        second=_renamed(found.second, order)[copies],
        second_similarity=found.second_similarity[copies],
        also=_renamed(found.also, order)[copies],
        stands=stands[copies],
        score=score,
        is_weak=len(stands) < FEW_ROWS or score < WEAK_SCORE,
        neighbours=choice.neighbours,
        fineness=choice.fineness,
        space=space,
    )


def _silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that stand for their copies, read as they are needed."""

    vectors: Vectors
    texts: Sequence[str]
    stands: NDArray[np.int64]

    def at(self, places: NDArray[np.int64]) -> tuple[Vectors, list[str]]:
        rows = self.stands[places]
        return np.asarray(self.vectors[rows], dtype=np.float32), [self.texts[row] for row in rows.tolist()]


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of each stand-in so far, as in `Grouping`."""

    labels: Labels
    similarity: NDArray[np.float32]
    second: Labels
    second_similarity: NDArray[np.float32]
    also: Labels

    @classmethod
    def empty(cls, rows: int) -> "_Found":
        none, zeros = np.full(rows, -1, dtype=np.int64), np.zeros(rows, dtype=np.float32)
        return cls(none, zeros, none.copy(), zeros.copy(), np.full((rows, ALSO), -1))

    def write(self, places: NDArray[np.int64], vectors: Vectors, labels: Labels, *, centres: Centres) -> None:
        told = told_of(vectors, labels, centres)
        self.labels[places], self.similarity[places] = labels, told.similarity
        self.second[places], self.second_similarity[places] = told.second, told.second_similarity
        self.also[places] = told.also


@dataclass(frozen=True, slots=True)
class _Known:
    """Rows of known groups that new ones are compared with."""

    sample: Vectors
    labels: Labels

    def thinned(self) -> "_Known":
        some = stratified(self.labels, count=SAMPLED_ROWS)
        return _Known(self.sample[some], self.labels[some])

    def with_rows(self, vectors: Vectors, labels: Labels) -> "_Known":
        return _Known(np.vstack([self.sample, vectors]), np.concatenate([self.labels, labels]))


def fewest_beyond(sampled: int, *, rows: int) -> int:
    """Rows that make a group among `rows` of which so many were sampled and grouped: one that the sample should have
    shown by several rows, and did not."""
    return max(FEWEST_OF_MANY, round(SHOWN * rows / max(sampled, 1)))


def _drawn(rows: int, *, seed: int) -> NDArray[np.int64]:
    if rows <= GROUPED_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, size=GROUPED_ROWS, replace=False))


def _place_rest(
    found: _Found,
    rows: _Rows,
    drawn: NDArray[np.int64],
    *,
    counts: NDArray[np.int64],
    space: Space,
    known: _Known,
    report: Progress,
) -> None:
    """Place the rows that were not drawn, a page at a time; what one page has found is known to the next."""
    rest = np.setdiff1d(np.arange(len(found.labels)), drawn, assume_unique=True)
    fewest = fewest_beyond(len(drawn), rows=len(found.labels))
    for start in range(0, len(rest), PAGE_ROWS):
        page = rest[start : start + PAGE_ROWS]
        combined = space.place(*rows.at(page))
        known = known.thinned()
        placed = place(combined, known.sample, known.labels, counts=counts[page], fewest=fewest, is_sampled=True)
        labels = placed.labels
        known = known.with_rows(combined, labels)
        found.write(page, combined, labels, centres=centres_of(known.sample, known.labels))
        report("group", len(drawn) + start + len(page), len(found.labels))


def without_loners(vectors: Vectors, labels: Labels, counts: NDArray[np.int64], *, known: int = 0) -> Labels:
    """Rows that are no more alike to the rest of their group than to any other row leave it: those that stand for
    several (`counts`) for a group of their own, numbered from `known` on, the others for none; so do rows alone."""
    place = np.unique(labels, return_inverse=True)[1]
    sizes = np.bincount(place, minlength=1)
    sums = sums_of(vectors, place, groups=len(sizes))
    lengths = np.einsum("ij,ij->i", vectors, vectors)
    counts = np.where(lengths > 0, counts, 0)  # rows without meaning or words say nothing, however many
    others = np.maximum(sizes[place] - 1, 1)
    likeness = (np.einsum("ij,ij->i", vectors, sums[place]) - lengths) / others
    fits = ((likeness >= LEAST_LIKENESS) | (sizes[place] == 1)) & (labels >= 0)
    kept = np.bincount(place[fits], weights=counts[fits], minlength=len(sizes))
    found = np.where(fits & (kept[place] >= FEWEST), labels, -1)
    alone = np.flatnonzero((found < 0) & (counts >= FEWEST) & (labels >= 0))
    found[alone] = max(known, int(labels.max(initial=-1)) + 1) + np.arange(len(alone))
    return _at_the_edge(vectors, found)


def _at_the_edge(vectors: Vectors, labels: Labels) -> Labels:
    """Rows of no group still belong where the outermost rows of a group are."""
    rest = np.flatnonzero(labels < 0)
    if not len(rest) or len(rest) == len(labels):
        return labels
    centres = centres_of(vectors, labels)
    near = nearest_centres(vectors[rest], centres)
    found = labels.copy()
    found[rest] = np.where(near.similarity >= value_of(centres.edges, near.first), near.first, -1)
    return found


def compact(labels: Labels) -> Labels:
    """The same groups numbered from 0 without gaps; -1 stays."""
    found = np.unique(labels[labels >= 0])
    return np.where(labels >= 0, np.searchsorted(found, labels), -1).astype(np.int64)


def _by_size(labels: Labels, copies: NDArray[np.int64]) -> NDArray[np.int64]:
    """The new number of each group, from the largest, counting copies; equal ones by their first row."""
    groups = int(labels.max(initial=-1)) + 1
    counted = labels[copies]
    sizes = np.bincount(counted[counted >= 0], minlength=groups)
    first = np.full(groups, len(labels))
    kept = np.flatnonzero(labels >= 0)
    np.minimum.at(first, labels[kept], kept)
    order = np.lexsort((first, -sizes))
    numbers = np.empty(groups, dtype=np.int64)
    numbers[order] = np.arange(groups)
    return numbers


def _renamed(labels: Labels, numbers: NDArray[np.int64]) -> Labels:
    if not len(numbers):
        return labels
    return np.where(labels >= 0, numbers[labels], -1).astype(np.int64)


def _score(vectors: Vectors, labels: Labels) -> float:
    grouped = silhouettes(vectors[labels >= 0], labels[labels >= 0]) if (labels >= 0).any() else np.zeros(0)
    return float(grouped.mean()) if len(grouped) else 0.0
