"""Place rows among known groups: join what clearly belongs, find what is new in the rest, leave what fits nowhere.

A row joins the nearest group where it is as near as half of the group's own rows; or, where the known rows are a sample
of the very rows that are placed, as near as nearly all of them: what is new is rare there. The others are pooled and
linked with a sample of the known rows into one graph. Its communities start from the known groups, each pooled row
alone; the resolution is the one at which the known rows move least. A community of mostly pooled rows is new.
"""

from dataclasses import dataclass

import graspologic_native
import numpy as np
from numpy.typing import NDArray

from insights.grouping.centres import Centres, attach, centres_of, nearest_centres, within
from insights.grouping.communities import Graph, Labels, graph_of
from insights.grouping.linkage import tree_of
from insights.grouping.neighbours import nearest
from insights.ports import Vectors

LINKED = 8
"""Neighbours in the graph. With 15 a new group of few rows is drowned by its neighbours."""

RESOLUTIONS = tuple(float(2**power) for power in range(-10, -3))

ABOUT = 0.005
"""Less of the known rows is as good as none: where all stay at several resolutions, the finest shows what is new."""

FEWEST_KNOWN = 20
"""Rows of a known group from which on its spread is known well enough to see that others come off from it."""

MOSTLY = 0.65
"""Share of new rows in a new group."""

FAR = 0.5
"""Of the cosine that the outermost rows of a group have to its centroid."""

FEWEST = 2
"""Rows in a group, copies counted: two customers who complain in the same words are two."""

MOST_POOLED = 12_000
"""Of more, so many are linked; the others join what is near enough, or wait."""

FEWEST_OF_MANY = 5
"""The same where thousands come at once: there pairs are alike by chance. What waits is tried again in small nights."""

Barred = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Continued:
    """`labels`: shape (n,), groups of all rows: a known group's number where the group continues it, from `known` on
    a new one. `kept`: share of the known rows that stayed."""

    labels: Labels
    kept: float


@dataclass(frozen=True, slots=True)
class Placed:
    """`labels`: int64, shape (n,): a known group, a new one (from the number of known groups on), or -1. `is_loose`:
    bool, shape (n,): the row joined a known group without being as near as four fifths of its rows."""

    labels: Labels
    is_loose: NDArray[np.bool_]


