"""Find evidence while a person types: what a search needs is read once and kept until something changed.

Nothing that is typed is an error. While another process has the vectors, those that were read before are searched, or
the words alone, and that is said. Writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from threading import Lock

from insights.domain.access import Act, use_case
from insights.domain.feedback import Evidence, Mention
from insights.domain.query import Filters, Found, Hint, parse_query
from insights.finding.names import Names
from insights.finding.refusals import told
from insights.finding.vector_copy import CopyKeeper, VectorCopy, nearest_first
from insights.ports import Embedder, Vectors
from insights.search import LONGEST_QUERY, Hits, Wanted, by_meaning, by_words, holding, in_order, recent_mentions
from insights.storage.repository import Repository
from insights.storage.sought import Stamp
from insights.storage.vectors import VectorStore
from insights.text.clean import one_line

LARGEST_COPY = 60_000_000
"""Floats of vectors kept in memory, 240 MB; of more, the store is opened for each search."""
RETRY_SECONDS = 2.0
_MOST_SCOPES = 16


@dataclass(slots=True)
class _Kept:
    """What was read as of `stamp`."""

    stamp: Stamp
    names: Names
    recent: list[Mention] | None = None
    scopes: dict[Wanted, list[int]] = field(default_factory=dict)


class Finder:
    """One person's searches, one at a time, from any thread. `embedder` is made and `vectors` are opened when first
    needed; `today` is what "since:7d" counts from."""

    def __init__(
        self,
        repository: Repository,
        embedder: Callable[[], Embedder],
        vectors: Callable[[], VectorStore],
        *,
        today: Callable[[], date],
        largest_copy: int = LARGEST_COPY,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.actor = repository.actor
        self._repository = repository
        self._open_vectors = vectors
        self._today = today
        self._lock = Lock()
        self._keeper = CopyKeeper(repository, embedder, vectors, largest_copy=largest_copy, retry_seconds=retry_seconds)
        self._kept = _Kept((), Names(repository))

    @use_case(Act.LOOK)
    def find(self, line: str, count: int = 50) -> Found:
        """Up to `count` hits of a typed line, in the order of `insights.search.search`. Raises InsightsError where the
        database cannot be read."""
        query = parse_query(line[: 4 * LONGEST_QUERY], today=self._today())
        with self._lock:
            self._renew()
            hints = [*query.hints]
            wanted = self._kept.names.resolved(query.filters, hints)
            query = replace(query, words=one_line(query.words, LONGEST_QUERY), filters=wanted.filters)
            hits, total = Hits(count), None
            if query.words:
                self._take_by_words(hits, query.words, wanted, hints)
            elif wanted.filters != Filters():
                ids = self._scope(wanted)
                hits.take(in_order(self._read, ids))
                total = len(ids)
        return Found(query=query, hits=tuple(hits.kept), hints=tuple(hints), total=total)

    @use_case(Act.LOOK)
    def prepare(self) -> None:
        """Read what the first search would have to wait for; what cannot be read is told by that search."""
        with self._lock:
            self._renew()
            self._keeper.copy(self._kept.stamp, [])
            self._kept.names.revenues  # noqa: B018 (is read by being asked for)

    def close(self) -> None:
        """Forget all that was kept."""
        with self._lock:
            self._kept = _Kept((), Names(self._repository))
            self._keeper.forget()

    def _take_by_words(self, hits: Hits, words: str, wanted: Wanted, hints: list[Hint]) -> None:
        """Those with its codes and numbers first, then by meaning, or by all words where that is not possible."""
        hits.take(by_words(words, self._recent, read=self._read, wanted=wanted))
        if hits.is_full:
            return
        copy = self._keeper.copy(self._kept.stamp, hints)
        vector = None if copy is None else self._keeper.vector(words, hints)
        if copy is None or vector is None:
            matching = holding(words.replace('"', " ").split(), self._recent())
            newest = in_order(self._read, [mention.id for mention in matching])
            hits.take(hit for hit in newest if wanted.admits(hit))
        elif copy.matrix is None:
            told(partial(self._take_from_store, hits, vector, wanted), hints)
        else:
            hits.take(self._near(copy, vector, wanted))

    def _near(self, copy: VectorCopy, vector: Vectors, wanted: Wanted) -> Iterator[Evidence]:
        """All that pass, nearest first."""
        among = None if wanted.filters == Filters() else self._scope(wanted)
        cosines = nearest_first(copy, vector, among=among)
        for hit in in_order(self._read, list(cosines)):
            yield replace(hit, similarity=cosines[hit.mention_id or 0])

    def _take_from_store(self, hits: Hits, vector: Vectors, wanted: Wanted) -> None:
        with self._open_vectors() as vectors:
            near = by_meaning(vector, repository=self._repository, vectors=vectors, wanted=wanted, count=hits.count)
            hits.take(near)

    # -- what is kept -----------------------------------------------------------------------------------------------

    def _renew(self) -> None:
        """Forget what was kept where something changed since."""
        stamp = self._repository.sought.stamp()
        if self._kept.stamp != stamp:
            self._kept = _Kept(stamp, Names(self._repository))

    def _read(self, mention_ids: Sequence[int]) -> Mapping[int, Evidence]:
        return self._repository.evidence.of_mentions(mention_ids, revenues=self._kept.names.revenues)

    def _recent(self) -> list[Mention]:
        if self._kept.recent is None:
            self._kept.recent = recent_mentions(self._repository)
        return self._kept.recent

    def _scope(self, wanted: Wanted) -> list[int]:
        """The mentions that pass, newest first. A few are kept: filters stay while words are typed."""
        scopes = self._kept.scopes
        if wanted not in scopes:
            if len(scopes) >= _MOST_SCOPES:
                scopes.clear()
            scopes[wanted] = wanted.ids(self._repository)
        return scopes[wanted]
