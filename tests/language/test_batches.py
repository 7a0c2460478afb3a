import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from insights.errors import ExitCode, InsightsError
from insights.language.answers import KindsDraft
from insights.language.batch_pending import Clock
from insights.language.batch_sending import FEWEST, Limits
from insights.language.batches import Batches
from insights.language.chat import Chat
from insights.language.questions import Answered, Desk, Question
from insights.storage.batches import SentBatch
from insights.storage.calls import Call
from insights.storage.repository import Repository
from insights.storage.runs import StoredAnswer
from tests.language.batch_host import BatchHost, batch_host
from tests.language.batch_questions import TASK, TEXT, USD, Time, a_desk, ask, honest, questions, saying
from tests.language.chat_server import Reply, completion, refusal
from tests.ready import started

HOUR = 3600.0


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'insights.db'}"


@pytest.fixture
def repository(url: str) -> Iterator[Repository]:
    opened = Repository(url, key=bytes(32))
    yield opened
    opened.close()


@pytest.fixture
def host() -> Iterator[BatchHost]:
    with batch_host(honest) as running:
        yield running


def outcomes(repository: Repository, run_id: int = 1) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in repository.calls.of_run(run_id):
        found[one.outcome] = found.get(one.outcome, 0) + one.calls
    return found


def under_way(repository: Repository, desk: Desk) -> list[SentBatch]:
    return repository.batches.under_way(server=desk.small.parameters["server"], model=desk.name)


def answered(found: dict[int, Answered[KindsDraft]]) -> list[int]:
    return sorted(number for number, answer in found.items() if answer.value is not None)


def hasty(*arguments: Any, **options: Any) -> Desk:
    """A desk that waits for an hour, not for twelve, where the test waits in vain: it looks less often."""
    return a_desk(*arguments, batch_hours=1, **options)


# -- the usual case -------------------------------------------------------------------------------------------


def test_questions_are_answered_by_one_batch_at_half_the_price(repository: Repository, host: BatchHost) -> None:
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(40))

    assert answered(found) == list(range(1, 41))
    assert {answer.by for answer in found.values()} == {"openai:test-model"}
    assert (len(host.batches), host.singly, host.paid_twice) == (1, [], 0)
    assert desk.ledger.totals.usd == pytest.approx(40 * USD / 2)
    assert (desk.ledger.totals.calls, desk.ledger.totals.failures) == (40, ())
    paid = next(one for one in repository.calls.of_run(1) if one.outcome == "answered")
    assert (paid.stage, paid.model, paid.calls, paid.seconds) == ("kinds", "openai:test-model", 40, 0)
    assert paid.usd == pytest.approx(40 * USD / 2)
    assert under_way(repository, desk) == []


def test_an_answer_of_a_batch_is_paid_once(repository: Repository, host: BatchHost) -> None:
    ask(a_desk(repository, host.base_url), questions(10))
    again = a_desk(repository, host.base_url)
    found = ask(again, questions(10))

    assert answered(found) == list(range(1, 11))
    assert again.ledger.totals.usd == 0
    assert (len(host.batches), sum(host.paid.values())) == (1, 10)


