"""Decisions: the latest that was not undone counts, nobody overwrites anybody, and snoozed problems come back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.domain.problem import Action, Movement, State, awaits_decision, standing
from insights.errors import ExitCode, InsightsError
from insights.storage.repository import Repository
from insights.triage import Triage, snooze_until
from tests.actors import ADA
from tests.builders import a_problem
from tests.stored import KEY, NOW, a_stored_problem, a_workspace, an_estimate, an_item, items_by_week

TODAY = NOW.date()


def triage(repository: Repository, who: str = "ada", *, at: datetime = NOW) -> Triage:
    return Triage(repository, who=who, now=lambda: at)


def two_problems(folder: Path) -> Repository:
    folder.mkdir(exist_ok=True)
    problems = [a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}")]) for n in (1, 2)]
    return a_workspace(folder, problems=problems)


def states(repository: Repository) -> list[State]:
    return [repository.problems.get(number).state for number in (1, 2)]


@pytest.mark.parametrize(
    ("action", "state"),
    [(Action.ACCEPT, State.ACCEPTED), (Action.DISMISS, State.DISMISSED), (Action.SNOOZE, State.SNOOZED)],
)
def test_a_decision_takes_the_problem_out_of_the_inbox(tmp_path: Path, action: Action, state: State) -> None:
    repository = two_problems(tmp_path)

    decision = triage(repository).decide(1, action, why="because")

    assert states(repository) == [state, State.INBOX]
    assert [problem.id for problem in triage(repository).inbox()] == [2]
    assert triage(repository).history(1) == [decision]
    assert (decision.who, decision.at, decision.why) == ("ada", NOW, "because")


def test_undo_brings_back_what_stood_before(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    ada = triage(repository)
    ada.decide(1, Action.SNOOZE, until=TODAY + timedelta(days=7))
    ada.decide(1, Action.DISMISS)

    ada.undo()

    problem = repository.problems.get(1)
    assert (problem.state, problem.snoozed_until) == (State.SNOOZED, TODAY + timedelta(days=7))
    ada.undo()
    problem = repository.problems.get(1)
    assert (problem.state, problem.snoozed_until) == (State.INBOX, None)
    assert [d.action for d in ada.history(1)] == [Action.SNOOZE, Action.DISMISS, Action.UNDO, Action.UNDO]


def test_undo_goes_back_over_several_problems_and_survives_reopening(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    triage(repository).decide(1, Action.ACCEPT)
    triage(repository).decide(2, Action.DISMISS)
    repository.close()

    reopened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    triage(reopened).undo()
    assert states(reopened) == [State.ACCEPTED, State.INBOX]
    triage(reopened).undo()
    assert states(reopened) == [State.INBOX, State.INBOX]
    reopened.close()


def test_with_nothing_to_undo_it_says_so(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    triage(repository).decide(1, Action.ACCEPT)
    triage(repository).undo()

    with pytest.raises(InsightsError, match="no decision of yours"):
        triage(repository).undo()


def test_one_undoes_only_one_s_own(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    triage(repository, "ada").decide(1, Action.ACCEPT)

    with pytest.raises(InsightsError, match="no decision of yours"):
        triage(repository, "bob").undo()


def test_undoing_what_someone_else_has_decided_over_leaves_theirs(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    triage(repository, "ada").decide(1, Action.ACCEPT)
    triage(repository, "bob").decide(1, Action.DISMISS)

    triage(repository, "ada").undo()
    assert repository.problems.get(1).state is State.DISMISSED

    triage(repository, "bob").undo()
    assert repository.problems.get(1).state is State.INBOX


def test_a_decision_on_what_someone_else_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    seen = repository.problems.get(1).version
    triage(repository, "bob").decide(1, Action.DISMISS, seen_version=seen)

    with pytest.raises(InsightsError, match="P-1 was changed by someone else") as caught:
        triage(repository, "ada").decide(1, Action.ACCEPT, seen_version=seen)

    assert "insights show" in caught.value.remedy
    assert repository.problems.get(1).state is State.DISMISSED
    assert len(triage(repository).history(1)) == 1


def test_a_merged_problem_s_decisions_go_to_its_heir(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    repository.groupings.save(2, joined={2: (1, 0.9)}, born=[])

    decision = triage(repository).decide(2, Action.ACCEPT)

    assert decision.problem_id == 1
    triage(repository).undo()
    assert repository.problems.get(2).state is State.INBOX


def test_a_decision_can_be_undone_after_the_evidence_is_gone(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    triage(repository).decide(1, Action.ACCEPT)
    with repository.writing() as connection:
        repository.feedback.remove("tickets", ["T-1"], connection=connection)

    undone = triage(repository).undo()

    assert (undone.problem_ids, undone.decisions[0].action) == ((1,), Action.UNDO)


def test_very_long_reasons_are_cut(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)

    decision = triage(repository).decide(1, Action.DISMISS, why="x" * 5000)

    assert decision.why == "x" * 2000


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([Action.ACCEPT, Action.DISMISS, Action.SNOOZE, Action.UNDO]), max_size=8))
def test_the_state_is_always_that_of_the_latest_standing_decision(
    tmp_path_factory: pytest.TempPathFactory, actions: Sequence[Action]
) -> None:
    repository = two_problems(tmp_path_factory.mktemp("triage"))
    ada = triage(repository)
    stack: list[State] = [State.INBOX]
    after = {Action.ACCEPT: State.ACCEPTED, Action.DISMISS: State.DISMISSED, Action.SNOOZE: State.SNOOZED}
    for action in actions:
        if action is not Action.UNDO:
            ada.decide(1, action)
            stack.append(after[action])
        elif len(stack) > 1:
            ada.undo()
            stack.pop()

    assert repository.problems.get(1).state is stack[-1]
    last = standing(ada.history(1))
    assert (after[last.action] if last else State.INBOX) is stack[-1]
    repository.close()


@pytest.mark.parametrize(("days", "waits"), [(-1, True), (0, True), (1, False)])
def test_a_snoozed_problem_returns_on_its_day(days: int, waits: bool) -> None:
    problem = a_problem(state=State.SNOOZED, snoozed_until=TODAY + timedelta(days=days))

    assert awaits_decision(problem, TODAY) is waits


def test_a_problem_snoozed_until_it_grows_returns_when_it_grows(tmp_path: Path) -> None:
    steady = a_problem(state=State.SNOOZED, movement=Movement.STEADY)

    assert not awaits_decision(steady, TODAY)
    assert awaits_decision(replace(steady, movement=Movement.GROWING), TODAY)


def test_growth_in_the_stored_items_brings_a_snoozed_problem_back(tmp_path: Path) -> None:
    problem = a_stored_problem(items=items_by_week([1, 1, 1, 1, 1, 1, 1, 1]))
    repository = a_workspace(tmp_path, problems=[problem])
    triage(repository).decide(1, Action.SNOOZE)
    assert triage(repository).inbox() == []

    grow(repository, tmp_path)

    assert [p.id for p in triage(repository).inbox()] == [1]


def grow(repository: Repository, folder: Path) -> None:
    """Twelve more items of today join P-1."""
    from tests.drafts import a_draft, save, split_whole

    save(repository, *(a_draft(f"The export hangs {n}", number=100 + n, created_at=NOW) for n in range(12)))
    split_whole(repository)
    new = [mention.id for mention in repository.mentions.unembedded("test", limit=20)]
    repository.mentions.mark_embedded(new, fingerprint="test")
    repository.groupings.save(2, joined=dict.fromkeys(new, (1, 0.9)), born=[])


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("day", date(2026, 11, 21)),
        ("week", date(2026, 11, 27)),
        ("month", date(2026, 12, 20)),
        ("growth", None),
        ("2027-01-31", date(2027, 1, 31)),
    ],
)
def test_a_snooze_is_said_in_words_or_as_a_date(words: str, until: date | None) -> None:
    assert snooze_until(words, today=TODAY) == until


def test_what_grows_already_does_not_come_back_at_once_when_it_is_snoozed_until_it_grows() -> None:
    until = snooze_until("growth", today=TODAY, is_growing=True)
    snoozed = a_problem(state=State.SNOOZED, movement=Movement.GROWING, snoozed_until=until)

    assert not awaits_decision(snoozed, TODAY)
    assert awaits_decision(snoozed, TODAY + timedelta(weeks=4))


@pytest.mark.parametrize("words", ["", "soon", "2027-02-30", "31.01.2027"])
def test_other_words_are_no_snooze(words: str) -> None:
    with pytest.raises(InsightsError, match="not a time to snooze") as caught:
        snooze_until(words, today=TODAY)

    assert caught.value.exit_code is ExitCode.USAGE


def test_the_inbox_is_in_order_of_rank(tmp_path: Path) -> None:
    repository = two_problems(tmp_path)
    repository.problems.save_estimates({1: an_estimate(), 2: an_estimate()})

    repository.problems.save_ranks([2, 1])

    assert [problem.id for problem in triage(repository).inbox()] == [2, 1]
