"""Linear's issues as a tracker (GraphQL).

An issue is made under an id that we choose: the same one again is refused, so that it is made once. It is found by that
id, or by the marker in its description. Ids stay when an issue moves to another team; what lies in the trash counts as
deleted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any

from pydantic import Field

from connectors.http import Answer, Budget, Forbidden, NotThere, Rate, Refused, Service
from connectors.reading.changes import read_time
from connectors.trackers.rendering.block import Form, block_of, room_beside, with_block
from connectors.trackers.rendering.markdown import gfm
from connectors.trackers.rendering.words import title
from connectors.trackers.several import only
from insights.config import Section
from insights.errors import ExitCode, InsightsError, quoting
from insights.ports import Filed, Issue, Progressed, Setup, Sought, TrackerKind, Unanswered

_PAGE = 250
_LONGEST = 100_000
"""Bytes of a description. Linear's schema names no limit: more than this is read by nobody."""
_DROPPED = ("canceled", "duplicate")
_CLOSED = ("completed", *_DROPPED)
_REOPENED = ("unstarted", "backlog", "triage", "started")
"""Types of states, the first that a team has is where an issue goes that is opened again."""
_UNKNOWN = ("INTERNAL_SERVER_ERROR", "LOCK_TIMEOUT")

_ISSUE = (
    "id url trashed archivedAt estimate dueDate completedAt canceledAt description "
    "state { name type } assignee { name }"
)
_MORE = "pageInfo { hasNextPage endCursor }"
FIND = (
    "query($key: ID!, $marker: String!, $after: String) { issues(filter: {or: [{id: {eq: $key}}, "
    "{description: {contains: $marker}}]}, includeArchived: true, first: 50, after: $after) "
    f"{{ {_MORE} nodes {{ {_ISSUE} }} }} }}"
)
READ = (
    "query($ids: [ID!]!, $after: String) { issues(filter: {id: {in: $ids}}, includeArchived: true, "
    f"first: {_PAGE}, after: $after) {{ {_MORE} nodes {{ {_ISSUE.replace('description ', '')} }} }} }}"
)
ONE = (
    "query($id: ID!) { issues(filter: {id: {eq: $id}}, includeArchived: true, first: 1) "
    f"{{ nodes {{ {_ISSUE} team {{ states(first: 100) {{ nodes {{ id name type position }} }} }} }} }} }}"
)
TEAM = "query($key: String!) { teams(filter: {key: {eqIgnoreCase: $key}}, first: 2) { nodes { id key name } } }"
LABELS = (
    "query($names: [String!]!, $after: String) { issueLabels(filter: {name: {in: $names}}, first: 100, after: $after) "
    f"{{ {_MORE} nodes {{ id name isGroup team {{ id }} }} }} }}"
)
VIEWER = "query { viewer { name } }"
CREATE = f"mutation($input: IssueCreateInput!) {{ issueCreate(input: $input) {{ success issue {{ {_ISSUE} }} }} }}"
_UPDATE = f"issueUpdate(id: $id, input: $input) {{ success issue {{ {_ISSUE} }} }}"
UPDATE = f"mutation($id: String!, $input: IssueUpdateInput!) {{ {_UPDATE} }}"
UNARCHIVE = f"mutation($id: String!, $input: IssueUpdateInput!) {{ issueUnarchive(id: $id) {{ success }} {_UPDATE} }}"
CLOSE = (
    "mutation($id: String!, $comment: CommentCreateInput!, $input: IssueUpdateInput!) "
    f"{{ commentCreate(input: $comment) {{ success }} {_UPDATE} }}"
)
"""One request: a comment never stands below an issue that stayed open for want of an answer."""


class LinearSettings(Section):
    """`[[trackers]]` with type = "linear"."""

    team: str = Field(description="Key of the team that new issues go to, as ENG in ENG-12.", pattern=r"^\w+$")
    labels: list[str] = Field([], description="Labels that a new issue gets, of the team or of the workspace.")
    closed_state: str = Field(
        "", description="Name of the status of what is closed undone; empty: the team's first of the type canceled."
    )
    oauth: bool = Field(
        False, description="Whether the secret is an OAuth access token rather than a personal API key."
    )
    url: str = Field("https://api.linear.app", description="Address of the API, without /graphql.")


