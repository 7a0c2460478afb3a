"""A database on a server is read as lines of JSON, and comes back with every row on any database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from insights.backup import make
from insights.backup.make import backup
from insights.backup.restore import restore
from insights.bootstrap import Workspace, open_workspace, restore_target
from insights.errors import InsightsError
from insights.storage.snapshot import dump, has_rows, load, measure
from tests.fakes import quiet


def test_every_row_comes_back(workspace: Workspace, tmp_path: Path) -> None:
    url = workspace.repository.backups.url
    with closing(sqlite3.connect(workspace.data / "insights.db")) as plain:
        plain.execute(  # it names a row that comes later
            "INSERT INTO problem (id, born_in, stance, state, version, merged_into)"
            " SELECT 0, 1, stance, state, 1, 1 FROM problem"
        )
        plain.commit()
    schema, tables = dump(url, tmp_path / "rows")

    load(tmp_path / "rows", f"sqlite:///{tmp_path / 'new.db'}", schema=schema)

    assert measure(f"sqlite:///{tmp_path / 'new.db'}") == (schema, tables) == measure(url)
    assert tables["problem"].rows == 2


def test_a_database_with_rows_takes_none(workspace: Workspace, tmp_path: Path) -> None:
    url = workspace.repository.backups.url
    schema, _ = dump(url, tmp_path / "rows")

    assert has_rows(url)
    with pytest.raises(InsightsError, match="is not empty"):
        load(tmp_path / "rows", url, schema=schema)


def test_a_change_of_one_value_is_seen(workspace: Workspace) -> None:
    url = workspace.repository.backups.url
    _, before = measure(url)
    with closing(sqlite3.connect(workspace.data / "insights.db")) as plain:
        plain.execute("UPDATE account SET annual_revenue = 1.5 WHERE id = 1")
        plain.commit()
    _, after = measure(url)

    assert [name for name in before if before[name] != after[name]] == ["account"]


def test_a_backup_of_lines_is_proved_and_restored(
    workspace: Workspace, disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a server's database."""
    monkeypatch.setattr(make, "is_sqlite", lambda _: False)
    made = backup(workspace.backup_bench(progress=quiet), disk)
    expected = measure(workspace.repository.backups.url)[1]["feedback"]

    restore(restore_target(tmp_path / "new", progress=quiet), Path(made.backup.place))

    opened = open_workspace(tmp_path / "new")
    assert measure(opened.repository.backups.url)[1]["feedback"] == expected
    opened.close()
