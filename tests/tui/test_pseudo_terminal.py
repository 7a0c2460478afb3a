"""The terminal in which the other tests run the application tells what a person would see, and what a signal does."""

import signal
import sys
import time

import pytest

from tests.tui.terminal import Terminal

ECHO = """
import os, signal, sys, tty

def told(words):
    sys.stdout.write(words)
    sys.stdout.flush()

tty.setraw(0)
signal.signal(signal.SIGWINCH, lambda *_: told(f"\\r\\nnow {os.get_terminal_size().columns} wide"))
told("\\x1b[2J\\x1b[Hready\\x1b[1;1Hsteady")
while (key := os.read(0, 100)) != b"q":
    told(f"\\x1b[3;5Hgot {key.decode()!r}")
"""

HUNG_UP = """
import signal, sys, time
from pathlib import Path

def note(*_):
    Path(sys.argv[1]).write_text("hung up")
    sys.exit(0)

signal.signal(signal.SIGHUP, note)
print("waiting", flush=True)
time.sleep(60)
"""


@pytest.fixture
def open_terminal():
    opened = []

    def open_one(program, *arguments):
        opened.append(Terminal([sys.executable, "-c", program, *arguments]))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.stop()


def test_the_screen_shows_what_stands_there_and_not_what_was_written_over(open_terminal):
    terminal = open_terminal(ECHO).until("steady")

    assert terminal.screen[0] == "steady"
    assert "ready" in terminal.until_written("ready").raw.decode()
    terminal.press("x").until("got 'x'")
    assert terminal.screen[2] == "    got 'x'"
    terminal.press("\x1b[A").until("[A'").until_gone("got 'x'").press("q")
    assert terminal.ended() == 0


def test_a_change_of_size_reaches_the_program_and_the_screen(open_terminal):
    terminal = open_terminal(ECHO).until("steady").resize(132, 43).until("now 132 wide")

    assert len(terminal.screen) == 43
    assert len(terminal.line(0)) == 132


def test_hanging_up_is_a_signal_to_the_program(open_terminal, tmp_path):
    terminal = open_terminal(HUNG_UP, str(tmp_path / "told")).until("waiting").hang_up()

    assert terminal.ended() == 0
    assert (tmp_path / "told").read_text() == "hung up"


def test_a_program_that_ends_by_a_signal_says_which(open_terminal):
    terminal = open_terminal(ECHO).until("steady").signal(signal.SIGKILL)

    assert terminal.ended() == -signal.SIGKILL


def test_waiting_for_what_never_comes_fails_with_the_screen(open_terminal):
    terminal = open_terminal(ECHO).until("steady")

    with pytest.raises(AssertionError, match="steady"):
        terminal.until_true(lambda: False, "a miracle", patience=0.1)
    terminal.press("q")
    with pytest.raises(AssertionError, match="ended before a miracle"):
        terminal.until("a miracle")


def test_it_tells_what_the_program_used(open_terminal):
    terminal = open_terminal("sum(range(3_000_000)); print('done', flush=True); import time; time.sleep(60)").until(
        "done"
    )

    used = terminal.usage()

    assert used.cpu_seconds > 0.01
    assert used.peak_bytes > 1_000_000
    assert terminal.heard - terminal.started < time.monotonic()
