"""The board: accepted problems in columns, from the top. Pure: no I/O, no clock."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from insights.domain.problem import Column, Problem, State


def on_board(problems: Iterable[Problem], column: Column) -> list[Problem]:
    """The accepted problems of a column: those that were placed, then the others by rank."""
    inside = [one for one in problems if one.state is State.ACCEPTED and (one.column or Column.NEXT) is column]
    return sorted(inside, key=height)


def height(problem: Problem) -> tuple[bool, float, float, int]:
    """What a column is in order of: smaller is higher."""
    rank = problem.estimate.rank if problem.estimate else None
    return (problem.place is None, problem.place or 0.0, float("inf") if rank is None else rank, problem.id)


def places_for(problem_id: int, others: Sequence[Problem], row: int) -> dict[int, float]:
    """problem id -> place, so that a problem stands at that row among the others of a column, counted from 0: its own,
    and of as few others as must be placed for it. Those above it that stood by their rank alone must."""
    above, rest = others[:row], [one for one in others[row:] if one.place is not None]
    wanted = {one.id: one.place for one in above if one.place is not None}
    top = max(wanted.values(), default=None)
    bottom = rest[0].place if rest else None
    added = [*(one.id for one in above if one.place is None), problem_id]
    if bottom is None:
        wanted |= {number: (0.0 if top is None else top + 1) + step for step, number in enumerate(added)}
    else:
        wanted[problem_id] = bottom - 1 if top is None else (top + bottom) / 2
    wanted |= {one.id: one.place for one in rest if one.place is not None}
    heights = list(wanted.values())
    if any(lower <= upper for upper, lower in pairwise(heights)):  # two are too near for a number between
        wanted = {number: float(step) for step, number in enumerate(wanted)}
    before = {one.id: one.place for one in others}
    return {number: place for number, place in wanted.items() if place != before.get(number)}
