"""What else may happen to a workspace: flipped bits, a lost or foreign part, a stopped process, a clock that jumps, an
old schema, a folder that may not be written, two writers.

    python -m benchmarks.faults.machine [--flips 100] [--only bits clock …]

A case is *sound* where the opened contents are as before, *told* where a command or `insights doctor --deep` says what
is wrong and exits with 1, *silent* where contents differ and nobody says so, *broken* where there was a traceback or it
hung.
"""

import argparse
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.faults.forks import acting, copied, forked, state, template_of

Verdict = str
_BEFORE = [("import", "tickets.csv", "--kind", "ticket"), ("analyze",), ("decide", "P-1", "accept")]
_LOOKS = [("problems",), ("show", "P-1", "--items"), ("audit", "verify"), ("doctor", "--deep")]


class Ground:
    """One sound workspace, and what it says undisturbed."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.template = template_of(base, _BEFORE)
        code, self.sound = forked(state(self.template), log=base / "log")
        if code:
            raise SystemExit((base / "log").read_text()[-2000:])

    def case(self) -> Path:
        return copied(self.template, self.base / "case")

    def told(self, folder: Path, commands: Sequence[Sequence[str]] = _LOOKS) -> tuple[list[int], str]:
        """The exit codes of commands that only look, and all that they say."""
        codes, said = [], ""
        for command in commands:
            code, _ = forked(acting(folder, [command], at=0, mode=0), log=self.base / "log")
            codes.append(code)
            said += (self.base / "log").read_text(errors="replace")
        return codes, said

    def judged(self, folder: Path) -> Verdict:
        """How a disturbed workspace stands."""
        codes, said = self.told(folder)
        code, stands = forked(state(folder), log=self.base / "log")
        if "Traceback" in said or -1 in codes:
            self._keep(folder, said)
            return "broken"
        if code == 0 and stands == self.sound:
            return "told" if any(codes) else "sound"
        if any(codes):
            return "told"
        self._keep(folder, said)
        return "silent"

    def _keep(self, folder: Path, said: str) -> None:
        place = self.base / f"kept-{len(list(self.base.glob('kept-*')))}"
        shutil.copytree(folder, place, symlinks=True)
        (place / "said").write_text(said)


# -- bits -----------------------------------------------------------------------------------------------------------


def bits(ground: Ground, flips: int) -> dict[str, Counter[Verdict]]:
    """One random bit of each kind of file, again and again."""
    found: dict[str, Counter[Verdict]] = {}
    for name, files in _kinds_of_file(ground.template).items():
        chance = random.Random(name)
        found[f"bit flipped in {name}"] = Counter(_flipped(ground, files, chance) for _ in range(flips))
        print(name, found[f"bit flipped in {name}"], file=sys.stderr, flush=True)
    return found


def _kinds_of_file(folder: Path) -> dict[str, list[Path]]:
    data = folder / "w/.insights"
    inside = {
        "the database": [data / "insights.db"],
        "the vectors": sorted(path for path in (data / "vectors").rglob("*") if path.is_file()),
        "the key": sorted((folder / "keys").glob("*.key")),
        "the anchor of the audit log": sorted((folder / "keys").glob("*.audit")),
        "the workspace's id": [data / "id"],
        "the settings": [folder / "w/insights.toml"],
    }
    return {
        name: [path.relative_to(folder) for path in paths if path.exists() and path.stat().st_size]
        for name, paths in inside.items()
        if any(path.exists() for path in paths)
    }


def _flipped(ground: Ground, files: Sequence[Path], chance: random.Random) -> Verdict:
    folder = ground.case()
    _settle(folder)
    sizes = [(folder / path).stat().st_size for path in files]
    path = folder / chance.choices(files, sizes)[0]
    content = bytearray(path.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    return ground.judged(folder)


def _settle(folder: Path) -> None:
    """What stands in the write-ahead log goes into the database, so that one file holds it all."""
    with closing(sqlite3.connect(folder / "w/.insights/insights.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# -- other damage ---------------------------------------------------------------------------------------------------


def apart(ground: Ground, _: int) -> dict[str, Counter[Verdict]]:
    """Vectors and database that do not belong together; an analysis or reindex mends it."""
    found: Counter[Verdict] = Counter()
    older = copied(template_of(ground.base / "older", _BEFORE[:1]), ground.base / "part")
    for place in ("missing", "empty", "older"):
        folder = ground.case()
        vectors = folder / "w/.insights/vectors"
        shutil.rmtree(vectors)
        if place == "empty":
            vectors.mkdir()
        elif place == "older" and (older / "w/.insights/vectors").exists():
            shutil.copytree(older / "w/.insights/vectors", vectors)
        before = ground.judged(folder)
        codes, said = ground.told(folder, [("reindex",), ("doctor", "--deep")])
        found[before if not any(codes) and "Traceback" not in said else "broken"] += 1
    return {"vectors and database apart, then reindex": found}


def unwritable(ground: Ground, _: int) -> dict[str, Counter[Verdict]]:
    """A folder that may be read only, for somebody who is not root; commands that write say so."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return {}
    folder = ground.case()
    subprocess.run(["chmod", "-R", "a+rX,a-w", str(folder)], check=True)
    codes, said = _as_nobody(
        folder, [["decide", "P-2", "accept"], ["analyze"], ["import", "tickets.csv", "--kind", "ticket"]]
    )
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
    verdict = "broken" if "Traceback" in said else "told" if all(codes) else "silent"
    return {"a folder that may not be written": Counter({verdict: len(codes)})}


