"""How a workspace stands, told without asking anybody: each thing with what mends it."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from insights import health
from insights.bootstrap import Workspace, open_workspace
from insights.domain.health import Check, CheckState
from insights.domain.run import RunStatus
from insights.errors import InsightsError
from insights.storage.deliveries import Delivery, DeliveryStatus
from tests.cli.calling import Run, caller, made

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
DAILY = "\n".join(["id,text,created_at", *(f"{n},The export hangs ({n}),2026-11-{n:02d}" for n in range(1, 26))])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSIGHTS_NOW", NOW.isoformat())
    (tmp_path / "tickets.csv").write_text(DAILY)
    return made(tmp_path, monkeypatch)


@pytest.fixture
def call(folder: Path) -> Run:
    return caller(folder)


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    opened = open_workspace(folder)
    yield opened
    opened.close()


def checks(workspace: Workspace, *, now: datetime = NOW) -> list[Check]:
    return health.known_checks(workspace.standing(now))


def check(workspace: Workspace, name: str, *, now: datetime = NOW) -> Check:
    return next(one for one in checks(workspace, now=now) if one.name == name)


def configured(folder: Path, **fields: str) -> None:
    """Name the file of tickets as a source to be pulled."""
    lines = {"name": "desk", "path": "../tickets.csv", "kind": "ticket", **fields}
    block = "\n".join(["[[sources]]", *(f"{key} = {json.dumps(value)}" for key, value in lines.items()), ""])
    (folder / "insights.toml").write_text(block)


def imported(call: Run, folder: Path) -> None:
    call("import", str(folder.parent / "tickets.csv"), "--kind", "ticket", "--source", "desk", "-y")


# -- sources ------------------------------------------------------------------------------------------------------


def test_a_source_tells_its_items_its_newest_day_and_when_it_was_read(call: Run, folder: Path, workspace: Workspace):
    imported(call, folder)
    found = check(workspace, "source")

    assert found.state is CheckState.OK
    assert found.words == "desk: 25 tickets, newest 2026-11-25 (1 d), read 0 min ago"
    assert (found.facts["rows"], found.facts["silent_days"], found.facts["stale_from_days"]) == (25, 1, 4)


def test_one_that_fell_silent_says_since_when_why_that_is_told_and_how_to_bring_more(
    call: Run, folder: Path, workspace: Workspace
):
    imported(call, folder)
    found = check(workspace, "source", now=NOW + timedelta(days=3))

    assert found.state is CheckState.NOTE
    assert "Nothing came for 4 days. This is told from 4 days on: " in found.remedy
    assert found.command == "insights import FILE --kind ticket --source desk"


def test_sources_without_feedback_are_counted_and_never_stale(call: Run, folder: Path, workspace: Workspace):
    (folder.parent / "accounts.csv").write_text("account_id,name\nA-1,Acme\nA-2,Beta\n")
    call("import", str(folder.parent / "accounts.csv"), "--kind", "account", "--source", "crm", "-y")
    found = check(workspace, "source", now=NOW + timedelta(days=400))

    assert (found.state, found.words) == (CheckState.OK, "crm: 2 accounts, read 400 d ago")


def test_a_configured_source_that_was_not_read_is_to_be_pulled(folder: Path):
    configured(folder)
    found = check(open_workspace(folder), "source")

    assert (found.state, found.command) == (CheckState.NOTE, "insights pull desk")
    assert found.words == "desk: nothing kept"
    assert found.remedy == "It was not read yet."


def test_a_source_of_any_name_stands_in_its_command_as_one_word(call: Run, folder: Path, workspace: Workspace):
    call("import", str(folder.parent / "tickets.csv"), "--kind", "ticket", "--source", "my $(desk)", "-y")
    found = check(workspace, "source", now=NOW + timedelta(days=9))

    assert found.command.endswith("--source 'my $(desk)'")


def test_a_file_that_is_gone_or_changed_is_told(call: Run, folder: Path):
    configured(folder)
    call("pull")
    workspace = open_workspace(folder)
    assert check(workspace, "source").state is CheckState.OK

    (folder.parent / "tickets.csv").write_text(f"{DAILY}\n99,More,2026-11-26\n")
    changed = check(workspace, "source")
    (folder.parent / "tickets.csv").unlink()
    gone = check(workspace, "source")

    assert (changed.state, changed.remedy) == (CheckState.NOTE, "Its file changed since it was read.")
    assert changed.command == "insights pull desk"
    assert gone.state is CheckState.WRONG
    assert "is not there" in gone.remedy


def test_what_went_wrong_when_it_was_read_is_kept_until_it_is_read_again(call: Run, folder: Path):
    configured(folder)
    call("pull")
    workspace = open_workspace(folder)
    (folder.parent / "tickets.csv").write_text("name,when\nAcme,2026-11-26\n")
    with pytest.raises(InsightsError):
        call("pull")
    broken = check(workspace, "source")
    (folder.parent / "tickets.csv").write_text(DAILY)
    os.utime(folder.parent / "tickets.csv", (0, 0))
    call("pull")

    assert broken.state is CheckState.WRONG
    assert "No column holds the text" in broken.remedy
    assert check(workspace, "source").state is CheckState.OK


def test_a_source_that_brought_nothing_new_was_read_all_the_same(
    call: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    configured(folder)
    call("pull")
    monkeypatch.setenv("INSIGHTS_NOW", (NOW + timedelta(hours=2)).isoformat())
    call("pull")

    assert check(open_workspace(folder), "source").facts["read_at"] == NOW + timedelta(hours=2)


def service(folder: Path, name: str = "desk") -> Workspace:
    """A workspace that names a service, which nobody asks."""
    block = {"name": name, "type": "zendesk", "url": "https://acme.zendesk.com", "email": "a@acme.example"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in block.items()]
    (folder / "insights.toml").write_text("\n".join(["[[sources]]", *lines, ""]))
    return open_workspace(folder)


def test_a_service_that_refused_the_login_names_the_command_that_gives_one(folder: Path):
    workspace = service(folder)
    workspace.repository.sources.note_failed(
        "desk", NOW - timedelta(hours=3), error="desk refused the login.", remedy="Give it a key.", needs_login=True
    )
    found = check(workspace, "source")

    assert (found.state, found.command, found.needs_login) == (CheckState.WRONG, "insights auth desk", True)
    assert "(3 h ago): desk refused the login. Give it a key." in found.remedy


def test_a_service_that_was_read_today_and_is_silent_is_not_to_be_read_again(call: Run, folder: Path):
    imported(call, folder)
    workspace = service(folder)
    later = NOW + timedelta(days=9)
    workspace.repository.sources.note_read("desk", later - timedelta(hours=2))
    found = check(workspace, "source", now=later)

    assert found.state is CheckState.NOTE and found.facts["is_stale"]
    assert "this login may still read everything" in found.remedy
    assert found.command == "insights auth desk --status"
    assert check(workspace, "source", now=later + timedelta(days=2)).command == "insights pull desk"


def test_a_service_that_the_settings_name_no_longer_is_no_trouble_and_may_be_a_renamed_one(folder: Path):
    workspace = service(folder, "desk-2")
    workspace.repository.sources.note_read("desk", NOW)
    workspace.repository.sources.note_swept("desk", NOW)
    workspace.repository.sources.note_failed("desk", NOW, error="refused", needs_login=True)
    left = next(one for one in checks(workspace) if one.name == "source" and one.words.startswith("desk:"))

    assert (left.state, left.command) == (CheckState.NOTE, "")
    assert "If it was renamed" in left.remedy
    assert health.source_troubles(workspace.standing(NOW)) == []


def test_a_failing_source_is_told_in_one_sentence_with_the_command_that_mends_it(folder: Path):
    workspace = service(folder, "support")
    assert health.source_troubles(workspace.standing(NOW)) == []

    workspace.repository.sources.note_failed(
        "support", NOW, error="support is \x1b[31mbusy\nnow." + " x" * 900, remedy="Wait."
    )
    [failing] = health.source_troubles(workspace.standing(NOW))

    assert failing.startswith("support could not be read: support is busy now.")
    assert failing.endswith("Mend it: insights pull support") and len(failing) < 300
    assert "\x1b" not in failing and "\n" not in failing


def test_a_source_that_fell_silent_is_told_where_the_settings_name_it(call: Run, folder: Path, workspace: Workspace):
    imported(call, folder)
    later = NOW + timedelta(days=9)
    assert health.source_troubles(workspace.standing(later)) == []  # imported by hand: it may rest

    [silent] = health.source_troubles(service(folder).standing(later))

    assert silent.startswith("Nothing came from desk for ") and silent.endswith("See: insights sources")


# -- runs ---------------------------------------------------------------------------------------------------------


def test_before_the_first_run_what_waits_is_told_with_the_command(call: Run, folder: Path, workspace: Workspace):
    assert check(workspace, "last run").state is CheckState.SKIPPED
    imported(call, folder)
    found = check(workspace, "last run")

    assert (found.state, found.command) == (CheckState.NOTE, "insights analyze")


def test_a_run_that_is_done_tells_when_and_what_it_cost(workspace: Workspace):
    run = workspace.repository.runs.start(mode="offline", at=NOW - timedelta(hours=6))
    ended = NOW - timedelta(hours=5, minutes=50)
    workspace.repository.runs.save(replace(run, status=RunStatus.DONE, finished_at=ended, spend_usd=0.384))
    found = check(workspace, "last run")

    assert (found.state, found.command) == (CheckState.OK, "")
    assert found.words == "Run 1 was done 2026-11-26 02:10 UTC, 5 h ago; $0.38"


def test_items_that_came_after_it_wait_for_the_next(call: Run, folder: Path, workspace: Workspace):
    run = workspace.repository.runs.start(mode="offline", at=NOW)
    workspace.repository.runs.save(replace(run, status=RunStatus.DONE, finished_at=NOW))
    imported(call, folder)
    found = check(workspace, "last run")

    assert (found.state, found.command) == (CheckState.NOTE, "insights analyze")
    assert found.remedy == "25 items came since, and is in no problem yet."


@pytest.mark.parametrize(
    ("failures", "state"),
    [(("KeyboardInterrupt",), CheckState.NOTE), (("The disk is full.",), CheckState.WRONG)],
)
def test_a_stopped_run_says_where_and_how_to_go_on(workspace: Workspace, failures: tuple[str, ...], state: CheckState):
    run = workspace.repository.runs.start(mode="offline", at=NOW)
    workspace.repository.runs.save(replace(run, status=RunStatus.STOPPED, stage="group", failures=failures))
    found = check(workspace, "last run")

    assert (found.state, found.command) == (state, "insights analyze")
    assert "stopped at group" in found.words


def test_a_run_that_was_killed_is_told_from_one_that_is_at_work(workspace: Workspace):
    run = workspace.repository.runs.start(mode="offline", at=NOW)
    workspace.repository.runs.save(replace(run, stage="group"))
    killed = check(workspace, "last run")
    (workspace.data / "run.owner").write_text(json.dumps({"pid": os.getpid(), "since": NOW.isoformat()}))
    running = check(workspace, "last run")

    assert (killed.state, killed.command) == (CheckState.WRONG, "insights analyze")
    assert (running.state, running.command) == (CheckState.OK, "")
    assert f"process {os.getpid()}" in running.words


# -- key, backup, disk, models ------------------------------------------------------------------------------------


def test_without_a_backup_it_says_how_to_make_one(workspace: Workspace, folder: Path, call: Run):
    empty = check(workspace, "backup")
    imported(call, folder)
    found = check(workspace, "backup")

    assert (empty.state, found.state) == (CheckState.SKIPPED, CheckState.NOTE)
    assert found.words == "None was made yet."
    assert found.command == "insights backup --to FOLDER"


def test_the_key_is_named_by_its_place_and_never_shown(workspace: Workspace, folder: Path):
    key = next((folder.parent / "keys").iterdir())

    assert f"in {key};" in check(workspace, "key").words
    assert key.read_text().strip() not in "".join(f"{one}" for one in checks(workspace))


def test_a_key_in_the_environment_is_kept_apart_by_its_owner(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("INSIGHTS_KEY", next((folder.parent / "keys").iterdir()).read_text())

    assert check(workspace, "key").words.startswith("in INSIGHTS_KEY;")


DIGESTS = """
[[digests]]
name = "team"
[[digests]]
name = "weekly"
period = "week"
channel = "file:weekly/"
"""


def digests(folder: Path, *deliveries: Delivery, blocks: str = DIGESTS) -> list[Check]:
    (folder / "insights.toml").write_text(blocks)
    workspace = open_workspace(folder)
    for one in deliveries:
        workspace.repository.deliveries.put(one)
    found = [one for one in checks(workspace) if one.name == "digest"]
    workspace.close()
    return found


def a_delivery(
    digest: str, *, days_ago: int, status: DeliveryStatus = DeliveryStatus.SENT, error: str = ""
) -> Delivery:
    at = NOW - timedelta(days=days_ago)
    sent = at if status is DeliveryStatus.SENT else None
    day = at.date().isoformat()
    return Delivery(
        digest=digest, period=day, status=status, until_run=1, made_at=at, sent_at=sent, error=error or None, remedy=""
    )


def test_each_digest_tells_when_it_was_sent_however_many_others_were(folder: Path):
    daily = [a_delivery("team", days_ago=days, status=DeliveryStatus.QUIET) for days in range(1, 90)]
    team, weekly = digests(folder, *daily, a_delivery("team", days_ago=99), a_delivery("weekly", days_ago=95))

    assert team.words == "team: sent 99 d ago; nothing to tell on 2026-11-25"
    assert weekly.words == "weekly: sent 95 d ago"
    assert team.state is weekly.state is CheckState.OK


def test_a_digest_that_waits_says_why_and_one_that_went_out_since_does_not(folder: Path):
    waiting, dropped = DeliveryStatus.WAITING, DeliveryStatus.DROPPED
    team, weekly = digests(
        folder,
        a_delivery("team", days_ago=1, status=waiting, error="It is down."),
        a_delivery("weekly", days_ago=9, status=dropped, error="It was down."),
        a_delivery("weekly", days_ago=2),
    )
    assert (team.state, team.remedy) == (CheckState.WRONG, "That of 2026-11-25 could not be sent: It is down.")
    assert weekly.state is CheckState.OK


def test_a_digest_that_goes_nowhere_or_never_tells_anything_is_told(folder: Path):
    blocks = DIGESTS.replace('"file:weekly/"', '"mial"').replace('"team"', '"team"\ntheme = "Paymets"')
    team, weekly = digests(folder, blocks=blocks)

    assert (team.state, team.words) == (CheckState.NOTE, "team: no theme is called 'Paymets'")
    assert weekly.state is CheckState.WRONG
    assert weekly.words == "weekly: 'mial' is nothing that a digest can be sent with."
    assert team.remedy
    assert weekly.remedy


def test_a_workspace_that_does_not_name_its_key_any_more_is_told(workspace: Workspace, folder: Path):
    (folder / ".insights" / "id").unlink()

    assert check(workspace, "key").state is CheckState.WRONG
    assert "which names the key, is gone" in check(workspace, "key").words


def test_a_disk_that_is_nearly_full_is_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("insights.health.kept._LITTLE_FREE", 10**18)

    assert check(workspace, "disk").state is CheckState.NOTE
    assert check(workspace, "disk").command.startswith("du ")


def test_a_model_without_a_key_names_the_command_that_keeps_one(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "insights.toml").write_text('[language]\nmodel = "openai:small"\nlarge_model = "anthropic:big"\n')
    monkeypatch.setenv("OPENAI_API_KEY", "sk-never-shown")
    workspace = open_workspace(folder)

    small, large = check(workspace, "model"), check(workspace, "large model")
    assert (small.state, large.state) == (CheckState.OK, CheckState.WRONG)
    assert "its key is in OPENAI_API_KEY" in small.words
    assert (large.command, large.needs_login) == ("insights auth anthropic", True)
    assert "sk-never-shown" not in f"{checks(workspace)}"


def test_money_that_is_spent_is_told(folder: Path):
    address = "http://127.0.0.1:9/v1"
    (folder / "insights.toml").write_text(
        f'[language]\nmodel = "openai:small"\nbase_url = "{address}"\nmax_usd_month = 0\n'
    )
    found = check(open_workspace(folder), "model")

    assert found.state is CheckState.NOTE
    assert "language.max_usd_month" in found.remedy


def test_weights_that_are_not_there_are_told(folder: Path):
    (folder / "insights.toml").write_text('[embedding]\nembedder = "onnx:weights"\n')

    assert check(open_workspace(folder), "embedder").state is CheckState.WRONG


def test_a_database_that_does_not_answer_is_a_check_that_is_not_passed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    def gone() -> None:
        raise InsightsError("The database server cannot be reached.", remedy="See that it runs.")

    monkeypatch.setattr(workspace.repository.sources, "delivered", gone)

    first = checks(workspace)[0]
    assert (first.name, first.state) == ("database", CheckState.WRONG)


def test_all_that_needs_a_look_has_a_remedy_or_a_command(workspace: Workspace):
    for one in checks(workspace):
        assert one.state is CheckState.OK or one.remedy or one.command, one
