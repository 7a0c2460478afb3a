"""A digest as a mail: it reads anywhere, weighs little, and no word from outside does anything in it."""

import re
import subprocess
import sys
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html  # type: ignore[import-untyped]
from PIL import Image as Picture
from rich.cells import cell_len

from connectors.senders.mail_addresses import mailbox
from connectors.senders.mail_message import mail
from insights.digest.mail import bars, mail_of, weight_of
from insights.digest.mail_text import wrapped
from insights.digest.story import Story, Tone
from insights.ports import Image, Message
from insights.text.addresses import web_address
from insights.text.clean import one_line
from tests.connectors.rendering.hostile import UNSEEN, Page
from tests.connectors.rendering.hostile import WORDS as ANY_WORDS
from tests.digest.stories import (
    FULL,
    GERMAN,
    NEW,
    QUIET,
    SPIKING,
    a_large_story,
    a_section,
    a_story,
    a_story_of,
    an_entry,
)
from tests.hostile.acting import URLS, WORDS
from tests.stored import NOW

ROOT = Path(__file__).parents[2]
OURS = "https://ours.example/a_b?c=1&d=(2)"
LINK = "https://ours.example/a_b?c=1&d=%282%29"
JOINER = "\u2060"


def html_of(story: Story, *, chart: bool = False) -> str:
    return mail_of(story, chart=chart)[1]


def text_of(story: Story) -> str:
    return mail_of(story, chart=False)[0]


def seen(text: str) -> str:
    """As a person reads it."""
    return re.sub(r"\s+", " ", text.replace(JOINER, "").replace("\xa0", " ")).strip()


def body_of(page: str) -> Any:
    """As a parser of real pages reads it."""
    return lxml_html.document_fromstring(page.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))


# -- what is told, and in which order ---------------------------------------------------------------------------


@pytest.mark.parametrize("story", [FULL, GERMAN, QUIET], ids=["full", "german", "quiet"])
def test_both_parts_tell_all_of_the_story(story: Story) -> None:
    text, html, _ = mail_of(story, chart=False)

    shown, printed = seen(Page(html).text).lower(), seen(text).lower()
    for words in [story.title, story.headline, story.period, story.footer, story.by, *told(story)]:
        assert words.lower() in shown
        assert words.lower() in printed


def told(story: Story) -> list[str]:
    words = []
    for section in story.sections:
        words += [section.heading, section.more]
        for entry in section.entries:
            words += [entry.title, entry.ref, entry.badge, *entry.told, entry.trend, entry.worth, entry.quote]
    return words


def test_sections_stand_in_the_order_of_the_story_under_headings_of_their_level() -> None:
    page = body_of(html_of(FULL))

    assert [seen(one.text_content()) for one in page.iter("h1")] == [f"{FULL.headline}."]
    headings = [(one.tag, seen(one.text_content())) for one in page.iter("h2", "h3")]
    assert [words for tag, words in headings if tag == "h2"] == [section.heading for section in FULL.sections]
    assert headings[0] == ("h2", "Needs repair")
    assert headings[2:4] == [("h2", "New and spiking"), ("h3", f"new P-41 {FULL.sections[1].entries[0].title}")]


def test_data_is_a_table_whose_rows_have_names_and_all_other_tables_are_layout() -> None:
    page = body_of(html_of(FULL))

    data = [table for table in page.iter("table") if table.get("role") != "presentation"]
    assert [one.text for one in data[0].iter("th")] == ["zendesk", "nps", "Coverage", "Unassigned", "Cost"]
    assert len(data) == 1 and {one.get("scope") for one in data[0].iter("th")} == {"row"}


def test_a_quiet_story_is_one_sentence_and_data_and_has_no_chart() -> None:
    text, html, images = mail_of(QUIET, chart=True)

    assert not images and "<img" not in html and "<h3" not in html
    assert text.startswith("Acme Desk: what changed · 20–26 November 2026\n\nAll quiet since 20 November 2026.\n\nData")


