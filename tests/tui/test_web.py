"""The application in a browser: who may reach it, what its page may do, and that nothing decided is lost."""

import asyncio
import base64
import json
import re
import signal
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import typer
from aiohttp import ClientSession, WSServerHandshakeError
from typer.testing import CliRunner

from insights.cli.main import app
from insights.domain.problem import State
from insights.errors import InsightsError
from tests.cli.calling import made
from tests.stored import a_stored_problem, an_item
from tests.tui.served import Drawn, a_served_workspace, a_server, a_session, origin, serving, states
from tui.web import session
from tui.web.server import has_display, serve, triage_command
from tui.web.site import _FILES

PROGRAM = (
    sys.executable,
    "-c",
    """
import json, os, sys
out, keys = sys.stdout.buffer, sys.stdin.buffer

def packet(kind, payload):
    out.write(kind + len(payload).to_bytes(4, "big") + payload)
    out.flush()

out.write(b"__GANGLION__\\n")
packet(b"D", f"{os.environ['COLUMNS']}x{os.environ['ROWS']} ".encode())
while kind := keys.read(1):
    said = keys.read(int.from_bytes(keys.read(4), "big"))
    if kind == b"M" and json.loads(said)["type"] == "quit":
        break
    if said.startswith(b"{") and kind == b"D":
        packet(b"M", said)
    else:
        packet(b"D", b"<" + said + b"> ")
    if said == b"fail":
        sys.exit("it broke \\x1b]52;c;ZXZpbA==\\x07\\x1b[31m here")
    if said == b"stay":
        import time
        time.sleep(60)
""",
)
"""Talks like the application: draws its size and its keys; what looks like a request of the page it asks of it."""

AWAY = re.compile(r"(?:https?|wss?)://|url\(['\"]?//|(?:src|href)=['\"]?//")
"""What would begin an address of somewhere else."""


# -- who may reach it -----------------------------------------------------------------------------------------


async def test_the_page_is_under_its_secret_path_alone():
    async with serving(*PROGRAM) as (site, client):
        answers = {
            path: (await client.get(path)).status
            for path in ("/", "/session", "/static/page.js", "/wrong/", f"/{site.token[:-1]}/", f"/{site.token}/")
        }

    assert answers.pop(f"/{site.token}/") == 200
    assert set(answers.values()) == {404}


def test_the_secret_is_new_each_time_and_too_long_to_guess():
    from tui.web.site import Site

    tokens = {Site(name="acme", command=(), background="#000000").token for _ in range(100)}

    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43  # 256 bits


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "10.0.0.1", "[::1"])
async def test_a_name_that_is_not_this_machines_is_refused(host):
    async with serving(*PROGRAM) as (site, client):
        answer = await client.get(f"/{site.token}/", headers={"Host": host})

    assert answer.status in (400, 403)


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1"])
async def test_a_tunnel_may_end_at_another_port(host):
    async with serving(*PROGRAM) as (site, client):
        answer = await client.get(f"/{site.token}/", headers={"Host": host})

    assert answer.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://evil.example", "Host": "evil.example"},
    ],
)
async def test_a_page_from_elsewhere_may_not_connect(headers):
    async with serving(*PROGRAM) as (site, client):
        with pytest.raises(WSServerHandshakeError) as refusal:
            await client.ws_connect(f"/{site.token}/session", headers=headers)

    assert refusal.value.status == 403


async def test_the_link_for_the_started_browser_opens_once():
    async with serving(*PROGRAM) as (site, client):
        first = await client.get(f"/open/{site.ticket}", allow_redirects=False)
        second = await client.get(f"/open/{site.ticket}", allow_redirects=False)

    assert (first.status, first.headers["Location"]) == (303, f"/{site.token}/")
    assert second.status == 404


@pytest.mark.parametrize("path", ["", "../server.py", "%2e%2e/site.py", "DejaVuSansMono-LICENSE.txt"])
async def test_only_the_files_of_the_page_are_served(path):
    async with serving(*PROGRAM) as (site, client):
        answer = await client.get(f"/{site.token}/static/{path}")

    assert answer.status == 404


# -- what the page may do -------------------------------------------------------------------------------------


