"""A backup is of one moment, holds all that matters and no key, was restored on trial, and leaves nothing half-made."""

import errno
import hashlib
import json
import os
import signal
import sqlite3
import stat
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from insights import bootstrap
from insights.backup import make
from insights.backup.archive import Opener, Sealer
from insights.backup.contents import unpack
from insights.backup.make import backup, listed, verify
from insights.bootstrap import Workspace, open_workspace
from insights.domain.access import Forbidden, Role
from insights.errors import InsightsError
from insights.health.kept import backup_check
from insights.nightly.night import Nightly
from insights.storage.keys import find_key
from insights.storage.snapshot import measure
from tests.actors import an_actor
from tests.backup.conftest import backed_up
from tests.fakes import quiet
from tests.ready import done as run
from tests.ready import started

WRITE_FOR_EVER = """
import sys
from tests.drafts import RECEIVED, a_draft
from insights.storage.repository import Repository
from insights.storage.keys import find_key
repository = Repository(sys.argv[1], key=find_key(sys.argv[2]))
done = 0
while True:
    drafts = [a_draft(f"Export {n} hangs.", number=1000 + n) for n in range(done * 20, done * 20 + 20)]
    with repository.writing() as connection:
        repository.feedback.save(drafts, connection=connection, received_at=RECEIVED)
    done += 1
    print(done * 20, flush=True)
"""


def key_of(folder: Path) -> bytes:
    return find_key((folder / ".insights" / "id").read_text().strip())


def unpacked(archive: Path, folder: Path, to: Path) -> dict[str, bytes]:
    to.mkdir()
    with Opener(archive, key_of(folder)) as opener:
        unpack(opener, to)
    return {path.relative_to(to).as_posix(): path.read_bytes() for path in to.rglob("*") if path.is_file()}


def leftovers(folder: Path, disk: Path) -> list[str]:
    """What a backup should not leave."""
    return [path.name for path in [*disk.iterdir(), *(folder / ".insights").iterdir()] if "tmp" in path.name] + [
        path.name for path in disk.iterdir() if path.suffix == ".part"
    ]


def test_it_holds_what_matters_and_neither_locks_nor_logs_nor_the_key(
    archive: Path, folder: Path, tmp_path: Path
) -> None:
    found = unpacked(archive, folder, tmp_path / "out")

    assert {"manifest.json", "insights.toml", "data/id", "data/insights.db"} <= found.keys()
    assert found["data/rejects/tickets.jsonl"] == b'{"line": 3}\n'
    assert "data/vectors/chroma.sqlite3" in found
    assert not [name for name in found if "logs" in name or name.endswith((".lock", ".owner"))]
    key = next((tmp_path / "keys").iterdir()).read_text().strip()
    assert not [name for name, content in found.items() if key.encode() in content or key_of(folder) in content]


