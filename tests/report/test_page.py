"""The page says everything without a script, holds nothing from elsewhere, and lets nothing that somebody wrote act."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.digest.story import Entry, Part, Section, Tone
from insights.digest.words import LANGUAGES
from insights.domain.estimate import Range
from insights.domain.problem import Column, Movement, State
from insights.report.contents import Report
from insights.report.gather import WHOLE
from insights.report.labels import LABELS
from insights.report.page import embedded, to_html
from tests.connectors.rendering.hostile import UNSEEN, WORDS, Page
from tests.digest.stories import FULL, a_section, a_story, an_entry
from tests.hostile.acting import URLS
from tests.hostile.acting import WORDS as SAID
from tests.report.pages import a_fix, a_full_estimate, a_listed, a_quote, a_report, code_of, problems, words_of

FETCHING = {"src", "srcset", "data", "poster", "action", "formaction", "background", "style", "ping", "manifest"}


def shown(report: Report) -> Page:
    return Page(to_html(report))


# -- what it says -----------------------------------------------------------------------------------------------


def test_all_of_a_problem_is_in_the_html_itself() -> None:
    page = shown(a_report())

    for words in (
        "CSV export times out",
        "$420k",
        "$210–840k",
        "34×",
        "Billing",
        "growing",
        "with ada",
        "people build workarounds",
        "revenue kept",
        "7 accounts, $610k a year × 3%",
        "Why rank 1",
        "Effort above 4.3 weeks (now 3) drops it to #2.",
        "Pays for itself with 99%; among the first 10 with 88%; outranks the next with 62%.",
        "+5.4×",
        "“It hangs at half of the rows.”",
        "Acme · ticket · 20 November 2026",
    ):
        assert words in page.text, words
    assert "$5 won, likely" not in page.text, "a factor that adds nothing to the return explains nothing"


def test_what_a_chart_shows_is_told_in_words_too() -> None:
    text = shown(a_report()).text

    assert "Value a year: $210k to $840k, likely $420k" in text
    assert "26 weeks to 20 November 2026, oldest first: 0, 0, 0, 0, 1, 0, 2," in text
    assert "23 items in the last four weeks, 14 in the four before" in text


def test_the_digest_comes_first_with_its_words_as_they_are() -> None:
    html = to_html(a_report(story=FULL))
    page = Page(html)

    for section in FULL.sections:
        assert section.heading in page.text
        for entry in section.entries:
            assert entry.title in page.text
    assert html.index(FULL.sections[0].heading) < html.index('id="problems"')


def test_the_ids_that_a_digest_speaks_of_lead_to_their_problem_in_the_list() -> None:
    story = a_story(a_section(an_entry(told=("merged into P-1 “Export”, not P-2",))), headline="P-1 and P-77 are new")
    links = [attributes["href"] for tag, attributes in shown(a_report(story=story)).elements if tag == "a"]

    assert links.count("#P-1") == 3 and "#P-2" not in links and "#P-77" not in links


def test_a_fix_is_told_with_its_weeks_and_its_release() -> None:
    html = to_html(a_report(a_listed(), fixed=(a_fix(),)))
    page = Page(html)

    assert "Shipped on 14 August 2026, mentions fell by 60% (30–80%) in 12 weeks" in page.text
    assert "3 a week before · 1 a week since" in page.text
    assert 'class="release" d="M37.86 0V100"' in html
    assert "No fix has shipped yet" not in page.text


def test_fixes_of_the_digest_are_told_once() -> None:
    story = a_story(Section(part=Part.FIXES, heading="Fixes", entries=(an_entry("Login loops", ref="P-9"),)))

    assert "Fixes" in shown(a_report(story=story)).texts
    assert "Fixes" not in shown(a_report(a_listed(), story=story, fixed=(a_fix(),))).texts


def test_nothing_at_all_says_what_to_do() -> None:
    text = shown(replace(a_report(), listed=(), of_all=0)).text

    assert "No problem is ranked yet." in text and "insights import FILE --kind ticket" in text


def test_filters_that_leave_nothing_say_so() -> None:
    assert "No problem matches this report's filters." in shown(replace(a_report(), listed=(), of_all=3)).text
    assert "1 of 3 problems are in this report." in shown(a_report(of_all=3)).text


def test_a_problem_without_an_estimate_is_listed_without_a_bar() -> None:
    page = shown(a_report(a_listed(), a_listed("Bare", number=2, estimate=None)))

    assert problems(page) == ["P-1", "P-2"]
    assert page.text.count("not estimated") == 3


def test_what_is_no_number_is_unknown() -> None:
    endless = a_full_estimate(roi=Range(float("-inf"), float("nan"), float("inf")))

    assert "unknown" in shown(a_report(a_listed(estimate=endless), a_listed(number=2))).text


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_and_movement_has_a_word_in_every_language(state: State, language: str) -> None:
    column = Column.NOW if state is State.ACCEPTED else None
    listed = [
        a_listed(number=number, state=state, movement=movement, column=column, is_spike=number == 2)
        for number, movement in enumerate(Movement, 1)
    ]
    listed.append(a_listed(number=9, state=State.INBOX if state is not State.INBOX else State.SHIPPED))
    page = shown(a_report(*listed, story=replace(FULL, language=language), fixed=(a_fix(),)))

    assert page.elements[0] == ("html", {"lang": language})
    assert LABELS[language][f"state.{state.value}"] in page.text
    assert not re.search(r"\{\w+\}", words_of(page)), "a placeholder that nobody filled in"


def test_all_languages_have_the_same_labels_with_the_same_placeholders() -> None:
    assert set(LABELS) == set(LANGUAGES)
    english = {key: _names(text) for key, text in LABELS["en"].items()}
    for language, labels in LABELS.items():
        assert {key: _names(text) for key, text in labels.items()} == english, language


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# -- nothing from elsewhere -------------------------------------------------------------------------------------


def test_it_asks_nobody_for_anything() -> None:
    html = to_html(a_report(a_listed(), a_listed(number=2), story=a_story(a_section(an_entry())), fixed=(a_fix(),)))
    page = Page(html)

    assert not {name for _, attributes in page.elements for name in attributes} & FETCHING
    assert "link" not in {tag for tag, _ in page.elements}
    assert "http" not in html.replace("http-equiv", "")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(|sendBeacon|WebSocket", html)


def test_its_policy_allows_its_own_script_and_style_alone() -> None:
    html = to_html(a_report())
    policy = next(
        str(attributes["content"])
        for tag, attributes in Page(html).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    assert allowed["default-src"] == "'none'"
    assert allowed["base-uri"] == allowed["form-action"] == "'none'"
    assert allowed["script-src"] == _hash(_between(html, "<script>", "</script>"))
    assert allowed["style-src"] == _hash(_between(html, "<style>", "</style>"))
    assert "unsafe" not in policy


def test_no_element_has_a_handler_or_a_style_of_its_own() -> None:
    names = {name for _, attributes in shown(a_report(story=FULL)).elements for name in attributes}

    assert not {name for name in names if name.startswith("on") or name == "style"}


def _between(html: str, start: str, end: str) -> str:
    return html.split(start, 1)[1].split(end, 1)[0]


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# -- nothing acts -----------------------------------------------------------------------------------------------


def a_report_saying(words: str, url: str = "") -> Report:
    """With these words wherever somebody else's can stand."""
    entry = Entry(
        title=words,
        ref=words,
        badge=words,
        tone=Tone.BAD,
        told=(words,),
        weekly=(1, 2),
        trend=words,
        worth=words,
        quote=words,
        url=url,
    )
    sections = [Section(part=part, heading=words, entries=(entry,), more=words) for part in Part]
    story = a_story(*sections, title=words, headline=words, period=words, by=words, footer=words)
    estimate = a_full_estimate()
    said = replace(
        estimate,
        parts=tuple(replace(part, name=words, words=words) for part in estimate.parts),
        factors=tuple(replace(factor, name=words, words=words) for factor in estimate.factors),
        reason=words,
        flip=words,
        worth_knowing=words,
        notes=(words,),
        cost_source=words,
    )
    quote = a_quote(words, account=words, gives_orders=True)
    listed = a_listed(words, summary=words, estimate=said, theme=words, owners=(words,), quotes=(quote,))
    return a_report(listed, a_listed(number=2), story=story, fixed=(a_fix(words),))


