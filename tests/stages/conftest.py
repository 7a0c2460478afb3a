"""A workspace that stages run on: real SQLite, real Chroma, a small embedder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from insights.storage.repository import Repository
from insights.storage.vectors import VectorPlace, VectorStore
from tests.actors import ADA
from tests.fakes import HashingEmbedder
from tests.stages.night import Night
from tests.stored import KEY


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    repository = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    with VectorStore(VectorPlace(tmp_path / "vectors")) as vectors:
        yield Night(repository, vectors, HashingEmbedder())
    repository.close()