def test_a_story_without_a_section_is_a_mail_too() -> None:
    text, html, images = mail_of(a_story(headline="All quiet since 20 November 2026"), chart=True)

    assert text.count("\n\n") == 2 and not images
    assert not [*body_of(html).iter("h2")]


def test_the_first_words_of_the_body_say_what_the_subject_does_not() -> None:
    first = body_of(html_of(FULL)).find("body")[0]

    assert seen(first.text_content()) == "Needs repair: salesforce: the login was refused since 24 November"
    assert "display:none" in first.get("style")


def test_an_issue_is_linked_by_its_title_and_its_address_stands_in_the_plain_part() -> None:
    story = a_story(a_section(an_entry("Export times out", url=OURS)))

    text, html, _ = mail_of(story, chart=False)
    assert [(one.get("href"), one.get("rel"), seen(one.text_content())) for one in body_of(html).iter("a")] == [
        (LINK, "noreferrer", "Export times out")
    ]
    assert f"\n      {LINK}\n" in text


def test_sentences_get_their_capital_and_a_full_stop_where_they_have_none() -> None:
    told = ("usually 2.1", "did it help?", "“it says no.”", "see the note…", "")

    assert "      Usually 2.1. Did it help? “it says no.” See the note…\n" in text_of(
        a_story(a_section(an_entry(told=told)))
    )


# -- bars -------------------------------------------------------------------------------------------------------


def test_bars_are_the_last_quarter_with_the_last_four_weeks_in_the_colour_of_the_tone() -> None:
    found = [*bars(SPIKING, Tone.ALERT)]

    assert [pixels for pixels, _ in found] == [4, 6, 2, 4, 4, 2, 4, 6, 4, 4, 7, 11, 26]
    assert len({colour for _, colour in found[:9]}) == 1 and found[8][1] != found[9][1]
    assert len({colour for _, colour in found[9:]}) == 1
    assert found[-1][0] == 26 == max(pixels for pixels, _ in found)


def test_a_week_without_an_item_has_no_bar_and_a_single_item_is_no_peak() -> None:
    assert [pixels for pixels, _ in bars((0, 1, 0, 2), Tone.PLAIN)] == [0, 6, 0, 13]
    assert [pixels for pixels, _ in bars((1, 1000), Tone.PLAIN)] == [1, 26]


def test_each_bar_is_a_cell_of_a_table_with_the_trend_in_words_beside_it() -> None:
    page = body_of(html_of(a_story(a_section(an_entry(weekly=NEW, trend="12 items in the last four weeks")))))

    cells = page.xpath("//table[@class='weeks']//td")
    assert [len(cell) for cell in cells] == [0] * 9 + [1, 0, 1, 1]
    assert seen(page.xpath("//td[@class='words']")[0].text_content()) == "12 items in the last four weeks"


# -- weight -----------------------------------------------------------------------------------------------------


def test_a_full_digest_with_long_titles_weighs_less_than_80_kb_as_it_is_sent() -> None:
    story = a_large_story()
    assert [len(section.entries) for section in story.sections] == [5] * 7

    text, html, images = mail_of(story, chart=True)
    assert len(images) == 1
    assert len(sent(text, html, images)) < 80_000
    assert html.count('class="weeks"') == 5


def test_an_ordinary_one_has_all_of_its_bars_and_weighs_less_than_60_kb() -> None:
    text, html, images = mail_of(FULL, chart=True)

    assert html.count('class="weeks"') == sum(bool(entry.weekly) for part in FULL.sections for entry in part.entries)
    assert len(sent(text, html, images)) < 60_000


@pytest.mark.parametrize("words", ['<&">', "日本語", "😀 "])
def test_whatever_it_holds_no_reader_cuts_it_off(words: str) -> None:
    longer_than_is_shown = (words * 600)[:600]
    assert len(html_of(a_story_of(longer_than_is_shown, entries=5)).encode()) < 102_000


