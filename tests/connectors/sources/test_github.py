"""What is particular to GitHub: whose words count, pull requests, transfers, labels, edited comments, discussions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sources.github import GITHUB, GitHubSourceSettings
from connectors.sources.github_discussions import COMMENTS, LIST, REPLIES
from insights.domain.feedback import FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Setup
from tests.hostile.dialects.github import REPOSITORY, GitHubDialect, GitHubDiscussionsDialect
from tests.hostile.reading import reading
from tests.hostile.server import NOT_FOUND, SECRET, Call, HostileServer, Reply, serving
from tests.hostile.world import World

BASE = f"/repos/{REPOSITORY}"
Answers = dict[str, Any]


class Told(GitHubDialect):
    """Answers what a test tells it to, by path; a Reply as it is."""

    def __init__(self, answers: Answers) -> None:
        self._answers = {BASE: {}, f"{BASE}/issues/comments": [], **answers}

    def answer(self, world: World, call: Call) -> Reply:
        found = self._answers.get(call.path, NOT_FOUND)
        found = found(call) if callable(found) else found
        return found if isinstance(found, Reply) else Reply(found)


@contextmanager
def told(answers: Answers, **settings: Any) -> Iterator[Any]:
    """A source whose server answers so."""
    with serving(World(), Told(answers)) as hostile:
        yield source(hostile, **settings)


def source(hostile: HostileServer, **settings: Any) -> Any:
    made = GitHubSourceSettings(**{"repositories": [REPOSITORY], "url": hostile.base, **settings})
    return GITHUB.make(Setup(name="code", settings=made, folder=Path(), secret=lambda: SECRET, sleep=lambda _: 0))


def row(number: int = 1, login: str = "anna", association: str = "NONE", **other: Any) -> dict[str, Any]:
    return {
        "number": number,
        "title": "Export",
        "body": "It hangs.",
        "user": {"login": login, "type": "User"},
        "author_association": association,
        "labels": [{"name": "Bug"}],
        "comments": 0,
        "created_at": "2026-03-01T08:00:00Z",
        "updated_at": "2026-03-01T08:00:00Z",
        "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
        **other,
    }


def comment(login: str, association: str = "NONE", body: str | None = "Here, too.", kind: str = "User") -> Any:
    return {"id": 1, "body": body, "user": {"login": login, "type": kind}, "author_association": association}


def records(pages: list[Page]) -> list[FeedbackRecord]:
    return [one for page in pages for one in page.records if isinstance(one, FeedbackRecord)]


def read(issue: Any, comments: list[Any] | None = None, **settings: Any) -> list[Page]:
    answers = {f"{BASE}/issues": [issue], f"{BASE}/issues/1/comments": comments or []}
    with told(answers, **settings) as reader:
        return list(reader.fetch({}))


def test_only_what_people_outside_the_team_say_counts() -> None:
    comments = [
        comment("maintainer", "MEMBER", "Have you tried again?"),
        comment("boris"),
        comment("dependabot[bot]", body="Bump.", kind="Bot"),
        comment("Colleague", "CONTRIBUTOR", "I fix it."),
        comment("carla", body=None),
    ]
    [record] = records(read(row(comments=5), comments, our_people=["colleague"]))

    assert (record.subject, record.text, record.author_name) == ("Export", "It hangs.\n\nHere, too.", "anna")


def test_an_issue_of_our_own_is_told_only_by_those_who_join_it() -> None:
    [record] = records(read(row(login="maintainer", association="OWNER", comments=1), [comment("boris")]))
    nobody = read(row(login="maintainer", association="OWNER"))
    everyone = read(row(login="maintainer", association="OWNER"), everyone=True)

    assert (record.subject, record.text, record.author_name) == (None, "Here, too.", "boris")
    assert records(nobody) == [] and [*nobody[0].tombstones] == [f"issue-{REPOSITORY}#1"]
    assert [one.text for one in records(everyone)] == ["It hangs."]


def test_an_account_that_was_deleted_is_still_a_customer() -> None:
    [record] = records(read({**row(), "user": None}))

    assert (record.text, record.author_name) == ("It hangs.", None)


def test_a_title_alone_is_enough_and_what_a_form_hides_is_not_said() -> None:
    assert records(read(row(body=None)))[0].text == "Export"
    assert records(read(row(body="<!-- Tell us\nmore --> It hangs. <!-- open")))[0].text == "It hangs."


def test_pull_requests_are_left_out_with_what_is_said_in_them() -> None:
    pull = {"updated_at": "2026-03-01T08:00:00Z", "id": 7, "html_url": f"https://github.com/{REPOSITORY}/pull/1#issue"}
    answers = {f"{BASE}/issues": [row(pull_request={"url": "x"})], f"{BASE}/issues/comments": [pull]}
    with told(answers) as reader:
        pages = list(reader.fetch({}))

    assert records(pages) == [] and not any(page.rejects for page in pages)


def test_labels_are_asked_for_and_kept_to() -> None:
    asked: list[Any] = []

    def issues(call: Call) -> Any:
        asked.append(call.query.get("labels"))
        return [row()]

    answers = {f"{BASE}/issues": issues, f"{BASE}/issues/1": row(labels=[]), f"{BASE}/issues/2": row(2)}
    with told(answers, labels=["bug"]) as reader:
        list(reader.fetch({}))
        gone = reader.are_gone([f"issue-{REPOSITORY}#1", f"issue-{REPOSITORY}#2"])

    assert asked[0] == "bug" and gone == [f"issue-{REPOSITORY}#1"]


def test_what_was_transferred_or_deleted_is_gone_and_what_may_not_be_seen_is_not() -> None:
    moved = Reply({"message": "Moved Permanently"}, 301, {"Location": "https://api.github.com/repositories/2/issues/9"})
    answers = {
        f"{BASE}/issues/1": moved,
        f"{BASE}/issues/2": Reply({"message": "This issue was deleted"}, 410),
        f"{BASE}/issues/3": row(3),
        f"{BASE}/issues/4": Reply({"message": "Resource not accessible"}, 403),
    }
    with told(answers) as reader:
        gone = reader.are_gone([f"issue-{REPOSITORY}#{number}" for number in (1, 2, 3)])
        with pytest.raises(InsightsError) as caught:
            reader.are_gone([f"issue-{REPOSITORY}#4"])

    assert gone == [f"issue-{REPOSITORY}#1", f"issue-{REPOSITORY}#2"]
    assert caught.value.exit_code is ExitCode.LOGIN


def test_comments_are_not_all_read_twice_the_first_time(tmp_path: Path) -> None:
    with reading(GitHubDialect, tmp_path) as reader:
        for number in reader.world.add(5):
            reader.world.reply(number)
        reader.world.pass_time(hours=1)
        reader.pull()
        asked = [call.path for call in reader.hostile.calls]

    assert len(asked) == len(set(asked)) + asked.count(f"{BASE}/issues") - 1


def test_a_budget_that_is_spent_is_waited_for_and_named_where_that_is_long(tmp_path: Path) -> None:
    with reading(GitHubDialect, tmp_path) as reader:
        reader.world.add(1)
        answer, spent = reader.hostile.dialect.answer, {"X-RateLimit-Remaining": "0"}
        resets = [str(int((reader.world.now + timedelta(minutes=minutes)).timestamp())) for minutes in (5, 50)]
        refusals = [Reply({}, 403, {**spent, "X-RateLimit-Reset": at}) for at in resets]
        reader.hostile.dialect.answer = lambda world, call: (  # type: ignore[method-assign]
            refusals.pop(0) if refusals else answer(world, call)
        )

        with pytest.raises(InsightsError, match="50 minutes"):
            reader.pull()
        assert any(290 < seconds < 310 for seconds in reader.slept)
        reader.pull()
        assert reader.differences() == []


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "https://api.github.com/graphql"),
        ({"url": "https://code.acme.example/api/v3/"}, "https://code.acme.example/api/graphql"),
        ({"graphql_url": "https://elsewhere.example/graphql"}, "https://elsewhere.example/graphql"),
    ],
)
def test_graphql_is_beside_the_rest(settings: dict[str, Any], address: str) -> None:
    made = GitHubSourceSettings(repositories=[REPOSITORY], **settings)
    reader: Any = GITHUB.make(Setup(name="code", settings=made, folder=Path(), secret=lambda: SECRET))

    assert f"{reader._discussions._service.base_url}/{reader._discussions._path}" == address


@pytest.mark.parametrize("repository", ["acme", "acme/app/issues", "../app", "acme/..", "acme/app?x=1"])
def test_a_repository_is_named_by_owner_and_name(repository: str) -> None:
    with pytest.raises(ValidationError):
        GitHubSourceSettings(repositories=[repository])


# -- discussions ------------------------------------------------------------


def node(body: str, login: str = "anna", association: str = "NONE", **other: Any) -> dict[str, Any]:
    author = {"__typename": "User", "login": login}
    return {"id": body, "body": body, "isMinimized": False, "author": author, "authorAssociation": association, **other}


def nodes(*found: Any, after: str | None = None) -> dict[str, Any]:
    return {"nodes": list(found), "pageInfo": {"hasNextPage": after is not None, "endCursor": after}}


def discussion(comments: Any, **other: Any) -> dict[str, Any]:
    times = {"createdAt": "2026-03-01T08:00:00Z", "updatedAt": "2026-03-01T08:00:00Z"}
    row = {"number": 1, "title": "Export", "url": "https://github.com/x", **times, "labels": {"nodes": []}}
    return {**node("It hangs."), **row, "comments": comments, **other}


def told_discussions(answer: Callable[[Any], Any], **settings: Any) -> list[Page]:
    answers = {"/graphql": lambda call: answer(call.body)}
    with told(answers, issues=False, discussions=True, **settings) as reader:
        return list(reader.fetch({}))


def test_a_long_discussion_is_read_to_its_end_with_the_answers_to_answers() -> None:
    first = node("Have you?", "maintainer", "MEMBER", id="DC1", replies=nodes(node("a1"), after="more"))
    second = node("b", replies=nodes(node("spam", isMinimized=True), None))

    def answer(body: Any) -> Any:
        if body["query"] == LIST:
            return {"data": {"repository": {"discussions": nodes(discussion(nodes(first, after="next")))}}}
        if body["query"] == COMMENTS:
            assert body["variables"]["after"] == "next"
            return {"data": {"repository": {"discussion": {"comments": nodes(second)}}}}
        assert (body["query"], body["variables"]) == (REPLIES, {"id": "DC1", "after": "more"})
        return {"data": {"node": {"replies": nodes(node("a2"))}}}

    [record] = records(told_discussions(answer))

    assert (record.subject, record.text) == ("Export", "It hangs.\n\na1\n\na2\n\nb")


@pytest.mark.parametrize(
    ("kind", "code"), [("FORBIDDEN", ExitCode.LOGIN), ("NOT_FOUND", ExitCode.ERROR), ("OTHER", ExitCode.ERROR)]
)
def test_a_no_of_graphql_is_an_error_though_its_status_is_200(kind: str, code: ExitCode) -> None:
    with pytest.raises(InsightsError) as caught:
        told_discussions(lambda _: {"data": None, "errors": [{"type": kind, "message": f"no {SECRET} CANARY"}]})

    assert caught.value.exit_code is code and SECRET not in caught.value.message
    assert "CANARY" in caught.value.message and "CANARY" not in caught.value.unquoted[0]


def test_a_spent_budget_of_graphql_is_waited_for() -> None:
    answers = [
        Reply({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}),
        Reply({"data": {"repository": {"discussions": nodes(discussion(nodes()))}}}),
    ]
    assert len(records(told_discussions(lambda _: answers.pop(0)))) == 1


def test_a_backfill_of_discussions_that_is_stopped_goes_on_where_it_stood(tmp_path: Path) -> None:
    with reading(GitHubDiscussionsDialect, tmp_path) as reader:
        reader.world.add(14)
        pages = iter(reader.source().fetch({}))
        next(pages)
        state = next(pages).state
        reader.world.edit(14)
        before = len(reader.hostile.calls)
        rest = list(reader.source().fetch(state))
        first = reader.hostile.calls[before].body["variables"]["after"]

    ids = {record.source_id for record in records(rest)}
    assert first is not None and ids >= {f"discussion-{REPOSITORY}#{number}" for number in (1, 2, 3, 4, 5, 6, 14)}
    assert "walk" in state[f"discussions {REPOSITORY}"] and "walk" not in rest[-1].state[f"discussions {REPOSITORY}"]
