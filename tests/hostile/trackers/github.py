"""GitHub's issues: bodies are Markdown; a transferred issue answers with where it went, a deleted one with 410."""

from typing import Any, ClassVar

from connectors.trackers.github import GITHUB
from insights.ports import TrackerKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.tracking import Office, TrackedIssue

_PAGE = 3
_LISTED = {"state", "sort", "direction", "per_page", "creator", "page"}
_WRITTEN = {"title", "body", "labels", "state", "state_reason"}


class GitHubTrackerDialect:
    kind: ClassVar[TrackerKind[Any]] = GITHUB
    search_lags: ClassVar[bool] = False
    knows_dropped: ClassVar[bool] = True
    can_move: ClassVar[bool] = True

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "repository": "acme/app", "labels": ["customers"]}

    def external_id(self, issue: TrackedIssue) -> str:
        return f"acme/app#{issue.number}"

    def written_around(self, body: str, above: str, below: str) -> str:
        return f"{above}\n\n{body}\n\n{below}"

    def text(self, body: str) -> str:
        return body

    def answer(self, office: Office, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {SECRET}":
            return Reply({"message": f"Bad credentials {call.headers.get('authorization')}"}, 401)
        if call.path == "/user":
            return Reply({"login": "insights-bot"})
        if call.path == "/repos/acme/app":
            return Reply({"full_name": "acme/app"})
        if call.path == "/repos/acme/app/issues":
            return self._list(office, call) if call.method == "GET" else self._create(office, call)
        if call.path.startswith("/repositories/7/issues/"):
            return Reply(_row(office.issues[int(call.path.rsplit("/", 1)[1])], "acme/other"))
        parts = call.path.removeprefix("/repos/acme/app/issues/").split("/")
        issue = office.issues.get(int(parts[0]))
        if issue is None or issue.is_deleted:
            return Reply({"message": "This issue was deleted"}, 410)
        if issue.moved_to:
            place = f"{call.base}/repositories/7/issues/{issue.number}"
            return Reply({"message": "Moved Permanently", "url": place}, 301, {"Location": place})
        return self._one(office, issue, parts[1:], call)

    def _one(self, office: Office, issue: TrackedIssue, rest: list[str], call: Call) -> Reply:
        if rest == ["comments"] and call.method == "POST":
            issue.comments.append(call.body["body"])
            return Reply({"id": len(issue.comments)}, 201)
        if rest or call.method not in ("GET", "PATCH"):
            return NOT_FOUND
        if call.method == "PATCH":
            if set(call.body) - _WRITTEN:
                return Reply({"message": "Validation Failed"}, 422)
            issue.body = call.body.get("body", issue.body)
            issue.title = call.body.get("title", issue.title)
            self._set_state(office, issue, call.body)
        return Reply(_row(issue, "acme/app"))

    def _set_state(self, office: Office, issue: TrackedIssue, body: dict[str, Any]) -> None:
        if body.get("state") == "closed":
            office.close(issue.number, progress="dropped" if body.get("state_reason") == "not_planned" else "done")
        elif body.get("state") == "open":
            office.reopen(issue.number)

    def _list(self, office: Office, call: Call) -> Reply:
        if set(call.query) - _LISTED or call.query.get("state") != "all":
            return Reply({"message": "Validation Failed"}, 422)
        page = int(call.query.get("page", 1))
        found = sorted(office.there(), key=lambda issue: -issue.number)
        some = found[(page - 1) * _PAGE : page * _PAGE]
        kept = "&".join(f"{name}={value}" for name, value in call.query.items() if name != "page")
        more = page * _PAGE < len(found)
        link = {"Link": f'<{call.base}{call.path}?{kept}&page={page + 1}>; rel="next"'} if more else {}
        return Reply([_row(issue, "acme/app") for issue in some], headers=link)

    def _create(self, office: Office, call: Call) -> Reply:
        if set(call.body) - _WRITTEN or len(call.body["body"]) > 65_536 or len(call.body["title"]) > 256:
            return Reply({"message": "Validation Failed"}, 422)
        return Reply(_row(office.add(call.body["title"], call.body["body"]), "acme/app"), 201)


def _row(issue: TrackedIssue, repository: str) -> dict[str, Any]:
    reasons = {"open": None, "done": "completed", "dropped": "not_planned"}
    return {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body or None,
        "state": "open" if issue.progress == "open" else "closed",
        "state_reason": reasons[issue.progress],
        "html_url": f"https://github.example/{repository}/issues/{issue.number}",
        "repository_url": f"https://api.github.example/repos/{repository}",
        "assignee": {"login": issue.assignee} if issue.assignee else None,
        "closed_at": f"{issue.closed:%Y-%m-%dT%H:%M:%SZ}" if issue.closed else None,
    }
