"""What a model's server may do to one question: it is asked again, in halves, or given up; the others go on."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from insights.domain.feedback import Stance
from insights.language.controls import CONTROLS
from insights.language.kinds import KindTeller
from insights.storage.repository import Repository
from tests.language.chat_server import Raw, Reply, chat_server, completion, refusal
from tests.language.desk_builders import (
    SMALL,
    TEXTS,
    Body,
    Waits,
    a_desk,
    all_problems,
    canary_in,
    cut_before_the_head,
    cut_in_the_body,
    describe,
    dripping,
    first_then_honest,
    honest,
    outcomes,
    remarks,
    silent,
    tell,
)
from tests.language.feedback_builders import EXPORT, LABELS, LOGIN, a_job, mentions

ONE, THREE = TEXTS[:5], TEXTS[:50]
"""Remarks for one question, and for three."""
ALL = dict.fromkeys(THREE, "problem")
JOBS = [a_job(1, LABELS), a_job(2, LOGIN), a_job(3, EXPORT)]


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=bytes(32))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "INSIGHTS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


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


def test_a_problem_too_large_for_a_prompt_is_described_from_fewer_remarks(repository: Repository) -> None:
    def at_most_three(body: Body) -> Reply | Raw:
        return refusal(400, "context_length_exceeded") if len(remarks(body)) > 3 else honest(body)

    texts = [f"label {word} is cropped at the edge" for word in ("A", "B", "C", "D", "E", "F", "G")]
    with chat_server(at_most_three) as server:
        found = describe(a_desk(repository, server), [a_job(1, texts)])

    assert found[1].described_by == f"openai:{SMALL}"
    assert [len(remarks(body)) for body in server.requests] == [7, 4, 3]


# -- answers that will not do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"kinds": [', "JSON"),
        ("All of them are problems.", "JSON"),
        ('{"kinds": "problem"}', "kinds"),
        ('{"kinds": [{"item": 1, "kind": "gripe", "sure": true}]}', "kinds.0.kind"),
        ('{"answer": []}', "answer"),
        ('{"kinds": [{"item": 1, "kind": "\ud800", "sure": true}]}', "JSON"),
        ('{"kinds": [{"item": 1, "kind": "\\ud800", "sure": true}]}', "JSON"),
        (None, "JSON"),
    ],
    ids=["cut", "prose", "wrong type", "no such kind", "other fields", "half a character", "half, escaped", "null"],
)
def test_an_unreadable_answer_is_sent_back_once_with_what_is_wrong(
    repository: Repository, content: Any, complaint: str
) -> None:
    with chat_server(first_then_honest(completion(content))) as server:
        desk = a_desk(repository, server)
        told = tell(desk, ONE)

    assert len(told) == len(ONE)
    assert server.calls == 2
    assert complaint in server.requests[1]["messages"][-1]["content"]
    assert desk.ledger.totals.tokens_in == 2000
    assert outcomes(repository) == {"unreadable": 1, "answered": 1}


@pytest.mark.parametrize("content", ["{", '{"kinds": 3}', "\ud800"])
def test_two_unreadable_answers_are_given_up_and_both_are_paid_for(repository: Repository, content: str) -> None:
    with chat_server(first_then_honest(completion(content), completion(content))) as server:
        desk = a_desk(repository, server)
        told = tell(desk, THREE)

    assert told == dict.fromkeys(THREE[20:], "problem")
    assert "could not be read, twice" in desk.ledger.totals.failures[0]
    assert outcomes(repository) == {"unreadable": 2, "answered": 2}


def test_kinds_of_remarks_that_were_not_asked_about_are_dropped(repository: Repository) -> None:
    def of_others(body: Body) -> Reply:
        own = [number for number, words in remarks(body).items() if words not in CONTROLS]
        told = {number: CONTROLS[words].value for number, words in remarks(body).items() if words in CONTROLS}
        told |= dict.fromkeys((0, -1, own[1], 99, 98), "praise")
        kinds = [{"item": number, "kind": kind, "sure": True} for number, kind in told.items()]
        return completion(json.dumps({"kinds": kinds}))

    with chat_server(of_others) as server:
        told = list(KindTeller(a_desk(repository, server)).tell_many(mentions(ONE), run_id=1))

    assert told[0].opinions == {1: None, 2: Stance.PRAISE, 3: None, 4: None, 5: None}


def test_quotes_of_remarks_that_were_not_shown_are_dropped_and_counted(repository: Repository) -> None:
    def of_others(body: Body) -> Reply:
        quotes = [
            {"item": 99, "text": LABELS[0]},
            {"item": 0, "text": LABELS[0]},
            {"item": 1, "text": remarks(body)[1]},
        ]
        answer = {
            "title": "Labels print cropped",
            "summary": "Labels are cropped.",
            "quotes": quotes,
            "confidence": "high",
        }
        return completion(json.dumps(answer))

    with chat_server(of_others) as server:
        desk = a_desk(repository, server)
        found = describe(desk, JOBS[:1])

    assert len(found[1].quotes) == 1
    assert desk.ledger.totals.quotes_dropped == 2


@pytest.mark.parametrize(
    ("reply", "outcome", "words"),
    [
        (completion(None, refusal="I cannot help with that."), "refused", "refused a prompt"),
        (completion('{"kinds": [', ended="content_filter"), "filtered", "content filter cut an answer"),
        (completion('{"kinds": []}', ended="content_filter"), "filtered", "content filter cut an answer"),
        (refusal(400, "content_filter"), "filtered", "content filter refused a prompt"),
    ],
    ids=["refusal", "filtered", "filtered and whole", "400"],
)
def test_a_refusal_or_filter_is_not_asked_again_and_the_others_go_on(
    repository: Repository, reply: Reply, outcome: str, words: str
) -> None:
    with chat_server(first_then_honest(reply)) as server:
        desk = a_desk(repository, server)
        told = tell(desk, THREE)

    assert server.calls == 3
    assert told == dict.fromkeys(THREE[20:], "problem")
    assert words in desk.ledger.totals.failures[0]
    assert outcomes(repository) == {outcome: 1, "answered": 2}


def test_what_a_filter_cut_is_paid_for(repository: Repository) -> None:
    with chat_server(lambda _: completion("{", ended="content_filter", tokens_in=500, tokens_out=20)) as server:
        desk = a_desk(repository, server)
        tell(desk, ONE)

    totals = desk.ledger.totals
    assert (totals.tokens_in, totals.tokens_out) == (500, 20)
    assert repository.calls.spent_usd(since=datetime(2020, 1, 1, tzinfo=UTC)) == pytest.approx(totals.usd)
    assert totals.usd > 0


@pytest.mark.parametrize(
    "disguise",
    [
        lambda canary: canary,
        lambda canary: f"\\u{ord(canary[0]):04x}{canary[1:]}",
        lambda canary: canary.upper(),
    ],
    ids=["as it is", "escaped", "upper case"],
)
def test_an_answer_that_repeats_the_canary_is_refused_and_counted_as_leaked(
    repository: Repository, disguise: Any
) -> None:
    def leaking(body: Body) -> Reply:
        told = '{"title": "Never write %s", "summary": "s", "quotes": [{"item": 1, "text": "t"}], "confidence": "high"}'
        return completion(told % disguise(canary_in(body)))

    with chat_server(leaking) as server:
        desk = a_desk(repository, server)
        found = describe(desk, JOBS[:1])
        again = describe(desk, JOBS[:1])

    assert found[1].described_by == again[1].described_by == "offline"
    assert server.calls == 2
    assert "repeated its instructions" in desk.ledger.totals.failures[0]
    assert outcomes(repository) == {"leaked": 2}


# -- servers that speak a little differently --------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["response_format is not supported", "unknown field: json_schema"])
def test_a_server_that_takes_no_schema_gets_it_in_the_prompt_for_the_rest(repository: Repository, words: str) -> None:
    def plain(body: Body) -> Reply:
        if "response_format" in body:
            return 400, {}, {"error": {"message": words}}
        return all_problems(body)

    with chat_server(plain) as server:
        told = tell(a_desk(repository, server), THREE)

    assert told == ALL
    assert ["response_format" in body for body in server.requests] == [True, False, False, False]
    assert all('"KindsDraft"' in body["messages"][0]["content"] for body in server.requests[1:])


def test_a_schema_refused_after_a_busy_moment_is_still_asked_for_in_the_prompt(repository: Repository) -> None:
    replies = [refusal(503)]

    def plain(body: Body) -> Reply:
        if replies:
            return replies.pop()
        if "response_format" in body:
            return 400, {}, {"error": {"message": "response_format is not supported"}}
        return all_problems(body)

    with chat_server(plain) as server:
        told = tell(a_desk(repository, server), ONE)

    assert len(told) == len(ONE)


def test_a_request_refused_for_another_restriction_keeps_the_schema(repository: Repository) -> None:
    with chat_server(first_then_honest((400, {}, {"error": {"message": "restricted for this account"}}))) as server:
        desk = a_desk(repository, server)
        told = tell(desk, THREE)

    assert len(told) == 30
    assert all("response_format" in body for body in server.requests)
    assert "refused the request (400)" in desk.ledger.totals.failures[0]


@pytest.mark.parametrize("shape", ["tool call", "parts", "fence", "fence without a name"])
def test_answers_in_other_shapes_are_read(repository: Repository, shape: str) -> None:
    def shaped(body: Body) -> Reply:
        text = json.dumps({"kinds": [{"item": number, "kind": "request", "sure": True} for number in remarks(body)]})
        function = {"id": "c1", "type": "function", "function": {"name": "KindsDraft", "arguments": text}}
        return {
            "tool call": completion(None, ended="tool_calls", tool_calls=[function]),
            "parts": completion([{"type": "text", "text": text[:9]}, {"type": "text", "text": text[9:]}]),
            "fence": completion(f"```json\n{text}\n```\n"),
            "fence without a name": completion(f"```\n{text}\n```"),
        }[shape]

    with chat_server(shaped) as server:
        told = tell(a_desk(repository, server), ONE)

    assert told == dict.fromkeys(ONE, "request")
    assert server.calls == 1


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
