"""A mention may state further problems besides its own: kept with its place, told as people have it since."""

import pytest
from sqlalchemy import select

from insights.corrections import Corrections
from insights.domain.feedback import Stance
from insights.storage import tables
from insights.storage.groupings import NewProblem, Reason
from insights.storage.mentions import Span
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.drafts import RECEIVED, a_draft, save, split_whole


@pytest.fixture(autouse=True)
def problems(repository: Repository) -> None:
    """P-1, P-2 and P-3 with the items and mentions 1 and 2, 3 and 4, 5 and 6."""
    save(repository, *(a_draft(f"It hangs {n}", number=n) for n in range(1, 7)))
    split_whole(repository)
    repository.mentions.mark_embedded(range(1, 7), fingerprint="test")
    born = [NewProblem(stance=Stance.PROBLEM, mentions=pair) for pair in ((1, 2), (3, 4), (5, 6))]
    repository.groupings.save(1, joined={}, born=[(new, [0.9, 0.8]) for new in born])


def place(repository: Repository, mention: int, problem: int | None, *also: int) -> None:
    """A run puts a mention into a problem, which states further ones."""
    reasons = {mention: Reason(placed_by="grouped", also=also)}
    repository.groupings.save(2, joined={mention: (problem, 0.9)}, born=[], reasons=reasons)


def kept(repository: Repository) -> set[tuple[int, int]]:
    """Mention and further problem, as written."""
    with repository.writing() as connection:
        return {(row[0], row[1]) for row in connection.execute(select(tables.mention_also))}


def told(repository: Repository, item: int = 1) -> tuple[int, ...]:
    """The further problems of an item's only mention."""
    return repository.also.of_item(item).get(item, ())


def by(repository: Repository, who: str = "ada") -> Corrections:
    return Corrections(repository, who=who, now=lambda: RECEIVED)


def undo(repository: Repository) -> None:
    Triage(repository, who="ada", now=lambda: RECEIVED).undo()


# -- written with the place ---------------------------------------------------------------------------------------


def test_further_problems_are_told_of_the_mention_and_of_each_of_them(repository: Repository) -> None:
    place(repository, 1, 1, 2, 3)

    assert repository.also.of_item(1) == {1: (2, 3)}
    assert [repository.also.of_problem(number) for number in (1, 2, 3)] == [{}, {1: 1}, {1: 1}]
    assert repository.placements.of_item(1)[0].also == (2, 3)


def test_a_group_that_becomes_a_problem_with_the_same_step_is_told_by_its_id(repository: Repository) -> None:
    born = [(NewProblem(stance=Stance.PROBLEM, mentions=(2, 4)), [0.9, 0.9])]
    reasons = {
        1: Reason(placed_by="grouped", also=(2,), also_born=(0,)),
        2: Reason(placed_by="grouped", also=(1,), also_born=(0,)),
    }

    repository.groupings.save(2, joined={1: (1, 0.9)}, born=born, reasons=reasons)

    assert kept(repository) == {(1, 2), (1, 4), (2, 1)}


def test_a_mention_that_is_placed_again_has_its_new_list_only(repository: Repository) -> None:
    place(repository, 1, 1, 2)
    place(repository, 3, 2, 3)

    place(repository, 1, 1, 3)
    assert kept(repository) == {(1, 3), (3, 3)}

    place(repository, 1, 1)
    assert kept(repository) == {(3, 3)}


def test_its_own_problem_is_never_one_of_them(repository: Repository) -> None:
    place(repository, 1, 1, 1, 2)

    assert kept(repository) == {(1, 2)}


def test_a_mention_in_no_problem_has_none(repository: Repository) -> None:
    place(repository, 1, 1, 2)

    place(repository, 1, None, 2)

    assert kept(repository) == set()


def test_a_mention_that_went_while_the_run_was_thinking_is_left_out(repository: Repository) -> None:
    with repository.writing() as connection:
        repository.feedback.remove("tickets", ["T-1"], connection=connection)

    place(repository, 1, 1, 2)

    assert kept(repository) == set()


def test_a_step_that_fails_keeps_the_list_of_before(repository: Repository) -> None:
    place(repository, 1, 1, 2)

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        place(repository, 1, 1, 3, 99)

    assert kept(repository) == {(1, 2)}


