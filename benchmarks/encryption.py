"""What sealing every text costs: import and analysis of 50,000 items, beside the same with sealing off.

    python -m benchmarks.encryption [--items 50000] [--rounds 3]

Sealing is switched off for this measurement alone, by a child that replaces `Cipher.seal_bytes` and `open_bytes` with
copies; the product has no such switch. Rounds alternate which form is first. Prints Markdown: medians of CPU seconds
and wall seconds, peak memory, sizes, and the median of the ratios of the rounds.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.nightly_firm import KINDS, LAST_DAY, write_firm

FORMS = ("on", "off")


@dataclass(frozen=True, kw_only=True)
class Took:
    """One command of one round."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def child(form: str, command: Sequence[str]) -> None:
    """The command in this process, with sealing as the form says."""
    from insights.cli.main import main
    from insights.storage.encryption import Cipher

    if form == "off":
        for name in ("seal_bytes", "open_bytes"):
            setattr(Cipher, name, _as_it_is)
    sys.argv = ["insights", *command]
    main()


def _as_it_is(_cipher: object, content: bytes, *, column: str, row: int | str) -> bytes:  # noqa: ARG001
    return bytes(content)


def took(form: str, command: Sequence[str]) -> Took:
    """The command in a process of its own. Ends all where it fails."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.encryption", "--child", form, "--", *command], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed with sealing {form}.")
    return Took(
        seconds=time.perf_counter() - begun,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_mb=used.ru_maxrss / 1024,
    )


def measured(form: str, items: int, place: Path) -> tuple[Took, Took, float]:
    """Import, analysis, and the database's megabytes, of a workspace made anew."""
    os.environ["INSIGHTS_KEY_DIR"] = str(place / "keys")
    os.environ["INSIGHTS_NOW"] = f"{LAST_DAY}T23:00:00+00:00"
    work = place / "w"
    work.mkdir(parents=True)
    took(form, ["init", str(work)])
    write_firm(work, items=items)
    with (work / "insights.toml").open("a") as file:
        for name, kind in KINDS.items():
            file.write(f'\n[[sources]]\nname = "{name}"\ntype = "file"\npath = "{name}.csv"\nkind = "{kind}"\n')
    brought = took(form, ["-C", str(work), "--quiet", "pull"])
    analysed = took(form, ["-C", str(work), "--quiet", "analyze"])
    size = sum(path.stat().st_size for path in (work / ".insights").glob("insights.db*"))
    return brought, analysed, size / 1e6


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", choices=FORMS)
    parser.add_argument("command", nargs="*")
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.command)
        return
    found: dict[str, list[tuple[Took, Took, float]]] = {form: [] for form in FORMS}
    for turn in range(arguments.rounds):
        for form in FORMS if turn % 2 == 0 else reversed(FORMS):
            with tempfile.TemporaryDirectory() as place:
                found[form].append(measured(form, arguments.items, Path(place)))
            print(turn, form, found[form][-1], file=sys.stderr, flush=True)
    _print(found)


def _print(found: dict[str, list[tuple[Took, Took, float]]]) -> None:
    print("| | sealed | not sealed | ratio |\n| --- | --: | --: | --: |")
    for place, what in enumerate(("import", "analysis")):
        for name in ("cpu_seconds", "seconds", "peak_mb"):
            rounds = [[getattr(one[place], name) for one in found[form]] for form in FORMS]
            ratio = median(on / off for on, off in zip(*rounds, strict=True))
            medians = f"{median(rounds[0]):.1f} | {median(rounds[1]):.1f}"
            print(f"| {what}, {name.replace('_', ' ')} | {medians} | {ratio:.2f} |")
    sizes = [median(one[2] for one in found[form]) for form in FORMS]
    print(f"| database, MB | {sizes[0]:.1f} | {sizes[1]:.1f} | {sizes[0] / sizes[1]:.2f} |")


if __name__ == "__main__":
    main()
