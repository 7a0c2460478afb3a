"""Asana's tasks: everything stands in `data`, lists tell little unless asked and are paged by tokens, notes are XML of
a few tags, and what was deleted is unknown."""

import re
from datetime import datetime
from typing import Any, ClassVar
from xml.etree import ElementTree as ET

from connectors.trackers.asana import ASANA
from insights.ports import TrackerKind
from tests.hostile.server import SECRET, Call, Reply
from tests.hostile.tracking import Office, TrackedIssue

_PAGE = 4
_PROJECT = "1200"
_FIRST_GID = 7000
_FIELDS = {
    *("name", "notes", "html_notes", "permalink_url", "completed", "completed_at", "due_on", "assignee.name"),
    *("memberships.project.name", "memberships.section.name", "tags.name", "custom_fields.name"),
    *("custom_fields.display_value", "custom_fields.enum_value.name"),
}
_CREATED = {"name", "html_notes", "projects", "external"}
_UPDATED = {"html_notes", "completed"}
_TAGS = {"body", "strong", "em", "u", "s", "code", "ol", "ul", "li", "a", "blockquote", "pre", "h1", "h2", "hr", "img"}
_SECTIONS = {"41": "Backlog", "42": "Won't do"}
_UNKNOWN = Reply({"errors": [{"message": "task: Unknown object"}]}, 404)


