"""A run that is killed while a model answers pays no answer twice that was stored, and loses none.

`python -m benchmarks.kills` does the same at random moments, hundreds of times.
"""

import random
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from benchmarks.kill_record import Found, Life, Record, Request, found_in
from benchmarks.kill_run import QUESTIONS, ask_all, ask_and_die, booked, known
from benchmarks.kills import forks
from tests.language.chat_server import chat_server

KILLS = 4
EACH = 3
"""New answers in each life, the last of them at the kill."""


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    return forks()


def killed_at_commits(
    folder: Path, context: ForkServerContext, *, before: bool, concurrency: int
) -> tuple[Found, dict[str, int], list[int]]:
    """Four kills right before or after the commit of the third new answer, then a life to the end; with the ledger, and
    how many answers each life stored."""
    record, lives = Record(random.Random(1)), list[Life]()
    stored = []
    with chat_server(record) as server:
        for life in range(KILLS):
            there = known(folder, server.base_url)
            lives.append(Life(there, killed=float("inf")))
            record.life = life
            # What is recalled is booked first: a commit each.
            arguments = (folder, server.base_url, concurrency, len(there) + EACH, before)
            child = context.Process(target=ask_and_die, args=arguments)
            child.start()
            child.join(60)
            assert child.exitcode == -9
            stored.append(len(known(folder, server.base_url)) - len(there))
        lives.append(Life(known(folder, server.base_url), killed=None))
        record.life = KILLS
        child = context.Process(target=ask_all, args=(folder, server.base_url, concurrency))
        child.start()
        child.join(60)
        assert child.exitcode == 0
        assert len(known(folder, server.base_url)) == len(QUESTIONS)
    return found_in(record.requests, lives, grace=0), booked(folder), stored


@pytest.mark.kill
def test_killed_right_after_a_commit_nothing_is_asked_twice(tmp_path: Path, context: ForkServerContext) -> None:
    found, ledger, stored = killed_at_commits(tmp_path, context, before=False, concurrency=1)

    assert stored == [EACH] * KILLS
    assert (found.kills, found.lost, found.requests) == (KILLS, 0, len(QUESTIONS))
    assert ledger["answered"] == len(QUESTIONS)


@pytest.mark.kill
def test_killed_right_before_a_commit_only_that_answer_is_asked_again(
    tmp_path: Path, context: ForkServerContext
) -> None:
    found, ledger, stored = killed_at_commits(tmp_path, context, before=True, concurrency=1)

    assert stored == [EACH - 1] * KILLS
    assert (found.kills, found.lost, found.requests) == (KILLS, 0, len(QUESTIONS) + KILLS)
    assert ledger["answered"] == len(QUESTIONS)


@pytest.mark.kill
def test_killed_with_four_under_way_no_stored_answer_is_asked_again(tmp_path: Path, context: ForkServerContext) -> None:
    found, ledger, _ = killed_at_commits(tmp_path, context, before=False, concurrency=4)

    assert (found.kills, found.lost) == (KILLS, 0)
    assert found.requests <= len(QUESTIONS) + KILLS * 4
    assert ledger["answered"] == len(QUESTIONS)


def test_what_was_lost_and_paid_twice_is_told_from_the_moments() -> None:
    lives = [Life(frozenset(), killed=10.0), Life(frozenset({1}), killed=None)]
    requests = [
        Request(1, life=0, received=9.0, written=9.1),
        Request(2, life=0, received=9.0, written=9.5),
        Request(3, life=0, received=9.8, written=9.99),
        Request(4, life=0, received=9.9),
        *(Request(number, life=1, received=11.0, written=11.1) for number in (1, 2, 3, 4)),
    ]

    found = found_in(requests, lives, grace=0.02)

    assert (found.kills, found.requests, found.lost) == (1, 8, 1)
    assert (found.paid_twice, found.in_flight, found.asked_again) == (2, 2, 2)
    assert found.oldest == pytest.approx(0.9)
