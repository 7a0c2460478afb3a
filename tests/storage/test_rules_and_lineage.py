"""What people said about the grouping stays until it is taken back; a problem's life is told with its forebears'; the
fitted space is kept sealed, one at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from insights.domain.feedback import Stance
from insights.domain.lineage import Event, LineageEntry
from insights.domain.problem import Action, Decision
from insights.domain.rule import Rule, RuleKind
from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.groupings import NewProblem
from insights.storage.repository import Repository
from tests.drafts import RECEIVED, a_draft, save, split_whole


def with_problems(repository: Repository, count: int = 3) -> None:
    """Problems 1, 2, …, each with the item and the mention of the same number."""
    save(repository, *(a_draft(f"Words {n}.", number=n) for n in range(1, count + 1)))
    split_whole(repository)
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=(n,)), [0.9]) for n in range(1, count + 1)]
    repository.groupings.save(1, joined={}, born=born)
    with repository.writing() as connection:  # their births are told in test_problem_store
        connection.execute(delete(tables.lineage))


def merge(repository: Repository, problem: int, *, into: int) -> None:
    with repository.writing() as connection:
        where = tables.problem.c.id == problem
        connection.execute(update(tables.problem).where(where).values(merged_into=into))


def decide(repository: Repository, action: Action = Action.MOVE, *, undoes: int | None = None) -> int:
    """A decision on problem 1, and nothing that follows from it."""
    decision = Decision(id=0, problem_id=1, action=action, who="ada", at=RECEIVED, undoes=undoes)
    with repository.writing() as connection:
        return repository.decisions.append(decision, connection=connection).id


def say(repository: Repository, kind: RuleKind, problem: int, **fields: Any) -> int:
    """A decision that makes one rule; gives the decision's id."""
    decision = decide(repository)
    with repository.writing() as connection:
        repository.rules.add(connection, [Rule(kind=kind, problem_id=problem, decision_id=decision, **fields)])
    return decision


def revoke(repository: Repository, decision: int) -> int:
    """Undo a decision; gives the undo's id."""
    undo = decide(repository, Action.UNDO, undoes=decision)
    with repository.writing() as connection:
        repository.rules.revoke(connection, decision, by=undo)
    return undo


def overrule(repository: Repository, rules: Sequence[int]) -> int:
    later = decide(repository)
    with repository.writing() as connection:
        repository.rules.overrule(connection, rules, by=later)
    return later


# -- rules ------------------------------------------------------------------------------------------------------


def test_rules_come_back_as_they_were_said_with_ids_of_their_own(repository: Repository) -> None:
    with_problems(repository)
    decision = decide(repository)
    said = [
        Rule(id=77, kind=RuleKind.BELONGS, problem_id=2, feedback_id=1, decision_id=decision),
        Rule(kind=RuleKind.NOT_IN, problem_id=1, feedback_id=1, decision_id=decision),
        Rule(kind=RuleKind.SAME, problem_id=1, other_id=3, decision_id=decision),
        Rule(kind=RuleKind.DIFFERS, problem_id=2, other_id=3, decision_id=decision),
    ]
    with repository.writing() as connection:
        repository.rules.add(connection, said)

    kept = repository.rules.all()

    assert [rule.id for rule in kept] == [1, 2, 3, 4]
    assert [(r.kind, r.problem_id, r.feedback_id, r.other_id, r.decision_id) for r in kept] == [
        (r.kind, r.problem_id, r.feedback_id, r.other_id, decision) for r in said
    ]
    assert repository.rules.standing() == kept


def test_no_rules_are_no_mistake(repository: Repository) -> None:
    with repository.writing() as connection:
        repository.rules.add(connection, [])

    assert repository.rules.all() == []


def test_rules_of_a_write_that_fails_were_never_said(repository: Repository) -> None:
    with_problems(repository)
    decision = decide(repository)

    with pytest.raises(RuntimeError), repository.writing() as connection:
        rule = Rule(kind=RuleKind.BELONGS, problem_id=2, feedback_id=1, decision_id=decision)
        repository.rules.add(connection, [rule])
        assert len(repository.rules.standing(connection=connection)) == 1
        raise RuntimeError("the power went")

    assert repository.rules.all() == []


