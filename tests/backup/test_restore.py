"""What is restored is what was backed up, brought up to date; what was there is moved aside, and nobody comes back."""

import errno
import os
import random
import shutil
import signal
from pathlib import Path

import pytest

from insights import bootstrap
from insights.backup.restore import Restored, restore
from insights.bootstrap import Workspace, open_workspace, restore_target
from insights.data_rights.erase import erase, find_person
from insights.domain.access import Forbidden, Role
from insights.errors import ExitCode, InsightsError
from insights.storage.snapshot import measure
from tests.actors import an_actor
from tests.backup.conftest import backed_up
from tests.fakes import quiet
from tests.ready import done as run
from tests.storage.test_upgrade import at_version
from tests.thorough import THOROUGH


def put_back(archive: Path, folder: Path) -> Restored:
    return restore(restore_target(folder, progress=quiet), archive)


def texts(folder: Path) -> list[str]:
    opened = open_workspace(folder)
    try:
        return [item.text for item in opened.repository.feedback.get(range(1, 100)).values()]
    finally:
        opened.close()


def tables(folder: Path) -> dict[str, str]:
    _, found = measure(f"sqlite:///{folder / '.insights' / 'insights.db'}")
    return {name: one.digest for name, one in found.items() if name not in ("audit", "counter", "meta")}


def beside(folder: Path) -> list[str]:
    """What is beside the workspace's settings and data."""
    return sorted(path.name for path in folder.iterdir() if path.name not in ("insights.toml", ".insights"))


def test_into_an_empty_folder_every_row_file_and_vector_is_as_it_was(
    archive: Path, folder: Path, tmp_path: Path
) -> None:
    done = put_back(archive, tmp_path / "new")

    assert tables(tmp_path / "new") | {"backup": ""} == tables(folder) | {"backup": ""}
    assert (tmp_path / "new" / "insights.toml").read_text() == (folder / "insights.toml").read_text()
    assert (tmp_path / "new" / ".insights" / "rejects" / "tickets.jsonl").read_text() == '{"line": 3}\n'
    assert (done.aside, done.has_vectors, done.erased) == (None, True, 0)
    opened = open_workspace(tmp_path / "new")
    with opened.vectors() as store:
        assert store.present([1, 2, 3]) == {1, 2}
    opened.close()
    assert beside(tmp_path / "new") == []


def test_it_knows_its_issues_again(archive: Path, workspace: Workspace, tmp_path: Path) -> None:
    put_back(archive, tmp_path / "new")

    opened = open_workspace(tmp_path / "new")
    assert opened.repository.filings.workspace_marker() == workspace.repository.filings.workspace_marker()
    opened.close()


def test_over_a_workspace_the_former_state_is_moved_aside(archive: Path, folder: Path) -> None:
    before = open_workspace(folder)
    before.repository.set_meta("later", "than the backup")
    before.close()

    done = put_back(archive, folder)

    assert done.aside is not None
    assert beside(folder) == [done.aside.name]
    after = open_workspace(folder)
    assert after.repository.get_meta("later") is None
    assert [one.place for one in after.repository.backups.all()] == [str(archive)]
    after.close()
    (folder / "insights.toml").replace(folder / "insights.toml.new")
    shutil.move(folder / ".insights", folder / "gone")
    shutil.move(done.aside, folder / ".insights")
    shutil.move(folder / ".insights" / "insights.toml", folder / "insights.toml")
    again = open_workspace(folder)
    assert again.repository.get_meta("later") == "than the backup"
    again.close()


def test_over_a_damaged_database(archive: Path, folder: Path) -> None:
    (folder / ".insights" / "insights.db").write_bytes(b"x" * 5000)

    done = put_back(archive, folder)

    assert "damaged" in done.unread
    assert len(texts(folder)) == 2
    assert done.aside is not None
    assert (done.aside / "insights.db").read_bytes() == b"x" * 5000


def test_over_a_workspace_whose_data_went_missing(archive: Path, folder: Path) -> None:
    shutil.rmtree(folder / ".insights")

    put_back(archive, folder)

    assert len(texts(folder)) == 2


def test_not_while_others_use_it(archive: Path, folder: Path, workspace: Workspace) -> None:
    workspace.repository.get_meta("x")

    with pytest.raises(InsightsError, match="has this workspace open"):
        put_back(archive, folder)

    assert beside(folder) == []


def test_not_while_an_import_goes_on(archive: Path, folder: Path, workspace: Workspace) -> None:
    workspace.repository.close()
    with workspace.run_lock(), pytest.raises(InsightsError, match="Another process uses this workspace"):
        put_back(archive, folder)


