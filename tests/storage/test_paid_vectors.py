"""Vectors that were paid for are kept by content: sealed, under keys that say nothing, each written once."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select, update

from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.encryption import Cipher
from insights.storage.repository import Repository

TEXT = "The export hangs."


def a_vector(first: float = 0.5, *, dimensions: int = 4) -> NDArray[np.float16]:
    return np.array([first, *[0.25] * (dimensions - 1)], dtype=np.float16)


def test_a_vector_comes_back_as_it_was_kept(repository: Repository) -> None:
    store = repository.paid_vectors
    key = store.key("openai-small@host", TEXT)

    store.put({key: a_vector()})

    found = store.get([key, store.key("openai-small@host", "another text")])
    assert list(found) == [key]
    assert np.array_equal(found[key], a_vector())
    assert found[key].dtype == np.float16


def test_nothing_is_kept_and_nothing_found_where_nothing_is_given(repository: Repository) -> None:
    repository.paid_vectors.put({})

    assert repository.paid_vectors.get([]) == {}


def test_more_vectors_than_one_query_takes_are_found(repository: Repository) -> None:
    vectors = {repository.paid_vectors.key("m", str(number)): a_vector(number / 2000) for number in range(1_201)}

    repository.paid_vectors.put(vectors)

    found = repository.paid_vectors.get(list(vectors))
    assert found.keys() == vectors.keys()
    assert all(np.array_equal(found[key], vectors[key]) for key in vectors)


def test_the_first_vector_of_a_text_stays(repository: Repository) -> None:
    store = repository.paid_vectors

    store.put({"k": a_vector(0.5)})
    store.put({"k": a_vector(0.75), "l": a_vector(0.25)})

    assert store.get(["k"])["k"][0] == 0.5
    assert store.get(["l"])["l"][0] == 0.25


def test_another_model_another_server_and_another_text_have_other_keys(repository: Repository) -> None:
    key = repository.paid_vectors.key

    assert len({key("a@h", TEXT), key("b@h", TEXT), key("a@i", TEXT), key("a@h", TEXT + " ")}) == 4


def test_a_key_tells_nothing_without_the_key_of_the_workspace(repository: Repository) -> None:
    key = repository.paid_vectors.key("a@h", TEXT)

    assert key == repository._database.cipher.digest(f"a@h\n{TEXT}")
    assert key != Cipher(bytes(32)).digest(f"a@h\n{TEXT}")


def test_a_vector_is_sealed_and_bound_to_its_row(repository: Repository) -> None:
    repository.paid_vectors.put({"k": a_vector(0.5), "l": a_vector(0.25)})
    column = tables.paid_vector.c
    with repository.writing() as connection:
        sealed = connection.execute(select(column.sealed).where(column.key == "k")).scalar_one()
        connection.execute(update(tables.paid_vector).where(column.key == "l").values(sealed=sealed))

    assert a_vector(0.5).tobytes() not in sealed
    with pytest.raises(InsightsError, match=r"Row l of paid_vector\.sealed cannot be decrypted"):
        repository.paid_vectors.get(["l"])
