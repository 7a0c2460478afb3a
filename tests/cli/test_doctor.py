"""The doctor asks every server once, says what works, and of each fault what to do."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from typer.testing import CliRunner

from insights.bootstrap import open_workspace
from insights.cli.main import app
from insights.config import Language
from insights.doctor import Examined, examine, months_since
from insights.domain.health import Check, CheckState
from insights.errors import ExitCode
from insights.language.doctor import Ping, ping, remedy_for
from insights.language.faults import Fault
from insights.language.models import Model
from insights.language.nearby import Place
from insights.storage.calls import Call
from tests.cli.calling import made
from tests.cli.models_server import models_server
from tests.embedding.embedding_server import embedding_server
from tests.hostile.dialects.freshdesk import FreshdeskDialect
from tests.hostile.server import SECRET, HostileServer, serving
from tests.hostile.world import World
from tests.language.chat_server import ChatServer, Raw, Reply, chat_server, completion, refusal

NOW = datetime(2026, 1, 15, tzinfo=UTC)
READY = completion('{"ready": true}', tokens_in=40, tokens_out=5)


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys, no keyring, no local servers but those of a test; the clock stands."""
    for name in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("INSIGHTS_NOW", NOW.isoformat())
    monkeypatch.setattr("insights.language.nearby.USUAL_PLACES", ())


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return made(tmp_path, monkeypatch)


def look(workspace: Path, **options: Any) -> Examined:
    return examine(workspace, now=NOW, sleep=lambda _: None, **options)


def check(found: Examined, name: str) -> Check:
    return next(one for one in found.checks if one.name == name)


