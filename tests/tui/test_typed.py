"""Of what a terminal sends, only keys act: pasted text and answers do not, in whatever pieces they come."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from tui.typed import Typed

BEGIN, END = "\x1b[200~", "\x1b[201~"
PIECES = st.lists(st.integers(1, 9), min_size=1, max_size=60)


def fed(text: str, sizes: list[int]) -> str:
    """What passes when the text comes in pieces of these sizes of bytes, again and again."""
    typed, sent, made, turn = Typed(), text.encode("utf-8", "replace"), "", 0
    while sent:
        size = sizes[turn % len(sizes)]
        made, sent, turn = made + typed.feed(sent[:size]), sent[size:], turn + 1
    return made


def understood(text: str) -> list[Any]:
    """What Textual makes of it."""
    return [message for message in XTermParser().feed(text) if isinstance(message, events.Event)]


def test_keys_pass_at_once():
    typed = Typed()

    assert [typed.feed(key) for key in (b"j", b"\x1b", b"\x1b[A", b"\xc3", b"\xa4")] == ["j", "\x1b", "\x1b[A", "", "ä"]


@given(st.text(max_size=80), PIECES)
@example("\x1b]52;c;ZXZpbA==\x07aaa", [3])
@example("\x1b[2J\x1bc\x1b[A\x1b[<0;5;5M", [1])
def test_pasted_text_is_a_paste_and_no_key(text, sizes):
    text = text.replace("\x1b[201~", "")
    made = fed(f"j{BEGIN}{text}{END}k", sizes)
    key, *pastes, last = understood(made)

    assert (key.key, last.key) == ("j", "k")
    assert all(isinstance(paste, events.Paste) for paste in pastes)
    assert "\x1b" not in "".join(paste.text for paste in pastes)


@given(st.text("abc äöü日本語\n", min_size=1, max_size=80), PIECES)
def test_what_is_pasted_stays_as_it_is_but_for_what_acts(text, sizes):
    assert fed(f"{BEGIN}{text}{END}", sizes) == f"{BEGIN}{text}{END}"


@pytest.mark.parametrize(
    "answer",
    ["\x1bP>|xterm(370)\x1b\\", "\x1b]11;rgb:aaaa/dddd/eeee\x07", "\x1b]52;c;YWFh\x1b\\", "\x1b_Gi=1;OK\x1b\\"],
)
def test_an_answer_to_no_question_is_dropped(answer):
    assert Typed().feed(f"j{answer}k".encode()) == "jk"


def test_bytes_that_are_no_text_end_nothing():
    assert Typed().feed(b"j\xff\xe4k").replace("\ufffd", "") == "jk"
