"""What a model may answer that will not do, and what will though it looks strange."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from insights.domain.feedback import Stance
from insights.language.controls import CONTROLS
from insights.language.kinds import KindTeller
from insights.storage.repository import Repository
from tests.language.chat_server import Reply, chat_server, completion, refusal
from tests.language.desk_builders import (
    TEXTS,
    Body,
    a_desk,
    all_problems,
    canary_in,
    describe,
    first_then_honest,
    outcomes,
    remarks,
    tell,
)
from tests.language.feedback_builders import EXPORT, LABELS, LOGIN, a_job, mentions

ONE, THREE = TEXTS[:5], TEXTS[:50]
"""Remarks for one question, and for three."""
ALL = dict.fromkeys(THREE, "problem")
JOBS = [a_job(1, LABELS), a_job(2, LOGIN), a_job(3, EXPORT)]


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
