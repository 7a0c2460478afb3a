"""Which problems moved in rank by what is their own, further than chance. Pure.

Ranks move for many reasons. Told is what a problem's own return did: the ranks between where it stands and where it
would stand tonight with the return that it had when its rank was told last. So a problem does not move because others
left, came or moved. And it must outrank the one that stands there (or be outranked by it) with the chance from which
the product takes two problems for different.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from insights.domain.estimate import Range
from insights.domain.night import Reason, ReasonKind, Seen
from insights.news.reasons import MOST as MOST_REASONS
from insights.worth.simulation import SURE

MOST_TOLD = 10
"""Moves of one night; the others are told when they move on."""
MOST_LOOKED_AT = 60
"""Of those that may have moved, so many are drawn beside the one that stands where they stood."""

_LEAST_RATIO = 1e-3
_DIGITS = 2
"""Problems are ordered by their return to so many digits."""

Pairs = Sequence[tuple[int, int]]
Outranks = Callable[[Pairs], Sequence[float]]
"""The chance of each pair's first to outrank its second."""


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


def moves_of(
    known: Mapping[int, Seen],
    *,
    returns: Mapping[int, Range],
    ranks: Mapping[int, int],
    ties: Mapping[int, int],
    outranks: Outranks,
    least: int,
) -> list[Move]:
    """Of the problems in `known` (as their last night left them: `told_rank`, `told_roi`) those that moved by `least`
    ranks and more, surest first. `returns`, `ranks` and `ties` are tonight's, of all problems."""
    order = sorted(round(one.likely, _DIGITS) for one in returns.values())
    at = {rank: number for number, rank in ranks.items()}
    found = []
    for number, seen in known.items():
        move = _own_move(number, seen, returns=returns, ranks=ranks, order=order, least=least)
        if move is None:
            continue
        other = at.get(_nearer(move), at[max(at)])
        if other != number and not _are_tied(number, other, ties):
            found.append((_distance(returns[number], returns[other]), move, other))
    found.sort(key=lambda one: (-one[0], one[1].problem_id))
    some = [(move, other) for _, move, other in found[:MOST_LOOKED_AT]]
    pairs = [(move.problem_id, other) if move.is_up else (other, move.problem_id) for move, other in some]
    chances = outranks(pairs) if pairs else ()
    return [move for (move, _), chance in zip(some, chances, strict=True) if chance >= SURE]


def _own_move(
    number: int,
    seen: Seen,
    *,
    returns: Mapping[int, Range],
    ranks: Mapping[int, int],
    order: Sequence[float],
    least: int,
) -> Move | None:
    """None where it, or what of it is its own, is less than `least` ranks."""
    if seen.told_rank is None or seen.told_roi is None or number not in ranks:
        return None
    rank, then, now = ranks[number], round(seen.told_roi, _DIGITS), round(returns[number].likely, _DIGITS)
    if then == now:
        return None
    # Among equals it would have stood where it is nearer to where it stands: what is not sure is no move.
    would = len(order) - bisect_right(order, then) if now > then else len(order) - bisect_left(order, then) + 1
    told, own = seen.told_rank - rank, would - rank
    if min(abs(told), abs(own)) < least or (told > 0) != (own > 0):
        return None
    return Move(number, seen.told_rank, rank, others=seen.told_rank - would)


def _nearer(move: Move) -> int:
    """Where it stood or would stand, whichever is nearer to where it stands."""
    would = move.before - move.others
    return min(move.before, would) if move.is_up else max(move.before, would)


def _are_tied(one: int, other: int, ties: Mapping[int, int]) -> bool:
    return ties.get(one) is not None and ties.get(one) == ties.get(other)


def _distance(one: Range, other: Range) -> float:
    """How far apart two returns are, beside their width: only what is far apart is worth being drawn."""
    width = math.hypot(_width(one), _width(other))
    return abs(_log(one.likely) - _log(other.likely)) / width if width else math.inf


def _width(some: Range) -> float:
    return _log(some.high) - _log(some.low)


def _log(roi: float) -> float:
    return math.log(max(1 + roi, _LEAST_RATIO))
