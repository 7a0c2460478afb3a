"""Put mentions together into problems that keep their id from run to run.

Known problems come first: what clearly belongs to one joins it. The rest is grouped among itself; groups of at least
two items become problems, what fits nowhere waits unassigned and is tried again next time. Only where most mentions
are new is everything undecided grouped afresh, and the new groups take over the ids of the problems they continue.
What such a grouping of everything has left out joins nothing later on its own: it only comes along in a group of
which at least half is newer.
"""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.domain.feedback import Mention
from insights.domain.problem import State
from insights.grouping.group import Grouping, group
from insights.grouping.identity import attach, floors_of, match
from insights.grouping.similar import near_pairs
from insights.ports import Progress, Vectors
from insights.storage.problems import NewProblem
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore
from insights.text.meaning import meaning_of

REFIT_SHARE = 0.5
"""Above this share of new mentions everything undecided is grouped afresh."""

REFIT_TO = "grouped_afresh_to"
"""Under this name the last mention is kept that a grouping of everything has seen; their numbers rise."""

MOST_LEFT_OUT = 0.5
"""Without it, 565 new items among 56,000 made 77 problems of what the night before had left out."""

SIMILAR_LEAST = 0.5

LOOSE, DOUBTFUL = 0.9, 0.86
"""Of the median group's own similarity and confidence. On the sample firm the groups below both hold talk alone."""

_LEAST_TO_COMPARE = 8

