"""Let every write of an act fail in turn, run the act again, and see whether the workspace stands as if nothing was.

    python -m benchmarks.faults [--act NAME] [--modes kill torn full io] [--most 60] [--out faults.jsonl]

Each case is a fork of this process with everything loaded, in a copy of one workspace of forty items. The Nth write of
the act under the workspace and its keys (every write, sync, cut, rename and delete counts) kills the process before it,
is written by half and kills it, finds no space from there on, or has one I/O error. Then the act is run once more as
a person would do it. `lost` counts cases after which the opened contents of the compared tables differ from an
undisturbed workspace; `no word` those that ended in a traceback or in no message.
"""

import argparse
import contextlib
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SHIM = Path(__file__).parent / "shim.c"
MODES = {"kill": 1, "torn": 2, "full": 3, "io": 4}
_PATIENCE = 120.0
"""Seconds after which a case hangs."""


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


def _reexec() -> None:
    """Begin again with the shim loaded."""
    library = Path(tempfile.gettempdir()) / f"insights-faults-{os.getuid()}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(SHIM), "-ldl"], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "INSIGHTS_FAULTS": "1"}
    os.execve(sys.executable, [sys.executable, "-m", "benchmarks.faults", *sys.argv[1:]], environment)


def forked(work: Callable[[], str], *, log: Path) -> tuple[int, str]:
    """Run it in a fork: exit code (-9 killed, -1 hung) and what it returned. stdout and stderr go to `log`."""
    answer, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.close(answer)
            file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(file, 1)
            os.dup2(file, 2)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            told = work()
            os.write(write, told.encode())
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
    os.close(write)
    status = _waited(child)
    with os.fdopen(answer) as pipe:
        return status, pipe.read() if status != -1 else ""


def _waited(child: int) -> int:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.004)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -1


def _acting(folder: Path, commands: Sequence[Sequence[str]], *, at: int, mode: int) -> Callable[[], str]:
    def work() -> str:
        from benchmarks.faults.acts import run

        os.environ["INSIGHTS_KEY_DIR"] = str(folder / "keys")
        shim = ctypes.CDLL(None)
        shim.faults_seen.restype = ctypes.c_long
        shim.faults_arm(str(folder).encode(), ctypes.c_long(at), ctypes.c_long(mode))
        code = run(folder / "w", commands)
        if code:
            raise SystemExit(code)
        return str(shim.faults_seen())

    return work


def _state(folder: Path) -> Callable[[], str]:
    def work() -> str:
        from benchmarks.faults.acts import state_of

        os.environ["INSIGHTS_KEY_DIR"] = str(folder / "keys")
        return state_of(folder / "w")

    return work


def template_of(base: Path, before: Sequence[Sequence[str]]) -> Path:
    """A workspace that has these commands behind it."""
    from benchmarks.faults.acts import SETTINGS, tickets

    folder = base / "template"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "w").mkdir(parents=True)
    (folder / "w/tickets.csv").write_text(tickets())
    code, _ = forked(_acting(folder, [("init", ".")], at=0, mode=0), log=base / "log")
    with (folder / "w/insights.toml").open("a") as file:
        file.write(SETTINGS)
    if code == 0 and before:
        code, _ = forked(_acting(folder, before, at=0, mode=0), log=base / "log")
    if code:
        raise SystemExit(f"The workspace could not be made: {(base / 'log').read_text()[-2000:]}")
    return folder


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
    folder = _copied(template, base / "reference")
    code, counted = forked(_acting(folder, commands, at=0, mode=0), log=base / "log")
    if code:
        raise SystemExit(f"It fails undisturbed: {(base / 'log').read_text()[-2000:]}")
    code, state = forked(_state(folder), log=base / "log")
    if code:
        raise SystemExit(f"Its state cannot be read: {(base / 'log').read_text()[-2000:]}")
    return int(counted), state


def _case(
    base: Path, template: Path, what: tuple[str, str, int], commands: Sequence[Sequence[str]], wanted: str
) -> Case:
    act, mode, at = what
    folder = _copied(template, base / "case")
    code, _ = forked(_acting(folder, commands, at=at, mode=MODES[mode]), log=base / "log")
    words = (base / "log").read_text(errors="replace")
    again = _again(base, folder, commands)
    _, state = forked(_state(folder), log=base / "state")
    has_traceback = "Traceback" in words or "Traceback" in (base / "again").read_text(errors="replace")
    is_lost = state != wanted
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
        code, _ = forked(_acting(folder, [command], at=0, mode=0), log=base / "again")
        said += (base / "again").read_text(errors="replace")
    (base / "again").write_text(said)
    return code


def _copied(template: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder, symlinks=True)
    return folder


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
        _reexec()
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
