"""A file that somebody made to do harm is refused in words: before its key is looked for, and after it fits."""

import io
import json
import os
import stat
import struct
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from insights.backup import archive, contents
from insights.backup.archive import Opener, Sealer, read_header
from insights.backup.contents import DIGESTS, MANIFEST, Packer, unpack
from insights.backup.restore import restore
from insights.bootstrap import open_workspace, restore_target
from insights.errors import InsightsError
from insights.integrity import _changed
from insights.storage.backups import Backup
from tests.backup.conftest import backed_up
from tests.fakes import quiet
from tests.stored import KEY, NOW

HEADER = {
    "workspace": "ab" * 8,
    "made_at": NOW.isoformat(),
    "schema": "0011",
    "kind": "sqlite",
    "program": "1",
    "key": "cd" * 8,
    "wrapped": "",
    "format": 1,
}


def with_header(path: Path, content: bytes, *, length: int | None = None) -> Path:
    path.write_bytes(archive.MAGIC + struct.pack(">I", len(content) if length is None else length) + content)
    return path


@pytest.mark.parametrize(
    "told",
    [
        {"workspace": "../../etc/shadow"},
        {"workspace": "a\0b"},
        {"workspace": ""},
        {"key": "../../x"},
        {"key": "a/b"},
        {"schema": "\x1b[2J"},
        {"kind": "../x"},
        {"made_at": "2026-05-04"},
        {"made_at": 5},
        {"more": "than there is"},
    ],
)
def test_a_header_that_no_backup_has_names_no_file(tmp_path: Path, told: dict[str, Any]) -> None:
    path = with_header(tmp_path / "a", json.dumps({**HEADER, **told}).encode())

    with pytest.raises(InsightsError, match="damaged"):
        read_header(path)


@pytest.mark.parametrize("content", [b"[" * 60_000, b"{" * 60_000, b'{"a":' * 10_000, b"9" * 60_000])
def test_a_header_nested_without_end_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InsightsError):
        read_header(with_header(tmp_path / "a", content))


def test_a_header_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = with_header(tmp_path / "a", b"", length=0xFFFFFFFF)
    with path.open("ab") as file:
        file.truncate(1 << 33)

    with pytest.raises(InsightsError, match="damaged"):
        read_header(path)


def test_words_for_a_terminal_in_a_header_are_not_printed(tmp_path: Path, folder: Path) -> None:
    told = {**HEADER, "schema": "9999", "program": "\x1b]0;owned\x07" + "9" * 500}
    path = with_header(tmp_path / "a", json.dumps(told).encode())

    with pytest.raises(InsightsError, match="newer version") as caught:
        restore(restore_target(folder, progress=quiet), path)

    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 200


@pytest.mark.skipif(os.name != "posix", reason="pipes are of POSIX systems")
def test_a_pipe_or_a_folder_is_no_backup_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(InsightsError, match="no file"):
            read_header(path)
        record = Backup(id=1, made_at=NOW, place=str(path), bytes=1, digest="", checked_at=None)
        assert _changed(record) == "is no file"


# -- of somebody who has the key -------------------------------------------------------------------------------------


@contextmanager
def sealing(path: Path) -> Iterator[Sealer]:
    with path.open("wb") as file:
        yield Sealer(file, KEY, workspace="ab" * 8, made_at=NOW, schema="0011", kind="sqlite")


