"""Gong's calls: by when they began, transcripts apart, none at all is a 404."""

import base64
from datetime import datetime
from typing import Any, ClassVar

from connectors.sources.gong import GONG
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World

ACCESS_KEY = "ACCESSKEY1"
_FILTERS = {"fromDateTime", "toDateTime", "callIds", "workspaceId"}
_NONE_FOUND = Reply({"requestId": "r1", "errors": ["No calls found corresponding to the provided filters"]}, 404)


class GongDialect:
    kind: ClassVar[SourceKind[Any]] = GONG
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = True
    tells_deleted: ClassVar[bool] = False
    reads_again: ClassVar[bool] = True

    def settings(self, base: str) -> dict[str, Any]:
        return {"access_key": ACCESS_KEY, "url": base}

    def source_id(self, item: Item) -> str:
        return _call_id(item)

    def is_listing(self, call: Call) -> bool:
        return call.path == "/v2/calls/extensive"

    def answer(self, world: World, call: Call) -> Reply:
        expected = base64.b64encode(f"{ACCESS_KEY}:{SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {expected}":
            return Reply({"requestId": "r1", "errors": [f"Unauthorized {call.headers.get('authorization')}"]}, 401)
        made = {"/v2/calls/extensive": _extensive, "/v2/calls/transcript": _transcript}.get(call.path)
        if call.method != "POST" or made is None:
            return NOT_FOUND
        if set(call.body) - {"filter", "cursor", "contentSelector"} or set(call.body["filter"]) - _FILTERS:
            return Reply({"requestId": "r1", "errors": ["Failed to read request"]}, 400)
        found = _chosen(world, call.body["filter"])
        if not found:
            return _NONE_FOUND
        start = int(base64.b64decode(call.body["cursor"])) if "cursor" in call.body else 0
        return made(call.body, found, start, self.page)


def _chosen(world: World, given: dict[str, Any]) -> list[Item]:
    found = sorted(world.visible(), key=lambda item: (item.created, item.number))
    if "callIds" in given:
        return [item for item in found if _call_id(item) in given["callIds"]]
    begin = datetime.fromisoformat(given["fromDateTime"])
    found = [item for item in found if item.created >= begin]
    if "toDateTime" in given:
        until = datetime.fromisoformat(given["toDateTime"])
        found = [item for item in found if item.created < until]
    return found


def _extensive(body: dict[str, Any], found: list[Item], start: int, size: int) -> Reply:
    selector = body.get("contentSelector", {})
    if set(selector) - {"context", "contextTiming", "exposedFields"}:
        return Reply({"requestId": "r1", "errors": ["Failed to read request"]}, 400)
    parties = selector.get("exposedFields", {}).get("parties", False)
    rows = [_call(item, parties=parties) for item in found[start : start + size]]
    return Reply({"requestId": "r1", "records": _records(found, start, size), "calls": rows})


def _transcript(body: dict[str, Any], found: list[Item], start: int, size: int) -> Reply:
    if "contentSelector" in body:
        return Reply({"requestId": "r1", "errors": ["Failed to read request"]}, 400)
    rows = [
        {"callId": _call_id(item), "transcript": [_part("8001", item.text, 0), *_parts(item)]}
        for item in found[start : start + size - 1]
    ]
    return Reply({"requestId": "r1", "records": _records(found, start, size - 1), "callTranscripts": rows})


def _records(found: list[Item], start: int, size: int) -> dict[str, Any]:
    records: dict[str, Any] = {
        "totalRecords": len(found),
        "currentPageSize": len(found[start : start + size]),
        "currentPageNumber": start // size,
    }
    if start + size < len(found):
        records["cursor"] = base64.b64encode(str(start + size).encode()).decode()
    return records


def _call_id(item: Item) -> str:
    return str(7_782_342_274_025_000_000 + item.number)


def _call(item: Item, *, parties: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "metaData": {
            "id": _call_id(item),
            "url": f"https://app.gong.io/call?id={_call_id(item)}",
            "title": item.subject,
            "scheduled": None,
            "started": f"{item.created:%Y-%m-%dT%H:%M:%S.000Z}",
            "duration": 460,
            "primaryUserId": "234599484848423",
            "direction": "Conference",
            "system": "Zoom",
            "scope": "External",
            "media": "Video",
            "language": "eng",
            "workspaceId": "623457276584334",
            "isPrivate": False,
        },
        "context": [],
    }
    if parties:
        row["parties"] = [
            {
                "id": "1",
                "emailAddress": "ae@acme.example",
                "name": "AE",
                "speakerId": "7001",
                "affiliation": "Internal",
            },
            {
                "id": "2",
                "emailAddress": item.author,
                "name": f"Person {item.number}",
                "userId": None,
                "speakerId": "8001",
                "affiliation": "External",
            },
        ]
    return row


def _parts(item: Item) -> list[dict[str, Any]]:
    return [_part("8001" if one.is_customer else "7001", one.text, one.number) for one in item.replies]


def _part(speaker: str, text: str, number: int) -> dict[str, Any]:
    sentences = [{"start": 1000 * number, "end": 1000 * number + 900, "text": text}]
    return {"speakerId": speaker, "topic": "Discovery", "sentences": sentences}
