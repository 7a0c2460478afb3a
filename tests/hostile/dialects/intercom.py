"""Intercom's search for conversations: the newest change first, pages by number, so that they shift."""

import base64
from typing import Any, ClassVar

from connectors.sources.intercom import INTERCOM
from insights.ports import SourceKind
from tests.hostile.server import SECRET, Call, Reply
from tests.hostile.world import Item, World

_SEARCH = "/conversations/search"
_ADMIN = {"type": "admin", "id": "991267645", "name": "Ciaran", "email": "ciaran@acme.example"}
_COMPANIES = 5


class IntercomDialect:
    kind: ClassVar[SourceKind[Any]] = INTERCOM
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = False
    tells_deleted: ClassVar[bool] = False

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base}

    def source_id(self, item: Item) -> str:
        return f"conversation-{item.number}"

    def is_listing(self, call: Call) -> bool:
        return call.path == _SEARCH

    def answer(self, world: World, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {SECRET}":
            return _error("unauthorized", f"Access Token Invalid: {call.headers.get('authorization')}", 401)
        if call.headers.get("intercom-version") != "2.14":
            return _error("intercom_version_invalid", "Unsupported version", 400)
        if call.method == "POST":
            searches = {_SEARCH: self._search, "/contacts/search": _contacts}
            return searches[call.path](world, call) if call.path in searches else _NOT_FOUND
        return _read(world, call) if call.method == "GET" else _NOT_FOUND

    def _search(self, world: World, call: Call) -> Reply:
        if set(call.body) - {"query", "pagination"} or set(call.query):
            return _error("parameter_invalid", "Unknown parameter", 400)
        query, pagination = call.body["query"], call.body.get("pagination", {})
        if set(pagination) - {"per_page", "starting_after"} or not 1 <= pagination.get("per_page", 20) <= 150:
            return _error("parameter_invalid", "per_page must be at most 150", 400)
        if query["operator"] != "AND" or not 1 <= len(query["value"]) <= 15:
            return _error("parameter_invalid", "query is invalid", 400)
        found = world.visible()
        for one in query["value"]:
            if set(one) != {"field", "operator", "value"} or one["field"] != "updated_at":
                return _error("parameter_invalid", "field is invalid", 400)
            found = [item for item in found if _fits(item, one["operator"], one["value"])]
        found.sort(key=lambda item: (item.changed, item.number), reverse=True)
        start = int(base64.b64decode(pagination["starting_after"])) if "starting_after" in pagination else 0
        some, more = found[start : start + self.page], start + self.page < len(found)
        pages: dict[str, Any] = {"type": "pages", "page": start // self.page + 1, "per_page": self.page}
        if more:
            after = base64.b64encode(str(start + self.page).encode()).decode()
            pages["next"] = {"per_page": self.page, "starting_after": after}
        rows = [_conversation(item) for item in some]
        return Reply({"type": "conversation.list", "pages": pages, "total_count": len(found), "conversations": rows})


def _read(world: World, call: Call) -> Reply:
    if call.path == "/me":
        return Reply({**_ADMIN, "email_verified": True, "app": {"type": "app", "id_code": "abc1", "name": "Acme"}})
    if call.path == "/companies/scroll":
        return _scroll(call)
    noun, _, number = call.path.removeprefix("/").partition("/")
    if noun == "companies" and number in map(_company_id, range(_COMPANIES)):
        return Reply(_company(0))
    item = world.items.get(int(number)) if noun == "conversations" and number.isdigit() else None
    if item is None or item.is_hidden or item.is_deleted:
        return _NOT_FOUND
    return Reply({**_conversation(item), "conversation_parts": _parts(item)})


def _fits(item: Item, operator: str, value: int) -> bool:
    at = int(item.changed.timestamp())
    return at > value if operator == ">" else at < value


def _error(code: str, message: str, status: int) -> Reply:
    return Reply({"type": "error.list", "request_id": "r1", "errors": [{"code": code, "message": message}]}, status)


_NOT_FOUND = _error("not_found", "Resource Not Found", 404)


def _conversation(item: Item) -> dict[str, Any]:
    return {
        "type": "conversation",
        "id": str(item.number),
        "title": None,
        "created_at": int(item.created.timestamp()),
        "updated_at": int(item.changed.timestamp()),
        "waiting_since": None,
        "snoozed_until": None,
        "source": {
            "type": "conversation",
            "id": f"40391{item.number}",
            "delivered_as": "customer_initiated",
            "subject": f"<p>{item.subject}</p>",
            "body": f"<p>{item.text}</p>",
            "author": _author(item),
            "attachments": [],
            "url": None,
            "redacted": False,
        },
        "contacts": {
            "type": "contact.list",
            "contacts": [{"type": "contact", "id": f"c{item.number}", "external_id": None}],
        },
        "first_contact_reply": None,
        "admin_assignee_id": None,
        "team_assignee_id": None,
        "open": True,
        "state": "open",
        "read": False,
        "tags": {"type": "tag.list", "tags": []},
        "priority": "not_priority",
        "sla_applied": None,
        "statistics": {"type": "conversation_statistics", "count_conversation_parts": len(item.replies)},
        "conversation_rating": {"rating": 4, "remark": None, "created_at": 1734537546} if item.number % 2 else None,
        "teammates": None,
        "custom_attributes": {},
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_agent": None,
        "ai_agent_participated": False,
    }


def _author(item: Item) -> dict[str, Any]:
    return {"type": "user", "id": f"c{item.number}", "name": f"Person {item.number}", "email": item.author}


def _parts(item: Item) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {
            "type": "conversation_part",
            "id": str(reply.number),
            "part_type": "comment",
            "body": f"<p>{reply.text}</p>",
            "created_at": int(reply.at.timestamp()),
            "updated_at": int(reply.at.timestamp()),
            "notified_at": int(reply.at.timestamp()),
            "assigned_to": None,
            "author": _author(item) if reply.is_customer else _ADMIN,
            "attachments": [],
            "external_id": None,
            "redacted": False,
            "email_message_metadata": None,
        }
        for reply in item.replies
    ]
    return {"type": "conversation_part.list", "conversation_parts": rows, "total_count": len(rows)}


def _contacts(world: World, call: Call) -> Reply:
    [named] = call.body["query"]["value"]
    if (named["field"], named["operator"]) != ("id", "IN") or len(named["value"]) > 15:
        return _error("parameter_invalid", "query is invalid", 400)
    rows: list[dict[str, Any]] = [
        {
            "type": "contact",
            "id": f"c{item.number}",
            "companies": {
                "data": [{"id": _company_id(item.number % _COMPANIES), "type": "company", "url": "/companies/1"}],
                "url": f"/contacts/c{item.number}/companies",
                "total_count": 1,
                "has_more": False,
            },
        }
        for item in world.visible()
        if f"c{item.number}" in named["value"]
    ]
    pages = {"type": "pages", "page": 1, "per_page": 150, "total_pages": 1}
    return Reply({"type": "list", "data": rows, "total_count": len(rows), "pages": pages})


def _scroll(call: Call) -> Reply:
    if set(call.query) - {"scroll_param"}:
        return _error("parameter_invalid", "Unknown parameter", 400)
    start = int(call.query.get("scroll_param", "s0")[1:])
    rows = [_company(number) for number in range(_COMPANIES)][start : start + 2]
    param = f"s{start + 2}"
    return Reply({"type": "list", "data": rows, "pages": None, "total_count": None, "scroll_param": param})


def _company_id(number: int) -> str:
    return f"6762f0971bb69f9f2193bb{number:02}"


def _company(number: int) -> dict[str, Any]:
    return {
        "type": "company",
        "company_id": f"remote-{number}",
        "id": _company_id(number),
        "app_id": "abc1",
        "name": f"Firm {number}",
        "website": f"https://www.firm{number}.example/about" if number else None,
        "industry": "Mining" if number else None,
        "remote_created_at": 1734537367,
        "created_at": 1734537367,
        "updated_at": 1734537367,
        "monthly_spend": 100 * number,
        "session_count": 0,
        "user_count": 4,
        "tags": {"type": "tag.list", "tags": []},
        "segments": {"type": "segment.list", "segments": []},
        "plan": {"type": "plan", "id": "1", "name": "Pro"} if number else {},
        "custom_attributes": {},
    }
