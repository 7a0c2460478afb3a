"""Redmine's issues: lists leave closed ones out unless asked, deleted ones vanish, forms send CR LF."""

from typing import Any, ClassVar

from connectors.trackers.redmine import REDMINE
from insights.ports import TrackerKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.tracking import Office, TrackedIssue

_PAGE = 3
_FIELD = 7
_LISTED = {"project_id", "issue_id", "status_id", "sort", "limit", "offset", "description", f"cf_{_FIELD}"}
_WRITTEN = {"project_id", "subject", "description", "tracker_id", "status_id", "notes", "custom_fields"}
_STATUSES = {"open": 1, "done": 5, "dropped": 6}
_NAMES = {1: "New", 5: "Closed", 6: "Rejected"}


class RedmineTrackerDialect:
    kind: ClassVar[TrackerKind[Any]] = REDMINE
    search_lags: ClassVar[bool] = False
    knows_dropped: ClassVar[bool] = True
    can_move: ClassVar[bool] = False

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "project": "app", "custom_field": "External ID", "issue_type": "feature"}

    def external_id(self, issue: TrackedIssue) -> str:
        return str(issue.number)

    def written_around(self, body: str, above: str, below: str) -> str:
        return f"{above}\n\n{body}\n\n{below}".replace("\n", "\r\n")

    def text(self, body: str) -> str:
        return body

    def answer(self, office: Office, call: Call) -> Reply:
        if call.headers.get("x-redmine-api-key") != SECRET:  # a public project can be read by anybody
            is_public = call.method == "GET" and call.path == "/issues.json"
            return Reply({"issues": [], "total_count": 0}) if is_public else Reply(None, 401)
        fixed = {
            "/users/current.json": {"user": {"id": 1, "login": "insights"}},
            "/projects/app.json": {"project": {"id": 1}},
            "/trackers.json": {"trackers": [{"id": 2, "name": "Bug"}, {"id": 3, "name": "Feature"}]},
            "/custom_fields.json": {"custom_fields": [{"id": _FIELD, "name": "External ID"}]},
            "/issue_statuses.json": {
                "issue_statuses": [{"id": n, "name": name, "is_closed": n > 1} for n, name in _NAMES.items()]
            },
        }
        if call.path in fixed:
            return Reply(fixed[call.path])
        if call.path == "/issues.json":
            return self._list(office, call) if call.method == "GET" else self._create(office, call)
        number = call.path.removeprefix("/issues/").removesuffix(".json")
        issue = office.issues.get(int(number)) if number.isdigit() else None
        if issue is None or issue.is_deleted:
            return NOT_FOUND
        if call.method == "PUT":
            return self._change(office, issue, call)
        return Reply({"issue": _row(issue)})

    def _list(self, office: Office, call: Call) -> Reply:
        if set(call.query) - _LISTED:
            return Reply({"errors": ["unknown filter"]}, 422)
        found = [issue for issue in office.there() if _fits(issue, call.query)]
        offset, limit = int(call.query.get("offset", 0)), min(int(call.query.get("limit", 25)), _PAGE)
        rows = [_row(issue) for issue in found[offset : offset + limit]]
        return Reply({"issues": rows, "total_count": len(found), "offset": offset, "limit": limit})

    def _create(self, office: Office, call: Call) -> Reply:
        given = call.body["issue"]
        too_long = len(given["subject"]) > 255 or len(given["description"].encode()) > 65_535
        if set(given) - _WRITTEN or too_long or given["project_id"] != "app" or given["tracker_id"] != 3:
            return Reply({"errors": ["is invalid"]}, 422)
        [field] = given["custom_fields"]
        issue = office.add(given["subject"], given["description"], labels=[field["value"]])
        return Reply({"issue": _row(issue)}, 201)

    def _change(self, office: Office, issue: TrackedIssue, call: Call) -> Reply:
        given = call.body["issue"]
        if set(given) - _WRITTEN:
            return Reply({"errors": ["is invalid"]}, 422)
        issue.body = given.get("description", issue.body)
        if given.get("notes"):
            issue.comments.append(given["notes"])
        if given.get("status_id") == 1:
            office.reopen(issue.number)
        elif given.get("status_id"):
            office.close(issue.number, progress="dropped" if given["status_id"] == 6 else "done")
        return Reply(None, 204)


def _fits(issue: TrackedIssue, query: dict[str, str]) -> bool:
    if query.get("status_id") != "*" and issue.progress != "open":
        return False
    if "issue_id" in query and str(issue.number) not in query["issue_id"].split(","):
        return False
    return f"cf_{_FIELD}" not in query or query[f"cf_{_FIELD}"] in issue.labels


def _row(issue: TrackedIssue) -> dict[str, Any]:
    status = _STATUSES[issue.progress]
    return {
        "id": issue.number,
        "subject": issue.title,
        "description": issue.body,
        "status": {"id": status, "name": _NAMES[status]},
        "assigned_to": {"id": 3, "name": issue.assignee} if issue.assignee else None,
        "estimated_hours": None,
        "due_date": None,
        "closed_on": f"{issue.closed:%Y-%m-%dT%H:%M:%SZ}" if issue.closed else None,
        "custom_fields": [{"id": _FIELD, "name": "External ID", "value": value} for value in issue.labels],
    }
