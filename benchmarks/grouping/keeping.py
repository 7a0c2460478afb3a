"""Problems from night to night, as the benchmarks of identity see them: fit, a night, a refit.

Does with pure functions what `insights.stages.group` does with a workspace, but for decisions and for talk: nobody
decided, every row states a problem.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.grouping.space import Space
from insights.ports import Vectors


@dataclass(frozen=True, slots=True)
class State:
    """Aligned: all rows so far, the lasting problem of each (-1 is none), and whether it is there only loosely; and the
    space in which everything is compared."""

    vectors: Vectors
    texts: list[str]
    labels: NDArray[np.int64]
    is_loose: NDArray[np.bool_]
    space: Space


class Keeper:
    """Rows come in; problems keep their number."""

    def fit(self, vectors: Vectors, texts: list[str]) -> State:
        """The first night: everything is new."""
        from insights.grouping.group import group

        found = group(vectors, texts)
        return State(vectors, texts, found.labels, np.zeros(len(texts), dtype=bool), found.space)

    def night(self, state: State, vectors: Vectors, texts: list[str]) -> State:
        """A later night: a few rows come in behind those of `state`."""
        from insights.grouping.centres import stratified
        from insights.grouping.copies import collapse
        from insights.grouping.group import SAMPLED_ROWS
        from insights.grouping.placing import place

        whole = _with(state, vectors, texts)
        again = np.flatnonzero((whole.labels < 0) | whole.is_loose)
        settled = np.where(whole.is_loose, -1, whole.labels)
        known = stratified(settled, count=SAMPLED_ROWS)
        stands, copies = collapse([whole.texts[row] for row in again.tolist()])
        placed = place(
            _placed(whole, again[stands]),
            _placed(whole, known),
            settled[known],
            counts=np.bincount(copies, minlength=len(stands)),
        )
        labels, is_loose = whole.labels.copy(), whole.is_loose.copy()
        labels[again], is_loose[again] = placed.labels[copies], placed.is_loose[copies]
        return State(whole.vectors, whole.texts, labels, is_loose, whole.space)

    def refit(self, state: State, vectors: Vectors, texts: list[str]) -> State:
        """So many rows come in that everything is grouped afresh; problems are continued where they can be."""
        from insights.grouping.identity import regroup

        whole = _with(state, vectors, texts)
        nothing = np.zeros(len(whole.texts), dtype=bool)
        found = regroup(whole.vectors, whole.texts, whole.labels, fixed=nothing)
        return State(whole.vectors, whole.texts, found.labels, nothing, found.space)


def _with(state: State, vectors: Vectors, texts: list[str]) -> State:
    new = len(texts)
    return State(
        np.vstack([state.vectors, vectors]),
        [*state.texts, *texts],
        np.concatenate([state.labels, np.full(new, -1)]),
        np.concatenate([state.is_loose, np.zeros(new, dtype=bool)]),
        state.space,
    )


def _placed(state: State, rows: NDArray[np.int64]) -> Vectors:
    return state.space.place(state.vectors[rows], [state.texts[row] for row in rows.tolist()])


def keeper() -> Keeper:
    """The one that is measured."""
    return Keeper()
