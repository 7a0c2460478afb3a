"""Why a return changed: by weight, and by what lies behind it."""

from typing import Any

import pytest

from insights.domain.night import Drivers, ReasonKind
from insights.news.reasons import reasons_of
from tests.news.nights import drivers


def reasons(then: Drivers, now: Drivers, *, is_up: bool | None = None) -> list[tuple[ReasonKind, int]]:
    return [(one.kind, one.count) for one in reasons_of(then, now, renewal_days=60, is_up=is_up)]


def parts(kept: float = 0, won: float = 0, saved: float = 0) -> dict[str, float]:
    return {"revenue kept": kept, "revenue won": won, "support saved": saved}


def test_renewals_and_detractors_are_told_with_those_that_are_new() -> None:
    """+3: two renewals within 60 days, one new detractor at Acme."""
    told = reasons_of(
        drivers(100_000, renewing=(4,), detractors=()),
        drivers(180_000, renewing=(9, 4, 7), detractors=(1,)),
        renewal_days=60,
    )

    assert [(one.kind, one.count, one.days, one.accounts) for one in told] == [
        (ReasonKind.RENEWALS, 2, 60, (9, 7)),
        (ReasonKind.DETRACTORS, 1, 0, (1,)),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"accounts": 5}, {"accounts": 9}, [(ReasonKind.ACCOUNTS, 4)]),
        ({"leaving": ()}, {"leaving": (3,)}, [(ReasonKind.LEAVING, 1)]),
        ({"left": 1}, {"left": 3}, [(ReasonKind.LEFT, 2)]),
        ({"revenue": 100_000.0}, {"revenue": 160_000.0}, [(ReasonKind.REVENUE, 0)]),
        (
            {"accounts": 5, "revenue": 100_000.0},
            {"accounts": 6, "revenue": 400_000.0},
            [(ReasonKind.REVENUE, 0), (ReasonKind.ACCOUNTS, 1)],
        ),
        ({"accounts": 5, "revenue": 100_000.0}, {"accounts": 6, "revenue": 120_000.0}, [(ReasonKind.ACCOUNTS, 1)]),
        ({"severity": "annoys"}, {"severity": "blocks"}, [(ReasonKind.SEVERITY, 0)]),
        ({}, {"revised": "ab"}, [(ReasonKind.FIGURES, 0)]),
        ({}, {}, []),
    ],
)
def test_what_lies_behind_more_revenue_kept(before: Any, after: Any, expected: Any) -> None:
    assert reasons(drivers(100_000, **before), drivers(150_000, **after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"accounts": 9}, {"accounts": 5}, [(ReasonKind.ACCOUNTS, -4)]),
        ({"renewing": (1, 2)}, {"renewing": ()}, [(ReasonKind.RENEWALS, -2)]),
        ({"severity": "blocks"}, {"severity": "annoys"}, [(ReasonKind.SEVERITY, 0)]),
        ({"accounts": 5}, {"accounts": 9}, []),
    ],
)
def test_what_lies_behind_less_of_it_and_never_what_speaks_against_that(before: Any, after: Any, expected: Any) -> None:
    assert reasons(drivers(150_000, **before), drivers(100_000, **after)) == expected


def test_deals_load_and_effort_stand_behind_their_own_part() -> None:
    then = Drivers(parts=parts(), cost=10_000, weeks=3, open_deals=1, lost_deals=0, load=2.0)
    won = Drivers(parts=parts(won=9_000), cost=10_000, weeks=3, open_deals=2, lost_deals=1, load=2.0)
    saved = Drivers(parts=parts(saved=9_000), cost=10_000, weeks=3, open_deals=1, lost_deals=0, load=6.6)
    cheap = Drivers(parts=parts(), cost=5_000, weeks=1.5, weeks_source="you", open_deals=1, load=2.0)
    worth_something = Drivers(parts=parts(saved=9_000), cost=10_000, weeks=3, open_deals=1, load=2.0)

    assert set(reasons(then, won)) == {(ReasonKind.OPEN_DEALS, 1), (ReasonKind.LOST_DEALS, 1)}
    assert reasons(then, saved) == [(ReasonKind.LOAD, 5)]
    assert reasons(then, cheap) == []  # of nothing, half the cost is no better
    (effort,) = reasons_of(
        worth_something,
        Drivers(parts=parts(saved=9_000), cost=5_000, weeks=1.5, weeks_source="you", open_deals=1, load=2.0),
        renewal_days=60,
    )
    assert (effort.kind, effort.amount, effort.word) == (ReasonKind.EFFORT, -1.5, "you")


def test_what_changed_the_return_most_comes_first_and_what_hardly_did_is_left_out() -> None:
    then = Drivers(parts=parts(100_000, 50_000, 10_000), cost=10_000, accounts=5, open_deals=1, load=1)
    now = Drivers(parts=parts(120_000, 150_000, 10_500), cost=10_000, accounts=6, open_deals=3, load=2)

    assert reasons(then, now) == [(ReasonKind.OPEN_DEALS, 2), (ReasonKind.ACCOUNTS, 1)]


def test_at_most_three_are_told_and_three_accounts_named() -> None:
    then = drivers(100_000)
    now = drivers(
        400_000,
        accounts=9,
        renewing=(1, 2, 3, 4),
        detractors=(5, 6, 7, 8),
        leaving=(1, 2, 3, 4),
        left=4,
        severity="blocks",
    )

    told = reasons_of(then, now, renewal_days=60)

    assert len(told) == 3
    assert (told[0].kind, told[0].count, told[0].accounts) == (ReasonKind.LEAVING, 4, (1, 2, 3))


def test_where_a_list_of_accounts_was_cut_those_that_came_are_counted_and_nobody_is_named() -> None:
    """Who is not on it may be there all the same."""
    many = tuple(range(50))
    then = drivers(100_000, renewing=many, renewing_count=80)
    now = drivers(150_000, renewing=(99, *many[:-1]), renewing_count=84)

    (told,) = reasons_of(then, now, renewal_days=60)

    assert (told.count, told.accounts) == (4, ())
    assert reasons(then, drivers(150_000, renewing=(99, *many[:-1]), renewing_count=80)) == []


def test_which_way_it_moved_may_be_said() -> None:
    """Medians need not move as the sum of their parts does."""
    then, now = drivers(100_000, accounts=5), drivers(99_000, accounts=4)

    assert reasons(then, now) == [(ReasonKind.ACCOUNTS, -1)]
    assert reasons(then, now, is_up=True) == []


def test_of_a_night_that_was_thinned_nothing_is_known() -> None:
    assert reasons(Drivers(), drivers(100_000, accounts=9)) == []
