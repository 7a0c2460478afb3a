"""Two nights beside each other by command: for who looks at it, and for a script."""

import json
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from insights.bootstrap import Workspace, open_workspace
from insights.config import Settings
from insights.corrections import Corrections
from insights.domain.facts import Affected, Facts, Firm
from insights.domain.problem import Action
from insights.errors import InsightsError
from insights.news.record import record_night
from insights.storage.repository import Repository
from insights.triage import Triage
from insights.valuation import revalue
from tests.cli.calling import Run, caller, made, reached
from tests.stored import NOW, a_stored_problem, an_account_record, fill, items_by_week

TITLES = (
    "Export hangs",
    "Label is cut",
    "Login loops",
    "Invoice shows \x1b[31mwrong [red]tax",
    "Search is slow",
    "Slow",
)
STEADY = (1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 1)


def a_fact(accounts: int, *, renewing: Sequence[int] = ()) -> Facts:
    some = tuple(
        Affected(account=n, revenue=20_000.0, renewal_days=30 if n in renewing else None)
        for n in range(1, accounts + 1)
    )
    return Facts(items=20, days=91, accounts=some)


def night(repository: Repository, facts: dict[int, Facts], *, days: int) -> int:
    repository.problems.save_facts(facts, Firm())
    revalue(repository, Settings())
    at = NOW + timedelta(days=days)
    run = repository.runs.start(mode="offline", at=at)
    return record_night(repository, Settings(), run_id=run.id, at=at).run_id


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nights of runs 2 to 4: in the third one P-6 rises to the top, for renewals; in the fourth P-1 is dismissed."""
    place = tmp_path_factory.mktemp("nights")
    with pytest.MonkeyPatch.context() as patched:
        workspace = open_workspace(made(place, patched))
        keep_nights(workspace)
        workspace.close()
    return place


@pytest.fixture
def folder(nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `nights`."""
    place = shutil.copytree(nights, tmp_path / "it")
    return reached(place, monkeypatch)


def keep_nights(workspace: Workspace) -> None:
    repository = workspace.repository
    problems = [a_stored_problem(title, items=items_by_week(STEADY, text=title)) for title in TITLES]
    fill(repository, problems, accounts=[an_account_record(f"Account {n}") for n in range(1, 9)])
    facts = {number: a_fact(60 - 10 * number) for number in range(1, 6)} | {6: a_fact(5)}
    night(repository, facts, days=0)
    risen = facts | {6: a_fact(400, renewing=range(1, 101))}
    night(repository, risen, days=1)
    Triage(repository, who="ada", now=lambda: NOW).decide(1, Action.DISMISS)
    night(repository, risen, days=2)


@pytest.fixture
def run(folder: Path) -> Run:
    return caller(folder)


def test_news_come_with_their_reason_and_problems_with_where_they_came_from(run: Run) -> None:
    told = run("diff", "--since", "2")

    assert told.splitlines()[0] == "Run 2 (2026-11-20) → run 4 (2026-11-22)"
    assert "6 problems (+0), +0 items in problems" in told
    news, problems = told.split("Problems")
    assert "up 5" in news
    words = " ".join(news.split())
    assert "from rank 6 to 1: 395 more accounts have it" in words
    assert "100 renewals within 90 days" in words
    assert "Account 1, Account 2 and 98 more" in words
    first = problems.splitlines()[2].split()
    assert first[:5] == ["▲5", "6", "→", "1", "P-6"]
    assert "dismissed now" in problems


def test_by_default_the_newest_night_stands_beside_the_one_before(run: Run) -> None:
    told = run("diff")

    assert told.startswith("Run 3 (2026-11-21) → run 4 (2026-11-22)")
    assert "Nothing that is told" in told


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [("2026-11-21", "4", (2, 4)), ("2026-11-22", None, (3, 4)), ("2", "3", (2, 3)), ("2", "2026-11-21", (2, 3))],
)
def test_nights_are_named_by_their_run_or_by_a_day(
    run: Run, since: str, until: str | None, expected: tuple[int, int]
) -> None:
    data = json.loads(run("diff", "--since", since, *(("--until", until) if until else ()), "--json"))

    assert (data["since"]["run"], data["until"]["run"]) == expected


def test_a_script_reads_all_of_it(run: Run) -> None:
    data = json.loads(run("diff", "--since", "2", "--json"))

    (move,) = data["news"]
    assert (move["problem"], move["kind"], move["before"], move["after"]) == ("P-6", "moved", 6, 1)
    assert move["words"] == "from rank 6 to 1"
    assert [(one["kind"], one["count"]) for one in move["reasons"]] == [("accounts", 395), ("renewals", 100)]
    assert move["reasons"][1]["accounts"] == ["Account 1", "Account 2", "Account 3"]
    six = next(one for one in data["problems"] if one["problem"] == "P-6")
    assert (six["rise"], six["before"]["rank"], six["after"]["rank"]) == (5, 6, 1)
    assert six["after"]["value"] > six["before"]["value"]
    assert data["settings_changed"] is False


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_it_fits_the_terminal_and_no_title_acts_on_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    told = caller(folder)("diff", "--since", "2")

    assert "\x1b" not in told
    assert "[red]tax" in told
    assert max(map(cell_len, told.splitlines())) <= columns


def test_what_does_not_fit_is_counted_with_how_to_see_it(run: Run) -> None:
    assert "5 more changed: --limit 6" in run("diff", "--since", "2", "--limit", "1")


@pytest.mark.parametrize(
    ("words", "message", "remedy"),
    [
        (("--since", "1"), "No night is kept of run 1.", "The oldest is of run 2 (2026-11-20)"),
        (("--since", "2026-01-01"), "No night is kept of 2026-01-01 or before.", "The oldest is of run 2"),
        (("--since", "4"), "Run 4 is not before run 4.", "--since"),
        (("--since", "soon"), "'soon' is neither a day nor a run.", "2026-06-01"),
        (("--until", "2"), "Run 2 is the first night that is kept", "insights analyze"),
    ],
)
def test_what_cannot_be_compared_ends_in_two_lines(run: Run, words: Sequence[str], message: str, remedy: str) -> None:
    with pytest.raises(InsightsError) as error:
        run("diff", *words)

    assert message in error.value.message
    assert remedy in error.value.remedy


def test_a_workspace_without_a_night_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InsightsError, match="No night is kept"):
        caller(made(tmp_path, monkeypatch))("diff")


def test_what_is_gone_is_told_with_where_it_went(folder: Path) -> None:
    """P-2 was merged into P-3 by a person; its items and what it is worth went there."""
    workspace = open_workspace(folder)
    Corrections(workspace.repository, who="ada", now=lambda: NOW).merge(2, into=3)
    facts = {number: one for number, one in workspace.repository.problems.facts().items() if number != 2}
    night(workspace.repository, facts, days=3)
    workspace.close()
    run = caller(folder)

    (gone,) = [one for one in json.loads(run("diff", "--json"))["problems"] if one["problem"] == "P-2"]
    told = run("diff")

    assert (gone["title"], gone["after"], gone["merged_into"]) == ("Label is cut", None, "P-3")
    assert "merged into P-3 “Login loops”" in " ".join(told.split())
    assert "gone" in told


def test_who_was_passed_is_not_said_to_have_fallen_by_itself(run: Run) -> None:
    """P-2 to P-5 are as they were; P-6 passed them."""
    problems = run("diff", "--since", "2").split("Problems")[1]

    assert problems.count("others rose more") == 5
