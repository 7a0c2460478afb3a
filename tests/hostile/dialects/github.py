"""GitHub's issues by REST and its discussions by GraphQL, over the same world."""

import base64
from datetime import datetime
from typing import Any, ClassVar

from connectors.sources.github import GITHUB
from connectors.sources.github_discussions import COMMENTS, IDS, LIST, ONE
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World
from tests.hostile.world import Reply as Answer

REPOSITORY = "acme/app"
_BASE = f"/repos/{REPOSITORY}"
_LISTED = {"state", "sort", "direction", "since", "per_page", "page", "labels"}


class GitHubDialect:
    kind: ClassVar[SourceKind[Any]] = GITHUB
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = True
    tells_deleted: ClassVar[bool] = False

    def settings(self, base: str) -> dict[str, Any]:
        return {"repositories": [REPOSITORY], "url": base}

    def source_id(self, item: Item) -> str:
        return f"issue-{REPOSITORY}#{item.number}"

    def is_listing(self, call: Call) -> bool:
        return call.path == f"{_BASE}/issues"

    def answer(self, world: World, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {SECRET}":
            return Reply({"message": f"Bad credentials {call.headers.get('authorization')}", "status": "401"}, 401)
        lists = {f"{_BASE}/issues": _issues, f"{_BASE}/issues/comments": _all_comments}
        if call.path in lists:
            return lists[call.path](world, call, self.page)
        return _ALONE[call.path] if call.path in _ALONE else _one(world, call)


class GitHubDiscussionsDialect:
    kind: ClassVar[SourceKind[Any]] = GITHUB
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = False
    tells_deleted: ClassVar[bool] = False

    def settings(self, base: str) -> dict[str, Any]:
        return {"repositories": [REPOSITORY], "url": base, "issues": False, "discussions": True}

    def source_id(self, item: Item) -> str:
        return f"discussion-{REPOSITORY}#{item.number}"

    def is_listing(self, call: Call) -> bool:
        return call.path == "/graphql" and bool(call.body) and call.body["query"] in (LIST, IDS)

    def answer(self, world: World, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {SECRET}":
            return Reply({"message": f"Bad credentials {call.headers.get('authorization')}", "status": "401"}, 401)
        if (call.method, call.path) != ("POST", "/graphql"):
            return NOT_FOUND
        query, given = call.body["query"], call.body["variables"]
        if f"{given.get('owner')}/{given.get('name')}" != REPOSITORY:
            return _no("NOT_FOUND", "Could not resolve to a Repository")
        if query in (LIST, IDS):
            return _repository(discussions=_discussions(world, given.get("after"), self.page))
        item = world.items.get(given.get("number"))
        if item is None or item.is_deleted or item.is_hidden:
            return _no("NOT_FOUND", "Could not resolve to a Discussion")
        if query == ONE:
            return _repository(discussion=_discussion(item))
        return _repository(discussion={"comments": _comments(item, int(given["after"]))}) if query == COMMENTS else _BAD


_ALONE = {
    "/user": Reply({"login": "insights-bot", "id": 9, "type": "User"}),
    _BASE: Reply({"id": 1, "full_name": REPOSITORY, "has_issues": True, "has_discussions": True}),
}
_BAD = Reply({"errors": [{"message": "Parse error"}]}, 200)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _user(login: str) -> dict[str, Any]:
    return {"login": login, "id": 5, "type": "User", "site_admin": False}


def _issue(item: Item) -> dict[str, Any]:
    return {
        "id": 9000 + item.number,
        "node_id": f"I_{item.number}",
        "number": item.number,
        "title": item.subject,
        "body": item.text,
        "user": _user(f"person{item.number}"),
        "author_association": "NONE",
        "labels": [{"id": 1, "name": "Bug", "color": "f29513"}],
        "state": "open",
        "comments": len(item.replies),
        "created_at": _time(item.created),
        "updated_at": _time(item.changed),
        "closed_at": None,
        "html_url": f"https://github.com/{REPOSITORY}/issues/{item.number}",
        "repository_url": f"https://api.github.com{_BASE}",
    }


def _comment(item: Item, reply: Answer) -> dict[str, Any]:
    return {
        "id": reply.number,
        "body": reply.text,
        "user": _user(f"person{item.number}" if reply.is_customer else "maintainer"),
        "author_association": "NONE" if reply.is_customer else "MEMBER",
        "created_at": _time(reply.at),
        "updated_at": _time(reply.at),
        "html_url": f"https://github.com/{REPOSITORY}/issues/{item.number}#issuecomment-{reply.number}",
        "issue_url": f"https://api.github.com{_BASE}/issues/{item.number}",
    }


def _one(world: World, call: Call) -> Reply:
    number, _, rest = call.path.removeprefix(f"{_BASE}/issues/").partition("/")
    item = world.items.get(int(number)) if number.isdigit() else None
    if item is None or item.is_hidden:
        return NOT_FOUND
    if item.is_deleted:
        return Reply({"message": "This issue was deleted", "status": "410"}, 410)
    if rest == "comments":
        return _paged([_comment(item, reply) for reply in item.replies], call, 2)
    return NOT_FOUND if rest else Reply(_issue(item))


def _issues(world: World, call: Call, size: int) -> Reply:
    if set(call.query) - _LISTED or call.query.get("state") != "all":
        return Reply({"message": "Validation Failed"}, 422)
    since = datetime.fromisoformat(call.query["since"])
    found = [item for item in world.visible() if item.changed >= since]
    found.sort(key=lambda item: (item.changed, item.number))
    return _paged([_issue(item) for item in found], call, size)


def _all_comments(world: World, call: Call, size: int) -> Reply:
    if set(call.query) - (_LISTED - {"state", "labels"}):
        return Reply({"message": "Validation Failed"}, 422)
    since = datetime.fromisoformat(call.query["since"])
    found = [(item, reply) for item in world.visible() for reply in item.replies if reply.at >= since]
    found.sort(key=lambda pair: (pair[1].at, pair[1].number))
    return _paged([_comment(item, reply) for item, reply in found], call, size)


def _paged(rows: list[dict[str, Any]], call: Call, size: int) -> Reply:
    page = int(call.query.get("page", 1))
    link = {}
    if page * size < len(rows):
        link = {"Link": f'<{call.base}{call.path}?page={page + 1}>; rel="next", <{call.base}/x>; rel="last"'}
    return Reply(rows[(page - 1) * size : page * size], headers=link)


def _no(kind: str, message: str) -> Reply:
    return Reply({"data": None, "errors": [{"type": kind, "path": ["repository"], "message": message}]})


def _repository(**data: Any) -> Reply:
    return Reply({"data": {"repository": data}})


def _discussions(world: World, after: str | None, size: int) -> dict[str, Any]:
    """A cursor stands for a place in the order, not for a count."""
    found = sorted(world.visible(), key=lambda item: (item.changed, item.number), reverse=True)
    if after is not None:
        at, _, number = base64.b64decode(after).decode().partition("|")
        found = [item for item in found if (item.changed, item.number) < (datetime.fromisoformat(at), int(number))]
    some = found[:size]
    cursor = base64.b64encode(f"{some[-1].changed.isoformat()}|{some[-1].number}".encode()).decode() if some else None
    return {
        "pageInfo": {"hasNextPage": len(found) > size, "endCursor": cursor},
        "nodes": [_discussion(item) for item in some],
    }


def _discussion(item: Item) -> dict[str, Any]:
    return {
        "number": item.number,
        "title": item.subject,
        "body": item.text,
        "url": f"https://github.com/{REPOSITORY}/discussions/{item.number}",
        "createdAt": _time(item.created),
        "updatedAt": _time(item.changed),
        "authorAssociation": "NONE",
        "author": {"__typename": "User", "login": f"person{item.number}"},
        "labels": {"nodes": []},
        "comments": _comments(item, 0),
    }


def _comments(item: Item, start: int) -> dict[str, Any]:
    some = item.replies[start : start + 2]
    nodes = [
        {
            "id": f"DC_{reply.number}",
            "body": reply.text,
            "isMinimized": False,
            "authorAssociation": "NONE" if reply.is_customer else "MEMBER",
            "author": {"__typename": "User", "login": "somebody"},
            "replies": {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []},
        }
        for reply in some
    ]
    more = start + 2 < len(item.replies)
    return {"pageInfo": {"hasNextPage": more, "endCursor": str(start + 2) if more else None}, "nodes": nodes}
