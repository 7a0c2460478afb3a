"""What becomes of an issue comes back to its problem: once, on its day, never against what a person decided since."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from connectors.trackers.files import FileTracker
from insights.corrections import Corrections
from insights.domain.problem import Action, Column, ExportLink, Progressed, State
from insights.errors import ExitCode, InsightsError
from insights.filing import Filer
from insights.ports import Issue, Sought, Tracker
from insights.storage import tables
from insights.storage.repository import Repository
from insights.syncing import MOST_FAILURES, READ_AT_ONCE, Change, Happened, Synced, sync, who_is
from insights.triage import Triage
from tests.fakes import quiet
from tests.hostile.tracker import HostileTracker, Killed, Trouble
from tests.stored import NOW, a_stored_problem, a_workspace, an_estimate

LATER = NOW + timedelta(days=3)
CLOSED = NOW + timedelta(days=1)
WHO = "hostile (tracker)"


@pytest.fixture
def repository(tmp_path: Path):
    problems = [a_stored_problem(title, estimate=an_estimate()) for title in ("Export hangs", "Slow", "Login")]
    opened = a_workspace(tmp_path, problems=problems)
    yield opened
    opened.close()


@pytest.fixture
def tracker(repository) -> HostileTracker:
    """P-1 is accepted and filed as ISS-1."""
    decide(repository, Action.ACCEPT)
    made = HostileTracker()
    file(repository, made)
    return made


def file(repository: Repository, tracker: Tracker, problem: int = 1, *, at: datetime = NOW) -> ExportLink:
    def issue_of(sought: Sought) -> Issue:
        return Issue(sought=sought, title="Export hangs", body="It hangs.", fields={"state": "accepted"})

    filer = Filer(repository=repository, tracker=tracker, now=at)
    return filer.file(repository.problems.get(problem), issue_of).link


def decide(repository: Repository, action: Action, *, problem: int = 1, who: str = "ann", at: datetime = NOW) -> None:
    Triage(repository, who, lambda: at).decide(problem, action)


def read(repository: Repository, tracker: Tracker, *, at: datetime = LATER) -> Synced:
    return sync(tracker, repository=repository, now=at, progress=quiet)


def happened(repository: Repository, tracker: Tracker, *, at: datetime = LATER) -> list[Happened]:
    return [one.happened for one in read(repository, tracker, at=at).changes]


def the_change(repository: Repository, tracker: Tracker, *, at: datetime = LATER) -> Change:
    (change,) = read(repository, tracker, at=at).changes
    return change


def done(tracker: HostileTracker, name: str = "ISS-1", *, at: datetime | None = CLOSED) -> None:
    tracker.set(name, progress=Progressed.DONE, status="Released", closed_at=at)


def state(repository: Repository, problem: int = 1) -> State:
    return repository.problems.get(problem).state


def link(repository: Repository, problem: int = 1) -> ExportLink:
    (found,) = repository.problems.get(problem).exported
    return found


# -- done -----------------------------------------------------------------------------------------------------------


def test_a_done_issue_ships_its_problem_on_the_day_it_was_closed(repository, tracker) -> None:
    done(tracker)

    change = the_change(repository, tracker)

    assert change.happened is Happened.SHIPPED
    assert change.words == (
        "ISS-1 in hostile is done: shipped on 2026-11-21; what takes that back: insights decide P-1 accept."
    )
    (shipment,) = repository.shipments.shipped().values()
    assert (shipment.shipped_on, shipment.weeks, shipment.who) == (CLOSED.date(), None, WHO)
    decision = repository.decisions.of(1)[-1]
    assert decision.why == "ISS-1 in hostile was closed as done (Released)"
    assert repository.shipments.predictions()[1].estimate is not None


def test_the_same_state_again_changes_nothing(repository, tracker) -> None:
    done(tracker)
    read(repository, tracker)
    before = repository.decisions.of(1)

    again = read(repository, tracker, at=LATER + timedelta(days=1))

    assert (again.changes, again.read, again.of) == ((), 1, 1)
    assert repository.decisions.of(1) == before
    assert link(repository).seen_at == LATER + timedelta(days=1)


def test_who_undid_the_shipment_is_not_overruled_by_the_next_sync(repository, tracker) -> None:
    done(tracker)
    read(repository, tracker)
    decide(repository, Action.ACCEPT, at=LATER)

    assert happened(repository, tracker, at=LATER + timedelta(hours=1)) == []
    assert state(repository) is State.ACCEPTED


@pytest.mark.parametrize("action", [Action.DISMISS, Action.SNOOZE, Action.ACCEPT])
def test_what_a_person_decided_since_it_was_closed_stays_and_is_told(repository, tracker, action) -> None:
    done(tracker)
    decide(repository, action, at=CLOSED + timedelta(hours=1), who="ben")
    before = state(repository)

    change = the_change(repository, tracker)

    assert (change.happened, state(repository)) == (Happened.LEFT, before)
    assert "ben decided so since" in change.words
    assert change.command == "insights shipped P-1 --on 2026-11-21"


def test_what_was_decided_before_it_was_closed_is_not_in_the_way(repository, tracker) -> None:
    decide(repository, Action.DISMISS, at=CLOSED - timedelta(hours=1))
    done(tracker)

    assert happened(repository, tracker) == [Happened.SHIPPED]


def test_a_trackers_clock_that_is_behind_makes_no_acceptance_a_later_decision(repository, tracker) -> None:
    done(tracker, at=NOW - timedelta(hours=2))

    assert happened(repository, tracker) == [Happened.SHIPPED]


@pytest.mark.parametrize(("action", "after"), [(Action.DISMISS, State.DISMISSED), (Action.ACCEPT, State.SHIPPED)])
def test_where_no_time_of_closing_is_known_only_what_is_in_the_way_stays(repository, tracker, action, after) -> None:
    done(tracker, at=None)
    decide(repository, action, at=NOW + timedelta(hours=1))

    read(repository, tracker)

    assert state(repository) is after


def test_a_problem_that_was_shipped_already_is_not_shipped_twice(repository, tracker) -> None:
    decide(repository, Action.SHIP, at=NOW + timedelta(hours=1))
    done(tracker)

    assert happened(repository, tracker) == [Happened.SHIPPED_ALREADY]
    assert [one.action for one in repository.decisions.of(1)] == [Action.ACCEPT, Action.SHIP]


def test_a_day_to_come_is_today(repository, tracker) -> None:
    done(tracker, at=LATER + timedelta(days=2))
    read(repository, tracker)

    assert repository.shipments.shipped()[1].shipped_on == LATER.date()


def test_a_problem_of_which_nothing_tells_any_more_is_left(repository, tracker) -> None:
    done(tracker)
    with repository.writing() as connection:
        repository.remove("tickets", ["T-1"], connection=connection)

    assert "no evidence any more" in the_change(repository, tracker).words


def test_who_takes_a_shipment_back_has_the_problem_where_it_was_and_keeps_it(repository, tracker) -> None:
    triage = Triage(repository, "ann", lambda: NOW)
    triage.decide(1, Action.PLACE, column=Column.NOW)
    done(tracker)
    read(repository, tracker)

    decide(repository, Action.ACCEPT, at=LATER)

    assert repository.problems.get(1).column is Column.NOW
    assert happened(repository, tracker, at=LATER + timedelta(days=1)) == []
    assert state(repository) is State.ACCEPTED


def test_what_is_done_anew_after_it_was_taken_back_and_opened_by_an_export_is_shipped_anew(repository, tracker) -> None:
    done(tracker)
    read(repository, tracker)
    decide(repository, Action.ACCEPT, at=LATER)
    file(repository, tracker, at=LATER + timedelta(days=1))
    assert tracker.kept["ISS-1"].filed.progress is Progressed.OPEN
    assert (link(repository).closed_on, link(repository).exported_at) == (None, LATER + timedelta(days=1))

    done(tracker, at=LATER + timedelta(days=2))

    assert happened(repository, tracker, at=LATER + timedelta(days=3)) == [Happened.SHIPPED]


def test_an_export_that_opens_what_was_shipped_and_then_dropped_leaves_the_shipment_to_the_sync(
    repository, tracker
) -> None:
    done(tracker)
    read(repository, tracker)
    tracker.set("ISS-1", progress=Progressed.DROPPED)
    file(repository, tracker, at=LATER)

    assert happened(repository, tracker, at=LATER + timedelta(days=1)) == [Happened.TAKEN_BACK]
    assert state(repository) is State.ACCEPTED


@pytest.mark.parametrize("action", [Action.DISMISS, Action.PLACE])
def test_a_decision_that_was_taken_back_at_once_is_not_in_the_way(repository, tracker, action) -> None:
    done(tracker)
    at = CLOSED + timedelta(hours=1)
    decide(repository, action, at=at, who="ben")
    Triage(repository, "ben", lambda: at + timedelta(minutes=1)).undo()

    assert happened(repository, tracker) == [Happened.SHIPPED]


def test_taking_back_where_it_was_on_the_board_is_not_in_the_way(repository, tracker) -> None:
    Triage(repository, "ben", lambda: CLOSED - timedelta(hours=1)).decide(1, Action.PLACE, column=Column.LATER)
    done(tracker)
    Triage(repository, "ben", lambda: CLOSED + timedelta(hours=1)).undo()

    assert happened(repository, tracker) == [Happened.SHIPPED]


def test_what_another_tracker_took_back_since_is_not_in_the_way(repository, tracker) -> None:
    other = HostileTracker(name="other")
    file(repository, other)
    done(other)
    read(repository, other)
    other.set("ISS-1", progress=Progressed.OPEN, closed_at=None)
    assert happened(repository, other, at=LATER + timedelta(hours=1)) == [Happened.TAKEN_BACK]
    done(tracker)

    assert happened(repository, tracker, at=LATER + timedelta(hours=2)) == [Happened.SHIPPED]


def test_one_that_was_taken_back_and_done_again_is(repository, tracker) -> None:
    done(tracker)
    triage = Triage(repository, "ben", lambda: CLOSED + timedelta(hours=1))
    triage.decide(1, Action.DISMISS)
    triage.undo()
    triage.redo()

    assert happened(repository, tracker) == [Happened.LEFT]


def test_taking_back_what_was_decided_before_is_a_decision(repository, tracker) -> None:
    done(tracker)
    Triage(repository, "ann", lambda: CLOSED + timedelta(hours=1)).undo()

    assert (happened(repository, tracker), state(repository)) == ([Happened.LEFT], State.INBOX)


def test_of_what_was_dropped_first_and_done_later_the_later_day_counts(repository, tracker) -> None:
    tracker.set("ISS-1", progress=Progressed.DROPPED)
    read(repository, tracker)
    done(tracker, at=None)

    read(repository, tracker, at=LATER + timedelta(days=2))

    assert repository.shipments.shipped()[1].shipped_on == (LATER + timedelta(days=2)).date()


def test_of_two_processes_the_one_that_read_first_does_not_undo_what_the_other_found(repository, tracker) -> None:
    old = tracker.read(["ISS-1"])
    done(tracker)
    new = tracker.read(["ISS-1"])

    def slow(_: object) -> object:
        tracker.read = lambda _: new
        read(repository, tracker)
        return old

    tracker.read = slow

    assert happened(repository, tracker, at=LATER + timedelta(hours=1)) == []
    assert state(repository) is State.SHIPPED


def test_what_a_person_decided_since_counts_for_an_issue_that_is_found_again_later(repository, tracker) -> None:
    """As where the settings call the tracker something else by now."""
    done(tracker)
    read(repository, tracker)
    decide(repository, Action.ACCEPT, at=LATER)
    tracker.name = "renamed"
    filer = Filer(
        repository=repository, tracker=tracker, now=LATER + timedelta(days=1), once=tracker.clock.once(reopens=False)
    )
    filer.file(repository.problems.get(1), lambda sought: Issue(sought=sought, title="a", body="b", fields={}))

    assert happened(repository, tracker, at=LATER + timedelta(days=2)) == [Happened.LEFT]
    assert state(repository) is State.ACCEPTED


def test_an_export_that_leaves_it_closed_does_not_ship_anew_what_a_person_took_back(repository, tracker) -> None:
    done(tracker, at=None)
    read(repository, tracker)
    decide(repository, Action.ACCEPT, at=LATER)
    filer = Filer(repository=repository, tracker=tracker, now=LATER, once=tracker.clock.once(reopens=False))
    filer.file(repository.problems.get(1), lambda sought: Issue(sought=sought, title="a", body="changed", fields={}))

    assert happened(repository, tracker, at=LATER + timedelta(days=1)) == []
    assert state(repository) is State.ACCEPTED


# -- not done -------------------------------------------------------------------------------------------------------


def test_an_issue_that_is_opened_again_takes_back_its_own_shipment(repository, tracker) -> None:
    done(tracker)
    read(repository, tracker)
    tracker.set("ISS-1", progress=Progressed.OPEN, closed_at=None)

    change = the_change(repository, tracker, at=LATER + timedelta(days=1))

    assert (change.happened, state(repository)) == (Happened.TAKEN_BACK, State.ACCEPTED)
    assert change.words == ("ISS-1 in hostile is open again: its shipment is taken back, P-1 is accepted.")
    assert repository.shipments.shipped() == {}
    assert (repository.problems.get(1).column, repository.decisions.of(1)[-1].column) == (Column.NEXT, Column.NEXT)
    assert happened(repository, tracker, at=LATER + timedelta(days=2)) == []


def test_done_open_and_done_again_ships_it_again(repository, tracker) -> None:
    for day, progress in enumerate((Progressed.DONE, Progressed.OPEN, Progressed.DONE)):
        tracker.set("ISS-1", progress=progress, closed_at=None)
        read(repository, tracker, at=LATER + timedelta(days=day))

    assert repository.shipments.shipped()[1].shipped_on == (LATER + timedelta(days=2)).date()


def test_a_shipment_that_a_person_corrected_stays_when_the_issue_is_opened_again(repository, tracker) -> None:
    done(tracker)
    read(repository, tracker)
    decide(repository, Action.SHIP, who="ben", at=LATER)
    tracker.set("ISS-1", progress=Progressed.OPEN)

    change = the_change(repository, tracker, at=LATER + timedelta(days=1))

    assert (change.happened, state(repository)) == (Happened.LEFT, State.SHIPPED)
    assert change.command == "insights decide P-1 accept"


def test_one_that_is_opened_after_a_person_took_it_back_is_only_told(repository, tracker) -> None:
    done(tracker)
    read(repository, tracker)
    decide(repository, Action.DISMISS, at=LATER)
    tracker.set("ISS-1", progress=Progressed.OPEN)

    assert happened(repository, tracker, at=LATER + timedelta(days=1)) == [Happened.REOPENED]
    assert state(repository) is State.DISMISSED


def test_one_that_is_dropped_leaves_its_problem_accepted_and_tells_how_to_dismiss_it(repository, tracker) -> None:
    tracker.set("ISS-1", progress=Progressed.DROPPED, status="Won't fix")

    change = the_change(repository, tracker)

    assert (change.happened, state(repository)) == (Happened.DROPPED, State.ACCEPTED)
    assert change.words.startswith("ISS-1 in hostile was closed without being done (Won't fix); P-1 stays accepted")
    assert change.command.startswith("insights decide P-1 dismiss --why")
    assert happened(repository, tracker) == []


def test_done_that_turns_out_to_be_dropped_is_no_shipment(repository, tracker) -> None:
    done(tracker)
    read(repository, tracker)
    tracker.set("ISS-1", progress=Progressed.DROPPED)

    assert happened(repository, tracker) == [Happened.TAKEN_BACK, Happened.DROPPED]
    assert state(repository) is State.ACCEPTED


def test_an_export_that_finds_a_closed_issue_does_not_swallow_the_news(repository, tracker) -> None:
    done(tracker)
    filer = Filer(repository=repository, tracker=tracker, now=CLOSED, once=tracker.clock.once(reopens=False))
    filer.file(repository.problems.get(1), lambda sought: Issue(sought=sought, title="a", body="changed", fields={}))

    assert happened(repository, tracker) == [Happened.SHIPPED]


# -- gone and moved -------------------------------------------------------------------------------------------------


def test_a_deleted_issue_is_told_once_and_its_problem_stays_as_it_is(repository, tracker) -> None:
    tracker.delete("ISS-1")

    change = the_change(repository, tracker)

    assert (change.happened, state(repository)) == (Happened.GONE, State.ACCEPTED)
    assert change.command == "insights export P-1 --to hostile --again"
    assert (link(repository).is_gone, happened(repository, tracker)) == (True, [])


def test_one_that_comes_back_is_told_and_counts_again(repository, tracker) -> None:
    tracker.delete("ISS-1")
    read(repository, tracker)
    tracker.kept["ISS-1"].is_deleted = False
    done(tracker)

    assert happened(repository, tracker) == [Happened.BACK, Happened.SHIPPED]


def test_the_link_follows_a_moved_issue_and_its_state_counts(repository, tracker) -> None:
    tracker.move("ISS-1", "OPS-7")
    done(tracker, "OPS-7")

    assert happened(repository, tracker) == [Happened.MOVED, Happened.SHIPPED]
    assert link(repository).external_id == "OPS-7"


def test_one_that_was_moved_out_of_sight_is_told_to_be_gone(repository, tracker) -> None:
    tracker.move("ISS-1", "HR-1", is_hidden=True)

    assert happened(repository, tracker) == [Happened.MOVED]
    assert happened(repository, tracker) == [Happened.GONE]


# -- several issues, one problem ------------------------------------------------------------------------------------


@pytest.fixture
def merged(repository, tracker) -> HostileTracker:
    """P-2, filed as ISS-2, was merged into P-1."""
    file(repository, tracker, 2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)
    return tracker


def test_a_problem_is_shipped_when_none_of_its_issues_is_open(repository, merged) -> None:
    done(merged, "ISS-2")
    assert (happened(repository, merged), state(repository)) == ([], State.ACCEPTED)

    merged.set("ISS-1", progress=Progressed.DROPPED, status="Duplicate")

    assert happened(repository, merged) == [Happened.SHIPPED]


def test_two_that_are_done_at_once_ship_it_once(repository, merged) -> None:
    done(merged, "ISS-1")
    done(merged, "ISS-2")

    assert happened(repository, merged) == [Happened.SHIPPED]
    assert [one.action for one in repository.decisions.of(1)].count(Action.SHIP) == 1


def test_of_several_the_one_that_was_done_last_tells_the_day_and_the_words(repository, merged) -> None:
    done(merged, "ISS-2")
    read(repository, merged)
    merged.delete("ISS-1")

    gone, shipped = read(repository, merged, at=LATER + timedelta(days=1)).changes

    assert (gone.happened, gone.external_id) == (Happened.GONE, "ISS-1")
    assert (shipped.happened, shipped.external_id) == (Happened.SHIPPED, "ISS-2")
    assert shipped.words.startswith("ISS-2 in hostile is done: shipped on 2026-11-21")


def test_the_day_is_that_of_the_one_that_was_closed_last_whichever_was_read_last(repository, merged) -> None:
    done(merged, "ISS-1", at=CLOSED + timedelta(days=1))
    read(repository, merged)
    decide(repository, Action.ACCEPT, at=CLOSED + timedelta(hours=1))
    done(merged, "ISS-2")

    change = the_change(repository, merged)

    assert (change.happened, change.external_id) == (Happened.SHIPPED, "ISS-1")
    assert repository.shipments.shipped()[1].shipped_on == (CLOSED + timedelta(days=1)).date()


def test_of_two_that_were_done_on_one_day_the_one_is_told_that_settled_it(repository, merged) -> None:
    for name in ("ISS-2", "ISS-1"):
        done(merged, name)
        told = read(repository, merged).changes

    assert [(one.happened, one.external_id) for one in told] == [(Happened.SHIPPED, "ISS-1")]


def test_one_of_several_that_is_opened_while_another_is_open_changes_nothing(repository, merged) -> None:
    done(merged, "ISS-2")
    read(repository, merged)
    merged.set("ISS-2", progress=Progressed.OPEN, closed_at=None)

    assert happened(repository, merged) == []


def test_who_clears_away_what_is_done_takes_no_shipment_back(repository, merged) -> None:
    merged.set("ISS-1", progress=Progressed.DROPPED)
    done(merged, "ISS-2")
    read(repository, merged)
    assert state(repository) is State.SHIPPED

    merged.delete("ISS-2")

    assert happened(repository, merged) == [Happened.GONE]
    assert state(repository) is State.SHIPPED


def test_the_issue_of_a_merged_problem_ships_its_heir(repository) -> None:
    decide(repository, Action.ACCEPT)
    tracker = HostileTracker()
    file(repository, tracker, 2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)
    done(tracker)

    assert the_change(repository, tracker).problem_id == 1
    assert state(repository) is State.SHIPPED


# -- reading --------------------------------------------------------------------------------------------------------


def test_who_works_on_it_until_when_is_kept_sealed_and_told_when_it_changes(repository, tracker, tmp_path) -> None:
    tracker.set("ISS-1", assignee="Zebedee", estimate="5 points", due_on=date(2026, 12, 1), status="In progress")
    assert happened(repository, tracker) == []

    found = link(repository)
    assert (found.assignee, found.estimate, found.due_on) == ("Zebedee", "5 points", date(2026, 12, 1))
    assert found.closed_on is None
    files = [path.read_bytes() for path in tmp_path.glob("insights.db*")]
    assert not any(b"Zebedee" in content for content in files)

    tracker.set("ISS-1", url=None)
    assert (happened(repository, tracker), link(repository).url) == ([], "https://tracker.example/ISS-1")
    tracker.set("ISS-1", assignee="Yara\x1b[2J\n", status="In review")
    change = the_change(repository, tracker)
    assert change.happened is Happened.CHANGED
    assert change.words.startswith("ISS-1 in hostile: In review, Yara, estimate 5 points, due 2026-12-01 (was: ")


def test_many_are_read_in_parts_and_a_part_that_fails_leaves_the_others(repository, tracker) -> None:
    calls: list[str] = []

    def second_fails(what: str) -> Trouble:
        calls.append(what)
        return Trouble.REFUSED if calls.count("read") == 2 else Trouble.NONE

    for number in range(2, 2 * READ_AT_ONCE + 11):
        tracker.create(tracker.kept["ISS-1"].issue)
        link_more(repository, number)
    tracker.trouble = second_fails

    told = read(repository, tracker)

    assert (told.of, told.read) == (2 * READ_AT_ONCE + 10, READ_AT_ONCE + 10)
    assert told.failed is not None
    assert told.failed.message == "The tracker is full."


def test_a_tracker_that_fails_again_and_again_is_not_asked_on(repository, tracker) -> None:
    for number in range(2, (MOST_FAILURES + 1) * READ_AT_ONCE):
        link_more(repository, number)
    tracker.trouble = lambda _: Trouble.REFUSED
    tracker.asked.clear()

    assert read(repository, tracker).read == 0
    assert tracker.asked == ["read"] * MOST_FAILURES


def link_more(repository: Repository, number: int) -> None:
    """A problem of which nothing tells, and its issue."""
    problem = {"id": number + 10, "born_in": 1, "stance": "problem", "state": "inbox", "version": 1}
    issue = {"problem_id": number + 10, "tracker": "hostile", "external_id": f"ISS-{number}", "exported_at": NOW}
    with repository.writing() as connection:
        connection.execute(insert(tables.problem).values(**problem))
        connection.execute(insert(tables.export_link).values(**issue))


def test_a_refused_login_ends_it_at_once(repository, tracker) -> None:
    def refused(_: str) -> Trouble:
        raise InsightsError("No.", remedy="Log in.", exit_code=ExitCode.LOGIN)

    tracker.trouble = refused

    told = read(repository, tracker)

    assert (told.read, tracker.asked.count("read")) == (0, 1)
    assert told.failed is not None and told.failed.exit_code is ExitCode.LOGIN


def test_what_may_have_been_filed_is_told(repository, tracker) -> None:
    tracker.trouble = lambda what: Trouble.KILLED_AFTER if what == "create" else Trouble.NONE
    with pytest.raises(Killed):
        file(repository, tracker, 3)

    assert read(repository, tracker).unknown == (3,)


@pytest.mark.parametrize(
    ("name", "who"),
    [("linear", "linear (tracker)"), ("file:/w/a:b.md", "a-b.md (tracker)"), ("x:y", "x-y (tracker)")],
)
def test_a_tracker_decides_under_its_own_name_without_a_colon(name: str, who: str) -> None:
    assert who_is(name) == who


def test_a_backlog_file_tells_what_people_wrote_into_it(repository, tmp_path) -> None:
    decide(repository, Action.ACCEPT)
    tracker = FileTracker(tmp_path / "backlog.csv")
    file(repository, tracker)
    text = tracker.path.read_text()
    tracker.path.write_text(text.replace('"accepted"', '"done"'))

    assert happened(repository, tracker) == [Happened.SHIPPED]
    tracker.path.write_text(text)
    assert happened(repository, tracker, at=LATER + timedelta(days=1)) == [Happened.TAKEN_BACK]
    tracker.path.unlink()
    assert happened(repository, tracker, at=LATER + timedelta(days=2)) == [Happened.GONE]