@pytest.mark.parametrize("how", ["removed", "changed"])
def test_they_go_with_their_mention(repository: Repository, how: str) -> None:
    place(repository, 1, 1, 2)
    place(repository, 3, 2, 3)

    if how == "changed":
        save(repository, a_draft("Other words", number=1))
    else:
        with repository.writing() as connection:
            repository.feedback.remove("tickets", ["T-1"], connection=connection)

    assert kept(repository) == {(3, 3)}


def test_they_go_when_a_model_says_that_the_mention_is_no_problem(repository: Repository) -> None:
    place(repository, 1, 1, 2)

    repository.mentions.save_opinions({1: Stance.PRAISE}, told_by="gpt")

    assert kept(repository) == set()


# -- told as people have it since ---------------------------------------------------------------------------------


def test_a_merged_problem_stands_under_its_heir_once(repository: Repository) -> None:
    place(repository, 1, 1, 2, 3)

    by(repository).merge(2, 3)

    assert told(repository) == (3,)
    assert repository.also.of_problem(3) == {1: 1}
    undo(repository)
    assert told(repository) == (2, 3)


def test_a_problem_that_a_run_redirects_stands_under_its_heir_too(repository: Repository) -> None:
    place(repository, 1, 1, 2)

    repository.groupings.save(3, joined=dict.fromkeys((3, 4), (3, 0.9)), born=[])

    assert told(repository) == (3,)


def test_what_is_merged_into_the_mention_s_own_problem_is_not_told(repository: Repository) -> None:
    place(repository, 1, 1, 2)

    by(repository).merge(2, 1)

    assert told(repository) == ()
    assert repository.also.of_problem(1) == {}


def test_nor_is_one_that_the_mention_s_own_problem_is_merged_into(repository: Repository) -> None:
    place(repository, 1, 1, 2, 3)

    by(repository).merge(1, 2)

    assert told(repository) == (3,)


def test_the_problem_that_a_person_moves_an_item_to_is_its_own_until_that_is_taken_back(repository: Repository) -> None:
    place(repository, 1, 1, 2, 3)

    by(repository).move(1, 1, to=2)
    assert told(repository) == (3,)
    assert repository.also.of_problem(2) == {}

    undo(repository)
    assert told(repository) == (2, 3)


def test_an_item_that_a_person_takes_out_has_none_until_that_is_taken_back(repository: Repository) -> None:
    place(repository, 1, 1, 2)

    by(repository).move(1, 1, to=None)
    assert (told(repository), repository.also.of_problem(2)) == ((), {})

    undo(repository)
    assert told(repository) == (2,)


def test_an_item_that_is_in_a_problem_already_is_not_told_by_its_other_mention(repository: Repository) -> None:
    item = an_item_of_two(repository)

    place(repository, 7, 1, 2, 3)
    place(repository, 8, 2, 1, 3)

    assert repository.also.of_item(item) == {7: (3,), 8: (3,)}
    assert [repository.also.of_problem(number) for number in (1, 2, 3)] == [{}, {}, {7: item, 8: item}]
    assert Triage(repository, who="ada", now=lambda: RECEIVED).count_elsewhere(3) == 1


def test_a_problem_that_a_person_said_the_item_is_not_in_is_not_told_whatever_a_run_finds(
    repository: Repository,
) -> None:
    item = an_item_of_two(repository)
    place(repository, 8, 2)
    by(repository).move(item, 2, to=None)

    place(repository, 7, 1, 2, 3)
    place(repository, 8, 3)

    assert repository.also.of_item(item) == {}
    assert repository.also.of_problem(2) == {}
    undo(repository)
    assert repository.also.of_item(item) == {7: (2,)}


def an_item_of_two(repository: Repository) -> int:
    """T-7, with the mentions 7 and 8."""
    text = "It hangs. It loops."
    save(repository, a_draft(text, number=7))
    item = repository.feedback.find_ref("T-7")
    repository.feedback.save_redactions({item: (text, 0)})
    repository.mentions.save({item: [Span(0, 9, Stance.PROBLEM, 1.0), Span(10, 19, Stance.PROBLEM, 1.0)]})
    repository.mentions.mark_embedded([7, 8], fingerprint="test")
    return item


def test_a_mention_that_a_person_put_where_it_is_keeps_its_list_when_a_run_passes(repository: Repository) -> None:
    place(repository, 1, 1, 2, 3)
    by(repository).move(1, 1, to=2)

    place(repository, 1, 1)

    assert told(repository) == (3,)
