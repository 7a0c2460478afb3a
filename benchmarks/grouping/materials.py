"""The sets that several tables measure on: labelled rows with the vectors of one embedder."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.grouping.long_tail import long_tail
from benchmarks.grouping.sets import Labelled, banking, demo, drawn, nlupp, saas, with_one_label
from benchmarks.grouping.workbench import Given, Workbench
from insights.ports import Vectors

SIZES = (500, 2_000, 10_000)
TAIL_SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Material:
    """Labelled rows, each with one label, and their vectors, shape (n, dimensions)."""

    labelled: Labelled
    vectors: Vectors
    embedder: str

    @property
    def name(self) -> str:
        return self.labelled.name

    def __len__(self) -> int:
        return len(self.labelled.texts)

    def rows(self, chosen: NDArray[np.int64], *, name: str | None = None) -> "Material":
        """The chosen rows, in that order."""
        return Material(self.labelled.rows(chosen, name=name), self.vectors[chosen], self.embedder)

    def given(self, bench: Workbench) -> Given:
        """What a method gets of it: no labels."""
        return bench.given(self.vectors, self.labelled.texts)


def material(bench: Workbench, labelled: Labelled, *, embedder: str) -> Material:
    """All rows of a set."""
    return Material(labelled, bench.vectors(labelled, embedder=embedder), embedder)


def of_quality(bench: Workbench) -> Iterator[Material]:
    """Every set whose rows have one label, in several sizes, for every embedder."""
    for embedder in bench.embedders:
        yield from _sized(material(bench, banking(bench.folders.data), embedder=embedder))
        yield material(bench, saas(bench.folders.data), embedder=embedder)
        yield single_nlupp(bench, embedder=embedder)
        for seed in TAIL_SEEDS:
            yield tail(bench, embedder=embedder, seed=seed)
        more = demo(bench.folders.demo)
        if more:
            yield material(bench, more, embedder=embedder)


def single_nlupp(bench: Workbench, *, embedder: str) -> Material:
    """The rows of nlupp with one label."""
    whole = nlupp(bench.folders.data)
    return material(bench, whole, embedder=embedder).rows(with_one_label(whole))


def tail(bench: Workbench, *, embedder: str, seed: int) -> Material:
    """Rows of all sets, most labels rare."""
    folder = bench.folders.data
    whole = [
        material(bench, labelled, embedder=embedder) for labelled in (banking(folder), saas(folder), nlupp(folder))
    ]
    places = long_tail([one.labelled for one in whole], seed=seed)
    texts = [whole[number].labelled.texts[row] for number, row in places]
    labels = [f"{number} {whole[number].labelled.labels[row]}".replace("|", "+") for number, row in places]
    vectors = np.stack([whole[number].vectors[row] for number, row in places])
    return Material(Labelled(f"long tail {seed}", texts, labels, [""] * len(texts)), vectors, embedder)


def _sized(whole: Material) -> Iterator[Material]:
    for size in SIZES:
        yield whole.rows(drawn(len(whole), size=size))
    yield whole
