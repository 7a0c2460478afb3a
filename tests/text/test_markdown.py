import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from insights.text.clean import one_line
from insights.text.markdown import literal

HOSTILE = [
    "<script>alert(1)</script> <img src=x onerror=y> <!-- x --> <b",
    "@everyone and @org/team, fixes #12, closes GH-3, resolves o/r#4, see !7 and &5",
    "[click](javascript:alert(1)) ![x](https://evil.example/p.png) <https://evil.example> [a]: https://x.y",
    "https://evil.example www.evil.example mailto:a@b.example bob@evil.example",
    "# heading",
    "- list",
    "2024) list",
    "1. list",
    "> quotation",
    "=== ",
    "--- ",
    "``` fence ` code ~~gone~~ ***bold*** __x__ |a|b|",
    "&lt;script&gt; &#64;all \\* C:\\new",
    "/close",
]


def rendered(text: str) -> str:
    """Markdown as HTML, with HTML, tables and strikethrough switched on."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)


def shown(page: str) -> str:
    return html.unescape(re.sub(r"</?p>", "", page)).replace("\u2060", "").strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_show_as_they_are_written_and_nothing_else(text):
    page = rendered(literal(text))

    assert page.startswith("<p>")
    assert not re.search(r"<(?!/?p>)", page)
    assert shown(page) == text.strip()


@given(st.text(alphabet="ab1 #-+=*_`~<>[]()!@&;:/\\|.\n\"'GHwx") | st.text())
@example("".join(HOSTILE))
def test_any_words_render_as_one_paragraph_of_themselves(text):
    page = rendered(literal(text))

    assert not re.search(r"<(?!/?p>)", page)
    assert shown(page) == one_line(text, 1000).replace("\u2060", "").strip()


@pytest.mark.parametrize("text", ["@bob", "fixes #12", "closes GH-3", "https://x.example", "www.x.example", "!4"])
def test_nothing_that_a_forge_would_look_up_is_left_in_the_rendered_text(text):
    page = html.unescape(rendered(literal(text)))

    assert not re.search(r"@\w|#\d|GH-\d|https?://|www\.\w|!\d", page)


def test_plain_words_stay_as_they_are():
    assert literal("R&D's export_job is slow: 3 > 2, a -> b; it's 50 % (or so)") == (
        "R&#38;D's export_job is slow: 3 > 2, a -> b; it's 50 % (or so)"
    )


def test_long_text_is_cut_before_it_is_escaped():
    assert literal("<" * 50, limit=5) == "&#60;" * 4 + "…"


@pytest.mark.parametrize(
    "text", ["&12", "~bug", '~"a bug"', "%12", '%"M 1"', "[vulnerability:1]", "{{ page }}", "{% x %}"]
)
def test_nothing_that_gitlab_or_a_site_generator_would_look_up_is_left_in_the_rendered_text(text):
    page = html.unescape(rendered(literal(text)))

    assert not re.search(r'&\d|[~%][\w"]|\[\w+:|\{[{%]', page)
    assert shown(page) == text


@pytest.mark.parametrize("text", ["$x^2$", "$$x$$", "worth 5$ and $\\alpha$."])
def test_no_dollar_sign_can_end_a_formula(text):
    assert not re.search(r"\S\$(?!\d)", literal(text))
    assert shown(rendered(literal(text))) == text


def test_amounts_stay_as_they_are():
    assert literal("likely $420k a year ($210k–840k), 5 $, $1") == "likely $420k a year ($210k–840k), 5 $, $1"


@pytest.mark.parametrize(
    "text",
    ["evil.com/x", "(evil.com)", "EVIL.COM", "a-b.evil.co.uk:80", "t.co/abc", "xn--e1afmkfd.xn--p1ai", "//evil.com"],
)
def test_no_host_without_a_scheme_is_linked_by_a_program_that_links_some(text):
    linking = MarkdownIt("commonmark", {"linkify": True}).enable("linkify")

    assert "<a " in linking.render(text)
    assert "<a " not in linking.render(literal(text, hosts=True))
    assert literal(text) == text or text.startswith("//")


def test_files_keep_their_names():
    assert literal("insights.toml, tickets.csv, 2.5 s", hosts=True) == "insights.toml, tickets.csv, 2.5 s"
