"""Jira Cloud as a tracker: what is particular to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.trackers.jira import JIRA, JiraSettings
from insights.errors import ExitCode, InsightsError
from insights.ports import Progressed, Setup, Tracker, Unanswered
from tests.hostile.server import SECRET, Call, Reply
from tests.hostile.trackers.jira import JiraTrackerDialect
from tests.hostile.tracking import TrackerServer, an_issue, serving, sought, tracker_on

NEEDED = {"url": "https://acme.atlassian.net", "email": "bot@acme.example", "project": "APP"}


@dataclass
class Desk:
    server: TrackerServer
    tracker: Tracker

    def answering(self, path: str, reply: Reply, *, method: str = "GET") -> None:
        """From now on, calls whose path ends so get this."""
        usual = self.server.dialect.answer

        def answer(office: Any, call: Call) -> Reply:
            return reply if call.path.endswith(path) and call.method == method else usual(office, call)

        self.server.dialect.answer = answer  # type: ignore[method-assign]

    def with_settings(self, **more: Any) -> Tracker:
        given = {**self.server.dialect.settings(self.server.base), **more}
        settings = JiraSettings.model_validate(given)
        return JIRA.make(
            Setup(name="board", settings=settings, folder=Path(), secret=lambda: SECRET, sleep=lambda _: None)
        )

    def sent(self, method: str, end: str = "") -> list[Call]:
        return [call for call in self.server.calls if call.method == method and call.path.endswith(end)]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with serving(JiraTrackerDialect()) as server:
        yield Desk(server, tracker_on(server.dialect, server.base, sleep=lambda _: None))


# -- found again ------------------------------------------------------------------------------------------------


def test_what_this_process_wrote_is_found_at_once_though_the_search_lags(desk: Desk) -> None:
    desk.server.office.lag = 5

    made = desk.tracker.create(an_issue())

    assert desk.tracker.find(sought()) == made


def test_what_was_made_without_an_answer_is_found_as_soon_as_the_search_shows_it(desk: Desk) -> None:
    desk.server.office.lag = 1
    desk.server.after_write.append("cut")
    with pytest.raises(Unanswered):
        desk.tracker.create(an_issue())

    looks = [desk.tracker.find(sought()) for _ in range(2)]

    assert looks[0] is None and looks[1] is not None


def test_an_issue_that_was_moved_keeps_its_number_and_shows_its_new_key(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())
    desk.server.office.issues[1].more["key"] = "WEB-7"

    found = desk.tracker.read([made.external_id])[made.external_id]

    assert found.url is not None and found.url.endswith("/browse/WEB-7")
    assert found.external_id == made.external_id and found.moved_to is None


def test_all_issues_with_our_label_are_named_over_all_pages(desk: Desk) -> None:
    for _ in range(4):
        desk.tracker.create(an_issue())

    with pytest.raises(InsightsError, match="APP-1, APP-2, APP-3, APP-4"):
        desk.tracker.find(sought())


def test_it_is_made_even_where_it_cannot_be_read_back(desk: Desk) -> None:
    desk.answering("/issue/10001", Reply({"errorMessages": ["no"]}, 403))

    made = desk.tracker.create(an_issue())

    assert made.external_id == "10001" and made.url == f"{desk.server.base}/browse/APP-1"


# -- what cannot be told ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [lambda one: one.find(sought()), lambda one: one.read(["10001"])])
def test_a_token_that_has_ended_is_said_and_nothing_counts_as_missing(
    desk: Desk, ask: Callable[[Tracker], object]
) -> None:
    tracker = desk.with_settings(email="left@acme.example", estimate_field="", fields={})

    with pytest.raises(InsightsError) as caught:
        ask(tracker)

    assert caught.value.exit_code is ExitCode.LOGIN and "insights auth board" in str(caught.value.remedy)


def test_issues_of_a_project_that_the_login_does_not_see_are_not_deleted(desk: Desk) -> None:
    desk.answering("/project/APP", Reply({"errorMessages": ["No project could be found"]}, 404))

    with pytest.raises(InsightsError, match="what is deleted cannot be told"):
        desk.tracker.read(["10001"])


def test_issues_that_could_not_be_fetched_are_not_deleted(desk: Desk) -> None:
    errors = [{"id": "10001", "errorMessage": "try again"}]
    desk.answering("/bulkfetch", Reply({"issues": [], "issueErrors": errors}), method="POST")

    with pytest.raises(InsightsError, match="could not read all issues"):
        desk.tracker.read(["10001"])


# -- how it stands ----------------------------------------------------------------------------------------------


def _status(name: str, category: str) -> dict[str, Any]:
    return {"name": name, "statusCategory": {"key": category}}


@pytest.mark.parametrize(
    ("status", "resolution", "progress", "words"),
    [
        (_status("In Review", "indeterminate"), None, Progressed.OPEN, "In Review"),
        (_status("In Review", "indeterminate"), "Won't Do", Progressed.OPEN, "In Review"),
        (_status("Done", "done"), "Done", Progressed.DONE, "Done"),
        (_status("Released", "done"), None, Progressed.DONE, "Released"),
        (_status("Closed", "done"), "won't do", Progressed.DROPPED, "Closed (won't do)"),
        (_status("Closed", "done"), "Cannot Reproduce", Progressed.DROPPED, "Closed (Cannot Reproduce)"),
        (_status("Cancelled", "done"), "Done", Progressed.DROPPED, "Cancelled (Done)"),
    ],
)
def test_the_category_says_whether_it_is_closed_and_names_say_whether_it_was_done(
    desk: Desk, status: dict[str, Any], resolution: str | None, progress: Progressed, words: str
) -> None:
    made = desk.tracker.create(an_issue())
    named = {"name": resolution} if resolution else None
    desk.server.office.issues[1].more |= {"status": status, "resolution": named}

    found = desk.tracker.read([made.external_id])[made.external_id]

    assert (found.progress, found.status) == (progress, words)


def test_without_a_resolution_the_change_of_the_status_tells_when_it_was_closed(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())
    desk.server.office.close(1)
    desk.server.office.issues[1].more |= {"resolution": None, "resolutiondate": None}

    found = desk.tracker.read([made.external_id])[made.external_id]

    assert found.closed_at == desk.server.office.issues[1].changed


@pytest.mark.parametrize(
    ("settings", "fields", "estimate"),
    [
        ({"estimate_field": ""}, {"timeoriginalestimate": 27_000}, "7.5 h"),
        ({"estimate_field": "story points"}, {"customfield_10016": 5.0}, "5"),
        ({"estimate_field": "customfield_10016"}, {"customfield_10016": {"value": "XL"}}, "XL"),
        ({"estimate_field": "Story Points"}, {}, ""),
    ],
)
def test_the_estimate_is_the_field_s_that_the_team_uses(
    desk: Desk, settings: dict[str, Any], fields: dict[str, Any], estimate: str
) -> None:
    tracker = desk.with_settings(**settings)
    made = tracker.create(an_issue())
    desk.server.office.issues[1].more |= {**fields, "duedate": "2026-05-01"}

    found = tracker.read([made.external_id])[made.external_id]

    assert (found.estimate, found.due_on) == (estimate, date(2026, 5, 1))


# -- writing ----------------------------------------------------------------------------------------------------


def test_numbers_that_jira_gives_to_blocks_are_no_change(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())

    desk.tracker.update(made, an_issue())

    assert "localId" in repr(desk.server.office.issues[1].body)
    assert not desk.sent("PUT")


def test_it_is_closed_as_what_will_not_be_done(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())

    closed = desk.tracker.close(made, "taken back")

    assert (closed.progress, closed.status) == (Progressed.DROPPED, "Done (Won't Do)")


def test_the_status_that_says_it_best_is_taken(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())
    steps = [
        {"id": "31", "name": "Finish", "to": _status("Done", "done")},
        {"id": "41", "name": "Drop", "to": _status("Won't Do", "done"), "isAvailable": False},
        {"id": "51", "name": "Stop", "to": _status("Cancelled", "done")},
    ]
    desk.answering("/transitions", Reply({"transitions": steps}))
    desk.answering("/transitions", Reply(None, 204), method="POST")

    desk.tracker.close(made, "taken back")

    assert [call.body for call in desk.sent("POST", "/transitions")] == [{"transition": {"id": "51"}}]


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([], "no way from here to a closed status"),
        (
            [
                {
                    "id": "31",
                    "name": "Finish",
                    "to": _status("Done", "done"),
                    "fields": {"customfield_1": {"required": True, "hasDefaultValue": False, "name": "Root cause"}},
                }
            ],
            "asks for more to change the status: Root cause",
        ),
    ],
)
def test_where_it_cannot_be_closed_nothing_is_said_in_it(desk: Desk, steps: list[Any], why: str) -> None:
    made = desk.tracker.create(an_issue())
    desk.answering("/transitions", Reply({"transitions": steps}))

    with pytest.raises(InsightsError, match=why):
        desk.tracker.close(made, "taken back")

    assert not desk.server.office.issues[1].comments


def test_one_that_is_closed_already_gets_the_comment_alone(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())
    desk.server.office.close(1)

    closed = desk.tracker.close(made, "taken back")

    assert closed.progress is Progressed.DONE and len(desk.server.office.issues[1].comments) == 1


def test_a_field_that_the_project_requires_is_said_by_its_name_and_why(desk: Desk) -> None:
    with pytest.raises(InsightsError, match="customfield_10050: Team area is required"):
        desk.with_settings(fields={}).create(an_issue())


@pytest.mark.parametrize(("name", "why"), [("Nothing", "no fields called 'Nothing'"), ("Summary", "written by us")])
def test_a_field_that_is_not_known_or_ours_is_refused_before_anything_is_sent(desk: Desk, name: str, why: str) -> None:
    with pytest.raises((InsightsError, ValidationError), match=why):
        desk.with_settings(fields={name: "x"}).create(an_issue())

    assert not desk.server.office.issues


def test_a_type_that_the_project_does_not_have_is_said_with_those_it_has(desk: Desk) -> None:
    with pytest.raises(InsightsError) as caught:
        desk.with_settings(issue_type="Epic").check()  # type: ignore[attr-defined]

    assert "Bug, Task" in str(caught.value.remedy)


def test_a_label_with_a_space_is_refused_by_the_settings() -> None:
    with pytest.raises(ValidationError, match="labels"):
        JiraSettings.model_validate({**NEEDED, "labels": ["from customers"]})
