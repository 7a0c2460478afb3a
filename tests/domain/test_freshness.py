"""A source is stale by its own rhythm."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from insights.domain.freshness import LEAST_DAYS, UNKNOWN_DAYS, Freshness, day_of, freshness

TODAY = day_of(date(2026, 11, 26))


def judged(*days_ago: int) -> Freshness:
    found = freshness({TODAY - days for days in days_ago}, today=TODAY)
    assert found is not None
    return found


def test_tickets_of_every_working_day_are_stale_after_a_weekend_and_a_night():
    assert not judged(*range(3, 60)).is_stale
    assert judged(*range(4, 60)).is_stale
    assert judged(*range(4, 60)).newest == date(2026, 11, 22)


def test_a_survey_that_comes_every_ten_days_may_be_silent_for_ten():
    assert not judged(*range(10, 180, 10)).is_stale
    late = judged(*range(11, 180, 10))
    assert late.is_stale
    assert "longest silence in the half-year before was 10 days" in late.why


def test_a_silence_of_long_ago_excuses_none_of_today():
    assert judged(*range(6, 60), *range(250, 300)).stale_from == LEAST_DAYS


def test_where_little_is_known_a_month_is_taken():
    assert not judged(29).is_stale
    assert judged(UNKNOWN_DAYS).is_stale
    assert not judged(40, 90, 140).is_stale


def test_a_day_to_come_counts_as_today():
    assert judged(-5, *range(1, 40)).silent_days == 0


def test_nothing_is_said_of_a_source_without_items():
    assert freshness((), today=TODAY) is None


@given(st.sets(st.integers(-30, 2000), min_size=1))
def test_what_came_today_is_never_stale_and_a_year_of_more_silence_always_is(days_ago):
    assert not judged(0, *days_ago).is_stale
    assert judged(*(abs(days) + 365 for days in days_ago)).is_stale
