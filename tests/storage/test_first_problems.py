"""The first of a long list are read without the others, and say the same as the whole list does."""

from pathlib import Path

from sqlalchemy import event

from insights.domain.problem import Action
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.builders import MORNING
from tests.stored import a_stored_problem, a_workspace, an_estimate, an_item


def stored(folder: Path, count: int = 6) -> Repository:
    """Problems in the order of their ids; the last has no estimate and so no rank."""
    problems = [
        a_stored_problem(
            f"Problem {n}",
            items=[an_item(f"It hangs {n}", days_ago=n), an_item(f"Hangs too {n}", days_ago=9)],
            estimate=an_estimate(value=400_000 / (n + 1)) if n < count - 1 else None,
        )
        for n in range(count)
    ]
    return a_workspace(folder, problems=problems)


def test_the_first_are_those_of_the_whole_list(tmp_path: Path) -> None:
    repository = stored(tmp_path)

    assert repository.problems.first(3) == repository.problems.all()[:3]


def test_what_was_decided_is_not_among_them_and_what_is_snoozed_is(tmp_path: Path) -> None:
    repository = stored(tmp_path)
    triage = Triage(repository, "ana", lambda: MORNING)
    triage.decide(1, Action.ACCEPT)
    triage.decide(2, Action.SNOOZE)
    triage.decide(4, Action.DISMISS)

    assert [problem.id for problem in repository.problems.first(10)] == [2, 3, 5]


def test_without_ranks_there_are_no_first(tmp_path: Path) -> None:
    assert stored(tmp_path, 1).problems.first(5) == []


def test_no_query_reads_the_others(tmp_path: Path) -> None:
    repository = stored(tmp_path)
    engine, asked = repository._database.engine, []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, values, *_: asked.append((text, values)))

    repository.problems.first(2)

    again = engine.raw_connection().cursor()
    rows = [len(again.execute(*query).fetchall()) for query in asked if query[0].startswith("SELECT")]
    assert max(rows) == 4, "two items of each of the two problems"


def test_merged_problems_and_ranks_are_found_by_an_index(tmp_path: Path) -> None:
    """At 10,000 problems each look at who stands for whom read 60 MB, twelve times for one problem on the screen."""
    connection = stored(tmp_path)._database.engine.raw_connection()

    def plan(query: str) -> str:
        return " ".join(str(row[3]) for row in connection.cursor().execute(f"EXPLAIN QUERY PLAN {query}"))

    assert "INDEX ix_problem_merged_into" in plan("SELECT id, merged_into FROM problem WHERE merged_into IS NOT NULL")
    assert "INDEX ix_problem_rank" in plan("SELECT id FROM problem WHERE rank IS NOT NULL ORDER BY rank LIMIT 5")
