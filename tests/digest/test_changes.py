from dataclasses import replace
from datetime import timedelta

import pytest

from insights.digest.changes import changes
from insights.domain.feedback import AccountMatch, FeedbackKind, Stance
from insights.domain.problem import Action, Column, Decision, ExportLink, State
from insights.domain.run import RunStatus
from insights.triage import Triage
from tests.stored import (
    NOW,
    a_stored_problem,
    a_workspace,
    an_account_record,
    an_estimate,
    an_item,
    items_by_week,
)

WEEK_AGO = NOW - timedelta(days=7)
NEW = [0] * 23 + [3, 5, 6]
GROWING = [1] * 22 + [4, 5, 6, 9]
FADING = [2] * 18 + [9, 10, 10, 10, 1, 1, 0, 0]
STEADY = [2] * 26


def ann(repository, *, days_ago=0):
    return Triage(repository, "ann", lambda: NOW - timedelta(days=days_ago))


@pytest.fixture
def repository(tmp_path):
    """P-1 new, P-2 grows, P-3 fades, P-4 steady."""
    opened = a_workspace(
        tmp_path,
        accounts=[an_account_record("Acme", revenue=610_000), an_account_record("Initech")],
        problems=[
            a_stored_problem("Export hangs", items=items_by_week(NEW, account="Acme"), estimate=an_estimate()),
            a_stored_problem("Login loops", items=items_by_week(GROWING), estimate=an_estimate(value=90_000)),
            a_stored_problem("Invoices twice", items=items_by_week(FADING)),
            a_stored_problem("No dark mode", items=items_by_week(STEADY)),
        ],
        others=[
            an_item("Great!", kind=FeedbackKind.NPS, stance=Stance.PRAISE, redacted=2),
            an_item("It beeps", account="Initech", match=AccountMatch.NAME_LIKE),
        ],
    )
    yield opened
    opened.close()


def test_each_problem_stands_where_its_movement_belongs(repository):
    digest = changes(repository, since=WEEK_AGO, now=NOW)

    assert [line.ref for line in digest.new.lines] == ["P-1"]
    assert [line.ref for line in digest.growing.lines] == ["P-2"]
    assert [line.ref for line in digest.fading.lines] == ["P-3"]
    assert [line.ref for line in digest.waiting.lines] == ["P-1", "P-2", "P-3", "P-4"]


def test_a_change_is_told_in_counts_of_items(repository):
    digest = changes(repository, since=WEEK_AGO, now=NOW)

    assert digest.new.lines[0].change == "14 items in the last 4 weeks, 0 before"
    assert digest.growing.lines[0].change == "4 → 24 in four weeks"
    assert digest.fading.lines[0].change == "39 → 2 in four weeks"
    assert digest.waiting.lines[3].change == "8 items in the last 4 weeks, 8 in the 4 before"


def test_a_line_carries_what_the_problem_is_worth(repository):
    line = changes(repository, since=WEEK_AGO, now=NOW).new.lines[0]

    assert (line.accounts, line.rank, line.items) == (1, 1, 14)
    assert line.value is not None
    assert line.value.likely == 400_000
    assert len(line.weekly) == 26


def test_the_headline_is_one_sentence_of_what_moved_and_waits(repository):
    digest = changes(repository, since=WEEK_AGO, now=NOW)

    assert digest.headline == "P-1 is new; P-2 grows; P-3 fades; 4 wait for a decision."


def test_a_quiet_workspace_says_that_nothing_moved(tmp_path):
    quiet = a_workspace(tmp_path, problems=[a_stored_problem(items=items_by_week(STEADY))])

    assert changes(quiet, since=WEEK_AGO, now=NOW).headline == (
        "No problem is new, grows or fades; 1 waits for a decision."
    )


def test_an_empty_workspace_has_a_digest(tmp_path):
    digest = changes(a_workspace(tmp_path), since=None, now=NOW)

    assert digest.waiting.total == 0
    assert digest.data.newest is None


