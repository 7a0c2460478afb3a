"""What became of a problem, event by event: told by the runs that grouped and by the people who corrected."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from insights.domain.figures import counted


class Event(StrEnum):
    """What happened to a problem."""

    BORN = "born"
    GREW = "grew"
    CONTINUED = "continued"
    MERGED = "merged"
    SPLIT = "split"
    EMPTIED = "emptied"
    RENAMED = "renamed"
    MOVED = "moved"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageEntry:
    """One event. `items` is how many it is about, `share` the part of the problem that they are (0 to 1), `other_id`
    the problem at the other end: merged into, split from, moved to. `reason` is the program's own words, never a
    customer's: it is not sealed. A run or a decision stands behind it; `id` is 0 until it is stored."""

    problem_id: int
    event: Event
    reason: str
    items: int = 0
    at: datetime
    run_id: int | None = None
    decision_id: int | None = None
    other_id: int | None = None
    share: float | None = None
    id: int = 0


def lineage_of(
    before: Mapping[int, int],
    after: Mapping[int, int],
    *,
    born: Sequence[int],
    heirs: Mapping[int, int],
    run_id: int,
    at: datetime,
    afresh: bool,
) -> list[LineageEntry]:
    """What a run's grouping means for each problem it touched. `before` and `after` are mention -> problem (0 or
    missing: none), `heirs` emptied problem -> the one that most of its mentions went to. Counts are of mentions."""
    sizes, sizes_before = Counter(after.values()), Counter(before.values())
    moved = Counter(
        (before.get(mention, 0), problem) for mention, problem in after.items() if before.get(mention, 0) != problem
    )
    told = _Told(run_id=run_id, at=at)
    entries = [told.born(problem, sizes[problem], _largest_origin(moved, problem)) for problem in born]
    for problem in sorted(problem for problem in sizes_before if problem):
        lost = {to: count for (origin, to), count in moved.items() if origin == problem}
        gained = sum(count for (_, to), count in moved.items() if to == problem)
        if problem in heirs:
            entries.append(told.merged(problem, heirs[problem], sizes_before[problem]))
        elif lost:
            entries.append(told.continued(problem, lost, size=sizes_before[problem], afresh=afresh))
        if gained and problem not in heirs:
            entries.append(told.grew(problem, gained))
    return entries


def _largest_origin(moved: Counter[tuple[int, int]], problem: int) -> tuple[int, int]:
    """The problem that most of a new problem's mentions came from (0: they had none), and how many did."""
    origins = {origin: count for (origin, to), count in moved.items() if to == problem and origin}
    return max(origins.items(), key=lambda pair: (pair[1], -pair[0])) if origins else (0, 0)


@dataclass(frozen=True, slots=True)
class _Told:
    """Entries of one run, in words."""

    run_id: int
    at: datetime

    def born(self, problem: int, size: int, origin: tuple[int, int]) -> LineageEntry:
        parent, count = origin
        if parent and count * 2 > size:
            reason = f"split off P-{parent}, which held {count} of its {counted(size, 'mention')}"
            return self._entry(problem, Event.SPLIT, reason, items=size, other=parent, share=count / size)
        return self._entry(problem, Event.BORN, f"{counted(size, 'mention')} in no known problem", items=size)

    def grew(self, problem: int, gained: int) -> LineageEntry:
        return self._entry(problem, Event.GREW, f"+{counted(gained, 'mention')}", items=gained)

    def merged(self, problem: int, heir: int, size: int) -> LineageEntry:
        reason = f"a new grouping put most of its {counted(size, 'mention')} into P-{heir}"
        return self._entry(problem, Event.MERGED, reason, items=size, other=heir)

    def continued(self, problem: int, lost: Mapping[int, int], *, size: int, afresh: bool) -> LineageEntry:
        gone = sum(lost.values())
        why = "everything was grouped afresh" if afresh else "its mentions were looked at again"
        reason = f"kept {size - gone} of {counted(size, 'mention')} when {why}"
        return self._entry(problem, Event.CONTINUED, reason, items=size - gone, share=1 - gone / size)

    def _entry(
        self,
        problem: int,
        event: Event,
        reason: str,
        *,
        items: int,
        other: int | None = None,
        share: float | None = None,
    ) -> LineageEntry:
        return LineageEntry(
            problem_id=problem,
            event=event,
            reason=reason,
            items=items,
            at=self.at,
            run_id=self.run_id,
            other_id=other,
            share=share,
        )
