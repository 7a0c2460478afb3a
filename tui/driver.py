"""How the application talks to a terminal: Textual's own driver, which outlives it.

Textual's stops writing with an exception when the terminal is closed, after which the application waits for ever on
the full queue of what it still has to draw; it ends with a traceback on a byte that is no UTF-8, and takes escape
sequences in pasted text for keys.
"""

import asyncio
import os
import selectors
import signal
import sys
from contextlib import suppress
from typing import IO, Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tui.leaving import leave_after_keys
from tui.typed import Typed

_ENDINGS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
"""The terminal was closed, the machine goes down, somebody asks it to stop."""

_LOOK_SECONDS = 0.1
_AT_ONCE = 4096


class TerminalDriver(LinuxDriver):
    """Leaves politely: what was typed is decided, what was decided is written."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        terminal: IO[str] = sys.__stderr__ or sys.stderr
        self._file: Any = Lasting(terminal)
        self._is_leaving = False

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, ValueError, RuntimeError):  # not the main thread
            for number in _ENDINGS:
                loop.add_signal_handler(number, self._leave)

    def run_input_thread(self) -> None:
        """Read keys until the application leaves, or the terminal is gone."""
        typed, parser = Typed(), XTermParser(self._debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                sent = self._read() if selector.select(_LOOK_SECONDS) else None
                if sent == b"":
                    return self._leave()
                text = typed.feed(sent) if sent else ""
                for message in (*(parser.feed(text) if text else ()), *parser.tick()):
                    self.process_message(message)
        return None

    def _read(self) -> bytes:
        """What was typed; nothing where the terminal is gone."""
        try:
            return os.read(self.fileno, _AT_ONCE)
        except OSError:
            return b""

    def _leave(self) -> None:
        """May be called from any thread; once is enough."""
        if self._is_leaving:
            return
        self._is_leaving = True
        self.send_message(events.Callback(callback=lambda: leave_after_keys(self._app)))


class Lasting:
    """A terminal to write to, which may be closed: from then on all that is written goes nowhere."""

    def __init__(self, terminal: IO[str]) -> None:
        self._terminal = terminal

    def write(self, text: str) -> None:
        try:
            self._terminal.write(text)
        except OSError:
            self._give_up()

    def flush(self) -> None:
        try:
            self._terminal.flush()
        except OSError:
            self._give_up()

    def fileno(self) -> int:
        return self._terminal.fileno()

    def isatty(self) -> bool:
        return self._terminal.isatty()

    def _give_up(self) -> None:
        """What is buffered, or said after the last screen, is written when the program ends, and must not fail then."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.__stdout__, self._terminal):
            if stream is not None:
                os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
