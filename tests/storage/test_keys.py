"""The key is kept outside the workspace, for its owner alone; what is wrong with it is said in words."""

import base64
import json
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from insights.bootstrap import make_workspace, open_workspace
from insights.errors import InsightsError
from insights.storage.encryption import fingerprint_of
from insights.storage.keys import KeyHolder, find_key, key_file, make_key, place_of_key

KEY_TEXT = base64.urlsafe_b64encode(bytes(range(32))).decode()

on_posix = pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX systems")


@pytest.fixture(autouse=True)
def without_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("INSIGHTS_KEY", raising=False)


@on_posix
def test_a_new_key_is_kept_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    environment = {"INSIGHTS_KEY_DIR": str(tmp_path / "keys")}

    place = make_key("w1", environment=environment)

    path = key_file("w1", environment=environment)
    assert place == f"in {path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(find_key("w1", environment=environment)) == 32


@on_posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    environment = {"INSIGHTS_KEY_DIR": str(tmp_path)}
    make_key("w1", environment=environment)
    path = key_file("w1", environment=environment)
    path.chmod(mode)

    with pytest.raises(InsightsError, match="Others on this machine can read the key") as caught:
        find_key("w1", environment=environment)

    assert caught.value.remedy == f"chmod 600 {path}"


def test_a_key_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    environment = {"INSIGHTS_KEY_DIR": str(tmp_path)}
    make_key("w1", environment=environment)
    before = find_key("w1", environment=environment)

    with pytest.raises(FileExistsError):
        make_key("w1", environment=environment)

    assert find_key("w1", environment=environment) == before


def test_keys_of_two_workspaces_differ(tmp_path: Path) -> None:
    environment = {"INSIGHTS_KEY_DIR": str(tmp_path)}
    make_key("w1", environment=environment)
    make_key("w2", environment=environment)

    assert find_key("w1", environment=environment) != find_key("w2", environment=environment)


def test_the_environment_s_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    environment = {"INSIGHTS_KEY": KEY_TEXT, "INSIGHTS_KEY_DIR": str(tmp_path)}

    assert make_key("w1", environment=environment) == "in INSIGHTS_KEY"
    assert find_key("w1", environment=environment) == bytes(range(32))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["short", "ä" * 44, KEY_TEXT[:-8], "="])
def test_what_is_no_key_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(InsightsError, match="INSIGHTS_KEY is not a key"):
        find_key("w1", environment={"INSIGHTS_KEY": text})


def test_a_missing_key_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InsightsError) as caught:
        find_key("w1", environment={"INSIGHTS_KEY_DIR": str(tmp_path)})

    assert str(tmp_path / "w1.key") in caught.value.message
    assert "INSIGHTS_KEY" in caught.value.remedy


def test_by_default_the_key_is_in_the_user_s_configuration() -> None:
    from platformdirs import user_config_path

    assert key_file("w1", environment={}).is_relative_to(user_config_path("insights"))


def test_a_workspace_s_files_do_not_hold_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    folder = tmp_path / "workspace"

    make_workspace(folder)

    [kept] = (tmp_path / "keys").glob("*.key")
    text = kept.read_text().strip().encode()
    raw = base64.urlsafe_b64decode(text)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if text in path.read_bytes() or raw in path.read_bytes()] == []


def test_a_workspace_opened_with_another_key_says_so_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_KEY", KEY_TEXT)
    make_workspace(tmp_path)
    monkeypatch.setenv("INSIGHTS_KEY", base64.urlsafe_b64encode(bytes(32)).decode())
    before = (tmp_path / ".insights" / "insights.db").read_bytes()

    with pytest.raises(InsightsError, match="key does not fit this database") as caught:
        open_workspace(tmp_path)

    assert "INSIGHTS_KEY" in caught.value.remedy
    assert (tmp_path / ".insights" / "insights.db").read_bytes() == before


@on_posix
@pytest.mark.parametrize("mode", [0o704, 0o702, 0o720, 0o777])
def test_a_folder_of_keys_that_others_can_look_or_write_into_is_refused(tmp_path: Path, mode: int) -> None:
    environment = {"INSIGHTS_KEY_DIR": str(tmp_path / "keys")}
    make_key("w1", environment=environment)
    (tmp_path / "keys").chmod(mode)

    with pytest.raises(InsightsError, match="look or write into the folder of the key") as caught:
        find_key("w1", environment=environment)

    assert caught.value.remedy == f"chmod 700 {tmp_path / 'keys'}"


def program(*lines: str) -> list[str]:
    """A command that does this."""
    return [sys.executable, "-c", "\n".join(lines)]


def test_a_command_prints_the_key_and_is_not_run_where_the_environment_has_one(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    command = program(f"print({KEY_TEXT!r})", f"open({str(ran)!r}, 'w')")
    other = base64.urlsafe_b64encode(bytes(32)).decode()

    assert find_key("w1", environment={"INSIGHTS_KEY": other}, command=command) == bytes(32)
    assert not ran.exists()
    assert find_key("w1", environment={}, command=command) == bytes(range(32))
    assert place_of_key("w1", environment={}, command=command) == "what the command of [keys] prints"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (program("print('topsecret')"), "is not a key"),
        (program("print('topsecret', flush=True)", "raise SystemExit(7)"), "failed with exit code 7"),
        (["/none/such/topsecret"], "could not be started: FileNotFoundError"),
        (["topsecret\0"], "could not be started: ValueError"),
    ],
)
def test_a_command_that_gives_no_key_is_told_without_a_word_of_it(command: list[str], words: str) -> None:
    with pytest.raises(InsightsError, match=words) as caught:
        find_key("w1", environment={}, command=command)

    assert "topsecret" not in f"{caught.value.message} {caught.value.remedy} {caught.value.__cause__}"


@on_posix
def test_a_command_that_takes_too_long_is_ended_with_what_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insights.storage.keys.COMMAND_SECONDS", 0.5)
    begun = time.monotonic()

    with pytest.raises(InsightsError, match=r"printed no key within 0.5 seconds"):
        find_key("w1", environment={}, command=["sh", "-c", "sleep 60 & sleep 60"])

    assert time.monotonic() - begun < 10


def test_a_workspace_opens_with_the_key_that_a_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_KEY", KEY_TEXT)
    make_workspace(tmp_path / "w")
    monkeypatch.delenv("INSIGHTS_KEY")
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "none"))
    settings = tmp_path / "w" / "insights.toml"
    named = f"[keys]\ncommand = {json.dumps(program(f'print({KEY_TEXT!r})'))}\n"
    settings.write_text(settings.read_text().replace("[keys]\n", named))

    open_workspace(tmp_path / "w").close()


def test_a_holder_does_not_show_the_environment(tmp_path: Path) -> None:
    holder = KeyHolder(workspace_id="w1", environment={"INSIGHTS_KEY": KEY_TEXT})

    assert KEY_TEXT not in repr(holder)
    assert holder.others("0" * 16) == ()


def test_the_next_key_stays_the_same_until_it_has_taken_its_place(tmp_path: Path) -> None:
    environment = {"INSIGHTS_KEY_DIR": str(tmp_path)}
    make_key("w1", environment=environment)
    holder = KeyHolder(workspace_id="w1", environment=environment)
    before = holder.find()

    following = holder.keep_next()

    assert holder.keep_next() == following
    assert holder.find() == before
    assert not holder.promote(fingerprint_of(before))
    assert holder.promote(fingerprint_of(following))
    assert holder.find() == following
    assert before in holder.others(fingerprint_of(before))
    holder.forget([fingerprint_of(before)])
    assert before not in holder.others(fingerprint_of(before))
