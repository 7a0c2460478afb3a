"""What a model's server may do to one question: it is asked again, in halves, or given up; the others go on."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from insights.storage.repository import Repository
from tests.language.chat_server import Raw, Reply, chat_server, completion, refusal
from tests.language.desk_builders import (
    SMALL,
    TEXTS,
    Body,
    Waits,
    a_desk,
    all_problems,
    cut_before_the_head,
    cut_in_the_body,
    describe,
    dripping,
    first_then_honest,
    honest,
    outcomes,
    prompt_of,
    remarks,
    silent,
    tell,
)
from tests.language.feedback_builders import EXPORT, LABELS, LOGIN, a_job

ONE, THREE = TEXTS[:5], TEXTS[:50]
"""Remarks for one question, and for three."""
ALL = dict.fromkeys(THREE, "problem")
JOBS = [a_job(1, LABELS), a_job(2, LOGIN), a_job(3, EXPORT)]


# -- busy, spent, slow, cut -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "waited"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "3600"}, 30),
        ({"Retry_After_Ms": "2500"}, 2.5),
        ({"Retry_After": "nan"}, 1),
        ({"Retry_After": "inf"}, 30),
        ({}, 1),
    ],
)
def test_a_rate_limit_is_waited_out_within_bounds(
    repository: Repository, header: dict[str, str], waited: float
) -> None:
    waits = Waits()
    with chat_server(first_then_honest(refusal(429, "rate_limit_exceeded", **header))) as server:
        told = tell(a_desk(repository, server, sleep=waits), ONE)

    assert told == dict.fromkeys(ONE, "problem")
    assert waits == [waited]
    assert outcomes(repository) == {"busy": 1, "answered": 1}


def test_a_date_to_wait_for_is_understood(repository: Repository) -> None:
    waits = Waits()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    with chat_server(first_then_honest(refusal(429, Retry_After=later))) as server:
        tell(a_desk(repository, server, sleep=waits), ONE)

    assert 15 < waits[0] <= 20


@pytest.mark.parametrize("fault", [refusal(429, "insufficient_quota", Retry_After="1"), refusal(402)])
def test_a_spent_quota_stops_at_once_and_says_so(repository: Repository, fault: Reply) -> None:
    waits = Waits()
    with chat_server(lambda _: fault) as server:
        desk = a_desk(repository, server, sleep=waits)
        told = tell(desk, THREE)

    assert (told, server.calls, waits) == ({}, 1, [])
    assert "quota" in desk.ledger.totals.failures[0]
    assert "offline" in desk.ledger.totals.failures[0]


@pytest.mark.parametrize("status", [500, 502, 503, 529])
def test_a_server_error_is_tried_three_times(repository: Repository, status: int) -> None:
    waits = Waits()
    with chat_server(first_then_honest(*[refusal(status)] * 3)) as server:
        desk = a_desk(repository, server, sleep=waits)
        told = tell(desk, THREE)

    assert server.calls == 3 + 2
    assert waits == [1, 2]
    assert told == dict.fromkeys(THREE[20:], "problem")
    assert f"overloaded ({status})" in desk.ledger.totals.failures[0]


@pytest.mark.parametrize("status", [408, 504])
def test_a_gateway_that_gave_up_waiting_is_asked_once_more(repository: Repository, status: int) -> None:
    with chat_server(first_then_honest(refusal(status))) as server:
        told = tell(a_desk(repository, server), ONE)

    assert server.calls == 2
    assert len(told) == len(ONE)
    assert outcomes(repository) == {"slow": 1, "answered": 1}


@pytest.mark.parametrize("fault", [silent, dripping])
def test_no_answer_is_waited_for_longer_than_allowed(repository: Repository, fault: Raw) -> None:
    with chat_server(first_then_honest(fault, fault)) as server:
        desk = a_desk(repository, server, timeout_seconds=0.5)
        begun = time.monotonic()
        told = tell(desk, THREE)
        seconds = time.monotonic() - begun

    assert told == dict.fromkeys(THREE[20:], "problem")
    assert "did not answer in 0.5 s" in desk.ledger.totals.failures[0]
    assert outcomes(repository) == {"slow": 2, "answered": 2}
    assert seconds < 20


@pytest.mark.parametrize("fault", [cut_before_the_head, cut_in_the_body])
def test_a_cut_connection_is_asked_once_more(repository: Repository, fault: Raw) -> None:
    with chat_server(first_then_honest(fault)) as server:
        told = tell(a_desk(repository, server), ONE)

    assert server.calls == 2
    assert len(told) == len(ONE)
    assert outcomes(repository) == {"cut": 1, "answered": 1}


# -- too much at once -------------------------------------------------------------------------------------------------


def test_an_answer_that_is_cut_off_is_asked_for_in_halves_and_paid_for(repository: Repository) -> None:
    def at_most_five(body: Body) -> Reply:
        if len(remarks(body)) > 5:
            return completion('{"kinds": [{"item": 1, "ki', ended="length", tokens_in=100, tokens_out=10)
        return all_problems(body, tokens_in=100, tokens_out=10)

    with chat_server(at_most_five) as server:
        desk = a_desk(repository, server)
        told = tell(desk, TEXTS[:20])

    assert told == dict.fromkeys(TEXTS[:20], "problem")
    assert [len(remarks(body)) for body in server.requests] == [20, 10, 5, 5, 10, 5, 5]
    assert desk.ledger.totals.tokens_out == 7 * 10
    assert outcomes(repository) == {"unreadable": 3, "answered": 4}
    assert sum(one.usd for one in repository.calls.of_run(1)) == pytest.approx(desk.ledger.totals.usd)


@pytest.mark.parametrize(
    "reply",
    [
        refusal(400, "context_length_exceeded"),
        refusal(413),
        (400, {}, {"error": {"message": "This model's maximum context length is 4096 tokens.", "code": 400}}),
        (400, {}, {"error": {"type": "exceed_context_size_error", "message": "exceeds the available context size"}}),
    ],
    ids=["openai", "413", "vllm", "llama.cpp"],
)
def test_a_remark_that_no_prompt_can_hold_is_given_up_alone(repository: Repository, reply: Reply) -> None:
    giant = TEXTS[7]

    with chat_server(lambda body: reply if giant in remarks(body).values() else all_problems(body)) as server:
        desk = a_desk(repository, server)
        told = tell(desk, TEXTS[:20])

    assert told == {text: "problem" for text in TEXTS[:20] if text != giant}
    assert "longer than the model takes" in desk.ledger.totals.failures[0]


def test_of_sixty_remarks_only_the_one_that_is_too_long_is_given_up(repository: Repository) -> None:
    giant = TEXTS[33]

    with chat_server(lambda body: refusal(413) if giant in remarks(body).values() else all_problems(body)) as server:
        told = tell(a_desk(repository, server), TEXTS[:60], size=60)

    assert told == {text: "problem" for text in TEXTS[:60] if text != giant}


def test_a_problem_too_large_for_a_prompt_is_described_from_fewer_remarks(repository: Repository) -> None:
    def at_most_three(body: Body) -> Reply | Raw:
        return refusal(400, "context_length_exceeded") if len(remarks(body)) > 3 else honest(body)

    texts = [f"label {word} is cropped at the edge" for word in ("A", "B", "C", "D", "E", "F", "G")]
    with chat_server(at_most_three) as server:
        found = describe(a_desk(repository, server), [a_job(1, texts)])

    assert found[1].described_by == f"openai:{SMALL}"
    assert [len(remarks(body)) for body in server.requests] == [7, 4, 3]


@pytest.mark.parametrize(
    "reply",
    [refusal(404, "model_not_found"), refusal(410), (400, {}, {"error": {"message": "The model `x` does not exist"}})],
)
def test_a_model_that_is_gone_is_asked_for_once_and_every_problem_has_words(
    repository: Repository, reply: Reply
) -> None:
    with chat_server(lambda _: reply) as server:
        desk = a_desk(repository, server)
        found = describe(desk, JOBS)

    assert server.calls == 1
    assert all(one.title and one.summary and one.quotes and one.described_by == "offline" for one in found.values())
    assert len(found) == len(JOBS)
    assert f"knows no model '{SMALL}'" in desk.ledger.totals.failures[0]


def test_eight_questions_at_once_survive_as_many_faults(repository: Repository) -> None:
    """Each meets a fault of its own at its first try, all at the same time."""
    no_schema: Reply = (400, {}, {"error": {"message": "response_format is not supported"}})
    faults: list[Reply | Raw] = [refusal(429, Retry_After="1"), refusal(503), refusal(504)]
    faults += [cut_in_the_body, cut_before_the_head]
    faults += [dripping, no_schema, completion("{", ended="length")]
    met: set[str] = set()

    def answer(body: Body) -> Reply | Raw:
        first = int(remarks(body)[1].split()[4])
        if first % 5 or prompt_of(body) in met:
            return all_problems(body)
        met.add(prompt_of(body))
        return faults[first // 5] if len(remarks(body)) == 5 else all_problems(body)

    with chat_server(answer) as server:
        desk = a_desk(repository, server, concurrency=8, timeout_seconds=2)
        told = tell(desk, TEXTS[:40], size=5)

    assert told == dict.fromkeys(TEXTS[:40], "problem")
    assert desk.ledger.totals.failures == ()
    assert outcomes(repository) == {"busy": 2, "slow": 2, "cut": 2, "no_schema": 1, "unreadable": 1, "answered": 9}
