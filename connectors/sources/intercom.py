"""Intercom's conversations with what customers wrote in them (REST API 2.14), and its companies as accounts.

The search promises no order, and its pages may shift. So time is read piece by piece, each small enough to be searched
again until nothing new is found in it; what was read to is told only when a piece is whole. A conversation that was
deleted vanishes. All companies are read each time: their scroll knows no time.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field

from connectors.http import Answer, Budget, NotThere, Rate, Service
from connectors.reading.changes import BEGINNING, Changed, Gone, page_of, read_time, start_of
from connectors.reading.malformed import made_or_refused, refused
from connectors.reading.spans import changed
from connectors.reading.threads import Said, thread_text
from connectors.reading.windows import Found, windows
from insights.config import Section
from insights.domain.customers import AccountRecord
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.domain.figures import counted
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind
from insights.text.clean import html_to_text

VERSION = "2.14"
_PAGE = 150
_MOST_NAMED = 15
"""Filters of one group at most; a list of values is short for as many."""
_MOST_KNOWN = 50_000
_MOST_SCROLLS = 3
_SCROLL_ENDS = 61.0
"""Seconds after which a scroll that is not used is gone; only one can be open."""
_CUSTOMERS = ("user", "lead", "contact")
_HOSTS = {"us": "https://api.intercom.io", "eu": "https://api.eu.intercom.io", "au": "https://api.au.intercom.io"}
_APPS = {"us": "https://app.intercom.com", "eu": "https://app.eu.intercom.com", "au": "https://app.au.intercom.com"}


class IntercomSettings(Section):
    """`[[sources]]` with type = "intercom"."""

    region: Literal["us", "eu", "au"] = Field("us", description="Where the workspace is hosted: us, eu or au.")
    url: str = Field("", description="Address of the API, where it is not that of the region.")
    accounts: bool = Field(False, description="Read companies as accounts, too.")
    calls_a_minute: int = Field(1000, ge=6, description="Calls a minute that may be made; Intercom counts ten seconds.")


class Intercom:
    """Conversations by the time of their change; parts come with their conversation."""

    def __init__(self, setup: Setup[IntercomSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        budget = Budget(Rate(setup.settings.calls_a_minute // 6, 10))
        self._service = self._made_service(budget)
        # A page of a scroll is given once: whoever asks again gets the next one.
        self._scroll = self._made_service(budget, attempts=1)
        self._companies_of: dict[str, str | None] = {}
        self._cut_threads = 0
        self._app = ""

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        if self._settings.accounts:
            for rows in self._companies():
                yield page_of((self._account_made(row) for row in rows), state=state)
        self._cut_threads = 0
        for found, read_to in windows(self._search, begin=self._begin(state)):
            made = [self._made(one.row, hint) for one, hint in self._with_hints(found.rows)]
            state = {**state, "warnings": self._warnings()}
            if read_to is not None:
                state["read_to"] = max(read_to, read_time(state.get("read_to")) or read_to).isoformat()
            yield page_of(made, state=state, total=found.total)

    def living(self) -> Iterator[Sequence[str]]:
        for found, _ in windows(self._search, begin=BEGINNING):
            yield [f"conversation-{one.id}" for one in found.rows]
        if self._settings.accounts:
            for rows in self._companies():
                yield [f"company-{row['id']}" for row in rows if isinstance(row, dict) and "id" in row]

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        return [source_id for source_id in source_ids if self._is_gone(source_id)]

    def check(self) -> str:
        me, app = self._me()
        return f"{me.get('email') or me.get('id')} in {app.get('name') or 'a workspace'} at {self._service.base_url}"

    # -- conversations --------------------------------------------------------------------------------------------

    def _begin(self, state: dict[str, Any]) -> datetime:
        known, since = read_time(state.get("read_to")), self._setup.since
        if known is not None:
            return max(known - self._setup.overlap, BEGINNING)
        return start_of(since)

    def _search(self, begin: datetime, until: datetime | None, after: str | None) -> Found:
        answer = self._service.ask("conversations/search", search_body(begin, until, after))
        rows = [_changed(row, begin) for row in _list(answer, "conversations", self.name)]
        total = answer.data.get("total_count") or 0
        return Found(rows=tuple(rows), after=_next(answer), total=total, moment=answer.moment)

    def _made(self, row: Any, hint: str | None) -> Record | Reject | Gone:
        """With its parts; it may be deleted between the search and them."""
        if not isinstance(row, dict) or not str(row.get("id")).isdigit():
            return refused(row, "It has no id that is a number.")
        try:
            whole = self._service.get(f"conversations/{row['id']}").data if _is_asked(row) else None
        except NotThere:
            return Gone(f"conversation-{row['id']}")
        if whole is None:
            return made_or_refused(lambda: self._record(row, {}, hint), row)
        return made_or_refused(lambda: self._record(whole, whole["conversation_parts"] or {}, hint), whole)

    def _record(self, row: dict[str, Any], parts: Mapping[str, Any], hint: str | None) -> FeedbackRecord | Gone:
        """Gone where no customer says anything in it, or no longer."""
        source_id, source = f"conversation-{row['id']}", row.get("source") or {}
        messages = parts.get("conversation_parts") or []
        self._cut_threads += (parts.get("total_count") or 0) > len(messages)
        said = [message for message in (source, *messages) if _is_customers(message)]
        rated = row.get("conversation_rating") or {}
        texts = [Said(text=message.get("body"), is_html=True) for message in said]
        text = thread_text([*texts, Said(text=rated.get("remark"), is_html=False)])
        if not text:
            return Gone(source_id)
        author = said[0]["author"] if said else {}
        return FeedbackRecord(
            source=self.name,
            source_id=source_id,
            kind=FeedbackKind.TICKET,
            subject=_subject(row, source),
            text=text,
            created_at=read_time(row["created_at"]),
            author_name=author.get("name"),
            author_email=author.get("email"),
            account=hint,
            url=f"{_APPS[self._settings.region]}/a/inbox/{self._app_code()}/inbox/shared/all/conversation/{row['id']}",
        )

    def _app_code(self) -> str:
        """The workspace's name in addresses."""
        if not self._app:
            _, app = self._me()
            self._app = str(app.get("id_code") or "_")
        return self._app

    def _me(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Whose the token is, and the workspace."""
        me = self._service.get("me").data
        if not isinstance(me, dict):
            raise InsightsError(
                f"{self.name} does not say whose its token is.", remedy="Check its address in insights.toml."
            )
        return me, me.get("app") or {}

    def _warnings(self) -> list[str]:
        if not self._cut_threads:
            return []
        longer = counted(self._cut_threads, "conversation")
        return [f"Of {longer} Intercom gives the newest 500 parts alone: what was said before is missing."]

    def _is_gone(self, source_id: str) -> bool:
        noun, _, number = source_id.partition("-")
        paths = {"conversation": "conversations", "company": "companies"}
        try:
            self._service.get(f"{paths[noun]}/{quote(number, safe='')}")
        except NotThere:
            return True
        return False

    # -- companies ------------------------------------------------------------------------------------------------

    def _companies(self) -> Iterator[list[Any]]:
        """All companies, page by page; some may come twice. A scroll that broke cannot be gone on with: it is begun
        again when the service has forgotten it."""
        for attempt in range(1, _MOST_SCROLLS + 1):
            try:
                yield from self._scrolled()
                return
            except InsightsError as error:
                if error.exit_code is ExitCode.LOGIN or attempt == _MOST_SCROLLS:
                    raise
                self._setup.sleep(_SCROLL_ENDS)

    def _scrolled(self) -> Iterator[list[Any]]:
        answer = self._scroll.get("companies/scroll")
        while rows := _list(answer, "data", self.name):
            yield rows
            if not answer.data.get("scroll_param"):
                return
            answer = self._scroll.get("companies/scroll", {"scroll_param": answer.data["scroll_param"]})

    def _account_made(self, row: Any) -> Record | Reject:
        return made_or_refused(lambda: self._account(row), row)

    def _account(self, row: dict[str, Any]) -> AccountRecord:
        monthly = row.get("monthly_spend")
        return AccountRecord(
            source=self.name,
            source_id=f"company-{row['id']}",
            name=str(row.get("name") or row["company_id"]),
            domain=_domain(row.get("website")),
            annual_revenue=float(monthly) * 12 if monthly else None,  # 0 is what Intercom writes where nobody said
            segment=row.get("industry"),
            plan=(row.get("plan") or {}).get("name"),
        )

    def _with_hints(self, rows: Sequence[Changed]) -> Iterator[tuple[Changed, str | None]]:
        """Each row with the company of its contact, where companies are read."""
        if not self._settings.accounts:
            return ((one, None) for one in rows)
        contacts = [_contact(one.row) for one in rows]
        self._look_up([one for one in dict.fromkeys(contacts) if one and one not in self._companies_of])
        return ((one, self._companies_of.get(contact or "")) for one, contact in zip(rows, contacts, strict=True))

    def _look_up(self, contacts: Sequence[str]) -> None:
        """Remember the companies of contacts, a few a call."""
        if len(self._companies_of) > _MOST_KNOWN:
            self._companies_of.clear()
        for start in range(0, len(contacts), _MOST_NAMED):
            some = contacts[start : start + _MOST_NAMED]
            answer = self._service.ask("contacts/search", contacts_body(some))
            found = dict(map(_company_hint, _list(answer, "data", self.name)))
            self._companies_of |= {contact: found.get(contact) for contact in some}

    def _made_service(self, budget: Budget, attempts: int = 6) -> Service:
        return Service(
            name=self.name,
            base_url=self._settings.url or _HOSTS[self._settings.region],
            headers=lambda: {"Authorization": f"Bearer {self._setup.secret()}", "Intercom-Version": VERSION},
            secrets=lambda: (self._setup.secret(),),
            budget=budget,
            sleep=self._setup.sleep,
            attempts=attempts,
        )


def search_body(begin: datetime, until: datetime | None, after: str | None) -> dict[str, Any]:
    """The search for conversations that changed at `begin` or later. One second more at both ends: by the words of the
    service `>` and `<` may take the bound itself or not."""
    filters = [{"field": "updated_at", "operator": ">", "value": max(int(begin.timestamp()) - 1, 0)}]
    if until is not None:
        filters.append({"field": "updated_at", "operator": "<", "value": int(until.timestamp()) + 1})
    pagination = {"per_page": _PAGE, **({"starting_after": after} if after else {})}
    return {"query": {"operator": "AND", "value": filters}, "pagination": pagination}


def contacts_body(contacts: Sequence[str]) -> dict[str, Any]:
    """The search for a few contacts by their ids."""
    ids = {"field": "id", "operator": "IN", "value": list(contacts)}
    return {"query": {"operator": "AND", "value": [ids]}, "pagination": {"per_page": _PAGE}}


def _changed(row: Any, since: datetime) -> Changed:
    at = row.get("updated_at") if isinstance(row, dict) else None
    return changed(row, id_key="id", at=at, since=since)


def _list(answer: Answer, key: str, name: str) -> list[Any]:
    found = answer.data.get(key) if isinstance(answer.data, dict) else None
    if not isinstance(found, list):
        raise InsightsError(f"{name} answered without {key}.", remedy="Check its address in insights.toml.")
    return found


def _next(answer: Answer) -> str | None:
    pages = answer.data.get("pages") or {}
    after = (pages.get("next") or {}).get("starting_after")
    return str(after) if after else None


def _is_asked(row: Mapping[str, Any]) -> bool:
    """Whether a conversation may have parts: a message that nobody answered has none."""
    counted = row.get("statistics")
    return not isinstance(counted, dict) or counted.get("count_conversation_parts") != 0


def _is_customers(message: Mapping[str, Any]) -> bool:
    return (message.get("author") or {}).get("type") in _CUSTOMERS and not message.get("redacted")


def _subject(row: Mapping[str, Any], source: Mapping[str, Any]) -> str | None:
    """The customer's own; of what our people began it would be ours."""
    if not _is_customers(source):
        return None
    return html_to_text(source.get("subject") or "").strip() or row.get("title")


def _contact(row: Any) -> str | None:
    """The first customer in a conversation."""
    try:
        return str(row["contacts"]["contacts"][0]["id"])
    except (KeyError, IndexError, TypeError):
        return None


def _company_hint(row: Any) -> tuple[str, str | None]:
    """A contact's id, and its company; of a contact in several nobody knows for which one it speaks."""
    try:
        companies = row["companies"]["data"]
        return str(row["id"]), f"company-{companies[0]['id']}" if len(companies) == 1 else None
    except (KeyError, TypeError):
        return "", None


def _domain(website: str | None) -> str | None:
    if not website:
        return None
    return urlsplit(website if "//" in website else f"//{website}").hostname


INTERCOM = SourceKind(
    settings=IntercomSettings,
    make=Intercom,
    login="access token of an app in your workspace that may read conversations (and users and companies)",
)
