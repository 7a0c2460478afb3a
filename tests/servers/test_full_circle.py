"""From a customer's ticket to a shipped problem, by the commands alone, on real servers: tickets of a Request Tracker
become problems, these become issues of a Redmine, and what engineers do with them comes back."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import Run, caller, made
from tests.servers.others import Redmine, RequestTracker

pytestmark = pytest.mark.servers

COMPLAINTS = {
    "Export": "The CSV export of our invoices stops at half of the rows with error 500. It is broken since Monday.",
    "Login": "Nobody of us can log in with single sign-on: the page loops and the login fails again and again.",
    "Currency": "Purchase prices show no currency, so the totals of the report are wrong. Please fix the missing sign.",
}
ACTING = "fixes #1 @admin /close <img src=x onerror=alert(1)> {{macro_list}} !http://evil.example/x.png! [[Wiki]]"


@pytest.fixture
def queue(request_tracker: RequestTracker) -> str:
    """One of this test's own."""
    name = f"circle-{secrets.token_hex(4)}"
    status, _ = request_tracker.ask("POST", "/queue", {"Name": name})
    assert status == 201
    for topic, words in COMPLAINTS.items():
        for number in range(4):
            request_tracker.ask(
                "POST",
                "/ticket",
                {
                    "Queue": name,
                    "Subject": f"{topic} fails ({number})",
                    "Requestor": f"ann{number}@firm{number}.example",
                    "Content": f"{words} {ACTING if number == 0 else ''}",
                    "ContentType": "text/plain",
                },
            )
    return name


@pytest.fixture
def call(
    request_tracker: RequestTracker, redmine: Redmine, queue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    workspace = made(tmp_path, monkeypatch, columns=140)
    source = {"name": "rt", "type": "request-tracker", "url": request_tracker.url, "user": request_tracker.user}
    tracker = {"name": "redmine", "type": "redmine", "url": redmine.url, "project": redmine.project}
    with (workspace / "insights.toml").open("a") as file:
        file.write(_block("sources", {**source, "queues": [queue]}))
        file.write(_block("trackers", {**tracker, "custom_field": "External ID", "markup": "markdown"}))
    monkeypatch.setenv("INSIGHTS_SECRET_RT", request_tracker.password)
    monkeypatch.setenv("INSIGHTS_SECRET_REDMINE", redmine.key)
    return caller(workspace)


def _block(kind: str, values: dict[str, Any]) -> str:
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return f"\n[[{kind}]]\n" + "\n".join(lines) + "\n"


def test_tickets_become_issues_and_what_became_of_these_comes_back(call: Run, redmine: Redmine) -> None:
    assert "12 new" in call("pull")
    call("analyze")
    refs = [f"P-{one['id']}" for one in json.loads(call("problems", "--json"))]
    assert len(refs) >= 3
    call("decide", *refs[:3], "accept")

    call("export", "--accepted", "--to", "redmine")
    call("export", *refs[:3], "--to", "redmine")

    numbers = {ref: issue_of(call, ref) for ref in refs[:3]}
    assert len(set(numbers.values())) == 3
    descriptions = [redmine.ask("GET", f"/issues/{number}.json")[1]["issue"] for number in numbers.values()]
    assert all("insights-" in one["description"] for one in descriptions)
    acting = ("{{macro", "fixes #1", "<img", "[[Wiki")
    assert [one for one in descriptions if any(sign in one["description"] for sign in acting)] == []

    done, dropped, deleted = refs[:3]
    close(redmine, numbers[done], "Closed")
    close(redmine, numbers[dropped], "Rejected")
    assert redmine.ask("DELETE", f"/issues/{numbers[deleted]}.json")[0] == 204
    changes = [one for told in json.loads(call("sync", "--json"))["trackers"] for one in told["changes"]]
    found = {one["problem_id"]: one["happened"] for one in changes}

    assert found == {
        int(done[2:]): "shipped",
        int(dropped[2:]): "closed without being done",
        int(deleted[2:]): "deleted",
    }
    states = {f"P-{one['id']}": one["state"] for one in json.loads(call("problems", "--all", "--json"))}
    assert (states[done], states[dropped], states[deleted]) == ("shipped", "accepted", "accepted")
    again = [one for told in json.loads(call("sync", "--json"))["trackers"] for one in told["changes"]]
    assert again == []


def issue_of(call: Run, ref: str) -> str:
    [link] = json.loads(call("show", ref, "--json"))["exported"]
    return str(link["external_id"])


def close(redmine: Redmine, number: str, status: str) -> None:
    _, answer = redmine.ask("GET", "/issue_statuses.json")
    [found] = [one["id"] for one in answer["issue_statuses"] if one["name"] == status]
    assert redmine.ask("PUT", f"/issues/{number}.json", {"issue": {"status_id": found}})[0] == 204
