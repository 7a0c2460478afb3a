"""HTML for Azure DevOps and XML for Asana, read by parsers of their own."""

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from connectors.trackers.rendering.html import asana_html, azure_html
from tests.connectors.rendering.hostile import (
    STRINGS,
    UNSEEN,
    WORDS,
    acting,
    as_said,
    assert_only_ours,
    body_with,
    seen,
)

AZURE = {"p", "h3", "ul", "ol", "li", "blockquote", "strong", "em", "code", "pre", "a", "br", "hr"}
ASANA = {"body", "h1", "h2", "ul", "ol", "li", "blockquote", "strong", "em", "code", "pre", "a"}


def assert_inert_in_azure(words):
    html = azure_html(body_with(words))
    page = assert_only_ours(html, tags=AZURE)

    assert not acting(page.texts) and not UNSEEN.search(html)
    assert seen(page.text).count(as_said(words)) >= 7


def assert_inert_in_asana(words):
    xml = asana_html(body_with(words))
    root = ElementTree.fromstring(xml)
    text = "".join(root.itertext())

    assert {element.tag for element in root.iter()} <= ASANA
    assert [element.attrib for element in root.iter() if element.attrib] == [
        {"href": "https://ours.example/a_b?c=1&d=%282%29"}
    ]
    assert not acting(root.itertext()) and not UNSEEN.search(xml)
    assert seen(text).count(as_said(words)) >= 7
    assert_only_ours(xml, tags=ASANA)


@pytest.mark.parametrize("words", STRINGS)
def test_hostile_words_are_words_and_no_elements(words):
    assert_inert_in_azure(words)
    assert_inert_in_asana(words)


@settings(deadline=None)
@given(words=WORDS)
def test_any_words_are_words_and_no_elements(words):
    assert_inert_in_azure(words)
    assert_inert_in_asana(words)


def test_what_a_template_formats_becomes_elements():
    body = "## Title\n\nA **b** _c_ `d`\\\ne\n\n- x\n- y\n\n> q\n\n---\n\n```\n1 < 2\n```\n\n1. z"

    assert azure_html(body).split("\n", 1)[0] == "<h3>Title</h3>"
    assert "<p>A <strong>b</strong> <em>c</em> <code>d</code><br>e</p>" in azure_html(body)
    assert "<ul><li>x</li><li>y</li></ul>\n<blockquote><p>q</p></blockquote>\n<hr>" in azure_html(body)
    assert "<pre><code>1 &lt; 2</code></pre>\n<ol><li>z</li></ol>" in azure_html(body)


def test_asana_is_given_only_what_may_stand_where_it_does():
    xml = asana_html("> ## quoted\n>\n> - a\n> - b\n\n- x\n\n  > y\n\n  - z\n\ndeep\\\nheading\n---\n\n***\n\na\n\nb")

    root = ElementTree.fromstring(xml)
    for element in root.iter():
        inside = {child.tag for child in element}
        if element.tag in {"blockquote", "h1", "h2", "pre"}:
            assert inside <= {"strong", "em", "code", "a"}
        if element.tag == "li":
            assert inside <= {"strong", "em", "code", "a", "ul", "ol"}
    assert xml == (
        "<body><blockquote>quoted\na\nb</blockquote><ul><li>x y<ul><li>z</li></ul></li></ul>"
        "<h2>deep heading</h2>———\n\na\n\nb</body>"
    )