@pytest.mark.parametrize("is_own", [True, False], ids=["OpenAI's address", "another server"])
def test_a_line_asks_as_a_single_question_would(
    repository: Repository, host: BatchHost, monkeypatch: pytest.MonkeyPatch, is_own: bool
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    for module in ("chat", "batch_server"):
        monkeypatch.setattr(f"insights.language.{module}.OPENAI_URL", host.base_url)
    desk = a_desk(repository, "" if is_own else host.base_url)
    ask(desk, questions(8))
    Chat(desk.small.model, timeout_seconds=9, answer_tokens=1500).ask([("user", "question 1")], KindsDraft)

    single = host.bodies.pop()
    single.pop("stream", None)
    assert host.lines()[0]["body"] == single
    assert ("max_completion_tokens" in single) is is_own
    assert {line["url"] for line in host.lines()} == {"/v1/chat/completions"}
    assert {line["method"] for line in host.lines()} == {"POST"}
    assert host.lines()[0]["custom_id"] == desk._key(desk.small, TASK, "question 1")


def test_few_questions_are_not_worth_a_wait(repository: Repository, host: BatchHost) -> None:
    found = ask(a_desk(repository, host.base_url), questions(FEWEST - 1))

    assert len(answered(found)) == len(host.singly) == FEWEST - 1
    assert host.batches == {}


def test_without_the_setting_nothing_is_sent_ahead(repository: Repository, host: BatchHost) -> None:
    ask(a_desk(repository, host.base_url, batch=False), questions(9))

    assert len(host.singly) == 9


def test_with_no_hours_to_wait_nothing_is_sent_ahead(repository: Repository, host: BatchHost) -> None:
    ask(a_desk(repository, host.base_url, batch_hours=0), questions(9))

    assert len(host.singly) == 9


def test_a_model_of_another_protocol_is_told_to_have_no_batches(repository: Repository) -> None:
    desk = a_desk(repository, "", model="anthropic:some")

    assert desk.batches is None
    assert desk.ledger.totals.failures == ("anthropic:some takes no batches: language.batch is for openai:MODEL only.",)


def test_looks_grow_apart(repository: Repository, host: BatchHost) -> None:
    host.looks = 30
    time = Time()
    ask(a_desk(repository, host.base_url, time), questions(9))

    assert time.waits[:3] == [5, 7.5, 11.25]
    assert time.waits == sorted(time.waits)
    assert max(time.waits) == 300


def test_words_do_not_stay_at_the_server(repository: Repository, host: BatchHost) -> None:
    ask(a_desk(repository, host.base_url), questions(9))

    assert host.files == {}


# -- what a batch leaves --------------------------------------------------------------------------------------


def test_faulty_lines_are_counted_and_asked_one_by_one(repository: Repository, host: BatchHost) -> None:
    host.say = saying(q2="Sure!", q3=json.dumps({"kinds": [], "x": "canary0003"}), q4="", q5=f"```json\n{TEXT}\n```")
    single = host.say

    def say(body: dict[str, Any]) -> Reply:
        if host.singly:
            return honest(body)
        return refusal(500) if body["messages"][0]["content"] == "question 7" else single(body)

    host.say = say
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(10))

    assert answered(found) == list(range(1, 11))
    assert sorted(host.singly) == ["question 2", "question 3", "question 4", "question 7"]
    assert outcomes(repository) == {"answered": 10, "unreadable": 2, "leaked": 1, "busy": 1, "recalled": 6}
    assert desk.ledger.totals.usd == pytest.approx(9 * USD / 2 + 4 * USD)
    assert desk.ledger.totals.failures == ("A batch left 4 of 10 questions without a usable answer.",)


def test_a_refusal_in_a_batch_is_counted_as_one(repository: Repository, host: BatchHost) -> None:
    def say(body: dict[str, Any]) -> Reply:
        status, headers, content = honest(body)
        content["choices"][0]["message"] |= {"content": None, "refusal": "I cannot help with that."}
        return status, headers, content

    host.say = say
    found = ask(a_desk(repository, host.base_url), questions(8))

    assert answered(found) == []
    assert outcomes(repository)["refused"] == 16


def test_lines_that_nobody_asked_for_or_that_come_twice_are_not_believed(
    repository: Repository, host: BatchHost
) -> None:
    def plant(method: str, path: str) -> Reply | None:
        if not path.endswith("/content"):
            return None
        lines = host.files[path.split("/")[2]].decode().splitlines()
        planted = json.loads(lines[0]) | {"custom_id": "0" * 64}
        other = lines[0].replace("problem", "praise")
        return 200, {}, "\n".join([json.dumps(planted), "{", "[]", "[" * 9000, "{}", *lines, other, lines[2]])

    host.say, host.before = saying(q3="Sure!"), plant
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(8))

    assert answered(found) == [1, 2, 4, 5, 6, 7, 8]
    assert found[1].value == KindsDraft.model_validate_json(TEXT)
    assert repository.answers.get("0" * 64) is None
    assert outcomes(repository) == {"answered": 7, "recalled": 7, "unreadable": 1 + 2}


