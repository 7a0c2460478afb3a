"""Redmine's issues as a tracker (3.4 and later).

An issue is found by a custom field that holds our marker; where the project has none, by the marker in its description.
Redmine leaves closed issues out unless told otherwise, and a deleted one vanishes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from connectors.http import Budget, Rate, Service
from connectors.reading.changes import read_time
from connectors.trackers.rendering.block import Form, block_of, room_beside, with_block
from connectors.trackers.rendering.markdown import redmine
from connectors.trackers.rendering.textile import textile
from connectors.trackers.rendering.words import title
from connectors.trackers.several import only
from insights.config import Section
from insights.errors import ExitCode, InsightsError
from insights.ports import Filed, Issue, Progressed, Setup, Sought, TrackerKind

_PAGE = 100
_LONGEST = 65_535
"""Bytes, as MySQL keeps a description."""


class RedmineSettings(Section):
    """`[[trackers]]` with type = "redmine"."""

    url: str = Field(description="Address of Redmine: https://redmine.acme.example.")
    project: str = Field(description="Identifier of the project, as in its address.", pattern=r"^[\w-]+$")
    issue_type: str = Field("", description="Name of the tracker of new issues, as Feature; empty: the first.")
    custom_field: str = Field(
        "",
        description="Custom field of the project (text, used as a filter) for our marker: its number, or its name, "
        "which only an administrator's key may look up.",
    )
    markup: Literal["textile", "markdown"] = Field(
        "textile", description="How Redmine formats text (Settings, General)."
    )
    closed_status: str = Field(
        "", description="Name of the status of what is closed undone; empty: Rejected, or the last."
    )
    dropped: list[str] = Field(
        ["Rejected", "Duplicate", "Won't fix", "Wontfix", "Invalid"],
        description="Names of closed statuses that mean that nothing was done.",
    )


class RedmineTracker:
    """External ids are Redmine's numbers."""

    lag_seconds = 0.0

    def __init__(self, setup: Setup[RedmineSettings]) -> None:
        self.name = setup.name
        self._settings = setup.settings
        self._render = redmine if setup.settings.markup == "markdown" else textile
        self._service = Service(
            name=setup.name,
            base_url=setup.settings.url,
            headers=lambda: {"X-Redmine-API-Key": setup.secret()},
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(20, 1)),
            sleep=setup.sleep,
        )

    def check(self) -> str:
        user = self._user
        self._service.get(f"projects/{self._settings.project}.json")
        return f"{user.get('login') or user['id']}, for {self._settings.project}"

    def find(self, sought: Sought) -> Filed | None:
        found = [row for row in self._candidates(sought.marker) if _has(row, sought.marker)]
        row = only(
            found,
            sought,
            tracker=self.name,
            place=lambda row: f"#{row['id']}",
            remedy=f"Take {sought.marker} out of all but one of them.",
        )
        return self._filed(row) if row else None

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        found: dict[str, Filed] = {}
        for start in range(0, len(external_ids), _PAGE):
            wanted = ",".join(str(int(one)) for one in external_ids[start : start + _PAGE])
            rows = self._listed({"issue_id": wanted})
            found |= {str(row["id"]): self._filed(row) for row in rows}
        return found

    def create(self, issue: Issue) -> Filed:
        given: dict[str, Any] = {
            "project_id": self._settings.project,
            "subject": title(issue.title),
            "description": with_block("", self._part(issue, ""), issue.sought.marker, Form.LINES),
        }
        if self._settings.issue_type:
            given["tracker_id"] = self._named("trackers", self._settings.issue_type)
        if self._field is not None:
            given["custom_fields"] = [{"id": self._field, "value": issue.sought.marker}]
        return self._filed(self._service.write("POST", "issues.json", {"issue": given}).data["issue"])

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        old = self._one(filed.external_id)
        text = _plain_lines(old.get("description"))
        body = with_block(text, self._part(issue, text), issue.sought.marker, Form.LINES)
        given: dict[str, Any] = {"description": body} if body != text else {}
        if reopens and self._filed(old).is_closed:
            given["status_id"] = self._status(is_closed=False)
        return self._changed(filed.external_id, given)

    def close(self, filed: Filed, comment: str) -> Filed:
        given = {"status_id": self._status(is_closed=True), "notes": self._render(comment)}
        return self._changed(filed.external_id, given)

    def _changed(self, external_id: str, given: Mapping[str, Any]) -> Filed:
        if given:
            self._service.write("PUT", f"issues/{int(external_id)}.json", {"issue": given})
        return self._filed(self._one(external_id))

    def _part(self, issue: Issue, old: str) -> str:
        room = room_beside(old, issue.sought.marker, Form.LINES, limit=_LONGEST)
        return self._render(issue.body, limit=room)

    # -- reading --------------------------------------------------------------------------------------------------

    def _one(self, external_id: str) -> dict[str, Any]:
        row: dict[str, Any] = self._service.get(f"issues/{int(external_id)}.json").data["issue"]
        return row

    def _candidates(self, marker: str) -> Iterator[dict[str, Any]]:
        """Those that may be it: by the custom field; else all whose text holds the marker."""
        if self._field is not None:
            return self._listed({"project_id": self._settings.project, f"cf_{self._field}": marker})
        return self._listed({"project_id": self._settings.project, "description": f"~{marker}"})

    def _listed(self, wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Open and closed ones, the oldest first: new ones move nobody to another page."""
        _ = self._user
        offset, total = 0, 1
        while offset < total:
            given = {**wanted, "status_id": "*", "sort": "id:asc", "limit": _PAGE, "offset": offset}
            data = self._service.get("issues.json", given).data
            total = int(data["total_count"])
            if not data["issues"]:
                return
            yield from data["issues"]
            offset += len(data["issues"])

    def _filed(self, row: Mapping[str, Any]) -> Filed:
        status = row["status"]["name"]
        is_closed = self._is_closed(row["status"])
        closed = Progressed.DROPPED if status.casefold() in self._dropped else Progressed.DONE
        hours = row.get("estimated_hours")
        due = row.get("due_date")
        return Filed(
            external_id=str(row["id"]),
            url=f"{self._settings.url.rstrip('/')}/issues/{row['id']}",
            progress=closed if is_closed else Progressed.OPEN,
            status=status,
            assignee=(row.get("assigned_to") or {}).get("name") or "",
            estimate=f"{hours:g} h" if hours else "",
            due_on=date.fromisoformat(due) if due else None,
            closed_at=read_time(row.get("closed_on")) if is_closed else None,
        )

    # -- names and numbers ----------------------------------------------------------------------------------------

    @cached_property
    def _user(self) -> dict[str, Any]:
        """Who we are. To a wrong key Redmine shows what is public, as if the rest were not there; here alone it refuses
        one."""
        user: dict[str, Any] = self._service.get("users/current.json").data["user"]
        return user

    @cached_property
    def _statuses(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._service.get("issue_statuses.json").data["issue_statuses"]
        return found

    @property
    def _dropped(self) -> set[str]:
        return {name.casefold() for name in [*self._settings.dropped, self._settings.closed_status] if name}

    def _is_closed(self, status: Mapping[str, Any]) -> bool:
        known = next((one for one in self._statuses if one["id"] == status["id"]), status)
        return bool(known.get("is_closed"))

    def _status(self, *, is_closed: bool) -> int:
        """The status of what is closed undone, or of what is open again. Raises InsightsError where there is none."""
        if is_closed and self._settings.closed_status:
            return self._named("issue_statuses", self._settings.closed_status)
        fitting = [one for one in self._statuses if bool(one.get("is_closed")) is is_closed]
        if not fitting:
            raise InsightsError(
                f"{self.name} has no {'closed' if is_closed else 'open'} status.",
                remedy="Make one in Redmine (Administration, Issue statuses).",
            )
        named = [one for one in fitting if one["name"].casefold() in self._dropped] if is_closed else fitting[:1]
        return int((named or fitting[-1:])[0]["id"])

    @cached_property
    def _field(self) -> int | None:
        """The number of the custom field; None where the settings name none."""
        if not self._settings.custom_field:
            return None
        if self._settings.custom_field.isdigit():
            return int(self._settings.custom_field)
        return self._named("custom_fields", self._settings.custom_field)

    def _named(self, what: str, name: str) -> int:
        rows = self._service.get(f"{what}.json").data[what]
        found = next((row for row in rows if row["name"].casefold() == name.casefold()), None)
        if found is None:
            raise InsightsError(
                f"{self.name} has no {what.replace('_', ' ')} called {name!r}.",
                remedy=f"It has: {', '.join(row['name'] for row in rows)}.",
                exit_code=ExitCode.USAGE,
            )
        return int(found["id"])


def _has(row: Mapping[str, Any], marker: str) -> bool:
    """A field that begins with the marker may hold that of P-120 beside P-12's."""
    values = [field.get("value") for field in row.get("custom_fields") or ()]
    return marker in values or block_of(_plain_lines(row.get("description")), marker) is not None


def _plain_lines(text: str | None) -> str:
    """Redmine's forms send CR LF."""
    return (text or "").replace("\r\n", "\n")


REDMINE = TrackerKind(
    settings=RedmineSettings,
    make=RedmineTracker,
    login="API access key of a user who may add and edit issues (My account, at the right)",
)
