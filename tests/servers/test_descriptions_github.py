"""GitHub's own descriptions of its APIs."""

from typing import Any

import pytest

from tests.servers.others import Described

pytestmark = pytest.mark.servers

ISSUES = "/repos/octocat/hello/issues"
DISCUSSIONS = (
    'query { repository(owner: "octocat", name: "hello") { discussions(first: 5, orderBy: '
    "{field: UPDATED_AT, direction: ASC}) { nodes { id title bodyText updatedAt comments(first: 5) "
    "{ nodes { bodyText } } } pageInfo { hasNextPage endCursor } } } }"
)


def test_right_calls_are_answered(github: Described) -> None:
    version = {"X-GitHub-Api-Version": "2022-11-28", "Accept": "application/vnd.github+json"}
    created, issue = github.ask("POST", ISSUES, {"title": "The export fails", "labels": ["feedback"]}, version)
    listed, _ = github.ask("GET", f"{ISSUES}?state=all&since=2026-01-02T03:04:05Z&per_page=100", headers=version)

    assert (created, listed, github.refused()) == (201, 200, [])
    assert issue["number"] > 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", ISSUES, {"title": "The export fails", "description": "who asked"}),
        ("POST", ISSUES, {"body": "who asked"}),
        ("GET", f"{ISSUES}?state=any", None),
        ("GET", f"{ISSUES}?updated_after=2026-01-02T03:04:05Z", None),
        ("GET", f"{ISSUES}?since=yesterday", None),
        ("PUT", f"{ISSUES}/7", {"state": "closed"}),
    ],
)
def test_wrong_calls_are_refused(github: Described, method: str, path: str, body: Any) -> None:
    status, _ = github.ask(method, path, body)

    assert status in {400, 404, 405, 422}
    assert github.refused()


def test_discussions_are_read_by_graphql_alone(github_graphql: Described) -> None:
    right, answer = github_graphql.ask("POST", "/graphql", {"query": DISCUSSIONS})
    accepted = github_graphql.refused()
    wrong, _ = github_graphql.ask("POST", "/graphql", {"query": DISCUSSIONS.replace("bodyText", "text")})

    assert (right, accepted, wrong) == (200, [], 400)
    assert answer["data"]["repository"]["discussions"]["nodes"][0]["updatedAt"]
