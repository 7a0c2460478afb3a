"""`insights nightly`: what a scheduler calls. Safe to repeat, quiet where nothing happened, honest about failures."""

import json
import shutil
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from insights.bootstrap import open_workspace
from insights.cli.main import app
from insights.errors import ExitCode, InsightsError
from insights.nightly import delivering
from insights.nightly.letters import letter
from insights.ports import Message, Unanswered
from insights.storage.deliveries import DeliveryStatus
from insights.storage.lock import OwnerLock
from tests.cli.calling import caller, made, reached

FIRST = date(2026, 3, 20)
BLOCKS = """
[[sources]]
name = "desk"
path = "tickets.csv"
kind = "ticket"

[[digests]]
name = "team"
channel = "file:outbox/"
form = "markdown"
"""
TOPICS = ("the CSV export times out", "labels print cropped", "the SSO login loops")

Night = Callable[..., Any]


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace in which nothing was ever read, and its key."""
    place = tmp_path_factory.mktemp("new")
    with pytest.MonkeyPatch.context() as patched:
        workspace = made(place, patched)
    rows = [
        f"{topic[4:7]}-{number},{topic} {'again ' * (number % 3)}for us,{FIRST - timedelta(days=number + 1)}"
        for number in range(12)
        for topic in TOPICS
    ]
    write_tickets(workspace, rows)
    settings(workspace, BLOCKS)
    return place


@pytest.fixture(scope="module")
def analysed(new: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after its items were read and analysed by hand, before any night."""
    place = shutil.copytree(new, tmp_path_factory.mktemp("analysed") / "it")
    with pytest.MonkeyPatch.context() as patched:
        used(place, patched)
        for words in (["pull"], ["analyze"]):
            caller(place / "w")(*words)
    return place


@pytest.fixture(scope="module")
def slept(new: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after its first night, which was sent."""
    place = shutil.copytree(new, tmp_path_factory.mktemp("slept") / "it")
    with pytest.MonkeyPatch.context() as patched:
        used(place, patched)
        caller(place / "w")("nightly")
    return place


def used(place: Path, patched: pytest.MonkeyPatch) -> Path:
    """Its workspace, with its key and at the time of its first night."""
    patched.setenv("INSIGHTS_NOW", f"{FIRST}T05:00:00+00:00")  # what --as-of sets ends with the test
    return reached(place, patched)


from_analysed = pytest.mark.usefixtures("analysed")
from_slept = pytest.mark.usefixtures("slept")


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace: as `slept` or `analysed` where the test is marked so, else as `new`."""
    monkeypatch.setattr(delivering, "WAITS", (0.0, 0.0, 0.0))
    state = next((name for name in ("slept", "analysed") if name in request.fixturenames), "new")
    return used(shutil.copytree(request.getfixturevalue(state), tmp_path / "it"), monkeypatch)


@pytest.fixture
def night(folder: Path) -> Night:
    """Calls it; gives what was printed, with `exit_code`."""

    def call(*arguments: str, day: date = FIRST) -> Any:
        done = CliRunner().invoke(app, ["-C", str(folder), "nightly", "--as-of", f"{day}T05:00:00", *arguments])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return call


def write_tickets(workspace: Path, rows: list[str]) -> None:
    (workspace / "tickets.csv").write_text("\n".join(["id,text,created_at", *rows]) + "\n")


def settings(workspace: Path, blocks: str) -> None:
    with (workspace / "insights.toml").open("a") as file:
        file.write(blocks)


def outbox(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "outbox").glob("*"))


def statuses(folder: Path, digest: str = "team") -> list[tuple[str, DeliveryStatus]]:
    """Oldest first."""
    workspace = open_workspace(folder)
    found = [(one.period, one.status) for one in workspace.repository.deliveries.recent() if one.digest == digest]
    workspace.close()
    return found[::-1]


# -- once ---------------------------------------------------------------------------------------------------------


