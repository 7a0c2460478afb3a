"""Names are found as whole words, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.text.names import Names

NAMES = Names(["Notion", "Zoho", "Zoho  Desk", "C++", "Søren & Co", "NAME", " "])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We move to Notion.", {"Notion"}),
        ("NOTION's export is faster", {"Notion"}),
        ("der Notion-Import", {"Notion"}),
        ("see notion.so", {"Notion"}),
        ("a notional figure, notions, prenotion, my_notion", set()),
        ("zoho desk does it", {"Zoho Desk"}),
        ("zoho desk, and zoho too", {"Zoho Desk", "Zoho"}),
        ("written in C++", {"C++"}),
        ("soren & co. and SØREN & CO", {"Søren & Co"}),
        ("<NAME> told us", set()),
        ("", set()),
    ],
)
def test_whole_words_are_found_whatever_their_case(text: str, found: set[str]) -> None:
    assert NAMES.within(text) == found


def test_no_name_finds_nothing() -> None:
    assert Names(["", "  "]).within("anything at all") == frozenset()


@given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=4))
def test_no_name_and_no_text_break_it(text: str, names: list[str]) -> None:
    found = Names(names).within(text)

    assert found <= {" ".join(name.split()) for name in names}
