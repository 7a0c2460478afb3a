"""What others say of a merged problem stands with its heir; a name that a person gave outlives every description."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights.domain.feedback import Quote
from insights.domain.problem import Action, Decision, ExportLink, State
from insights.storage.problems import Words
from insights.storage.repository import Repository
from insights.storage.words import seal_words, words_of
from tests.stored import a_stored_problem, a_workspace, an_item

AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """P-1, P-2 and P-3 of two items each."""
    problems = [
        a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}"), an_item(f"Hangs too {n}")]) for n in (1, 2, 3)
    ]
    return a_workspace(tmp_path, problems=problems)


def merge_two_into_one(repository: Repository) -> None:
    repository.groupings.save(2, joined={3: (1, 0.9), 4: (1, 0.9)}, born=[])


def filed(problem_id: int, tracker: str) -> ExportLink:
    return ExportLink(problem_id=problem_id, tracker=tracker, external_id="1", url=None, exported_at=AT)


def words(title: str) -> Words:
    return Words(title=title, summary=f"About {title}.", described_by="offline", described_from="2", quotes=())


def test_a_merged_problem_has_an_heir_over_any_number_of_merges(repository: Repository) -> None:
    merge_two_into_one(repository)
    repository.groupings.save(3, joined=dict.fromkeys((1, 2, 3, 4), (3, 0.9)), born=[])

    assert repository.problems.heirs() == {1: 3, 2: 3}


def test_issues_of_a_merged_problem_stand_with_its_heir(repository: Repository) -> None:
    for link in (filed(1, "file:a.md"), filed(2, "file:b.md"), filed(3, "file:a.md")):
        repository.problems.save_link(link)
    merge_two_into_one(repository)

    assert set(repository.problems.get(1).exported) == {filed(1, "file:a.md"), filed(2, "file:b.md")}
    assert [problem.exported for problem in repository.problems.all()] == [
        repository.problems.get(1).exported,
        (filed(3, "file:a.md"),),
    ]


def test_a_similar_problem_that_was_merged_is_told_once_as_its_heir_and_never_as_the_problem_itself(
    repository: Repository,
) -> None:
    repository.problems.save_similar({3: [(2, 0.9), (1, 0.8)], 1: [(2, 0.9), (3, 0.8)]})
    merge_two_into_one(repository)

    assert repository.problems.similar(3) == [(1, 0.9)]
    assert repository.problems.similar(1) == [(3, 0.8)]


def test_a_quote_is_told_while_its_item_is_in_the_problem(repository: Repository) -> None:
    before = repository.problems.quotes(1)
    repository.groupings.save(2, joined={1: (2, 0.9)}, born=[])

    assert [quote.feedback_id for quote in before] == [1, 2]
    assert repository.problems.quotes(1) == [Quote(feedback_id=2, start=0, end=len("Hangs too 1"))]


def test_a_name_stays_when_the_problem_is_described_anew_and_the_summary_is_renewed(repository: Repository) -> None:
    named(repository, 1, "Export")

    repository.problems.save_words(1, words("Exports time out"))

    problem = repository.problems.get(1)
    assert (problem.title, problem.summary, problem.named_by) == ("Export", "About Exports time out.", "ada")


def test_without_its_name_a_problem_has_the_latest_described_title(repository: Repository) -> None:
    named(repository, 1, "Export")
    repository.problems.save_words(1, words("Exports time out"))

    named(repository, 1, None)

    problem = repository.problems.get(1)
    assert (problem.title, problem.named_by) == ("Exports time out", None)


def test_a_description_of_one_problem_leaves_the_names_of_others(repository: Repository) -> None:
    named(repository, 2, "Export")

    repository.problems.save_words(1, words("Login"))

    assert [problem.title for problem in repository.problems.all()] == ["Login", "Export", "Problem 3"]


def named(repository: Repository, problem_id: int, name: str | None) -> None:
    cipher = repository.problems._cipher
    with repository.writing() as connection:
        kept = words_of(connection, cipher, problem_id)
        seal_words(connection, cipher, problem_id, {**kept, "name": name}, named_by="ada" if name else None)


def test_a_decision_comes_back_with_what_it_made_of_the_problem(repository: Repository) -> None:
    said = Decision(id=0, problem_id=1, action=Action.MERGE, who="ada", at=AT, why="One cause.", state=State.ACCEPTED)
    with repository.writing() as connection:
        stored = repository.decisions.append(said, connection=connection)
        within = repository.decisions.of(1, connection=connection)

    assert stored == replace(said, id=1)
    assert repository.decisions.of(1) == within == [stored]
