"""Azure DevOps: writes are JSON Patch with their own content type and a test of the revision, a batch has null where
an item is deleted, an unknown key gets a page to sign in, and states mean something by their category."""

import base64
import re
from typing import Any, ClassVar
from urllib.parse import unquote

from connectors.trackers.azure_devops import AZURE_DEVOPS
from insights.ports import TrackerKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.tracking import Office, TrackedIssue

_PROJECT = "/Acme App/_apis/wit"
_STATES = [
    {"name": "New", "category": "Proposed"},
    {"name": "Active", "category": "InProgress"},
    {"name": "Resolved", "category": "Resolved"},
    {"name": "Closed", "category": "Completed"},
    {"name": "Removed", "category": "Removed"},
    {"name": "Withdrawn", "category": "Removed"},
]
_NAMES = {"open": "New", "done": "Closed", "dropped": "Removed"}
_BODIES = {"Bug": "Microsoft.VSTS.TCM.ReproSteps", "User Story": "System.Description"}
_WRITTEN = {"System.Title", "System.Tags", "System.State", "System.History", "System.AreaPath", *_BODIES.values()}
_SCHEDULING = "Microsoft.VSTS.Scheduling"
_FIELDS = {
    *_WRITTEN,
    *(f"System.{name}" for name in ("TeamProject", "WorkItemType", "Reason", "AssignedTo")),
    *(f"Microsoft.VSTS.Common.{name}" for name in ("ClosedDate", "StateChangeDate")),
    *(
        f"{_SCHEDULING}.{name}"
        for name in ("TargetDate", "DueDate", "StoryPoints", "Effort", "Size", "OriginalEstimate")
    ),
}


