"""Ranges are drawn on one axis that tells the truth about where they lie, at any width and in any script."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from insights.cli.range_chart import range_chart
from insights.domain.estimate import Range
from insights.domain.measure import Measure
from insights.domain.problem import Problem
from insights.domain.range_axis import Axis, axis_of
from tests.builders import a_problem, an_estimate
from tests.cli.calling import Run
from tests.cli.ranked import ranked

LONG = "Weekly stock CSV export is late or times out since the warehouse moved"


def worth(low: float, middle: float, high: float, *, title: str = "Export hangs", **fields: Any) -> Problem:
    return a_problem(title, estimate=replace(an_estimate(**fields), value=Range(low, middle, high)))


def drawn(*problems: Problem, width: int = 80, currency: str = "$", measure: Measure = Measure.VALUE) -> list[str]:
    return range_chart(problems, width=width, currency=currency, measure=measure)


@pytest.mark.parametrize("width", [40, 56, 80, 140])
@pytest.mark.parametrize("measure", list(Measure))
def test_no_line_is_wider_than_the_screen(width: int, measure: Measure) -> None:
    problems = [
        a_problem("投诉" * 30, id=1),
        a_problem(LONG, id=12_345, estimate=an_estimate(9e8, rank=1_234, tie=1_234)),
        a_problem("👩‍👩‍👧 export 🚀", id=3, estimate=an_estimate(10)),
        a_problem(LONG, id=4, estimate=None),
    ]

    assert max(map(cell_len, drawn(*problems, width=width, currency="EUR", measure=measure))) <= width


def test_a_line_tells_rank_id_title_and_the_range_in_digits() -> None:
    _, line, *_ = drawn(worth(213_456, 417_382, 841_234, rank=3))

    assert line.startswith("3 P-1 Export hangs ")
    assert line.endswith("$210k–840k")


def test_a_wide_title_takes_two_cells_a_letter_and_leaves_the_bars_in_line() -> None:
    chinese, latin = drawn(worth(0, 5, 10, title="投诉投诉"), worth(0, 5, 10, title="complain"))[1:3]

    assert cell_len(chinese[: chinese.index("├")]) == cell_len(latin[: latin.index("├")])


def test_a_bar_spans_low_to_high_with_the_dot_at_the_median() -> None:
    whole, half = drawn(worth(0, 50_000, 100_000), worth(0, 25_000, 50_000))[1:3]
    bar = whole[whole.index("├") : whole.index("┤") + 1]
    shorter = half[half.index("├") : half.index("┤") + 1]

    assert bar.index("●") == pytest.approx(len(bar) / 2, abs=1)
    assert shorter.index("●") == pytest.approx(len(bar) / 4, abs=1)
    assert len(shorter) == pytest.approx(len(bar) / 2, abs=1)


def test_a_range_of_one_amount_is_a_dot_even_where_all_are() -> None:
    line = drawn(worth(5, 5, 5))[1]

    assert "●" in line
    assert "├" not in line
    assert line.endswith("$5")


def test_ranges_far_apart_get_a_logarithmic_axis_and_near_ones_a_linear_one() -> None:
    far = drawn(worth(1_000, 2_000, 4_000), worth(100_000, 200_000, 400_000))
    near = drawn(worth(10_000, 20_000, 40_000), worth(100_000, 200_000, 290_000))

    assert "log scale" in far[0]
    assert "log scale" not in near[0]
    # The same ratio is the same length on a logarithmic axis, to a cell.
    lengths = [line.index("┤") - line.index("├") for line in far[1:3]]
    assert lengths[0] == pytest.approx(lengths[1], abs=1)


def test_zero_and_less_are_drawn_on_a_linear_axis_with_the_zero_marked() -> None:
    lines = drawn(worth(1, 1, 1, roi=Range(-0.8, 0.5, 40)), worth(1, 1, 1, roi=Range(-1, -0.9, 0)), measure=Measure.ROI)

    assert "log scale" not in lines[0]
    assert lines[1].endswith("−0.8× to 40×")
    assert lines[2].endswith("−1× to 0×")
    assert "0×" in lines[4].split()


def test_the_axis_labels_stand_below_their_ticks() -> None:
    *_, axis, labels = drawn(worth(0, 50_000, 100_000))
    ticks = [at for at, char in enumerate(axis) if char == "┴"]
    words = labels.split()

    assert words[0] == "$0"
    assert words[-1] == "$100k"
    assert len(words) == len(ticks)
    for tick, word in zip(ticks, words, strict=True):
        start = labels.index(word)
        assert start - 1 <= tick <= start + len(word)


def test_a_shared_rank_is_marked_and_explained_only_where_there_is_one() -> None:
    tied = drawn(worth(1, 2, 3, rank=2, tie=1), worth(1, 2, 3, rank=3))

    assert tied[1].startswith("1=")
    assert tied[2].startswith(" 3 ")
    assert "cannot be told apart" in tied[-1]
    assert "cannot be told apart" not in drawn(worth(1, 2, 3))[-1]


def test_what_is_not_estimated_or_not_finite_stays_in_the_list_without_a_bar() -> None:
    lines = drawn(a_problem(estimate=None), worth(1, 2, math.inf), worth(1, 2, 3))

    assert lines[1].endswith("not estimated")
    assert lines[2].endswith("unknown")
    assert "●" not in lines[1] + lines[2]
    assert "●" in lines[3]


def test_a_return_has_a_linear_axis_so_that_what_just_pays_does_not_stretch_it() -> None:
    returns = [Range(0.0005, 3, 16), Range(2.4, 13, 54)]

    assert axis_of(returns, measure=Measure.ROI) == Axis(low=0, high=54)
    assert axis_of(returns, measure=Measure.VALUE).is_log


def test_nothing_to_draw_is_no_chart_and_nothing_estimated_is_an_empty_one() -> None:
    assert drawn() == []
    assert "not estimated" in drawn(a_problem(estimate=None))[1]


def test_a_title_cannot_act_on_the_terminal() -> None:
    assert "\x1b" not in "".join(drawn(worth(1, 2, 3, title="\x1b[2J\x1b]0;owned\x07Login\nloops")))


_AMOUNT = st.floats(min_value=-1e12, max_value=1e12).map(lambda amount: round(amount, 2))
_RANGE = st.tuples(_AMOUNT, _AMOUNT, _AMOUNT).map(lambda ends: Range(*sorted(ends)))


@given(st.lists(_RANGE, min_size=1, max_size=8))
def test_every_range_lies_on_the_axis_and_more_is_never_further_left(ranges: list[Range]) -> None:
    axis = axis_of(ranges)
    shares = [axis.share(end) for end in sorted(end for one in ranges for end in (one.low, one.likely, one.high))]

    assert all(0 <= share <= 1 for share in shares)
    assert all(left <= right for left, right in pairwise(shares))


@given(st.lists(_RANGE, min_size=1, max_size=4), st.integers(min_value=2, max_value=9), st.sampled_from(Measure))
def test_there_are_no_more_ticks_than_asked_for_and_no_two_say_the_same(
    ranges: list[Range], most: int, measure: Measure
) -> None:
    ticks = axis_of(ranges).ticks(most, measure=measure, currency="$")

    assert len(ticks) <= most
    assert all(left.share < right.share for left, right in pairwise(ticks))
    assert len({tick.label for tick in ticks}) == len(ticks)


def test_a_tick_says_what_it_is_on_a_narrow_axis() -> None:
    labels = [tick.label for tick in Axis(low=417_000, high=419_000).ticks(5, measure=Measure.VALUE, currency="$")]

    assert labels == ["$417k", "$417.5k", "$418k", "$418.5k", "$419k"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls `insights` where three problems are ranked, the first worth most."""
    return ranked(tmp_path, monkeypatch, {f"Problem {n}": an_estimate(n * 50_000) for n in (3, 2, 1)})


def test_the_command_draws_the_list_in_its_order_in_eighty_columns(run: Run) -> None:
    printed = run("problems", "--chart", "--limit", "2").splitlines()

    assert printed[0].startswith("Value in a year")
    assert [line.split("Problem ")[1][0] for line in printed if "Problem" in line] == ["3", "2"]
    assert printed[1].endswith("$75k–300k")
    assert max(map(cell_len, printed)) <= 80


def test_the_command_draws_returns_where_they_are_asked_for(run: Run) -> None:
    assert run("problems", "--chart", "--of", "roi").startswith("Return on investment")