def test_the_first_night_tells_what_was_found(night: Night, folder: Path) -> None:
    done = night()
    assert done.exit_code == ExitCode.OK
    assert len(outbox(folder)) == 1
    text = next((folder / "outbox").iterdir()).read_text()
    assert text.startswith("# ")
    assert "P-1" in text


@from_slept
def test_a_night_run_again_sends_nothing_twice(night: Night, folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "outbox").iterdir()}
    again = json.loads(night("--json").stdout)
    assert again["sent"] == []
    assert {path: path.stat().st_mtime_ns for path in (folder / "outbox").iterdir()} == before


@from_slept
def test_a_quiet_night_sends_nothing(night: Night, folder: Path) -> None:
    done = night("--json", day=FIRST + timedelta(days=1))
    assert json.loads(done.stdout)["quiet"] == ["team"]
    assert len(outbox(folder)) == 1
    assert statuses(folder)[-1] == ("2026-03-21", DeliveryStatus.QUIET)


def test_after_a_quiet_week_one_says_that_all_is_quiet(night: Night, folder: Path) -> None:
    rows = (folder / "tickets.csv").read_text().splitlines()[1:]
    for days in range(9):
        day = FIRST + timedelta(days=days)
        rows.append(f"thanks-{days},Thank you for the quick help,{day}")  # so that the source is not silent
        write_tickets(folder, rows)
        if days not in (2, 3, 4):  # as where a machine sleeps
            night(day=day)
    assert [period for period, status in statuses(folder) if status is DeliveryStatus.SENT] == [
        "2026-03-20",
        "2026-03-27",
    ]
    told = next((folder / "outbox").glob("*2026-03-27*")).read_text()
    assert "20–27 March 2026" in told  # of all the days on which nothing was sent
    assert "7 new or changed" in told


def test_a_weekly_digest_is_sent_once_a_week(night: Night, folder: Path) -> None:
    text = (folder / "insights.toml").read_text().replace('form = "markdown"', 'form = "markdown"\nperiod = "week"')
    (folder / "insights.toml").write_text(text)
    for days in range(4):  # from a Friday to the Monday after
        night(day=FIRST + timedelta(days=days))
    assert [period for period, _ in statuses(folder)] == ["2026-W12", "2026-W13"]


