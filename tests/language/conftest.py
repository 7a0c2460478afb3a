"""A database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from insights.storage.repository import Repository
from tests.actors import ADA


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=bytes(32), actor=ADA)
    yield opened
    opened.close()
