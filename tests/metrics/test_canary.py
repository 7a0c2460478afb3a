"""A customer's words and address get into no log, metric, audit entry, trace or stderr, also where failing parts echo
them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.calling import Run, caller, made
from tests.language.chat_server import chat_server
from tests.language.honest_model import honest
from tests.loopback import QuietHandler, QuietServer, send
from tests.metrics.collector import Collector, collecting

CANARY = "canary-7f3a@leak.example"
PHRASE = "purple walrus ledger"
SIGNS = ("canary-7f3a", "walrus")


def a_row(number: int) -> dict[str, object]:
    body = f"The export of the {PHRASE} hangs on line {number}, tell {CANARY}"
    return {"id": number, "subject": PHRASE, "body": body, "author": CANARY}


def echoing_400(asked: object) -> tuple[int, dict[str, str], object]:
    return 400, {}, {"error": {"message": f"cannot do {asked} for {CANARY}: {PHRASE}"}}


@pytest.fixture(params=[400, 500])
def helpdesk(request: pytest.FixtureRequest) -> Iterator[str]:
    """A service whose every answer is an error that says the canary. Its address."""

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - the library's name
            said = f"no view of {CANARY}: {PHRASE}"
            send(self, (request.param, {"Retry-After": "0"}, {"description": said, "message": said, "error": said}))

    server = QuietServer(Handler)
    server.serve()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop()


def name_sources(folder: Path, helpdesk: str) -> None:
    """A file of which one row has no date, a file that is no such file, and the service."""
    rows = [a_row(50), a_row(51) | {"created_at": f"{PHRASE} {CANARY}"}]
    (folder / "bad.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "broken.csv").write_text(f'{PHRASE},{CANARY}\n"{PHRASE}\n')
    blocks = [
        'name = "bad"\npath = "bad.jsonl"\nkind = "ticket"\n',
        'name = "broken"\npath = "broken.csv"\nkind = "ticket"\n',
        f'name = "helpdesk"\ntype = "freshdesk"\nurl = "{helpdesk}"\n',
    ]
    with (folder / "insights.toml").open("a", encoding="utf-8") as file:
        file.write("".join(f"\n[[sources]]\n{block}" for block in blocks))
        file.write('\n[[digests]]\nname = "team"\nchannel = "file:outbox/"\nform = "markdown"\n')


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helpdesk: str) -> dict[str, str]:
    """What was told, by where."""
    folder = made(tmp_path, monkeypatch)
    monkeypatch.setenv("INSIGHTS_SECRET_HELPDESK", "a-key-of-the-test")
    with collecting(monkeypatch) as collector:
        return _worked(tmp_path, folder, helpdesk, caller(folder), monkeypatch, collector)


def _worked(
    place: Path, folder: Path, helpdesk: str, call: Run, monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> dict[str, str]:
    (place / "in.jsonl").write_text("".join(json.dumps(a_row(n)) + "\n" for n in range(9)))
    (place / "refused.csv").write_text(f"{PHRASE},{CANARY}\n{PHRASE},{CANARY}\n")
    call("import", str(place / "in.jsonl"), "--kind", "ticket")
    call("import", str(place / "refused.csv"), "--kind", "ticket")  # who typed it is told the columns' names
    monkeypatch.setenv("INSIGHTS_LANGUAGE_MODEL", "openai:small")
    with chat_server(echoing_400) as server:
        monkeypatch.setenv("INSIGHTS_LANGUAGE_BASE_URL", server.base_url)
        analysed = call("--progress", "json", "analyze", "--json", everything=True)
        failed = call("metrics")
    name_sources(folder, helpdesk)
    with chat_server(honest) as server:
        monkeypatch.setenv("INSIGHTS_LANGUAGE_BASE_URL", server.base_url)
        night = call("--progress", "json", "nightly", "--json", everything=True)
    logs = "".join(path.read_text() for path in (folder / ".insights" / "logs").glob("*"))
    (digest,) = (folder / "outbox").iterdir()
    assert CANARY not in digest.read_text()  # its words are customers', their addresses are taken out
    return {
        "run": analysed,
        "night": night,
        "logs": logs,
        "metrics after failures": failed,
        "metrics": call("metrics"),
        "metrics as JSON": call("metrics", "--json"),
        "audit log": call("audit", "log", "--json"),
        "runs": call("runs", "show", "--json"),
        "card": call("card"),
        "telemetry": collector.everything.decode("latin-1"),
    }


def test_the_canary_is_nowhere(told: dict[str, str]) -> None:
    assert [where for where, text in told.items() if not text] == [], told["night"]
    assert "refused the request (400)" in told["run"]  # the model was asked, and did echo
    assert "helpdesk failed" in told["logs"]
    assert "insights_model_failures_total 0\n" not in told["metrics after failures"]
    assert 'prompt="other"' not in told["metrics"]
    leaks = {
        where: [line for line in text.splitlines() if sign in line.casefold()]
        for where, text in told.items()
        for sign in SIGNS
        if sign in text.casefold()
    }
    assert leaks == {}
