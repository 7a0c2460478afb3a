"""Zendesk's incremental export by cursor, and comments of a ticket by pages of two."""

import base64
from datetime import timedelta
from typing import Any, ClassVar

from connectors.sources.zendesk import ZENDESK
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World

EMAIL = "admin@acme.example"
_EXPORT = "/api/v2/incremental/tickets/cursor.json"
_SIDELOADS = {"users", "organizations", "groups", "comment_count", "metric_sets"}
_AGENT = 999_000


class ZendeskDialect:
    kind: ClassVar[SourceKind[Any]] = ZENDESK
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = False
    tells_deleted: ClassVar[bool] = True
    held_back: timedelta = timedelta(0)
    """The newest changes are not shown; a minute at the vendor's."""

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "email": EMAIL}

    def source_id(self, item: Item) -> str:
        return f"ticket-{item.number}"

    def is_listing(self, call: Call) -> bool:
        return call.path == _EXPORT

    def answer(self, world: World, call: Call) -> Reply:
        expected = base64.b64encode(f"{EMAIL}/token:{SECRET}".encode()).decode()
        if call.headers.get("authorization") not in (f"Basic {expected}", f"Bearer {SECRET}"):
            return Reply({"error": f"Couldn't authenticate you: {call.headers.get('authorization')}"}, 401)
        if call.method != "GET":
            return Reply({"error": "method"}, 405)
        if call.path == "/api/v2/users/me.json":
            return Reply({"user": {"id": 1, "email": EMAIL, "role": "admin"}})
        if call.path == _EXPORT:
            return self._export(world, call)
        if call.path == "/api/v2/incremental/organizations.json":
            return _organizations(world, call)
        parts = call.path.removeprefix("/api/v2/tickets/").split("/")
        if not parts[0].isdigit() or parts[1:] != ["comments.json"]:
            return Reply({"error": "InvalidEndpoint", "description": "Not found"}, 404)
        item = world.items.get(int(parts[0]))
        if item is None or item.is_hidden or item.is_deleted:
            return NOT_FOUND
        return _comments(item, call)

    def _export(self, world: World, call: Call) -> Reply:
        if set(call.query) - {"start_time", "cursor", "include", "per_page", "exclude_deleted"}:
            return _invalid("Unknown parameter")
        if ("cursor" in call.query) == ("start_time" in call.query) or int(call.query.get("per_page", 1)) > 1000:
            return _invalid("start_time, cursor or per_page is invalid")
        include = set(call.query["include"].split(",")) if "include" in call.query else set()
        if include - _SIDELOADS:
            return _invalid("include is invalid")
        shown = [i for i in world.visible_or_deleted() if not self.held_back or i.changed <= world.now - self.held_back]
        found = sorted(shown, key=_place)
        if "cursor" in call.query:
            time, _, number = base64.b64decode(call.query["cursor"]).decode().partition("||")
            found = [item for item in found if _place(item) > (float(time), int(number))]
        else:
            start = int(call.query["start_time"])
            if start > world.now.timestamp():
                return _invalid("Too recent start_time. Use a start_time older than 60 seconds")
            found = [item for item in found if item.changed.timestamp() >= start]
        some, is_last = found[: self.page], len(found) <= self.page
        after = base64.b64encode("{:.1f}||{}".format(*_place(some[-1])).encode()).decode() if some else None
        return Reply(
            {
                "tickets": [_ticket(item, include) for item in some],
                "users": [*map(_user, some), _AGENT_USER] if "users" in include else [],
                "organizations": [_organization(item.number % 7) for item in some]
                if "organizations" in include
                else [],
                "after_cursor": after,
                "after_url": f"{call.base}{_EXPORT}?cursor={after}" if after else None,
                "before_cursor": None,
                "before_url": None,
                "end_of_stream": is_last,
            }
        )


_AGENT_USER = {"id": _AGENT, "name": "Agent", "email": EMAIL, "role": "agent", "organization_id": None}


def _invalid(words: str) -> Reply:
    return Reply({"error": "InvalidValue", "description": words}, 400)


