"""A pseudonym is turned back by whoever may see persons, noted in the log, and by nobody once the person was erased."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from insights.bootstrap import Workspace
from insights.data_rights.erase import erase, find_person
from insights.data_rights.reveal import naming, people, reveal
from insights.domain.access import Actor, Forbidden, Role
from insights.errors import InsightsError
from insights.storage.repository import Repository
from tests.cli.calling import caller
from tests.data_rights import planted
from tests.data_rights.planted import EMAIL, NAME, bench, opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        planted.make(folder, patched).close()
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    copy = shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(copy / "keys"))
    monkeypatch.setenv("INSIGHTS_NOW", planted.NOW.isoformat())
    kept = opened(copy)
    yield kept
    kept.close()


def token_of(repository: Repository, identity: str) -> str:
    [token] = repository.persons.tokens(repository.persons.digest_of(identity))
    return token


def test_whoever_may_see_persons_is_told_and_the_log_notes_it(workspace: Workspace) -> None:
    repository = workspace.repository
    token = token_of(repository, EMAIL)

    assert reveal(repository, f"<{token.casefold()}>") == EMAIL

    [entry] = [one for one in repository.audit.entries() if one.action == "person.reveal"]
    assert entry.subject == token
    assert EMAIL not in str(entry)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TRIAGER, Role.ADMIN])
def test_nobody_else_is_told(workspace: Workspace, role: Role) -> None:
    token = token_of(workspace.repository, EMAIL)
    workspace.repository.actor = Actor.of("ben", [role])
    for ask in (reveal, lambda *a: people(a[0], limit=1), lambda *a: naming(*a, limit=1)):
        with pytest.raises(Forbidden):
            ask(workspace.repository, token)


@pytest.mark.parametrize("token", ["", "EMAIL", "EMAIL_ERASED00", EMAIL, "EMAIL_\x1b[31mAAA"])
def test_what_is_no_pseudonym_is_said(workspace: Workspace, token: str) -> None:
    with pytest.raises(InsightsError, match="is no pseudonym"):
        reveal(workspace.repository, token)


def test_items_that_name_somebody_show_pseudonyms_and_no_value(workspace: Workspace) -> None:
    token = token_of(workspace.repository, NAME)
    found = naming(workspace.repository, token, limit=9)
    assert any(f"says <{token}> of Acme" in one.text for one in found)
    assert "Luc" not in str(found)
    [counted] = [one for one in people(workspace.repository, limit=9) if one.token == token]
    assert (counted.items, counted.accounts) == (len(found), 1)


def test_after_an_erasure_nobody_is_behind_their_pseudonyms(workspace: Workspace) -> None:
    repository = workspace.repository
    tokens = {one.token for one in people(repository, limit=99)}
    hers = find_person(repository, EMAIL)
    assert {token.partition("_")[0] for token in hers.tokens} == {"EMAIL", "NAME", "PHONE"}

    receipt = erase(bench(workspace), hers).receipt

    assert receipt["gone"]["pseudonyms"] == len(hers.tokens)
    assert {one.token for one in people(repository, limit=99)} == tokens - set(hers.tokens)
    assert all(repository.persons.reveal(token) is None for token in hers.tokens)
    assert all("_" not in one.text for token in tokens for one in naming(repository, token, limit=9))


def test_the_command_prints_one_line_and_lists_whom_items_name(workspace: Workspace) -> None:
    token = token_of(workspace.repository, EMAIL)
    call = caller(workspace.folder)
    assert call("privacy", "reveal", token) == f"{EMAIL}\n"
    assert f"{token}" in call("privacy", "people")
    assert f"<{token}>" in call("privacy", "people", token)
    assert EMAIL not in call("privacy", "people", token, "--json") + call("privacy", "people", "--json")
