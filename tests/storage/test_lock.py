"""One process at a time; the second is told who holds the lock, and a dead holder holds nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from insights.errors import InsightsError
from insights.storage.lock import OwnerLock, holder_of
from insights.storage.vectors import VectorPlace, VectorStore

HOLD_LOCK = """
import sys, time
from pathlib import Path
from insights.storage.lock import OwnerLock
lock = OwnerLock(Path(sys.argv[1]), what="it")
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""

HOLD_VECTORS = """
import sys, time
from pathlib import Path
import numpy as np
from insights.storage.vectors import VectorPlace, VectorStore
with VectorStore(VectorPlace(Path(sys.argv[1]))) as store:
    store.upsert([1, 2], np.eye(2, 4, dtype=np.float32), filters=[{"day": 1}, {"day": 2}])
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holding(program: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds what `path` names."""
    process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_lock_is_free_again_after_its_block(tmp_path: Path) -> None:
    with OwnerLock(tmp_path / "run.lock", what="it"):
        pass

    with OwnerLock(tmp_path / "run.lock", what="it"):
        assert (tmp_path / "run.owner").exists()

    assert not (tmp_path / "run.owner").exists()


def test_a_second_lock_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with (
        OwnerLock(tmp_path / "run.lock", what="this workspace"),
        pytest.raises(InsightsError, match=f"Another process uses this workspace: process {os.getpid()}, since 20"),
    ):
        OwnerLock(tmp_path / "run.lock", what="this workspace").acquire()


def test_being_refused_does_not_disturb_the_holder(tmp_path: Path) -> None:
    with OwnerLock(tmp_path / "run.lock", what="it"):
        second = OwnerLock(tmp_path / "run.lock", what="it")
        with pytest.raises(InsightsError):
            second.acquire()
        second.release()

        with pytest.raises(InsightsError, match=f"process {os.getpid()}"):
            second.acquire()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x", "since": "y"}', '{"pid": 1}', '"text"'])
def test_an_owner_file_that_cannot_be_read_still_gives_a_message(tmp_path: Path, content: str) -> None:
    with OwnerLock(tmp_path / "run.lock", what="it"):
        (tmp_path / "run.owner").write_text(content)

        with pytest.raises(InsightsError, match="its name is not known"):
            OwnerLock(tmp_path / "run.lock", what="it").acquire()


def test_a_holder_is_named_without_asking_for_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    assert holder_of(path) is None
    with OwnerLock(path, what="it"):
        assert holder_of(path) == os.getpid()
    assert holder_of(path) is None


@pytest.mark.kill
def test_one_that_died_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with holding(HOLD_LOCK, path) as other:
        assert holder_of(path) == other.pid

    assert (tmp_path / "run.owner").exists()
    assert holder_of(path) is None


@pytest.mark.parametrize(
    "content", ["", "[]", '{"pid": "x"}', '{"pid": 0}', '{"pid": 1e400}', '{"pid": 99999999999999999999}']
)
def test_an_owner_file_that_names_nobody_names_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.owner").write_text(content)

    assert holder_of(tmp_path / "run.lock") is None


@pytest.mark.kill
def test_a_second_process_is_told_who_holds_the_lock_and_gets_it_when_the_holder_is_killed(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path / "run.lock", what="it")
    with holding(HOLD_LOCK, tmp_path / "run.lock") as other:
        with pytest.raises(InsightsError, match=f"process {other.pid}, since"):
            lock.acquire()

        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        lock.acquire(wait_seconds=5)

    assert str(os.getpid()) in (tmp_path / "run.owner").read_text()
    lock.release()


@pytest.mark.kill
def test_vectors_have_one_owner_and_outlive_its_death(tmp_path: Path) -> None:
    place = VectorPlace(tmp_path / "vectors")
    with holding(HOLD_VECTORS, place.folder) as other:
        with (
            pytest.raises(InsightsError, match=f"Another process uses the vector store: process {other.pid}") as caught,
            VectorStore(place),
        ):
            pytest.fail("two processes had the vectors at once")
        os.kill(other.pid, signal.SIGKILL)
        other.wait()

    assert "Wait until it is done" in caught.value.remedy
    with VectorStore(place) as store:
        assert store.present([1, 2, 3]) == {1, 2}
