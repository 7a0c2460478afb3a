"""A workspace of an older version opens with all that was in it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Boolean, Date, DateTime, Float, Integer, LargeBinary, MetaData, Table, insert, select

import insights.storage
from insights.domain.problem import Action, Column, State
from insights.stages.protect import ORDERS_BY
from insights.storage import tables
from insights.storage.database import HEAD, Database
from insights.storage.encryption import Cipher
from insights.storage.repository import Repository
from tests.stored import KEY

MOMENT = datetime(2026, 10, 1, 8, 30)
"""UTC; the columns keep no zone."""

EXAMPLES: dict[type, Any] = {
    Boolean: True,
    Integer: 1,
    Float: 0.5,
    DateTime: MOMENT,
    Date: date(2026, 10, 1),
    LargeBinary: b"\x00\xff sealed",
}

Rows = dict[str, list[dict[str, Any]]]


def at_version(url: str, revision: str) -> Database:
    """A database as that version left it: its tables, and none of the later ones."""
    config = Config()
    config.set_main_option("script_location", str(Path(insights.storage.__file__).parent / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, revision)
    return Database(url, Cipher(KEY))


def fill(database: Database) -> Rows:
    """One row in every table, a value in every column; gives what was written."""
    known = MetaData()
    with database.write() as connection:
        known.reflect(connection)
        for table in known.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(insert(table).values(**{**an_old_row(table), **in_words(table, database.cipher)}))
    return rows_of(database, known)


def an_old_row(table: Table) -> dict[str, Any]:
    """Ids and what points to them are 1, so that every reference holds."""
    return {
        column.name: next((value for kind, value in EXAMPLES.items() if isinstance(column.type, kind)), "kept")
        for column in table.columns
    }


def in_words(table: Table, cipher: Cipher) -> dict[str, Any]:
    """What the stores must be able to read."""
    known: dict[str, dict[str, Any]] = {
        "decision": {
            "action": "accept",
            "sealed": cipher.seal("Seven accounts.", column="decision.sealed", row=1),
            "undoes": None,
        },
        "problem": {
            "stance": "problem",
            "state": "accepted",
            "merged_into": None,
            "estimate": None,
            "sealed": cipher.seal('{"title": "Export hangs", "summary": "It stops."}', column="problem.sealed", row=1),
        },
    }
    return known.get(table.name, {})


def rows_of(database: Database, known: MetaData) -> Rows:
    """table -> its rows, with the columns that were known."""
    with database.read() as connection:
        return {
            name: [dict(row._mapping) for row in connection.execute(select(table))]
            for name, table in known.tables.items()
            if name != "alembic_version"
        }


@pytest.fixture
def old(database_url: str) -> tuple[str, Rows, MetaData]:
    """A filled workspace of version 0.1: its address, its rows, its tables."""
    database = at_version(database_url, "0001")
    rows = fill(database)
    known = MetaData()
    with database.read() as connection:
        known.reflect(connection)
    database.close()
    return database_url, rows, known


def test_every_row_of_version_0_1_is_there_after_the_upgrade(old: tuple[str, Rows, MetaData]) -> None:
    url, before, known = old

    Repository(url, key=KEY).close()

    database = Database(url, Cipher(KEY))
    after = rows_of(database, known)
    version = database._version()
    database.close()
    assert version == HEAD
    assert all(before.values())
    new = {"key_check", "keys.generation", "keys.workspace"}
    assert [row for row in after["meta"] if row["key"] not in new] == before["meta"]
    assert {**after, "meta": []} == {**before, "meta": []}


def test_an_upgraded_workspace_reads_as_before_and_what_is_new_is_empty(old: tuple[str, Rows, MetaData]) -> None:
    url, _, _ = old

    repository = Repository(url, key=KEY)
    [problem] = repository.problems.all()
    [decision] = repository.decisions.of(1)

    assert (problem.title, problem.state, problem.first_seen) == (
        "Export hangs",
        State.ACCEPTED,
        datetime(1970, 1, 2, tzinfo=UTC),
    )
    assert (decision.action, decision.why, decision.at) == (
        Action.ACCEPT,
        "Seven accounts.",
        MOMENT.replace(tzinfo=UTC),
    )
    assert (repository.rules.all(), repository.lineage.of(1), repository.spaces.latest("kept")) == ([], [], None)
    assert (repository.rules.corrected_problems(), repository.also.of_problem(1)) == (set(), {})
    assert (problem.column, problem.place) == (Column.NEXT, None)
    assert (decision.column, decision.batch, decision.redoes) == (None, None, None)
    assert repository.sessions.get("kept") is None
    repository.close()


def test_no_item_of_an_older_version_is_an_order_until_a_run_looks_at_it(old: tuple[str, Rows, MetaData]) -> None:
    url, _, _ = old

    Repository(url, key=KEY).close()

    database = Database(url, Cipher(KEY))
    with database.read() as connection:
        marks = list(connection.execute(select(tables.redaction.c.is_order)).scalars())
    looked_by = database.get_meta(ORDERS_BY)
    database.close()
    assert (marks, looked_by) == ([False], None)
