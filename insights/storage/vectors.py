"""Vectors of mentions, in Chroma: embedded in the workspace, or a server by URL.

Holds ids, vectors and opaque filters, never text; everything here can be rebuilt from the database. An embedded
folder has one owner process at a time: two writers corrupt it in silence.
"""

import errno
import os
import shutil
import struct
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from insights.config.unproxied import unproxied
from insights.errors import InsightsError
from insights.storage.lock import OwnerLock

if TYPE_CHECKING:
    from insights.ports import Progress, Vectors

COLLECTION = "mentions"
VECTORS_BY = "embedder"
"""Under this name the database keeps the fingerprint of the embedder that made the vectors."""
_PAGE = 5000
_HEADER = struct.Struct("<iQQQQ")
"""Of an index's header.bin: its version, an offset, room for how many vectors, how many there are, bytes of each."""
_LARGEST_ELEMENT = 1 << 20
_LENGTH_BYTES = 4
# Insertion into the graph is batched, and it is written out seldom: 15,000 vectors cost 4 CPU s, not 12. But what is
# not written out is inserted anew whenever the store is opened: after 39,000 vectors that took 7 CPU s with a
# threshold of 20,000, and 1 with 5,000, which made writing them 6 % dearer.
_GRAPH = {"hnsw": {"space": "cosine", "batch_size": 2000, "sync_threshold": 5000}}


@dataclass(frozen=True, slots=True)
class VectorPlace:
    """Where vectors are kept: `url` of a Chroma server, or, where it is empty, a folder."""

    folder: Path
    url: str = ""


class VectorStore:
    """Open it with `with`: an embedded folder is locked until the block ends. `anew` opens it empty, also where what
    is there is damaged. A folder that another process uses is waited for at most `wait_seconds`; one
    that nobody else knows of need not be `locked`."""

    def __init__(self, place: VectorPlace, *, anew: bool = False, wait_seconds: float = 0, locked: bool = True) -> None:
        self._place = place
        self._anew = anew
        self._wait_seconds = wait_seconds
        is_shared = bool(place.url) or not locked
        self._lock = None if is_shared else OwnerLock(place.folder.with_suffix(".lock"), what="the vector store")
        self._collection: Any = None

    def __enter__(self) -> Self:
        if self._lock is not None:
            self._lock.acquire(wait_seconds=self._wait_seconds)
        try:
            self._open()
        except BaseException:
            self._release()
            raise
        return self

    def _open(self) -> None:
        with _in_words(self._place, "opened"):
            if self._anew and not self._place.url:
                _remove(self._place.folder)
            if not self._place.url:
                _finish_rewrite(self._place.folder)
                _blank_unused(self._place.folder)
            self._client = _client(self._place)
            self._collection = _collection(self._client)
            if self._anew and self._place.url:
                self.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _release(self) -> None:
        client = getattr(self, "_client", None)
        if client is not None and not self._place.url:
            client.close()
            _blank_unused(self._place.folder)
        if self._lock is not None:
            self._lock.release()

    def upsert(self, ids: Sequence[int], vectors: "Vectors", *, filters: Sequence[Mapping[str, int | str]]) -> None:
        """Vectors of shape (len(ids), dimensions); `filters` are small facts to search by, one mapping a row."""
        for start in range(0, len(ids), _PAGE):
            part = slice(start, start + _PAGE)
            with _in_words(self._place):
                self._collection.upsert(
                    ids=[str(number) for number in ids[part]],
                    embeddings=vectors[part],
                    metadatas=[dict(some) for some in filters[part]],
                )

    def present(self, ids: Sequence[int]) -> set[int]:
        """Which of the ids have a vector."""
        found: set[int] = set()
        for start in range(0, len(ids), _PAGE):
            with _in_words(self._place):
                answer = self._collection.get(ids=[str(n) for n in ids[start : start + _PAGE]], include=[])
            found |= {int(number) for number in answer["ids"]}
        return found

    def matrix(self, ids: Sequence[int]) -> "Vectors":
        """The vectors of these ids, in their order; a row of zeros where there is none."""
        import numpy as np

        matrix: Vectors | None = None
        for start in range(0, len(ids), _PAGE):
            part = {str(number): row for row, number in enumerate(ids[start : start + _PAGE], start)}
            with _in_words(self._place):
                answer = self._collection.get(ids=list(part), include=["embeddings"])
            if answer["ids"]:
                found = np.asarray(answer["embeddings"], dtype=np.float32)
                matrix = np.zeros((len(ids), found.shape[1]), dtype=np.float32) if matrix is None else matrix
                matrix[[part[name] for name in answer["ids"]]] = found
        return matrix if matrix is not None else np.zeros((len(ids), 1), dtype=np.float32)

    def nearest(
        self, vector: "Vectors", *, count: int, where: Mapping[str, Any] | None = None
    ) -> list[tuple[int, float]]:
        """Mention ids with their cosine to one vector, nearest first."""
        import numpy as np

        stored = self.count()
        if not stored:
            return []
        with _in_words(self._place):
            answer = self._collection.query(
                query_embeddings=np.atleast_2d(vector),
                n_results=min(count, stored),
                where=dict(where) if where else None,
                include=["distances"],
            )
        return [
            (int(number), 1.0 - float(distance))
            for number, distance in zip(answer["ids"][0], answer["distances"][0], strict=True)
        ]

    def delete(self, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), _PAGE):
            with _in_words(self._place):
                self._collection.delete(ids=[str(number) for number in ids[start : start + _PAGE]])

    def ids(self) -> set[int]:
        """Of everything that has a vector."""
        found: set[int] = set()
        for start in range(0, self.count(), _PAGE):
            with _in_words(self._place):
                found |= {int(one) for one in self._collection.get(limit=_PAGE, offset=start, include=[])["ids"]}
        return found

    def count(self) -> int:
        with _in_words(self._place):
            return int(self._collection.count())

    def rewrite(self, without: Collection[int], *, progress: "Progress" = lambda *_: None) -> int:
        """Drop these and write all others into files of their own, since a deleted vector's bytes stay in the files
        that held it. Whoever is killed meanwhile has the old files or the new ones. Returns how many others there are.
        A server's files are its own: there they are only deleted."""
        if self._place.url:
            self.delete(list(without))
            return self.count()
        with _in_words(self._place):
            part = _part(self._place.folder)
            with VectorStore(VectorPlace(part), locked=False) as anew:
                for ids, vectors, filters in self._pages(set(without), progress):
                    anew.upsert(ids, vectors, filters=filters)
            left = self.count() - len(self.present(list(without)))
            self._client.close()
            _sync_tree(part)
            part.replace(_ready(self._place.folder))
        self._open()
        return left

    def _pages(
        self, without: "set[int]", progress: "Progress"
    ) -> "Iterator[tuple[list[int], Vectors, list[Mapping[str, int | str]]]]":
        """Ids, vectors and what they are searched by, of all others."""
        total = self.count()
        for start in range(0, total, _PAGE):
            page = self._collection.get(limit=_PAGE, offset=start, include=["embeddings", "metadatas"])
            ids = [int(name) for name in page["ids"]]
            rows = [row for row, number in enumerate(ids) if number not in without]
            if rows:
                filters = [page["metadatas"][row] for row in rows]
                yield [ids[row] for row in rows], page["embeddings"][rows], filters
            progress("writing vectors anew", min(start + _PAGE, total), total)

    def clear(self) -> None:
        """Throw all vectors away, to be made anew: another embedder's do not mix with these."""
        with _in_words(self._place):
            self._client.delete_collection(COLLECTION)
            self._collection = _collection(self._client)