def sent(text: str, html: str, images: tuple[Image, ...]) -> bytes:
    """The whole message as it goes over the wire."""
    message = Message(key="desk.2026-11-26.product", subject=FULL.subject, text=text, html=html, images=images)
    ann = mailbox("Ann <ann@acme.example>")
    return mail(message, sender=ann, to=[ann], reply_to=None, now=NOW).as_bytes()


@pytest.mark.parametrize("story", [FULL, a_large_story(), a_story_of("日本語 = 😀\n" * 9)])
def test_a_part_weighs_what_it_is_taken_to_weigh(story: Story) -> None:
    text, html, _ = mail_of(story, chart=False)

    weight, real = weight_of(text) + weight_of(html), len(sent(text, html, ()))
    assert real - 2_000 < weight < 1.05 * real


# -- nothing acts -----------------------------------------------------------------------------------------------


def assert_only_ours(html: str, *, links: set[str]) -> Page:
    """Elements, attributes and styles are those of a story of harmless words; what is loaded comes with the mail."""
    page, harmless = Page(html), harmless_page()
    known = {normal(tag, attributes) for tag, attributes in harmless.elements}
    assert {normal(tag, attributes) for tag, attributes in page.elements} <= known
    assert page.comments == harmless.comments
    assert {*page.links()} <= links
    assert {attributes["src"] for _, attributes in page.elements if "src" in attributes} <= {"cid:weeks"}
    parsed = body_of(html)
    assert [one.tag for one in parsed.iter() if isinstance(one.tag, str)] == [tag for tag, _ in page.elements]
    assert not re.search(r"url\(|@import|https?:", without(html, "a", "href"), re.IGNORECASE)
    return page


@cache
def harmless_page() -> Page:
    return Page(html_of(a_story_of("words", url=OURS), chart=True))


def normal(tag: str, attributes: dict[str, str | None]) -> tuple[object, ...]:
    """Without what differs between stories: language, where a link leads, what a chart shows, how high a bar is."""
    differs = (("html", "lang"), ("a", "href"), ("img", "alt"))
    kept = {name: value for name, value in attributes.items() if (tag, name) not in differs}
    style = re.sub(r"line-height:\d+px", "line-height", kept.pop("style", None) or "")
    return (tag, style, *sorted(kept.items()), "href" in attributes, "alt" in attributes)


def without(html: str, tag: str, attribute: str) -> str:
    """The values of all other attributes, and the styles."""
    elements = Page(html).elements
    values = [value for name, given in elements for key, value in given.items() if (name, key) != (tag, attribute)]
    styles = re.findall(r"<style.*?</style>", html, re.DOTALL)
    shown = [value for value in values if value is not None]
    alt = {given["alt"] for name, given in elements if name == "img"}
    return " ".join([*(value for value in shown if value not in alt), *styles])


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_are_words_and_no_elements(words: str) -> None:
    text, html, _ = mail_of(a_story_of(words, url=OURS), chart=False)

    page = assert_only_ours(html, links={LINK})
    assert seen(one_line(words, 100)) in seen(page.text) or len(seen(words)) > 100
    assert_plain(text)


def test_nor_is_anything_of_them_in_a_chart_and_its_words() -> None:
    sections = [section for words in WORDS[:6] for section in a_story_of(words, url=OURS).sections[1:2]]
    _, html, images = mail_of(a_story(*sections), chart=True)

    assert len(images) == 1 and not UNSEEN.search(images[0].alt)
    assert_only_ours(html, links={LINK})


@pytest.mark.parametrize("url", URLS)
def test_a_link_leads_to_an_address_of_the_web_or_nowhere(url: str) -> None:
    text, html, _ = mail_of(a_story(a_section(an_entry(url=url))), chart=False)

    links = [*Page(html).links()]
    assert all(link.startswith("https://ours.example/") and not re.search(r"[\s\"'<>]", link) for link in links)
    assert len(links) == (1 if web_address(url) else 0)
    assert_plain(text)


