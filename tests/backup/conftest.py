"""A workspace with items, problems and vectors, and a folder beside it for its backups."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from insights.backup.make import Made
from insights.backup.make import backup as make
from insights.bootstrap import Workspace, open_workspace
from tests.cli.calling import made
from tests.fakes import quiet
from tests.stored import a_stored_problem, an_account_record, an_item, fill

ITEMS = [
    an_item("The export hangs at half of the rows.", account="Acme", author="Ann Lee", email="ann@acme.example"),
    an_item("The export hangs for us, too.", account="Globex", author="Bob Ray", email="bob@globex.example"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its folder; the key is kept beside it."""
    folder = made(tmp_path, monkeypatch)
    opened = open_workspace(folder)
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
    (tmp_path / "disk").mkdir()
    return folder


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
    return Path(backed_up(folder, disk).backup.place)
