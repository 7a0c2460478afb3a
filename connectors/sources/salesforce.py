"""Salesforce's cases with what customers wrote in them, opportunities, accounts, tasks and notes (REST API, SOQL).

`queryAll` shows what lies in the recycle bin, too, marked as deleted; the bin is emptied after 15 days. Each question
begins anew at the newest time and id seen, so no cursor can go stale between two pages. A comment or mail leaves its
case as it is, so both are followed by their own changes.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field

from connectors.http import Refused
from connectors.reading.changes import BEGINNING, Batch, Changed, Gone, changes, read_time
from connectors.reading.malformed import day_in, made_or_refused, number_in, text_in
from connectors.reading.spans import BySpans, Reach, Span, changed
from connectors.reading.threads import Said, thread_text
from connectors.sources.salesforce_api import SalesforceApi, literal, named, select
from connectors.sources.salesforce_children import CASE, Children, Row, hint_in, value_in
from insights.config import Section
from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.ports import Page, Record, Reject, Setup, SourceKind

_PAGE, _LIVING = 200, 2_000
"""Rows with their words, and ids alone, that are asked for at a time."""
_FIELD = r"^$|^[A-Za-z]\w*(\.[A-Za-z]\w*)*$"
_THERE = "IsDeleted = FALSE"
"""Asked of all rows: only there are old tasks, which Salesforce archives."""
_PREVIEW = 250
"""A preview of a note that is shorter is all of it; Salesforce cuts it at 255 characters."""

Object = Literal["accounts", "opportunities", "cases", "tasks", "content_notes", "notes"]
State = dict[str, Any]
Made = Record | Reject | Gone
Make = Callable[[Sequence[Changed]], Iterable[Made]]


class SalesforceSettings(Section):
    """`[[sources]]` with type = "salesforce"."""

    url: str = Field(description="Your My Domain: https://acme.my.salesforce.com.")
    client_id: str = Field(
        "",
        description="Consumer key of the app that logs in by client credentials; the secret is then its consumer "
        "secret. Empty: the secret is an access token.",
    )
    objects: list[Object] = Field(
        ["accounts", "opportunities", "cases", "tasks", "content_notes"],
        min_length=1,
        description="What is read: accounts, opportunities, cases, tasks, content_notes, notes (the older kind).",
    )
    emails: bool = Field(True, description="Whether incoming mails of cases are read (Email-to-Case).")
    revenue_field: str = Field(
        "",
        pattern=_FIELD,
        description="Field of an account that holds what it pays us a year. AnnualRevenue is the account's own "
        "turnover, so it is not read unless it is named here.",
    )
    segment_field: str = Field("", pattern=_FIELD, description="Field of an account that holds its segment.")
    plan_field: str = Field("", pattern=_FIELD, description="Field of an account that holds its plan.")
    renewal_field: str = Field("", pattern=_FIELD, description="Field of an account that holds the day of its renewal.")
    lost_reason_field: str = Field("", pattern=_FIELD, description="Field of an opportunity: why it was lost.")
    multi_currency: bool = Field(
        False,
        description="Whether the organisation has several currencies: amounts are then read in the currency of the "
        "login's user.",
    )
    api_version: str = Field("62.0", pattern=r"^\d{2,3}\.0$", description="Version of Salesforce's API.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """An object of Salesforce's as it is read: `time` is the field by which its changes are followed."""

    object: str
    prefix: str
    fields: tuple[str, ...]
    where: str = ""
    time: str = "SystemModstamp"

    def select(self, *conditions: str, order: str, limit: int = _PAGE) -> str:
        return select(("Id", *self.fields, self.time), self.object, *conditions, self.where, order=order, limit=limit)

    def ids(self, condition: str) -> str:
        """The question for the ids alone of what is not deleted, by id."""
        return select(("Id",), self.object, condition, _THERE, self.where, order="Id", limit=_LIVING)


