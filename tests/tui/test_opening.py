"""A source is opened by a browser with a window alone, text is copied by what works; nothing acts on the way."""

import os
import stat
import subprocess
import time
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.feedback import Evidence, FeedbackKind
from tui import opening
from tui.opening import copy_quote, copy_text, open_source, quotation, safe_address


def a_quote(**fields: Any) -> Evidence:
    defaults: dict[str, Any] = {
        "feedback_id": 1,
        "text": "The export hangs.",
        "kind": FeedbackKind.TICKET,
        "source": "zendesk",
        "source_id": "48121",
        "created_at": datetime(2026, 11, 19, tzinfo=UTC),
        "account_name": "Acme",
        "url": "https://acme.example/tickets/48121?a=1&b=2",
    }
    return Evidence(**{**defaults, **fields})


Command = Callable[..., Path]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Makes a program, the only ones that are found; what it is given is in the file that is returned."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("BROWSER", raising=False)

    def make(name: str, *, script: str = '/bin/cat >"$0.in"; echo "$@" >"$0.args"') -> Path:
        path = programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def given_to(program: Path) -> tuple[str, str]:
    """What it read, and its arguments."""
    return Path(f"{program}.in").read_text("utf-8"), Path(f"{program}.args").read_text("utf-8").strip()


def never(text: str) -> None:
    pytest.fail(f"the terminal was asked to copy {text!r}")


# -- open -----------------------------------------------------------------------------------------------------------


def test_a_web_address_is_opened_and_said() -> None:
    opened: list[str] = []

    def remember(address: str) -> bool:
        opened.append(address)
        return True

    said = open_source(a_quote(), remember)

    assert opened == ["https://acme.example/tickets/48121?a=1&b=2"]
    assert said == "Opened https://acme.example/tickets/48121?a=1&b=2 in the browser"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "smb://host/share",
        "mailto:a@b.example",
        "//host/path",
        "host/path",
        "http://",
        "http:///etc",
        "https://acme.example@evil.example/",
        "https://evil.example\\@acme.example/",
        "https://acme.example/ --incognito",
        "https://acme.example/\x1b]0;x\x07",
        "https://acme.example/\u202egpj",
        "https://acme.example:port/",
        "https://[acme/",
        "https://acme.example/" + "a" * 3000,
        "-https://acme.example",
    ],
)
def test_no_other_address_is_ever_opened(url: str) -> None:
    said = open_source(a_quote(url=url), lambda address: pytest.fail(f"opened {address!r}"))

    assert said == "Its address is none that a browser should open: look for 48121 in zendesk"


def test_without_an_address_it_is_said_where_to_look() -> None:
    said = open_source(a_quote(url=None, source_id="48\x1b[2J121"), pytest.fail)

    assert said == "The source gave no web address: look for 48121 in zendesk"


@given(st.text())
def test_what_counts_as_an_address_is_one_word_that_begins_as_the_web_does(url: str) -> None:
    for address in (url, f"https://{url}", f"http://a.example/{url}"):
        safe = safe_address(address)

        assert safe is None or (safe == address and len(safe.split()) == 1 and safe.lower().startswith("http"))


@pytest.mark.parametrize("background", ["", " &"])
def test_a_browser_of_the_person_s_own_gets_the_address_as_one_word(
    command: Command, monkeypatch: pytest.MonkeyPatch, background: str
) -> None:
    program = command("seer", script='printf "%s|" "$@" >"$0.args.tmp"; /bin/mv "$0.args.tmp" "$0.args"')
    kind = webbrowser.BackgroundBrowser if background else webbrowser.GenericBrowser
    monkeypatch.setattr(webbrowser, "get", lambda: kind([str(program), "--new", "%s"]))

    said = open_source(a_quote(url="https://acme.example/?q=$(id)&x=;ls"))

    assert said.startswith("Opened https://acme.example/")
    written = Path(f"{program}.args")
    for _ in range(200):
        if written.exists():
            break
        time.sleep(0.05)
    assert written.read_text() == "--new|https://acme.example/?q=$(id)&x=;ls|"


@pytest.mark.parametrize(
    "browser",
    [webbrowser.GenericBrowser("w3m"), webbrowser.GenericBrowser("/usr/bin/lynx"), webbrowser.Elinks("elinks")],
)
def test_a_browser_that_draws_in_the_terminal_is_not_started(
    monkeypatch: pytest.MonkeyPatch, browser: webbrowser.BaseBrowser
) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("started it"))

    said = open_source(a_quote())

    assert said == "No browser with a window was found: https://acme.example/tickets/48121?a=1&b=2"


def test_without_any_browser_the_address_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", nothing)

    assert "https://acme.example/tickets/48121" in open_source(a_quote())


def test_a_browser_that_is_gone_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.BackgroundBrowser("/nowhere/browser"))

    assert open_source(a_quote()).startswith("No browser with a window")


# -- copy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("wl-copy", ""), ("xclip", "-selection clipboard"), ("xsel", "--clipboard --input"), ("pbcopy", "")],
)
def test_the_system_s_clipboard_command_gets_the_text_and_is_named(command: Command, name: str, arguments: str) -> None:
    program = command(name)

    assert copy_text("Größe “x”", never) == f"Copied by {name}"
    assert given_to(program) == ("Größe “x”", arguments)


def test_windows_gets_its_own_encoding(command: Command) -> None:
    program = command("clip.exe")

    copy_text("Größe", never)

    assert Path(f"{program}.in").read_bytes().decode("utf-16") == "Größe"


def test_one_that_fails_makes_room_for_the_next(command: Command) -> None:
    command("wl-copy", script="exit 1")
    program = command("xsel")

    assert copy_text("x", never) == "Copied by xsel"
    assert given_to(program)[0] == "x"


def test_one_that_never_ends_is_ended(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LONGEST_WAIT", 0.2)
    command("wl-copy", script="exec /bin/sleep 60")
    copied: list[str] = []

    assert copy_text("x", copied.append) == "Handed to the terminal to copy"
    assert copied == ["x"]


def test_one_that_goes_on_in_the_background_is_not_waited_for(command: Command) -> None:
    program = command("xclip", script='/bin/cat >"$0.in"; /bin/sleep 5 &')

    assert copy_text("x", never) == "Copied by xclip"
    assert Path(f"{program}.in").read_text() == "x"


def test_without_a_command_the_terminal_is_asked(command: Command) -> None:
    copied: list[str] = []

    assert copy_text("a\x1b]52;c;eA==\x07b\u202ec\x00", copied.append) == "Handed to the terminal to copy"
    assert copied == ["abc"]
    assert os.environ["PATH"].endswith("bin")


def test_a_quote_is_copied_with_its_origin_and_its_page(command: Command) -> None:
    program = command("pbcopy")

    said = copy_quote(a_quote(text="The export\n\x1b[8mhangs.", account_name="Ac\x07me"), never)

    assert said == "Copied by pbcopy: “The export hangs.”"
    assert given_to(program)[0] == (
        "“The export\nhangs.”\nAcme · zendesk/48121 · 2026-11-19\nhttps://acme.example/tickets/48121?a=1&b=2"
    )


def test_a_quote_of_nobody_is_copied_without_a_name_or_a_bad_address() -> None:
    assert (
        quotation(a_quote(account_name=None, url="javascript:x")) == "“The export hangs.”\nzendesk/48121 · 2026-11-19"
    )
