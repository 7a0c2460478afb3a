"""`insights audit`: list, verify, and the head to be kept elsewhere."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights.bootstrap import Workspace, open_workspace, set_section
from insights.cli.main import app
from insights.domain.access import Actor, Forbidden, Role
from insights.errors import InsightsError, Unreachable
from insights.storage.anchors import read_anchor, write_anchor
from insights.storage.audit import AuditStore
from tests.cli.calling import Run, caller, made
from tests.stored import NOW


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return made(tmp_path, monkeypatch, columns=140)


@pytest.fixture
def insights(folder: Path) -> Run:
    return caller(folder)


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    opened = open_workspace(folder)
    yield opened
    opened.close()


def _import(folder: Path, insights: Run) -> None:
    (folder / "tickets.csv").write_text("id,date,text\n1,2026-06-01,The export hangs\n2,2026-06-02,It hangs again\n")
    insights("import", str(folder / "tickets.csv"), "--kind", "ticket")


def _change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / ".insights" / "insights.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _verify(folder: Path, *more: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["-C", str(folder), "audit", "verify", *more])
    return done.exit_code, done.stdout


CUT = (
    "DELETE FROM audit WHERE id > 1",
    "UPDATE counter SET last = (SELECT max(id) FROM audit) WHERE name = 'audit'",
)


def test_what_was_brought_in_is_listed_with_who_and_how_many(folder: Path, insights: Run) -> None:
    _import(folder, insights)

    [line] = insights("audit", "log").splitlines()[1:]
    assert "ada" in line
    assert "feedback.bring" in line
    assert "new 2" in line

    [entry] = json.loads(insights("audit", "log", "--json"))
    assert (entry["number"], entry["action"], entry["facts"]["new"]) == (1, "feedback.bring", 2)
    assert "export hangs" not in insights("audit", "log", "--json")


def test_entries_are_chosen_by_day_person_action_and_subject(folder: Path, insights: Run) -> None:
    _import(folder, insights)

    def count(*options: str) -> int:
        return len(json.loads(insights("audit", "log", "--json", *options)))

    assert count("--since", "2020-01-01") == 1
    assert count("--since", "2999-01-01") == 0
    assert count("--who", "ada") + count("--who", "eve") == count("--action", "feedback") == 1
    assert count("--subject", "P-9") == 0
    assert "Nothing of that kind" in caller(folder)("audit", "log", "--who", "eve", everything=True)


def test_a_day_is_taken_from_its_beginning(folder: Path, insights: Run, workspace: Workspace) -> None:
    made_now = workspace.repository.audit.record("login.keep", "zendesk")

    assert "zendesk" in insights("audit", "log", "--since", f"{made_now.at:%Y-%m-%d}")


def test_a_log_as_it_was_written_is_whole_and_its_head_is_anchored_beside_the_keys(folder: Path, insights: Run) -> None:
    _import(folder, insights)
    head = insights("audit", "head").strip()
    [anchor] = (folder.parent / "keys").glob("*.audit")

    assert anchor.read_text().strip() == head
    assert _verify(folder) == (0, f"The audit log is whole: 1 entry, the newest is {head}.\n")
    assert json.loads(_verify(folder, "--json")[1])["whole"] is True


def test_an_edit_ends_with_exit_code_1_and_the_place(folder: Path, insights: Run) -> None:
    _import(folder, insights)
    _change(folder, "UPDATE audit SET who = 'eve' WHERE id = 1")

    code, text = _verify(folder)

    assert code == 1
    assert "First place: entry 1 " in text
    found = json.loads(_verify(folder, "--json")[1])
    assert (found["whole"], found["count"], found["troubles"][0]["number"]) == (False, 2 - 1, 1)


def test_a_cut_end_is_found_by_the_anchor_that_is_kept(folder: Path, workspace: Workspace) -> None:
    for name in ("one", "two", "three"):
        workspace.repository.audit.record("login.keep", name)
    _change(folder, *CUT)

    code, text = _verify(folder)

    assert code == 1
    assert "knows entry 3, and the log ends with 1" in text
    assert workspace.repository.audit.record("login.keep", "four").number == 2
    assert _verify(folder)[0] == 1


def test_a_head_that_was_printed_finds_what_the_kept_anchor_was_changed_to_hide(
    folder: Path, workspace: Workspace, tmp_path: Path
) -> None:
    audit = workspace.repository.audit
    for name in ("one", "two", "three"):
        audit.record("login.keep", name)
    printed = audit.head()
    (tmp_path / "printed").write_text(printed.text)
    _change(folder, *CUT)
    write_anchor(audit.anchors[0], audit.head())

    assert _verify(folder)[0] == 0
    assert _verify(folder, "--anchor", printed.text)[0] == 1
    assert _verify(folder, "--anchor", str(tmp_path / "printed"))[0] == 1


def test_what_is_no_anchor_is_refused(folder: Path, insights: Run) -> None:
    with pytest.raises(InsightsError, match="is no anchor"):
        insights("audit", "verify", "--anchor", "12")


def test_a_lost_anchor_is_told_and_written_anew(folder: Path, insights: Run) -> None:
    _import(folder, insights)
    [anchor] = (folder.parent / "keys").glob("*.audit")
    anchor.unlink()

    code, text = _verify(folder)

    assert code == 0
    assert "is not there; it is written anew" in text
    assert "would not be seen" in text
    assert anchor.exists()


def test_an_older_database_is_taken_for_right_only_when_somebody_says_so(folder: Path, workspace: Workspace) -> None:
    for name in ("one", "two", "three"):
        workspace.repository.audit.record("login.keep", name)
    _change(folder, *CUT)
    assert _verify(folder)[0] == 1

    head = caller(folder)("audit", "head", "--anew").strip()

    assert _verify(folder)[0] == 0
    [entry] = workspace.repository.audit.newest(limit=1)
    assert (entry.action, entry.facts, f"{entry.number}:{entry.mac}") == ("audit.anchor", {"former": 3}, head)


def test_an_anchor_is_not_written_over_a_log_whose_seals_do_not_hold(folder: Path, insights: Run) -> None:
    _import(folder, insights)
    _change(folder, "UPDATE audit SET who = 'eve'")

    with pytest.raises(InsightsError, match="The log was changed"):
        insights("audit", "head", "--anew")


def test_the_settings_may_name_a_second_anchor(folder: Path, insights: Run, tmp_path: Path) -> None:
    set_section(folder, "audit", {"anchor": str(tmp_path / "elsewhere" / "head")})

    _import(folder, insights)

    anchor = read_anchor(tmp_path / "elsewhere" / "head")
    assert anchor is not None
    assert anchor.text == insights("audit", "head").strip()


def test_a_change_of_settings_is_written_down_by_who_opens_them_next(folder: Path, insights: Run) -> None:
    insights("problems", "--json")
    set_section(folder, "worth", {"loss_likely": 0.029})
    insights("problems", "--json")
    insights("problems", "--json")

    [entry] = json.loads(insights("audit", "log", "--json"))

    assert (entry["action"], entry["facts"]) == ("settings.change", {"sections": "worth"})
    assert "0.029" not in insights("audit", "log")


def test_settings_that_cannot_be_noted_now_are_noted_later(
    folder: Path, insights: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_section(folder, "worth", {"loss_likely": 0.029})
    with monkeypatch.context() as patched:
        patched.setattr(AuditStore, "_note_settings", _busy)
        assert json.loads(insights("runs", "--json")) == []

    assert len(json.loads(insights("audit", "log", "--json"))) == 1


def _busy(*_: object) -> None:
    raise Unreachable("Another process is writing.", remedy="Wait.")


def test_logins_that_are_forgotten_are_written_down_by_name(workspace: Workspace) -> None:
    workspace.credentials.keep("zendesk", "token", NOW)
    assert workspace.forget_login("zendesk")
    assert not workspace.forget_login("zendesk")

    entries = workspace.repository.audit.entries()
    assert [(one.action, one.subject) for one in entries] == [("login.forget", "zendesk")]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TRIAGER])
def test_who_may_not_read_the_log_may_not(workspace: Workspace, role: Role) -> None:
    from insights.auditing import anchor_anew, head, log, verify

    workspace.repository.actor = Actor.of("ben", {role})
    for use in (log, verify, head, anchor_anew):
        with pytest.raises(Forbidden):
            use(workspace.repository)


def test_text_in_a_forged_entry_does_not_act_on_the_terminal(folder: Path, insights: Run) -> None:
    _import(folder, insights)
    _change(folder, "UPDATE audit SET who = 'eve' || char(27) || '[2J'")

    assert os.linesep in insights("audit", "log")
    assert "\x1b" not in insights("audit", "log")
