"""Jira Cloud: bodies are documents, a search lags except for numbers that it is told, a login that it does not know is
nobody, closing asks for a resolution, and what is deleted is left out without a word."""

import base64
import re
from typing import Any, ClassVar

from connectors.trackers.jira import JIRA
from insights.ports import TrackerKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.tracking import Office, TrackedIssue

_PAGE = 3
_FIRST = 10_000
_API = "/rest/api/3/"
_FIELDS = {
    "status",
    "resolution",
    "assignee",
    "duedate",
    "timeoriginalestimate",
    "resolutiondate",
    "statuscategorychangedate",
    "labels",
    "description",
    "customfield_10016",
}
_WRITTEN = {"project", "issuetype", "summary", "description", "labels", "customfield_10050"}
_STATUSES = {
    "open": {"name": "To Do", "statusCategory": {"key": "new"}},
    "done": {"name": "Done", "statusCategory": {"key": "done"}},
    "dropped": {"name": "Done", "statusCategory": {"key": "done"}},
}
_RESOLUTIONS = {"10000": "Done", "10001": "Won't Do", "10002": "Duplicate"}
_NODES = {"doc", "paragraph", "text", "heading", "bulletList", "orderedList", "listItem", "blockquote", "codeBlock"}


class JiraTrackerDialect:
    kind: ClassVar[TrackerKind[Any]] = JIRA
    search_lags: ClassVar[bool] = True
    knows_dropped: ClassVar[bool] = True
    can_move: ClassVar[bool] = False

    def settings(self, base: str) -> dict[str, Any]:
        return {
            "url": base,
            "email": "bot@acme.example",
            "project": "APP",
            "issue_type": "Task",
            "labels": ["customers"],
            "fields": {"Team area": {"value": "Billing"}},
            "estimate_field": "Story Points",
        }

    def external_id(self, issue: TrackedIssue) -> str:
        return str(_FIRST + issue.number)

    def written_around(self, body: dict[str, Any], above: str, below: str) -> dict[str, Any]:
        return {**body, "content": [_paragraph(above), *body["content"], _paragraph(below)]}

    def text(self, body: Any) -> str:
        """Words; what acts is a node of its own, so that an at sign in words is told from a mention."""
        if body.get("type") == "mention":
            return f"@{body['attrs']['text']}"
        inner = "".join(self.text(node) for node in body.get("content", ()))
        end = "\n" if body.get("type") in ("paragraph", "heading") else ""
        return str(body.get("text", "")).replace("@", "(at)") + inner + end

    def answer(self, office: Office, call: Call) -> Reply:
        known = base64.b64encode(f"bot@acme.example:{SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {known}":
            return _to_nobody(call)
        rest = call.path.removeprefix(_API)
        fixed = {
            "myself": {"displayName": "Insights"},
            "project/APP": {"key": "APP", "issueTypes": [{"name": "Bug"}, {"name": "Task"}]},
            "field": [
                {"id": "summary", "name": "Summary"},
                {"id": "customfield_10016", "name": "Story Points"},
                {"id": "customfield_10050", "name": "Team area"},
            ],
        }
        if call.method == "GET" and rest in fixed:
            return Reply(fixed[rest])
        posted = {"issue": self._create, "search/jql": self._search, "issue/bulkfetch": self._bulk}
        if call.method == "POST" and rest in posted:
            return posted[rest](office, call)
        number, _, more = rest.removeprefix("issue/").partition("/")
        issue = office.issues.get(int(number) - _FIRST) if number.isdigit() else None
        if issue is None or issue.is_deleted:
            return Reply({"errorMessages": ["Issue does not exist or you do not have permission to see it."]}, 404)
        return self._one(office, issue, more, call)

    def _one(self, office: Office, issue: TrackedIssue, more: str, call: Call) -> Reply:
        if (call.method, more) == ("GET", ""):
            return Reply(_row(issue, call.query["fields"].split(",")))
        if (call.method, more) == ("PUT", ""):
            if set(call.body["fields"]) - {"description"} or not _is_document(call.body["fields"]["description"]):
                return _refused("description", "Operation value must be an Atlassian Document")
            issue.body = _kept(call.body["fields"]["description"])
            return Reply(None, 204)
        if (call.method, more) == ("POST", "comment") and _is_document(call.body["body"]):
            issue.comments.append(call.body["body"])
            return Reply({"id": "1"}, 201)
        if more == "transitions":
            return _offered(issue) if call.method == "GET" else self._transition(office, issue, call.body)
        return NOT_FOUND

    def _transition(self, office: Office, issue: TrackedIssue, body: dict[str, Any]) -> Reply:
        name = body["transition"]["id"]
        if issue.progress == "open" and name == "31":
            resolution = (body.get("fields") or {}).get("resolution", {}).get("id")
            if resolution not in _RESOLUTIONS:
                return _refused("resolution", "Resolution is required.")
            office.close(issue.number, progress="done" if resolution == "10000" else "dropped")
        elif issue.progress != "open" and name == "11" and "fields" not in body:
            office.reopen(issue.number)
        else:
            return Reply({"errorMessages": ["It is not on the appropriate screen, or unknown."], "errors": {}}, 400)
        return Reply(None, 204)

    def _create(self, office: Office, call: Call) -> Reply:
        fields = call.body["fields"]
        if set(fields) != _WRITTEN or fields["customfield_10050"] != {"value": "Billing"}:
            return _refused("customfield_10050", "Team area is required.")
        if len(fields["summary"]) > 255 or "\n" in fields["summary"] or not _is_document(fields["description"]):
            return _refused("summary", "is too long")
        if any(re.search(r"\s", label) for label in fields["labels"]) or fields["issuetype"] != {"name": "Task"}:
            return _refused("labels", "The label contains spaces which is invalid.")
        issue = office.add(fields["summary"], _kept(fields["description"]), labels=fields["labels"])
        return Reply({"id": self.external_id(issue), "key": f"APP-{issue.number}"}, 201)

    def _search(self, office: Office, call: Call) -> Reply:
        if set(call.body) - {"jql", "fields", "maxResults", "nextPageToken", "reconcileIssues"}:
            return Reply({"errorMessages": ["Invalid request payload."]}, 400)
        label = re.fullmatch(r'labels = "([^"\\]+)"', call.body["jql"])
        if label is None or set(call.body["fields"]) - _FIELDS:
            return Reply({"errorMessages": ["Error in the JQL Query."]}, 400)
        told = {int(one) - _FIRST for one in call.body.get("reconcileIssues", ())}
        seen = {issue.number for issue in office.found()} | told
        found = [issue for issue in office.there() if issue.number in seen and label[1] in issue.labels]
        start = int(call.body.get("nextPageToken", "0"))
        more = {"nextPageToken": str(start + _PAGE)} if len(found) > start + _PAGE else {"isLast": True}
        return Reply({"issues": [_row(one, call.body["fields"]) for one in found[start : start + _PAGE]], **more})

    def _bulk(self, office: Office, call: Call) -> Reply:
        if set(call.body) != {"issueIdsOrKeys", "fields"} or len(call.body["issueIdsOrKeys"]) > 100:
            return Reply({"errorMessages": ["Invalid request payload."]}, 400)
        numbers = {int(one) - _FIRST for one in call.body["issueIdsOrKeys"]}
        rows = [_row(issue, call.body["fields"]) for issue in office.there() if issue.number in numbers]
        return Reply({"issues": rows, "issueErrors": []})


def _to_nobody(call: Call) -> Reply:
    """What anyone may ask is answered, with nothing in it."""
    headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
    if call.path == f"{_API}search/jql":
        return Reply({"issues": [], "isLast": True}, 200, headers)
    if call.path == f"{_API}issue/bulkfetch":
        return Reply({"issues": [], "issueErrors": []}, 200, headers)
    if call.path == f"{_API}field":
        return Reply([], 200, headers)
    said = f"You do not have permission {call.headers.get('authorization')} {SECRET}"
    return Reply({"errorMessages": [said], "errors": {}}, 401, headers)


def _refused(field: str, why: str) -> Reply:
    return Reply({"errorMessages": [], "errors": {field: why}}, 400)


def _paragraph(words: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": words}]}


def _is_document(node: Any) -> bool:
    return node["type"] == "doc" and node["version"] == 1 and _are_known(node) and len(_words(node)) <= 32_767


def _are_known(node: dict[str, Any]) -> bool:
    is_known = node["type"] in _NODES | {"rule", "hardBreak"} and (node["type"] != "text" or bool(node["text"]))
    return is_known and all(_are_known(one) for one in node.get("content", ()))


def _words(node: dict[str, Any]) -> str:
    return str(node.get("text", "")) + "".join(_words(one) for one in node.get("content", ()))


def _kept(node: dict[str, Any]) -> dict[str, Any]:
    """As Jira keeps it: blocks get a number."""
    if node["type"] == "text":
        return node
    numbered = {**node.get("attrs", {}), "localId": "abc123"}
    content = {"content": [_kept(one) for one in node["content"]]} if "content" in node else {}
    return {**node, **content, **({"attrs": numbered} if node["type"] != "doc" else {})}


def _offered(issue: TrackedIssue) -> Reply:
    if issue.progress != "open":
        return Reply({"transitions": [{"id": "11", "name": "Reopen", "to": _STATUSES["open"], "fields": {}}]})
    allowed = [{"id": number, "name": name} for number, name in _RESOLUTIONS.items()]
    resolution = {"required": True, "hasDefaultValue": False, "name": "Resolution", "allowedValues": allowed}
    progress = {"name": "In Progress", "statusCategory": {"key": "indeterminate"}}
    return Reply(
        {
            "transitions": [
                {"id": "21", "name": "Start", "to": progress, "fields": {}},
                {"id": "31", "name": "Finish", "to": _STATUSES["done"], "fields": {"resolution": resolution}},
            ]
        }
    )


def _row(issue: TrackedIssue, wanted: list[str]) -> dict[str, Any]:
    resolution = {"open": None, "done": {"name": "Done"}, "dropped": {"name": "Won't Do"}}[issue.progress]
    fields = {
        "status": _STATUSES[issue.progress],
        "resolution": resolution,
        "assignee": {"displayName": issue.assignee} if issue.assignee else None,
        "duedate": None,
        "timeoriginalestimate": None,
        "resolutiondate": f"{issue.closed:%Y-%m-%dT%H:%M:%S.000+0000}" if issue.closed else None,
        "statuscategorychangedate": f"{issue.changed:%Y-%m-%dT%H:%M:%S.000+0000}",
        "labels": issue.labels,
        "description": issue.body,
        "customfield_10016": None,
        **issue.more,
    }
    key = issue.more.get("key") or f"APP-{issue.number}"
    return {"id": str(_FIRST + issue.number), "key": key, "fields": {name: fields[name] for name in wanted}}
