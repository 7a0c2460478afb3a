"""The world behind a vendor's interface on loopback, with everything that can go wrong on the way."""

import email.utils
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qs, urlsplit

from insights.ports import SourceKind
from tests.hostile.world import Item, World
from tests.loopback import QuietHandler, QuietServer

SECRET = "canary-7f3a9c51"
"""The key that every source logs in with; it must be found nowhere."""


@dataclass(frozen=True)
class Call:
    """A request. `query` and `form` hold the last value of a name; `body` is parsed JSON."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any
    form: dict[str, str]
    base: str
    values: dict[str, list[str]] = field(default_factory=dict)
    """All values of each name of the query."""


@dataclass(frozen=True)
class Reply:
    data: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


NOT_FOUND = Reply({"message": "not found"}, 404)


class Dialect(Protocol):
    """A vendor's interface over the world. It must refuse what the vendor would refuse: other paths, unknown
    parameters, a missing login."""

    kind: ClassVar[SourceKind[Any]]
    page: ClassVar[int]
    """Rows of a page at most, whatever is asked for; small, so that few items make several pages."""
    silent_children: ClassVar[bool]
    """Whether a reply may leave the time of its item as it is."""
    tells_deleted: ClassVar[bool]
    """Whether its lists tell what was deleted."""

    def settings(self, base: str) -> dict[str, Any]:
        """The `[[sources]]` block, without name and type."""
        ...

    def source_id(self, item: Item) -> str: ...

    def is_listing(self, call: Call) -> bool:
        """Whether the call reads a page of the main list: between two of these the world goes on."""
        ...

    def answer(self, world: World, call: Call) -> Reply: ...


@dataclass
class HostileServer:
    """`faults` are met by the next requests, one each: "429", "429-date", "500", "half", "cut", "page" (a page of HTML
    with status 200), "silence"."""

    world: World
    dialect: Dialect
    faults: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    base: str = ""

    @property
    def now(self) -> datetime:
        return self.world.now

    def reply(self, call: Call) -> Reply | str:
        """A reply, or the name of a fault."""
        with self.world.lock:
            self.calls.append(call)
            if self.faults:
                return self.faults.pop(0)
            found = self.dialect.answer(self.world, call)
            if self.dialect.is_listing(call):
                self.world.between_requests()
            return found


@contextmanager
def serving(world: World, dialect: Dialect) -> Iterator[HostileServer]:
    hostile = HostileServer(world, dialect)
    with listening(hostile):
        yield hostile


class Answering(Protocol):
    """What stands behind the server: it is told its address."""

    base: str

    @property
    def now(self) -> datetime: ...

    def reply(self, call: Call) -> Reply | str: ...


@contextmanager
def listening(hostile: Answering) -> Iterator[None]:
    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are two writes: the second would wait for an answer

        def handle_any(self) -> None:
            found = hostile.reply(_call_of(self, hostile.base))
            if isinstance(found, Reply):
                _send(self, found, hostile.now)
            else:
                _fail(self, found, hostile.now)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the library's names

    server = QuietServer(Handler)
    hostile.base = f"http://127.0.0.1:{server.server_address[1]}"
    server.serve()
    try:
        yield
    finally:
        server.stop()


def _call_of(handler: QuietHandler, base: str) -> Call:
    parts = urlsplit(handler.path)
    raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    is_form = "form-urlencoded" in (handler.headers.get("Content-Type") or "")
    return Call(
        method=handler.command,
        path=parts.path,
        query={name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
        headers={name.lower(): value for name, value in handler.headers.items()},
        body=json.loads(raw) if raw and not is_form else None,
        form={name: values[-1] for name, values in parse_qs(raw.decode()).items()} if is_form else {},
        base=base,
        values=parse_qs(parts.query, keep_blank_values=True),
    )


def _date(now: datetime) -> str:
    return email.utils.format_datetime(now, usegmt=True)


def _send(handler: QuietHandler, reply: Reply, now: datetime, *, cut_at: int | None = None) -> None:
    data = reply.data if isinstance(reply.data, bytes) else json.dumps(reply.data).encode()
    handler.send_response_only(reply.status)
    headers = {"Date": _date(now), "Content-Type": "application/json", **reply.headers}
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data if cut_at is None else data[:cut_at])


def _fail(handler: QuietHandler, fault: str, now: datetime) -> None:
    if fault == "429":
        _send(handler, Reply({"message": "slow down"}, 429, {"Retry-After": "7"}), now)
    elif fault == "429-date":
        later = email.utils.format_datetime(now.replace(microsecond=0), usegmt=True)
        _send(handler, Reply({"message": "slow down"}, 429, {"Retry-After": later}), now)
    elif fault == "500":
        _send(handler, Reply({"message": "oops"}, 500), now)
    elif fault == "page":
        _raw(handler, b"<html><body>Please sign in</body></html>", now)
    elif fault == "half":
        _raw(handler, b'{"tickets": [{"id": 1, "subj', now)
    elif fault == "cut":
        _send(handler, Reply({"results": ["x" * 200]}), now, cut_at=40)
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
    else:
        raise ValueError(fault)


def _raw(handler: QuietHandler, data: bytes, now: datetime) -> None:
    handler.send_response_only(200)
    handler.send_header("Date", _date(now))
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