class AzureDevOpsTrackerDialect:
    kind: ClassVar[TrackerKind[Any]] = AZURE_DEVOPS
    search_lags: ClassVar[bool] = True
    knows_dropped: ClassVar[bool] = True
    can_move: ClassVar[bool] = False

    def __init__(self) -> None:
        self.states = _STATES
        """Of every type."""
        self.lacks: set[str] = set()
        """Fields that no process in use has."""

    def settings(self, base: str) -> dict[str, Any]:
        return {
            "url": f"{base}/acme",
            "project": "Acme App",
            "issue_type": "User Story",
            "tags": ["customers"],
            "fields": {"System.AreaPath": "App\\Web"},
        }

    def external_id(self, issue: TrackedIssue) -> str:
        return str(issue.number)

    def written_around(self, body: str, above: str, below: str) -> str:
        return f"<div>{above}</div>{body}<div>{below}</div>"

    def text(self, body: str) -> str:
        return body

    def answer(self, office: Office, call: Call) -> Reply:
        known = base64.b64encode(f":{SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {known}":
            return Reply(b"<html>Azure DevOps Services | Sign In</html>", 203, {"Content-Type": "text/html"})
        path = unquote(call.path).removeprefix("/acme")
        if call.query.get("api-version") != "7.1":
            is_user = (path, call.query.get("api-version")) == ("/_apis/connectionData", "7.1-preview")
            return Reply({"authenticatedUser": {"providerDisplayName": "Insights"}}) if is_user else NOT_FOUND
        fixed = {f"{_PROJECT}/workitemtypes/{kind}/states": self.states for kind in _BODIES}
        fixed["/_apis/wit/fields"] = [{"referenceName": name} for name in _FIELDS if name not in self.lacks]
        fixed[f"{_PROJECT}/workitemtypes"] = [{"name": kind} for kind in _BODIES]
        if call.method == "GET" and path in fixed:
            return Reply({"count": len(fixed[path]), "value": fixed[path]})
        posted = {
            "/_apis/wit/wiql": self._query,
            "/_apis/wit/workitemsbatch": self._batch,
            **{f"{_PROJECT}/workitems/${kind}": self._create for kind in _BODIES},
        }
        if call.method == "POST" and path in posted:
            return posted[path](office, call)
        number = path.removeprefix("/_apis/wit/workitems/")
        issue = office.issues.get(int(number)) if number.isdigit() else None
        if issue is None or issue.is_deleted:
            return Reply({"message": f"TF401232: Work item {number} does not exist."}, 404)
        return Reply(_row(issue)) if call.method == "GET" else self._change(office, issue, call)

    def _query(self, office: Office, call: Call) -> Reply:
        tag = re.fullmatch(
            r"SELECT \[System\.Id\] FROM WorkItems WHERE \[System\.Tags\] CONTAINS '([^']+)'", call.body["query"]
        )
        if tag is None or set(call.query) - {"api-version", "$top"}:
            return Reply({"message": "TF51006: The query statement is missing a FROM clause."}, 400)
        found = [issue for issue in office.found() if tag[1].lower() in "; ".join(issue.labels).lower()]
        return Reply({"workItems": [{"id": issue.number} for issue in found[: int(call.query["$top"])]]})

    def _batch(self, office: Office, call: Call) -> Reply:
        given = call.body
        if set(given) != {"ids", "fields", "errorPolicy"} or given["errorPolicy"] != "omit" or len(given["ids"]) > 200:
            return Reply({"message": "VS403474: You must pass a valid patch document"}, 400)
        unknown = [name for name in given["fields"] if name in self.lacks or name not in _FIELDS]
        if unknown:
            return Reply({"message": f"TF51535: Cannot find field {unknown[0]}."}, 400)
        there = {issue.number for issue in office.there()}
        rows = [_row(office.issues[one], given["fields"]) if one in there else None for one in given["ids"]]
        return Reply({"count": len(rows), "value": rows})

    def _create(self, office: Office, call: Call) -> Reply:
        fields = _patched(call)
        if isinstance(fields, Reply):
            return fields
        if fields.get("System.AreaPath") != "App\\Web" or len(fields["System.Title"]) > 255:
            return Reply({"message": "TF401347: Invalid tree name given for work item."}, 400)
        labels = [tag.strip() for tag in fields["System.Tags"].split(";")]
        kind = unquote(call.path).rsplit("$", 1)[1]
        more = {"rev": 1, "kind": kind, "formats": _formats(call)}
        issue = office.add(fields["System.Title"], fields[_BODIES[kind]], labels=labels, more=more)
        return Reply(_row(issue))

    def _change(self, office: Office, issue: TrackedIssue, call: Call) -> Reply:
        tests = [one for one in call.body if one["op"] == "test"]
        if [one["path"] for one in tests] != ["/rev"] or tests[0]["value"] != issue.more["rev"]:
            return Reply({"message": "VS403351: Test Operation for path /rev failed."}, 412)
        fields = _patched(call)
        if isinstance(fields, Reply):
            return fields
        issue.more["rev"] += 1
        issue.body = fields.get(_BODIES[issue.more["kind"]], issue.body)
        if "System.History" in fields:
            issue.comments.append(fields["System.History"])
        if fields.get("System.State") == "New":
            office.reopen(issue.number)
        elif "System.State" in fields:
            office.close(issue.number, progress="dropped" if fields["System.State"] == "Removed" else "done")
        return Reply(_row(issue))


def _patched(call: Call) -> dict[str, Any] | Reply:
    """The fields that a document sets, or why it is none."""
    if call.headers.get("content-type") != "application/json-patch+json":
        return Reply({"message": "VS403406: The media type is not supported."}, 415)
    added = {
        one["path"]: one["value"] for one in call.body if one["op"] == "add" and one["path"].startswith("/fields/")
    }
    fields = {path.removeprefix("/fields/"): value for path, value in added.items()}
    if set(fields) - _WRITTEN or any(len(str(value)) > 1_000_000 for value in fields.values()):
        return Reply({"message": "TF51535: Cannot find field."}, 400)
    return fields


def _formats(call: Call) -> dict[str, str]:
    """Of texts that are not HTML; said in capitals, kept in small letters."""
    start = "/multilineFieldsFormat/"
    wanted = {one["path"]: one["value"] for one in call.body if one["path"].startswith(start)}
    return {path.removeprefix(start): value.lower() for path, value in wanted.items()}


def _row(issue: TrackedIssue, wanted: list[str] | None = None) -> dict[str, Any]:
    """An empty field is left out."""
    when = f"{issue.changed:%Y-%m-%dT%H:%M:%S.000Z}"
    fields = {
        "System.TeamProject": "Acme App",
        "System.WorkItemType": issue.more["kind"],
        "System.State": _NAMES[issue.progress],
        "System.Reason": {"open": "New", "done": "Acceptance tests pass", "dropped": "Removed"}[issue.progress],
        "System.Title": issue.title,
        "System.Tags": "; ".join(issue.labels),
        _BODIES[issue.more["kind"]]: issue.body,
        "System.AssignedTo": {"displayName": issue.assignee, "uniqueName": "a@b"} if issue.assignee else None,
        "Microsoft.VSTS.Common.ClosedDate": when if issue.progress == "done" else None,
        "Microsoft.VSTS.Common.StateChangeDate": when,
        **issue.more.get("fields", {}),
    }
    kept = {name: value for name, value in fields.items() if value and (wanted is None or name in wanted)}
    formats = issue.more.get("formats", {})
    return {"id": issue.number, "rev": issue.more.get("rev", 1), "fields": kept, "multilineFieldsFormat": formats}
