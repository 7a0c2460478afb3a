"""A reader of a tap that is killed loses nothing and doubles nothing, and its tap does not live on."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from insights.storage.repository import Repository
from tests.actors import ADA
from tests.ready import done, started
from tests.stored import KEY

pytestmark = pytest.mark.kill

KILLS = int(os.environ.get("INSIGHTS_TEST_KILLS", "5"))
COUNT = 6_000
TAP = f"""
import json, os, sys
open(f"pid-{{os.getpid()}}", "w").close()
start = json.load(open(sys.argv[sys.argv.index("--state") + 1]))["to"] if "--state" in sys.argv else 0
for number in range(start, {COUNT}):
    row = {{"id": number, "description": f"The export {{number}} hangs.", "at": "2026-03-01T08:00:00Z"}}
    print(json.dumps({{"type": "RECORD", "stream": "tickets", "record": row}}), flush=True)
    if number % 700 == 0: print(json.dumps({{"type": "STATE", "value": {{"to": number + 1}}}}), flush=True)
"""
PULL = """
import sys, tempfile
from pathlib import Path
from connectors.sources.singer import SINGER
from insights.ports import Setup
from insights.stages.collect import collect
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.fakes import quiet
from tests.stored import KEY, NOW
folder = Path(sys.argv[1])
tempfile.tempdir = str(folder)
settings = SINGER.settings.model_validate({
    "command": [sys.argv[2], "-S", "tap.py"], "select": "none",
    "streams": {"tickets": {"kind": "ticket", "id": "id", "text": "description", "date": "at"}},
})
source = SINGER.make(Setup(name="desk", settings=settings, folder=folder, secret=lambda: ""))
repository = Repository(f"sqlite:///{folder / 'insights.db'}", key=KEY, actor=ADA)
collect(source, repository=repository, rejects_folder=folder / "rejects", now=NOW, progress=quiet)
"""


def test_after_any_kill_the_next_reading_brings_the_rest(tmp_path: Path) -> None:
    (tmp_path / "tap.py").write_text(TAP)
    chance, arguments = random.Random(7), (str(tmp_path), sys.executable)
    for _ in range(KILLS):
        process = started(PULL, *arguments)
        time.sleep(chance.uniform(0.1, 0.6))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    last = done(PULL, *arguments)

    assert last.returncode == 0, last.stderr
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    items = repository.feedback.unprotected(2 * COUNT)
    state = repository.sources.get("desk").state
    repository.close()
    assert sorted(int(item.source_id.removeprefix("tickets-")) for item in items) == list(range(COUNT))
    assert state["tap"] == {"to": COUNT - COUNT % 700 + 1}
    taps = [int(path.name.removeprefix("pid-")) for path in tmp_path.glob("pid-*")]
    assert taps and not any(_is_running(number) for number in taps)


def _is_running(number: int) -> bool:
    """A tap whose reader is gone ends at its next line."""
    for _ in range(200):
        try:
            if Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return False
        except OSError:
            return False
        time.sleep(0.02)
    return True
