"""Dates, amounts, scores, ids and stages as people write them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.dates import DateOrder, decide_order, read_date, read_day
from connectors.files.values import (
    ScoreRange,
    ScoreScale,
    decide_decimal,
    read_flag,
    read_id,
    read_number,
    read_score,
    read_stage,
    says_trial,
)
from insights.domain.customers import DealStage

MONTH_FIRST = DateOrder(day_first=False)
DAY_FIRST = DateOrder(day_first=True)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05",
        "2026-03-05T00:00:00Z",
        "2026-03-05 01:00:00+01:00",
        "2026/3/5",
        "20260305",
        "5 Mar 2026",
        "March 5th, 2026",
        "Thu Mar 05 00:00:00 +0000 2026",
        "5. März 2026",
        "5 de marzo de 2026",
        "5 mars 2026",
        "05-Mar-26",
        "2026年3月5日",
        "1772668800",
        "1772668800000",
        "46086",
        46086.0,
        datetime(2026, 3, 5),
    ],
)
def test_one_day_is_read_in_all_its_spellings(text):
    assert read_date(text, MONTH_FIRST) == datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-05",
        "2026-03-05T00:00:00+02:00",
        "2026-03-05 23:59:00-08:00",
        "05/03/2026",
        datetime(2026, 3, 5, tzinfo=timezone(timedelta(hours=2))),
        "5 mars 2026",
    ],
)
def test_a_day_is_the_one_that_is_written_whatever_its_zone(value):
    assert read_day(value, DAY_FIRST) == date(2026, 3, 5)


def test_no_day_is_made_of_nothing_or_of_a_flag():
    assert read_day(" ", DAY_FIRST) is None
    for flag in ("True", "1", "yes", "2026-02-30"):
        with pytest.raises(ValueError, match="is not a date"):
            read_day(flag, DAY_FIRST)


def test_yes_and_no_are_read_in_four_languages():
    assert {read_flag(value) for value in ("TRUE", "1.0", 1.0, "x", "Ja", "Sí", "Oui")} == {True}
    assert {read_flag(value) for value in ("false", "0", 0.0, "nein", "No", "Non")} == {False}
    assert {read_flag(value) for value in ("", None, "n/a")} == {None}


def test_what_is_neither_yes_nor_no_is_refused():
    with pytest.raises(ValueError, match="neither yes nor no"):
        read_flag("perhaps")


def test_words_that_name_a_trial():
    assert all(map(says_trial, ("trialing", "Free Trial", "Testphase", "En prueba", "essai")))
    assert not any(map(says_trial, ("active", "past_due", "", None)))


def test_the_order_of_day_and_month_comes_from_the_column():
    assert read_date("3/4/26", decide_order(["1/2/26", "13/2/26"])) == datetime(2026, 4, 3, tzinfo=UTC)
    assert read_date("3/4/26", decide_order(["1/2/26", "2/13/26"])) == datetime(2026, 3, 4, tzinfo=UTC)
    assert read_date("3.4.26", decide_order(["3.4.26"])) == datetime(2026, 4, 3, tzinfo=UTC)


def test_a_column_that_could_be_either_is_not_certain():
    assert not decide_order(["1/2/26", "3/4/26"]).is_certain
    assert decide_order(["1/2/26", "31/4/26"]).is_certain
    assert decide_order(["2026-01-02"]).is_certain


def test_a_value_that_only_fits_the_other_order_is_read_so():
    assert read_date("25/12/2026 3:07 PM", MONTH_FIRST) == datetime(2026, 12, 25, 15, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "30/02/2026",
        "13/13/2026",
        "2026-02-30",
        "9999-12-31",
        "1900-01-01",
        "March 2026",
        "10:30",
        "2026",
        "soon",
        "0",
    ],
)
def test_an_impossible_or_incomplete_date_is_refused(text):
    for order in (MONTH_FIRST, DAY_FIRST):
        with pytest.raises(ValueError):
            read_date(text, order)


@pytest.mark.parametrize("blank", [None, "", "  ", "NaN", "null", "N/A", "-"])
def test_empty_is_nothing_and_not_zero(blank):
    assert read_date(blank, MONTH_FIRST) is None
    assert read_number(blank) is None
    assert read_score(blank, ScoreScale.TEN) is None
    assert read_id(blank) is None


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[0-9]{1,4}[./-][0-9]{1,3}[./-][0-9]{1,5}.{0,20}"), st.floats()))
def test_whatever_stands_in_a_cell_is_read_or_refused(value):
    for read in (lambda v: read_date(v, DAY_FIRST), read_number, lambda v: read_score(v, ScoreScale.TEN)):
        try:
            read(value)
        except ValueError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$1,234.50", 1234.5),
        ("1.234,50 €", 1234.5),
        ("1'234.50", 1234.5),
        ("1 234,50", 1234.5),
        ("12k", 12_000),
        ("US$ 3.4m", 3_400_000),
        ("2,5 Mio. €", 2_500_000),
        ("(300)", -300),
        ("-2", -2),
        ("0", 0),
        ("1,100,000", 1_100_000),
        ("1.100.000", 1_100_000),
    ],
)
def test_amounts_are_read_in_many_spellings(text, amount):
    assert read_number(text) == pytest.approx(amount)


def test_three_digits_after_the_only_sign_follow_the_column():
    assert read_number("1,234", decide_decimal(["1,5", "2,75"])) == pytest.approx(1.234)
    assert read_number("1,234", decide_decimal(["1.5", "1,234"])) == 1234
    assert read_number("1.234", decide_decimal(["1,5", "2,75"])) == 1234


@pytest.mark.parametrize("text", ["inf", "1e999", "abc", "1.2.3", "12 apples", "$", "1,2,3"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError):
        read_number(text)


def the_scale(*scores: str, is_nps: bool = False) -> ScoreScale:
    met = ScoreRange()
    for score in scores:
        met.add(score)
    return met.scale(is_nps=is_nps)


def test_stars_become_scores_to_ten():
    assert the_scale("1", "5", "") is ScoreScale.FIVE
    assert [read_score(stars, ScoreScale.FIVE) for stars in ("1", "3", "5.0")] == [0, 5, 10]
    assert read_score("4/5", ScoreScale.TEN) == 8
    assert read_score("★★★★★", ScoreScale.TEN) == 10


def test_nps_answers_and_columns_with_zero_are_never_stars():
    assert the_scale("1", "5", is_nps=True) is ScoreScale.TEN
    assert the_scale("0", "4") is ScoreScale.TEN
    assert the_scale("3", "9") is ScoreScale.TEN


def test_percentages_become_scores_to_ten():
    assert read_score("85", the_scale("85", "40")) == 8.5


def test_a_score_beyond_its_scale_is_refused():
    with pytest.raises(ValueError):
        read_score("11", ScoreScale.TEN)


def test_an_id_has_one_spelling():
    assert read_id("1000.0") == read_id("1000") == read_id(1000.0) == read_id(" 1000 ") == "1000"
    assert read_id("00123") == "00123"


@pytest.mark.parametrize(
    ("words", "stage"),
    [
        ("Won", DealStage.WON),
        ("closedwon", DealStage.WON),
        ("Closed Lost", DealStage.LOST),
        ("verloren", DealStage.LOST),
        ("Ganada", DealStage.WON),
        ("Engaging", DealStage.OPEN),
        ("Prospecting", DealStage.OPEN),
        (None, DealStage.OPEN),
    ],
)
def test_stages_become_won_lost_or_open(words, stage):
    assert read_stage(words) is stage
