"""An embedding server on loopback that behaves as a test says, and counts. Not a test."""

import hashlib
import json
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.language.chat_server import Reply, refusal

__all__ = ["EmbeddingServer", "Raw", "Reply", "embedding_server", "refusal", "vector", "vectors"]

DIMENSIONS = 8

Raw = Callable[[BaseHTTPRequestHandler, threading.Event], None]
"""Writes what is no proper answer; the event is set when the test is over."""


def vector(text: str) -> list[float]:
    """Eight numbers of a text's own."""
    return [value / 2**31 - 1 for value in struct.unpack(">8I", hashlib.sha256(text.encode()).digest())]


def rows(texts: Sequence[str]) -> NDArray[np.float64]:
    """What an embedder is to make of it: rows of length 1."""
    made = np.array([vector(text) for text in texts])
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def vectors(texts: Sequence[str], **changes: Any) -> Reply:
    """A proper answer, its rows in reverse, as a server may send them; ten tokens a text."""
    data = [{"object": "embedding", "index": place, "embedding": vector(text)} for place, text in enumerate(texts)]
    used = {"prompt_tokens": 10 * len(texts), "total_tokens": 10 * len(texts)}
    return 200, {}, {"object": "list", "model": "m", "data": data[::-1], "usage": used} | changes


class EmbeddingServer:
    """`answer` gets the texts of a request and makes a reply, or writes it itself."""

    def __init__(self, answer: Callable[[list[str]], Reply | Raw]) -> None:
        self.answer = answer
        self.bodies: list[dict[str, Any]] = []
        self.answered: list[list[str]] = []
        """The texts of each request that was answered with 200, in the order of the answers."""
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._http = _Quiet(("127.0.0.1", 0), _handler(self))
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def asked(self) -> list[list[str]]:
        """The texts of each request."""
        return [body["input"] for body in self.bodies]

    @property
    def calls(self) -> int:
        return len(self.bodies)

    @property
    def paid(self) -> Counter[str]:
        """How often each text was answered."""
        return Counter(text for texts in self.answered for text in texts)

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            self.bodies.append(body)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            reply = self.answer(body["input"])
        finally:
            with self._lock:
                self._at_once -= 1
        if callable(reply):
            handler.close_connection = True
            reply(handler, self._over)
            return
        if reply[0] == 200:
            with self._lock:
                self.answered.append(body["input"])
        _send(handler, reply)

    def serve(self) -> None:
        threading.Thread(target=lambda: self._http.serve_forever(poll_interval=0.02), daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        self._http.shutdown()
        self._http.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is part of the tests."""


def _handler(server: EmbeddingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.handle(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    return Handler


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    status, headers, content = reply
    data = (content if isinstance(content, str) else json.dumps(content)).encode()
    handler.send_response(status)
    for name, value in ({"Content-Type": "application/json"} | headers).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


@contextmanager
def embedding_server(answer: Callable[[list[str]], Reply | Raw] = vectors) -> Iterator[EmbeddingServer]:
    server = EmbeddingServer(answer)
    server.serve()
    try:
        yield server
    finally:
        server.stop()