class LinearTracker:
    """External ids are Linear's UUIDs."""

    lag_seconds = 0.0

    def __init__(self, setup: Setup[LinearSettings]) -> None:
        self.name = setup.name
        self._settings = setup.settings
        before = "Bearer " if setup.settings.oauth else ""
        self._service = Service(
            name=setup.name,
            base_url=setup.settings.url,
            headers=lambda: {"Authorization": f"{before}{setup.secret()}"},
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(2500, 3600)),
            sleep=setup.sleep,
            is_busy=_is_busy,
        )

    def check(self) -> str:
        viewer = self._ask(VIEWER)["viewer"]
        return f"{viewer['name']}, for {self._team['name']}"

    def find(self, sought: Sought) -> Filed | None:
        rows = self._pages(FIND, "issues", key=sought.key, marker=sought.marker)
        there = [row for row in rows if not row["trashed"]]
        ours = [row for row in there if row["id"] == sought.key]  # people's copies of it hold its marker, too
        found = ours or [row for row in there if block_of(_text(row), sought.marker, Form.LINES) is not None]
        row = only(found, sought, tracker=self.name, place=lambda row: str(row["url"]))
        return _filed(row) if row else None

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        found: dict[str, Filed] = {}
        for start in range(0, len(external_ids), _PAGE):
            rows = self._pages(READ, "issues", ids=list(external_ids[start : start + _PAGE]))
            found |= {row["id"]: _filed(row) for row in rows if not row["trashed"]}
        return found

    def create(self, issue: Issue) -> Filed:
        key = issue.sought.key
        given: dict[str, Any] = {
            "teamId": self._team["id"],
            "title": title(issue.title),
            "description": with_block("", self._part(issue, ""), issue.sought.marker, Form.LINES),
        }
        if self._settings.labels:
            given["labelIds"] = self._label_ids
        try:
            return self._changed(CREATE, "issueCreate", input={**given, "id": key})
        except Refused:
            there = next(self._pages(READ, "issues", ids=[key]), None)
            if there is None:
                raise
            if not there["trashed"]:
                return _filed(there)
        # The id is taken by one in the trash, where somebody meant it to be.
        return self._changed(CREATE, "issueCreate", input=given)

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        old = self._one(filed.external_id)
        text = _text(old)
        body = with_block(text, self._part(issue, text), issue.sought.marker, Form.LINES)
        given: dict[str, Any] = {"description": body} if body != text else {}
        is_reopened = reopens and _filed(old).is_closed
        if is_reopened:
            given["stateId"] = _state_of_types(self.name, old, _REOPENED)
        if not given:
            return _filed(old)
        document = UNARCHIVE if is_reopened and old["archivedAt"] else UPDATE
        return self._changed(document, "issueUpdate", id=old["id"], input=given)

    def close(self, filed: Filed, comment: str) -> Filed:
        state = self._closed_state(self._one(filed.external_id))
        said = {"issueId": filed.external_id, "body": gfm(comment)}
        return self._changed(CLOSE, "issueUpdate", id=filed.external_id, comment=said, input={"stateId": state})

    def _part(self, issue: Issue, old: str) -> str:
        return gfm(issue.body, limit=room_beside(old, issue.sought.marker, Form.LINES, limit=_LONGEST))

    def _closed_state(self, row: Mapping[str, Any]) -> str:
        name = self._settings.closed_state
        if not name:
            return _state_of_types(self.name, row, ("canceled",))
        states = _states(row)
        named = next((one for one in states if one["name"].casefold() == name.casefold()), None)
        if named is None:
            raise InsightsError(
                f"The issue's team in {self.name} has no status called {name!r}.",
                remedy=f"It has: {', '.join(one['name'] for one in states)}.",
                exit_code=ExitCode.USAGE,
            )
        return str(named["id"])

    # -- names and ids --------------------------------------------------------------------------------------------

    @cached_property
    def _team(self) -> dict[str, Any]:
        key = self._settings.team
        rows: list[dict[str, Any]] = self._ask(TEAM, key=key)["teams"]["nodes"]
        found = next((row for row in rows if row["key"].casefold() == key.casefold()), None)
        if found is None:
            raise InsightsError(
                f"{self.name} has no team {key!r} that this login may see.",
                remedy="Write the team's key, as ENG in ENG-12, in insights.toml.",
                exit_code=ExitCode.USAGE,
            )
        return found

    @cached_property
    def _label_ids(self) -> list[str]:
        wanted = self._settings.labels
        rows = [row for row in self._pages(LABELS, "issueLabels", names=wanted) if not row["isGroup"]]
        fitting = {row["name"]: row["id"] for row in rows if (row["team"] or self._team)["id"] == self._team["id"]}
        missing = [name for name in wanted if name not in fitting]
        if missing:
            raise InsightsError(
                f"{self.name} has no label called {missing[0]!r} for this team.",
                remedy="Make it in Linear, or correct the name in insights.toml.",
                exit_code=ExitCode.USAGE,
            )
        return [fitting[name] for name in wanted]

    # -- asking ---------------------------------------------------------------------------------------------------

    def _one(self, external_id: str) -> dict[str, Any]:
        rows: list[dict[str, Any]] = self._ask(ONE, id=external_id)["issues"]["nodes"]
        if not rows:
            raise NotThere(f"{self.name} has no such issue.", remedy="It may have been deleted.")
        return rows[0]

    def _pages(self, document: str, what: str, **variables: Any) -> Iterator[dict[str, Any]]:
        after: str | None = None
        while True:
            found = self._ask(document, **variables, after=after)[what]
            yield from found["nodes"]
            if not found["pageInfo"]["hasNextPage"]:
                return
            after = found["pageInfo"]["endCursor"]

    def _ask(self, document: str, **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        return self._said(lambda: self._service.ask("graphql", body), is_write=False)

    def _changed(self, document: str, what: str, **variables: Any) -> Filed:
        body = {"query": document, "variables": variables}
        done = self._said(lambda: self._service.write("POST", "graphql", body), is_write=True)[what]
        if not done["success"] or not done["issue"]:
            raise Refused(f"{self.name} refused without a reason.", remedy=_SETTINGS, status=200)
        return _filed(done["issue"])

    def _said(self, call: Callable[[], Answer], *, is_write: bool) -> dict[str, Any]:
        """The data of an answer. Errors come with status 200 or 400. Raises InsightsError."""
        try:
            data = call().data
        except Refused as refused:
            error = _first_error(refused.data)
            raise (refused if error is None else self._refusal(error, is_write=is_write)) from None
        error = _first_error(data)
        if error is not None:
            raise self._refusal(error, is_write=is_write)
        if not isinstance(data, dict) or not isinstance(data.get("data"), dict):
            raise InsightsError(f"{self.name} answered without data.", remedy="Check its address in insights.toml.")
        found: dict[str, Any] = data["data"]
        return found

    def _refusal(self, error: Mapping[str, Any], *, is_write: bool) -> InsightsError:
        more = _extensions(error)
        words = more.get("userPresentableMessage") or error.get("message") or "without a reason"
        code = str(more.get("code") or "")
        return quoting(partial(self._worded, code, is_write), self._service.clean(str(words)))

    def _worded(self, code: str, is_write: bool, said: str) -> InsightsError:
        if code in ("AUTHENTICATION_ERROR", "FORBIDDEN"):
            kind = Forbidden if code == "FORBIDDEN" else InsightsError
            remedy = f"Give it a key that may do this: insights auth {self.name}"
            return kind(f"{self.name} refused the login: {said}.", remedy=remedy, exit_code=ExitCode.LOGIN)
        if is_write and code in _UNKNOWN:
            return Unanswered(
                f"{self.name} failed ({said}): whether it did what it was asked is not known.",
                remedy="Run the same command again: it looks first.",
            )
        return Refused(f"{self.name} refused: {said}.", remedy=_SETTINGS, status=200)


_SETTINGS = "Check its settings in insights.toml."


def _first_error(data: Any) -> Mapping[str, Any] | None:
    errors = data.get("errors") if isinstance(data, dict) else None
    if not isinstance(errors, list) or not errors:
        return None
    return errors[0] if isinstance(errors[0], dict) else {}


def _extensions(error: Mapping[str, Any]) -> Mapping[str, Any]:
    found = error.get("extensions")
    return found if isinstance(found, dict) else {}


def _is_busy(data: Any) -> bool:
    error = _first_error(data)
    return error is not None and _extensions(error).get("code") == "RATELIMITED"


def _text(row: Mapping[str, Any]) -> str:
    return (row.get("description") or "").replace("\r\n", "\n")


def _states(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of the issue's team, in its order."""
    return sorted(row["team"]["states"]["nodes"], key=lambda one: float(one["position"]))


def _state_of_types(name: str, row: Mapping[str, Any], types: Sequence[str]) -> str:
    """The id of the first state of the first type that there is. Raises InsightsError where there is none."""
    states = _states(row)
    fitting = (one for kind in types for one in states if one["type"] == kind)
    found = next(fitting, None)
    if found is None:
        raise InsightsError(
            f"The issue's team in {name} has no status of the type {types[0]}.",
            remedy="Make one in Linear (the team's settings, Issue statuses).",
        )
    return str(found["id"])


def _filed(row: Mapping[str, Any]) -> Filed:
    state, kind = row["state"]["name"], row["state"]["type"]
    is_closed = kind in _CLOSED
    closed = Progressed.DROPPED if kind in _DROPPED else Progressed.DONE
    closed_at = row.get("completedAt" if closed is Progressed.DONE else "canceledAt")
    estimate, due = row.get("estimate"), row.get("dueDate")
    return Filed(
        external_id=str(row["id"]),
        url=row.get("url"),
        progress=closed if is_closed else Progressed.OPEN,
        status=state,
        assignee=(row.get("assignee") or {}).get("name") or "",
        estimate=f"{estimate:g} points" if estimate else "",
        due_on=date.fromisoformat(due[:10]) if due else None,
        closed_at=read_time(closed_at) if is_closed else None,
    )


LINEAR = TrackerKind(
    settings=LinearSettings,
    make=LinearTracker,
    login="personal API key that may write to the team (lin_api_…), or an OAuth access token with read and write",
)
