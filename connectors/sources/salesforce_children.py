"""What hangs on Salesforce's records: what customers wrote in a case, and whose account a note is about."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.reading.changes import BEGINNING
from connectors.reading.spans import changed
from connectors.reading.threads import Said
from connectors.sources.salesforce_api import SalesforceApi

_OUTSIDE = frozenset(
    {"CspLitePortal", "CustomerSuccess", "Guest", "PowerCustomerSuccess", "PowerPartner", "SelfService"}
)
"""Types of users that are customers or partners, who log in to a portal or site."""
CASE, ACCOUNT, CONTACT, OPPORTUNITY = "500", "001", "003", "006"
"""What ids begin with, by their object."""

Row = Mapping[str, Any]


class Children:
    """Read with the records that they belong to; mails only where `emails` says so."""

    def __init__(self, api: SalesforceApi, *, emails: bool) -> None:
        self._api = api
        self._emails = emails

    def said(self, cases: Sequence[str]) -> dict[str, list[Said]]:
        """Case -> what customers wrote in it, in order: comments of theirs that all sides see, and incoming mails."""
        found: dict[str, list[tuple[datetime, str, Said]]] = {}
        for row in self._comments(cases):
            said = Said(text=row.get("CommentBody"), is_html=False)
            found.setdefault(str(row.get("ParentId")), []).append((*_place(row, "CreatedDate"), said))
        for row in self._mails(cases):
            said = Said(text=row.get("TextBody") or row.get("HtmlBody"), is_html=not row.get("TextBody"))
            found.setdefault(str(row.get("ParentId")), []).append((*_place(row, "MessageDate"), said))
        return {case: [said for *_, said in sorted(all_of, key=lambda one: one[:2])] for case, all_of in found.items()}

    def _comments(self, cases: Sequence[str]) -> Iterator[Row]:
        fields = ("Id", "ParentId", "CommentBody", "CreatedDate", "CreatedBy.UserType")
        rows = self._api.of_ids(fields, "CaseComment", cases, by="ParentId", where="IsPublished = TRUE")
        return (row for row in rows if value_in(row, "CreatedBy.UserType") in _OUTSIDE)

    def _mails(self, cases: Sequence[str]) -> Iterator[Row]:
        """Their HTML is asked for only where there is no plain text."""
        if not self._emails:
            return
        fields = ("Id", "ParentId", "MessageDate", "CreatedDate")
        bare = []
        incoming = "Incoming = TRUE"
        for row in self._api.of_ids((*fields, "TextBody"), "EmailMessage", cases, by="ParentId", where=incoming):
            if row.get("TextBody"):
                yield row
            else:
                bare.append(str(row["Id"]))
        yield from self._api.of_ids((*fields, "HtmlBody"), "EmailMessage", bare)

    def accounts_of(self, parents: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Note -> the hint of its account; empty where it hangs on something without one. A note in a case, or on
        nothing but its author, is left out."""
        of_parents: dict[str, str] = {}
        for prefix, kind in ((CONTACT, "Contact"), (OPPORTUNITY, "Opportunity")):
            ids = [one for linked in parents.values() for one in linked if one.startswith(prefix)]
            rows = self._api.of_ids(("Id", "AccountId", "Account.Name"), kind, list(dict.fromkeys(ids)))
            of_parents |= {str(row.get("Id")): hint_in(row) or "" for row in rows}
        found = {}
        for note, linked in parents.items():
            hints = [f"account-{one}" if one.startswith(ACCOUNT) else of_parents.get(one) for one in linked]
            known = [hint for hint in hints if hint is not None]
            if known and not any(one.startswith(CASE) for one in linked):
                found[note] = max(known, key=bool)
        return found


def value_in(row: Any, path: str) -> Any:
    """A field, or one of what a field points to: Account.Name. None where there is none."""
    for name in path.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def hint_in(row: Row) -> str | None:
    """The account, by id and name."""
    number, name = row.get("AccountId"), value_in(row, "Account.Name")
    return "\n".join(filter(None, [f"account-{number}" if number else "", name])) or None


def _place(row: Row, field: str) -> tuple[datetime, str]:
    """Where a message stands among the others: its time, the beginning where that cannot be read, and its id."""
    at = changed(row, id_key="Id", at=row.get(field) or row.get("CreatedDate"), since=BEGINNING)
    return at.at, at.id
