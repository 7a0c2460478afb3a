"""What holds for every test: no key of somebody's environment or keyring is seen, and a new database or client costs
little."""

import gc
import os
import sqlite3
import ssl
import sys
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpcore2
import hypothesis
import pytest
import typer.main
from sqlalchemy import Dialect, Engine, event

from insights.storage import database
from insights.storage.database import Database
from tests.thorough import EXAMPLES

PREPARE_AS_SHIPPED = Database.prepare

_COMPILED: dict[Any, Any] = {}
_DIALECTS: list[Dialect] = []


def pytest_configure() -> None:
    """Keep what is compiled: workers, and the processes that tests start, would each compile all of it again. And one
    thread for linear algebra: matrices are small here, and idle threads spin for half of an analysis's CPU seconds."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # read once, when NumPy is loaded
        os.environ.setdefault(name, "1")
    hypothesis.settings.register_profile("insights", hypothesis.settings(), max_examples=EXAMPLES)
    hypothesis.settings.load_profile("insights")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and collected tests stay until the end: a garbage collector that walks through them again and again costs
    each worker as much as loading them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "INSIGHTS_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(scope="session", autouse=True)
def quick_clients() -> Iterator[None]:
    """The certificates that every new HTTP client reads, 20 ms each time, are read once: servers of tests are on
    loopback and have none."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        patched.setattr(httpcore2, "default_ssl_context", cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_commands() -> Iterator[None]:
    """What a command may be called with is worked out once, not for each call of a test: a tenth of its time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_databases() -> Iterator[None]:
    """A new SQLite database of this process begins as a copy of what the migrations make, made once, its writes do not
    wait for the disk, and statements are compiled once for all of them. A test of either asks for
    `databases_as_shipped`; processes that a test starts have those."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Database, "prepare", _prepare_quickly)
        yield


@pytest.fixture
def databases_as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new database comes about by every migration in turn, and a commit waits until it is on the disk."""
    monkeypatch.setattr(Database, "prepare", PREPARE_AS_SHIPPED)


def _prepare_quickly(self: Database) -> None:
    name = self.engine.url.database
    if self.engine.dialect.name == "sqlite" and name and Path(name).parent.is_dir():
        event.listen(self.engine, "connect", _do_not_wait)
        if not Path(name).exists():
            Path(name).write_bytes(_empty_database())
        _compile_for_all(self.engine)
    PREPARE_AS_SHIPPED(self)


def _compile_for_all(engine: Engine) -> None:
    """What is compiled is kept by dialect: a new one for each database compiles every statement anew, which was a
    third of a test's time."""
    engine.dialect = _dialect_of(engine)
    engine.update_execution_options(compiled_cache=_COMPILED)


def _dialect_of(engine: Engine) -> Dialect:
    """That of the first database, the same for all; connecting to it made it complete."""
    if not _DIALECTS:
        engine.connect().close()
        _DIALECTS.append(engine.dialect)
    return _DIALECTS[0]


@cache
def _empty_database() -> bytes:
    """What the migrations make, with nothing in it, in the journal mode that every database is put into."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "insights.db"
        database.migrate(f"sqlite:///{path}")
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
        return path.read_bytes()


def _do_not_wait(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]
