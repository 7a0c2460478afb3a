"""Our clients before a model server that this project did not write: the npm package @copilotkit/aimock.

`make test-servers` installs it and names its program in INSIGHTS_TEST_MODEL_SERVER. It answers single questions as
its fixtures say; in a batch it answers every line with the same prose.
"""

import json
import os
import re
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from insights.embedding.openai_compatible import OpenAIEmbedder
from insights.errors import ExitCode, InsightsError
from insights.language.answers import KindsDraft
from insights.language.batch_server import BatchFault, BatchServer
from insights.language.faults import Fault
from insights.language.models import Model
from insights.language.questions import Question
from insights.storage.repository import Repository
from tests.actors import ADA
from tests.language.batch_questions import Time, a_desk, ask, questions

PROGRAM = os.environ.get("INSIGHTS_TEST_MODEL_SERVER", "")
KINDS = {"kinds": [{"item": 1, "kind": "problem", "sure": True}]}
MODEL = "openai:some-model"

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not PROGRAM, reason="no model server of others is installed: make test-servers does that"),
]

SPENT = {"message": "no", "type": "insufficient_quota", "code": "insufficient_quota"}
PROSE: dict[str, Any] = {"match": {"userMessage": "prose"}, "response": {"content": "Sure! It is a problem."}}
FIXTURES: list[dict[str, Any]] = [
    PROSE,
    {"match": {"userMessage": "spent"}, "response": {"error": SPENT, "status": 429}},
    {"match": {"userMessage": "fenced"}, "response": {"content": f"```json\n{json.dumps(KINDS)}\n```"}},
    {"match": {"userMessage": "cut off"}, "response": {"content": '{"kinds": [', "finishReason": "length"}},
    {"match": {"responseFormat": "json_schema"}, "response": {"content": json.dumps(KINDS)}},
    {"match": {"toolName": "KindsDraft"}, "response": {"toolCalls": [{"name": "KindsDraft", "arguments": KINDS}]}},
]


