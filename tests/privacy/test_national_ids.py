"""Numbers of persons go where their form and check digits tell them, or a word before them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.redaction_texts import IDS
from insights.privacy.national_ids import national_ids


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in national_ids(text)]


@pytest.mark.parametrize("draw", IDS, ids=lambda draw: draw.__name__)
def test_every_form_is_found_with_right_check_digits(draw) -> None:
    rng = random.Random(5)
    for _ in range(60):
        drawn = draw(rng)
        cue, value = drawn if isinstance(drawn, tuple) else ("", drawn)
        assert value in found(f"It says {cue}{value} here."), value


@pytest.mark.parametrize(
    "text",
    [
        "12345678A",  # the letter of 12345678 is Z
        "X1234567A",
        "1 84 12 76 451 089 45",
        "RSSMRA85T10A562T",
        "850709-9806",
        "123.456.789-10",
        "111.111.111-11",
        "756.9217.0769.84",
        "we flew on 12 34 56 A",
        "Suite 680 36 4022 Oakridge Lane",
        "the passport office opens at 9",
        "tax id of 2026",
        "DNI 12.03.2026",
    ],
)
def test_what_has_wrong_check_digits_or_is_something_else_stays(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("passport no. C01X00T47", "C01X00T47"),
        ("Personalausweis: L01X00T471", "L01X00T471"),
        ("my NHS number is 943 476 5919", "943 476 5919"),
        ("Steuer-ID 86 095 742 719", "86 095 742 719"),
        ("PESEL 44051401359", "44051401359"),
        ("BSN 1112.22.333", "1112.22.333"),
        ("CPR 070761-4285", "070761-4285"),
        ("driving licence MORGA753116SM9IJ", "MORGA753116SM9IJ"),
    ],
)
def test_a_word_before_it_tells_what_no_check_digit_does(text: str, value: str) -> None:
    assert found(text) == [value]


@given(st.text(alphabet="0123456789ABCXYZdni -./:", max_size=60))
def test_spans_lie_in_the_text_and_hold_a_digit(text: str) -> None:
    for start, end, label in national_ids(text):
        assert label == "ID"
        assert any(char.isdigit() for char in text[start:end])