@pytest.mark.parametrize(
    "body",
    [None, {}, {"choices": []}, {"choices": [{"message": None}]}, {"choices": [{"message": {}}], "usage": "much"}],
)
def test_a_strange_body_in_a_line_is_no_answer(repository: Repository, host: BatchHost, body: object) -> None:
    host.say = lambda asked: honest(asked) if host.singly else (200, {}, body)
    found = ask(a_desk(repository, host.base_url), questions(8))

    assert len(answered(found)) == len(host.singly) == 8


def test_answers_whose_tokens_the_server_does_not_tell_cost_what_was_set_aside(
    repository: Repository, host: BatchHost
) -> None:
    def say(body: dict[str, Any]) -> Reply:
        status, headers, content = honest(body)
        return status, headers, {name: value for name, value in content.items() if name != "usage"}

    host.say = say
    desk = a_desk(repository, host.base_url)
    ask(desk, questions(8))

    assert desk.ledger.totals.usd == pytest.approx(8 * desk.small.most_usd("question 1", KindsDraft) / 2)


def test_separators_within_a_string_do_not_cut_a_line(repository: Repository, host: BatchHost) -> None:
    host.say = lambda _: completion(TEXT + " \u2028\x85")
    found = ask(a_desk(repository, host.base_url), questions(8))

    assert (len(answered(found)), host.singly) == (8, [])


def test_half_a_surrogate_pair_does_not_spoil_a_batch(repository: Repository, host: BatchHost) -> None:
    found = ask(a_desk(repository, host.base_url), [*questions(8), Question(9, "question 9 \ud83d")])

    assert (len(answered(found)), host.singly) == (9, [])


# -- batches that are late or fail ----------------------------------------------------------------------------


def test_what_is_not_ready_in_time_is_cancelled_and_asked_at_full_price(
    repository: Repository, host: BatchHost
) -> None:
    host.looks, host.partly = 10_000, 15
    time = Time()
    desk = a_desk(repository, host.base_url, time)
    found = ask(desk, questions(55))

    assert answered(found) == list(range(1, 56))
    assert len(host.singly) == 40
    assert host.paid_twice == 0
    assert sum(time.waits) == pytest.approx(12 * HOUR)
    assert desk.ledger.totals.failures == (
        "The batch was not ready after 12 h: 40 questions were asked at full price.",
    )
    assert desk.ledger.totals.usd == pytest.approx(15 * USD / 2 + 40 * USD)


def test_a_server_that_was_too_slow_once_gets_no_further_batch_in_this_run(
    repository: Repository, host: BatchHost
) -> None:
    host.looks = 10_000
    desk = hasty(repository, host.base_url)
    ask(desk, questions(8))
    ask(desk, questions(8, first=100))

    assert (len(host.batches), len(host.singly), host.paid_twice) == (1, 16, 0)


def test_a_batch_that_ends_in_the_moment_it_is_cancelled_is_collected(repository: Repository, host: BatchHost) -> None:
    host.looks = 10_000

    def end(method: str, path: str) -> None:
        if path.endswith("/cancel"):
            host._end(host.batches["batch_1"], "completed", host.batches["batch_1"]["lines"])

    host.before = end
    desk = hasty(repository, host.base_url)
    found = ask(desk, questions(8))

    assert (len(answered(found)), host.singly, desk.ledger.totals.failures) == (8, [], ())


def test_what_a_batch_may_still_answer_waits_for_the_next_run(repository: Repository, host: BatchHost) -> None:
    host.looks, host.rests, host.partly = 10_000, False, 8
    time = Time()
    desk = hasty(repository, host.base_url, time)
    first = ask(desk, questions(8))
    host.rests = True
    second = ask(hasty(repository, host.base_url, time), questions(9), run_id=2)

    assert (answered(first), len(answered(second))) == ([], 9)
    assert "8 questions wait for their batch" in desk.ledger.totals.failures[0]
    assert (host.singly, host.paid_twice) == (["question 9"], 0)


