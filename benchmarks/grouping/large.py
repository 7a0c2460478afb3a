"""Many rows: 100,000 with their vectors in memory, and any number with vectors that stay in their file.

Rows are pairs of real texts, joined, so that all differ and their words stay real. Making and embedding them is not
measured. They carry no label: this table is about cost alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.grouping import ours
from benchmarks.grouping.agreement import Labels, counted
from benchmarks.grouping.markdown import Table, percent, publish
from benchmarks.grouping.measuring import Cost
from benchmarks.grouping.quality import bertopic_found
from benchmarks.grouping.sets import banking, nlupp, saas
from benchmarks.grouping.workbench import GROUPING, STATIC, Given, Workbench, code_of, say

ROWS = (100_000, 1_000_000)
PEERS_UP_TO = 100_000
BLOCK_ROWS = 20_000

COLUMNS = ["rows", "method", "groups", "of 5 or more", "left out", "CPU s", "wall s", "× ours", "peak MB"]


def run(bench: Workbench, *, rows: Sequence[int] = ROWS) -> None:
    table = Table(COLUMNS, decimals={"CPU s": 0, "wall s": 0, "× ours": 1, "peak MB": 0})
    for count in rows:
        say(f"large: {count:,} rows")
        found = list(_found(bench, made(bench, rows=count), rows=count))
        own = next((cost.cpu_seconds for method, _, cost in found if method == "insights"), None)
        for method, labels, cost in found:
            ratio = cost.cpu_seconds / own if own else None
            left_out = percent(float((labels < 0).mean()))
            costs = (cost.cpu_seconds, cost.wall_seconds, ratio, cost.peak_megabytes)
            table.add(count, method, *counted(labels), left_out, *costs)
    publish("large", table, folder=bench.folders.out)


def _found(bench: Workbench, given: Given, *, rows: int) -> Iterator[tuple[str, Labels, Cost]]:
    key = {"method": "insights, large", "code": code_of(GROUPING), "given": given.digest}
    own = bench.own_process(key, ours.measure_large, given.vectors, given.texts)
    if own:
        yield "insights", own.labels, own.cost
    if rows > PEERS_UP_TO:
        return
    default = bench.peer(given, method="bertopic")
    if default:
        yield from ((one.method, one.labels, one.cost) for one in bertopic_found(default, name="BERTopic, defaults"))
    other = bench.peer(given, method="evoc")
    if other:
        yield "EVoC, defaults", other.labels, other.cost


def made(bench: Workbench, *, rows: int) -> Given:
    """So many rows: texts one a line, vectors in a file of float32 that is written block by block.

    What a run that was killed has begun is begun again; what is complete is kept.
    """
    digest = f"pairs-{rows}-{bench.embedder(STATIC).fingerprint}"
    folder = bench.folders.out / "large"
    folder.mkdir(parents=True, exist_ok=True)
    given = Given(folder / f"{digest}.npy", folder / f"{digest}.txt", digest)
    if not given.vectors.exists():
        _write_texts(bench, given.texts, rows=rows)
        _write_vectors(bench, given, rows=rows)
    return given


def _write_texts(bench: Workbench, path: Path, *, rows: int) -> None:
    folder = bench.folders.data
    sets = (banking(folder), saas(folder), nlupp(folder))
    texts = [" ".join(text.split()) for labelled in sets for text in labelled.texts]
    chosen = np.random.default_rng(2).integers(len(texts), size=(rows, 2))
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{texts[left]} {texts[right]}\n" for left, right in chosen.tolist())


def _write_vectors(bench: Workbench, given: Given, *, rows: int) -> None:
    embedder = bench.embedder(STATIC)
    part = given.vectors.with_suffix(".part")
    shape = (rows, embedder.dimensions)
    mapped = np.lib.format.open_memmap(part, mode="w+", dtype=np.float32, shape=shape)
    texts = ours.read_lines(given.texts)
    for start in range(0, rows, BLOCK_ROWS):
        mapped[start : start + BLOCK_ROWS] = embedder.embed(texts[start : start + BLOCK_ROWS])
        say(f"  embedding {min(start + BLOCK_ROWS, rows):,} of {rows:,}")
    mapped.flush()
    del mapped
    part.replace(given.vectors)
