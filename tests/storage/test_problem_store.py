"""Problems keep their id; a merged one leads to its heir; their words, estimates, ranks and quotes come back whole."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights.domain.estimate import Range
from insights.domain.feedback import Stance
from insights.domain.problem import ExportLink, State
from insights.errors import ExitCode, InsightsError
from insights.storage.groupings import NewProblem
from insights.storage.repository import Repository
from tests.stored import a_stored_problem, a_workspace, an_account_record, an_estimate, an_item, items_by_week


def stored(folder: Path, count: int = 2) -> Repository:
    """Problems of two items each, with the estimates of their rank."""
    problems = [
        a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}"), an_item(f"Hangs too {n}")])
        for n in range(count)
    ]
    return a_workspace(folder, problems=problems)


def test_a_merged_problem_leads_to_the_one_it_was_merged_into_however_often(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3)
    move = {5: (1, 0.9), 6: (1, 0.9)}
    repository.groupings.save(2, joined={3: (3, 0.9), 4: (3, 0.9)}, born=[])
    repository.groupings.save(3, joined={**move, 3: (1, 0.9), 4: (1, 0.9)}, born=[])

    assert repository.problems.get(2).id == 1
    assert repository.problems.get(3).id == 1
    assert [problem.id for problem in repository.problems.all()] == [1]
    assert repository.problems.get(1).items == 6


def test_a_problem_that_went_into_new_ones_leads_to_the_one_with_most_of_it(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3)
    small = NewProblem(stance=Stance.PROBLEM, mentions=(3,))
    large = NewProblem(stance=Stance.PROBLEM, mentions=(4, 1, 2))
    repository.groupings.save(2, joined={3: (2, 0.9), 4: (2, 0.9), 1: (2, 0.9)}, born=[])
    born = repository.groupings.save(3, joined={}, born=[(small, [0.9]), (large, [0.9, 0.9, 0.9])])

    assert repository.problems.get(1).id == born[1]
    assert repository.problems.get(2).id == born[1]


def test_a_problem_that_was_never_there_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    repository = stored(tmp_path)

    with pytest.raises(InsightsError, match="There is no problem P-99") as caught:
        repository.problems.get(99)

    assert caught.value.exit_code is ExitCode.USAGE


def test_ids_of_problems_are_never_given_twice(tmp_path: Path) -> None:
    repository = stored(tmp_path)
    repository.groupings.save(2, joined=dict.fromkeys((1, 2, 3, 4), (None, 0.0)), born=[])

    again = NewProblem(stance=Stance.PROBLEM, mentions=(1, 2))

    assert repository.groupings.save(3, joined={}, born=[(again, [1.0, 1.0])]) == [3]


def test_a_grouping_that_fails_midway_leaves_the_old_one(tmp_path: Path) -> None:
    repository = stored(tmp_path)
    before = repository.groupings.memberships()

    with pytest.raises(Exception, match="FOREIGN KEY"):
        repository.groupings.save(2, joined={1: (2, 0.9), 3: (99, 0.9)}, born=[])

    assert repository.groupings.memberships() == before


def test_best_rank_comes_first_and_problems_without_rank_last(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3)
    repository.problems.save_estimates({n: an_estimate() for n in (1, 2, 3)})

    repository.problems.save_ranks([3, 1])

    assert [problem.id for problem in repository.problems.all()] == [3, 1, 2]
    assert [p.estimate.rank if p.estimate else None for p in repository.problems.all()] == [1, 2, None]


def test_an_estimate_comes_back_whole(tmp_path: Path) -> None:
    repository = stored(tmp_path)
    estimate = an_estimate(unknown_revenue_accounts=3)

    repository.problems.save_estimates({1: estimate})

    assert repository.problems.get(1).estimate == estimate
    assert isinstance(estimate.value, Range)


def test_counts_are_of_distinct_items_and_accounts(tmp_path: Path) -> None:
    items = [an_item(f"It hangs {n}", account=account) for n, account in enumerate(["Acme", "Acme", "Beta", None])]
    repository = a_workspace(
        tmp_path,
        problems=[a_stored_problem(items=items)],
        accounts=[an_account_record("Acme"), an_account_record("Beta")],
    )

    problem = repository.problems.get(1)

    assert (problem.items, problem.accounts) == (4, 2)


def test_weeks_end_with_the_newest_item_of_all(tmp_path: Path) -> None:
    problem = a_stored_problem(items=items_by_week([2, 0, 1, 0]))
    repository = a_workspace(tmp_path, problems=[problem], others=[an_item("today")])

    assert repository.problems.get(1).weekly == (0, 0, 0, 0, 2, 0, 1, 0)
    assert repository.problems.get(1, weeks=3).weekly == (0, 1, 0)


def test_a_spike_is_told_whatever_number_of_weeks_is_asked_for(tmp_path: Path) -> None:
    steady, spiking = (a_stored_problem(items=items_by_week([*[1] * 12, last])) for last in (1, 9))
    repository = a_workspace(tmp_path, problems=[steady, spiking])

    assert [problem.is_spike for problem in repository.problems.all()] == [False, True]
    assert repository.problems.get(2, weeks=3).is_spike


def test_an_export_is_kept_once_for_each_tracker(tmp_path: Path) -> None:
    repository = stored(tmp_path)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    for number in ("1", "2"):
        link = ExportLink(problem_id=1, tracker="file", external_id=number, url=None, exported_at=at)
        repository.problems.save_link(link)

    assert repository.problems.get(1).exported == (link,)
    assert repository.problems.get(2).exported == ()


def test_similar_problems_come_back_in_their_order(tmp_path: Path) -> None:
    repository = stored(tmp_path)

    repository.problems.save_similar({1: [(2, 0.75)]})

    assert repository.problems.similar(1) == [(2, 0.75)]
    assert repository.problems.similar(2) == []


def test_a_new_problem_waits_in_the_inbox(tmp_path: Path) -> None:
    repository = stored(tmp_path)

    assert {(p.state, p.version) for p in repository.problems.all()} == {(State.INBOX, 1)}
