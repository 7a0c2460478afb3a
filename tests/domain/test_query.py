"""A search line is read into words and filters, whatever is typed; nothing in it is ever an error."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.feedback import FeedbackKind
from insights.domain.query import HELP, Filters, Query, parse_query, parts_of, read_query, written
from insights.errors import ExitCode, InsightsError

TODAY = date(2026, 11, 23)


def read(line: str) -> Query:
    return parse_query(line, today=TODAY)


def test_words_and_filters_stand_in_any_order() -> None:
    query = read('export kind:nps slow account:"Acme  Corp" problem:P-12 source:zendesk segment:smb')

    assert query.words == "export slow"
    assert query.filters == Filters(
        kind=FeedbackKind.NPS, account="Acme Corp", problem=12, source="zendesk", segment="smb"
    )
    assert query.hints == ()


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("2026-02-03", date(2026, 2, 3), date(2026, 2, 3)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("7d", date(2026, 11, 16), date(2026, 11, 16)),
        ("2w", date(2026, 11, 9), date(2026, 11, 9)),
        ("3m", date(2026, 8, 23), date(2026, 8, 23)),
        ("9M", date(2026, 2, 23), date(2026, 2, 23)),
        ("1y", date(2025, 11, 23), date(2025, 11, 23)),
        ("today", TODAY, TODAY),
        ("yesterday", date(2026, 11, 22), date(2026, 11, 22)),
    ],
)
def test_a_month_begins_with_its_first_day_and_ends_with_its_last(typed: str, since: date, until: date) -> None:
    assert read(f"since:{typed}").filters == Filters(since=since)
    assert read(f"until:{typed}").filters == Filters(until=until)


def test_a_month_before_the_31st_ends_with_its_last_day() -> None:
    assert parse_query("since:6m", today=date(2026, 8, 31)).filters.since == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("typed", "admitted", "refused"),
    [
        ("0-6", (0, 6), (6.5,)),
        ("6–0", (0, 6), (7,)),
        ("7..8.5", (7, 8.5), (9,)),
        ("<=3", (0, 3), (3.001,)),
        ("<3", (2.999,), (3,)),
        (">=9", (9, 10), (8.999,)),
        (">8", (8.001,), (8,)),
        ("=7", (7,), (6, 8)),
        ("7", (7,), (6, 8)),
        ("<0", (-1,), (0,)),
    ],
)
def test_a_score_is_a_number_a_bound_or_a_range(
    typed: str, admitted: tuple[float, ...], refused: tuple[float, ...]
) -> None:
    filters = read(f"score:{typed}").filters
    lowest = -100.0 if filters.lowest_score is None else filters.lowest_score
    highest = 100.0 if filters.highest_score is None else filters.highest_score

    assert all(lowest <= score <= highest for score in admitted)
    assert not any(lowest <= score <= highest for score in refused)


@pytest.mark.parametrize(
    "typed",
    [
        *(f"{name}:" for name in HELP),
        *("kind:n", "kind:np", "kind:TICK", 'account:"Acme Co', 'account:"'),
        *("since:2", "since:202", "since:2026-", "since:2026-0", "since:2026-05-", "since:2026-05-0", "until:12"),
        *("since:tod", "until:yester", "score:<", "score:>=", "score:0-", "score:0.", "score:3..", "problem:P-"),
    ],
)
def test_what_is_half_typed_is_told_as_pending_and_left_out(typed: str) -> None:
    query = read(f"export {typed}")

    assert (query.words, query.filters) == ("export", Filters())
    (hint,) = query.hints
    assert hint.is_pending
    assert "is not yet understood" in hint.words


@pytest.mark.parametrize(
    ("typed", "allowed"),
    [
        ("kind:foo", "ticket, nps, note, review"),
        ("since:soon", "2026-05-01"),
        ("since:2026-13", "2026-05"),
        ("until:2026-02-30", "2026-05-01"),
        ("since:9999y", "7d"),
        ("since:0000", "7d"),
        ("score:good", "0-6"),
        ("problem:export", "P-12"),
        ("problem:-5", "P-12"),
    ],
)
def test_an_unknown_value_is_told_with_what_is_allowed(typed: str, allowed: str) -> None:
    (hint,) = read(f"export {typed}").hints

    assert not hint.is_pending
    assert hint.words.startswith(f"{typed} is not understood")
    assert allowed in hint.words


@pytest.mark.parametrize(
    "line",
    ['"kind:nps"', '"goes blank kind:nps x" again', "Kind:nps", "xkind:nps", "error:404 http://x", "source : y"],
)
def test_quoted_words_other_names_and_other_cases_stay_words(line: str) -> None:
    query = read(line)

    assert (query.words, query.filters, query.hints) == (line, Filters(), ())


def test_of_a_filter_set_twice_the_last_one_counts() -> None:
    assert read("kind:nps kind:ticket").filters == Filters(kind=FeedbackKind.TICKET)


def test_days_that_exclude_each_other_are_told() -> None:
    (hint,) = read("since:2026-05 until:2026-04").hints

    assert "since 2026-05-01 is after until 2026-04-30" in hint.words


def test_filters_are_told_by_name_and_value() -> None:
    filters = read("score:0-6 kind:nps since:7d").filters

    assert parts_of(filters) == [("kind", "nps"), ("since", "2026-11-16"), ("score", "0-6")]


def test_a_line_typed_to_its_end_is_refused_where_a_filter_is_not_understood() -> None:
    with pytest.raises(InsightsError, match="kind:np is not understood: one of ticket, nps") as refused:
        read_query("export kind:np", today=TODAY, filters=Filters())

    assert refused.value.exit_code is ExitCode.USAGE


def test_filters_given_apart_count_before_those_of_the_line() -> None:
    query = read_query("slow kind:nps score:3", today=TODAY, filters=Filters(kind=FeedbackKind.NOTE, source="crm"))

    assert query.words == "slow"
    assert query.filters == Filters(kind=FeedbackKind.NOTE, source="crm", lowest_score=3, highest_score=3)


PIECES = st.sampled_from(
    [*(f"{name}:" for name in HELP), '"', " ", "nps", "2026-05", "-", "<", "3", "7d", "P-", "x", ":"]
)
LINES = st.one_of(st.text(), st.lists(PIECES, max_size=20).map("".join))


@given(LINES)
def test_any_line_is_read_and_reads_the_same_when_written_anew(line: str) -> None:
    query = read(line)

    again = read(written(query))

    assert (again.words, again.filters) == (query.words, query.filters)


@given(LINES)
def test_no_word_is_made_up(line: str) -> None:
    query = read(line)

    assert set("".join(query.words.split())) <= set(line)
    assert len(query.words) <= len(line)
