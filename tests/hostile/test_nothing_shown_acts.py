"""What customers, trackers and services write does nothing in a draft of a mail, nor where a person reads it: on the
terminal, in the triage application, in the log."""

import json
import logging
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from rich.cells import cell_len

from insights.bootstrap import open_workspace
from insights.domain.problem import Column, Problem, State
from insights.errors import InsightsError
from insights.ports import Filed, Progressed
from tests.builders import a_problem
from tests.cli.calling import Run, caller, made
from tests.connectors.rendering.hostile import UNSEEN
from tests.hostile.acting import URLS, WORDS
from tests.hostile.dialects.freshdesk import FreshdeskDialect
from tests.hostile.server import SECRET, HostileServer, Reply, serving
from tests.hostile.tracker import HostileTracker
from tests.hostile.world import World
from tests.stored import a_stored_problem, an_item, fill
from tui.models.board import Board
from tui.models.dossier import Dossier
from tui.pages.board import cards
from tui.pages.page import Page
from tui.pages.problem import full

FORGED = "FORGED: all is well"
HOSTILE = (
    f"\x1b[2J\x1b]8;;https://evil.example\x07Done\x1b]8;;\x07 \x1b]52;c;eA==\x07\x9b3m \u202egnirts\u2066 [b]x[/b] "
    f":tada: [@click=app.quit]y[/]\r\n{FORGED}\u2028{FORGED}\u0085{FORGED}\x0b{FORGED} \u200b " + "é" * 4000
)
COLUMNS = 80


def assert_shows_only(text: str, *, columns: int | None = None) -> None:
    """Nothing in it acts on a terminal or hides, nothing begins a line of its own, and no line is too wide."""
    lines = text.split("\n")
    found = [line for line in lines if UNSEEN.search(line) or line.startswith(FORGED)]
    assert not found, found[:3]
    assert columns is None or max(map(cell_len, lines)) <= columns


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """P-1 is accepted, told of by many who are called as they please."""
    folder = made(tmp_path, monkeypatch, columns=COLUMNS)
    opened = open_workspace(folder)
    items = [
        an_item(words, author=words, email=email, account=words[:200], source=words[:200], url=URLS[number % len(URLS)])
        for number, words in enumerate([*WORDS, HOSTILE])
        for email in (f"person{number}@customer.example", f"p{number}@x.example\r\nBcc: all@evil.example")
    ]
    fill(
        opened.repository, [a_stored_problem(f"Hangs\r\nBcc: all@evil.example {HOSTILE}", summary=HOSTILE, items=items)]
    )
    opened.close()
    monkeypatch.chdir(tmp_path)
    run = caller(folder)
    run("decide", "P-1", "accept")
    return run


# -- drafts -----------------------------------------------------------------------------------------------------


def test_a_draft_has_only_our_headers_one_reader_and_one_plain_text(call: Run, tmp_path: Path) -> None:
    told = call("notify", "P-1", "--draft", "--eml", "drafts", everything=True)

    mails = [_read(path) for path in (tmp_path / "drafts").iterdir()]
    assert {mail["To"] for mail in mails} == {f"person{number}@customer.example" for number in range(len(WORDS) + 1)}
    for mail in mails:
        assert {*mail.keys()} <= {"To", "Subject", "X-Unsent", *BODY} and len(mail.keys()) == 6
        assert len(mail["To"].addresses) == 1 and not mail.defects and not mail.is_multipart()
        assert mail.get_content_type() == "text/plain"
        assert not UNSEEN.search(mail["Subject"]) and not UNSEEN.search(mail.get_content().replace("\r\n", "\n"))
    assert_shows_only(told)


BODY = ("Content-Type", "Content-Transfer-Encoding", "MIME-Version")


def _read(path: Path) -> EmailMessage:
    content = path.read_bytes()
    assert b"\n" not in content.replace(b"\r\n", b"")
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(content)


def test_drafts_on_the_terminal_show_words_alone(call: Run) -> None:
    assert_shows_only(call("notify", "P-1", "--draft", everything=True))
    assert_shows_only(call("notify", "P-1", "--draft", "--json"))


# -- what a tracker tells ---------------------------------------------------------------------------------------

ADDRESSES = ("javascript:alert(1)", f"https://tracker.example/1\r\n{FORGED}", "\x1b]8;;x\x07", f"file:///etc\n{FORGED}")


@pytest.fixture
def tracker(call: Run, monkeypatch: pytest.MonkeyPatch) -> HostileTracker:
    """Where P-1 is filed; the tracker says of it what it likes."""
    hostile = HostileTracker()
    monkeypatch.setattr("insights.connecting.find_tracker", lambda *_, **__: hostile)
    call("export", "P-1", "--to", "hostile")
    return hostile


