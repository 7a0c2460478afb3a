"""What storage cannot read is told in words; a defect keeps its traceback."""

from enum import Enum

import pytest

from insights.domain.feedback import Stance
from insights.errors import InsightsError
from insights.storage.damage import damage_in_words, unreadable
from insights.storage.repository import Repository
from tests.stored import NOW


def raised(repository: Repository) -> None:
    repository.sources.note_read("tickets", NOW)
    with repository.writing() as connection:
        connection.exec_driver_sql("UPDATE source_state SET state = '{'")
    repository.sources.all()


def test_a_value_that_storage_cannot_read_is_told_with_what_to_do(repository: Repository) -> None:
    with pytest.raises(InsightsError, match="holds a value that cannot be read") as caught, damage_in_words():
        raised(repository)

    assert "doctor --deep" in caught.value.remedy


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), TypeError("x"), RuntimeError("x")])
def test_what_did_not_come_from_storage_is_a_defect(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, damage_in_words():
        raise error

    assert unreadable(caught.value) is None


def test_nor_is_a_value_of_the_domain_that_storage_did_not_read() -> None:
    assert issubclass(Stance, Enum)
    with pytest.raises(ValueError, match="proclem"), damage_in_words():
        Stance("proclem")
