"""How long a night takes where 100,000 items are stored and 1,000 are new, offline, and what of it takes how long.

    python -m benchmarks.nightly --keep DIR
    python -m benchmarks.nightly --keep DIR --rounds 3 --profile night.prof

The firm is made up (`nightly_firm`): three files of feedback, to which an export adds rows every night, 400 accounts
and 1,500 deals. A first night brings it in, which takes minutes, and is kept in DIR. Each round copies it, puts the new
rows behind the old ones, and runs `insights nightly` of the next day in a process of its own. Prints Markdown.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks.nightly_firm import KINDS, LAST_DAY, add_items, write_firm

ITEMS, NEW = 100_000, 1_000
MADE = "made.json"
BEGINS = " …\n"
"""What a line ends with that says which step begins."""
FIRST, SECOND = (f"{LAST_DAY + timedelta(days=days)}" for days in (1, 2))
"""The mornings after the stored items and after the new ones."""


@dataclass(frozen=True, kw_only=True)
class Night:
    """What one night took; `stages` are seconds by step and what was told of its progress."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    stages: Mapping[str, float] = field(default_factory=dict)


def kept(folder: Path, items: int) -> Path:
    """The workspace of so many items, made if it is not there yet or was not finished."""
    place = folder / f"{items}"
    if not (place / MADE).exists():
        shutil.rmtree(place, ignore_errors=True)
        _make(place, items)
    return place


def _make(place: Path, items: int) -> None:
    from insights.bootstrap import make_workspace

    os.environ["INSIGHTS_KEY_DIR"] = str(place / "keys")
    work = place / "w"
    make_workspace(work)
    write_firm(work, items=items)
    with (work / "insights.toml").open("a") as file:
        for name, kind in KINDS.items():
            file.write(f'\n[[sources]]\nname = "{name}"\ntype = "file"\npath = "{name}.csv"\nkind = "{kind}"\n')
    first = run(work, as_of=FIRST)
    print(f"first night: {first.seconds:.0f} s, {first.peak_mb:.0f} MB", file=sys.stderr)
    (place / MADE).write_text(json.dumps({"items": items}))


def run(work: Path, *, as_of: str, profile: Path | None = None) -> Night:
    """The night of a day in a process of its own. Ends all where it fails."""
    measured = ["-m", "cProfile", "-o", str(profile)] if profile else []
    command = [*measured, "-m", "insights", "-C", str(work), "--progress", "json", "nightly", "--as-of", as_of]
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        stages = _stages(process.stderr, begun)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the night ended with {process.returncode}")
    return Night(
        seconds=time.perf_counter() - begun,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_mb=used.ru_maxrss / 1024,
        stages=stages,
    )


def _stages(lines: Iterable[str], begun: float) -> dict[str, float]:
    """Seconds from the line that tells of a step, or of a stage in it, to that of the next one."""
    took: defaultdict[str, float] = defaultdict(float)
    step = name = "start"
    since = begun
    for line in lines:
        stage = _told(line)
        if stage is None and line.endswith(BEGINS):
            step = line.removesuffix(BEGINS)
        elif stage is None:
            print(line, end="", file=sys.stderr)
        following = step if stage is None else f"{step}: {stage}"
        if following != name:
            now = time.perf_counter()
            took[name] += now - since
            name, since = following, now
    took[name] += time.perf_counter() - since
    return dict(took)


def _told(line: str) -> str | None:
    """The stage that a line of progress tells of; None for what is no such line."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return str(found["name"]) if isinstance(found, dict) and "name" in found else None


def night(place: Path, *, items: int, new: int, profile: Path | None = None) -> Night:
    """The night of so many new rows, on a copy of what is kept."""
    os.environ["INSIGHTS_KEY_DIR"] = str(place / "keys")
    with tempfile.TemporaryDirectory(dir=place.parent) as name:
        work = Path(name) / "w"
        shutil.copytree(place / "w", work)
        add_items(work, range(items, items + new), items=items)
        done = run(work, as_of=SECOND, profile=profile)
        _see_all(work, items + new)
    return done


def _see_all(work: Path, items: int) -> None:
    from insights.bootstrap import open_workspace

    opened = open_workspace(work)
    found, problems = opened.repository.feedback.counts(), len(opened.repository.problems.all())
    opened.close()
    if found["items"] != items:
        raise SystemExit(f"{found['items']} of {items} items are kept")
    mentions = sum(count for name, count in found.items() if name.startswith("mentions."))
    print(f"{items:,} items, {mentions:,} mentions, {problems} problems", file=sys.stderr)


def table(nights: Sequence[Night]) -> Iterator[str]:
    yield "| | seconds |"
    yield "| --- | ---: |"
    yield f"| the whole night | **{median(one.seconds for one in nights):.1f}** |"
    yield f"| CPU seconds | {median(one.cpu_seconds for one in nights):.1f} |"
    yield f"| peak memory | {max(one.peak_mb for one in nights):.0f} MB |"
    for name in nights[0].stages:
        yield f"| {name} | {median(one.stages.get(name, 0) for one in nights):.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="Folder, outside of the project, of what is stored.")
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--new", type=int, default=NEW)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--profile", type=Path, help="Profile the night into this file, with cProfile.")
    wanted = parser.parse_args()
    place = kept(wanted.keep.resolve(), wanted.items)
    nights = [night(place, items=wanted.items, new=wanted.new, profile=wanted.profile) for _ in range(wanted.rounds)]
    print("\n".join(table(nights)))


if __name__ == "__main__":
    main()