async def test_every_answer_forbids_what_is_not_from_here():
    async with serving(*PROGRAM) as (site, client):
        for path in ("/", f"/{site.token}/", f"/{site.token}/static/page.js", f"/{site.token}/session"):
            answer = await client.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'"), path
            assert "frame-ancestors 'none'" in policy
            assert not re.search(r"\*|http|wss?:|data:|unsafe-eval", policy)
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_page_and_its_files_name_no_other_place():
    async with serving(*PROGRAM) as (site, client):
        page = await (await client.get(f"/{site.token}/")).text()
    texts = {name: path.read_text() for name, (path, kind) in _FILES.items() if "font" not in kind}
    texts["terminal.css"] = re.sub(r"/\*.*?\*/", "", texts["terminal.css"], flags=re.DOTALL)  # names its authors
    texts["icon.svg"] = texts["icon.svg"].replace("http://www.w3.org/2000/svg", "")  # a name that nothing asks for

    assert "static/page.js" in page
    assert not AWAY.search(page)
    assert [name for name, text in texts.items() if AWAY.search(text)] == []


async def test_the_fonts_come_from_here_with_their_licence():
    async with serving(*PROGRAM) as (site, client):
        fonts = [await client.get(f"/{site.token}/static/{name}.woff2") for name in ("regular", "bold")]
        starts = [(await font.read())[:4] for font in fonts]

    assert starts == [b"wOF2", b"wOF2"]
    assert {font.headers["Content-Type"] for font in fonts} == {"font/woff2"}
    licence = _FILES["regular.woff2"][0].with_name("DejaVuSansMono-LICENSE.txt").read_text()
    assert "Permission is hereby granted, free of charge" in licence


async def test_a_workspaces_name_is_text_in_the_page():
    async with serving(*PROGRAM, name="<script>alert(1)</script>") as (site, client):
        page = await (await client.get(f"/{site.token}/")).text()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# -- a session ------------------------------------------------------------------------------------------------


async def test_size_and_keys_reach_the_program_and_its_screen_the_page():
    async with a_session(*PROGRAM, columns=91, rows=28) as drawn:
        await drawn.until("91x28")
        await drawn.type("jjé")
        await drawn.until("<jjé>")
        await drawn.page.send_json(["resize", {"width": 70, "height": 20}])
        await drawn.until('"width": 70')


@pytest.mark.parametrize("asked", ["", "?width=-1&height=x", "?width=99999999999&height=٣"])
async def test_a_size_that_no_screen_has_is_brought_into_bounds(asked):
    async with a_session(*PROGRAM, asked=asked) as drawn:
        await drawn.until("1x1")


async def test_messages_of_no_known_form_are_passed_over():
    async with a_session(*PROGRAM) as drawn:
        for odd in ('["resize", {"width": "wide"}]', '["stdin", 7]', '["other"]', "{}", "3", "{not json"):
            await drawn.page.send_str(odd)
        await drawn.type("still here")
        await drawn.until("<still here>")


async def test_the_page_opens_web_addresses_and_nothing_else_for_the_program():
    asked = [
        {"type": "open_url", "url": "javascript:alert(1)", "new_tab": False},
        {"type": "open_url", "url": "file:///etc/passwd", "new_tab": True},
        {"type": "deliver_file_start", "key": "k", "path": "/etc/passwd", "open_method": "browser"},
        {"type": "open_url", "url": "https://support.example/48121", "new_tab": False},
    ]
    async with a_session(*PROGRAM) as drawn:
        for number, one in enumerate(asked):
            await drawn.type(json.dumps(one))
            await drawn.type(f"{number}")
            await drawn.until(f"<{number}>")

    assert [json.loads(word) for word in drawn.words] == [
        ["open_url", {"url": "https://support.example/48121", "new_tab": True}]
    ]


async def test_a_program_that_fails_says_why_in_the_page_and_its_words_do_nothing():
    async with a_session(*PROGRAM) as drawn:
        await drawn.type("fail")
        await drawn.until("it broke")
        await drawn.until_closed()

    assert "it broke  here" in drawn.text.replace("\n", " ")


async def test_a_program_that_cannot_start_says_why_in_the_page():
    async with a_session(sys.executable, "-c", "import sys; sys.exit('insights: The key is not here.')") as drawn:
        await drawn.until("The key is not here.")
        await drawn.until_closed()


async def test_a_program_that_does_not_leave_is_ended(monkeypatch):
    monkeypatch.setattr(session, "_LEAVING_SECONDS", 0.2)
    async with serving(*PROGRAM) as (site, client):
        page = Drawn(await client.ws_connect(f"/{site.token}/session", headers=origin(client)))
        await page.type("stay")
        await page.until("<stay>")
        await page.page.close()
        async with asyncio.timeout(10):
            await client.close()


async def test_no_more_pages_are_opened_than_the_machine_bears():
    async with serving(*PROGRAM) as (site, client):
        pages = [await client.ws_connect(f"/{site.token}/session", headers=origin(client)) for _ in range(8)]
        with pytest.raises(WSServerHandshakeError) as refusal:
            await client.ws_connect(f"/{site.token}/session", headers=origin(client))
        await pages[0].close()
        async with asyncio.timeout(10):
            while not await _can_connect(client, site):
                await asyncio.sleep(0.05)

    assert refusal.value.status == 503


