"""A server on loopback that lists its models, as local servers do. Not a test."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ModelsServer:
    """Answers every GET with the same; remembers what it was asked, GET or not."""

    def __init__(self, content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.asked: list[tuple[str, str]] = []
        self.over = threading.Event()
        server = self
        data = (content if isinstance(content, str) else json.dumps(content)).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.command, self.path))
                if content is None:
                    server.over.wait(5)
                    return
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(data))} | (headers or {})).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET  # noqa: N815 - the library's name

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        threading.Thread(target=lambda: self._http.serve_forever(poll_interval=0.02), daemon=True).start()

    def stop(self) -> None:
        self.over.set()
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def models_server(
    *models: str, content: Any = ..., status: int = 200, headers: dict[str, str] | None = None
) -> Iterator[ModelsServer]:
    """`content` in place of a list of `models`; None never answers."""
    listed = {"object": "list", "data": [{"id": model, "object": "model"} for model in models]}
    server = ModelsServer(listed if content is ... else content, status=status, headers=headers)
    try:
        yield server
    finally:
        server.stop()