def test_fading_after_it_was_accepted_is_said(repository):
    ann(repository, days_ago=60).decide(3, Action.ACCEPT)

    line = changes(repository, since=WEEK_AGO, now=NOW).fading.lines[0]

    assert line.note == "fading since it was accepted on 2026-09-21"


def test_what_was_shipped_since_is_still_told_when_it_was_accepted(repository):
    ann(repository, days_ago=60).decide(3, Action.ACCEPT)
    ann(repository, days_ago=30).decide(3, Action.SHIP)

    line = changes(repository, since=WEEK_AGO, now=NOW).fading.lines[0]

    assert (line.state, line.note) == (State.SHIPPED, "fading since it was accepted on 2026-09-21")


def test_fading_after_it_was_filed_is_said(repository):
    filed = NOW - timedelta(days=40)
    link = ExportLink(problem_id=3, tracker="file:b.md", external_id="P-3", url=None, exported_at=filed)
    repository.problems.save_link(link)

    assert (
        changes(repository, since=WEEK_AGO, now=NOW).fading.lines[0].note == "fading since it was filed on 2026-10-11"
    )


def test_a_decision_of_yesterday_is_not_made_the_cause_of_a_months_trend(repository):
    ann(repository, days_ago=1).decide(3, Action.ACCEPT)

    assert changes(repository, since=WEEK_AGO, now=NOW).fading.lines[0].note == ""


def test_dismissed_problems_are_not_told_as_movement(repository):
    ann(repository).decide(2, Action.DISMISS)

    digest = changes(repository, since=WEEK_AGO, now=NOW)

    assert digest.growing.total == 0
    assert "P-2" not in [line.ref for line in digest.waiting.lines]


def test_a_problem_snoozed_until_it_grows_waits_again_when_it_does(repository):
    ann(repository).decide(2, Action.SNOOZE)
    ann(repository).decide(4, Action.SNOOZE)

    refs = [line.ref for line in changes(repository, since=WEEK_AGO, now=NOW).waiting.lines]

    assert "P-2" in refs
    assert "P-4" not in refs


def test_decisions_of_the_period_are_told_newest_first(repository):
    ann(repository, days_ago=9).decide(1, Action.DISMISS)
    ann(repository, days_ago=2).decide(3, Action.ACCEPT, why="It hurts")
    ann(repository, days_ago=1).decide(4, Action.DISMISS)

    told = changes(repository, since=WEEK_AGO, now=NOW).decided

    assert [(one.ref, one.action, one.why) for one in told] == [
        ("P-4", Action.DISMISS, ""),
        ("P-3", Action.ACCEPT, "It hurts"),
    ]


def test_what_was_decided_and_taken_back_within_the_period_is_not_told(repository):
    ann(repository, days_ago=2).decide(3, Action.ACCEPT)
    ann(repository, days_ago=1).undo()

    assert changes(repository, since=WEEK_AGO, now=NOW).decided == ()


def test_taking_back_an_older_decision_is_told(repository):
    ann(repository, days_ago=20).decide(3, Action.ACCEPT)
    ann(repository, days_ago=1).undo()

    told = changes(repository, since=WEEK_AGO, now=NOW).decided

    assert [(one.ref, one.action) for one in told] == [("P-3", Action.UNDO)]


def told(repository):
    return [(one.ref, one.action, one.words) for one in changes(repository, since=WEEK_AGO, now=NOW).decided]


def test_what_was_accepted_and_moved_on_is_told_with_the_column_it_is_in(repository):
    ann(repository, days_ago=3).decide(3, Action.ACCEPT)
    ann(repository, days_ago=2).decide(3, Action.PLACE, column=Column.NOW)
    ann(repository, days_ago=1).decide(3, Action.PLACE, column=Column.NOW, place=1.0)

    assert told(repository) == [("P-3", Action.ACCEPT, "accepted to Now")]


