"""Find evidence by meaning, and by exact words where the query is a code or number; by filters alone, the newest.

Filters are applied to what the database says; the vector store is asked for more until there is enough. Writes
nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz, process, utils

from insights.domain.access import Act, use_case
from insights.domain.customers import Account
from insights.domain.feedback import Evidence, Mention
from insights.domain.query import Filters
from insights.errors import ExitCode, InsightsError
from insights.ports import Embedder, Vectors
from insights.storage.feedback import day_number
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorStore
from insights.text.clean import one_line
from insights.text.literals import literals_in, pieces_in

LONGEST_QUERY = 1000
MOST_NEAREST = 8000
"""Neighbours asked for without a filter; beyond it the vector store is asked once more, with its own filters."""
MOST_LITERAL = 20_000
"""Newest mentions that are read for exact words."""
SAME_WORDS = 93
"""Percent of equal letters above which two hits count as one."""
SAME_NAME = 85
"""Likeness, in percent, at which an account's name is taken for the one that was meant."""
Read = Callable[[Sequence[int]], Mapping[int, Evidence]]
"""Gives the evidence of mentions, by their ids."""

_COMPARED = 500
_READ_AT_A_TIME = 60


@use_case(Act.LOOK)
def search(
    words: str,
    *,
    repository: Repository,
    embedder: Embedder,
    vectors: VectorStore,
    filters: Filters,
    count: int = 20,
) -> list[Evidence]:
    """Up to `count` mentions: first those with the query's codes and numbers word for word (`similarity` is None),
    newest first, then by meaning, nearest first (`similarity` is the cosine to the query). Without words those that
    pass the filters, newest first. Near-identical ones appear once. Raises InsightsError where neither words nor
    filters are given, and for an account, segment or problem that is not known."""
    query = one_line(words, LONGEST_QUERY)
    if not query and filters == Filters():
        raise InsightsError(
            "There is nothing to search for.",
            remedy='Write some words, such as `insights search "export takes too long"`.',
            exit_code=ExitCode.USAGE,
        )
    wanted = resolved(filters, repository)
    if wanted.accounts is not None and not wanted.accounts:
        return []
    found, read = Hits(count), repository.evidence.of_mentions
    if not query:
        found.take(in_order(read, wanted.ids(repository)))
        return found.kept
    found.take(by_words(query, lambda: recent_mentions(repository), read=read, wanted=wanted))
    if not found.is_full:
        check_vectors(repository, embedder, vectors)
        vector = embedder.embed([query])[0]
        found.take(by_meaning(vector, repository=repository, vectors=vectors, wanted=wanted, count=count))
    return found.kept


def check_vectors(repository: Repository, embedder: Embedder, vectors: VectorStore) -> None:
    """An empty store, or one of another embedder, must not look like a search without a good hit."""
    made_by = repository.get_meta(VECTORS_BY)
    is_gone = not vectors.count() and repository.mentions.count_embedded()
    if is_gone or made_by not in (None, embedder.fingerprint):
        raise InsightsError(
            "The vectors of this workspace are gone, or another embedder made them.",
            remedy="Make them anew: `insights reindex`.",
        )


# -- filters ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters with names made ids; `accounts` is None where any will do."""

    filters: Filters
    accounts: frozenset[int] | None
    problem: int | None

    def ids(self, repository: Repository) -> list[int]:
        """All mentions that pass, newest first."""
        return repository.sought.ids(replace(self.filters, problem=self.problem), accounts=self.accounts)

    def admits(self, hit: Evidence) -> bool:
        filters, day = self.filters, hit.created_at.date()
        return (
            filters.kind in (None, hit.kind)
            and filters.source in (None, hit.source)
            and self.problem in (None, hit.problem_id)
            and (self.accounts is None or hit.account_id in self.accounts)
            and (filters.since is None or day >= filters.since)
            and (filters.until is None or day <= filters.until)
            and _is_between(hit.score, filters.lowest_score, filters.highest_score)
        )

    def where(self) -> dict[str, Any] | None:
        """The part that the vector store can filter by; a hint to save time, never the last word."""
        parts: list[dict[str, Any]] = []
        if self.filters.kind is not None:
            parts.append({"kind": self.filters.kind.value})
        if self.accounts is not None:
            parts.append({"account": {"$in": sorted(self.accounts)}})
        for operator, day in (("$gte", self.filters.since), ("$lte", self.filters.until)):
            if day is not None:
                parts.append({"day": {operator: day_number(day)}})
        return {"$and": parts} if len(parts) > 1 else parts[0] if parts else None


def _is_between(score: float | None, lowest: float | None, highest: float | None) -> bool:
    if lowest is None and highest is None:
        return True
    return score is not None and (lowest is None or score >= lowest) and (highest is None or score <= highest)


def resolved(filters: Filters, repository: Repository) -> Wanted:
    accounts: frozenset[int] | None = None
    if filters.account is not None or filters.segment is not None:
        known = repository.customers.accounts()
        if filters.account is not None:
            accounts = called(filters.account, known)
        if filters.segment is not None:
            inside = in_segment(filters.segment, known)
            accounts = inside if accounts is None else accounts & inside
    problem = None if filters.problem is None else repository.problems.get(filters.problem).id
    return Wanted(filters, accounts, problem)


