"""All that is kept about a person is handed out: in the original words, which act nowhere."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from insights.config import RetentionSettings
from insights.data_rights.cleaning import Cleaned
from insights.data_rights.person_export import as_document, as_markdown, export_person, write_export
from insights.domain.access import Actor, Forbidden, Role
from insights.storage.repository import Repository
from tests.stored import NOW, a_stored_problem, a_workspace, an_account_record, an_item

HOSTILE = "The export hangs. ```\n<script>alert(1)</script> \x1b[31m"


class Vault:
    """Stands for the store of pseudonyms, which knows nobody here."""

    def digest_of(self, identity: str) -> str:
        return f"d{len(identity)}"

    def tokens(self, _: str) -> set[str]:
        return set()

    def values(self, _: str) -> dict[str, str]:
        return {}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    items = [
        an_item(HOSTILE, author="Ann Barker", email="ann@acme.example", account="ACME"),
        an_item("Ann Barker said that it hangs", days_ago=3, email="bob@acme.example", author="Bob Ray"),
        an_item("Labels print cropped", days_ago=4, email="eve@other.example", author="Eve Stone"),
    ]
    made = a_workspace(tmp_path, problems=[a_stored_problem(items=items)], accounts=[an_account_record("ACME")])
    monkeypatch.setattr(made, "persons", Vault(), raising=False)
    return made


def exported(repository: Repository) -> Any:
    rules = [RetentionSettings(days=90)]
    return export_person(repository, "ann@acme.example", rules=rules, now=lambda: NOW)


def test_it_holds_what_they_wrote_and_what_names_them_and_nobody_elses_words(repository: Repository) -> None:
    found = exported(repository)
    assert [one["text"] for one in found.items] == [HOSTILE]
    assert [one["text"] for one in found.named_in] == ["Ann Barker said that it hangs"]
    assert "ann@acme.example" in found.values
    assert [one["name"] for one in found.accounts] == ["ACME"]
    assert found.problems[0]["problem"] == "P-1"
    assert found.problems[0]["quotes_of_theirs"] == 1
    assert found.retention[0]["days"] == 90
    assert "Labels print" not in as_document(found) + as_markdown(found)


def test_both_files_are_for_their_owner_alone_and_text_in_them_stays_literal(
    repository: Repository, tmp_path: Path
) -> None:
    document, page = write_export(exported(repository), tmp_path / "out")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (document, page)] == [0o600, 0o600]
    assert json.loads(document.read_text())["items"][0]["text"] == HOSTILE
    text = page.read_text()
    assert "\x1b" not in text + document.read_text()
    assert "````text\n" in text


def test_it_is_in_the_audit_log_without_the_name(repository: Repository) -> None:
    exported(repository)
    (entry,) = repository.audit.newest(action="person.export")
    assert entry.facts["items"] == 1
    assert "ann" not in f"{entry.subject}{entry.facts}".casefold()


def test_it_needs_the_privacy_role(repository: Repository) -> None:
    repository.actor = Actor.of("adm", [Role.ADMIN])
    with pytest.raises(Forbidden):
        exported(repository)


def test_an_item_whose_words_went_is_told_without_them(repository: Repository) -> None:
    with repository.writing() as connection:
        nothing = Cleaned.of((), pieces=(), tokens=())
        at = NOW + timedelta(days=1)
        repository.retaining.expire([2], at=at, cleaner=nothing, signs={}, connection=connection)
    assert exported(repository).named_in == ()
