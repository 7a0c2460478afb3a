"""Keys are kept in the system's keyring, come from there, and are never shown."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from insights.cli.main import app
from insights.embedding.credentials import SERVICE, api_key
from insights.errors import ExitCode, InsightsError
from tests import ready
from tests.cli.terminal import on_a_terminal
from tests.memory_keyring import MemoryKeyring, keyring_in_memory

ROOT = Path(__file__).parents[2]
KEY = "sk-proj-0123456789abcdefSECRET"
IN_MEMORY = {"PYTHON_KEYRING_BACKEND": "tests.memory_keyring.MemoryKeyring"}


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment but a desktop session, so that the keyring is asked."""
    for name in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")


@pytest.fixture
def keyring() -> Iterator[MemoryKeyring]:
    with keyring_in_memory() as own:
        yield own


def auth(*arguments: str, given: str | bytes = "") -> str:
    """What the command prints in all; what it raises is raised."""
    done = CliRunner().invoke(app, ["auth", *arguments], input=given)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def refused(*arguments: str, given: str | bytes = "") -> InsightsError:
    with pytest.raises(InsightsError) as caught:
        auth(*arguments, given=given)
    return caught.value


def test_a_key_on_standard_input_is_kept_and_not_printed(keyring: MemoryKeyring) -> None:
    said = auth("openai", given=f"  {KEY}\n")

    assert keyring.kept == {(SERVICE, "openai"): KEY}
    assert KEY not in said
    assert api_key("") == KEY


def test_each_provider_has_a_key_of_its_own(keyring: MemoryKeyring) -> None:
    auth("openai", given=KEY)
    auth("Anthropic", given="sk-ant-2")

    assert keyring.kept == {(SERVICE, "openai"): KEY, (SERVICE, "anthropic"): "sk-ant-2"}
    assert api_key("", provider="anthropic") == "sk-ant-2"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        (f"{KEY} and more", "white space"),
        (f"{KEY}\n{KEY}\n", "white space"),
        (f"{KEY}\x1b[31m", "control"),
        (f"{KEY}\0", "control"),
        (f"{KEY}\u200bx", "invisible"),
        ("“sk-1”", "no key has"),
        ("x" * 5000, "characters"),
    ],
)
def test_what_can_be_no_key_is_refused_and_not_shown(keyring: MemoryKeyring, given: str, why: str) -> None:
    error = refused("openai", given=given)

    assert why in error.message
    assert KEY not in error.message + error.remedy
    assert keyring.kept == {}


def test_bytes_that_are_no_text_are_refused(keyring: MemoryKeyring) -> None:
    error = refused("openai", given=KEY.encode("utf-16"))

    assert "UTF-8" in error.message
    assert error.__cause__ is None
    assert keyring.kept == {}


def test_a_byte_order_mark_is_no_part_of_the_key(keyring: MemoryKeyring) -> None:
    auth("openai", given=KEY.encode("utf-8-sig"))

    assert keyring.kept == {(SERVICE, "openai"): KEY}


@pytest.mark.parametrize("name", ["", "sk-proj-0123", "open ai", "x" * 50, "../etc"])
def test_what_is_no_providers_name_is_wrong_usage_and_not_repeated(keyring: MemoryKeyring, name: str) -> None:
    error = refused(name, given=KEY)

    assert error.exit_code is ExitCode.USAGE
    assert not name or name not in error.message + error.remedy
    assert keyring.kept == {}


def test_a_provider_that_is_not_known_by_name_is_kept_and_told(keyring: MemoryKeyring) -> None:
    assert "begins with opnai:" in auth("opnai", given=KEY)
    assert keyring.kept == {(SERVICE, "opnai"): KEY}


def test_a_removed_key_is_gone(keyring: MemoryKeyring) -> None:
    auth("openai", given=KEY)
    auth("openai", "--remove")

    assert keyring.kept == {}
    assert "no key for openai" in refused("openai", "--remove").message


def test_the_status_says_where_a_key_would_come_from_and_shows_none(
    keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = refused("openai", "--status")
    auth("openai", given=KEY)
    kept = auth("openai", "--status")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    variable = auth("openai", "--status")

    assert nothing.exit_code is ExitCode.LOGIN
    assert "insights auth openai" in nothing.remedy
    assert "keyring" in kept
    assert "OPENAI_API_KEY" in variable
    assert "sk-" not in kept + variable


def test_the_status_for_a_script(keyring: MemoryKeyring) -> None:
    without: Any = CliRunner().invoke(app, ["auth", "openai", "--status", "--json"])
    auth("openai", given=KEY)
    kept: Any = CliRunner().invoke(app, ["auth", "openai", "--status", "--json"])

    assert (without.exit_code, json.loads(without.stdout)["place"]) == (4, None)
    assert (kept.exit_code, json.loads(kept.stdout)["place"]) == (0, "the system's keyring")


def test_a_variable_that_comes_first_is_told(keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_API_KEY", "sk-other")

    assert "INSIGHTS_API_KEY is set in the environment and comes first" in auth("openai", given=KEY)


def test_removing_and_asking_at_once_is_wrong_usage(keyring: MemoryKeyring) -> None:
    assert refused("openai", "--remove", "--status").exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}, "switches it off"),
        ({"PYTHON_KEYRING_BACKEND": "", "DBUS_SESSION_BUS_ADDRESS": ""}, "no desktop session"),
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}, "none is set up"),
        ({"PYTHON_KEYRING_BACKEND": "no.such.Keyring"}, "it failed"),
    ],
)
def test_where_no_keyring_can_be_used_the_variable_is_named(environment: dict[str, str], why: str) -> None:
    if sys.platform != "linux":
        pytest.skip("the signs of a missing keyring are Linux's")
    for arguments in (["auth", "anthropic"], ["auth", "anthropic", "--remove"]):
        done = child(*arguments, given=KEY, environment=environment)

        assert done.returncode == 1
        assert why in done.stderr
        assert "ANTHROPIC_API_KEY" in done.stderr
        assert KEY not in done.stderr + done.stdout
        assert "Traceback" not in done.stderr


def test_a_locked_keyring_and_one_that_keeps_nothing_are_told() -> None:
    with keyring_in_memory(locked=True):
        assert "it is locked" in refused("openai", given=KEY).message
    with keyring_in_memory(forgetful=True):
        assert "does not stay" in refused("openai", given=KEY).message


def test_no_workspace_is_needed_and_the_key_shows_nowhere(tmp_path: Path) -> None:
    done = child("auth", "openai", given=KEY, cwd=tmp_path, environment=IN_MEMORY)

    assert done.returncode == 0
    assert "insights doctor" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_is_asked_without_echo_and_not_at_all_with_no_input() -> None:
    shown, code = on_a_terminal("auth", "openai", typed=[("not shown", f"{KEY}\n")], environment=IN_MEMORY)
    forbidden, wrong_usage = on_a_terminal("--no-input", "auth", "openai", environment=IN_MEMORY)

    assert code == 0
    assert "Key for openai (not shown):" in shown
    assert KEY not in shown
    assert wrong_usage == 2
    assert "key.txt" in forbidden


def child(
    *arguments: str, given: str, cwd: Path | None = None, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    around = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return ready.done(ready.COMMAND, *arguments, given=given, cwd=cwd, environment=around)
