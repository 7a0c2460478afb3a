"""What people said about the grouping: the latest word counts, and what cannot all be kept is shown first."""

from pathlib import Path

from sqlalchemy import update

from insights.domain.feedback import Stance
from insights.domain.rule import RuleKind
from insights.rulebook import Status, rulebook
from insights.storage import tables
from insights.storage.mentions import Span
from insights.storage.repository import Repository
from tests.drafts import a_draft, save
from tests.stored import NOW
from tests.test_corrections import by, items, stored, triage


def told(repository: Repository, *, everything: bool = False) -> list[tuple[str, str]]:
    """Status and words, in order."""
    return [(saying.status.value, saying.words) for saying in rulebook(repository, everything=everything)]


def test_each_rule_is_a_sentence_with_who_when_and_why(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3, 2)
    by(repository).split(1, [1], why="another cause")
    by(repository, "bob").move(2, 1, to=2)

    assert told(repository) == [
        ("kept", "P-1 and P-3 are two problems"),
        ("kept", "tickets/T-1 belongs to P-3"),
        ("kept", "tickets/T-2 is not in P-1"),
        ("kept", "tickets/T-2 belongs to P-2"),
    ]
    first, *_, last = rulebook(repository)
    assert (first.who, first.at, first.why, first.item) == ("ada", NOW, "another cause", None)
    assert (last.who, last.why, last.item, last.kind) == ("bob", None, "tickets/T-2", RuleKind.BELONGS)


def test_what_was_taken_back_is_shown_on_request(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1, 1)
    by(repository).merge(1, 2)
    triage(repository).undo()

    assert rulebook(repository) == []
    (saying,) = rulebook(repository, everything=True)
    assert (saying.status, saying.reason) == (Status.REVOKED, "Taken back by ada, 2026-11-20.")


def test_the_latest_word_on_two_problems_counts_and_its_undo_brings_the_older_back(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3)
    by(repository, "ada").split(1, [1])

    done = by(repository, "bob").merge(2, 1)

    assert [rule.kind for rule in done.overruled] == [RuleKind.DIFFERS]
    assert ("kept", "P-2 and P-1 are one problem") in told(repository)
    overruled = rulebook(repository, everything=True)[-1]
    assert (overruled.words, overruled.reason) == ("P-1 and P-2 are two problems", "Overruled by bob, 2026-11-20.")
    triage(repository, "bob").undo()
    assert told(repository) == [("kept", "P-1 and P-2 are two problems"), ("kept", "tickets/T-1 belongs to P-2")]


def test_the_latest_word_on_an_item_counts(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3, 2)
    by(repository, "ada").move(1, 1, to=2)

    done = by(repository, "bob").move(1, 2, to=1)

    assert {(rule.kind, rule.problem_id) for rule in done.overruled} == {(RuleKind.NOT_IN, 1), (RuleKind.BELONGS, 2)}
    assert told(repository) == [("kept", "tickets/T-1 is not in P-2"), ("kept", "tickets/T-1 belongs to P-1")]


def test_a_chain_of_corrections_that_denies_an_older_one_is_a_contradiction(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3, 1)
    by(repository, "ada").split(1, [1])  # P-3
    by(repository, "bob").merge(3, 2)
    by(repository, "eve").merge(2, 1)

    sayings = rulebook(repository)

    assert [(saying.status, saying.words) for saying in sayings[:3]] == [
        (Status.CONTRADICTED, "P-1 and P-3 are two problems"),
        (Status.CONTRADICTED, "P-3 and P-2 are one problem"),
        (Status.CONTRADICTED, "P-2 and P-1 are one problem"),
    ]
    assert all("P-1 differs from P-3" in saying.reason for saying in sayings[:3])
    assert (sayings[3].status, sayings[3].words) == (Status.KEPT, "tickets/T-1 belongs to P-3")


def test_an_item_that_was_taken_out_of_what_its_problem_is_merged_into_is_a_contradiction(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2)
    by(repository).move(1, 1, to=2)
    by(repository).merge(2, 1)

    assert told(repository)[:2] == [
        ("contradicted", "tickets/T-1 is not in P-1"),
        ("contradicted", "tickets/T-1 belongs to P-2"),
    ]


def test_a_rule_that_a_run_did_not_keep_comes_before_those_that_are_kept(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3, 2)
    by(repository).move(1, 1, to=2)
    by(repository).move(2, 1, to=2)
    with repository.writing() as connection:  # a run itself leaves it alone
        connection.execute(update(tables.mention).where(tables.mention.c.id == 2).values(problem_id=1))

    sayings = rulebook(repository)

    assert [(saying.status, saying.words, saying.reason) for saying in sayings[:2]] == [
        (Status.BROKEN, "tickets/T-2 is not in P-1", "The item is in P-1."),
        (Status.BROKEN, "tickets/T-2 belongs to P-2", "The item is in P-1, not in P-2."),
    ]
    assert [saying.status for saying in sayings[2:]] == [Status.KEPT, Status.KEPT]


def test_an_item_that_states_two_things_may_belong_to_two_problems(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2, 2, 2)
    item = an_item_of_two_mentions(repository, first=1, second=2)

    by(repository).move(item, 1, to=3)
    done = by(repository).move(item, 2, to=4)

    assert done.overruled == ()
    assert {saying.status for saying in rulebook(repository)} == {Status.KEPT}
    assert [item in items(repository, number) for number in (1, 2, 3, 4)] == [False, False, True, True]


def an_item_of_two_mentions(repository: Repository, *, first: int, second: int) -> int:
    """Each mention in another problem."""
    save(repository, a_draft("It hangs. It prints nothing.", number=77))
    (item,) = repository.feedback.unprotected(1)
    repository.feedback.save_redactions({item.id: (item.body, 0)})
    spans = [Span(0, 9, Stance.PROBLEM, 1.0), Span(10, 28, Stance.PROBLEM, 1.0)]
    repository.mentions.save({item.id: spans})
    one, other = (mention.id for mention in repository.mentions.unembedded("test", limit=2))
    repository.mentions.mark_embedded([one, other], fingerprint="test")
    repository.groupings.save(2, joined={one: (first, 0.9), other: (second, 0.9)}, born=[])
    return item.id
