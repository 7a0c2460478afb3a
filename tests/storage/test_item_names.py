"""An item is found by the name that people read: source/id, or the id alone where one source has it."""

import pytest

from insights.errors import ExitCode, InsightsError
from insights.storage.repository import Repository
from tests.drafts import a_draft, save


def stored(repository: Repository, *names: tuple[str, str]) -> None:
    """Items with the ids 1, 2, … in the order given."""
    save(repository, *(a_draft(f"It hangs {n}", source=source, source_id=own) for n, (source, own) in enumerate(names)))


def test_an_item_is_found_by_source_and_id_or_by_an_id_that_only_one_source_has(repository: Repository) -> None:
    stored(repository, ("tickets", "T-1"), ("nps", "7"), ("notes", "7"))

    assert repository.feedback.find_ref("tickets/T-1") == 1
    assert repository.feedback.find_ref("T-1") == 1
    assert repository.feedback.find_ref("notes/7") == 3


def test_a_name_that_means_several_items_lists_them(repository: Repository) -> None:
    stored(repository, ("nps", "7"), ("notes", "7"))

    with pytest.raises(InsightsError, match="'7' names 2 items") as caught:
        repository.feedback.find_ref("7")

    assert "nps/7, notes/7" in caught.value.remedy
    assert caught.value.exit_code is ExitCode.USAGE


def test_at_most_five_candidates_are_listed(repository: Repository) -> None:
    stored(repository, *((f"source{n}", "7") for n in range(8)))

    with pytest.raises(InsightsError, match="names 8 items") as caught:
        repository.feedback.find_ref("7")

    assert caught.value.remedy.count("/7") == 5
    assert "…" in caught.value.remedy


@pytest.mark.parametrize("name", ["T-9", "tickets/T-9", "nps/T-1", "", "/", "tickets/", "T_1", "t-1"])
def test_a_name_that_means_no_item_is_told(repository: Repository, name: str) -> None:
    stored(repository, ("tickets", "T-1"))

    with pytest.raises(InsightsError, match="There is no item") as caught:
        repository.feedback.find_ref(name)

    assert "--items" in caught.value.remedy


def test_slashes_may_stand_in_sources_and_in_ids(repository: Repository) -> None:
    stored(repository, ("exports/may", "T-1"), ("web", "https://forum.example/t/5"), ("exports", "may/T-2"))

    assert repository.feedback.find_ref("exports/may/T-1") == 1
    assert repository.feedback.find_ref("web/https://forum.example/t/5") == 2
    assert repository.feedback.find_ref("https://forum.example/t/5") == 2
    assert repository.feedback.find_ref("exports/may/T-2") == 3


def test_a_whole_name_goes_before_an_id_that_reads_the_same(repository: Repository) -> None:
    stored(repository, ("web", "tickets/T-1"), ("tickets", "T-1"))

    assert repository.feedback.find_ref("tickets/T-1") == 2
    assert repository.feedback.find_ref("web/tickets/T-1") == 1


def test_names_of_items_are_told_for_those_that_are_there(repository: Repository) -> None:
    stored(repository, ("tickets", "T-1"), ("nps", "7"))

    assert repository.feedback.refs([2, 1, 99]) == {1: "tickets/T-1", 2: "nps/7"}
    assert repository.feedback.refs([]) == {}
