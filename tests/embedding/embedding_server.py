"""An embedding server on loopback that behaves as a test says, and counts. Not a test."""

import hashlib
import json
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.language.chat_server import Raw, refusal
from tests.loopback import QuietHandler, QuietServer, Reply, send

__all__ = ["EmbeddingServer", "Raw", "Reply", "embedding_server", "refusal", "vector", "vectors"]

DIMENSIONS = 8


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
        server = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 - the library's name
                server.handle(self)

        self._http = QuietServer(Handler)
        self.serve, self.stop = self._http.serve, self._http.stop
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
            reply(handler, self._http.over)
            return
        if reply[0] == 200:
            with self._lock:
                self.answered.append(body["input"])
        send(handler, reply)


@contextmanager
def embedding_server(answer: Callable[[list[str]], Reply | Raw] = vectors) -> Iterator[EmbeddingServer]:
    server = EmbeddingServer(answer)
    server.serve()
    try:
        yield server
    finally:
        server.stop()
