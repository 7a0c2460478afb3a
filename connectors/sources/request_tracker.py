"""Request Tracker's tickets with what their requesters wrote in them (RT 5 and later, REST 2).

RT reads a time in a query in the time zone of whoever asks, and its own zone is told nowhere. So no query holds a time
that must be exact: tickets are read by their ids, and changes by the ids of RT's log of transactions, which only grows
and tells of deletions and merges, too. An entry may become visible after a later one, so the log is read again from
`overlap` before the last time.
"""

import base64
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pydantic import Field

from connectors.http import Forbidden, NotThere, Service
from connectors.reading.changes import BEGINNING, Gone, page_of, read_time
from connectors.reading.malformed import made_or_refused, text_in
from connectors.reading.threads import Said, thread_text
from connectors.sources.request_tracker_pages import PAGE, Rest, Row, is_number
from insights.config import Section
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.ports import Page, Record, Reject, Setup, SourceKind

_FEW = 100
"""Tickets that one query names: its address stays below 6,000 characters, which web servers take."""
_TICKET = {
    "fields": "Subject,Status,Queue,Created,LastUpdated,EffectiveId,Requestor",
    "fields[Queue]": "Name",
    "fields[Requestor]": "Name,EmailAddress,RealName,Organization",
}
_ENTRIES = "ObjectType = 'RT::Ticket' AND " + " AND ".join(
    f"Type != '{kind}'" for kind in ("EmailRecord", "CommentEmailRecord", "Comment", "CustomField")
)
"""The log without what RT may hide after it counted a page, which would make pages short, and says nothing to us."""


class RequestTrackerSettings(Section):
    """`[[sources]]` with type = "request-tracker"."""

    url: str = Field(description="Address of Request Tracker: https://rt.acme.com.")
    user: str = Field("", description="Name to log in with; the secret is its password. Empty: the secret is a token.")
    queues: list[str] = Field([], description="Names of the queues to read; empty: all that the login may see.")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A place in the log: `at` is when it was written, by the server's clock."""

    id: int
    at: datetime


