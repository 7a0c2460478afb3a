"""B-cubed precision and recall, also where items share several groups or several labels.

Pure. The extended form of Amigó, Gonzalo, Artiles and Verdejo (2009), A comparison of extrinsic clustering evaluation
metrics based on formal constraints, Information Retrieval 12, section 5.2: two items that share g groups and l labels
have a precision of min(g, l) ÷ g and a recall of min(g, l) ÷ l. An item's precision is the mean over the items with
which it shares a group, itself among them; its recall is the mean over those with which it shares a label; the score is
the mean over items. Without overlaps this is plain B-cubed (Bagga and Baldwin 1998).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK_CELLS = 4_000_000
"""Pairs of kinds at a time: what bounds the memory."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which item belongs to what. `items` and `names`, int64, shape (pairs,), aligned; each pair stands once."""

    items: NDArray[np.int64]
    names: NDArray[np.int64]

    def within(self, chosen: NDArray[np.bool_]) -> "Pairs":
        """The pairs of the chosen items: `chosen` has shape (items,)."""
        kept = chosen[self.items]
        return Pairs(self.items[kept], self.names[kept])

    def matrix(self, rows: int) -> Any:
        """Sparse, shape (rows, names), 1 where the item belongs."""
        from scipy.sparse import csr_matrix

        ones = np.ones(len(self.items), dtype=np.float32)
        return csr_matrix((ones, (self.items, self.names)), shape=(rows, int(self.names.max(initial=-1)) + 1))


@dataclass(frozen=True, slots=True)
class Kinds:
    """Items that share all their groups and all their labels are of one kind: one row stands for all of them.

    `kind`: int64, shape (items,). `groups` and `labels`: sparse, one row a kind.
    """

    kind: NDArray[np.int64]
    groups: Any
    labels: Any

    @property
    def cells(self) -> int:
        """Pairs of kinds that share something, at most: what one sample costs."""
        sizes = [np.asarray(side.sum(axis=0), dtype=np.float64) for side in (self.groups, self.labels)]
        return int(sum((size**2).sum() for size in sizes))


def kinds_of(truth: Pairs, found: Pairs, *, items: int) -> Kinds:
    """The kinds among n items."""
    labels, groups = _sets(truth, items), _sets(found, items)
    numbers: dict[tuple[frozenset[int], frozenset[int]], int] = {}
    kind = [numbers.setdefault(pair, len(numbers)) for pair in zip(groups, labels, strict=True)]
    return Kinds(np.array(kind, dtype=np.int64), *(_rows([key[side] for key in numbers]) for side in (0, 1)))


def _sets(pairs: Pairs, items: int) -> list[frozenset[int]]:
    gathered: list[set[int]] = [set() for _ in range(items)]
    for item, name in zip(pairs.items.tolist(), pairs.names.tolist(), strict=True):
        gathered[item].add(name)
    return [frozenset(names) for names in gathered]


def _rows(sets: list[frozenset[int]]) -> Any:
    pairs = [(row, name) for row, names in enumerate(sets) for name in names]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Pairs(both[:, 0], both[:, 1]).matrix(len(sets))


def bcubed(kinds: Kinds, samples: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Precision and recall in each of s samples of n items: `samples` has shape (s, n), the result (s, 2).

    Every item has a label. An item of no group is a group of its own. NaN for a sample without items.
    """
    counts = _counts(kinds, samples)
    sums = np.zeros((2, len(samples)))
    for block in _blocks(counts.shape[0]):
        sums += _block_sums(kinds, block, counts)
    with np.errstate(invalid="ignore"):
        return np.asarray((sums / counts.sum(axis=0, dtype=np.float64)).T)


def _counts(kinds: Kinds, samples: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Items of each kind in each sample, shape (kinds, samples)."""
    rows = kinds.groups.shape[0]
    counted = [np.bincount(kinds.kind[sample], minlength=rows) for sample in samples]
    return np.array(counted, dtype=np.float32).T.copy()


def _blocks(kinds: int) -> Iterator[slice]:
    step = max(1, _BLOCK_CELLS // max(kinds, 1))
    return (slice(start, start + step) for start in range(0, kinds, step))


def _block_sums(kinds: Kinds, block: slice, counts: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sums over the items of some kinds of their precision and recall, shape (2, samples)."""
    groups, labels = kinds.groups[block] @ kinds.groups.T, kinds.labels[block] @ kinds.labels.T
    common = groups.minimum(labels)
    precision, recall = _mean_of_shared(common, groups, counts), _mean_of_shared(common, labels, counts)
    # An item without a group shares one with itself alone.
    is_alone = np.diff(kinds.groups[block].indptr) == 0
    precision[is_alone] = 1.0
    sharing = (labels > 0).astype(np.float32)[is_alone] @ counts
    own = 1.0 / np.diff(kinds.labels[block].indptr)[is_alone, None]
    recall[is_alone] = own / np.maximum(sharing, 1.0)
    here = counts[block].astype(np.float64)
    return np.array([(here * precision).sum(axis=0), (here * recall).sum(axis=0)])


def _mean_of_shared(common: Any, shared: Any, counts: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean of common ÷ shared over the items with which something is shared, shape (kinds, samples)."""
    total = common.multiply(shared.power(-1)) @ counts
    others = (shared > 0).astype(np.float32) @ counts
    return np.asarray(np.asarray(total, dtype=np.float64) / np.maximum(others, 1.0))