def _place(item: Item) -> tuple[float, int]:
    return item.changed.timestamp(), item.number


def _user(item: Item) -> dict[str, Any]:
    return {
        "id": item.number,
        "name": f"Person {item.number}",
        "email": item.author,
        "role": "end-user",
        "organization_id": 370_000 + item.number % 7,
        "active": True,
    }


def _organization(number: int) -> dict[str, Any]:
    return {
        "id": 370_000 + number,
        "name": f"Firm {number}",
        "external_id": None,
        "domain_names": [f"firm{number}.example"],
        "organization_fields": {"arr": 1200.0 * number, "tier": None},
        "details": None,
        "group_id": None,
        "created_at": "2020-02-13T22:45:02Z",
        "updated_at": f"2026-02-01T08:00:{number:02}Z",
    }


def _organizations(world: World, call: Call) -> Reply:
    if set(call.query) - {"start_time", "per_page", "include"} or "start_time" not in call.query:
        return _invalid("start_time is required")
    firms = [_organization(number) for number in range(7)]
    start = int(call.query["start_time"]) - 1_769_932_800  # 2026-02-01T08:00:00Z
    found = [firm for number, firm in enumerate(firms) if number >= start]
    some = found[:3]
    return Reply(
        {"organizations": some, "count": len(some), "end_of_stream": len(found) <= 3, "end_time": 1, "next_page": None}
    )


def _ticket(item: Item, include: set[str]) -> dict[str, Any]:
    is_gone = item.is_deleted
    row = {
        "id": item.number,
        "url": f"https://acme.zendesk.com/api/v2/tickets/{item.number}.json",
        "external_id": None,
        "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": f"{item.created:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": f"{item.changed:%Y-%m-%dT%H:%M:%SZ}",
        "generated_timestamp": int(item.changed.timestamp()),
        "type": None,
        "subject": "SCRUBBED" if is_gone else item.subject,
        "raw_subject": "SCRUBBED" if is_gone else item.subject,
        "description": "SCRUBBED" if is_gone else item.text,
        "priority": None,
        "status": "deleted" if is_gone else "open",
        "requester_id": item.number,
        "submitter_id": item.number,
        "organization_id": 370_000 + item.number % 7,
        "is_public": True,
        "satisfaction_rating": {"score": "unoffered"},
        "tags": [],
    }
    return (
        {**row, "comment_count": len(item.replies) + (2 if item.replies else 1)} if "comment_count" in include else row
    )


def _comments(item: Item, call: Call) -> Reply:
    if set(call.query) - {"page[size]", "page[after]", "include", "include_inline_images", "sort"}:
        return _invalid("Unknown parameter")
    if not 1 <= int(call.query.get("page[size]", 100)) <= 100:
        return _invalid("page[size] is invalid")
    rows = [_comment(0, item.number, item.text, item)]
    rows += [_comment(r.number, item.number if r.is_customer else _AGENT, r.text, item) for r in item.replies]
    if item.replies:
        rows.append({**_comment(-1, item.number, f"internal note of {item.number}", item), "public": False})
    start = int(call.query.get("page[after]", 0))
    some, more = rows[start : start + 2], start + 2 < len(rows)
    return Reply(
        {
            "comments": some,
            "users": [_user(item), _AGENT_USER] if call.query.get("include") == "users" else None,
            "meta": {"has_more": more, "after_cursor": str(start + 2) if more else None, "before_cursor": None},
            "links": {"next": "https://acme.zendesk.com/elsewhere" if more else None, "prev": None},
        }
    )


def _comment(number: int, author: int, text: str, item: Item) -> dict[str, Any]:
    return {
        "id": item.number * 1000 + number,
        "type": "Comment",
        "author_id": author,
        "body": text,
        "html_body": f'<div class="zd-comment" dir="auto"><p>{text}</p></div>',
        "plain_body": text,
        "public": True,
        "attachments": [],
        "audit_id": 1,
        "created_at": f"{item.created:%Y-%m-%dT%H:%M:%SZ}",
        "metadata": {},
    }
