"""Why an item is where it is, in sentences; and what is in no problem, with the reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from insights.domain.feedback import Stance
from insights.domain.placement import OUT, UNTOLD, Placement
from insights.explanation import Also, Names, Told, explain, reason_in_words, told, unassigned, waiting_in_words
from insights.stages.shaping import ALONE, ONE_ITEM, STALE, TALK
from insights.storage.groupings import LOOSELY, Reason
from insights.storage.repository import Repository
from tests.drafts import a_draft, save
from tests.stored import NOW, a_stored_problem, a_workspace, an_item
from tests.test_corrections import by, stored

NAMES = Names(titles={1: "Export hangs", 2: "Login loops"}, items={9: "tickets/T-9"}, merges={})


def a_placement(**fields: object) -> Placement:
    """A mention that a run put into P-1."""
    defaults = Placement(
        mention_id=1,
        feedback_id=1,
        text="It hangs",
        stance=Stance.PROBLEM,
        confidence=0.8,
        created_at=NOW,
        is_new=False,
        problem_id=1,
        similarity=0.614,
        nearer_than=0.6,
        placed_by="grouped",
    )
    return replace(defaults, **fields)  # type: ignore[arg-type]


def words(placement: Placement, names: Names = NAMES) -> str:
    return " ".join(told(placement, names).sentences)


def mention(repository: Repository, item: int) -> Told:
    (only,) = explain(item, repository=repository).mentions
    return only


def place(repository: Repository, mention_id: int, problem: int | None, reason: Reason, likeness: float = 0.5) -> None:
    run = repository.runs.start(mode="offline", at=NOW)
    repository.groupings.save(run.id, joined={mention_id: (problem, likeness)}, born=[], reasons={mention_id: reason})


# -- sentences --------------------------------------------------------------------------------------------------


def test_a_grouped_mention_tells_its_problem_how_like_it_is_and_how_central() -> None:
    assert told(a_placement(), NAMES).sentences == (
        "It states a problem: 80% sure.",
        "A run put it into P-1 “Export hangs”, which it is most like (likeness 0.61).",
        "It is nearer to the middle of the problem than 60% of what is in it.",
    )


def test_a_loose_mention_says_that_it_may_move() -> None:
    said = words(a_placement(placed_by=LOOSELY))

    assert "P-1 “Export hangs” loosely, for want of a better one" in said
    assert "a later run may move it" in said


@pytest.mark.parametrize(
    ("placed_by", "sentence"),
    [
        ("rule", "because a person said that its item belongs there"),
        ("person", "A person put it into P-1"),
    ],
)
def test_what_a_person_placed_has_no_likeness(placed_by: str, sentence: str) -> None:
    found = told(a_placement(placed_by=placed_by), NAMES)

    assert sentence in " ".join(found.sentences)
    assert (found.likeness, found.nearer_than) == (None, None)
    assert "likeness" not in " ".join(found.sentences)


def test_the_next_nearest_problem_is_named() -> None:
    found = told(a_placement(runner_up=2, runner_similarity=0.43), NAMES)

    assert found.sentences[-1] == "The next nearest problem is P-2 “Login loops” (likeness 0.43)."
    assert (found.runner_up, found.runner_up_likeness) == ("P-2", 0.43)


@pytest.mark.parametrize("runner_up", [1, 7])
def test_its_own_problem_and_one_that_is_gone_are_no_next_nearest(runner_up: int) -> None:
    assert told(a_placement(runner_up=runner_up, runner_similarity=0.4), NAMES).runner_up is None
    assert "next nearest" not in words(a_placement(runner_up=runner_up, runner_similarity=0.4))


def test_further_problems_are_named_and_said_to_count_nothing() -> None:
    names = replace(NAMES, titles={**NAMES.titles, 3: f"Labels {chr(27)}[31mblank"})

    found = told(a_placement(also=(2, 3)), names)

    assert found.sentences[-1] == (
        "It may also state P-2 “Login loops” and P-3 “Labels blank”, but is counted in P-1 alone."
    )
    assert found.also == (Also("P-2", "Login loops"), Also("P-3", "Labels blank"))


def test_a_further_problem_that_is_gone_is_not_named() -> None:
    found = told(a_placement(also=(7,)), NAMES)

    assert (found.also, "also state" in " ".join(found.sentences)) == ((), False)


@pytest.mark.parametrize(("copy_of", "whose"), [(9, "tickets/T-9"), (8, "an item that is gone")])
def test_a_near_copy_says_whose(copy_of: int, whose: str) -> None:
    assert f"Its words are nearly those of {whose}" in words(a_placement(copy_of=copy_of))


def test_what_a_merge_brought_says_so_instead_of_how_like_it_is() -> None:
    names = replace(NAMES, merges={1: "came with P-4, which ada merged"})

    said = words(a_placement(), names)

    assert "It is in P-1 “Export hangs”: it came with P-4, which ada merged into it." in said
    assert "middle" not in said


@pytest.mark.parametrize("reason", [ALONE, ONE_ITEM, TALK, STALE, OUT, UNTOLD])
def test_every_reason_to_wait_is_a_sentence(reason: str) -> None:
    said = words(a_placement(problem_id=None, similarity=0.0, waits=reason, runner_up=2, runner_similarity=0.2))

    assert reason_in_words(reason) in said
    assert reason_in_words(reason) != f"Left out: {reason}."
    assert said.endswith("The nearest problem is P-2 “Login loops” (likeness 0.20).")


def test_praise_is_told_to_be_counted_only() -> None:
    assert words(a_placement(stance=Stance.PRAISE, problem_id=None)) == (
        "It is praise: 80% sure. Only problems and requests are grouped and ranked; this is counted."
    )


def test_what_no_run_has_seen_says_so() -> None:
    assert "No run has looked at it yet" in words(a_placement(problem_id=None, is_new=True))


def test_a_model_that_told_the_kind_is_named() -> None:
    assert words(a_placement(told_by="gpt\x1b[31m", confidence=1.0)).startswith("It states a problem: gpt says so.")
    assert words(a_placement(told_by="gpt", confidence=0.5)).startswith("It states a problem: 50% sure.")
    assert words(a_placement(confidence=0.9996)).startswith("It states a problem: more than 99% sure.")


# -- stored -----------------------------------------------------------------------------------------------------


def test_the_share_of_mentions_further_off_is_of_the_others_in_the_problem(tmp_path: Path) -> None:
    repository = stored(tmp_path, 5)
    for number, likeness in enumerate((0.9, 0.8, 0.7, 0.6, 0.5), 1):
        place(repository, number, 1, Reason(placed_by="grouped"), likeness)

    assert [mention(repository, item).nearer_than for item in range(1, 6)] == [1.0, 0.75, 0.5, 0.25, 0.0]


def test_an_item_shows_the_rules_about_it_and_no_others(tmp_path: Path) -> None:
    repository = stored(tmp_path, 3, 2)
    by(repository).move(1, 1, to=2, why="a login issue")
    by(repository, "bob").move(2, 1, to=2)

    found = explain(1, repository=repository)

    assert [rule.words for rule in found.rules] == ["tickets/T-1 is not in P-1", "tickets/T-1 belongs to P-2"]
    assert "A person put it into P-2 “Problem 2”." in found.mentions[0].sentences


def test_a_mention_that_came_with_a_merged_problem_says_who_merged(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2)
    by(repository).merge(2, 1)

    assert "it came with P-2, which ada merged into it" in " ".join(mention(repository, 3).sentences)
    assert "came with" not in " ".join(mention(repository, 1).sentences)


def test_a_runner_up_that_was_merged_stands_under_its_heir(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2, 2)
    place(repository, 1, 1, Reason(placed_by="grouped", runner_up=2, runner_similarity=0.4))
    by(repository).merge(2, 3)

    assert mention(repository, 1).runner_up == "P-3"


def test_a_further_problem_is_told_as_people_have_it_since(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2, 2, 2)
    place(repository, 1, 1, Reason(placed_by="grouped", also=(2, 3)))
    assert [one.problem for one in mention(repository, 1).also] == ["P-2", "P-3"]

    by(repository).move(1, 1, to=2)
    by(repository).merge(3, 1)

    assert "A person put it into P-2 “Problem 2”." in mention(repository, 1).sentences
    assert mention(repository, 1).also == ()


def test_an_item_that_is_not_analysed_says_so_by_having_no_mention(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1)
    save(repository, a_draft("New", number=8))

    found = explain(repository.feedback.find_ref("T-8"), repository=repository)

    assert (found.mentions, found.is_analysed) == ((), False)


def test_what_waits_is_counted_by_reason_with_its_share(tmp_path: Path) -> None:
    others = [an_item(f"It beeps {n}", days_ago=n) for n in range(4)]
    praise = an_item("Great!", stance=Stance.PRAISE)
    problems = [a_stored_problem(items=[an_item(f"It hangs {n}") for n in range(4)])]
    repository = a_workspace(tmp_path, problems=problems, others=[*others, praise])
    place(repository, 5, None, Reason(placed_by="grouped", waits=ALONE))
    place(repository, 6, None, Reason(placed_by="grouped", waits=TALK))
    place(repository, 7, None, Reason(placed_by="grouped", waits=TALK))
    by(repository).move(1, 1, to=None)

    found = unassigned(repository, limit=3)

    reasons = {one.reason: (one.mentions, one.items) for one in found.reasons}
    assert reasons == {TALK: (2, 2), ALONE: (1, 1), OUT: (1, 1), UNTOLD: (1, 1)}
    assert (found.mentions, found.items, found.ranked, found.share) == (5, 5, 8, 5 / 8)
    assert [(one.ref, why) for one, why in found.newest] == [
        ("tickets/T-5", ALONE),
        ("tickets/T-1", OUT),
        ("tickets/T-6", TALK),
    ]
    assert waiting_in_words(found).startswith("5 mentions of 5 items wait for a problem: 62% of the 8")


def test_where_nothing_waits_it_says_so(tmp_path: Path) -> None:
    found = unassigned(stored(tmp_path, 2), limit=5)

    assert (found.share, found.newest) == (0.0, ())
    assert waiting_in_words(found).startswith("Nothing waits")
