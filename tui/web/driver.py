"""How the application talks where a page, not a terminal, shows it: Textual's own driver, which leaves politely.

Textual's leaves at once when the page is closed, and not at all when the server was killed. This one lets the
application write what was decided, and leaves with its server.
"""

import asyncio
import signal
from contextlib import suppress

from textual import events
from textual.drivers.web_driver import WebDriver

from tui.leaving import leave_after_keys


class PageDriver(WebDriver):
    """Chosen by `TEXTUAL_DRIVER`; its other end is `tui.web.session.Session`."""

    def start_application_mode(self) -> None:
        super().start_application_mode()
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError):  # Windows
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._leave)

    def write(self, data: str) -> None:
        # A server that was killed reads no more; what was decided is written all the same.
        with suppress(BrokenPipeError):
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        with suppress(BrokenPipeError):
            super().write_meta(data)

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        if packet_type == "quit":
            self._leave()
        else:
            super().on_meta(packet_type, payload)

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():  # the server is gone, and its end of the pipe with it
            self._leave()

    def _leave(self) -> None:
        """As `q` does, so that everything decided is written first. May be called from any thread."""
        self.send_message(events.Callback(callback=lambda: leave_after_keys(self._app)))