def test_the_file_is_for_its_owner_alone_and_holds_no_readable_word(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert archive.name.startswith("insights-")
    assert archive.suffix == ".backup"
    assert b"Acme" not in archive.read_bytes()


def test_it_is_recorded_with_its_digest_once_it_was_proved(folder: Path, disk: Path, workspace: Workspace) -> None:
    made = backed_up(folder, disk)

    (found,) = listed(workspace.repository)
    assert found.is_there
    assert found.backup == made.backup
    assert found.backup.checked_at is not None
    assert found.backup.digest == hashlib.sha256(Path(found.backup.place).read_bytes()).hexdigest()
    last = workspace.repository.audit.head()
    assert last.number > 0
    assert leftovers(folder, disk) == []


def test_it_can_be_verified_again(archive: Path, workspace: Workspace) -> None:
    found = verify(workspace.backup_bench(progress=quiet), archive)

    assert (found.has_vectors, found.schema) == (True, "0011")
    assert found.rows > 10
    assert found.opened > 2


def test_deleted_rows_are_not_in_it(folder: Path, disk: Path, workspace: Workspace, tmp_path: Path) -> None:
    with closing(sqlite3.connect(folder / ".insights" / "insights.db")) as plain:
        plain.execute("PRAGMA secure_delete=OFF")
        plain.execute("UPDATE account SET name = 'Wayne Holdings Ltd' WHERE id = 1")
        plain.commit()
        plain.execute("UPDATE account SET name = 'x' WHERE id = 1")
        plain.commit()

    found = unpacked(Path(backed_up(folder, disk).backup.place), folder, tmp_path / "out")

    assert b"Wayne Holdings" not in found["data/insights.db"]


def test_vectors_in_use_are_left_out_and_that_is_told(folder: Path, disk: Path, workspace: Workspace) -> None:
    with workspace.vectors():
        made = backed_up(folder, disk)

    assert made.vectors == "another process uses them"


def test_only_our_older_ones_beyond_those_to_keep_are_deleted(
    folder: Path, disk: Path, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    (folder / "insights.toml").write_text("[backups]\nkeep = 2\n")
    (disk / "insights-ffffff-20200101T000000Z.backup").write_text("another workspace's")
    (disk / "notes.backup").write_text("somebody's")
    names = []
    for day in range(4):
        monkeypatch.setenv("INSIGHTS_NOW", f"2026-11-{day + 1:02d}T22:00:00+00:00")
        names.append(Path(backed_up(folder, disk).backup.place).name)

    left = sorted(path.name for path in disk.iterdir())
    assert left == sorted([*names[2:], "insights-ffffff-20200101T000000Z.backup", "notes.backup"])
    assert [Path(one.backup.place).name for one in listed(workspace.repository)] == names[2:]


def test_whoever_may_not_set_things_up_may_not_make_one(workspace: Workspace, disk: Path) -> None:
    workspace.repository.actor = an_actor(Role.TRIAGER)

    with pytest.raises(Forbidden):
        backup(workspace.backup_bench(progress=quiet), disk)


def test_a_folder_that_is_not_there_is_not_made(workspace: Workspace, tmp_path: Path) -> None:
    """It may be where a disk is attached that is not attached now."""
    with pytest.raises(InsightsError, match="no folder"):
        backup(workspace.backup_bench(progress=quiet), tmp_path / "away")
    assert not (tmp_path / "away").exists()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_full_disk_is_told_and_leaves_nothing_half(
    folder: Path, disk: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    calls = iter(range(1, 1000))
    out = Sealer._out

    def full(self: Sealer, content: bytes) -> None:
        if next(calls) == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        out(self, content)

    monkeypatch.setattr(Sealer, "_out", full)
    monkeypatch.setattr("insights.backup.archive.CHUNK", 1 << 12)

    with pytest.raises(InsightsError, match="no room for the backup"):
        backup(workspace.backup_bench(progress=quiet), disk)

    assert list(disk.iterdir()) == []
    assert leftovers(folder, disk) == []
    assert listed(workspace.repository) == []


def test_a_process_that_may_write_no_long_files_says_so_and_leaves_nothing(folder: Path, disk: Path) -> None:
    script = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "from insights.cli.main import main\n"
        "main()"
    )
    done = run(script, "-C", str(folder), "backup", "--to", str(disk))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert list(disk.iterdir()) == []


def test_a_copy_that_differs_from_the_database_is_not_recorded(
    folder: Path, disk: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def altered(url: str, to: Path) -> Any:
        found = _copied(url, to)
        with closing(sqlite3.connect(to)) as plain:
            plain.execute("UPDATE account SET annual_revenue = 1 WHERE id = 2")
            plain.commit()
        return found

    _copied = make._copied
    monkeypatch.setattr(make, "_copied", altered)

    with pytest.raises(InsightsError, match="What was restored is not what was copied: account"):
        backup(workspace.backup_bench(progress=quiet), disk)

    assert list(disk.iterdir()) == []
    assert listed(workspace.repository) == []


def test_a_value_that_does_not_open_any_more_makes_no_good_backup(
    folder: Path, disk: Path, workspace: Workspace
) -> None:
    with closing(sqlite3.connect(folder / ".insights" / "insights.db")) as plain:
        plain.execute("UPDATE feedback SET sealed = zeroblob(40) WHERE id = 1")
        plain.commit()

    with pytest.raises(InsightsError, match=r"Row 1 of feedback\.sealed does not open"):
        backup(workspace.backup_bench(progress=quiet), disk)
    assert list(disk.iterdir()) == []


def last_of(told: Path) -> int:
    """The last whole line; 0 where there is none yet."""
    whole = told.read_text().rpartition("\n")[0]
    return int(whole.split()[-1]) if whole else 0


@pytest.mark.kill
def test_while_another_process_writes_nothing_that_was_committed_before_is_lost(
    folder: Path, disk: Path, tmp_path: Path, databases_as_shipped: None
) -> None:
    url = f"sqlite:///{folder / '.insights' / 'insights.db'}"
    named = (folder / ".insights" / "id").read_text().strip()
    told = tmp_path / "told"
    told.touch()
    process = started(WRITE_FOR_EVER, url, named, streams=(os.devnull, str(told), os.devnull))
    try:
        while (acknowledged := last_of(told)) < 100:
            assert process.poll() is None
            time.sleep(0.01)
        made = backed_up(folder, disk)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert last_of(told) > acknowledged, "it wrote while the backup was made"

    unpacked(Path(made.backup.place), folder, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    _, tables = measure(f"sqlite:///{tmp_path / 'out' / 'data' / 'insights.db'}")
    assert tables["feedback"].rows == manifest["tables"]["feedback"]["rows"] >= acknowledged + 2
    assert (tables["feedback"].rows - 2) % 20 == 0, "a transaction is in it as a whole or not at all"


@pytest.fixture
def empty(folder: Path, tmp_path: Path) -> Path:
    """A workspace without feedback, with the same place for its key."""
    bootstrap.make_workspace(tmp_path / "empty")
    return tmp_path / "empty"


def test_nightly_makes_one_where_the_settings_say_so(empty: Path, disk: Path) -> None:
    (empty / "insights.toml").write_text(f"[backups]\nfolder = {json.dumps(str(disk))}\n")
    opened = open_workspace(empty)
    done = Nightly(workspace=opened, now=bootstrap.now, progress=quiet).run()
    opened.close()

    assert Path(done.backup).parent == disk
    assert not done.failures


def test_a_night_whose_backup_fails_says_so_and_is_done(empty: Path) -> None:
    (empty / "insights.toml").write_text('[backups]\nfolder = "../away"\n')
    opened = open_workspace(empty)
    done = Nightly(workspace=opened, now=bootstrap.now, progress=quiet).run()
    opened.close()

    assert done.backup == ""
    assert [name for name, _ in done.failed] == ["backup"]
    assert done.exit_code == 0


def test_health_tells_how_old_the_newest_is(folder: Path, disk: Path, workspace: Workspace) -> None:
    now = bootstrap.now()
    before = backup_check(workspace.standing(now))
    backed_up(folder, disk)
    fresh = backup_check(workspace.standing(now))
    old = backup_check(workspace.standing(now + timedelta(days=9)))

    assert (before.state, before.words) == ("note", "None was made yet.")
    assert (fresh.state, fresh.facts["backups"], fresh.facts["other_disk"]) == ("ok", 1, False)
    assert "same disk" in fresh.remedy
    assert (old.state, old.command) == ("note", "insights backup --to FOLDER")
