"""Put mentions together that state the same problem; the number of groups comes from the mentions.

Pure: arrays and texts in, arrays out. The same rows in another order get the same groups.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Labels
from insights.grouping.features import combine, unit
from insights.grouping.granularity import Choice, choose, silhouettes, sums_of
from insights.ports import Progress, Vectors

LEAST_LIKENESS = 0.05
"""Mean cosine to the rest of the group. Rows drawn at random have 0; of rows that people labelled 1 % have less
than .08."""

FEWEST = 2
"""Distinct rows in a group; one mention, however often it was pasted, is not a problem yet."""

WEAK_SCORE = 0.06
"""A best score below this is what rows without any structure reach."""

FEW_ROWS = 30
"""With fewer distinct rows, groups are a first impression whatever their score."""

STEPS = 4


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of n rows, and how sure they are.

    `labels`: int64, shape (n,), from 0 in order of size; -1 is no group. `similarity`: float32, shape (n,),
    cosine of each row to its group's centroid in the combined space (0 without a group). `score`: mean
    silhouette, -1 to 1. `is_weak`: the rows show little structure. `neighbours` and `resolution`: the settings
    that were chosen.
    """

    labels: Labels
    similarity: NDArray[np.float32]
    score: float
    is_weak: bool
    neighbours: int
    resolution: float


def group(vectors: Vectors, texts: Sequence[str], *, seed: int = 0, progress: Progress | None = None) -> Grouping:
    """Group n rows: `vectors` of any embedder, shape (n, dimensions), and their `texts`.

    Equal texts (but for case and spaces) count once and share their group.
    """
    report = progress or _silent
    first, copies = _distinct(vectors, texts)
    report("group", 1, STEPS)
    combined = combine(np.asarray(vectors)[first], [texts[row] for row in first], seed=seed)
    report("group", 2, STEPS)
    choice = choose(combined, seed=seed)
    report("group", 3, STEPS)
    labels = _by_size(_without_loners(combined, choice.labels), copies)
    result = _grouping(combined, labels, copies=copies, choice=choice)
    report("group", STEPS, STEPS)
    return result


def _silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def _distinct(vectors: Vectors, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One row of each distinct text, ordered by text, and for every row the place of its text in that order.

    Ordered by what rows hold, not where they stand, everything after is the same for any order of the rows.
    """
    keys = [_key(text) for text in texts]
    order = sorted(range(len(keys)), key=lambda row: (keys[row], texts[row], vectors[row].tobytes()))
    places = np.zeros(len(keys), dtype=np.int64)
    first: list[int] = []
    for row in order:
        if not first or keys[row] != keys[first[-1]]:
            first.append(row)
        places[row] = len(first) - 1
    return np.asarray(first, dtype=np.int64), places


def _key(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _without_loners(vectors: Vectors, labels: Labels) -> Labels:
    """Rows that are no more alike to the rest of their group than to any other row have no group."""
    sizes = np.bincount(labels, minlength=1)
    sums = sums_of(vectors, labels, groups=len(sizes))
    lengths = np.einsum("ij,ij->i", vectors, vectors)
    others = np.maximum(sizes[labels] - 1, 1)
    likeness = (np.einsum("ij,ij->i", vectors, sums[labels]) - lengths) / others
    fits = likeness >= LEAST_LIKENESS
    kept = np.bincount(labels[fits], minlength=len(sizes))
    return np.where(fits & (kept[labels] >= FEWEST), labels, -1)


def _by_size(labels: Labels, copies: NDArray[np.int64]) -> Labels:
    """The same groups numbered from the largest, counting copies; equal ones by their first row."""
    found, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
    sizes = np.bincount(numbers[copies], minlength=len(found))
    order = [place for place in np.lexsort((first, -sizes)) if found[place] >= 0]
    renamed = np.full(len(found), -1, dtype=np.int64)
    renamed[order] = np.arange(len(order))
    return renamed[numbers]


def _grouping(combined: Vectors, labels: Labels, *, copies: NDArray[np.int64], choice: Choice) -> Grouping:
    groups = int(labels.max(initial=-1)) + 1
    centroids = unit(sums_of(combined, labels, groups=groups))
    similarity = np.zeros(len(labels), dtype=np.float32)
    kept = labels >= 0
    similarity[kept] = np.einsum("ij,ij->i", combined[kept], centroids[labels[kept]])
    grouped = silhouettes(combined[kept], labels[kept])
    score = float(grouped.mean()) if len(grouped) else 0.0
    return Grouping(
        labels=labels[copies],
        similarity=similarity[copies],
        score=score,
        is_weak=len(labels) < FEW_ROWS or score < WEAK_SCORE,
        neighbours=choice.count,
        resolution=choice.resolution,
    )
