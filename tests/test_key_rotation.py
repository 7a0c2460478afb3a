"""Keys are changed in one command, wherever the workspace's key is kept; what a stop left is completed."""

import base64
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from insights.bootstrap import Workspace, make_workspace, open_workspace
from insights.domain.access import Forbidden, Role
from insights.errors import InsightsError
from insights.key_rotation import KeyBench, finish, finish_due, key_state, rewrap, rotate
from insights.storage.encryption import fingerprint_of
from insights.storage.keys import KeyHolder, new_key
from tests.actors import an_actor
from tests.memory_keyring import MemoryKeyring, keyring_in_memory
from tests.stored import NOW

SECRET = "secret of zendesk"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    monkeypatch.delenv("INSIGHTS_KEY", raising=False)
    return tmp_path / "w"


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    opened = made(folder)
    yield opened
    opened.close()


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.memory_keyring.MemoryKeyring")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "none")
    with keyring_in_memory() as own:
        yield own


def made(folder: Path) -> Workspace:
    make_workspace(folder)
    opened = open_workspace(folder)
    opened.repository.credentials.keep("zendesk", SECRET, NOW)
    return opened


def bench_of(workspace: Workspace, *, now: datetime = NOW) -> KeyBench:
    return replace(workspace.key_bench(), now=lambda: now)


def reads(folder: Path) -> str | None:
    opened = open_workspace(folder)
    try:
        return opened.repository.credentials.get("zendesk")
    finally:
        opened.close()


def key_files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder.parent / "keys").iterdir())


def test_a_rotation_changes_both_keys_and_keeps_the_former_data_key_for_a_while(
    workspace: Workspace, folder: Path
) -> None:
    before = key_state(bench_of(workspace))

    done = rotate(bench_of(workspace))

    after = key_state(bench_of(workspace))
    assert done.is_wrapped_anew
    assert done.resealed.values == 2  # the secret, and what the key is checked by
    assert done.kept_until == NOW + timedelta(hours=24)
    assert after.keys.fingerprint != before.keys.fingerprint
    assert [key.retired_at for key in after.keys.columns] == [None, NOW]
    assert after.waiting == 0
    assert after.keys.former == (before.keys.fingerprint,)
    assert reads(folder) == SECRET


def test_the_former_data_key_goes_once_its_time_is_over_and_not_before(workspace: Workspace, folder: Path) -> None:
    rotate(bench_of(workspace))
    early = bench_of(workspace, now=NOW + timedelta(hours=23))
    late = bench_of(workspace, now=NOW + timedelta(hours=24))

    assert (finish(early).deleted, finish_due(early)) == (0, 0)
    assert finish(late).deleted == 1

    assert len(key_state(late).keys.columns) == 1
    assert finish(late).deleted == 0
    assert reads(folder) == SECRET


def test_the_night_deletes_it_too_and_seals_first_what_was_written_with_it_since(
    workspace: Workspace, folder: Path
) -> None:
    cipher = workspace.repository._database.cipher
    former = cipher._opening[0]
    rotate(bench_of(workspace))
    newest, cipher._opening = cipher._opening, (former,)
    straggler = cipher.seal("late", column="credential.sealed", row="late")
    cipher._opening = newest
    workspace.repository.credentials.keep("late", "late", NOW)
    with workspace.repository.writing() as connection:
        connection.exec_driver_sql("UPDATE credential SET sealed = ? WHERE name = 'late'", (straggler,))
    late = bench_of(workspace, now=NOW + timedelta(days=2))
    assert key_state(late).waiting == 1

    assert finish_due(late) == 1

    opened = open_workspace(folder)
    assert opened.repository.credentials.get("late") == "late"
    opened.close()


def test_for_a_compromised_key_nothing_of_the_former_ones_is_left(workspace: Workspace, folder: Path) -> None:
    [before] = (folder.parent / "keys").glob("*.key")
    key = before.read_text()

    done = rotate(bench_of(workspace), at_once=True)

    assert (done.deleted, done.kept_until) == (1, None)
    assert [path.name for path in (folder.parent / "keys").glob("*.key")] == [before.name]
    assert before.read_text() != key
    assert reads(folder) == SECRET
    before.write_text(key)
    with pytest.raises(InsightsError, match="key does not fit"):
        open_workspace(folder)


def test_the_former_key_stays_beside_the_new_one_so_that_a_backup_still_opens(
    workspace: Workspace, folder: Path
) -> None:
    workspace.close()
    database = folder / ".insights" / "insights.db"
    backup = database.read_bytes()
    rotating = open_workspace(folder)
    rotate(bench_of(rotating))
    present = key_state(bench_of(rotating)).keys.fingerprint
    rotating.close()

    database.write_bytes(backup)

    assert reads(folder) == SECRET
    opened = open_workspace(folder)
    assert key_state(bench_of(opened)).keys.fingerprint == present, "wrapped by the present key from now on"
    opened.close()


def test_a_key_in_the_keyring_is_changed_there(folder: Path, keyring: MemoryKeyring) -> None:
    workspace = made(folder)
    [(service, name)] = keyring.kept
    before = keyring.kept[service, name]

    rotate(bench_of(workspace))
    former = fingerprint_of(base64.urlsafe_b64decode(before))

    assert keyring.kept[service, name] != before
    assert set(keyring.kept) == {(service, name), (service, f"{name}/{former}")}
    assert reads(folder) == SECRET
    rotate(bench_of(workspace), at_once=True)
    assert set(keyring.kept) == {(service, name)}
    assert reads(folder) == SECRET
    workspace.close()


