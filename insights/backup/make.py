"""Make a backup while others use the workspace, prove it by restoring it, and only then keep a record of it."""

import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights.backup.archive import Opener, Sealer, read_header
from insights.backup.contents import (
    DATABASE,
    DUMPED,
    MANIFEST,
    SETTINGS,
    VECTORS,
    Packer,
    members_of,
    unpack,
    vector_members,
)
from insights.domain.access import Act, use_case
from insights.errors import InsightsError
from insights.ports import Progress
from insights.storage.backups import Backup
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.storage.snapshot import Tables, copy_sqlite, dump, faults, is_sqlite, load, measure

LOCK = "backup.lock"
WORK = "backup.tmp"
"""In the folder of data, while a backup is made or proved."""
SQLITE, TABLES = "sqlite", "tables"
_SAMPLE = 20
"""Sealed values of each column that are opened on trial; all their rows are compared besides."""
_NAME = re.compile(r"insights-([0-9a-f]{6})-\d{8}T\d{6}Z(?:-\d+)?\.backup(\.part)?")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a backup is made of. `vectors_on_server`: they are not in the folder of data."""

    repository: Repository
    folder: Path
    data: Path
    workspace: str
    key: Callable[[str], bytes]
    """The workspace's key of a fingerprint, where it is kept."""
    vectors_on_server: bool
    keep: int
    now: Callable[[], datetime]
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was proved. `vectors` says why they are not in it, empty where they are; `deleted` are older ones
    that went."""

    backup: Backup
    rows: int
    tables: int
    vectors: str
    deleted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A backup that was restored on trial and is as it was made. `digest` is the SHA-256 of its bytes."""

    place: str
    made_at: datetime
    schema: str
    rows: int
    tables: int
    opened: int
    has_vectors: bool
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A recorded backup, and whether its file is there with its size."""

    backup: Backup
    is_there: bool


@use_case(Act.MANAGE)
def backup(bench: Bench, to: Path) -> Made:
    """Write, restore on trial, compare, record; then delete those beyond the newest `keep` in that folder. Nothing
    half-made is left. Raises InsightsError."""
    if not to.is_dir():
        raise InsightsError(
            f"There is no folder {to} for backups.", remedy="Make it, or attach its disk, then run the command again."
        )
    with OwnerLock(bench.data / LOCK, what="this workspace, for a backup"), _no_half(bench, to), _disk_in_words(to):
        at = bench.now().astimezone(UTC)
        final = _free_name(to, f"insights-{bench.workspace[:6]}-{at:%Y%m%dT%H%M%SZ}")
        part = final.with_name(f"{final.name}.part")
        tables, vectors, size, digest = _write(bench, part, at)
        found = _proved(part, bench.repository.backups.wrapping_key(), bench.data / WORK / "proof", bench.progress)
        if found.digest != digest:
            raise InsightsError(
                f"What was read back from {to} is not what was written.", remedy="Check that disk; nothing was kept."
            )
        part.replace(final)
        _sync_folder(to)
        kept = _record(bench, final, at, size=size, digest=digest, rows=found.rows)
        return Made(
            backup=kept, rows=found.rows, tables=len(tables), vectors=vectors, deleted=tuple(_delete_old(bench, to))
        )


@use_case(Act.MANAGE)
def listed(repository: Repository) -> list[Listed]:
    """All that are recorded, oldest first."""
    return [Listed(backup=one, is_there=_is_there(one)) for one in repository.backups.all()]


@use_case(Act.MANAGE)
def verify(bench: Bench, file: Path) -> Verified:
    """Restore a backup on trial and compare every row with what it was made of. Raises InsightsError."""
    with OwnerLock(bench.data / LOCK, what="this workspace, for a backup"), _disk_in_words(bench.data):
        try:
            return _proved(file, bench.key(read_header(file).key), bench.data / WORK / "proof", bench.progress)
        finally:
            shutil.rmtree(bench.data / WORK, ignore_errors=True)


# -- writing --------------------------------------------------------------------------------------------------------


def _write(bench: Bench, part: Path, at: datetime) -> tuple[Tables, str, int, str]:
    """Tables as they were in one moment; why there are no vectors; size and SHA-256."""
    url = bench.repository.backups.url
    work = bench.data / WORK
    work.mkdir(mode=0o700)
    with ExitStack() as held:
        why = _hold_vectors(bench, held)
        bench.progress("copying the database", 0, 0)
        kind, name = (SQLITE, DATABASE) if is_sqlite(url) else (TABLES, DUMPED)
        copied = work / Path(name).name
        schema, tables = _copied(url, copied)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            key = bench.repository.backups.wrapping_key()
            sealer = Sealer(file, key, workspace=bench.workspace, made_at=at, schema=schema, kind=kind)
            packer = Packer(sealer)
            manifest = {
                "workspace": bench.workspace,
                "schema": schema,
                "kind": kind,
                "vectors": not why,
                "tables": {name: asdict(one) for name, one in tables.items()},
            }
            packer.content(MANIFEST, json.dumps(manifest).encode())
            bench.progress("writing the backup", 0, 0)
            packer.file(name, copied)
            packer.file(SETTINGS, bench.folder / SETTINGS)
            for member, path in [*members_of(bench.data), *([] if why else vector_members(bench.data))]:
                packer.file(member, path)
            packer.close()
            file.flush()
            os.fsync(file.fileno())
        copied.unlink()
    return tables, why, sealer.size, sealer.digest


def _copied(url: str, to: Path) -> tuple[str, Tables]:
    if not is_sqlite(url):
        return dump(url, to)
    copy_sqlite(url, to)
    return measure(f"sqlite:///{to}")


def _hold_vectors(bench: Bench, held: ExitStack) -> str:
    """Keep others from writing vectors while they are read; why that cannot be, else empty."""
    if bench.vectors_on_server:
        return "they are on a server"
    if not (bench.data / VECTORS).is_dir():
        return "there are none"
    if (bench.data / f"{VECTORS}.ready").exists():
        return "they are being written anew"
    lock = OwnerLock(bench.data / f"{VECTORS}.lock", what="the vector store")
    try:
        lock.acquire()
    except InsightsError:
        return "another process uses them"
    held.callback(lock.release)
    return ""


# -- proving --------------------------------------------------------------------------------------------------------


def _proved(file: Path, key: bytes, work: Path, progress: Progress) -> Verified:
    progress("restoring it on trial", 0, 0)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700, parents=True)
    with Opener(file, key) as opener:
        unpacked = unpack(opener, work, with_vectors=False)
        header = opener.header
    url = restored_database(work, unpacked.manifest)
    compared(url, unpacked.manifest)
    rows = sum(one["rows"] for one in unpacked.manifest["tables"].values())
    opened = _opened(url, key)
    shutil.rmtree(work)
    return Verified(
        place=str(file),
        made_at=header.moment,
        schema=header.schema,
        rows=rows,
        tables=len(unpacked.manifest["tables"]),
        opened=opened,
        has_vectors=bool(unpacked.manifest["vectors"]),
        digest=unpacked.digest,
    )


def restored_database(folder: Path, manifest: Any) -> str:
    """The database of an unpacked backup, as SQLite; its URL."""
    url = f"sqlite:///{folder / DATABASE}"
    if manifest["kind"] == TABLES:
        (folder / DATABASE).parent.mkdir(mode=0o700, exist_ok=True)
        load(folder / DUMPED, url, schema=manifest["schema"])
        (folder / DUMPED).unlink()
        (folder / DATABASE).chmod(0o600)
    return url


def compared(url: str, manifest: Any) -> None:
    """Every table, row by row over all columns, with what was measured in the snapshot; and the file itself. Raises
    InsightsError."""
    schema, tables = measure(url)
    found = {name: asdict(one) for name, one in tables.items()}
    wrong = sorted(name for name in {*found, *manifest["tables"]} if found.get(name) != manifest["tables"].get(name))
    if schema != manifest["schema"] or wrong:
        raise InsightsError(
            f"What was restored is not what was copied: {', '.join(wrong) or 'the version of the tables'}.",
            remedy="Check the disk, then make another backup; this one was not recorded.",
        )
    if damage := faults(url):
        raise InsightsError(
            f"The database of this backup is damaged: {damage[0]}.",
            remedy="Take an older backup. See what is wrong here: insights doctor --deep",
        )


def _opened(url: str, key: bytes) -> int:
    """How many sealed values were opened on trial. Raises InsightsError where one does not open."""
    repository = Repository(url, key=key)
    try:
        found = repository.checking.opened(most=_SAMPLE)
    finally:
        repository.close()
    for one in found:
        if one.unopened:
            raise InsightsError(
                f"Row {one.unopened[0]} of {one.column} does not open in this backup.",
                remedy="It was damaged before the backup was made. See: insights doctor --deep",
            )
    return sum(one.opened for one in found)


# -- keeping --------------------------------------------------------------------------------------------------------


def _record(bench: Bench, path: Path, at: datetime, *, size: int, digest: str, rows: int) -> Backup:
    repository = bench.repository
    with repository.writing() as connection:
        kept = repository.backups.add(
            made_at=at,
            place=str(path.absolute()),
            size=size,
            digest=digest,
            checked_at=bench.now(),
            connection=connection,
        )
        facts: dict[str, int | float | str] = {"bytes": size, "rows": rows, "digest": digest}
        repository.audit.record("backup.make", path.name, facts=facts, connection=connection)
    return kept


def _delete_old(bench: Bench, folder: Path) -> Iterator[str]:
    """Ours alone, by record and by name; a record whose file is gone goes, too."""
    here = folder.absolute()
    kept = [one for one in bench.repository.backups.all() if Path(one.place).parent == here]
    there = [one for one in kept if Path(one.place).exists()]
    old = there[: -bench.keep] if len(there) > bench.keep else []
    for one in kept:
        if one in there and one not in old:
            continue
        found = _NAME.fullmatch(Path(one.place).name)
        if one in old:
            if found is None or found[1] != bench.workspace[:6]:
                continue
            Path(one.place).unlink(missing_ok=True)
            yield Path(one.place).name
        bench.repository.backups.remove(one.id)


def _is_there(one: Backup) -> bool:
    try:
        return Path(one.place).stat().st_size == one.bytes
    except OSError:
        return False


def _free_name(folder: Path, name: str) -> Path:
    number, path = 1, folder / f"{name}.backup"
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.backup"
    return path


@contextmanager
def _no_half(bench: Bench, to: Path) -> Iterator[None]:
    """Nothing half-made is left here, be it of a backup that was killed."""
    _clean(bench, to)
    try:
        yield
    finally:
        with suppress(OSError):
            _clean(bench, to)


def _clean(bench: Bench, to: Path) -> None:
    shutil.rmtree(bench.data / WORK, ignore_errors=True)
    for path in to.glob(f"insights-{bench.workspace[:6]}-*.backup.part"):
        if _NAME.fullmatch(path.name):
            path.unlink(missing_ok=True)


@contextmanager
def _disk_in_words(to: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise InsightsError(
                f"There is no room for the backup: the disk of {to} or of the workspace is full.",
                remedy="Free some space: a backup takes about three times its size while it is proved. "
                "Nothing half-made was kept.",
            ) from error
        raise InsightsError(
            f"The backup cannot be made: {error.strerror or 'the disk refused'}.",
            remedy=f"Check {to} and its permissions; nothing half-made was kept.",
        ) from error


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
