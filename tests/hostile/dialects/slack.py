"""Slack's channels: history without replies, the newest first; no is said with status 200."""

import base64
from decimal import Decimal
from typing import Any, ClassVar

from connectors.sources.slack import SLACK
from insights.ports import SourceKind
from tests.hostile.server import SECRET, Call, Reply
from tests.hostile.world import Item, World

CHANNEL, OWN_TEAM, THEIR_TEAM = "C0SUPPORT1", "T0OWNTEAM", "T0CUSTOMER"
_TAKES = {
    "auth.test": set[str](),
    "conversations.list": {"types", "limit", "cursor"},
    "conversations.history": {"channel", "oldest", "latest", "inclusive", "limit"},
    "conversations.replies": {"channel", "ts", "limit", "cursor"},
    "users.info": {"user"},
}


class SlackDialect:
    kind: ClassVar[SourceKind[Any]] = SLACK
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = True
    tells_deleted: ClassVar[bool] = False

    def settings(self, base: str) -> dict[str, Any]:
        return {"channels": ["#support"], "url": f"{base}/api"}

    def source_id(self, item: Item) -> str:
        return f"{CHANNEL}-{ts_of(item)}"

    def is_listing(self, call: Call) -> bool:
        return call.path == "/api/conversations.history"

    def answer(self, world: World, call: Call) -> Reply:
        method = call.path.removeprefix("/api/")
        if method not in _TAKES:
            return _no("unknown_method", req_method=method)
        if "authorization" not in call.headers:
            return _no("not_authed")
        if call.headers["authorization"] != f"Bearer {SECRET}":
            return _no("invalid_auth")
        if set(call.query) - _TAKES[method]:
            return _no("invalid_arguments")
        if call.query.get("channel", CHANNEL) != CHANNEL:
            return _no("channel_not_found")
        return self._answer(method, world, call.query)

    def _answer(self, method: str, world: World, given: dict[str, str]) -> Reply:
        if method == "auth.test":
            return _yes(
                url="https://acme.slack.com/", team="Acme", user="insights", team_id=OWN_TEAM, user_id="U0BOT",
                bot_id="B0BOT", is_enterprise_install=False,
            )  # fmt: skip
        if method == "conversations.list":
            return _channels(given)
        if method == "users.info":
            return _user(world, given["user"])
        return self._history(world, given) if method == "conversations.history" else _replies(world, given)

    def _history(self, world: World, given: dict[str, str]) -> Reply:
        oldest, latest = Decimal(given.get("oldest", "0")), Decimal(given.get("latest", "99999999999"))
        limit = int(given.get("limit", "100"))
        if not 1 <= limit <= 999:
            return _no("invalid_limit")
        is_inclusive = given.get("inclusive") == "true"
        found = [
            item
            for item in world.visible()
            if oldest < Decimal(ts_of(item)) < latest or (is_inclusive and Decimal(ts_of(item)) in (oldest, latest))
        ]
        found.sort(key=lambda item: Decimal(ts_of(item)), reverse=True)
        some, size = [_message(item) for item in found], min(self.page, limit)
        more = len(some) > size
        cursor = {"response_metadata": {"next_cursor": _cursor(0)}} if more else {}
        return _yes(messages=some[:size], has_more=more, pin_count=0, channel_actions_count=0, **cursor)


def ts_of(item: Item) -> str:
    return f"{int(item.created.timestamp())}.{item.number:06}"


def _yes(**data: Any) -> Reply:
    return Reply({"ok": True, **data})


def _no(error: str, **data: Any) -> Reply:
    return Reply({"ok": False, "error": error, **data})


def _cursor(start: int) -> str:
    return base64.b64encode(f"next:{start}".encode()).decode()


def _start(given: dict[str, str]) -> int:
    return int(base64.b64decode(given["cursor"]).decode().removeprefix("next:")) if "cursor" in given else 0


def _channels(given: dict[str, str]) -> Reply:
    rows = [{"id": "C0GENERAL1", "name": "general"}, {"id": CHANNEL, "name": "support", "is_ext_shared": True}]
    start = _start(given)
    after = _cursor(start + 1) if start + 1 < len(rows) else ""
    return _yes(channels=rows[start : start + 1], response_metadata={"next_cursor": after})


def _message(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": "message",
        "user": f"U0{item.number:06}",
        "team": THEIR_TEAM,
        "user_team": THEIR_TEAM,
        "source_team": THEIR_TEAM,
        "ts": ts_of(item),
        "text": item.text,
    }
    if item.replies:
        latest = max(_reply_ts(item, number) for number in range(len(item.replies)))
        row |= {"thread_ts": ts_of(item), "reply_count": len(item.replies), "latest_reply": latest, "subscribed": False}
    return row


def _reply_ts(item: Item, place: int) -> str:
    reply = item.replies[place]
    return f"{int(reply.at.timestamp())}.{900_000 + reply.number:06}"


def _replies(world: World, given: dict[str, str]) -> Reply:
    item = next((item for item in world.visible() if ts_of(item) == given["ts"]), None)
    if item is None:
        return _no("thread_not_found")
    rows: list[dict[str, Any]] = [_message(item)]
    for place, reply in enumerate(item.replies):
        team, user = (THEIR_TEAM, rows[0]["user"]) if reply.is_customer else (OWN_TEAM, "U0AGENT01")
        rows.append(
            {
                "type": "message",
                "user": user,
                "team": team,
                "ts": _reply_ts(item, place),
                "thread_ts": ts_of(item),
                "parent_user_id": rows[0]["user"],
                "text": reply.text,
            }
        )
    start = _start(given)
    after = {"response_metadata": {"next_cursor": _cursor(start + 2)}} if start + 2 < len(rows) else {}
    return _yes(messages=rows[start : start + 2], has_more=bool(after), **after)


def _user(world: World, user: str) -> Reply:
    if user == "U0AGENT01":
        return _yes(user={"id": user, "team_id": OWN_TEAM, "profile": {"real_name": "Agent"}, "is_bot": False})
    item = next((item for item in world.items.values() if user == f"U0{item.number:06}"), None)
    if item is None:
        return _no("user_not_found")
    profile = {"real_name": f"Person {item.number}", "email": item.author, "team": THEIR_TEAM}
    return _yes(user={"id": user, "team_id": THEIR_TEAM, "is_bot": False, "is_stranger": True, "profile": profile})