def with_language(workspace: Path, **settings: Any) -> None:
    """Settings of [language] on top of the defaults."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    (workspace / "insights.toml").write_text("\n".join(["[language]", *lines, ""]))


@pytest.fixture
def ready() -> Iterator[ChatServer]:
    with chat_server(lambda _: READY) as server:
        yield server


# -- a workspace --------------------------------------------------------------------------------------------------


def test_a_new_workspace_is_well_and_waits_for_feedback(workspace: Path) -> None:
    found = look(workspace)

    names = "settings roles database key sources last_run backup vectors disk embedder model"
    assert [one.name.replace(" ", "_") for one in found.checks] == names.split()
    assert not found.wrong
    assert [one.name for one in found.checks if one.state is CheckState.NOTE] == ["sources"]
    assert "words are made offline" in check(found, "model").words
    assert found.exit_code is ExitCode.OK


def test_vectors_that_another_process_uses_are_left_alone(workspace: Path) -> None:
    with open_workspace(workspace).vectors():
        vectors = check(look(workspace), "vectors")

    assert vectors.state is CheckState.SKIPPED
    assert f"process {os.getpid()} uses it" in vectors.words


def test_without_a_workspace_it_says_how_to_make_one(tmp_path: Path) -> None:
    found = look(tmp_path)

    assert [one.state for one in found.checks] == [CheckState.WRONG]
    assert "insights init" in found.checks[0].remedy
    assert found.exit_code is ExitCode.ERROR


@pytest.mark.parametrize(
    ("damage", "name", "remedy"),
    [
        (lambda w: (w / "insights.toml").write_text("[language]\nmodell = 1\n"), "settings", "language.model"),
        (lambda w: (w / ".insights" / "insights.db").unlink(), "database", "backup"),
        (lambda w: (w / ".insights" / "insights.db").write_bytes(b"x" * 5000), "database", "backup"),
        (lambda w: next((w.parent / "keys").iterdir()).unlink(), "database", "INSIGHTS_KEY"),
        (lambda w: (w / ".insights" / "vectors").write_text("x"), "vectors", "reindex"),
    ],
)
def test_what_is_damaged_is_named_with_its_remedy(
    workspace: Path, damage: Callable[[Path], object], name: str, remedy: str
) -> None:
    damage(workspace)
    found = look(workspace)

    assert [one.name for one in found.wrong] == [name]
    assert remedy in check(found, name).remedy
    assert found.exit_code is ExitCode.ERROR


def test_a_full_disk_is_told(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insights.health.kept._LEAST_FREE", 10**18)

    assert check(look(workspace), "disk").state is CheckState.WRONG


# -- models -------------------------------------------------------------------------------------------------------


def test_each_model_is_asked_one_tiny_question_and_it_is_booked(workspace: Path, ready: ChatServer) -> None:
    with chat_server(lambda _: READY) as larger:
        with_language(
            workspace,
            model="openai:small",
            base_url=ready.base_url,
            large_model="openai:large",
            large_base_url=larger.base_url,
        )
        found = look(workspace)

    small, large = check(found, "model"), check(found, "large model")
    assert (small.state, large.state) == (CheckState.OK, CheckState.OK)
    assert (ready.calls, larger.calls) == (1, 1)
    assert len(json.dumps(ready.requests[0])) < 700
    assert "40 tokens in, 5 out, $0.000009" in small.words
    assert "by the prices of 2025-08" in small.words
    assert large.facts["usd"] == pytest.approx((40 * 2.5 + 5 * 10) / 1e6)

    opened = open_workspace(workspace)
    assert opened.repository.calls.spent_usd(since=NOW) == pytest.approx(small.facts["usd"] + large.facts["usd"])
    opened.close()


def test_calls_are_booked_to_no_run_as_the_doctors() -> None:
    books = Books()
    with chat_server(lambda _: READY) as server:
        found = a_ping(server, books)

    assert found.works
    assert [(call.run_id, call.stage, call.outcome) for call in books.calls] == [(None, "doctor", "answered")]


def broken_off(handler: BaseHTTPRequestHandler, _: Event) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")


def silent(_: BaseHTTPRequestHandler, over: Event) -> None:
    over.wait(5)


TOO_LONG: Reply = (
    400,
    {},
    {"error": {"message": "maximum context length is 8 tokens", "code": "context_length_exceeded"}},
)

FAULTS: list[tuple[Reply | Raw, Fault, int, str]] = [
    (refusal(401), Fault.LOGIN, 1, "insights auth openai"),
    (refusal(404), Fault.GONE, 1, "language.model"),
    (refusal(429, "insufficient_quota"), Fault.QUOTA, 1, "Add credit"),
    (refusal(503), Fault.BUSY, 3, "language.concurrency"),
    (silent, Fault.SLOW, 2, "language.timeout_seconds"),
    (broken_off, Fault.CUT, 2, "log"),
    (TOO_LONG, Fault.TOO_LONG, 1, "context"),
    (refusal(400, "content_filter"), Fault.FILTERED, 1, "content rules"),
    (refusal(400, "json_schema"), Fault.NO_SCHEMA, 2, "without"),
    (refusal(400), Fault.BAD_REQUEST, 1, "chat model"),
    ((200, {}, "<html>hello</html>"), Fault.STRANGE, 1, "language.base_url"),
]


@pytest.mark.parametrize(("reply", "fault", "calls", "remedy"), FAULTS, ids=[one[1].name for one in FAULTS])
def test_every_fault_is_named_and_has_a_remedy_of_its_own(
    workspace: Path, reply: Reply | Raw, fault: Fault, calls: int, remedy: str
) -> None:
    with chat_server(lambda _: reply) as server:
        with_language(workspace, model="openai:small", base_url=server.base_url, timeout_seconds=0.5)
        found = look(workspace)

    model = check(found, "model")
    assert model.state is CheckState.WRONG
    told = "quota is spent" if fault is Fault.QUOTA else fault.value
    assert told in model.words
    assert "127.0.0.1" in model.words
    assert remedy in model.remedy
    assert server.calls == calls
    assert found.exit_code is (ExitCode.LOGIN if fault is Fault.LOGIN else ExitCode.ERROR)


def test_a_server_that_is_down_is_away(workspace: Path) -> None:
    with chat_server(lambda _: READY) as server:
        address = server.base_url
    with_language(workspace, model="openai:small", large_model="openai:large", large_base_url=address)
    with_language(workspace, model="openai:small", base_url=address, large_model="openai:large")
    found = look(workspace)

    assert "cannot be reached" in check(found, "model").words
    assert "language.base_url" in check(found, "model").remedy
    assert "language.large_base_url" in check(found, "large model").remedy


def test_every_fault_has_a_remedy_and_no_two_share_one() -> None:
    model = Model("openai:m", "", 1, 1)
    remedies = [remedy_for(fault, model) for fault in Fault]

    assert len(set(remedies)) == len(Fault)
    assert not any("{" in remedy for remedy in remedies)
    assert "ollama pull llama3.2" in remedy_for(Fault.GONE, Model("ollama:llama3.2", "", 0, 0))


def test_a_server_that_takes_no_schema_works_with_it_in_the_prompt(workspace: Path) -> None:
    def plain(body: dict[str, Any]) -> Reply:
        return refusal(400, "response_format") if "response_format" in body else READY

    with chat_server(plain) as server:
        with_language(workspace, model="openai:small", base_url=server.base_url)
        found = look(workspace)

    assert check(found, "model").state is CheckState.NOTE
    assert "schema in the prompt" in check(found, "model").remedy
    assert found.exit_code is ExitCode.OK


@pytest.mark.parametrize(
    ("reply", "words", "remedy"),
    [
        (completion("I am ready!"), "could not be read", "more able model"),
        (completion("{", ended="length"), "cut off", "language.answer_tokens"),
        (completion(None, refusal="I may not."), "refused", "another model"),
    ],
)
def test_what_is_no_answer_is_told_from_a_fault(workspace: Path, reply: Reply, words: str, remedy: str) -> None:
    with chat_server(lambda _: reply) as server:
        with_language(workspace, model="openai:small", base_url=server.base_url)
        model = check(look(workspace), "model")

    assert words in model.words
    assert remedy in model.remedy
    assert "offline" not in model.words


def test_a_missing_key_is_a_missing_login_and_nothing_is_sent(workspace: Path) -> None:
    with_language(workspace, model="openai:small", base_url="http://models.invalid/v1")
    found = look(workspace)

    assert check(found, "model").needs_login
    assert "insights auth openai" in check(found, "model").remedy
    assert found.exit_code is ExitCode.LOGIN


def test_where_the_months_money_is_spent_nothing_is_asked(workspace: Path, ready: ChatServer) -> None:
    with_language(workspace, model="openai:small", base_url=ready.base_url, max_usd_month=0)
    model = check(look(workspace), "model")

    assert ready.calls == 0
    assert "max_usd_month is $0.00" in model.words
    assert "Raise language.max_usd" in model.remedy


def test_a_name_that_names_no_model_is_told(workspace: Path) -> None:
    with_language(workspace, model="gpt-4o-mini")

    assert "openai:MODEL" in check(look(workspace), "model").remedy


@pytest.mark.parametrize(
    ("prices_of", "settings", "is_old"),
    [
        ("2024-12", {}, True),
        ("2025-01", {}, False),
        ("2024-12", {"usd_per_million_input": 0, "usd_per_million_output": 0}, False),
    ],
)
def test_prices_of_more_than_a_year_ago_are_pointed_out(
    workspace: Path, ready: ChatServer, prices_of: str, settings: dict[str, float], is_old: bool
) -> None:
    with_language(workspace, model="openai:small", base_url=ready.base_url, prices_of=prices_of, **settings)
    model = check(look(workspace), "model")

    assert model.facts["prices_are_old"] is is_old
    assert ("more than a year old" in model.remedy) is is_old
    assert model.state is (CheckState.NOTE if is_old else CheckState.OK)


def test_months_are_counted_by_the_calendar() -> None:
    assert months_since("2025-01", NOW) == 12
    assert months_since("2026-02", NOW) == -1


# -- the embedder -------------------------------------------------------------------------------------------------


def test_the_embedder_is_asked_even_where_its_answer_is_known(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedding_server() as server:
        monkeypatch.setenv("INSIGHTS_EMBEDDING_EMBEDDER", "openai:small")
        monkeypatch.setenv("INSIGHTS_EMBEDDING_BASE_URL", server.base_url)
        look(workspace)
        embedder = check(look(workspace), "embedder")

    assert server.asked == [["ready"], ["ready"]]
    assert "gave 8 numbers" in embedder.words


@pytest.mark.parametrize(("status", "remedy"), [(401, "insights auth openai"), (404, "embedding.embedder")])
def test_an_embedder_that_refuses_is_told(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, status: int, remedy: str
) -> None:
    with embedding_server(lambda _: refusal(status)) as server:
        monkeypatch.setenv("INSIGHTS_EMBEDDING_EMBEDDER", "openai:small")
        monkeypatch.setenv("INSIGHTS_EMBEDDING_BASE_URL", server.base_url)
        found = look(workspace)

    assert remedy in check(found, "embedder").remedy
    assert found.exit_code is (ExitCode.LOGIN if status == 401 else ExitCode.ERROR)


# -- offline ------------------------------------------------------------------------------------------------------


def test_offline_no_server_is_asked(workspace: Path, ready: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with_language(workspace, model="openai:small", base_url=ready.base_url, large_model="anthropic:big")
    monkeypatch.setenv("INSIGHTS_EMBEDDING_EMBEDDER", "openai:small")
    monkeypatch.setenv("INSIGHTS_EMBEDDING_BASE_URL", ready.base_url)
    with models_server("llama3.2") as local:
        monkeypatch.setattr("insights.language.nearby.USUAL_PLACES", (Place("Ollama", local.port),))
        found = look(workspace, offline=True)

    assert (ready.calls, local.asked, found.unused_servers) == (0, [], [])
    assert check(found, "model").state is CheckState.SKIPPED
    assert check(found, "embedder").state is CheckState.SKIPPED
    assert "no key for anthropic:big" in check(found, "large model").words
    assert found.exit_code is ExitCode.LOGIN


# -- what is here and not used ------------------------------------------------------------------------------------


def test_keys_and_servers_that_are_not_used_are_listed(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-2")
    monkeypatch.setenv("GOOGLE_API_KEY", "sk-3")
    with models_server("llama3.2:latest", "nomic-embed-text") as local, models_server() as empty:
        places = (Place("Ollama", local.port), Place("vLLM", empty.port))
        monkeypatch.setattr("insights.language.nearby.USUAL_PLACES", places)
        found = look(workspace)

    assert [(key.provider, key.place) for key in found.unused_keys] == [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("google_genai", "GOOGLE_API_KEY"),
    ]
    assert [(one.name, one.models) for one in found.unused_servers] == [
        ("Ollama", ["llama3.2:latest", "nomic-embed-text"])
    ]
    assert local.asked == [("GET", "/v1/models")]


def test_what_is_used_is_not_listed(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("INSIGHTS_API_KEY", "sk-2")
    with models_server("llama3.2") as local:
        monkeypatch.setattr("insights.language.nearby.USUAL_PLACES", (Place("vLLM", local.port),))
        with_language(workspace, model="openai:llama3.2", base_url=f"http://localhost:{local.port}/v1", max_usd=0)
        found = look(workspace)

    assert (found.unused_keys, found.unused_servers) == ([], [])


@pytest.mark.parametrize(
    "answer",
    [
        {"content": "<html>It works!</html>"},
        {"content": {"data": "none"}},
        {"content": {"data": [{"id": 7}, {"id": "a b\u001b[31m"}, "x"]}},
        {"content": ["llama3.2"]},
        {"content": {"data": [{"id": "llama3.2"}]}, "status": 404},
        {"content": "", "status": 302, "headers": {"Location": "http://example.invalid/v1/models"}},
        {"content": "[" * 50_000},
        {"content": None},
    ],
)
def test_another_program_on_a_usual_port_is_no_server_of_models(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    with models_server(**answer) as other:
        monkeypatch.setattr("insights.language.nearby.USUAL_PLACES", (Place("llama.cpp", other.port),))
        assert look(workspace).unused_servers == []


# -- logins -------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    """A helpdesk that the settings name."""
    monkeypatch.delenv("INSIGHTS_SECRET_DESK", raising=False)
    with serving(World(), FreshdeskDialect()) as hostile:
        block = f'[[sources]]\nname = "desk"\ntype = "freshdesk"\nurl = "{hostile.base}"\n'
        (workspace / "insights.toml").write_text(block)
        yield hostile


def test_each_service_is_asked_as_whom_it_is_logged_in(
    workspace: Path, desk: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_SECRET_DESK", SECRET)
    found = check(look(workspace), "login desk")

    assert (found.state, found.words) == (CheckState.OK, f"logged in as agent@acme.example at {desk.base}")
    assert [call.path for call in desk.calls] == ["/api/v2/agents/me"]


def test_a_login_that_is_missing_or_refused_ends_with_the_exit_code_of_logins(
    workspace: Path, desk: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = look(workspace)
    assert desk.calls == []
    monkeypatch.setenv("INSIGHTS_SECRET_DESK", "canary-wrong")
    refused = look(workspace)

    for found, words in ((missing, "no login"), (refused, "refused the login")):
        told = check(found, "login desk")
        assert (told.state, found.exit_code) == (CheckState.WRONG, ExitCode.LOGIN)
        assert words in told.words and "insights auth desk" in told.remedy
        assert "canary-wrong" not in f"{told}" and base64.b64encode(b"canary-wrong:X").decode() not in f"{told}"


def test_offline_no_service_is_asked_and_where_its_login_is_is_told(
    workspace: Path, desk: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "none is kept" in check(look(workspace, offline=True), "login desk").words
    monkeypatch.setenv("INSIGHTS_SECRET_DESK", SECRET)
    found = check(look(workspace, offline=True), "login desk")

    assert found.state is CheckState.SKIPPED and "INSIGHTS_SECRET_DESK" in found.words
    assert SECRET not in f"{found}" and desk.calls == []


def test_a_service_with_settings_that_are_wrong_is_told_and_the_others_are_asked(workspace: Path) -> None:
    (workspace / "insights.toml").write_text('[[sources]]\nname = "desk"\ntype = "freshdesk"\n')
    found = check(look(workspace), "login desk")

    assert found.state is CheckState.WRONG and "has no url" in found.words
    assert check(look(workspace), "embedder").state is CheckState.OK


# -- the command --------------------------------------------------------------------------------------------------


def test_the_command_prints_what_it_found_at_80_columns(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-never-shown")
    with chat_server(lambda _: refusal(404)) as server:
        with_language(workspace, model="openai:small", base_url=server.base_url)
        done = CliRunner().invoke(app, ["-C", str(workspace), "doctor"])

    assert done.exit_code == 1
    assert "wrong    model" in done.stdout
    assert "a key for anthropic in ANTHROPIC_API_KEY" in done.stdout
    assert "1 of 11 checks does not pass." in done.stdout
    assert "sk-never-shown" not in done.output
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_command_has_json(workspace: Path, ready: ChatServer) -> None:
    with_language(workspace, model="openai:small", base_url=ready.base_url)
    done = CliRunner().invoke(app, ["-C", str(workspace), "doctor", "--json"])
    told = json.loads(done.stdout)

    assert done.exit_code == 0
    assert (told["ok"], told["exit_code"]) == (True, 0)
    model = told["checks"][-1]
    assert (model["name"], model["state"], model["facts"]["tokens_in"]) == ("model", "ok", 40)
    assert told["unused"] == {"keys": [], "servers": []}


class Books:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def add(self, call: Call) -> None:
        self.calls.append(call)

    def spent_usd(self, *, since: datetime) -> float:
        return 0.0


def a_ping(server: ChatServer, books: Books) -> Any:
    settings = Language(model="openai:small", base_url=server.base_url)
    return ping(Model("openai:small", server.base_url, 1, 2), settings, books=books, now=NOW)


def test_the_tiny_answer_is_of_a_type_that_strict_servers_take() -> None:
    schema = Ping.model_json_schema()

    assert schema["additionalProperties"] is False
    assert schema["required"] == ["ready"]
