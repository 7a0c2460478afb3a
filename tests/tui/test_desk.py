"""The desk of a session: order, cursor, search, decisions."""

from time import perf_counter

from insights.domain.problem import Action
from tests.builders import a_problem, an_estimate
from tui.desk import Desk


def a_desk(*titles: str) -> Desk:
    desk = Desk()
    problems = [a_problem(title, id=n, summary="", estimate=an_estimate(rank=n)) for n, title in enumerate(titles, 1)]
    desk.lay_out(problems, has_any=True)
    return desk


def titles(desk: Desk) -> list[str]:
    return [problem.title for problem in desk.visible]


def test_after_a_decision_the_cursor_is_on_the_next_problem():
    desk = a_desk("one", "two", "three")
    desk.move_to(1)

    desk.take_out(desk.visible[1], Action.ACCEPT)

    assert desk.current is not None
    assert desk.current.title == "three"
    assert (desk.waiting, len(desk.decided)) == (2, 1)


def test_after_the_last_row_is_decided_the_cursor_is_on_the_new_last_row():
    desk = a_desk("one", "two")
    desk.move_to(1)

    desk.take_out(desk.visible[1], Action.ACCEPT)

    assert desk.current is not None
    assert desk.current.title == "one"


def test_what_comes_back_stands_at_its_old_place_under_the_cursor():
    desk = a_desk("one", "two", "three")
    second = desk.visible[1]
    desk.take_out(second, Action.DISMISS)

    desk.put_back(second)

    assert titles(desk) == ["one", "two", "three"]
    assert desk.current == second


def test_a_problem_of_an_earlier_session_comes_back_at_its_rank():
    desk = a_desk("one", "two")
    desk.put_back(a_problem("between", id=9, estimate=an_estimate(rank=1)))

    assert titles(desk) == ["one", "between", "two"]


def test_new_figures_do_not_change_the_order():
    desk = a_desk("one", "two")
    first, second = desk.visible

    desk.update([second, first, a_problem("new", id=3)])

    assert titles(desk) == ["one", "two"]


def test_what_others_decided_leaves():
    desk = a_desk("one", "two", "three")

    desk.update([desk.visible[0], desk.visible[2]])

    assert titles(desk) == ["one", "three"]


def test_reading_again_does_not_bring_back_what_is_still_being_written():
    desk = a_desk("one", "two")
    first, second = desk.visible
    desk.take_out(first, Action.ACCEPT)

    desk.lay_out([second, first], has_any=True)
    assert titles(desk) == ["two"]

    desk.written(first)
    desk.lay_out([second, first], has_any=True)
    assert titles(desk) == ["two", "one"]


def test_a_search_finds_words_ids_and_words_with_a_slip_and_keeps_the_order():
    desk = a_desk("Slow dashboard", "Export times out", "Dashboard export fails")

    for wanted, found in (
        ("EXPORT", ["Export times out", "Dashboard export fails"]),
        ("dashbaord", ["Slow dashboard", "Dashboard export fails"]),
        ("p-2", ["Export times out"]),
        ("zzz", []),
        (" ", ["Slow dashboard", "Export times out", "Dashboard export fails"]),
    ):
        desk.find(wanted)
        assert titles(desk) == found


def test_ten_thousand_titles_are_searched_between_two_keystrokes():
    desk = a_desk(*(f"Report {n} arrives twice on mondays" for n in range(10_000)))
    desk.find("rep")

    start = perf_counter()
    desk.find("reprot 99")

    assert perf_counter() - start < 0.5  # 10-40 ms when measured; here only that it is not quadratic
