"""Items that state several problems: `insights evaluate` on nlupp, whose rows have up to six labels.

Items are cut into mentions as an analysis does, each mention is grouped, and the pairs (item, problem) are compared
with the pairs (item, label); then the same with one group an item. `insights.grouping.scores` says what scores mean.
"""

from pathlib import Path

from benchmarks.grouping.markdown import Table, publish
from benchmarks.grouping.measuring import Measured, timed
from benchmarks.grouping.workbench import Workbench, code_of, say

COLUMNS = ["embedder", "items", "mentions", "labels", "groups", "pairs P", "pairs R", "pairs F1"]
COLUMNS += ["one each P", "one each R", "one each F1", "gain", "95 % of gain", "B-cubed F1", "CPU s"]


def run(bench: Workbench) -> None:
    table = Table(COLUMNS, decimals={"CPU s": 1})
    file = bench.folders.data / "nlupp" / "data.csv"
    for embedder in bench.embedders:
        say(f"pairs: nlupp, {embedder}")
        folder = bench.folders.onnx if embedder == "onnx" else None
        fingerprint = bench.embedder(embedder).fingerprint
        key = {"method": "evaluate", "code": code_of("insights", "connectors"), "set": "nlupp", "embedder": fingerprint}
        measured = bench.own_process(key, measure_pairs, file, folder)
        if measured:
            facts = measured.facts
            table.add(embedder, *(facts[name] for name in COLUMNS[1:-1]), measured.cost.cpu_seconds)
    publish("pairs", table, folder=bench.folders.out)


def measure_pairs(file: Path, onnx: Path | None) -> Measured:
    """The whole evaluation, embedding and intervals included, in a process of its own."""
    from connectors.sources.labelled import LabelledFile
    from insights.config import Embedding
    from insights.embedding.choose import embedder_for
    from insights.evaluation import evaluate

    embedder = embedder_for(Embedding(embedder=f"onnx:{onnx.resolve()}" if onnx else "static"))
    labelled = LabelledFile(file, "text", "labels")
    told, cost = timed(lambda: evaluate(labelled, embedder=embedder, regions=(), progress=_silent))
    scores = told.scores
    sides = {"pairs": scores.pairs, "one each": scores.one_each}
    facts = {
        f"{name} {letter}": getattr(side, part).value
        for name, side in sides.items()
        for letter, part in (("P", "precision"), ("R", "recall"), ("F1", "f1"))
    }
    gain = scores.gain
    between = f"{gain.low:+.3f} to {gain.high:+.3f}" if gain.low is not None and gain.high is not None else "–"
    facts |= {"items": scores.items, "mentions": told.mentions, "labels": told.labels, "groups": told.groups}
    facts |= {"gain": gain.value, "95 % of gain": between, "B-cubed F1": scores.bcubed.f1.value}
    return Measured(cost, facts=facts)


def _silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
