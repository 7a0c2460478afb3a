"""What an account pays, since when, and whether it left, as its subscriptions and departures tell."""

from datetime import date, timedelta
from math import fsum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.contracts import as_of, runs_on
from insights.domain.customers import Account, Departure, Subscription

TODAY = date(2026, 6, 30)
TOMORROW = TODAY + timedelta(days=1)
JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)


def an_account(**fields: Any) -> Account:
    return Account(id=1, source="crm", source_id="A-1", name="Acme", **fields)


def paid(annual_revenue: float | None = 1_200.0, **fields: Any) -> Subscription:
    """A paid subscription that began in January and has no end."""
    return Subscription(
        **{
            "id": 1,
            "source": "billing",
            "source_id": "S-1",
            "account_id": 1,
            "annual_revenue": annual_revenue,
            "started_on": JANUARY,
            **fields,
        }
    )


def a_trial(**fields: Any) -> Subscription:
    return paid(fields.pop("annual_revenue", 0.0), is_trial=True, **fields)


def left(on: date | None, *, came_back: bool = False) -> Departure:
    return Departure(id=1, source="crm", source_id="C-1", account_id=1, left_on=on, came_back=came_back)


def told(
    *contracts: Subscription | Departure, account: Account | None = None, day: date = TODAY
) -> tuple[float | None, date | None, date | None]:
    """Annual revenue, customer since, left on."""
    found = as_of(
        account or an_account(),
        subscriptions=[one for one in contracts if isinstance(one, Subscription)],
        departures=[one for one in contracts if isinstance(one, Departure)],
        day=day,
    )
    return found.annual_revenue, found.customer_since, found.left_on


def test_of_an_account_without_contracts_nothing_is_known() -> None:
    assert told() == (None, None, None)


def test_subscriptions_that_overlap_add_up() -> None:
    assert told(paid(0.1), paid(0.2, started_on=MARCH), paid(0.3, ended_on=TOMORROW)) == (0.6, JANUARY, None)


def test_what_a_source_says_of_the_account_comes_first() -> None:
    own = an_account(annual_revenue=5.0, customer_since=date(2020, 1, 1), left_on=MARCH)

    assert told(paid(), left(MAY), account=own) == (5.0, date(2020, 1, 1), MARCH)


def test_an_own_revenue_of_zero_is_known() -> None:
    assert told(paid(), account=an_account(annual_revenue=0.0))[0] == 0.0


@pytest.mark.parametrize(
    ("contract", "runs"),
    [
        (paid(started_on=TODAY), True),
        (paid(started_on=TOMORROW), False),
        (paid(started_on=None), True),
        (paid(ended_on=TODAY), False),
        (paid(ended_on=TOMORROW), True),
        (paid(ended_on=MARCH), False),
        (paid(started_on=MAY, ended_on=MARCH), False),
        (a_trial(), True),
    ],
)
def test_a_contract_runs_from_its_first_day_until_its_last_which_is_the_first_without(
    contract: Subscription, runs: bool
) -> None:
    assert runs_on(contract, TODAY) is runs


def test_what_starts_later_pays_nothing_yet_and_makes_no_customer() -> None:
    assert told(paid(started_on=TOMORROW)) == (None, None, None)


def test_trials_pay_nothing_and_make_no_customer() -> None:
    assert told(a_trial(annual_revenue=900.0)) == (None, None, None)
    assert told(a_trial(ended_on=MARCH)) == (None, None, None)


def test_an_unknown_figure_adds_nothing_to_known_ones_and_alone_stays_unknown() -> None:
    assert told(paid(None), paid(700.0))[0] == 700.0
    assert told(paid(None)) == (None, JANUARY, None)


def test_an_account_whose_paid_subscriptions_all_ended_left_with_the_last() -> None:
    assert told(paid(ended_on=MARCH), paid(ended_on=MAY)) == (0.0, JANUARY, MAY)
    assert told(paid(ended_on=MARCH), a_trial(started_on=MAY)) == (0.0, JANUARY, MARCH)
    assert told(paid(None, ended_on=MARCH)) == (None, JANUARY, MARCH)


def test_an_account_that_pays_for_one_thing_still_has_not_left() -> None:
    assert told(paid(ended_on=MARCH), paid(800.0)) == (800.0, JANUARY, None)


