"""Who was heard of a problem, by week: a customer who shouts is one voice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from insights.domain.lineage import Event, LineageEntry
from insights.storage.repository import Repository
from tests.stored import NOW, a_stored_problem, an_account_record, an_item, fill


def test_voices_are_accounts_and_items_of_nobody_known_by_rolling_week(repository: Repository) -> None:
    items = [
        *(an_item(f"Again {n}", account="Acme", days_ago=n) for n in range(3)),
        *(an_item(f"Nobody {n}", days_ago=6) for n in range(2)),
        an_item("A week ago", account="Acme", days_ago=7),
        an_item("Long ago", days_ago=97),
        an_item("Longer ago", days_ago=98),
    ]
    problems = [a_stored_problem(items=items), a_stored_problem("Old", items=[an_item("Older", days_ago=200)])]
    fill(repository, problems, accounts=[an_account_record("Acme")])

    voices = repository.problems.voices(14)

    assert voices.by_problem == {1: (1, *(0,) * 11, 1, 3)}
    assert (voices.last_day, voices.weeks_known) == (NOW.date(), 14)


@pytest.mark.parametrize(
    ("days_ago", "weeks"),
    [
        ((0,), 0),
        ((6, 0), 1),
        ((26, 0), 3),
        ((300, 26, 0), 3),  # one of long before tells nothing of what is usual
        ((120, 26, 0), 14),
    ],
)
def test_how_many_whole_weeks_are_known(repository: Repository, days_ago: Sequence[int], weeks: int) -> None:
    fill(repository, [a_stored_problem(items=[an_item(f"Words {days}", days_ago=days) for days in days_ago])])

    assert repository.problems.voices(14).weeks_known == weeks


def test_what_the_grouping_did_is_told_apart_from_what_people_did(repository: Repository) -> None:
    fill(repository, [a_stored_problem(), a_stored_problem("Other")])
    at = NOW + timedelta(days=1)
    entry = LineageEntry(problem_id=1, event=Event.MERGED, reason="", at=at, run_id=5, other_id=2)
    others = [
        replace(entry, run_id=3),
        replace(entry, run_id=8),
        replace(entry, run_id=None, decision_id=9),
        replace(entry, event=Event.GREW),
    ]
    repository.lineage.add([entry, *others])

    found = repository.lineage.of_grouping((Event.MERGED, Event.SPLIT), after_run=3, until_run=7)

    assert [(one.problem_id, one.event, one.run_id, one.other_id) for one in found] == [(1, Event.MERGED, 5, 2)]
