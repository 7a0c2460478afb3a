"""What a program wrote goes, what customers say stays."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.text.boilerplate import Boilerplate, find_boilerplate, stated_spans
from insights.text.sentences import mention_spans

TOPICS = (
    "The export of rows hangs at half",
    "Login redirects me in circles",
    "The label printer cuts the barcode off",
    "The invoice shows the wrong tax amount",
    "The webhook fires twice per order",
)
ENDS = ("today", "again", "since monday", "for everybody", "in chrome", "on windows", "after lunch")
FORM = "Submitted via web form. Product area: Billing. Browser: Chrome"


def complaint(number: int) -> str:
    """One of 245 different ones."""
    return f"{TOPICS[number % 5]} {ENDS[number // 5 % 7]} {ENDS[number // 35 % 7]}."


def items(pattern: str, *, times: int = 60, plain: int = 0) -> list[str]:
    """`pattern` around as many complaints, then `plain` complaints without it."""
    written = [pattern.replace("SAID", complaint(number)) for number in range(times)]
    return written + [complaint(number) for number in range(times, times + plain)]


def said(text: str, boilerplate: Boilerplate) -> list[str]:
    return [text[start:end] for start, end in stated_spans(text, boilerplate)]


@pytest.mark.parametrize(
    "pattern",
    [
        f"{FORM}\nSAID",
        f"{FORM}. SAID",
        "Severity: 2 - Region: EU\nSAID",
        "Issue type: Bug | Priority: High | Plan: Pro\nSAID",
        "What problems is the product solving and how is that benefiting you?\nSAID",
        "SAID\nThis message is confidential and meant for the addressee.",
        "SAID\nSent from my iPhone",
        "Created by automation from chat transcript\nSAID\nWe will get back to you within 24 hours",
        "Description:\nSAID",
        "Description: SAID",
    ],
)
@pytest.mark.parametrize("plain", [0, 120])
def test_a_template_is_in_no_span(pattern: str, plain: int) -> None:
    texts = items(pattern, plain=plain)
    boilerplate = find_boilerplate(texts)
    assert [said(text, boilerplate) for text in texts[:60]] == [[complaint(number)] for number in range(60)]


def test_a_line_in_the_middle_parts_what_stands_around_it() -> None:
    texts = [f"{complaint(n)}\nHow likely are you to renew?\n{complaint(n + 71)}" for n in range(60)]
    assert said(texts[3], find_boilerplate(texts)) == [complaint(3), complaint(74)]


def test_numbers_case_and_blanks_make_no_other_line() -> None:
    texts = [
        f"{'Ticket' if n % 2 else 'TICKET'} {n} opened  by the bot on {n}.{n}.\n{complaint(n)}" for n in range(1, 40)
    ]
    assert said(texts[8], find_boilerplate(texts)) == [complaint(9)]


def test_the_same_short_complaint_of_many_stays_whole() -> None:
    texts = ["App crashes on login"] * 30 + items("SAID", times=60)
    assert find_boilerplate(texts) == frozenset()


@pytest.mark.parametrize("tail", ["", ". Thanks!", "\nPlease help"])
def test_words_that_are_mostly_alone_stay_courtesies_aside(tail: str) -> None:
    alone = [f"See the attached picture{tail}"] * 10
    assert find_boilerplate(alone + items("See the attached picture\nSAID", times=30)) == frozenset()


def test_a_complaint_stays_where_each_customer_adds_something() -> None:
    texts = items("The app crashes on login. SAID", times=40)
    assert find_boilerplate(texts) == frozenset()


def test_copies_of_one_message_are_no_template() -> None:
    copy = "We were on the call for the quarterly review. It was about the new colours of the menu."
    assert find_boilerplate([copy] * 40 + items("SAID")) == frozenset()


def test_few_items_make_no_template() -> None:
    assert find_boilerplate(items(f"{FORM}\nSAID", times=9, plain=200)) == frozenset()


def test_less_than_two_percent_make_no_template() -> None:
    texts = items("Submitted via web form.\nSAID", times=12) + [f"{complaint(n)} {'x' * n}" for n in range(600)]
    assert find_boilerplate(texts) == frozenset()


def test_a_long_value_stays_without_its_label() -> None:
    answers = [f"Comment: {complaint(n)}\nRegion: {('EU', 'US')[n % 2]}" for n in range(40)]
    assert said(answers[7], find_boilerplate(answers)) == [complaint(7)]


def test_a_short_value_that_is_not_chosen_from_a_list_stays_with_its_label() -> None:
    answers = [
        f"{complaint(n)}\nActual result: {chr(97 + n % 26) * 3} {chr(97 + n // 26) * 3} appears" for n in range(60)
    ]
    assert "Actual result: ccc aaa appears" in "\n".join(said(answers[2], find_boilerplate(answers)))


def test_the_heading_of_what_mentions_leave_out_stays() -> None:
    said_at_length = "They told us about it at length, with their whole team on the call, and asked what we make of it."
    notes = [f"{complaint(n)} {said_at_length}\n\nNext steps: we meet on {complaint(n + 40)}" for n in range(40)]
    boilerplate = find_boilerplate(notes)
    assert not any("we meet" in "\n".join(said(note, boilerplate)) for note in notes)


def test_the_one_answer_of_a_form_stays() -> None:
    answers = [f"Channel: web\nReason: {('price', 'lack of languages', 'moved to a rival')[n % 3]}" for n in range(60)]
    boilerplate = find_boilerplate(answers)
    assert all("\n".join(said(text, boilerplate)).endswith(text.split(": ")[-1]) for text in answers)


def test_nothing_remains_of_an_item_of_boilerplate_only() -> None:
    texts = [*items(f"{FORM}\nSAID"), FORM]
    assert said(FORM, find_boilerplate(texts)) == []


def test_without_boilerplate_spans_are_those_of_mentions() -> None:
    text = "The export stops. Also, it is slow!\n\n- one\n- two"
    assert stated_spans(text, frozenset()) == mention_spans(text) == stated_spans(text, frozenset({1}))


LINES = st.sampled_from(
    ["Region: EU", "Plan: Pro | Seats: 9", "Created by the bot today", "：", "1: 2", "a: b: c", "- "]
)


@given(st.lists(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=6).map("\n".join), max_size=30))
def test_any_text_gives_trimmed_spans_in_order(texts: list[str]) -> None:
    boilerplate = find_boilerplate(texts * 3)
    for text in texts:
        spans = stated_spans(text, boilerplate)
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(left[1] <= right[0] for left, right in pairwise(spans))
        assert all(text[start:end] == text[start:end].strip() for start, end in spans)


@given(st.text(max_size=60), st.integers(10, 20))
def test_what_every_item_says_and_nothing_else_stays(text: str, times: int) -> None:
    texts = [text] * times
    assert stated_spans(text, find_boilerplate(texts)) == mention_spans(text)
