"""All vectors in memory, so that their store is open only while they are read and an analysis can have it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic

import numpy as np

from insights.domain.query import Filters, Hint
from insights.finding.refusals import told
from insights.ports import Embedder, Vectors
from insights.search import check_vectors
from insights.storage.repository import Repository
from insights.storage.sought import Stamp
from insights.storage.vectors import VectorStore

_MOST_QUERIES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorCopy:
    """The vectors as of `stamp`, one a row; `rows` gives the row of a mention. `matrix` is None where they are too many
    to be copied."""

    stamp: Stamp
    rows: dict[int, int]
    matrix: Vectors | None


def nearest_first(copy: VectorCopy, vector: Vectors, *, among: Sequence[int] | None) -> dict[int, float]:
    """Mention id -> its cosine to the vector, nearest first; of those `among` that have a vector, or of all."""
    ids = list(copy.rows) if among is None else [number for number in among if number in copy.rows]
    if not ids or copy.matrix is None:
        return {}
    # Not by BLAS: its idle threads would spin from one key to the next.
    every = np.asarray(np.einsum("ij,j->i", copy.matrix, vector))
    cosines = every if among is None else every[[copy.rows[number] for number in ids]]
    order = np.argsort(-cosines, kind="stable").tolist()
    return {ids[place]: float(cosines[place]) for place in order}


class CopyKeeper:
    """Reads the vectors again when they changed. A store that was refused is left alone for `retry_seconds`, since
    opening it costs a third of a second. Of more than `largest_copy` floats no copy is made."""

    def __init__(
        self,
        repository: Repository,
        embedder: Callable[[], Embedder],
        vectors: Callable[[], VectorStore],
        *,
        largest_copy: int,
        retry_seconds: float,
    ) -> None:
        self._repository = repository
        self._make_embedder = embedder
        self._open_vectors = vectors
        self._largest_copy = largest_copy
        self._retry_seconds = retry_seconds
        self.forget()

    def forget(self) -> None:
        """As if nothing had been read."""
        self._embedder: Embedder | None = None
        self._copy: VectorCopy | None = None
        self._queries: dict[str, Vectors] = {}
        self._refused: tuple[Hint, ...] = ()
        self._refused_at: float | None = None

    def copy(self, stamp: Stamp, hints: list[Hint]) -> VectorCopy | None:
        """The vectors as of `stamp`, or as they were where they cannot be read anew; None where they never were."""
        if self._copy is not None and self._copy.stamp == stamp:
            return self._copy
        read = self._read_again(stamp)
        if read is None and self._copy is not None:
            hints.append(Hint("What is new is not found by meaning yet."))
        hints += self._refused
        return read or self._copy

    def vector(self, words: str, hints: list[Hint]) -> Vectors | None:
        """Of a query; each is embedded once, since an embedder may be a server that is paid."""
        if words not in self._queries and self._embedder is not None:
            made = told(partial(self._embedder.embed, [words]), hints)
            if made is None:
                return None
            if len(self._queries) >= _MOST_QUERIES:
                self._queries.clear()
            self._queries[words] = made[0]
        return self._queries.get(words)

    def _read_again(self, stamp: Stamp) -> VectorCopy | None:
        """None where that is refused, as `_refused` tells, and for some time after."""
        if self._refused_at is not None and monotonic() - self._refused_at < self._retry_seconds:
            return None
        refused: list[Hint] = []
        read = told(partial(self._read, stamp), refused)
        self._refused = tuple(refused)
        self._refused_at = monotonic() if read is None else None
        self._copy = read or self._copy
        return read

    def _read(self, stamp: Stamp) -> VectorCopy:
        """Raises InsightsError where another process has them, or they are another embedder's."""
        embedder = self._embedder or self._make_embedder()
        self._embedder = embedder
        ids = self._repository.sought.ids(Filters(), accounts=None)
        is_large = len(ids) * embedder.dimensions > self._largest_copy
        with self._open_vectors() as vectors:
            check_vectors(self._repository, embedder, vectors)
            matrix = None if is_large else vectors.matrix(ids)
        return VectorCopy(stamp=stamp, rows={number: row for row, number in enumerate(ids)}, matrix=matrix)
