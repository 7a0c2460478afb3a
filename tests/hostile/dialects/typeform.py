"""Typeform's responses to one form. An item that changes is a response that was submitted again; replies are the words
of another question of the form."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from connectors.sources.typeform import TYPEFORM
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World

FORM = "u6nXL7"
_FIELDS = [
    {"id": "f1", "ref": "likely", "type": "nps", "title": "How likely?", "properties": {}},
    {"id": "f2", "ref": "colour", "type": "short_text", "title": "Your colour?", "properties": {}},
    {
        "id": "f3",
        "type": "group",
        "title": "More",
        "properties": {
            "fields": [
                {"id": "f4", "ref": "why", "type": "long_text", "title": "Why?", "properties": {}},
                {"id": "f5", "ref": "more", "type": "long_text", "title": "What else?", "properties": {}},
            ]
        },
    },
]
_PARAMS = {"since", "sort", "after", "page_size", "included_response_ids"}


class TypeformDialect:
    kind: ClassVar[SourceKind[Any]] = TYPEFORM
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = False
    tells_deleted: ClassVar[bool] = False

    fields: ClassVar[list[dict[str, Any]]] = _FIELDS

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "forms": [FORM]}

    def source_id(self, item: Item) -> str:
        return f"{FORM}:{_token(item)}"

    def is_listing(self, call: Call) -> bool:
        return call.path == f"/forms/{FORM}/responses" and "included_response_ids" not in call.query

    def answer(self, world: World, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {SECRET}":
            said = f"Authentication failed: {call.headers.get('authorization')}"
            return Reply({"code": "AUTHENTICATION_FAILED", "description": said}, 401)
        if call.path == "/me":
            return Reply({"alias": "Ana", "email": "ana@acme.example", "language": "en"})
        if call.path == f"/forms/{FORM}":
            return Reply({"id": FORM, "title": "How are we doing?", "fields": self.fields})
        if call.path != f"/forms/{FORM}/responses" or set(call.query) - _PARAMS:
            return NOT_FOUND
        return self._responses(world, call)

    def _responses(self, world: World, call: Call) -> Reply:
        if {"after", "sort"} <= set(call.query) or call.query.get("sort", "submitted_at,asc") != "submitted_at,asc":
            return Reply({"code": "VALIDATION_ERROR", "description": "sort cannot be used with after"}, 400)
        found = sorted(world.visible(), key=lambda item: (_second(item.changed), item.committed))
        if "included_response_ids" in call.query:
            wanted = call.query["included_response_ids"].split(",")
            found = [item for item in found if _token(item) in wanted]
        if "since" in call.query:
            since = datetime.strptime(call.query["since"], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
            found = [item for item in found if _second(item.changed) >= since]
        if "after" in call.query:
            tokens = [_token(item) for item in found]
            found = found[tokens.index(call.query["after"]) + 1 :] if call.query["after"] in tokens else found
        some = found[: min(int(call.query["page_size"]), self.page)]
        return Reply(
            {"total_items": len(found), "page_count": -(-len(found) // self.page), "items": list(map(_row, some))}
        )


def _token(item: Item) -> str:
    return f"{item.number:032x}"


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _row(item: Item) -> dict[str, Any]:
    answers: list[dict[str, Any]] = [
        {"field": {"id": "f1", "type": "nps", "ref": "likely"}, "type": "number", "number": item.number % 11},
        {"field": {"id": "f2", "type": "short_text", "ref": "colour"}, "type": "text", "text": "blue"},
        {"field": {"id": "f4", "type": "long_text", "ref": "why"}, "type": "text", "text": item.text},
    ]
    more = "\n".join(reply.text for reply in item.replies if reply.is_customer)
    if more:
        answers.append({"field": {"id": "f5", "type": "long_text", "ref": "more"}, "type": "text", "text": more})
    return {
        "landing_id": _token(item),
        "token": _token(item),
        "response_id": _token(item),
        "landed_at": f"{item.created:%Y-%m-%dT%H:%M:%SZ}",
        "submitted_at": f"{item.changed:%Y-%m-%dT%H:%M:%SZ}",
        "response_type": "completed",
        "metadata": {
            "user_agent": "Mozilla/5.0",
            "platform": "other",
            "referer": "",
            "network_id": "1",
            "browser": "default",
        },
        "hidden": {"email": item.author, "account_id": f"a-{item.number % 7}", "plan": ""},
        "calculated": {"score": 0},
        "answers": answers,
    }
