"""A rotation that is killed, wherever, leaves a workspace that opens with every value, and ends when it is run again.

It dies before a commit to the database, or before a file in the folder of keys is opened, renamed or removed. Two
points of each way by default, others each time; INSIGHTS_KILLS=100 tries as many, INSIGHTS_THOROUGH=1 every one.
"""

import os
import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights.bootstrap import Workspace, make_workspace, open_workspace
from insights.key_rotation import finish, rotate
from tests.drafts import RECEIVED, a_draft
from tests.ready import done
from tests.thorough import THOROUGH

KILLS = int(os.environ.get("INSIGHTS_KILLS", "2"))
ITEMS, LOGINS = 90, 25
LATER = datetime(2036, 1, 1, tzinfo=UTC)
"""When every former data key may go."""

ROTATION = """
import os, signal, sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from insights.bootstrap import open_workspace
from insights.key_rotation import finish, rotate
from insights.storage import rotation
folder, at, at_once = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "at once"
keys = os.environ["INSIGHTS_KEY_DIR"]
rotation._BATCH = 20
workspace = open_workspace(folder)
passed = 0
def point(*_):
    global passed
    passed += 1
    if passed == at:
        os.kill(os.getpid(), signal.SIGKILL)
def look(name, arguments):
    if name in ("open", "os.rename", "os.remove") and str(arguments[0]).startswith(keys):
        point()
event.listen(Engine, "commit", point)
sys.addaudithook(look)
bench = workspace.key_bench()
rotate(bench, at_once=at_once)
finish(replace(bench, now=lambda: datetime(2036, 1, 1, tzinfo=UTC)))
workspace.close()
print(passed)
"""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with words and logins, and its key beside it."""
    folder = tmp_path_factory.mktemp("before")
    with keys_of(folder):
        make_workspace(folder / "w")
        workspace = open_workspace(folder / "w")
        with workspace.repository.writing() as connection:
            drafts = [a_draft(f"Export {number} hangs.", number=number) for number in range(ITEMS)]
            workspace.repository.feedback.save(drafts, connection=connection, received_at=RECEIVED)
        for number in range(LOGINS):
            workspace.repository.credentials.keep(f"login-{number}", f"secret {number}", RECEIVED)
        workspace.close()
    return folder


@contextmanager
def keys_of(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
        patched.delenv("INSIGHTS_KEY", raising=False)
        yield


def rotated(folder: Path, way: str, *, at: int) -> int | None:
    """How many points it passed; None where it was killed."""
    environment = {**os.environ, "INSIGHTS_KEY_DIR": str(folder / "keys")}
    environment.pop("INSIGHTS_KEY", None)
    ended = done(ROTATION, str(folder / "w"), str(at), way, environment=environment)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return None if ended.returncode else int(ended.stdout)


def check(workspace: Workspace) -> None:
    """Every value is there."""
    repository = workspace.repository
    texts = [item.text for item in repository.feedback.unprotected(10_000)]
    assert texts == [f"Export {number} hangs." for number in range(ITEMS)]
    for number in range(LOGINS):
        assert repository.credentials.get(f"login-{number}") == f"secret {number}"


@pytest.mark.kill
@pytest.mark.parametrize("way", ["with time", "at once"])
def test_wherever_a_rotation_is_killed_everything_is_read_and_running_it_again_ends_it(
    before: Path, tmp_path: Path, way: str
) -> None:
    whole = shutil.copytree(before, tmp_path / "whole")
    points = rotated(whole, way, at=0)
    assert points is not None
    assert points > 40
    every = range(1, points + 1)
    for at in every if THOROUGH or points <= KILLS else random.sample(every, KILLS):
        folder = shutil.copytree(before, tmp_path / f"at-{at}")
        assert rotated(folder, way, at=at) is None, f"point {at} was not reached"
        ends_when_run_again(folder, way)
        shutil.rmtree(folder)


def ends_when_run_again(folder: Path, way: str) -> None:
    with keys_of(folder):
        workspace = open_workspace(folder / "w")
        check(workspace)
        bench = workspace.key_bench()
        rotate(bench, at_once=way == "at once")
        finish(replace(bench, now=lambda: LATER))
        check(workspace)
        keys = workspace.repository.rotation.keys()
        assert (len(keys.columns), workspace.repository.rotation.waiting()) == (1, 0)
        workspace.close()
        again = open_workspace(folder / "w")
        check(again)
        again.close()
    names = [path.name for path in (folder / "keys").iterdir()]
    assert [name for name in names if ".next." in name or name.endswith(".key.tmp")] == []