class AsanaTrackerDialect:
    kind: ClassVar[TrackerKind[Any]] = ASANA
    search_lags: ClassVar[bool] = False
    knows_dropped: ClassVar[bool] = True
    can_move: ClassVar[bool] = False

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": f"{base}/api/1.0", "project": _PROJECT, "closed_section": "won't do"}

    def external_id(self, issue: TrackedIssue) -> str:
        return str(_FIRST_GID + issue.number)

    def written_around(self, body: str, above: str, below: str) -> str:
        """As Asana's editor does, with a mention that has attributes which only Asana writes."""
        mention = '<a href="https://app.asana.com/0/9/list" data-asana-gid="9" data-asana-accessible="true">@Ann</a>'
        inner = body.removeprefix("<body>").removesuffix("</body>")
        return f"<body>{above} {mention}\n\n{inner}\n<strong>{below}</strong></body>"

    def text(self, body: str) -> str:
        return "".join(ET.fromstring(body).itertext())

    def answer(self, office: Office, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {SECRET}":
            return Reply({"errors": [{"message": f"Not Authorized {call.headers.get('authorization')}"}]}, 401)
        path = call.path.removeprefix("/api/1.0")
        if call.method == "GET" and path in ("/users/me", f"/projects/{_PROJECT}"):
            return _told({"gid": "1", "name": "insights"}, call)
        if call.method == "GET" and path == f"/projects/{_PROJECT}/sections":
            return _paged([{"gid": gid, "name": name} for gid, name in _SECTIONS.items()], call, {"name"})
        if path in (f"/projects/{_PROJECT}/tasks", "/tasks"):
            return self._create(office, call) if call.method == "POST" else self._list(office, path, call)
        moved = re.fullmatch(r"/sections/(\d+)/addTask", path)
        if moved and moved[1] in _SECTIONS and call.method == "POST":
            return self._move(office, moved[1], call)
        return self._task(office, path, call)

    def _task(self, office: Office, path: str, call: Call) -> Reply:
        found = re.fullmatch(r"/tasks/([^/]+)(/stories)?", path)
        issue = _of_gid(office, found[1]) if found else None
        if found is None or issue is None:
            return _UNKNOWN
        if found[2] and call.method == "POST":
            return self._comment(issue, call)
        if call.method == "PUT":
            return self._update(office, issue, call)
        return _told(_row(issue), call) if call.method == "GET" and not found[2] else _UNKNOWN

    def _list(self, office: Office, path: str, call: Call) -> Reply:
        narrowed = {"project", "modified_since"} if path == "/tasks" else set()
        if set(call.query) - {"opt_fields", "limit", "offset"} != narrowed:
            return _wrong("unknown or missing parameter")
        since = call.query.get("modified_since", "")
        rows = [_row(one) for one in office.there() if _time(one.changed) >= since]
        return _paged(rows, call, _FIELDS)

    def _create(self, office: Office, call: Call) -> Reply:
        given = call.body["data"]
        if set(call.body) != {"data"} or set(given) - _CREATED or given["projects"] != [_PROJECT]:
            return _wrong("unknown field")
        key = given.get("external", {}).get("gid", "")
        if key and any(one.key == key for one in office.issues.values()):
            return _wrong("external: gid is taken")
        if len(given["name"]) > 1024 or (why := _not_taken(given["html_notes"])):
            return _wrong(why)
        return _told(_row(office.add(given["name"], given["html_notes"], key=key)), call, status=201)

    def _update(self, office: Office, issue: TrackedIssue, call: Call) -> Reply:
        given = call.body["data"]
        if set(call.body) != {"data"} or set(given) - _UPDATED or not given:
            return _wrong("unknown field")
        if why := _not_taken(given.get("html_notes", "<body></body>")):
            return _wrong(why)
        issue.body = given.get("html_notes", issue.body)
        if given.get("completed"):
            office.close(issue.number, progress="dropped" if issue.more.get("section") == "42" else "done")
        elif "completed" in given:
            office.reopen(issue.number)
        return _told(_row(issue), call)

    def _comment(self, issue: TrackedIssue, call: Call) -> Reply:
        given = call.body["data"]
        if set(given) != {"html_text"} or _not_taken(given["html_text"]):
            return _wrong("unknown field")
        issue.comments.append(given["html_text"])
        return Reply({"data": {"gid": "8"}}, 201)

    def _move(self, office: Office, section: str, call: Call) -> Reply:
        issue = _of_gid(office, call.body["data"]["task"])
        if issue is None:
            return _UNKNOWN
        issue.more["section"] = section
        return Reply({"data": {}})


def _of_gid(office: Office, gid: str) -> TrackedIssue | None:
    key = gid.removeprefix("external:") if gid.startswith("external:") else None
    return next(
        (one for one in office.there() if (one.key == key if key else str(_FIRST_GID + one.number) == gid)), None
    )


def _not_taken(notes: str) -> str:
    """Why Asana would refuse the rich text; empty where it takes it."""
    if len(notes) > 65_535:
        return "too long"
    try:
        root = ET.fromstring(notes)
    except ET.ParseError:
        return "XML is invalid"
    elements = list(root.iter())
    has_attributes = any(one.attrib for one in elements if one.tag not in ("a", "img"))
    return "XML is invalid" if {one.tag for one in elements} - _TAGS or root.tag != "body" or has_attributes else ""


def _row(issue: TrackedIssue) -> dict[str, Any]:
    gid = str(_FIRST_GID + issue.number)
    section = "42" if issue.progress == "dropped" else issue.more.get("section", "41")
    return {
        "gid": gid,
        "name": issue.title,
        "notes": "".join(ET.fromstring(issue.body).itertext()),
        "html_notes": issue.body,
        "permalink_url": f"https://app.asana.example/0/{_PROJECT}/{gid}",
        "completed": issue.progress != "open",
        "completed_at": _time(issue.closed) if issue.closed else None,
        "due_on": issue.more.get("due"),
        "assignee": {"gid": "3", "name": issue.assignee} if issue.assignee else None,
        "memberships": [
            {"project": {"gid": _PROJECT, "name": "App"}, "section": {"gid": section, "name": _SECTIONS[section]}}
        ],
        "tags": [{"gid": "5", "name": label} for label in issue.labels],
        "custom_fields": issue.more.get("fields", []),
    }


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def _told(row: dict[str, Any], call: Call, *, status: int = 200) -> Reply:
    """Of the row what was asked for, and its gid."""
    fields = set(call.query.get("opt_fields", "").split(","))
    if fields - _FIELDS or set(call.query) - {"opt_fields"}:
        return _wrong("unknown field")
    return Reply({"data": _asked(row, fields)}, status)


def _asked(row: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    roots = {"gid", *(name.partition(".")[0] for name in fields)}
    return {name: value for name, value in row.items() if name in roots}


def _paged(rows: list[dict[str, Any]], call: Call, known: set[str]) -> Reply:
    fields = set(call.query.get("opt_fields", "").split(","))
    if fields - known or not 1 <= int(call.query.get("limit", 0)) <= 100:
        return _wrong("The result is too large. You should use pagination")
    start = int(call.query.get("offset", "token-0").removeprefix("token-"))
    some = [_asked(row, fields) for row in rows[start : start + _PAGE]]
    more = {"offset": f"token-{start + _PAGE}"} if start + _PAGE < len(rows) else None
    return Reply({"data": some, "next_page": more})


def _wrong(why: str) -> Reply:
    return Reply({"errors": [{"message": why}]}, 400)
