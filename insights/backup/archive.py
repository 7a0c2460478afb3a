"""The file of a backup: a header that anybody can read, then what is sealed under a key of its own.

The archive's key is random and used once. It stands in the header, wrapped (AES-256-GCM) by a key that HKDF makes of
the workspace's for the purpose "backups"; the fingerprint beside it tells which key of the workspace that is. What
follows is compressed and sealed in chunks by STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015): the nonce of each chunk holds its number
and whether it is the last, so that a chunk that was changed, moved, left out or cut off is found; all of them are bound
to the header.
"""

import base64
import errno
import hashlib
import json
import os
import re
import secrets
import struct
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from insights.errors import InsightsError
from insights.storage.encryption import fingerprint_of
from insights.text.clean import one_line

MAGIC = b"insights-backup\n"
FORMAT = 1
CHUNK = 1 << 18
"""Bytes that are sealed at a time."""
_TAG = 16
_KEY = 32
_NONCE = 12
_LONGEST_HEADER = 1 << 16
_FORMS = {
    "workspace": re.compile(r"[0-9a-f]{1,64}"),
    "schema": re.compile(r"[0-9]{1,8}"),
    "kind": re.compile(r"[a-z]{1,16}"),
    "key": re.compile(r"[0-9a-f]{1,64}"),
}
"""Of what is used before anything is proved: to find a key's file, above all."""
_LEVEL = 1
"""Of zlib: most of it is sealed already, and does not become smaller by more work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is known without the key. `schema` is the version of the tables, `kind` the form of the database: "sqlite"
    or "tables"; `key` is the fingerprint of the workspace's key that is needed."""

    workspace: str
    made_at: str
    schema: str
    kind: str
    program: str
    key: str
    wrapped: str
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


class Sealer:
    """Writes an archive to a file that is open for writing; `close` ends it. `digest` is then the SHA-256 of its bytes,
    `size` how many they are. Memory: a chunk."""

    def __init__(
        self, file: BinaryIO, key: bytes, *, workspace: str, made_at: datetime, schema: str, kind: str
    ) -> None:
        from insights import __version__

        self._file, self._hash, self.size = file, hashlib.sha256(), 0
        archive_key, nonce = secrets.token_bytes(_KEY), os.urandom(_NONCE)
        moment = made_at.isoformat()
        wrapped = nonce + AESGCM(_derived(key, b"backups")).encrypt(nonce, archive_key, _bound(workspace, moment))
        header = Header(
            workspace=workspace,
            made_at=moment,
            schema=schema,
            kind=kind,
            program=__version__,
            key=fingerprint_of(key),
            wrapped=base64.b64encode(wrapped).decode("ascii"),
        )
        content = json.dumps(asdict(header), sort_keys=True).encode()
        head = MAGIC + struct.pack(">I", len(content)) + content
        self._aes, self._bound = AESGCM(archive_key), hashlib.sha256(head).digest()
        self._zip, self._waiting, self._number = zlib.compressobj(_LEVEL), bytearray(), 0
        self._out(head)

    def write(self, content: bytes) -> int:
        self._waiting += self._zip.compress(content)
        self._seal_full()
        return len(content)

    def close(self) -> None:
        self._waiting += self._zip.flush()
        self._seal_full()
        self._seal(bytes(self._waiting), is_last=True)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def _seal_full(self) -> None:
        """All but the last: a chunk of which nothing is known to follow waits."""
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        self._out(self._aes.encrypt(_nonce(self._number, is_last=is_last), content, self._bound))
        self._number += 1

    def _out(self, content: bytes) -> None:
        self._file.write(content)
        self._hash.update(content)
        self.size += len(content)


def read_header(path: Path) -> Header:
    """What a backup says of itself, which its content proves only once it is opened. Raises InsightsError."""
    with _opened(path) as file:
        return _header(file, path)[0]


