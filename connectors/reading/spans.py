"""Lists that are asked for by the time of change and, where many rows have one time, by id.

A list that gives pages by number loses rows where it orders those of one time at will, or shows no page after some
number. Where it can be asked for the rows of one time whose ids lie after another, neither matters.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.reading.changes import Batch, Changed, read_time
from insights.errors import InsightsError


class Reach(StrEnum):
    """Which rows: changed at a time or after it, at that time alone, or after it alone."""

    FROM = "from"
    AT = "at"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Span:
    """Rows by the time of their change, the oldest first; of one time (AT) by their ids, those after `after`."""

    since: datetime
    reach: Reach
    after: str = ""


class BySpans:
    """A list, as `changes` asks for it, of a service that is asked for a first page of a span alone."""

    def __init__(self, ask: Callable[[Span], Batch]) -> None:
        self._ask = ask
        self._after = ""

    def __call__(self, since: datetime, number: int) -> Batch:
        """Page 0 begins at a time; those after it go through the rows of that time, then to what comes later. Raises
        InsightsError where the service orders its rows another way than it was asked to."""
        if number == 0:
            self._after = ""
            return self._ask(Span(since, Reach.FROM))
        batch = self._ask(Span(since, Reach.AT, self._after))
        if batch.rows:
            self._after = _later_id(self._after, batch)
            return replace(batch, more=True)
        batch = self._ask(Span(since, Reach.AFTER))
        if batch.rows and all(one.at <= since for one in batch.rows):
            raise _disordered()
        return batch


def changed(row: Any, *, id_key: str, at: Any, since: datetime) -> Changed:
    """A row of a list. One without a usable id or time is passed on all the same, with the time asked for, so that it
    can be refused with its words."""
    number = row.get(id_key) if isinstance(row, dict) else None
    try:
        moment = read_time(at)
    except (InsightsError, ValueError, OverflowError):
        moment = None
    return Changed(str(number) if isinstance(number, str | int) else "", moment or since, row)


def _later_id(after: str, batch: Batch) -> str:
    """The id of the last row, which the next span begins after."""
    last = batch.rows[-1].id
    if last in ("", after):
        raise _disordered()
    return last


def _disordered() -> InsightsError:
    return InsightsError(
        "The service does not give its rows in the order that it was asked for.",
        remedy="What was read is kept. Report it, with the name of the source.",
    )
