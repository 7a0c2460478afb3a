"""A workspace whose database is on a PostgreSQL server is backed up while others write, and goes back into an empty
database with every row."""

import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from insights.backup.make import backup, verify
from insights.backup.restore import Restored, restore
from insights.bootstrap import open_workspace, restore_target
from insights.data_rights.erase import erase, find_person
from insights.errors import InsightsError
from insights.storage.database import migrate
from insights.storage.snapshot import has_rows, measure
from tests.backup.conftest import ITEMS
from tests.cli.calling import made
from tests.drafts import RECEIVED, a_draft
from tests.fakes import quiet
from tests.stored import a_stored_problem, an_account_record, fill

SERVER = os.environ.get("INSIGHTS_TEST_DATABASE_URL", "")
pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not SERVER, reason="no server is named in INSIGHTS_TEST_DATABASE_URL: make test-servers"),
]


def on_server(*statements: str) -> None:
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    server.dispose()


@pytest.fixture
def name() -> Iterator[str]:
    name = f"insights_test_{secrets.token_hex(6)}"
    on_server(f"CREATE DATABASE {name}")
    yield name
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def url(name: str) -> str:
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> Path:
    """Its SQLite database goes; settings name the server's."""
    folder = made(tmp_path, monkeypatch)
    for path in (folder / ".insights").glob("insights.db*"):
        path.unlink()
    (folder / "insights.toml").write_text(f'[storage]\ndatabase_url = "{url}"\n')
    opened = open_workspace(folder)
    fill(
        opened.repository,
        [a_stored_problem("The export hangs", items=ITEMS)],
        accounts=[an_account_record("Acme"), an_account_record("Globex")],
    )
    opened.close()
    (tmp_path / "disk").mkdir()
    return folder


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Path:
    opened = open_workspace(folder)
    path = Path(backup(opened.backup_bench(progress=quiet), tmp_path / "disk").backup.place)
    opened.close()
    return path


def emptied(name: str) -> None:
    on_server(f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name}")


def texts(folder: Path) -> list[str]:
    opened = open_workspace(folder)
    try:
        return [item.text for item in opened.repository.feedback.get(range(1, 9)).values()]
    finally:
        opened.close()


def put_back(archive: Path, folder: Path) -> Restored:
    return restore(restore_target(folder, progress=quiet), archive)


def test_every_row_goes_back_into_an_empty_database(
    archive: Path, folder: Path, tmp_path: Path, name: str, url: str
) -> None:
    before = measure(url)[1]
    emptied(name)

    done = put_back(archive, tmp_path / "new")

    after = measure(url)[1]
    assert done.rows
    assert after["feedback"] == before["feedback"]
    assert after["mention"] == before["mention"]
    assert after["account"] == before["account"]
    assert texts(tmp_path / "new") == [item.text for item in ITEMS]
    assert not (tmp_path / "new" / ".insights" / "insights.db").exists()


@pytest.mark.parametrize("tables", [False, True])
def test_in_place_of_a_workspace_whose_database_was_lost(
    archive: Path, folder: Path, name: str, url: str, tables: bool
) -> None:
    """An empty one under that name, with or without tables."""
    emptied(name)
    if tables:
        migrate(url)

    done = put_back(archive, folder)

    assert done.aside is not None
    assert texts(folder) == [item.text for item in ITEMS]


def test_whoever_was_erased_since_does_not_come_back(archive: Path, folder: Path, name: str) -> None:
    """Only receipts remember: the database is lost."""
    opened = open_workspace(folder)
    erase(opened.bench(progress=quiet), find_person(opened.repository, "ann@acme.example"))
    opened.close()
    emptied(name)

    done = put_back(archive, folder)

    assert done.erased == 1
    assert texts(folder) == [ITEMS[1].text]


def test_a_database_with_rows_is_left_as_it_is(archive: Path, folder: Path, url: str) -> None:
    before = measure(url)

    with pytest.raises(InsightsError, match="is not empty"):
        put_back(archive, folder)

    assert measure(url) == before
    assert has_rows(url)
    assert not folder.with_name("w").joinpath(".insights.restoring").exists()


def test_it_is_of_one_moment_while_others_write(folder: Path, tmp_path: Path) -> None:
    """A transaction is in it as a whole or not at all; no writer waits."""
    stopped, written = threading.Event(), list[int]()

    def write() -> None:
        opened = open_workspace(folder)
        while not stopped.is_set():
            start = 1000 + 20 * len(written)
            drafts = [a_draft(f"Export {number} hangs.", number=number) for number in range(start, start + 20)]
            with opened.repository.writing() as connection:
                opened.repository.feedback.save(drafts, connection=connection, received_at=RECEIVED)
            written.append(start)
        opened.close()

    writer = threading.Thread(target=write)
    writer.start()
    opened = open_workspace(folder)
    try:
        done = backup(opened.backup_bench(progress=quiet), tmp_path / "disk")
        found = verify(opened.backup_bench(progress=quiet), Path(done.backup.place))
    finally:
        stopped.set()
        writer.join()
        opened.close()

    assert found.rows == done.rows
    assert written
