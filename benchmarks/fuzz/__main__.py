"""Feed bad input to everything that reads what others wrote; stop at the first that breaks.

    python -m benchmarks.fuzz --cases 10000                 # of each target, by hypothesis
    python -m benchmarks.fuzz --atheris --seconds 60        # coverage-guided, where atheris is installed

Every case has five seconds (SIGALRM): more is a hang. Prints a table: cases, seconds of CPU, the slowest case, and how
much the peak of memory grew from the tenth case on. Ends with 1 where a target broke, with the input in `--keep`.
"""

import argparse
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from benchmarks.fuzz.inputs import BYTES, SETTINGS, TEXTS, write_seeds
from benchmarks.fuzz.targets import TARGETS, Target

_LONGEST = 5


@dataclass(slots=True)
class Count:
    """What the cases of one target took."""

    cases: int = 0
    slowest: float = 0.0
    begun_mb: float = 0.0


class Hang(BaseException):
    """A case took too long."""


def ring(_number: int, _frame: object) -> None:
    raise Hang


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _watched(target: Target, count: Count) -> Callable[[Any], None]:
    def run(value: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, _LONGEST)
        begun = time.perf_counter()
        try:
            target.run(value)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        count.slowest = max(count.slowest, time.perf_counter() - begun)
        count.cases += 1
        if count.cases == 10:
            count.begun_mb = peak_mb()

    return run


def by_hypothesis(name: str, cases: int, *, seed: int | None = None) -> Count:
    """Raises what the target raised, with the smallest input that hypothesis finds."""
    target, count = TARGETS[name], Count()
    given_to = SETTINGS if name == "settings" else BYTES if target.is_binary else TEXTS
    run = _watched(target, count)

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=seed is not None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(given_to)
    def feed(value: Any) -> None:
        run(value)

    feed()
    return count


def _all_by_hypothesis(names: list[str], cases: int) -> bool:
    is_well = True
    print("| target | cases | CPU s | slowest case, ms | memory grew, MB |\n| --- | --: | --: | --: | --: |")
    total = 0
    for name in names:
        begun = time.process_time()
        try:
            count = by_hypothesis(name, cases)
        except (Exception, Hang) as error:
            is_well = False
            print(f"| {name} | broke | | | |", flush=True)
            print(f"{name}: {type(error).__name__}: {error}\n{getattr(error, '__notes__', '')}", file=sys.stderr)
            continue
        total += count.cases
        took, grew = time.process_time() - begun, peak_mb() - count.begun_mb
        print(f"| {name} | {count.cases} | {took:.0f} | {count.slowest * 1000:.0f} | {grew:.0f} |", flush=True)
    print(f"{total} cases")
    return is_well


def by_atheris(name: str, seconds: int, keep: Path) -> int:
    """In a process of its own, whose exit code it is."""
    corpus = keep / name.replace(" ", "-")
    write_seeds(corpus)
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzz.guided", name, str(corpus), f"-max_total_time={seconds}",
         "-rss_limit_mb=2048", f"-timeout={_LONGEST}", "-max_len=4096", f"-artifact_prefix={keep}/"],
        check=False,
    ).returncode  # fmt: skip


def main() -> None:
    """Parse, feed, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", nargs="*", default=list(TARGETS), choices=list(TARGETS))
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--atheris", action="store_true")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "insights-fuzz")
    arguments = parser.parse_args()
    signal.signal(signal.SIGALRM, ring)
    if arguments.atheris:
        codes = {name: by_atheris(name, arguments.seconds, arguments.keep) for name in arguments.target}
        print({name: "held" if code == 0 else f"broke ({code})" for name, code in codes.items()})
        sys.exit(any(codes.values()))
    sys.exit(not _all_by_hypothesis(arguments.target, arguments.cases))


if __name__ == "__main__":
    main()
