"""The folder of a run: vectors, what each method is given, and the ledger. Measures only what is not in it yet."""

import hashlib
import json
import multiprocessing
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.grouping import ours, peers
from benchmarks.grouping.ledger import Key, Ledger
from benchmarks.grouping.measuring import Measured
from benchmarks.grouping.peers import ROOT, PeerError
from benchmarks.grouping.sets import Labelled
from insights.config import Embedding
from insights.embedding.choose import embedder_for
from insights.ports import Embedder, Vectors

STATIC, ONNX = "static", "onnx"
GROUPING = "insights/grouping"
KEEPING = "benchmarks/grouping/keeping.py"
SCORING = ("bcubed.py", "scores.py")
"""They stand beside the grouping and change nothing in it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a method gets, in files: no process holds what another one needs. `digest` stands for the contents."""

    vectors: Path
    texts: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Folders:
    """Where things are: results, labelled sets, an ONNX embedder, the peers' environment, more labelled files."""

    out: Path
    data: Path
    onnx: Path | None
    peers: Path
    demo: tuple[Path, ...] = ()


class Workbench:
    """One run of the benchmarks."""

    def __init__(self, folders: Folders, *, limit_seconds: float) -> None:
        self.folders = folders
        self.ledger = Ledger(folders.out)
        self._limit_seconds = limit_seconds

    @property
    def embedders(self) -> tuple[str, ...]:
        """The static one first."""
        return (STATIC, ONNX) if self.folders.onnx else (STATIC,)

    @cached_property
    def peers_python(self) -> Path | None:
        """None where no peer is installed."""
        return peers.python_of(self.folders.peers)

    @cached_property
    def peers_versions(self) -> dict[str, str]:
        """Of each peer; empty without any."""
        return peers.versions(self.peers_python) if self.peers_python else {}

    def embedder(self, name: str) -> Embedder:
        """The embedder of that short name."""
        named = f"onnx:{self.folders.onnx.resolve()}" if name == ONNX and self.folders.onnx else STATIC
        return embedder_for(Embedding(embedder=named))

    def vectors(self, labelled: Labelled, *, embedder: str) -> Vectors:
        """Shape (n, dimensions): computed once a folder."""
        model = self.embedder(embedder)
        path = self._file("vectors", f"{_digest([model.fingerprint, *labelled.texts])}.npy")
        if not path.exists():
            say(f"embedding {labelled.name}, {embedder}")
            _save(path, np.asarray(model.embed(labelled.texts), dtype=np.float32))
        stored: Vectors = np.load(path)
        return stored

    def given(self, vectors: Vectors, texts: Sequence[str]) -> Given:
        """Files with these rows."""
        digest = _digest([vectors.tobytes(), *texts])
        given = Given(self._file("given", f"{digest}.npy"), self._file("given", f"{digest}.json"), digest)
        if not given.vectors.exists():
            given.texts.write_text(json.dumps(list(texts)), encoding="utf-8")
            _save(given.vectors, vectors)
        return given

    def insights(self, given: Given, *, seed: int = 0) -> Measured | None:
        """Our grouping."""
        key = {"method": "insights", "code": code_of(GROUPING), "given": given.digest, "seed": seed}
        return self.own_process(key, ours.measure_grouping, given.vectors, given.texts, seed)

    def k_means(self, given: Given, *, groups: int) -> Measured | None:
        """k-means that is told the number of groups."""
        key = {"method": "k-means", "given": given.digest, "groups": groups}
        return self.own_process(key, ours.measure_k_means, given.vectors, groups)

    def peer(self, given: Given, *, method: str, **settings: Any) -> Measured | None:
        """A peer; None where peers are not installed or this one failed, which is said."""
        if self.peers_python is None:
            return None
        key = {"method": method, "settings": settings, "versions": self.peers_versions, "given": given.digest}
        python, limit = self.peers_python, self._limit_seconds
        return self._once(
            key,
            lambda: peers.run_peer(
                python,
                method=method,
                settings=settings,
                vectors=given.vectors,
                texts=given.texts,
                limit_seconds=limit,
            ),
        )

    def own_process(self, key: Key, function: Callable[..., Measured], *arguments: Any) -> Measured | None:
        """Measure a function of a module in a fresh process; None where that process died, which is said."""
        return self._once(key, lambda: _in_own_process(function, arguments))

    def _once(self, key: Key, measure: Callable[[], Measured]) -> Measured | None:
        known = self.ledger.recall(key)
        if known is not None:
            return known
        try:
            measured = measure()
        except (BrokenProcessPool, PeerError) as error:
            say(f"  {key['method']} failed: {error}")
            return None
        self.ledger.keep(key, measured)
        say(f"  {key['method']} {measured.cost.cpu_seconds:.1f} CPU s, {measured.cost.peak_megabytes:.0f} MB")
        return measured

    def _file(self, folder: str, name: str) -> Path:
        path = self.folders.out / folder
        path.mkdir(parents=True, exist_ok=True)
        return path / name


def say(what: str) -> None:
    """Progress, apart from the tables."""
    print(what, file=sys.stderr, flush=True)


def code_of(*paths: str) -> str:
    """Stands for modules of the project, or all in a folder: figures of other code are not taken for those of this."""
    found = [ROOT / path for path in paths]
    files = [file for path in found for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    files = [file for file in files if file.name not in SCORING]
    return _digest([file.read_bytes() for file in files])


def _in_own_process(function: Callable[..., Measured], arguments: tuple[Any, ...]) -> Measured:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def _save(path: Path, vectors: Vectors) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, vectors)
    part.replace(path)


def _digest(parts: Sequence[str | bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        content = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        found.update(len(content).to_bytes(8, "big") + content)
    return found.hexdigest()[:20]
