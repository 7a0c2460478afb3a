"""Zendesk's tickets with what their requesters wrote in them (Support API v2), and its organizations as accounts.

Tickets come by the incremental export, a thousand a call, the deleted ones among them. It tells how many comments a
ticket has: one that a customer opened and nobody answered needs no further call, any other has its comments read by a
call of its own. The export of ticket events would give comments a thousand events a call, but spread over the life of
their tickets, so that all of them had to be held to put one thread together.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import Field, model_validator

from connectors.http import Answer, Budget, NotThere, Rate, Refused, Service
from connectors.reading.changes import Batch, Changed, Gone, changes, page_of, reached, read_time, start_of
from connectors.reading.malformed import made_or_refused, refused
from connectors.reading.spans import changed
from connectors.reading.threads import Said, thread_text
from connectors.reading.tokens import ClientCredentials
from insights.config import Section
from insights.domain.customers import AccountRecord
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind

_PAGE = 1000
_COMMENTS = 100
_MOST_ASKED = 50
"""Tickets of a page whose comments are read before what is there is saved."""
_Row = Mapping[str, Any]
_Comments = list[tuple[Any, Mapping[int, _Row]]]
"""Comments of a ticket, the oldest first, each with the users who are known on its page."""
_FIRST = 1
"""The earliest time of an export, in seconds since 1970."""


class ZendeskSettings(Section):
    """`[[sources]]` with type = "zendesk"."""

    url: str = Field(description="Address of the helpdesk: https://acme.zendesk.com.")
    client_id: str = Field(
        "", description="Identifier of the OAuth client that logs in by client credentials; the secret is the client's."
    )
    email: str = Field(
        "", description="Address of the administrator whose API token the secret is; Zendesk ends these in April 2027."
    )
    oauth: bool = Field(False, description="Whether the secret is an OAuth access token.")
    accounts: bool = Field(False, description="Read organizations as accounts, too.")
    revenue_field: str = Field("", description="Key of the organization field that says what an account pays a year.")
    plan_field: str = Field("", description="Key of the organization field that names its plan.")
    segment_field: str = Field("", description="Key of the organization field that names its segment.")
    calls_a_minute: int = Field(200, ge=1, description="Calls a minute that your plan allows, exports aside.")
    exports_a_minute: int = Field(10, ge=1, description="Calls of incremental exports a minute that your plan allows.")

    @model_validator(mode="after")
    def _logs_in_one_way(self) -> "ZendeskSettings":
        if [bool(self.client_id), bool(self.email), self.oauth].count(True) != 1:
            raise ValueError(
                "give either client_id, for an OAuth client, or email, for an API token, or oauth = true, for an OAuth "
                "access token"
            )
        return self


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a page of the export holds beside its tickets, by id."""

    users: Mapping[int, _Row]
    organizations: Mapping[int, _Row]