def test_a_rule_that_was_taken_back_stays_in_the_book_and_says_by_what(repository: Repository) -> None:
    with_problems(repository)
    first = say(repository, RuleKind.BELONGS, 2, feedback_id=1)
    second = say(repository, RuleKind.BELONGS, 3, feedback_id=2)

    undo = revoke(repository, first)

    assert [(rule.decision_id, rule.revoked_by) for rule in repository.rules.all()] == [(first, undo), (second, None)]
    assert [rule.decision_id for rule in repository.rules.standing()] == [second]


def test_what_a_decision_overruled_stands_again_when_it_is_undone(repository: Repository) -> None:
    with_problems(repository)
    first = say(repository, RuleKind.BELONGS, 2, feedback_id=1)
    later = overrule(repository, [1])
    during = repository.rules.standing()

    revoke(repository, later)

    assert during == []
    assert [rule.decision_id for rule in repository.rules.standing()] == [first]


def test_what_was_undone_itself_does_not_come_back_with_the_undo_of_what_overruled_it(repository: Repository) -> None:
    with_problems(repository)
    first = say(repository, RuleKind.BELONGS, 2, feedback_id=1)
    later = overrule(repository, [1])

    revoke(repository, first)
    revoke(repository, later)

    assert repository.rules.standing() == []


def test_a_rule_is_overruled_once_by_the_first(repository: Repository) -> None:
    with_problems(repository)
    say(repository, RuleKind.BELONGS, 2, feedback_id=1)

    first = overrule(repository, [1])
    overrule(repository, [1])

    assert [rule.revoked_by for rule in repository.rules.all()] == [first]


def test_rules_about_an_item_go_with_it_and_others_stay(repository: Repository) -> None:
    with_problems(repository)
    say(repository, RuleKind.BELONGS, 2, feedback_id=1)
    say(repository, RuleKind.SAME, 1, other_id=2)

    with repository.writing() as connection:
        repository.feedback.remove("tickets", ["T-1"], connection=connection)

    assert [rule.kind for rule in repository.rules.all()] == [RuleKind.SAME]


def test_rules_are_found_by_item_and_by_either_problem_revoked_ones_too(repository: Repository) -> None:
    with_problems(repository)
    revoke(repository, say(repository, RuleKind.BELONGS, 2, feedback_id=1))
    say(repository, RuleKind.DIFFERS, 3, other_id=2)
    say(repository, RuleKind.NOT_IN, 3, feedback_id=2)

    assert [rule.id for rule in repository.rules.of_item(1)] == [1]
    assert [rule.id for rule in repository.rules.of_problem(2)] == [1, 2]
    assert [rule.id for rule in repository.rules.of_problem(3)] == [2, 3]


# -- what grouping asks -----------------------------------------------------------------------------------------


def test_items_are_pinned_and_barred_at_the_living_problem(repository: Repository) -> None:
    with_problems(repository, 4)
    say(repository, RuleKind.BELONGS, 2, feedback_id=1)
    say(repository, RuleKind.NOT_IN, 2, feedback_id=4)
    say(repository, RuleKind.NOT_IN, 1, feedback_id=4)
    merge(repository, 2, into=3)
    merge(repository, 3, into=4)

    assert repository.rules.pinned() == {1: 4}
    assert repository.rules.barred() == {(4, 4), (4, 1)}


def test_the_latest_word_pins_an_item(repository: Repository) -> None:
    with_problems(repository)
    say(repository, RuleKind.BELONGS, 2, feedback_id=1)
    later = say(repository, RuleKind.BELONGS, 3, feedback_id=1)
    pinned = repository.rules.pinned()

    revoke(repository, later)

    assert pinned == {1: 3}
    assert repository.rules.pinned() == {1: 2}


def test_problems_that_people_shaped_or_named_are_corrected_ones(repository: Repository) -> None:
    with_problems(repository, 7)
    say(repository, RuleKind.BELONGS, 1, feedback_id=2)
    say(repository, RuleKind.DIFFERS, 3, other_id=4)
    revoke(repository, say(repository, RuleKind.BELONGS, 5, feedback_id=3))
    with repository.writing() as connection:
        connection.execute(update(tables.problem).where(tables.problem.c.id == 6).values(named_by="ada"))
    merge(repository, 1, into=7)

    assert repository.rules.corrected_problems() == {3, 4, 6, 7}


