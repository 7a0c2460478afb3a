"""A night that is killed at any of its steps and run again: one digest delivered on each channel, nothing lost.

So for the first night, and for one with a spike, an issue that was closed meanwhile and a source that fails. By default
two points of each, others each time; INSIGHTS_KILLS=200 tries as many, INSIGHTS_THOROUGH=1 every one. What is killed
is a process of its own; what comes before and after it runs in this one, which has loaded the program.
"""

import json
import os
import random
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from insights.bootstrap import make_workspace, open_workspace
from insights.bootstrap import now as clock
from insights.errors import ExitCode
from insights.nightly.night import Nightly
from tests.cli.calling import caller
from tests.ready import done
from tests.thorough import THOROUGH

pytestmark = pytest.mark.kill

KILLS = int(os.environ.get("INSIGHTS_KILLS", "2"))
FIRST = "2026-03-20T05:00:00+00:00"
SECOND = "2026-03-22T05:00:00+00:00"

SETTINGS = """
[[sources]]
name = "desk"
path = "tickets.csv"
kind = "ticket"

[[senders]]
name = "mail"
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "insights@firm.example"

[[digests]]
name = "team"
channel = "mail"
to = ["team@firm.example"]

[[digests]]
name = "kept"
channel = "file:outbox/"
"""

NIGHT = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from insights.bootstrap import now, open_workspace
from insights.nightly.log import NightLog
from insights.nightly.night import Nightly
from connectors.senders import smtp
at = int(sys.argv[2])
passed = 0
def point(*_):
    global passed
    passed += 1
    if passed == at:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "commit", point)
said = NightLog.say
def say(self, words, **fields):
    said(self, words, **fields)
    point()
NightLog.say = say
sends = smtp.Smtp.send
def send(self, message):
    point()
    receipt = sends(self, message)
    point()
    return receipt
smtp.Smtp.send = send
workspace = open_workspace(Path(sys.argv[1]))
nightly = Nightly(workspace=workspace, now=now, progress=lambda *_: None, step=point)
done = nightly.run()
workspace.close()
print(passed)
sys.exit(int(done.exit_code))
"""
"""Kills itself before a commit to the database, after a line of its log, before or after a mail is sent."""


class Inbox:
    """What arrived: by Message-ID."""

    def __init__(self) -> None:
        self.mails: dict[str, list[bytes]] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as it is called
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.setdefault(str(mail["Message-ID"]), []).append(envelope.content)
        return "250 taken"


@pytest.fixture(scope="module")
def inbox() -> Iterator[tuple[Inbox, int]]:
    handler = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, inbox: tuple[Inbox, int]) -> Path:
    """A workspace with its settings, in which nothing was ever read."""
    folder = tmp_path_factory.mktemp("before")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
        make_workspace(folder / "w")
    rows = ["id,text,created_at"]
    topics = ("the CSV export times out", "labels print cropped", "the SSO login loops")
    rows += [
        f"{topic[-3:]}-{weeks},{topic} {'again ' * (weeks % 3)}for us,{date(2026, 3, 18) - timedelta(weeks=weeks)}"
        for weeks in range(10)
        for topic in topics
    ]
    (folder / "w/tickets.csv").write_text("\n".join(rows) + "\n")
    with (folder / "w/insights.toml").open("a") as file:
        file.write(SETTINGS.format(port=inbox[1]))
    return folder


@pytest.fixture(scope="module")
def second(before: Path, inbox: tuple[Inbox, int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after its first night: a problem was filed and its issue closed, another is written of by many, and a
    second source cannot be read."""
    folder = shutil.copytree(before, tmp_path_factory.mktemp("second") / "whole")
    assert run_here(folder, now=FIRST) == ExitCode.OK
    backlog = folder / "backlog.jsonl"
    called(folder, "decide", "P-1", "accept", now=FIRST)
    called(folder, "export", "P-1", "--to", f"file:{backlog}", now=FIRST)
    issue = json.loads(backlog.read_text())
    issue["fields"]["state"] = "done"
    backlog.write_text(json.dumps(issue) + "\n")
    tickets = folder / "w/tickets.csv"
    spike = [f"spike-{number},the SSO login loops for us,2026-03-21" for number in range(30)]
    tickets.write_text(tickets.read_text() + "\n".join(spike) + "\n")
    with (folder / "w/insights.toml").open("a") as file:
        file.write('\n[[sources]]\nname = "gone"\npath = "gone.csv"\nkind = "note"\n')
    return folder


