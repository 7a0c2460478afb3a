"""Figures as people type them: read as they are meant, refused where they are none, and told so that they can be typed
again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Range, Revision
from insights.domain.typed_figures import (
    SIZES,
    chances_text,
    read_figure,
    read_figures,
    read_range,
    weeks_text,
)
from insights.errors import InsightsError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2-3-6", Range(2, 3, 6)),
        ("2–3–6", Range(2, 3, 6)),
        ("4-9", Range(4, 6, 9)),
        ("3", Range(3, 3, 3)),
        ("2% - 5% - 10%", Range(0.02, 0.05, 0.1)),
        ("2-5-10%", Range(0.02, 0.05, 0.1)),
        ("4-9 %", Range(0.04, 0.06, 0.09)),
        ("l", SIZES["L"]),
    ],
)
def test_a_range_is_read_as_people_write_it(text: str, expected: Range) -> None:
    found = read_figure("effort", text)["weeks"]

    assert (found.low, found.likely, found.high) == pytest.approx((expected.low, expected.likely, expected.high))


@pytest.mark.parametrize("figure", ["churn", "win", "avoided", "minutes"])
def test_a_size_of_work_is_no_chance_and_no_number_of_minutes(figure: str) -> None:
    with pytest.raises(InsightsError, match="is no range"):
        read_figure(figure, "S")


@pytest.mark.parametrize("text", ["0-0-5", "0-5", "0", "0.000001", "521", "9" * 400])
def test_no_effort_and_one_of_centuries_are_refused(text: str) -> None:
    """A likely cost of nothing has no return, and the list would hold what are no numbers."""
    with pytest.raises(InsightsError, match=r"is no (effort|range)"):
        read_figure("effort", text)


def test_handling_may_take_no_time_but_not_for_ever() -> None:
    assert read_figure("minutes", "0") == {"minutes": 0}
    with pytest.raises(InsightsError, match="is no range"):
        read_figure("minutes", "9" * 400)


@pytest.mark.parametrize("text", ["", "a", "6-3-2", "1-2-3-4", "0", "-3", "nan", "2-x-6", "1e9999"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(InsightsError, match="is no range"):
        read_range(text, "effort")


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_range_that_rises_or_is_refused(text: str) -> None:
    try:
        found = read_range(text, "churn", most=1.0)
    except InsightsError:
        return
    assert 0 <= found.low <= found.likely <= found.high <= 1


def test_a_chance_above_one_is_refused() -> None:
    with pytest.raises(InsightsError, match="stay within 0 and 1"):
        read_figure("churn", "5-10-20")


def test_figures_left_empty_are_not_said() -> None:
    assert read_figures({"effort": "L", "minutes": " ", "severity": "hurts"}) == Revision(
        weeks=SIZES["L"], severity="hurts"
    )


amounts = st.floats(0.01, 500)


shares = st.floats(0, 1)


@given(st.lists(amounts, min_size=3, max_size=3), st.lists(shares, min_size=3, max_size=3))
def test_what_a_figure_is_can_be_typed_again(some: list[float], chances: list[float]) -> None:
    weeks, share = Range(*sorted(some)), Range(*sorted(chances))
    read = read_figures({"effort": weeks_text(weeks), "win": chances_text(share)})

    assert read.weeks and read.win
    for again, was in ((read.weeks, weeks), (read.win, share)):
        assert (again.low, again.likely, again.high) == pytest.approx(
            (was.low, was.likely, was.high), rel=6e-3, abs=1e-9
        )