async def _can_connect(client, site):
    try:
        await client.ws_connect(f"/{site.token}/session", headers=origin(client))
    except WSServerHandshakeError:
        return False
    return True


# -- the application itself -----------------------------------------------------------------------------------


async def test_what_was_decided_just_before_the_page_was_closed_is_kept(tmp_path, monkeypatch):
    titles = [f"Problem number {number}" for number in range(1, 6)]
    workspace = a_served_workspace(tmp_path, monkeypatch, [a_stored_problem(title) for title in titles])
    async with a_session(*triage_command(workspace)) as drawn:  # which ends when the program has
        await drawn.until(titles[0])
        await drawn.type("aaa")

    assert list(states(workspace).values()).count(State.ACCEPTED) == 3


async def test_source_and_copy_go_to_the_browser_not_to_programs_of_this_machine(tmp_path, monkeypatch):
    source = "https://support.example/48121"
    items = [an_item("It hangs at half of the rows.", url=source)]
    workspace = a_served_workspace(tmp_path, monkeypatch, [a_stored_problem("Export hangs", items=items)])
    async with a_session(*triage_command(workspace), columns=140, rows=40) as drawn:
        await drawn.until("It hangs at half")
        await drawn.type("o")
        await drawn.until("Opened https://support.example/48121")
        await drawn.type("y")
        await drawn.until("Handed to the terminal to copy")
        copied = re.findall(rb"\x1b]52;c;([A-Za-z0-9+/=]+)\x07", drawn.raw)

    assert [json.loads(word) for word in drawn.words] == [["open_url", {"url": source, "new_tab": True}]]
    assert ["It hangs at half of the rows." in base64.b64decode(text).decode() for text in copied] == [True]


async def test_the_application_leaves_when_its_server_was_killed(tmp_path, monkeypatch):
    workspace = a_served_workspace(tmp_path, monkeypatch, [a_stored_problem("Export hangs")])
    async with a_server(workspace) as (process, address):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            pytest.skip("This system does not tell the children of a process.")
        own = {"Origin": f"http://{urlsplit(address).netloc}"}
        async with (
            ClientSession() as http,
            http.ws_connect(f"{address}session?width=100&height=30", headers=own) as page,
        ):
            await Drawn(page).until("Export hangs")
            child = Path("/proc") / children.read_text().split()[0]
            process.kill()
            async with asyncio.timeout(20):
                while child.exists() and "(zombie)" not in (child / "status").read_text():
                    await asyncio.sleep(0.1)

    assert await process.wait() == -signal.SIGKILL


async def test_an_interrupt_ends_the_server_in_peace(tmp_path, monkeypatch):
    workspace = a_served_workspace(tmp_path, monkeypatch, [a_stored_problem("Export hangs")])
    async with a_server(workspace) as (process, address):
        process.send_signal(signal.SIGINT)
        _, messages = await process.communicate()

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{43}/", address)
    assert process.returncode == 0
    assert messages.decode().splitlines() == [
        "Whoever has this address decides as you. Ctrl-C ends it.",
        "Stopped. What was decided is kept.",
    ]


def test_a_port_that_is_taken_is_said_in_words(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InsightsError, match=f"Port {port} is taken") as refusal:
            serve(workspace=tmp_path, port=port, open_browser=False, on_ready=print)

    assert "--port" in refusal.value.remedy


def test_options_of_the_browser_without_it_are_refused(tmp_path, monkeypatch):
    workspace = made(tmp_path, monkeypatch)

    done = CliRunner().invoke(app, ["-C", str(workspace), "triage", "--port", "8765"])

    assert done.exit_code == 2
    assert "--web" in done.output


def test_no_shell_reads_the_workspaces_name():
    command = triage_command(Path("/data/my firm's; rm -rf $HOME"))

    assert command[command.index("--workspace") + 1] == "/data/my firm's; rm -rf $HOME"
    assert command[:2] == (sys.executable, "-P")


@pytest.mark.parametrize(
    ("environment", "platform", "is_there"),
    [({}, "linux", False), ({"DISPLAY": ":0"}, "linux", True), ({}, "darwin", True), ({"DISPLAY": ""}, "linux", False)],
)
def test_a_browser_opens_by_itself_only_where_it_can_be_seen(environment, platform, is_there):
    assert has_display(environment, platform) is is_there


def test_the_command_can_be_asked_for_help():
    assert isinstance(app, typer.Typer)
    assert "--web" in CliRunner().invoke(app, ["triage", "--help"]).output
