"""Measure grouping beside its peers and write the tables of benchmarks/README.md.

    make bench-grouping BENCH="--data DIR --onnx DIR --out DIR"
    python -m benchmarks.grouping --data DIR --out DIR --only quality

Every measurement is kept in --out as soon as it is there: a run that was killed goes on, and a run after a change of
the grouping measures ours anew and no peer. Tables go to the terminal and to --out as NAME.md, progress to stderr.
"""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from benchmarks.grouping import copies, count, large, levels, new_class, nights, pairs, quality, refit, stability
from benchmarks.grouping.workbench import Folders, Workbench, say

PEERS = Path(__file__).parents[1] / ".peers"
LIMIT_SECONDS = 7_200

IDLE = 0.5
"""Mean number of processes that run or wait, in the last minute, on a machine that is quiet enough to time on."""


def main() -> None:
    options = _options()
    folders = Folders(options.out.resolve(), options.data, options.onnx, options.peers, tuple(options.demo))
    bench = Workbench(folders, limit_seconds=options.limit_seconds)
    if bench.peers_python is None:
        say(f"No peers in {options.peers} (make bench-peers sets them up): only ours are measured.")
    if psutil.getloadavg()[0] > IDLE:
        say("This machine is busy: threads that wait for each other count as work. Take CPU seconds when it is quiet.")
    for name, run in _tables(options).items():
        if name in (options.only or _tables(options)):
            run(bench)


def _tables(options: argparse.Namespace) -> dict[str, Callable[[Workbench], None]]:
    """By name, the cheap ones first."""
    return {
        "stability": stability.run,
        "pairs": pairs.run,
        "count": count.run,
        "refit": refit.run,
        "new_class": new_class.run,
        "levels": levels.run,
        "quality": quality.run,
        "copies": copies.run,
        "nights": nights.run,
        "large": partial(large.run, rows=options.large),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.grouping", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    names = _tables(argparse.Namespace(large=large.ROWS))
    parser.add_argument("--data", type=Path, required=True, help="holds banking77/, nlu_saas_questions/ and nlupp/")
    parser.add_argument("--out", type=Path, required=True, help="keeps texts, vectors, measurements and tables")
    parser.add_argument("--onnx", type=Path, help="a folder with model.onnx and tokenizer.json")
    parser.add_argument("--demo", type=Path, nargs="*", default=[], help="JSON lines: text, maybe subject, problems")
    parser.add_argument("--only", nargs="*", choices=names, metavar="TABLE", help=f"of {', '.join(names)}")
    parser.add_argument("--large", type=int, nargs="*", default=list(large.ROWS), help="rows of the table large")
    parser.add_argument("--peers", type=Path, default=PEERS, help="environment of the peers")
    parser.add_argument("--limit-seconds", type=float, default=LIMIT_SECONDS, help="for one peer on one set")
    return parser.parse_args()


if __name__ == "__main__":
    main()
