"""A night of one per cent: seconds beyond embedding, and how many old items keep their problem."""

from pathlib import Path

import numpy as np

from benchmarks.grouping import ours
from benchmarks.grouping.agreement import Labels
from benchmarks.grouping.keeping import keeper
from benchmarks.grouping.large import made
from benchmarks.grouping.markdown import Table, percent, publish
from benchmarks.grouping.measuring import Measured, timed
from benchmarks.grouping.workbench import GROUPING, KEEPING, Workbench, code_of, say

ROWS = 100_000
NEW = 0.01

COLUMNS = ["rows before", "new", "problems before", "after", "CPU s", "wall s", "first night, CPU s", "peak MB"]
COLUMNS += ["old items that keep their problem", "new items in a problem"]


def run(bench: Workbench) -> None:
    say(f"nights: {ROWS:,} rows")
    given = made(bench, rows=ROWS)
    code = code_of(GROUPING, KEEPING)
    key = {"method": "night", "code": code, "given": given.digest, "new": NEW}
    measured = bench.own_process(key, measure_night, given.vectors, given.texts, NEW)
    table = Table(COLUMNS, decimals={"CPU s": 1, "wall s": 1, "first night, CPU s": 0, "peak MB": 0})
    if measured:
        facts, cost = measured.facts, measured.cost
        table.add(
            *(facts[name] for name in ("before", "new", "problems_before", "problems_after")),
            cost.cpu_seconds,
            cost.wall_seconds,
            facts["fit_cpu"],
            cost.peak_megabytes,
            percent(facts["kept"]),
            percent(facts["placed"]),
        )
    publish("nights", table, folder=bench.folders.out)


def measure_night(vectors: Path, texts: Path, new: float) -> Measured:
    """A first night of all rows but the last ones, then a night with these."""
    rows, words = np.load(vectors), ours.read_lines(texts)
    before = len(words) - round(new * len(words))
    known = keeper()
    first, fitted = timed(lambda: known.fit(rows[:before], words[:before]))
    later, cost = timed(lambda: known.night(first, rows[before:], words[before:]))
    facts = {
        "before": before,
        "new": len(words) - before,
        "problems_before": len(set(first.labels[first.labels >= 0].tolist())),
        "problems_after": len(set(later.labels[later.labels >= 0].tolist())),
        "fit_cpu": fitted.cpu_seconds,
        "kept": share_kept(first.labels, later.labels),
        "placed": float((later.labels[before:] >= 0).mean()),
    }
    return Measured(cost, {"before": first.labels, "labels": later.labels}, facts)


def share_kept(before: Labels, after: Labels) -> float:
    """Of the rows that had a problem, the share that has the same one; `after` may have more rows behind them."""
    had = before >= 0
    return float((after[: len(before)][had] == before[had]).mean()) if had.any() else 1.0
