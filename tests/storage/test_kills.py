"""A process killed while it writes leaves the old state or the new one, never half of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from insights.storage.repository import Repository
from tests.stored import KEY

IMPORT_FOR_EVER = """
import sys
from tests.drafts import RECEIVED, a_draft
from insights.storage.repository import Repository
from insights.storage.runs import SourceState
from tests.stored import KEY
repository = Repository(sys.argv[1], key=KEY)
done = repository.sources.get("tickets").state.get("pages", 0)
while True:
    drafts = [a_draft(f"Export {n} hangs.", number=n) for n in range(done * 40, done * 40 + 40)]
    with repository.writing() as connection:
        state = SourceState(source="tickets", state={"pages": done + 1})
        repository.sources.put(state, connection=connection)
        repository.feedback.save(drafts, connection=connection, received_at=RECEIVED)
    done += 1
    print(done, flush=True)
"""


@pytest.mark.kill
@pytest.mark.parametrize("pages", [1, 4, 9])
def test_after_a_kill_records_and_state_agree_and_nothing_acknowledged_is_lost(tmp_path: Path, pages: int) -> None:
    url = f"sqlite:///{tmp_path / 'insights.db'}"
    process = subprocess.Popen([sys.executable, "-c", IMPORT_FOR_EVER, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = 0
    while acknowledged < pages:
        acknowledged = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    acknowledged = max([acknowledged, *map(int, rest.split())])

    repository = Repository(url, key=KEY)
    saved = repository.sources.get("tickets").state["pages"]
    texts = [item.text for item in repository.feedback.unprotected(10_000)]
    repository.close()

    assert saved in (acknowledged, acknowledged + 1)
    assert texts == [f"Export {n} hangs." for n in range(saved * 40)]
