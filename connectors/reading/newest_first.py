"""Read what changed in a service that lists its newest rows first and leads on from each page, without losing any.

New rows come in front of those that are read, so none of them moves out of sight; what changes meanwhile comes the next
time. Up to when all is read is told only when a walk has come down to where the last one began; one that was stopped
goes on where it stood, and is followed by another from the top.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from connectors.reading.changes import BEGINNING, Changed, Gone, page_of, reached, read_time, same_page, start_of
from insights.ports import Page, Record, Reject

_MOST_WALKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One page: `after` leads to the next, None at the end; `moment` is the server's clock."""

    rows: Sequence[Changed]
    after: str | None = None
    moment: datetime | None = None


Ask = Callable[[datetime, str | None], Slice]
"""ask(begin, after): rows that changed at `begin` or later, the newest first, behind `after`; older ones may follow."""

Make = Callable[[Sequence[Changed]], Iterable[Record | Reject | Gone]]
Extra = Callable[[], dict[str, Any]]
"""What else is kept with a position once a page is made."""


def newest_first(
    state: dict[str, Any],
    *,
    key: str,
    ask: Ask,
    make: Make,
    since: date | None = None,
    overlap: timedelta,
    extra: Extra = dict,
    rows_move: bool = True,
) -> Iterator[Page]:
    """Pages of what changed since `state[key]`, the first time since a day; whoever stops goes on from any page's
    state. Other keys of the state stay. Where `rows_move` to the front when they change, what moved during a walk is
    looked for after it."""
    first = start_of(since)
    held = dict(state.get(key) or {})
    for _ in range(_MOST_WALKS):
        was_stopped, pages = "walk" in held, 0
        for page, begin in _walk(held, ask, first=first, overlap=overlap):
            pages += 1
            made = list(make([one for one in page.rows if one.at >= begin]))
            held |= extra()
            yield page_of(made, state={**state, key: dict(held)})
        overlap = overlap if was_stopped else timedelta(0)
        if not was_stopped and not (rows_move and pages > 1):
            return


def _walk(held: dict[str, Any], ask: Ask, *, first: datetime, overlap: timedelta) -> Iterator[tuple[Slice, datetime]]:
    """Each page from the top, or from where a walk was stopped, down to where the last one began; and that time.
    `held` is brought up to date before a page is given."""
    walk = held.get("walk") or {}
    read_to = read_time(held.get("read_to"))
    begin = first if read_to is None else max(read_to - overlap, BEGINNING)
    after, newest = walk.get("after"), read_time(walk.get("newest"))
    while True:
        page = ask(begin, after)
        newest = newest or _newest(page) or read_to
        _refuse_the_same(page, after)
        after = None if any(one.at < begin for one in page.rows) else page.after
        held |= _position(newest if after is None else read_to, newest, after)
        if after is None:
            held.pop("walk", None)
        yield page, begin
        if after is None:
            return


def _newest(page: Slice) -> datetime | None:
    """The newest time, but none that the server's own clock has not reached."""
    return reached(max((one.at for one in page.rows), default=None), page.moment)


def _position(read_to: datetime | None, newest: datetime | None, after: str | None) -> dict[str, Any]:
    walk = {"after": after, **({"newest": newest.isoformat()} if newest else {})}
    return {**({"read_to": read_to.isoformat()} if read_to else {}), **({"walk": walk} if after else {})}


def _refuse_the_same(page: Slice, after: str | None) -> None:
    if after is not None and page.after == after:
        raise same_page()
