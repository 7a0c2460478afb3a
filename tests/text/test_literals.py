"""Codes, numbers and quoted words of a query are found as they are written, whatever marks stand between."""

import pytest

from insights.text.literals import literals_in


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("ERR-1042", "got err_1042."),
        ("E1042", "code E1042"),
        ("0x80070005", "failed: 0x80070005"),
        ("ERR_CONN_RESET", "says ERR_CONN_RESET"),
        ('"goes blank"', "the page goes blank"),
        ("4821-3377", "order 48213377"),
        ("ERR1042", "ERR 1042"),
    ],
)
def test_literals_match_whatever_marks_stand_between(query, matches):
    (pattern,) = literals_in(query)

    assert pattern.search(matches)


@pytest.mark.parametrize("query", ["export hangs", "3 exports a day", "it takes 45 minutes", "C++ and e-mail"])
def test_plain_words_are_no_literals(query):
    assert literals_in(query) == []


def test_a_code_inside_a_longer_one_is_another_code():
    (pattern,) = literals_in("E1042")

    assert not pattern.search("E10421 or DE1042")
