"""What was said of a problem as a whole is kept sealed, the latest of each kind."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from insights.errors import InsightsError
from insights.storage.assessments import ASSESSMENT, Assessment
from insights.storage.repository import Repository
from tests.stored import NOW, a_stored_problem, a_workspace

SAID = Assessment(problem_id=1, what="brief", told_by="openai:small", told_from="12", text='{"a": "Ünïque"}', at=NOW)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return a_workspace(tmp_path, problems=[a_stored_problem("Export hangs"), a_stored_problem("Login loops")])


def test_what_was_put_is_got_and_nothing_else(repository: Repository) -> None:
    repository.assessments.put([SAID])

    assert repository.assessments.get(1, "brief") == SAID
    assert repository.assessments.get(1, "severity") is None
    assert repository.assessments.get(2, "brief") is None


def test_the_latest_replaces_what_was_said_before(repository: Repository) -> None:
    repository.assessments.put([SAID])
    repository.assessments.put([replace(SAID, text="{}", told_by="openai:large")])

    assert repository.assessments.all("brief") == {1: replace(SAID, text="{}", told_by="openai:large")}


def test_all_of_a_kind_come_by_problem(repository: Repository) -> None:
    other = replace(SAID, problem_id=2)
    repository.assessments.put([SAID, other, replace(SAID, what="severity")])

    assert repository.assessments.all("brief") == {1: SAID, 2: other}


def test_one_that_cannot_be_kept_leaves_none_of_them(repository: Repository) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"):
        repository.assessments.put([SAID, replace(SAID, problem_id=99)])

    assert repository.assessments.all("brief") == {}


def test_what_was_said_is_sealed_and_bound_to_its_problem_and_kind(repository: Repository, tmp_path: Path) -> None:
    repository.assessments.put([SAID])
    with sqlite3.connect(tmp_path / "insights.db") as connection:
        (sealed,) = connection.execute("SELECT sealed FROM assessment").fetchone()
        connection.execute("UPDATE assessment SET problem_id = 2")

    assert b"que" not in sealed
    with pytest.raises(InsightsError, match=ASSESSMENT):
        repository.assessments.get(2, "brief")
