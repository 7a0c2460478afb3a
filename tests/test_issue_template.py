"""The template of issues: what it puts in shows as it was said, and a mistake in it is named with its line."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from insights.errors import InsightsError
from insights.issue_template import LONGEST_TEMPLATE, Markdown, Template, default_template, filled, template_in
from insights.text.markdown import literal
from tests.connectors.rendering.hostile import STRINGS


def fill(text: str, **values: object) -> str:
    return filled(Template("mine.md", text), values)


@pytest.mark.parametrize("words", STRINGS)
def test_values_are_words_whatever_is_done_to_them(words):
    page = MarkdownIt("commonmark").render(
        fill("{{ said }}\n\n{{ said ~ ' x' }}\n\n{{ [said] | join(', ') }}\n\n{{ said | trim }}", said=words)
    )

    assert page.count("<") == page.count("<p>") + page.count("</p>") == 8


@given(st.text())
def test_any_value_is_one_line_of_words(words):
    assert fill("a {{ said }}", said=words) == f"a {literal(words, limit=2000)}".strip()


def test_only_markdown_of_our_own_making_stays_markdown():
    ours = Markdown("**us** [a](https://ours.example)")

    assert fill("{{ ours }}", ours=ours) == ours
    assert "&#42;&#42;" in fill("{{ ours | upper }}", ours=ours)
    assert "&#42;&#42;" in fill("{{ ours ~ said }}", ours=ours, said="")


def test_numbers_are_put_in_and_nothing_is_empty():
    assert fill("{{ a }} {{ b }}{{ c }}.", a=3, b=None, c="") == "3 ."


def test_lines_that_conditions_leave_empty_do_not_add_up():
    assert fill("a\n\n{% if b %}\nb\n{% endif %}\n\n\n\nc\n", b=False) == "a\n\nc"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a\n{% if said %}\nb", 3, "endif"),
        ("a\n\n{{ said", 3, ""),
        ("a\n{{ nobody }}", 2, "there is no 'nobody'; there are said, table"),
        ("a\n{% if false %}{{ nobody }}{% endif %}", 2, "'nobody'"),
        ("a\nb\n{{ table.nothing }}", 3, "nothing"),
        ("a\n{{ table }}", 2, "as a whole"),
        ("{{ said | safe }}", 1, "safe"),
        ("\n{{ said.upper() }}", 2, "not safely callable"),
        ("{{ said.__class__ }}", 1, ""),
        ("{% macro m() %}{% endmacro %}", 1, "macros"),
        ("{{ 'a' * 10 }}", 1, "products"),
        ("{% for a in range(5000) %}{% endfor %}", 1, "at most 200"),
        (
            "{% for a in said %}{% for b in said %}{% for c in said %}\n{% for d in said %}{% endfor %}"
            + "{% endfor %}" * 3,
            2,
            "loops",
        ),
        ("{% for a in said recursive %}{% endfor %}", 1, "loops"),
        ("a\n{% include 'x.md' %}", 2, "loads no other"),
        ("{{ 1 // 0 }}", 1, "zero"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, line, why):
    began = time.monotonic()
    with pytest.raises(InsightsError, match=f"(?i)mine.md, line {line}: .*({why})") as refused:
        fill(text, said="said", table={"a": "b"})

    assert "export.template" in refused.value.remedy
    assert time.monotonic() - began < 5


def test_a_template_that_writes_without_end_is_stopped():
    with pytest.raises(InsightsError, match="writes too much"):
        fill("{% for a in range(200) %}{% for b in range(200) %}{{ said }}{% endfor %}{% endfor %}", said="x" * 100)


# -- files ------------------------------------------------------------------------------------------------------


def test_a_file_of_the_workspace_is_the_template_where_one_is_named(tmp_path: Path):
    (tmp_path / "issue.md").write_text("\ufeffmine: {{ title }}\n", encoding="utf-8")

    assert template_in(tmp_path, "issue.md") == Template("issue.md", "mine: {{ title }}\n")
    assert template_in(tmp_path, "  ") == default_template()


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"x" * (LONGEST_TEMPLATE + 1)])
def test_a_file_that_cannot_be_used_is_explained(tmp_path: Path, content):
    if content is not None:
        (tmp_path / "issue.md").write_bytes(content)

    with pytest.raises(InsightsError, match=r"issue\.md") as refused:
        template_in(tmp_path, "issue.md")
    assert "export.template" in refused.value.remedy
