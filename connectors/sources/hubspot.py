"""HubSpot's tickets with what customers mailed in them, notes, companies and deals (CRM API, 2026-03).

A search gives 10,000 rows at most and orders those of one time at will; a bulk edit gives far more one time. So rows of
one time are read by their ids. Who belongs to whom is asked for a page at a time. What is archived vanishes from the
search without a word.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from connectors.http import Forbidden
from connectors.reading.changes import BEGINNING, Changed, Gone, changes, read_time
from connectors.reading.malformed import day_in, made_or_refused, number_in, text_in
from connectors.reading.threads import Said, thread_text
from connectors.sources.hubspot_crm import HubSpotCrm
from insights.config import Section
from insights.domain.customers import AccountRecord, DealRecord, DealStage
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind

_LOST_REASON = "closed_lost_reason"
_INCOMING = {"propertyName": "hs_email_direction", "operator": "EQ", "value": "INCOMING_EMAIL"}
_TICKET = ("subject", "content", "createdate")
_MAIL = ("hs_email_direction", "hs_timestamp")
_REDACTED = "The content of this email has been redacted"
"""What HubSpot writes instead of a mail that the login may not read."""
_HIDDEN = "HubSpot hides what mails say: give its key the scope sales-email-read, or set emails = false."
_NOUNS = {"ticket": "tickets", "note": "notes", "company": "companies", "deal": "deals"}
_TICKET_TYPE = "0-5"

Object = Literal["companies", "deals", "tickets", "notes"]
Properties = Mapping[str, Any]
Made = Record | Reject | Gone


class HubSpotSettings(Section):
    """`[[sources]]` with type = "hubspot"."""

    objects: list[Object] = Field(
        ["companies", "deals", "tickets", "notes"], min_length=1, description="What is read of the CRM."
    )
    emails: bool = Field(True, description="Whether what customers mailed in a ticket is read with it.")
    revenue_property: str = Field(
        "",
        description="Property of a company that holds what it pays us a year. HubSpot's annualrevenue is the company's "
        "own turnover, so it is not read unless it is named here.",
    )
    segment_property: str = Field("", description="Property of a company that holds its segment.")
    plan_property: str = Field("", description="Property of a company that holds its plan.")
    renewal_property: str = Field("", description="Property of a company that holds the day of its renewal.")
    lost_reason_property: str = Field(_LOST_REASON, description="Property of a deal: why it was lost.")
    url: str = Field("https://api.hubapi.com", description="Address of HubSpot's API.")
    api_version: str = Field("2026-03", pattern=r"^20\d\d-\d\d$", description="Version of HubSpot's API: a month.")
    searches_a_second: int = Field(4, ge=1, description="Searches a second; HubSpot allows 5 to all apps together.")
    calls_in_ten_seconds: int = Field(100, ge=1, description="Calls in ten seconds that your plan allows an app.")


class HubSpot:
    """Companies first, so that what follows finds its account; each noun by the time of its change."""

    def __init__(self, setup: Setup[HubSpotSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        self._crm = HubSpotCrm(
            setup,
            url=setup.settings.url,
            version=setup.settings.api_version,
            searches_a_second=setup.settings.searches_a_second,
            calls_in_ten_seconds=setup.settings.calls_in_ten_seconds,
        )
        self._stages: dict[str, DealStage] | None = None
        self._place: str | None = None
        self._hides_mails = False

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        readers: dict[str, Callable[[dict[str, Any]], Iterator[Page]]] = {
            "companies": self._companies,
            "deals": self._deals,
            "tickets": self._tickets,
            "notes": self._notes,
        }
        for noun, read in readers.items():
            if noun in self._settings.objects:
                for page in read(state):
                    state = page.state
                    yield self._warned(page)

    def living(self) -> Iterator[Sequence[str]]:
        for prefix, noun in _NOUNS.items():
            if noun in self._settings.objects:
                for rows in self._crm.all_of(noun):
                    yield [f"{prefix}-{row['id']}" for row in rows]

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        """Archived, deleted or merged into another."""
        gone: list[str] = []
        for prefix, noun in _NOUNS.items():
            numbers = [one.removeprefix(f"{prefix}-") for one in source_ids if one.startswith(f"{prefix}-")]
            # What may not be seen is not gone.
            with contextlib.suppress(Forbidden):
                there = self._crm.records(noun, numbers, ())
                gone += [f"{prefix}-{number}" for number in numbers if number not in there]
        return gone

    def check(self) -> str:
        account = self._crm.account()
        return f"HubSpot account {account.get('portalId')} ({account.get('uiDomain') or self._settings.url})"

    def _warned(self, page: Page) -> Page:
        if not self._hides_mails:
            return page
        warnings = [*page.state.get("warnings", ()), _HIDDEN]
        return replace(page, state={**page.state, "warnings": warnings})

    # -- nouns -------------------------------------------------------------------------------------------------------

    def _companies(self, state: dict[str, Any]) -> Iterator[Page]:
        """All of them, however old: what came since a day belongs to companies that were there before it."""
        own = self._own_company_properties()
        self._crm.refuse_unknown("companies", own)
        listing = self._crm.listing("companies", ("name", "domain", "country", *own))
        return changes(
            state, listing=listing, make=self._made_of_companies, overlap=self._setup.overlap, key="companies_to"
        )

    def _deals(self, state: dict[str, Any]) -> Iterator[Page]:
        reason = self._settings.lost_reason_property
        self._crm.refuse_unknown("deals", [reason] if reason not in ("", _LOST_REASON) else [])
        known = ("dealname", "dealstage", "amount", "amount_in_home_currency", "closedate")
        properties = (*known, "hs_is_closed", "hs_is_closed_won", *filter(None, [reason]))
        return self._changes(state, "deals", properties, self._made_of_deals)

    def _tickets(self, state: dict[str, Any]) -> Iterator[Page]:
        """By their own changes, then by those of the mails in them, which may leave a ticket's time as it is."""
        if self._settings.emails and "tickets_to" not in state:
            state = {**state, **self._newest_mail()}
        for page in self._changes(state, "tickets", _TICKET, self._made_of_tickets):
            state = page.state
            yield page
        if self._settings.emails:
            yield from self._changes(state, "emails", (), self._made_of_mails)

    def _notes(self, state: dict[str, Any]) -> Iterator[Page]:
        return self._changes(state, "notes", ("hs_note_body", "hs_timestamp", "hs_createdate"), self._made_of_notes)

    def _changes(
        self,
        state: dict[str, Any],
        noun: str,
        properties: Iterable[str],
        make: Callable[[Sequence[Changed]], Iterable[Made]],
    ) -> Iterator[Page]:
        return changes(
            state,
            listing=self._crm.listing(noun, properties, where=[_INCOMING] if noun == "emails" else []),
            make=make,
            since=self._setup.since,
            overlap=self._setup.overlap,
            key=f"{noun}_to",
        )

    def _newest_mail(self) -> dict[str, str]:
        """Where the changes of mails begin that no ticket brought: at the newest that there is before the first ticket
        is read."""
        newest = self._crm.newest("emails", where=[_INCOMING])
        return {"emails_to": newest.at.isoformat()} if newest else {}

    # -- rows become records -----------------------------------------------------------------------------------------

    def _made_of_companies(self, rows: Sequence[Changed]) -> Iterator[Made]:
        return (made_or_refused(lambda: self._company(one.row), one.row) for one in rows)  # noqa: B023

    def _made_of_deals(self, rows: Sequence[Changed]) -> Iterator[Made]:
        if self._stages is None and rows:
            self._stages = self._crm.stages_of_deals()
        stages = self._stages or {}
        accounts = self._hints("deals", [one.id for one in rows])
        for one in rows:
            yield made_or_refused(lambda: self._deal(one.row, stages, accounts.get(one.id)), one.row)  # noqa: B023

    def _made_of_tickets(self, rows: Sequence[Changed]) -> Iterator[Made]:
        numbers = [one.id for one in rows]
        accounts = self._hints("tickets", numbers)
        people = self._requesters(numbers)
        mails = self._mails(numbers) if self._settings.emails else {}
        for one in rows:
            account, person, mail = accounts.get(one.id), people.get(one.id, {}), mails.get(one.id, [])
            yield made_or_refused(lambda: self._ticket(one.row, account, person, mail), one.row)  # noqa: B023

    def _made_of_mails(self, rows: Sequence[Changed]) -> Iterator[Made]:
        """The tickets that they are in, as they are now."""
        tickets = _distinct(self._crm.associated("emails", "tickets", _ids(rows)))
        there = self._crm.records("tickets", tickets, _TICKET)
        yield from (Gone(f"ticket-{number}") for number in tickets if number not in there)
        yield from self._made_of_tickets([Changed(number, BEGINNING, row) for number, row in there.items()])

    def _made_of_notes(self, rows: Sequence[Changed]) -> Iterator[Made]:
        """A note in a ticket is the support's own word, no feedback; neither is one without words."""
        numbers = _ids(rows)
        inside = self._crm.associated("notes", "tickets", numbers) if "tickets" in self._settings.objects else {}
        accounts = self._hints("notes", numbers)
        deals = self._crm.associated("notes", "deals", [number for number in numbers if number not in accounts])
        of_deals = self._hints("deals", _distinct(deals))
        for one in rows:
            through = next((of_deals[deal] for deal in deals.get(one.id, ()) if deal in of_deals), None)
            account = accounts.get(one.id, through)
            made = made_or_refused(lambda: self._note(one.row, account), one.row)  # noqa: B023
            is_feedback = one.id not in inside and not (isinstance(made, FeedbackRecord) and not made.text)
            yield made if is_feedback else Gone(f"note-{one.id}")

    def _company(self, row: Any) -> AccountRecord:
        own, setting = _properties(row), self._settings
        name = text_in(own.get("name")) or text_in(own.get("domain"))
        if not name:
            raise InsightsError("It has neither name nor domain.", remedy="Name it in HubSpot.")
        return AccountRecord(
            source=self.name,
            source_id=f"company-{row['id']}",
            name=name,
            domain=text_in(own.get("domain")),
            annual_revenue=number_in(own.get(setting.revenue_property)),
            segment=text_in(own.get(setting.segment_property)),
            plan=text_in(own.get(setting.plan_property)),
            region=text_in(own.get("country")),
            renewal_date=day_in(own.get(setting.renewal_property)),
        )

    def _deal(self, row: Any, stages: Mapping[str, DealStage], account: str | None) -> DealRecord:
        own = _properties(row)
        stage = stages.get(str(own.get("dealstage"))) or _stage_by_flags(own)
        amount = own.get("amount_in_home_currency") or own.get("amount")
        return DealRecord(
            source=self.name,
            source_id=f"deal-{row['id']}",
            stage=stage,
            name=text_in(own.get("dealname")),
            amount=number_in(amount),
            account=account,
            reason_lost=text_in(own.get(self._settings.lost_reason_property)) if stage is DealStage.LOST else None,
            closed_on=day_in(own.get("closedate")),
        )

    def _ticket(self, row: Any, account: str | None, person: Properties, mails: Sequence[Said]) -> FeedbackRecord:
        own = _properties(row)
        name = " ".join(filter(None, [text_in(person.get("firstname")), text_in(person.get("lastname"))]))
        return FeedbackRecord(
            source=self.name,
            source_id=f"ticket-{row['id']}",
            kind=FeedbackKind.TICKET,
            subject=text_in(own.get("subject")),
            text=thread_text([Said(text=text_in(own.get("content"))), *mails], once=True),
            created_at=read_time(own.get("createdate")),
            author_name=name or None,
            author_email=text_in(person.get("email")),
            account=account,
            url=f"{self._ticket_place()}{row['id']}" if self._ticket_place() else None,
        )

    def _note(self, row: Any, account: str | None) -> FeedbackRecord:
        own = _properties(row)
        return FeedbackRecord(
            source=self.name,
            source_id=f"note-{row['id']}",
            kind=FeedbackKind.NOTE,
            text=thread_text([Said(text=text_in(own.get("hs_note_body")))]),
            created_at=read_time(own.get("hs_timestamp") or own.get("hs_createdate")),
            account=account,
        )

    # -- who belongs to whom -----------------------------------------------------------------------------------------

    def _hints(self, noun: str, numbers: Sequence[str]) -> dict[str, str]:
        """Record -> its companies as hints, the primary one first."""
        found = self._crm.associated(noun, "companies", numbers)
        return {number: "\n".join(f"company-{one}" for one in companies) for number, companies in found.items()}

    def _requesters(self, numbers: Sequence[str]) -> dict[str, Properties]:
        """Ticket -> its first contact."""
        first = {number: found[0] for number, found in self._crm.associated("tickets", "contacts", numbers).items()}
        rows = self._crm.records("contacts", list(dict.fromkeys(first.values())), ("email", "firstname", "lastname"))
        return {number: _known(rows[contact]) for number, contact in first.items() if contact in rows}

    def _mails(self, numbers: Sequence[str]) -> dict[str, list[Said]]:
        """Ticket -> what came in by mail, in order."""
        mails = self._crm.associated("tickets", "emails", numbers)
        rows = self._crm.records("emails", _distinct(mails), ("hs_email_text", *_MAIL))
        bare = [mail for mail, row in rows.items() if not _known(row).get("hs_email_text")]
        rows |= self._crm.records("emails", bare, ("hs_email_html", *_MAIL))
        known = {mail: _known(row) for mail, row in rows.items()}
        return {
            number: [self._said(known[mail]) for mail in _in_order(found, known)] for number, found in mails.items()
        }

    def _said(self, mail: Properties) -> Said:
        text = mail.get("hs_email_text") or mail.get("hs_email_html")
        if isinstance(text, str) and _REDACTED in text[:200]:
            self._hides_mails = True
            text = None
        return Said(text=text, is_customer=mail.get("hs_email_direction") == "INCOMING_EMAIL")

    def _own_company_properties(self) -> list[str]:
        setting = self._settings
        named = (setting.revenue_property, setting.segment_property, setting.plan_property, setting.renewal_property)
        return [name for name in named if name]

    def _ticket_place(self) -> str:
        """What a ticket's address begins with; empty where the login may not look up whose account it is in."""
        if self._place is None:
            try:
                account = self._crm.account()
            except Forbidden:
                account = {}
            host, portal = account.get("uiDomain"), account.get("portalId")
            self._place = f"https://{host}/contacts/{portal}/record/{_TICKET_TYPE}/" if host and portal else ""
        return self._place


