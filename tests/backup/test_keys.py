"""A backup from before the keys changed comes back while its key is kept, and whoever was erased since does not."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from insights.backup.make import verify
from insights.backup.restore import restore
from insights.bootstrap import now, open_workspace, restore_target
from insights.data_rights.erase import erase, find_person
from insights.domain.health import CheckState
from insights.errors import InsightsError
from insights.key_rotation import finish, key_state, rewrap, rotate
from insights.storage.encryption import fingerprint_of
from insights.storage.keys import new_key
from tests.backup.conftest import ITEMS, backed_up
from tests.fakes import quiet
from tests.test_integrity import looked

_ANN = "ann@acme.example"


def rotated(folder: Path, *, at_once: bool = False) -> None:
    """To the end: no former data key is left."""
    opened = open_workspace(folder)
    rotate(opened.key_bench(), at_once=at_once)
    finish(replace(opened.key_bench(), now=lambda: now() + timedelta(days=3)))
    assert len(key_state(opened.key_bench()).keys.columns) == 1
    opened.close()


def erased(folder: Path) -> None:
    opened = open_workspace(folder)
    erase(opened.bench(progress=quiet), find_person(opened.repository, _ANN))
    opened.close()


def stands(folder: Path) -> Sequence[str]:
    """The texts of a workspace that is whole."""
    opened = open_workspace(folder)
    try:
        found = looked(opened)
        assert [name for name, one in found.items() if one.state is CheckState.WRONG and name != "backups"] == []
        return [item.text for item in opened.repository.feedback.get(range(1, 9)).values()]
    finally:
        opened.close()


@pytest.mark.parametrize("over", [True, False])
def test_after_rotations_it_is_verified_and_restored_with_the_former_key(
    archive: Path, folder: Path, tmp_path: Path, over: bool
) -> None:
    rotated(folder)
    rotated(folder)
    present = open_workspace(folder)
    assert verify(present.backup_bench(progress=quiet), archive).rows
    fingerprint = key_state(present.key_bench()).keys.fingerprint
    present.close()
    to = folder if over else tmp_path / "new"

    restore(restore_target(to, progress=quiet), archive)

    assert stands(to) == [item.text for item in ITEMS]
    opened = open_workspace(to)
    assert key_state(opened.key_bench()).keys.fingerprint == fingerprint, "wrapped by the present key again"
    opened.close()
    again = Path(backed_up(to, archive.parent).backup.place)
    assert again != archive


def test_whoever_was_erased_after_a_rotation_does_not_come_back(archive: Path, folder: Path) -> None:
    rotated(folder)
    erased(folder)

    done = restore(restore_target(folder, progress=quiet), archive)

    assert done.erased == 1
    assert stands(folder) == [ITEMS[1].text]


def test_a_rotation_at_once_makes_older_backups_useless_and_that_is_told(archive: Path, folder: Path) -> None:
    """The former key may be known to others."""
    rotated(folder, at_once=True)
    before = stands(folder)

    with pytest.raises(InsightsError, match="needs another key"):
        restore(restore_target(folder, progress=quiet), archive)

    assert stands(folder) == before


def test_after_a_rewrap_it_opens_with_the_key_it_was_made_with(
    folder: Path, disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of the environment is kept by whoever set it: `rewrap` keeps none."""
    kept = next((tmp_path / "keys").glob("*.key")).read_text().strip()
    monkeypatch.setenv("INSIGHTS_KEY", kept)
    archive = Path(backed_up(folder, disk).backup.place)
    other = new_key()
    opened = open_workspace(folder)
    rewrap(opened.key_bench(), base64.urlsafe_b64decode(other))
    opened.close()
    monkeypatch.setenv("INSIGHTS_KEY", other)
    erased(folder)

    with pytest.raises(InsightsError, match=fingerprint_of(base64.urlsafe_b64decode(kept))):
        restore(restore_target(folder, progress=quiet), archive)
    assert stands(folder) == [ITEMS[1].text]

    monkeypatch.setenv("INSIGHTS_KEY", kept)
    done = restore(restore_target(folder, progress=quiet), archive)

    assert stands(folder) == [ITEMS[1].text]
    assert (done.unread != "", done.erased) == (True, 1), "its receipt remembers her where the database does not open"
