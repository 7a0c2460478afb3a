"""Sources of the settings are read by `pull`, stand in `sources`, log in by `auth`; one that fails stops no other."""

import base64
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from insights.cli.main import app
from insights.errors import ExitCode, InsightsError
from tests.cli.calling import Run, caller, made
from tests.hostile.dialects.freshdesk import FreshdeskDialect
from tests.hostile.server import SECRET, HostileServer, serving
from tests.hostile.world import World

VARIABLE = "INSIGHTS_SECRET_DESK"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    return made(tmp_path, monkeypatch)


@pytest.fixture
def desk(workspace: Path) -> Iterator[HostileServer]:
    """A helpdesk that the settings name, besides a file."""
    with serving(World(), FreshdeskDialect()) as hostile:
        hostile.world.add(6)
        block = ["[[sources]]", 'name = "desk"', 'type = "freshdesk"', f'url = "{hostile.base}"']
        write_settings(workspace, "\n".join(block))
        yield hostile


def write_settings(workspace: Path, block: str) -> None:
    with (workspace / "insights.toml").open("a") as file:
        file.write(f"\n{block}\n")


def add_file(workspace: Path) -> None:
    (workspace / "notes.csv").write_text("id,text,date\n1,The invoice is wrong,2026-01-02\n")
    write_settings(workspace, '[[sources]]\nname = "notes"\npath = "notes.csv"\nkind = "note"')


@pytest.fixture
def call(workspace: Path) -> Run:
    return caller(workspace)


def log_in(workspace: Path, secret: str = SECRET, *options: str) -> Any:
    return CliRunner().invoke(app, ["-C", str(workspace), "auth", "desk", *options], input=f"{secret}\n")


def refused(call: Run, *arguments: str) -> InsightsError:
    with pytest.raises(InsightsError) as caught:
        call(*arguments)
    return caught.value


def test_a_login_is_tried_kept_and_used(workspace: Path, desk: HostileServer, call: Run) -> None:
    said = log_in(workspace)

    assert "Logged in as agent@acme.example" in said.output
    assert "6 new" in call("pull")
    assert "comes from the workspace: logged in as agent@acme.example" in call("auth", "desk", "--status")


