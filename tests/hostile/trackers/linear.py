"""Linear's issues: one GraphQL address; a trashed issue is still told, as archived; an id is taken once; errors come
with status 200 or 400. Of a row only what was asked for is told."""

import re
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from connectors.trackers.linear import LINEAR
from insights.ports import TrackerKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.tracking import Office, TrackedIssue

_PAGE = 5
_MOST_AT_ONCE = 250
_STATES = {
    "duplicate": ("s6", "Duplicate", "duplicate", 5.0),
    "dropped": ("s5", "Canceled", "canceled", 4.0),
    "done": ("s4", "Done", "completed", 3.0),
    "started": ("s3", "In Progress", "started", 2.0),
    "open": ("s2", "Todo", "unstarted", 1.0),
    "backlog": ("s1", "Backlog", "backlog", 0.0),
}
_CREATED = {"id", "teamId", "title", "description", "labelIds"}
_UPDATED = {"description", "stateId"}
_TEAM = {"id": "t1", "key": "ENG", "name": "Engineering"}
_LABELS = [
    {"id": "l1", "name": "customers", "isGroup": False, "team": None},
    {"id": "l2", "name": "customers", "isGroup": False, "team": {"id": "t2"}},
    {"id": "l3", "name": "area", "isGroup": True, "team": None},
]


class LinearTrackerDialect:
    kind: ClassVar[TrackerKind[Any]] = LINEAR
    search_lags: ClassVar[bool] = False
    knows_dropped: ClassVar[bool] = True
    can_move: ClassVar[bool] = False

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "team": "eng", "labels": ["customers"]}

    def external_id(self, issue: TrackedIssue) -> str:
        return issue.key

    def written_around(self, body: str, above: str, below: str) -> str:
        return f"{above}\n\n{body}\n\n{below}"

    def text(self, body: str) -> str:
        return body

    def answer(self, office: Office, call: Call) -> Reply:
        if (call.method, call.path) != ("POST", "/graphql"):
            return NOT_FOUND
        if call.headers.get("authorization") != SECRET:
            return _error(f"No such key: {call.headers.get('authorization')}", "AUTHENTICATION_ERROR", status=400)
        document, given = call.body["query"], call.body["variables"]
        declared = set(re.findall(r"\$(\w+):", document))
        if set(call.body) != {"query", "variables"} or set(given) - declared:
            return _error("Unknown argument", "GRAPHQL_VALIDATION_FAILED", status=400)
        if document.startswith("mutation"):
            return self._change(office, document, given)
        return self._ask(office, document, given, call.base)

    def _ask(self, office: Office, document: str, given: dict[str, Any], base: str) -> Reply:
        if "viewer {" in document:
            return _data(document, viewer={"name": "Insights"})
        if "teams(" in document:
            rows = [_TEAM] if given["key"].casefold() == "eng" else []
            return _data(document, teams={"nodes": rows})
        if "issueLabels(" in document:
            labels = [row for row in _LABELS if row["name"] in given["names"]]
            return _data(document, issueLabels={"nodes": labels, "pageInfo": {"hasNextPage": False, "endCursor": None}})
        asked = int(re.findall(r"first: (\d+)", document)[0])
        if asked > _MOST_AT_ONCE:
            return _error("Query too complex", "INPUT_ERROR", status=400)
        with_archived = "includeArchived: true" in document
        everything = [one for one in office.issues.values() if with_archived or not one.is_deleted]
        found = [one for one in reversed(everything) if _fits(one, given)]
        start = int(given.get("after") or 0)
        some = found[start : start + min(asked, _PAGE)]
        page = {"hasNextPage": start + len(some) < len(found), "endCursor": str(start + len(some))}
        return _data(document, issues={"nodes": [_row(one) for one in some], "pageInfo": page})

    def _change(self, office: Office, document: str, given: dict[str, Any]) -> Reply:
        if "issueCreate(" in document:
            return self._create(office, document, given["input"])
        issue = next((one for one in office.issues.values() if one.key == given["id"]), None)
        if issue is None:
            return _error("Entity not found: Issue", "INPUT_ERROR")
        if set(given["input"]) - _UPDATED or not given["input"]:
            return _error("Argument Validation Error", "INVALID_INPUT")
        if issue.more.get("archived") and "issueUnarchive(" not in document:
            return _error("The issue is archived", "INVALID_INPUT")
        issue.more.pop("archived", None)
        if "commentCreate(" in document:
            if set(given["comment"]) != {"issueId", "body"} or given["comment"]["issueId"] != issue.key:
                return _error("Argument Validation Error", "INVALID_INPUT")
            issue.comments.append(given["comment"]["body"])
        issue.body = given["input"].get("description", issue.body)
        _set_state(office, issue, given["input"].get("stateId"))
        return _data(document, issueUpdate={"success": True, "issue": _row(issue)})

    def _create(self, office: Office, document: str, given: dict[str, Any]) -> Reply:
        key = given.get("id") or f"ffffffff-0000-4000-8000-{len(office.issues):012d}"
        if set(given) - _CREATED or given["teamId"] != "t1" or given["labelIds"] != ["l1"]:
            return _error("Argument Validation Error", "INVALID_INPUT")
        if UUID(key).version != 4 or len(given["title"]) > 255 or len(given["description"]) > 100_000:
            return _error("Argument Validation Error", "INVALID_INPUT")
        if any(one.key == key for one in office.issues.values()):
            return _error("Entity already exists", "INPUT_ERROR")
        issue = office.add(given["title"], given["description"], key=key)
        return _data(document, issueCreate={"success": True, "issue": _row(issue)})


def _fits(issue: TrackedIssue, given: dict[str, Any]) -> bool:
    if "ids" in given:
        return issue.key in given["ids"]
    return issue.key in (given.get("key"), given.get("id")) or ("marker" in given and given["marker"] in issue.body)


def _set_state(office: Office, issue: TrackedIssue, state: str | None) -> None:
    progress = next((name for name, (known, *_) in _STATES.items() if known == state), None)
    if progress == "open":
        office.reopen(issue.number)
    elif progress is not None:
        office.close(issue.number, progress=progress)


def _row(issue: TrackedIssue) -> dict[str, Any]:
    _, name, kind, _ = _STATES[issue.progress]
    is_done = issue.progress == "done"
    states = [dict(zip(("id", "name", "type", "position"), one, strict=True)) for one in _STATES.values()]
    return {
        "id": issue.key,
        "url": f"https://linear.example/acme/issue/ENG-{issue.number}/export-hangs",
        "trashed": True if issue.is_deleted else None,
        "archivedAt": _time(issue.made) if issue.is_deleted or issue.more.get("archived") else None,
        "description": issue.body or None,
        "state": {"name": name, "type": kind},
        "assignee": {"name": issue.assignee} if issue.assignee else None,
        "estimate": issue.more.get("estimate"),
        "dueDate": issue.more.get("due"),
        "completedAt": _time(issue.closed) if is_done else None,
        "canceledAt": None if is_done else _time(issue.closed),
        "team": {"states": {"nodes": states}},
    }


def _time(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z" if at else None


def _data(document: str, **found: Any) -> Reply:
    return Reply({"data": _asked(found, set(re.findall(r"\w+", document)))})


def _asked(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [_asked(one, names) for one in value]
    if isinstance(value, dict):
        return {name: _asked(one, names) for name, one in value.items() if name in names}
    return value


def _error(message: str, code: str, *, status: int = 200) -> Reply:
    more = {"code": code, "userPresentableMessage": message}
    return Reply({"errors": [{"message": message, "extensions": more}], "data": None}, status)
