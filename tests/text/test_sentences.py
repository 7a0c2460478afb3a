import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.text.sentences import mention_spans

PIECES = [
    "The export stops. ",
    "Also, it is slow! ",
    "1. open\n",
    "- one\n",
    "\n\n",
    "\n",
    "Hi team,\n",
    "Next steps: ",
    "Attendees: Ana, Bo\n",
    "e.g. this ",
    "at 7.4 ",
    "https://x.example/a.b?c=d. ",
    "Thanks, Ana",
    "because ",
    "… ",
    "。",
    "   ",
    "\t",
    "x" * 300,
    "word " * 60,
    "<NAME> ",
    "👍",
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=16).map("".join)


def said(text: str, *, most: int = 12) -> list[str]:
    return [text[start:end] for start, end in mention_spans(text, most=most)]


@given(texts, st.integers(1, 12))
def test_spans_are_trimmed_ordered_and_never_overlap(text: str, most: int) -> None:
    spans = mention_spans(text, most=most)

    reached = 0
    for start, end in spans:
        assert reached <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        reached = end
    assert len(spans) <= most
    assert bool(spans) == any(char.isalnum() for char in text)


def test_a_short_comment_is_one_mention() -> None:
    text = "  love it, but the export. It hangs! Every Monday? Yes.\n"

    assert said(text) == [text.strip()]


def test_a_ticket_about_one_thing_is_one_mention_without_courtesy() -> None:
    text = (
        "Hi,\n\nThe CSV export times out whenever we go above 50k rows. It worked fine before release 7.4. "
        "We tried it in Chrome and Firefox, e.g. on Monday at 8 a.m. and nothing helped. "
        "Please fix this.\n\nBest regards,\nAna"
    )

    assert said(text) == [text[5 : text.index(" Please fix")]]


@pytest.mark.parametrize("turn", ["Also,", "Second:", "Another thing:", "On another note,", "P.S."])
def test_a_turn_of_topic_starts_another_mention(turn: str) -> None:
    first = "The scanner drops scans when two people pick in the same aisle and we ship short every single week."
    second = f"{turn} purchase orders need several approval steps, our controller keeps asking for a limit by amount."

    assert said(f"{first} {second}") == [first, second]


@pytest.mark.parametrize("turn", ["Außerdem", "Zweitens", "Des Weiteren", "Además", "Por otro lado", "Par ailleurs,"])
def test_turns_are_known_in_other_languages(turn: str) -> None:
    first = (
        "Wir bekommen jede Benachrichtigung viermal und das nervt unsere Lagerleute sehr, vor allem am Wochenende spät."
    )
    second = f"{turn} fehlt uns ein Protokoll, wer wann was geändert hat, der Prüfer fragt jedes Jahr danach."

    assert said(f"{first} {second}") == [first, second]


def test_also_on_another_device_is_the_same_thing() -> None:
    text = (
        "The labels print cropped on the left side since we moved to the new printers in the second hall last week. "
        "Also on the old printer in the office. This happens with every template that we have."
    )

    assert said(text) == [text]


def test_each_bullet_is_a_mention() -> None:
    text = (
        "Points from the review with their warehouse team:\n"
        "- The dashboard takes forty seconds to load with all of the widgets that the owner wants\n"
        "- They want to hide cost prices from the pickers and from temporary staff\n"
        "- Returns are booked twice whenever a parcel comes back damaged"
    )

    assert len(said(text)) >= 3
    assert said(text)[-1] == "Returns are booked twice whenever a parcel comes back damaged"


def test_steps_of_one_problem_stay_together() -> None:
    text = (
        "The import of the supplier list fails with an error that nobody here understands at all. Steps to reproduce:\n"
        "1. open Purchasing\n2. choose the file\n3. press Import and wait"
    )

    assert len(said(text)) == 1


def test_attendees_and_next_steps_are_left_out() -> None:
    text = (
        "Attendees: Ana Ortega, Bo Lind\n\n"
        "The exchange rates are a week old and their margin was wrong on forty orders, so finance does it by hand.\n\n"
        "Next steps:\n- send the proposal\n- call on Tuesday\n\nLooking forward to the demo."
    )

    assert said(text) == [
        "The exchange rates are a week old and their margin was wrong on forty orders, so finance does it by hand."
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Version 7.4 of the app stopped at 12.5 percent on 3.5 GB of data",
        "See https://status.example/a.b?c=d for what we saw e.g. on the pick list etc. and on the labels",
        "Dr. Ortega and Mr. A. Lind said that approx. forty of the orders, i.e. nearly all, went missing",
        "Am 3. März ging z.B. beim Export nichts mehr und auch bei Import bzw. Abgleich nicht",
    ],
)
def test_points_inside_a_sentence_do_not_end_it(sentence: str) -> None:
    text = (
        "- " + sentence + ".\n- " + "Another line which states some other thing that is long enough to be cut from it."
    )

    assert said(text)[0] == sentence + "."


def test_no_words_no_mention() -> None:
    assert mention_spans(" \n!? 👍 … ") == []


def test_only_courtesy_is_still_one_mention() -> None:
    text = (
        "Hello team,\n\nThank you so much for your help. Have a great weekend. I hope you are all well. "
        "Let me know. Best regards,\nAna"
    )

    assert len(said(text)) == 1


def test_of_many_mentions_the_longest_are_kept_in_order() -> None:
    text = "\n".join(f"- point {number} says " + "much more " * number for number in range(1, 30))

    kept = said(text, most=5)

    assert [line.split()[1] for line in kept] == ["25", "26", "27", "28", "29"]


def test_no_span_is_too_long_to_read() -> None:
    assert max(end - start for start, end in mention_spans("word " * 5_000)) <= 1_500
