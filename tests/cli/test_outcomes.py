"""Shipping by command, what came of it in 80 columns, and assumptions that move on request."""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from insights.bootstrap import open_workspace, set_section
from insights.cli.outcome_pages import calibration_lines, outcome_lines
from insights.cli.output import console
from insights.config import SETTINGS_FILE, Settings
from insights.domain.estimate import Range
from insights.domain.problem import State
from insights.errors import ExitCode, InsightsError
from insights.outcomes import compared_of, outcomes
from insights.storage.repository import Repository
from insights.worth.calibration import Compared, Move, Quantity, fit_scores, moves_of
from tests.cli.calling import Run, caller, made
from tests.shipping import RELEASED, TODAY, a_watched_workspace, accept, release, weekly
from tests.stored import NOW

Open = Callable[[], Repository]

TEXTS = ("The login loops", "The card fails", "The tax is wrong", "The search is slow", "The photo crashes")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSIGHTS_NOW", NOW.isoformat())
    return made(tmp_path, monkeypatch)


@pytest.fixture
def run(workspace: Path) -> Run:
    return caller(workspace)


@pytest.fixture
def shipped(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A workspace with six accepted and shipped problems that took longer than was thought; what `insights` opens is
    that one."""
    store = tmp_path / "store"
    store.mkdir()
    texts = ("The export hangs", *TEXTS)
    repository = a_watched_workspace(store, problems=[weekly(5, 1, text=text) for text in texts], steady=20)
    numbers = range(1, len(texts) + 1)
    accept(repository, *numbers)
    for number in numbers:
        release(repository, number, weeks=5.0 + number)
    monkeypatch.setattr("insights.bootstrap.Repository", lambda *_, **__: repository)
    return caller(workspace)


def test_nothing_shipped_says_what_to_do(run: Run) -> None:
    assert "insights shipped P-12 --on" in run("shipped", everything=True)
    assert "insights shipped P-12 --on" in run("calibration", everything=True)
    assert json.loads(run("shipped", "--json")) == {"shipped": [], "came_true": 0, "judged": 0}


def test_a_release_is_recorded_and_taken_back(shipped: Run, workspace: Path) -> None:
    told = shipped("shipped", "P-7", "--on", "2026-10-01", "--weeks", "2.5", "--why", "in 3.1", everything=True)
    repository = open_workspace(workspace).repository
    stood = repository.problems.get(7).state
    shipped("undo")

    assert "P-7 shipped on 2026-10-01. Take it back with: insights undo" in told
    assert stood is State.SHIPPED
    assert repository.problems.get(7).state is State.INBOX


def test_what_was_counted_in_a_few_days_is_not_told_by_the_year(shipped: Run) -> None:
    shipped("shipped", "P-1", "--on", (TODAY - timedelta(days=7)).isoformat(), "--weeks", "1")
    told = shipped("shipped", "P-1")

    assert re.search(r"\d+ a year before \(\d+ in \d+ days, \d+ tickets?\); \d+ in \d days?\s+since", told)
    assert "no week after the first 2 watched yet" in told
    assert "1 week" in told.split("effort")[1]


@pytest.mark.parametrize("words", [("--on", "2026-10-01"), ("P-1", "--weeks", "3"), ("P-1", "--on", "1.10.2026"),
                                   ("P-1", "--on", "2027-01-01"), ("P-7",)])  # fmt: skip
def test_what_is_said_by_half_is_refused(shipped: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(InsightsError) as caught:
        shipped("shipped", *words)

    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.remedy


def test_the_shipped_stand_predicted_beside_realised_in_80_columns(shipped: Run) -> None:
    told = shipped("shipped")

    assert max(map(cell_len, told.splitlines())) <= 80
    assert "P-1  Problem 1" in told
    assert "mentions fell by" in told
    assert "40%–90% predicted" in told
    assert "6 weeks; 1–8 predicted" in told
    assert "Of 6 shipped problems that can be judged, 6 had the predicted effect." in told


def test_one_of_them_is_shown_alone(shipped: Run) -> None:
    told = shipped("shipped", "P-2")

    assert "P-2" in told
    assert "P-1  " not in told


def test_as_data_it_has_the_effect_and_what_was_compared(shipped: Run) -> None:
    data = json.loads(shipped("shipped", "--json"))
    first = data["shipped"][0]

    assert (data["came_true"], data["judged"]) == (6, 6)
    assert first["shipped_on"] == RELEASED.isoformat()
    assert first["effect"]["words"].startswith("mentions fell by")
    assert {one["quantity"] for one in first["compared"]} == {
        "share of items avoided",
        "effort in weeks",
        "support saved a year",
    }
    assert all(isinstance(one["in_range"], bool) for one in first["compared"])


def test_the_plot_fits_80_columns_and_counts_what_held(shipped: Run) -> None:
    told = shipped("calibration")

    assert max(map(cell_len, told.splitlines())) <= 80
    assert told.count("P-1 ") == 3
    assert "Effort in weeks" in told
    assert "3 of 6 held, 50%" in told
    assert "○" in told
    assert "●" in told
    assert "worth.weeks: 1 – 3 – 8 → " in told


def test_calibration_alone_changes_nothing(shipped: Run, workspace: Path) -> None:
    before = (workspace / SETTINGS_FILE).read_text()
    shipped("calibration")

    assert (workspace / SETTINGS_FILE).read_text() == before


def test_apply_shows_old_and_new_and_writes_them(shipped: Run, workspace: Path) -> None:
    told = shipped("calibration", "--apply", everything=True)
    written = tomllib.loads((workspace / SETTINGS_FILE).read_text())["worth"]
    settings = Settings.model_validate({"worth": written})

    assert f"worth.weeks_likely: 3 → {written['weeks_likely']:g}" in told
    assert settings.worth.weeks_likely > 4
    assert "weeks_high" in written
    assert "request_weeks_high" not in written


def test_to_apply_it_again_changes_nothing_more(shipped: Run, workspace: Path) -> None:
    shipped("calibration", "--apply")
    once = (workspace / SETTINGS_FILE).read_text()
    told = shipped("calibration", "--apply", everything=True)

    assert "Nothing to apply" in told
    assert (workspace / SETTINGS_FILE).read_text() == once


def test_settings_that_would_not_be_usable_leave_the_file_as_it_was(workspace: Path) -> None:
    before = (workspace / SETTINGS_FILE).read_text()

    with pytest.raises(InsightsError, match="must rise"):
        set_section(workspace, "worth", {"weeks_low": 9.0, "weeks_likely": 3.0, "weeks_high": 8.0})

    assert (workspace / SETTINGS_FILE).read_text() == before


def test_as_data_calibration_has_coverage_and_moves(shipped: Run) -> None:
    data = json.loads(shipped("calibration", "--json"))

    assert {one["quantity"]: one["inside"] for one in data["quantities"]}["effort in weeks"] == 3
    assert [one["setting"] for one in data["moves"]] == ["share_avoided", "weeks"]
    assert data["applied"] is False


def test_too_few_outcomes_move_nothing(tmp_path: Path) -> None:
    repository = a_watched_workspace(tmp_path, problems=[weekly(5, 1)])
    accept(repository, 1)
    release(repository, 1)
    compared = compared_of(outcomes(repository, Settings(), TODAY))
    moves = moves_of(compared, {"weeks": Range(1, 3, 8)})

    told = printed(calibration_lines(compared, moves, currency="$"))

    assert "worth.weeks: 1 – 3 – 8 stays; 1 outcome, 5 needed" in told


def test_a_hostile_title_does_not_act(tmp_path: Path) -> None:
    repository = a_watched_workspace(tmp_path, problems=[weekly(5, 1)])
    release(repository, 1)
    found = [replace(one, title="[red]Bad\x1b[31m\ntitle") for one in outcomes(repository, Settings(), TODAY)]

    told = printed(outcome_lines(found, currency="$"))

    assert "[red]Bad" in told
    assert "\x1b" not in told


def test_an_early_release_says_that_it_is_early(tmp_path: Path) -> None:
    repository = a_watched_workspace(tmp_path, problems=[weekly(5, 1)])
    accept(repository, 1)
    release(repository, 1, on=TODAY - timedelta(days=3), weeks=None)

    told = printed(outcome_lines(outcomes(repository, Settings(), TODAY), currency="$"))

    assert "too early to say" in told
    assert "No shipped problem can be judged yet." in told


def test_a_range_of_nothing_and_odd_figures_are_drawn() -> None:
    odd = [
        Compared(quantity=Quantity.SAVED, predicted=Range(0, 0, 0), realised=Range(-5, -1, 2), problem_id=1),
        Compared(quantity=Quantity.LEAVING, predicted=Range(0.01, 0.03, 0.08), realised=Range(-0.1, 0, 0.1)),
    ]
    move = Move(
        setting="loss",
        quantity=Quantity.LEAVING,
        first=Range(0.01, 0.03, 0.08),
        now=Range(0.01, 0.03, 0.08),
        then=Range(0.01, 0.03, 0.08),
        fit=fit_scores([(0.0, 0.0)] * 6),
    )

    told = printed(calibration_lines(odd, [move], currency="EUR"))

    assert "worth.loss: 1.0% – 3.0% – 8.0% is borne out by 6 outcomes" in told


def printed(lines: object) -> str:
    screen = console(width=80)
    with screen.capture() as caught:
        for line in lines:  # type: ignore[attr-defined]
            screen.print(line)
    assert max(map(cell_len, caught.get().splitlines())) <= 80
    return caught.get()