@pytest.mark.parametrize("url", ADDRESSES)
def test_how_an_issue_stands_is_told_and_shown_as_words(
    call: Run, tracker: HostileTracker, tmp_path: Path, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    caplog.set_level(logging.DEBUG)
    first = call("sync", "hostile", everything=True)
    words = {"status": HOSTILE, "assignee": HOSTILE, "estimate": HOSTILE, "url": url}
    tracker.set("ISS-1", **words)
    told = call("sync", "hostile")
    tracker.move("ISS-1", f"{HOSTILE}9")
    tracker.set(f"{HOSTILE}9", **words, progress=Progressed.DROPPED)

    told += call("sync", "hostile")
    said = [first, call("export", "P-1", "--to", "hostile", everything=True)]
    said += [call("export", "--update", "--to", "hostile", everything=True)]
    said += [call("export", "P-1", "--to", "hostile", "--preview", everything=True)]

    said += [call(*words, "--json") for words in (("sync", "hostile"), ("export", "P-1"), ("show", "P-1"))]
    shown = call("show", "P-1")
    assert "Done" in told and "Done" in shown
    assert_shows_only(told, columns=COLUMNS)
    assert_shows_only(shown, columns=COLUMNS)
    assert_shows_only("\n".join(said))
    assert json.loads(said[-2])["external_id"] == f"{HOSTILE}9"
    assert_shows_only(caplog.text)
    problem = _stored(tmp_path)
    assert not UNSEEN.search("".join(link.status + link.assignee + (link.url or "") for link in problem.exported))
    assert_shows_only("\n".join(_in_the_application(problem)), columns=COLUMNS)
    assert_shows_only(call("export", "P-1", "--to", "hostile", "--close", HOSTILE, everything=True))


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_that_a_tracker_tells_is_one_of_the_web_or_none(url: str) -> None:
    assert Filed(external_id="1", url=url).url is None
    assert Filed(external_id="1", url="https://tracker.example/1#c2").url == "https://tracker.example/1#c2"
    assert Filed(external_id="1", url=Path("/tmp/a b.md").as_uri()).url == "file:///tmp/a%20b.md"


def _stored(folder: Path) -> Problem:
    opened = open_workspace(folder / "w")
    try:
        return opened.repository.problems.get(1)
    finally:
        opened.close()


def _in_the_application(problem: Problem) -> Iterator[str]:
    """The page of the problem, and its card."""
    lines = full(Dossier(problem=problem), Page(width=COLUMNS, currency="$"), every_quote=True)
    board = Board()
    board.lay_out([a_problem(state=State.ACCEPTED, column=Column.NOW, exported=problem.exported)])
    _, on_board = cards(board, "now", width=COLUMNS, height=9, currency="$")
    for line in [*lines, *on_board]:
        yield "".join(words for words, _ in line)


# -- what a service tells ---------------------------------------------------------------------------------------


@pytest.fixture
def desk(call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    """A helpdesk, in the settings twice."""
    monkeypatch.setenv("INSIGHTS_SECRET_DESK", SECRET)
    with serving(World(), FreshdeskDialect()) as hostile:
        blocks = [
            f'[[sources]]\nname = "{name}"\ntype = "freshdesk"\nurl = "{hostile.base}"\n' for name in ("desk", "two")
        ]
        with (tmp_path / "w" / "insights.toml").open("a") as file:
            file.write("\n" + "\n".join(blocks))
        yield hostile


REFUSALS = [
    Reply({"message": HOSTILE, "description": HOSTILE, "errors": [{"message": HOSTILE}]}, status)
    for status in (400, 401, 403, 404, 410, 422)
] + [
    Reply({"description": "no"}, 302, {"Location": "https://evil.example/\x1b[2J?x=1"}),
    Reply(HOSTILE.encode("utf-8", "replace"), 400, {"Content-Type": "text/plain"}),
    Reply([HOSTILE] * 3, 409),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda reply: f"{reply.status}-{type(reply.data).__name__}")
def test_why_a_service_refuses_is_told_as_words(
    call: Run, desk: HostileServer, refusal: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.dialect.answer = lambda world, call: refusal  # type: ignore[method-assign]

    with pytest.raises(InsightsError) as caught:
        call("pull", "desk")
    with pytest.raises(InsightsError):
        call("pull")

    for words in (caught.value.message, caught.value.remedy):
        assert_shows_only(words)
        assert "\n" not in words and len(words) < 600
    assert_shows_only(call("sources"), columns=COLUMNS)
    standing = {one["source"]: one["error"] for one in json.loads(call("sources", "--json"))}
    assert standing["desk"] and not UNSEEN.search(standing["desk"])
    assert_shows_only(call("problems", everything=True))
    assert_shows_only(caplog.text)
