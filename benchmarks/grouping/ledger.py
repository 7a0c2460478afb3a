"""What was measured so far, one JSON line each, so that a run that was killed goes on where it was.

Arrays lie beside, one file a measurement. A line that was cut off when the run died counts as never written.
"""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.grouping.measuring import Cost, Measured, save_arrays

Key = dict[str, Any]
"""All that a measurement depends on: method, settings, version of the code, digest of what was given."""


class Ledger:
    """Measurements in a folder, by their key."""

    def __init__(self, folder: Path) -> None:
        self._lines = folder / "results.jsonl"
        self._arrays = folder / "arrays"
        self._arrays.mkdir(parents=True, exist_ok=True)
        self._known = dict(self._read())

    def recall(self, key: Key) -> Measured | None:
        """What was measured under this key, or None."""
        name = _name(key)
        stored = self._known.get(name)
        if stored is None:
            return None
        with np.load(self._arrays / f"{name}.npz") as file:
            arrays = {array: file[array] for array in file.files}
        return Measured(Cost(**stored["cost"]), arrays, stored["facts"])

    def keep(self, key: Key, measured: Measured) -> None:
        """Arrays first: a line promises that they are there."""
        name = _name(key)
        save_arrays(self._arrays / f"{name}.npz", measured.arrays)
        line = {
            "name": name,
            "key": key,
            "cost": asdict(measured.cost),
            "facts": measured.facts,
            "load": psutil.getloadavg()[0],
        }
        with self._lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._known[name] = line

    def _read(self) -> list[tuple[str, dict[str, Any]]]:
        if not self._lines.exists():
            return []
        text = self._lines.read_text(encoding="utf-8")
        if text and not text.endswith("\n"):
            self._lines.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [(line["name"], line) for line in lines]


def _name(key: Key) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:20]
