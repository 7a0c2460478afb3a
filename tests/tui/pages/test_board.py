"""The cards of the Board: under which id a problem is filed, and how that issue stands."""

import pytest

from insights.domain.problem import Column, ExportLink, Progressed, State
from tests.builders import MORNING, a_problem
from tui.models.board import Board
from tui.pages.board import cards


def second_line(**fields: object) -> str:
    given = {"tracker": "linear", "external_id": "LIN-482", "url": None, "exported_at": MORNING}
    link = ExportLink(problem_id=1, **(given | fields))  # type: ignore[arg-type]
    board = Board()
    board.lay_out([a_problem(state=State.ACCEPTED, column=Column.NOW, exported=(link,))])
    _, lines = cards(board, "now", width=50, height=9, currency="$")
    return "".join(words for words, _ in lines[1])


def test_an_entry_of_a_backlog_is_told_by_the_files_name() -> None:
    told = second_line(tracker="file:/srv/our/backlog.md", external_id="P-1")

    assert "P-1 · backlog.md" in told


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "P-1 · LIN-482 "),
        ({"assignee": "Ann"}, "P-1 · LIN-482 Ann "),
        ({"assignee": "Ann", "progress": Progressed.DONE}, "P-1 · LIN-482 done "),
        ({"progress": Progressed.DROPPED, "status": "Duplicate"}, "P-1 · LIN-482 dropped "),
        ({"is_gone": True}, "P-1 · LIN-482 deleted "),
        ({"assignee": "A\x1b[2Jnn"}, "P-1 · LIN-482 Ann "),
    ],
)
def test_a_card_tells_who_works_on_its_issue_or_that_nobody_does_any_more(fields, words) -> None:
    assert words in second_line(**fields)
