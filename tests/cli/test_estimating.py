"""`estimate` and `whatif` as a person calls them: what became of the problem, what would become of the list."""

import json
from pathlib import Path

import pytest

from insights.bootstrap import open_workspace
from insights.domain.facts import Affected, Facts, Firm
from insights.errors import InsightsError
from tests.cli.calling import Run, caller, made
from tests.stored import a_stored_problem, fill


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A workspace with two problems; the first is worth more, and its title is hostile."""
    folder = made(tmp_path, monkeypatch)
    workspace = open_workspace(folder)
    fill(workspace.repository, [a_stored_problem("Export \x1b[31mhangs [/]"), a_stored_problem("Login loops")])
    facts = {
        number: Facts(items=4, days=91, accounts=(Affected(account=number, revenue=revenue),))
        for number, revenue in ((1, 900_000.0), (2, 600_000.0))
    }
    workspace.repository.problems.save_facts(facts, Firm())
    workspace.revalue()
    workspace.close()
    return caller(folder)


def test_an_estimate_says_what_became_of_the_problem(call: Run) -> None:
    told = call("estimate", "P-1", "--effort", "20-30-40", "--why", "like the importer", everything=True)

    assert "P-1 Export hangs [/]: #1 → #2" in told
    assert "value stays $6.9k–78k; cost $4k–32k → $80k–160k" in told
    assert "insights undo" in told
    assert "like the importer" in call("show", "P-1")
    assert "20 – 30 – 40 weeks (you)" in call("show", "P-1")


def test_undo_gives_back_what_was(call: Run) -> None:
    before = json.loads(call("show", "P-1", "--json"))["estimate"]
    call("estimate", "P-1", "--set", "severity=blocks", "--set", "churn=5%-10%-20%")
    changed = json.loads(call("show", "P-1", "--json"))["estimate"]
    told = call("undo", everything=True)

    assert told == "P-1: “estimated” is taken back.\n"
    assert changed["value"]["likely"] > 2 * before["value"]["likely"]
    assert json.loads(call("show", "P-1", "--json"))["estimate"] == before


def test_a_script_reads_before_and_after(call: Run) -> None:
    told = json.loads(call("estimate", "P-1", "--effort", "S", "--json"))

    assert (told["ref"], told["before"]["cost_source"], told["after"]["cost_source"]) == ("P-1", "default", "you")
    assert told["after"]["weeks"] == {"low": 0.5, "likely": 1, "high": 2}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("estimate", "P-1"), "Nothing is set."),
        (("estimate", "P-1", "--set", "churn"), "'churn' sets nothing."),
        (("estimate", "P-1", "--effort", "many"), "'many' is no range for effort."),
        (("estimate", "P-9", "--effort", "3"), "There is no problem P-9."),
        (("whatif", "--set", "colour=red"), "There is no assumption 'colour'."),
    ],
)
def test_what_cannot_be_set_is_refused(call: Run, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(InsightsError, match=message):
        call(*arguments)


def test_what_if_fits_the_screen_and_changes_nothing(call: Run) -> None:
    before = call("show", "P-1", "--json")
    told = call("whatif", "--set", "P-1.effort=20-30-40", everything=True)

    assert "With P-1.effort=20-30-40: the first 2 stay the same problems; P-2 rises most, #2 → #1." in " ".join(
        told.split()
    )
    assert "▲1" in told
    assert "▼1" in told
    assert max(map(len, told.splitlines())) <= 80
    assert "\x1b" not in told
    assert call("show", "P-1", "--json") == before


def test_every_assumption_is_listed_where_somebody_asks(call: Run) -> None:
    assert "worth.says_leaving" not in call("show", "P-1")
    assert "worth.says_leaving" in call("show", "P-1", "--assumptions")
