"""What is particular to Linear; the rest is tested through every tracker."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.trackers.linear import LinearSettings, LinearTracker
from insights.errors import ExitCode, InsightsError
from insights.ports import Progressed, Setup, Unanswered
from tests.hostile.server import SECRET, Call, Reply
from tests.hostile.trackers.linear import LinearTrackerDialect
from tests.hostile.tracking import Office, TrackerServer, an_issue, serving, sought, tracker_on


@pytest.fixture
def server() -> Iterator[TrackerServer]:
    with serving(LinearTrackerDialect()) as opened:
        yield opened


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def tracker(server: TrackerServer, slept: list[float]) -> LinearTracker:
    made = tracker_on(server.dialect, server.base, sleep=slept.append)
    assert isinstance(made, LinearTracker)
    return made


def with_settings(server: TrackerServer, **settings: Any) -> LinearTracker:
    own = LinearSettings.model_validate(server.dialect.settings(server.base) | settings)
    return LinearTracker(Setup(name="board", settings=own, folder=Path(), secret=lambda: SECRET, sleep=lambda _: None))


def answering(server: TrackerServer, first: Callable[[Office, Call], Reply | None]) -> None:
    """With what `first` says, where it says anything."""
    usual = server.dialect.answer
    server.dialect.answer = lambda office, call: first(office, call) or usual(office, call)  # type: ignore[method-assign]


def error(code: str, *, status: int = 200) -> Reply:
    return Reply({"errors": [{"message": "no", "extensions": {"code": code}}], "data": None}, status)


def test_a_second_issue_under_the_same_id_is_not_made_but_the_first_is_told(
    server: TrackerServer, tracker: LinearTracker
) -> None:
    first = tracker.create(an_issue())

    second = tracker.create(an_issue(title="Sent again"))

    assert second == first
    assert [issue.title for issue in server.office.there()] == ["Export hangs"]


def test_an_id_that_lies_in_the_trash_is_left_there_and_the_new_issue_is_found_by_its_marker(
    server: TrackerServer, tracker: LinearTracker
) -> None:
    tracker.create(an_issue())
    server.office.issues[1].is_deleted = True

    made = tracker.create(an_issue())

    assert server.office.issues[1].is_deleted
    assert made.external_id != sought().key
    assert tracker.find(sought()) == made


def test_a_copy_that_people_made_does_not_stand_in_for_the_issue(server: TrackerServer, tracker: LinearTracker) -> None:
    made = tracker.create(an_issue())
    server.office.add("Export hangs (copy)", server.office.issues[1].body, key="eeeeeeee-0000-4000-8000-000000000001")

    assert tracker.find(sought()) == made


def test_of_two_copies_without_our_id_neither_is_taken(server: TrackerServer, tracker: LinearTracker) -> None:
    tracker.create(an_issue())
    for number in (1, 2):
        server.office.add("Copy", server.office.issues[1].body, key=f"eeeeeeee-0000-4000-8000-00000000000{number}")
    server.office.issues[1].is_deleted = True

    with pytest.raises(InsightsError, match=r"2 issues in board: https://.*ENG-3.*ENG-2"):
        tracker.find(sought())


@pytest.mark.parametrize("status", [200, 400])
def test_a_spent_budget_is_waited_out_and_one_issue_is_made(
    server: TrackerServer, tracker: LinearTracker, slept: list[float], status: int
) -> None:
    left = [error("RATELIMITED", status=status) for _ in range(3)]
    answering(server, lambda office, call: left.pop() if left and "issueCreate" in call.body["query"] else None)

    tracker.create(an_issue())

    assert len(server.office.there()) == 1
    assert slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("code", ["AUTHENTICATION_ERROR", "FORBIDDEN"])
def test_a_refused_login_is_told_by_its_code(
    server: TrackerServer, tracker: LinearTracker, code: str, status: int
) -> None:
    answering(server, lambda office, call: error(code, status=status))

    with pytest.raises(InsightsError) as caught:
        tracker.check()

    assert caught.value.exit_code is ExitCode.LOGIN


@pytest.mark.parametrize("code", ["AUTHENTICATION_ERROR", "INTERNAL_SERVER_ERROR", "INPUT_ERROR"])
def test_what_is_read_unasked_holds_none_of_the_words_in_which_linear_refuses(
    server: TrackerServer, tracker: LinearTracker, code: str
) -> None:
    said = {"errors": [{"message": "no: Ann wrote CANARY", "extensions": {"code": code}}], "data": None}
    answering(server, lambda office, call: Reply(said))

    with pytest.raises(InsightsError, match="CANARY") as caught:
        tracker.create(an_issue())

    assert "CANARY" not in " ".join(caught.value.unquoted)


def test_a_failure_inside_linear_leaves_open_whether_the_issue_was_made(
    server: TrackerServer, tracker: LinearTracker
) -> None:
    def failing(office: Office, call: Call) -> Reply | None:
        return error("INTERNAL_SERVER_ERROR") if "issueCreate" in call.body["query"] else None

    answering(server, failing)

    with pytest.raises(Unanswered):
        tracker.create(an_issue())


def test_an_oauth_token_is_sent_as_a_bearer(server: TrackerServer) -> None:
    sent: list[str] = []
    usual = server.dialect.answer

    def answer(office: Office, call: Call) -> Reply:
        sent.append(call.headers["authorization"])
        return usual(office, replace(call, headers={**call.headers, "authorization": SECRET}))

    server.dialect.answer = answer  # type: ignore[method-assign]

    with_settings(server, oauth=True).check()

    assert set(sent) == {f"Bearer {SECRET}"}


def test_a_duplicate_is_dropped_and_what_was_planned_comes_back(server: TrackerServer, tracker: LinearTracker) -> None:
    made = [tracker.create(an_issue(number)) for number in (1, 2)]
    server.office.close(1, progress="duplicate")
    server.office.issues[2].more |= {"estimate": 3.0, "due": "2026-05-01"}
    server.office.issues[2].progress = "started"

    found = tracker.read([one.external_id for one in made])

    dropped, planned = (found[one.external_id] for one in made)
    assert (dropped.progress, planned.progress) == (Progressed.DROPPED, Progressed.OPEN)
    assert (planned.status, planned.estimate, str(planned.due_on)) == ("In Progress", "3 points", "2026-05-01")


def test_an_archived_issue_is_read_and_comes_out_of_the_archive_when_it_is_opened_again(
    server: TrackerServer, tracker: LinearTracker
) -> None:
    made = tracker.create(an_issue())
    server.office.close(1)
    server.office.issues[1].more["archived"] = True

    assert tracker.read([made.external_id])[made.external_id].progress is Progressed.DONE
    assert tracker.update(made, an_issue()).status == "Todo"


def test_it_is_closed_in_one_request_in_the_state_that_is_named(server: TrackerServer) -> None:
    tracker = with_settings(server, closed_state="duplicate")
    made = tracker.create(an_issue())
    before = sum("mutation" in call.body["query"] for call in server.calls)

    closed = tracker.close(made, "taken back")

    assert (closed.status, closed.progress) == ("Duplicate", Progressed.DROPPED)
    assert sum("mutation" in call.body["query"] for call in server.calls) == before + 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"team": "OPS"}, "no team 'OPS'"), ({"labels": ["customers", "area"]}, "no label called 'area'")],
)
def test_what_the_settings_name_must_be_there_before_anything_is_sent(
    server: TrackerServer, settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(InsightsError, match=says) as caught:
        with_settings(server, **settings).create(an_issue())

    assert caught.value.exit_code is ExitCode.USAGE
    assert not any("mutation" in call.body["query"] for call in server.calls)
