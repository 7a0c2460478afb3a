"""What calls may cost and how often they are made: no run spends more than it may, however many ask at once."""

import random
import threading
import time
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.config import Language
from insights.language.chat import Turns
from insights.language.spend import Ledger, NoMoreCalls
from insights.storage.calls import Call
from insights.storage.repository import Repository
from tests.language.chat_server import Reply, chat_server, completion, refusal
from tests.language.desk_builders import TEXTS, Body, a_desk, all_problems, outcomes, tell

ANSWER_TOKENS = 200


class Till:
    """Answers with random numbers of tokens, within what the prompt and the settings allow, and adds up the bill. Some
    answers cannot be read, are cut off or refused: they cost, too."""

    def __init__(self, seed: int, *, price: float) -> None:
        self._chance = random.Random(seed)
        self._price = price
        self._lock = threading.Lock()
        self.usd = 0.0

    def __call__(self, body: Body) -> Reply:
        with self._lock:
            sent = sum(len(one["content"].encode()) for one in body["messages"])
            tokens_in, tokens_out = self._chance.randint(1, sent), self._chance.randint(1, ANSWER_TOKENS)
            kind = self._chance.choice(["honest"] * 3 + ["prose", "cut", "filter", "refusal"])
            self.usd += (tokens_in + tokens_out) * self._price / 1e6
        used: dict[str, Any] = {"tokens_in": tokens_in, "tokens_out": tokens_out}
        return {
            "honest": all_problems(body, **used),
            "prose": completion("Surely. " * 200, **used),
            "cut": completion("{", ended="length", **used),
            "filter": completion("{", ended="content_filter", **used),
            "refusal": completion(None, refusal="No.", **used),
        }[kind]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("large", ["", "openai:large-model"])
def test_a_run_never_costs_more_than_it_may_with_eight_at_once(repository: Repository, seed: int, large: str) -> None:
    price, most = 1000.0, random.Random(seed).uniform(5, 45)
    prices: dict[str, Any] = {f"{of}usd_per_million_{way}put": price for of in ("", "large_") for way in ("in", "out")}
    till = Till(seed, price=price)

    with chat_server(till) as server:
        desk = a_desk(
            repository,
            server,
            large_model=large,
            concurrency=8,
            max_usd=most,
            answer_tokens=ANSWER_TOKENS,
            **prices,
        )
        tell(desk, TEXTS, size=4, holds=lambda _, said: len(said.kinds) % 2 == 0)

    booked = sum(one.usd for one in repository.calls.of_run(1))
    assert server.calls > 1
    assert till.usd <= most
    assert desk.ledger.totals.usd == pytest.approx(till.usd)
    assert booked == pytest.approx(till.usd)
    assert f"language.max_usd is ${most:.2f}" in " ".join(desk.ledger.totals.failures)


def test_the_second_try_at_an_answer_is_set_aside_for_as_well(repository: Repository) -> None:
    """Each try costs nearly all that one may cost: two do not fit."""

    def dear(body: Body) -> Reply:
        sent = sum(len(one["content"].encode()) for one in body["messages"])
        return completion("no", tokens_in=sent, tokens_out=ANSWER_TOKENS)

    prices: dict[str, Any] = {"usd_per_million_input": 1000, "usd_per_million_output": 1000}
    with chat_server(dear) as server:
        desk = a_desk(repository, server, max_usd=3, answer_tokens=ANSWER_TOKENS, **prices)
        tell(desk, TEXTS[:1])

    assert server.calls == 1
    assert 1.5 < desk.ledger.totals.usd <= 3


@given(
    most=st.floats(0, 50),
    month=st.floats(0, 50),
    before=st.floats(0, 60),
    calls=st.lists(st.tuples(st.floats(0.01, 5), st.floats(0, 1), st.floats(0.1, 1)), max_size=40),
)
def test_what_is_reserved_never_adds_up_to_more_than_is_left(
    most: float, month: float, before: float, calls: list[tuple[float, float, float]]
) -> None:
    """Calls that may cost so much, do cost a part of it, and may use a share; all are under way before one is paid."""
    ledger = Ledger(Language(max_usd=most, max_usd_month=month), spent_this_month=before)
    under_way = []
    for usd, part, share in calls:
        try:
            under_way.append((ledger.reserve(usd, share=share), usd * part))
        except NoMoreCalls:
            continue
    for reserved, paid in under_way:
        ledger.paid(paid, tokens_in=1, tokens_out=1)
        ledger.release(reserved)

    assert ledger.totals.usd <= max(min(most, month - before), 0) + 1e-9