class RequestTracker:
    """Tickets by their ids at first, then by the log. A merged ticket is part of the one that it was merged into."""

    def __init__(self, setup: Setup[RequestTrackerSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._url = setup.settings.url.strip().rstrip("/").removesuffix("/REST/2.0")
        self._queues = {name.strip().casefold() for name in setup.settings.queues}
        user = setup.settings.user
        self._service = Service(
            name=setup.name,
            base_url=f"{self._url}/REST/2.0",
            auth=(lambda: (user, setup.secret())) if user else None,
            headers=dict if user else lambda: {"Authorization": f"token {setup.secret()}"},
            secrets=lambda: (setup.secret(), base64.b64encode(f"{user}:{setup.secret()}".encode()).decode()),
            sleep=setup.sleep,
        )
        self._rest = Rest(self._service)

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        if "log" in state:
            known = _entry_in(state["log"])
        else:
            known = yield from self._first(state)
            yield Page((), state=_state(known))
        yield from self._changed(known)

    def living(self) -> Iterator[Sequence[str]]:
        for rows, _ in self._rest.walk("tickets", self._of_queues, fields="id"):
            yield [str(row["id"]) for row in rows]

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        numbers = [int(one) for one in source_ids]
        return [
            str(number) for few in _chunks(numbers, _FEW) for number in self._there_and_gone(few)[1] if number in few
        ]

    def check(self) -> str:
        version = (self._service.get("rt").data or {}).get("Version")
        return f"{self._setup.settings.user or 'a token'} at {self._url} (Request Tracker {version})"

    # -- reading -----------------------------------------------------------------------------------------------------

    def _first(self, state: dict[str, Any]) -> Generator[Page, None, _Entry]:
        """All tickets that were changed since a day. Returns the place in the log from which changes are missing."""
        log = _entry_in(state["log_from"]) if "log_from" in state else self._newest_entry()
        since, query = self._setup.since, self._of_queues
        if since is not None:
            # In whatever time zone it is read, a day earlier is early enough.
            query += f" AND LastUpdated >= '{since - timedelta(days=1)}'"
        after = int(state.get("tickets_to") or 0)
        for rows, total in self._rest.walk("tickets", query, fields="LastUpdated", after=after):
            recent = [row for row in rows if since is None or _day_of(row) >= since.isoformat()]
            yield page_of(
                self._tickets([int(row["id"]) for row in recent]),
                state={"tickets_to": int(rows[-1]["id"]), "log_from": _state(log)["log"]},
                total=total,
            )
        return log

    def _changed(self, known: _Entry) -> Iterator[Page]:
        """The tickets that the log names after a place in it."""
        for rows, _ in self._rest.walk(
            "transactions", _ENTRIES, fields="ObjectId,Created", after=self._overlapped(known)
        ):
            known = max(known, self._entry(rows[-1]), key=lambda one: one.id)
            touched = dict.fromkeys(int(row["ObjectId"]) for row in rows)
            yield page_of(self._tickets(list(touched)), state=_state(known))

    def _overlapped(self, known: _Entry) -> int:
        """The id of the newest entry that is older than `overlap` before a place."""
        before, oldest = known.id, known.at - self._setup.overlap
        while self._setup.overlap and before:
            rows = self._rest.rows(
                "transactions", f"{_ENTRIES} AND id <= {before}", fields="ObjectId,Created", order="DESC"
            )
            found = next((int(row["id"]) for row in rows if self._entry(row).at < oldest), None)
            if found is not None:
                return found
            before = int(rows[-1]["id"]) - 1 if rows else 0
        return before

    def _newest_entry(self) -> _Entry:
        rows = self._rest.rows("transactions", _ENTRIES, fields="ObjectId,Created", order="DESC")
        return self._entry(rows[0]) if rows else _Entry(0, BEGINNING)

    def _entry(self, row: Row) -> _Entry:
        """None is dated after the server's own clock: one server of several may be ahead of the others."""
        read = made_or_refused(lambda: read_time(row.get("Created")), row)
        at, moment = read if isinstance(read, datetime) else BEGINNING, self._rest.moment
        return _Entry(int(row["id"]), min(at, moment) if moment else at)

    # -- tickets -----------------------------------------------------------------------------------------------------

    def _tickets(self, numbers: Sequence[int]) -> Iterator[Record | Reject | Gone]:
        for few in _chunks(numbers, _FEW):
            yield from self._few_tickets(few)
        yield from self._rest.refused()

    def _few_tickets(self, numbers: Sequence[int]) -> Iterator[Record | Reject | Gone]:
        families, gone = self._there_and_gone(numbers)
        yield from (Gone(str(number)) for number in gone)
        said = self._said(families)
        for number, (row, *_) in families.items():
            yield made_or_refused(partial(self._record, row, said.get(number, [])), row)

    def _there_and_gone(self, numbers: Sequence[int]) -> tuple[dict[int, list[Row]], list[int]]:
        """The tickets of our queues, each with what was merged into it; and the ids that are none, or not any more."""
        families = self._families(numbers)
        there = {int(row["id"]) for family in families.values() for row in family}
        ours = {number: family for number, family in families.items() if self._is_ours(family[0])}
        absent = [number for number in numbers if number not in there]
        return ours, [*sorted(there - set(ours)), *self._deleted(absent)]

    def _deleted(self, absent: Sequence[int]) -> Iterator[int]:
        """Which of the tickets that are in no list are deleted: by the log, else one by one."""
        named = " OR ".join(f"ObjectId = {number}" for number in absent)
        query = f"ObjectType = 'RT::Ticket' AND Type = 'Status' AND NewValue = 'deleted' AND ({named})"
        pages = self._rest.until_short("transactions", query, fields="ObjectId") if absent else ()
        told = {int(row["ObjectId"]) for page in pages for row in page}
        yield from (number for number in absent if number in told or self._is_deleted(number))

    def _families(self, numbers: Sequence[int]) -> dict[int, list[Row]]:
        """Ticket -> its row, and after it the rows of those that were merged into it."""
        rows: dict[int, Row] = {}
        wanted, asked = set(numbers), set[int]()
        while wanted:
            named = " OR ".join(f"id = {number} OR EffectiveId = {number}" for number in sorted(wanted))
            for page in self._rest.until_short("tickets", f"({named})", **_TICKET):
                rows |= {int(row["id"]): row for row in page}
            asked |= wanted
            wanted = {_whole_of(row) for row in rows.values()} - asked
        families: dict[int, list[Row]] = {}
        for row in sorted(rows.values(), key=lambda one: _whole_of(one) != int(one["id"])):
            if _whole_of(row) in rows:
                families.setdefault(_whole_of(row), []).append(row)
        return families

    def _is_ours(self, row: Row) -> bool:
        queue = row.get("Queue")
        names = {str(queue.get("Name")).casefold(), str(queue.get("id"))} if isinstance(queue, dict) else {str(queue)}
        return not self._queues or bool(names & self._queues)

    def _said(self, families: Mapping[int, Sequence[Row]]) -> dict[int, list[Said]]:
        """Ticket -> what its requesters wrote, in order."""
        whole_of = {int(row["id"]): number for number, family in families.items() for row in family}
        if not whole_of:
            return {}
        named = " OR ".join(f"ObjectId = {number}" for number in whole_of)
        query = f"ObjectType = 'RT::Ticket' AND (Type = 'Create' OR Type = 'Correspond') AND ({named})"
        pages = self._rest.until_short("transactions", query, fields="Type,ObjectId,Creator")
        entries_of = (
            (row, whole_of[int(row["ObjectId"])]) for page in pages for row in page if int(row["ObjectId"]) in whole_of
        )
        of_entry = {int(row["id"]): number for row, number in entries_of if _is_customer(row, families[number][0])}
        found: dict[int, list[Said]] = {}
        for entries in _chunks(list(of_entry), PAGE):
            for entry, messages in self._bodies(entries).items():
                found.setdefault(of_entry[entry], []).extend(messages)
        return found

    def _bodies(self, entries: Sequence[int]) -> dict[int, list[Said]]:
        """Entry -> its text, plain where it was sent so, too. Files are not asked for."""
        conditions = [
            *({"field": "TransactionId", "value": str(one), "entry_aggregator": "OR"} for one in entries),
            *({"field": "ContentType", "value": f"text/{one}", "entry_aggregator": "OR"} for one in ("plain", "html")),
            {"field": "Filename", "operator": "IS", "value": "NULL"},
            {"field": "Filename", "value": "", "entry_aggregator": "OR"},
        ]
        parts: dict[int, list[Row]] = {one: [] for one in entries}
        for row in self._rest.parts(conditions):
            parts.setdefault(int(row["TransactionId"]), []).append(row)
        return {entry: _best(parts[entry]) for entry in sorted(entries)}

    def _record(self, row: Row, said: Sequence[Said]) -> FeedbackRecord:
        first: Row = next(iter(_list(row.get("Requestor"))), {})
        names = text_in(first.get("RealName")), text_in(first.get("Name"))
        return FeedbackRecord(
            source=self.name,
            source_id=str(row["id"]),
            kind=FeedbackKind.TICKET,
            subject=text_in(row.get("Subject")),
            text=thread_text(said),
            created_at=read_time(row["Created"]),
            author_name=names[0] or names[1],
            author_email=text_in(first.get("EmailAddress")),
            account=text_in(first.get("Organization")),
            url=f"{self._url}/Ticket/Display.html?id={row['id']}",
        )

    def _is_deleted(self, number: int) -> bool:
        """A deleted ticket is in no list, but it can be looked at. What may not be seen is not gone."""
        try:
            row = self._service.get(f"ticket/{number}").data or {}
        except NotThere:
            return True
        except Forbidden:
            return False
        return str(row.get("id")) != str(number) or row.get("Status") == "deleted"

    @property
    def _of_queues(self) -> str:
        names = (name.replace("\\", "\\\\").replace("'", "\\'") for name in self._setup.settings.queues)
        return "({})".format(" OR ".join(f"Queue = '{name}'" for name in names)) if self._queues else "id > 0"


def _chunks(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def _whole_of(row: Row) -> int:
    """The ticket that a row belongs to: itself, or what it was merged into."""
    whole = row.get("EffectiveId")
    whole = whole.get("id") if isinstance(whole, dict) else whole
    return int(str(whole)) if is_number(whole) else int(row["id"])


def _day_of(row: Row) -> str:
    """When it changed last, as YYYY-MM-DD (UTC); far ahead where that is not said."""
    return str(row.get("LastUpdated") or "9999")[:10]


def _is_customer(entry: Row, ticket: Row) -> bool:
    """Whether a requester wrote it. How a ticket begins is their words, even where one of us wrote them down."""
    names = {_name(one) for one in _list(ticket.get("Requestor"))}
    return entry.get("Type") == "Create" or _name(entry.get("Creator")) in names


def _name(user: Any) -> str:
    return str(user.get("id") if isinstance(user, dict) else user).casefold()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _best(parts: Iterable[Row]) -> list[Said]:
    """A message's plain text where it has one, else its HTML."""
    found: dict[bool, list[Said]] = {True: [], False: []}
    for part in parts:
        is_html, text = part.get("ContentType") == "text/html", part.get("Content")
        if isinstance(text, str) and text.strip():
            found[is_html].append(Said(text=text, is_html=is_html))
    return found[False] or found[True]


def _state(entry: _Entry) -> dict[str, Any]:
    return {"log": {"id": entry.id, "at": entry.at.isoformat()}}


def _entry_in(kept: Mapping[str, Any]) -> _Entry:
    return _Entry(int(kept["id"]), datetime.fromisoformat(kept["at"]))


REQUEST_TRACKER = SourceKind(
    settings=RequestTrackerSettings,
    make=RequestTracker,
    login="password of the user that the settings name, or a token of it (Logged in as > Settings > Auth Tokens)",
)
