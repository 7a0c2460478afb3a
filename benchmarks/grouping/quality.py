"""Agreement with labels, and cost, beside peers on the same vectors.

Peers whose settings or layer are chosen with the labels in hand are marked so: nobody has that choice on data of
their own. It shows what their best would be.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.grouping.agreement import Labels, agreement, ami, numbered, with_own_groups
from benchmarks.grouping.markdown import Table, percent, publish
from benchmarks.grouping.materials import Material, of_quality
from benchmarks.grouping.measuring import Cost, Measured
from benchmarks.grouping.sets import drawn
from benchmarks.grouping.workbench import Workbench, say

GRID_ROWS = 5_000

COLUMNS = ["set", "embedder", "rows", "method", "labels", "groups", "of 5 or more", "left out"]
COLUMNS += ["AMI", "ARI", "V", "B-cubed F1", "CPU s", "× ours", "peak MB"]


@dataclass(frozen=True, slots=True)
class Found:
    """What one method made of a set."""

    method: str
    labels: Labels
    cost: Cost


def run(bench: Workbench) -> None:
    table = Table(COLUMNS, decimals={"CPU s": 1, "× ours": 1, "peak MB": 0})
    for material in of_quality(bench):
        say(f"quality: {material.name}, {material.embedder}, {len(material):,} rows")
        _add(table, material, list(_found(bench, material)))
    versions = ", ".join(f"{name} {version}" for name, version in bench.peers_versions.items())
    publish("quality", table, f"Peers: {versions or 'not installed'}.", folder=bench.folders.out)


def _add(table: Table, material: Material, found: list[Found]) -> None:
    own = next((one.cost.cpu_seconds for one in found if one.method == "insights"), None)
    for one in found:
        scores = agreement(material.labelled.labels, one.labels)
        table.add(
            material.name,
            material.embedder,
            len(material),
            one.method,
            scores.labels,
            scores.groups,
            scores.large,
            percent(scores.left_out),
            scores.ami,
            scores.ari,
            scores.v_measure,
            scores.bcubed_f1,
            one.cost.cpu_seconds,
            one.cost.cpu_seconds / own if own else None,
            one.cost.peak_megabytes,
        )


def _found(bench: Workbench, material: Material) -> Iterator[Found]:
    given = material.given(bench)
    yield from _plain("insights", bench.insights(given))
    default = bench.peer(given, method="bertopic")
    if default:
        yield from bertopic_found(default, name="BERTopic, defaults")
        yield from _best_bertopic(bench, material, default)
    for name, method in (("EVoC", "evoc"), ("Toponymy's clusterer", "toponymy")):
        measured = bench.peer(given, method=method)
        if measured:
            yield from _layered(name, measured, material)
    groups = len(set(material.labelled.labels))
    yield from _plain("k-means, told the true number", bench.k_means(given, groups=groups))


def _plain(method: str, measured: Measured | None) -> Iterator[Found]:
    if measured:
        yield Found(method, measured.labels, measured.cost)


def bertopic_found(measured: Measured, *, name: str) -> Iterator[Found]:
    """Its topics as they are, and with the outliers reassigned: that costs a little more."""
    yield Found(name, measured.labels, measured.cost)
    facts = measured.facts
    cost = replace(
        measured.cost,
        cpu_seconds=measured.cost.cpu_seconds + facts["reassign_cpu"],
        peak_megabytes=facts["reassign_peak"],
    )
    yield Found(f"{name}, outliers reassigned", measured.arrays["reassigned"], cost)


def _best_bertopic(bench: Workbench, material: Material, default: Measured) -> Iterator[Found]:
    """The settings of highest AMI on at most 5,000 rows, run on all; as they are or reassigned, whichever is better.

    Where the defaults are better still, they are its best.
    """
    part = material.rows(drawn(len(material), size=GRID_ROWS))
    tried = bench.peer(part.given(bench), method="grid")
    if tried is None:
        return
    scores = [_ami(part, labels) for labels in tried.arrays["labels"]]
    settings = tried.facts["settings"][int(np.argmax(scores))]
    measured = bench.peer(material.given(bench), method="bertopic", **settings)
    both = [*bertopic_found(default, name="")]
    both += bertopic_found(measured, name="") if measured else []
    best = max(both, key=lambda one: _ami(material, one.labels))
    yield replace(best, method="BERTopic, settings chosen with labels")


def _layered(name: str, measured: Measured, material: Material) -> Iterator[Found]:
    yield Found(f"{name}, defaults", measured.labels, measured.cost)
    layers = list(measured.arrays["layers"])
    if len(layers) > 1:
        best = max(layers, key=lambda labels: _ami(material, labels))
        yield Found(f"{name}, layer chosen with labels", best, measured.cost)


def _ami(material: Material, labels: Labels) -> float:
    return ami(numbered(material.labelled.labels), with_own_groups(labels))
