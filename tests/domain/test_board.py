"""The board: the order of a column, and the fewest places that put a problem where it is wanted."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from insights.domain.board import on_board, places_for
from insights.domain.problem import Column, Problem, State
from tests.builders import a_problem, an_estimate


def accepted(
    number: int, *, rank: int | None = None, place: float | None = None, column: Column | None = Column.NOW
) -> Problem:
    estimate = an_estimate(rank=rank) if rank else None
    return a_problem(id=number, state=State.ACCEPTED, column=column, place=place, estimate=estimate)


def ids(problems: Sequence[Problem]) -> list[int]:
    return [problem.id for problem in problems]


def test_placed_problems_come_first_then_the_others_by_rank() -> None:
    column = [
        accepted(1, rank=1),
        accepted(2),
        accepted(3, rank=9, place=2.0),
        accepted(4, rank=5),
        accepted(5, place=-1.5),
    ]

    assert ids(on_board(column, Column.NOW)) == [5, 3, 1, 4, 2]


def test_only_accepted_problems_are_on_the_board_and_without_a_column_they_are_in_next() -> None:
    problems = [
        a_problem(id=1),
        a_problem(id=2, state=State.DISMISSED),
        accepted(3, column=None),
        accepted(4, column=Column.LATER),
    ]

    assert [ids(on_board(problems, column)) for column in Column] == [[], [3], [4]]


def test_between_two_placed_ones_no_other_is_written() -> None:
    assert places_for(9, [accepted(1, place=1.0), accepted(2, place=2.0)], 1) == {9: 1.5}
    assert places_for(9, [accepted(1, place=1.0), accepted(2, place=2.0)], 0) == {9: 0.0}
    assert places_for(9, [accepted(1, place=1.0), accepted(2, rank=1)], 1) == {9: 2.0}
    assert places_for(9, [], 0) == {9: 0.0}


def test_those_above_that_stood_by_their_rank_are_placed_too() -> None:
    others = [accepted(1, place=4.0), accepted(2, rank=1), accepted(3, rank=2)]

    assert places_for(9, others, 2) == {2: 5.0, 9: 6.0}


def test_where_no_number_is_left_between_two_the_placed_ones_are_counted_anew() -> None:
    others = [accepted(1, place=1.0), accepted(2, place=1.0), accepted(3, rank=1)]

    assert places_for(9, others, 1) == {1: 0.0, 9: 1.0, 2: 2.0}


PLACES = st.none() | st.floats(-4, 4) | st.sampled_from([1.0, 1e17, -1e17])


@given(st.lists(PLACES, max_size=6), st.data())
def test_it_stands_at_the_row_that_was_said_and_the_others_keep_their_order(
    places: Sequence[float | None], data: st.DataObject
) -> None:
    others = on_board([accepted(n, rank=n, place=place) for n, place in enumerate(places, 1)], Column.NOW)
    row = data.draw(st.integers(0, len(others)))

    changed = places_for(9, others, row)

    after = [replace(one, place=changed.get(one.id, one.place)) for one in [*others, accepted(9)]]
    order = ids(on_board(after, Column.NOW))
    assert order.index(9) == row
    assert [number for number in order if number != 9] == ids(others)