def _as_nobody(folder: Path, commands: Sequence[Sequence[str]]) -> tuple[list[int], str]:
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    environment = {**os.environ, "INSIGHTS_KEY_DIR": str(folder / "keys"), "HOME": "/tmp", "USER": "nobody"}
    codes, said = [], ""
    for command in commands:
        done = subprocess.run(
            [*drop, sys.executable, "-m", "insights", "-C", str(folder / "w"), *command],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip
        codes.append(done.returncode)
        said += done.stdout + done.stderr
    return codes, said


def schemas(ground: Ground, _: int) -> dict[str, Counter[Verdict]]:
    """A database of a newer version is refused; one without its version's table, too."""
    found: Counter[Verdict] = Counter()
    for statement in ("UPDATE alembic_version SET version_num = '9999'", "DROP TABLE mention", "DELETE FROM meta"):
        folder = ground.case()
        with closing(sqlite3.connect(folder / "w/.insights/insights.db")) as connection, connection:
            connection.execute(statement)
        found[ground.judged(folder)] += 1
    return {"a newer schema, a lost table, lost settings of the database": found}


def lost_parts(ground: Ground, _: int) -> dict[str, Counter[Verdict]]:
    """Each file of the workspace and its key deleted, or cut to half."""
    found: Counter[Verdict] = Counter()
    names = [path for paths in _kinds_of_file(ground.template).values() for path in paths]
    for name in names:
        for is_cut in (False, True):
            folder = ground.case()
            _settle(folder)
            path = folder / name
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]) if is_cut else path.unlink()
            found[ground.judged(folder)] += 1
    return {"a file deleted or cut to half": found}


# -- processes and clocks -------------------------------------------------------------------------------------------


def stopped(ground: Ground, _: int) -> dict[str, Counter[Verdict]]:
    """An analysis that is stopped (SIGSTOP) at many moments: others look, are told who holds it, and it goes on."""
    found: Counter[Verdict] = Counter()
    for delay in (0.3, 0.8, 1.2, 1.6, 2.0, 2.6, 3.2, 4.0):
        folder = ground.case()
        process = _started(folder, ["analyze"])
        time.sleep(delay)
        process.send_signal(signal.SIGSTOP)
        codes, said = ground.told(folder, [("problems",), ("decide", "P-2", "accept"), ("analyze",)])
        process.send_signal(signal.SIGCONT)
        ended = process.wait(60)
        is_well = codes[0] == 0 and -1 not in codes and "Traceback" not in said and ended == 0
        found["sound" if is_well else "broken"] += 1
    return {"an analysis stopped and continued": found}


