"""An erasure that is killed at any of its steps is ended by whoever comes next: never half.

By default two points each time; INSIGHTS_KILLS=100 tries as many, INSIGHTS_THOROUGH=1 every one. A point is before and
after a commit to the database, before a file is replaced or renamed, and each time that progress is told.
"""

import os
import random
import shutil
import signal
from pathlib import Path

import pytest

from insights.data_rights.erase import resume
from tests.data_rights import planted
from tests.data_rights.planted import bench, holding, opened_texts
from tests.data_rights.test_erase import SAID
from tests.ready import done
from tests.thorough import THOROUGH

pytestmark = pytest.mark.kill

KILLS = int(os.environ.get("INSIGHTS_KILLS", "2"))

ERASE = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from tests.data_rights import planted
at, passed = int(sys.argv[2]), 0
def point(*_):
    global passed
    passed += 1
    if passed == at:
        os.kill(os.getpid(), signal.SIGKILL)
def around(owner, name):
    real = getattr(owner, name)
    def call(*args, **kwargs):
        point()
        made = real(*args, **kwargs)
        point()
        return made
    setattr(owner, name, call)
workspace = planted.opened(Path(sys.argv[1]))
from insights.data_rights import erase as erasing
from insights.storage.database import Database
subject = erasing.find_person(workspace.repository, planted.EMAIL)
event.listen(Engine, "commit", point)
for owner, name in (
    (Path, "replace"), (Path, "unlink"), (os, "fsync"), (Database, "vacuum"), (Database, "checkpoint")
):
    around(owner, name)
erasing.erase(replace(planted.bench(workspace), progress=point), subject)
workspace.close()
print(passed)
"""


def erased(folder: Path, *, at: int) -> int | None:
    """How many points it passed; None where it was killed."""
    environment = {**os.environ, "INSIGHTS_KEY_DIR": str(folder / "keys"), "INSIGHTS_NOW": planted.NOW.isoformat()}
    ended = done(ERASE, str(folder), str(at), environment=environment)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return int(ended.stdout.split()[-1]) if ended.returncode == 0 else None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        planted.make(folder, patched).close()
    return folder


def test_wherever_it_is_killed_the_next_one_ends_it_and_nothing_of_her_is_left(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = erased(shutil.copytree(made, tmp_path / "whole"), at=0)
    assert points is not None and points > 30
    every = range(1, points + 1)
    for at in every if THOROUGH else random.sample(every, min(KILLS, points)):
        folder = shutil.copytree(made, tmp_path / f"at-{at}")
        passed = erased(folder, at=at)
        assert passed is None or passed < at  # how many files there are to write is not the same each time
        monkeypatch.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
        monkeypatch.setenv("INSIGHTS_NOW", planted.NOW.isoformat())
        assert_whole_or_ended(folder, at=at)
        shutil.rmtree(folder)


def assert_whole_or_ended(folder: Path, *, at: int) -> None:
    """Either nothing was begun, and all of her is there; or it is ended, and nothing is."""
    workspace = planted.opened(folder)
    texts = opened_texts(workspace.repository._database)
    is_begun = workspace.repository.erasures.is_under_way()
    receipts = list((workspace.data / "receipts").glob("*.json"))
    assert is_begun or receipts or holding(texts, *SAID), f"killed at point {at}"
    ended = resume(bench(workspace))
    assert (ended is not None) is is_begun
    if is_begun or receipts:
        assert holding(opened_texts(workspace.repository._database), *SAID) == set(), f"killed at point {at}"
        assert len(list((workspace.data / "receipts").glob("*.json"))) == 1
        assert not workspace.repository.erasures.is_under_way()
    if ended is not None:
        assert set(ended.receipt["proof"]["after"].values()) == {0}, f"killed at point {at}"
        with workspace.vectors() as store:
            assert store.count() == len(workspace.repository.erasing.mentions_of(range(1, 100)))
    workspace.close()