def test_a_login_that_is_refused_is_not_kept_and_the_one_before_stays(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    log_in(workspace)

    wrong = log_in(workspace, "wrong-9d1")

    assert wrong.exception.exit_code is ExitCode.LOGIN
    assert "6 new" in call("pull")


def test_without_a_login_the_command_that_keeps_one_is_named(desk: HostileServer, call: Run) -> None:
    error = refused(call, "pull")

    assert error.exit_code is ExitCode.LOGIN
    assert "insights auth desk" in error.remedy and VARIABLE in error.remedy


def test_once_it_is_logged_in_it_is_to_be_read_and_not_logged_in_again(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    refused(call, "pull")
    assert "insights auth desk" in call("sources")

    log_in(workspace)

    told = call("sources")
    assert "insights auth desk" not in told and "insights pull desk" in told


def test_a_login_of_the_environment_comes_first(
    desk: HostileServer, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)

    assert "6 new" in call("pull", "desk")
    assert VARIABLE in call("auth", "desk", "--status")


def test_a_login_can_be_removed(workspace: Path, desk: HostileServer, call: Run) -> None:
    log_in(workspace)

    call("auth", "desk", "--remove")

    assert refused(call, "pull").exit_code is ExitCode.LOGIN
    assert refused(call, "auth", "desk", "--status").exit_code is ExitCode.LOGIN


def test_one_source_that_fails_is_named_and_the_others_are_read(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    add_file(workspace)

    error = refused(call, "pull")

    assert error.exit_code is ExitCode.PARTIAL and "desk" in error.message
    standing = {one["source"]: one for one in json.loads(call("sources", "--json"))}
    assert standing["notes"]["rows"] == 1 and standing["notes"]["error"] is None
    assert "no login" in standing["desk"]["error"] and standing["desk"]["command"] == "insights auth desk"
    assert "insights auth desk" in call("sources")


def test_whoever_looks_at_problems_is_told_which_source_they_do_not_rest_on(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    add_file(workspace)
    refused(call, "pull")
    mended = "Mend it: insights auth desk"

    assert mended in call("analyze", everything=True)
    assert mended in call("problems", everything=True)
    assert mended in " ".join(call("digest", "--offline").split())
    assert mended in call("digest", "--offline", "--markdown")
    words = json.loads(call("digest", "--offline", "--json"))["troubles"][0]
    assert words.startswith("desk could not be read: There is no login") and words.endswith(mended)
    assert mended not in call("--quiet", "problems", everything=True)
    assert isinstance(json.loads(call("problems", "--json")), list)

    log_in(workspace)
    call("pull")
    assert mended not in call("problems", everything=True)


def test_a_source_that_is_well_again_is_no_longer_complained_of(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    refused(call, "pull")
    log_in(workspace)

    call("pull")

    [standing] = json.loads(call("sources", "--json"))
    assert standing["error"] is standing["failed_at"] is None and standing["rows"] == 6


def test_what_was_deleted_there_is_removed_by_a_sweep(workspace: Path, desk: HostileServer, call: Run) -> None:
    log_in(workspace)
    call("pull")
    desk.world.delete(2)

    assert "removed" not in call("pull")
    assert "1 removed" in call("pull", "--sweep")


@pytest.mark.parametrize(("hours", "finds"), [(1, False), (23, False), (25, True), (-30, True)])
def test_deletions_are_looked_for_once_a_day_also_after_a_clock_that_was_wrong(
    workspace: Path, desk: HostileServer, call: Run, monkeypatch: pytest.MonkeyPatch, hours: int, finds: bool
) -> None:
    monkeypatch.setenv("INSIGHTS_NOW", NOW.isoformat())
    log_in(workspace)
    call("pull")
    desk.world.delete(2)
    monkeypatch.setenv("INSIGHTS_NOW", (NOW + timedelta(hours=hours)).isoformat())

    assert ("1 removed" in call("pull")) == finds


def test_a_sweep_that_would_remove_most_of_it_removes_nothing_unless_that_is_expected(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    log_in(workspace)
    desk.world.add(40)
    call("pull")
    desk.world.delete(*range(1, 42))

    error = refused(call, "pull", "--sweep")

    assert "nothing was removed" in error.message and "--expect-deletions" in error.remedy
    assert "41 removed" in call("pull", "--sweep", "--expect-deletions")


def test_a_reading_may_begin_at_a_day(workspace: Path, desk: HostileServer, call: Run) -> None:
    log_in(workspace)
    desk.world.pass_time(days=30)
    desk.world.add(2)

    assert "2 new" in call("pull", "--since", "2026-03-20")
    assert "0 new" in call("pull")
    assert "6 new" in call("pull", "--full")


def test_a_reading_from_a_day_on_leaves_out_nothing_that_changed_before_it(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    log_in(workspace)
    call("pull")
    desk.world.pass_time(days=2)
    desk.world.add(3)
    desk.world.pass_time(days=20)
    desk.world.add(2)

    assert "5 new" in call("pull", "--since", "2026-03-20")
    assert "0 new" in call("pull", "--full")


def test_a_day_that_is_yet_to_come_is_refused(workspace: Path, desk: HostileServer, call: Run) -> None:
    log_in(workspace)

    assert "yet to come" in refused(call, "pull", "--since", "2999-01-01").message


def test_what_came_is_told_also_where_the_look_for_deletions_fails(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    log_in(workspace)
    desk.world.add(40)
    call("pull")
    desk.world.delete(*range(1, 42))
    desk.world.add(2)

    done = CliRunner().invoke(app, ["-C", str(workspace), "pull", "--sweep"])

    assert "desk: 2 new" in done.stdout
    assert "nothing was removed" in str(done.exception)
    told = json.loads(CliRunner().invoke(app, ["-C", str(workspace), "pull", "--sweep", "--json", "--full"]).stdout)
    assert told["pulled"][0]["collected"]["saved"]["unchanged"] >= 7
    assert "nothing was removed" in told["failed"][0]["error"]
    [standing] = json.loads(call("sources", "--json"))
    assert standing["state"] == "wrong" and "--expect-deletions" in call("sources")


def test_why_one_source_failed_is_said_once(workspace: Path, desk: HostileServer, call: Run) -> None:
    done = CliRunner().invoke(app, ["-C", str(workspace), "pull"])

    assert isinstance(done.exception, InsightsError)
    assert "no login" not in done.output


def test_a_name_that_is_nearly_that_of_a_source_is_asked_about_and_no_key_of_models(
    workspace: Path, desk: HostileServer, call: Run
) -> None:
    error = refused(call, "auth", "dsk")

    assert error.exit_code is ExitCode.USAGE and "Did you mean desk?" in error.remedy


def test_a_setting_that_the_service_does_not_know_is_told_with_the_nearest(workspace: Path, call: Run) -> None:
    write_settings(workspace, '[[sources]]\nname = "desk"\ntype = "freshdesk"\nurl = "https://x.example"\ncals = 3')

    error = refused(call, "pull")

    assert "desk" in error.message and "cals" in error.message


def test_a_type_that_is_not_installed_is_told_with_the_nearest(workspace: Path, call: Run) -> None:
    write_settings(workspace, '[[sources]]\nname = "desk"\ntype = "freshdeks"')

    error = refused(call, "pull")

    assert "freshdeks" in error.message and "freshdesk" in error.remedy
    assert "freshdesk" in call("sources", "types")


def test_an_address_without_encryption_gets_no_secret(workspace: Path, call: Run) -> None:
    write_settings(workspace, '[[sources]]\nname = "desk"\ntype = "freshdesk"\nurl = "http://desk.example"')

    assert "in the clear" in refused(call, "pull").message


def test_the_secret_is_in_no_output_log_or_file_in_the_clear(
    workspace: Path, desk: HostileServer, call: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """The service even echoes what it was sent into its refusals."""
    caplog.set_level(logging.DEBUG)
    said = [log_in(workspace).output, call("pull", everything=True)]
    desk.world.add(3)
    desk.faults.append("cut")
    said += [call("pull", "--full", everything=True)]
    for words in (["sources"], ["sources", "--json"], ["pull", "--json"], ["auth", "desk", "--status"]):
        said.append(call(*words, everything=True))
    said += [call("auth", "desk", "--status", "--json"), call("doctor", "--offline", "--json", everything=True)]
    refusal = log_in(workspace, f"{SECRET}-old")
    said += [refusal.output, str(refusal.exception), refusal.exception.remedy, caplog.text]

    forms = [SECRET, *(base64.b64encode(f"{one}:X".encode()).decode() for one in (SECRET, f"{SECRET}-old"))]
    files = [path for path in workspace.rglob("*") if path.is_file()]
    assert len(files) > 2
    for form in forms:
        assert form not in "\n".join(said)
        assert [path for path in files if form.encode() in path.read_bytes()] == []


def test_whoever_watches_sees_that_the_service_asks_to_wait(workspace: Path, desk: HostileServer) -> None:
    log_in(workspace)
    desk.faults.append("429-date")
    desk.faults.append("cut")

    told = CliRunner().invoke(app, ["-C", str(workspace), "--progress", "json", "pull"]).output

    assert "waiting as desk asks" in told


def test_settings_that_are_wrong_are_told_before_the_secret_is_asked_for(workspace: Path) -> None:
    write_settings(workspace, '[[sources]]\nname = "desk"\ntype = "freshdesk"\nurl = "https://x.example"\ncals = 3')

    said = log_in(workspace)

    assert "cals" in said.exception.message and "logs in with" not in said.output
