"""What happens when the machine fails: damage, a full disk, a stop half-way. Words, an exit code, nothing lost."""

import os
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from insights.bootstrap import make_workspace, open_workspace
from insights.domain.query import Filters
from insights.errors import ExitCode, InsightsError
from insights.search import search
from insights.stages.embed import embed
from insights.storage.database import open_engine
from insights.storage.keys import find_key
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorPlace, VectorStore
from tests.drafts import a_draft, save, split_whole
from tests.fakes import HashingEmbedder, quiet
from tests.stored import a_workspace, an_item

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "insights"]

pytestmark = pytest.mark.usefixtures("databases_as_shipped")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace without feedback."""
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    monkeypatch.delenv("INSIGHTS_KEY", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    make_workspace(tmp_path / "w")
    return tmp_path / "w"


# -- a workspace that is not whole ----------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [["insights.db", "id"], ["insights.db"], []])
def test_a_workspace_that_was_made_half_way_is_completed(made: Path, left: list[str]) -> None:
    (made / "insights.toml").unlink()
    for name in left:
        (made / ".insights" / name).unlink()

    make_workspace(made)

    workspace = open_workspace(made)
    assert workspace.repository.feedback.counts()["items"] == 0
    workspace.close()


def test_an_id_that_a_full_disk_cut_off_does_not_stop_init(made: Path) -> None:
    (made / "insights.toml").unlink()
    (made / ".insights/insights.db").unlink()
    (made / ".insights/id").write_text("")

    make_workspace(made)

    workspace = open_workspace(made)
    assert workspace.repository.feedback.counts()["items"] == 0
    workspace.close()


def test_a_database_without_its_id_gets_no_second_key(made: Path) -> None:
    (made / ".insights/id").unlink()
    with pytest.raises(InsightsError, match="holds a database") as caught:
        open_workspace(made)
    assert "key file" in caught.value.remedy

    (made / "insights.toml").unlink()
    keys = list((made.parent / "keys").iterdir())
    with pytest.raises(InsightsError, match="holds a database"):
        make_workspace(made)
    assert list((made.parent / "keys").iterdir()) == keys


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_database_that_is_gone_is_not_replaced_by_an_empty_one(made: Path, is_empty: bool) -> None:
    database = made / ".insights/insights.db"
    database.unlink()
    if is_empty:
        database.touch()

    with pytest.raises(InsightsError, match="missing or empty"):
        open_workspace(made)

    assert not database.exists() or not database.stat().st_size


def test_a_key_file_of_other_bytes_is_named_as_no_key(tmp_path: Path) -> None:
    path = tmp_path / "0123456789abcdef.key"
    path.write_bytes(b"\xff\xfe\x00")
    path.chmod(0o600)

    with pytest.raises(InsightsError, match="not a key"):
        find_key("0123456789abcdef", environment={"INSIGHTS_KEY_DIR": str(tmp_path)})


def test_a_lock_that_cannot_name_its_holder_is_let_go(tmp_path: Path) -> None:
    (tmp_path / "run.owner").mkdir()
    failed = OwnerLock(tmp_path / "run.lock", what="it")
    with pytest.raises(OSError, match="directory"):
        failed.acquire()
    (tmp_path / "run.owner").rmdir()

    with OwnerLock(tmp_path / "run.lock", what="it"):
        assert (tmp_path / "run.owner").exists()


# -- vectors that are lost or damaged -------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Repository]:
    """Three items, marked as embedded."""
    texts = ["label printer cuts off", "login fails", "export hangs"]
    repository = a_workspace(tmp_path, others=[an_item(text) for text in texts])
    mentions = [mention.id for mention in repository.mentions.ranked()]
    repository.mentions.mark_embedded(mentions, fingerprint=HashingEmbedder().fingerprint)
    repository.set_meta(VECTORS_BY, HashingEmbedder().fingerprint)
    yield repository
    repository.close()


@pytest.mark.parametrize("damage", ["garbage", "a file"])
def test_damaged_vectors_can_be_opened_anew(tmp_path: Path, damage: str) -> None:
    place = VectorPlace(tmp_path / "v")
    if damage == "garbage":
        place.folder.mkdir()
        (place.folder / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    else:
        place.folder.write_text("x")

    with VectorStore(place, anew=True) as store:
        store.upsert([1], np.ones((1, 4), dtype=np.float32), filters=[{"kind": "ticket"}])
        assert store.count() == 1


def test_vectors_that_went_missing_are_made_again_by_the_next_run(stored: Repository, tmp_path: Path) -> None:
    embedder = HashingEmbedder()
    kept = [mention.id for mention in stored.mentions.ranked()][:1]
    with VectorStore(VectorPlace(tmp_path / "v")) as vectors:
        vectors.upsert(kept, embedder.embed(["label printer cuts off"]), filters=[{"kind": "ticket"}])
        embedder.asked.clear()

        embed(stored, embedder=embedder, vectors=vectors, progress=quiet)

        assert vectors.count() == 3
        assert len(embedder.asked) == 2


@pytest.mark.parametrize("embedder", [HashingEmbedder(), HashingEmbedder(name="another")])
def test_a_search_without_fitting_vectors_says_so(
    stored: Repository, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    with (
        VectorStore(VectorPlace(tmp_path / "v")) as vectors,
        pytest.raises(InsightsError, match="gone, or another embedder") as caught,
    ):
        search("label", repository=stored, embedder=embedder, vectors=vectors, filters=Filters())
    assert "insights reindex" in caught.value.remedy


def test_reindex_forgets_nothing_while_another_process_works(made: Path) -> None:
    workspace = open_workspace(made)
    save(workspace.repository, a_draft("export hangs"))
    split_whole(workspace.repository)
    embedded = [mention.id for mention in workspace.repository.mentions.unembedded("any", limit=9)]
    workspace.repository.mentions.mark_embedded(embedded, fingerprint="any")
    with workspace.vectors():
        done = subprocess.run([*COMMAND, "-C", str(made), "reindex"], capture_output=True, text=True, check=False)
        assert done.returncode == ExitCode.ERROR
        assert f"process {os.getpid()}" in done.stderr
    assert workspace.repository.mentions.count_embedded("any") == 1
    workspace.close()


# -- a full disk ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 1 MB, which only root may make."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if (
        not hasattr(os, "geteuid")
        or os.geteuid()
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.kill
def test_vectors_on_a_full_disk_end_in_words_and_stay_whole(small_disk: Path) -> None:
    rows = np.ones((400, 256), dtype=np.float32)
    place = VectorPlace(small_disk / "v")

    with pytest.raises(InsightsError, match="disk is full"), VectorStore(place) as store:
        for start in range(0, 40_000, 400):
            store.upsert(range(start, start + 400), rows, filters=[{"kind": "ticket"}] * 400)

    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    with VectorStore(place) as store:
        before = store.count()
        store.upsert(range(400), rows, filters=[{"kind": "ticket"}] * 400)
        assert store.count() == max(before, 400)


@pytest.mark.kill
def test_init_on_a_full_disk_is_completed_when_there_is_room(made: Path, small_disk: Path) -> None:
    filling = small_disk / "filling"
    filling.write_bytes(bytes(1024 * 1024 - 16 * 1024))
    with pytest.raises((InsightsError, OSError)):
        make_workspace(small_disk / "w")
    filling.unlink()

    make_workspace(small_disk / "w")

    open_workspace(small_disk / "w").close()


# -- a stop from outside --------------------------------------------------------------------------------------------


def _hears_interrupts() -> None:
    """A job that a shell has put in the background ignores Ctrl-C, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.kill
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_import_says_so_and_the_next_one_completes(made: Path, number: signal.Signals) -> None:
    rows = "\n".join(f"{n},export {n} hangs at half of the rows" for n in range(40_000))
    file = made.parent / "t.csv"
    file.write_text(f"id,text\n{rows}\n")
    command = [*COMMAND, "-C", str(made), "import", str(file), "--kind", "ticket", "--yes"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hears_interrupts,  # noqa: PLW1509 -- this process has no threads of its own
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    time.sleep(0.2)
    process.send_signal(number)
    _, words = process.communicate(timeout=60)

    assert first
    assert process.returncode == ExitCode.INTERRUPTED
    assert "insights: Stopped." in words
    assert "Traceback" not in words


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_a_closed_stream_does_not_stop_a_command(made: Path, closed: str) -> None:
    shell = f'"$0" -m insights -C "$1" runs {closed}'
    done = subprocess.run(["sh", "-c", shell, sys.executable, str(made)], capture_output=True, text=True, check=False)

    assert done.returncode == ExitCode.OK
    assert "Traceback" not in done.stderr


# -- a busy database ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_new_database_that_another_process_is_making_is_waited_for(tmp_path: Path, begin: str) -> None:
    path = tmp_path / "insights.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute(begin)
    other.execute("CREATE TABLE beginning (id)")
    timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    timer.start()

    with open_engine(f"sqlite:///{path}").connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    timer.join()
    other.close()


# -- a database server ----------------------------------------------------------------------------------------------


def test_the_servers_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pg8000")
    monkeypatch.setenv("PGPASSWORD", "secret words")
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_refuse_login, args=(server, heard))
        thread.start()
        engine = open_engine(f"postgresql+pg8000://ada@127.0.0.1:{server.getsockname()[1]}/insights")
        with pytest.raises(InsightsError, match="refused the login") as caught:
            engine.connect()
        thread.join()

    assert heard == [b"secret words"]
    assert caught.value.exit_code == ExitCode.LOGIN
    assert "PGPASSWORD" in caught.value.remedy


def _refuse_login(server: socket.socket, heard: list[bytes]) -> None:
    """Speak PostgreSQL's protocol as far as a refused clear-text password."""
    client, _ = server.accept()
    with client, client.makefile("rb") as stream:
        if stream.read(struct.unpack("!i", stream.read(4))[0] - 4) == struct.pack("!i", 80877103):  # asks for TLS
            client.sendall(b"N")
            stream.read(struct.unpack("!i", stream.read(4))[0] - 4)
        client.sendall(b"R" + struct.pack("!ii", 8, 3))
        stream.read(1)
        heard.append(stream.read(struct.unpack("!i", stream.read(4))[0] - 4).rstrip(b"\0"))
        fields = b"SFATAL\0C28P01\0Mpassword authentication failed\0\0"
        client.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)
