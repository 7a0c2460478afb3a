"""Evidence is enough where accounts, items, sources and recency are; each is told, passed or short."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.evidence_gate import Counts, Gate, Thresholds, gate_of

TODAY = date(2026, 11, 20)
WANTED = Thresholds(accounts=3, items=5, sources=2, days=90)


def gate(*, age: int = 0, wanted: Thresholds = WANTED, **counts: int) -> Gate:
    given = {"accounts": 3, "items": 5, "sources": 2} | counts
    return gate_of(Counts(**given, newest=TODAY - timedelta(days=age)), wanted, today=TODAY)


def test_what_reaches_every_threshold_is_enough() -> None:
    just = gate(age=90)

    assert just.is_enough
    assert just.words == "enough"
    assert [check.what for check in just.checks] == ["accounts", "items", "sources", "days"]
    assert just.checks[0].words == "3 accounts, 3 wanted"
    assert just.checks[3].words == "newest item 2026-08-22, wanted within 90 days"


@pytest.mark.parametrize(
    ("short", "words"),
    [
        (gate(accounts=2), "2 accounts of 3 wanted"),
        (gate(accounts=0), "0 accounts of 3 wanted"),
        (gate(items=1), "1 item of 5 wanted"),
        (gate(sources=1), "1 source of 2 wanted"),
        (gate(age=91), "newest item 2026-08-21, wanted within 90 days"),
    ],
)
def test_one_below_its_threshold_is_short_and_the_others_pass(short: Gate, words: str) -> None:
    assert not short.is_enough
    assert [check.words for check in short.short] == [words]
    assert sum(check.passed for check in short.checks) == 3
    assert short.words == f"thin: {words}"


def test_all_that_is_short_is_told_in_order() -> None:
    assert gate(accounts=2, sources=1, items=5_000).words == "thin: 2 accounts of 3 wanted; 1 source of 2 wanted"


def test_thresholds_of_zero_ask_for_nothing() -> None:
    none = Thresholds(accounts=0, items=0, sources=0, days=0)

    assert gate(accounts=0, items=0, sources=0, age=10_000, wanted=none).is_enough


def test_an_item_of_tomorrow_is_recent() -> None:
    assert gate(age=-1).is_enough


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 5), st.integers(-5, 400))
def test_evidence_is_enough_exactly_where_no_check_is_short(accounts: int, items: int, sources: int, age: int) -> None:
    found = gate(accounts=accounts, items=items, sources=sources, age=age)

    assert found.is_enough == (accounts >= 3 and items >= 5 and sources >= 2 and age <= 90)
    assert found.is_enough == all(check.passed for check in found.checks) == (found.words == "enough")
    assert found.checks[3].found == age
