"""Who uses a workspace: the operating system's user with the roles of the settings, and nobody by the environment."""

import os
import shutil
from pathlib import Path

import pytest

from insights.bootstrap import DATA_FOLDER, find_workspace, open_workspace
from insights.config import SETTINGS_FILE, Roles, load_settings
from insights.config.actors import login_name, owner_of, roles_of, unknown_names
from insights.domain.access import EVERY_ROLE, Act, Forbidden, Role
from insights.errors import ExitCode, InsightsError
from tests.cli.calling import made

NAMED = Roles(viewer=["vic"], triager=["tom", "vic"], privacy=["pia"], admin=["amy"])
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives a folder to somebody else")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return made(tmp_path, monkeypatch)


def let(workspace: Path, **roles: str) -> None:
    """Name these users under `[roles]`."""
    path = workspace / SETTINGS_FILE
    text = path.read_text().split("\n[roles]\n")[0]
    lines = [f'{role} = ["{name}"]' for role, name in roles.items()]
    path.write_text("\n".join([text, "[roles]", *lines, ""]))


@pytest.mark.parametrize(
    ("login", "roles"),
    [
        ("vic", {Role.VIEWER, Role.TRIAGER}),
        ("pia", {Role.PRIVACY}),
        ("amy", {Role.ADMIN}),
        ("eve", set()),
        ("root", set()),
    ],
)
def test_the_settings_say_who_has_which_role(login, roles):
    assert roles_of(login, NAMED, owner="root") == roles


def test_where_nobody_is_named_the_owner_has_every_role_and_others_none():
    assert roles_of("ada", Roles(), owner="ada") == EVERY_ROLE
    assert roles_of("root", Roles(admin=[" "]), owner="ada") == set()


def test_once_somebody_is_named_the_owner_counts_as_any_other():
    assert roles_of("ada", Roles(viewer=["ben"]), owner="ada") == set()


def test_a_name_is_taken_as_a_whole():
    assert roles_of("am", NAMED, owner="amy") == roles_of("Amy", NAMED, owner="amy") == set()


def test_whoever_made_a_workspace_may_do_everything_there(workspace):
    opened = open_workspace(workspace)

    actor = opened.repository.actor
    assert (actor.who, actor.login, actor.roles) == ("ada", login_name(), EVERY_ROLE)
    opened.close()


@pytest.mark.parametrize("variable", ["USER", "LOGNAME", "USERNAME", "LNAME", "SUDO_USER", "INSIGHTS_USER"])
def test_no_variable_makes_somebody_another_user(workspace, monkeypatch, variable):
    let(workspace, admin="amy")
    monkeypatch.setenv(variable, "amy")

    with pytest.raises(Forbidden):
        open_workspace(workspace)


@pytest.mark.parametrize("role", Role)
def test_no_variable_gives_a_role(workspace, monkeypatch, role):
    let(workspace, admin="amy")
    monkeypatch.setenv(f"INSIGHTS_ROLES_{role.value}".upper(), login_name())

    with pytest.raises(Forbidden):
        open_workspace(workspace)


def test_no_variable_takes_the_names_away(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text('[roles]\nadmin = ["amy"]\n')

    found = load_settings(tmp_path / SETTINGS_FILE, environment={"INSIGHTS_ROLES_ADMIN": "", "INSIGHTS_ROLES": "x"})

    assert found.roles.admin == ["amy"]


def test_no_variable_names_the_program_that_gives_the_key(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("")
    environment = {"INSIGHTS_KEYS_COMMAND": "sh,-c,evil", "INSIGHTS_KEYS_GRACE_HOURS": "3"}

    found = load_settings(tmp_path / SETTINGS_FILE, environment=environment)

    assert (found.keys.command, found.keys.grace_hours) == ([], 3)


def test_what_is_wrong_in_the_file_is_not_blamed_on_a_variable(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("[roles]\nadmin = 3\n")

    with pytest.raises(InsightsError) as refused:
        load_settings(tmp_path / SETTINGS_FILE, environment={"INSIGHTS_ROLES_ADMIN": "amy"})

    assert refused.value.message.startswith("insights.toml, line 2: roles.admin")


def test_an_unknown_role_is_an_error_of_the_settings(workspace):
    let(workspace, owner="amy")

    with pytest.raises(InsightsError, match=r"there is no setting roles\.owner"):
        open_workspace(workspace)


def test_somebody_without_a_role_is_refused_before_anything_is_read(workspace):
    let(workspace, admin="amy")
    for path in (workspace / DATA_FOLDER).iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    with pytest.raises(Forbidden) as refused:
        open_workspace(workspace)

    login = login_name()
    assert refused.value.message == f"{login} has no role in {workspace}."
    assert f'viewer = ["{login}"]' in refused.value.remedy
    assert refused.value.exit_code is ExitCode.FORBIDDEN


@as_root
def test_root_has_no_role_in_a_workspace_of_somebody_else(workspace):
    os.chown(workspace / DATA_FOLDER, 54_321, 54_321)

    with pytest.raises(Forbidden) as refused:
        open_workspace(workspace)

    assert refused.value.message == f"{workspace} belongs to 54321; root has no role there."
    assert 'admin = ["54321"], viewer = ["root"]' in refused.value.remedy


def test_the_owner_of_a_folder_is_a_name(tmp_path):
    assert owner_of(tmp_path) == login_name() != ""


def test_names_that_no_user_of_this_machine_has_are_known():
    assert unknown_names(Roles(admin=["root", "nobody-here-9c51"], viewer=["nobody-here-9c51", "a\0b", "1000"])) == [
        "nobody-here-9c51",
        "a\0b",
    ]


def test_a_viewer_asks_no_model_and_no_embedding_server(workspace, monkeypatch):
    let(workspace, viewer=login_name())
    monkeypatch.setenv("INSIGHTS_LANGUAGE_MODEL", "openai:gpt-9")
    monkeypatch.setenv("INSIGHTS_EMBEDDING_EMBEDDER", "openai:text-embedding-9")
    monkeypatch.setenv("INSIGHTS_API_KEY", "canary")
    opened = open_workspace(find_workspace(workspace))

    assert opened.desk() is None and opened.opener() is None
    assert opened.embedder.fingerprint
    for ask in (lambda: opened.embedder.embed(["words"]), lambda: opened.embedder.dimensions):
        with pytest.raises(Forbidden):
            ask()
    assert not opened.repository.actor.may(Act.ASK)
    opened.close()