@from_analysed
def test_it_waits_for_an_import_that_somebody_began_before(
    night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insights.nightly.night.PATIENCE_SECONDS", 5)
    is_held = Event()

    def hold() -> None:
        with OwnerLock(folder / ".insights/run.lock", what="this workspace"):
            is_held.set()
            time.sleep(0.5)

    holder = Thread(target=hold)
    holder.start()
    assert is_held.wait(10)
    began = time.monotonic()
    assert night().exit_code == ExitCode.OK
    assert time.monotonic() - began > 0.4
    holder.join()


def test_two_nights_cannot_run_at_once(night: Night, folder: Path) -> None:
    with (
        OwnerLock(folder / ".insights/night.lock", what="this workspace, for a night"),
        pytest.raises(InsightsError, match="Another process uses this workspace, for a night: process"),
    ):
        night()


@from_analysed
def test_without_a_digest_in_the_settings_everything_goes_to_stdout(night: Night, folder: Path) -> None:
    (folder / "insights.toml").write_text(BLOCKS.split("[[digests]]", maxsplit=1)[0])
    assert "P-1" in night().stdout
    assert night().stdout == ""


@from_analysed
def test_as_json_what_would_go_to_stdout_is_part_of_the_document(night: Night, folder: Path) -> None:
    (folder / "insights.toml").write_text(BLOCKS.split("[[digests]]", maxsplit=1)[0])
    told = json.loads(night("--json").stdout)
    assert len(told["printed"]) == 1
    assert "P-1" in told["printed"][0]
    assert set(told["seconds"]) == {"pull", "analyze", "sync", "make digests", "send digests"}


@from_slept
def test_a_night_before_the_newest_one_is_refused(night: Night, folder: Path) -> None:
    with pytest.raises(InsightsError, match="A night of 2026-03-20 is kept here already") as refused:
        night(day=FIRST - timedelta(days=1))
    assert refused.value.exit_code is ExitCode.USAGE
    assert len(outbox(folder)) == 1


def test_a_clock_that_was_a_year_ahead_for_a_night_silences_nothing(
    night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody said --as-of: it was the machine's clock."""
    for day in (FIRST, FIRST.replace(year=2027), FIRST + timedelta(days=1), FIRST + timedelta(days=8)):
        monkeypatch.setenv("INSIGHTS_NOW", f"{day}T05:00:00+00:00")
        ended = CliRunner().invoke(app, ["-C", str(folder), "nightly"])
        assert ended.exit_code == ExitCode.OK
    made = dict(statuses(folder))
    assert made["2026-03-21"] is DeliveryStatus.QUIET
    assert made["2026-03-28"] is DeliveryStatus.SENT  # after a quiet week


# -- what its exit code says --------------------------------------------------------------------------------------


def test_what_failed_is_said_with_quiet_too_since_cron_mails_it(folder: Path) -> None:
    (folder / "tickets.csv").unlink()
    done = CliRunner().invoke(app, ["-C", str(folder), "--quiet", "nightly"])
    assert done.exit_code == ExitCode.ERROR
    assert "There is no file" in done.stderr
    assert "pull" not in done.stderr and "Night of" not in done.stderr


@from_analysed
def test_a_change_has_a_code_of_its_own_where_that_is_asked_for(night: Night) -> None:
    assert night("--detailed-exitcode").exit_code == ExitCode.CHANGED
    assert night("--detailed-exitcode").exit_code == ExitCode.OK


@from_slept
def test_to_say_that_all_is_quiet_is_no_change(night: Night) -> None:
    rested = json.loads(night("--json", "--detailed-exitcode", day=FIRST + timedelta(days=3)).stdout)
    assert (rested["changed"], rested["quiet"]) == (True, [])  # the source fell silent
    done = night("--json", "--detailed-exitcode", day=FIRST + timedelta(days=10))
    assert (done.exit_code, json.loads(done.stdout)["sent"][0]["status"]) == (ExitCode.OK, "sent")


@from_analysed
def test_a_source_and_a_digest_of_one_name_are_both_told(night: Night, folder: Path) -> None:
    settings(folder, '\n[[sources]]\nname = "both"\npath = "gone.csv"\nkind = "note"\n')
    settings(folder, '\n[[digests]]\nname = "both"\nchannel = "nowhere"\n')
    told = [line for line in night().stderr.splitlines() if line.startswith("both: ")]
    assert len(told) == 2
    assert "gone.csv" in told[0]
    assert "'nowhere' is nothing that a digest can be sent with" in told[1]


@from_analysed
def test_a_channel_that_is_none_is_an_error_and_keeps_no_other_digest(night: Night, folder: Path) -> None:
    settings(folder, '\n[[digests]]\nname = "crew"\nchannel = "nowhere"\n')
    assert night().exit_code == ExitCode.ERROR
    assert len(outbox(folder)) == 1
    text = (folder / "insights.toml").read_text().replace('"nowhere"', '"file:outbox/"')
    (folder / "insights.toml").write_text(text)
    assert night().exit_code == ExitCode.OK
    assert statuses(folder, "crew") == [("2026-03-20", DeliveryStatus.SENT)]


@from_analysed
def test_a_defect_in_one_digests_form_is_raised_after_the_others_were_sent(
    night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(folder, '\n[[digests]]\nname = "a"\nchannel = "file:a.html"\n')

    def broken(digest: Any, story: Any, settings: Any, **how: Any) -> Message:
        if settings.name != "team":
            raise KeyError("the words of a customer")
        return letter(digest, story, settings, **how)

    monkeypatch.setattr(delivering, "letter", broken)
    with pytest.raises(KeyError):
        night()
    assert len(outbox(folder)) == 1
    log = (folder / ".insights/logs/night-2026-03-20.log").read_text()
    assert "make digests a failed: KeyError in test_nightly.py, line" in log
    assert "customer" not in log


@from_analysed
def test_one_source_that_fails_keeps_neither_the_others_nor_the_digest(night: Night, folder: Path) -> None:
    settings(folder, '\n[[sources]]\nname = "gone"\npath = "gone.csv"\nkind = "note"\n')
    done = night()
    assert done.exit_code == ExitCode.PARTIAL
    assert "gone: " in done.stderr
    assert "**gone** could not be read" in next((folder / "outbox").iterdir()).read_text()


def test_what_fails_every_night_is_told_once_until_it_is_well_again(night: Night, folder: Path) -> None:
    rows = (folder / "tickets.csv").read_text().splitlines()[1:]
    for days, is_there in enumerate((True, False, False, True, True, False)):
        day = FIRST + timedelta(days=days)
        rows.append(f"thanks-{days},Thank you for the quick help,{day}")  # so that it is not silent when it is there
        (folder / "tickets.csv").unlink(missing_ok=True)
        if is_there:
            write_tickets(folder, rows)
        night(day=day)
    sent = [period for period, status in statuses(folder) if status is DeliveryStatus.SENT]
    assert sent == ["2026-03-20", "2026-03-21", "2026-03-25"]


def test_where_no_source_can_be_read_the_night_has_failed(night: Night, folder: Path) -> None:
    (folder / "tickets.csv").unlink()
    assert night().exit_code == ExitCode.ERROR


@from_analysed
def test_a_login_that_is_missing_is_said_by_the_code(
    night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INSIGHTS_SECRET_HELPDESK", raising=False)
    block = '\n[[sources]]\nname = "helpdesk"\ntype = "freshdesk"\nurl = "http://127.0.0.1:9"\n'
    settings(folder, block)
    done = night()
    assert done.exit_code == ExitCode.LOGIN
    assert "insights auth helpdesk" in done.stderr


@from_slept
def test_an_analysis_that_fails_is_told_by_code_and_digest(
    night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def fail(*_: object, **__: object) -> None:
        raise InsightsError("The vectors are locked.", remedy="Wait.")

    monkeypatch.setattr("insights.bootstrap.Workspace.analyze", fail)
    done = night(day=FIRST + timedelta(days=1))
    assert done.exit_code == ExitCode.ERROR
    assert "The vectors are locked" in (folder / "outbox" / outbox(folder)[-1]).read_text()


@from_slept
def test_what_fails_every_night_is_told_once(night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def fail(*_: object, **__: object) -> None:
        raise InsightsError("The vectors are locked.", remedy="Wait.")

    monkeypatch.setattr("insights.bootstrap.Workspace.analyze", fail)
    codes = [night(day=FIRST + timedelta(days=days)).exit_code for days in (1, 2)]
    assert codes == [ExitCode.ERROR, ExitCode.ERROR]
    assert statuses(folder)[1:] == [("2026-03-21", DeliveryStatus.SENT), ("2026-03-22", DeliveryStatus.QUIET)]


def test_a_workspace_without_feedback_is_no_failure(night: Night, folder: Path) -> None:
    (folder / "insights.toml").write_text("[[digests]]" + BLOCKS.partition("[[digests]]")[2])
    done = night()
    assert done.exit_code == ExitCode.OK
    assert "no analysis" in done.stderr


# -- senders that fail --------------------------------------------------------------------------------------------


class Sink:
    """Takes messages, or does what it is told."""

    name = "sink"

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.fails: list[BaseException] = []

    def send(self, message: Message) -> str:
        if self.fails:
            error = self.fails.pop(0)
            if isinstance(error, Unanswered):
                self.taken.append(message)
            raise error
        self.taken.append(message)
        return "taken"


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Sink:
    made_sink = Sink()
    monkeypatch.setattr(delivering, "find_sender", lambda *_, **__: made_sink)
    return made_sink


def refusal(code: ExitCode = ExitCode.ERROR) -> InsightsError:
    return InsightsError("sink takes nothing.", remedy="Wait.", exit_code=code)


@from_analysed
def test_a_sender_is_asked_a_few_times_in_one_night(night: Night, sink: Sink) -> None:
    sink.fails = [refusal(), refusal()]
    night()
    assert len(sink.taken) == 1


@from_analysed
def test_a_sender_that_fails_is_no_failure_of_the_night_and_is_asked_again(
    night: Night, folder: Path, sink: Sink
) -> None:
    sink.fails = [refusal()] * 3
    done = night()
    assert done.exit_code == ExitCode.OK
    assert "team: sink takes nothing. Wait." in done.stderr
    assert statuses(folder) == [("2026-03-20", DeliveryStatus.WAITING)]

    night(day=FIRST + timedelta(days=1))
    assert [message.key.rpartition(".")[2] for message in sink.taken] == ["2026-03-20"]
    assert statuses(folder)[0] == ("2026-03-20", DeliveryStatus.SENT)


@from_analysed
def test_what_may_have_been_taken_is_sent_again_under_the_same_key(night: Night, sink: Sink) -> None:
    sink.fails = [Unanswered("No answer.", remedy="Wait.")]
    night()
    night()
    night()
    assert len(sink.taken) == 2
    assert len({message.key for message in sink.taken}) == 1


@from_analysed
def test_what_was_twice_not_answered_is_not_sent_a_third_time(night: Night, folder: Path, sink: Sink) -> None:
    sink.fails = [Unanswered("No answer.", remedy="Wait.")] * 3
    for _ in range(3):
        night()
    assert len(sink.taken) == 2
    assert statuses(folder) == [("2026-03-20", DeliveryStatus.DROPPED)]


@from_slept
def test_while_its_sender_is_down_nothing_piles_up_that_says_all_is_quiet(
    night: Night, folder: Path, sink: Sink
) -> None:
    sink.fails = [refusal()] * 100
    for days in (1, 5, 6, 7, 8, 9):
        rows = (folder / "tickets.csv").read_text().splitlines()[1:]
        write_tickets(folder, [*rows, f"thanks-{days},Thank you for the help,{FIRST + timedelta(days=days)}"])
        night(day=FIRST + timedelta(days=days))
    assert [period for period, status in statuses(folder) if status is DeliveryStatus.WAITING] == ["2026-03-27"]


@from_analysed
def test_of_a_sender_that_is_down_the_second_digest_is_tried_once(night: Night, folder: Path, sink: Sink) -> None:
    settings(folder, '\n[[digests]]\nname = "crew"\nchannel = "file:outbox/"\n')
    sink.fails = [refusal()] * 100
    night()
    assert 100 - len(sink.fails) == 3 + 1


@from_analysed
def test_whom_it_goes_to_is_read_when_it_is_sent(night: Night, folder: Path, sink: Sink) -> None:
    sink.fails = [refusal()] * 3
    settings(folder, 'to = ["wrong@firm.example"]\n')
    night()
    text = (folder / "insights.toml").read_text().replace("wrong@", "right@")
    (folder / "insights.toml").write_text(text)
    night()
    assert [message.to for message in sink.taken] == [("right@firm.example",)]


@from_analysed
def test_what_waits_for_a_chat_goes_to_another_kind_of_channel_as_text(night: Night, folder: Path, sink: Sink) -> None:
    before = (folder / "insights.toml").read_text()
    changed = before.replace('"file:outbox/"', '"chat"') + '\n[[senders]]\nname = "chat"\ntype = "slack"\n'
    (folder / "insights.toml").write_text(changed)
    sink.fails = [refusal()] * 3
    night()
    (folder / "insights.toml").write_text(before)
    night()
    (message,) = sink.taken
    assert message.blocks is None
    assert "P-1" in message.text


@from_analysed
def test_what_another_version_kept_keeps_no_other_from_being_sent(night: Night, folder: Path, sink: Sink) -> None:
    sink.fails = [refusal()] * 3
    night()
    workspace = open_workspace(folder)
    (waiting,) = workspace.repository.deliveries.waiting()
    workspace.repository.deliveries.put(waiting, message='{"form": "text", "fields": "of tomorrow"}')
    workspace.close()
    settings(folder, '\n[[digests]]\nname = "crew"\nchannel = "file:outbox/"\n')
    assert "another version of insights made it" in night().stderr
    assert [message.key.split(".")[1] for message in sink.taken] == ["crew"]


@from_analysed
def test_a_login_that_a_sender_refuses_is_said_by_the_code_and_not_tried_thrice(night: Night, sink: Sink) -> None:
    sink.fails = [refusal(ExitCode.LOGIN)] * 2
    assert night().exit_code == ExitCode.LOGIN
    assert len(sink.fails) == 1


@from_analysed
def test_a_digest_that_the_settings_name_no_longer_is_dropped_with_a_word(
    night: Night, folder: Path, sink: Sink
) -> None:
    sink.fails = [refusal()] * 3
    night()
    text = (folder / "insights.toml").read_text().replace('name = "team"', 'name = "crew"')
    (folder / "insights.toml").write_text(text)
    done = night(day=FIRST + timedelta(days=1))
    assert "name no digest team any more" in done.stderr
    assert statuses(folder) == [("2026-03-20", DeliveryStatus.DROPPED)]


@from_analysed
def test_what_was_sent_is_not_kept_and_what_waits_is_sealed(night: Night, folder: Path, sink: Sink) -> None:
    sink.fails = [refusal()] * 3
    night()
    database = (folder / ".insights/insights.db").read_bytes()
    assert b"What changed" not in database
    workspace = open_workspace(folder)
    delivery = workspace.repository.deliveries.waiting()[0]
    assert "P-1" in (workspace.repository.deliveries.message(delivery) or "")
    workspace.close()
    night()
    workspace = open_workspace(folder)
    assert workspace.repository.deliveries.message(delivery) is None
    workspace.close()


# -- its log ------------------------------------------------------------------------------------------------------


def test_the_log_has_a_line_a_step_and_no_customers_words(night: Night, folder: Path) -> None:
    night()
    log = (folder / ".insights/logs/night-2026-03-20.log").read_text()
    for said in ("pull desk: 36 new", "analyze: run 1, done", "digest team of 2026-03-20: sent", "exit code 0"):
        assert said in log
    assert "export" not in log


def test_each_line_of_the_log_is_json_with_when_how_grave_and_of_which_step(night: Night, folder: Path) -> None:
    settings(folder, '\n[[sources]]\nname = "gone"\npath = "gone.csv"\nkind = "note"\n')
    night()
    lines = (folder / ".insights/logs/night-2026-03-20.log").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert all({"at", "level", "step", "words"} <= set(one) for one in told)
    assert [one["name"] for one in told if one["level"] == "error"] == ["gone"]
    assert {"step": "pull", "name": "desk", "new": 36}.items() <= next(one for one in told if "new" in one).items()


@from_analysed
def test_the_log_says_where_a_night_was_stopped(night: Night, folder: Path, sink: Sink) -> None:
    sink.fails = [KeyboardInterrupt()]
    assert night().exit_code == ExitCode.INTERRUPTED
    log = (folder / ".insights/logs/night-2026-03-20.log").read_text()
    assert "send digests ended by KeyboardInterrupt" in log
    night()
    assert statuses(folder) == [("2026-03-20", DeliveryStatus.SENT)]


def test_logs_of_so_many_nights_are_kept(night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_NIGHTLY_KEEP_LOGS", "2")
    for days in range(4):
        night(day=FIRST + timedelta(days=days))
    names = sorted(path.name for path in (folder / ".insights/logs").iterdir())
    assert names == ["night-2026-03-22.log", "night-2026-03-23.log"]


@from_slept
def test_former_keys_that_could_not_be_deleted_are_told(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise InsightsError("The disk is full.", remedy="Free some space.")

    monkeypatch.setattr("insights.bootstrap.Workspace.finish_keys", fail)

    done = night("--json", day=FIRST + timedelta(days=1))

    assert done.exit_code == ExitCode.PARTIAL
    assert "former keys" in done.stdout
    assert "The disk is full." in done.stdout
