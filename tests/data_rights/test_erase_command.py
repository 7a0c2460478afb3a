"""`insights privacy erase` shows what would go, does it when told, and its receipt can be verified."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights.cli.main import app
from insights.config.actors import login_name
from insights.data_rights import erase as erasing
from insights.domain.access import Forbidden
from insights.errors import InsightsError
from insights.health import known_checks
from tests.cli.calling import Run, caller
from tests.data_rights import planted
from tests.data_rights.planted import EMAIL, NAME, PHONE, bench


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        planted.make(folder, patched).close()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(copy / "keys"))
    monkeypatch.setenv("INSIGHTS_NOW", planted.NOW.isoformat())
    return copy


@pytest.fixture
def call(folder: Path) -> Run:
    return caller(folder / "w")


def test_without_yes_it_shows_what_would_go_and_leaves_it(folder: Path, call: Run) -> None:
    said = call("privacy", "erase", EMAIL, everything=True)

    assert "3  items" in said
    assert "yours to clean: tickets.csv" in said
    assert "https://tracker.example/1" in said
    assert "Nothing was erased" in said
    assert len(list(planted.opened(folder).repository.erasing.items())) == 8


def test_who_was_found_is_said_so_that_nobody_else_goes(call: Run) -> None:
    said = call("privacy", "erase", "ortega, lucia", everything=True)
    assert f"known as: {EMAIL}, {NAME}, {PHONE}" in said


def test_of_whom_nothing_is_kept_it_says_so(call: Run) -> None:
    said = call("privacy", "erase", "nobody@nowhere.example", everything=True)
    assert "Nothing is kept that is known as theirs" in said
    assert "keeps out what would come of them later" in said


def test_as_data_the_preview_is_what_is_printed(call: Run) -> None:
    said = json.loads(call("privacy", "erase", NAME, "--json"))
    assert (said["erased"], said["preview"]["gone"]["items"]) == (False, 3)


def test_told_to_it_erases_and_its_receipt_fits(folder: Path, call: Run) -> None:
    said = call("privacy", "erase", EMAIL, "--yes", everything=True)

    assert "hits before, 0 after" in said
    (receipt,) = (folder / "w/.insights/receipts").glob("*.json")
    assert "The seal fits: person erased" in call("privacy", "receipt", str(receipt))
    assert json.loads(call("privacy", "receipt", str(receipt), "--json"))["verified"] is True


def test_a_later_import_says_what_it_left_out(folder: Path, call: Run) -> None:
    call("privacy", "erase", EMAIL, "--yes")

    assert "1 skipped: erased" in call("import", str(folder / "w/tickets.csv"), "--kind", "ticket", "--yes")


def test_whom_must_be_said_once(call: Run) -> None:
    for words in ((), (EMAIL, "--account", "Acme")):
        with pytest.raises(InsightsError, match="Say whom to erase"):
            call("privacy", "erase", *words)


def test_an_account_that_is_not_there_is_refused(call: Run) -> None:
    with pytest.raises(InsightsError, match="There is no account Nowhere"):
        call("privacy", "erase", "--account", "Nowhere")


def test_one_that_was_cut_off_is_told_by_the_doctor_and_ended_by_resume(folder: Path, call: Run) -> None:
    workspace = planted.opened(folder)
    erasing._begin(bench(workspace), erasing.find_person(workspace.repository, EMAIL))
    (told,) = (one for one in known_checks(workspace.standing(planted.NOW)) if one.name == "erasure")
    assert told.command == "insights privacy erase --resume"
    workspace.close()

    assert "0 after" in call("privacy", "erase", "--resume")
    assert "No erasure is half-way" in call("privacy", "erase", "--resume", everything=True)


def test_every_command_says_of_one_that_is_not_done_and_anybody_may_end_it(
    folder: Path, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = planted.opened(folder)
    assert "erasure" not in call("problems", everything=True)
    erasing._begin(bench(workspace), erasing.find_person(workspace.repository, EMAIL))
    workspace.close()
    settings = folder / "w/insights.toml"
    settings.write_text(settings.read_text().replace("[roles]\n", f'[roles]\nviewer = ["{login_name()}"]\n'))
    monkeypatch.setenv("INSIGHTS_USER", "vic")

    assert "An erasure is not done yet" in call("problems", everything=True)
    assert "An erasure is not done yet" not in call("problems", "--json")
    with pytest.raises(Forbidden):
        call("privacy", "erase", NAME, "--yes")
    call("privacy", "erase", "--resume")

    workspace = planted.opened(folder)
    (entry,) = workspace.repository.audit.newest(action="person.erase")
    assert entry.who.endswith("vic") and entry.facts["asked_by"] == "ada"


def test_what_came_in_while_it_was_cut_off_goes_too(folder: Path, call: Run) -> None:
    workspace = planted.opened(folder)
    erasing._begin(bench(workspace), erasing.find_person(workspace.repository, EMAIL))
    planted.bring(workspace, [planted.written(60, "One more thing.", name=NAME, email=EMAIL, account=None)])
    workspace.close()

    call("privacy", "erase", "--resume")

    assert len(list(planted.opened(folder).repository.erasing.items())) == 5


def test_an_analysis_ends_one_that_was_cut_off(folder: Path, call: Run) -> None:
    workspace = planted.opened(folder)
    erasing._begin(bench(workspace), erasing.find_person(workspace.repository, EMAIL))
    workspace.close()

    call("analyze")

    assert not planted.opened(folder).repository.erasures.is_under_way()
    assert len(list((folder / "w/.insights/receipts").glob("*.json"))) == 1


def test_the_help_says_what_it_does() -> None:
    said = CliRunner().invoke(app, ["privacy", "erase", "--help"]).stdout
    assert "so that nothing brings it back" in " ".join(said.split())