def _properties(row: Any) -> dict[str, Any]:
    found = row["properties"]
    if not isinstance(found, dict):
        raise TypeError
    return found


def _known(row: Any) -> dict[str, Any]:
    """Properties of a record beside the one that is made; empty where they are malformed."""
    found = row.get("properties")
    return found if isinstance(found, dict) else {}


def _ids(rows: Sequence[Changed]) -> list[str]:
    return [one.id for one in rows if one.id]


def _distinct(found: Mapping[str, Sequence[str]]) -> list[str]:
    return list({number: None for numbers in found.values() for number in numbers})


def _in_order(mails: Iterable[str], known: Mapping[str, Properties]) -> list[str]:
    """Those that are known, by their time."""
    return sorted((mail for mail in mails if mail in known), key=lambda one: (_moment(known[one]), len(one), one))


def _moment(mail: Properties) -> datetime:
    try:
        return read_time(mail.get("hs_timestamp")) or BEGINNING
    except InsightsError:
        return BEGINNING


def _stage_by_flags(own: Properties) -> DealStage:
    """Of a stage that no pipeline has any more."""
    if str(own.get("hs_is_closed_won")).lower() == "true":
        return DealStage.WON
    return DealStage.LOST if str(own.get("hs_is_closed")).lower() == "true" else DealStage.OPEN


HUBSPOT = SourceKind(
    settings=HubSpotSettings,
    make=HubSpot,
    login="service key (Development, Keys) that may read companies, deals, contacts, tickets and sales e-mails, or the "
    "access token of an app that may",
)
