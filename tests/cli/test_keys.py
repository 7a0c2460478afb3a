"""`insights keys`: what it says, and its forms for scripts."""

import json
import os
from pathlib import Path

import pytest

from insights.errors import ExitCode, InsightsError
from insights.storage.keys import new_key
from tests.cli.calling import Run, caller, made


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("INSIGHTS_NEW_KEY", raising=False)
    return caller(made(tmp_path, monkeypatch, columns=200))


def test_status_says_where_the_key_is_and_nothing_of_it(call: Run, tmp_path: Path) -> None:
    [file] = (tmp_path / "keys").glob("*.key")

    said = call("keys", "status")
    told = json.loads(call("keys", "status", "--json"))

    assert f"The key is in {file}, fingerprint {told['fingerprint']}." in said
    assert (len(told["data_keys"]), told["under_way"], told["waiting"]) == (1, False, 0)
    assert file.read_text().strip() not in said + json.dumps(told)


@pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX systems")
def test_status_notes_a_database_that_everybody_can_read(call: Run, tmp_path: Path) -> None:
    folder = tmp_path / "w" / ".insights"
    folder.chmod(0o755)
    (folder / "insights.db").chmod(0o644)

    assert f"chmod 600 {folder / 'insights.db'}" in call("keys", "status")
    folder.chmod(0o700)
    assert "chmod" not in call("keys", "status")


def test_rotate_says_what_was_done_and_when_it_may_be_finished(call: Run) -> None:
    said = call("keys", "rotate", everything=True)

    assert "sealed anew with data key 3. The workspace's own key was changed, too." in said
    assert "The former data key is kept until" in said
    assert "retired" in call("keys", "status")
    assert "is kept until" in call("keys", "rotate", "--finish", everything=True)


def test_rotate_at_once_leaves_one_data_key(call: Run) -> None:
    call("keys", "rotate")
    told = json.loads(call("keys", "rotate", "--now", "--json"))

    assert (told["data_key"], told["deleted"], told["former_kept_until"]) == (4, 2, None)
    status = json.loads(call("keys", "status", "--json"))
    assert [key["id"] for key in status["data_keys"]] == [4]
    assert status["former_fingerprints"] == []
    assert "There is no former data key to delete." in call("keys", "rotate", "--finish", everything=True)


def test_finish_and_now_are_two_things(call: Run) -> None:
    with pytest.raises(InsightsError, match="do not go together") as caught:
        call("keys", "rotate", "--finish", "--now")

    assert caught.value.exit_code is ExitCode.USAGE


def test_rewrap_takes_the_new_key_from_its_variable_and_says_what_to_set(
    call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InsightsError, match="INSIGHTS_NEW_KEY holds no key"):
        call("keys", "rewrap")
    key = new_key()
    monkeypatch.setenv("INSIGHTS_NEW_KEY", key)

    said = call("keys", "rewrap", everything=True)

    assert "INSIGHTS_KEY, or the command of [keys], must give it" in said
    assert key not in said
    monkeypatch.setenv("INSIGHTS_KEY", key)
    assert "The key is in INSIGHTS_KEY" in call("keys", "status")
