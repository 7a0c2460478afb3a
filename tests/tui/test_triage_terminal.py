"""What really reaches a terminal: the raw bytes of the application in a pseudo-terminal, and what it leaves behind when
the terminal is gone."""

import re
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from insights.domain.problem import Action
from insights.domain.run import RunStatus
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.actors import ADA
from tests.stored import KEY, a_stored_problem, a_workspace, an_account_record, an_estimate, an_item
from tests.tui.program import LEFT, NOW
from tests.tui.terminal import Terminal

HOSTILE = [
    "\x1b]52;c;ZXZpbA==\x07 clipboard",
    "\x1b]8;;http://evil.example\x1b\\ link \x1b]8;;\x1b\\",
    "\x1b]0;title\x07 \x1b]2;title\x9c named",
    "\x1b[2J\x1b[H\x1b[31m cleared \x1bc \x1b[?1049h \x1b[8m hidden",
    "\x1b[c\x1b[6n\x1b[>q\x05 asked",
    "\x9b31m \x9d52;c;ZXZpbA==\x9c \x90q\x9c c1",
    "\x1bPq#0;2;0;0;0\x1b\\ \x1bP$q\x1b\\ dcs \x1b_Ga=q\x1b\\ apc \x1bXsos\x1b\\ \x1b^pm\x1b\\",
    "\x1b]52;c;dW5lbmRlZA== unended \x1bP unended",
    "[@click=app.quit]press[/] [@click=app.bell]me[/]",
    "[/] arr [/usr/bin] [bold [[ ]] [/bold [type=x, v={'a[0]'}]",
    "[red]red[/red] [link=https://evil.example]Reset[/link] \\[x]",
    "\u202egnirts\u202c \u2066iso\u2069 bidi",
    "zero\u200bwidth\u2060joined \U000e0041\U000e0042 tagged",
    "lone \ud800 surrogate \udfff",
    "z" + "\u0301\u0302\u0303\u0304\u0305" * 30 + "algo",
    "line\r\nfeed\rreturn\x0bvertical\x0cform\x08\x08back\x7f nul\x00",
    "👨\u200d👩\u200d👧\u200d👦 ❤\ufe0f 🇩🇪 日本語",
]
"""Words that try to act on the terminal or the application."""

STORABLE = [text.encode("utf-8", "replace").decode() for text in HOSTILE]
ALL = " ".join(STORABLE)
LONG = f"{ALL} {'long ' * 60_000}"
"""300,000 characters and more."""

ANSWERS = (
    "\x1bP>|xterm(370)\x1b\\\x1b]11;rgb:aaaa/dddd/eeee\x07\x1b]52;c;YWFhYQ==\x1b\\"
    "\x1b[?62;4c\x1b[>1;10;0c\x1b[6;1R\x1b[0n\x1b[?2026;2$y\x1b[?1u\x1b[O\x1b[I"
)
"""What terminals answer when they are asked for their name, colours, clipboard, kind, cursor, modes; and that the focus
went and came back."""

POINTER_SHAPE = re.compile("\x1b\\]22;[a-z]+\x07")
"""The one OSC sequence that Textual writes by itself."""

Open = Callable[..., Terminal]


@pytest.fixture
def open_terminal() -> Iterator[Open]:
    opened: list[Terminal] = []

    def open_one(folder: Path, *, columns: int = 80, rows: int = 24, **environment: str) -> Terminal:
        command = [sys.executable, "-m", "tests.tui.program", str(folder)]
        opened.append(Terminal(command, columns=columns, rows=rows, environment=environment))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.stop()


def store(folder: Path, titles: list[str]) -> Repository:
    """One problem of each title, with the title's words in every other text."""
    (folder / "id").write_text("0123456789abcdef")
    problems = [
        a_stored_problem(
            title,
            summary=f"Summary {title}",
            items=[
                an_item(
                    f"Said {title}", source=f"zendesk {title[:300]}", account=f"Acme {title}", url=f"https://{title}"
                ),
                an_item(f"Said again {title}", account=f"Acme {title}", days_ago=3),
            ],
            estimate=an_estimate(),
        )
        for title in titles
    ]
    accounts = [an_account_record(f"Acme {title}", revenue=120_000, segment=title[:300]) for title in titles]
    return a_workspace(folder, problems=problems, accounts=accounts)


