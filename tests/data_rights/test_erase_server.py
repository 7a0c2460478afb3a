"""An erasure where the database is PostgreSQL: gone from every row, and the tables are written anew."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from insights.bootstrap import make_workspace, set_section
from insights.data_rights.erase import erase, find_person
from tests.data_rights import planted
from tests.data_rights.planted import EMAIL, bench, holding, opened_texts
from tests.data_rights.test_erase import PLANTED, SAID

SERVER = os.environ.get("INSIGHTS_TEST_DATABASE_URL", "")

pytestmark = pytest.mark.skipif(not SERVER, reason="INSIGHTS_TEST_DATABASE_URL names no PostgreSQL")


@pytest.fixture
def database_url() -> Iterator[str]:
    name = f"insights_test_{secrets.token_hex(6)}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename != 'alembic_version'"
DEAD = text("SELECT dead_tuple_count FROM pgstattuple(CAST(:name AS text))")


def dead_rows(database_url: str) -> int:
    """Versions of rows that were deleted and still stand in the files, as PostgreSQL sees them."""
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pgstattuple"))
        names = connection.execute(text(TABLES)).scalars().all()
        found = sum(connection.execute(DEAD, {"name": name}).scalar_one() for name in names)
    engine.dispose()
    return found


def test_she_goes_from_every_row_and_no_dead_row_stays(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    make_workspace(tmp_path / "w")
    set_section(tmp_path / "w", "storage", {"database_url": database_url})
    workspace = planted.filled(tmp_path, monkeypatch)
    assert holding(opened_texts(workspace.repository._database), *SAID) == set(PLANTED)

    done = erase(bench(workspace), find_person(workspace.repository, EMAIL))

    assert holding(opened_texts(workspace.repository._database), *SAID) == set()
    assert set(done.receipt["proof"]["after"].values()) == {0}
    assert any("PostgreSQL" in note or "server" in note for note in done.receipt["notes"])
    assert dead_rows(database_url) == 0
    workspace.close()