def environment(folder: Path, now: str) -> dict[str, str]:
    return {"INSIGHTS_KEY_DIR": str(folder / "keys"), "INSIGHTS_NOW": now}


def called(folder: Path, *arguments: str, now: str) -> str:
    with set_for(folder, now):
        return caller(folder / "w")(*arguments)


@contextmanager
def set_for(folder: Path, now: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment(folder, now).items():
            patched.setenv(name, value)
        yield


def run_here(folder: Path, *, now: str) -> ExitCode:
    """A night that nobody kills."""
    with set_for(folder, now):
        workspace = open_workspace(folder / "w")
        try:
            return Nightly(workspace=workspace, now=clock, progress=lambda *_: None).run().exit_code
        finally:
            workspace.close()


def night(folder: Path, *, at: int, now: str = FIRST) -> tuple[bool, int, int]:
    """Whether it was killed at this point; else its exit code, and how many points it passed."""
    ended = done(NIGHT, str(folder / "w"), str(at), environment={**os.environ, **environment(folder, now)})
    assert ended.returncode in (ExitCode.OK, ExitCode.PARTIAL, -signal.SIGKILL), ended.stderr
    if ended.returncode == -signal.SIGKILL:
        return True, 0, 0
    return False, ended.returncode, int(ended.stdout.split()[-1])


def outcome(folder: Path, now: str) -> tuple[Any, ...]:
    """What a person sees of it; digests without how often a run was begun."""
    outbox = {
        path.name: path.read_text().partition("## Data")[0].replace(str(folder), "FOLDER")
        for path in (folder / "w/outbox").iterdir()
    }
    return outbox, called(folder, "problems", "--all", "--json", now=now)


def test_one_digest_is_delivered_wherever_the_night_is_killed(
    before: Path, inbox: tuple[Inbox, int], tmp_path: Path
) -> None:
    killed_and_run_again(before, inbox[0], tmp_path, now=FIRST, code=ExitCode.OK, digests=1)


def test_so_it_is_where_there_is_news_an_issue_was_closed_and_a_source_fails(
    second: Path, inbox: tuple[Inbox, int], tmp_path: Path
) -> None:
    (_, told), _ = killed_and_run_again(second, inbox[0], tmp_path, now=SECOND, code=ExitCode.PARTIAL, digests=2)
    for said in ("**spiking:** 31 customers", "**gone** could not be read", "Shipped on 22 March"):
        assert said in told


def killed_and_run_again(
    before: Path, inbox: Inbox, tmp_path: Path, *, now: str, code: ExitCode, digests: int
) -> tuple[list[str], str]:
    """The digests in the outbox, oldest first, and the problems, of a night that nobody killed."""
    inbox.mails.clear()
    whole = shutil.copytree(before, tmp_path / "whole")
    killed, ended, points = night(whole, at=0, now=now)
    assert (killed, ended) == (False, code)
    assert points > 30
    expected = outcome(whole, now)
    assert len(expected[0]) == digests
    assert len(inbox.mails) == 1

    every = range(1, points + 1)
    for at in every if THOROUGH or points <= KILLS else random.sample(every, KILLS):
        inbox.mails.clear()
        folder = shutil.copytree(before, tmp_path / f"at-{at}")
        assert night(folder, at=at, now=now)[0]
        assert run_here(folder, now=now) == code
        run_here(folder, now=now)
        assert outcome(folder, now) == expected, f"killed at point {at}"
        assert len(inbox.mails) == 1, f"killed at point {at}"
        assert sum(map(len, inbox.mails.values())) <= 2  # a second copy has the same Message-ID
        shutil.rmtree(folder)
    outbox, problems = expected
    return [outbox[name] for name in sorted(outbox)], problems
