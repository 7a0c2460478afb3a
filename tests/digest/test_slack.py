"""A digest in Slack: within its limits, and nothing that comes from outside does anything there."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insights.digest.chat import JOINER, LIMITS, inert
from insights.digest.slack import LONGEST_HEADER, LONGEST_TEXT, MOST_BLOCKS, MOST_CHARACTERS, slack_blocks, texts, units
from insights.digest.story import Entry, Part, Section, Story
from tests.connectors.rendering.hostile import STRINGS as OF_TRACKERS
from tests.digest.stories import FULL, QUIET, TRACKER, a_section, a_story, an_entry
from tests.hostile.acting import WORDS as OF_CUSTOMERS
from tests.thorough import EXAMPLES

OF_SLACK = (
    "<!channel> <!here> <!everyone> <@U123ABC> <#C123ABC> <!subteam^S123>",
    "<https://evil.example|our site> <mailto:a@evil.example|mail> <!date^1^{date}^https://evil.example|x>",
    "@here @channel @everyone #general",
    ":tada: :+1: :skin-tone-2: a:b:c",
    "*bold* _soft_ ~gone~ `code` ```block```",
    "> quoted &gt; twice &lt;!channel&gt; &amp;lt;!channel&amp;gt;",
    "\u200b*a*\u200b \u2060_b_ *\u2060c\u2060*",
    "https://evil.example www.evil.example evil.example mailto:a@evil.example",
)
HOSTILE = (*OF_SLACK, *OF_CUSTOMERS, *OF_TRACKERS)
WORDS = st.text(alphabet="aB1 <>&|!@#*_~`:;./-^\n\r\u200b\u2060\u202e") | st.text() | st.sampled_from(HOSTILE)
MARKS = ("\u2217", "\u02cd", "\u223c", "\u02cb")
OWN = re.compile(r"<https://tracker\.example/[^<>|]*\|[^<>|]*>")
ENTITY = re.compile(r"&(?:amp|lt|gt);")
ACTING = re.compile(r"@\w|#\w|:[\w+'-]+:|\w://|(?i:mailto|tel):\w|(?i:www)\.\w")


def story_with(words: str, *, url: str = f"{TRACKER}1", part: Part = Part.FRESH) -> Story:
    entry = Entry(
        title=words, ref=words, badge=words, told=(words, words), trend=words, worth=words, quote=words, url=url
    )
    facts = Section(part=Part.DATA, heading=words, entries=(entry,))
    section = Section(part=part, heading=words, entries=(entry,), more=words)
    return Story(
        language="en",
        title=words,
        headline=words,
        period=words,
        sections=(section, facts),
        subject=words,
        by=words,
        footer=words,
    )


def mrkdwn(laid_out) -> list[str]:
    return [laid_out["text"], *(text for block in laid_out["blocks"][1:] for text in texts(block))]


def assert_inert(laid_out) -> None:
    """By Slack's own rules: control sequences stand in angle brackets, marks at borders of words."""
    for text in mrkdwn(laid_out):
        outside = OWN.sub("", text)
        assert "<" not in outside
        assert not re.search(r"(?m)^&gt;", text)
        for line in outside.split("\n"):
            assert ">" not in line.removeprefix("> ")
            assert not ACTING.search(ENTITY.sub(" ", line)), line
            assert not re.search("[~`]", line)
            assert not re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", line)
        assert "&" not in ENTITY.sub("", OWN.sub("", text))
    for block in laid_out["blocks"]:
        for one in [block["text"], *block.get("elements", ())] if "text" in block else block["elements"]:
            assert (one["type"] == "plain_text" and one["emoji"] is False) or one["verbatim"] is True


