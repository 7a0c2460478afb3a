"""GitLab's issues as a tracker (API v4).

An issue is found by its hidden marker, among those that our own login made and by a search: some versions of GitLab
leave hidden comments out of what a search looks at. A moved issue leaves a closed one behind that says so; the new one
has our marker, too. GitLab does not say why an issue was closed: labels do.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from pydantic import Field

from connectors.http import Budget, Rate, Service
from connectors.reading.changes import read_time
from connectors.trackers.rendering.block import Form, block_of, room_beside, with_block
from connectors.trackers.rendering.markdown import gfm
from connectors.trackers.rendering.words import title
from connectors.trackers.several import only
from insights.config import Section
from insights.ports import Filed, Issue, Progressed, Setup, Sought, TrackerKind

_PAGE = 100
_LONGEST = 1_048_576


class GitLabSettings(Section):
    """`[[trackers]]` with type = "gitlab"."""

    project: str = Field(description="Where: group/name.", pattern=r"^[\w.-]+(/[\w.-]+)+$")
    url: str = Field("https://gitlab.com", description="Address of GitLab.")
    labels: list[str] = Field([], description="Labels that a new issue gets.")
    dropped_labels: list[str] = Field(
        ["wontfix", "won't fix", "duplicate", "invalid", "rejected"],
        description="Labels of a closed issue that mean that nothing was done.",
    )


class GitLabTracker:
    """External ids are group/name#12."""

    lag_seconds = 0.0

    def __init__(self, setup: Setup[GitLabSettings]) -> None:
        self.name = setup.name
        self._settings = setup.settings
        self._service = Service(
            name=setup.name,
            base_url=f"{setup.settings.url.rstrip('/')}/api/v4",
            headers=lambda: {"PRIVATE-TOKEN": setup.secret()},
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(300, 60)),
            write_budget=Budget(Rate(60, 60)),
            sleep=setup.sleep,
        )

    def check(self) -> str:
        self._service.get(_project(self._settings.project))
        return f"{self._service.get('user').data['username']}, for {self._settings.project}"

    def find(self, sought: Sought) -> Filed | None:
        found = [row for row in self._with_marker(sought.marker) if not row.get("moved_to_id")]
        row = only(found, sought, tracker=self.name, place=lambda row: f"#{row['iid']}")
        return self._filed(row) if row else None

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        by_project: dict[str, list[str]] = defaultdict(list)
        for one in external_ids:
            project, _, number = one.partition("#")
            by_project[project].append(str(int(number)))
        found: dict[str, Filed] = {}
        for project, numbers in by_project.items():
            for start in range(0, len(numbers), _PAGE):
                wanted = {"iids[]": numbers[start : start + _PAGE], "state": "all", "per_page": _PAGE}
                for row in self._pages(f"{_project(project)}/issues", wanted):
                    found[_external_id(row)] = self._followed(row)
        return {one: found[one] for one in external_ids if one in found}

    def create(self, issue: Issue) -> Filed:
        body = with_block("", self._part(issue, ""), issue.sought.marker, Form.HIDDEN)
        given = {"title": title(issue.title), "description": body, "labels": ",".join(self._settings.labels)}
        return self._filed(self._service.write("POST", f"{_project(self._settings.project)}/issues", given).data)

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        path = _path(filed.external_id)
        old = self._service.get(path).data
        text = old.get("description") or ""
        body = with_block(text, self._part(issue, text), issue.sought.marker, Form.HIDDEN)
        given: dict[str, Any] = {"description": body} if body != text else {}
        if reopens and old["state"] == "closed":
            given["state_event"] = "reopen"
        return self._filed(self._service.write("PUT", path, given).data if given else old)

    def close(self, filed: Filed, comment: str) -> Filed:
        path = _path(filed.external_id)
        self._service.write("POST", f"{path}/notes", {"body": gfm(comment)})
        return self._filed(self._service.write("PUT", path, {"state_event": "close"}).data, is_dropped=True)

    def _part(self, issue: Issue, old: str) -> str:
        return gfm(issue.body, limit=room_beside(old, issue.sought.marker, Form.HIDDEN, limit=_LONGEST))

    def _with_marker(self, marker: str) -> list[dict[str, Any]]:
        """Issues that hold the marker, whoever made them, as far as the search sees it, and all that are our own."""
        path, usual = f"{_project(self._settings.project)}/issues", {"state": "all", "per_page": _PAGE}
        ways = ({"search": marker, "in": "description"}, {"scope": "created_by_me"})
        rows = (row for way in ways for row in self._pages(path, {**usual, **way}))
        found = {
            row["iid"]: row for row in rows if block_of(row.get("description") or "", marker, Form.HIDDEN) is not None
        }
        return list(found.values())

    def _pages(self, path: str, wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        answer = self._service.get(path, wanted)
        while True:
            yield from answer.data
            if answer.next_link is None:
                return
            answer = self._service.get(answer.next_link)

    def _followed(self, row: Mapping[str, Any]) -> Filed:
        """Where it was moved, as it stands in its new place, as far as our login may see that."""
        number = row.get("moved_to_id")
        if not number:
            return self._filed(row)
        rows = self._pages("issues", {"scope": "all", "state": "all", "search": row["title"], "in": "title"})
        there = next((one for one in rows if one["id"] == number), None)
        if there is None:
            return self._filed(row, moved_to=f"id {number}")
        return self._filed(there, moved_to=_external_id(there))

    def _filed(self, row: Mapping[str, Any], *, is_dropped: bool = False, moved_to: str | None = None) -> Filed:
        labels = {label.casefold() for label in row.get("labels") or ()}
        is_dropped = is_dropped or bool(labels & {label.casefold() for label in self._settings.dropped_labels})
        closed = Progressed.DROPPED if is_dropped else Progressed.DONE
        people = row.get("assignees") or []
        due = row.get("due_date")
        return Filed(
            external_id=_external_id(row),
            url=row.get("web_url"),
            progress=Progressed.OPEN if row["state"] == "opened" else closed,
            status=row["state"],
            assignee=", ".join(person["name"] for person in people),
            estimate=(row.get("time_stats") or {}).get("human_time_estimate") or "",
            due_on=date.fromisoformat(due) if due else None,
            closed_at=read_time(row.get("closed_at")),
            moved_to=moved_to,
        )


def _project(project: str) -> str:
    return f"projects/{quote(project, safe='')}"


def _path(external_id: str) -> str:
    project, _, number = external_id.partition("#")
    return f"{_project(project)}/issues/{int(number)}"


def _external_id(row: Mapping[str, Any]) -> str:
    return str(row["references"]["full"])


GITLAB = TrackerKind(
    settings=GitLabSettings,
    make=GitLabTracker,
    login="access token with the scope api (of a project, role Reporter or above, is enough)",
)