def store_hostile(folder: Path) -> None:
    """Every hostile string in all that can be stored; what others decided, and a run that failed, tell them, too."""
    repository = store(folder, [*STORABLE, LONG])
    other = Triage(repository, f"ben {ALL}", lambda: NOW - timedelta(hours=1))
    other.decide(3, Action.ACCEPT, why=ALL)
    other.decide(4, Action.DISMISS, why=ALL)
    other.undo()
    other.decide(5, Action.DISMISS, why=ALL)
    repository.problems.save_similar({1: [(2, 0.91), (len(STORABLE) + 1, 0.9)]})
    run = repository.runs.start(mode=f"offline {ALL}", at=NOW - timedelta(hours=8))
    failed = replace(run, status=RunStatus.STOPPED, finished_at=NOW, stage=ALL, failures=(ALL, LONG))
    repository.runs.save(replace(failed, counts={ALL: 3}))
    repository.sources.note_failed(f"zendesk {ALL}", NOW, error=ALL, remedy=ALL)
    repository.close()


def states(folder: Path) -> list[str]:
    repository = Repository(f"sqlite:///{folder}/insights.db", key=KEY, actor=ADA)
    found = sorted(repository.problems.all(), key=lambda problem: problem.id)
    repository.close()
    return [problem.state.value for problem in found]


def decided(folder: Path) -> list[int]:
    """The numbers of all decisions that were ever made."""
    with sqlite3.connect(folder / "insights.db") as database:
        return [number for (number,) in database.execute("select id from decision order by id")]


