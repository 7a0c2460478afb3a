"""What a backup holds besides the database, and how it stands in the archive: a tar, whose last member has the digests
of all others."""

import hashlib
import io
import json
import tarfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from insights.backup.archive import CHUNK, Opener, Sealer
from insights.errors import InsightsError
from insights.text.clean import one_line

MANIFEST, DIGESTS = "manifest.json", "digests.json"
SETTINGS = "insights.toml"
DATA = "data"
"""Members below it are what is in the workspace's folder of data."""
DATABASE, DUMPED = f"{DATA}/insights.db", "database.jsonl"
VECTORS = "vectors"

_LEFT_OUT = ("insights.db", VECTORS, "logs", "backup.tmp")
"""Beginnings of names: the database and the vectors have members of their own."""
_LONGEST_LIST = 1 << 26
"""Bytes of what is read into memory."""
_PASSING = (".lock", ".owner", ".tmp", ".part")


class Written(Protocol):
    """What a tar is written to."""

    def write(self, content: bytes, /) -> int: ...


@dataclass(slots=True)
class Packer:
    """Writes members into a sealed archive, and keeps their digests. Memory: a chunk."""

    sealer: Sealer
    _digests: dict[str, str] = field(default_factory=dict)
    _tar: tarfile.TarFile = field(init=False)

    def __post_init__(self) -> None:
        self._tar = tarfile.open(mode="w|", fileobj=_Stream(self.sealer), format=tarfile.PAX_FORMAT)  # noqa: SIM115

    def content(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def file(self, name: str, path: Path) -> bool:
        """As long as it is now. False where it went meanwhile."""
        try:
            with path.open("rb") as file:
                self._add(name, file, path.stat().st_size)
        except FileNotFoundError:
            return False
        return True

    def close(self) -> None:
        digests = json.dumps(self._digests).encode()
        self._tar.addfile(_member(DIGESTS, len(digests)), io.BytesIO(digests))
        self._tar.close()
        self.sealer.close()

    def _add(self, name: str, file: BinaryIO, size: int) -> None:
        read = _Hashing(file)
        try:
            self._tar.addfile(_member(name, size), read)
        except OSError as error:
            if "unexpected end of data" not in str(error):
                raise
            raise InsightsError(
                f"{name} became shorter while it was read.", remedy="Run the command again; nothing was changed."
            ) from error
        self._digests[name] = read.digest


def members_of(data: Path) -> Iterator[tuple[str, Path]]:
    """Files of the folder of data that matter, with their names there: no locks, no logs, nothing half-written."""
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data).as_posix()
        is_passing = path.suffix in _PASSING or name.startswith(_LEFT_OUT)
        if path.is_file() and not path.is_symlink() and not is_passing:
            yield f"{DATA}/{name}", path


def vector_members(data: Path) -> Iterator[tuple[str, Path]]:
    """The same of the vectors; nobody may write them meanwhile."""
    for path in sorted((data / VECTORS).rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{DATA}/{path.relative_to(data).as_posix()}", path


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of an archive: its manifest, the SHA-256 of the file."""

    manifest: Mapping[str, Any]
    digest: str
    files: int


def unpack(opener: Opener, to: Path, *, with_vectors: bool = True) -> Unpacked:
    """Every member as a file below `to`, on the disk when this returns; without vectors these are read and compared,
    but not written. Raises InsightsError where anything is not as it was written."""
    found: dict[str, str] = {}
    told: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    try:
        with tarfile.open(mode="r|", fileobj=_Reading(opener)) as tar:
            for member in tar:
                source = tar.extractfile(member)
                if source is None or not _may_be_in_it(member, found):
                    raise _unexpected(member.name)
                if member.name == DIGESTS:
                    told = json.loads(source.read())
                    continue
                is_kept = with_vectors or not member.name.startswith(f"{DATA}/{VECTORS}/")
                found[member.name] = _extract(source, _place(to, member.name) if is_kept else None)
                if member.name == MANIFEST:
                    manifest = json.loads((to / MANIFEST).read_bytes())
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise _unexpected("its list of files") from error
    digest = opener.finish()
    if found != told or not manifest:
        raise _unexpected("its list of files")
    return Unpacked(manifest, digest, len(found))


def _may_be_in_it(member: tarfile.TarInfo, found: Collection[str]) -> bool:
    """A file of a name that a backup gives, once; nothing that SQLite would take for a part of the database."""
    name = member.name
    is_named = name in (MANIFEST, DIGESTS, SETTINGS, DUMPED, DATABASE) or (
        name.startswith(f"{DATA}/") and not name.startswith(DATABASE)
    )
    is_short = member.size <= _LONGEST_LIST or name not in (MANIFEST, DIGESTS)
    return member.isreg() and is_named and is_short and name not in found


def _place(to: Path, name: str) -> Path:
    """Below `to`, whatever the name says."""
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or ".." in parts:
        raise _unexpected(name)
    for number in range(1, len(parts)):
        to.joinpath(*parts[:number]).mkdir(mode=0o700, exist_ok=True)  # `parents` would make them for everybody
    return to.joinpath(*parts)


def _extract(source: Any, to: Path | None) -> str:
    import os

    digest = hashlib.sha256()
    if to is None:
        while content := source.read(CHUNK):
            digest.update(content)
        return digest.hexdigest()
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while content := source.read(CHUNK):
            digest.update(content)
            file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _unexpected(what: str) -> InsightsError:
    return InsightsError(
        f"The backup is not as it was written: {one_line(what, 80)}.",
        remedy="Take another backup. See: insights backup list",
    )


class _Stream(io.RawIOBase):
    """What tarfile writes to."""

    def __init__(self, to: Written) -> None:
        self._to: Written | None = to

    def write(self, content: Any, /) -> int:
        """Nothing more once it failed: tarfile writes its end when it is thrown away."""
        to, self._to = self._to, None
        if to is not None:
            to.write(content)
            self._to = to
        return len(content)


class _Reading(io.RawIOBase):
    """What tarfile reads from."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def read(self, size: int = -1, /) -> bytes:
        return self._opener.read(size)


class _Hashing(io.RawIOBase):
    """Digests what is read of a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        content = self._file.read(size)
        self._hash.update(content)
        return content

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
