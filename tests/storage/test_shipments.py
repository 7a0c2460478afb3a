"""What was shipped and predicted: kept with its decision, gone when that is taken back, predictions made once."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from insights.corrections import Corrections
from insights.domain.problem import Action, Decision, State
from insights.errors import InsightsError
from insights.outcomes import ship
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.stored import NOW, a_stored_problem, a_workspace, an_estimate, an_item

DAY = date(2026, 6, 1)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """P-1 and P-2, each with an estimate."""
    problems = [
        a_stored_problem(
            "Export hangs", items=[an_item("It hangs", days_ago=n) for n in range(4)], estimate=an_estimate()
        ),
        a_stored_problem("Label cut", items=[an_item("It is cut")], estimate=an_estimate(value=1_000)),
    ]
    return a_workspace(tmp_path, problems=problems)


def triage(repository: Repository, *, days_later: int = 0) -> Triage:
    return Triage(repository, who="ada", now=lambda: NOW + timedelta(days=days_later))


def shipped(repository: Repository, problem: int = 1, *, on: date = DAY, weeks: float | None = 2.5) -> Decision:
    return ship(problem, on=on, weeks=weeks, why="in 3.1", repository=repository, who="ada", now=lambda: NOW)


def test_a_shipment_is_a_decision_with_its_day_and_weeks(repository: Repository) -> None:
    decision = shipped(repository)
    found = repository.shipments.shipped()

    assert list(found) == [1]
    assert (found[1].decision_id, found[1].shipped_on, found[1].weeks, found[1].who) == (decision.id, DAY, 2.5, "ada")
    assert repository.problems.get(1).state is State.SHIPPED
    assert repository.decisions.of(1)[-1].why == "in 3.1"


def test_undo_takes_it_back_to_what_stood_before(repository: Repository) -> None:
    triage(repository).decide(1, Action.ACCEPT)
    shipped(repository)

    triage(repository).undo()

    assert repository.shipments.shipped() == {}
    assert repository.problems.get(1).state is State.ACCEPTED


def test_shipped_again_the_later_day_counts_and_undo_brings_the_first_back(repository: Repository) -> None:
    shipped(repository)
    shipped(repository, on=date(2026, 7, 1), weeks=None)
    later = repository.shipments.shipped()[1].shipped_on
    triage(repository).undo()

    assert later == date(2026, 7, 1)
    assert repository.shipments.shipped()[1].shipped_on == DAY


def test_accepted_anew_it_is_not_shipped_any_more(repository: Repository) -> None:
    shipped(repository)
    triage(repository).decide(1, Action.ACCEPT)

    assert repository.shipments.shipped() == {}


def test_merged_into_a_problem_that_waits_it_counts_for_that_one(repository: Repository) -> None:
    shipped(repository)
    Corrections(repository, who="ada", now=lambda: NOW).merge(1, 2)

    found = repository.shipments.shipped()

    assert list(found) == [2]
    assert found[2].problem_id == 1


def test_who_saw_an_older_state_ships_nothing(repository: Repository) -> None:
    old = repository.problems.get(1).version
    triage(repository).decide(1, Action.ACCEPT)

    with pytest.raises(InsightsError, match="changed by someone else"):
        ship(1, on=DAY, weeks=1, why=None, repository=repository, who="bob", now=lambda: NOW, seen_version=old)

    assert repository.shipments.shipped() == {}
    assert [decision.action for decision in repository.decisions.of(1)] == [Action.ACCEPT]


def test_the_estimate_is_kept_as_it_was_accepted(repository: Repository) -> None:
    triage(repository).decide(1, Action.ACCEPT)
    accepted = repository.problems.get(1).estimate
    repository.problems.save_estimates({1: an_estimate(value=9)})
    shipped(repository)

    found = repository.shipments.predictions()

    assert found[1].estimate == accepted
    assert found[1].made_at == NOW


def test_only_accepting_it_anew_makes_another_prediction(repository: Repository) -> None:
    triage(repository).decide(1, Action.ACCEPT)
    repository.problems.save_estimates({1: an_estimate(value=9)})
    triage(repository).decide(1, Action.SNOOZE)
    kept = repository.shipments.predictions()[1]
    triage(repository, days_later=3).decide(1, Action.ACCEPT)

    assert kept.made_at == NOW
    assert repository.shipments.predictions()[1].made_at == NOW + timedelta(days=3)
    assert repository.shipments.predictions()[1].estimate.value == an_estimate(value=9).value


def test_what_nobody_accepted_is_predicted_when_it_ships(repository: Repository) -> None:
    shipped(repository)

    assert repository.shipments.predictions()[1].estimate == repository.problems.get(1).estimate


def test_a_problem_without_an_estimate_has_no_prediction(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, problems=[a_stored_problem()])
    triage(repository).decide(1, Action.ACCEPT)
    shipped(repository)

    assert repository.shipments.predictions() == {}


def test_a_prediction_of_which_the_transaction_fails_is_not_kept(repository: Repository) -> None:
    with pytest.raises(RuntimeError), repository.writing() as connection:
        repository.shipments.save_prediction(1, an_estimate(), NOW, connection=connection)
        raise RuntimeError

    assert repository.shipments.predictions() == {}


def test_each_item_is_told_once_for_each_of_its_problems(repository: Repository) -> None:
    told = list(repository.shipments.told())

    assert [(one.problem_id, one.feedback_id) for one in sorted(told, key=lambda one: one.feedback_id)] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 5),
    ]
    assert [one.day for one in told] == sorted(one.day for one in told)
    assert replace(told[0], day=0, feedback_id=0, problem_id=0).source == "tickets"
