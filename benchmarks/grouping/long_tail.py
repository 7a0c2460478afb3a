"""A set in which most problems are rare: what one firm's feedback of a month looks like.

200 labels whose sizes fall by the law of Zipf and Mandelbrot: a few have 30 to 60 texts, most have 1 to 5. The sets
hold fewer labels than that, so each distinct set of labels of nlupp counts as one label.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.grouping.sets import Labelled

LABELS = 200
SCALE = 104
EXPONENT = 0.87

Place = tuple[int, int]
"""The number of a set, and a row of it."""

RowsByLabel = dict[tuple[int, str], list[Place]]
"""The rows of each label: its key is the number of its set, and its name."""


def sizes() -> NDArray[np.int64]:
    """Texts of each label, the largest first: about 740 in all."""
    ranks = np.arange(2, LABELS + 2)
    return np.maximum(1, np.round(SCALE / ranks**EXPONENT)).astype(np.int64)


def long_tail(sets: Sequence[Labelled], *, seed: int) -> list[Place]:
    """Rows of the sets that make such a set. Raises ValueError where no label is left that is large enough."""
    random = np.random.default_rng(seed)
    free = _drawn_labels(_rows_by_label(sets), last=len(sets) - 1, random=random)
    chosen: list[Place] = []
    for size in sizes().tolist():
        fitting = sorted(label for label, rows in free.items() if len(rows) >= size)
        if not fitting:
            raise ValueError(f"No label has {size} texts left.")
        rows = free.pop(fitting[random.integers(len(fitting))])
        chosen += [rows[place] for place in random.choice(len(rows), size=size, replace=False)]
    return chosen


def _drawn_labels(found: RowsByLabel, *, last: int, random: np.random.Generator) -> RowsByLabel:
    """200 labels: all of the first sets, and of the last one as many as are missing, common ones more likely."""
    kept = {label: rows for label, rows in found.items() if label[0] != last}
    more = sorted(label for label in found if label[0] == last)
    missing = min(max(LABELS - len(kept), 0), len(more))
    if missing:
        shares = np.array([len(found[label]) for label in more], dtype=np.float64)
        places = random.choice(len(more), size=missing, replace=False, p=shares / shares.sum())
        kept |= {more[place]: found[more[place]] for place in places}
    return kept


def _rows_by_label(sets: Sequence[Labelled]) -> RowsByLabel:
    found: RowsByLabel = {}
    for number, labelled in enumerate(sets):
        for row, label in enumerate(labelled.labels):
            if label:
                found.setdefault((number, label), []).append((number, row))
    return found