class Zendesk:
    """Tickets in the order of their change; a deleted one is told as such."""

    def __init__(self, setup: Setup[ZendeskSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        self._tokens = ClientCredentials(
            setup,
            url=setup.settings.url,
            path="oauth/tokens",
            client_id=setup.settings.client_id,
            scope="read",
            remedy="See that client_id is the identifier of a confidential OAuth client, and give its secret",
        )
        self._exports = self._service(Budget(Rate(setup.settings.exports_a_minute, 60)))
        self._single = self._service(Budget(Rate(setup.settings.calls_a_minute, 60)))

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        if self._settings.accounts:
            for page in self._accounts(state):
                state = page.state
                yield page
        yield from self._tickets(state)

    def check(self) -> str:
        answer = self._get(self._single, "api/v2/users/me.json")
        me = answer.data.get("user") if isinstance(answer.data, dict) else None
        if not isinstance(me, dict) or not me.get("id"):
            raise InsightsError(
                f"{self.name} takes us for nobody: the login is not right.",
                remedy=f"Give it another key: insights auth {self.name}",
                exit_code=ExitCode.LOGIN,
            )
        return f"{me.get('email') or me['id']} ({me.get('role')}) at {self._settings.url}"

    def _service(self, budget: Budget) -> Service:
        return Service(
            name=self.name,
            base_url=self._settings.url,
            headers=lambda: {"Authorization": self._login()},
            secrets=self._secrets,
            budget=budget,
            sleep=self._setup.sleep,
        )

    def _login(self) -> str:
        return f"Basic {self._pair()}" if self._settings.email else f"Bearer {self._tokens.token()}"

    def _pair(self) -> str:
        """As it is sent with an API token."""
        return base64.b64encode(f"{self._settings.email}/token:{self._setup.secret()}".encode()).decode()

    def _secrets(self) -> tuple[str, ...]:
        return (*self._tokens.secrets(), self._pair())

    def _get(self, service: Service, path: str, params: dict[str, Any] | None = None) -> Answer:
        """By a new token where the old one is over."""
        return self._tokens.renewed(lambda: service.get(path, params))

    # -- tickets --------------------------------------------------------------------------------------------------

    def _tickets(self, state: dict[str, Any]) -> Iterator[Page]:
        """Page by page from a cursor; when all was read, the next reading begins at the newest time seen, for what is
        committed late comes before the cursor."""
        is_last = False
        while not is_last:
            answer = self._export(state)
            rows = _list(answer, "tickets", self.name)
            is_last = bool(answer.data.get("end_of_stream")) or not answer.data.get("after_cursor")
            cursor = None if is_last else answer.data["after_cursor"]
            if cursor is not None and cursor == state.get("cursor"):
                raise InsightsError(
                    f"{self.name} gives the same page again and again.",
                    remedy="What was read is kept; try again later.",
                )
            after = {**state, "cursor": cursor, "read_to": _newest(state.get("read_to"), rows, answer.moment)}
            beside = _Beside(_by_id(answer.data.get("users")), _by_id(answer.data.get("organizations")))
            *parts, last = _parts(rows, lambda row, known=beside: _is_asked(row, known))  # type: ignore[misc]
            for part in parts:
                yield page_of((self._made(row, beside) for row in part), state=state)
            yield page_of((self._made(row, beside) for row in last), state=after)
            state = after

    def _export(self, state: dict[str, Any]) -> Answer:
        """A page of the export. A cursor that the service no longer knows is left for the time that was read to."""
        path = "api/v2/incremental/tickets/cursor.json"
        usual = {"per_page": _PAGE, "include": "users,organizations,comment_count"}
        start = _start(read_time(state.get("read_to")), self._setup.since, self._setup.overlap)
        if state.get("cursor"):
            try:
                return self._get(self._exports, path, {**usual, "cursor": state["cursor"]})
            except Refused as refusal:
                if refusal.status not in (400, 422):
                    raise
        return self._get(self._exports, path, {**usual, "start_time": start})

    def _made(self, row: Any, beside: _Beside) -> Record | Reject | Gone:
        """With its comments; it may be deleted between the export and them."""
        if not isinstance(row, dict) or not isinstance(row.get("id"), int):
            return refused(row, "It has no id.")
        if row.get("status") == "deleted":
            return Gone(_ticket_id(row))
        try:
            comments = self._comments(row["id"]) if _is_asked(row, beside) else None
        except NotThere:
            return Gone(_ticket_id(row))
        return made_or_refused(lambda: self._record(row, comments, beside), row)

    def _comments(self, number: int) -> _Comments:
        found: _Comments = []
        params: dict[str, Any] = {"page[size]": _COMMENTS, "include": "users"}
        while True:
            answer = self._get(self._single, f"api/v2/tickets/{number}/comments.json", params)
            rows = _list(answer, "comments", self.name)
            users = _by_id(answer.data.get("users"))
            found += [(comment, users) for comment in rows]
            meta = answer.data.get("meta") or {}
            if not meta.get("has_more") or not rows:
                return found
            params = {**params, "page[after]": meta["after_cursor"]}

    def _record(self, row: _Row, comments: _Comments | None, beside: _Beside) -> FeedbackRecord | Gone:
        """Gone where no customer says anything in it, or no longer."""
        requester = beside.users.get(row["requester_id"], {})
        said = [(requester, row.get("description"))] if comments is None else list(_said(row, comments))
        rated = row.get("satisfaction_rating") or {}
        texts = [Said(text=text, is_html=False) for _, text in said]
        text = thread_text([*texts, Said(text=rated.get("comment"), is_html=False)])
        if not text:
            return Gone(_ticket_id(row))
        author = next(
            (user for user in (requester, *(user for user, _ in said)) if user.get("role") == "end-user"), requester
        )
        return FeedbackRecord(
            source=self.name,
            source_id=_ticket_id(row),
            kind=FeedbackKind.TICKET,
            subject=row.get("subject"),
            text=text,
            created_at=read_time(row["created_at"]),
            author_name=author.get("name"),
            author_email=author.get("email"),
            account=_account_hint(row.get("organization_id") or author.get("organization_id"), beside),
            url=f"{self._settings.url.rstrip('/')}/agent/tickets/{row['id']}",
        )

    # -- organizations --------------------------------------------------------------------------------------------

    def _accounts(self, state: dict[str, Any]) -> Iterator[Page]:
        return changes(
            state,
            listing=self._organizations,
            make=lambda rows: (self._account_made(one) for one in rows),
            overlap=self._setup.overlap,
            key="organizations_read_to",
        )

    def _organizations(self, since: datetime, _: int) -> Batch:
        """This export has no cursor: it begins at a time, and can be asked for no second page of one second."""
        start = max(int(since.timestamp()), _FIRST)
        asked = {"start_time": start, "per_page": _PAGE}
        answer = self._get(self._exports, "api/v2/incremental/organizations.json", asked)
        rows = [_changed(row, since) for row in _list(answer, "organizations", self.name)]
        more = not answer.data.get("end_of_stream", True)
        return Batch(rows, more=more, moment=answer.moment, is_capped=more)

    def _account_made(self, one: Changed) -> Record | Reject | Gone:
        if isinstance(one.row, dict) and one.row.get("deleted_at"):
            return Gone(f"organization-{one.id}")
        return made_or_refused(lambda: self._account(one.row), one.row)

    def _account(self, row: dict[str, Any]) -> AccountRecord:
        fields, settings = row.get("organization_fields") or {}, self._settings
        return AccountRecord(
            source=self.name,
            source_id=f"organization-{row['id']}",
            name=str(row["name"]),
            domain=next(iter(row.get("domain_names") or ()), None),
            annual_revenue=_amount(fields.get(settings.revenue_field)),
            plan=_word(fields.get(settings.plan_field)),
            segment=_word(fields.get(settings.segment_field)),
        )


def _changed(row: Any, since: datetime) -> Changed:
    at = row.get("updated_at") if isinstance(row, dict) else None
    return changed(row, id_key="id", at=at, since=since)


def _list(answer: Answer, key: str, name: str) -> list[Any]:
    found = answer.data.get(key) if isinstance(answer.data, dict) else None
    if not isinstance(found, list):
        raise InsightsError(
            f"{name} answered without {key}.", remedy="Check its address in insights.toml: is it a Zendesk?"
        )
    return found


def _by_id(rows: Any) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in rows or () if isinstance(row, dict) and isinstance(row.get("id"), int)}


def _start(read_to: datetime | None, since: date | None, overlap: timedelta) -> int:
    """Seconds since 1970 at which a reading begins."""
    if read_to is not None:
        return max(int((read_to - overlap).timestamp()), _FIRST)
    return max(int(start_of(since).timestamp()), _FIRST)


def _newest(known: str | None, rows: Sequence[Any], moment: datetime | None) -> str | None:
    """The newest time that the export has reached, but none that the server's own clock has not."""
    times = [_stamp(row) for row in rows]
    newest = reached(max(filter(None, times), default=None), moment)
    found = max(filter(None, (read_time(known), newest)), default=None)
    return found.isoformat() if found else None


def _stamp(row: Any) -> datetime | None:
    """When a ticket changed, as the export orders them."""
    stamp = row.get("generated_timestamp") if isinstance(row, dict) else None
    try:
        return read_time(stamp) if isinstance(stamp, int) else None
    except InsightsError:
        return None


def _parts(rows: Sequence[Any], is_asked: Callable[[Any], bool]) -> list[list[Any]]:
    """The rows in order, in lists of which none has more than a few whose comments must be asked for; at least one."""
    parts: list[list[Any]] = [[]]
    asked = 0
    for row in rows:
        asked += is_asked(row)
        if asked > _MOST_ASKED:
            parts.append([])
            asked = 1
        parts[-1].append(row)
    return parts


def _is_asked(row: Any, beside: _Beside) -> bool:
    """Whether the ticket's words are not all in its description: it has more comments than one, or one that may be of
    our own people or internal."""
    if not isinstance(row, dict) or row.get("status") == "deleted":
        return False
    number = row.get("submitter_id")
    submitter = beside.users.get(number, {}) if isinstance(number, int) else {}
    is_told = row.get("comment_count") == 1 and row.get("is_public") is True and bool(row.get("description"))
    return not (is_told and submitter.get("role") == "end-user")


def _said(row: _Row, comments: _Comments) -> Iterator[tuple[_Row, str | None]]:
    """Who of the customer's side said what, in public. An author who was removed is one where it is the requester."""
    for comment, users in comments:
        author = users.get(comment["author_id"], {})
        is_customer = (
            author.get("role", "end-user" if comment["author_id"] == row["requester_id"] else "") == "end-user"
        )
        if comment["public"] is True and is_customer:
            yield author, comment.get("body") or comment.get("plain_body")


def _ticket_id(row: _Row) -> str:
    return f"ticket-{row['id']}"


def _account_hint(number: int | None, beside: _Beside) -> str | None:
    """Lines, the surest first: our id, the customer's own id for it, its name."""
    if number is None:
        return None
    organization = beside.organizations.get(number, {})
    lines = (f"organization-{number}", organization.get("external_id"), organization.get("name"))
    return "\n".join(str(line) for line in lines if line)


def _amount(value: Any) -> float | None:
    """Money of a year; 0 is what an empty field becomes."""
    return float(value) or None if value not in (None, "") else None


def _word(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


ZENDESK = SourceKind(
    settings=ZendeskSettings,
    make=Zendesk,
    login="secret of a confidential OAuth client (Admin Center, Apps and integrations, APIs, OAuth clients), or an API "
    "token or OAuth access token that you have",
)