def test_an_end_that_lies_ahead_is_no_leaving() -> None:
    assert told(paid(ended_on=TOMORROW)) == (1_200.0, JANUARY, None)
    assert told(paid(ended_on=TODAY)) == (0.0, JANUARY, TODAY)


def test_a_departure_ends_no_subscription() -> None:
    assert told(paid(), left(MAY)) == (1_200.0, JANUARY, MAY)
    assert told(paid(ended_on=MARCH), left(MAY)) == (0.0, JANUARY, MAY)


def test_of_an_account_that_departed_and_runs_on_without_a_figure_the_revenue_is_unknown() -> None:
    assert told(paid(None), paid(500.0, ended_on=MARCH), left(MAY)) == (None, JANUARY, MAY)


def test_of_an_account_that_departed_and_of_which_no_subscription_is_known_the_revenue_is_unknown() -> None:
    assert told(left(MAY)) == (None, None, MAY)


def test_a_subscription_that_starts_after_the_departure_is_a_return() -> None:
    assert told(paid(ended_on=MARCH), left(MARCH), paid(900.0, started_on=MAY)) == (900.0, JANUARY, None)


def test_a_subscription_of_the_day_of_departure_is_none() -> None:
    assert told(paid(started_on=MAY), left(MAY)) == (1_200.0, MAY, MAY)


def test_a_trial_after_the_departure_is_no_return() -> None:
    assert told(paid(ended_on=MARCH), left(MARCH), a_trial(started_on=MAY)) == (0.0, JANUARY, MARCH)


def test_an_account_that_came_back_and_departed_again_left_the_second_time() -> None:
    again = paid(started_on=date(2026, 4, 1), ended_on=MAY)

    assert told(left(MARCH), again, left(MAY)) == (0.0, date(2026, 4, 1), MAY)


def test_a_departure_that_is_marked_as_come_back_undoes_the_earlier_ones() -> None:
    assert told(paid(), left(MARCH), left(MAY, came_back=True)) == (1_200.0, JANUARY, None)
    assert told(paid(), left(MARCH, came_back=True), left(MAY)) == (1_200.0, JANUARY, MAY)
    assert told(paid(), left(MAY), left(MAY, came_back=True))[2] is None


def test_a_departure_without_a_day_or_ahead_says_of_no_account_that_it_left() -> None:
    assert told(paid(), left(None), left(TOMORROW)) == (1_200.0, JANUARY, None)
    assert told(paid(), left(TODAY))[2] == TODAY


def test_an_own_day_of_leaving_that_lies_ahead_or_was_followed_by_a_return_is_none() -> None:
    assert told(paid(), account=an_account(left_on=TOMORROW)) == (1_200.0, JANUARY, None)
    assert told(paid(started_on=MAY), account=an_account(left_on=MARCH)) == (1_200.0, MAY, None)


def test_earlier_days_see_the_account_as_it_stood() -> None:
    contracts = (paid(ended_on=MARCH), left(MARCH), paid(900.0, started_on=MAY))

    assert told(*contracts, day=JANUARY) == (1_200.0, JANUARY, None)
    assert told(*contracts, day=MARCH) == (0.0, JANUARY, MARCH)


DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))
CONTRACTS = st.builds(
    paid,
    st.none() | st.floats(0, 1e6),
    started_on=DAYS,
    ended_on=DAYS,
    is_trial=st.booleans(),
)
DEPARTURES = st.builds(left, DAYS, came_back=st.booleans())


@given(st.lists(CONTRACTS, max_size=6), st.lists(DEPARTURES, max_size=4), st.randoms())
def test_the_order_of_contracts_does_not_matter_and_what_runs_is_what_is_paid(
    contracts: list[Subscription], departures: list[Departure], random: Any
) -> None:
    everything: list[Subscription | Departure] = [*contracts, *departures]
    revenue, since, left_on = told(*everything)
    random.shuffle(everything)

    assert told(*everything) == (revenue, since, left_on)
    assert left_on is None or left_on <= TODAY
    running = [c.annual_revenue for c in contracts if not c.is_trial and runs_on(c, TODAY)]
    known = [figure for figure in running if figure is not None]
    assert revenue == fsum(known) if known else revenue is None or (revenue == 0.0 and left_on is not None)