def assert_is_inert(words: str, url: str = "") -> None:
    """The same elements and attributes as with plain words, the same scripts, and no more links."""
    plain, said = (Page(to_html(a_report_saying(text, address))) for text, address in ((_PLAIN, ""), (words, url)))

    assert _shape(said) == _shape(plain)
    assert said.comments == ["DOCTYPE html"]
    assert _code(said) == _code(plain)
    assert not UNSEEN.search(said.text)
    assert {link for link in said.links() if link.startswith("http")} <= {"https://ours.example"}


_PLAIN = "plain words"


def _shape(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(attributes)) for tag, attributes in page.elements]


def _code(page: Page) -> list[str]:
    """What acts, and the policy that holds its hashes."""
    policy = [str(attributes["content"]) for _, attributes in page.elements if attributes.get("http-equiv")]
    return code_of(page) + policy


@given(WORDS)
def test_whatever_somebody_wrote_stays_words(words: str) -> None:
    assert_is_inert(f"x{words.replace('P-', 'P')}")


@pytest.mark.parametrize(
    "words",
    [
        *SAID,
        "</script><script>alert(1)</script>",
        "</style><style>*{background:url(//evil.example)}</style>",
        "{{ 7 * 7 }}{% raw %}{{ cycler.__init__ }}",
        "<!--<script>",
        "]]></svg></title></desc><img src=x onerror=alert(1)>",
        "\u2028alert(1)\u2029",
        "' onmouseover='alert(1)",
        '" autofocus onfocus="alert(1)',
    ],
)
def test_what_is_known_to_act_elsewhere_stays_words(words: str) -> None:
    assert_is_inert(f"x{words.replace('P-', 'P')}")