def assert_within_limits(laid_out) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks: what each block may hold."""
    blocks = laid_out["blocks"]
    assert len(blocks) <= MOST_BLOCKS
    assert sum(map(units, texts(laid_out))) <= MOST_CHARACTERS
    for block in blocks:
        limit = LONGEST_HEADER if block["type"] == "header" else LONGEST_TEXT
        assert {"header": {"type", "text"}, "section": {"type", "text"}, "context": {"type", "elements"}}[
            block["type"]
        ] == set(block)
        for text in texts(block):
            assert 1 <= units(text) <= limit
    assert json.loads(json.dumps(laid_out)) == laid_out


def shown(laid_out) -> str:
    return "\n".join(mrkdwn(laid_out))


def test_it_begins_with_the_product_then_the_one_sentence_to_know() -> None:
    first, second, third, *_ = slack_blocks(FULL)["blocks"]

    assert first == {
        "type": "header",
        "text": {"type": "plain_text", "text": "Acme Desk: what changed", "emoji": False},
    }
    assert second["text"]["text"].startswith("“CSV export times out")
    assert third == {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": "25–26 November 2026", "verbatim": True}],
    }


def test_an_entry_says_what_who_how_much_and_how_it_went() -> None:
    said = shown(slack_blocks(FULL))

    assert "CSV export times out on workspaces with more than 10,000 tickets · P-41 · *new*" in said
    assert "9 customers in a week, after weeks without one. Two accounts speak of leaving" in said
    assert "Likely $420k a year ($210k–840k)\n▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▁▃█ 12 items in the last four weeks" in said
    assert "\n> “We stopped using the export" in said


def test_all_sections_stand_in_their_order_and_say_what_is_left_out() -> None:
    said = shown(slack_blocks(FULL))

    places = [said.index(f"*{section.heading}*") for section in FULL.sections]
    assert places == sorted(places)
    assert FULL.sections[1].more and all(section.more in said for section in FULL.sections)


def test_no_line_on_data_is_left_out_where_there_is_room() -> None:
    facts = tuple(Entry(title=f"Fact {n}", told=("so many",)) for n in range(8))
    data = Section(part=Part.DATA, heading="Data and cost", entries=facts)

    assert "Fact 7: So many." in shown(slack_blocks(replace(FULL, sections=(data,))))


def test_a_notification_says_the_headline() -> None:
    assert slack_blocks(QUIET)["text"].rstrip(".") == QUIET.headline.rstrip(".")


def test_links_are_those_of_issues_and_are_not_unfurled() -> None:
    laid_out = slack_blocks(FULL)

    assert "<https://tracker.example/browse/DESK-212|Single sign-on" in shown(laid_out)
    assert laid_out["unfurl_links"] is False and laid_out["unfurl_media"] is False


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://ann:key@evil.example/",
        "https://evil.example/\n<!channel>",
        "https://tracker.example/" + "a" * 3000,
        "not an address",
    ],
)
def test_what_is_no_address_of_the_web_is_no_link(url: str) -> None:
    assert "|" not in shown(slack_blocks(a_story(a_section(an_entry("Title", url=url)))))


def test_a_link_cannot_be_left() -> None:
    said = shown(slack_blocks(a_story(a_section(an_entry("a|b>c", url=f"{TRACKER}1|x>&y=<!channel>")))))

    assert "<https://tracker.example/browse/DESK-1%7Cx%3E&amp;y=%3C!channel%3E|a∣b&gt;c>" in said


def test_marks_are_look_alikes_but_inside_of_words() -> None:
    said = shown(slack_blocks(a_story(a_section(an_entry("*a* _b_ ~c~ `d` user_id __init__")))))

    assert "∗a∗ ˍbˍ ∼c∼ ˋdˋ user_id ˍˍinitˍˍ" in said


def test_commands_and_files_that_we_name_can_be_copied() -> None:
    laid_out = slack_blocks(
        a_story(a_section(an_entry("x"), more="3 more: insights digest"), footer="See insights.toml")
    )

    assert "See insights.toml." in shown(laid_out)


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_that_customers_write_acts(words: str) -> None:
    laid_out = slack_blocks(story_with(words))

    assert_inert(laid_out)
    assert_within_limits(laid_out)


@given(WORDS)
@example("&" * 400)
@example("😀" * 400)
@settings(max_examples=EXAMPLES, deadline=None)
def test_nothing_acts_and_all_fits_whatever_is_written(words: str) -> None:
    laid_out = slack_blocks(story_with(words))

    assert_inert(laid_out)
    assert_within_limits(laid_out)


def a_huge_story(words: str, *, entries: int = 40) -> Story:
    """In every section so many entries, of which the first names its section."""
    entry = an_entry(words, told=(words,) * 9, weekly=(3,) * 400, trend=words, worth=words, quote=words)
    rest = tuple(replace(entry, title=f"{number} {words}", url=f"{TRACKER}{number}") for number in range(1, entries))
    return replace(
        story_with(words),
        sections=tuple(
            Section(part=part, heading=words, entries=(replace(entry, title=f"{part.value}-1st"), *rest), more=words)
            for part in Part
        ),
    )


def longer_than_any_text(word: str) -> str:
    """Than is shown of the longest one."""
    longest = max(LIMITS.values()) + 100
    return (word * longest)[:longest]


@pytest.mark.parametrize("word", ["word ", "&", "<!channel>", "😀", "@a"])
def test_of_a_huge_story_the_first_entry_of_each_section_stays(word: str) -> None:
    laid_out = slack_blocks(a_huge_story(longer_than_any_text(word)))

    assert_within_limits(laid_out)
    for part in Part:
        assert f"{part.value}-1st" in shown(laid_out)


def test_what_is_cut_is_counted() -> None:
    said = shown(slack_blocks(a_huge_story("A long title of a problem", entries=40)))

    assert "… +35 · A long title" in said


def test_below_the_first_entries_is_cut_before_an_entry_is() -> None:
    told = ("a sentence of a usual length that says what happened and to how many of them",) * 3
    five = tuple(an_entry(f"Problem {i}", told=told, weekly=(1,) * 26, trend="a trend") for i in range(5))
    laid_out = slack_blocks(a_story(*(Section(part=part, heading=part.value, entries=five) for part in Part)))
    said = shown(laid_out)

    assert_within_limits(laid_out)
    assert said.count("Problem 4") == len(Part)
    assert said.count("a trend".capitalize()) < 5 * len(Part)
    assert said.index("A trend") > said.index("Problem 0")


@pytest.mark.parametrize("words", ["see //evil.example/x", r"see \\evil\share"])
def test_no_server_without_a_scheme_is_one_to_a_chat(words: str) -> None:
    said = inert(words, marks=False)

    assert "//" not in said and r"\\" not in said
    assert said.replace(JOINER, "") == words
