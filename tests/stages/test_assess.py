"""A model says how severe and urgent problems are and what they may take; what it says is bounded and asked once."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from insights.language.assessing import BATCH, Assessor
from insights.stages.assess import assess_problems
from insights.storage import tables
from insights.storage.assessments import ASSESSED
from insights.storage.repository import Repository
from tests.fakes import quiet
from tests.language.chat_server import ChatServer, Reply, chat_server, completion
from tests.language.desk_builders import a_desk
from tests.language.honest_model import assessment, honest, remarks
from tests.stored import NOW, a_stored_problem, a_workspace, an_item


def stored(folder: Path, count: int) -> Repository:
    problems = [a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}")]) for n in range(1, count + 1)]
    return a_workspace(folder, problems=problems)


def ask(repository: Repository, server: ChatServer, **changes: Any) -> int:
    assessor = Assessor(a_desk(repository, server, **changes))
    return assess_problems(repository, assessor=assessor, run_id=1, at=NOW, progress=quiet)


def said(repository: Repository) -> dict[int, dict[str, Any]]:
    return {problem: json.loads(one.text) for problem, one in repository.assessments.all(ASSESSED).items()}


def always(**changes: Any) -> Any:
    def answer(body: dict[str, Any]) -> Reply:
        return completion(json.dumps({"problems": [assessment(number, **changes) for number in remarks(body)]}))

    return answer


def test_some_problems_a_question_and_each_once(tmp_path: Path) -> None:
    repository = stored(tmp_path, BATCH + 3)

    with chat_server(honest) as server:
        assert ask(repository, server) == BATCH + 3
        assert ask(repository, server) == 0

    assert [len(remarks(request)) for request in server.requests] == [BATCH, 3]
    assert said(repository)[1]["severity"] == "hurts"
    assert said(repository)[1]["weeks"] == [1.0, 2.0, 4.0]
    assert repository.assessments.all(ASSESSED)[1].told_by == "openai:small"


@pytest.mark.parametrize(
    "changes",
    [{"weeks_low": 0.0}, {"weeks_high": 500}, {"weeks_low": 3, "weeks_likely": 2}, {"weeks_likely": 9}],
    ids=["nothing", "ten years", "low above likely", "likely above high"],
)
def test_an_effort_out_of_bounds_is_not_kept(tmp_path: Path, changes: dict[str, float]) -> None:
    repository = stored(tmp_path, 1)

    with chat_server(always(**changes)) as server:
        ask(repository, server)

    assert said(repository) == {}


def test_a_reason_loses_figures_that_nobody_gave(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1)

    with chat_server(always(severity_reason="It costs $9,000 a day. Work stops.")) as server:
        ask(repository, server)

    assert said(repository)[1]["severity_reason"] == "Work stops."


def test_an_entry_for_a_line_that_was_not_shown_or_twice_is_dropped(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2)
    told = [assessment(1), assessment(1, severity="blocks"), assessment(2), assessment(7)]

    with chat_server(lambda _: completion(json.dumps({"problems": told}))) as server:
        ask(repository, server)

    assert sorted(said(repository)) == [2]


def test_a_problem_that_quotes_an_order_to_a_machine_is_shown_to_no_model(tmp_path: Path) -> None:
    repository = stored(tmp_path, 2)
    with repository.writing() as connection:
        connection.execute(update(tables.redaction).where(tables.redaction.c.feedback_id == 1).values(is_order=True))

    with chat_server(honest) as server:
        ask(repository, server)

    assert len(said(repository)) == 1
    assert len(remarks(server.requests[0])) == 1


def test_what_is_kept_cannot_be_read_without_the_key(tmp_path: Path) -> None:
    repository = stored(tmp_path, 1)

    with chat_server(always(effort_reason="The zebraparser must go.")) as server:
        ask(repository, server)

    assert b"zebraparser" not in b"".join(file.read_bytes() for file in tmp_path.glob("insights.db*"))
