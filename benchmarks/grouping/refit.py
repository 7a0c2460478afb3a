"""Everything is grouped afresh after 30 % more rows: do old items stay in their problem, and is the result as good as
one that knew no yesterday?"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.grouping import ours
from benchmarks.grouping.agreement import Labels, ami, counted, numbered, with_own_groups
from benchmarks.grouping.keeping import keeper
from benchmarks.grouping.markdown import Table, percent, publish
from benchmarks.grouping.materials import Material, material
from benchmarks.grouping.measuring import Measured, timed
from benchmarks.grouping.nights import share_kept
from benchmarks.grouping.sets import banking, saas
from benchmarks.grouping.workbench import GROUPING, KEEPING, Workbench, code_of, say

MORE = 0.3

COLUMNS = ["set", "embedder", "rows before", "after", "problems before", "after ", "keep their number"]
COLUMNS += ["best matching", "AMI refit", "AMI fresh", "refit and fresh alike", "CPU s"]


def run(bench: Workbench) -> None:
    table = Table(COLUMNS, decimals={"CPU s": 1})
    for one in _materials(bench):
        say(f"refit: {one.name}, {one.embedder}")
        shuffled = one.rows(np.random.default_rng(5).permutation(len(one)))
        given = shuffled.given(bench)
        key = {"method": "refit", "code": code_of(GROUPING, KEEPING), "given": given.digest, "more": MORE}
        measured = bench.own_process(key, measure_refit, given.vectors, given.texts, MORE)
        if measured:
            _add(table, shuffled, measured)
    publish("refit", table, folder=bench.folders.out)


def _materials(bench: Workbench) -> Iterator[Material]:
    for embedder in bench.embedders:
        for labelled in (banking(bench.folders.data), saas(bench.folders.data)):
            yield material(bench, labelled, embedder=embedder)


def measure_refit(vectors: Path, texts: Path, more: float) -> Measured:
    """Fit on the first rows, refit with as many more as are `more` of these; and a fresh fit of all."""
    rows, words = ours.load(vectors, texts)
    before = round(len(words) / (1 + more))
    known = keeper()
    first = known.fit(rows[:before], words[:before])
    later, cost = timed(lambda: known.refit(first, rows[before:], words[before:]))
    fresh = known.fit(rows, words)
    return Measured(cost, {"before": first.labels, "labels": later.labels, "fresh": fresh.labels})


def _add(table: Table, one: Material, measured: Measured) -> None:
    before, after, fresh = (measured.arrays[name] for name in ("before", "labels", "fresh"))
    true = numbered(one.labelled.labels)
    own, anew = with_own_groups(after), with_own_groups(fresh)
    kept = percent(share_kept(before, after)), percent(matched_share(before, after[: len(before)]))
    problems = counted(before)[0], counted(after)[0]
    scores = ami(true, own), ami(true, anew), ami(own, anew)
    rows = len(before), len(after)
    table.add(one.name, one.embedder, *rows, *problems, *kept, *scores, measured.cost.cpu_seconds)


def matched_share(before: Labels, after: Labels) -> float:
    """Of the rows that had a problem, the share that stays, were problems before and after paired one to one for the
    largest number of shared rows (Kuhn 1955)."""
    from scipy.optimize import linear_sum_assignment

    had = before >= 0
    both = had & (after >= 0)
    if not both.any():
        return 0.0
    olds, old = np.unique(before[both], return_inverse=True)
    news, new = np.unique(after[both], return_inverse=True)
    shared = np.zeros((len(olds), len(news)), dtype=np.int64)
    np.add.at(shared, (old, new), 1)
    rows, columns = linear_sum_assignment(shared, maximize=True)
    return float(shared[rows, columns].sum() / had.sum())
