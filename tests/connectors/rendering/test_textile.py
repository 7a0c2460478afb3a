"""Textile for Redmine. The rules are those of its version 5; what it really makes of it is tested beside the server."""

import re
from html import unescape

import pytest
from hypothesis import given, settings

from connectors.trackers.rendering.textile import textile
from tests.connectors.rendering.hostile import IN_REDMINE, STRINGS, UNSEEN, WORDS, acting, as_said, body_with, seen

OUR_LINK = '"'
SPAN = re.compile(r"(?:^|(?<=[>\s(]))(?!--)([*_+^~%@-]|\?\?|==)\S")
"""How a phrase begins that has a look."""
BLOCK = re.compile(r"(?:h[1-6]|bq|p|fn\d+|table)(?![\w&])\S*\. ")


def lines_without_ours(text: str) -> list[str]:
    """The lines, without what we format: marks of lines, two bold phrases and one link."""
    lines = [re.sub(r"^(?:h2\. |[*#] |> ?)", "", line) for line in text.split("\n")]
    lines = [re.sub(r'"(?:[^"\n]*)":https://ours\.example\S+', "link", line) for line in lines]
    return [re.sub(r"^\*(.*)\*(\.|)( |$|\S.*)", r"\1\2\3", line) for line in lines]


def assert_inert(words: str) -> None:
    text = textile(body_with(words))
    lines = lines_without_ours(text)

    assert not [line for line in lines if SPAN.search(line) or BLOCK.match(line)]
    assert not re.search(r'[<>@|{}\[\]"\\]|(?<!&)#|!\S|:\S', "\n".join(lines))
    assert not acting(map(unescape, lines))
    assert not [line for line in lines if IN_REDMINE.search(line)]
    assert not UNSEEN.search(text)
    assert sum(seen(unescape(line)).count(as_said(words)) for line in text.split("\n")) >= 7


@pytest.mark.parametrize("words", STRINGS)
def test_hostile_words_are_words(words):
    assert_inert(words)


@settings(deadline=None)
@given(words=WORDS)
def test_any_words_are_words(words):
    assert_inert(words)


def test_what_a_template_formats_becomes_textile():
    body = "## Title\n\nA **b** _c_ [d](https://ours.example/x).\n\n- x\n  - y\n\n1. z\n\n> q\n>\n> r\n\n---"

    assert textile(body) == (
        'h2. Title\n\nA *b* _c_ "d":https://ours.example/x .\n\n* x\n** y\n\n# z\n\n> q\n>\n> r\n\n---'
    )


def test_a_phrase_that_redmine_would_not_see_as_bold_is_not_marked():
    assert textile("a**b**c") == "abc"