def test_a_key_of_the_environment_is_not_changed_by_a_rotation_but_by_rewrap(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, other = new_key(), new_key()
    monkeypatch.setenv("INSIGHTS_KEY", former)
    workspace = made(folder)

    assert not rotate(bench_of(workspace)).is_wrapped_anew
    assert reads(folder) == SECRET
    fingerprint = rewrap(bench_of(workspace), base64.urlsafe_b64decode(other))
    workspace.close()

    with pytest.raises(InsightsError, match="key does not fit"):
        open_workspace(folder)
    monkeypatch.setenv("INSIGHTS_KEY", other)
    assert reads(folder) == SECRET
    assert fingerprint == fingerprint_of(base64.urlsafe_b64decode(other))
    assert list((folder.parent / "keys").glob("*.key")) == []


def test_to_rewrap_with_the_present_key_is_refused(workspace: Workspace) -> None:
    bench = bench_of(workspace)

    with pytest.raises(InsightsError, match="has already"):
        rewrap(bench, bench.holder.find())


@pytest.mark.parametrize("stop", ["before the database", "after the database", "before the swap"])
def test_a_stop_between_key_and_database_is_completed_when_it_is_opened(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    if stop == "before the database":
        monkeypatch.setattr("insights.storage.rotation.RotationStore.rewrap", stopped)
    elif stop == "after the database":
        monkeypatch.setattr(KeyHolder, "promote", lambda self, _: False if not key_is_next(self) else stopped())
    else:
        monkeypatch.setattr(Path, "replace", replaced_but_not_next(stopped))
    with pytest.raises(KeyboardInterrupt):
        rotate(bench_of(workspace))
    workspace.close()
    monkeypatch.undo()
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(folder.parent / "keys"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    assert reads(folder) == SECRET
    again = open_workspace(folder)
    rotate(bench_of(again))
    assert not key_state(bench_of(again)).keys.is_under_way
    again.close()
    assert reads(folder) == SECRET
    assert [name for name in key_files(folder) if ".next." in name or name.endswith(".key.tmp")] == []


def key_is_next(holder: KeyHolder) -> bool:
    return holder._kept("next") is not None


def replaced_but_not_next(stopped: object) -> object:
    replaces = Path.replace

    def replace_unless(self: Path, target: Path) -> Path:
        if ".next.key" in self.name and not self.name.startswith("."):
            stopped()  # type: ignore[operator]
        return replaces(self, target)

    return replace_unless


def test_only_whoever_manages_a_workspace_changes_its_keys(workspace: Workspace) -> None:
    for role in (Role.VIEWER, Role.TRIAGER, Role.PRIVACY):
        workspace.repository.actor = an_actor(role)
        bench = bench_of(workspace)
        for act in (key_state, rotate, finish, lambda one: rewrap(one, bytes(32))):
            with pytest.raises(Forbidden):
                act(bench)


def test_two_rotations_at_once_are_one(workspace: Workspace) -> None:
    bench = bench_of(workspace)
    with bench.lock(), pytest.raises(InsightsError, match="Another process uses the keys"):
        rotate(bench_of(workspace))


@pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX systems")
def test_every_key_file_is_its_owner_s_alone(workspace: Workspace, folder: Path) -> None:
    rotate(bench_of(workspace))

    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder.parent / "keys").glob("*.key")}
    assert len(modes) == 2
    assert set(modes.values()) == {0o600}


def test_what_was_done_to_the_keys_is_in_the_audit_log(workspace: Workspace) -> None:
    rotate(bench_of(workspace))
    finish(bench_of(workspace, now=NOW + timedelta(days=2)))
    rewrap(bench_of(workspace), bytes(32))

    told = {entry.action: entry for entry in workspace.repository.audit.entries()}
    assert [action for action in told if action.startswith("keys.")] == ["keys.rotate", "keys.finish", "keys.rewrap"]
    assert told["keys.rotate"].subject == "data-key-3"
    assert told["keys.finish"].facts["deleted"] == 1
    assert told["keys.rewrap"].subject == fingerprint_of(bytes(32))


def test_a_deleted_data_key_stands_in_no_file_of_the_database_any_more(workspace: Workspace, folder: Path) -> None:
    with workspace.repository.writing() as connection:
        [former] = connection.exec_driver_sql("SELECT wrapped FROM data_key WHERE purpose = 'columns'").scalars()
    files = [folder / ".insights" / name for name in ("insights.db", "insights.db-wal")]
    assert any(former in path.read_bytes() for path in files if path.exists())

    rotate(bench_of(workspace), at_once=True)

    assert not any(former in path.read_bytes() for path in files if path.exists())


def test_a_rotation_at_once_takes_no_key_that_an_earlier_one_had_made(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("insights.storage.rotation.RotationStore.reseal", stopped)
        rotate(bench_of(workspace))
    begun = key_state(bench_of(workspace)).keys
    assert begun.is_under_way

    rotate(bench_of(workspace), at_once=True)

    [left] = key_state(bench_of(workspace)).keys.columns
    assert left.id > begun.columns[0].id
    assert key_state(bench_of(workspace)).keys.fingerprint != begun.fingerprint