def test_a_batch_that_never_ends_is_forgotten_after_two_days(repository: Repository, host: BatchHost) -> None:
    host.looks, host.rests = 10_000, False
    time = Time()
    ask(hasty(repository, host.base_url, time), questions(8))
    time.now += timedelta(hours=48)
    desk = a_desk(repository, host.base_url, time, batch_hours=0)
    found = ask(desk, questions(8), run_id=2)

    assert len(answered(found)) == 8
    assert under_way(repository, desk) == []


def test_what_an_expired_batch_answered_counts(repository: Repository, host: BatchHost) -> None:
    host.ends_as, host.partly = "expired", 6
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(10))

    assert len(answered(found)) == 10
    assert (len(host.singly), host.paid_twice) == (4, 0)
    assert outcomes(repository) == {"answered": 10, "slow": 4, "recalled": 6}
    assert desk.ledger.totals.failures == ("A batch left 4 of 10 questions without a usable answer before it expired.",)


@pytest.mark.parametrize(
    ("code", "told"), [("token_limit_exceeded", " (token_limit_exceeded)"), ("<script> no", ""), (None, "")]
)
def test_a_batch_that_the_server_refuses_after_a_look_is_asked_one_by_one(
    repository: Repository, host: BatchHost, code: str | None, told: str
) -> None:
    host.ends_as = "failed"

    def explain(method: str, path: str) -> None:
        for batch in host.batches.values():
            batch["errors"] = {"object": "list", "data": [{"code": code, "message": "Enqueued token limit reached"}]}

    host.before = explain
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(8))

    assert len(answered(found)) == len(host.singly) == 8
    assert desk.ledger.totals.failures[0].endswith(f"refused a batch of 8 questions{told}.")


def test_an_external_cancellation_leaves_the_rest_to_single_questions(repository: Repository, host: BatchHost) -> None:
    host.ends_as, host.partly = "cancelled", 0
    found = ask(a_desk(repository, host.base_url), questions(8))

    assert (len(answered(found)), host.paid_twice) == (8, 0)


def test_completed_is_not_believed_before_the_answers_are_there(repository: Repository, host: BatchHost) -> None:
    told = [0]

    def without_files(method: str, path: str) -> Reply | None:
        if method == "GET" and path == "/batches/batch_1" and told[0] < 3:
            told[0] += 1
            early = {"id": "batch_1", "object": "batch", "status": "completed", "request_counts": {"completed": 8}}
            return 200, {}, early
        return None

    host.before = without_files
    found = ask(a_desk(repository, host.base_url), questions(8))

    assert (len(answered(found)), host.singly) == (8, [])


def test_an_empty_name_of_an_error_file_is_no_file(repository: Repository, host: BatchHost) -> None:
    def empty(method: str, path: str) -> None:
        for batch in host.batches.values():
            batch["error_file_id"] = batch.get("error_file_id") or ""

    host.after = empty
    found = ask(a_desk(repository, host.base_url), questions(8))

    assert (len(answered(found)), host.singly) == (8, [])


# -- servers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        refusal(404),
        refusal(405),
        refusal(501),
        (200, {}, "<html>hello</html>"),
        (200, {"Content-Type": "text/html"}, "<html>hello</html>"),
        (200, {}, {}),
        refusal(500),
        refusal(403),
        "cut",
    ],
    ids=["404", "405", "501", "no JSON", "a page", "nothing", "500", "403", "cut"],
)
def test_a_server_without_batches_is_tried_once_and_gets_no_file(
    repository: Repository, host: BatchHost, said: Reply | str
) -> None:
    host.before = lambda _, path: said if path.startswith(("/batches", "/files")) else None
    desk = a_desk(repository, host.base_url)
    first = ask(desk, questions(8))
    second = ask(desk, questions(8, first=100))

    assert len(answered(first)) + len(answered(second)) == len(host.singly) == 16
    assert host.count("POST", "/files") == host.count("POST", "/batches") == 0
    assert host.count("GET", "/batches") <= 3
    assert len(desk.ledger.totals.failures) == 1
    assert "one by one" in desk.ledger.totals.failures[0]


