"""The calls of insights that are measured. Each function here runs in a process of its own.

The rest of the benchmarks knows no function of `insights.grouping` but its scores: a change of the interface changes
this file and `keeping`.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.grouping.measuring import Measured, timed
from insights.ports import Vectors

WARM_ROWS = 50


def measure_grouping(vectors: Path, texts: Path, seed: int) -> Measured:
    """Group rows that are in memory."""
    rows, words = load(vectors, texts)
    labels_of(rows[:WARM_ROWS], words[:WARM_ROWS])
    labels, cost = timed(lambda: labels_of(rows, words, seed=seed))
    return Measured(cost, {"labels": labels})


def measure_large(vectors: Path, texts: Path) -> Measured:
    """Group rows whose vectors stay in their file; reading the texts is not part of the cost."""
    mapped = np.load(vectors, mmap_mode="r")
    words = read_lines(texts)
    labels_of(np.array(mapped[:WARM_ROWS]), words[:WARM_ROWS])
    labels, cost = timed(lambda: group_large(mapped, words))
    return Measured(cost, {"labels": labels})


def measure_k_means(vectors: Path, groups: int) -> Measured:
    """k-means that is told the number of groups: what the vectors hold when that is known."""
    from sklearn.cluster import KMeans

    rows = np.load(vectors)
    KMeans(2, n_init=1, random_state=0).fit(rows[:WARM_ROWS])
    labels, cost = timed(lambda: KMeans(groups, n_init=4, random_state=0).fit_predict(rows))
    return Measured(cost, {"labels": labels.astype(np.int64)})


def labels_of(vectors: Vectors, texts: Sequence[str], *, seed: int = 0) -> NDArray[np.int64]:
    """Group of each row, -1 for none."""
    from insights.grouping.group import group

    return group(vectors, texts, seed=seed).labels


def group_large(vectors: "np.memmap[tuple[int, int], np.dtype[np.float32]]", texts: Sequence[str]) -> NDArray[np.int64]:
    """Group of each row of a million, -1 for none. `vectors` is mapped from its file, not read."""
    return labels_of(vectors, texts)


def load(vectors: Path, texts: Path) -> tuple[Vectors, list[str]]:
    """What `Workbench.given` wrote."""
    words: list[str] = json.loads(texts.read_text(encoding="utf-8"))
    return np.load(vectors), words


def read_lines(texts: Path) -> list[str]:
    """Texts without line breaks, one a line."""
    with texts.open(encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file]
