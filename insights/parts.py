"""The parts of problems: the finest level, beneath the problems. Writes nothing.

Parts are found when they are asked for, and the same mentions always give the same ones. A part is named by its number
and a check of its items, as in 2-c4f1: a name that still fits means what it meant when it was shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from insights.domain.access import Act, use_case
from insights.domain.feedback import Evidence
from insights.domain.problem import Problem
from insights.errors import ExitCode, InsightsError
from insights.grouping.communities import Labels
from insights.grouping.copies import collapse
from insights.grouping.parts import parts_of
from insights.grouping.space import Space
from insights.ports import Progress, Vectors
from insights.storage.groupings import Place
from insights.storage.repository import Repository
from insights.storage.vectors import VECTORS_BY, VectorStore
from insights.text.meaning import meaning_of

MOST_MENTIONS = 5_000
"""Of a larger problem the newest are looked at."""

FEWEST_ITEMS, MOST_ITEMS = 2, 5
"""Items of a part that hides in its problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Items of a problem that are more like each other than like its other items.

    `items` are names, newest first; `accounts` the distinct known ones; `revenue` what those of known revenue pay a
    year, None where none is known; `unknown` the accounts without one. `typical` is the mention nearest to the part's
    mean. `likeness` is the mean cosine among the part's mentions, `outside` that to the rest of the problem, 0 where
    there is none.
    """

    number: int
    name: str
    items: tuple[str, ...]
    feedback_ids: tuple[int, ...]
    accounts: int
    revenue: float | None
    unknown: int
    typical: Evidence
    likeness: float
    outside: float

    @property
    def gap(self) -> float:
        """How far the part stands apart from the rest of its problem."""
        return self.likeness - self.outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A problem with its parts, largest first. `alone` are the names of items in no part, newest first; `mentions` were
    looked at, of `of_mentions`."""

    problem: Problem
    parts: tuple[Part, ...]
    alone: tuple[str, ...]
    mentions: int
    of_mentions: int

    @property
    def is_split(self) -> bool:
        """Whether a part has a rest to stand apart from."""
        return bool(self.parts) and (len(self.parts) > 1 or bool(self.alone))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Mentions of one problem by id, with their vectors in the fitted space."""

    evidence: Sequence[Evidence]
    vectors: Vectors


@use_case(Act.LOOK)
def parts(problem_id: int, *, repository: Repository, vectors: VectorStore) -> Split:
    """The parts of one problem. Raises InsightsError where it is not known, or the vectors are gone."""
    problem = repository.problems.get(problem_id)
    mentions = [place.mention_id for place in _worded(repository) if place.problem_id == problem.id]
    return _split(problem, mentions, repository=repository, vectors=vectors, space=_space(repository, vectors))


@use_case(Act.LOOK)
def hidden_parts(
    *, repository: Repository, vectors: VectorStore, min_accounts: int, limit: int, progress: Progress
) -> list[tuple[Problem, Part]]:
    """Parts of 2 to 5 items from at least `min_accounts` accounts, the most revenue first. Where there are more than
    `limit`, the half that differs least from the rest of its problem is left out."""
    members: dict[int, list[int]] = {}
    for place in _worded(repository):
        members.setdefault(place.problem_id, []).append(place.mention_id)
    space = _space(repository, vectors)
    known = repository.problems.all()
    found: list[tuple[Problem, Part]] = []
    for done, problem in enumerate(known, 1):
        mentions = members.get(problem.id, [])
        if len(mentions) > FEWEST_ITEMS:
            split = _split(problem, mentions, repository=repository, vectors=vectors, space=space)
            found += [(problem, part) for part in split.parts if _hides(split, part, min_accounts)]
        progress("looking for parts", done, len(known))
    return _dearest(found, limit=limit)


def part_named(name: str, *, split: Split) -> Part:
    """The part of that name. Raises InsightsError where the problem is another than when the name was shown."""
    wanted = name.strip().casefold()
    found = next((part for part in split.parts if part.name == wanted), None)
    if found is None:
        ref = split.problem.ref
        known = ", ".join(part.name for part in split.parts[:5]) or "none"
        raise InsightsError(
            f"{ref} has no part {name!r}, or it changed since that was shown. Its parts are: {known}.",
            remedy=f"Look at them again and copy the name: insights parts {ref}",
            exit_code=ExitCode.USAGE,
        )
    return found


# -- finding them -----------------------------------------------------------------------------------------------


def _space(repository: Repository, vectors: VectorStore) -> Space:
    found = repository.spaces.latest(repository.get_meta(VECTORS_BY) or "")
    if found is None:
        raise InsightsError(
            "Nothing was grouped yet with these vectors.", remedy="`insights analyze` groups what there is."
        )
    if not vectors.count():
        raise InsightsError("The vectors of this workspace are gone.", remedy="Make them anew: `insights reindex`.")
    return Space.from_bytes(found[1])


def _split(
    problem: Problem, mentions: Sequence[int], *, repository: Repository, vectors: VectorStore, space: Space
) -> Split:
    rows = _read(sorted(mentions)[-MOST_MENTIONS:], repository=repository, vectors=vectors, space=space)
    labels = _of_items(rows, _labels(rows))
    found = tuple(_part(rows, labels, number) for number in range(1, int(labels.max(initial=0)) + 1))
    alone = _newest_items([one for one, label in zip(rows.evidence, labels, strict=True) if not label])
    return Split(
        problem=problem,
        parts=found,
        alone=tuple(one.ref for one in alone),
        mentions=len(rows.evidence),
        of_mentions=len(mentions),
    )


def _worded(repository: Repository) -> list[Place]:
    """What can be compared: words that went by rule have no vector."""
    return [place for place in repository.groupings.places() if place.has_words]


def _read(mentions: Sequence[int], *, repository: Repository, vectors: VectorStore, space: Space) -> _Rows:
    known = repository.evidence.of_mentions(mentions)
    evidence = [known[number] for number in mentions if number in known]
    if not evidence:
        return _Rows([], np.zeros((0, 1), dtype=np.float32))
    matrix = vectors.matrix([one.mention_id or 0 for one in evidence])
    return _Rows(evidence, space.place(matrix, [meaning_of(one.text) for one in evidence]))


def _labels(rows: _Rows) -> Labels:
    """The part of each mention; copies are in one."""
    if not rows.evidence:
        return np.zeros(0, dtype=np.int64)
    stands, copies = collapse([meaning_of(one.text) for one in rows.evidence])
    return parts_of(rows.vectors[stands], counts=np.bincount(copies))[copies]


def _of_items(rows: _Rows, labels: Labels) -> Labels:
    """The part of each mention, counted from 1, largest first: an item is in one part, that of most of its mentions; 0
    is what is in no part of two items."""
    items = [one.feedback_id for one in rows.evidence]
    votes: dict[int, Counter[int]] = {}
    for item, label in zip(items, labels.tolist(), strict=True):
        votes.setdefault(item, Counter())[label] += 1
    where = {item: min(some, key=lambda label: (label < 0, -some[label], label)) for item, some in votes.items()}
    sizes = Counter(label for label in where.values() if label >= 0)
    kept = sorted((label for label in sizes if sizes[label] >= FEWEST_ITEMS), key=lambda label: (-sizes[label], label))
    numbers = {label: number for number, label in enumerate(kept, 1)}
    return np.array([numbers.get(where[item], 0) for item in items], dtype=np.int64)


def _part(rows: _Rows, labels: Labels, number: int) -> Part:
    inside = labels == number
    members = [one for one, is_in in zip(rows.evidence, inside, strict=True) if is_in]
    mean = rows.vectors[inside].mean(axis=0)
    items = _newest_items(members)
    paying = {one.account_id: one.account_revenue for one in members if one.account_id is not None}
    revenues = [revenue for revenue in paying.values() if revenue is not None]
    return Part(
        number=number,
        name=f"{number}-{_check(items)}",
        items=tuple(one.ref for one in items),
        feedback_ids=tuple(one.feedback_id for one in items),
        accounts=len(paying),
        revenue=sum(revenues) if revenues else None,
        unknown=len(paying) - len(revenues),
        typical=members[int(np.argmax(rows.vectors[inside] @ mean))],
        likeness=_likeness(rows.vectors[inside]),
        outside=float(rows.vectors[~inside].mean(axis=0) @ mean) if not inside.all() else 0.0,
    )


def _newest_items(evidence: Sequence[Evidence]) -> list[Evidence]:
    first = {one.feedback_id: one for one in reversed(evidence)}
    return sorted(first.values(), key=lambda one: (one.created_at, one.feedback_id), reverse=True)


def _check(items: Sequence[Evidence]) -> str:
    """Four letters and digits that other items hardly give."""
    return sha256(",".join(str(one.feedback_id) for one in items).encode()).hexdigest()[:4]


def _likeness(vectors: Vectors) -> float:
    """Mean cosine of all pairs; a mention alone is like itself."""
    count = len(vectors)
    if count < 2:
        return 1.0
    total = vectors.sum(axis=0)
    return float((total @ total - np.einsum("ij,ij->", vectors, vectors)) / (count * (count - 1)))


# -- choosing among all -----------------------------------------------------------------------------------------


def _hides(split: Split, part: Part, min_accounts: int) -> bool:
    is_small = FEWEST_ITEMS <= len(part.items) <= MOST_ITEMS
    return is_small and part.accounts >= min_accounts and split.is_split


def _dearest(found: Sequence[tuple[Problem, Part]], *, limit: int) -> list[tuple[Problem, Part]]:
    least = float(np.median([part.gap for _, part in found])) if len(found) > limit else -np.inf
    return sorted((one for one in found if one[1].gap >= least), key=_by_revenue)[:limit]


def _by_revenue(found: tuple[Problem, Part]) -> tuple[float, float, int, int]:
    problem, part = found
    return -(part.revenue or 0.0), -part.gap, problem.id, part.number
