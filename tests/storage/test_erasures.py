"""What was erased is remembered as keyed digests, and one that is under way sealed, until it is done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from insights.storage.erasures import ITEM, PERSON
from insights.storage.repository import Repository
from tests.stored import KEY, NOW


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    yield opened
    opened.close()


def test_a_digest_is_known_once_it_was_added(repository: Repository) -> None:
    erasures = repository.erasures
    ann, bob = erasures.digest(PERSON, "ann@acme.example"), erasures.digest(PERSON, "bob@birch.example")

    assert erasures.add([ann, ann], kind=PERSON, at=NOW) == 1
    assert erasures.add([ann], kind=PERSON, at=NOW) == 0

    assert erasures.which([ann, bob]) == {ann}
    assert [(one.digest, one.kind, one.at) for one in erasures.all()] == [(ann, PERSON, NOW)]


def test_a_person_and_an_item_of_the_same_words_differ_and_nobody_is_named(repository: Repository) -> None:
    erasures = repository.erasures
    assert erasures.digest(PERSON, "ann") != erasures.digest(ITEM, "ann")
    assert "ann" not in erasures.digest(PERSON, "ann")


def test_what_is_taken_back_is_not_remembered(repository: Repository) -> None:
    digest = repository.erasures.digest(PERSON, "ann")
    with pytest.raises(RuntimeError), repository.writing() as connection:
        repository.erasures.add([digest], kind=PERSON, at=NOW, connection=connection)
        raise RuntimeError
    assert repository.erasures.which([digest]) == set()


def test_what_is_under_way_is_kept_sealed_and_leaves_no_byte_when_it_is_done(
    repository: Repository, tmp_path: Path
) -> None:
    repository.erasures.keep({"step": "begun", "values": ["ann@acme.example"] * 50})
    assert repository.erasures.under_way() == {"step": "begun", "values": ["ann@acme.example"] * 50}
    kept = repository.get_meta("erasing") or ""
    assert "ann" not in kept

    repository.erasures.done()

    assert not repository.erasures.is_under_way()
    assert repository.erasures.under_way() is None
    assert not any(kept[:40].encode() in path.read_bytes() for path in tmp_path.iterdir())


def test_after_a_vacuum_no_file_holds_what_was_deleted(repository: Repository, tmp_path: Path) -> None:
    repository.set_meta("mark", "soon-to-be-gone" * 100)
    repository.set_meta("mark", "")

    repository.erasures.vacuum()

    assert not any(b"soon-to-be-gone" in path.read_bytes() for path in tmp_path.iterdir())
