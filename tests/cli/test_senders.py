"""`insights senders`: what is configured, where its login is, and one message that shows whether it works."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights.bootstrap import open_workspace
from insights.cli.main import app
from insights.errors import ExitCode, InsightsError
from tests.cli.calling import Run, caller, made
from tests.connectors.senders.mail_server import MailServer, mail_server
from tests.loopback import QuietHandler, QuietServer, send

BLOCKS = """
[[senders]]
name = "team-mail"
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "insights@acme.example"

[[senders]]
name = "big-mail"
type = "smtp"
host = "smtp.acme.example"
sender = "insights@acme.example"
user = "insights"

[[senders]]
name = "chat"
type = "slack"
hosts = ["127.0.0.1"]

[[senders]]
name = "ops"
type = "nothing-installed"
"""
PATH = "/services/T000/B000/canary9c51canary9c51"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server(auth_require_tls=False) as opened:
        yield opened


@pytest.fixture
def hook() -> Iterator[QuietServer]:
    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the library's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            send(self, (200, {}, "ok") if b"blocks" in body else (400, {}, "no_text"))

    opened = QuietServer(Handler)
    opened.serve()
    yield opened
    opened.stop()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: MailServer) -> Path:
    for name in ("TEAM_MAIL", "BIG_MAIL", "CHAT", "OPS"):
        monkeypatch.delenv(f"INSIGHTS_SECRET_{name}", raising=False)
    folder = made(tmp_path, monkeypatch)
    (folder / "insights.toml").write_text(BLOCKS.format(port=server.port))
    return folder


@pytest.fixture
def call(workspace: Path) -> Run:
    return caller(workspace)


def test_each_is_shown_with_where_its_login_is(call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_SECRET_CHAT", "canary-9c51")
    said = call("senders", everything=True)

    assert "team-mail: smtp; needs no login" in said
    assert "big-mail: smtp; no login: insights auth big-mail" in said
    assert "chat: slack; its login is in INSIGHTS_SECRET_CHAT" in said
    assert "ops: nothing-installed; No sender of type 'nothing-installed' is installed. Use one of: " in said
    assert "Types: file, stdout, slack, smtp, teams" in said
    assert "canary" not in said


def test_json_holds_the_same(call: Run) -> None:
    told = json.loads(call("senders", "--json"))

    assert told["senders"][0] == {
        "name": "team-mail",
        "type": "smtp",
        "login": None,
        "needs_login": False,
        "trouble": "",
    }
    assert {one["name"]: one["needs_login"] for one in told["senders"]} == {
        "team-mail": False,
        "big-mail": True,
        "chat": True,
        "ops": None,
    }
    assert {"file", "stdout", "slack", "smtp", "teams"} <= set(told["types"])


def test_a_sender_whose_settings_are_wrong_says_what_is(workspace: Path, call: Run) -> None:
    (workspace / "insights.toml").write_text('[[senders]]\nname = "mail"\ntype = "smtp"\nhots = "mail.example"\n')

    said = call("senders")

    assert "there is no setting hots. Did you mean host or port?" in said
    assert "auth mail" not in said


def test_where_none_is_named_that_is_said(workspace: Path, call: Run) -> None:
    (workspace / "insights.toml").write_text("")

    assert "No [[senders]]" in call("senders")


def test_a_test_mail_says_that_it_is_one(call: Run, server: MailServer) -> None:
    said = call("senders", "test", "team-mail", "--to", "ann@acme.example", "--to", "bob@acme.example", everything=True)

    assert server.envelopes[0].rcpt_tos == ["ann@acme.example", "bob@acme.example"]
    assert "a test of insights" in str(server.mail["Subject"])
    assert "This is a test" in server.mail.get_content()
    assert f"Sent with team-mail: {server.mail['Message-ID']}" in said


def test_a_test_mail_to_nobody_is_refused(call: Run, server: MailServer) -> None:
    with pytest.raises(InsightsError, match="nobody"):
        call("senders", "test", "team-mail")

    assert server.envelopes == []


@pytest.mark.parametrize("name", ["none", "file:", "mailto:ann@acme.example"])
def test_what_is_no_sender_is_refused_with_what_there_is(call: Run, name: str) -> None:
    with pytest.raises(InsightsError) as refused:
        call("senders", "test", name)

    assert refused.value.exit_code is ExitCode.USAGE
    assert "team-mail" in refused.value.remedy and "stdout" in refused.value.remedy


def test_files_and_stdout_are_tried_as_well(workspace: Path, call: Run) -> None:
    assert call("senders", "test", "stdout").startswith("This is a test")
    call("senders", "test", "file:digests/")

    (one,) = (workspace / "digests").iterdir()
    assert re.fullmatch(r"[\w.-]+\.test\.\d{8}-\d{6}\.txt", one.name)


def test_a_webhook_s_address_is_kept_tried_and_never_told(workspace: Path, call: Run, hook: QuietServer) -> None:
    address = f"http://127.0.0.1:{hook.server_address[1]}{PATH}"
    kept = CliRunner().invoke(app, ["-C", str(workspace), "auth", "chat"], input=f"{address}\n")
    said = kept.output + call("auth", "chat", "--status") + call("senders", "test", "chat", everything=True)

    assert kept.exit_code == 0
    assert "Logged in as an incoming webhook at 127.0.0.1" in kept.output
    assert "logged in as an incoming webhook" in said and "Sent with chat:" in said
    assert "canary" not in said
    for path in workspace.rglob("*"):
        assert not path.is_file() or b"canary" not in path.read_bytes()


def test_what_is_no_webhook_s_address_is_not_kept(workspace: Path) -> None:
    done = CliRunner().invoke(app, ["-C", str(workspace), "auth", "chat"], input="https://evil.example/canary\n")

    assert isinstance(done.exception, InsightsError) and done.exception.exit_code is ExitCode.LOGIN
    assert "canary" not in done.output + done.exception.message + done.exception.remedy
    opened = open_workspace(workspace)
    assert opened.credentials.place("chat") is None
    opened.close()


def test_a_sender_without_a_login_needs_none(call: Run) -> None:
    with pytest.raises(InsightsError, match="needs no login") as refused:
        call("auth", "team-mail")

    assert "insights senders test team-mail" in refused.value.remedy