def test_another_order_within_a_column_is_no_news_but_another_column_is(repository):
    for number in (1, 3):
        ann(repository, days_ago=30).decide(number, Action.ACCEPT)
    ann(repository, days_ago=2).decide(1, Action.PLACE, place=1.0)
    ann(repository, days_ago=1).decide(3, Action.PLACE, column=Column.LATER)

    assert told(repository) == [("P-3", Action.PLACE, "placed in Later")]


def corrected(repository, problem_id, action, *, undoes=None):
    said = Decision(id=0, problem_id=problem_id, action=action, who="ann", at=NOW, undoes=undoes)
    with repository.writing() as connection:
        return repository.decisions.append(said, connection=connection)


def test_a_correction_is_told_beside_the_decision_on_the_same_problem(repository):
    ann(repository, days_ago=1).decide(1, Action.ACCEPT)
    corrected(repository, 1, Action.RENAME)

    told = changes(repository, since=WEEK_AGO, now=NOW).decided

    assert [(decided.ref, decided.action) for decided in told] == [("P-1", Action.RENAME), ("P-1", Action.ACCEPT)]


def test_a_correction_that_was_taken_back_is_not_told(repository):
    renamed = corrected(repository, 1, Action.RENAME)
    corrected(repository, 1, Action.UNDO, undoes=renamed.id)

    assert changes(repository, since=WEEK_AGO, now=NOW).decided == ()


def test_a_correction_does_not_hide_that_the_problem_was_accepted(repository):
    ann(repository, days_ago=60).decide(3, Action.ACCEPT)
    corrected(repository, 3, Action.RENAME)

    line = changes(repository, since=WEEK_AGO, now=NOW).fading.lines[0]

    assert line.note == "fading since it was accepted on 2026-09-21"


def test_lists_stop_at_the_limit_and_say_how_many_more(repository):
    digest = changes(repository, since=WEEK_AGO, now=NOW, limit=3)

    assert (len(digest.waiting.lines), digest.waiting.total, digest.waiting.more) == (3, 4, 1)


def test_the_data_behind_it_is_counted(repository):
    data = changes(repository, since=WEEK_AGO, now=NOW).data

    assert data.items == sum(map(sum, (NEW, GROWING, FADING, STEADY))) + 2
    assert data.by_kind[FeedbackKind.NPS] == 1
    assert data.by_stance[Stance.PRAISE] == 1
    assert (data.unassigned, data.unassigned_items) == (1, 1)
    assert data.redacted == 2
    assert data.newest == NOW


def test_items_of_the_period_are_those_its_runs_took_in(repository):
    for days, number in ((10, 100), (3, 7), (1, 5)):
        run = repository.runs.start(mode="offline", at=NOW - timedelta(days=days))
        repository.runs.save(replace(run, status=RunStatus.DONE, counts={"protected": number}))

    assert changes(repository, since=WEEK_AGO, now=NOW).data.items_since == 12


def test_a_stopped_run_is_in_the_headline(repository):
    run = repository.runs.start(mode="offline", at=NOW)
    repository.runs.save(replace(run, status=RunStatus.STOPPED, stage="describe"))

    digest = changes(repository, since=WEEK_AGO, now=NOW)

    assert digest.headline.endswith("; the last run stopped at describe.")
    assert digest.run is not None


def test_what_waited_and_found_a_problem_is_counted_over_the_runs_of_the_period(repository):
    for days_ago, settled in ((10, 4), (3, 2), (1, 5)):
        run = repository.runs.start(mode="offline", at=NOW - timedelta(days=days_ago))
        repository.runs.save(replace(run, status=RunStatus.DONE, counts={"settled": settled}))

    assert changes(repository, since=WEEK_AGO, now=NOW).data.settled == 7
    assert changes(repository, since=NOW, now=NOW).data.settled is None
