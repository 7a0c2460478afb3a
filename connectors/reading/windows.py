"""Read what changed in a service whose search goes by time but promises no order, without losing any.

Time is read piece by piece: each holds few enough rows to be searched again until nothing new is found in it, since
pages may shift while they are read. How far all is read is told when a piece is whole. The last piece has no end, and
is read only up to the service's time at its beginning: what changes later may be missed in it, and comes again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.reading.changes import Changed, reached, same_page

MOST = 3_000
"""Rows of a piece, where it is longer than a second."""
_MOST_ROUNDS = 20
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a search: `after` leads to the next, None at the end; `total` is how many rows all of its pages have,
    `moment` the server's clock."""

    rows: tuple[Changed, ...] = ()
    after: str | None = None
    total: int = 0
    moment: datetime | None = None


Search = Callable[[datetime, datetime | None, str | None], Found]
"""search(begin, until, after): rows that changed at `begin` or later, and before `until` where there is one."""


def windows(search: Search, *, begin: datetime, most: int = MOST) -> Iterator[tuple[Found, datetime | None]]:
    """Pages with those of their rows that were not seen in this piece; and, after each piece, an empty one with the
    time up to which all is read, None where there is nothing yet. `total` is of the whole reading."""
    done, span = 0, None
    while True:
        first = search(begin, None, None)
        total, until, moment = done + first.total, None, first.moment
        if first.total > most and moment is not None and moment - begin > _SECOND:
            span = min(span * 2 if span else moment - begin, moment - begin)
            until, first = _narrowed(search, begin, span, most)
            span = until - begin
        newest = None
        for found in _piece(search, begin, until, first):
            done += len(found.rows)
            newest = max([one.at for one in found.rows] + ([newest] if newest else []))
            yield replace(found, total=max(total, done)), None
        yield Found(total=max(total, done)), until or reached(newest, moment)
        if until is None:
            return
        begin = until


def _narrowed(search: Search, begin: datetime, span: timedelta, most: int) -> tuple[datetime, Found]:
    """The end of a piece that has few enough rows, or of one second, and its first page."""
    while True:
        until = begin + max(span, _SECOND)
        found = search(begin, until, None)
        if found.total <= most or span <= _SECOND:
            return until, found
        span = timedelta(seconds=span.total_seconds() // 2)


def _piece(search: Search, begin: datetime, until: datetime | None, first: Found) -> Iterator[Found]:
    """Its pages, round after round until one brings nothing new, with what is new in them."""
    seen: dict[str, datetime] = {}
    for number in range(_MOST_ROUNDS):
        start = first if number == 0 else search(begin, until, None)
        pages = fresh_rows = 0
        for found in _pages(search, begin, until, start):
            pages += 1
            fresh = tuple(one for one in found.rows if seen.get(one.id) != one.at)
            seen |= {one.id: one.at for one in fresh}
            fresh_rows += len(fresh)
            if fresh:
                yield replace(found, rows=fresh)
        if pages == 1 or not fresh_rows:
            return


def _pages(search: Search, begin: datetime, until: datetime | None, found: Found) -> Iterator[Found]:
    yield found
    while found.after is not None and found.rows:
        known = found.after
        found = search(begin, until, known)
        yield found
        if found.after == known:
            raise same_page()
