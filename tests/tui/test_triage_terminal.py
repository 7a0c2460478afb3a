"""What really reaches a terminal: the raw bytes of the application in a pseudo-terminal of 80×24."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path
from time import monotonic

import pytest

from tests.stored import a_stored_problem, a_workspace, an_account_record, an_estimate, an_item

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from datetime import UTC, datetime
from insights.errors import InsightsError
from insights.storage.repository import Repository
from insights.triage import Triage
from tui.app import run

repository = Repository(f"sqlite:///{sys.argv[1]}/insights.db", key=bytes(range(32)))
try:
    run(Triage(repository, "ana", lambda: datetime(2026, 11, 23, 9, tzinfo=UTC)), workspace="acme")
except InsightsError as error:
    print(error.message, error.remedy)
    sys.exit(error.exit_code)
print("left in peace")
"""

HOSTILE = [
    "\x1b]52;c;ZXZpbA==\x07 clipboard",
    "\x1b]8;;http://evil.example\x1b\\ link \x1b]8;;\x1b\\",
    "\x1b]0;title\x07 \x1b]2;title\x9c named",
    "\x1b[2J\x1b[H\x1b[31m cleared \x1bc",
    "\x1b[c\x1b[6n\x1b[>q\x05 asked",
    "\x9b31m \x9d52;c;ZXZpbA==\x9c \x90q\x9c c1",
    "\x1bPq#0;2;0;0;0\x1b\\ dcs \x1b_Ga=q\x1b\\ apc",
    "[@click=app.quit]press[/] [@click=app.bell]me[/]",
    "[/] arr [/usr/bin] [bold [[ ]] [/bold",
    "[red]red[/red] [link=http://evil.example]link[/link] \\[x]",
    "\u202egnirts\u202c \u2066iso\u2069 bidi",
    "zero\u200bwidth\u2060joined \U000e0041\U000e0042 tagged",
    "lone \ud800 surrogate \udfff",
    "z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030b\u030calgo",
    "line\r\nfeed\rreturn\x0bvertical\x0cform\x08\x08back\x7f",
    "👨\u200d👩\u200d👧\u200d👦 ❤\ufe0f 🇩🇪 日本語",
]
"""Titles, summaries, accounts and quotes that try to act on the terminal or the application."""

POINTER_SHAPE = "\x1b]22;default\x07"
"""The one OSC sequence that Textual writes by itself."""


class Terminal:
    """A program in a pseudo-terminal, and all the bytes that it wrote."""

    def __init__(self, folder, **environment):
        self._screen, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
        plain |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT), **environment}
        command = [sys.executable, "-c", PROGRAM, str(folder)]
        self._process = subprocess.Popen(
            command, stdin=child, stdout=child, stderr=child, env=plain, start_new_session=True
        )
        os.close(child)
        self.raw = b""

    def until(self, words):
        """Read until the words stand in what was written; fail after half a minute."""
        deadline = monotonic() + 30
        while words not in self.raw.decode("utf-8", "replace"):
            assert monotonic() < deadline, self.raw[-2000:]
            self._read()
        return self

    def press(self, keys):
        os.write(self._screen, keys.encode())
        return self

    def ended(self):
        """Its exit code."""
        deadline = monotonic() + 30
        while self._process.poll() is None:
            assert monotonic() < deadline, self.raw[-2000:]
            self._read()
        self._read()
        os.close(self._screen)
        return self._process.returncode

    def stop(self):
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _read(self):
        ready, _, _ = select.select([self._screen], [], [], 0.05)
        if ready:
            try:
                self.raw += os.read(self._screen, 1 << 16)
            except OSError:  # the other end was closed
                return


@pytest.fixture
def open_terminal():
    opened = []

    def open_one(folder, **environment):
        opened.append(Terminal(folder, **environment))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.stop()


def store(folder, titles):
    problems = [
        a_stored_problem(
            title,
            summary=f"Summary {title}",
            items=[an_item(f"Said {title}", source="zendesk", account=f"Acme {title}")],
            estimate=an_estimate(),
        )
        for title in titles
    ]
    accounts = [an_account_record(f"Acme {title}", revenue=120_000) for title in titles]
    a_workspace(folder, problems=problems, accounts=accounts).close()


def test_hostile_text_acts_on_nothing(tmp_path, open_terminal):
    storable = [text.encode("utf-8", "replace").decode() for text in HOSTILE]
    store(tmp_path, storable)
    terminal = open_terminal(tmp_path).until("clipboard")

    terminal.press("jjjjjjjjjjjjjjjj").until("日本語")
    terminal.press("g\r").until("Quotes").press("jjjJKh").press("/usr\r").press("\x1b[A").press("?").until("Keys")
    terminal.press("hq")

    assert terminal.ended() == 0
    text = terminal.raw.decode("utf-8").replace(POINTER_SHAPE, "")
    assert "left in peace" in text
    assert not re.findall("\x1b[\\]P_X^]", text), "an OSC, DCS, APC, SOS or PM sequence"
    assert not re.findall("[\x80-\x9f\x05\x07\x08\x7f]", text), "a C1 byte or a bell"
    assert not re.findall("[\u202a-\u202e\u2066-\u2069\u200b\u2060\U000e0000-\U000e007f]", text)
    assert "\x1b[2J" not in text
    assert "[@click=app.quit]press[/]" in text, "mark-up is shown as it stands"


def test_no_color_means_no_colour_code_at_all(tmp_path, open_terminal):
    store(tmp_path, ["CSV export times out", "Dashboard slow"])
    terminal = open_terminal(tmp_path, NO_COLOR="1").until("CSV export").until("Acme CSV")
    terminal.press("jd").until("duplicate").press("d").press("\r").until("Quotes").press("h?").until("Keys").press("hq")

    assert terminal.ended() == 0
    assert colour_codes(terminal.raw) == []
    assert re.search(rb"\x1b\[(?:\d+;)*1m", terminal.raw), "bold still stands for emphasis"


def test_colours_are_found_where_they_are_wanted(tmp_path, open_terminal):
    store(tmp_path, ["CSV export times out"])
    terminal = open_terminal(tmp_path).until("CSV export").press("q")

    assert terminal.ended() == 0
    assert colour_codes(terminal.raw)


def test_a_dumb_terminal_is_told_of_the_commands_and_stays_as_it_is(tmp_path, open_terminal):
    store(tmp_path, ["CSV export times out"])
    terminal = open_terminal(tmp_path, TERM="dumb")

    assert terminal.ended() == 2
    assert b"insights problems" in terminal.raw
    assert b"\x1b" not in terminal.raw


def colour_codes(raw):
    """All colours in SGR sequences: 30-49, 90-107, and extended ones."""
    found = []
    for codes in re.findall(rb"\x1b\[([0-9;:]*)m", raw):
        numbers = [int(number) for number in re.split(rb"[;:]", codes) if number]
        found += [codes for number in numbers if 30 <= number <= 49 or 90 <= number <= 107]
    return found
