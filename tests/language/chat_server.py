"""A chat server on loopback that behaves as a test says. Not a test."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import QuietHandler, QuietServer, Reply, send

__all__ = ["ChatServer", "Raw", "Reply", "chat_server", "completion", "refusal", "says", "send", "slow"]

Raw = Callable[[BaseHTTPRequestHandler, threading.Event], None]
"""Writes what is no whole reply; the event is set when the server stops."""


class ChatServer:
    """Counts what it is asked. `answer` gets the request's body and makes a reply, or says how to write it."""

    def __init__(self, answer: Callable[[dict[str, Any]], Reply | Raw]) -> None:
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.keys: list[str] = []
        self.answer = answer
        server = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 - the library's name
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(body)
                server.paths.append(self.path)
                server.keys.append(self.headers.get("Authorization", ""))
                reply = server.answer(body)
                if callable(reply):
                    self.close_connection = True
                    reply(self, server._http.over)
                    return
                send(self, reply)

        self._http = QuietServer(Handler)
        self.serve, self.stop = self._http.serve, self._http.stop
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def calls(self) -> int:
        return len(self.requests)


@contextmanager
def chat_server(answer: Callable[[dict[str, Any]], Reply | Raw]) -> Iterator[ChatServer]:
    server = ChatServer(answer)
    server.serve()
    try:
        yield server
    finally:
        server.stop()


def completion(
    content: Any, *, tokens_in: int = 1000, tokens_out: int = 100, ended: str = "stop", **message: Any
) -> Reply:
    """A chat completion that says `content`; `ended` is its finish_reason, `message` what else its message holds."""
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-model",
        "choices": [
            {"index": 0, "finish_reason": ended, "message": {"role": "assistant", "content": content} | message}
        ],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        },
    }
    return 200, {}, body


def says(answer: dict[str, Any], **said: Any) -> Reply:
    """A completion that is this, as JSON."""
    return completion(json.dumps(answer), **said)


def refusal(status: int, code: str = "", **headers: str) -> Reply:
    """An error in OpenAI's shape."""
    body = {"error": {"message": "no", "type": code or "error", "code": code or None}}
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body


def slow(reply: Reply, *, seconds: float) -> Reply:
    time.sleep(seconds)
    return reply
