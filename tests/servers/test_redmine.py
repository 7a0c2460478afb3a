"""Redmine 5, the real one."""

import secrets

import pytest

from tests.servers.others import Redmine

pytestmark = pytest.mark.servers


def test_an_issue_is_found_by_our_id_whether_open_or_closed(redmine: Redmine) -> None:
    ours = f"insights:{secrets.token_hex(6)}"
    fields = [{"id": redmine.field_id, "value": ours}]
    issue = {"project_id": redmine.project, "subject": "The export fails", "custom_fields": fields}
    created, answer = redmine.ask("POST", "/issues.json", {"issue": issue})
    at = f"/issues/{answer['issue']['id']}.json"
    closed, _ = redmine.ask("PUT", at, {"issue": {"status_id": closing(redmine)["Rejected"]}})
    _, open_ones = redmine.ask("GET", f"/issues.json?cf_{redmine.field_id}={ours}")
    _, all_of_them = redmine.ask("GET", f"/issues.json?cf_{redmine.field_id}={ours}&status_id=*")
    redmine.ask("DELETE", at)

    assert (created, closed) == (201, 204)
    assert open_ones["total_count"] == 0
    assert [one["subject"] for one in all_of_them["issues"]] == ["The export fails"]


def test_an_issue_can_be_closed_as_done_or_as_rejected(redmine: Redmine) -> None:
    assert closing(redmine).keys() == {"Closed", "Rejected"}


def test_a_wrong_key_is_refused(redmine: Redmine) -> None:
    status, _ = Redmine(url=redmine.url, key="wrong", field_id=0).ask("GET", "/users/current.json")

    assert status == 401


def closing(redmine: Redmine) -> dict[str, int]:
    """The statuses that close an issue, by name."""
    _, answer = redmine.ask("GET", "/issue_statuses.json")
    return {one["name"]: one["id"] for one in answer["issue_statuses"] if one["is_closed"]}
