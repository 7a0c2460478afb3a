"""Jira Cloud's issues as a tracker (REST API, version 3).

An issue is found by a label that is our marker: Jira's search shows new issues late, but at once those whose numbers it
is told. External ids are numbers, which stay when an issue is moved to another project, as its key does not. Jira tells
neither what was deleted nor what the login may not see, and answers a login that it does not know as if nobody asked.
"""

import base64
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, field_validator

from connectors.http import Answer, Budget, NotThere, Rate, Service
from connectors.reading.changes import read_time
from connectors.trackers.rendering.adf import Node, adf
from connectors.trackers.rendering.block import room_beside_adf, with_adf_block
from connectors.trackers.rendering.words import title
from connectors.trackers.several import only
from insights.config import Section
from insights.errors import ExitCode, InsightsError
from insights.ports import Filed, Issue, Progressed, Setup, Sought, TrackerKind

_API = "rest/api/3"
_PAGE = 100
_LONGEST = 32_767
"""Characters of a description or comment."""
_MOST_RECONCILED = 50
_OWN_FIELDS = ("project", "issuetype", "summary", "description", "labels")
_READ_FIELDS = (
    "status",
    "resolution",
    "assignee",
    "duedate",
    "timeoriginalestimate",
    "resolutiondate",
    "statuscategorychangedate",
    "labels",
)

Label = Annotated[str, Field(pattern=r"^\S{1,255}$")]
Row = Mapping[str, Any]