@settings(deadline=None)
@given(words=ANY_WORDS.filter(lambda words: one_line(words).strip() != ""), url=st.sampled_from(["", OURS]) | st.text())
def test_any_words_are_words_and_no_elements(words: str, url: str) -> None:
    text, html, _ = mail_of(a_story_of(words, url=url), chart=False)

    page = assert_only_ours(
        html, links={link for link in Page(html).links() if link.startswith(("http://", "https://"))}
    )
    assert not UNSEEN.search(page.text.replace("\r", ""))
    assert_plain(text)


def assert_plain(text: str) -> None:
    """No line is too wide but an address, none has space at its end, nothing acts on a terminal."""
    lines = text.split("\n")
    assert not UNSEEN.search(text)
    assert text.endswith("\n") and not text.endswith("\n\n") and "\n\n\n" not in text
    assert all(line == line.rstrip() for line in lines)
    assert all(cell_len(line) <= 72 or line.strip().startswith(("http://", "https://")) for line in lines)


ADDRESSES = "see https://evil.example/x, www.evil.example, evil.example or mailto:a@evil.example by tel:+1555"


def test_no_address_in_words_from_outside_becomes_a_link_in_a_mail_program() -> None:
    text, html, _ = mail_of(a_story(a_section(an_entry(ADDRESSES, told=(ADDRESSES,), quote=ADDRESSES))), chart=False)

    for part in (text, Page(html).text):
        assert seen(ADDRESSES)[:20] in seen(part)
        assert not re.search(r"https?://|www\.evil|evil\.example|mailto:a|a@evil|tel:\+", part)
        assert "insights triage" in part


def test_figures_and_hours_stay_as_they_are() -> None:
    assert JOINER not in text_of(a_story(a_section(an_entry("At 11:30 it took 2.5 s, e.g. on v1.2 with 10.000 rows"))))


def test_a_word_from_outside_begins_no_line_of_its_own() -> None:
    forged = "Decided\n───────\n\nP-9   All is well " * 3

    lines = text_of(a_story(a_section(an_entry(forged, told=(forged,), quote=forged, ref="P-1")))).split("\n")
    at_the_edge = [line[:9] for line in lines if line[:1].strip()]
    assert at_the_edge == ["Acme Desk", "“CSV expo", "New and s", "─" * 9, "P-1   Dec", "More: ins", "Worded wi"]


def test_the_language_is_said_where_it_is_one() -> None:
    assert '<html lang="de">' in html_of(GERMAN)
    assert '<html lang="en">' in html_of(a_story(language='de" onload="alert(1)'))


# -- plain text -------------------------------------------------------------------------------------------------


def test_text_is_wrapped_with_what_is_below_a_title_indented_as_far_as_it() -> None:
    title = "Attachments above 20 MB fail without a message and are then missing in the archive"
    entry = an_entry(title, ref="P-7", badge="new", told=("9 accounts, rank 3",), worth="likely $60k a year")

    assert text_of(a_story(a_section(entry))).split("\n\n")[3] == (
        "P-7   [new] Attachments above 20 MB fail without a message and are then\n"
        "      missing in the archive\n"
        "      9 accounts, rank 3.\n"
        "      Likely $60k a year"
    )


@given(text=st.text(alphabet="ab 語😀é"), before=st.sampled_from(["", "P-1   "]), below=st.sampled_from([0, 6]))
def test_wrapping_loses_no_letter_and_keeps_to_its_width(text: str, before: str, below: int) -> None:
    lines = wrapped(text, before=before, below=below)

    assert "".join("".join(lines).split()) == "".join((before + text).split()) or not text.split()
    assert all(cell_len(line) <= 72 and line == line.rstrip() for line in lines)


# -- colours ----------------------------------------------------------------------------------------------------


def style_of(name: str) -> dict[str, dict[str, str]]:
    """Selector -> property -> value; of the rules for dark screens those within."""
    css = files("insights.digest").joinpath("templates", name).read_text("utf-8").split("dark) {")[-1]
    rules: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        pairs = dict(one.split(":", 1) for one in body.replace("!important", "").split(";") if ":" in one)
        for selector in selectors.split(","):
            known = rules.setdefault(selector.strip(), {})
            known.update({name.strip(): value.strip() for name, value in pairs.items()})
    return rules


