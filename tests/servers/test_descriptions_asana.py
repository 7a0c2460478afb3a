"""Asana's own description of its API."""

from pathlib import Path
from typing import Any

import pytest

from connectors.trackers.asana import AsanaSettings, AsanaTracker
from insights.ports import Issue, Setup, Sought
from tests.servers.others import Described

pytestmark = pytest.mark.servers

TASK = {"name": "The export fails", "notes": "who asked", "projects": ["12"], "external": {"gid": "insights:7"}}
PROBLEM = Issue(
    sought=Sought(problem="P-12", marker="insights-ab12cd-P-12", key="6f0e6d1c-4a52-4c8f-9c2b-0d6f3f0b7a11"),
    title="The export fails",
    body="It *hangs* at half.",
    fields={},
)


def test_a_right_task_is_created(asana: Described) -> None:
    status, answer = asana.ask("POST", "/tasks?opt_fields=name,permalink_url", {"data": TASK})

    assert (status, asana.refused()) == (201, [])
    assert answer["data"]["permalink_url"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tasks", TASK),
        ("/tasks", {"data": TASK, "options": {"fields": "name"}}),
        ("/tasks", {"data": TASK | {"description": "who asked"}}),
        ("/tasks", {"data": TASK | {"external": {"id": "insights:7"}}}),
        ("/tasks", {"data": TASK | {"created_at": "2026-01-02T03:04:05Z"}}),
        ("/tasks?fields=name", {"data": TASK}),
        ("/tasks?opt_fields=title", {"data": TASK}),
    ],
)
def test_a_wrong_task_is_refused(asana: Described, path: str, body: Any) -> None:
    status, _ = asana.ask("POST", path, body)

    assert status in {400, 422}
    assert asana.refused()


def test_a_list_has_two_pages(asana: Described) -> None:
    _, first = asana.ask("GET", "/projects/12/tasks?opt_fields=name&limit=100")
    _, second = asana.ask("GET", f"/projects/12/tasks?opt_fields=name&limit=100&offset={first['next_page']['offset']}")

    assert second["data"]
    assert second["next_page"] is None
    assert asana.refused() == []


def test_the_tracker_is_understood_from_the_first_call_to_the_last(asana: Described) -> None:
    tracker = tracker_on(asana)

    tracker.check()
    made = tracker.create(PROBLEM)
    tracker.find(PROBLEM.sought)
    tracker.find(PROBLEM.sought)
    read = tracker.read([made.external_id])
    tracker.update(made, PROBLEM)
    closed = tracker.close(made, "taken back")

    assert asana.refused() == []
    assert {one["path"].partition("?")[0] for one in asana.calls()} >= {"/projects/12/tasks", "/tasks"}
    assert read[made.external_id].url == closed.url and str(closed.url).startswith("https://")


def test_the_tracker_of_an_oauth_app_is_understood_too(asana: Described) -> None:
    tracker = tracker_on(asana, external=True)

    made = tracker.create(PROBLEM)
    found = tracker.find(PROBLEM.sought)

    assert asana.refused() == []
    assert found is not None and found.external_id == made.external_id


def tracker_on(asana: Described, *, external: bool = False) -> AsanaTracker:
    settings = AsanaSettings(project="12", external=external, url=asana.url, closed_section="Next Actions")
    return AsanaTracker(Setup(name="asana", settings=settings, folder=Path(), secret=lambda: "some"))