@pytest.mark.parametrize("where", [("POST", "/files"), ("POST", "/batches")])
@pytest.mark.parametrize("status", [400, 404, 405, 422])
def test_a_server_that_refuses_later_is_asked_one_by_one(
    repository: Repository, host: BatchHost, where: tuple[str, str], status: int
) -> None:
    host.before = lambda method, path: refusal(status) if (method, path) == where else None
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(8))

    assert len(answered(found)) == len(host.singly) == 8
    assert f"takes no batches ({status})" in desk.ledger.totals.failures[0]
    assert under_way(repository, desk) == []
    assert desk.ledger.reserve(desk.ledger.may_spend - desk.ledger.totals.usd)


@pytest.mark.parametrize("where", [("GET", "/batches"), ("POST", "/files"), ("POST", "/batches")])
def test_a_spent_quota_is_told_and_ends_the_calls(
    repository: Repository, host: BatchHost, where: tuple[str, str]
) -> None:
    host.before = lambda method, path: (
        refusal(429, "insufficient_quota") if (method, path) in (where, ("POST", "/chat/completions")) else None
    )
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(8))

    assert answered(found) == []
    assert host.count("POST", "/chat/completions") == 1
    assert all("quota" in failure for failure in desk.ledger.totals.failures)


def test_a_refused_key_ends_the_run(repository: Repository, host: BatchHost) -> None:
    host.before = lambda _, path: refusal(401)

    with pytest.raises(InsightsError) as caught:
        ask(a_desk(repository, host.base_url), questions(8))

    assert caught.value.exit_code is ExitCode.LOGIN
    assert host.count("POST", "/files") == 0


def test_a_key_that_is_refused_while_a_batch_is_under_way_ends_the_run_and_loses_nothing(
    repository: Repository, host: BatchHost
) -> None:
    host.before = lambda method, path: refusal(401) if path == "/batches/batch_1" else None
    with pytest.raises(InsightsError) as caught:
        ask(a_desk(repository, host.base_url), questions(8))
    host.before = lambda method, path: None
    found = ask(a_desk(repository, host.base_url), questions(8))

    assert caught.value.exit_code is ExitCode.LOGIN
    assert "INSIGHTS_API_KEY" in caught.value.remedy
    assert (len(answered(found)), host.singly, host.paid_twice) == (8, [], 0)


@pytest.mark.parametrize("said", [refusal(429, Retry_After="7"), refusal(503), refusal(500), "cut", (200, {}, "{")])
def test_a_server_that_stumbles_is_asked_again_and_makes_one_batch(
    repository: Repository, host: BatchHost, said: Reply | str
) -> None:
    stumbled: set[tuple[str, str]] = set()

    def once(method: str, path: str) -> Reply | str | None:
        if (method, path) in stumbled or "chat" in path:
            return None
        stumbled.add((method, path))
        return said

    host.after = once
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(8))

    assert (len(answered(found)), host.singly, host.paid_twice) == (8, [], 0)
    assert (sum(host.paid.values()), desk.ledger.totals.failures) == (8, ())


def test_a_server_that_is_away_for_hours_does_not_lose_a_batch(repository: Repository, host: BatchHost) -> None:
    time = Time()
    begun = time.now

    def away(method: str, path: str) -> str | None:
        return "cut" if host.batches and time.now < begun + timedelta(hours=9) else None

    host.after = away
    found = ask(a_desk(repository, host.base_url, time), questions(8))

    assert (len(answered(found)), host.singly, host.paid_twice) == (8, [], 0)


def test_a_batch_that_the_server_lost_is_asked_one_by_one(repository: Repository, host: BatchHost) -> None:
    time = Time()
    begun = time.now

    def lost(method: str, path: str) -> None:
        if time.now > begun + timedelta(minutes=2):
            host.batches.clear()

    host.looks, host.before = 100, lost
    desk = a_desk(repository, host.base_url, time)
    found = ask(desk, questions(8))

    assert len(answered(found)) == len(host.singly) == 8
    assert "no longer knows a batch of 8 questions" in desk.ledger.totals.failures[0]


