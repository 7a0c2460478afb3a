"""Small model first, the large one only where the small one's answer does not hold; and what either's faults leave."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insights.errors import ExitCode, InsightsError
from insights.language.answers import KindsDraft
from insights.language.questions import Desk
from insights.storage.repository import Repository
from tests.language.chat_server import ChatServer, Raw, Reply, chat_server, completion, refusal
from tests.language.desk_builders import (
    LARGE,
    SMALL,
    TEXTS,
    Answer,
    Body,
    Texts,
    a_desk,
    all_problems,
    describe,
    dripping,
    tell,
)
from tests.language.feedback_builders import LABELS, a_job

ONE, FIVE = TEXTS[:20], TEXTS[:100]
UNSURE, GIVEN_UP = 3, 4
"""Of the five questions about FIVE, by the number in their first remark."""


def two_models(small: Answer, large: Answer) -> Answer:
    """Both behind one address, as at most providers."""
    return lambda body: large(body) if body["model"] == LARGE else small(body)


def with_large(repository: Repository, server: ChatServer, **options: Any) -> Desk:
    return a_desk(repository, server, large_model=f"openai:{LARGE}", **options)


def asked(server: ChatServer, model: str) -> int:
    return sum(body["model"] == model for body in server.requests)


def says(kind: str, **more: Any) -> Callable[[Body], Reply]:
    return lambda body: all_problems(body, kind=kind, **more)


def unsure_of_some(body: Body) -> Reply:
    """One of five questions gets an answer that does not hold."""
    return all_problems(body, sure="list 60 " not in str(body["messages"]))


def test_the_large_model_is_asked_only_where_the_small_ones_answer_does_not_hold(repository: Repository) -> None:
    with chat_server(two_models(unsure_of_some, says("request"))) as server:
        desk = with_large(repository, server, concurrency=8)
        told = tell(desk, FIVE)

    assert told == {text: "request" if 60 <= number < 80 else "problem" for number, text in enumerate(FIVE)}
    assert (asked(server, SMALL), asked(server, LARGE)) == (5, 1)
    assert (desk.ledger.totals.escalated, desk.ledger.totals.audited) == (1, 0)


def test_both_models_answers_are_paid_once_and_at_their_own_price(repository: Repository) -> None:
    with chat_server(two_models(unsure_of_some, says("request"))) as server:
        first = tell(with_large(repository, server), FIVE)
        again_desk = with_large(repository, server)
        again = tell(again_desk, FIVE)

    usd = {one.model: one.usd for one in repository.calls.of_run(1) if one.outcome == "answered"}
    assert first == again
    assert server.calls == 6
    assert (again_desk.ledger.totals.recalled, again_desk.ledger.totals.usd) == (6, 0)
    assert usd[f"openai:{SMALL}"] == pytest.approx(5 * (1000 * 0.15 + 100 * 0.60) / 1e6)
    assert usd[f"openai:{LARGE}"] == pytest.approx((1000 * 2.5 + 100 * 10) / 1e6)


def test_audited_answers_are_asked_of_both_and_their_agreement_is_counted(repository: Repository) -> None:
    def half_like(_: Texts, one: KindsDraft, other: KindsDraft) -> float:
        return 0.5 if one.kinds[0].kind != other.kinds[0].kind else 1.0

    with chat_server(two_models(says("problem"), says("request"))) as server:
        desk = with_large(repository, server, audit_share=1)
        told = tell(desk, FIVE, agrees=half_like)

    totals = desk.ledger.totals
    assert (totals.audited, totals.agreed, totals.escalated) == (5, 2.5, 0)
    assert set(told.values()) == {"request"}


def test_an_audit_takes_its_share_and_the_same_questions_every_time(repository: Repository, tmp_path: Path) -> None:
    texts = [f"{text} on Friday" for text in TEXTS[:100]]
    other = Repository(f"sqlite:///{tmp_path / 'other.db'}", key=bytes(32))
    with chat_server(says("problem")) as server:
        tell(with_large(repository, server, audit_share=0.2), texts, size=1)
        first = [body["messages"] for body in server.requests if body["model"] == LARGE]
        server.requests.clear()
        tell(with_large(other, server, audit_share=0.2), texts, size=1)
        again = [body["messages"] for body in server.requests if body["model"] == LARGE]
    other.close()

    assert first == again
    assert 10 <= len(first) <= 30


@pytest.mark.parametrize(
    "fault",
    [
        refusal(404, "model_not_found"),
        refusal(429, "insufficient_quota"),
        refusal(402),
        refusal(500),
        refusal(400, "context_length_exceeded"),
        refusal(400, "content_filter"),
        completion("{", ended="length"),
        completion("no"),
        completion(None, refusal="No."),
        (200, {}, "<html>"),
        dripping,
    ],
    ids=["gone", "quota", "402", "500", "too long", "filter", "cut", "prose", "refusal", "html", "drip"],
)
def test_faults_of_the_large_model_leave_the_small_ones_answer(repository: Repository, fault: Reply | Raw) -> None:
    with chat_server(two_models(says("problem", sure=False), lambda _: fault)) as server:
        desk = with_large(repository, server, timeout_seconds=0.5 if fault is dripping else 10)
        told = tell(desk, ONE)

    assert told == dict.fromkeys(ONE, "problem")
    assert asked(server, SMALL) == 1
    assert desk.ledger.totals.escalated == 0
    assert len(desk.ledger.totals.failures) == 1


def test_a_large_model_that_is_gone_is_asked_for_once_and_the_small_one_goes_on(repository: Repository) -> None:
    with chat_server(two_models(says("problem", sure=False), lambda _: refusal(404))) as server:
        desk = with_large(repository, server)
        told = tell(desk, FIVE)

    assert told == dict.fromkeys(FIVE, "problem")
    assert (asked(server, SMALL), asked(server, LARGE)) == (5, 1)
    assert f"knows no model '{LARGE}'" in desk.ledger.totals.failures[0]


def test_a_small_model_that_is_gone_leaves_the_work_offline_and_the_large_one_alone(repository: Repository) -> None:
    with chat_server(two_models(lambda _: refusal(404), says("problem"))) as server:
        desk = with_large(repository, server)
        found = describe(desk, [a_job(number, [*LABELS, f"label {number}"]) for number in range(1, 5)])

    assert [one.described_by for one in found.values()] == ["offline"] * 4
    assert all(one.title and one.summary and one.quotes for one in found.values())
    assert (asked(server, SMALL), asked(server, LARGE)) == (1, 0)


@pytest.mark.parametrize(
    "fault", [completion("no"), completion(None, refusal="No."), refusal(400, "content_filter"), refusal(500)]
)
def test_where_the_small_model_says_nothing_of_use_the_large_one_is_asked(repository: Repository, fault: Reply) -> None:
    with chat_server(two_models(lambda _: fault, says("request"))) as server:
        desk = with_large(repository, server)
        told = tell(desk, ONE)

    assert told == dict.fromkeys(ONE, "request")
    assert desk.ledger.totals.escalated == 1


def test_what_is_too_long_for_both_is_asked_in_halves(repository: Repository) -> None:
    def short_only(body: Body) -> Reply:
        return all_problems(body) if "list 0 " not in str(body["messages"]) else refusal(413)

    with chat_server(two_models(says("problem", sure=False), short_only)) as server:
        tell(with_large(repository, server), ONE)
        assert server.calls == 2
    with chat_server(two_models(lambda _: completion("no"), short_only)) as server:
        desk = with_large(repository, server)
        told = tell(desk, ONE)

    assert told == dict.fromkeys(ONE[1:], "problem")


def test_a_refused_key_of_the_large_model_ends_with_the_remedy_and_what_was_paid_is_kept(
    repository: Repository,
) -> None:
    refused = two_models(says("problem", sure=False), lambda _: refusal(401))
    with chat_server(refused) as server, pytest.raises(InsightsError) as caught:
        tell(with_large(repository, server, concurrency=8), FIVE)
    paid = asked(server, SMALL)
    with chat_server(says("problem")) as server:
        tell(with_large(repository, server, base_url=server.base_url), FIVE)

    assert caught.value.exit_code is ExitCode.LOGIN
    assert "INSIGHTS_API_KEY" in caught.value.remedy
    assert paid >= 1
