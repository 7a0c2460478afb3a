"""Words that went by rule are in no text and no file that was made of them; what is counted and estimated stays."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from insights.bootstrap import Workspace, make_workspace
from insights.cli.main import app
from insights.config import RetentionSettings
from insights.data_rights.erase import clean_files_of
from insights.data_rights.proof import files_in
from insights.data_rights.retain import Retained, retain
from insights.domain.customers import AccountRecord
from insights.storage import tables
from insights.storage.database import Database
from insights.storage.feedback import day_number
from insights.text.pieces import WORDS, pieces_of, without_shared
from tests.data_rights import planted
from tests.data_rights.planted import BOBS, HERS, NOW, bench, holding, opened_texts

AGED = NOW - timedelta(days=400)
RULES = [RetentionSettings(days=365)]
PIECES = [
    raw for key, raw in without_shared({k: r for text in HERS for k, r in pieces_of(text).items()}, BOBS).items()
    if key.count(" ") + 1 == WORDS
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        workspace = planted.make(folder, patched)
        age(workspace.repository._database, range(1, 4))
        workspace.close()
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    folder = shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
    monkeypatch.setenv("INSIGHTS_NOW", NOW.isoformat())
    return planted.opened(folder)


def age(database: Database, items: range) -> None:
    old = tables.feedback.c.id.in_(items)
    with database.write() as connection:
        connection.execute(update(tables.feedback).where(old).values(created_at=AGED, day=day_number(AGED.date())))


def let_go(workspace: Workspace) -> Retained:
    own = bench(workspace)
    return retain(
        workspace.repository, RULES, now=lambda: NOW, progress=lambda *_: None,
        files=lambda words: clean_files_of(own, words),
    )  # fmt: skip


def test_no_run_of_six_words_is_left_in_any_text_sealed_or_not(workspace: Workspace) -> None:
    database = workspace.repository._database
    before = holding(opened_texts(database), *PIECES)
    assert {"problem.sealed", "assessment.sealed", "decision.sealed", "delivery.sealed", "answer.sealed"} <= before

    assert let_go(workspace).gone.items == 3

    assert holding(opened_texts(database), *PIECES) == set()


def test_no_file_holds_them_but_the_one_that_is_its_owners_which_is_named(workspace: Workspace) -> None:
    done = let_go(workspace)

    holders = {
        str(path.relative_to(workspace.folder))
        for path in files_in(workspace.folder)
        if any(one.lower().encode() in path.read_bytes().lower() for one in PIECES)
    }
    assert holders == {"tickets.csv"} == set(done.yours)
    assert done.files == 4  # report, backlog, digest, refused rows


def test_words_of_others_stay_also_those_that_both_said(workspace: Workspace) -> None:
    let_go(workspace)
    texts = [item.text for item in workspace.repository.erasing.items()]
    assert [text for text in texts if text] == list(BOBS)


def test_a_problem_whose_words_all_went_says_so_and_is_described_by_no_later_analysis(workspace: Workspace) -> None:
    age(workspace.repository._database, range(1, 9))
    let_go(workspace)
    workspace.analyze(progress=lambda *_: None)
    for problem in workspace.repository.problems.all():
        own = workspace.repository.problems.get(problem.id)
        assert "Every item behind it is older than words are kept" in own.summary


def test_whoever_is_killed_between_files_and_database_finds_the_items_due_again(workspace: Workspace) -> None:
    def killed(_words: object) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retain(workspace.repository, RULES, now=lambda: NOW, progress=lambda *_: None, files=killed)
    assert workspace.repository.retaining.count_expired() == 0
    assert let_go(workspace).gone.items == 3


# -- what is counted stays -----------------------------------------------------------------------------------------

TOPICS = (
    "We cannot export orders to the warehouse, the export stops at row {n} and we consider leaving for good",
    "The label printer crops the barcode on page {n} and pickers must type it by hand",
    "Our invoices show the wrong tax rate for region {n} since the last release",
)


def thirty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Of every topic five items of 400 days ago and five of these days."""
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
    monkeypatch.setenv("INSIGHTS_NOW", NOW.isoformat())
    make_workspace(folder / "w")
    workspace = planted.opened(folder)
    accounts = [
        AccountRecord(source="desk", source_id=f"a{n}", name=f"Firm {n}", annual_revenue=10_000 * (n + 1))
        for n in range(5)
    ]
    items = [
        planted.written(10 * topic + n + 1, text.format(n=n), name=None, email=None, account=f"Firm {n % 5}")
        for topic, text in enumerate(TOPICS)
        for n in range(10)
    ]
    planted.bring(workspace, [*accounts, *items])
    for topic in range(3):
        age(workspace.repository._database, range(10 * topic + 1, 10 * topic + 6))
    workspace.analyze(progress=lambda *_: None)
    return workspace


def figures(workspace: Workspace) -> dict[int, Any]:
    problems = workspace.repository.problems
    return {one.id: (place, one.estimate, one.weekly) for place, one in enumerate(problems.all())} | {
        -number: facts for number, facts in problems.facts().items()
    }


def test_ranks_facts_and_estimates_are_as_before_also_after_the_next_analysis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = thirty(tmp_path, monkeypatch)
    before, sizes = figures(workspace), workspace.repository.mentions.sizes()
    assert any(facts.severity == "blocks" for number, facts in before.items() if number < 0)
    assert any(one.says_leaving for number, facts in before.items() if number < 0 for one in facts.accounts)

    assert let_go(workspace).gone.items == 15
    assert figures(workspace) == before
    workspace.analyze(progress=lambda *_: None)

    assert figures(workspace) == before
    assert workspace.repository.mentions.sizes() == sizes


def test_commands_and_the_night_run_on_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = thirty(tmp_path, monkeypatch)
    workspace.close()
    folder = tmp_path / "w"
    with (folder / "insights.toml").open("a") as file:
        file.write("\n[[retention]]\ndays = 365\n")

    def ran(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["--workspace", str(folder), *arguments], catch_exceptions=False)
        assert done.exit_code == 0, (arguments, done.output)
        return done.output

    assert json.loads(ran("privacy", "retain", "--json"))["rules"][0]["items"] == 15
    ran("nightly", "--offline")
    number = planted.opened(tmp_path).repository.problems.all()[0].id
    for arguments in (
        ("problems",), ("show", f"P-{number}", "--items"), ("search", "export"),
        ("why", "desk/T-1"), ("why", "desk/T-10"),
        ("ask", "What stops?"), ("brief", f"P-{number}"), ("analyze",), ("nightly", "--offline"),
    ):  # fmt: skip
        ran(*arguments)
    assert planted.opened(tmp_path).repository.retaining.count_expired() == 15