class Opener:
    """Reads an archive as a stream; what it gives was proved to be whole so far, `finish` proves the rest. Raises
    InsightsError for another key and for any change. Memory: some chunks."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._file = path, _opened(path)
        try:
            self.header, head = _header(self._file, path)
            self._hash = hashlib.sha256(head)
            self._aes = AESGCM(_unwrapped(self.header, key, path))
        except BaseException:
            self._file.close()
            raise
        self._bound = hashlib.sha256(head).digest()
        self._unzip, self._number = zlib.decompressobj(), 0
        self._ahead, self._ready, self._is_done = self._next(), b"", False

    def read(self, size: int) -> bytes:
        """Fewer bytes only at the end."""
        parts, wanted = [], size
        while wanted:
            if not self._ready and not self._fill():
                break
            parts.append(self._ready[:wanted])
            self._ready = self._ready[wanted:]
            wanted -= len(parts[-1])
        return b"".join(parts)

    def finish(self) -> str:
        """Read to the end: the SHA-256 of the file's bytes."""
        while self.read(CHUNK):
            pass
        if not self._unzip.eof or self._unzip.unused_data:
            raise _damaged(self._path)
        return self._hash.hexdigest()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "Opener":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fill(self) -> bool:
        """False at the end. What was compressed far is given piece by piece."""
        while not self._ready:
            if self._unzip.unconsumed_tail:
                self._ready = self._decompressed(self._unzip.unconsumed_tail)
            elif self._is_done:
                return False
            else:
                self._ready = self._decompressed(self._chunk())
        return True

    def _decompressed(self, content: bytes) -> bytes:
        if self._unzip.eof:
            raise _damaged(self._path)
        try:
            return self._unzip.decompress(content, CHUNK)
        except zlib.error as error:
            raise _damaged(self._path) from error

    def _chunk(self) -> bytes:
        sealed, self._ahead = self._ahead, self._next()
        self._is_done = not self._ahead
        try:
            content = self._aes.decrypt(_nonce(self._number, is_last=self._is_done), sealed, self._bound)
        except (InvalidTag, ValueError) as error:
            raise _damaged(self._path) from error
        self._number += 1
        return content

    def _next(self) -> bytes:
        content = self._file.read(CHUNK + _TAG)
        self._hash.update(content)
        return content


def _nonce(number: int, *, is_last: bool) -> bytes:
    """Eleven bytes of number, one of whether it is the last: the key is used for one archive alone."""
    return number.to_bytes(_NONCE - 1, "big") + (b"\1" if is_last else b"\0")


def _bound(workspace: str, moment: str) -> bytes:
    return f"insights backup|{workspace}|{moment}".encode()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=b"insights/" + purpose).derive(key)


def _opened(path: Path) -> BinaryIO:
    """A file alone: a pipe or a device may never end."""
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "it is no file")
        return path.open("rb")
    except OSError as error:
        raise InsightsError(
            f"The backup {path} cannot be read: {error.strerror}.",
            remedy="Name a file that is there and that you may read. See: insights backup list",
        ) from error


def _header(file: BinaryIO, path: Path) -> tuple[Header, bytes]:
    """What it says, and its bytes."""
    start = file.read(len(MAGIC) + 4)
    if start[: len(MAGIC)] != MAGIC or len(start) < len(MAGIC) + 4:
        raise InsightsError(
            f"{path} is no backup of insights, or its beginning is damaged.",
            remedy="Name a file that `insights backup` wrote.",
        )
    (length,) = struct.unpack(">I", start[len(MAGIC) :])
    if length > _LONGEST_HEADER:
        raise _damaged(path)
    content = file.read(length)
    try:
        told: dict[str, Any] = json.loads(content.decode("ascii"))
        if told.get("format") != FORMAT:
            raise _too_new(path, told)
        header = Header(**told)
        if not _is_as_written(header):
            raise _damaged(path)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error
    return header, start + content


def _is_as_written(header: Header) -> bool:
    """Raises ValueError where `made_at` is no time."""
    named = [getattr(header, name) for name in Header.__dataclass_fields__ if name != "format"]
    if not all(isinstance(one, str) for one in named):
        return False
    return header.moment.tzinfo is not None and all(
        form.fullmatch(getattr(header, name)) for name, form in _FORMS.items()
    )


def _too_new(path: Path, told: dict[str, Any]) -> InsightsError:
    form = told.get("format")
    if not isinstance(form, int) or form < FORMAT:
        return _damaged(path)
    return InsightsError(
        f"{path} was made by a newer version of insights ({one_line(str(told.get('program')), 40)}).",
        remedy="Update insights, then try it again; nothing was changed.",
    )


def _unwrapped(header: Header, key: bytes, path: Path) -> bytes:
    if header.key != fingerprint_of(key):
        raise InsightsError(
            f"The backup of {header.moment:%Y-%m-%d %H:%M} UTC needs another key: the one with the fingerprint "
            f"{one_line(header.key, 40)}; the key that is here has {fingerprint_of(key)}.",
            remedy="Set INSIGHTS_KEY to the key that the workspace had then. A former key is "
            "needed as long as its backups are.",
        )
    try:
        wrapped = base64.b64decode(header.wrapped, validate=True)
        kek = AESGCM(_derived(key, b"backups"))
        return kek.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _bound(header.workspace, header.made_at))
    except (InvalidTag, ValueError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> InsightsError:
    return InsightsError(
        f"The backup {path} is damaged, cut off, or was changed: nothing of it was used.",
        remedy="Take another copy of it, or another backup. See: insights backup list",
    )
