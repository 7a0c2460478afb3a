"""Read what changed in a service that lists its rows by the time of their change, without losing any.

A position is always a time that the service wrote, never this machine's clock. It is read from a while before it
(`overlap`), since what is committed late carries an earlier time, and rows come again rather than never. Every page
begins anew at the newest time seen, so that neither rows that move while they are read nor a cap on pages leaves one
out; where a bulk edit gave a whole page one time, pages are counted there until a whole round brings nothing new.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from insights.errors import InsightsError
from insights.ports import Page, Record, Reject

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_SEEN_AT = " seen at"
_SKEW = timedelta(days=1)
"""How far the clock of a service may be from the times in its rows."""
_MOST_ROUNDS = 20
_MOST_EMPTY = 50


@dataclass(frozen=True, slots=True)
class Changed:
    """One row of a list: its id, when it changed last, and the row."""

    id: str
    at: datetime
    row: Any


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of a list. `more` says whether another follows, by the service's own rule; `moment` is the server's
    clock, `total` how many rows the whole list has, 0 where it does not say. `is_capped`: there are more rows, but the
    service gives no page after this one."""

    rows: Sequence[Changed]
    more: bool
    moment: datetime | None = None
    total: int = 0
    is_capped: bool = False


List = Callable[[datetime, int], Batch]
"""list(since, number): page `number`, from 0, of the rows that changed at or after `since`, the oldest change first."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A row that says of itself that it is deleted, by the id of its record."""

    source_id: str


Make = Callable[[Sequence[Changed]], Iterable[Record | Reject | Gone]]
"""Rows with their children become records; what cannot becomes a Reject, what was deleted Gone."""


def changes(
    state: dict[str, Any],
    *,
    listing: List,
    make: Make,
    since: date | None = None,
    overlap: timedelta,
    key: str = "read_to",
) -> Iterator[Page]:
    """Pages of what changed since `state[key]`, the first time since a day; whoever stops goes on from any page's
    state. Other keys of the state stay; `warnings` say what could not be read. A row may come several times."""
    known = read_time(state.get(key))
    first = start_of(since)
    seen_at = read_time(state.get(f"{key}{_SEEN_AT}"))
    walk = _Walk(listing, begin=first if known is None else _begin(known, seen_at, overlap))
    position, done, total = known, 0, None
    for batch, fresh in walk.batches():
        position = _later(position, batch)
        done += len(fresh)
        total = batch.total if total is None else total
        seen_at = batch.moment or seen_at
        times = {key: position, f"{key}{_SEEN_AT}": seen_at}
        written = {name: moment.isoformat() for name, moment in times.items() if moment}
        after = {**state, **written, **_told(state, key, walk.left_out)}
        yield page_of(make(fresh), state=after, total=max(total, done) if total else 0, stream=key)


def _begin(known: datetime, seen_at: datetime | None, overlap: timedelta) -> datetime:
    """The overlap before a position, unless that was long past by the server's clock when it was read: then all before
    it was visible, and a first reading that is stopped again and again goes on instead of reading the same again."""
    is_past = seen_at is not None and known < seen_at - overlap - _SKEW
    return known if is_past else max(known - overlap, BEGINNING)


def _told(state: dict[str, Any], key: str, left_out: Sequence[str]) -> dict[str, Any]:
    """What could not be read, in words: those of other streams stay."""
    by_stream = {**state.get("left_out", {}), key: list(left_out)}
    told = {one: words for one, words in by_stream.items() if words}
    return {"left_out": told, "warnings": [words for some in told.values() for words in some]}


def page_of(made: Iterable[Record | Reject | Gone], *, state: dict[str, Any], total: int = 0, stream: str = "") -> Page:
    """What was made of rows, sorted into a page."""
    records, rejects, gone = list[Record](), list[Reject](), list[str]()
    for one in made:
        if isinstance(one, Reject):
            rejects.append(one)
        elif isinstance(one, Gone):
            gone.append(one.source_id)
        else:
            records.append(one)
    return Page(records, tombstones=gone, rejects=rejects, state=state, total=total, stream=stream)


class _Walk:
    """From one time on to the end of a list."""

    def __init__(self, listing: List, *, begin: datetime) -> None:
        self._list = listing
        self._anchor = begin
        self._seen: dict[str, datetime] = {}
        """Rows of the anchor's own time, which the next page brings again."""
        self._number = self._rounds = self._empty = 0
        self._is_new = False
        """Whether this round through the pages of one time brought anything."""
        self.left_out: list[str] = []
        """What could not be read, in words."""

    def batches(self) -> Iterator[tuple[Batch, list[Changed]]]:
        """Each page with those of its rows that were not seen."""
        goes_on = True
        while goes_on:
            batch = self._list(self._anchor, self._number)
            fresh = [one for one in batch.rows if self._seen.get(one.id) != one.at]
            self._seen |= {one.id: one.at for one in fresh}
            yield batch, fresh
            self._is_new = self._is_new or bool(fresh)
            goes_on = self._advance(batch)

    def _advance(self, batch: Batch) -> bool:
        """Where the next page is; False at the end."""
        self._refuse_endless(batch)
        newest = max((one.at for one in batch.rows), default=self._anchor)
        is_behind = newest > self._anchor or not batch.more
        if self._number and is_behind and self._is_new and self._rounds < _MOST_ROUNDS:
            # Pages were counted, and rows may have moved from one to another meanwhile: once more round.
            self._number, self._rounds, self._is_new = 0, self._rounds + 1, False
            return True
        if not batch.more:
            return False
        if newest > self._anchor:
            self._move(newest, batch.rows)
        elif batch.is_capped:
            self.left_out.append(f"More rows have the time {newest:%Y-%m-%d %H:%M:%S} than the service shows.")
            self._move(newest + timedelta(seconds=1), ())
        else:
            self._number += 1
        return True

    def _move(self, anchor: datetime, rows: Sequence[Changed]) -> None:
        self._anchor = anchor
        self._seen = {one.id: one.at for one in rows if one.at >= anchor}
        self._number, self._rounds, self._is_new = 0, 0, False

    def _refuse_endless(self, batch: Batch) -> None:
        self._empty = 0 if batch.rows else self._empty + 1
        if batch.more and self._empty > _MOST_EMPTY:
            raise InsightsError(
                "The service gives one empty page after the other.", remedy="What was read is kept; try again later."
            )


def _later(position: datetime | None, batch: Batch) -> datetime | None:
    """The newest time seen, as far as the server's clock has reached it."""
    newest = reached(max((one.at for one in batch.rows), default=None), batch.moment)
    return max(filter(None, (position, newest)), default=None)


def reached(newest: datetime | None, moment: datetime | None) -> datetime | None:
    """A time, but none that the server's own clock (`moment`) has not reached: one server of several may be ahead, and
    what the others write after it would never be read."""
    return min(newest, moment) if newest is not None and moment is not None else newest


def start_of(since: date | None) -> datetime:
    """When a first reading begins: at a day's start in UTC, or with the first row there is."""
    return datetime(since.year, since.month, since.day, tzinfo=UTC) if since else BEGINNING


def same_page() -> InsightsError:
    """What is wrong where a page leads to itself."""
    return InsightsError(
        "The service gives the same page again and again.", remedy="What was read is kept; try again later."
    )


def read_time(value: Any) -> datetime | None:
    """A time that a service wrote, in UTC; one without a zone is UTC. None where there is none. Raises
    InsightsError."""
    if value in (None, ""):
        return None
    try:
        if isinstance(value, bool):
            raise ValueError
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise InsightsError(
            "A service wrote a time that cannot be read.", remedy="Report it, with the name of the source."
        ) from None
