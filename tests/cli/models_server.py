"""A server on loopback that lists its models, as local servers do. Not a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.loopback import QuietHandler, QuietServer, send


class ModelsServer:
    """Answers every GET with the same; remembers what it was asked, GET or not."""

    def __init__(self, content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.asked: list[tuple[str, str]] = []
        server = self

        class Handler(QuietHandler):
            def do_GET(self) -> None:  # noqa: N802 - the library's name
                server.asked.append((self.command, self.path))
                if content is None:
                    server._http.over.wait(5)
                    return
                send(self, (status, headers or {}, content))

            do_POST = do_GET  # noqa: N815 - the library's name

        self._http = QuietServer(Handler)
        self.port, self.stop = self._http.server_port, self._http.stop
        self._http.serve()


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
