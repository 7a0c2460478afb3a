"""Classifiers are kept sealed, all of them replaced at once; and it is known what they may be learned from."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from insights.domain.feedback import Stance
from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.distilled import Kept
from insights.storage.repository import Repository
from tests.lessons import MODEL, hear, teach, texts

AT = datetime(2026, 11, 26, 3, tzinfo=UTC)
WEIGHTS = b"weights made from words"


def kept(name: str = "kinds") -> Kept:
    return Kept(name=name, made_from="812 answers of openai:small", figures='{"rows": 812}', at=AT)


def test_a_classifier_comes_back_as_it_was_kept(repository: Repository) -> None:
    repository.distilled.replace([(kept(), WEIGHTS)])

    assert repository.distilled.all() == [kept()]
    assert repository.distilled.contents() == {"kinds": WEIGHTS}


def test_new_ones_take_the_place_of_all_that_there_were(repository: Repository) -> None:
    repository.distilled.replace([(kept("severity"), WEIGHTS), (kept("urgency"), WEIGHTS)])

    repository.distilled.replace([(kept(), WEIGHTS)])
    assert [one.name for one in repository.distilled.all()] == ["kinds"]

    repository.distilled.replace([])
    assert repository.distilled.all() == []


def test_weights_are_sealed_and_bound_to_their_row(repository: Repository) -> None:
    repository.distilled.replace([(kept("severity"), WEIGHTS), (kept("urgency"), b"others")])
    column = tables.distilled.c
    with repository.writing() as connection:
        sealed = connection.execute(select(column.sealed).where(column.name == "severity")).scalar_one()
        connection.execute(update(tables.distilled).where(column.name == "urgency").values(sealed=sealed))

    assert WEIGHTS not in sealed
    with pytest.raises(InsightsError, match=r"Row urgency of distilled\.sealed cannot be decrypted"):
        repository.distilled.contents()


def test_only_what_a_model_told_for_sure_is_learned_from(repository: Repository) -> None:
    taught = teach(repository, 3)
    waiting = hear(repository, [text for text, _ in texts(3, first=4)], first=4)
    repository.mentions.save_opinions({waiting[0]: None}, told_by=MODEL)
    repository.mentions.save_opinions({waiting[1]: Stance.NOISE}, told_by="distilled")

    assert repository.distilled.told_by_models(most=10) == dict.fromkeys(taught, MODEL)


def test_of_many_the_newest_are_learned_from(repository: Repository) -> None:
    taught = teach(repository, 5)

    assert list(repository.distilled.told_by_models(most=2)) == taught[-2:]
