"""Models of Anthropic, behind the same interface, against a server on loopback that speaks /v1/messages."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from insights.errors import ExitCode, InsightsError
from insights.language.answers import KindsDraft
from insights.language.chat import Chat
from insights.language.models import Model
from insights.language.questions import Answered, Desk, Question, Task
from insights.storage.repository import Repository
from tests.language.chat_server import ChatServer, Reply, chat_server
from tests.language.desk_builders import a_desk

pytestmark = pytest.mark.skipif(
    find_spec("langchain_anthropic") is None, reason="the extra `anthropic` is not installed"
)

TASK: Task[str, KindsDraft] = Task(stage="kinds", prompt="tell_kind", output=KindsDraft)
KINDS = {"kinds": [{"item": 1, "kind": "problem", "sure": True}]}


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=bytes(32))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "of-anthropic")
    monkeypatch.setenv("OPENAI_API_KEY", "of-openai")
    monkeypatch.delenv("INSIGHTS_API_KEY", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


def message(*content: dict[str, Any], ended: str = "tool_use") -> Reply:
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "some-model",
        "content": list(content),
        "stop_reason": ended,
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }
    return 200, {}, body


def tool(given: dict[str, Any]) -> dict[str, Any]:
    return {"type": "tool_use", "id": "toolu_1", "name": "KindsDraft", "input": given}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def error(status: int, kind: str, words: str = "no", **headers: str) -> Reply:
    body = {"type": "error", "error": {"type": kind, "message": words}}
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body


def before(server: ChatServer, repository: Repository, waits: list[float]) -> Desk:
    address = server.base_url.removesuffix("/v1")
    return a_desk(repository, address, sleep=waits.append, model="anthropic:some-model", timeout_seconds=60)


def ask(desk: Desk, *, canary: str = "") -> Answered[KindsDraft]:
    return desk.ask(TASK, Question("", "What is this?", canary), run_id=1)


def outcomes(repository: Repository) -> dict[str, int]:
    return {one.outcome: one.calls for one in repository.calls.of_run(1)}


@pytest.mark.parametrize("content", [[tool(KINDS)], [text("I will use the tool."), tool(KINDS)]])
def test_a_tool_s_call_is_a_typed_answer(repository: Repository, content: list[dict[str, Any]]) -> None:
    with chat_server(lambda _: message(*content)) as server:
        desk = before(server, repository, [])
        answer = ask(desk)

    assert answer.value == KindsDraft.model_validate(KINDS)
    assert answer.by == "anthropic:some-model"
    assert desk.ledger.totals.usd == pytest.approx((1000 * 0.15 + 100 * 0.60) / 1e6)
    assert server.paths == ["/v1/messages"]
    assert server.requests[0]["tool_choice"] == {"type": "tool", "name": "KindsDraft"}
    assert server.requests[0]["max_tokens"] == 1500


def test_words_go_to_the_address_that_the_settings_name(repository: Repository) -> None:
    with chat_server(lambda _: message(tool(KINDS))) as server:
        ask(before(server, repository, []))

    assert server.calls == 1


@pytest.mark.parametrize("variable", ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"])
def test_no_address_is_the_provider_s_own_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:1/elsewhere")
    client = Chat(Model("anthropic:some-model", "", 1, 1), timeout_seconds=1, answer_tokens=100)._client(None)

    assert client.anthropic_api_url == "https://api.anthropic.com"
    assert str(client._client.base_url).startswith("https://api.anthropic.com")


def test_a_rate_limit_is_waited_out(repository: Repository) -> None:
    replies = [error(429, "rate_limit_error", retry_after="7")]
    waits: list[float] = []

    with chat_server(lambda _: replies.pop() if replies else message(tool(KINDS))) as server:
        answer = ask(before(server, repository, waits))

    assert answer.value is not None
    assert (waits, server.calls) == ([7], 2)
    assert outcomes(repository) == {"busy": 1, "answered": 1}


def test_an_overloaded_server_is_asked_three_times(repository: Repository) -> None:
    waits: list[float] = []

    with chat_server(lambda _: error(529, "overloaded_error")) as server:
        desk = before(server, repository, waits)
        answer = ask(desk)

    assert answer.value is None
    assert (waits, server.calls) == ([1, 2], 3)
    assert "is overloaded (529)" in desk.ledger.totals.failures[0]


def test_a_refused_key_ends_the_run_and_names_the_right_variable(repository: Repository) -> None:
    with (
        chat_server(lambda _: error(401, "authentication_error", "invalid x-api-key")) as server,
        pytest.raises(InsightsError) as caught,
    ):
        ask(before(server, repository, []))

    assert caught.value.exit_code is ExitCode.LOGIN
    assert "ANTHROPIC_API_KEY" in caught.value.remedy
    assert server.calls == 1


@pytest.mark.parametrize(
    ("reply", "outcome", "told"),
    [
        (error(404, "not_found_error"), "gone", "knows no model 'some-model'"),
        (error(400, "invalid_request_error", "Your credit balance is too low."), "quota", "quota"),
        (error(400, "invalid_request_error", "prompt is too long: 9 > 8"), "too_long", "longer than the model takes"),
        (error(413, "request_too_large"), "too_long", "longer than the model takes"),
        (message(text(""), ended="refusal"), "refused", "refused a prompt"),
        (message(tool({"kinds": []} | {"why": "c4n4ry"})), "leaked", "repeated its instructions"),
        (message(tool({}), ended="max_tokens"), "unreadable", "cut off"),
        ((200, {"Content-Type": "text/html"}, "<html>"), "strange", "did not answer"),
        ((200, {}, {}), "strange", "did not answer"),
    ],
    ids=["no model", "no credit", "too long", "too large", "refusal", "leak", "cut off", "a page", "nothing"],
)
def test_what_is_no_answer_is_understood(repository: Repository, reply: Reply, outcome: str, told: str) -> None:
    with chat_server(lambda _: reply) as server:
        desk = before(server, repository, [])
        answer = ask(desk, canary="c4n4ry")

    assert answer.value is None
    assert outcomes(repository) == {outcome: 1}
    assert told in desk.ledger.totals.failures[0]


def test_an_answer_in_words_is_sent_back_once(repository: Repository) -> None:
    replies = [message(text("It is a problem."), ended="end_turn")]

    with chat_server(lambda _: replies.pop() if replies else message(tool(KINDS))) as server:
        answer = ask(before(server, repository, []))

    assert answer.value is not None
    assert "does not fit the schema" in json.dumps(server.requests[1]["messages"])
