"""`insights doctor --deep` finds whatever is not whole, says what to do, and falls over nothing."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.backup.make import backup
from insights.bootstrap import Workspace, open_workspace
from insights.cli.main import main
from insights.domain.access import Forbidden, Role
from insights.domain.health import Check, CheckState
from insights.integrity import Deep, deep_checks
from insights.storage.persons import Known
from insights.storage.snapshot import copy_sqlite
from tests.actors import an_actor
from tests.cli.calling import made, reached
from tests.fakes import quiet
from tests.ready import COMMAND, done
from tests.stored import a_stored_problem, an_item, fill
from tests.thorough import EXAMPLES

NAMES = [
    "pages",
    "tables",
    "sealed values",
    "items",
    "references",
    "spans",
    "vectors and rows",
    "keys",
    "unfinished",
    "backups",
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patched:
        opened = open_workspace(made(place, patched))
        items = [an_item("The export hangs at half of the rows."), an_item("The export hangs for us, too.")]
        fill(opened.repository, [a_stored_problem("The export hangs", items=items)])
        with opened.vectors() as store:
            store.upsert([1, 2], np.eye(2, 8, dtype=np.float32), filters=[{"day": 1}, {"day": 2}])
        opened.close()
    return place


@pytest.fixture
def folder(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return reached(tmp_path, monkeypatch)


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    opened = open_workspace(folder)
    yield opened
    opened.close()


def looked(workspace: Workspace) -> dict[str, Check]:
    deep = Deep(
        repository=workspace.repository,
        folder=workspace.folder,
        data=workspace.data,
        vectors=workspace.vectors,
        has_vectors=(workspace.data / "vectors").is_dir(),
    )
    return {one.name: one for one in deep_checks(deep)}


def wrong(workspace: Workspace) -> list[str]:
    return [name for name, one in looked(workspace).items() if one.state is CheckState.WRONG]


def altered(folder: Path, *statements: str) -> None:
    """As somebody without this program would."""
    with closing(sqlite3.connect(folder / ".insights" / "insights.db")) as plain:
        plain.execute("PRAGMA foreign_keys=OFF")
        for statement in statements:
            plain.execute(statement)
        plain.commit()


def test_a_whole_workspace_passes_every_check(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    backup(workspace.backup_bench(progress=quiet), tmp_path / "disk")

    found = looked(workspace)

    assert list(found) == NAMES
    assert {one.state for one in found.values()} == {CheckState.OK}
    assert found["sealed values"].facts["by_column"]["feedback.sealed"] == 2


@pytest.mark.parametrize(
    ("statement", "name", "words"),
    [
        ("UPDATE feedback SET sealed = zeroblob(60) WHERE id = 2", "sealed values", "feedback.sealed row 2"),
        ("UPDATE problem SET sealed = (SELECT sealed FROM feedback WHERE id = 1)", "sealed values", "problem.sealed"),
        ("UPDATE feedback SET score = 9 WHERE id = 2", "items", "1 item with another kind, date or score"),
        ("UPDATE feedback SET kind = 'review' WHERE id = 2", "items", "row 2"),
        ("UPDATE feedback SET created_at = '2026-01-01 00:00:00' WHERE id = 2", "items", "row 2"),
        ("UPDATE feedback SET day = day + 1 WHERE id = 2", "items", "row 2"),
        ("UPDATE feedback SET digest = 'another' WHERE id = 2", "items", "row 2"),
        ("UPDATE mention SET problem_id = 99 WHERE id = 1", "references", "mention.problem_id"),
        ("UPDATE mention SET copy_of = 99 WHERE id = 1", "references", "mention.copy_of"),
        ('UPDATE quote SET "end" = 5000', "spans", "quotes outside"),
        ('UPDATE mention SET "end" = 5000 WHERE id = 1', "spans", "1 mention outside"),
        ("DROP TABLE pseudonym", "tables", "table pseudonym is missing"),
        ("ALTER TABLE feedback DROP COLUMN score", "tables", "column feedback.score is missing"),
        (
            'INSERT INTO mention (id, feedback_id, start, "end", stance, confidence, embedded_by)'
            ' SELECT 9, feedback_id, start, "end", stance, confidence, embedded_by FROM mention WHERE id = 1',
            "vectors and rows",
            "1 mention without the vector",
        ),
    ],
)
def test_what_was_altered_is_named(workspace: Workspace, folder: Path, statement: str, name: str, words: str) -> None:
    altered(folder, statement)

    found = looked(workspace)[name]

    assert found.state is CheckState.WRONG
    assert words in found.words
    assert found.remedy
    assert found.command


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pseudonym SET sealed = zeroblob(40)",
        "UPDATE pseudonym SET person_id = 2",
        "UPDATE person SET digest = 'another' WHERE id = 1",
    ],
)
def test_a_pseudonym_that_stands_for_nobody_or_another_person_is_told(
    workspace: Workspace, folder: Path, statement: str
) -> None:
    persons = workspace.repository.persons
    known = [
        Known(token=token, value=value, person=persons.digest_of(value))
        for token, value in (("EMAIL_7KQ2M4XA", "ann@acme.example"), ("EMAIL_7KQ2M4XB", "bob@acme.example"))
    ]
    with workspace.repository.writing() as connection:
        persons.learn(known, connection=connection)
    before = looked(workspace)["sealed values"]
    altered(folder, statement)

    found = looked(workspace)["sealed values"]

    assert (before.state, before.facts["by_column"]["pseudonym.sealed"]) == (CheckState.OK, 2)
    assert found.state is CheckState.WRONG
    assert "pseudonym EMAIL_7KQ2M4X" in found.words


@pytest.mark.parametrize(
    ("statement", "command"),
    [
        ("UPDATE problem SET stance = 'proclem'", ("problems",)),
        ("UPDATE feedback SET kind = 'ticjet'", ("show", "P-1", "--items")),
        ("UPDATE feedback SET created_at = '2026-11-27 01;37:52'", ("show", "P-1", "--items")),
        ("UPDATE data_key SET made_at = '2026-11-27 01;37:52'", ("problems",)),
        ("UPDATE run SET counts = '{\"'", ("runs",)),
    ],
)
def test_a_bit_that_changed_where_nothing_is_sealed_gives_words_in_every_command(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
    command: tuple[str, ...],
) -> None:
    altered(folder, statement)
    said = []
    for words in (command, ("doctor", "--deep", "--offline")):
        monkeypatch.setattr("sys.argv", ["insights", "-C", str(folder), *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said.append((ended.value.code, "".join(capsys.readouterr())))

    assert [code for code, _ in said] == [1, 1]
    assert "cannot be read" in said[0][1]
    assert "pages" in said[1][1], "it looks at all else"


def test_a_deleted_row_leaves_a_vector_of_no_mention(workspace: Workspace, folder: Path) -> None:
    altered(folder, "DELETE FROM quote", "DELETE FROM mention WHERE id = 2")

    found = looked(workspace)["vectors and rows"]

    assert (found.facts["strays"], found.command) == (1, "insights reindex")


def test_vectors_of_zeros_are_told(workspace: Workspace) -> None:
    with workspace.vectors() as store:
        store.upsert([2], np.zeros((1, 8), dtype=np.float32), filters=[{"day": 2}])

    assert "1 vector of zeros" in looked(workspace)["vectors and rows"].words


def test_vectors_that_are_gone_are_told(workspace: Workspace) -> None:
    (workspace.data / "vectors").rename(workspace.data / "elsewhere")

    assert "the vectors of 2 mentions are gone" in looked(workspace)["vectors and rows"].words


def test_vectors_in_use_are_left_alone(workspace: Workspace) -> None:
    with workspace.vectors():
        assert looked(workspace)["vectors and rows"].state is CheckState.SKIPPED


def test_a_backup_that_was_changed_or_is_gone_is_told(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    path = Path(backup(workspace.backup_bench(progress=quiet), tmp_path / "disk").backup.place)
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    changed = looked(workspace)["backups"].words
    path.unlink()
    gone = looked(workspace)["backups"].words

    assert "is not as it was written" in changed
    assert "cannot be read" in gone


def test_what_was_cut_off_is_told_with_what_ends_it(workspace: Workspace) -> None:
    workspace.repository.erasures.keep({"step": "begun"})
    (workspace.data / "backup.tmp").mkdir()

    found = looked(workspace)["unfinished"]

    assert found.state is CheckState.NOTE
    assert "an erasure was cut off; a backup was cut off" in found.words
    assert found.command == "insights privacy erase --resume"


def test_values_that_only_a_former_key_opens_are_told(workspace: Workspace) -> None:
    with workspace.repository.rotation.alone() as connection:
        workspace.repository.rotation.begin(connection, datetime.now(UTC))

    found = looked(workspace)["keys"]

    assert found.state is CheckState.NOTE
    assert found.facts["former"]
    assert found.command == "insights keys rotate"


def test_whoever_may_not_set_things_up_does_not_read_everything(workspace: Workspace) -> None:
    workspace.repository.actor = an_actor(Role.VIEWER)

    with pytest.raises(Forbidden):
        looked(workspace)


@given(data=st.data())
@settings(max_examples=EXAMPLES // 4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_changed_anywhere_in_the_database_give_words_and_no_traceback(
    workspace: Workspace, folder: Path, data: st.DataObject
) -> None:
    """Whatever SQLite makes of them; where it still opens the database, what is sealed does not open elsewhere."""
    path = folder / ".insights" / "insights.db"
    whole = folder.parent / "whole.db"
    if not whole.exists():
        copy_sqlite(workspace.repository.backups.url, whole)
        workspace.close()
        for other in path.parent.glob("insights.db-*"):
            other.unlink()
    content = bytearray(whole.read_bytes())
    start = data.draw(st.integers(0, len(content) - 200))
    content[start : start + 200] = bytes(byte ^ 0x5A for byte in content[start : start + 200])
    path.write_bytes(content)

    from insights.doctor import examine

    found = examine(folder, now=datetime(2026, 11, 26, tzinfo=UTC), offline=True, deep=True)

    assert all(one.words for one in found.checks)
    for other in path.parent.glob("insights.db-*"):
        other.unlink()


@pytest.mark.kill
def test_the_command_ends_with_1_where_something_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path, monkeypatch)

    def doctor() -> subprocess.CompletedProcess[str]:
        return done(COMMAND, "-C", str(folder), "doctor", "--deep", "--offline")

    before = doctor()
    (folder / ".insights" / "insights.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    after = doctor()

    assert before.returncode == 0, before.stdout + before.stderr
    assert "sealed values" in before.stdout
    assert after.returncode == 1
    assert "damaged" in after.stdout
    assert "Traceback" not in after.stderr
