"""Every item gets a redacted copy, once; the item's own words stay as they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from insights.stages.protect import protect
from insights.storage.repository import Repository
from tests.drafts import a_draft, save
from tests.fakes import quiet
from tests.stored import KEY


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    yield opened
    opened.close()


def test_addresses_and_the_author_s_own_name_are_taken_out(repository: Repository) -> None:
    text = "Zubeida Quill here: mail me at zubeida@acme.example, the export hangs."
    save(repository, a_draft(text, author_name="Zubeida Quill"))

    assert protect(repository, regions=["US"], progress=quiet) == 1

    [item] = repository.feedback.unsplit(10)
    assert item.text == text
    assert item.redacted is not None
    assert "zubeida" not in item.redacted.casefold()
    assert "the export hangs." in item.redacted
    assert repository.feedback.counts()["redacted"] >= 2


def test_names_that_one_item_tells_are_taken_out_of_all(repository: Repository) -> None:
    save(
        repository,
        a_draft("The export hangs.", number=1, author_name="Zubeida Quill"),
        a_draft("As Zubeida Quill said, it hangs.", number=2),
    )

    protect(repository, regions=["US"], progress=quiet)

    assert all("Zubeida" not in (item.redacted or "") for item in repository.feedback.unsplit(10))


def test_what_is_protected_is_not_done_again(repository: Repository) -> None:
    save(repository, a_draft())
    protect(repository, regions=["US"], progress=quiet)

    assert protect(repository, regions=["US"], progress=quiet) == 0


def test_a_changed_item_is_protected_again(repository: Repository) -> None:
    save(repository, a_draft("old"))
    protect(repository, regions=["US"], progress=quiet)
    save(repository, a_draft("new"))

    assert protect(repository, regions=["US"], progress=quiet) == 1
    assert [item.redacted for item in repository.feedback.unsplit(10)] == ["new"]


def test_a_copy_of_words_that_changed_meanwhile_is_dropped(repository: Repository) -> None:
    save(repository, a_draft("old words"))
    [item] = repository.feedback.unprotected(1)
    save(repository, a_draft("new words"))

    repository.feedback.save_redactions({item.id: (item.body, 0)}, editions={item.id: item.edition})

    assert repository.feedback.count_unprotected() == 1
