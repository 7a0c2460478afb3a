"""Run a peer in its own environment and read what it found and what that cost.

Peers live in benchmarks/.peers (`make bench-peers`), not in the environment of insights: they bring half a gigabyte.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.grouping.measuring import Cost, Measured

ROOT = Path(__file__).parents[2]
MODULE = "benchmarks.grouping.peer_process"
LAST_LINES = 3


class PeerError(Exception):
    """A peer ended without a result; the message is the last it said."""


def python_of(folder: Path) -> Path | None:
    """The interpreter of the peers' environment, or None where it is not set up."""
    found = [folder / name for name in ("bin/python", "Scripts/python.exe") if (folder / name).exists()]
    return found[0].absolute() if found else None


def versions(python: Path) -> dict[str, str]:
    """Version of each peer."""
    command = [str(python), "-m", MODULE, "--versions"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told: dict[str, str] = json.loads(done.stdout)
    return told


def run_peer(
    python: Path, *, method: str, settings: dict[str, Any], vectors: Path, texts: Path, limit_seconds: float
) -> Measured:
    """What the method made of the rows. Raises PeerError where it failed or took longer than allowed."""
    with tempfile.TemporaryDirectory() as folder:
        job = {"method": method, "settings": settings, "vectors": str(vectors), "texts": str(texts), "out": folder}
        command = [str(python), "-W", "ignore", "-m", MODULE, json.dumps(job)]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                timeout=limit_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PeerError(f"stopped after {limit_seconds:.0f} s") from error
        report = Path(folder) / "report.json"
        if done.returncode or not report.exists():
            raise PeerError(" / ".join(done.stderr.strip().splitlines()[-LAST_LINES:]) or f"exit {done.returncode}")
        told = json.loads(report.read_text(encoding="utf-8"))
        with np.load(Path(folder) / "arrays.npz") as file:
            return Measured(Cost(**told["cost"]), {name: file[name] for name in file.files}, told["facts"])