def place(
    vectors: Vectors,
    sample: Vectors,
    sampled: Labels,
    *,
    counts: NDArray[np.int64] | None = None,
    barred: Barred | None = None,
    fewest: int = FEWEST,
    is_sampled: bool = False,
) -> Placed:
    """Place the rows of `vectors` (length 1 or 0) among known groups, of which `sample` are some rows and `sampled`
    their numbers. No known row moves. `counts`, shape (n,), tells for how many copies a row stands; `barred`, shape
    (n, known groups), marks groups that a row must not be in; `fewest` rows, copies counted, make a new group;
    `is_sampled`: the known groups were found in a sample of the rows that are placed."""
    known = int(sampled.max(initial=-1)) + 1
    centres = centres_of(sample, sampled)
    near = nearest_centres(vectors, centres, barred=barred)
    labels = within(near, centres.edges if is_sampled else centres.cores)
    pool = np.flatnonzero(labels < 0)
    tried = pool[:: 1 + len(pool) // MOST_POOLED]
    counted = np.where(vectors.any(axis=1), 1 if counts is None else counts, 0)  # what says nothing is no group
    found = _pooled(vectors[tried], sample, sampled, known=known, counts=counted[tried], fewest=fewest)
    labels[tried] = _allowed(found, barred, tried)
    labels[tried] = _not_far(vectors[tried], labels[tried], centres)
    labels = np.where(labels < 0, within(near, centres.edges), labels)
    labels = _linked(vectors, labels, centres=centres, counts=counted, fewest=fewest)
    return Placed(labels, (labels >= 0) & (labels < known) & (labels != attach(near, centres)))


def _linked(vectors: Vectors, labels: Labels, *, centres: Centres, counts: NDArray[np.int64], fewest: int) -> Labels:
    """Rows that are far from all that is known are groups where they are as alike as half of the known groups are."""
    rest = np.flatnonzero(labels < 0)
    grown = centres.tightness[centres.sizes >= FEWEST]
    if not len(rest) or not len(grown):
        return labels
    cut = tree_of(vectors[rest], nearest(vectors[rest], LINKED)).cut(float(np.median(grown)))
    sizes = np.bincount(cut, weights=counts[rest])
    kept = np.flatnonzero(sizes >= fewest)
    numbers = np.full(len(sizes), -1)
    numbers[kept] = max(len(centres), int(labels.max(initial=-1)) + 1) + np.arange(len(kept))
    found = labels.copy()
    found[rest] = numbers[cut]
    return found


def _not_far(vectors: Vectors, labels: Labels, centres: Centres) -> Labels:
    """In a graph of neighbours every row is next to some group, also one that is like none: it waits."""
    joined = np.flatnonzero((labels >= 0) & (labels < len(centres)))
    likeness = np.einsum("ij,ij->i", vectors[joined], centres.centroids[labels[joined]])
    far = joined[likeness < FAR * centres.edges[labels[joined]]]
    found = labels.copy()
    found[far] = -1
    return found


def _allowed(labels: Labels, barred: Barred | None, rows: NDArray[np.int64]) -> Labels:
    if barred is None:
        return labels
    known = (labels >= 0) & (labels < barred.shape[1])
    refused = np.zeros(len(labels), dtype=bool)
    refused[known] = barred[rows[known], labels[known]]
    return np.where(refused, -1, labels)


def continued(vectors: Vectors, known: Labels, *, groups: int, fewest: int = FEWEST, seed: int = 0) -> Continued:
    """Group the rows of `vectors` anew from where they are: `known` holds each row's group so far, -1 is none.

    Of the resolutions tried the finest one counts at which about the most known rows stay in their group. At the next
    finer one, communities of mostly new rows, `fewest` of these or more, are new groups: there what is new comes off
    from the known group next to it.
    """
    graph = graph_of(vectors, nearest(vectors, LINKED), count=LINKED)
    start = np.where(known >= 0, known, groups + np.arange(len(known)))
    tried = [_continued(graph, start, known, groups=groups, resolution=r, seed=seed) for r in RESOLUTIONS]
    most = max(found.kept for found in tried)
    best = max(place for place, found in enumerate(tried) if found.kept >= most - ABOUT)
    finer = tried[min(best + 1, len(tried) - 1)]
    return _with_born(tried[best], finer, vectors, known, groups=groups, fewest=fewest)


def _with_born(
    base: Continued, finer: Continued, vectors: Vectors, known: Labels, *, groups: int, fewest: int
) -> Continued:
    """`base` with the new groups of `finer`: communities of mostly new rows that continue no known group, and that
    are, as a rule, less alike to the one they come off from than its own rows are."""
    place = np.unique(finer.labels, return_inverse=True)[1]
    sizes = np.bincount(place)
    new = np.bincount(place, weights=known < 0)
    outside = np.bincount(place, weights=_is_outside(base.labels, vectors, known, groups=groups))
    is_born = (new > MOSTLY * sizes) & (new >= fewest) & (2 * outside > sizes)
    first = max(groups, int(base.labels.max(initial=-1)) + 1)
    labels = np.where(is_born[place] & (finer.labels >= groups), first + place, base.labels)
    return Continued(labels, _share_kept(labels, known))


def _is_outside(labels: Labels, vectors: Vectors, known: Labels, *, groups: int) -> NDArray[np.bool_]:
    """Whether rows are less alike to the known rows of their group than four fifths of these are, shape (n,). Of few
    known rows nobody can tell."""
    centres = centres_of(vectors, known, groups=groups)
    inside = np.flatnonzero(labels < groups)
    found = np.ones(len(labels), dtype=bool)
    likeness = np.einsum("ij,ij->i", vectors[inside], centres.centroids[labels[inside]])
    of_many = centres.sizes[labels[inside]] >= FEWEST_KNOWN
    found[inside] = of_many & (likeness < centres.floors[labels[inside]])
    return found


def _continued(graph: Graph, start: Labels, known: Labels, *, groups: int, resolution: float, seed: int) -> Continued:
    labels = _renumbered(_from(graph, start, resolution=resolution, seed=seed), known, groups=groups)
    return Continued(labels, _share_kept(labels, known))


def _share_kept(labels: Labels, known: Labels) -> float:
    before = known >= 0
    return float((labels[before] == known[before]).mean()) if before.any() else 0.0


def _pooled(
    pool: Vectors, sample: Vectors, sampled: Labels, *, known: int, counts: NDArray[np.int64], fewest: int
) -> Labels:
    """Labels of pooled rows: of the known group whose rows they were put with, from `known` on of a new one, or -1."""
    if not len(pool):
        return np.zeros(0, dtype=np.int64)
    every = np.vstack([sample, pool])
    before = np.concatenate([sampled, np.full(len(pool), -1)])
    whole = continued(every, before, groups=known, fewest=fewest).labels
    labels = _settled(whole, before)[len(sample) :]
    found, place = np.unique(labels, return_inverse=True)
    sizes = np.bincount(place, weights=counts)
    is_new = found >= known
    numbers = np.where(is_new, -1, found)
    grown = np.flatnonzero(is_new & (sizes >= fewest))
    numbers[grown] = known + np.arange(len(grown))
    return numbers[place].astype(np.int64)


def _settled(labels: Labels, known: Labels) -> Labels:
    """What split off from a known group, with more known rows than others, is not new: it stays there."""
    place = np.unique(labels, return_inverse=True)[1]
    shared = _shared(place, known, groups=int(known.max(initial=-1)) + 1)
    is_known = 2 * shared.sum(axis=1) > np.bincount(place)
    return np.where(is_known[place], shared.argmax(axis=1)[place] if shared.shape[1] else labels, labels)


def _shared(place: Labels, known: Labels, *, groups: int) -> NDArray[np.int64]:
    """Known rows of each group in each community, shape (communities, groups)."""
    before = known >= 0
    shared = np.zeros((int(place.max(initial=-1)) + 1, groups), dtype=np.int64)
    np.add.at(shared, (place[before], known[before]), 1)
    return shared


def _from(graph: Graph, start: Labels, *, resolution: float, seed: int) -> Labels:
    """Communities found from a first guess, which Leiden changes only for the better."""
    if not graph.links:
        return start
    left, right = (np.array([int(link[side]) for link in graph.links]) for side in (0, 1))
    linked = np.union1d(left, right)
    numbers = np.unique(_joined(start, left, right)[linked], return_inverse=True)[1]
    guess = {str(row): int(number) for row, number in zip(linked.tolist(), numbers.tolist(), strict=True)}
    _, found = graspologic_native.leiden(
        graph.links,
        starting_communities=guess,
        resolution=resolution,
        seed=seed,
        iterations=1,
        use_modularity=False,
    )
    labels = len(found) + np.arange(graph.rows, dtype=np.int64)
    labels[[int(name) for name in found]] = list(found.values())
    return labels


def _joined(start: Labels, left: NDArray[np.int64], right: NDArray[np.int64]) -> Labels:
    """The first guess with rows alone that have no link into their group: Leiden would give each a number after all
    others, and panics where there are then more numbers than rows."""
    is_joined = np.zeros(len(start), dtype=bool)
    inside = start[left] == start[right]
    is_joined[left[inside]] = is_joined[right[inside]] = True
    return np.where(is_joined, start, start.max() + 1 + np.arange(len(start)))


def _renumbered(labels: Labels, known: Labels, *, groups: int) -> Labels:
    """Communities by the known group of which they hold most rows, where they also hold most of that group's; the
    others get new numbers."""
    found, place = np.unique(labels, return_inverse=True)
    shared = _shared(place, known, groups=groups)
    numbers = groups + np.arange(len(found))
    if groups:
        most = shared.argmax(axis=1)
        is_heir = (shared[np.arange(len(found)), most] > 0) & (shared.argmax(axis=0)[most] == np.arange(len(found)))
        numbers = np.where(is_heir, most, numbers)
    return numbers[place].astype(np.int64)
