"""Migrations make the tables that the code knows; transactions are whole; a wrong key and a broken file are told."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, text
from sqlalchemy.exc import IntegrityError

import insights.storage
from insights.errors import InsightsError, Unreachable
from insights.storage import tables
from insights.storage.database import HEAD, Database, take_ids
from insights.storage.encryption import Cipher
from insights.storage.repository import Repository
from tests.drafts import a_draft, save
from tests.stored import KEY

pytestmark = pytest.mark.usefixtures("databases_as_shipped")

PREPARE = """
import sys
from insights.storage.repository import Repository
from tests.stored import KEY
Repository(sys.argv[1], key=KEY).close()
"""


def test_the_version_in_code_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(insights.storage.__file__).parent / "migrations"))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_migrations_make_exactly_the_tables_that_the_code_knows(repository: Repository, database_url: str) -> None:
    database = Database(database_url, Cipher(KEY))
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, tables.metadata)
        known = set(inspect(connection).get_table_names())
    database.close()

    assert differences == []
    assert known == set(tables.metadata.tables) | {"alembic_version"}


def test_preparing_twice_keeps_what_is_there(database_url: str) -> None:
    first = Repository(database_url, key=KEY)
    save(first, a_draft("Kept."))
    first.close()

    second = Repository(database_url, key=KEY)

    assert [item.text for item in second.feedback.unprotected(2)] == ["Kept."]
    second.close()


def test_two_processes_may_prepare_a_new_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'insights.db'}"

    started = [
        subprocess.Popen([sys.executable, "-c", PREPARE, url], stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]

    assert [process.communicate()[1] for process in started] == ["", ""]


def test_another_key_is_refused_in_words(repository: Repository, database_url: str) -> None:
    with pytest.raises(InsightsError, match="key does not fit this database") as caught:
        Repository(database_url, key=bytes(32))

    assert "Nothing was changed" in caught.value.remedy


def test_a_database_of_a_newer_version_is_refused_in_words(repository: Repository, database_url: str) -> None:
    with repository.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(InsightsError, match="newer"):
        Repository(database_url, key=KEY)


def test_a_write_that_fails_leaves_nothing(repository: Repository) -> None:
    with pytest.raises(RuntimeError), repository.writing() as connection:
        repository.feedback.save([a_draft()], connection=connection, received_at=a_draft().created_at)
        raise RuntimeError("the power went")

    assert repository.feedback.counts()["items"] == 0


def test_ids_of_a_write_that_failed_may_be_given_but_never_twice(database_url: str) -> None:
    database = Database(database_url, Cipher(KEY))
    database.prepare()
    given: list[int] = []
    for count in (1, 3, 2):
        with database.write() as connection:
            given += take_ids(connection, "problem", count=count)
    with database.write() as connection:
        other = take_ids(connection, "run", count=1)
    database.close()

    assert given == [1, 2, 3, 4, 5, 6]
    assert list(other) == [1]


def test_a_reader_sees_one_moment_while_another_writes(repository: Repository, database_url: str) -> None:
    with repository.writing() as connection:
        repository.feedback.save([a_draft()], connection=connection, received_at=a_draft().created_at)
        other = Repository(database_url, key=KEY)
        during = other.feedback.counts()["items"]
    after = other.feedback.counts()["items"]
    other.close()

    assert (during, after) == (0, 1)


def test_settings_are_kept_by_name(repository: Repository) -> None:
    repository.set_meta("embedder", "one")
    repository.set_meta("embedder", "two")

    assert repository.get_meta("embedder") == "two"
    assert repository.get_meta("never set") is None


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000], ids=["words", "header"]
)
def test_a_damaged_file_is_told_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "insights.db"
    path.write_bytes(content)

    with pytest.raises(InsightsError, match="The database is damaged") as caught:
        Repository(f"sqlite:///{path}", key=KEY)

    assert "backup" in caught.value.remedy
    assert path.read_bytes() == content


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InsightsError, match="cannot be opened"):
        Repository(f"sqlite:///{tmp_path / 'gone' / 'insights.db'}", key=KEY)


@pytest.mark.parametrize("url", ["nonsense", "oracle9://x/y", "postgresql+nothing://x/y"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(InsightsError, match="database_url is not usable"):
        Repository(url, key=KEY)


def test_a_server_that_does_not_answer_is_told() -> None:
    with pytest.raises(Unreachable, match="server cannot be reached"):
        Repository("postgresql+pg8000://nobody@127.0.0.1:9/none", key=KEY)


def test_a_row_that_breaks_a_rule_is_a_defect_whatever_its_words_are(repository: Repository) -> None:
    row = {"key": "connect: database is locked", "value": "x"}

    with pytest.raises(IntegrityError), repository.writing() as connection:
        connection.execute(insert(tables.meta), [row, row])


def test_a_defect_in_our_own_sql_keeps_its_traceback(repository: Repository) -> None:
    with pytest.raises(Exception, match="none_such") as caught, repository.writing() as connection:
        connection.execute(text("SELECT * FROM none_such"))

    assert not isinstance(caught.value, InsightsError)


def test_a_busy_database_is_told_after_a_while(tmp_path: Path) -> None:
    path = tmp_path / "insights.db"
    repository = Repository(f"sqlite:///{path}", key=KEY)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with (
        pytest.raises(Unreachable, match="Another process is writing"),
        repository._database.engine.connect().execution_options(insights_write=True) as connection,
    ):
        impatient(connection)
        with connection.begin():
            connection.execute(insert(tables.meta).values(key="a", value="b"))

    other.close()
    repository.close()


def impatient(connection: object) -> None:
    """Wait a moment only; as shipped it is fifteen seconds."""
    from sqlalchemy import Connection

    assert isinstance(connection, Connection)
    connection.connection.cursor().execute("PRAGMA busy_timeout=50")


def test_the_database_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of accounts stand in it in the clear."""
    from insights.bootstrap import make_workspace

    monkeypatch.setenv("INSIGHTS_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    make_workspace(tmp_path / "w")

    assert stat.S_IMODE((tmp_path / "w" / ".insights").stat().st_mode) == 0o700
