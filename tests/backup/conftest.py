"""A workspace with items, problems and vectors, and a folder beside it for its backups."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from insights.backup.make import Made
from insights.backup.make import backup as make
from insights.bootstrap import Workspace, open_workspace
from tests.cli.calling import made, reached
from tests.fakes import quiet
from tests.stored import a_stored_problem, an_account_record, an_item, fill

ITEMS = [
    an_item("The export hangs at half of the rows.", account="Acme", author="Ann Lee", email="ann@acme.example"),
    an_item("The export hangs for us, too.", account="Globex", author="Bob Ray", email="bob@globex.example"),
]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace `w`, its key beside it, and an empty disk."""
    place = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patched:
        opened = open_workspace(made(place, patched))
        fill(
            opened.repository,
            [a_stored_problem("The export hangs", items=ITEMS)],
            accounts=[an_account_record("Acme"), an_account_record("Globex")],
        )
        vectors = np.eye(2, 8, dtype=np.float32)
        with opened.vectors() as store:
            store.upsert([1, 2], vectors, filters=[{"day": 1}, {"day": 2}])
        (opened.data / "rejects").mkdir()
        (opened.data / "rejects" / "tickets.jsonl").write_text('{"line": 3}\n')
        (opened.data / "logs").mkdir()
        (opened.data / "logs" / "night.log").write_text("night\n")
        opened.close()
    (place / "disk").mkdir()
    return place


@pytest.fixture(scope="session")
def backed_up_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with one backup."""
    place = tmp_path_factory.mktemp("backed-up") / "all"
    shutil.copytree(template, place)
    with pytest.MonkeyPatch.context() as patched:
        backed_up(reached(place, patched), place / "disk")
    return place


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its folder; the key is kept beside it."""
    has_backup = "archive" in request.fixturenames
    shutil.copytree(
        request.getfixturevalue("backed_up_template" if has_backup else "template"), tmp_path, dirs_exist_ok=True
    )
    return reached(tmp_path, monkeypatch)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path / "disk"


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    opened = open_workspace(folder)
    yield opened
    opened.close()


def backed_up(folder: Path, disk: Path) -> Made:
    """What `insights backup` makes there."""
    opened = open_workspace(folder)
    try:
        return make(opened.backup_bench(progress=quiet), disk)
    finally:
        opened.close()


@pytest.fixture
def archive(folder: Path, disk: Path) -> Path:
    """A backup of it, which it has a record of."""
    (path,) = disk.iterdir()
    with closing(sqlite3.connect(folder / ".insights" / "insights.db")) as plain:
        plain.execute("UPDATE backup SET place = ?", (str(path),))
        plain.commit()
    return path
