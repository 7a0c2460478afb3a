"""A digest is sent once a day or week, and a night that failed is made up for within it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from insights.config import DigestSettings
from insights.nightly.periods import WEEKDAYS, is_due, period_of

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


@given(day=DAYS)
def test_a_daily_digest_has_a_period_of_its_own_each_day(day: date) -> None:
    daily = DigestSettings(name="d")
    assert is_due(daily, day)
    assert period_of(daily, day) == day.isoformat()


@given(day=DAYS, weekday=st.sampled_from(WEEKDAYS))
def test_a_weekly_digest_is_due_from_its_weekday_on_in_one_period(day: date, weekday: str) -> None:
    weekly = DigestSettings(name="w", period="week", weekday=weekday)
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=number) for number in range(7)]
    assert len({period_of(weekly, one) for one in week}) == 1
    due = [one for one in week if is_due(weekly, one)]
    assert due == week[WEEKDAYS.index(weekday) :]
    assert period_of(weekly, monday + timedelta(days=7)) != period_of(weekly, monday)


def test_the_first_days_of_a_year_belong_to_their_iso_week() -> None:
    weekly = DigestSettings(name="w", period="week")
    assert period_of(weekly, date(2027, 1, 1)) == "2026-W53"
