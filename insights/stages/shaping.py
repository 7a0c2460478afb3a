"""Which of the groups found are problems: of two items, not made of what waited before, and not of talk."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.domain.feedback import Mention, Stance
from insights.grouping.centres import Told
from insights.grouping.communities import Labels

ALONE, ONE_ITEM, TALK, STALE = "alone", "one item", "talk", "waited"
"""Why a mention has no problem: nothing is like it; only the same item is; it is talk around problems; all that is
like it has waited before."""

MOST_STALE = 0.8
"""Share of a new group that was looked at before. Without it, 1,000 new items among 100,000 made 386 problems, most of
them of what earlier nights had left out or placed loosely."""

LOOSE, DOUBTFUL = 0.9, 0.86
"""Of the median group's own similarity and confidence. On the sample firm the groups below both hold talk alone."""

NEW = -2

_LEAST_TO_COMPARE = 8


@dataclass(frozen=True, slots=True)
class Shaped:
    """`labels` with -1 for what waits, and for each of these why."""

    labels: Labels
    waits: list[str | None]
    mentions: Sequence[Mention]

    def stance_of(self, rows: Sequence[int]) -> Stance:
        return Counter(self.mentions[row].stance for row in rows).most_common(1)[0][0]


def shape(mentions: Sequence[Mention], labels: Labels, *, told: Told, known: int, again: Labels) -> Shaped:
    """Keep the known groups (numbers below `known`) and, of the new ones, those that are problems. `again`, shape (n,):
    NEW for what is looked at for the first time; for the others the known group they are in, -1 for none."""
    kept = labels.copy()
    waits: list[str | None] = [ALONE if label < 0 else None for label in labels]
    new = np.unique(labels[labels >= known])
    for groups, why in (
        (_of_one_item(labels, new, mentions), ONE_ITEM),
        ([group for group in new if (again[labels == group] != NEW).mean() > MOST_STALE], STALE),
        (_talk(labels, new, told=told, mentions=mentions), TALK),
    ):
        for row in np.flatnonzero(np.isin(kept, groups) & (kept >= known)):
            kept[row], waits[row] = max(int(again[row]), -1), why if again[row] < 0 else None
    return Shaped(kept, waits, mentions)


def _of_one_item(labels: Labels, groups: NDArray[np.int64], mentions: Sequence[Mention]) -> list[int]:
    """Two mentions of one item are no group: what one person said once is not yet a problem of two."""
    items = np.array([mention.feedback_id for mention in mentions], dtype=np.int64)
    return [int(group) for group in groups if len(np.unique(items[labels == group])) < 2]


def _talk(labels: Labels, groups: NDArray[np.int64], *, told: Told, mentions: Sequence[Mention]) -> list[int]:
    """Talk around problems ("I asked what comes first, he will write") is alike, too, and gathers in groups that are
    looser than most and that doubtfully state a problem."""
    if len(groups) < _LEAST_TO_COMPARE:
        return []
    sureness = np.array([mention.confidence for mention in mentions])
    tight = np.array([told.similarity[labels == group].mean() for group in groups])
    sure = np.array([sureness[labels == group].mean() for group in groups])
    is_talk = (tight < LOOSE * np.median(tight)) & (sure < DOUBTFUL * np.median(sure))
    return [int(group) for group in groups[is_talk]]
