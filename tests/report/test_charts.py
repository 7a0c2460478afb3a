"""Marks stand where their figures say, whatever the figures are."""

import math
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.estimate import Estimate, Range
from insights.domain.measure import Measure
from insights.domain.range_axis import Axis, axis_of
from insights.report.charts import Release, bar_of, finite, grid_css, percent, spark_of, top_of, week_end, weeks_of
from insights.report.contents import Listed
from insights.report.effort_map import LEAST_COSTS, MOST, effort_map
from tests.report.pages import a_full_estimate, a_listed

END = date(2026, 11, 20)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
RANGES = st.lists(FLOATS, min_size=3, max_size=3).map(lambda some: Range(*sorted(some)))


def amount(value: float, measure: Measure) -> str:
    return f"{measure.value} {value:.0f}"


@given(st.lists(RANGES, min_size=1), st.sampled_from(Measure))
def test_every_bar_lies_on_its_axis_with_its_dot_between_its_ends(ranges: list[Range], measure: Measure) -> None:
    axis = axis_of(ranges, measure=measure)
    for value in ranges:
        bar = bar_of(value, axis)
        low, likely, high, width = map(float, (bar.low, bar.likely, bar.high, bar.width))

        assert 0 <= low <= likely <= high <= 100
        assert low + width <= 100.1


@given(st.floats())
def test_a_share_is_told_as_a_plain_number_inside_its_box(share: float) -> None:
    assert re.fullmatch(r"\d{1,3}(\.\d)?", percent(share))


def test_a_range_with_an_end_that_is_no_number_is_none() -> None:
    assert finite(Range(0, 1, math.inf)) is None
    assert finite(Range(math.nan, 1, 2)) is None
    assert finite(None) is None
    assert finite(Range(0, 1, 2)) == Range(0, 1, 2)


def test_a_trend_has_a_stroke_for_each_week_with_an_item() -> None:
    assert spark_of((0, 1, 0, 8)) == "M4 20v-2M10 20v-20"
    assert spark_of((0, 0)) == ""


def test_one_item_a_week_is_no_peak() -> None:
    assert spark_of((1,)) == "M1 20v-5"
    assert weeks_of((1, 0), end=END).top == 4


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (4, 4), (5, 5), (6, 10), (11, 20), (99, 100), (101, 200), (560, 1000)]
)
def test_a_scale_ends_with_a_round_number(most: int, top: int) -> None:
    assert top_of(most) == top


def test_weeks_end_with_the_newest_day() -> None:
    weeks = weeks_of((0, 2, 4), end=END)

    assert weeks.path == "M1.1 100v-50h0.8v50zM2.1 100v-100h0.8v100z"
    assert (weeks.first, weeks.last) == (date(2026, 11, 6), END)
    assert week_end(END, 2, 3) == END


def test_a_release_stands_at_the_beginning_of_its_day() -> None:
    """The last week is of 14 to 20 November."""
    first_of_week = weeks_of((1,) * 4, end=END, release=Release(day=date(2026, 11, 14)))
    within_week = weeks_of((1,) * 4, end=END, release=Release(day=date(2026, 11, 10)))

    assert first_of_week.release == "3"
    assert within_week.release == "2.43"


def test_a_release_outside_the_weeks_is_not_drawn() -> None:
    for day in (date(2025, 1, 1), date(2026, 11, 21)):
        assert weeks_of((1,) * 4, end=END, release=Release(day=day)).release is None


def test_mean_weeks_are_as_high_as_their_items_and_begin_with_what_was_counted() -> None:
    release = Release(day=date(2026, 11, 14), before=2, since=1, days_before=14)
    weeks = weeks_of((1, 2, 2, 4), end=END, release=release)

    assert (weeks.before, weeks.after, weeks.begin) == ("50", "75", "1")


def test_a_mean_above_all_bars_is_inside_the_chart() -> None:
    weeks = weeks_of((1, 2), end=END, release=Release(day=date(2026, 11, 14), before=7.5))

    assert weeks.top == 10 and weeks.before == "25"


