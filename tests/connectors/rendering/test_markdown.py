"""Markdown for GitHub, GitLab, Linear, Azure DevOps and Redmine, read by a parser that switches all on."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from connectors.trackers.rendering.document import parsed
from connectors.trackers.rendering.markdown import gfm, redmine
from tests.connectors.rendering.hostile import (
    COMMAND,
    COMMAND_SEEN,
    IN_REDMINE,
    STRINGS,
    UNSEEN,
    WORDS,
    acting,
    as_said,
    assert_only_ours,
    body_with,
    seen,
)

TAGS = {"p", "strong", "em", "ul", "ol", "li", "blockquote", "h2", "a", "br"}
Render = Callable[..., str]


def shown(markdown: str) -> str:
    """As HTML, with HTML, tables, strikethrough and addresses of any form switched on."""
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_ip": True, "fuzzy_email": True, "fuzzy_link": True})
    return parser.render(markdown)


def assert_inert(words: str, render: Render) -> None:
    markdown = render(body_with(words))
    page = assert_only_ours(shown(markdown), tags=TAGS)

    assert not acting(page.texts)
    assert not COMMAND.search(markdown) and not COMMAND_SEEN.search(page.text)
    assert not UNSEEN.search(markdown)
    assert seen(page.text).count(as_said(words)) >= 7


@pytest.mark.parametrize("render", [gfm, redmine])
@pytest.mark.parametrize("words", STRINGS)
def test_hostile_words_show_as_they_are_written_and_nothing_else(words, render):
    assert_inert(words, render)


@settings(deadline=None)
@given(words=WORDS, render=st.sampled_from([gfm, redmine]))
def test_any_words_show_as_they_are_written_and_nothing_else(words, render):
    assert_inert(words, render)


@settings(deadline=None)
@given(words=WORDS)
def test_redmine_s_own_links_do_nothing_either(words):
    page = assert_only_ours(shown(redmine(body_with(words))), tags=TAGS)

    assert not [text for text in page.texts if IN_REDMINE.search(text)]


@given(body=st.text(alphabet="ab1 #-+=*_`~<>[]()!@&;:/\\|.\n\"'GHwx", max_size=200))
@settings(deadline=None, max_examples=200)
def test_a_body_that_nobody_made_literal_makes_no_html_no_image_and_no_link_off_the_web(body):
    page = shown(gfm(body))

    assert not re.search(r"<(?!/?(?:p|strong|em|ul|ol|li|blockquote|h\d|a|br|hr|pre|code)\b)", page)
    assert not re.search(r'href="(?!https?://)', page)


@pytest.mark.parametrize(
    "body",
    [
        "A **strong** word, _soft_ ones and `code`.",
        "# One\n\n## Two\n\ntext\\\nnext line",
        "- a\n- b\n  - c\n\n    more\n- d",
        "1. a\n2. b\n\n3) c",
        "- a\n\n* b\n\n- c",
        "> a\n>\n> > b\n>\n> - c",
        "> a\n\n> b",
        "````\n```\n# no heading\n````",
        "***",
        "- ***\n- a\n-\n- b",
        "[a link](https://ours.example/x?a=1&b=2) and [**strong**](https://ours.example)",
        "`` a`b `` and ` `` `",
        "**a** _b_ **c**[d](https://ours.example)**e**",
        "a**b**c",
        "## C #\n\n5 \\* 3",
    ],
)
def test_what_a_template_formats_stays_as_it_is(body):
    assert parsed(gfm(body)) == parsed(body)
    assert gfm(gfm(body)) == gfm(body)


def test_links_stay_only_to_the_web():
    body = "[c](//evil.example) [d](mailto:a@b.c) [f](ftp://evil.example) [e](https://ours.example/(1))"

    assert gfm(body) == "c d f [e](https://ours.example/%281%29)"
    assert "](" not in gfm("[a](javascript:x) [b](data:text/html,x) [c](vbscript:x)").replace("&#93;(", "")


def test_an_image_of_a_template_is_its_words():
    assert gfm("![a picture](https://evil.example/p.png)") == "a picture"


def test_a_line_of_code_that_begins_like_a_command_is_set_in():
    assert gfm("```\n/close\n```") == "```\n /close\n```"


def test_a_mention_that_a_template_makes_is_none_either():
    assert "@everyone" not in unescape(shown(gfm("@everyone, please")))
