"""Items with several labels, and labels with a wider area above: does a group at least stay inside one area?

All labelled rows of nlupp (one to six labels each) in the extended B-cubed; areas are its domains, and the three
sources of nlu_saas_questions.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.grouping.agreement import Labels, bcubed_of, counted, harmonic
from benchmarks.grouping.markdown import Table, percent, publish
from benchmarks.grouping.materials import Material, material
from benchmarks.grouping.quality import bertopic_found
from benchmarks.grouping.sets import nlupp, saas
from benchmarks.grouping.workbench import Workbench, say

COLUMNS = ["set", "embedder", "rows", "method", "sets of labels", "groups", "of 5 or more", "left out"]
COLUMNS += ["B-cubed P", "B-cubed R", "B-cubed F1", "in groups of one area"]

ONE_AREA = 0.9
"""Share of a group's rows that are of its commonest area."""


def run(bench: Workbench) -> None:
    table = Table(COLUMNS)
    for one in _materials(bench):
        say(f"levels: {one.name}, {one.embedder}")
        for method, labels in _found(bench, one):
            _add(table, one, labels, method=method)
    publish("levels", table, folder=bench.folders.out)


def _materials(bench: Workbench) -> Iterator[Material]:
    for embedder in bench.embedders:
        for labelled in (nlupp(bench.folders.data), saas(bench.folders.data)):
            whole = material(bench, labelled, embedder=embedder)
            yield whole.rows(np.flatnonzero([bool(label) for label in labelled.labels]))


def _found(bench: Workbench, one: Material) -> Iterator[tuple[str, Labels]]:
    given = one.given(bench)
    own = bench.insights(given)
    if own:
        yield "insights", own.labels
    peer = bench.peer(given, method="bertopic")
    if peer:
        yield from ((found.method, found.labels) for found in bertopic_found(peer, name="BERTopic, defaults"))


def _add(table: Table, one: Material, labels: Labels, *, method: str) -> None:
    precision, recall = bcubed_of(one.labelled.labels, labels)
    groups, large = counted(labels)
    kinds = len(set(one.labelled.labels))
    left_out, inside = percent(float((labels < 0).mean())), percent(in_one_area(one.labelled.areas, labels))
    scores = (precision, recall, harmonic(precision, recall))
    table.add(one.name, one.embedder, len(one), method, kinds, groups, large, left_out, *scores, inside)


def in_one_area(areas: list[str], labels: Labels) -> float:
    """Share of the grouped rows whose group is, but for a tenth at most, of one area."""
    numbers = np.unique(np.asarray(areas, dtype=object), return_inverse=True)[1]
    inside = 0
    for group in np.unique(labels[labels >= 0]):
        counts = np.bincount(numbers[labels == group])
        inside += int(counts.sum()) if counts.max() >= ONE_AREA * counts.sum() else 0
    return inside / max(int((labels >= 0).sum()), 1)
