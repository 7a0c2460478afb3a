"""Every command with every role: who is let in, and who is told what is missing with exit code 6."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from insights.bootstrap import DATA_FOLDER, open_workspace, write_whole
from insights.cli.main import app, main
from insights.config import SETTINGS_FILE
from insights.config.actors import login_name
from insights.domain.access import ALLOWED, Act, Forbidden, Role
from insights.errors import ExitCode, InsightsError
from tests.cli.calling import caller, made, reached
from tests.stored import a_stored_problem, an_item, fill

LOOK, ASK, DECIDE, FILE, BRING, MANAGE, AUDIT, PERSONS, ERASE = Act
MINIMAL: dict[str, tuple[tuple[Act, ...], str]] = {
    "auth": ((MANAGE,), "team-mail --status"),
    "doctor": ((LOOK,), "--offline"),
    "analyze": ((BRING,), ""),
    "reindex": ((BRING,), ""),
    "ask": ((ASK,), "hangs?"),
    "lenses": ((LOOK,), ""),
    "problems": ((LOOK,), ""),
    "show": ((LOOK,), "P-1"),
    "search": ((LOOK,), "export"),
    "board": ((LOOK,), ""),
    "place": ((DECIDE,), "P-1 --to now"),
    "brief": ((LOOK,), "P-1"),
    "merge": ((DECIDE,), "P-1 P-2"),
    "split": ((DECIDE,), "P-1 T-1"),
    "move": ((DECIDE,), "1 --from P-1 --to P-2"),
    "rename": ((DECIDE,), "P-1 hangs"),
    "rules": ((LOOK,), ""),
    "history": ((LOOK,), "P-1"),
    "decide": ((DECIDE,), "P-1 accept"),
    "undo": ((DECIDE,), ""),
    "redo": ((DECIDE,), ""),
    "diff": ((LOOK,), ""),
    "digest": ((LOOK,), ""),
    "estimate": ((DECIDE,), "P-1 --effort L"),
    "whatif": ((LOOK,), "--set worth.hourly_cost=50"),
    "rank": ((DECIDE,), ""),
    "why": ((LOOK,), "1"),
    "unassigned": ((LOOK,), ""),
    "themes": ((LOOK,), ""),
    "export": ((FILE,), "P-1 --to file:backlog.md --dry-run"),
    "fairness": ((LOOK,), ""),
    "nightly": ((BRING, FILE), ""),
    "notify": ((FILE, PERSONS), "P-1 --draft"),
    "shipped": ((LOOK,), ""),
    "shipped --on": ((DECIDE,), "P-1 --on 2026-06-01"),
    "calibration": ((LOOK,), ""),
    "calibration --apply": ((MANAGE,), ""),
    "parts": ((LOOK,), "P-1"),
    "report": ((LOOK,), "--out report.html"),
    "pull": ((BRING,), ""),
    "sync": ((FILE,), ""),
    "trackers": ((LOOK,), ""),
    "import": ((BRING,), "none.csv --kind ticket"),
    "models distil": ((MANAGE,), ""),
    "models distil --status": ((LOOK,), ""),
    "models distil --forget": ((MANAGE,), ""),
    "runs": ((LOOK,), ""),
    "runs show": ((LOOK,), ""),
    "schedule install": ((MANAGE,), "--with cron"),
    "schedule show": ((LOOK,), ""),
    "schedule remove": ((MANAGE,), ""),
    "senders": ((LOOK,), ""),
    "senders test": ((MANAGE,), "file:digests/"),
    "sources": ((LOOK,), ""),
    "work import": ((BRING,), "none.csv"),
    "work list": ((LOOK,), ""),
    "work forget": ((BRING,), "none"),
    "audit log": ((AUDIT,), ""),
    "audit verify": ((AUDIT,), ""),
    "audit head": ((AUDIT,), ""),
    "backup": ((MANAGE,), ""),
    "backup list": ((MANAGE,), ""),
    "backup verify": ((MANAGE,), "none.backup"),
    "restore": ((MANAGE,), "none.backup --yes"),
    "keys status": ((MANAGE,), ""),
    "keys rotate": ((MANAGE,), "--finish"),
    "keys rewrap": ((MANAGE,), ""),
    "metrics": ((LOOK,), ""),
    "privacy erase": ((ERASE,), "bob@acme.example"),
    "privacy receipt": ((AUDIT,), "none.json"),
    "privacy export": ((PERSONS,), "bob@acme.example --json"),
    "privacy retain": ((LOOK,), ""),
    "privacy retain --yes": ((ERASE,), "--yes"),
    "privacy preview": ((LOOK,), ""),
    "card": ((LOOK,), ""),
    "privacy reveal": ((PERSONS,), "EMAIL_7KQ2M4XA"),
    "privacy people": ((PERSONS,), "EMAIL_7KQ2M4XA"),
}
"""Each command with what it takes, and with words that are just enough to come so far."""

SENDER = """
[[senders]]
name = "team-mail"
type = "smtp"
host = "smtp.acme.example"
sender = "insights@acme.example"
user = "insights"
"""

NEEDS_NO_ROLE = {
    "roles",  # says which there are
    "init",  # makes a workspace, whose owner is whoever makes it
    "demo",  # the same
    "eval groups",  # a labelled file and no workspace
    "eval pii",  # the same
    "models quantize",  # weights and no workspace
    "sources types",  # what is installed
    "sources new",  # writes the skeleton of a package
    "triage",  # needs a terminal first: tests/tui/test_roles.py
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with two problems, made once."""
    folder = tmp_path_factory.mktemp("roles")
    with pytest.MonkeyPatch.context() as patched:
        opened = open_workspace(made(folder, patched))
        problems = [a_stored_problem(title, items=[an_item(f"{title} again.")]) for title in ("Export hangs", "Slow")]
        fill(opened.repository, problems)
        opened.close()
        yield folder


