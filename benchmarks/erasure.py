"""Erase a person and then an account from a workspace of a made-up firm, and search the bytes of every file for them
before and after.

    python -m benchmarks.erasure --items 10000 [--folder DIR]

Who is erased is whoever wrote most; two dozen items of others name them, and so do files of the workspace. Each erasure
is a process of its own; making and analysing the workspace is not measured. Prints Markdown.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.nightly_firm import KINDS, LAST_DAY, firm_name, write_firm
from connectors.sources.files import FileSource
from insights.bootstrap import Workspace, make_workspace, now, open_workspace
from insights.data_rights.erase import erase, find_account, find_person, preview
from insights.domain.access import EVERY_ROLE, Actor
from insights.stages.collect import collect

NAMED_BY_OTHERS = 24


@dataclass(frozen=True)
class Took:
    """Of one erasure: seconds by the clock and of the CPU, with children; megabytes at most of the process."""

    items: int
    seconds: float
    cpu: float
    megabytes: float
    preview: float
    receipt: dict[str, Any]


def opened(folder: Path) -> Workspace:
    workspace = open_workspace(folder / "w")
    workspace.repository.actor = Actor("benchmark", EVERY_ROLE)
    return workspace


def made(folder: Path, items: int) -> str:
    """The workspace, analysed; the address of whoever wrote most in it."""
    make_workspace(folder / "w")
    files = folder / "files"
    files.mkdir()
    write_firm(files, items=items)
    workspace = opened(folder)
    for name, kind in KINDS.items():
        _bring(workspace, files / f"{name}.csv", kind)
    written = Counter(item.author_email for item in workspace.repository.erasing.items() if item.author_email)
    (address, _), *_ = written.most_common(1)
    _name_by_others(files / "others.csv", address)
    _bring(workspace, files / "others.csv", "ticket")
    workspace.analyze(progress=lambda *_: None)
    _write_files(workspace, address)
    workspace.close()
    return address


def _bring(workspace: Workspace, path: Path, kind: str) -> None:
    collect(
        FileSource(name=path.stem, path=path, kind=kind),
        repository=workspace.repository,
        rejects_folder=workspace.data / "rejects",
        now=now(),
        progress=lambda *_: None,
    )


def _name_by_others(path: Path, address: str) -> None:
    rows = [
        f"X-{number},{LAST_DAY - timedelta(days=number)},Ask {address} how the CSV export {number} was mended,Eve Ode,"
        "eve@oak.example"
        for number in range(NAMED_BY_OTHERS)
    ]
    path.write_text("\n".join(["id,created_at,description,requester_name,requester_email", *rows]) + "\n")


def _write_files(workspace: Workspace, address: str) -> None:
    """What runs leave on disk: a log, refused rows, digests and a report that quote."""
    hers = [item.text for item in workspace.repository.erasing.items() if item.author_email == address]
    others = [item.text for item in workspace.repository.erasing.items() if item.author_email != address][:2_000]
    files = {
        workspace.data / "rejects/tickets.rejects.csv": f'line,reason,row\n7,bad date,"{address}"\n8,bad date,x\n',
        workspace.data / "logs/night-2026-05-30.log": f"2026-05-30T05:00:00Z {address} was refused\n",
        workspace.folder / "report.html": "".join(f"<p>{text}</p>\n" for text in [*others, *hers]),
        **{
            workspace.folder / f"outbox/team-{number}.md": f"# Digest\n\n> {text}\n\nAsk {address}.\n"
            for number, text in enumerate(hers)
        },
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def measured(folder: Path, who: str) -> Took:
    """Erase them, in this process."""
    workspace = opened(folder)
    bench = workspace.bench(progress=lambda *_: None)
    subject = (find_person if "@" in who else find_account)(workspace.repository, who)
    begun = time.perf_counter()
    preview(bench, subject)
    looked = time.perf_counter() - begun
    begun, cpu = time.perf_counter(), _cpu()
    done = erase(bench, subject)
    seconds, used = time.perf_counter() - begun, _cpu() - cpu
    peak = _peak()
    workspace.close()
    return Took(len(subject.items), seconds, used, peak, looked, done.receipt)


_BOTH = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _peak() -> float:
    """Not by getrusage on Linux, which counts what the parent held before the process began."""
    status = Path("/proc/self/status")
    if status.exists():
        (told,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(told) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu() -> float:
    used = [resource.getrusage(which) for which in _BOTH]
    return sum(one.ru_utime + one.ru_stime for one in used)


def in_process(folder: Path, who: str) -> Took:
    command = [sys.executable, "-m", "benchmarks.erasure", "--folder", str(folder), "--erase", who]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Took(**json.loads(said))


def table(found: Mapping[str, Took]) -> str:
    proofs = [took.receipt["proof"] for took in found.values()]
    rows = [
        ("items erased", [f"{took.items:,}" for took in found.values()]),
        *(
            (f"{kind}: hits before → after", [f"{one['before'][kind]:,} → {one['after'][kind]:,}" for one in proofs])
            for kind in proofs[0]["before"]
        ),
        ("files, MB searched", [f"{one['files']:,}, {one['bytes'] / 1e6:.0f}" for one in proofs]),
        ("byte strings searched for", [f"{one['needles']:,}" for one in proofs]),
        ("seconds, CPU s", [f"{took.seconds:.1f}, {took.cpu:.1f}" for took in found.values()]),
        ("preview, seconds", [f"{took.preview:.1f}" for took in found.values()]),
        ("peak MB", [f"{took.megabytes:.0f}" for took in found.values()]),
    ]
    lines = [f"| | {' | '.join(found)} |", f"| --- |{' ---: |' * len(found)}"]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="An empty one, kept afterwards; else a temporary one.")
    parser.add_argument("--erase", help="Whom, in a folder that was made before: prints JSON.")
    asked = parser.parse_args()
    if asked.erase:
        print(json.dumps(asdict(measured(asked.folder, asked.erase))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        os.environ.setdefault("INSIGHTS_KEY_DIR", str(folder / "keys"))
        address = made(folder, asked.items)
        found = {"a person": in_process(folder, address), "an account": in_process(folder, firm_name(0))}
        print(table(found))
        for name, took in found.items():
            print(f"\n{name}: {took.receipt['gone']}", file=sys.stderr)
        if any(sum(took.receipt["proof"]["after"].values()) for took in found.values()):
            sys.exit(1)


if __name__ == "__main__":
    main()
