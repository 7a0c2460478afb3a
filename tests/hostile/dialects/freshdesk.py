"""Freshdesk's tickets: pages of a list by the time of change, at most twelve of them here. An archived one is not
there, and its own address points to the archive."""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.sources.freshdesk import FRESHDESK
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World

_LISTED = {"updated_since", "order_by", "order_type", "per_page", "page", "include"}
_MOST_PAGES = 12


class FreshdeskDialect:
    kind: ClassVar[SourceKind[Any]] = FRESHDESK
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = False
    tells_deleted: ClassVar[bool] = False

    def __init__(self) -> None:
        self.archived: set[int] = set()

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base}

    def source_id(self, item: Item) -> str:
        return str(item.number)

    def is_listing(self, call: Call) -> bool:
        return call.path == "/api/v2/tickets"

    def answer(self, world: World, call: Call) -> Reply:
        expected = base64.b64encode(f"{SECRET}:X".encode()).decode()
        if call.headers.get("authorization") != f"Basic {expected}":
            return Reply({"code": "invalid_credentials", "message": f"{call.headers.get('authorization')}"}, 401)
        if call.path == "/api/v2/agents/me":
            return Reply({"id": 1, "contact": {"email": "agent@acme.example", "name": "Agent"}})
        if call.path == "/api/v2/tickets":
            return self._list(world, call)
        parts = call.path.removeprefix("/api/v2/tickets/").split("/")
        item = world.items.get(int(parts[0]))
        if item is None or item.is_hidden or item.is_deleted:
            return NOT_FOUND
        if item.number in self.archived:
            return Reply("", 301, {"Location": f"{call.base}/api/_/tickets/archived/{item.number}"})
        if parts[1:] == ["conversations"]:
            return self._conversations(item, call)
        return Reply(_ticket(item)) if parts[1:] == [] else NOT_FOUND

    def _list(self, world: World, call: Call) -> Reply:
        if set(call.query) - _LISTED:
            return Reply({"errors": [{"message": "Unexpected/invalid field in request"}]}, 400)
        since = datetime.fromisoformat(call.query["updated_since"])
        page = int(call.query.get("page", 1))
        if page > _MOST_PAGES:
            return Reply({"message": "You cannot access this page"}, 400)
        found = sorted((i for i in self._active(world) if i.changed >= since), key=lambda i: (i.changed, i.number))
        some = found[(page - 1) * self.page : page * self.page]
        has_more = page * self.page < len(found)
        link = {"Link": f'<{call.base}/api/v2/tickets?page={page + 1}>; rel="next"'} if has_more else {}
        return Reply([_ticket(item) for item in some], headers=link)

    def _active(self, world: World) -> Iterator[Item]:
        return (item for item in world.visible() if item.number not in self.archived)

    def _conversations(self, item: Item, call: Call) -> Reply:
        page = int(call.query.get("page", 1))
        some = item.replies[(page - 1) * 2 : page * 2]
        link = {}
        if page * 2 < len(item.replies):
            link = {"Link": f'<{call.base}{call.path}?page={page + 1}>; rel="next"'}
        rows = [
            {"id": r.number, "body_text": r.text, "incoming": r.is_customer, "private": False, "user_id": 5}
            for r in some
        ]
        return Reply(rows, headers=link)


def _ticket(item: Item) -> dict[str, Any]:
    return {
        "id": item.number,
        "subject": item.subject,
        "description": f"<div>{item.text}</div>",
        "description_text": item.text,
        "requester_id": item.number,
        "requester": {"id": item.number, "name": f"Person {item.number}", "email": item.author},
        "company_id": None,
        "created_at": f"{item.created:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": f"{item.changed:%Y-%m-%dT%H:%M:%SZ}",
        "spam": False,
        "status": 2,
        "due_by": f"{item.created + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}",
    }
