"""One label in ten turns up only in the last 30 % of the rows, which come in night by night: is it found as new?"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.grouping import ours
from benchmarks.grouping.agreement import Labels, ami, numbered, with_own_groups
from benchmarks.grouping.keeping import Keeper, State, keeper
from benchmarks.grouping.markdown import Table, percent, publish
from benchmarks.grouping.materials import Material, material
from benchmarks.grouping.measuring import Measured, timed
from benchmarks.grouping.sets import banking
from benchmarks.grouping.workbench import GROUPING, KEEPING, Workbench, code_of, say
from insights.ports import Vectors

LATE_ROWS = 0.3
NIGHTS = 6
SEEDS = (1, 2, 3)

COLUMNS = ["set", "embedder", "seed", "rows", "late labels", "late items", "in new groups, nights", "refit"]
COLUMNS += ["AMI nights", "AMI refit", "AMI fresh", "CPU s of the nights"]


def run(bench: Workbench) -> None:
    table = Table(COLUMNS, decimals={"CPU s of the nights": 1})
    for embedder in bench.embedders:
        whole = material(bench, banking(bench.folders.data), embedder=embedder)
        for seed in SEEDS:
            say(f"new_class: {whole.name}, {embedder}, seed {seed}")
            _measure(bench, table, whole, seed=seed)
    publish("new_class", table, folder=bench.folders.out)


def _measure(bench: Workbench, table: Table, whole: Material, *, seed: int) -> None:
    order, before, late = order_of(whole.labelled.labels, seed=seed)
    one = whole.rows(order)
    given = one.given(bench)
    code = code_of(GROUPING, KEEPING)
    key = {"method": "new class", "code": code, "given": given.digest, "before": before, "nights": NIGHTS}
    measured = bench.own_process(key, measure_new_class, given.vectors, given.texts, before, NIGHTS)
    if measured is None:
        return
    names, true = one.labelled.labels, numbered(one.labelled.labels)
    ways = [measured.arrays[name] for name in ("nights", "refit", "fresh")]
    first = measured.arrays["first"]
    found = [percent(share_in_new_groups(names, labels, first=first, late=late)) for labels in ways[:2]]
    scores = [ami(true, with_own_groups(labels)) for labels in ways]
    items = sum(name in late for name in names)
    told = (one.name, one.embedder, seed, len(one), len(late), items)
    table.add(*told, *found, *scores, measured.cost.cpu_seconds)


def order_of(labels: list[str], *, seed: int) -> tuple[NDArray[np.int64], int, set[str]]:
    """Rows in the order in which they come, how many come before the late labels, and these.

    The last 30 % hold all rows of one label in ten, and of the others what fits.
    """
    random = np.random.default_rng(seed)
    names = sorted(set(labels))
    drawn = random.choice(len(names), size=max(1, len(names) // 10), replace=False)
    late = {names[number] for number in drawn}
    is_late = np.array([label in late for label in labels])
    early = random.permutation(np.flatnonzero(~is_late))
    before = min(round((1 - LATE_ROWS) * len(labels)), len(early))
    last = random.permutation(np.concatenate([early[before:], np.flatnonzero(is_late)]))
    return np.concatenate([early[:before], last]), before, late


def measure_new_class(vectors: Path, texts: Path, before: int, nights: int) -> Measured:
    """A fit on the first rows; the others in so many nights, or all at once in a refit; and a fresh fit of all."""
    rows, words = ours.load(vectors, texts)
    known = keeper()
    first = known.fit(rows[:before], words[:before])
    last, cost = timed(lambda: _nights(known, first, rows[before:], words[before:], nights=nights))
    refitted = known.refit(first, rows[before:], words[before:])
    fresh = known.fit(rows, words)
    arrays = {"first": first.labels, "nights": last.labels, "refit": refitted.labels, "fresh": fresh.labels}
    return Measured(cost, arrays)


def _nights(known: Keeper, state: State, vectors: Vectors, texts: list[str], *, nights: int) -> State:
    for part in np.array_split(np.arange(len(texts)), nights):
        state = known.night(state, vectors[part], [texts[row] for row in part])
    return state


def share_in_new_groups(names: list[str], labels: Labels, *, first: Labels, late: set[str]) -> float:
    """Of the items with a late label, the share in a new group of which they are more than half.

    `labels` and `first`, those of the first night, are lasting numbers: a new group has one that `first` lacks.
    """
    truth = np.asarray(names, dtype=object)
    hits = 0
    for group in sorted(set(labels[labels >= 0].tolist()) - set(first.tolist())):
        found, sizes = np.unique(truth[labels == group], return_counts=True)
        if found[sizes.argmax()] in late and 2 * sizes.max() > sizes.sum():
            hits += int(sizes.max())
    return hits / max(sum(name in late for name in names), 1)
