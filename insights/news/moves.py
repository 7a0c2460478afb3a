"""Which problems moved in rank by what is their own, and far enough to be news. Pure.

A problem is compared with itself: its return by the facts of tonight with that by the facts when its rank was told
last. Both are of the same draws (they hang on a problem's id alone), so that only the facts make the difference, and
ties do not matter: told is what its facts did, not which of two problems is better. It moved by the ranks between
where it stands and where it would stand tonight with its return of then: nobody moves because others left, came or
moved.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights.domain.night import Reason, ReasonKind, Seen
from insights.news.reasons import MOST as MOST_REASONS

MOST_TOLD = 10
"""Moves of one night; the others are told when they move on."""
FIRST = 20
"""A move is told where it begins or ends among so many."""
LEAST_PART = 4
"""And by a quarter of its larger rank: by 3 among the first 12, by 10 around rank 40, where problems stand closer."""
LEAST_CHANGE = 1.1
"""And where its value over its cost changed by a tenth: less moves a problem only where many are alike."""

_DIGITS = 2
"""Problems are ordered by their return to so many digits."""


@dataclass(frozen=True, slots=True)
class Move:
    """A problem that moved by its own return. `others` counts the ranks that it gained (lost, below zero) as others
    fell behind (came before it)."""

    problem_id: int
    before: int
    after: int
    others: int = 0

    @property
    def is_up(self) -> bool:
        return self.after < self.before

    def with_others(self, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
        """The reasons of its own, and the others where there is room and they helped."""
        if not self.others or (self.others > 0) != self.is_up:
            return tuple(reasons)
        kind = ReasonKind.OTHERS_LEFT if self.others > 0 else ReasonKind.OTHERS_CAME
        return (*reasons, Reason(kind=kind, count=abs(self.others)))[:MOST_REASONS]


def moves_of(known: Mapping[int, Seen], now: Mapping[int, Seen], *, least: int) -> list[Move]:
    """Of the problems in `known` (as their last night left them: `told_rank`, `told_roi`) those that moved by `least`
    ranks and more. `now` are tonight's, all of them."""
    order = sorted(round(seen.roi, _DIGITS) for seen in now.values() if seen.rank is not None and seen.roi is not None)
    moves = (_own_move(number, seen, now[number], order=order, least=least) for number, seen in known.items())
    return [move for move in moves if move is not None]


def _own_move(number: int, old: Seen, seen: Seen, *, order: Sequence[float], least: int) -> Move | None:
    """None where it, or what of it is its own, is too little."""
    if old.told_rank is None or old.told_roi is None or seen.rank is None or seen.roi is None:
        return None
    then, now = round(old.told_roi, _DIGITS), round(seen.roi, _DIGITS)
    if 1 + max(then, now) < LEAST_CHANGE * (1 + min(then, now)):
        return None
    # Among equals it would have stood where it is nearer to where it stands: what is not sure is no move.
    would = len(order) - bisect_right(order, then) if now > then else len(order) - bisect_left(order, then) + 1
    told, own = old.told_rank - seen.rank, would - seen.rank
    is_far = min(abs(told), abs(own)) >= max(least, max(old.told_rank, seen.rank) / LEAST_PART)
    if not is_far or (told > 0) != (own > 0) or min(old.told_rank, seen.rank) > FIRST:
        return None
    return Move(number, old.told_rank, seen.rank, others=old.told_rank - would)