def test_what_earlier_runs_of_the_month_cost_counts_and_other_months_do_not(repository: Repository) -> None:
    spent = Call(run_id=7, stage="kinds", model="openai:x", prompt="p", outcome="answered", usd=9.5)
    repository.calls.add(spent)
    prices: dict[str, Any] = {"usd_per_million_input": 1000, "usd_per_million_output": 1000}
    now = datetime.now(UTC)
    next_month = datetime(now.year + now.month // 12, now.month % 12 + 1, 2, tzinfo=UTC)

    with chat_server(all_problems) as server:
        stopped = a_desk(repository, server, max_usd_month=10, now=now, **prices)
        told = tell(stopped, TEXTS[:20])
        assert (told, server.calls) == ({}, 0)
        fresh = a_desk(repository, server, max_usd_month=10, now=next_month, **prices)
        told = tell(fresh, TEXTS[:20])

    assert len(told) == 20
    assert "language.max_usd_month is $10.00" in stopped.ledger.totals.failures[0]


def test_a_server_that_tells_no_usage_is_reckoned_by_the_words(repository: Repository) -> None:
    def silent_on_usage(body: Body) -> Reply:
        status, headers, content = all_problems(body)
        return status, headers, {name: value for name, value in content.items() if name != "usage"}

    prices: dict[str, Any] = {"usd_per_million_input": 1000, "usd_per_million_output": 1000}
    with chat_server(silent_on_usage) as server:
        desk = a_desk(repository, server, max_usd=10, answer_tokens=ANSWER_TOKENS, **prices)
        tell(desk, TEXTS, size=10)

    assert 1 < server.calls < 20
    assert 0 < desk.ledger.totals.usd <= 10


# -- how often --------------------------------------------------------------------------------------------------------


def test_no_more_calls_are_made_in_a_minute_than_allowed(repository: Repository) -> None:
    moments: list[float] = []

    def timed(body: Body) -> Reply:
        moments.append(time.monotonic())
        return all_problems(body)

    with chat_server(timed) as server:
        desk = a_desk(repository, server, concurrency=8, requests_per_minute=1200)
        tell(desk, TEXTS[:1])
        moments.clear()
        tell(desk, TEXTS[:40], size=2)

    moments.sort()
    assert len(moments) == 20
    assert moments[-1] - moments[0] >= 0.9 * 19 * 60 / 1200


def test_waiting_for_a_turn_is_no_slow_answer(repository: Repository) -> None:
    with chat_server(all_problems) as server:
        desk = a_desk(repository, server, concurrency=8, requests_per_minute=600, timeout_seconds=0.5)
        told = tell(desk, TEXTS[:32], size=2)

    assert len(told) == 32
    assert outcomes(repository) == {"answered": 16}


def test_who_waits_for_a_turn_is_told_when_no_call_can_succeed(repository: Repository) -> None:
    with chat_server(lambda _: refusal(404)) as server:
        desk = a_desk(repository, server, concurrency=8, requests_per_minute=2)
        begun = time.monotonic()
        tell(desk, TEXTS[:40], size=5)
        seconds = time.monotonic() - begun

    assert server.calls == 1
    assert seconds < 10


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(per_minute=st.integers(1, 10_000), takers=st.integers(1, 50))
def test_turns_are_spread_evenly(per_minute: int, takers: int) -> None:
    turns = Turns(per_minute)
    begun = time.monotonic()
    waits = [time.monotonic() + turns.take() - begun for _ in range(takers)]

    gaps = [later - sooner for sooner, later in pairwise(waits)]
    assert waits[0] < 1
    assert all(gap >= 60 / per_minute - 0.01 for gap in gaps)


def test_without_a_limit_nobody_waits() -> None:
    turns = Turns(0)

    assert [turns.take() for _ in range(5)] == [0] * 5