def test_nobody_is_erased_while_it_is_made_ready(archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After it was asked who was erased, nobody would remember them in what takes the place."""
    from insights.backup import restore as restoring

    def erased_meanwhile(*arguments: object) -> object:
        opened = open_workspace(folder)
        with pytest.raises(InsightsError, match="Another process uses this workspace"):
            erase(opened.bench(progress=quiet), find_person(opened.repository, "ann@acme.example"))
        opened.close()
        return made_current(*arguments)  # type: ignore[arg-type]

    made_current = restoring._made_current
    monkeypatch.setattr(restoring, "_made_current", erased_meanwhile)
    monkeypatch.setattr("insights.bootstrap._finish_restore", lambda _: None)

    put_back(archive, folder)

    assert len(texts(folder)) == 2


def test_whoever_opens_it_while_it_is_made_ready_stops_it(
    archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insights.backup import contents
    from insights.backup import restore as restoring

    unpack, opened = contents.unpack, list[Workspace]()

    def opening(*arguments: object) -> object:
        found = unpack(*arguments)  # type: ignore[arg-type]
        opened.append(open_workspace(folder))
        opened[0].repository.get_meta("x")
        return found

    monkeypatch.setattr(restoring, "unpack", opening)
    monkeypatch.setattr("insights.bootstrap._finish_restore", lambda _: None)

    with pytest.raises(InsightsError, match="has this workspace open"):
        put_back(archive, folder)

    opened[0].close()
    assert beside(folder) == []


def test_a_volume_that_is_attached_in_its_place_is_told_before_anything_is_done(
    archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: path == folder / ".insights")

    with pytest.raises(InsightsError, match="a volume is attached") as caught:
        put_back(archive, folder)

    assert "--to FOLDER" in caught.value.remedy
    assert beside(folder) == []


def test_what_cannot_be_moved_aside_is_not_tried_again_by_whoever_opens_it(
    archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def busy(self: Path, target: Path) -> Path:
        if self == folder / ".insights":
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", busy)

    with pytest.raises(InsightsError, match="busy"):
        put_back(archive, folder)

    assert (beside(folder), len(texts(folder))) == ([], 2)


@pytest.mark.kill
@pytest.mark.parametrize("kilobytes", [20, 200, 350])
def test_a_disk_that_is_full_half_way_leaves_the_workspace_as_it_was(
    archive: Path, folder: Path, kilobytes: int
) -> None:
    before = tables(folder)
    script = (
        "import resource\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes} * 1024, {kilobytes} * 1024))\n"
        "from insights.cli.main import main\n"
        "main()"
    )

    ended = run(script, "-C", str(folder), "restore", str(archive), "--yes")

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert (beside(folder), tables(folder)) == ([], before)


def test_not_over_another_workspace(archive: Path, folder: Path, tmp_path: Path) -> None:
    bootstrap.make_workspace(tmp_path / "other")

    with pytest.raises(InsightsError, match="holds another workspace"):
        put_back(archive, tmp_path / "other")


def test_a_damaged_backup_changes_nothing(archive: Path, folder: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[-100] ^= 1
    archive.write_bytes(content)
    before = tables(folder)

    with pytest.raises(InsightsError, match="damaged"):
        put_back(archive, folder)

    assert (tables(folder), beside(folder)) == (before, [])


def test_whoever_may_not_set_things_up_restores_nothing(archive: Path, folder: Path) -> None:
    from dataclasses import replace

    target = replace(restore_target(folder, progress=quiet), actor=an_actor(Role.PRIVACY))

    with pytest.raises(Forbidden):
        restore(target, archive)


def test_the_key_that_is_wanted_is_named(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import base64

    monkeypatch.setenv("INSIGHTS_KEY", base64.urlsafe_b64encode(b"k" * 32).decode())

    with pytest.raises(InsightsError, match="needs another key"):
        put_back(archive, tmp_path / "new")


# -- whoever was erased -------------------------------------------------------------------------------------------


def test_a_person_who_was_erased_since_does_not_come_back(archive: Path, folder: Path) -> None:
    opened = open_workspace(folder)
    erase(opened.bench(progress=quiet), find_person(opened.repository, "ann@acme.example"))
    known = {one.digest for one in opened.repository.erasures.all()}
    opened.close()

    done = put_back(archive, folder)

    assert done.erased == 1
    assert texts(folder) == ["The export hangs for us, too."]
    after = open_workspace(folder)
    assert known <= {one.digest for one in after.repository.erasures.all()}
    after.close()
    assert b"ann@acme.example" not in b"".join(
        path.read_bytes() for path in (folder / ".insights").rglob("*") if path.is_file()
    )


def test_nor_where_the_database_is_lost_and_the_receipt_is_not(archive: Path, folder: Path) -> None:
    opened = open_workspace(folder)
    erase(opened.bench(progress=quiet), find_person(opened.repository, "ann@acme.example"))
    opened.close()
    (folder / ".insights" / "insights.db").write_bytes(b"x" * 5000)

    done = put_back(archive, folder)

    assert done.unread
    assert texts(folder) == ["The export hangs for us, too."]


# -- other versions -----------------------------------------------------------------------------------------------


def test_an_older_version_of_the_tables_is_brought_up_to_date(
    folder: Path, disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made of a database as an older program left it."""
    from insights.backup import make

    old = tmp_path / "old.db"
    at_version(f"sqlite:///{old}", "0010").close()

    def copied(url: str, to: Path) -> object:
        shutil.copyfile(old, to)
        return measure(f"sqlite:///{to}")

    with monkeypatch.context() as patched:
        patched.setattr(make, "_copied", copied)
        archive = Path(backed_up(folder, disk).backup.place)

    done = put_back(archive, tmp_path / "new")

    assert done.migrated_from == "0010"
    opened = open_workspace(tmp_path / "new")
    assert opened.repository.checking.schema() == []
    opened.close()


def test_a_newer_version_is_refused(archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insights.storage.snapshot.HEAD", "0001")

    with pytest.raises(InsightsError, match="newer version of insights"):
        put_back(archive, folder)


# -- killed ---------------------------------------------------------------------------------------------------------

KILLS = int(os.environ.get("INSIGHTS_KILLS", "1"))
"""Beside the points that are always tried; INSIGHTS_THOROUGH=1 tries all."""

DIE_AT = """
import os, pathlib, signal
from insights.cli.main import main
counted = 0
def dying(function):
    def call(*arguments, **named):
        global counted
        counted += 1
        if counted == int(os.environ["DIE_AT"]):
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    return call
for name in ("rename", "replace", "unlink", "rmdir"):
    setattr(pathlib.Path, name, dying(getattr(pathlib.Path, name)))
try:
    main()
finally:
    print(counted)
"""


def killed_at(number: int, *arguments: str) -> int | None:
    """How many points it passed; None where it was killed."""
    ended = run(DIE_AT, *arguments, environment={**os.environ, "DIE_AT": str(number)})
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return None if ended.returncode else int(ended.stdout.split()[-1])


def some_of(points: int, *always: int) -> list[int]:
    every = range(1, points + 1)
    return list(every) if THOROUGH else [*always, *random.sample(every, min(KILLS, points))]


@pytest.mark.kill
def test_killed_at_any_rename_it_is_the_old_state_or_ended_by_whoever_comes_next(
    archive: Path, folder: Path, tmp_path: Path
) -> None:
    """The workspace has one more item than the backup."""
    opened = open_workspace(folder)
    opened.repository.set_meta("later", "than the backup")
    opened.close()
    shutil.copytree(folder, tmp_path / "later")
    points = killed_at(0, "-C", str(folder), "restore", str(archive), "--yes")
    assert points is not None
    assert points > 10
    states = set()
    tried = [*((at, False) for at in some_of(points, 1, points - 2)), *((at, True) for at in some_of(points))]
    for number, again in tried:
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "later", folder)
        assert killed_at(number, "-C", str(folder), "restore", str(archive), "--yes") is None
        if again:
            put_back(archive, folder)
        state = state_of(folder)
        if not again:
            states.add(state)
        assert state is None or not again
        if state is None:
            assert [name for name in beside(folder) if ".before-" in name]
        assert (folder / ".insights.restoring" / "ready").exists() is False
    assert states == {None, "than the backup"}


def state_of(folder: Path) -> str | None:
    """What a workspace that is whole says of itself."""
    after = open_workspace(folder)
    try:
        assert len(after.repository.feedback.get(range(1, 9))) == 2
        assert after.repository.checking.faults() == []
        return after.repository.get_meta("later")
    finally:
        after.close()


@pytest.mark.kill
def test_a_backup_that_is_killed_anywhere_leaves_what_the_next_one_clears_up(folder: Path, disk: Path) -> None:
    points = killed_at(0, "-C", str(folder), "backup", "--to", str(disk))
    assert points is not None
    made = list(disk.iterdir())
    for number in some_of(points, 3):
        assert killed_at(number, "-C", str(folder), "backup", "--to", str(disk)) is None
        made = sorted({*made, *disk.glob("*.backup")})

    last = Path(backed_up(folder, disk).backup.place)

    assert sorted(disk.iterdir()) == sorted({*made, last})
    assert not (folder / ".insights" / "backup.tmp").exists()


# -- commands -------------------------------------------------------------------------------------------------------


def test_the_commands_tell_what_they_did(folder: Path, disk: Path, tmp_path: Path) -> None:
    from tests.cli.calling import caller

    call = caller(folder)
    made = call("backup", "--to", str(disk)).strip()
    assert Path(made).is_file()
    assert "proved" in call("backup", "list")
    assert "is whole" in call("backup", "verify", made)
    with pytest.raises(InsightsError, match="There is a workspace in") as caught:
        call("restore", made)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "Restored into" in call("restore", made, "--to", str(tmp_path / "new"))
    assert str(folder / ".insights.before-") in call("restore", made, "--yes", everything=True)


def test_nothing_says_where_backups_go(folder: Path) -> None:
    from tests.cli.calling import caller

    with pytest.raises(InsightsError, match="Nothing says where"):
        caller(folder)("backup")


def test_what_happened_can_be_explained_from_the_log(archive: Path, folder: Path) -> None:
    opened = open_workspace(folder)
    head = opened.repository.audit.head()
    opened.close()

    put_back(archive, folder)

    from insights.auditing import log, verify

    after = open_workspace(folder)
    (entry,) = log(after.repository, action="backup.restore")
    assert entry.facts["former_number"] == head.number
    assert verify(after.repository).is_whole
    after.close()