@pytest.mark.parametrize("url", URLS)
def test_an_issue_is_linked_only_where_its_address_is_one(url: str) -> None:
    links = set(Page(to_html(a_report_saying(_PLAIN, url))).links()) - {None}
    outside = {link for link in links if not link.startswith("#")}

    assert all(link.startswith("https://ours.example/") for link in outside)
    assert not any(re.search(r"[\s<>\"']", link) for link in outside)


@given(
    st.recursive(
        st.text() | st.integers() | st.none() | st.booleans(),
        lambda some: st.lists(some) | st.dictionaries(st.text(), some),
    )
)
def test_data_ends_no_script_and_says_the_same(data: object) -> None:
    text = embedded(data)

    assert json.loads(text) == data
    assert not re.search("[<>&\u2028\u2029]", text) and text.isascii()


def test_the_script_is_given_no_words_of_anybody() -> None:
    data = json.loads(_between(to_html(a_report_saying("secret")), 'id="data">', "</script>"))

    assert "secret" not in json.dumps(data)
    assert data["rows"]["id"] == [1, 2] and data["rows"]["theme"] == [0, -1]


def test_without_quotes_none_is_shown_and_none_is_promised() -> None:
    story = a_story(a_section(an_entry(quote="we left over this")))
    with_them, without = (shown(a_report(story=story, has_quotes=wanted)).text for wanted in (True, False))

    assert "we left over this" in with_them and "Quotes are from redacted copies" in with_them
    assert "we left over this" not in without and "Quotes are from redacted copies" not in without


# -- size -------------------------------------------------------------------------------------------------------


def test_a_thousand_problems_are_less_than_three_megabytes() -> None:
    title = "Weekly stock CSV export is late or times out since the warehouse moved"
    quotes = tuple(a_quote(f"{title}, and nobody can tell why that is so ({n})") for n in range(3))
    listed = [
        a_listed(f"{title} {n}", number=n, theme="Exports", is_whole=n <= WHOLE, quotes=quotes if n <= WHOLE else ())
        for n in range(1, 1001)
    ]
    html = to_html(a_report(*listed))

    assert len(html.encode()) < 3_000_000
    assert problems(Page(html)) == [f"P-{n}" for n in range(1, 1001)]
    assert "insights show P-1000" in html and "insights show P-10<" not in html


def test_no_address_is_looked_up_before_somebody_follows_it() -> None:
    told = [one for _, one in shown(a_report()).elements if one.get("http-equiv") == "x-dns-prefetch-control"]

    assert [one["content"] for one in told] == ["off"]
