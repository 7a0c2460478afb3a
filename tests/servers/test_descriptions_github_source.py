"""The source's calls to GitHub by GitHub's own descriptions: each is accepted, and what it reads is there."""

from pathlib import Path
from typing import Any

import pytest

from connectors.sources.github import GITHUB, GitHubSourceSettings
from connectors.sources.github_discussions import COMMENTS, IDS, LIST, ONE, REPLIES
from insights.ports import Page, Setup
from tests.servers.others import Described

pytestmark = pytest.mark.servers

REPOSITORY = "octocat/hello"


def source(rest: str, graphql: str, **settings: Any) -> Any:
    made = GitHubSourceSettings(repositories=[REPOSITORY], url=rest, graphql_url=f"{graphql}/graphql", **settings)
    return GITHUB.make(Setup(name="code", settings=made, folder=Path(), secret=lambda: "some", sleep=lambda _: None))


def refusals(pages: list[Page]) -> list[str]:
    """GitHub's own example of one issue is wrapped once more, which its schema does not know."""
    rejects = (reject for page in pages for reject in page.rejects)
    return [f"{reject.reason} {reject.raw[:200]}" for reject in rejects if not reject.raw.startswith('{"value": {')]


@pytest.mark.parametrize("labels", [[], ["bug", "customer"]])
def test_issues_are_read_by_calls_that_github_takes(github: Described, labels: list[str]) -> None:
    reader = source(github.url, github.url, labels=labels, everyone=True)

    pages = list(reader.fetch({}))
    again = list(reader.fetch(pages[-1].state))

    assert refusals(pages + again) == [] and github.refused() == []
    assert [source_id for page in pages for source_id in page.tombstones], "GitHub's example is a pull request"
    assert {call["path"].partition("?")[0] for call in github.calls()} >= {
        f"/repos/{REPOSITORY}",
        f"/repos/{REPOSITORY}/issues",
        f"/repos/{REPOSITORY}/issues/comments",
    }


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("issues", {"number", "title", "comments", "created_at", "labels", "pull_request"}),
        ("issues/comments", {"id", "issue_url"}),
        ("issues/1347/comments", {"id"}),
    ],
)
def test_what_is_read_of_a_row_is_there(github: Described, path: str, read: set[str]) -> None:
    _, [row] = github.ask("GET", f"/repos/{REPOSITORY}/{path}")

    assert {"body", "user", "author_association", "updated_at", "html_url", *read} <= set(row)
    assert {"login", "type"} <= set(row["user"])


def test_what_is_left_of_issues_and_who_asks_is_asked_as_github_wants_it(github: Described) -> None:
    reader = source(github.url, github.url)

    living = [source_id for page in reader.living() for source_id in page]
    gone = reader.are_gone([f"issue-{REPOSITORY}#1347"])
    who = reader.check()

    assert github.refused() == []
    assert all(source_id.startswith(f"issue-{REPOSITORY}#") for source_id in living)
    assert set(gone) <= {f"issue-{REPOSITORY}#1347"} and github.url in who


def test_discussions_are_read_by_queries_of_the_schema(github_graphql: Described) -> None:
    reader = source(github_graphql.url, github_graphql.url, issues=False, discussions=True, everyone=True)

    pages = list(reader.fetch({}))
    living = [source_id for page in reader.living() for source_id in page]
    gone = reader.are_gone([f"discussion-{REPOSITORY}#1"])

    assert refusals(pages) == [] and github_graphql.refused() == []
    assert pages[0].state[f"discussions {REPOSITORY}"]["read_to"] and living and gone == []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (LIST, {"owner": "o", "name": "r", "after": "c"}),
        (IDS, {"owner": "o", "name": "r", "after": "c"}),
        (ONE, {"owner": "o", "name": "r", "number": 1}),
        (COMMENTS, {"owner": "o", "name": "r", "number": 1, "after": "c"}),
        (REPLIES, {"id": "DC_1", "after": "c"}),
    ],
)
def test_each_query_fits_the_schema(github_graphql: Described, query: str, variables: dict[str, Any]) -> None:
    status, answer = github_graphql.ask("POST", "/graphql", {"query": query, "variables": variables})

    assert (status, github_graphql.refused()) == (200, []) and "errors" not in answer
