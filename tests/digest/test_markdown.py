"""A digest as CommonMark: laid out as the story says, and nothing from outside acts in it."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from insights.digest.markdown import to_markdown
from insights.digest.story import Entry, Part
from insights.digest.story_of import story_of
from tests.digest.test_story_of import a_full_digest
from tests.digest.test_terminal import HOSTILE, a_story


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return to_markdown(story_of(a_full_digest(tmp_path_factory.mktemp("w"))))


def test_it_opens_with_title_sentence_and_period(page: str) -> None:
    assert page.split("\n\n")[:3] == [
        "# our product: what changed",
        "**“Fault 1” and one more problem are new or spiking; “Fault 3” is up 4 ranks; “Fault 6” shipped; "
        "“Fault 4”: accepted (Next).**",
        "_19–20 November 2026_",
    ]


def test_a_problem_is_an_item_with_what_is_told_below(page: str) -> None:
    assert "- **P-1** Fault 1 ▅▅▅▅▅▅▅▅▅▅▅▅  \n  **new:** 9 customers in a week, after weeks without one. " in page
    assert "1 account, rank 1. Likely $400k a year ($100k to $1M)." in page


def test_data_and_troubles_have_a_name(page: str) -> None:
    assert "- **desk** could not be read: No login. Mend it: insights auth desk." in page
    assert "- jira: no answer\n" in page
    assert "- **Cost:** Nothing was spent on models." in page


def test_what_is_left_out_is_counted_and_it_ends_with_a_line_end(page: str) -> None:
    assert "\n- 2 more: insights problems\n" in page
    assert page.endswith("\n") and not page.endswith("\n\n")


def test_an_issue_is_linked_where_it_has_a_web_address() -> None:
    linked = to_markdown(a_story(Entry(title="Export hangs", ref="P-1", url="https://jira.example/X-1")))
    unsafe = to_markdown(a_story(Entry(title="Export hangs", ref="P-1", url="javascript:alert(1)")))

    assert "- **P-1** Export hangs ([jira.example](https://jira.example/X-1))" in linked
    assert "javascript" not in unsafe


@pytest.mark.parametrize("part", [Part.FRESH, Part.DATA, Part.TROUBLES])
def test_hostile_words_make_no_html_link_or_mention(part: Part) -> None:
    entry = Entry(title=HOSTILE, ref="P-1", badge=HOSTILE, told=(HOSTILE, HOSTILE), worth=HOSTILE, quote=HOSTILE)
    story = a_story(entry, part=part, title=HOSTILE, headline=HOSTILE, period=HOSTILE, footer=HOSTILE, more=HOSTILE)
    page = MarkdownIt("commonmark").render(to_markdown(story))

    assert "<script" not in page
    assert "<a " not in page
    assert not re.search(r"@\w", page)
    assert "\x1b" not in page


def test_every_section_has_its_heading(tmp_path: Path) -> None:
    assert to_markdown(story_of(a_full_digest(tmp_path))).count("\n## ") == len(Part)


def test_no_bare_host_from_outside_is_linked_where_a_program_links_them() -> None:
    words = "Pay at evil.com/x now"
    entry = Entry(title=words, ref="P-1", badge=words, told=(words,), worth=words, quote=words)
    told = to_markdown(a_story(entry, title=words, headline=words, period=words))

    assert "<a " not in MarkdownIt("commonmark", {"linkify": True}).enable("linkify").render(told)