def test_ticks_become_a_rule_and_no_style_of_an_element() -> None:
    axis = Axis(low=0, high=100)
    rule = grid_css("value", axis.ticks(3, measure=Measure.VALUE, currency="$"))

    assert rule.startswith(".bar.value{background-image:") and rule.count("linear-gradient") == 3
    assert "background-position:0% 0,50% 0,100% 0" in rule
    assert grid_css("value", []) == ""


# -- effort and value -------------------------------------------------------------------------------------------


def on_the_map(*pairs: tuple[float, float]) -> list[Listed]:
    """Problems of so much cost and value."""
    return [
        a_listed(
            number=number,
            estimate=a_full_estimate(
                value, cost=Range(cost / 2, cost, cost * 2), weeks=Range(1, 2, 3), roi=Range(0, 1, 2), rank=number
            ),
        )
        for number, (cost, value) in enumerate(pairs, 1)
    ]


def test_more_value_is_higher_and_more_cost_further_right() -> None:
    found = effort_map(on_the_map((1e3, 1e6), (1e4, 1e5), (1e5, 1e4), (1e6, 1e3)), amount)

    assert found is not None
    across, up = ([float(getattr(dot.point, axis)) for dot in found.dots] for axis in "xy")
    assert across == sorted(across) and up == sorted(up)
    assert found.dots[0].cost == "cost 1000" and found.dots[0].value == "value 1000000"


def test_where_the_value_is_the_cost_the_dot_is_on_the_line() -> None:
    found = effort_map(on_the_map((1e3, 1e3), (1e4, 1e5), (1e5, 1e4), (1e6, 1e6)), amount)

    assert found is not None
    even = next(line for line in found.lines if line.name == "even")
    for dot in (found.dots[0], found.dots[3]):
        share = (float(dot.point.x) - float(even.x1)) / (float(even.x2) - float(even.x1))
        assert float(dot.point.y) == pytest.approx(float(even.y1) + share * (float(even.y2) - float(even.y1)), abs=0.3)


def test_where_all_costs_are_alike_there_is_no_map() -> None:
    alike = [(1e3, value) for value in (1e3, 1e4, 1e5, 1e6)]

    assert effort_map(on_the_map(*alike), amount) is None
    assert effort_map(on_the_map(*[(2.0**n, 1e5) for n in range(LEAST_COSTS)]), amount) is not None


def test_no_id_stands_on_another() -> None:
    found = effort_map(on_the_map((1e3, 1e5), (1e3, 1.05e5), (1e4, 1e5), (1e5, 1e4), (1e6, 1e3)), amount)

    assert found is not None
    assert [dot.is_named for dot in found.dots] == [True, False, True, True, True]


def test_only_the_first_are_drawn_and_what_is_worth_nothing_is_not() -> None:
    worthless = a_listed(
        number=99,
        estimate=Estimate(value=Range(0, 0, 0), cost=Range(1, 1, 1), weeks=Range(1, 1, 1), roi=Range(-1, -1, -1)),
    )
    found = effort_map([worthless, *on_the_map(*[(n, 1e5) for n in range(1, 60)])], amount)

    assert found is not None
    assert len(found.dots) == MOST and found.dots[0].ref == "P-1"


@given(st.lists(st.tuples(st.floats(1e-3, 1e12), st.floats(1e-3, 1e12)), min_size=LEAST_COSTS, max_size=8))
def test_everything_on_the_map_is_inside_it(pairs: list[tuple[float, float]]) -> None:
    found = effort_map(on_the_map(*pairs), amount)
    if found is None:
        return
    places = [getattr(line, end) for line in found.lines for end in ("x1", "y1", "x2", "y2")]
    places += [getattr(dot.point, end) for dot in found.dots for end in ("x", "y", "left", "right", "top", "bottom")]
    assert all(0 <= float(place) <= 100 for place in places)


def test_minus_zero_has_no_sign() -> None:
    assert percent(-0.0) == "0"