def _client(place: VectorPlace) -> Any:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False, chroma_otel_granularity="none")
    if not place.url:
        place.folder.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(str(place.folder), settings=settings)
    from urllib.parse import urlsplit

    url = urlsplit(place.url)
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 8000)
    host = url.hostname or "127.0.0.1"
    with unproxied(place.url):
        return chromadb.HttpClient(host=host, port=port, ssl=secure, settings=settings)


def _collection(client: Any) -> Any:
    return client.get_or_create_collection(COLLECTION, configuration=_GRAPH, embedding_function=None)


def has_vectors(folder: Path) -> bool:
    """Whether a store is in this folder, or waits beside it to be put in its place."""
    return folder.exists() or _ready(folder).exists()


def _part(folder: Path) -> Path:
    """Another one for every try: the writer of one that was killed may still be at it."""
    return folder.with_name(f"{folder.name}.part-{os.getpid()}-{time.monotonic_ns()}")


def _ready(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.ready")


def _blank_unused(folder: Path) -> None:
    """Zeros where an index has room for more vectors: what is written there is whatever the process's memory held, such
    as vectors that were erased, or words."""
    for header in folder.glob("*/header.bin"):
        version, _, _, used, size = _HEADER.unpack_from(header.read_bytes().ljust(_HEADER.size, b"\0"))
        if version == 1 and 0 < size < _LARGEST_ELEMENT:
            _blank_after(header.with_name("data_level0.bin"), used * size)
            _blank_after(header.with_name("length.bin"), used * _LENGTH_BYTES)


def _blank_after(path: Path, used: int) -> None:
    left = path.stat().st_size - used if path.exists() else 0
    if left <= 0:
        return
    with path.open("r+b") as file:
        file.seek(used)
        content = file.read(left)
        if content.count(0) < len(content):
            file.seek(used)
            file.write(bytes(left))
            file.flush()
            os.fsync(file.fileno())


def _finish_rewrite(folder: Path) -> None:
    """What was written to its end takes the place of what it was made from; what was not goes."""
    if _ready(folder).is_dir():
        _remove(folder)
        _ready(folder).replace(folder)
    for part in folder.parent.glob(f"{folder.name}.part-*"):
        shutil.rmtree(part, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    """On the disk before it takes the old one's place."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_file() or os.name == "posix":
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)


@contextmanager
def _in_words(place: VectorPlace, what: str = "used") -> Iterator[None]:
    """Turn what the disk, the folder or the server refuses into InsightsError."""
    import chromadb
    import httpx

    caught = (OSError, httpx.HTTPError, chromadb.errors.ChromaError)
    try:
        yield
    except (*caught, ValueError, AttributeError) as error:
        if what != "opened" and not isinstance(error, caught):
            raise  # while opening, they are Chroma's words for a server that does not answer or a damaged folder
        raise _refused(place, what, error) from error


def _refused(place: VectorPlace, what: str, error: Exception) -> InsightsError:
    if "disk is full" in str(error) or getattr(error, "errno", None) == errno.ENOSPC:
        return InsightsError(
            "The disk is full.", remedy="Free some space and run the command again; what was saved is whole."
        )
    if place.url:
        return InsightsError(
            f"The Chroma server at {place.url} cannot be used: {error}.",
            remedy="Start it, or set storage.vectors_url to its address, or leave it empty for the embedded one.",
        )
    return InsightsError(
        f"The vectors in {place.folder} cannot be {what}: {error}.",
        remedy="Check permissions and free space; if they are damaged, `insights reindex` makes them anew.",
    )
