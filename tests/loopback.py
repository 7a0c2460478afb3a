"""What servers on loopback have in common: they say nothing, and a client that gives up does not trouble them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], Any]
"""Status, headers, body: text is sent as it is, anything else as JSON."""


class QuietHandler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class QuietServer(ThreadingHTTPServer):
    """On a port of its own, from `serve` to `stop`; `over` is set when it stops."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.over = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is part of the tests."""

    def serve(self) -> None:
        threading.Thread(target=lambda: self.serve_forever(poll_interval=0.02), daemon=True).start()

    def stop(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Write a whole reply."""
    status, headers, content = reply
    data = (content if isinstance(content, str) else json.dumps(content)).encode()
    handler.send_response(status)
    for name, value in ({"Content-Type": "application/json"} | headers).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
