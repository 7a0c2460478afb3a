import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.text.cells import inert_cell

FORMULAS = [
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\r\n=1+1",
    '=HYPERLINK("http://evil.example","x")',
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20SUM(1)",
    "\ufe661+1",
    "\u22121+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\xad=1+1",
    "\x00=1+1",
    "\u202e=1+1",
    "\u3000=1+1",
    '  "=1+1',
]


def runs(cell: str) -> bool:
    """Whether a program that makes forms plain and drops what cannot be seen takes it for a formula."""
    plain = unicodedata.normalize("NFKC", cell).replace("\u2212", "-")
    first = re.sub(r"[\s\x00-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", "", plain)[:1]
    return first in ("=", "+", "-", "@")


@pytest.mark.parametrize("words", FORMULAS)
def test_what_a_spreadsheet_would_run_begins_as_text(words):
    assert inert_cell(words).startswith("'")
    assert not runs(inert_cell(words))


@pytest.mark.parametrize("between", ["a;", "a\n", "a\r\n", "a; ", "a;\u200b", "a\n\xa0"])
@pytest.mark.parametrize("formula", ["=1+1", "@SUM(1)", "\uff1d1+1", "+1+1"])
def test_where_a_cell_is_split_the_second_part_is_text_too(between, formula):
    assert not any(runs(part) for part in re.split(r"[;\n]", inert_cell(between + formula)))


@pytest.mark.parametrize("number", ["-2", "+1", "-2.5", "1,000", "-1.234,5"])
def test_a_plain_number_stays_a_number(number):
    assert inert_cell(number) == number


@pytest.mark.parametrize("words", ["The export = slow", "a - b", "Ann's", "50 % + VAT", "mail a@b.example"])
def test_signs_inside_words_stay(words):
    assert inert_cell(words) == words


@given(st.text(alphabet="=+-@\uff1d\uff20\ufe66 \t\r\n;'\"\u200b\xad1a") | st.text())
def test_no_words_are_a_formula(words):
    cell = inert_cell(words)

    assert cell == words or not runs(cell)
    assert not runs(cell) or re.fullmatch(r"[+-]?\d+(?:[.,]\d+)*", cell)
