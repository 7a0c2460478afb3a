"""What the nights did, drawn as rows and as pages."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from insights.domain.lineage import Event
from insights.domain.run import Run, RunStatus
from insights.language.usage import usage_of
from insights.storage.calls import CallTotals
from insights.storage.repository import Repository
from tests.builders import MORNING
from tui.pages.runs import Night, no_runs, run_page, run_row, runs_title, title_row

COUNTS = {"protected": 1291, "joined": 1288, "born": 51, "settled": 0, "ranked": 51}
CALL = CallTotals(
    stage="describe",
    model="openai:small",
    prompt="describe_problem 3",
    outcome="answered",
    calls=40,
    tokens_in=52_000,
    tokens_out=4_100,
    usd=0.38,
    seconds=60.0,
)


def a_night(*, grown=3, calls=(), **fields):
    defaults = {
        "id": 12,
        "started_at": MORNING,
        "finished_at": MORNING + timedelta(seconds=69),
        "status": RunStatus.DONE,
        "mode": "openai:small",
        "counts": COUNTS,
        "spend_usd": 0.38,
    }
    run = Run(**{**defaults, **fields})
    return Night(run=run, events={Event.GREW: grown, Event.BORN: 51}, usage=usage_of(calls, run.counts, large=None))


STOPPED = a_night(status=RunStatus.STOPPED, stage="group", finished_at=None, counts={}, failures=("KeyboardInterrupt",))


def words(line):
    return "".join(text for text, _ in line)


def page(night, width=80):
    return [words(line) for line in run_page(night, width)]


# -- rows ---------------------------------------------------------------------------------------------------------


def test_a_row_says_when_what_and_how_much():
    cells = words(run_row(a_night(), 80, is_current=True)).split()

    assert cells == ["▌", "12", "11-23", "09:00", "done", "1,291", "51", "3", "$0.38", "1:09"]


def test_a_wide_row_says_the_year_and_whose_words_they_are():
    assert words(run_row(a_night(), 140)).split()[:5] == ["12", "2026-11-23", "09:00", "done", "openai:small"]


def test_a_stopped_run_says_where_and_leaves_open_what_it_did_not_get_to():
    cells = words(run_row(STOPPED, 80)).split()

    assert cells == ["12", "11-23", "09:00", "stopped:", "group", "–", "–", "–", "$0.38", "–", "1"]


@pytest.mark.parametrize("width", [60, 75, 76, 80, 109, 110, 140])
def test_rows_and_their_titles_are_as_wide_as_the_screen(width):
    for line in (title_row(width), run_row(a_night(), width), run_row(STOPPED, width)):
        assert cell_len(words(line)) == width


def test_the_title_counts_what_was_stopped():
    assert runs_title([STOPPED, a_night()]) == "Runs · 2 newest, 1 stopped"
    assert runs_title([]) == "Runs"


@pytest.mark.parametrize(("has_data", "command"), [(True, "insights analyze"), (False, "insights import")])
def test_before_the_first_run_the_next_command_is_told(has_data, command):
    assert words(no_runs(has_data=has_data)[2]).startswith(command)


# -- one run ------------------------------------------------------------------------------------------------------


def test_a_page_says_all_that_is_known():
    text = "\n".join(page(a_night(calls=[CALL], failures=("The feedback has little structure.",))))

    assert "2026-11-23 09:00 UTC: done in 1:09, $0.38" in text
    assert "joined 1,288, born 51, ranked 51" in text
    assert "3 problems grew" in text
    assert "describe openai:small" in text
    assert "Spent $0.3800." in text
    assert "Notes    The feedback has little structure." in text


def test_a_stopped_run_has_the_command_that_goes_on():
    lines = page(STOPPED)

    assert lines[1] == "insights analyze   goes on where it was"
    assert lines[-1] == "Notes    It was stopped by hand."


@given(st.text(), st.text(), st.integers(60, 140))
def test_no_line_is_too_wide_and_none_acts(note, mode, width):
    for line in page(a_night(failures=(note,), mode=mode, calls=[CALL]), width):
        assert cell_len(line) <= width
        assert not [char for char in line if ord(char) < 32 or 127 <= ord(char) < 160]


def test_problems_that_grew_are_counted_by_run(repository: Repository):
    run = repository.runs.recent(1)[0]

    assert repository.lineage.of_runs([run.id, 99]) == {run.id: Counter({Event.BORN: 6}), 99: Counter()}
