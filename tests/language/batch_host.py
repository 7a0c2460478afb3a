"""A server on loopback with files, batches and chat, that keeps state and counts what it is paid for. Not a test."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from tests.loopback import QuietHandler, QuietServer, Reply, send

Say = Callable[[dict[str, Any]], Reply]
"""The answer to one chat request, alone or as a line of a batch."""
Meddle = Callable[[str, str], Reply | str | None]
"""Gets method and path. A reply takes the place of the host's own; "cut" breaks off instead; None leaves it alone."""

NOT_FOUND: Reply = (404, {}, {"error": {"message": "no such thing", "type": "invalid_request_error", "code": None}})


def leave_alone(method: str, path: str) -> None:
    """Meddle with nothing."""


class BatchHost:
    """A batch is done when it was looked at `looks` times; `ends_as` says how. Of a batch that is cancelled or expires
    the first `partly` lines are answered. `before` may answer in the host's place, `after` once it has acted."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.looks = 2
        self.ends_as = "completed"
        self.rests = True
        self.partly = 0
        self.before: Meddle = leave_alone
        self.after: Meddle = leave_alone
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.singly: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.paid: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._http = _http(self)
        self.serve, self.stop = self._http.serve, self._http.stop
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/v1"

    # -- what tests look at -----------------------------------------------------------------------------------

    @property
    def paid_twice(self) -> int:
        """Answers that were paid for beyond the first, by prompt."""
        return sum(self.paid.values()) - len(self.paid)

    def lines(self) -> list[dict[str, Any]]:
        """All requests of all batches, in order."""
        return [line for batch in self.batches.values() for line in batch["lines"]]

    def count(self, method: str, path: str) -> int:
        return sum(one == (method, path) for one in self.asked)

    # -- what the host does -----------------------------------------------------------------------------------

    def reply(self, method: str, path: str, *, kind: str, body: bytes) -> Reply | str:
        with self._lock:
            self.asked.append((method, path))
            instead = self.before(method, path)
            done = instead if instead is not None else self._done(method, path.split("/")[1:], kind=kind, body=body)
        later = self.after(method, path)
        return done if later is None else later

    def _done(self, method: str, parts: list[str], *, kind: str, body: bytes) -> Reply:
        match parts:
            case ["files", *_]:
                return self._of_files(method, parts, kind=kind, body=body)
            case ["batches", *_]:
                return self._of_batches(method, parts, body=body)
            case ["chat", "completions"]:
                return self._chat(json.loads(body))
        return NOT_FOUND

    def _of_files(self, method: str, parts: list[str], *, kind: str, body: bytes) -> Reply:
        match method, parts:
            case "POST", ["files"]:
                return self._upload(_content(kind, body))
            case "GET", ["files", name, "content"] if name in self.files:
                return 200, {"Content-Type": "application/octet-stream"}, self.files[name].decode()
            case "DELETE", ["files", name] if name in self.files:
                del self.files[name]
                return 200, {}, {"id": name, "object": "file", "deleted": True}
        return NOT_FOUND

    def _of_batches(self, method: str, parts: list[str], *, body: bytes) -> Reply:
        match method, parts:
            case "POST", ["batches"]:
                return self._create(json.loads(body))
            case "GET", ["batches"]:
                shown = [_shown(batch) for batch in reversed(self.batches.values())]
                return 200, {}, {"object": "list", "data": shown, "has_more": False}
            case "GET", ["batches", name] if name in self.batches:
                return 200, {}, _shown(self._looked(self.batches[name]))
            case "POST", ["batches", name, "cancel"] if name in self.batches:
                return self._cancelled(self.batches[name])
        return NOT_FOUND

    def _upload(self, content: bytes) -> Reply:
        name = f"file-{len(self.files) + len(self.asked)}"
        self.files[name] = content
        return 200, {}, {"id": name, "object": "file", "purpose": "batch", "bytes": len(content)}

    def _create(self, wanted: dict[str, Any]) -> Reply:
        lines = [json.loads(line) for line in self.files[wanted["input_file_id"]].splitlines()]
        name = f"batch_{len(self.batches) + 1}"
        made = {"id": name, "object": "batch", "created_at": 1, "status": "validating", "lines": lines, **wanted}
        self.batches[name] = made
        return 200, {}, _shown(made)

    def _looked(self, batch: dict[str, Any]) -> dict[str, Any]:
        if batch["status"] == "cancelling":
            if self.rests:
                self._end(batch, "cancelled", batch["lines"][: self.partly])
        elif batch["status"] in ("validating", "in_progress"):
            batch["status"] = "in_progress"
            self._seen[batch["id"]] += 1
            if self._seen[batch["id"]] >= self.looks:
                partly = self.partly if self.ends_as == "expired" else len(batch["lines"])
                self._end(batch, self.ends_as, [] if self.ends_as == "failed" else batch["lines"][:partly])
        return batch

    def _end(self, batch: dict[str, Any], status: str, lines: list[dict[str, Any]]) -> None:
        output: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for line in lines:
            code, _, content = self._said(line["body"])
            told = {"id": "r", "custom_id": line["custom_id"], "error": None}
            told["response"] = {"status_code": code, "request_id": "r", "body": content}
            (output if code == 200 else errors).append(told)
        if status == "expired":
            late = {"code": "batch_expired", "message": "too late"}
            never = batch["lines"][len(lines) :]
            errors += [{"id": "r", "custom_id": one["custom_id"], "response": None, "error": late} for one in never]
        batch["status"] = status
        batch["output_file_id"] = self._stored(output)
        batch["error_file_id"] = self._stored(errors)
        batch["request_counts"] = {"total": len(batch["lines"]), "completed": len(output), "failed": len(errors)}

    def _stored(self, lines: list[dict[str, Any]]) -> str | None:
        if not lines:
            return None
        name = f"file-{len(self.files) + len(self.asked)}-{len(lines)}"
        self.files[name] = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        return name

    def _cancelled(self, batch: dict[str, Any]) -> Reply:
        if batch["status"] not in ("validating", "in_progress", "cancelling"):
            return 400, {}, {"error": {"message": f"Cannot cancel a batch with status {batch['status']}."}}
        batch["status"] = "cancelling"
        return 200, {}, _shown(batch)

    def _chat(self, body: dict[str, Any]) -> Reply:
        self.singly.append(_prompt(body))
        return self._said(body)

    def _said(self, body: dict[str, Any]) -> Reply:
        self.bodies.append(body)
        said = self.say(body)
        if said[0] == 200:
            self.paid[_prompt(body)] += 1
        return said


@contextmanager
def batch_host(say: Say) -> Iterator[BatchHost]:
    host = BatchHost(say)
    host.serve()
    try:
        yield host
    finally:
        host.stop()


def _prompt(body: dict[str, Any]) -> str:
    return str(body["messages"][0]["content"])


def _shown(batch: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in batch.items() if name != "lines"}


def _content(kind: str, body: bytes) -> bytes:
    """The file in a form."""
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    for part in form.get_payload():
        if isinstance(part, Message) and part.get_filename():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return content
    raise AssertionError("a form without a file")


def _http(host: BatchHost) -> QuietServer:
    class Handler(QuietHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0].removeprefix("/v1")
            said = host.reply(self.command, path, kind=self.headers.get("Content-Type", ""), body=body)
            if isinstance(said, str):
                self.close_connection = True
                return
            send(self, said)

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815 - the library's names

    return QuietServer(Handler)
