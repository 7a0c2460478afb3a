"""What holds for every test: no key of somebody's environment or keyring is seen, and a new database costs little."""

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import event

from insights.storage import database
from insights.storage.database import Database

PREPARE_AS_SHIPPED = Database.prepare


def pytest_configure() -> None:
    """Keep what is compiled: workers, and the processes that tests start, would each compile all of it again. And one
    thread for linear algebra: matrices are small here, and idle threads spin for half of an analysis's CPU seconds."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # read once, when NumPy is loaded
        os.environ.setdefault(name, "1")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "INSIGHTS_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(scope="session", autouse=True)
def quick_databases() -> Iterator[None]:
    """A new SQLite database of this process begins as a copy of what the migrations make, made once, and its writes do
    not wait for the disk. A test of either asks for `databases_as_shipped`; processes that a test starts have those."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Database, "prepare", _prepare_quickly)
        yield


@pytest.fixture
def databases_as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new database comes about by every migration in turn, and a commit waits until it is on the disk."""
    monkeypatch.setattr(Database, "prepare", PREPARE_AS_SHIPPED)


def _prepare_quickly(self: Database) -> None:
    name = self.engine.url.database
    if self.engine.dialect.name == "sqlite" and name:
        event.listen(self.engine, "connect", _do_not_wait)
        if Path(name).parent.is_dir() and not Path(name).exists():
            Path(name).write_bytes(_empty_database())
    PREPARE_AS_SHIPPED(self)


@cache
def _empty_database() -> bytes:
    """What the migrations make, with nothing in it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "insights.db"
        database._migrate(f"sqlite:///{path}")
        return path.read_bytes()


def _do_not_wait(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]
