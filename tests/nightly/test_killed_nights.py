"""A night that is killed at any of its steps and run again: one digest delivered on each channel, nothing lost.

By default five of its points, others each time; INSIGHTS_KILLS=200 tries as many, INSIGHTS_THOROUGH=1 every one.
"""

import os
import random
import shutil
import signal
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.ready import COMMAND, done
from tests.thorough import THOROUGH

pytestmark = pytest.mark.kill

KILLS = int(os.environ.get("INSIGHTS_KILLS", "5"))
TODAY = "2026-03-20T05:00:00+00:00"

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
def say(self, words):
    said(self, words)
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
    ended = done(COMMAND, "init", str(folder / "w"), environment=environment(folder))
    assert ended.returncode == 0, ended.stderr
    rows = ["id,text,created_at"]
    topics = ("the CSV export times out", "labels print cropped", "the SSO login loops")
    rows += [
        f"{topic[-3:]}-{number},{topic} {'again ' * (number % 3)}for us,2026-03-{number + 9:02d}"
        for number in range(10)
        for topic in topics
    ]
    (folder / "w/tickets.csv").write_text("\n".join(rows) + "\n")
    with (folder / "w/insights.toml").open("a") as file:
        file.write(SETTINGS.format(port=inbox[1]))
    return folder


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "INSIGHTS_KEY_DIR": str(folder / "keys"), "INSIGHTS_NOW": TODAY}


def night(folder: Path, *, at: int) -> tuple[bool, int]:
    """Whether it was killed at this point, and how many points it passed where it was not."""
    ended = done(NIGHT, str(folder / "w"), str(at), environment=environment(folder))
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode != 0, int(ended.stdout.split()[-1]) if ended.returncode == 0 else 0


def outcome(folder: Path) -> tuple[Any, ...]:
    """What a person sees of it."""
    outbox = {path.name: path.read_text() for path in (folder / "w/outbox").iterdir()}
    ended = done(COMMAND, "-C", str(folder / "w"), "problems", "--all", "--json", environment=environment(folder))
    return sorted(outbox), ended.stdout


def test_one_digest_is_delivered_wherever_the_night_is_killed(
    before: Path, inbox: tuple[Inbox, int], tmp_path: Path
) -> None:
    whole = shutil.copytree(before, tmp_path / "whole")
    killed, points = night(whole, at=0)
    assert not killed
    assert points > 30
    expected = outcome(whole)
    assert len(expected[0]) == 1

    every = range(1, points + 1)
    for at in every if THOROUGH or points <= KILLS else random.sample(every, KILLS):
        inbox[0].mails.clear()
        folder = shutil.copytree(before, tmp_path / f"at-{at}")
        assert night(folder, at=at)[0]
        night(folder, at=0)
        night(folder, at=0)
        assert outcome(folder) == expected, f"killed at point {at}"
        assert len(inbox[0].mails) == 1, f"killed at point {at}"
        assert sum(map(len, inbox[0].mails.values())) <= 2  # a second copy has the same Message-ID
        shutil.rmtree(folder)