def of_members(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with sealing(path) as sealer:
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for member, body in members:
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
        sealer.write(content.getvalue())
        sealer.close()
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def unpacked(path: Path, to: Path) -> None:
    to.mkdir()
    with Opener(path, KEY) as opener:
        unpack(opener, to)


@pytest.mark.parametrize(
    "one",
    [
        member("../outside"),
        member("/tmp/outside"),
        member("data/../../outside"),
        member("ready"),
        member("data"),
        member("data/insights.db-journal"),
        member("data/insights.db-wal"),
        member("manifest.json/x"),
        member("data/a\n\x1b[2Jb", tarfile.DIRTYPE),
        member("data/link", tarfile.SYMTYPE, "/etc/passwd"),
        member("data/hard", tarfile.LNKTYPE, "data/x"),
        member("data/device", tarfile.CHRTYPE),
        member("data/pipe", tarfile.FIFOTYPE),
        member("data/folder", tarfile.DIRTYPE),
    ],
    ids=lambda one: f"{one.name!r} {one.type!r}",
)
def test_members_that_no_backup_has_are_refused_and_not_written(tmp_path: Path, one: tarfile.TarInfo) -> None:
    body = b"x" if one.type == tarfile.REGTYPE else b""
    path = of_members(tmp_path / "a", (member(MANIFEST), b"{}"), (one, body))

    with pytest.raises(InsightsError, match="not as it was written") as caught:
        unpacked(path, tmp_path / "out")

    assert "\x1b" not in caught.value.message
    assert [found.name for found in (tmp_path / "out").iterdir()] == [MANIFEST]
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a", "out"]


def test_a_member_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = of_members(tmp_path / "a", *[(member("data/x"), body) for body in (b"1", b"2")])

    with pytest.raises(InsightsError, match="not as it was written"):
        unpacked(path, tmp_path / "out")


def test_a_member_that_its_list_does_not_name_is_refused(tmp_path: Path) -> None:
    listed = json.dumps({MANIFEST: "0" * 64}).encode()
    path = of_members(tmp_path / "a", (member(MANIFEST), b'{"a": 1}'), (member(DIGESTS), listed))

    with pytest.raises(InsightsError, match="its list of files"):
        unpacked(path, tmp_path / "out")


def test_what_follows_the_end_is_refused_and_not_kept(tmp_path: Path) -> None:
    with sealing(tmp_path / "a") as sealer:
        packer = Packer(sealer)
        packer.content(MANIFEST, b'{"a": 1}')
        ended = sealer.close
        sealer.close = lambda: None  # type: ignore[method-assign]
        packer.close()
        sealer._waiting += sealer._zip.flush()
        sealer._zip = _Plain()  # type: ignore[assignment]
        sealer.write(bytes(archive.CHUNK * 3))
        sealer.close = ended  # type: ignore[method-assign]
        sealer.close()

    with pytest.raises(InsightsError, match="damaged"):
        unpacked(tmp_path / "a", tmp_path / "out")


class _Plain:
    def compress(self, content: bytes) -> bytes:
        return content

    def flush(self) -> bytes:
        return b""


def test_what_was_compressed_a_thousandfold_takes_no_memory(tmp_path: Path) -> None:
    with sealing(tmp_path / "a") as sealer:
        packer = Packer(sealer)
        packer.content(MANIFEST, b'{"a": 1}')
        (tmp_path / "zeros").touch()
        os.truncate(tmp_path / "zeros", 40 << 20)
        packer.file("data/zeros", tmp_path / "zeros")
        packer.close()
    assert (tmp_path / "a").stat().st_size < 1 << 20

    tracemalloc.start()
    unpacked(tmp_path / "a", tmp_path / "out")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 8 << 20
    assert (tmp_path / "out/data/zeros").stat().st_size == 40 << 20


# -- whoever else is on the machine ----------------------------------------------------------------------------------


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def for_others(folder: Path) -> list[str]:
    """What somebody else could open, through folders that let them in."""
    found: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not stat.S_IMODE(path.stat().st_mode) & 0o077:
            continue
        found += [path.name] if path.is_file() else for_others(path)
    return found


@pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX systems")
@pytest.mark.parametrize(("over", "kind"), [(False, "tables"), (True, "sqlite")])
def test_whatever_the_umask_nothing_of_it_is_for_others(
    folder: Path,
    disk: Path,
    tmp_path: Path,
    open_umask: None,
    monkeypatch: pytest.MonkeyPatch,
    over: bool,
    kind: str,
) -> None:
    """Deep folders, too, that come before any file of the folder they are in."""
    (folder / ".insights" / "a" / "b").mkdir(parents=True)
    (folder / ".insights" / "a" / "b" / "c.json").write_text("{}")
    monkeypatch.setattr("insights.backup.make.is_sqlite", lambda _: kind == "sqlite")
    place = Path(backed_up(folder, disk).backup.place)
    to = folder if over else tmp_path / "new"

    restore(restore_target(to, progress=quiet), place)
    open_workspace(to).close()

    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE((to / ".insights").stat().st_mode) == 0o700
    assert stat.S_IMODE((to / "insights.toml").stat().st_mode) == 0o600
    assert for_others(to) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX systems")
@pytest.mark.parametrize("kind", ["sqlite", "tables"])
def test_while_it_is_made_and_proved_nothing_of_it_is_for_others(
    folder: Path, disk: Path, open_umask: None, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from insights.backup import make

    seen: list[list[str]] = []

    def looking(act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            seen.append([name for name in (*for_others(folder), *for_others(disk)) if name != "insights.toml"])
            return act(*arguments, **named)

        return call

    monkeypatch.setattr(make, "is_sqlite", lambda _: kind == "sqlite")
    monkeypatch.setattr(make, "unpack", looking(contents.unpack))
    monkeypatch.setattr(make, "compared", looking(make.compared))

    backed_up(folder, disk)

    assert seen == [[], []]
