"""What a call costs.

NumPy and psutil alone: it also runs where insights is not installed.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import psutil
from numpy.typing import NDArray

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Cost:
    """`cpu_seconds` of all threads and children, `peak_megabytes` of the process since it was started and of the
    children that live when the call ends."""

    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The cost of one measurement, the arrays that came out (as a rule `labels`), and single figures."""

    cost: Cost
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> NDArray[np.int64]:
        """Group of each row, -1 for none."""
        return self.arrays["labels"]


def timed(call: Callable[[], Result]) -> tuple[Result, Cost]:
    """The result of a call and its cost."""
    cpu, wall = _cpu_seconds(), time.perf_counter()
    result = call()
    return result, Cost(_cpu_seconds() - cpu, time.perf_counter() - wall, _peak_megabytes())


def save_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write arrays under their names, compressed."""
    named: dict[str, Any] = dict(arrays)
    np.savez_compressed(path, **named)


def _cpu_seconds() -> float:
    """Of this process, of its children that ended and of those that live."""
    own = psutil.Process().cpu_times()
    ended = own.children_user + own.children_system if hasattr(own, "children_user") else 0.0
    living = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return float(own.user + own.system + ended + sum(times.user + times.system for times in living))


def _peak_megabytes() -> float:
    living = [child.pid for child in psutil.Process().children(recursive=True)]
    return sum(_peak_of(process) for process in [psutil.Process().pid, *living])


def _peak_of(process: int) -> float:
    """On Linux not by getrusage, which counts what the parent held before the process began."""
    status = Path(f"/proc/{process}/status")
    if status.exists():
        told = [line.split()[1] for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM")]
        return int(told[0]) / 1_024 if told else 0.0
    if sys.platform == "win32" or process != psutil.Process().pid:
        return float(psutil.Process(process).memory_info().rss) / 2**20
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1_024