class Foreign:
    """The server's address, and its journal of what it was asked."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.base_url = f"{root}/v1"

    def journal(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.root}/__aimock/journal", timeout=10) as answer:
            entries: list[dict[str, Any]] = json.load(answer)
        return entries

    def paths(self) -> list[str]:
        return [f"{one['method']} {one['path']}" for one in self.journal()]

    def answered(self) -> Counter[str]:
        """Whole answers to single questions, by prompt: what a provider would have charged for."""
        return Counter(
            one["body"]["messages"][-1]["content"]
            for one in self.journal()
            if one["path"] == "/v1/chat/completions"
            and one["response"]["status"] == 200
            and "chaosAction" not in one["response"]
        )


@contextmanager
def running(folder: Path, *flags: str, keys: str = "", answers: list[dict[str, Any]] = FIXTURES) -> Iterator[Foreign]:
    fixtures = folder / "fixtures.json"
    fixtures.write_text(json.dumps({"fixtures": answers}))
    environment = {name: value for name, value in os.environ.items() if name != "AIMOCK_API_KEYS"}
    process = subprocess.Popen(
        [PROGRAM, "-p", "0", "-f", str(fixtures), *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment | ({"AIMOCK_API_KEYS": keys} if keys else {}),
    )
    try:
        yield Foreign(_address(process))
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found[0]
    raise AssertionError(said)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=bytes(32), actor=ADA)
    yield opened
    opened.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Foreign]:
    with running(tmp_path) as started:
        yield started


def outcomes(repository: Repository) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in repository.calls.of_run(1):
        found[one.outcome] += one.calls
    return dict(found)


# -- single questions -----------------------------------------------------------------------------------------


def test_typed_answers_come_and_are_paid_once(repository: Repository, server: Foreign) -> None:
    desk = a_desk(repository, server.base_url, batch=False, concurrency=4)
    found = ask(desk, questions(20))
    again = ask(desk, questions(20))

    assert found == again
    assert all(answer.value == KindsDraft.model_validate(KINDS) for answer in found.values())
    assert desk.ledger.totals.usd > 0
    assert set(server.answered().values()) == {1}
    assert outcomes(repository) == {"answered": 20, "recalled": 20}


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("prose", {"unreadable": 1, "answered": 1}),  # the second time it is told what was wrong
        ("fenced", {"answered": 1}),
        ("cut off", {"unreadable": 1}),
        ("spent", {"quota": 1}),
    ],
)
def test_what_a_model_may_say_is_understood(
    repository: Repository, server: Foreign, words: str, outcome: dict[str, int]
) -> None:
    ask(a_desk(repository, server.base_url), [Question(1, f"{words} 1")])

    assert outcomes(repository) == outcome


@pytest.mark.parametrize(("flags", "told"), [([], "knows no model"), (["--strict"], "is overloaded (503)")])
def test_a_question_that_the_server_has_no_answer_for_is_told(
    repository: Repository, tmp_path: Path, flags: list[str], told: str
) -> None:
    with running(tmp_path, *flags, answers=[PROSE]) as server:
        desk = a_desk(repository, server.base_url)
        found = ask(desk, questions(1))

    assert found[1].value is None
    assert told in desk.ledger.totals.failures[0]


def test_a_key_that_the_server_does_not_know_ends_the_run(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path, keys="right") as server:
        monkeypatch.setenv("OPENAI_API_KEY", "wrong")
        with pytest.raises(InsightsError) as caught:
            ask(a_desk(repository, server.base_url), questions(9))
        monkeypatch.setenv("OPENAI_API_KEY", "right")
        found = ask(a_desk(repository, server.base_url), questions(1))

    assert caught.value.exit_code is ExitCode.LOGIN
    assert found[1].value is not None


# -- vectors --------------------------------------------------------------------------------------------------


def test_vectors_are_of_length_one_and_the_same_each_time(server: Foreign) -> None:
    texts = [f"text {number % 150}" for number in range(300)]
    rows = OpenAIEmbedder("some-embedder", base_url=server.base_url).embed(texts)
    again = OpenAIEmbedder("some-embedder", base_url=server.base_url).embed(texts[::-1])

    assert rows.shape[0] == 300
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert np.allclose(rows, again[::-1], atol=1e-6)
    assert np.allclose(rows[0], rows[150])


# -- batches --------------------------------------------------------------------------------------------------


def test_a_batch_goes_its_whole_way_and_its_prose_is_asked_again_one_by_one(
    repository: Repository, server: Foreign
) -> None:
    desk = a_desk(repository, server.base_url)
    found = ask(desk, questions(12))

    assert all(answer.value is not None for answer in found.values())
    assert outcomes(repository) == {"unreadable": 12, "answered": 12}
    assert set(server.answered().values()) == {1}
    steps = [step for step in server.paths() if "/chat/" not in step]
    assert [re.sub(r"(batch|file)-[\w-]+", r"\1", step) for step in steps] == [
        "GET /v1/batches?limit=1",
        "POST /v1/files",
        "POST /v1/batches",
        "GET /v1/batches/batch",
        "GET /v1/batches/batch",
        "GET /v1/files/file/content",
        "DELETE /v1/files/file",
        "DELETE /v1/files/file",
    ]
    assert repository.batches.under_way(server=desk.small.parameters["server"], model=desk.name) == []


def test_a_batch_is_found_by_its_marker_and_can_be_cancelled_once(server: Foreign) -> None:
    client = BatchServer(Model(MODEL, server.base_url, 1, 1), timeout_seconds=10, sleep=lambda _: None)
    file = client.upload(b'{"custom_id": "one", "body": {}}\n')
    made = [client.create(file, marker=f"marker {number}") for number in range(250)]

    assert client.find("marker 3") == made[3]
    assert client.find("another") is None
    assert "custom_id" in client.text(file)
    client.cancel(made[3])
    state = client.state(made[3])
    assert (state.status, state.has_ended, state.results) == ("cancelled", True, ())
    with pytest.raises(BatchFault):
        client.cancel(made[3])
    client.delete(file)
    with pytest.raises(BatchFault) as caught:
        client.text(file)
    assert caught.value.fault is Fault.GONE


# -- a server out of order ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "outcome", "told"),
    [
        ("ratelimit", "busy", "is overloaded (429)"),
        ("malformed", "strange", "did not answer with a chat completion"),
        ("disconnect", "cut", "broke off"),
        ("drop", "busy", "is overloaded (500)"),
    ],
)
def test_a_server_that_always_fails_is_given_up_in_words(
    repository: Repository, tmp_path: Path, mode: str, outcome: str, told: str
) -> None:
    with running(tmp_path, f"--chaos-{mode}", "1") as server:
        desk = a_desk(repository, server.base_url)
        found = ask(desk, questions(20))
        embedder = OpenAIEmbedder("some-embedder", base_url=server.base_url, sleep=lambda _: None)
        with pytest.raises(InsightsError) as caught:
            embedder.embed(["a text"])
        paths = server.paths()

    assert [answer.value for answer in found.values()] == [None] * 20
    assert set(outcomes(repository)) == {outcome}
    assert any(told in failure for failure in desk.ledger.totals.failures)
    assert sum("/chat/" in path for path in paths) <= 12
    assert not any("POST /v1/files" in path for path in paths)
    assert caught.value.remedy


@pytest.mark.parametrize("batch", [False, True], ids=["one by one", "batch"])
def test_a_server_that_often_fails_costs_no_answer_twice(repository: Repository, tmp_path: Path, batch: bool) -> None:
    flags = [f"--chaos-{mode}" for mode in ("ratelimit", "malformed", "disconnect")]
    with running(tmp_path, *(part for flag in flags for part in (flag, "0.1"))) as server:
        asked: dict[int, Any] = {}
        time = Time()
        for _ in range(20):
            asked = ask(a_desk(repository, server.base_url, time, batch=batch, concurrency=4), questions(40))
            if all(answer.value is not None for answer in asked.values()):
                break
        answered = server.answered()

    assert all(answer.value is not None for answer in asked.values())
    assert set(answered.values()) == {1}
    assert len(answered) == 40


# -- Anthropic's protocol -------------------------------------------------------------------------------------


@pytest.fixture
def anthropic_key(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_anthropic", reason="the extra `anthropic` is not installed")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "some")


@pytest.mark.usefixtures("anthropic_key")
def test_anthropic_s_protocol_gives_typed_answers(repository: Repository, server: Foreign) -> None:
    found = ask(a_desk(repository, server.root, model="anthropic:some-model", batch=False), questions(3))

    assert all(answer.value == KindsDraft.model_validate(KINDS) for answer in found.values())
    assert {path for path in server.paths() if path.startswith("POST")} == {"POST /v1/messages"}


@pytest.mark.usefixtures("anthropic_key")
@pytest.mark.parametrize(
    ("mode", "outcome"), [("ratelimit", "busy"), ("malformed", "strange"), ("disconnect", "cut"), ("drop", "busy")]
)
def test_anthropic_s_protocol_out_of_order_is_understood(
    repository: Repository, tmp_path: Path, mode: str, outcome: str
) -> None:
    with running(tmp_path, f"--chaos-{mode}", "1") as server:
        desk = a_desk(repository, server.root, model="anthropic:some-model", batch=False)
        ask(desk, questions(1))

    assert set(outcomes(repository)) == {outcome}
    assert len(desk.ledger.totals.failures) == 1