def test_answers_that_the_server_threw_away_are_asked_for_one_by_one(repository: Repository, host: BatchHost) -> None:
    host.before = lambda method, path: refusal(404) if path.endswith("/content") else None
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(8))

    assert len(answered(found)) == len(host.singly) == 8
    assert under_way(repository, desk) == []


# -- size and money -------------------------------------------------------------------------------------------


def limited(desk: Desk, repository: Repository, limits: Limits) -> Desk:
    time = Time()
    batches = Batches(
        desk.small,
        desk.settings,
        answers=repository.answers,
        store=repository.batches,
        ledger=desk.ledger,
        clock=Clock(lambda: time.now, time.sleep),
        limits=limits,
    )
    return replace(desk, batches=batches)


def test_more_requests_than_a_batch_may_hold_are_split(repository: Repository, host: BatchHost) -> None:
    desk = limited(a_desk(repository, host.base_url), repository, Limits(requests=10))
    found = ask(desk, questions(25))

    assert [len(batch["lines"]) for batch in host.batches.values()] == [10, 10, 5]
    assert (len(answered(found)), host.singly, host.paid_twice) == (25, [], 0)


def test_more_bytes_than_a_file_may_hold_are_split(repository: Repository, host: BatchHost) -> None:
    most = 20_000
    sizes: list[int] = []
    host.before = lambda *_: sizes.extend(map(len, host.files.values()))
    long = Question(99, "question 99" + "x" * most)
    found = ask(limited(a_desk(repository, host.base_url), repository, Limits(bytes=most)), [*questions(40), long])

    assert len(host.batches) > 1
    assert max(sizes) <= most
    assert (len(answered(found)), len(host.singly), host.paid_twice) == (41, 1, 0)


@pytest.mark.parametrize("said", [refusal(413), (400, {}, {"error": {"message": "File is too large."}})])
def test_a_file_that_the_server_finds_too_large_goes_in_halves(
    repository: Repository, host: BatchHost, said: Reply
) -> None:
    uploads = [0]

    def refuse_two(method: str, path: str) -> Reply | None:
        uploads[0] += (method, path) == ("POST", "/files")
        return said if (method, path) == ("POST", "/files") and uploads[0] <= 2 else None

    host.before = refuse_two
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(40))

    assert [len(batch["lines"]) for batch in host.batches.values()] == [10, 10, 20]
    assert (len(answered(found)), host.singly, host.paid_twice) == (40, [], 0)
    assert desk.ledger.reserve(desk.ledger.may_spend - desk.ledger.totals.usd)


def test_a_batch_takes_what_the_money_allows_and_the_ledger_stays_open(repository: Repository, host: BatchHost) -> None:
    prices: dict[str, Any] = {"usd_per_million_input": 100, "usd_per_million_output": 100}
    desk = a_desk(repository, host.base_url, max_usd=2, **prices)
    found = ask(desk, questions(40))

    sent = len(host.lines())
    assert FEWEST <= sent < 40
    assert sent + len(host.singly) >= len(answered(found)) > sent
    assert desk.ledger.totals.usd <= 2
    assert host.paid_twice == 0


def test_money_for_less_than_a_batch_is_spent_on_single_questions(repository: Repository, host: BatchHost) -> None:
    prices: dict[str, Any] = {"usd_per_million_input": 100, "usd_per_million_output": 100}
    desk = a_desk(repository, host.base_url, max_usd=0.8, **prices)
    found = ask(desk, questions(40))

    assert host.batches == {}
    assert len(answered(found)) == len(host.singly) > 0
    assert "too little for a batch" in desk.ledger.totals.failures[0]


def test_a_free_server_has_no_limit_to_reach(repository: Repository, host: BatchHost) -> None:
    free: dict[str, Any] = {"usd_per_million_input": 0, "usd_per_million_output": 0}
    found = ask(a_desk(repository, host.base_url, max_usd=0, **free), questions(9))

    assert (len(answered(found)), len(host.lines())) == (9, 9)


