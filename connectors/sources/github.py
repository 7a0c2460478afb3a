"""GitHub's issues and discussions with what people outside the team wrote in them (REST 2022-11-28, GraphQL).

A comment that is edited need not move its issue, so a repository's comments are read by the time of their own change,
too. What is deleted or transferred vanishes from the lists.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import Field, StringConstraints

from connectors.http import Answer, Forbidden, NotThere, Refused, Service
from connectors.reading.changes import BEGINNING, Batch, Changed, Gone, changes, read_time
from connectors.reading.github_api import github_service
from connectors.reading.malformed import made_or_refused, refused
from connectors.reading.spans import changed
from connectors.reading.threads import Said, thread_text
from connectors.sources.github_discussions import Discussions
from connectors.sources.github_people import Voices, has_labels, said
from insights.config import Section
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind

_PAGE = 100
_MOST_PAGES = 99
"""GitHub refuses the hundredth page of a list that is asked for by numbers."""
Repository = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*/[\w.-]*[\w-][\w.-]*$")]


class GitHubSourceSettings(Section):
    """`[[sources]]` with type = "github"."""

    repositories: list[Repository] = Field(min_length=1, description="Which: owner/name.")
    issues: bool = Field(True, description="Read issues.")
    discussions: bool = Field(False, description="Read discussions, too.")
    labels: list[str] = Field([], description="Only what has all of these labels.")
    our_people: list[str] = Field(
        [], description="Logins of your own people. Owners, members and collaborators are known without."
    )
    everyone: bool = Field(False, description="Take what owners, members and collaborators write for feedback, too.")
    url: str = Field(
        "https://api.github.com", description="Address of the API; GitHub Enterprise: https://HOST/api/v3."
    )
    graphql_url: str = Field("", description="Address of GraphQL, where it is not the usual one beside `url`.")


class GitHub:
    """Issues by the time of their change; comments come with their issue. Pull requests are left out."""

    def __init__(self, setup: Setup[GitHubSourceSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        people = frozenset(login.lower() for login in setup.settings.our_people)
        self._voices = Voices(our_people=people, everyone=setup.settings.everyone)
        self._service = github_service(setup, setup.settings.url)
        self._discussions = Discussions(
            setup, url=_graphql_url(setup.settings), voices=self._voices, labels=setup.settings.labels
        )

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        for repository in self._settings.repositories:
            readings = [self._issues, self._comments] if self._settings.issues else []
            readings += [self._discussions.fetch] if self._settings.discussions else []
            for reading in readings:
                for page in reading(repository, state):
                    state = page.state
                    yield page

    def living(self) -> Iterator[Sequence[str]]:
        for repository in self._settings.repositories:
            if self._settings.issues:
                listing = _Issues(self._service, repository, self._settings.labels)
                for page in changes({}, listing=listing, make=_bare(repository), overlap=self._setup.overlap):
                    yield [record.source_id for record in page.records if isinstance(record, FeedbackRecord)]
            if self._settings.discussions:
                yield from self._discussions.living(repository)

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        return [source_id for source_id in source_ids if self._is_gone(source_id)]

    def is_covered(self, source_id: str) -> bool:
        """What is no longer named in the settings stays as it is."""
        noun, repository, _ = _parts(source_id)
        is_read = self._settings.issues if noun == "issue" else self._settings.discussions
        return is_read and repository in self._settings.repositories

    def check(self) -> str:
        try:
            login = self._service.get("user").data["login"]
        except Forbidden:  # an app has no name of its own
            self._service.get(f"repos/{self._settings.repositories[0]}")
            login = "an app"
        return f"{login} at {self._service.base_url}"

    # -- issues ---------------------------------------------------------------------------------------------------

    def _issues(self, repository: str, state: dict[str, Any]) -> Iterator[Page]:
        key = f"comments {repository}"
        if key not in state:  # comments that are edited from now on: those before come with their issues
            moment = self._service.get(f"repos/{repository}").moment
            state = {**state, **({key: moment.isoformat()} if moment else {})}
        return changes(
            state,
            listing=_Issues(self._service, repository, self._settings.labels),
            make=lambda rows: (self._made(repository, one.row) for one in rows),
            since=self._setup.since,
            overlap=self._setup.overlap,
            key=f"issues {repository}",
        )

    def _comments(self, repository: str, state: dict[str, Any]) -> Iterator[Page]:
        return changes(
            state,
            listing=_Comments(self._service, repository),
            make=lambda rows: self._commented(repository, rows),
            since=self._setup.since,
            overlap=self._setup.overlap,
            key=f"comments {repository}",
        )

    def _commented(self, repository: str, rows: Sequence[Changed]) -> Iterator[Record | Reject | Gone]:
        """The issues of these comments."""
        for number in dict.fromkeys(_number_of(one.row) for one in rows):
            if number is None:
                continue
            try:
                row = self._service.get(f"repos/{repository}/issues/{number}").data
            except NotThere:
                yield Gone(_id(repository, number))
            except Refused as error:
                if not error.location:
                    raise
                yield Gone(_id(repository, number))
            else:
                if not isinstance(row, dict) or has_labels(row, self._settings.labels):
                    yield self._made(repository, row)

    def _made(self, repository: str, row: Any) -> Record | Reject | Gone:
        """With its comments; it may be deleted between the list and them."""
        if not isinstance(row, dict) or not isinstance(row.get("number"), int):
            return refused(row, "It has no number.")
        if "pull_request" in row:
            return Gone(_id(repository, row["number"]))
        try:
            comments = list(self._comments_of(repository, row["number"])) if row.get("comments") != 0 else []
        except NotThere:
            return Gone(_id(repository, row["number"]))
        return made_or_refused(lambda: self._record(repository, row, comments), row)

    def _comments_of(self, repository: str, number: int) -> Iterator[Any]:
        path: str | None = f"repos/{repository}/issues/{number}/comments?per_page={_PAGE}"
        while path is not None:
            answer = self._service.get(path)
            yield from _rows(answer, self.name)
            path = answer.next_link

    def _record(self, repository: str, row: dict[str, Any], comments: Sequence[Any]) -> FeedbackRecord | Gone:
        """Gone where nobody but our own people says anything in it, or no longer."""
        source_id, is_theirs = _id(repository, row["number"]), self._voices.wrote(row)
        theirs = [one for one in (row, *comments) if self._voices.wrote(one)]
        messages: list[Said] = [said(one.get("body"), is_customer=True) for one in theirs]
        text = thread_text(messages) or (str(row.get("title") or "") if is_theirs else "")
        if not text:
            return Gone(source_id)
        return FeedbackRecord(
            source=self.name,
            source_id=source_id,
            kind=FeedbackKind.TICKET,
            subject=row["title"] if is_theirs else None,
            text=text,
            created_at=read_time(row["created_at"]),
            author_name=(theirs[0].get("user") or {}).get("login"),
            url=row.get("html_url"),
        )

    def _is_gone(self, source_id: str) -> bool:
        noun, repository, number = _parts(source_id)
        if noun == "discussion":
            return self._discussions.is_gone(repository, number)
        try:
            row = self._service.get(f"repos/{repository}/issues/{number}").data
        except NotThere:
            return True
        except Refused as error:
            if not error.location:
                raise
            return True  # it is in another repository now
        return isinstance(row, dict) and ("pull_request" in row or not has_labels(row, self._settings.labels))


class _Issues:
    """The issues of a repository, the oldest change first."""

    def __init__(self, service: Service, repository: str, labels: Sequence[str]) -> None:
        self._service, self._path = service, f"repos/{repository}/issues"
        self._labels = {"labels": ",".join(labels)} if labels else {}

    def __call__(self, since: datetime, number: int) -> Batch:
        given = {"state": "all", **self._labels, **_ordered(since, number)}
        return _batch(self._service, self._path, given, since, id_key="number")


class _Comments:
    """All comments on the issues (and pull requests) of a repository, the oldest change first."""

    def __init__(self, service: Service, repository: str) -> None:
        self._service, self._path = service, f"repos/{repository}/issues/comments"

    def __call__(self, since: datetime, number: int) -> Batch:
        return _batch(self._service, self._path, _ordered(since, number), since, id_key="id")


def _ordered(since: datetime, number: int) -> dict[str, Any]:
    at = f"{max(since, BEGINNING):%Y-%m-%dT%H:%M:%SZ}"
    return {"sort": "updated", "direction": "asc", "since": at, "per_page": _PAGE, "page": number + 1}


def _batch(service: Service, path: str, given: dict[str, Any], since: datetime, *, id_key: str) -> Batch:
    answer = service.get(path, given)
    rows = [
        changed(row, id_key=id_key, at=row.get("updated_at") if isinstance(row, dict) else None, since=since)
        for row in _rows(answer, service.name)
    ]
    more, is_last = answer.next_link is not None, given["page"] >= _MOST_PAGES
    return Batch(rows, more=more, moment=answer.moment, is_capped=more and is_last)


def _rows(answer: Answer, name: str) -> list[Any]:
    if not isinstance(answer.data, list):
        raise InsightsError(f"{name} answered without a list.", remedy="Check its address in insights.toml.")
    return answer.data


def _bare(repository: str) -> Any:
    """Ids alone, of issues."""

    def bare(rows: Sequence[Changed]) -> Iterable[FeedbackRecord]:
        for one in rows:
            if isinstance(one.row, dict) and "pull_request" not in one.row:
                source_id = _id(repository, one.id)
                yield FeedbackRecord(source="", source_id=source_id, kind=FeedbackKind.TICKET, text="")

    return bare


def _number_of(comment: Any) -> int | None:
    """Of the issue it belongs to; None where that is a pull request, or is not told."""
    if not isinstance(comment, dict) or "/pull/" in str(comment.get("html_url")):
        return None
    number = str(comment.get("issue_url")).rpartition("/")[2]
    return int(number) if number.isdigit() else None


def _id(repository: str, number: int | str) -> str:
    return f"issue-{repository}#{number}"


def _parts(source_id: str) -> tuple[str, str, str]:
    """Noun, repository, number."""
    noun, _, rest = source_id.partition("-")
    repository, _, number = rest.rpartition("#")
    return noun, repository, quote(number, safe="")


def _graphql_url(settings: GitHubSourceSettings) -> str:
    """GitHub Enterprise has it at /api/graphql, beside /api/v3."""
    if settings.graphql_url:
        return settings.graphql_url
    base = settings.url.rstrip("/")
    return f"{base.removesuffix('/v3')}/graphql" if urlsplit(base).path.endswith("/api/v3") else f"{base}/graphql"


GITHUB = SourceKind(
    settings=GitHubSourceSettings,
    make=GitHub,
    login="token that may read issues (and discussions) of the repositories; a fine-grained one is enough",
)
