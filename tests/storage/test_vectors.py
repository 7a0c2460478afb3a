"""Vectors come back as they went in, by id; another space never mixes with them; no words are kept beside them."""

from pathlib import Path
from threading import Event, Thread, Timer

import numpy as np
import pytest

from insights.errors import InsightsError
from insights.ports import Vectors
from insights.storage.vectors import VectorPlace, VectorStore
from tests.test_network import trap


def rows(count: int, *, dimensions: int = 8, seed: int = 0) -> Vectors:
    made = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def filled(store: VectorStore, vectors: Vectors, *, first: int = 1) -> list[int]:
    ids = list(range(first, first + len(vectors)))
    store.upsert(ids, vectors, filters=[{"day": number} for number in ids])
    return ids


def test_vectors_come_back_in_the_order_that_is_asked(tmp_path: Path) -> None:
    vectors = rows(20)
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        ids = filled(store, vectors)

        found = store.matrix(ids[::-1])

    assert np.allclose(found, vectors[::-1], atol=1e-6)


def test_what_was_stored_is_there_after_closing(tmp_path: Path) -> None:
    vectors = rows(5)
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        ids = filled(store, vectors)

    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        assert store.count() == 5
        assert np.allclose(store.matrix(ids), vectors, atol=1e-6)


def test_an_id_without_a_vector_is_a_row_of_zeros(tmp_path: Path) -> None:
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        assert store.matrix([1, 2]).shape == (2, 1)
        filled(store, rows(1))

        found = store.matrix([7, 1])

    assert not found[0].any()
    assert found[1].any()


def test_storing_again_replaces(tmp_path: Path) -> None:
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        filled(store, rows(3))
        filled(store, rows(3, seed=1))

        assert store.count() == 3
        assert np.allclose(store.matrix([1, 2, 3]), rows(3, seed=1), atol=1e-6)


def test_more_than_a_page_is_stored_and_read(tmp_path: Path) -> None:
    vectors = rows(5003, dimensions=4)
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        ids = filled(store, vectors)

        assert store.present(ids) == set(ids)
        assert np.allclose(store.matrix(ids), vectors, atol=1e-6)


def test_the_nearest_come_first_with_their_cosine(tmp_path: Path) -> None:
    vectors = rows(30)
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        ids = filled(store, vectors)
        assert store.nearest(vectors[4], count=100)[0][0] == ids[4]

        found = store.nearest(vectors[4], count=3)
        filtered = store.nearest(vectors[4], count=3, where={"day": {"$gt": 10}})

    likeness = vectors @ vectors[4]
    assert [number for number, _ in found] == [ids[row] for row in np.argsort(-likeness)[:3]]
    assert [cosine for _, cosine in found] == pytest.approx(sorted(likeness, reverse=True)[:3], abs=1e-5)
    assert {number > 10 for number, _ in filtered} == {True}


def test_nothing_is_near_where_there_is_nothing(tmp_path: Path) -> None:
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        assert store.nearest(rows(1)[0], count=5) == []
        store.delete([1, 2])
        assert store.count() == 0


def test_cleared_vectors_may_have_another_number_of_dimensions(tmp_path: Path) -> None:
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        filled(store, rows(3, dimensions=8))

        store.clear()
        filled(store, rows(2, dimensions=4))

        assert store.matrix([1, 2, 3]).shape == (3, 4)
        assert not store.matrix([3]).any()


def test_deleted_vectors_are_gone(tmp_path: Path) -> None:
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        filled(store, rows(4))

        store.delete([2, 3, 99])

        assert store.present([1, 2, 3, 4]) == {1, 4}


def test_a_store_in_use_is_waited_for_as_long_as_asked(tmp_path: Path) -> None:
    place = VectorPlace(tmp_path / "v")
    with VectorStore(place) as store:
        filled(store, rows(3))
        with pytest.raises(InsightsError, match="Another process uses the vector store"), VectorStore(place):
            pytest.fail("opened what is in use")

    is_held, may_end = Event(), Event()

    def hold() -> None:
        with VectorStore(place):
            is_held.set()
            may_end.wait(20)

    holder = Thread(target=hold)
    holder.start()
    is_held.wait(20)
    Timer(0.1, may_end.set).start()
    with VectorStore(place, wait_seconds=20) as store:
        assert store.count() == 3
    holder.join()


def test_a_folder_that_cannot_be_used_is_told_and_the_lock_is_free_again(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("a file where the folder should be")

    for _ in range(2):
        with (
            pytest.raises(InsightsError, match="cannot be opened") as caught,
            VectorStore(VectorPlace(tmp_path / "v")),
        ):
            pytest.fail("opened a file as a folder")

    assert "reindex" in caught.value.remedy


def test_a_damaged_folder_is_told(tmp_path: Path) -> None:
    with VectorStore(VectorPlace(tmp_path / "v")) as store:
        filled(store, rows(2))
    (tmp_path / "v" / "chroma.sqlite3").write_bytes(b"no database" * 1000)

    with pytest.raises(InsightsError, match="cannot be opened"), VectorStore(VectorPlace(tmp_path / "v")):
        pytest.fail("opened a damaged folder")


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(InsightsError, match=r"Chroma server at http://127\.0\.0\.1:9 cannot be used") as caught,
        VectorStore(VectorPlace(tmp_path / "v", "http://127.0.0.1:9")),
    ):
        pytest.fail("reached a server that is not there")

    assert "vectors_url" in caught.value.remedy


def test_a_server_on_this_machine_is_asked_by_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with trap() as proxy, trap() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.address}")
        with pytest.raises(InsightsError), VectorStore(VectorPlace(folder=tmp_path, url=f"http://{server.address}")):
            pass
    assert server.caught > 0
    assert proxy.caught == 0