def test_money_for_a_batch_that_is_still_under_way_is_set_aside(repository: Repository, host: BatchHost) -> None:
    host.looks, host.rests = 10_000, False
    prices: dict[str, Any] = {"usd_per_million_input": 100, "usd_per_million_output": 100}
    time = Time()
    ask(hasty(repository, host.base_url, time, max_usd=2, **prices), questions(8))
    later = hasty(repository, host.base_url, time, max_usd=0.7, **prices)
    found = ask(later, questions(1, first=50), run_id=2)

    assert answered(found) == []
    assert host.singly == []


# -- what survives --------------------------------------------------------------------------------------------


def test_a_batch_is_looked_for_where_the_word_of_its_making_got_lost(repository: Repository, host: BatchHost) -> None:
    host.after = lambda method, path: "cut" if (method, path) == ("POST", "/batches") else None
    found = ask(a_desk(repository, host.base_url), questions(8))

    assert (len(answered(found)), host.singly, len(host.batches)) == (8, [], 1)


def test_a_making_that_failed_for_sure_is_not_repeated_as_a_batch(repository: Repository, host: BatchHost) -> None:
    host.before = lambda method, path: refusal(500) if (method, path) == ("POST", "/batches") else None
    desk = a_desk(repository, host.base_url)
    found = ask(desk, questions(8))

    assert len(answered(found)) == len(host.singly) == 8
    assert (host.count("POST", "/batches"), under_way(repository, desk)) == (1, [])


def test_what_cannot_be_looked_for_is_not_asked_again_today(repository: Repository, host: BatchHost) -> None:
    host.after = lambda method, path: "cut" if path == "/batches" and host.batches else None
    time = Time()
    first = ask(hasty(repository, host.base_url, time), questions(8))
    host.after, host.looks = (lambda *_: None), 1
    second = ask(hasty(repository, host.base_url, time), questions(8))

    assert (answered(first), len(answered(second))) == ([], 8)
    assert (host.singly, len(host.batches), host.paid_twice) == ([], 1, 0)


def test_answers_are_kept_though_their_questions_are_asked_no_more(repository: Repository, host: BatchHost) -> None:
    host.looks, host.rests, host.partly = 10_000, False, 8
    time = Time()
    ask(hasty(repository, host.base_url, time), questions(8))
    host.rests = True
    desk = hasty(repository, host.base_url, time)
    ask(desk, questions(1, first=100), run_id=2)
    host.singly.clear()
    found = ask(hasty(repository, host.base_url, time), questions(8), run_id=3)

    assert (len(answered(found)), host.singly) == (8, [])
    assert outcomes(repository, 2) == {"answered": 9}


def test_a_canary_is_known_after_a_restart(repository: Repository, host: BatchHost) -> None:
    host.looks, host.rests, host.partly = 10_000, False, 8
    host.say = saying(q2=json.dumps({"kinds": [], "why": "canary0002"}))
    time = Time()
    ask(hasty(repository, host.base_url, time), questions(8))
    host.rests = True
    ask(hasty(repository, host.base_url, time), [], run_id=2)

    assert outcomes(repository, 2) == {"answered": 7, "leaked": 1}


def test_another_model_s_batch_is_left_alone(repository: Repository, host: BatchHost) -> None:
    host.looks, host.rests = 10_000, False
    time = Time()
    desk = hasty(repository, host.base_url, time)
    ask(desk, questions(8))
    ask(hasty(repository, host.base_url, time, model="openai:other"), [])

    assert len(under_way(repository, desk)) == 1


class Stopped(Exception):
    """The process ended here."""


class ThreeAnswers:
    """Keeps three answers, then the process ends."""

    def __init__(self, repository: Repository) -> None:
        self._answers = repository.answers
        self._left = 3

    def get(self, key: str) -> StoredAnswer | None:
        return self._answers.get(key)

    def put(self, answer: StoredAnswer, *, run_id: int | None = None, call: Call | None = None) -> None:
        if not self._left:
            raise Stopped
        self._left -= 1
        self._answers.put(answer, run_id=run_id, call=call)


