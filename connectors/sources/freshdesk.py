"""Freshdesk's tickets with what their requesters wrote in them (API v2).

The list holds 300 pages at most and 30 days where no time is asked for; a deleted ticket vanishes from it, and so does
one that Freshdesk archives, which is there all the same: its own address points to the archive.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from connectors.http import Budget, NotThere, Rate, Refused, Service
from connectors.reading.changes import BEGINNING, Batch, Changed, Gone, changes, read_time
from connectors.reading.threads import Said, thread_text
from insights.config import Section
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.ports import Page, Record, Reject, Setup, SourceKind

_PAGE = 100
_MOST_PAGES = 300


class FreshdeskSettings(Section):
    """`[[sources]]` with type = "freshdesk"."""

    url: str = Field(description="Address of the helpdesk: https://acme.freshdesk.com.")
    calls_a_minute: int = Field(100, ge=1, description="Calls a minute that your plan allows.")


class Freshdesk:
    """Tickets by the time of their change; children come with their ticket."""

    def __init__(self, setup: Setup[FreshdeskSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._service = Service(
            name=setup.name,
            base_url=setup.settings.url,
            auth=lambda: (setup.secret(), "X"),
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(setup.settings.calls_a_minute, 60)),
            sleep=setup.sleep,
        )

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        return changes(state, listing=self._list, make=self._make, since=self._setup.since, overlap=self._setup.overlap)

    def living(self) -> Iterator[Sequence[str]]:
        walk = changes({}, listing=self._list, make=_bare, overlap=self._setup.overlap)
        for page in walk:
            yield [record.source_id for record in page.records if isinstance(record, FeedbackRecord)]

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        return [number for number in source_ids if self._is_gone(number)]

    def check(self) -> str:
        me = self._service.get("api/v2/agents/me").data
        contact = me.get("contact") or {}
        return f"{contact.get('email') or contact.get('name') or me.get('id')} at {self._setup.settings.url}"

    def _list(self, since: datetime, number: int) -> Batch:
        answer = self._service.get(
            "api/v2/tickets",
            {
                "updated_since": f"{max(since, BEGINNING):%Y-%m-%dT%H:%M:%SZ}",
                "order_by": "updated_at",
                "order_type": "asc",
                "per_page": _PAGE,
                "page": number + 1,
                "include": "description,requester,company",
            },
        )
        rows = [Changed(str(row["id"]), read_time(row["updated_at"]) or since, row) for row in answer.data]
        more, is_last = answer.next_link is not None, number + 1 >= _MOST_PAGES
        return Batch(rows, more=more, moment=answer.moment, is_capped=more and is_last)

    def _make(self, rows: Sequence[Changed]) -> Iterable[Record | Reject | Gone]:
        for one in rows:
            yield Gone(one.id) if _is_deleted(one.row) else self._whole(one.row)

    def _whole(self, row: dict[str, Any]) -> FeedbackRecord | Gone:
        """With its replies; it may be deleted between the list and them."""
        try:
            return self._ticket(row)
        except NotThere:
            return Gone(str(row["id"]))

    def _ticket(self, row: dict[str, Any]) -> FeedbackRecord:
        requester = row.get("requester") or {}
        company = row.get("company") or {}
        first = Said(text=row.get("description_text") or row.get("description"))
        return FeedbackRecord(
            source=self.name,
            source_id=str(row["id"]),
            kind=FeedbackKind.TICKET,
            subject=row.get("subject"),
            text=thread_text([first, *self._replies(row["id"])]),
            created_at=read_time(row.get("created_at")),
            author_name=requester.get("name"),
            author_email=requester.get("email"),
            account="\n".join(filter(None, [str(row.get("company_id") or ""), company.get("name")])) or None,
            url=f"{self._setup.settings.url.rstrip('/')}/a/tickets/{row['id']}",
        )

    def _replies(self, number: int) -> Iterator[Said]:
        path: str | None = f"api/v2/tickets/{number}/conversations?per_page={_PAGE}"
        while path is not None:
            answer = self._service.get(path)
            for row in answer.data:
                is_customer = bool(row.get("incoming")) and not row.get("private")
                yield Said(text=row.get("body_text") or row.get("body"), is_customer=is_customer)
            path = answer.next_link

    def _is_gone(self, number: str) -> bool:
        try:
            row = self._service.get(f"api/v2/tickets/{number}").data
        except NotThere:
            return True
        except Refused as refused:
            if not _is_archive(refused):
                raise
            return False
        return _is_deleted(row)


def _is_deleted(row: dict[str, Any]) -> bool:
    return bool(row.get("deleted") or row.get("spam"))


def _is_archive(refused: Refused) -> bool:
    """Whether it points to where the ticket is kept now."""
    return "/tickets/archived/" in refused.location


def _bare(rows: Sequence[Changed]) -> Iterator[FeedbackRecord]:
    """Ids alone, of tickets that are there."""
    for one in rows:
        if not _is_deleted(one.row):
            yield FeedbackRecord(source="", source_id=one.id, kind=FeedbackKind.TICKET, text="")


FRESHDESK = SourceKind(
    settings=FreshdeskSettings,
    make=Freshdesk,
    login="API key of an agent who sees all tickets (profile settings, at the right)",
)