Joined = dict[int, tuple[int | None, float]]
Born = list[tuple[NewProblem, Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Grouped:
    """What a run's grouping did; `is_weak` where the data has little structure and groups are a first guess."""

    joined: int = 0
    born: int = 0
    unassigned: int = 0
    is_weak: bool = False


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Aligned: mentions, their vectors, the problem each belongs to so far (0 = none), and whether a grouping of
    everything has left it out."""

    mentions: list[Mention]
    vectors: Vectors
    known: NDArray[np.int64]
    left_out: NDArray[np.bool_]

    def part(self, rows: NDArray[np.int64]) -> "_Evidence":
        mentions = [self.mentions[row] for row in rows]
        return _Evidence(mentions, self.vectors[rows], self.known[rows], self.left_out[rows])


def group_mentions(
    repository: Repository, *, vectors: VectorStore, run_id: int, progress: Progress, seed: int = 0
) -> Grouped:
    """Group what is new; one transaction, so a kill leaves the old grouping or the new one."""
    new = repository.problems.ungrouped()
    evidence = _load(repository, vectors, new=new)
    fresh = np.array([mention.id in new for mention in evidence.mentions], dtype=bool)
    if not fresh.any():
        return Grouped()
    if fresh.mean() > REFIT_SHARE:
        _loosen(evidence, repository)
    joined, born, is_weak = _assign(evidence, seed=seed, progress=progress)
    ids = repository.problems.save_grouping(run_id, joined=joined, born=born)
    _save_similar(repository, evidence.vectors, [m.id for m in evidence.mentions])
    unassigned = sum(problem is None for problem, _ in joined.values())
    return Grouped(len(joined) - unassigned, len(ids), unassigned, is_weak)


def _load(repository: Repository, vectors: VectorStore, *, new: Set[int]) -> _Evidence:
    mentions = repository.mentions.ranked()
    memberships = repository.problems.memberships()
    refit_to = int(repository.get_meta(REFIT_TO) or 0)
    return _Evidence(
        mentions,
        vectors.matrix([mention.id for mention in mentions]),
        known=np.array([memberships.get(mention.id, 0) for mention in mentions], dtype=np.int64),
        left_out=np.array([m.id <= refit_to and m.id not in new and m.id not in memberships for m in mentions]),
    )


def _loosen(evidence: _Evidence, repository: Repository) -> None:
    """Let everything move but what is in decided problems, and note how far this grouping of everything sees. After a
    kill before its result is saved, the mentions are still new and the next run does it again."""
    decided = {p.id for p in repository.problems.all() if p.state not in (State.INBOX, State.MERGED)}
    evidence.known[~np.isin(evidence.known, sorted(decided))] *= -1
    evidence.left_out[:] = False
    repository.set_meta(REFIT_TO, str(max(mention.id for mention in evidence.mentions)))


def _assign(evidence: _Evidence, *, seed: int, progress: Progress) -> tuple[Joined, Born, bool]:
    """Rows with a positive `known` stay; the others join, are born, or wait."""
    loose = np.flatnonzero(evidence.known <= 0)
    kept = evidence.part(np.flatnonzero(evidence.known > 0))
    joined, rest = _join(kept, evidence.part(loose))
    grouping = group(
        rest.vectors, [meaning_of(mention.text) for mention in rest.mentions], seed=seed, progress=progress
    )
    if kept.mentions and grouping.is_weak:  # too little to group: what had a problem keeps it, the rest waits
        joined |= {m.id: (-int(known) or None, 0.0) for m, known in zip(rest.mentions, rest.known, strict=True)}
        return joined, [], False
    labels = _with_two_items(_mostly_newer(grouping.labels, rest.left_out), rest.mentions)
    labels = _without_talk(labels, grouping, mentions=rest.mentions)
    continued = match(np.abs(np.minimum(rest.known, 0)), labels)
    born: Born = []
    for label in range(-1, int(labels.max(initial=-1)) + 1):
        rows = np.flatnonzero(labels == label)
        _place(rest, rows, grouping, problem=continued.get(label), is_group=label >= 0, joined=joined, born=born)
    return joined, born, grouping.is_weak


def _join(kept: _Evidence, loose: _Evidence) -> tuple[Joined, _Evidence]:
    """Attach what clearly belongs to a kept problem; the rest goes on."""
    if not kept.mentions or not loose.mentions:
        return {}, loose
    problems, labels = np.unique(kept.known, return_inverse=True)
    centroids, floors = floors_of(kept.vectors, labels.astype(np.int64))
    nearest, similarity = attach(loose.vectors, centroids=centroids, floors=floors)
    nearest[loose.left_out] = -1
    joined: Joined = {
        loose.mentions[row].id: (int(problems[nearest[row]]), float(similarity[row]))
        for row in np.flatnonzero(nearest >= 0)
    }
    return joined, loose.part(np.flatnonzero(nearest < 0))


def _mostly_newer(labels: NDArray[np.int64], left_out: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Groups of what was left out before, more than half of them, are no news: their mentions go on waiting."""
    stale = [group for group in np.unique(labels[labels >= 0]) if left_out[labels == group].mean() > MOST_LEFT_OUT]
    return np.where(np.isin(labels, stale), -1, labels).astype(np.int64)


def _with_two_items(labels: NDArray[np.int64], mentions: Sequence[Mention]) -> NDArray[np.int64]:
    """Two mentions of one item are no group: what one person said once is not yet a problem of two."""
    items = np.array([mention.feedback_id for mention in mentions], dtype=np.int64)
    pairs = {(int(label), int(item)) for label, item in zip(labels, items, strict=True)}
    distinct = Counter(label for label, _ in pairs)
    return np.where([distinct[int(label)] >= 2 for label in labels], labels, -1).astype(np.int64)


def _without_talk(labels: NDArray[np.int64], grouping: Grouping, *, mentions: Sequence[Mention]) -> NDArray[np.int64]:
    """Talk around problems ("I asked what comes first, he will write") is alike, too, and gathers in groups that are
    looser than most and that doubtfully state a problem. Both together: its mentions wait unassigned."""
    groups = np.unique(labels[labels >= 0])
    if len(groups) < _LEAST_TO_COMPARE:
        return labels
    sureness = np.array([mention.confidence for mention in mentions])
    tight = np.array([grouping.similarity[labels == label].mean() for label in groups])
    sure = np.array([sureness[labels == label].mean() for label in groups])
    is_talk = (tight < LOOSE * np.median(tight)) & (sure < DOUBTFUL * np.median(sure))
    return np.where(np.isin(labels, groups[is_talk]), -1, labels).astype(np.int64)


def _place(
    rest: _Evidence,
    rows: NDArray[np.int64],
    grouping: Grouping,
    *,
    problem: int | None,
    is_group: bool,
    joined: Joined,
    born: Born,
) -> None:
    if not len(rows):
        return
    similarities = [float(grouping.similarity[row]) for row in rows]
    mentions = [rest.mentions[row] for row in rows]
    if is_group and problem is None:
        stance = Counter(mention.stance for mention in mentions).most_common(1)[0][0]
        born.append((NewProblem(stance=stance, mentions=tuple(m.id for m in mentions)), similarities))
        return
    for mention, similarity in zip(mentions, similarities, strict=True):
        joined[mention.id] = (problem if is_group else None, similarity)


def _save_similar(repository: Repository, matrix: Vectors, ids: Sequence[int]) -> None:
    memberships = repository.problems.memberships()
    known = np.array([memberships.get(number, 0) for number in ids], dtype=np.int64)
    rows = np.flatnonzero(known)
    problems, labels = np.unique(known[rows], return_inverse=True)
    if len(problems) < 2:
        return
    centroids, _ = floors_of(matrix[rows], labels.astype(np.int64))
    near = near_pairs(centroids, least=SIMILAR_LEAST)
    repository.problems.save_similar(
        {
            int(problem): [(int(problems[row]), cosine) for row, cosine in some]
            for problem, some in zip(problems, near, strict=True)
        }
    )