def test_stopped_in_the_middle_of_collecting_it_counts_every_answer_once(
    repository: Repository, host: BatchHost
) -> None:
    host.say = saying(q1="Sure!")
    time = Time()
    desk = a_desk(repository, host.base_url, time)
    stopping = Batches(
        desk.small,
        desk.settings,
        answers=ThreeAnswers(repository),
        store=repository.batches,
        ledger=desk.ledger,
        clock=Clock(lambda: time.now, time.sleep),
    )
    with pytest.raises(Stopped):
        ask(replace(desk, batches=stopping), questions(10))
    host.say = honest
    found = ask(a_desk(repository, host.base_url, time), questions(10), run_id=2)

    assert len(answered(found)) == 10
    assert outcomes(repository, 1) == {"answered": 3}
    assert outcomes(repository, 2) == {"answered": 7, "unreadable": 1, "recalled": 9}
    assert (host.singly, len(host.batches)) == (["question 1"], 1)


CHILD = """
import sys, time
from datetime import UTC, datetime
from insights.storage.repository import Repository
from tests.language.batch_questions import Time, a_desk, ask, questions
class Real(Time):
    def sleep(self, seconds):
        time.sleep(min(seconds, 0.05))
        self.now = datetime.now(UTC)
ask(a_desk(Repository(sys.argv[1], key=bytes(32)), sys.argv[2], Real(now=datetime.now(UTC))), questions(12))
"""


def killed_at(host: BatchHost, url: str, method: str, path: str, *, acted: bool = True) -> None:
    """Run the questions in a process of its own and kill it at this request, when the host has acted on it or before;
    no answer reaches it."""
    reached, gone = threading.Event(), threading.Event()

    def hold(asked: str, place: str) -> str | None:
        if asked != method or not place.startswith(path) or gone.is_set():
            return None
        reached.set()
        assert gone.wait(60)
        return "cut"

    if acted:
        host.after = hold
    else:
        host.before = hold
    process = started(CHILD, url, host.base_url)
    assert reached.wait(60)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    gone.set()
    host.before = host.after = lambda *_: None


@pytest.mark.kill
@pytest.mark.parametrize(
    ("method", "path", "acted"),
    [
        ("POST", "/files", True),
        ("POST", "/batches", False),
        ("POST", "/batches", True),
        ("GET", "/batches/batch_1", False),
        ("GET", "/batches/batch_1", True),
        ("GET", "/files/", True),
        ("DELETE", "/files/", False),
    ],
    ids=[
        "uploaded",
        "before it is made",
        "made, not acknowledged",
        "acknowledged",
        "looked at",
        "answers fetched",
        "answers kept",
    ],
)
def test_after_a_kill_no_request_is_paid_twice_and_no_answer_is_lost(
    url: str, repository: Repository, host: BatchHost, method: str, path: str, acted: bool
) -> None:
    killed_at(host, url, method, path, acted=acted)
    found = ask(a_desk(repository, host.base_url, Time(now=datetime.now(UTC))), questions(12), run_id=2)

    assert answered(found) == list(range(1, 13))
    assert (len(host.batches), host.singly) == (1, [])
    assert (sum(host.paid.values()), host.paid_twice) == (12, 0)
    assert outcomes(repository, 1).get("answered", 0) + outcomes(repository, 2).get("answered", 0) == 12


@pytest.mark.kill
def test_after_a_kill_and_a_day_with_other_questions_no_request_is_paid_twice(
    url: str, repository: Repository, host: BatchHost
) -> None:
    killed_at(host, url, "POST", "/batches")
    host.looks = 1
    later = Time(now=datetime.now(UTC) + timedelta(hours=20))
    found = ask(a_desk(repository, host.base_url, later), questions(24, first=5), run_id=2)

    assert answered(found) == list(range(5, 29))
    assert (len(host.lines()), host.singly, host.paid_twice) == (28, [], 0)