def held(folder: Path, terminal: Terminal) -> sqlite3.Connection:
    """Once the application shows its problems, the database is another's until it rolls back."""
    terminal.until("Problem 0").settle(quiet=0.1)
    other = sqlite3.connect(folder / "insights.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def pasted(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


def assert_inert(raw: bytes) -> None:
    """Nothing in it acts but what Textual itself draws with."""
    text = POINTER_SHAPE.sub("", raw.decode("utf-8"))
    assert not re.findall("\x1b[\\]P_X^]", text), "an OSC, DCS, APC, SOS or PM sequence"
    assert not re.findall("[\x80-\x9f\x00\x05\x07\x08\x0b\x0c\x7f]", text), "a C1 byte or a bell"
    assert not re.findall("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\ud800-\udfff\U000e0000-\U000e007f]", text)
    assert not re.findall("[\u0300-\u036f]{9}", text), "a tower of marks"
    assert not re.findall("\x1b(?:c|\\[2J|\\[3J|\\[8m|\\[6n|\\[>?0?c|\\[>q)", text), "cleared, hidden or asked"
    assert text.count("\x1b[?1049h") <= 2, "the alternate screen of the first line and of Textual"


def left(terminal: Terminal) -> Terminal:
    """Escape, as terminals with kitty's keys send it: it cannot be taken for the beginning of another key."""
    return terminal.settle(quiet=0.1).press("\x1b[27u").settle(quiet=0.1)


def walk(terminal: Terminal) -> None:
    """Through every screen and dialog, with hostile words in each."""
    terminal.until("Inbox 16").press("jjjk" * 5).press("g").until("clipboard")
    terminal.press("\r").until("Evidence").press("jjjjJJKK").settle(quiet=0.1)
    left(terminal.press("m").until("Merge P-1 into").press(pasted(ALL)))
    left(terminal.press("x").until("turn over").settle(quiet=0.1).press("jj "))
    left(terminal.press("r").until("Rename P-1").press(pasted(ALL)))
    left(terminal.press("e").until("Estimate P-1").settle(quiet=0.1).press(pasted(ALL)))
    left(terminal.press("E").until("Export").settle(quiet=0.1).press("j" * 10))
    left(terminal).until("Inbox 16").press("?").until("Keys").press("?").settle(quiet=0.1)
    left(terminal.press("/" + pasted(ALL)).until("0 of 16"))
    left(terminal.press(":").until("Palette").press(pasted(ALL)))
    left(terminal.press("G\r").until("long long").settle(quiet=0.1).press("Gr").until("Rename P-18"))
    left(terminal).until("Inbox 16").press("2").until("Won't").settle(quiet=0.1).press("\x1b[C\x1b[C\x1b[C").settle(
        quiet=0.1
    )
    terminal.press("3").until(" / ").press(pasted(ALL)).settle(quiet=0.1).press("\x15said").until("Found").press(
        "\rjjjj"
    ).settle(quiet=0.1)
    left(terminal.press("m").until("clipboard"))
    left(terminal.press("\r").settle(quiet=0.1))
    left(terminal.press("4").until("Run ").press("\r").settle(quiet=0.1).press("jjG"))
    left(terminal.press("5").until("Health").settle(quiet=0.1).press("G").settle(quiet=0.1).press("D"))


def test_hostile_text_acts_on_nothing_in_a_narrow_terminal(tmp_path: Path, open_terminal: Open) -> None:
    store_hostile(tmp_path)
    terminal = open_terminal(tmp_path).until("clipboard")

    terminal.press("jjjjjjjjjjjjjjjj").until("日本語").press("g\r").until("Evidence").press("jjjJKh")
    terminal.press("/usr\r").press("\x1b[A").press("?").until("Keys").press("hq")

    assert terminal.ended() == 0
    assert_inert(terminal.raw)
    assert LEFT in terminal.raw.decode()
    assert colour_codes(terminal.raw)


def test_hostile_text_acts_on_nothing_on_any_screen_and_without_colour_none_is_used(
    tmp_path: Path, open_terminal: Open
) -> None:
    store_hostile(tmp_path)
    before = decided(tmp_path)
    terminal = open_terminal(tmp_path, columns=140, rows=40, NO_COLOR="1")
    walk(terminal)
    left(terminal.press("1").until("Inbox 16").press(ANSWERS))
    terminal.type(b"\xff\xe4\x80").settle(quiet=0.1).press(pasted(f"a{ALL}a")).settle(quiet=0.1)
    assert decided(tmp_path) == before, "what is pasted, answered, or no text decides nothing"
    terminal.until("Inbox 16 · by return")  # a machine with other work may draw it later than it is quiet
    assert "Inbox 16 · by return" in terminal.text

    repository = Repository(f"sqlite:///{tmp_path}/insights.db", key=KEY, actor=ADA)
    Triage(repository, f"eve {ALL}", lambda: NOW).decide(1, Action.DISMISS, why=ALL)
    repository.close()
    terminal.press("ga").until("dismissed P-1").press("\r").until_gone("dismissed P-1").press("q")

    assert terminal.ended() == 0
    assert_inert(terminal.raw)
    text = terminal.raw.decode()
    assert LEFT in text
    assert "[@click=app.quit]press[/]" in text, "mark-up is shown as it stands"
    assert colour_codes(terminal.raw) == []
    assert re.search(rb"\x1b\[(?:\d+;)*1m", terminal.raw), "bold still stands for emphasis"


def test_a_dumb_terminal_is_told_of_the_commands_and_stays_as_it_is(tmp_path: Path, open_terminal: Open) -> None:
    store(tmp_path, ["CSV export times out"]).close()
    terminal = open_terminal(tmp_path, TERM="dumb")

    assert terminal.ended() == 2
    assert b"insights problems" in terminal.raw
    assert b"\x1b" not in terminal.raw


def close_window(terminal: Terminal) -> None:
    terminal.hang_up()  # keys that were not read by now are lost with the window


def lose_line(terminal: Terminal) -> None:
    terminal.press("a").signal(signal.SIGHUP)


def stop_machine(terminal: Terminal) -> None:
    terminal.press("a").signal(signal.SIGTERM)


def quit_by_key(terminal: Terminal) -> None:
    terminal.press("aq")


ENDINGS = {close_window: 8, lose_line: 9, stop_machine: 9, quit_by_key: 9}
"""How a session ends, and how many problems were accepted by then."""


def test_however_a_session_ends_all_that_was_decided_is_written(tmp_path: Path, open_terminal: Open) -> None:
    """Another process holds the database, while the person decides and leaves, for two seconds more."""
    folders = [tmp_path / end.__name__ for end in ENDINGS]
    for folder in folders:
        folder.mkdir()
        store(folder, [f"Problem {number}" for number in range(12)]).close()
    terminals = [open_terminal(folder) for folder in folders]
    others = [held(folder, terminal) for folder, terminal in zip(folders, terminals, strict=True)]
    for terminal in terminals:
        terminal.press("d").until("duplicate").press("2" + "a" * 8)
    for terminal in terminals:
        terminal.until("9/12 done")
    assert [states(folder) for folder in folders] == [["inbox"] * 12] * len(folders), "nothing could be written yet"

    for end, terminal in zip(ENDINGS, terminals, strict=True):
        end(terminal)
    time.sleep(2)
    for other in others:
        other.execute("ROLLBACK")
        other.close()

    assert [terminal.ended() for terminal in terminals] == [0] * len(terminals)
    assert not any(b"Traceback" in terminal.raw for terminal in terminals)
    for folder, accepted in zip(folders, ENDINGS.values(), strict=True):
        assert states(folder) == ["dismissed"] + ["accepted"] * accepted + ["inbox"] * (11 - accepted)


def colour_codes(raw: bytes) -> list[bytes]:
    """All colours in SGR sequences: 30-49, 90-107, and extended ones."""
    found: list[bytes] = []
    for codes in re.findall(rb"\x1b\[([0-9;:]*)m", raw):
        numbers = [int(number) for number in re.split(rb"[;:]", codes) if number]
        found += [codes for number in numbers if 30 <= number <= 49 or 90 <= number <= 107]
    return found
