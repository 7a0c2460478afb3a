"""Asana's tasks as a tracker.

A task is found by our marker in its notes, among all tasks of the project: their list shows new ones at once, which
Asana's search does not. An OAuth app may keep an id of its own in a task instead. Ids stay when a task moves. Asana
knows tasks that are complete and tasks that are not: names of sections, tags and choices tell what was not done.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from pydantic import Field

from connectors.http import Answer, Budget, Forbidden, NotThere, Rate, Refused, Service
from connectors.reading.changes import read_time
from connectors.trackers.rendering.block import Form, block_of, room_beside, with_block
from connectors.trackers.rendering.html import asana_html
from connectors.trackers.rendering.words import title
from connectors.trackers.several import only
from insights.config import Section
from insights.errors import ExitCode, InsightsError
from insights.ports import Filed, Issue, Progressed, Setup, Sought, TrackerKind

_PAGE = 100
_LONGEST = 65_535
"""Bytes of a task's notes with their mark-up. Asana's description names no limit: more than this is read by nobody."""
_OURS = "insights-"
"""What every marker begins with."""
_FIELDS = {
    "opt_fields": "permalink_url,completed,completed_at,due_on,assignee.name,memberships.project.name,"
    "memberships.section.name,tags.name,custom_fields.name,custom_fields.display_value,custom_fields.enum_value.name"
}
_WITH_NOTES = {"opt_fields": f"{_FIELDS['opt_fields']},html_notes"}


class AsanaSettings(Section):
    """`[[trackers]]` with type = "asana"."""

    project: str = Field(description="Number of the project that tasks go to, as in its address.", pattern=r"^\d+$")
    external: bool = Field(
        False, description="Whether the secret is an OAuth app's, which may keep an id of its own in each task."
    )
    dropped: list[str] = Field(
        ["Won't do", "Won't fix", "Rejected", "Declined", "Duplicate"],
        description="Names of sections, tags or choices of custom fields that mean that a completed task was not done.",
    )
    closed_section: str = Field("", description="Section of the project that a task closed undone is moved to.")
    estimate_field: str = Field("Estimated time", description="Name of the custom field that holds the estimate.")
    calls_per_minute: int = Field(150, description="Asana's limit: 150 where it is free, 1500 where it is paid.", ge=1)
    url: str = Field("https://app.asana.com/api/1.0", description="Address of the API.")


class AsanaTracker:
    """External ids are Asana's gids."""

    lag_seconds = 0.0

    def __init__(self, setup: Setup[AsanaSettings]) -> None:
        self.name = setup.name
        self._settings = setup.settings
        self._overlap = setup.overlap
        self._ours: dict[str, str] = {}
        self._listed_at: datetime | None = None
        self._service = Service(
            name=setup.name,
            base_url=setup.settings.url,
            headers=lambda: {"Authorization": f"Bearer {setup.secret()}"},
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(setup.settings.calls_per_minute, 60)),
            sleep=setup.sleep,
        )

    def check(self) -> str:
        user = self._service.get("users/me", {"opt_fields": "name"}).data["data"]
        project = self._service.get(f"projects/{self._settings.project}", {"opt_fields": "name"}).data["data"]
        return f"{user['name']}, for {project['name']}"

    def find(self, sought: Sought) -> Filed | None:
        if self._settings.external:
            return self._external(sought)
        found = [row for row in map(self._one, self._candidates(sought.marker)) if _holds(row, sought.marker)]
        row = only(found, sought, tracker=self.name, place=lambda row: str(row["permalink_url"]), noun="tasks")
        return self._filed(row) if row else None

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        found = ((one, self._one(one)) for one in external_ids)
        return {one: self._filed(row) for one, row in found if row is not None}

    def create(self, issue: Issue) -> Filed:
        given: dict[str, Any] = {
            "name": title(issue.title),
            "html_notes": with_block("", self._part(issue, ""), issue.sought.marker, Form.BODY),
            "projects": [self._settings.project],
        }
        if not self._settings.external:
            return self._filed(self._written("POST", "tasks", given))
        external = {"gid": issue.sought.key, "data": issue.sought.marker}
        try:
            return self._filed(self._written("POST", "tasks", {**given, "external": external}))
        except Refused:
            there = self._external(issue.sought)  # which has the id, if any
            if there is None:
                raise
            return there

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        path = _path(filed.external_id)
        old = self._service.get(path, _WITH_NOTES).data["data"]
        text = old.get("html_notes") or ""
        body = with_block(text, self._part(issue, text), issue.sought.marker, Form.BODY)
        given: dict[str, Any] = {"html_notes": body} if body != text else {}
        if reopens and old["completed"]:
            given["completed"] = False
        return self._filed(self._written("PUT", path, given) if given else old)

    def close(self, filed: Filed, comment: str) -> Filed:
        path = _path(filed.external_id)
        if self._settings.closed_section:
            place = f"sections/{self._closed_section}/addTask"
            self._service.write("POST", place, {"data": {"task": filed.external_id}})
        self._service.write("POST", f"{path}/stories", {"data": {"html_text": asana_html(comment)}})
        return self._filed(self._written("PUT", path, {"completed": True}), is_dropped=True)

    def _part(self, issue: Issue, old: str) -> str:
        return asana_html(issue.body, limit=room_beside(old, issue.sought.marker, Form.BODY, limit=_LONGEST))

    def _written(self, method: str, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = self._service.write(method, path, {"data": given}, _FIELDS).data["data"]
        return row

    # -- reading --------------------------------------------------------------------------------------------------

    def _external(self, sought: Sought) -> Filed | None:
        try:
            return self._filed(self._service.get(f"tasks/external:{quote(sought.key, safe='')}", _FIELDS).data["data"])
        except NotThere:
            return None

    def _one(self, external_id: str) -> dict[str, Any] | None:
        """None where it is deleted. Raises InsightsError where that cannot be told, for the task may not be seen."""
        try:
            row: dict[str, Any] = self._service.get(_path(external_id), _WITH_NOTES).data["data"]
        except NotThere:
            return None
        except Forbidden:
            raise InsightsError(
                f"{self.name} does not show task {int(external_id)} to this login.",
                remedy="Share the task or its project with the user whose token this is.",
                exit_code=ExitCode.LOGIN,
            ) from None
        return row

    def _candidates(self, marker: str) -> list[str]:
        """The gids of tasks whose notes name the marker. All are listed once, later those that changed since, to which
        those count that were added to the project."""
        listed_at: datetime | None = None
        for answer in self._listed():
            listed_at = listed_at or answer.moment
            for row in answer.data["data"]:
                self._ours.pop(row["gid"], None)
                if _OURS in (row.get("notes") or ""):
                    self._ours[row["gid"]] = row["notes"]
        self._listed_at = listed_at
        return [gid for gid, notes in self._ours.items() if f"{marker}:" in notes]

    def _listed(self) -> Iterator[Answer]:
        wanted = {"opt_fields": "notes", "limit": _PAGE}
        if self._listed_at is None:
            return self._pages(f"projects/{self._settings.project}/tasks", wanted)
        since = f"{self._listed_at - self._overlap:%Y-%m-%dT%H:%M:%SZ}"
        return self._pages("tasks", {**wanted, "project": self._settings.project, "modified_since": since})

    def _pages(self, path: str, wanted: Mapping[str, Any]) -> Iterator[Answer]:
        answer = self._service.get(path, wanted)
        while True:
            yield answer
            following = answer.data.get("next_page")
            if not following:
                return
            answer = self._service.get(path, {**wanted, "offset": following["offset"]})

    @cached_property
    def _closed_section(self) -> str:
        name = self._settings.closed_section
        pages = self._pages(f"projects/{self._settings.project}/sections", {"opt_fields": "name", "limit": _PAGE})
        rows = [row for answer in pages for row in answer.data["data"]]
        found = next((row for row in rows if row["name"].casefold() == name.casefold()), None)
        if found is None:
            raise InsightsError(
                f"The project in {self.name} has no section called {name!r}.",
                remedy=f"It has: {', '.join(row['name'] for row in rows)}.",
                exit_code=ExitCode.USAGE,
            )
        return str(int(found["gid"]))

    # -- what a task says -----------------------------------------------------------------------------------------

    def _filed(self, row: Mapping[str, Any], *, is_dropped: bool = False) -> Filed:
        is_closed, due = bool(row["completed"]), row.get("due_on")
        closed = Progressed.DROPPED if is_dropped or self._is_dropped(row) else Progressed.DONE
        fields = row.get("custom_fields") or ()
        estimates = (one.get("display_value") for one in fields if one.get("name") == self._settings.estimate_field)
        return Filed(
            external_id=str(row["gid"]),
            url=row.get("permalink_url"),
            progress=closed if is_closed else Progressed.OPEN,
            status=self._section(row) or ("completed" if is_closed else "incomplete"),
            assignee=(row.get("assignee") or {}).get("name") or "",
            estimate=next(estimates, None) or "",
            due_on=date.fromisoformat(due) if due else None,
            closed_at=read_time(row.get("completed_at")) if is_closed else None,
        )

    def _section(self, row: Mapping[str, Any]) -> str:
        """Of our project; where the task left it, of another that it is in."""
        places = row.get("memberships") or []
        ours = [one for one in places if (one.get("project") or {}).get("gid") == self._settings.project]
        return next((name for one in [*ours, *places] if (name := _name(one.get("section")))), "")

    def _is_dropped(self, row: Mapping[str, Any]) -> bool:
        names = [_name(one.get("section")) for one in row.get("memberships") or ()]
        names += [_name(one) for one in row.get("tags") or ()]
        names += [_name(one.get("enum_value")) for one in row.get("custom_fields") or ()]
        dropped = {name.casefold() for name in [*self._settings.dropped, self._settings.closed_section] if name}
        return any(name.casefold() in dropped for name in names)


def _name(found: Mapping[str, Any] | None) -> str:
    return str((found or {}).get("name") or "")


def _holds(row: Mapping[str, Any] | None, marker: str) -> bool:
    return row is not None and block_of(row.get("html_notes") or "", marker, Form.BODY) is not None


def _path(external_id: str) -> str:
    return f"tasks/{int(external_id)}"


ASANA = TrackerKind(
    settings=AsanaSettings,
    make=AsanaTracker,
    login="personal access token of a member of the project, or a service account's; with external: an OAuth app's",
)
