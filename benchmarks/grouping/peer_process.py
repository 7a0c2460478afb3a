"""One peer, one job: runs in the environment of the peers and imports nothing of insights.

    python -m benchmarks.grouping.peer_process JOB

JOB is JSON: method, settings, the files of vectors and texts, and the folder for arrays.npz and report.json. What is
compiled at the first call is compiled before the clock starts, on a few of the rows; so are imports.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from itertools import groupby, product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.grouping.measuring import Measured, save_arrays, timed

PEERS = ("bertopic", "evoc", "hdbscan", "toponymy", "umap-learn")
WARM_ROWS = 300

NAMES = ("neighbours", "components", "smallest", "selection")
NEIGHBOURS, COMPONENTS, SMALLEST, SELECTIONS = (5, 10, 15), (5, 10), (5, 10, 15, 30), ("eom", "leaf")


def main() -> None:
    if sys.argv[1] == "--versions":
        print(json.dumps({name: version(name) for name in PEERS}))
        return
    job = json.loads(sys.argv[1])
    vectors = np.load(job["vectors"]).astype(np.float32)
    texts = _texts(Path(job["texts"]))
    run = METHODS[job["method"]]
    if job["method"] != "grid":  # its cost is told nowhere
        run(vectors[:WARM_ROWS], texts[:WARM_ROWS], **job["settings"])
    measured = run(vectors, texts, **job["settings"])
    out = Path(job["out"])
    save_arrays(out / "arrays.npz", measured.arrays)
    report = {"cost": asdict(measured.cost), "facts": measured.facts}
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")


def _texts(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return list(json.loads(text)) if path.suffix == ".json" else text.removesuffix("\n").split("\n")


def bertopic(vectors: Any, texts: list[str], **settings: Any) -> Measured:
    """BERTopic with its defaults, or with the settings of `grid`; and with its outliers put to the nearest topic."""
    from bertopic import BERTopic

    model = BERTopic(**_models(**settings)) if settings else BERTopic()
    (labels, _), cost = timed(lambda: model.fit_transform(texts, embeddings=vectors))
    again, more = timed(lambda: _reassigned(model, texts, labels, vectors))
    arrays = {"labels": np.array(labels, dtype=np.int64), "reassigned": np.array(again, dtype=np.int64)}
    return Measured(cost, arrays, {"reassign_cpu": more.cpu_seconds, "reassign_peak": more.peak_megabytes})


def _models(*, neighbours: int, components: int, smallest: int, selection: str) -> dict[str, Any]:
    from hdbscan import HDBSCAN

    cluster = HDBSCAN(min_cluster_size=smallest, cluster_selection_method=selection, prediction_data=True)
    return {"umap_model": _reducer(neighbours, components), "hdbscan_model": cluster, "min_topic_size": smallest}


def _reducer(neighbours: int, components: int) -> Any:
    """As BERTopic makes it, but repeatable."""
    from umap import UMAP

    return UMAP(n_neighbors=neighbours, n_components=components, min_dist=0.0, metric="cosine", random_state=0)


def _reassigned(model: Any, texts: list[str], labels: list[int], vectors: Any) -> list[int]:
    has_outliers, has_topics = min(labels) < 0, max(labels) >= 0
    if not (has_outliers and has_topics):
        return labels
    return list(model.reduce_outliers(texts, labels, strategy="embeddings", embeddings=vectors))


def grid(vectors: Any, texts: list[str]) -> Measured:  # noqa: ARG001
    """The topics of BERTopic under 48 settings: `labels` has shape (settings, n). Topics are UMAP and HDBSCAN alone;
    settings that share a UMAP share its run."""
    (settings, labels), cost = timed(lambda: _tried(vectors))
    return Measured(cost, {"labels": labels}, {"settings": settings})


def _tried(vectors: Any) -> tuple[list[dict[str, Any]], Any]:
    from hdbscan import HDBSCAN

    settings, labels = [], []
    combinations = product(NEIGHBOURS, COMPONENTS, SMALLEST, SELECTIONS)
    for (neighbours, components), group in groupby(combinations, key=lambda one: one[:2]):
        reduced = _reducer(neighbours, components).fit_transform(vectors)
        for _, _, smallest, selection in group:
            found = HDBSCAN(min_cluster_size=smallest, cluster_selection_method=selection).fit_predict(reduced)
            settings.append(dict(zip(NAMES, (neighbours, components, smallest, selection), strict=True)))
            labels.append(found.astype(np.int64))
    return settings, np.array(labels)


def evoc(vectors: Any, texts: list[str]) -> Measured:  # noqa: ARG001
    """EVoC with its defaults: the layer it settles on, and all its layers."""
    from evoc import EVoC

    model = EVoC(random_state=0)
    labels, cost = timed(lambda: model.fit_predict(vectors))
    layers = np.array(model.cluster_layers_, dtype=np.int64)
    return Measured(cost, {"labels": np.asarray(labels, dtype=np.int64), "layers": layers})


def toponymy(vectors: Any, texts: list[str]) -> Measured:  # noqa: ARG001
    """What Toponymy names: its clusterer on a UMAP to two dimensions, as its README has it; the finest layer."""
    layers, cost = timed(lambda: np.array(list(_layers(vectors)), dtype=np.int64))
    return Measured(cost, {"labels": layers[0], "layers": layers})


def _layers(vectors: Any) -> Iterator[Any]:
    from toponymy import ToponymyClusterer
    from umap import UMAP

    reduced = UMAP(metric="cosine").fit_transform(vectors)
    clusterer = ToponymyClusterer(min_clusters=4).fit(clusterable_vectors=reduced, embedding_vectors=vectors)
    return (layer.cluster_labels for layer in clusterer.cluster_layers_)


METHODS: dict[str, Callable[..., Measured]] = {"bertopic": bertopic, "evoc": evoc, "grid": grid, "toponymy": toponymy}

if __name__ == "__main__":
    main()
