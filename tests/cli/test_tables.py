"""Tables say the most important things at any width, and cut no title to nothing."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from insights.cli.runs import _duration
from insights.cli.tables import problem_page, problem_table
from insights.domain.problem import Movement, Problem, State
from insights.domain.run import Run, RunStatus
from tests.builders import a_problem, an_estimate

LONG = "Weekly stock CSV export is late or times out since the warehouse moved"


def printed(*problems: Problem, width: int) -> list[str]:
    out = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    out.print(problem_table(problems, currency="$", width=width))
    assert isinstance(out.file, io.StringIO)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [80, 100, 140])
def test_a_title_keeps_thirty_cells_and_no_line_is_wider_than_the_screen(width: int) -> None:
    lines = printed(a_problem(title=LONG), a_problem(title="投诉" * 30, items=1_348), width=width)

    assert LONG[:29] in lines[1]
    assert len(lines) == 3
    assert all(len(line) <= width for line in lines)


def test_a_narrow_screen_drops_the_trend_before_the_figures() -> None:
    wide, narrow = printed(a_problem(title=LONG), width=140)[0], printed(a_problem(title=LONG), width=80)[0]

    assert wide.split() == ["#", "id", "problem", "ROI", "value/yr", "range", "8", "weeks", "items", "accts"]
    assert narrow.split() == ["#", "id", "problem", "ROI", "value/yr", "range", "items", "accts"]


def test_a_screen_too_narrow_for_all_keeps_id_and_title() -> None:
    heading, line = printed(a_problem(title=LONG), width=40)

    assert heading.split()[:3] == ["#", "id", "problem"]
    assert "P-1" in line
    assert len(line) <= 40


def test_a_column_in_which_nothing_stands_is_left_out() -> None:
    unknown = a_problem(accounts=0, movement=Movement.STEADY)

    assert "accts" not in printed(unknown, width=140)[0]
    mixed = printed(unknown, a_problem(accounts=7), width=140)
    assert mixed[1].endswith("–")
    assert mixed[2].endswith("7")


def test_a_decided_problem_shows_its_state_in_place_of_its_movement() -> None:
    lines = printed(a_problem(state=State.DISMISSED), a_problem(movement=Movement.FADING), width=140)

    assert "dismissed" in lines[1]
    assert "growing" not in lines[1]
    assert "fading" in lines[2]


def test_a_spike_is_told_beside_the_movement() -> None:
    lines = printed(a_problem(is_spike=True), a_problem(movement=Movement.STEADY, is_spike=True), width=140)

    assert "growing, spike" in lines[1]
    assert "█ spike" in lines[2]


def test_the_page_of_a_problem_writes_a_negative_return_like_the_digest() -> None:
    out = Console(file=io.StringIO(), width=100, markup=False, highlight=False)
    for part in problem_page(a_problem(accounts=0, estimate=an_estimate(6_000)), [], [], [], currency="$"):
        out.print(part)

    assert isinstance(out.file, io.StringIO)
    page = out.file.getvalue()
    assert "−0.5×" in page
    assert "18 items from no known account" in page


def test_a_run_tells_how_long_it_took() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    run = Run(id=1, started_at=start, status=RunStatus.DONE, mode="offline", finished_at=start + timedelta(seconds=278))

    assert _duration(run) == "4:38"


@pytest.mark.parametrize(("width", "shown"), [(109, False), (130, True)])
def test_a_wide_screen_shows_the_theme(width: int, shown: bool) -> None:
    out = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    problems = [a_problem(theme_id=3), a_problem(theme_id=None)]
    out.print(problem_table(problems, currency="$", width=width, themes={3: "Labels & scans"}))
    assert isinstance(out.file, io.StringIO)

    assert ("Labels & scans" in out.file.getvalue()) is shown
