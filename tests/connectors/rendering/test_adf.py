"""Documents in Atlassian's format: every node is one that Jira knows, where it may stand, and words are words."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from connectors.trackers.rendering.adf import adf
from tests.connectors.rendering.hostile import STRINGS, UNSEEN, WORDS, as_said, body_with

BLOCKS = {"paragraph", "heading", "bulletList", "orderedList", "blockquote", "codeBlock", "rule"}
HOLDS = {
    "doc": BLOCKS,
    "paragraph": {"text", "hardBreak"},
    "heading": {"text"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": {"paragraph", "bulletList", "orderedList"},
    "blockquote": {"paragraph"},
    "codeBlock": {"text"},
}
MARKS = {"strong", "em", "code", "link"}


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("content", ()):
        assert child["type"] in HOLDS[node["type"]], (node["type"], child["type"])
        yield from nodes(child)


def assert_inert(words: str) -> None:
    document = adf(body_with(words))
    found = list(nodes(document))
    texts = [node for node in found if node["type"] == "text"]
    links = [mark["attrs"] for node in texts for mark in node.get("marks", ()) if mark["type"] == "link"]

    assert document["version"] == 1
    assert all(node["text"] and set(node) <= {"type", "text", "marks"} for node in texts)
    assert {mark["type"] for node in texts for mark in node.get("marks", ())} <= MARKS
    assert links == [{"href": "https://ours.example/a_b?c=1&d=%282%29"}]
    whole = "".join(node["text"] for node in texts)
    assert not UNSEEN.search(whole)
    assert whole.count(as_said(words)) >= 7
    assert all(node["content"] for node in found if node["type"] in {"bulletList", "orderedList", "blockquote"})


@pytest.mark.parametrize("words", STRINGS)
def test_hostile_words_are_text_nodes(words):
    assert_inert(words)


@settings(deadline=None)
@given(words=WORDS)
def test_any_words_are_text_nodes(words):
    assert_inert(words)


def test_what_a_template_formats_becomes_nodes():
    document = adf("## T\n\na **b** `c`\\\nd\n\n> - q\n\n- x\n  - y\n\n```\nz\n```\n\n---")

    assert [node["type"] for node in document["content"]] == [
        "heading",
        "paragraph",
        "blockquote",
        "bulletList",
        "codeBlock",
        "rule",
    ]
    assert document["content"][0]["attrs"] == {"level": 2}
    assert document["content"][1]["content"] == [
        {"type": "text", "text": "a "},
        {"type": "text", "text": "b", "marks": [{"type": "strong"}]},
        {"type": "text", "text": " "},
        {"type": "text", "text": "c", "marks": [{"type": "code"}]},
        {"type": "hardBreak"},
        {"type": "text", "text": "d"},
    ]
    assert {node["type"] for node in nodes(document)} >= {"listItem", "text"}