def called(name: str, known: Sequence[Account]) -> frozenset[int]:
    """Ids of the accounts of that name, or of the name most like it."""
    names = sorted({account.name for account in known})
    exact = [one for one in names if one.casefold() == name.strip().casefold()]
    near = process.extract(name, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=3)
    best = exact or [one for one, likeness, _ in near[:1] if likeness >= SAME_NAME]
    if not best:
        raise InsightsError(
            f"No account is called {one_line(name, 80)!r}.",
            remedy=_instead([one for one, _, _ in near], none="No accounts were imported yet."),
            exit_code=ExitCode.USAGE,
        )
    return frozenset(account.id for account in known if account.name in best)


def in_segment(segment: str, known: Sequence[Account]) -> frozenset[int]:
    wanted = segment.strip().casefold()
    found = frozenset(account.id for account in known if (account.segment or "").casefold() == wanted)
    if not found:
        raise InsightsError(
            f"No account is in a segment called {one_line(segment, 80)!r}.",
            remedy=_instead(
                sorted({account.segment for account in known if account.segment})[:10],
                none="No account has a segment; import accounts with one.",
            ),
            exit_code=ExitCode.USAGE,
        )
    return found


def _instead(names: Sequence[str], *, none: str) -> str:
    return f"Use one of: {', '.join(one_line(name, 60) for name in names)}." if names else none


# -- hits -------------------------------------------------------------------------------------------------------


class Hits:
    """Hits in the order they come, without repetitions."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._seen: set[int | None] = set()
        self._texts: list[str] = []
        self.kept: list[Evidence] = []

    @property
    def is_full(self) -> bool:
        return len(self.kept) >= self.count

    def take(self, hits: Iterator[Evidence]) -> None:
        """Draw hits until there are enough."""
        while not self.is_full and (hit := next(hits, None)) is not None:
            text = utils.default_process(hit.text[:_COMPARED])
            if hit.mention_id in self._seen or self._is_repetition(text):
                continue
            self._seen.add(hit.mention_id)
            self._texts.append(text)
            self.kept.append(hit)

    def _is_repetition(self, text: str) -> bool:
        return process.extractOne(text, self._texts, scorer=fuzz.ratio, score_cutoff=SAME_WORDS) is not None


def by_meaning(
    vector: Vectors, *, repository: Repository, vectors: VectorStore, wanted: Wanted, count: int
) -> Iterator[Evidence]:
    """Mentions that pass, nearest first; asks for more neighbours as they are drawn."""
    seen: set[int] = set()
    for number, where in _rounds(count, wanted.where()):
        near = vectors.nearest(vector, count=number, where=where)
        fresh = {mention: cosine for mention, cosine in near if mention not in seen}
        seen |= fresh.keys()
        evidence = repository.evidence.of_mentions(list(fresh))
        yield from _admitted(evidence, fresh, wanted)
        if where is None and len(near) < number:
            return


def _admitted(evidence: Mapping[int, Evidence], cosines: Mapping[int, float], wanted: Wanted) -> Iterator[Evidence]:
    for mention, cosine in cosines.items():
        hit = evidence.get(mention)
        if hit is not None and wanted.admits(hit):
            yield replace(hit, similarity=cosine)


def _rounds(count: int, where: Mapping[str, Any] | None) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """How many neighbours to ask for, and with which filter, time after time."""
    number = max(50, 3 * count)
    while number < MOST_NEAREST:
        yield number, None
        number *= 4
    yield MOST_NEAREST, None
    if where is not None:
        yield MOST_NEAREST, where


def recent_mentions(repository: Repository) -> list[Mention]:
    """The newest mentions, those that are read for exact words."""
    recent = sorted(repository.mentions.ranked(), key=lambda mention: mention.created_at, reverse=True)
    return recent[:MOST_LITERAL]


def by_words(query: str, recent: Callable[[], Sequence[Mention]], *, read: Read, wanted: Wanted) -> Iterator[Evidence]:
    """Mentions that hold the query's literals, in the order of `recent`, which is not read where it has none."""
    literals = literals_in(query)
    if not literals:
        return
    likely = holding([piece for some in pieces_in(query) for piece in some], recent())
    matching = [mention.id for mention in likely if all(literal.search(mention.text) for literal in literals)]
    for hit in in_order(read, matching):
        if wanted.admits(hit):
            yield hit


def in_order(read: Read, mention_ids: Sequence[int]) -> Iterator[Evidence]:
    """The evidence of these in their order, read as it is drawn; without a similarity."""
    for start in range(0, len(mention_ids), _READ_AT_A_TIME):
        some = mention_ids[start : start + _READ_AT_A_TIME]
        evidence = read(some)
        yield from (replace(evidence[mention], similarity=None) for mention in some if mention in evidence)


def holding(words: Sequence[str], mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions that hold every one of the words as a part of their text; case does not matter."""
    wanted = [word.casefold() for word in words]
    return [mention for mention in mentions if all(map(mention.text.casefold().__contains__, wanted))]
