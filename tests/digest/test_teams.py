"""A digest in Teams: a card by its schema, small enough, and nothing that comes from outside does anything in it."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import example, given, settings
from jsonschema import Draft6Validator
from markdown_it import MarkdownIt

from insights.digest.story import Part, Section, Tone
from insights.digest.teams import LARGEST, size_of, teams_card
from tests.digest.stories import FULL, QUIET, TRACKER, a_large_story, a_section, a_story, an_entry
from tests.digest.test_slack import HOSTILE, WORDS, a_huge_story, longer_than_any_text, story_with
from tests.thorough import EXAMPLES

OF_TEAMS = (
    "<at>Everyone</at> <at id='0'>Ann</at>",
    "{{DATE(2026-11-26T06:00:00Z, SHORT)}} {{TIME(2026-11-26T06:00:00Z)}} ${title} ${$root.name}",
    "[x](https://evil.example) ![x](https://evil.example/x.png) [a][b]",
    "- a list\r- of two\r\n1. and\r2. more",
    "**bold** _soft_ ~~gone~~ `code` # heading",
    "<img src=https://evil.example/x.png onerror=alert(1)> <b>b</b> <!-- x -->",
)
ELEMENTS = {
    "AdaptiveCard": {"type", "$schema", "version", "lang", "fallbackText", "body", "msteams"},
    "Container": {"type", "separator", "spacing", "items"},
    "TextBlock": {"type", "text", "style", "size", "weight", "wrap"},
    "RichTextBlock": {"type", "inlines", "spacing", "separator"},
    "TextRun": {"type", "text", "weight", "color", "isSubtle", "italic", "size", "selectAction"},
    "Action.OpenUrl": {"type", "url"},
}
"""All that a card of ours may hold: no picture, no input, no action but a link."""
ACTING = re.compile(r"<[\w/!]|@\w|\w://|\{\{|\$\{|\]\(|\]\[|(?i:mailto):\w|(?i:www)\.\w")


@cache
def schema() -> Draft6Validator:
    """The vendor's own, as a package ships it. It refuses what hosts add; `msteams` is Teams' own."""
    text = (files("adaptive_cards") / "schemas" / "schema-1.5.json").read_text("utf-8")
    return Draft6Validator(json.loads(text))


@cache
def validate(shape: str) -> None:
    """Cards of the same shape once: it takes longer than to make them."""
    schema().validate(json.loads(shape))


def without_words(element: Any) -> Any:
    """The same with one text for all: of a text the schema asks that it is one, whatever it says."""
    if isinstance(element, list):
        return [without_words(one) for one in element]
    if not isinstance(element, dict):
        return element
    return {
        key: "words" if key in ("text", "fallbackText", "lang") and isinstance(value, str) else without_words(value)
        for key, value in element.items()
    }


def parts(element: Any):
    if isinstance(element, dict):
        if "type" in element:
            yield element
        element = list(element.values())
    for one in element if isinstance(element, list) else ():
        yield from parts(one)


def assert_by_schema(card: dict[str, Any]) -> None:
    validate(json.dumps(without_words({key: value for key, value in card.items() if key != "msteams"})))
    for one in parts(card):
        assert set(one) <= ELEMENTS[one["type"]]
        assert one.get("text", "x") and one.get("items", "x") and one.get("inlines", "x")


def assert_inert(card: dict[str, Any]) -> None:
    for one in parts(card):
        text = one.get("text", "")
        assert not ACTING.search(text), text
        assert "\n" not in text and "\r" not in text
        if one["type"] == "TextBlock":
            assert_no_markdown(text)
        if one["type"] == "Action.OpenUrl":
            assert one["url"].startswith(TRACKER[:25])


def assert_no_markdown(text: str) -> None:
    """One paragraph of words, by CommonMark."""
    tokens = MarkdownIt("commonmark").parse(text)
    assert [one.type for one in tokens if one.type != "inline"] == ["paragraph_open", "paragraph_close"], text
    kinds = {one.type for token in tokens for one in token.children or ()}
    assert kinds <= {"text", "text_special"}, text


def shown(card: dict[str, Any]) -> str:
    """What a reader sees, a line for each block."""
    blocks = (one for one in parts(card) if one["type"] in ("TextBlock", "RichTextBlock"))
    return "\n".join(one.get("text") or "".join(run["text"] for run in one["inlines"]) for one in blocks)


@pytest.mark.parametrize("story", [FULL, QUIET, a_large_story()], ids=["full", "quiet", "large"])
def test_a_card_keeps_to_its_schema_and_to_what_teams_takes(story) -> None:
    card = teams_card(story)

    assert_by_schema(card)
    assert size_of(card) <= LARGEST


def test_it_says_what_the_other_forms_say() -> None:
    said = shown(teams_card(FULL))

    assert said.startswith("Acme Desk: what changed\n“CSV export times out")
    assert "CSV export times out on workspaces with more than 10,000 tickets · P-41 · new" in said
    assert "9 customers in a week, after weeks without one. Two accounts speak of leaving" in said
    assert "▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▁▃█ 12 items in the last four weeks" in said
    assert "“We stopped using the export" in said
    assert FULL.sections[1].more and all(section.more in said for section in FULL.sections)
    assert all(section.heading in said for section in FULL.sections)


def test_headings_are_headings_to_a_screen_reader() -> None:
    blocks = [one for one in parts(teams_card(FULL)) if one["type"] == "TextBlock"]

    assert {one["style"] for one in blocks} == {"heading"}
    assert [one["text"] for one in blocks[1:]] == [section.heading for section in FULL.sections]


def test_a_tone_colours_the_badge_that_says_it() -> None:
    entries = [an_entry(tone.value, badge=f"is {tone.value}", tone=tone) for tone in Tone]
    runs = {one["text"]: one for one in parts(teams_card(a_story(a_section(*entries)))) if one["type"] == "TextRun"}

    assert runs["is alert"]["color"] == "Attention"
    assert runs["is bad"]["color"] == "Warning"
    assert runs["is good"]["color"] == "Good"
    assert "color" not in runs["is plain"]


def test_a_title_leads_to_its_issue() -> None:
    card = teams_card(a_story(a_section(an_entry("Filed", url=f"{TRACKER}7"), an_entry("Not filed", ref="P-2"))))
    runs = {one["text"]: one for one in parts(card) if one["type"] == "TextRun"}

    assert runs["Filed"]["selectAction"] == {"type": "Action.OpenUrl", "url": f"{TRACKER}7"}
    assert "selectAction" not in runs["Not filed"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://a:b@evil.example", "msteams:/l/x"]
)
def test_what_is_no_address_of_the_web_is_no_link(url: str) -> None:
    card = teams_card(a_story(a_section(an_entry("Title", url=url))))

    assert not any(one["type"] == "Action.OpenUrl" for one in parts(card))


@pytest.mark.parametrize("words", [*OF_TEAMS, *HOSTILE])
def test_nothing_that_customers_write_acts(words: str) -> None:
    card = teams_card(story_with(words))

    assert_inert(card)
    assert_by_schema(card)


@given(WORDS)
@example("]" * 300)
@settings(max_examples=EXAMPLES, deadline=None)
def test_nothing_acts_and_all_fits_whatever_is_written(words: str) -> None:
    card = teams_card(story_with(words))

    assert_inert(card)
    assert_by_schema(card)
    assert size_of(card) <= LARGEST


@pytest.mark.parametrize("word", ["word ", "語", "<at>x</at>", "😀", '"\\'])
def test_of_a_huge_story_the_first_entry_of_each_section_stays(word: str) -> None:
    card = teams_card(a_huge_story(longer_than_any_text(word)))

    assert_by_schema(card)
    assert size_of(card) <= LARGEST
    for part in Part:
        assert f"{part.value}-1st" in shown(card)


def test_what_is_cut_is_counted() -> None:
    many = tuple(an_entry(f"Problem {i}") for i in range(9))
    card = teams_card(a_story(Section(part=Part.FRESH, heading="New", entries=many, more="3 more")))

    assert "Problem 4" in shown(card) and "Problem 5" not in shown(card)
    assert "… +4 · 3 more" in shown(card)
