"""GitHub's discussions, which GraphQL alone tells: the last changed first, with their comments and answers to those."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from connectors.http import Answer, Budget, NotThere, Rate, Refused, Service
from connectors.reading.changes import Gone, read_time
from connectors.reading.malformed import made_or_refused, refused
from connectors.reading.newest_first import Slice, newest_first
from connectors.reading.spans import changed
from connectors.reading.threads import thread_text
from connectors.sources.github_people import Voices, has_labels, said
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError, quoting
from insights.ports import Page, Record, Reject, Setup

_AUTHOR = "authorAssociation author { __typename login }"
_MORE = "pageInfo { hasNextPage endCursor }"
_ANSWER = f"id body isMinimized {_AUTHOR}"
_COMMENTS = f"{_MORE} nodes {{ {_ANSWER} replies(first: 50) {{ {_MORE} nodes {{ {_ANSWER} }} }} }}"
LIST = (
    "query($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name) { "
    "discussions(first: 25, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) { "
    f"{_MORE} nodes {{ number title body url createdAt updatedAt {_AUTHOR} "
    f"labels(first: 50) {{ nodes {{ name }} }} comments(first: 50) {{ {_COMMENTS} }} }} }} }} }}"
)
IDS = (
    "query($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name) { "
    "discussions(first: 100, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) { "
    f"{_MORE} nodes {{ number labels(first: 50) {{ nodes {{ name }} }} }} }} }} }}"
)
ONE = (
    "query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) { "
    "discussion(number: $number) { number labels(first: 50) { nodes { name } } } } }"
)
COMMENTS = (
    "query($owner: String!, $name: String!, $number: Int!, $after: String) { repository(owner: $owner, name: $name) { "
    f"discussion(number: $number) {{ comments(first: 50, after: $after) {{ {_COMMENTS} }} }} }} }}"
)
REPLIES = (
    "query($id: ID!, $after: String) { node(id: $id) { ... on DiscussionComment { "
    f"replies(first: 100, after: $after) {{ {_MORE} nodes {{ {_ANSWER} }} }} }} }} }}"
)


class Discussions:
    """Discussions of one repository at a time."""

    def __init__(self, setup: Setup[Any], *, url: str, voices: Voices, labels: Sequence[str]) -> None:
        self._setup, self._voices, self._labels = setup, voices, labels
        base, _, self._path = url.rpartition("/")
        self._service = Service(
            name=setup.name,
            base_url=base,
            headers=lambda: {"Authorization": f"Bearer {setup.secret()}"},
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(5000, 3600)),
            sleep=setup.sleep,
            is_busy=_is_busy,
        )

    def fetch(self, repository: str, state: dict[str, Any]) -> Iterator[Page]:
        return newest_first(
            state,
            key=f"discussions {repository}",
            ask=lambda begin, after: self._slice(repository, begin, after),
            make=lambda rows: (self._made(repository, one.row) for one in rows),
            since=self._setup.since,
            overlap=self._setup.overlap,
        )

    def living(self, repository: str) -> Iterator[Sequence[str]]:
        after: str | None = None
        while True:
            found = self._listed(self._ask(IDS, **_names(repository), after=after).data)
            yield [_id(repository, row["number"]) for row in found["nodes"] if row and self._is_wanted(row)]
            before, after = after, _next(found)
            if after in (None, before):
                return

    def is_gone(self, repository: str, number: str) -> bool:
        try:
            data = self._ask(ONE, **_names(repository), number=int(number)).data
        except NotThere:
            return True
        row = (data["data"].get("repository") or {}).get("discussion")
        return row is None or not self._is_wanted(row)

    def _slice(self, repository: str, begin: datetime, after: str | None) -> Slice:
        answer = self._ask(LIST, **_names(repository), after=after)
        found = self._listed(answer.data)
        rows = [
            changed(row, id_key="number", at=row.get("updatedAt") if isinstance(row, dict) else None, since=begin)
            for row in found["nodes"]
        ]
        return Slice(rows=rows, after=_next(found), moment=answer.moment)

    def _made(self, repository: str, row: Any) -> Record | Reject | Gone:
        if not isinstance(row, dict) or not isinstance(row.get("number"), int):
            return refused(row, "It has no number.")
        if not self._is_wanted(row):
            return Gone(_id(repository, row["number"]))
        try:
            answers = list(self._answers(repository, row))
        except NotThere:
            return Gone(_id(repository, row["number"]))
        except (KeyError, TypeError, AttributeError):
            return refused(row, "Its comments are written another way than the service says.")
        return made_or_refused(lambda: self._record(repository, row, answers), row)

    def _answers(self, repository: str, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Comments, each followed by the answers to it."""
        found, after = row["comments"], None
        while True:
            for comment in filter(None, found["nodes"]):
                yield comment
                yield from self._replies(comment)
            before, after = after, _next(found)
            if after in (None, before):
                return
            data = self._ask(COMMENTS, **_names(repository), number=row["number"], after=after).data["data"]
            found = ((data.get("repository") or {}).get("discussion") or _GONE)["comments"]

    def _replies(self, comment: dict[str, Any]) -> Iterator[dict[str, Any]]:
        found, before = comment["replies"], None
        yield from filter(None, found["nodes"])
        while (after := _next(found)) not in (None, before):
            before = after
            data = self._ask(REPLIES, id=comment["id"], after=after).data["data"]
            found = (data.get("node") or {"replies": _EMPTY})["replies"]
            yield from filter(None, found["nodes"])

    def _record(self, repository: str, row: dict[str, Any], answers: Sequence[dict[str, Any]]) -> FeedbackRecord | Gone:
        """Gone where nobody but our own people says anything in it, or no longer."""
        is_theirs = self._voices.wrote_node(row)
        theirs = [one for one in (row, *answers) if self._voices.wrote_node(one) and not one.get("isMinimized")]
        text = thread_text(said(one.get("body"), is_customer=True) for one in theirs)
        if not text:
            return Gone(_id(repository, row["number"]))
        return FeedbackRecord(
            source=self._setup.name,
            source_id=_id(repository, row["number"]),
            kind=FeedbackKind.TICKET,
            subject=row["title"] if is_theirs else None,
            text=text,
            created_at=read_time(row["createdAt"]),
            author_name=(theirs[0].get("author") or {}).get("login"),
            url=row.get("url"),
        )

    def _is_wanted(self, row: dict[str, Any]) -> bool:
        return has_labels({"labels": (row.get("labels") or {}).get("nodes")}, self._labels)

    def _listed(self, data: Any) -> dict[str, Any]:
        repository = data["data"].get("repository")
        if not isinstance(repository, dict) or not isinstance(repository.get("discussions"), dict):
            raise self._unusual()
        found: dict[str, Any] = repository["discussions"]
        return found

    def _ask(self, query: str, **variables: Any) -> Answer:
        """An answer with data. Raises NotThere or another InsightsError: GraphQL says no with status 200."""
        answer = self._service.ask(self._path, {"query": query, "variables": variables})
        data = answer.data if isinstance(answer.data, dict) else {}
        errors = [error for error in data.get("errors") or [] if isinstance(error, dict)]
        if errors:
            said = self._service.clean(str(errors[0].get("message") or ""))
            raise quoting(partial(self._refusal, errors[0].get("type")), said)
        if not isinstance(data.get("data"), dict):
            raise self._unusual()
        return answer

    def _refusal(self, kind: Any, said_so: str) -> InsightsError:
        name = self._service.name
        if kind == "NOT_FOUND":
            return NotThere(f"{name} has no such thing: {said_so}", remedy="It may have been deleted.")
        if kind in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
            return InsightsError(
                f"{name} refused the login: {said_so}",
                remedy=f"Give it a token that may read discussions: insights auth {name}",
                exit_code=ExitCode.LOGIN,
            )
        return Refused(f"{name} refused: {said_so}", remedy="Check its settings in insights.toml.", status=200)

    def _unusual(self) -> InsightsError:
        return InsightsError(
            f"{self._service.name} answered without discussions.", remedy="Check its address in insights.toml."
        )


_EMPTY: dict[str, Any] = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
_GONE: dict[str, Any] = {"comments": _EMPTY}


def _is_busy(data: Any) -> bool:
    errors = (data.get("errors") if isinstance(data, dict) else None) or []
    return any(isinstance(error, dict) and error.get("type") == "RATE_LIMITED" for error in errors)


def _names(repository: str) -> dict[str, str]:
    owner, _, name = repository.partition("/")
    return {"owner": owner, "name": name}


def _next(found: dict[str, Any]) -> str | None:
    page = found.get("pageInfo") or {}
    return str(page["endCursor"]) if page.get("hasNextPage") and page.get("endCursor") else None


def _id(repository: str, number: int) -> str:
    return f"discussion-{repository}#{number}"
