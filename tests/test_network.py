"""Nothing is sent anywhere but to the servers that the settings name, whatever the environment says.

A child process reports every address that it is about to contact, and is kept from those that it may not: an audit hook
sees them before anything is sent. What native code contacts goes past the hook, so each bait in the environment leads
to a trap on loopback that counts who comes.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from insights.language.nearby import USUAL_PLACES
from tests import ready
from tests.embedding.embedding_server import embedding_server
from tests.language.chat_server import Reply, chat_server, completion
from tests.language.honest_model import ANSWERS, asked_for, honest

ROOT = Path(__file__).parents[1]

GUARDED = """
import json, sys
report, allowed, commands = open(sys.argv[1], "a", buffering=1), set(json.loads(sys.argv[2])), json.loads(sys.argv[3])
CONTACTS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
            "socket.gethostbyaddr", "socket.getnameinfo"}
def address_in(event, arguments):
    if event == "socket.getaddrinfo":
        return f"{arguments[0]}:{arguments[1]}"
    address = arguments[-1]
    return ":".join(map(str, address[:2])) if isinstance(address, tuple) else str(address)
def watch(event, arguments):
    if event in CONTACTS and (event != "socket.sendmsg" or arguments[-1] is not None):
        address = address_in(event, arguments)
        print(address, file=report)
        if address not in allowed:
            raise OSError(f"{address} is not allowed")
sys.addaudithook(watch)
from insights.cli.main import app
for command in commands:
    code = app(command, standalone_mode=False)
    assert code in (0, None, 1), (command, code)  # 1: the doctor found a server that does not answer
"""
"""Arguments: the file to report to, the addresses that may be contacted, the commands, each a list of words."""

COMMANDS = [
    ["init", "w"],
    ["-C", "w", "import", "t.csv", "--kind", "ticket", "-y"],
    ["-C", "w", "analyze"],
    ["-C", "w", "problems"],
    ["-C", "w", "show", "P-1"],
    ["-C", "w", "search", "the export hangs"],
    ["-C", "w", "ask", "why do exports fail?"],
    ["-C", "w", "brief", "P-1"],
    ["-C", "w", "digest"],
    ["-C", "w", "export", "P-1", "--to", "file:backlog.md"],
    ["-C", "w", "runs", "show"],
    ["-C", "w", "doctor", "--offline"],
]

ROWS = [
    f"{topic} {when}"
    for topic in ("the CSV export times out", "labels print cropped", "the SSO login loops", "invoices show old prices")
    for when in ("since Monday", "every day", "again", "on all our machines", "for two of us", "in the evening")
]


class Trap:
    """An address that nobody should come to."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.caught = 0


@contextmanager
def trap() -> Iterator[Trap]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Trap(listening.getsockname()[1])

        def wait() -> None:
            while True:
                try:
                    visitor, _ = listening.accept()
                except OSError:  # closed: the test is over
                    return
                made.caught += 1
                visitor.close()

        threading.Thread(target=wait, daemon=True).start()
        yield made


def baits(place: Trap) -> dict[str, str]:
    """Variables by which the libraries that we use send traces, telemetry or text elsewhere. Those of OpenTelemetry are
    none: whoever sets them asks for our figures, which hold no words (tests/metrics)."""
    url = f"http://{place.address}"
    return {
        "LANGCHAIN_TRACING_V2": "true",
        "LANGCHAIN_API_KEY": "lsv2_1",
        "LANGCHAIN_ENDPOINT": url,
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_TRACING_V2": "true",
        "LANGSMITH_API_KEY": "lsv2_1",
        "LANGSMITH_ENDPOINT": url,
        "ANONYMIZED_TELEMETRY": "True",
        "CHROMA_OTEL_GRANULARITY": "all",
        "CHROMA_OTEL_COLLECTION_ENDPOINT": url,
        "HF_ENDPOINT": url,
        "OPENAI_API_KEY": "sk-1",
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API_BASE": f"{url}/v1",
    }


def anew(code: str, *arguments: str, cwd: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """In a Python of its own, so that what the libraries do as they are loaded is seen, too."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def contacted(
    folder: Path,
    commands: Sequence[Sequence[str]],
    *,
    allowed: Sequence[str] = (),
    run: Callable[..., "subprocess.CompletedProcess[str]"] = anew,
    environment: Mapping[str, str] | None = None,
) -> set[str]:
    """The addresses that the commands tried to contact, "host:port"."""
    report = folder / "contacts.txt"
    report.touch()
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    known = {"INSIGHTS_KEY_DIR": str(folder / "keys"), "PYTHONPATH": str(ROOT)}
    keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    arguments = (str(report), json.dumps(list(allowed)), json.dumps(commands))
    done = run(GUARDED, *arguments, cwd=folder, environment={**own, **known, **keyring, **(environment or {})})
    assert done.returncode == 0, done.stderr
    return set(report.read_text().split())


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    lines = [f"t-{number},{text},2026-03-{number % 28 + 1:02d}" for number, text in enumerate(ROWS)]
    (tmp_path / "t.csv").write_text("\n".join(["id,text,created_at", *lines, ""]))
    return tmp_path


def answered(body: dict[str, Any]) -> Reply:
    return honest(body) if asked_for(body) in ANSWERS else completion("{}")


def test_only_the_servers_that_the_settings_name_are_contacted(tickets: Path) -> None:
    with chat_server(answered) as chat, embedding_server() as embedder, trap() as elsewhere:
        named = [url.removeprefix("http://").removesuffix("/v1") for url in (chat.base_url, embedder.base_url)]
        found = contacted(
            tickets,
            COMMANDS,
            allowed=named,
            environment={
                **baits(elsewhere),
                "INSIGHTS_LANGUAGE_MODEL": "openai:small",
                "INSIGHTS_LANGUAGE_BASE_URL": chat.base_url,
                "INSIGHTS_LANGUAGE_LARGE_MODEL": "openai:large",
                "INSIGHTS_EMBEDDING_EMBEDDER": "openai:vectors",
                "INSIGHTS_EMBEDDING_BASE_URL": embedder.base_url,
            },
        )

    assert found == set(named)
    assert chat.calls > 3
    assert embedder.calls > 0
    assert elsewhere.caught == 0


def test_offline_nothing_at_all_is_contacted(tickets: Path) -> None:
    with trap() as elsewhere:
        found = contacted(tickets, COMMANDS, environment=baits(elsewhere))

    assert found == set()
    assert elsewhere.caught == 0
    assert (tickets / "backlog.md").exists()


def test_an_empty_address_is_the_providers_own_and_the_doctor_looks_on_this_machine_only(tickets: Path) -> None:
    with trap() as elsewhere:
        found = contacted(
            tickets,
            [["init", "w"], ["-C", "w", "doctor"]],
            run=ready.done,
            environment={
                **baits(elsewhere),
                "INSIGHTS_LANGUAGE_MODEL": "openai:small",
                "INSIGHTS_EMBEDDING_EMBEDDER": "openai:vectors",
            },
        )

    assert found == {"api.openai.com:443", *(f"127.0.0.1:{place.port}" for place in USUAL_PLACES)}
    assert elsewhere.caught == 0