_CASES = _Kind(
    object="Case",
    prefix="case",
    fields=(
        "Subject", "Description", "CreatedDate", "IsDeleted", "AccountId", "Account.Name", "Contact.Name",
        "Contact.Email", "SuppliedName", "SuppliedEmail", "SuppliedCompany",
    ),
)  # fmt: skip
_TASKS = _Kind(
    object="Task",
    prefix="task",
    fields=("Subject", "Description", "CreatedDate", "IsDeleted", "AccountId", "Account.Name", "WhatId", "Who.Name"),
    where="TaskSubtype != 'Email' AND TaskSubtype != 'ListEmail'",
)
"""Without what our own people mailed."""
_OLD_NOTES = _Kind(
    object="Note",
    prefix="note",
    fields=("Title", "Body", "CreatedDate", "IsDeleted", "IsPrivate", "ParentId"),
)
_CONTENT_NOTES = _Kind(
    object="ContentNote",
    prefix="contentnote",
    fields=("Title", "TextPreview", "CreatedDate", "IsDeleted"),
    time="LastModifiedDate",
)
_COMMENTS = _Kind(object="CaseComment", prefix="", fields=("ParentId",))
_MAILS = _Kind(object="EmailMessage", prefix="", fields=("ParentId",), where="Incoming = TRUE AND ParentId != NULL")


