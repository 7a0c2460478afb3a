"""How well and how fast mentions are grouped, against labels that people gave.

    python benchmarks/bench_grouping.py --data DIR [--onnx DIR] [--demo FILE.jsonl ...] [--large ROWS]

`--data` holds banking77/, nlu_saas_questions/ and nlupp/, each with a data.csv (columns text and label or labels).
`--onnx` is a folder with model.onnx and tokenizer.json. `--demo` takes files of JSON lines with `text`, maybe
`subject`, and `problems`; rows with one problem count. `--large` groups so many rows made of all texts, to time it.
Each measurement runs in a process of its own; its peak memory includes Python, the libraries and the vectors.
"""

import argparse
import json
import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from insights.config import Embedding
from insights.embedding.choose import embedder_for
from insights.ports import Vectors

SIZES = (500, 2_000)
SETS = ("banking77", "nlu_saas_questions", "nlupp")
SMALLEST_GROUP = 5

Labelled = tuple[str, list[str], list[str]]
"""Name, texts, labels."""


def main() -> None:
    options = _options()
    sets = [*_sets(options.data), *_demo(options.demo)]
    print("| set | embedder | rows | labels | groups | of 5 or more | left out | AMI | ARI | CPU s | peak MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for embedder in ("static", *(["onnx"] if options.onnx else [])):
        for name, texts, labels in sets:
            vectors = _embed(texts, embedder=embedder, folder=options.onnx)
            for rows in _sizes(len(texts)):
                _print_row(name, embedder=embedder, vectors=vectors[rows], texts=texts, labels=labels, rows=rows)
    if options.large:
        _large([text for _, texts, _ in sets for text in texts], rows=options.large)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--onnx", type=Path)
    parser.add_argument("--demo", type=Path, nargs="*", default=[])
    parser.add_argument("--large", type=int, default=0)
    return parser.parse_args()


def _sets(folder: Path) -> Iterator[Labelled]:
    for name in SETS:
        table = pd.read_csv(folder / name / "data.csv")
        column = "label" if "label" in table else "labels"
        table = table[table[column].notna() & ~table[column].astype(str).str.contains("|", regex=False)]
        yield name, table["text"].astype(str).tolist(), table[column].astype(str).tolist()


def _demo(files: list[Path]) -> Iterator[Labelled]:
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    records = [record for record in map(json.loads, lines) if len(record["problems"]) == 1]
    if records:
        texts = [f"{record.get('subject') or ''}\n{record['text']}".strip() for record in records]
        yield "demo", texts, [record["problems"][0] for record in records]


def _sizes(rows: int) -> Iterator[NDArray[np.int64]]:
    for size in SIZES:
        if size < rows:
            yield np.sort(np.random.default_rng(1).choice(rows, size=size, replace=False))
    yield np.arange(rows)


def _embed(texts: list[str], *, embedder: str, folder: Path | None) -> Vectors:
    named = f"onnx:{folder.resolve()}" if embedder == "onnx" and folder else "static"
    return embedder_for(Embedding(embedder=named)).embed(texts)


def _measure(vectors: NDArray[np.float32], texts: list[str]) -> tuple[NDArray[np.int64], float, float, float]:
    """Labels, CPU seconds, wall seconds and peak megabytes of one grouping, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_grouped, (vectors, texts))


def _grouped(vectors: NDArray[np.float32], texts: list[str]) -> tuple[NDArray[np.int64], float, float, float]:
    from insights.grouping.group import group

    group(vectors[:50], texts[:50])
    cpu, wall = time.process_time(), time.perf_counter()
    labels = group(vectors, texts).labels
    return labels, time.process_time() - cpu, time.perf_counter() - wall, _peak_megabytes()


def _peak_megabytes() -> float:
    """Of this process since it was started, where the system tells (Linux)."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return kilobytes[0] / 1_024 if kilobytes else float("nan")


def _print_row(
    name: str,
    *,
    embedder: str,
    vectors: NDArray[np.float32],
    texts: list[str],
    labels: list[str],
    rows: NDArray[np.int64],
) -> None:
    true = [labels[row] for row in rows]
    found, cpu, _, memory = _measure(vectors, [texts[row] for row in rows])
    sizes = np.bincount(found[found >= 0])
    scores = adjusted_mutual_info_score(true, found), adjusted_rand_score(true, found)
    print(
        f"| {name} | {embedder} | {len(rows):,} | {len(set(true))} | {len(sizes)} | "
        f"{(sizes >= SMALLEST_GROUP).sum()} | {(found < 0).mean():.1%} | {scores[0]:.3f} | {scores[1]:.3f} | "
        f"{cpu:.1f} | {memory:.0f} |",
        flush=True,
    )


def _large(texts: list[str], *, rows: int) -> None:
    """Time many rows: texts two by two, so that all differ and their words stay real."""
    pairs = np.random.default_rng(2).integers(len(texts), size=(rows, 2))
    made = [f"{texts[left]} {texts[right]}" for left, right in pairs]
    found, cpu, wall, memory = _measure(_embed(made, embedder="static", folder=None), made)
    print(f"\n{rows:,} rows: {cpu:.0f} CPU s, {wall:.0f} s, {memory:.0f} MB at most, {found.max() + 1} groups")


if __name__ == "__main__":
    main()
