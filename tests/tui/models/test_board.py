"""The Board: columns, order, cursor."""

from hypothesis import given
from hypothesis import strategies as st

from insights.domain.problem import Column, Problem, State
from tests.builders import a_problem, an_estimate
from tui.models.board import WONT, Board


def accepted(number: int, column: Column | None = Column.NEXT, *, place: float | None = None) -> Problem:
    estimate = an_estimate(rank=number)
    return a_problem(f"P{number}", id=number, state=State.ACCEPTED, column=column, place=place, estimate=estimate)


def ids(board: Board, name: str) -> list[int]:
    return [problem.id for problem in board.columns[name]]


def test_problems_stand_in_their_columns_and_what_waits_is_not_there():
    board = Board()
    dismissed, waiting = a_problem(id=7, state=State.DISMISSED), a_problem(id=8)
    board.lay_out([accepted(1, Column.NOW), accepted(2, Column.LATER), accepted(3, None), dismissed, waiting])

    assert {name: ids(board, name) for name in board.columns} == {"now": [1], "next": [3], "later": [2], WONT: [7]}
    assert board.count == 4


def test_what_was_placed_stands_above_what_stands_by_rank():
    board = Board()
    board.lay_out([accepted(1), accepted(2, place=1.0), accepted(3, place=0.0), accepted(4)])

    assert ids(board, "next") == [3, 2, 1, 4]


def test_the_cursor_follows_a_card_to_another_column():
    board = Board()
    board.lay_out([accepted(1, Column.NOW), accepted(2, Column.LATER)])

    board.lay_out([accepted(1, Column.LATER), accepted(2, Column.LATER)], follow=1)

    assert (board.name, board.row) == ("later", 0)


def test_the_cursor_stays_in_its_column_when_the_last_card_leaves():
    board = Board()
    board.lay_out([accepted(1, Column.NOW), accepted(2, Column.NOW)])
    board.go(9)
    assert board.row == 1

    board.lay_out([accepted(1, Column.NOW)])
    assert board.current is not None
    assert board.current.id == 1


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 9).map(float)), min_size=2, max_size=8),
    st.integers(0, 7),
    st.sampled_from((-1, 1)),
)
def test_a_move_changes_places_with_the_neighbour_and_nothing_else(places, row, step):
    board = Board()
    board.lay_out(accepted(number, place=place) for number, place in enumerate(places, 1))
    board.sideways(1)
    board.go(min(row, len(places) - 1))
    before, here = ids(board, "next"), board.row
    moved = board.places(step)

    if not 0 <= here + step < len(before):
        assert moved is None
        return
    wanted = [*before]
    wanted[here], wanted[here + step] = wanted[here + step], wanted[here]
    assert moved
    board.lay_out(accepted(n, place=moved.get(n, places[n - 1])) for n in range(1, len(places) + 1))
    assert ids(board, "next") == wanted


def test_the_cursor_begins_in_the_first_column_that_has_a_card():
    board = Board()
    board.lay_out([accepted(1, Column.LATER)])

    board.go_to_cards()

    assert board.current is not None
    assert board.current.id == 1


def test_the_cursor_stays_with_its_card_when_another_comes_in_above():
    board = Board()
    board.lay_out([accepted(2), accepted(3)])
    board.go_to_cards()
    board.go(1)
    board.lay_out([accepted(1, place=0.0), accepted(2), accepted(3)])
    assert board.current is not None and board.current.id == 3


def test_the_cursor_of_a_column_that_it_is_not_in_stays_with_its_card_too():
    board = Board()
    board.lay_out([accepted(2), accepted(3)])
    board.go_to_cards()
    board.go(1)
    board.sideways(1)
    board.lay_out([accepted(1, place=0.0), accepted(2), accepted(3)])
    board.sideways(-1)
    assert board.current is not None and board.current.id == 3
