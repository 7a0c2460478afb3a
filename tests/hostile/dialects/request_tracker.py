"""Request Tracker's REST 2 over the world, as an ordinary user in New York sees it: no totals but of tickets.

RT edits no message, so other words of an item are another beginning of its ticket, told by some entry of the log.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from connectors.sources.request_tracker import REQUEST_TRACKER
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World

ZONE = ZoneInfo("America/New_York")
USER = "reader"
_PARAMS = {"query", "fields", "fields[Queue]", "fields[Requestor]", "orderby", "order", "per_page", "page"}
_TOKEN = re.compile(r"\s*(\(|\)|AND\b|OR\b|(\w+)\s*(=|!=|>=|<=|>|<)\s*('(?:[^'\\]|\\.)*'|\d+))")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """Of the log. `texts` are its message, plain and HTML."""

    id: int
    item: Item
    type: str
    at: datetime
    creator: str = "root"
    reply: int = -1

    @property
    def text(self) -> str:
        return self.item.replies[self.reply].text if self.reply >= 0 else self.item.text


class RequestTrackerDialect:
    kind: ClassVar[SourceKind[Any]] = REQUEST_TRACKER
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = True
    tells_deleted: ClassVar[bool] = True

    def __init__(self) -> None:
        self.log: list[Entry] = []
        self.merged: dict[int, int] = {}
        """Item -> the one that it was merged into."""
        self.queues: dict[int, str] = {}
        self._seen: dict[int, tuple[Any, ...]] = {}

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "user": USER}

    def source_id(self, item: Item) -> str:
        return str(item.number)

    def is_listing(self, call: Call) -> bool:
        return call.path in ("/REST/2.0/tickets", "/REST/2.0/transactions") and "fields[Queue]" not in call.query

    def answer(self, world: World, call: Call) -> Reply:
        self._write_log(world)
        expected = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {expected}":
            return Reply({"message": f"Unauthorized: {call.headers.get('authorization')}"}, 401)
        path = call.path.removeprefix("/REST/2.0/")
        if path == "rt":
            return Reply({"Version": "5.0.3"})
        if path.startswith("ticket/"):
            return self._one(world, int(path.removeprefix("ticket/")))
        listed = {"tickets": self._tickets, "transactions": self._transactions, "attachments": self._attachments}
        if path not in listed or set(call.query) - _PARAMS:
            return NOT_FOUND
        return listed[path](world, call)

    # -- the log ------------------------------------------------------------------------------------------------------

    def _write_log(self, world: World) -> None:
        """What happened since the last request, each with its time, in order."""
        happened: list[tuple[datetime, Item, str, str, int]] = []
        for item in world.items.values():
            now = (item.text, len(item.replies), item.is_deleted, self.merged.get(item.number))
            was = self._seen.get(item.number)
            if was is None:
                happened.append((item.created, item, "Create", item.author, -1))
            for number in range(was[1] if was else 0, len(item.replies)):
                said = item.replies[number]
                happened.append((said.at, item, "Correspond", item.author if said.is_customer else "root", number))
            if was is not None and (was[0], was[2:]) != (now[0], now[2:]):
                happened.append((item.changed, item, "Status", "root", -1))
            self._seen[item.number] = now
        for at, item, kind, creator, reply in sorted(happened, key=lambda one: (one[0], one[1].number)):
            self.log.append(Entry(len(self.log) + 1, item, kind, at, creator, reply))
            self.log.append(Entry(len(self.log) + 1, item, "EmailRecord", at))

    # -- what it shows ------------------------------------------------------------------------------------------------

    def _tickets(self, world: World, call: Call) -> Reply:
        query = call.query["query"]
        shown = (
            world.visible() if "EffectiveId" in query else [i for i in world.visible() if i.number not in self.merged]
        )
        rows = {item.number: self._ticket(item) for item in shown}
        test = parsed(query, {"id", "EffectiveId", "Queue", "LastUpdated"})
        known = [
            row
            for row in rows.values()
            if test(row | {"Queue": row["Queue"]["Name"], "LastUpdated": _local(row["LastUpdated"])})
        ]
        return self._page(call, known, total=len(known))

    def _ticket(self, item: Item) -> Row:
        joined = [item.number, *(number for number, into in self.merged.items() if into == item.number)]
        people = [f"person{number}@firm{number % 7}.example" for number in joined]
        return {
            "id": item.number,
            "type": "ticket",
            "Subject": item.subject,
            "Status": "deleted" if item.is_deleted else "open",
            "Queue": {"type": "queue", "id": "1", "Name": self.queues.get(item.number, "General")},
            "Created": f"{item.created:%Y-%m-%dT%H:%M:%SZ}",
            "LastUpdated": f"{item.changed:%Y-%m-%dT%H:%M:%SZ}",
            "EffectiveId": str(self.merged.get(item.number, item.number)),
            "Requestor": [
                {"type": "user", "id": one, "Name": one, "EmailAddress": one, "RealName": ""} for one in people
            ],
        }

    def _one(self, world: World, number: int) -> Reply:
        item = world.items.get(self.merged.get(number, number))
        return NOT_FOUND if item is None or item.is_hidden else Reply(self._ticket(item))

    def _transactions(self, _: World, call: Call) -> Reply:
        test = parsed(call.query["query"], {"id", "ObjectType", "ObjectId", "Type", "NewValue"})
        rows = [
            {
                "id": str(entry.id),
                "type": "transaction",
                "ObjectType": "RT::Ticket",
                "ObjectId": str(entry.item.number),
                "Type": entry.type,
                "NewValue": "deleted" if entry.item.is_deleted and entry.type == "Status" else "open",
                "Created": f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
                "Creator": {"type": "user", "id": entry.creator},
            }
            for entry in self.log
            if not entry.item.is_hidden
        ]
        return self._page(call, [row for row in rows if test(row)])

    def _attachments(self, _: World, call: Call) -> Reply:
        rows = [row for entry in self.log if entry.type in ("Create", "Correspond") for row in _parts(entry)]
        return self._page(call, [row for row in rows if _all_hold(call.body, row)])

    def _page(self, call: Call, rows: Sequence[Row], *, total: int | None = None) -> Reply:
        ordered = sorted(rows, key=lambda row: int(row["id"]), reverse=call.query.get("order") == "DESC")
        assert call.query["orderby"] == "id"
        size, number = min(int(call.query["per_page"]), self.page), int(call.query.get("page", 1))
        wanted = {"id", "type", *call.query["fields"].split(",")}
        some = [{k: v for k, v in row.items() if k in wanted} for row in ordered[(number - 1) * size : number * size]]
        return Reply({"items": some, "count": len(some), "page": number, "per_page": size, "total": total})


def _parts(entry: Entry) -> Iterable[Row]:
    """Every other message was sent as HTML alone; each came with a file."""
    kinds = ["text/html"] if entry.id % 4 == 1 else ["text/plain", "text/html"]
    texts = {"text/plain": entry.text, "text/html": f"<div><p>{entry.text}</p></div>"}
    for number, kind in enumerate(kinds):
        yield _part(entry, number, ContentType=kind, Content=texts[kind], Filename="")
    yield _part(entry, 9, ContentType="text/plain", Content="of a file", Filename="log.txt")


def _part(entry: Entry, number: int, **fields: str) -> Row:
    return {"id": str(entry.id * 10 + number), "type": "attachment", "TransactionId": str(entry.id), **fields}


def _all_hold(conditions: Sequence[Row], row: Row) -> bool:
    """Those of one field are joined by OR, the fields by AND."""
    fields: dict[str, list[bool]] = {}
    for one in conditions:
        assert one["field"] in row, one
        kind, value = one.get("operator", "="), row[one["field"]]
        holds = value is None if kind == "IS" else _OPERATORS[kind](*_alike(value, one["value"]))
        fields.setdefault(one["field"], []).append(holds)
    return all(any(holds) for holds in fields.values())


def _alike(value: Any, wanted: str) -> tuple[Any, Any]:
    return (int(value), int(wanted)) if str(value).isdecimal() and wanted.isdecimal() else (str(value), wanted)


def _local(moment: str) -> str:
    """As this user writes it in queries."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC).astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def parsed(query: str, fields: set[str]) -> Callable[[Row], bool]:
    """A query of RT's language as a test of a row. Raises AssertionError where it is none, or names other fields."""
    words, at = list[str](), 0
    while at < len(query.rstrip()):
        found = _TOKEN.match(query, at)
        assert found, query[at:]
        at = found.end()
        if found[2]:
            assert found[2] in fields, found[2]
            text = re.sub(r"\\(.)", r"\1", found[4][1:-1]) if found[4].startswith("'") else found[4]
            words.append(f"test(row, {json.dumps([found[2], found[3], text])})")
        else:
            words.append(found[1].lower())
    code = compile(" ".join(words), "query", "eval")

    def test(row: Row, condition: list[str]) -> bool:
        name, operator, text = condition
        return _OPERATORS[operator](*_alike(row[name], text))

    return lambda row: bool(eval(code, {"test": test, "row": row}))
