"""Put a backup back: unpacked and proved beside the workspace, made as it must be now, put in its place by renames.

Until the file `ready` is written the workspace is as it was; from then on whoever opens the workspace, or restores
again, ends the renames. What was there is moved aside, never deleted. Whoever was erased since the backup is erased
from it before it takes its place.
"""

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from insights.backup.archive import Header, Opener, read_header
from insights.backup.contents import DATA, DATABASE, SETTINGS, VECTORS, unpack
from insights.backup.make import compared, restored_database
from insights.config import Settings, load_settings
from insights.config.actors import admitted
from insights.domain.access import Act, Actor, Role, use_case
from insights.domain.audit import NO_HEAD, Head
from insights.errors import ExitCode, InsightsError
from insights.ports import Progress
from insights.storage.backups import Backup
from insights.storage.erasures import PERSON, Erased
from insights.storage.lock import OwnerLock
from insights.storage.repository import Repository
from insights.storage.snapshot import dump, has_rows, is_in_use, is_newer, is_sqlite, load, measure
from insights.text.clean import one_line

READY = "ready"
_RECEIPTS = "receipts"
_LOCKS = ("night.lock", "run.lock", f"{VECTORS}.lock", "backup.lock")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to, and by whom. `data` is the folder of data of the workspace that is there or is to be; `key` gives the
    key of a workspace by its id and a fingerprint, the present one where that is empty."""

    folder: Path
    data: Path
    actor: Actor
    key: Callable[[str, str], bytes]
    now: Callable[[], datetime]
    progress: Progress
    erase: Callable[["Staged", Collection[str]], int]
    """Erases whoever these keyed digests stand for from what is made ready; how many they were."""
    settle: Callable[[], object] = lambda: None
    """Called once it is in the place of a former state."""

    @property
    def stage(self) -> Path:
        """Where it is made ready."""
        return self.data.with_name(f"{self.data.name}.restoring")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What is made ready, before it takes its place."""

    repository: Repository
    settings: Settings
    folder: Path
    data: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What became of it. `aside` is where the former state is; `erased` how many were erased again; `migrated_from` is
    the older version of its tables; `unread` says why the former database could not be asked for what was erased."""

    folder: Path
    made_at: datetime
    aside: Path | None
    rows: int
    erased: int
    migrated_from: str
    has_vectors: bool
    unread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What must outlive the state that is replaced."""

    erased: Sequence[Erased] = ()
    subjects: frozenset[str] = frozenset()
    backups: Sequence[Backup] = ()
    head: Head = NO_HEAD
    unread: str = ""
    receipts: Sequence[Path] = field(default_factory=tuple)


@use_case(Act.MANAGE)
def restore(target: Target, file: Path) -> Restored:
    """Raises InsightsError, and leaves what is there as it was, where the backup is not whole, needs another key, is of
    a newer version or another workspace, and where others use the workspace."""
    header = read_header(file)
    _refuse_unfit(target, header)
    with _alone(target), _disk_in_words(target):
        if (done := _ended(target, header)) is not None:
            return done
        shutil.rmtree(target.stage, ignore_errors=True)
        try:
            with _nobody_else(target):
                restored = _staged(target, file)
                _refuse_in_use(target)
                _write_ready(target, header, restored)
                _finish_or_take_back(target, restored)
        except BaseException:
            if not (target.stage / READY).exists():
                shutil.rmtree(target.stage, ignore_errors=True)
            raise
        if restored.aside is not None:
            target.settle()
        return restored


def finish_restore(data: Path) -> bool:
    """End a restore that was cut off after it was made ready; whether there was one. Part of opening a workspace."""
    if not (_stage(data) / READY).exists():
        return False
    try:
        with OwnerLock(_lock(data), what="this workspace, for a restore"):
            return _finish(data)
    finally:
        with suppress(OSError):
            _lock(data).unlink()


# -- before ---------------------------------------------------------------------------------------------------------


