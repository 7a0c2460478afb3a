"""How problems stood in one night beside another."""

from dataclasses import replace

import pytest

from insights.domain.night import Night, ReasonKind, Seen
from insights.domain.problem import State
from insights.news.differences import Difference, differences
from tests.news.nights import day_of, drivers, night_at, ranked, seen


def beside(then: dict[int, Seen], now: dict[int, Seen], *, is_thin: bool = False) -> list[Difference]:
    nights = [
        Night(run_id=run, at=night_at(run), day=day_of(run), problems=ranked(problems), is_thin=is_thin)
        for run, problems in ((1, then), (2, now))
    ]
    return differences(*nights, heirs={1: 2}, renewal_days=60)


def a_list(*returns: float) -> dict[int, Seen]:
    return {number: seen(roi) for number, roi in enumerate(returns, 1)}


def test_the_furthest_come_first_and_ranks_count_more_at_the_top() -> None:
    """P-3 comes from 3 to 1, which is further than from 6 to 4."""
    told = beside(a_list(60, 50, 40, 30, 20, 10), a_list(60, 50, 70, 30, 20, 35))

    assert [(one.problem_id, one.rise) for one in told][:2] == [(3, 2), (1, -1)]


def test_what_is_new_comes_from_below_and_what_is_gone_went_there() -> None:
    then, now = a_list(60, 50, 40, 30), a_list(60, 50, 40, 30)
    told = beside(then, {**{number: now[number] for number in (2, 3, 4)}, 9: seen(1), 8: seen(55)})

    new = {one.problem_id for one in told if one.before is None}
    (gone,) = [one for one in told if one.after is None]
    assert new == {8, 9}
    assert (gone.problem_id, gone.heir, gone.rise) == (1, 2, None)
    assert [one.problem_id for one in told] == [1, 8, 9, 2, 3, 4]


@pytest.mark.parametrize(
    ("after", "is_change"),
    [({}, False), ({"items": 9}, True), ({"state": State.SHIPPED}, True), ({"waits": False}, False)],
)
def test_what_is_told_of_a_problem_makes_a_change(after: dict[str, object], is_change: bool) -> None:
    (one,) = beside({3: seen()}, {3: replace(seen(), **after)})  # type: ignore[arg-type]

    assert one.is_change is is_change


def test_a_change_of_the_return_has_its_reasons_where_they_are_known() -> None:
    then, now = {3: seen(5, drivers=drivers(50_000, accounts=5))}, {3: seen(9, drivers=drivers(90_000, accounts=9))}

    (known,), (thinned,), (same,) = beside(then, now), beside(then, now, is_thin=True), beside(then, then)

    assert [(one.kind, one.count) for one in known.reasons] == [(ReasonKind.ACCOUNTS, 4)]
    assert thinned.reasons == same.reasons == ()
