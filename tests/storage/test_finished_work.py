"""Finished work is kept by source and id, its words and vectors sealed; what changes loses its vector."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from insights.domain.finished_work import FinishedWork
from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.feedback import Saved
from insights.storage.repository import Repository
from tests.stored import KEY


def a_work(
    number: int = 1, *, title: str = "Export times out", source: str = "jira", weeks: float = 2.0
) -> FinishedWork:
    return FinishedWork(
        source=source,
        source_id=f"PROJ-{number}",
        title=title,
        text=f"The export of warehouse {number} stops.",
        weeks=weeks,
        finished_on=date(2026, 3, number),
    )


def embed_all(repository: Repository, *, fingerprint: str = "static") -> None:
    works = repository.finished_work.waiting(fingerprint, limit=100)
    vectors = np.array([[number / 8, 0.0625] for number in works], dtype=np.float32)
    repository.finished_work.keep_vectors(works, vectors, fingerprint=fingerprint)


def test_work_comes_back_as_it_was_kept(repository: Repository) -> None:
    works = [a_work(1), replace(a_work(2), finished_on=None)]

    assert repository.finished_work.save(works) == Saved(2, 0, 0)

    assert list(repository.finished_work.of([1, 2, 99]).values()) == works
    assert repository.finished_work.latest(10) == works


def test_saving_the_same_again_changes_nothing_and_keeps_the_vectors(repository: Repository) -> None:
    repository.finished_work.save([a_work(1), a_work(2)])
    embed_all(repository)

    assert repository.finished_work.save([a_work(1), a_work(2)]) == Saved(0, 0, 2)

    assert repository.finished_work.count_waiting("static") == 0


def test_what_changed_waits_for_a_vector_again(repository: Repository) -> None:
    repository.finished_work.save([a_work(1), a_work(2)])
    embed_all(repository)

    assert repository.finished_work.save([a_work(1, weeks=3), a_work(2)]) == Saved(0, 1, 1)

    assert list(repository.finished_work.waiting("static", limit=10)) == [1]
    assert repository.finished_work.matrix("static").ids == (2,)
    assert repository.finished_work.of([1])[1].weeks == 3


def test_the_same_id_of_two_sources_is_two_issues(repository: Repository) -> None:
    repository.finished_work.save([a_work(1), a_work(1, source="redmine")])

    assert [(count.source, count.issues) for count in repository.finished_work.counts()] == [
        ("jira", 1),
        ("redmine", 1),
    ]


def test_the_matrix_aligns_ids_weeks_and_vectors_of_one_embedder(repository: Repository) -> None:
    repository.finished_work.save([a_work(1, weeks=1), a_work(2, weeks=4)])
    embed_all(repository)

    found = repository.finished_work.matrix("static")

    assert found.ids == (1, 2)
    assert found.weeks.tolist() == [1.0, 4.0]
    assert found.vectors.dtype == np.float32
    assert found.vectors.tolist() == [[0.125, 0.0625], [0.25, 0.0625]]
    assert repository.finished_work.matrix("another").vectors.shape == (0, 0)


def test_work_of_another_embedder_waits_for_this_one(repository: Repository) -> None:
    repository.finished_work.save([a_work(1), a_work(2)])
    embed_all(repository)

    assert repository.finished_work.count_waiting("another") == 2
    assert list(repository.finished_work.waiting("another", limit=1)) == [1]
    assert list(repository.finished_work.waiting("another", limit=5, after=1)) == [2]
    assert [count.embedded for count in repository.finished_work.counts("static")] == [2]


def test_a_vector_of_words_that_changed_meanwhile_is_not_kept(repository: Repository) -> None:
    repository.finished_work.save([a_work(1)])
    works = repository.finished_work.waiting("static", limit=10)
    repository.finished_work.save([a_work(1, title="Import times out")])

    repository.finished_work.keep_vectors(works, np.ones((1, 2), dtype=np.float32), fingerprint="static")

    assert repository.finished_work.count_waiting("static") == 1


def test_a_source_is_forgotten_whole_and_alone(repository: Repository) -> None:
    repository.finished_work.save([a_work(1), a_work(2), a_work(1, source="redmine")])

    assert repository.finished_work.forget("jira") == 2
    assert repository.finished_work.forget("jira") == 0

    assert [work.source for work in repository.finished_work.latest(10)] == ["redmine"]


def test_the_latest_come_first_and_the_undated_last(repository: Repository) -> None:
    repository.finished_work.save([replace(a_work(1), finished_on=None), a_work(2), a_work(3)])

    assert [work.source_id for work in repository.finished_work.latest(3)] == ["PROJ-3", "PROJ-2", "PROJ-1"]
    assert len(repository.finished_work.latest(2)) == 2


def test_no_word_and_no_vector_can_be_read_in_the_file(tmp_path: Path) -> None:
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY)
    repository.finished_work.save([a_work(1)])
    embed_all(repository)
    repository.close()

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"PROJ-1" in content
    for secret in (b"Export", b"times out", b"warehouse", np.array([0.125, 0.0625], dtype="<f2").tobytes()):
        assert secret not in content


@pytest.mark.parametrize("column", ["sealed", "vector"])
def test_what_is_moved_to_another_row_does_not_open(repository: Repository, column: str) -> None:
    repository.finished_work.save([a_work(1), a_work(2)])
    embed_all(repository)
    table = tables.finished_work
    with repository.writing() as connection:
        moved = connection.execute(select(table.c[column]).where(table.c.id == 1)).scalar_one()
        connection.execute(update(table).where(table.c.id == 2).values({column: moved}))

    with pytest.raises(InsightsError, match=rf"Row 2 of finished_work\.{column} cannot be decrypted"):
        repository.finished_work.of([2]) if column == "sealed" else repository.finished_work.matrix("static")
