"""Values of one person are found however they are written, and nobody else's."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.text.personal import (
    EMAIL,
    NAME,
    PHONE,
    Value,
    Values,
    addresses_in,
    is_telling,
    names_in,
    normal,
    numbers_in,
    value_of,
)

HERS = Values(
    [
        Value(EMAIL, "ann.lee@acme.example"),
        Value(NAME, "Lucía Ortega"),
        Value(PHONE, "+1 212-555-0147"),
        Value(NAME, "Bo"),
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        "Lucía Ortega", "LUCIA ORTEGA", "lucia ortega", "Ortega, Lucía", "Lucía\nOrtega", "Luci\u0301a Ortega",
        "ann.lee@acme.example", "ANN.LEE@ACME.EXAMPLE", "ann.lee%40acme.example",
        "+1 212-555-0147", "(212) 555 0147", "0012125550147", "212.555.0147",
    ],
)  # fmt: skip
def test_a_value_is_found_in_any_spelling(text: str) -> None:
    whole = f"Write to {text}: today."
    assert [whole[start:end] for start, end, _ in HERS.spans(whole)] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Lucía Ortegas", "Lucía", "Ortega", "joann.lee@acme.example", "ann.lee@acme.example.org",
        "x.ann.lee@acme.example", "212-555-0148", "order 92125550147", "Bo", "Lucía went. And then Ortega",
    ],
)  # fmt: skip
def test_somebody_elses_is_not(text: str) -> None:
    assert HERS.spans(text) == []


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("Ann.Lee@ACME.example", "ann.lee@acme.example"),
        ("Ortega, Lucía", "lucia  ORTEGA"),
        ("+1 (212) 555-0147", "212-555-0147"),
    ],
)
def test_one_identity_has_one_normal_form(written: str, same: str) -> None:
    assert normal(written) == normal(same)


def test_one_word_or_a_few_digits_tell_nobody() -> None:
    assert not is_telling(value_of("Ann"))
    assert not is_telling(Value(PHONE, "12 34"))
    assert is_telling(value_of("Ann Lee"))
    assert value_of("+1 212-555-0147").label == PHONE


@given(st.text(alphabet="ab AB.@+-0123456789é", max_size=60))
def test_whatever_may_be_a_value_in_a_text_is_named_by_its_normal_form(text: str) -> None:
    for finder in (addresses_in, numbers_in, names_in):
        for start, end, found in finder(text):
            assert 0 <= start < end <= len(text)
            assert normal(text[start:end]) == found or "," in text[start:end]


@given(st.text(max_size=200))
def test_spans_are_in_order_and_apart(text: str) -> None:
    spans = HERS.spans(text)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
