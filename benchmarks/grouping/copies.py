"""Every text ten times, each a little differently worded: the groups should stay what they were, only larger."""

import numpy as np

from benchmarks.grouping.agreement import ami, counted, numbered, with_own_groups
from benchmarks.grouping.markdown import Table, publish
from benchmarks.grouping.materials import Material, material
from benchmarks.grouping.rewording import reword
from benchmarks.grouping.sets import Labelled, banking, drawn
from benchmarks.grouping.workbench import Workbench, say

ROWS = 10_000
COPIES = 10

COLUMNS = ["embedder", "rows", "copies", "labels", "groups, once", "groups, all", "ratio", "alike"]
COLUMNS += ["AMI, once", "AMI, all", "CPU s", "peak MB"]


def run(bench: Workbench) -> None:
    table = Table(COLUMNS, decimals={"ratio": 2, "CPU s": 1, "peak MB": 0})
    for embedder in bench.embedders:
        whole = material(bench, banking(bench.folders.data), embedder=embedder)
        once = whole.rows(drawn(len(whole), size=ROWS))
        say(f"copies: {once.name}, {embedder}")
        _add(bench, table, once, material(bench, copies_of(once.labelled), embedder=embedder))
    publish("copies", table, folder=bench.folders.out)


def copies_of(labelled: Labelled, *, copies: int = COPIES) -> Labelled:
    """The rows themselves, then `copies` - 1 times all of them in other words."""
    random = np.random.default_rng(4)
    texts = [*labelled.texts, *(reword(text, random) for _ in range(copies - 1) for text in labelled.texts)]
    return Labelled(f"{labelled.name} × {copies}", texts, labelled.labels * copies, labelled.areas * copies)


def _add(bench: Workbench, table: Table, once: Material, many: Material) -> None:
    single, all_copies = bench.insights(once.given(bench)), bench.insights(many.given(bench))
    if single is None or all_copies is None:
        return
    true = numbered(once.labelled.labels)
    before, after = with_own_groups(single.labels), with_own_groups(all_copies.labels)
    groups = counted(single.labels)[0], counted(all_copies.labels)[0]
    table.add(
        once.embedder,
        len(once),
        COPIES,
        len(set(once.labelled.labels)),
        *groups,
        groups[1] / max(groups[0], 1),
        ami(np.tile(before, COPIES), after),
        ami(true, before),
        ami(np.tile(true, COPIES), after),
        all_copies.cost.cpu_seconds,
        all_copies.cost.peak_megabytes,
    )
