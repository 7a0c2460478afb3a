"""Themes are kept with a sealed name, under ids that are never given twice."""

import sqlite3
from pathlib import Path

import pytest

from insights.domain.theme import Theme
from insights.errors import ExitCode, InsightsError
from insights.themes import areas
from tests.stored import a_stored_problem, a_workspace, an_account_record, an_item
from tests.test_corrections import by, stored


def a_theme(name: str, *problems: int, number: int = 0) -> Theme:
    return Theme(id=number, name=name, problems=frozenset(problems), named_from=frozenset(problems))


def test_themes_come_back_as_they_were_saved(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1, 1)

    ids = repository.themes.save([a_theme("Labels", 1, 2), a_theme("Tax", 3)], run_id=1)

    assert ids == [1, 2]
    assert repository.themes.all() == [a_theme("Labels", 1, 2, number=1), a_theme("Tax", 3, number=2)]


def test_an_empty_theme_is_not_listed_and_its_id_not_given_again(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    repository.themes.save([a_theme("Labels", 1), a_theme("Tax", 2)], run_id=1)

    repository.themes.save([a_theme("Labels", 1, number=1), a_theme("Paper", 2)], run_id=2)

    assert [(theme.id, theme.name) for theme in repository.themes.all()] == [(1, "Labels"), (3, "Paper")]


def test_a_merged_problem_counts_as_its_heir(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    repository.themes.save([a_theme("Labels", 1), a_theme("Tax", 2)], run_id=1)
    by(repository).merge(2, 1)

    assert [theme.problems for theme in repository.themes.all()] == [frozenset({1})]


@pytest.mark.parametrize("name", ["Labels & scans", "labels & SCANS", " 1 "])
def test_a_theme_is_found_by_name_in_any_case_or_by_id(tmp_path: Path, name: str) -> None:
    repository = stored(tmp_path, 1)
    repository.themes.save([a_theme("Labels & scans", 1)], run_id=1)

    assert repository.themes.find(name).id == 1


def test_an_unknown_theme_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match="Nope") as caught:
        stored(tmp_path, 1).themes.find("Nope")

    assert caught.value.exit_code is ExitCode.USAGE
    assert "insights themes" in caught.value.remedy


def test_a_name_is_not_in_the_database_in_the_clear(tmp_path: Path) -> None:
    stored(tmp_path, 1).themes.save([a_theme("Labels & scans", 1)], run_id=1)

    with sqlite3.connect(tmp_path / "insights.db") as connection:
        (sealed,) = connection.execute("SELECT sealed FROM theme").fetchone()
    assert b"Labels" not in sealed


def test_a_theme_counts_items_and_accounts_once(tmp_path: Path) -> None:
    problems = [
        a_stored_problem("Export hangs", items=[an_item("It hangs", account="Acme"), an_item("Hangs", account="Acme")]),
        a_stored_problem("Label cut", items=[an_item("It cuts", account="Initech")]),
        a_stored_problem("Tax", items=[an_item("Tax is off")]),
    ]
    accounts = [an_account_record("Acme"), an_account_record("Initech")]
    repository = a_workspace(tmp_path, problems=problems, accounts=accounts)
    repository.themes.save([a_theme("Tax", 3), a_theme("Labels", 1, 2)], run_id=1)

    found = [(area.name, len(area.problems), area.items, area.accounts) for area in areas(repository)]

    assert found == [("Labels", 2, 3, 2), ("Tax", 1, 1, 0)]
