"""Vectors that are written anew: the others are there, the bytes of those that went are in no file."""

from pathlib import Path

import numpy as np
import pytest

from insights.errors import InsightsError
from insights.storage import vectors as module
from insights.storage.vectors import VectorPlace, VectorStore, has_vectors

COUNT = 40


def rows(count: int = COUNT) -> np.ndarray:
    made = np.random.default_rng(7).normal(size=(count, 64)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def filled(folder: Path) -> VectorPlace:
    place = VectorPlace(folder / "vectors")
    with VectorStore(place) as store:
        store.upsert(range(1, COUNT + 1), rows(), filters=[{"kind": "ticket", "day": n} for n in range(COUNT)])
    return place


def holding(folder: Path, row: np.ndarray) -> list[str]:
    part = row.astype(np.float32).tobytes()[:32]
    return [path.name for path in folder.rglob("*") if path.is_file() and part in path.read_bytes()]


def test_deleted_alone_its_bytes_stay_and_written_anew_they_go(tmp_path: Path) -> None:
    place = filled(tmp_path)
    with VectorStore(place) as store:
        gone = store.matrix([5])[0]
        store.delete([5])
    assert holding(tmp_path, gone)

    with VectorStore(place) as store:
        assert store.rewrite([5, 99]) == COUNT - 1

    assert holding(tmp_path, gone) == []


def test_the_others_are_as_they_were_with_what_they_are_searched_by(tmp_path: Path) -> None:
    place = filled(tmp_path)
    with VectorStore(place) as store:
        store.rewrite([1, 2])
        assert store.count() == COUNT - 2
        assert np.allclose(store.matrix([3])[0], rows()[2], atol=1e-6)
        assert [number for number, _ in store.nearest(rows()[2], count=5, where={"day": 2})] == [3]


def test_of_none_that_are_left_there_is_an_empty_store(tmp_path: Path) -> None:
    with VectorStore(filled(tmp_path)) as store:
        assert store.rewrite(range(1, COUNT + 1)) == 0
        assert store.count() == 0


def test_one_that_was_written_to_its_end_takes_the_place_of_the_old_one_when_it_is_opened(tmp_path: Path) -> None:
    place = filled(tmp_path)
    with VectorStore(VectorPlace(tmp_path / "vectors.ready"), locked=False) as ready:
        ready.upsert([7], rows(1), filters=[{"day": 1}])
    (tmp_path / "vectors.part-1-1").mkdir()

    with VectorStore(place) as store:
        assert store.present(range(COUNT + 1)) == {7}

    assert sorted(path.name for path in tmp_path.glob("vectors*")) == ["vectors", "vectors.lock"]


def test_a_store_is_known_also_between_the_old_one_and_the_new_one(tmp_path: Path) -> None:
    assert not has_vectors(tmp_path / "vectors")
    filled(tmp_path)
    (tmp_path / "vectors").rename(tmp_path / "vectors.ready")
    assert has_vectors(tmp_path / "vectors")


def test_where_the_new_one_cannot_be_written_the_old_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = filled(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(module, "_part", lambda _: tmp_path / "file/below")

    with VectorStore(place) as store, pytest.raises(InsightsError, match="cannot be opened"):
        store.rewrite([5])

    with VectorStore(place) as store:
        assert store.count() == COUNT


def test_the_room_for_further_vectors_holds_nothing_of_the_memory(tmp_path: Path) -> None:
    place = filled(tmp_path)
    with VectorStore(place) as store:
        store.nearest(rows()[0], count=1)
    (header,) = (tmp_path / "vectors").glob("*/header.bin")
    room = header.with_name("data_level0.bin")
    size = room.stat().st_size
    room.write_bytes(b"secret words" * (size // 12))

    with VectorStore(place) as store:
        assert store.count() == COUNT

    assert b"secret" not in room.read_bytes()