def _refuse_unfit(target: Target, header: Header) -> None:
    if is_newer(header.schema):
        raise InsightsError(
            f"The backup is of a newer version of insights ({one_line(header.program, 40)}) than this one.",
            remedy="Update insights, then restore it; nothing was changed.",
        )
    for place in (target.data, target.folder / SETTINGS):
        if os.path.ismount(place):
            raise InsightsError(
                f"{place} is where a disk or a volume is attached: it cannot be moved aside.",
                remedy="Restore into a folder of its own, insights restore FILE --to FOLDER, and attach what is in it.",
                exit_code=ExitCode.USAGE,
            )
    try:
        there = (target.data / "id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return
    if there and there != header.workspace:
        raise InsightsError(
            f"{target.folder} holds another workspace than the backup.",
            remedy="Restore it into a folder of its own: insights restore FILE --to FOLDER",
            exit_code=ExitCode.USAGE,
        )


def _lock(data: Path) -> Path:
    return data.with_name(f"{data.name}.restore.lock")


def _stage(data: Path) -> Path:
    return data.with_name(f"{data.name}.restoring")


@contextmanager
def _alone(target: Target) -> Iterator[None]:
    target.folder.mkdir(parents=True, exist_ok=True)
    lock = OwnerLock(_lock(target.data), what="this workspace, for a restore")
    try:
        with lock:
            yield
    finally:
        with suppress(OSError):
            _lock(target.data).unlink()


@contextmanager
def _nobody_else(target: Target) -> Iterator[None]:
    """Nobody works in what is about to be moved aside: what they wrote would be lost there, an erasure above all."""
    with ExitStack() as held:
        for name in _LOCKS if target.data.is_dir() else ():
            held.enter_context(OwnerLock(target.data / name, what="this workspace"))
        _refuse_in_use(target)
        yield


def _refuse_in_use(target: Target) -> None:
    if is_in_use(target.data / "insights.db"):
        raise InsightsError(
            "Another process has this workspace open.",
            remedy="Close the triage application and whatever else uses it, then restore again.",
        )


# -- made ready -----------------------------------------------------------------------------------------------------


def _staged(target: Target, file: Path) -> Restored:
    stage = target.stage
    stage.mkdir(mode=0o700, parents=True)
    target.progress("unpacking the backup", 0, 0)
    with Opener(file, _key(target, read_header(file))) as opener:
        unpacked = unpack(opener, stage)
        header = opener.header
    target.progress("comparing every row", 0, 0)
    url = restored_database(stage, unpacked.manifest)
    compared(url, unpacked.manifest)
    _refuse_full_server(stage)
    former = _former(target)
    erased = _made_current(target, header, url, former)
    schema = measure(url)[0]
    return Restored(
        folder=target.folder,
        made_at=header.moment,
        aside=_aside(target) if target.data.exists() or (target.folder / SETTINGS).exists() else None,
        rows=sum(one["rows"] for one in unpacked.manifest["tables"].values()),
        erased=erased,
        migrated_from=header.schema if header.schema != schema else "",
        has_vectors=bool(unpacked.manifest["vectors"]),
        unread=former.unread,
    )


def _key(target: Target, header: Header) -> bytes:
    return target.key(header.workspace, header.key)


def _refuse_full_server(stage: Path) -> None:
    url = _server_url(stage)
    if url and has_rows(url):
        raise InsightsError(
            "The database that storage.database_url of the backup names is not empty.",
            remedy="Empty it, or make an empty one under that name; nothing was changed.",
        )


def _server_url(stage: Path) -> str:
    """The database that the restored settings name, where it is not SQLite in the folder of data."""
    url = load_settings(stage / SETTINGS, may_be_missing=True).storage.database_url
    return url if url and not is_sqlite(url) else ""


def _aside(target: Target) -> Path:
    """A name that is free."""
    name = f"{target.data.name}.before-{target.now().astimezone(UTC):%Y%m%dT%H%M%SZ}"
    path, number = target.data.with_name(name), 1
    while path.exists():
        number += 1
        path = target.data.with_name(f"{name}-{number}")
    return path


def _former(target: Target) -> Former:
    """What the state that is there knows. A database that cannot be read is told, and is no reason to stop."""
    receipts = sorted((target.data / _RECEIPTS).glob("*.*")) if target.data.is_dir() else []
    subjects = frozenset(filter(None, map(_subject, receipts)))
    try:
        repository = _present(target)
    except InsightsError as error:
        return Former(unread=error.message, receipts=receipts, subjects=subjects)
    if repository is None:
        return Former(receipts=receipts, subjects=subjects)
    try:
        return Former(
            erased=repository.erasures.all(),
            backups=repository.backups.all(),
            head=repository.audit.head(),
            receipts=receipts,
            subjects=subjects,
        )
    except InsightsError as error:
        return Former(unread=error.message, receipts=receipts, subjects=subjects)
    finally:
        repository.close()


def _present(target: Target) -> Repository | None:
    """None where there is no database, or one on a server without rows."""
    path = target.data / "insights.db"
    settings = load_settings(target.folder / SETTINGS, may_be_missing=True)
    url = settings.storage.database_url or (f"sqlite:///{path}" if path.exists() and path.stat().st_size else "")
    if not url or not (target.data / "id").exists():
        return None
    if not is_sqlite(url) and not has_rows(url):
        return None  # to open it would put rows into what a backup may go to
    return Repository(url, key=target.key((target.data / "id").read_text(encoding="ascii").strip(), ""))


def _subject(receipt: Path) -> str:
    """Whom a receipt is about, as a keyed digest."""
    if receipt.suffix != ".json":
        return ""
    try:
        return str(json.loads(receipt.read_bytes())["subject"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _made_current(target: Target, header: Header, url: str, former: Former) -> int:
    """Of the newest version, without whom was erased since, its log saying what happened. How many were erased."""
    settings = load_settings(target.stage / SETTINGS, may_be_missing=True)
    actor = admitted(target.stage / DATA, settings.roles, who=target.actor.who)
    actor.require(Act.MANAGE)
    # Each erasure was allowed when it was asked for: whoever restores ends it again, whatever their roles are.
    actor = Actor.of(actor.who, {*actor.roles, Role.PRIVACY}, login=actor.login)
    repository = Repository(url, key=_key(target, header), actor=actor)
    try:
        _keep_records(repository, former)
        facts: dict[str, int | float | str] = {
            "made_at": header.made_at,
            "former_number": former.head.number,
            "former_mac": former.head.mac,
        }
        repository.audit.record("backup.restore", header.made_at[:19], facts=facts)
        for receipt in former.receipts:
            place = target.stage / DATA / _RECEIPTS / receipt.name
            place.parent.mkdir(mode=0o700, exist_ok=True)
            if not place.exists():
                shutil.copyfile(receipt, place)
        wanted = {one.digest for one in former.erased} | former.subjects
        folder = target.stage.absolute()
        staged = Staged(repository=repository, settings=settings, folder=folder, data=folder / DATA)
        return target.erase(staged, wanted) if wanted else 0
    finally:
        repository.close()


def _keep_records(repository: Repository, former: Former) -> None:
    """Erasures and backups since then are remembered on."""
    known = {one.place for one in repository.backups.all()}
    for gone in former.erased:
        repository.erasures.add([gone.digest], kind=gone.kind, at=gone.at)
    for one in former.backups:
        if one.place not in known:
            repository.backups.add(
                made_at=one.made_at, place=one.place, size=one.bytes, digest=one.digest, checked_at=one.checked_at
            )
    missing = former.subjects - {one.digest for one in former.erased}
    if missing:
        repository.erasures.add(missing, kind=PERSON, at=datetime.now(UTC))


# -- put in its place -----------------------------------------------------------------------------------------------


def _write_ready(target: Target, header: Header, restored: Restored) -> None:
    """From here on it is ended, whatever happens."""
    content = {
        "archive": header.wrapped,
        "aside": restored.aside.name if restored.aside else "",
        "restored": {
            "made_at": header.made_at,
            "rows": restored.rows,
            "erased": restored.erased,
            "migrated_from": restored.migrated_from,
            "has_vectors": restored.has_vectors,
            "unread": restored.unread,
        },
    }
    part = target.stage / f"{READY}.part"
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(content))
        file.flush()
        os.fsync(file.fileno())
    _sync_tree(target.stage)
    part.replace(target.stage / READY)
    _sync_folder(target.stage)


def _ended(target: Target, header: Header) -> Restored | None:
    """End one that was cut off; what it restored, where that is the same backup."""
    ready = target.stage / READY
    if not ready.exists():
        return None
    told = json.loads(ready.read_text(encoding="utf-8"))
    with _nobody_else(target):
        _finish(target.data)
    if told["aside"]:
        target.settle()
    if told["archive"] != header.wrapped:
        return None
    facts = {**told["restored"], "made_at": datetime.fromisoformat(told["restored"]["made_at"])}
    aside = target.data.with_name(told["aside"]) if told["aside"] else None
    return Restored(folder=target.folder, aside=aside, **facts)


def _finish(data: Path) -> bool:
    """Renames alone, each of which may have been done already."""
    stage, folder = _stage(data), data.parent
    try:
        told = json.loads((stage / READY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    aside = data.with_name(told["aside"]) if told["aside"] else None
    if (stage / DATA).exists():
        _to_server(stage)
        _put(stage / DATA, data, aside)
    if (stage / SETTINGS).exists():
        _put(stage / SETTINGS, folder / SETTINGS, aside / SETTINGS if aside else None)
    _sync_folder(folder)
    for path in sorted(stage.iterdir(), key=lambda one: one.name == READY):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    stage.rmdir()
    return True


def _finish_or_take_back(target: Target, restored: Restored) -> None:
    """What cannot even be begun must not be tried again by whoever opens the workspace."""
    try:
        _finish(target.data)
    except OSError:
        is_begun = not (target.stage / DATA).exists() or (restored.aside is not None and restored.aside.exists())
        if not is_begun and not _server_url(target.stage):
            (target.stage / READY).unlink()
        raise


def _put(new: Path, place: Path, aside: Path | None) -> None:
    if place.exists() and aside is not None and not aside.exists():
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        place.rename(aside)
    new.rename(place)


def _to_server(stage: Path) -> None:
    """Rows into the database that the settings name; one that has them already, from before a stop, is left."""
    url, path = _server_url(stage), stage / DATABASE
    if not url or not path.exists():
        return
    own = f"sqlite:///{path}"
    if has_rows(url):
        if measure(url) != measure(own):
            raise InsightsError(
                "The database that storage.database_url names was changed while a backup was restored into it.",
                remedy=f"Empty it, then run the command again; what is to be restored waits in {stage}.",
            )
    else:
        dumped = stage / "rows.jsonl"
        dumped.unlink(missing_ok=True)
        schema, _ = dump(own, dumped)
        load(dumped, url, schema=schema)
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() or os.name == "posix":
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk_in_words(target: Target) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InsightsError(
            f"The backup cannot be restored into {target.folder}: {error.strerror or 'the disk refused'}.",
            remedy="Free some space or mend the permissions, then run the command again: it goes on where it was.",
        ) from error
