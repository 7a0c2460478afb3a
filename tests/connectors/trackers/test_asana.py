"""What is particular to Asana; the rest is tested through every tracker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.trackers.asana import AsanaSettings, AsanaTracker
from insights.errors import ExitCode, InsightsError
from insights.ports import Filed, Progressed, Setup
from tests.hostile.server import SECRET, Reply
from tests.hostile.trackers.asana import AsanaTrackerDialect
from tests.hostile.tracking import TrackerServer, an_issue, serving, sought


@pytest.fixture
def server() -> Iterator[TrackerServer]:
    with serving(AsanaTrackerDialect()) as opened:
        yield opened


def with_settings(server: TrackerServer, **settings: Any) -> AsanaTracker:
    own = AsanaSettings.model_validate(server.dialect.settings(server.base) | settings)
    return AsanaTracker(Setup(name="board", settings=own, folder=Path(), secret=lambda: SECRET, sleep=lambda _: None))


def as_read(tracker: AsanaTracker, made: Filed) -> Filed:
    return tracker.read([made.external_id])[made.external_id]


def test_a_second_search_asks_for_what_changed_since_and_misses_nothing(server: TrackerServer) -> None:
    tracker = with_settings(server)
    made = [tracker.create(an_issue(number)) for number in range(1, 10)]
    assert tracker.find(sought(1)) == made[0]
    listed = len(server.calls)
    server.office.close(1)  # an hour later
    made.append(tracker.create(an_issue(10)))
    server.office.issues[2].is_deleted = True

    assert tracker.find(sought(10)) == made[9]
    before = len(server.calls)
    assert tracker.find(sought(2)) is None and tracker.find(sought(3)) == made[2]

    assert not any(call.path.endswith("/1200/tasks") for call in server.calls[listed:])
    assert sum(call.path.endswith("/tasks") for call in server.calls[before:]) == 2


def test_a_search_that_broke_off_is_made_anew_in_full(server: TrackerServer) -> None:
    tracker = with_settings(server)
    made = [tracker.create(an_issue(number)) for number in range(1, 7)]
    usual = server.dialect.answer
    forbidden = Reply({"errors": [{"message": "no"}]}, 403)
    server.dialect.answer = lambda office, call: forbidden if "offset" in call.query else usual(office, call)  # type: ignore[method-assign]

    with pytest.raises(InsightsError):
        tracker.find(sought(6))
    server.dialect.answer = usual  # type: ignore[method-assign]

    assert tracker.find(sought(6)) == made[5]


def test_an_oauth_app_finds_a_task_by_its_own_id_without_a_list_and_makes_it_once(server: TrackerServer) -> None:
    tracker = with_settings(server, external=True)
    made = tracker.create(an_issue())

    assert tracker.find(sought()) == made
    assert tracker.find(sought(13)) is None
    assert tracker.create(an_issue(title="Sent again")) == made
    assert len(server.office.there()) == 1
    assert all("limit" not in call.query for call in server.calls)


@pytest.mark.parametrize(
    ("labels", "fields"),
    [
        (["DUPLICATE"], []),
        ([], [{"gid": "1", "name": "Outcome", "display_value": "x", "enum_value": {"gid": "2", "name": "Won't do"}}]),
    ],
)
def test_a_tag_or_a_choice_tells_that_a_completed_task_was_not_done(
    server: TrackerServer, labels: list[str], fields: list[dict[str, Any]]
) -> None:
    tracker = with_settings(server)
    made = tracker.create(an_issue())
    server.office.issues[1].labels, server.office.issues[1].more["fields"] = labels, fields

    assert as_read(tracker, made).progress is Progressed.OPEN
    server.office.close(1)
    assert as_read(tracker, made).progress is Progressed.DROPPED


def test_section_estimate_and_due_day_come_back(server: TrackerServer) -> None:
    tracker = with_settings(server, estimate_field="Effort")
    made = tracker.create(an_issue())
    estimate = {"gid": "1", "name": "Effort", "display_value": "8", "enum_value": None}
    server.office.issues[1].more |= {"fields": [estimate], "due": "2026-05-01"}

    found = as_read(tracker, made)

    assert (found.status, found.estimate, str(found.due_on)) == ("Backlog", "8", "2026-05-01")


def test_a_mention_beside_our_part_stays_character_for_character(server: TrackerServer) -> None:
    tracker = with_settings(server)
    made = tracker.create(an_issue())
    issue = server.office.issues[1]
    issue.body = server.dialect.written_around(issue.body, "ABOVE", "BELOW")
    above = issue.body.partition("insights-")[0]

    tracker.update(made, an_issue(body="Now *twelve*."))

    assert issue.body.startswith(above) and 'data-asana-accessible="true">@Ann</a>' in above


def test_closing_moves_the_task_to_the_section_that_says_so(server: TrackerServer) -> None:
    tracker = with_settings(server)
    made = tracker.create(an_issue())

    closed = tracker.close(made, "taken back")

    assert (closed.status, closed.progress) == ("Won't do", Progressed.DROPPED)
    assert as_read(tracker, made) == closed


def test_a_section_that_is_not_there_is_named_before_anything_is_written(server: TrackerServer) -> None:
    tracker = with_settings(server, closed_section="Bin")
    made = tracker.create(an_issue())

    with pytest.raises(InsightsError, match="no section called 'Bin'") as caught:
        tracker.close(made, "taken back")

    assert caught.value.exit_code is ExitCode.USAGE and "Backlog, Won't do" in str(caught.value.remedy)
    assert not server.office.issues[1].comments


def test_a_task_that_may_not_be_seen_is_not_taken_for_deleted(server: TrackerServer) -> None:
    tracker = with_settings(server)
    made = tracker.create(an_issue())
    server.dialect.answer = lambda office, call: Reply({"errors": [{"message": "Forbidden"}]}, 403)  # type: ignore[method-assign]

    with pytest.raises(InsightsError, match="does not show task 7001 to this login"):
        tracker.read([made.external_id])
