"""A night before a server that fails three times in ten, in every way but for good: all problems get their words."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest

from insights.storage.repository import Repository
from tests.language.chat_server import Raw, Reply, chat_server, completion, refusal
from tests.language.desk_builders import (
    SMALL,
    Body,
    a_desk,
    canary_in,
    cut_before_the_head,
    cut_in_the_body,
    describe,
    dripping,
    honest,
    outcomes,
    silent,
)
from tests.language.feedback_builders import a_job

PROBLEMS = 60
THINGS = ("export", "label", "login", "invoice", "import", "report", "printer", "search", "account", "order")
FAULTS: dict[str, Callable[[Body], Reply | Raw]] = {
    "rate limit": lambda _: refusal(429, "rate_limit_exceeded", Retry_After="1"),
    "500": lambda _: refusal(500),
    "503": lambda _: refusal(503),
    "408": lambda _: refusal(408),
    "504": lambda _: refusal(504),
    "silence": lambda _: silent,
    "drip": lambda _: dripping,
    "cut before": lambda _: cut_before_the_head,
    "cut in the middle": lambda _: cut_in_the_body,
    "answer cut off": lambda _: completion('{"title": "Exp', ended="length"),
    "no JSON": lambda _: completion("Surely! Here it is:"),
    "wrong type": lambda _: completion('{"title": 3, "summary": [], "quotes": "none"}'),
    "other items": lambda body: said_of(99, body),
    "refusal": lambda _: completion(None, refusal="I cannot."),
    "filter": lambda _: completion("", ended="content_filter"),
    "filter of prompts": lambda _: refusal(400, "content_filter"),
    "too long": lambda _: refusal(400, "context_length_exceeded"),
    "canary": lambda body: completion(json.dumps({"title": canary_in(body)})),
    "no schema": lambda body: (400, {}, {"error": {"message": "response_format is not supported"}}),
    "no completion": lambda _: (200, {}, "<html>Bad gateway</html>"),
}


class Faulty:
    """Fails three of any ten requests, which and how by a seed; no fault comes twice before all came once."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._fails: list[bool] = []
        self._faults: list[str] = []
        self.met: Counter[str] = Counter()

    def __call__(self, body: Body) -> Reply | Raw:
        with self._lock:
            fault = self._next()
            self.met.update([fault] if fault else [])
        return FAULTS[fault](body) if fault else honest(body)

    def _next(self) -> str | None:
        self._fails = self._fails or self._chance.sample([True] * 3 + [False] * 7, 10)
        self._faults = self._faults or self._chance.sample(list(FAULTS), len(FAULTS))
        return self._faults.pop() if self._fails.pop() else None


def said_of(number: int, body: Body) -> Reply:
    """Quotes of a remark that was not shown."""
    _, _, content = honest(body)
    answer = json.loads(content["choices"][0]["message"]["content"])
    return completion(json.dumps(answer | {"quotes": [quote | {"item": number} for quote in answer["quotes"]]}))


def texts_of(problem: int) -> list[str]:
    thing = THINGS[problem % len(THINGS)]
    return [f"the {thing} number {problem} fails on machine {machine} of ours" for machine in range(8)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_problem_has_words_though_three_answers_in_ten_are_faulty(repository: Repository, seed: int) -> None:
    faulty = Faulty(seed)
    jobs = [a_job(number, texts_of(number)) for number in range(1, PROBLEMS + 1)]

    with chat_server(faulty) as server:
        desk = a_desk(repository, server, concurrency=8, timeout_seconds=0.75)
        found = describe(desk, jobs)

    by = Counter(one.described_by for one in found.values())
    told = outcomes(repository)
    assert len(found) == PROBLEMS
    assert all(one.title and one.summary and one.quotes for one in found.values())
    assert len({one.title.casefold() for one in found.values()}) == PROBLEMS
    assert by.total() == PROBLEMS
    assert set(by) == {f"openai:{SMALL}", "offline"}
    assert by[f"openai:{SMALL}"] >= 0.75 * PROBLEMS
    assert faulty.met.total() >= 0.3 * (server.calls - 10)
    assert sum(told.values()) == desk.ledger.totals.calls
    assert desk.ledger.totals.calls - 3 <= server.calls <= desk.ledger.totals.calls  # a busy machine may lose some
