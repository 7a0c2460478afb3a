"""Azure DevOps as a tracker: what is particular to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.trackers.azure_devops import AZURE_DEVOPS, AzureDevOpsSettings
from insights.errors import ExitCode, InsightsError
from insights.ports import Progressed, Setup, Tracker
from tests.hostile.server import SECRET, Call, Reply
from tests.hostile.trackers.azure_devops import AzureDevOpsTrackerDialect
from tests.hostile.tracking import Office, TrackedIssue, TrackerServer, an_issue, serving, sought, tracker_on

REPRO_STEPS = "Microsoft.VSTS.TCM.ReproSteps"


@dataclass
class Desk:
    server: TrackerServer
    dialect: AzureDevOpsTrackerDialect
    tracker: Tracker

    @property
    def issue(self) -> TrackedIssue:
        return self.server.office.issues[1]

    def with_settings(self, **more: Any) -> Tracker:
        settings = AzureDevOpsSettings.model_validate({**self.dialect.settings(self.server.base), **more})
        return AZURE_DEVOPS.make(
            Setup(name="board", settings=settings, folder=Path(), secret=lambda: SECRET, sleep=lambda _: None)
        )

    def before_changes(self, *edits: Callable[[TrackedIssue], None]) -> None:
        """Somebody edits the item just before a change of ours arrives, once for each."""
        usual, left = self.dialect.answer, list(edits)

        def answer(office: Office, call: Call) -> Reply:
            if call.method == "PATCH" and left:
                left.pop(0)(self.issue)
                self.issue.more["rev"] += 1
            return usual(office, call)

        self.dialect.answer = answer  # type: ignore[method-assign]

    def changes(self) -> list[list[dict[str, Any]]]:
        return [call.body for call in self.server.calls if call.method == "PATCH"]


@pytest.fixture
def desk() -> Iterator[Desk]:
    dialect = AzureDevOpsTrackerDialect()
    with serving(dialect) as server:
        yield Desk(server, dialect, tracker_on(dialect, server.base, sleep=lambda _: None))


def _writes_a_line(issue: TrackedIssue) -> None:
    issue.body = f"<div>ABOVE by Ann</div>{issue.body}"


# -- others write, too ------------------------------------------------------------------------------------------


def test_what_somebody_wrote_meanwhile_is_kept(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())
    desk.before_changes(_writes_a_line)

    desk.tracker.update(made, an_issue(body="Now *twelve*."))

    assert desk.issue.body.startswith("<div>ABOVE by Ann</div>") and "twelve" in desk.issue.body
    assert len(desk.changes()) == 2


def test_an_item_that_never_rests_is_left_and_said(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())
    desk.before_changes(*[_writes_a_line] * 9)

    with pytest.raises(InsightsError, match="412"):
        desk.tracker.update(made, an_issue(body="Now *twelve*."))

    assert len(desk.changes()) == 2 and "twelve" not in desk.issue.body


def test_a_comment_and_the_state_are_one_write(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())

    desk.tracker.close(made, "taken back")

    [change] = desk.changes()
    assert [one["path"] for one in change] == ["/rev", "/fields/System.History", "/fields/System.State"]


# -- texts ------------------------------------------------------------------------------------------------------


def test_a_bug_gets_our_text_where_its_form_shows_it(desk: Desk) -> None:
    tracker = desk.with_settings(issue_type="Bug")
    made = tracker.create(an_issue())
    tracker.update(made, an_issue(body="Now *twelve*."))

    written = [one["path"] for change in desk.changes() for one in change]
    assert written == ["/rev", f"/fields/{REPRO_STEPS}"] and "twelve" in desk.issue.body


def test_a_new_item_may_be_markdown(desk: Desk) -> None:
    desk.with_settings(markup="markdown").create(an_issue())

    assert desk.issue.more["formats"] == {"System.Description": "markdown"}
    assert "<p>" not in desk.issue.body and "_hangs_" in desk.issue.body


def test_a_text_that_people_turned_into_markdown_stays_so(desk: Desk) -> None:
    made = desk.with_settings(markup="markdown").create(an_issue())

    desk.tracker.update(made, an_issue(body="Now *twelve*."))

    assert "_twelve_" in desk.issue.body and "<p>" not in desk.issue.body


def test_our_joiner_written_as_a_character_is_no_change(desk: Desk) -> None:
    made = desk.tracker.create(an_issue(body="It hangs @here."))
    desk.issue.body = desk.issue.body.replace("&#8288;", "\u2060")

    desk.tracker.update(made, an_issue(body="It hangs @here."))

    assert "\u2060" in desk.issue.body and not desk.changes()


# -- how it stands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reason", "progress"),
    [
        ("Active", "Implementation started", Progressed.OPEN),
        ("Resolved", "Duplicate", Progressed.OPEN),
        ("A state that was taken away", "", Progressed.OPEN),
        ("Closed", "Acceptance tests pass", Progressed.DONE),
        ("Closed", "Duplicate", Progressed.DROPPED),
        ("Closed", "As Designed", Progressed.DROPPED),
        ("Removed", "Removed from the backlog", Progressed.DROPPED),
        ("Withdrawn", "", Progressed.DROPPED),
    ],
)
def test_the_category_says_whether_it_is_closed_and_the_reason_whether_it_was_done(
    desk: Desk, state: str, reason: str, progress: Progressed
) -> None:
    made = desk.tracker.create(an_issue())
    desk.issue.more["fields"] = {"System.State": state, "System.Reason": reason}

    found = desk.tracker.read([made.external_id])[made.external_id]

    assert (found.progress, found.status) == (progress, state)


def test_a_process_that_removes_nothing_closes_as_completed(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())
    desk.dialect.states = [{"name": "To Do", "category": "Proposed"}, {"name": "Done", "category": "Completed"}]

    desk.tracker.close(made, "taken back")

    assert desk.changes()[0][-1]["value"] == "Done"


@pytest.mark.parametrize(
    ("fields", "estimate"),
    [
        ({"Microsoft.VSTS.Scheduling.StoryPoints": 5.0}, "5"),
        ({"Microsoft.VSTS.Scheduling.OriginalEstimate": 7.5}, "7.5 h"),
        ({"Microsoft.VSTS.Scheduling.Effort": 3, "Microsoft.VSTS.Scheduling.OriginalEstimate": 7.5}, "3"),
    ],
)
def test_the_estimate_is_the_first_that_has_a_value(desk: Desk, fields: dict[str, Any], estimate: str) -> None:
    made = desk.tracker.create(an_issue())
    desk.issue.more["fields"] = fields

    assert desk.tracker.read([made.external_id])[made.external_id].estimate == estimate


@pytest.mark.parametrize("kept", ["2026-04-30T22:00:00Z", "2026-05-01T00:00:00Z", "2026-05-01T07:00:00Z"])
def test_a_due_day_is_the_day_that_was_meant_wherever_it_was_set(desk: Desk, kept: str) -> None:
    made = desk.tracker.create(an_issue())
    desk.issue.more["fields"] = {"Microsoft.VSTS.Scheduling.TargetDate": kept}

    assert desk.tracker.read([made.external_id])[made.external_id].due_on == date(2026, 5, 1)


# -- what cannot be told ----------------------------------------------------------------------------------------


def test_a_page_to_sign_in_is_a_refused_login_and_no_missing_item(desk: Desk) -> None:
    usual = desk.dialect.answer
    page = Reply(b"<html>Sign In</html>", 203)
    desk.dialect.answer = lambda office, call: page if "batch" in call.path else usual(office, call)  # type: ignore[method-assign]

    with pytest.raises(InsightsError) as caught:
        desk.tracker.read(["1"])

    assert caught.value.exit_code is ExitCode.LOGIN


def test_items_of_a_project_that_the_login_does_not_see_are_not_deleted(desk: Desk) -> None:
    usual, gone = desk.dialect.answer, Reply({"message": "TF200016: The project does not exist."}, 404)
    desk.dialect.answer = lambda office, call: gone if "workitemtypes" in call.path else usual(office, call)  # type: ignore[method-assign]

    with pytest.raises(InsightsError, match="what is deleted cannot be told"):
        desk.tracker.read(["1"])


def test_fields_that_no_process_in_use_has_are_left_out(desk: Desk) -> None:
    desk.dialect.lacks = {"Microsoft.VSTS.Scheduling.DueDate", "Microsoft.VSTS.Scheduling.Size"}
    made = desk.tracker.create(an_issue())

    assert desk.tracker.find(sought()) == made
    assert desk.tracker.read([made.external_id]) == {made.external_id: made}
    assert sum(call.path.endswith("/fields") for call in desk.server.calls) == 1


def test_an_estimate_field_of_the_settings_that_does_not_exist_is_said(desk: Desk) -> None:
    made = desk.tracker.create(an_issue())

    with pytest.raises(InsightsError, match="Cannot find field Custom"):
        desk.with_settings(estimate_fields=["Custom.Points"]).read([made.external_id])


def test_two_items_with_our_tag_are_named(desk: Desk) -> None:
    for _ in range(2):
        desk.tracker.create(an_issue())

    with pytest.raises(InsightsError, match="#1, #2"):
        desk.tracker.find(sought())


def test_a_type_that_the_project_does_not_have_is_said_with_those_it_has(desk: Desk) -> None:
    with pytest.raises(InsightsError) as caught:
        desk.with_settings(issue_type="Epic").check()  # type: ignore[attr-defined]

    assert "Bug, User Story" in str(caught.value.remedy)


@pytest.mark.parametrize(
    "wrong", [{"tags": ["one; two"]}, {"fields": {"System.Tags": "x"}}, {"project": "a/b"}, {"issue_type": "a/../b"}]
)
def test_settings_that_would_write_elsewhere_are_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        desk.with_settings(**wrong)
