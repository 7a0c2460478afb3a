"""Is the number of groups right? Found against labelled, on parts of the sets with few and with many labels."""

from collections.abc import Iterator
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.grouping.agreement import SMALLEST_TOLD, ami, counted, numbered, with_own_groups
from benchmarks.grouping.markdown import Cell, Table, publish
from benchmarks.grouping.materials import SIZES, Material, material, single_nlupp
from benchmarks.grouping.sets import banking, saas
from benchmarks.grouping.workbench import Workbench, say

LABELS = (10, 20, 40, 77)
SEEDS = (1, 2, 3)
LOW, HIGH = 0.5, 2.0

COLUMNS = ["set", "embedder", "seed", "rows", "labels", "of 5 or more ", "groups", "of 5 or more"]
COLUMNS += ["groups ÷ labels", "groups of 5 ÷ labels", "outside ½ to 2", "AMI"]


def run(bench: Workbench) -> None:
    table = Table(COLUMNS, decimals={"groups ÷ labels": 2, "groups of 5 ÷ labels": 2})
    ratios: list[tuple[float, float]] = []
    for seed, one in _parts(bench):
        say(f"count: {one.name}, {one.embedder}, {len(one):,} rows")
        measured = bench.insights(one.given(bench))
        if measured is None:
            continue
        labels = one.labelled.labels
        kinds = len(set(labels))
        groups, large = counted(measured.labels)
        ratios.append((groups / kinds, large / kinds))
        told = (seed, len(one), kinds, _large_labels(labels), groups, large, *ratios[-1], _flags(*ratios[-1]))
        table.add(one.name, one.embedder, *told, ami(numbered(labels), with_own_groups(measured.labels)))
    publish("count", table, _summary(ratios), folder=bench.folders.out)


def _parts(bench: Workbench) -> Iterator[tuple[Cell, Material]]:
    for embedder in bench.embedders:
        yield from _of_banking(material(bench, banking(bench.folders.data), embedder=embedder))
        yield None, material(bench, saas(bench.folders.data), embedder=embedder)
        singles = single_nlupp(bench, embedder=embedder)
        yield None, singles
        for domain in sorted(set(singles.labelled.areas)):
            rows = np.flatnonzero(np.array(singles.labelled.areas) == domain)
            yield None, singles.rows(rows, name=f"{singles.name}, {domain}")


def _of_banking(whole: Material) -> Iterator[tuple[int, Material]]:
    """Labels drawn at random, then rows of theirs: all where they have fewer, and these once."""
    for count in LABELS:
        for seed in SEEDS:
            rows = _rows_of(whole, count=count, seed=seed)
            for size in sorted({min(size, len(rows)) for size in SIZES}):
                chosen = np.sort(np.random.default_rng(seed).choice(rows, size=size, replace=False))
                yield seed, whole.rows(chosen)


def _rows_of(whole: Material, *, count: int, seed: int) -> NDArray[np.int64]:
    names = sorted(set(whole.labelled.labels))
    drawn = np.random.default_rng(seed).choice(len(names), size=min(count, len(names)), replace=False)
    chosen = {names[number] for number in drawn}
    return np.flatnonzero([label in chosen for label in whole.labelled.labels])


def _large_labels(labels: list[str]) -> int:
    return int((np.bincount(numbered(labels)) >= SMALLEST_TOLD).sum())


def _flags(ratio: float, of_large: float) -> str:
    outside = [name for name, value in (("all", ratio), ("of 5", of_large)) if not LOW <= value <= HIGH]
    return ", ".join(outside) or "no"


def _summary(ratios: list[tuple[float, float]]) -> str:
    lines = []
    for name, side in (("All groups", [one for one, _ in ratios]), ("Groups of 5 or more", [one for _, one in ratios])):
        outside = sum(not LOW <= ratio <= HIGH for ratio in side)
        if side:
            span = f"{min(side):.2f} to {max(side):.2f}, median {median(side):.2f}"
            lines.append(f"{name} ÷ labels: {span}; {outside} of {len(side)} outside ½ to 2.")
    return "\n".join(lines)
