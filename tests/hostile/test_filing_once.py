"""What every tracker must keep: an issue is made once, found again, read back, brought up to date around what people
wrote, and no word of a customer acts in it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from insights.errors import ExitCode, InsightsError
from insights.ports import Checkable, Progressed, Tracker, Unanswered
from tests.hostile.server import SECRET, Call
from tests.hostile.trackers.every import EVERY
from tests.hostile.tracking import TrackerServer, an_issue, serving, sought, tracker_on


@pytest.fixture(params=EVERY, ids=lambda dialect: dialect.__name__.removesuffix("TrackerDialect").lower())
def server(request: pytest.FixtureRequest) -> Iterator[TrackerServer]:
    with serving(request.param()) as opened:
        yield opened


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def tracker(server: TrackerServer, slept: list[float]) -> Tracker:
    return tracker_on(server.dialect, server.base, sleep=slept.append)


def without_login(call: Call) -> Call:
    """As if another key had been sent."""
    known = call.headers.items()
    sent = {name: "wrong" if name == "authorization" or SECRET in value else value for name, value in known}
    return replace(call, headers=sent)


def only_issue(server: TrackerServer) -> str:
    [issue] = server.office.there()
    return server.dialect.text(issue.body)


def test_a_new_issue_holds_title_and_body_and_is_found_by_its_marker(server: TrackerServer, tracker: Tracker) -> None:
    made = tracker.create(an_issue())

    [issue] = server.office.there()
    assert issue.title == "Export hangs"
    assert "hangs" in only_issue(server) and "at half" in only_issue(server)
    assert made.external_id == server.dialect.external_id(issue)
    assert made.url is not None and made.url.startswith("http")
    assert tracker.find(sought()) == made
    assert tracker.find(sought(1)) is None and tracker.find(sought(2)) is None


def test_an_issue_among_many_is_found(server: TrackerServer, tracker: Tracker) -> None:
    made = tracker.create(an_issue())
    for number in range(20, 29):
        tracker.create(an_issue(number, title=f"Other {number}"))

    found = tracker.find(sought())

    assert found is not None and found.external_id == made.external_id


def test_after_a_cut_it_is_not_known_whether_it_was_made_and_looking_tells(
    server: TrackerServer, tracker: Tracker
) -> None:
    server.after_write.append("cut")

    with pytest.raises(Unanswered):
        tracker.create(an_issue())

    assert len(server.office.there()) == 1
    assert tracker.find(sought()) is not None


def test_a_refusal_for_too_many_calls_is_waited_out_and_makes_one_issue(
    server: TrackerServer, tracker: Tracker, slept: list[float]
) -> None:
    tracker.find(sought())  # whatever is looked up once
    server.faults += ["429", "429"]

    tracker.create(an_issue())

    assert len(server.office.there()) == 1 and slept.count(7.0) == 2


def test_what_a_search_shows_late_is_found_in_the_end(server: TrackerServer, tracker: Tracker) -> None:
    if not server.dialect.search_lags:
        assert tracker.lag_seconds == 0
        return
    server.office.lag = 2
    tracker.create(an_issue())

    found = [tracker.find(sought()) for _ in range(4)]

    assert tracker.lag_seconds > 0 and found[-1] is not None


def test_states_come_back_with_who_and_when(server: TrackerServer, tracker: Tracker) -> None:
    made = [tracker.create(an_issue(number)) for number in (1, 2, 3)]
    server.office.issues[1].assignee = "Ann"
    server.office.close(2)
    server.office.close(3, progress="dropped" if server.dialect.knows_dropped else "done")

    found = tracker.read([one.external_id for one in made])

    assert [found[one.external_id].progress for one in made] == [
        Progressed.OPEN,
        Progressed.DONE,
        Progressed.DROPPED if server.dialect.knows_dropped else Progressed.DONE,
    ]
    assert found[made[0].external_id].assignee == "Ann"
    assert found[made[1].external_id].closed_at == server.office.issues[2].closed
    assert found[made[0].external_id].status


def test_many_issues_are_read_in_few_calls_or_one_each(server: TrackerServer, tracker: Tracker) -> None:
    made = [tracker.create(an_issue(number)) for number in range(1, 13)]
    before = len(server.calls)

    found = tracker.read([one.external_id for one in made])

    assert set(found) == {one.external_id for one in made}
    assert len(server.calls) - before <= len(made) + 2


def test_a_deleted_issue_is_not_among_those_that_are_read(server: TrackerServer, tracker: Tracker) -> None:
    made = [tracker.create(an_issue(number)) for number in (1, 2)]
    server.office.issues[1].is_deleted = True

    found = tracker.read([one.external_id for one in made])

    assert set(found) == {made[1].external_id}
    assert tracker.find(sought(1)) is None


def test_a_moved_issue_says_where_it_went(server: TrackerServer, tracker: Tracker) -> None:
    if not server.dialect.can_move:
        pytest.skip("issues keep their id here wherever they are moved")
    made = tracker.create(an_issue())
    server.office.issues[1].moved_to = "elsewhere"

    found = tracker.read([made.external_id])

    assert found[made.external_id].moved_to not in (None, made.external_id)


def test_an_update_replaces_our_part_and_nothing_else(server: TrackerServer, tracker: Tracker) -> None:
    made = tracker.create(an_issue())
    issue = server.office.issues[1]
    issue.body = server.dialect.written_around(issue.body, "ABOVE by Ann", "BELOW by Bob")
    issue.title = "[EPIC] Export hangs, as Ann calls it"

    tracker.update(made, an_issue(title="Another title", body="Now *twelve* accounts."))

    text = server.dialect.text(issue.body)
    assert text.index("ABOVE by Ann") < text.index("twelve") < text.index("BELOW by Bob")
    assert "at half" not in text
    assert issue.title == "[EPIC] Export hangs, as Ann calls it"


def test_an_update_with_the_same_words_changes_nothing(server: TrackerServer, tracker: Tracker) -> None:
    made = tracker.create(an_issue())
    before = server.office.issues[1].body

    tracker.update(made, an_issue())

    assert server.office.issues[1].body == before


def test_an_issue_is_closed_with_a_comment_and_opened_again(server: TrackerServer, tracker: Tracker) -> None:
    made = tracker.create(an_issue())

    closed = tracker.close(made, "taken back @here")

    issue = server.office.issues[1]
    assert closed.is_closed and issue.progress != "open"
    [comment] = issue.comments
    said = server.dialect.text(comment)
    assert "taken back" in said and "@here" not in said
    assert not tracker.update(closed, an_issue()).is_closed


def test_what_engineers_closed_stays_closed_when_it_is_brought_up_to_date(
    server: TrackerServer, tracker: Tracker
) -> None:
    made = tracker.create(an_issue())
    server.office.close(1)

    after = tracker.update(made, an_issue(body="Now *twelve*."), reopens=False)

    assert after.is_closed and "twelve" in only_issue(server)


def test_a_huge_body_is_cut_to_what_the_tracker_takes(server: TrackerServer, tracker: Tracker) -> None:
    paragraphs = "\n\n".join(f"> Quote {number}: {'hangs ' * 60}" for number in range(900))

    made = tracker.create(an_issue(title="x" * 5_000, body=paragraphs))

    assert tracker.find(sought()) == made
    tracker.update(made, an_issue(body=paragraphs + " more"))


def test_a_refused_login_is_said_as_such_without_the_secret(server: TrackerServer, tracker: Tracker) -> None:
    answer = server.dialect.answer
    server.dialect.answer = lambda office, call: answer(office, without_login(call))  # type: ignore[method-assign]

    with pytest.raises(InsightsError) as caught:
        tracker.create(an_issue())

    assert caught.value.exit_code is ExitCode.LOGIN
    assert SECRET not in f"{caught.value.message}{caught.value.remedy}"


def test_with_a_refused_login_nothing_counts_as_deleted(server: TrackerServer, tracker: Tracker) -> None:
    made = tracker.create(an_issue())
    answer = server.dialect.answer
    server.dialect.answer = lambda office, call: answer(office, without_login(call))  # type: ignore[method-assign]
    anew = tracker_on(server.dialect, server.base, sleep=lambda _: None)

    for look in (lambda: anew.read([made.external_id]), lambda: anew.find(sought())):
        with pytest.raises(InsightsError) as caught:
            look()
        assert caught.value.exit_code is ExitCode.LOGIN


def test_it_says_as_whom_it_is_logged_in(tracker: Tracker) -> None:
    assert isinstance(tracker, Checkable)
    assert tracker.check()
