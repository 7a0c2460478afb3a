"""GitLab's issues: a moved one stays behind closed, with the id of the new one. Projects are quoted in the path. The
search sees no hidden comments, as PostgreSQL's index of words does not, unless `search_sees_comments`."""

import re
from typing import Any, ClassVar

from connectors.trackers.gitlab import GITLAB
from insights.ports import TrackerKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.tracking import Office, TrackedIssue

_PAGE = 4
_PROJECT = "/api/v4/projects/acme%2Fapp"
_LISTED = {"search", "in", "state", "per_page", "page", "iids[]", "scope"}
_WRITTEN = {"title", "description", "labels", "state_event"}
_MOVED = 1000


class GitLabTrackerDialect:
    kind: ClassVar[TrackerKind[Any]] = GITLAB
    search_lags: ClassVar[bool] = False
    knows_dropped: ClassVar[bool] = True
    can_move: ClassVar[bool] = True

    def __init__(self) -> None:
        self.search_sees_comments = False

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "project": "acme/app", "labels": ["customers"]}

    def external_id(self, issue: TrackedIssue) -> str:
        return f"acme/app#{issue.number}"

    def written_around(self, body: str, above: str, below: str) -> str:
        return f"{above}\n\n{body}\n\n{below}"

    def text(self, body: str) -> str:
        return body

    def answer(self, office: Office, call: Call) -> Reply:
        if call.headers.get("private-token") != SECRET:
            return Reply({"message": "401 Unauthorized"}, 401)
        if call.path == "/api/v4/user":
            return Reply({"username": "insights"})
        if call.path == _PROJECT:
            return Reply({"id": 1})
        if call.path == f"{_PROJECT}/issues" and call.method == "POST":
            return self._create(office, call)
        if call.path in (f"{_PROJECT}/issues", "/api/v4/issues"):
            return self._list(office, call)
        number, _, rest = call.path.removeprefix(f"{_PROJECT}/issues/").partition("/")
        issue = office.issues.get(int(number)) if number.isdigit() else None
        if issue is None or issue.is_deleted:
            return NOT_FOUND
        return self._one(office, issue, rest, call)

    def _one(self, office: Office, issue: TrackedIssue, rest: str, call: Call) -> Reply:
        if rest == "notes" and call.method == "POST":
            issue.comments.append(call.body["body"])
            return Reply({"id": 1}, 201)
        if rest:
            return NOT_FOUND
        if call.method == "PUT":
            if set(call.body) - _WRITTEN:
                return Reply({"error": "invalid"}, 400)
            issue.body = call.body.get("description", issue.body)
            if call.body.get("state_event") == "close":
                office.close(issue.number)
            elif call.body.get("state_event") == "reopen":
                office.reopen(issue.number)
        return Reply(_row(issue))

    def _list(self, office: Office, call: Call) -> Reply:
        if set(call.query) - _LISTED or call.query.get("state") != "all":
            return Reply({"error": "invalid"}, 400)
        everything = [issue for issue in office.issues.values() if not issue.is_deleted]
        rows = [_row(issue) for issue in everything]
        if call.path == "/api/v4/issues":
            rows += [_moved(issue) for issue in everything if issue.moved_to]
        if "iids[]" in call.values:
            rows = [row for row in rows if str(row["iid"]) in call.values["iids[]"]]
        if "search" in call.query:
            rows = [row for row in rows if call.query["search"] in self._indexed(row[call.query["in"]])]
        if call.query.get("scope") == "created_by_me":
            rows = [row for row in rows if not office.issues[row["iid"]].more.get("is_others")]
        page = int(call.query.get("page", 1))
        link = {}
        if page * _PAGE < len(rows):
            again = "&".join(
                f"{name}={value}" for name, values in call.values.items() for value in values if name != "page"
            )
            link = {"Link": f'<{call.base}{call.path}?{again}&page={page + 1}>; rel="next"'}
        return Reply(rows[(page - 1) * _PAGE : page * _PAGE], headers=link)

    def _indexed(self, text: str) -> str:
        return text if self.search_sees_comments else re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)

    def _create(self, office: Office, call: Call) -> Reply:
        if set(call.body) - _WRITTEN or len(call.body["title"]) > 255 or len(call.body["description"]) > 1_048_576:
            return Reply({"message": {"title": ["is too long"]}}, 400)
        return Reply(_row(office.add(call.body["title"], call.body["description"])), 201)


def _row(issue: TrackedIssue) -> dict[str, Any]:
    is_closed = issue.progress != "open" or bool(issue.moved_to)
    return {
        "id": 100 + issue.number,
        "iid": issue.number,
        "title": issue.title,
        "description": issue.body,
        "state": "closed" if is_closed else "opened",
        "web_url": f"https://gitlab.example/acme/app/-/issues/{issue.number}",
        "references": {"full": f"acme/app#{issue.number}"},
        "labels": ["Wontfix"] if issue.progress == "dropped" else ["customers"],
        "assignees": [{"name": issue.assignee}] if issue.assignee else [],
        "time_stats": {"human_time_estimate": None},
        "due_date": None,
        "closed_at": f"{issue.closed:%Y-%m-%dT%H:%M:%S}.000Z" if issue.closed else None,
        "moved_to_id": _MOVED + issue.number if issue.moved_to else None,
    }


def _moved(issue: TrackedIssue) -> dict[str, Any]:
    there = {"id": _MOVED + issue.number, "iid": 7, "state": "opened", "moved_to_id": None}
    return {**_row(issue), **there, "references": {"full": "acme/other#7"}}
