"""How much the groups hang on chance: the seed, a fifth of the rows, the order of the rows."""

from collections.abc import Iterator
from itertools import combinations
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.grouping.agreement import Labels, ami, numbered, with_own_groups
from benchmarks.grouping.markdown import Table, publish
from benchmarks.grouping.materials import Material, material
from benchmarks.grouping.sets import banking, drawn, saas
from benchmarks.grouping.workbench import Workbench, say

SEEDS = (0, 1, 2)
SUBSAMPLES = 5
KEPT = 0.8
BANKING_ROWS = 2_000

Run = tuple[NDArray[np.int64], Labels]
"""Rows, and the group of each."""


def run(bench: Workbench) -> None:
    embedder = bench.embedders[-1]
    small = material(bench, saas(bench.folders.data), embedder=embedder)
    large = material(bench, banking(bench.folders.data), embedder=embedder)
    large = large.rows(drawn(len(large), size=BANKING_ROWS))
    repeats = Table(["set", "embedder", "varied", "runs", "AMI min", "AMI median", "alike min", "alike median"])
    orders = Table(["set", "embedder", "rows", "same groups in another order", "differing pairs"])
    for one in (small, large):
        say(f"stability: {one.name}, {embedder}")
        _add(repeats, one, list(_seeds(bench, one)), varied="seed")
        _add(repeats, one, list(_subsamples(bench, one)), varied="four fifths of the rows")
        _compare_orders(bench, one, orders)
    publish("stability", repeats, orders, folder=bench.folders.out)


def _seeds(bench: Workbench, one: Material) -> Iterator[Run]:
    for seed in SEEDS:
        measured = bench.insights(one.given(bench), seed=seed)
        if measured:
            yield np.arange(len(one)), measured.labels


def _subsamples(bench: Workbench, one: Material) -> Iterator[Run]:
    for seed in range(SUBSAMPLES):
        rows = drawn(len(one), size=round(KEPT * len(one)), seed=seed)
        measured = bench.insights(one.rows(rows).given(bench))
        if measured:
            yield rows, measured.labels


def _add(table: Table, one: Material, runs: list[Run], *, varied: str) -> None:
    if not runs:
        return
    true = numbered(one.labelled.labels)
    scores = [ami(true[rows], with_own_groups(labels)) for rows, labels in runs]
    alike = [_alike(left, right) for left, right in combinations(runs, 2)] or [1.0]
    table.add(one.name, one.embedder, varied, len(runs), min(scores), median(scores), min(alike), median(alike))


def _alike(left: Run, right: Run) -> float:
    """AMI of two runs on the rows that both had."""
    _, first, second = np.intersect1d(left[0], right[0], return_indices=True)
    return ami(with_own_groups(left[1][first]), with_own_groups(right[1][second]))


def _compare_orders(bench: Workbench, one: Material, table: Table) -> None:
    """The same rows shuffled: every pair that is together in one run is together in the other."""
    order = np.random.default_rng(3).permutation(len(one))
    plain, shuffled = bench.insights(one.given(bench)), bench.insights(one.rows(order).given(bench))
    if plain is None or shuffled is None:
        return
    back = np.empty(len(order), dtype=np.int64)
    back[order] = shuffled.labels
    differing = differing_pairs(plain.labels, back)
    table.add(one.name, one.embedder, len(one), "no" if differing else "yes", differing)


def differing_pairs(left: Labels, right: Labels) -> int:
    """Pairs of rows that are together in one partition and apart in the other; a row of no group is with none."""
    both = np.unique(np.column_stack([with_own_groups(left), with_own_groups(right)]), axis=0, return_counts=True)[1]
    sides = [np.unique(with_own_groups(side), return_counts=True)[1] for side in (left, right)]
    shared, first, second = (int((sizes * (sizes - 1) // 2).sum()) for sizes in (both, *sides))
    return first + second - 2 * shared