def contrast(one: str, other: str) -> float:
    """Of WCAG 2.2: 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    whole = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    shares = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["mail.css", "mail_screens.css"])
def test_words_stand_out_by_4_5_and_bars_by_3_on_a_light_and_on_a_dark_screen(name: str) -> None:
    rules = style_of(name)
    ground = rules[".sheet"]["background"]

    for selector in (".ink", ".dim", ".words", ".more", "h2", ".repair", "a", "blockquote"):
        assert contrast(rules[selector]["color"], ground) >= 4.5, selector
    for tone in Tone:
        assert contrast(rules[f".{tone}"]["color"], rules[f".{tone}"]["background"]) >= 4.5, tone
        assert all(contrast(colour, ground) >= 3 for _, colour in bars(SPIKING, tone)), tone


def test_every_class_that_is_used_has_a_style() -> None:
    used = {
        name for _, given in Page(html_of(FULL, chart=True)).elements for name in (given.get("class") or "").split()
    }

    assert {f".{name}" for name in used} <= {*style_of("mail.css")}


# -- the chart --------------------------------------------------------------------------------------------------


@cache
def chart_of(story: Story) -> Image:
    (image,) = mail_of(story, chart=True)[2]
    return image


def test_the_chart_is_a_small_palette_png_of_twice_the_resolution() -> None:
    image = chart_of(FULL)

    picture = Picture.open(BytesIO(image.content))
    assert (picture.format, picture.mode, picture.width) == ("PNG", "P", 1100)
    assert len(image.content) < 16_000
    assert [one.get("src") for one in body_of(html_of(FULL, chart=True)).iter("img")] == [f"cid:{image.name}"]


def test_the_chart_tells_its_trends_in_words_and_holds_no_word_from_outside() -> None:
    alt = chart_of(FULL).alt

    assert alt.startswith("P-41: 12 items in the last four weeks, 0 in the four before; P-12: 26 items")
    assert alt.count(";") == 5 and "CSV" not in alt
    assert [one.get("alt") for one in body_of(html_of(FULL, chart=True)).iter("img")] == [alt]


def test_the_same_story_has_the_same_chart() -> None:
    assert mail_of(FULL, chart=True)[2] == (chart_of(FULL),)


def test_a_chart_is_drawn_only_where_one_is_wanted_and_there_are_trends_to_compare() -> None:
    one = a_section(an_entry(weekly=SPIKING), an_entry(weekly=(0,) * 26))

    assert not mail_of(a_story(one), chart=True)[2]
    assert not mail_of(FULL, chart=False)[2] and "<img" not in html_of(FULL)


def test_titles_in_a_chart_are_literal_and_letters_that_its_font_has_not_do_no_harm(
    recwarn: pytest.WarningsRecorder,
) -> None:
    odd = a_section(an_entry(r"$\frac{1}{0}$ <b>", weekly=SPIKING), an_entry("日本語😀", weekly=SPIKING))

    assert chart_of(a_story(odd)).content.startswith(b"\x89PNG")
    assert not [one for one in recwarn if "Glyph" in str(one.message)]


def test_without_a_chart_no_drawing_is_loaded() -> None:
    code = (
        "import sys; from tests.digest.stories import FULL; from insights.digest.mail import mail_of;"
        "mail_of(FULL, chart=False); print(*{'matplotlib', 'PIL', 'numpy'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("words", ["see //evil.example/x", r"see \\evil\share"])
def test_no_server_without_a_scheme_becomes_a_link_in_a_mail_program(words: str) -> None:
    text, html, _ = mail_of(a_story(a_section(an_entry(words, told=(words,), quote=words))), chart=False)

    assert "//evil" not in text + Page(html).text and r"\\evil" not in text + Page(html).text
    assert words in seen(text) and words in seen(Page(html).text)
