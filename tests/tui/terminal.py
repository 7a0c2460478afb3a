"""A program in a pseudo-terminal: all the bytes that it wrote, and the screen that a terminal emulator makes of them.

    terminal = Terminal([sys.executable, "-m", "insights.cli", "triage"])
    terminal.until("Inbox").press("jj").until_written("P-3")

The terminal is the program's controlling one, so that a change of size and a hang-up reach it as signals. Keys go in as
the bytes that a terminal sends. Every wait ends after half a minute, with what stands on the screen.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pyte

ROOT = Path(__file__).parents[2]

PATIENCE = 30.0
"""Seconds; a machine that does much else is slow."""

_LOOK = 0.05
_AT_ONCE = 1 << 16
_ONE_LINE = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the program used so far: seconds of all cores together, and bytes of memory at most at one time."""

    cpu_seconds: float
    peak_bytes: int


class Terminal:
    """Runs `command` in a pseudo-terminal; `environment` is added to ours, less what is said of colours and size."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._emulated = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._emulated)
        self._lines: dict[int, str] = {}
        self._end, child = pty.openpty()
        _set_size(child, columns, rows)
        self.raw = b""
        self.heard = monotonic()
        self.started = monotonic()
        self._process = subprocess.Popen(
            list(command),
            stdin=child,
            stdout=child,
            stderr=child,
            cwd=folder,
            env=_plain() | dict(environment or {}),
            preexec_fn=lambda: os.login_tty(0),  # noqa: PLW1509 - nothing else makes it the controlling terminal
        )
        os.close(child)
        self._is_open = True

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    # -- looking ----------------------------------------------------------------------------------------------

    @property
    def screen(self) -> list[str]:
        """The lines as they stand on the screen, without the blanks at their ends. Those that nothing was written to
        since are remembered: to put a large screen together takes longer than the program takes to draw it."""
        for number in self._emulated.dirty:
            self._lines.pop(number, None)
        self._emulated.dirty.clear()
        for number in range(self.rows):
            if number not in self._lines:
                self._lines[number] = self.line(number).rstrip()
        return [self._lines[number] for number in range(self.rows)]

    @property
    def rows(self) -> int:
        return self._emulated.lines

    @property
    def text(self) -> str:
        return "\n".join(self.screen)

    def line(self, number: int) -> str:
        """One line, the first is 0, the last -1; blanks included. Cheaper than all of them."""
        row = self._emulated.buffer[number % self.rows]
        return "".join(row[column].data for column in range(self._emulated.columns))

    def until(self, words: str) -> "Terminal":
        """Read until the words stand on one line of the screen."""
        return self.until_true(lambda: any(words in line for line in self.screen), words)

    def until_gone(self, words: str) -> "Terminal":
        """Read until the words stand on no line of the screen."""
        return self.until_true(lambda: not any(words in line for line in self.screen), f"no {words}")

    def until_written(self, words: str) -> "Terminal":
        """Read until the words stand together in all that was ever written, whatever the screen shows now."""
        return self.until_true(lambda: words in self.raw.decode("utf-8", "replace"), words)

    def until_true(self, condition: Callable[[], bool], what: str = "it", *, patience: float = PATIENCE) -> "Terminal":
        """Read until the condition holds; AssertionError with the screen after `patience` seconds."""
        deadline = monotonic() + patience
        while not condition():
            assert monotonic() < deadline, f"waited for {what}:\n{self.text}\nlast: {self.raw[-500:]!r}"
            if not self.read() and not self.is_alive and not self.read(0):
                assert condition(), f"ended before {what}:\n{self.text}\nlast: {self.raw[-500:]!r}"
        return self

    def settle(self, *, quiet: float = 0.2) -> "Terminal":
        """Read until nothing was written for `quiet` seconds."""
        deadline = monotonic() + PATIENCE
        while self.read(quiet):
            assert monotonic() < deadline, "it never comes to rest"
        return self

    def read(self, seconds: float = _LOOK) -> bool:
        """Take in what is there, waiting so long at most; whether something was. `heard` is when it came."""
        if not self._is_open or not select.select([self._end], [], [], seconds)[0]:
            return False
        try:
            written = os.read(self._end, _AT_ONCE)
        except OSError:  # the other end was closed
            return False
        self.heard = monotonic()
        self.raw += written
        self._stream.feed(written)
        return bool(written)

    # -- acting -----------------------------------------------------------------------------------------------

    def press(self, keys: str) -> "Terminal":
        """Send keys as a terminal does: "\\r" is enter, "\\x1b" escape, "\\x1b[A" the arrow up."""
        return self.type(keys.encode())

    def type(self, sent: bytes) -> "Terminal":
        """Send bytes, whatever they are; what comes back meanwhile is taken in, so that neither end waits for ever."""
        while sent:
            if select.select([], [self._end], [], _LOOK)[1]:
                sent = sent[os.write(self._end, sent[:_ONE_LINE]) :]
            self.read(0)
        return self

    def resize(self, columns: int, rows: int) -> "Terminal":
        self._emulated.resize(lines=rows, columns=columns)
        _set_size(self._end, columns, rows)
        return self

    def hang_up(self) -> "Terminal":
        """Close the terminal's window: the program gets SIGHUP, and nobody reads what it still writes."""
        self._is_open = False
        os.close(self._end)
        return self

    def signal(self, number: int) -> "Terminal":
        """Send a signal to the program alone."""
        os.kill(self.pid, number)
        return self

    # -- ending -----------------------------------------------------------------------------------------------

    def ended(self) -> int:
        """Its exit code, when it has ended by itself; -N where signal N ended it."""
        deadline = monotonic() + PATIENCE
        while self.is_alive:
            assert monotonic() < deadline, f"it goes on:\n{self.text}\nlast: {self.raw[-500:]!r}"
            if not self.read():
                self._wait_briefly()
        while self.read(0):
            pass
        self._close()
        return self._process.returncode

    def stop(self) -> None:
        """End it at once, with all that it started in its session's first group."""
        if self.is_alive:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self._close()

    def usage(self) -> Usage:
        """Of the program while it lives, from the system's books (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
        return Usage(cpu_seconds=(int(fields[11]) + int(fields[12])) / _TICKS, peak_bytes=int(peak) * 1024)

    def _wait_briefly(self) -> None:
        try:
            self._process.wait(_LOOK)
        except subprocess.TimeoutExpired:
            return

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self._end)


def _plain() -> dict[str, str]:
    other = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")  # of the size, the environment may say what is not so
    plain = {name: value for name, value in os.environ.items() if name not in other}
    return plain | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}


def _set_size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
