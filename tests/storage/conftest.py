"""The database that storage is tested on: SQLite always, PostgreSQL too where INSIGHTS_TEST_DATABASE_URL names one."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from insights.storage.repository import Repository
from tests.actors import ADA
from tests.stored import KEY

SERVER = os.environ.get("INSIGHTS_TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of the test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'insights.db'}"
        return
    name = f"insights_test_{secrets.token_hex(6)}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def repository(database_url: str) -> Iterator[Repository]:
    opened = Repository(database_url, key=KEY, actor=ADA)
    yield opened
    opened.close()