class JiraSettings(Section):
    """`[[trackers]]` with type = "jira"."""

    url: str = Field(description="Address of the site: https://acme.atlassian.net.")
    email: str = Field(description="E-mail address of the account that the API token is of.", pattern=r"^[^\s:]+$")
    project: str = Field(description="Key of the project, as APP.", pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    issue_type: str = Field("Task", description="Type of new issues, by its name in the project.")
    labels: list[Label] = Field([], description="Labels that a new issue gets; none may hold a space.")
    fields: dict[str, Any] = Field(
        {},
        description="Other fields of a new issue, by id or name, as the API takes them: those that the project "
        'requires. { "Team area" = { value = "Billing" }, components = [{ name = "App" }] }',
    )
    estimate_field: str = Field(
        "", description="Field that holds the estimate, by id or name, as Story Points; empty: the original estimate."
    )
    dropped: list[str] = Field(
        [
            "Won't Do",
            "Won't Fix",
            "Declined",
            "Rejected",
            "Cancelled",
            "Canceled",
            "Obsolete",
            "Invalid",
            "Incomplete",
            "Cannot Reproduce",
            "Duplicate",
        ],
        description="Names of resolutions and statuses that mean that nothing was done. What we close gets the first "
        "of them that Jira offers.",
    )
    api_url: str = Field(
        "", description="For a token with scopes: https://api.atlassian.com/ex/jira/ and the site's id; else empty."
    )

    @field_validator("fields")
    @classmethod
    def _not_ours(cls, fields: dict[str, Any]) -> dict[str, Any]:
        for name in fields:
            if name.casefold() in _OWN_FIELDS:
                raise ValueError(f"{name} is written by us: fields may not name it")
        return fields


class JiraTracker:
    """External ids are Jira's numbers of issues, not their keys."""

    lag_seconds = 120.0
    """Most changes show in the search within seconds, some after minutes, says Atlassian."""

    def __init__(self, setup: Setup[JiraSettings]) -> None:
        self.name = setup.name
        self._settings = setup.settings
        self._dropped = [name.casefold() for name in setup.settings.dropped]
        self._written: deque[int] = deque(maxlen=_MOST_RECONCILED)
        self._service = Service(
            name=setup.name,
            base_url=setup.settings.api_url or setup.settings.url,
            auth=lambda: (setup.settings.email, setup.secret()),
            secrets=lambda: _secrets(setup.settings.email, setup.secret()),
            budget=Budget(Rate(50, 1)),
            write_budget=Budget(Rate(20, 2)),
            sleep=setup.sleep,
        )

    def check(self) -> str:
        who = self._get("myself")["displayName"]
        project = self._get(f"project/{self._settings.project}")
        types = [one["name"] for one in project.get("issueTypes") or ()]
        if types and self._settings.issue_type.casefold() not in [name.casefold() for name in types]:
            raise InsightsError(
                f"{self.name} has no issue type called {self._settings.issue_type!r} in {self._settings.project}.",
                remedy=f"It has: {self._service.clean(', '.join(types))}.",
                exit_code=ExitCode.USAGE,
            )
        return f"{who}, for {self._settings.project}"

    def find(self, sought: Sought) -> Filed | None:
        rows = self._search(f'labels = "{sought.marker}"')
        found = [row for row in rows if sought.marker in (row["fields"].get("labels") or ())]
        row = only(
            found,
            sought,
            tracker=self.name,
            place=lambda row: self._service.clean(row["key"]),
            remedy=f"Take the label {sought.marker} off all but one of them.",
        )
        return self._filed(row) if row else None

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        found: dict[str, Filed] = {}
        for start in range(0, len(external_ids), _PAGE):
            wanted = [str(int(one)) for one in external_ids[start : start + _PAGE]]
            given = {"issueIdsOrKeys": wanted, "fields": self._read_fields}
            data = self._known(self._service.ask(f"{_API}/issue/bulkfetch", given))
            if data.get("issueErrors"):
                raise InsightsError(f"{self.name} could not read all issues.", remedy="Try again in a minute.")
            found |= {str(row["id"]): self._filed(row) for row in data["issues"]}
        if any(one not in found for one in external_ids):
            self._look_at_project()
        return {one: found[one] for one in external_ids if one in found}

    def create(self, issue: Issue) -> Filed:
        given = {
            **self._more_fields,
            "project": {"key": self._settings.project},
            "issuetype": {"name": self._settings.issue_type},
            "summary": title(issue.title),
            "description": _described(None, issue),
            "labels": [issue.sought.marker, *self._settings.labels],
        }
        made = self._service.write("POST", f"{_API}/issue", {"fields": given}).data
        self._written.append(int(made["id"]))
        try:
            return self._filed(self._row(str(made["id"])))
        except InsightsError:  # it is made, whatever becomes of reading it
            return Filed(external_id=str(made["id"]), url=self._url(made["key"]))

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        row = self._row(filed.external_id, "description")
        path, old = _path(filed.external_id), row["fields"].get("description")
        body = _described(old, issue)
        is_changed = _bare(body) != _bare(old or {})
        if is_changed:
            self._service.write("PUT", path, {"fields": {"description": body}})
        if not (reopens and self._filed(row).is_closed):
            return self._filed(self._row(filed.external_id) if is_changed else row)
        self._service.write("POST", f"{path}/transitions", self._step(path, is_done=False))
        return self._filed(self._row(filed.external_id))

    def close(self, filed: Filed, comment: str) -> Filed:
        path = _path(filed.external_id)
        is_closed = self._filed(self._row(filed.external_id)).is_closed
        step = None if is_closed else self._step(path, is_done=True)
        self._service.write("POST", f"{path}/comment", {"body": adf(comment, limit=_LONGEST)})
        if step is not None:
            self._service.write("POST", f"{path}/transitions", step)
        return self._filed(self._row(filed.external_id))

    # -- reading --------------------------------------------------------------------------------------------------

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._known(self._service.get(f"{_API}/{path}", params))

    def _known(self, answer: Answer) -> Any:
        """What was answered to us. Raises InsightsError where it was answered to nobody."""
        reason = answer.headers.get("x-seraph-loginreason", "").upper()
        if "AUTHENTICATED_FAILED" in reason or "AUTHENTICATION_DENIED" in reason:
            raise InsightsError(
                f"{self.name} does not know the login: its token may have ended.",
                remedy=f"Give it a new one: insights auth {self.name}",
                exit_code=ExitCode.LOGIN,
            )
        return answer.data

    def _row(self, external_id: str, *more: str) -> dict[str, Any]:
        wanted = {"fields": ",".join([*self._read_fields, *more])}
        row: dict[str, Any] = self._known(self._service.get(_path(external_id), wanted))
        return row

    def _search(self, jql: str) -> Iterator[dict[str, Any]]:
        given = {"jql": jql, "fields": self._read_fields, "maxResults": _PAGE}
        if self._written:
            given["reconcileIssues"] = list(self._written)
        while True:
            data = self._known(self._service.ask(f"{_API}/search/jql", given))
            yield from data["issues"]
            if not data.get("nextPageToken"):
                return
            given["nextPageToken"] = data["nextPageToken"]

    def _look_at_project(self) -> None:
        """What is not shown is deleted only where we may look. Raises InsightsError."""
        try:
            self._get(f"project/{self._settings.project}")
        except NotThere as error:
            raise InsightsError(
                f"{self.name} does not show {self._settings.project} to this login: what is deleted cannot be told.",
                remedy=f"Give it a login that may browse the project: insights auth {self.name}",
                exit_code=ExitCode.LOGIN,
            ) from error

    def _filed(self, row: Row) -> Filed:
        fields = row["fields"]
        status, resolution = fields["status"]["name"], (fields.get("resolution") or {}).get("name") or ""
        is_closed = _is_done(fields["status"])
        is_dropped = any(name.casefold() in self._dropped for name in (status, resolution))
        closed = Progressed.DROPPED if is_dropped else Progressed.DONE
        says_why = is_closed and resolution and resolution.casefold() != status.casefold()
        due = fields.get("duedate")
        ended = fields.get("resolutiondate") or fields.get("statuscategorychangedate")
        return Filed(
            external_id=str(row["id"]),
            url=self._url(row["key"]),
            progress=closed if is_closed else Progressed.OPEN,
            status=f"{status} ({resolution})" if says_why else status,
            assignee=(fields.get("assignee") or {}).get("displayName") or "",
            estimate=self._estimate(fields),
            due_on=date.fromisoformat(due) if due else None,
            closed_at=read_time(ended) if is_closed else None,
        )

    def _estimate(self, fields: Row) -> str:
        if not self._settings.estimate_field:
            seconds = fields.get("timeoriginalestimate")
            return f"{seconds / 3600:g} h" if seconds else ""
        value = fields.get(self._estimate_id)
        value = value.get("value") or value.get("name") if isinstance(value, dict) else value
        return f"{value:g}" if isinstance(value, int | float) else str(value or "")

    def _url(self, key: str) -> str:
        return f"{self._settings.url.rstrip('/')}/browse/{key}"

    # -- another status -------------------------------------------------------------------------------------------

    def _step(self, path: str, *, is_done: bool) -> dict[str, Any]:
        """The transition to what is closed undone, or to what is open again, with what it asks for. Raises
        InsightsError where there is none that we can make."""
        offered = self._known(self._service.get(f"{path}/transitions", {"expand": "transitions.fields"}))["transitions"]
        fitting = [one for one in offered if _is_done(one["to"]) is is_done and one.get("isAvailable", True)]
        if not fitting:
            raise InsightsError(
                f"The workflow in {self.name} has no way from here to a {'closed' if is_done else 'open'} status.",
                remedy="Change the status in Jira, or let this login make the transition.",
            )
        chosen = min(fitting, key=self._rank if is_done else _openness)
        asked = chosen.get("fields") or {}
        given = {name: value for name, value in self._more_fields.items() if (asked.get(name) or {}).get("required")}
        resolution = self._resolution(chosen)
        if is_done and resolution is not None and self._place(resolution) < len(self._dropped):
            given["resolution"] = {"id": resolution["id"]}
        missing = [field.get("name") or name for name, field in asked.items() if _is_due(field) and name not in given]
        if missing:
            raise InsightsError(
                f"{self.name} asks for more to change the status: {self._service.clean(', '.join(missing))}.",
                remedy="Give it a value in the tracker's fields in insights.toml, a resolution by dropped.",
            )
        return {"transition": {"id": chosen["id"]}, **({"fields": given} if given else {})}

    def _rank(self, transition: Row) -> tuple[int, int]:
        """The least for what says best that nothing was done."""
        return self._place(transition["to"]), self._place(self._resolution(transition) or {})

    def _resolution(self, transition: Row) -> Row | None:
        """Of those that it lets one choose, the one that says best that nothing was done."""
        field = (transition.get("fields") or {}).get("resolution") or {}
        return min(field.get("allowedValues") or (), key=self._place, default=None)

    def _place(self, named: Row) -> int:
        name = str(named.get("name", "")).casefold()
        return self._dropped.index(name) if name in self._dropped else len(self._dropped)

    # -- fields ---------------------------------------------------------------------------------------------------

    @cached_property
    def _read_fields(self) -> list[str]:
        return [*_READ_FIELDS, *([self._estimate_id] if self._settings.estimate_field else [])]

    @cached_property
    def _estimate_id(self) -> str:
        return self._field_id(self._settings.estimate_field)

    @cached_property
    def _more_fields(self) -> dict[str, Any]:
        return {self._field_id(name): value for name, value in self._settings.fields.items()}

    @cached_property
    def _all_fields(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("field")
        return found

    def _field_id(self, name: str) -> str:
        """By its id or name. Raises InsightsError where there is none, or several of the name."""
        if re.fullmatch(r"customfield_\d+", name):
            return name
        found = [one["id"] for one in self._all_fields if one["id"] == name]
        found = found or [one["id"] for one in self._all_fields if one["name"].casefold() == name.casefold()]
        if len(found) != 1:
            raise InsightsError(
                f"{self.name} has {len(found) or 'no'} fields called {name!r}.",
                remedy=f"Name one by its id: {', '.join(found) or 'customfield_10016, as Jira shows it'}.",
                exit_code=ExitCode.USAGE,
            )
        return str(found[0])


def _described(old: Node | None, issue: Issue) -> Node:
    room = room_beside_adf(old, issue.sought.marker, limit=_LONGEST)
    return with_adf_block(old, adf(issue.body, limit=room), issue.sought.marker)


def _bare(node: Any) -> Any:
    """Without what Jira adds to a document that it keeps: numbers of nodes, and what is empty."""
    if isinstance(node, list):
        return [_bare(one) for one in node]
    if not isinstance(node, dict):
        return node
    bare = {name: _bare(value) for name, value in node.items() if name != "localId"}
    return {name: value for name, value in bare.items() if value not in ({}, [], None)}


def _is_done(status: Row) -> bool:
    return bool(status["statusCategory"]["key"] == "done")


def _openness(transition: Row) -> bool:
    """What nobody has begun comes first."""
    return bool(transition["to"]["statusCategory"]["key"] != "new")


def _is_due(field: Row) -> bool:
    return bool(field.get("required")) and not field.get("hasDefaultValue")


def _path(external_id: str) -> str:
    return f"{_API}/issue/{int(external_id)}"


def _secrets(email: str, token: str) -> tuple[str, ...]:
    """As they may be said back: alone, and as they are sent."""
    return token, base64.b64encode(f"{email}:{token}".encode()).decode()


JIRA = TrackerKind(
    settings=JiraSettings,
    make=JiraTracker,
    login="API token of the account whose e-mail address the settings name (id.atlassian.com, Security, API tokens)",
)
