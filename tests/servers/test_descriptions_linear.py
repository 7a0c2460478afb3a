"""Linear's own GraphQL schema."""

from pathlib import Path
from typing import Any

import pytest

from connectors.trackers.linear import (
    CLOSE,
    CREATE,
    FIND,
    LABELS,
    ONE,
    READ,
    TEAM,
    UNARCHIVE,
    UPDATE,
    VIEWER,
    LinearSettings,
    LinearTracker,
)
from insights.ports import Issue, Setup, Sought
from tests.servers.others import Described

pytestmark = pytest.mark.servers

CREATED = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier url } } }"
CHANGED = (
    "query($since: DateTimeOrDuration!) { issues(filter: {updatedAt: {gte: $since}}, first: 50, includeArchived: true) "
    "{ nodes { id updatedAt state { type } } pageInfo { hasNextPage endCursor } } }"
)
KEY = "6f0e6d1c-4a52-4c8f-9c2b-0d6f3f0b7a11"
ISSUE = {"id": "6f0e6d1c-4a52-4c8f-9c2b-0d6f3f0b7a11", "teamId": "team", "title": "The export fails"}
TEXTS = {"title": "The export fails", "description": "who asked"}
COMMENT = {"issueId": KEY, "body": "taken back"}
EVERY_DOCUMENT = [
    (VIEWER, {}),
    (TEAM, {"key": "ENG"}),
    (LABELS, {"names": ["customers"], "after": None}),
    (FIND, {"key": KEY, "marker": "insights-ab12cd-P-12", "after": None}),
    (READ, {"ids": [KEY], "after": "some"}),
    (ONE, {"id": KEY}),
    (CREATE, {"input": TEXTS | {"id": KEY, "teamId": KEY, "labelIds": [KEY]}}),
    (UPDATE, {"id": KEY, "input": {"description": "who asked", "stateId": KEY}}),
    (UNARCHIVE, {"id": KEY, "input": {"stateId": KEY}}),
    (CLOSE, {"id": KEY, "comment": COMMENT, "input": {"stateId": KEY}}),
]
PROBLEM = Issue(
    sought=Sought(problem="P-12", marker="insights-ab12cd-P-12", key=KEY),
    title="The export fails",
    body="It *hangs* at half.",
    fields={},
)


def test_a_right_mutation_and_a_right_query_are_answered(linear: Described) -> None:
    _, created = linear.ask("POST", "/graphql", {"query": CREATED, "variables": {"input": ISSUE}})
    _, changed = linear.ask("POST", "/graphql", {"query": CHANGED, "variables": {"since": "2026-01-02T03:04:05Z"}})

    assert linear.refused() == []
    assert created["data"]["issueCreate"]["issue"]["url"].startswith("https://")
    assert changed["data"]["issues"]["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (CREATED, {"input": ISSUE | {"body": "who asked"}}),
        (CREATED, {"input": {"title": "The export fails"}}),
        (CREATED, {"input": ISSUE | {"dueDate": "soon"}}),
        (CREATED, {"input": ISSUE, "team": "team"}),
        (CREATED.replace("identifier", "key"), {"input": ISSUE}),
        (CHANGED.replace("gte", "ge"), {"since": "2026-01-02T03:04:05Z"}),
        (CHANGED.replace("first", "top"), {"since": "2026-01-02T03:04:05Z"}),
    ],
)
def test_a_wrong_one_is_refused(linear: Described, query: str, variables: dict[str, Any]) -> None:
    status, answer = linear.ask("POST", "/graphql", {"query": query, "variables": variables})

    assert status == 400
    assert answer["errors"]
    assert linear.refused()


@pytest.mark.parametrize(("document", "variables"), EVERY_DOCUMENT)
def test_every_call_of_the_tracker_is_one_of_linears(
    linear: Described, document: str, variables: dict[str, Any]
) -> None:
    linear.ask("POST", "/graphql", {"query": document, "variables": variables})

    assert linear.refused() == []


def test_the_tracker_is_understood_from_the_first_call_to_the_last(linear: Described) -> None:
    settings = LinearSettings(team="text", closed_state="text", url=linear.url)
    tracker = LinearTracker(Setup(name="linear", settings=settings, folder=Path(), secret=lambda: "lin_api_some"))

    tracker.check()
    made = tracker.create(PROBLEM)
    tracker.find(PROBLEM.sought)
    tracker.read([made.external_id])
    tracker.update(made, PROBLEM)
    closed = tracker.close(made, "taken back")

    assert linear.refused() == []
    assert (closed.url, made.status, made.assignee) == ("https://example.org/", "text", "text")
