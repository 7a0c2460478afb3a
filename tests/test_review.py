"""A model reviews the grouping: its merges and splits are corrections under its name, and a person's word wins."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from insights.corrections import Corrections
from insights.domain.problem import Action
from insights.language.reviews import Reviewer
from insights.review import NEAR, Review, is_model
from insights.storage.repository import Repository
from insights.storage.vectors import VectorPlace, VectorStore
from insights.triage import Triage
from insights.undo import take_back
from tests.fakes import quiet
from tests.language.chat_server import ChatServer, Reply, chat_server, completion
from tests.language.desk_builders import a_desk
from tests.language.honest_model import asked_for, honest, remarks
from tests.stored import NOW, a_stored_problem, a_workspace, an_item

MODEL = "openai:small"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VectorStore]:
    with VectorStore(VectorPlace(tmp_path / "vectors")) as vectors:
        yield vectors


def stored(folder: Path, store: VectorStore, *sizes: int, near: bool = True) -> Repository:
    """Problems P-1, P-2, … of so many items; each problem's mentions lie on its own axis. With `near`, P-1 and P-2 are
    similar."""
    problems = [
        a_stored_problem(f"Problem {n}", items=[an_item(f"It hangs {n}.{item}") for item in range(size)])
        for n, size in enumerate(sizes, 1)
    ]
    repository = a_workspace(folder, problems=problems)
    for problem, mentions in repository.mentions.by_problem().items():
        rows = np.tile(np.eye(8, dtype=np.float32)[problem], (len(mentions), 1))
        store.upsert([m.id for m in mentions], rows, filters=[{"kind": "ticket"} for _ in mentions])
    if near:
        repository.problems.save_similar({1: [(2, NEAR)], 2: [(1, NEAR)]})
    return repository


def review(repository: Repository, store: VectorStore, server: ChatServer, **changes: Any) -> dict[str, int]:
    desk = a_desk(repository, server, **changes)
    return Review(repository, Reviewer(desk), store, now=lambda: NOW, run_id=1, progress=quiet).run()


def says_same(same: bool, *, confidence: str = "high") -> Callable[[dict[str, Any]], Reply]:
    def answer(body: dict[str, Any]) -> Reply:
        if asked_for(body) != "SameDraft":
            return honest(body)
        return completion(json.dumps({"same": same, "reason": "Both hang.", "confidence": confidence}))

    return answer


def test_near_problems_that_are_one_are_merged_under_the_models_name(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4)

    with chat_server(says_same(True)) as server:
        assert review(repository, store, server) == {"merged": 1}

    decision = repository.decisions.of(1)[0]
    assert (decision.action, decision.who, decision.why) == (Action.MERGE, MODEL, "Both hang.")
    assert repository.problems.get(2).id == 1
    assert is_model(decision.who)


def test_a_pair_that_is_said_to_be_one_is_asked_about_again_with_other_remarks(
    tmp_path: Path, store: VectorStore
) -> None:
    repository = stored(tmp_path, store, 6, 4)

    with chat_server(says_same(True)) as server:
        review(repository, store, server)

    first, second = (set(remarks(request).values()) for request in server.requests)
    assert not first & second


def test_one_doubt_is_enough_to_leave_them_apart(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4)
    answers = iter([says_same(True), says_same(False)])

    def divided(body: dict[str, Any]) -> Reply:
        return next(answers)(body)

    with chat_server(divided) as server:
        assert review(repository, store, server) == {}

    with chat_server(says_same(True, confidence="low")) as server:
        (tmp_path / "other").mkdir()
        assert review(stored(tmp_path / "other", store, 6, 4), store, server) == {}


def test_a_pair_is_not_asked_about_again_while_both_stay_as_they_are(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4)

    with chat_server(says_same(False)) as server:
        review(repository, store, server)
        asked = server.calls
        review(repository, store, server)

    assert server.calls == asked == 1


def test_problems_that_are_not_near_are_not_asked_about(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4, near=False)
    repository.problems.save_similar({1: [(2, NEAR - 0.1)], 2: [(1, NEAR - 0.1)]})

    with chat_server(says_same(True)) as server:
        review(repository, store, server)

    assert server.calls == 0


def test_what_a_person_decided_on_is_not_asked_about(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4)
    Triage(repository, who="ada", now=lambda: NOW).decide(1, Action.ACCEPT)

    with chat_server(says_same(True)) as server:
        review(repository, store, server)

    assert server.calls == 0


def test_a_merge_that_a_person_took_back_is_not_made_again(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4)
    with chat_server(says_same(True)) as server:
        review(repository, store, server)
        merge = repository.decisions.of(1)[0]
        with repository.correcting() as step:
            take_back(step, merge, repository=repository, who="ada", now=NOW)
        assert repository.problems.get(2).id == 2
        asked = server.calls
        review(repository, store, server)

    assert server.calls == asked
    assert repository.problems.get(2).id == 2


def test_a_persons_split_overrules_a_models_merge(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4)
    with chat_server(says_same(True)) as server:
        review(repository, store, server)
    moved = [one.feedback_id for one in repository.evidence.of_problem(1)][:3]

    done = Corrections(repository, who="ada", now=lambda: NOW).split(1, moved)

    assert done.other_id is not None
    with chat_server(says_same(True)) as server:
        review(repository, store, server)
    assert server.calls == 0


def two_topics(folder: Path, store: VectorStore) -> Repository:
    """P-1 holds two things that lie apart, P-2 one."""
    loose = [an_item(f"export hangs {n}") for n in range(6)] + [an_item(f"login loops {n}") for n in range(5)]
    problems = [a_stored_problem("Loose", items=loose), a_stored_problem("Tight", items=[an_item("x"), an_item("y")])]
    repository = a_workspace(folder, problems=problems)
    for mentions in repository.mentions.by_problem().values():
        for mention in mentions:
            axis = 1 if "export" in mention.text else 2 if "login" in mention.text else 3
            store.upsert([mention.id], np.eye(8, dtype=np.float32)[[axis]], filters=[{"kind": "ticket"}])
    with repository.writing() as connection:
        from sqlalchemy import case, update

        from insights.storage import tables

        column = tables.mention.c
        closeness = case((column.problem_id == 1, 0.4), else_=0.9)
        connection.execute(update(tables.mention).values(similarity=closeness))
    return repository


def by_word(body: dict[str, Any], *, shuffled: bool = False) -> Reply:
    if asked_for(body) != "PartsDraft":
        return honest(body)
    shown = remarks(body)
    export = [number for number, words in shown.items() if ("export" in words) is not (shuffled and number % 2 == 0)]
    login = [number for number in shown if number not in export]
    parts = [{"name": "Export hangs", "items": export}, {"name": "Login loops", "items": login}]
    return completion(json.dumps({"parts": parts, "reason": "Two things.", "confidence": "high"}))


def test_a_loose_problem_that_is_two_is_parted(tmp_path: Path, store: VectorStore) -> None:
    repository = two_topics(tmp_path, store)

    with chat_server(by_word) as server:
        assert review(repository, store, server) == {"parted": 1}

    members = repository.mentions.by_problem()
    assert {len(some): {m.text.split()[0] for m in some} for some in members.values()} == {
        6: {"export"},
        5: {"login"},
        2: {"x", "y"},
    }
    assert {m.text.split()[0] for m in members[1]} == {"export"}


def test_parts_that_do_not_lie_apart_are_not_believed(tmp_path: Path, store: VectorStore) -> None:
    repository = two_topics(tmp_path, store)

    with chat_server(lambda body: by_word(body, shuffled=True)) as server:
        assert review(repository, store, server) == {}

    assert len(repository.mentions.by_problem()[1]) == 11


def test_a_loose_problem_is_asked_about_once_while_it_stays_as_it_is(tmp_path: Path, store: VectorStore) -> None:
    repository = two_topics(tmp_path, store)

    with chat_server(honest) as server:
        review(repository, store, server)
        review(repository, store, server)

    assert [asked_for(request) for request in server.requests] == ["PartsDraft"]


def test_without_an_answer_nothing_changes_and_it_is_asked_again(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4)

    with chat_server(lambda _: completion("no")) as server:
        assert review(repository, store, server) == {}
        asked = server.calls
        review(repository, store, server)

    assert server.calls == 2 * asked
    assert repository.decisions.of(1) == []


def test_only_problems_that_are_each_others_nearest_are_asked_about(tmp_path: Path, store: VectorStore) -> None:
    repository = stored(tmp_path, store, 6, 4, 5)
    repository.problems.save_similar({1: [(2, NEAR)], 2: [(3, 0.9), (1, NEAR)], 3: [(2, 0.9)]})

    with chat_server(says_same(False)) as server:
        review(repository, store, server)

    assert server.calls == 1
    assert {words.split()[2][0] for words in remarks(server.requests[0]).values()} == {"2", "3"}
