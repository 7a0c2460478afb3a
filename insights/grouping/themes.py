"""Group problems into themes, so that a long list has a table of contents.

Pure: arrays in, arrays out. Average linkage of the problems' centroids (Sokal and Michener 1958), cut into about as
many themes as the square root of the number of problems, where the merges next to the cut differ most.
"""

import math

import numpy as np
from numpy.typing import NDArray

from insights.grouping.communities import Labels
from insights.grouping.granularity import silhouettes
from insights.grouping.identity import match
from insights.grouping.linkage import Tree, tree_of
from insights.grouping.neighbours import nearest
from insights.grouping.space import unit
from insights.ports import Vectors

FEWEST = 2
LEAST_OF_ROOT, MOST_OF_ROOT = 0.6, 1.3
"""Themes, as a multiple of the root of the number of problems."""

EASILY_READ = 15
"""A list of more themes is as long as one of problems: only where the root is larger are there more."""

COMPARED_IN_FULL = 3_000
"""Problems; of more, each is compared with its nearest only."""

NEIGHBOURS = 30

NEAR_BEST = 0.95
"""Of the score of themes made from nothing: with so much those so far are kept."""


def allowed(problems: int) -> tuple[int, int]:
    """The least and the greatest number of themes for so many problems."""
    root = math.sqrt(problems)
    most = round(min(MOST_OF_ROOT * root, max(EASILY_READ, root)))
    least = min(max(FEWEST, round(LEAST_OF_ROOT * root)), problems)
    return least, min(max(least, most), problems)


def themes_of(centroids: Vectors, known: Labels) -> Labels:
    """The theme of each problem, shape (problems,), numbered from 0. `centroids` have length 1; `known` is the theme
    of each problem so far, an id above 0, 0 for none.

    The themes so far are kept, and new problems join the nearest, unless themes made from nothing are clearly better.
    """
    fresh = _fresh(centroids)
    carried = _carried(centroids, known)
    if carried is None:
        return fresh
    found, best = _score(centroids, carried), _score(centroids, fresh)
    return carried if found >= min(best, NEAR_BEST * best) else fresh


def named(labels: Labels, known: Labels) -> NDArray[np.int64]:
    """The id that each problem's theme continues, shape (problems,): that of the known theme with which it shares most
    problems, at least half of the smaller of the two, one to one; 0 for a theme that is new."""
    heirs = match(known, labels)
    return np.asarray([heirs.get(int(label), 0) for label in labels], dtype=np.int64)


def _score(centroids: Vectors, labels: Labels) -> float:
    return float(silhouettes(centroids, labels).mean())


def _fresh(centroids: Vectors) -> Labels:
    count = len(centroids)
    least, most = allowed(count)
    if least == count:
        return np.arange(count, dtype=np.int64)
    tree = _tree(centroids)
    heights = np.sort(tree.likeness)[::-1]  # after the first k merges there are count - k themes
    merges = np.arange(max(count - most, 1), count - least + 1)
    merges = merges[merges <= len(heights)]
    if not len(merges):  # rows that nothing is like: no fewer themes than this can be made
        return tree.cut(-1.0)
    after = np.append(heights, -1.0)
    cut = int(merges[np.argmax(heights[merges - 1] - after[merges])])
    return tree.cut(float(heights[cut - 1]))


def _tree(centroids: Vectors) -> Tree:
    if len(centroids) > COMPARED_IN_FULL:
        return tree_of(centroids, nearest(centroids, NEIGHBOURS))
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    distances = np.clip(1 - centroids.astype(np.float64) @ centroids.T, 0, 2)
    np.fill_diagonal(distances, 0)
    merges = linkage(squareform(distances, checks=False), method="average")
    count = len(centroids)
    rows = np.arange(2 * count - 1)  # one row of each side: the first of its left part
    for number, left in enumerate(merges[:, 0].astype(np.int64), count):
        rows[number] = rows[left]
    sides = rows[merges[:, :2].astype(np.int64)]
    return Tree(count, sides[:, 0], sides[:, 1], (1 - merges[:, 2]).astype(np.float32))


def _carried(centroids: Vectors, known: Labels) -> Labels | None:
    """The themes so far with the new problems in them; None where there are none, or too few or too many by now."""
    themes = np.unique(known[known > 0])
    least, most = allowed(len(centroids))
    if not least <= len(themes) <= most:
        return None
    labels = np.where(known > 0, np.searchsorted(themes, known), -1)
    sums = np.zeros((len(themes), centroids.shape[1]), dtype=np.float32)
    np.add.at(sums, labels[labels >= 0], centroids[labels >= 0])
    near = (centroids @ unit(sums).T).argmax(axis=1)
    return np.where(labels >= 0, labels, near).astype(np.int64)