@pytest.fixture
def workspace(stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that is like it, of which nothing is asked that takes long."""
    shutil.copytree(stored, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for name in ("insights.pipeline.analyze", "insights.stages.embed.embed"):
        monkeypatch.setattr(name, refuse)
    monkeypatch.setattr("insights.nightly.schedule._crontab", lambda _: "")
    return reached(tmp_path, monkeypatch)


def refuse(*_: Any, **__: Any) -> None:
    raise InsightsError("It was let in.", remedy="Nothing more was wanted.")


def let(workspace: Path, *roles: Role) -> None:
    """The user of this test has these roles alone."""
    path = workspace / SETTINGS_FILE
    text = path.read_text().split("\n[roles]\n")[0]
    names = {"admin": "somebody-else"} | {role.value: login_name() for role in roles}
    lines = [f'{role} = ["{name}"]' for role, name in names.items()]
    path.write_text("\n".join([text, "[roles]", *lines, SENDER]))


def exit_code(workspace: Path, words: list[str]) -> int:
    """As `main` would end: 6 where it was forbidden, 1 where it ended in another way but well."""
    done = CliRunner().invoke(app, ["-C", str(workspace), "--no-input", "--quiet", *words])
    if isinstance(done.exception, InsightsError):
        assert (done.exception.exit_code is ExitCode.FORBIDDEN) == isinstance(done.exception, Forbidden)
        return int(done.exception.exit_code)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code


@pytest.mark.parametrize("command", MINIMAL)
def test_a_command_is_for_those_whose_roles_allow_it(workspace: Path, command: str) -> None:
    acts, words = MINIMAL[command]
    for roles in [(), *((role,) for role in Role), tuple(Role)]:
        let(workspace, *roles)
        may = all(any(act in ALLOWED[role] for role in roles) for act in acts)

        ended = exit_code(workspace, [*command.split(), *words.split()])

        assert (ended == 6) is not may, f"{command} as {roles}: {ended}"


def test_every_command_is_looked_at() -> None:
    known = {command.partition(" --")[0] for command in MINIMAL} | NEEDS_NO_ROLE

    assert set(commands(typer.main.get_command(app))) == known


def commands(command: Any, *path: str) -> Iterator[str]:
    """ "runs show", and "runs" where it does something by itself."""
    inside = getattr(command, "commands", {})
    if path and (not inside or command.invoke_without_command):
        yield " ".join(path)
    for name, one in inside.items():
        yield from commands(one, *path, name)


def test_a_refusal_is_two_lines_on_stderr_and_nothing_of_data(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    let(workspace, Role.VIEWER)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.argv", ["insights", "-C", str(workspace), "decide", "P-1", "accept", "--json"])

    with pytest.raises(SystemExit) as ended:
        main()

    told = capsys.readouterr()
    login = login_name()
    assert ended.value.code == 6 and told.out == ""
    assert told.err == (
        f"insights: {login} may not do this: it needs the role triager or admin; {login} has viewer.\n"
        f'  Whoever looks after insights.toml gives roles there, under [roles]: triager = ["{login}"]. '
        "See: insights roles\n"
    )


def test_it_says_who_you_are_what_you_may_and_who_else_may(workspace: Path) -> None:
    let(workspace, Role.VIEWER, Role.TRIAGER)

    told = json.loads(caller(workspace)("roles", "--json"))

    assert (told["who"], told["login"], told["roles"]) == ("ada", login_name(), ["viewer", "triager"])
    assert told["may"] == ["look", "ask", "decide", "file", "bring"]
    assert [one["held_by"] for one in told["all"]] == [[login_name()], [login_name()], [], ["somebody-else"]]
    page = caller(workspace)("roles")
    assert f"You are {login_name()}: viewer, triager; decisions are signed ada." in page


def test_whoever_has_no_role_is_told_so_without_a_look_at_the_data(workspace: Path) -> None:
    let(workspace)
    (workspace / DATA_FOLDER / "insights.db").unlink()

    assert f"You are {login_name()}: no role" in caller(workspace)("roles")


def test_where_nobody_is_named_the_owner_has_all(workspace: Path) -> None:
    page = caller(workspace)("roles")

    assert "[roles] names nobody, so" in page and "viewer, triager, privacy, admin" in page


def test_names_are_shown_as_they_are_and_harmless(workspace: Path) -> None:
    let(workspace)
    path = workspace / SETTINGS_FILE
    path.write_text(path.read_text().replace("somebody-else", "\\u001b[31m[red]eve"))

    page = caller(workspace)("roles", everything=True)

    assert "\x1b" not in page and "[red]eve" in page


def test_doctor_says_which_names_are_unknown_here(workspace: Path) -> None:
    let(workspace, Role.VIEWER)

    told = json.loads(caller(workspace)("doctor", "--json"))
    check = next(one for one in told["checks"] if one["name"] == "roles")

    assert check["state"] == "note" and "somebody-else" in check["remedy"]
    assert "no server is asked" in check["words"]


def test_a_restore_that_was_cut_off_is_not_ended_by_somebody_without_a_role(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Path] = []
    monkeypatch.setattr("insights.backup.restore.finish_restore", ended.append)
    (workspace / f"{DATA_FOLDER}.restoring").mkdir()

    let(workspace)
    with pytest.raises(Forbidden):
        open_workspace(workspace)
    assert ended == []

    let(workspace, Role.VIEWER)
    open_workspace(workspace).close()
    assert ended == [workspace / DATA_FOLDER]


def test_settings_that_are_written_are_never_for_everybody_to_change(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        write_whole(tmp_path / SETTINGS_FILE, "[roles]")
    finally:
        os.umask(former)

    assert (tmp_path / SETTINGS_FILE).stat().st_mode & 0o002 == 0
