"""Let every write of an act fail in turn, run the act again, and see whether the workspace stands as if nothing was.

    python -m benchmarks.faults [--act NAME] [--modes kill torn full io] [--most 60] [--out faults.jsonl]

Each case is a fork of this process with everything loaded, in a copy of one workspace of forty items. The Nth write of
the act under the workspace and its keys (every write, sync, cut, rename and delete counts) kills the process before it,
is written by half and kills it, finds no space from there on, or has one I/O error. Then the act is run once more as
a person would do it. `lost` counts cases after which the opened contents of the compared tables differ from an
undisturbed workspace; `no word` those that ended in a traceback or in no message.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.faults.forks import acting, copied, forked, state, template_of

SHIM = Path(__file__).parent / "shim.c"
MODES = {"kill": 1, "torn": 2, "full": 3, "io": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What became of one fault."""

    act: str
    mode: str
    at: int
    exit: int
    """Of the disturbed attempt: the exit code, -9 where it was killed, -1 where it hung."""
    words: str
    again: int
    is_lost: bool
    has_traceback: bool


def reexec(module: str) -> None:
    """Begin again with the shim loaded."""
    library = Path(tempfile.gettempdir()) / f"insights-faults-{os.getuid()}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(SHIM), "-ldl"], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "INSIGHTS_FAULTS": "1"}
    os.execve(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]], environment)


def cases_of(act: str, *, modes: Sequence[str], most: int, base: Path) -> Iterator[Case]:
    """Every case of an act: `most` places of failure a mode, evenly spread, the first and last among them."""
    from benchmarks.faults.acts import ACTS

    chosen = next(one for one in ACTS if one.name == act)
    template = template_of(base, chosen.before)
    writes, wanted = _reference(base, template, chosen.commands)
    places = sorted({1 + round(step * (writes - 1) / max(1, most - 1)) for step in range(most)})
    print(f"{act}: {writes} writes, {len(places)} of them fail in turn", file=sys.stderr, flush=True)
    for mode in modes:
        for at in places:
            yield _case(base, template, (act, mode, at), chosen.commands, wanted)


def _reference(base: Path, template: Path, commands: Sequence[Sequence[str]]) -> tuple[int, str]:
    """How many writes it takes undisturbed, and how the workspace stands then."""
    folder = copied(template, base / "reference")
    code, counted = forked(acting(folder, commands, at=0, mode=0), log=base / "log")
    if code:
        raise SystemExit(f"It fails undisturbed: {(base / 'log').read_text()[-2000:]}")
    code, stands = forked(state(folder), log=base / "log")
    if code:
        raise SystemExit(f"Its state cannot be read: {(base / 'log').read_text()[-2000:]}")
    return int(counted), stands


def _case(
    base: Path, template: Path, what: tuple[str, str, int], commands: Sequence[Sequence[str]], wanted: str
) -> Case:
    act, mode, at = what
    folder = copied(template, base / "case")
    code, _ = forked(acting(folder, commands, at=at, mode=MODES[mode]), log=base / "log")
    words = (base / "log").read_text(errors="replace")
    again = _again(base, folder, commands)
    _, stands = forked(state(folder), log=base / "state")
    has_traceback = "Traceback" in words or "Traceback" in (base / "again").read_text(errors="replace")
    is_lost = stands != wanted
    if is_lost or has_traceback:
        shutil.rmtree(base / f"kept-{mode}-{at}", ignore_errors=True)
        shutil.copytree(folder, base / f"kept-{mode}-{at}", symlinks=True)
        words = words + (base / "again").read_text(errors="replace") + (base / "state").read_text(errors="replace")
    return Case(
        act=act, mode=mode, at=at, exit=code, words=words[-1500:], again=again, is_lost=is_lost,
        has_traceback=has_traceback,
    )  # fmt: skip


def _again(base: Path, folder: Path, commands: Sequence[Sequence[str]]) -> int:
    """One command after the other, whatever each answers: what was done already may be refused."""
    code = 0
    said = ""
    for command in commands:
        code, _ = forked(acting(folder, [command], at=0, mode=0), log=base / "again")
        said += (base / "again").read_text(errors="replace")
    (base / "again").write_text(said)
    return code


def _table(cases: Sequence[Case]) -> str:
    """One line an act and mode."""
    lines = ["| act | fault | cases | lost | no word |", "| --- | --- | --: | --: | --: |"]
    for act, mode in sorted({(one.act, one.mode) for one in cases}):
        some = [one for one in cases if (one.act, one.mode) == (act, mode)]
        lost, mute = sum(one.is_lost for one in some), sum(one.has_traceback or _is_mute(one) for one in some)
        lines.append(f"| {act} | {mode} | {len(some)} | {lost} | {mute} |")
    return "\n".join(lines)


def _is_mute(case: Case) -> bool:
    """Whether it failed without saying anything, or hung."""
    return case.exit == -1 or (case.exit not in (0, -9) and not case.words.strip())


def main() -> None:
    """Parse, run, print."""
    if not os.environ.get("INSIGHTS_FAULTS"):
        reexec("benchmarks.faults")
    os.environ.pop("LD_PRELOAD", None)
    from benchmarks.faults.acts import ACTS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--act", nargs="*", default=[one.name for one in ACTS])
    parser.add_argument("--modes", nargs="*", default=list(MODES), choices=list(MODES))
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--base", type=Path, help="Where cases are made, and kept where they show a loss.")
    arguments = parser.parse_args()
    base = arguments.base or Path(tempfile.mkdtemp(prefix="faults-"))
    base.mkdir(parents=True, exist_ok=True)
    cases = []
    for act in arguments.act:
        for case in cases_of(act, modes=arguments.modes, most=arguments.most, base=base):
            cases.append(case)
            if arguments.out:
                with arguments.out.open("a") as file:
                    file.write(json.dumps(asdict(case)) + "\n")
    print(_table(cases))
    print(Counter(case.exit for case in cases))


if __name__ == "__main__":
    main()