class Salesforce:
    """Accounts first, so that what follows finds its own; each object by the time of its change."""

    def __init__(self, setup: Setup[SalesforceSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        self._api = SalesforceApi(
            setup,
            url=setup.settings.url,
            client_id=setup.settings.client_id,
            version=setup.settings.api_version,
        )
        self._children = Children(self._api, emails=setup.settings.emails)

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        for kind, make in self._kinds().values():
            state = yield from self._followed(state, kind, make)

    def living(self) -> Iterator[Sequence[str]]:
        for kind, _ in self._kinds().values():
            after = ""
            rows: list[Any] = [None]
            while rows:
                rows = self._api.first(kind.ids(f"Id > {named(after)}" if after else ""), deleted=True).rows
                yield [f"{kind.prefix}-{row['Id']}" for row in rows]
                after = str(rows[-1]["Id"]) if rows else after

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        """Deleted, merged into another, or out of the login's sight, which Salesforce does not tell apart. Where a
        whole object is out of sight nothing is gone."""
        gone: list[str] = []
        for kind in (self._accounts, self._opportunities, _CASES, _TASKS, _CONTENT_NOTES, _OLD_NOTES):
            mine = [one for one in source_ids if one.startswith(f"{kind.prefix}-")]
            gone += self._missing(kind, mine)
        return gone

    def check(self) -> str:
        return self._api.identity()

    # -- objects -----------------------------------------------------------------------------------------------------

    def _kinds(self) -> dict[str, tuple[_Kind, Make]]:
        known: dict[str, tuple[_Kind, Make]] = {
            "accounts": (self._accounts, lambda rows: self._each(self._accounts, rows, self._account)),
            "opportunities": (self._opportunities, lambda rows: self._each(self._opportunities, rows, self._deal)),
            "cases": (_CASES, self._made_of_cases),
            "tasks": (_TASKS, lambda rows: self._each(_TASKS, rows, self._task)),
            "notes": (_OLD_NOTES, self._made_of_notes),
            "content_notes": (_CONTENT_NOTES, self._made_of_content_notes),
        }
        return {name: one for name, one in known.items() if name in self._settings.objects}

    @property
    def _accounts(self) -> _Kind:
        own = self._settings
        named_fields = (self._money(own.revenue_field), own.segment_field, own.plan_field, own.renewal_field)
        fields = ("Name", "Website", "BillingCountry", "IsDeleted", *filter(None, named_fields))
        return _Kind(object="Account", prefix="account", fields=fields)

    @property
    def _opportunities(self) -> _Kind:
        fields = ("Name", "AccountId", "Account.Name", "IsWon", "IsClosed", "IsDeleted", "CloseDate")
        own = (self._money("Amount"), *filter(None, [self._settings.lost_reason_field]))
        return _Kind(object="Opportunity", prefix="opportunity", fields=(*fields, *own))

    def _money(self, field: str) -> str:
        return f"convertCurrency({field})" if field and self._settings.multi_currency else field

    # -- following changes -------------------------------------------------------------------------------------------

    def _followed(self, state: State, kind: _Kind, make: Make) -> Generator[Page, None, State]:
        """The changes of an object, then those of what hangs on it; returns the state after them."""
        hanging = [one for one in self._hanging() if kind is _CASES]
        if _key(kind) not in state:
            for one in hanging:
                state = {**state, **self._newest(one)}
        for which, made in [(kind, make), *((one, self._made_of_children) for one in hanging)]:
            for page in self._changes(state, which, made):
                state = page.state
                yield page
        return state

    def _hanging(self) -> list[_Kind]:
        return [_COMMENTS, _MAILS] if self._settings.emails else [_COMMENTS]

    def _changes(self, state: dict[str, Any], kind: _Kind, make: Make) -> Iterator[Page]:
        """All accounts, however old: what came since a day belongs to accounts that were there before it."""
        return changes(
            state,
            listing=BySpans(lambda span: self._span(kind, span)),
            make=make,
            since=None if kind.object == "Account" else self._setup.since,
            overlap=self._setup.overlap,
            key=_key(kind),
        )

    def _span(self, kind: _Kind, span: Span) -> Batch:
        at = literal(span.since)
        operator = {Reach.FROM: ">=", Reach.AT: "=", Reach.AFTER: ">"}[span.reach]
        after = f"Id > {named(span.after)}" if span.after else ""
        order = "Id" if span.reach is Reach.AT else f"{kind.time}, Id"
        found = self._api.first(kind.select(f"{kind.time} {operator} {at}", after, order=order), deleted=True)
        rows = [changed(row, id_key="Id", at=value_in(row, kind.time), since=span.since) for row in found.rows]
        return Batch(rows, more=not found.is_done or len(rows) >= _PAGE, moment=found.moment)

    def _newest(self, kind: _Kind) -> dict[str, str]:
        """Where the changes of children begin that no case brought: at the newest that there is before the first case
        is read."""
        found = self._api.first(kind.select(order=f"{kind.time} DESC", limit=1), deleted=True)
        times = [read_time(value_in(row, kind.time)) for row in found.rows]
        return {_key(kind): min(one, found.moment or one).isoformat() for one in times if one}

    def _missing(self, kind: _Kind, source_ids: Sequence[str]) -> list[str]:
        numbers = [one.removeprefix(f"{kind.prefix}-") for one in source_ids]
        try:
            there = {row["Id"] for row in self._api.of_ids(("Id",), kind.object, numbers, where=_THERE, deleted=True)}
        except Refused:
            return []
        return [f"{kind.prefix}-{number}" for number in numbers if number not in there]

    # -- rows become records -----------------------------------------------------------------------------------------

    def _each(self, kind: _Kind, rows: Sequence[Changed], make: Callable[[Any], Made]) -> Iterator[Made]:
        for one in rows:
            is_gone = one.id and value_in(one.row, "IsDeleted") is True
            yield Gone(f"{kind.prefix}-{one.id}") if is_gone else made_or_refused(lambda: make(one.row), one.row)  # noqa: B023

    def _made_of_cases(self, rows: Sequence[Changed]) -> Iterator[Made]:
        said = self._children.said(_ids(rows))
        return self._each(_CASES, rows, lambda row: self._case(row, said.get(row["Id"], [])))

    def _made_of_children(self, rows: Sequence[Changed]) -> Iterator[Made]:
        """The cases that they are in, as they are now."""
        parents = [parent for one in rows if (parent := str(value_in(one.row, "ParentId"))).startswith(CASE)]
        found = self._api.of_ids(("Id", *_CASES.fields), "Case", list(dict.fromkeys(parents)), deleted=True)
        return self._made_of_cases([changed(row, id_key="Id", at=None, since=BEGINNING) for row in found])

    def _made_of_notes(self, rows: Sequence[Changed]) -> Iterator[Made]:
        parents = {one.id: [str(value_in(one.row, "ParentId"))] for one in rows}
        accounts = self._children.accounts_of(parents)
        return self._each(_OLD_NOTES, rows, lambda row: self._old_note(row, accounts.get(row["Id"])))

    def _made_of_content_notes(self, rows: Sequence[Changed]) -> Iterator[Made]:
        links: dict[str, list[str]] = {}
        fields = ("ContentDocumentId", "LinkedEntityId")
        for row in self._api.of_ids(fields, "ContentDocumentLink", _ids(rows), by="ContentDocumentId"):
            links.setdefault(str(row.get("ContentDocumentId")), []).append(str(row.get("LinkedEntityId")))
        accounts = self._children.accounts_of(links)
        cut = [one.id for one in rows if one.id in accounts and _is_cut(one.row)]
        whole = {number: self._api.text(f"sobjects/ContentNote/{number}/Content") for number in cut}
        return self._each(
            _CONTENT_NOTES, rows, lambda row: self._content_note(row, whole.get(row["Id"], ""), accounts.get(row["Id"]))
        )

    def _account(self, row: Row) -> AccountRecord:
        own = self._settings
        return AccountRecord(
            source=self.name,
            source_id=f"account-{row['Id']}",
            name=row["Name"],
            domain=_domain(row.get("Website")),
            annual_revenue=number_in(value_in(row, own.revenue_field)),
            segment=text_in(value_in(row, own.segment_field)),
            plan=text_in(value_in(row, own.plan_field)),
            region=text_in(row.get("BillingCountry")),
            renewal_date=day_in(value_in(row, own.renewal_field)),
        )

    def _deal(self, row: Row) -> DealRecord:
        stage = _stage(row)
        reason = text_in(value_in(row, self._settings.lost_reason_field))
        return DealRecord(
            source=self.name,
            source_id=f"opportunity-{row['Id']}",
            stage=stage,
            name=text_in(row.get("Name")),
            amount=number_in(row.get("Amount")),
            account=hint_in(row),
            reason_lost=reason if stage is DealStage.LOST else None,
            closed_on=day_in(row.get("CloseDate")),
        )

    def _case(self, row: Row, said: Sequence[Said]) -> FeedbackRecord:
        first = Said(text=text_in(row.get("Description")), is_html=False)
        company = text_in(row.get("SuppliedCompany"))
        return FeedbackRecord(
            source=self.name,
            source_id=f"case-{row['Id']}",
            kind=FeedbackKind.TICKET,
            subject=text_in(row.get("Subject")),
            text=thread_text([first, *said], once=True),
            created_at=read_time(row["CreatedDate"]),
            author_name=text_in(value_in(row, "Contact.Name") or row.get("SuppliedName")),
            author_email=text_in(value_in(row, "Contact.Email") or row.get("SuppliedEmail")),
            account="\n".join(filter(None, [hint_in(row), company])) or None,
            url=self._api.page_of("Case", row["Id"]),
        )

    def _task(self, row: Row) -> FeedbackRecord | Gone:
        """A task in a case is the support's own, no feedback; neither is one without a description."""
        number, words = row["Id"], text_in(row.get("Description"))
        if not words or str(row.get("WhatId")).startswith(CASE):
            return Gone(f"task-{number}")
        return self._noted("Task", "task", row, Said(text=words), title="Subject", account=hint_in(row))

    def _old_note(self, row: Row, account: str | None) -> FeedbackRecord | Gone:
        """One that its author keeps to themself is left to them."""
        words = text_in(row.get("Body"))
        if not words or account is None or row.get("IsPrivate") is True:
            return Gone(f"note-{row['Id']}")
        return self._noted("Note", "note", row, Said(text=words), title="Title", account=account)

    def _content_note(self, row: Row, whole: str, account: str | None) -> FeedbackRecord | Gone:
        words = whole or text_in(row.get("TextPreview"))
        if not words or account is None:
            return Gone(f"contentnote-{row['Id']}")
        said = Said(text=words, is_html=bool(whole))
        return self._noted("ContentNote", "contentnote", row, said, title="Title", account=account)

    def _noted(
        self, kind: str, prefix: str, row: Row, said: Said, *, title: str, account: str | None
    ) -> FeedbackRecord:
        return FeedbackRecord(
            source=self.name,
            source_id=f"{prefix}-{row['Id']}",
            kind=FeedbackKind.NOTE,
            subject=text_in(row.get(title)),
            text=thread_text([said]),
            created_at=read_time(row["CreatedDate"]),
            author_name=text_in(value_in(row, "Who.Name")),
            account=account or None,
            url=self._api.page_of(kind, row["Id"]),
        )


def _key(kind: _Kind) -> str:
    return f"{kind.object}_to"


def _ids(rows: Sequence[Changed]) -> list[str]:
    return [one.id for one in rows if one.id]


def _stage(row: Row) -> DealStage:
    if row["IsWon"] is True:
        return DealStage.WON
    return DealStage.LOST if row["IsClosed"] is True else DealStage.OPEN


def _is_cut(row: Any) -> bool:
    return len(str(value_in(row, "TextPreview") or "")) >= _PREVIEW and value_in(row, "IsDeleted") is not True


def _domain(website: Any) -> str | None:
    """acme.example of https://www.acme.example/en. Raises TypeError for what is no text."""
    text = text_in(website)
    if text is None:
        return None
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
    except ValueError:
        return None
    return re.sub(r"^www\.", "", host) or None


SALESFORCE = SourceKind(
    settings=SalesforceSettings,
    make=Salesforce,
    login="consumer secret of an app with the client credentials flow (its key: client_id), or an access token",
)