# -- lineage ----------------------------------------------------------------------------------------------------


def an_entry(problem: int, event: Event = Event.BORN, *, day: int = 0, **fields: Any) -> LineageEntry:
    at = RECEIVED + timedelta(days=day)
    return LineageEntry(**{"reason": "Twelve items, new tonight.", **fields}, problem_id=problem, event=event, at=at)


def test_an_entry_comes_back_whole(repository: Repository) -> None:
    with_problems(repository)
    entry = an_entry(1, Event.SPLIT, items=12, run_id=4, decision_id=5, other_id=2, share=0.25)

    repository.lineage.add([entry])
    [kept] = repository.lineage.of(1)

    assert kept == replace(entry, id=kept.id)
    assert kept.id


@pytest.mark.parametrize("event", Event)
def test_every_event_can_be_kept(repository: Repository, event: Event) -> None:
    with_problems(repository)

    repository.lineage.add([an_entry(1, event)])

    assert [entry.event for entry in repository.lineage.of(1)] == [event]


def test_a_problem_tells_its_life_and_that_of_those_merged_into_it_oldest_first(repository: Repository) -> None:
    with_problems(repository, 4)
    repository.lineage.add([an_entry(1, day=3), an_entry(2, day=1), an_entry(4)])
    repository.lineage.add([an_entry(3), an_entry(2, Event.MERGED, day=4, other_id=1)])
    merge(repository, 3, into=2)
    merge(repository, 2, into=1)

    told = repository.lineage.of(1)

    assert [(entry.problem_id, entry.event) for entry in told] == [
        (3, Event.BORN),
        (2, Event.BORN),
        (1, Event.BORN),
        (2, Event.MERGED),
    ]
    assert [entry.problem_id for entry in repository.lineage.of(2)] == [3, 2, 2]


def test_entries_of_a_write_that_fails_did_not_happen(repository: Repository) -> None:
    with_problems(repository)

    with pytest.raises(RuntimeError), repository.writing() as connection:
        repository.lineage.add([an_entry(1)], connection=connection)
        raise RuntimeError("the power went")
    repository.lineage.add([])

    assert repository.lineage.of(1) == []


# -- the fitted space -------------------------------------------------------------------------------------------

BYTES = b"\x00\xff\xfe not text \x80" * 1000


def test_a_space_comes_back_byte_for_byte_for_the_embedder_it_was_fitted_to(repository: Repository) -> None:
    number = repository.spaces.save(BYTES, embedder="static-1", run_id=1)

    assert repository.spaces.latest("static-1") == (number, BYTES)
    assert repository.spaces.latest("static-2") is None


def test_the_newest_space_replaces_the_one_before_and_takes_no_id_of_another(repository: Repository) -> None:
    first = repository.spaces.save(b"one", embedder="static-1", run_id=1)
    second = repository.spaces.save(b"two", embedder="static-1", run_id=2)
    third = repository.spaces.save(b"three", embedder="static-2", run_id=3)

    assert [first, second, third] == [1, 2, 3]
    assert repository.spaces.latest("static-1") is None
    assert repository.spaces.latest("static-2") == (3, b"three")


def test_a_space_of_a_write_that_fails_leaves_the_one_before(repository: Repository) -> None:
    repository.spaces.save(b"one", embedder="static-1", run_id=1)

    with pytest.raises(RuntimeError), repository.writing() as connection:
        repository.spaces.save(b"two", embedder="static-1", run_id=2, connection=connection)
        raise RuntimeError("the power went")

    assert repository.spaces.latest("static-1") == (1, b"one")


def test_a_space_is_sealed_and_bound_to_its_row(repository: Repository) -> None:
    repository.spaces.save(BYTES, embedder="static-1", run_id=1)
    with repository.writing() as connection:
        sealed = connection.execute(select(tables.space.c.sealed)).scalar_one()
        connection.execute(update(tables.space).values(id=2))

    assert b"not text" not in sealed
    with pytest.raises(InsightsError, match=r"Row 2 of space\.sealed cannot be decrypted"):
        repository.spaces.latest("static-1")
