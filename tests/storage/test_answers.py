"""Answers that several threads bring at once are kept together, and every thread is told what became of its own."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from insights.errors import InsightsError
from insights.storage.calls import Call
from insights.storage.repository import Repository
from insights.storage.runs import StoredAnswer


def an_answer(number: int) -> StoredAnswer:
    return StoredAnswer(
        key=f"k{number}", prompt="p 1", model="openai:m", text=f"said {number}", tokens_in=1, tokens_out=1, usd=0.5
    )


CALL = Call(run_id=1, stage="kinds", model="openai:m", prompt="p 1", outcome="answered", usd=0.5)


def waiting(repository: Repository) -> int:
    return len(repository.answers._waiting)


def brought_together(repository: Repository, pool: ThreadPoolExecutor, count: int) -> list[Any]:
    """Answers of so many threads, all brought while the first of them waits for the database."""
    store = repository.answers
    store._database = held = Held(store._database)  # type: ignore[assignment]
    first = pool.submit(store.put, an_answer(0), call=CALL)
    while not store._writing.locked() or waiting(repository):
        time.sleep(0.005)
    others = [pool.submit(store.put, an_answer(n), call=CALL) for n in range(1, count)]
    while waiting(repository) < count - 1:
        time.sleep(0.005)
    held.free.set()
    return [first, *others]


class Held:
    """A database whose writers wait: a PostgreSQL would let them write beside another one."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.free = threading.Event()

    @contextmanager
    def write(self) -> Iterator[Any]:
        self.free.wait()
        with self._database.write() as connection:
            yield connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def test_answers_of_many_threads_are_all_kept_with_their_calls(repository: Repository) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: repository.answers.put(an_answer(number), run_id=None, call=CALL), range(200)))

    kept = [repository.answers.get(f"k{number}") for number in range(200)]
    assert [one.text for one in kept if one is not None] == [f"said {number}" for number in range(200)]
    assert repository.calls.of_run(1)[0].calls == 200
    assert waiting(repository) == 0


def test_what_comes_while_another_thread_writes_is_kept_in_one_step(repository: Repository) -> None:
    commits = []

    def count(connection: Any) -> None:
        commits.append(bool(connection.get_execution_options().get("insights_write")))

    with ThreadPoolExecutor(16) as pool:
        event.listen(Engine, "commit", count)
        try:
            for future in brought_together(repository, pool, 9):
                future.result()
        finally:
            event.remove(Engine, "commit", count)

    assert commits.count(True) == 2
    assert all(repository.answers.get(f"k{number}") for number in range(9))


def test_an_answer_that_comes_twice_at_once_is_kept_once(repository: Repository) -> None:
    barrier = threading.Barrier(8)

    def put(_: int) -> None:
        barrier.wait()
        repository.answers.put(an_answer(1), call=CALL)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(8)))

    assert repository.answers.get("k1") == an_answer(1)


def test_a_refusal_of_the_database_is_told_to_every_thread_and_the_next_answer_is_kept(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = repository.answers._write
    monkeypatch.setattr(repository.answers, "_write", refused)
    with ThreadPoolExecutor(16) as pool:
        futures = brought_together(repository, pool, 5)
        failures = [future.exception() for future in futures]
    monkeypatch.setattr(repository.answers, "_write", write)
    repository.answers.put(an_answer(7), call=CALL)

    assert all(isinstance(failure, InsightsError) for failure in failures)
    assert repository.answers.get("k1") is None
    assert repository.answers.get("k7") is not None
    assert repository.calls.of_run(1)[0].calls == 1


def refused(*_: Any) -> None:
    raise InsightsError("The disk is full.", remedy="Free some space.")
