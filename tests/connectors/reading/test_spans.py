"""Lists asked for by spans: nothing is lost however many rows have one time, and a list in disorder ends."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.reading.changes import Batch, Changed, changes
from connectors.reading.spans import BySpans, Reach, Span, changed
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError

START = datetime(2026, 1, 5, tzinfo=UTC)
PAGE = 3


def rows_at(*seconds: int) -> list[Changed]:
    return [Changed(f"{n:04d}", START + timedelta(seconds=one), {}) for n, one in enumerate(seconds)]


def page_of(rows: Sequence[Changed], span: Span) -> Batch:
    """As a service answers that has rows of one time in no order."""
    some = [one for one in rows if _reaches(one, span)]
    some.sort(key=(lambda one: one.id) if span.reach is Reach.AT else (lambda one: (one.at, one.id[::-1])))
    return Batch(some[:PAGE], more=len(some) > PAGE)


def _reaches(one: Changed, span: Span) -> bool:
    if span.reach is Reach.AT:
        return one.at == span.since and one.id > span.after
    return one.at > span.since or (one.at == span.since and span.reach is Reach.FROM)


def made_of(rows: Sequence[Changed]) -> list[FeedbackRecord]:
    return [FeedbackRecord(source="s", source_id=one.id, kind=FeedbackKind.TICKET, text="x") for one in rows]


@given(st.lists(st.integers(0, 3), max_size=40))
def test_every_row_comes_once(seconds: list[int]) -> None:
    rows = rows_at(*seconds)
    listing = BySpans(lambda span: page_of(rows, span))

    pages = changes({}, listing=listing, make=made_of, overlap=timedelta(0))

    came = [record.source_id for page in pages for record in page.records if isinstance(record, FeedbackRecord)]
    assert sorted(came) == [one.id for one in rows]


@pytest.mark.parametrize("reach", [Reach.AT, Reach.AFTER])
def test_a_service_that_heeds_no_order_is_left_and_not_asked_for_ever(reach: Reach) -> None:
    same = rows_at(*[0] * PAGE)

    def stuck(span: Span) -> Batch:
        is_asked = span.reach in (Reach.FROM, reach)
        return Batch(same if is_asked else [], more=True)

    pages = changes({}, listing=BySpans(stuck), make=made_of, overlap=timedelta(0))

    with pytest.raises(InsightsError, match="order"):
        list(islice(pages, 200))


@pytest.mark.parametrize("at", ["yesterday", None, {}, 1e300, float("nan")])
def test_a_row_without_a_usable_time_is_passed_on(at: object) -> None:
    assert changed({"id": 7}, id_key="id", at=at, since=START) == Changed("7", START, {"id": 7})


@pytest.mark.parametrize("row", [None, "text", [], {}, {"id": None}, {"id": {}}])
def test_a_row_without_a_usable_id_is_passed_on(row: object) -> None:
    assert changed(row, id_key="id", at=START.isoformat(), since=START).id == ""
