"""GitHub's issues as a tracker.

An issue is found by its hidden marker among those that our own login made: GitHub's search shows new ones late, its
list at once. A transferred issue is followed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from connectors.http import NotThere, Refused
from connectors.reading.changes import read_time
from connectors.reading.github_api import github_service
from connectors.trackers.rendering.block import Form, block_of, room_beside, with_block
from connectors.trackers.rendering.markdown import gfm
from connectors.trackers.rendering.words import title
from connectors.trackers.several import only
from insights.config import Section
from insights.errors import InsightsError
from insights.ports import Filed, Issue, Progressed, Setup, Sought, TrackerKind

_PAGE = 100
_LONGEST_BODY = 65_536
"""Characters."""
_DROPPED = ("not_planned", "duplicate")


class GitHubSettings(Section):
    """`[[trackers]]` with type = "github"."""

    repository: str = Field(description="Where: owner/name.", pattern=r"^[\w.-]+/[\w.-]+$")
    url: str = Field(
        "https://api.github.com", description="Address of the API; GitHub Enterprise: https://HOST/api/v3."
    )
    labels: list[str] = Field([], description="Labels that a new issue gets.")


class GitHubTracker:
    """External ids are owner/name#12."""

    lag_seconds = 0.0

    def __init__(self, setup: Setup[GitHubSettings]) -> None:
        self.name = setup.name
        self._settings = setup.settings
        self._login: str | None = None
        self._service = github_service(setup, setup.settings.url)

    def check(self) -> str:
        self._service.get(f"repos/{self._settings.repository}")
        return f"{self._own_login() or 'an app'}, for {self._settings.repository}"

    def find(self, sought: Sought) -> Filed | None:
        found = [row for row in self._own_issues() if block_of(row.get("body") or "", sought.marker) is not None]
        row = only(found, sought, tracker=self.name, place=lambda row: f"#{row['number']}")
        return _filed(row) if row else None

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        found = ((one, self._one(one)) for one in external_ids)
        return {one: filed for one, filed in found if filed is not None}

    def create(self, issue: Issue) -> Filed:
        body = with_block("", self._part(issue, ""), issue.sought.marker, Form.HIDDEN)
        given = {"title": title(issue.title), "body": body, "labels": self._settings.labels}
        return _filed(self._service.write("POST", f"repos/{self._settings.repository}/issues", given).data)

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        path = _path(filed.external_id)
        old = self._service.get(path).data
        text = old.get("body") or ""
        body = with_block(text, self._part(issue, text), issue.sought.marker, Form.HIDDEN)
        given: dict[str, Any] = {"body": body} if body != text else {}
        if reopens and old["state"] == "closed":
            given["state"] = "open"
        return _filed(self._service.write("PATCH", path, given).data if given else old)

    def close(self, filed: Filed, comment: str) -> Filed:
        path = _path(filed.external_id)
        self._service.write("POST", f"{path}/comments", {"body": gfm(comment)})
        return _filed(self._service.write("PATCH", path, {"state": "closed", "state_reason": "not_planned"}).data)

    def _part(self, issue: Issue, old: str) -> str:
        room = room_beside(old, issue.sought.marker, Form.HIDDEN, limit=_LONGEST_BODY)
        return gfm(issue.body, limit=room)

    def _one(self, external_id: str) -> Filed | None:
        """None where it is deleted."""
        try:
            return _filed(self._service.get(_path(external_id)).data)
        except NotThere:
            return None
        except Refused as refused:
            if not refused.location:
                raise
            moved = self._service.get(refused.location).data
            return _filed(moved, moved_to=_filed(moved).external_id)

    def _own_issues(self) -> Iterator[dict[str, Any]]:
        """Newest first, those that this login made; all where it is an app, which has no name here."""
        login = self._own_login()
        wanted = {"state": "all", "sort": "created", "direction": "desc", "per_page": _PAGE}
        answer = self._service.get(
            f"repos/{self._settings.repository}/issues", {**wanted, **({"creator": login} if login else {})}
        )
        while True:
            yield from (row for row in answer.data if "pull_request" not in row)
            if answer.next_link is None:
                return
            answer = self._service.get(answer.next_link)

    def _own_login(self) -> str:
        if self._login is None:
            try:
                self._login = str(self._service.get("user").data["login"])
            except InsightsError:
                self._login = ""
        return self._login


def _path(external_id: str) -> str:
    repository, _, number = external_id.partition("#")
    return f"repos/{repository}/issues/{int(number)}"


def _filed(row: Mapping[str, Any], *, moved_to: str | None = None) -> Filed:
    repository = "/".join(row["repository_url"].rsplit("/", 2)[-2:])
    is_dropped = row.get("state_reason") in _DROPPED
    closed = Progressed.DROPPED if is_dropped else Progressed.DONE
    assignee = row.get("assignee") or {}
    return Filed(
        external_id=f"{repository}#{row['number']}",
        url=row.get("html_url"),
        progress=Progressed.OPEN if row["state"] == "open" else closed,
        status=row.get("state_reason") or row["state"],
        assignee=assignee.get("login") or "",
        closed_at=read_time(row.get("closed_at")),
        moved_to=moved_to,
    )


GITHUB = TrackerKind(
    settings=GitHubSettings,
    make=GitHubTracker,
    login="token that may read and write issues of the repository (a fine-grained one is enough)",
)