def _started(folder: Path, command: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "INSIGHTS_KEY_DIR": str(folder / "keys")}
    return subprocess.Popen(
        [sys.executable, "-m", "insights", "-C", str(folder / "w"), *command],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def clocks(ground: Ground, _: int) -> dict[str, Counter[Verdict]]:
    """The clock jumps by years, forth and back, between commands."""
    found: Counter[Verdict] = Counter()
    for moments in (("2031-01-01", "2026-06-02"), ("2019-01-01", "2026-06-02"), ("1970-01-02", "2038-01-20")):
        folder = ground.case()
        codes: list[int] = []
        said = ""
        for moment in moments:
            os.environ["INSIGHTS_NOW"] = f"{moment}T08:00:00+00:00"
            more, words = ground.told(
                folder, [("analyze",), ("nightly", "--offline"), ("problems",), ("audit", "verify")]
            )
            codes, said = codes + more, said + words
        is_well = "Traceback" not in said and -1 not in codes and codes[2] == codes[5] == 0
        found["sound" if is_well else "broken"] += 1
    os.environ["INSIGHTS_NOW"] = "2026-06-01T08:00:00+00:00"
    return {"a clock that jumps by years, forth and back": found}


def writers(ground: Ground, _: int) -> dict[str, Counter[Verdict]]:
    """Many at once: decisions, an import and an analysis; everyone is served or told, every decision is there."""
    found: Counter[Verdict] = Counter()
    for _round in range(4):
        folder = ground.case()
        commands = [
            ["decide", "P-2", "accept"],
            ["analyze"],
            ["import", "tickets.csv", "--kind", "ticket"],
            ["nightly", "--offline"],
        ]
        running = [_started(folder, command) for command in commands]
        codes = [process.wait(120) for process in running]
        looked, said = ground.told(folder, [("show", "P-2"), ("doctor", "--deep"), ("audit", "verify")])
        is_well = codes[0] == 0 and "accepted" in said.lower() and not any(looked) and "Traceback" not in said
        found["sound" if is_well else "broken"] += 1
        if not is_well:
            print(codes, looked, re.sub(r"\s+", " ", said)[-600:], file=sys.stderr)
    return {"four writers at once": found}


KINDS: dict[str, Callable[[Ground, int], dict[str, Counter[Verdict]]]] = {
    "bits": bits,
    "parts": lost_parts,
    "apart": apart,
    "unwritable": unwritable,
    "schemas": schemas,
    "stopped": stopped,
    "clocks": clocks,
    "writers": writers,
}


def main() -> None:
    """Parse, disturb, print."""
    if not os.environ.get("INSIGHTS_FAULTS"):
        from benchmarks.faults.__main__ import reexec

        reexec("benchmarks.faults.machine")
    os.environ.pop("LD_PRELOAD", None)
    from benchmarks.faults import acts  # noqa: F401 - loads all before forks

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=50)
    parser.add_argument("--only", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--base", type=Path)
    arguments = parser.parse_args()
    base = arguments.base or Path(tempfile.mkdtemp(prefix="faults-"))
    (base / "older").mkdir(parents=True, exist_ok=True)
    ground = Ground(base)
    print("| fault | cases | sound | told | silent | broken |\n| --- | --: | --: | --: | --: | --: |")
    for name in arguments.only:
        for what, verdicts in KINDS[name](ground, arguments.flips).items():
            counts = " | ".join(str(verdicts[one]) for one in ("sound", "told", "silent", "broken"))
            print(f"| {what} | {verdicts.total()} | {counts} |", flush=True)


if __name__ == "__main__":
    main()
