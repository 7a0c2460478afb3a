"""Values stand sealed under a key of their person: deleting the person's row makes its pseudonyms irreversible."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from insights.errors import InsightsError
from insights.stages.protect import protect
from insights.storage.persons import Counted, Known
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.drafts import a_draft, save
from tests.fakes import quiet
from tests.stored import KEY


@pytest.fixture
def in_file(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'own.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def known(repository: Repository, value: str) -> Known:
    token = f"EMAIL_{repository.persons.pseudonym('EMAIL', value)}"
    return Known(token=token, value=value, person=repository.persons.digest_of(value))


def learn(repository: Repository, *values: str) -> list[Known]:
    """What they became; each named by an item of its own."""
    found = [known(repository, value) for value in values]
    save(repository, *(a_draft(f"see {value}", number=number) for number, value in enumerate(values, 1)))
    protect(repository, regions=["US"], progress=quiet)
    return found


def test_a_pseudonym_is_turned_back(repository: Repository) -> None:
    [ann, bob] = learn(repository, "ann@acme.example", "bob@acme.example")
    assert repository.persons.reveal(ann.token) == "ann@acme.example"
    assert repository.persons.values(bob.person) == {bob.token: "bob@acme.example"}
    assert repository.persons.tokens(ann.person) == {ann.token}
    assert repository.persons.reveal("EMAIL_AAAAAAAA") is None
    assert repository.persons.values("nobody") == {}


def test_an_identity_has_one_digest_however_it_is_written(repository: Repository) -> None:
    digest_of = repository.persons.digest_of
    assert digest_of("Ann@ACME.example") == digest_of("ann@acme.example")
    assert digest_of("Ortega, Lucía") == digest_of("lucia ortega")
    assert digest_of("+1 212-555-0147") == digest_of("2125550147")


def test_learning_twice_keeps_what_is_known(repository: Repository) -> None:
    [ann] = learn(repository, "ann@acme.example")
    with repository.writing() as connection:
        assert repository.persons.learn([ann, ann], connection=connection) == 0


def test_forgetting_a_person_leaves_the_others(repository: Repository) -> None:
    [ann, bob] = learn(repository, "ann@acme.example", "bob@acme.example")
    with repository.writing() as connection:
        assert repository.persons.forget([ann.person], connection=connection) == 1
    assert repository.persons.reveal(ann.token) is None
    assert repository.persons.reveal(bob.token) == "bob@acme.example"
    assert [one.token for one in repository.persons.counted(limit=9)] == [bob.token]
    assert "<EMAIL>" in (repository.feedback.protected(9, after=0)[0].redacted or "")


def test_what_was_sealed_does_not_open_without_its_persons_row(in_file: Repository, tmp_path: Path) -> None:
    [ann, bob] = learn(in_file, "ann@acme.example", "bob@acme.example")
    in_file.close()
    with closing(sqlite3.connect(tmp_path / "own.db")) as raw, raw:
        # The key of another person opens nothing, at the same place neither.
        raw.execute("UPDATE pseudonym SET person_id = (SELECT id FROM person WHERE digest = ?)", (bob.person,))
    again = Repository(f"sqlite:///{tmp_path / 'own.db'}", key=KEY, actor=ADA)
    with pytest.raises(InsightsError, match="cannot be decrypted"):
        again.persons.values(bob.person)
    assert again.persons.values(ann.person) == {}
    again.close()


def test_no_value_stands_in_the_file(in_file: Repository, tmp_path: Path) -> None:
    learn(in_file, "ann@acme.example")
    in_file.close()
    shutil.copy(tmp_path / "own.db", tmp_path / "copy")
    assert b"ann@acme" not in (tmp_path / "copy").read_bytes()


def test_persons_are_counted_by_items_and_accounts(repository: Repository) -> None:
    save(repository, a_draft("ann@acme.example and ann@acme.example", number=1), a_draft("ANN@acme.example", number=2))
    protect(repository, regions=["US"], progress=quiet)
    ann = known(repository, "ann@acme.example")
    assert repository.persons.counted(limit=9) == [Counted(token=ann.token, items=2, accounts=0, problems=0)]
    first, second = repository.persons.items_of(ann.token, limit=9)
    assert repository.persons.places([first, second]) == {first: {0: ann.token, 12: ann.token}, second: {0: ann.token}}


def test_words_that_change_take_their_pseudonyms_along(repository: Repository) -> None:
    [ann] = learn(repository, "ann@acme.example")
    save(repository, a_draft("The export hangs.", number=1))
    protect(repository, regions=["US"], progress=quiet)
    assert repository.persons.reveal(ann.token) is None
