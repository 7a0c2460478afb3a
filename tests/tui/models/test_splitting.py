"""Choosing what is split off: items, or a part that was found; never none, never all."""

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_problem
from tests.tui.parts_builders import a_part, a_split, an_evidence
from tui.models.splitting import Check, Splitting


def a_splitting(items: int = 5) -> Splitting:
    made = Splitting(problem=a_problem(id=12))
    made.lay_out([an_evidence(number) for number in range(1, items + 1)])
    return made


def test_space_checks_an_item_and_goes_on_to_the_next() -> None:
    splitting = a_splitting()
    splitting.toggle()
    splitting.toggle()

    assert (splitting.chosen, splitting.cursor) == ([1, 2], 2)


def test_a_part_is_checked_as_a_whole_and_no_longer() -> None:
    splitting = a_splitting()
    splitting.offer(a_split(a_part(1, (2, 4))))
    splitting.toggle()
    assert (splitting.ask(), splitting.cursor) == ([2, 4], 0)
    splitting.toggle()
    assert splitting.chosen == []


def test_a_part_of_which_some_items_are_checked_says_so_and_is_filled_up() -> None:
    splitting = a_splitting()
    splitting.offer(a_split(a_part(1, (2, 4))))
    splitting.move_to(2)
    splitting.toggle()
    assert splitting.check(splitting.rows[0]) is Check.SOME
    splitting.move_to(0)
    splitting.toggle()
    assert splitting.check(splitting.rows[0]) is Check.ALL


def test_enter_on_a_part_with_nothing_checked_means_that_part() -> None:
    splitting = a_splitting()
    splitting.offer(a_split(a_part(1, (2, 4)), a_part(2, (1, 3))))
    splitting.move(1)

    assert splitting.ask() == [1, 3]


def test_nothing_checked_and_all_checked_are_refused_in_words() -> None:
    splitting = a_splitting()
    assert splitting.ask() == []
    assert splitting.refused == "Nothing is checked: check the items that are another problem."
    splitting.turn_over()
    assert splitting.refused == ""
    assert splitting.ask() == []
    assert splitting.refused == "All 5 items are checked: leave at least one in P-12."


def test_a_problem_of_one_item_cannot_be_split() -> None:
    assert a_splitting(1).refusal == "P-12 has 1 item: there is nothing to split."
    assert Splitting(problem=a_problem()).refusal == "Its items are still being read."


def test_the_cursor_stays_with_its_item_when_parts_are_found() -> None:
    splitting = a_splitting()
    splitting.move(2)
    splitting.offer(a_split(a_part(1, (2, 4))))

    assert splitting.current is splitting.items[2]


def test_who_did_nothing_yet_stands_on_the_first_part_when_parts_are_found() -> None:
    splitting = a_splitting()
    splitting.offer(a_split(a_part(1, (2, 4))))

    assert splitting.cursor == 0


def test_parts_that_do_not_stand_apart_or_know_other_items_are_no_choices() -> None:
    splitting = a_splitting()
    splitting.offer(a_split(a_part(1, (1, 2, 3, 4, 5)), alone=()))
    assert splitting.parts == []
    splitting.offer(a_split(a_part(1, (2, 99))))
    assert splitting.parts == []


@given(st.lists(st.integers(-3, 9), max_size=40))
def test_what_is_asked_for_is_always_some_and_never_all(keys: list[int]) -> None:
    splitting = a_splitting(4)
    splitting.offer(a_split(a_part(1, (1, 2)), a_part(2, (3, 4))))
    for key in keys:
        if key < 0:
            splitting.toggle()
        else:
            splitting.move_to(key)
        asked = splitting.ask()
        assert bool(asked) != bool(splitting.refused)
        assert not asked or 0 < len(asked) < 4
