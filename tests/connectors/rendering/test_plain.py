"""Plain text, and titles: one line that nothing acts in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.trackers.rendering.plain import plain
from connectors.trackers.rendering.words import title
from tests.connectors.rendering.hostile import (
    COMMAND,
    OURS,
    STRINGS,
    UNSEEN,
    WORDS,
    acting,
    as_said,
    body_with,
    seen,
)

ADDRESS = "<https://ours.example/a_b?c=1&d=%282%29>"


def assert_inert(words: str) -> None:
    text = plain(body_with(words))

    assert text.count(ADDRESS) == 1
    assert not acting([text.replace(ADDRESS, "")]) and not COMMAND.search(text) and not UNSEEN.search(text)
    assert seen(text).count(as_said(words)) >= 7


@pytest.mark.parametrize("words", STRINGS)
def test_hostile_words_are_words(words):
    assert_inert(words)


@settings(deadline=None)
@given(words=WORDS)
def test_any_words_are_words(words):
    assert_inert(words)


def test_what_a_template_formats_can_be_read():
    body = f"## Title\n\nA **b**\\\nc\n\n- x\n  - y\n\n1. z\n\n> q\n>\n> — [d]({OURS})\n\n---"

    assert plain(body) == f"Title\n\nA b\nc\n\n• x\n\n  • y\n\n1. z\n\n> q\n>\n> — d {ADDRESS}\n\n———"


# -- titles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", STRINGS)
def test_a_title_is_one_line_that_does_nothing(words):
    line = title(words)

    assert "\n" not in line and "\r" not in line and not UNSEEN.search(line)
    assert not acting([line]) and not line.startswith("/c") and not line.startswith("/a")
    assert seen(line) == as_said(words)


@given(words=WORDS, limit=st.integers(1, 300))
def test_any_words_make_a_title_that_is_never_empty_nor_too_long(words, limit):
    line = title(words, limit=limit)

    assert 0 < len(line) <= limit
    assert not acting([line]) and not COMMAND.search(line) and "\n" not in line


def test_a_long_title_is_cut_at_a_word():
    assert title("Export fails " * 60, limit=30) == "Export fails Export fails…"
    assert len(title("@a " * 60_000)) <= 250


def test_a_title_of_nothing_says_so():
    assert title("\u200b \r\n") == "Untitled"
