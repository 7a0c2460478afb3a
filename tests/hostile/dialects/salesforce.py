"""Salesforce's REST API over the world: SOQL as far as it is asked, four rows at a time, tokens that end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from connectors.sources.salesforce import SALESFORCE
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World
from tests.hostile.world import Reply as Message

_DATA = "/services/data/v62.0"
_SOQL = re.compile(r"SELECT (.+?) FROM (\w+)(?: WHERE (.+?))?(?: ORDER BY (.+?))?(?: LIMIT (\d+))?")
_CONDITION = re.compile(r"([\w.]+) (=|!=|>=|<=|>|<|IN) (.+)")
_FIRST_MAIL = 50_000
_UNFILTERED = {"Description", "TextBody", "HtmlBody", "CommentBody", "Body", "TextPreview"}
START = datetime(2026, 1, 5, 9, 0, 0, tzinfo=UTC)

Row = dict[str, Any]

_FIELDS: dict[str, set[str]] = {
    "Account": {"Name", "Website", "BillingCountry", "AnnualRevenue", "IsDeleted", "SystemModstamp"},
    "Opportunity": {
        "Name", "AccountId", "Account.Name", "IsWon", "IsClosed", "StageName", "Amount", "CloseDate", "IsDeleted",
        "SystemModstamp",
    },
    "Contact": {"AccountId", "Account.Name"},
    "Case": {
        "Subject", "Description", "CreatedDate", "IsDeleted", "AccountId", "Account.Name", "Contact.Name",
        "Contact.Email", "SuppliedName", "SuppliedEmail", "SuppliedCompany", "SystemModstamp",
    },
    "CaseComment": {"ParentId", "CommentBody", "CreatedDate", "CreatedBy.UserType", "IsPublished", "SystemModstamp"},
    "EmailMessage": {"ParentId", "TextBody", "HtmlBody", "MessageDate", "CreatedDate", "Incoming", "SystemModstamp"},
    "Task": {
        "Subject", "Description", "CreatedDate", "IsDeleted", "AccountId", "Account.Name", "WhatId", "Who.Name",
        "TaskSubtype", "SystemModstamp",
    },
    "Note": {"Title", "Body", "CreatedDate", "IsDeleted", "IsPrivate", "ParentId", "SystemModstamp"},
    "ContentNote": {"Title", "TextPreview", "CreatedDate", "IsDeleted", "LastModifiedDate"},
    "ContentDocumentLink": {"ContentDocumentId", "LinkedEntityId"},
    "Organization": {"Name"},
}  # fmt: skip


@dataclass
class SalesforceDialect:
    """`rows` are beside the world's cases, by object; fields that a row lacks are null. A deleted case whose number is
    a multiple of five has left the recycle bin."""

    kind: ClassVar[SourceKind[Any]] = SALESFORCE
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = True
    tells_deleted: ClassVar[bool] = True

    rows: dict[str, list[Row]] = field(default_factory=dict)
    raw: dict[str, list[Any]] = field(default_factory=dict)
    """Rows that an answer over an object gives as they are, before all others."""
    fields: dict[str, set[str]] = field(default_factory=lambda: {name: set(known) for name, known in _FIELDS.items()})
    texts: dict[str, str] = field(default_factory=dict)
    """Id of a note -> its body."""
    uses: int = 1_000
    """After how many calls a token ends."""
    refuses_all: bool = False
    tokens: dict[str, int] = field(default_factory=dict)
    _cursors: dict[str, list[Any]] = field(default_factory=dict)

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base, "client_id": "3MVG9"}

    def source_id(self, item: Item) -> str:
        return f"case-{case_id(item.number)}"

    def is_listing(self, call: Call) -> bool:
        question = call.query.get("q", "")
        return " FROM Case " in question and "ORDER BY" in question

    def answer(self, world: World, call: Call) -> Reply:
        if call.path == "/services/oauth2/token":
            return self._token(call)
        token = (call.headers.get("authorization") or "").removeprefix("Bearer ")
        if not self.tokens.get(token):
            said = f"Session expired or invalid: {call.headers.get('authorization')}"
            return Reply([{"message": said, "errorCode": "INVALID_SESSION_ID"}], 401)
        self.tokens[token] -= 1
        if self.refuses_all:
            return Reply([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}], 403)
        match call.path.removeprefix(_DATA).strip("/").split("/"):
            case ["services", "oauth2", "userinfo"]:
                return Reply({"preferred_username": "reader@acme.example", "organization_id": "00D000000000001"})
            case ["query" | "queryAll", cursor]:
                return self._more(cursor)
            case ["query" | "queryAll" as verb] if set(call.query) == {"q"}:
                return self._query(world, call.query["q"], verb)
            case ["sobjects", "ContentNote", number, "Content"] if number in self.texts:
                return Reply(self.texts[number].encode())
        return NOT_FOUND

    def _token(self, call: Call) -> Reply:
        expected = {"grant_type": "client_credentials", "client_id": "3MVG9", "client_secret": SECRET}
        if call.form != expected:
            said = {"error": "invalid_client", "error_description": f"invalid client credentials {call.form}"}
            return Reply(said, 400)
        token = f"00D!token{len(self.tokens)}"
        self.tokens[token] = self.uses
        return Reply({"access_token": token, "instance_url": call.base, "token_type": "Bearer"})

    def _query(self, world: World, question: str, verb: str) -> Reply:
        parsed = _SOQL.fullmatch(question)
        if parsed is None or len(question) > 15_000:
            return _error("MALFORMED_QUERY", f"unexpected token: {question[:80]}")
        fields, kind, where, order, limit = parsed.groups()
        if kind not in self.fields:
            return _error("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        conditions = [_CONDITION.fullmatch(one) for one in where.split(" AND ")] if where else []
        asked = {re.sub(r"convertCurrency\((\w+)\)", r"\1", name) for name in fields.split(", ")}
        named = {one[1] for one in conditions if one} | {name.split(" ")[0] for name in (order or "Id").split(", ")}
        wrong = sorted((asked | named) - self.fields[kind] - {"Id"}) or sorted(named & _UNFILTERED)
        if wrong or None in conditions:
            return _error("INVALID_FIELD", f"No such column '{', '.join(wrong)}' on entity '{kind}'")
        rows = [row for row in self._all(world, kind) if verb == "queryAll" or not _is_away(row)]
        rows = [row for row in rows if all(_holds(row, *one.groups()) for one in conditions if one)]
        _sort(rows, order)
        shown = [*self.raw.get(kind, []), *(_shown(kind, row, asked) for row in rows)]
        return self._page(shown[: int(limit)] if limit else shown, verb)

    def _page(self, rows: list[Any], verb: str) -> Reply:
        some, rest = rows[: self.page], rows[self.page :]
        if not rest:
            return Reply({"totalSize": len(rows), "done": True, "records": some})
        cursor = f"01g{len(self._cursors)}-{self.page}"
        self._cursors[cursor] = rest
        link = f"{_DATA}/{verb}/{cursor}"
        return Reply({"totalSize": len(rows), "done": False, "nextRecordsUrl": link, "records": some})

    def _more(self, cursor: str) -> Reply:
        if cursor not in self._cursors:
            return _error("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(self._cursors[cursor], "query")

    def _all(self, world: World, kind: str) -> Iterator[Row]:
        yield from self.rows.get(kind, ())
        for item in world.visible_or_deleted():
            if item.is_deleted and item.number % 5 == 0:
                continue
            if kind == "Case":
                yield _case(item)
            elif kind == "CaseComment" and item.number % 2:
                yield from (_comment(item, one) for one in item.replies)
            elif kind == "EmailMessage" and not item.number % 2:
                yield _mail(item, Message(_FIRST_MAIL + item.number, item.text, item.created))
                yield from (_mail(item, one) for one in item.replies)


def case_id(number: int) -> str:
    return f"500{number:015d}"


def _case(item: Item) -> Row:
    return {
        "Id": case_id(item.number),
        "Subject": item.subject,
        "Description": item.text,
        "CreatedDate": item.created,
        "SystemModstamp": item.changed,
        "IsDeleted": item.is_deleted,
        "Contact": {"Name": f"Person {item.number}", "Email": item.author},
    }


def _comment(item: Item, one: Message) -> Row:
    return {
        "Id": f"00a{one.number:015d}",
        "ParentId": case_id(item.number),
        "CommentBody": one.text,
        "CreatedDate": one.at,
        "SystemModstamp": one.at,
        "IsPublished": True,
        "CreatedBy": {"UserType": "CspLitePortal" if one.is_customer else "Standard"},
    }


def _mail(item: Item, one: Message) -> Row:
    return {
        "Id": f"02s{one.number:015d}",
        "ParentId": case_id(item.number),
        "TextBody": one.text if one.number % 3 else None,
        "HtmlBody": f"<html><body><p>{one.text}</p></body></html>",
        "MessageDate": one.at,
        "CreatedDate": one.at,
        "SystemModstamp": one.at,
        "Incoming": one.is_customer,
    }


def _is_away(row: Row) -> bool:
    """In the recycle bin, or archived."""
    return bool(row.get("IsDeleted") or row.get("IsArchived"))


def _value(row: Row, path: str) -> Any:
    found: Any = row
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _holds(row: Row, name: str, operator: str, given: str) -> bool:
    value, wanted = _value(row, name), _literal(given)
    match operator:
        case "IN":
            return value in wanted
        case "!=":
            return bool(value != wanted)
        case "=":
            return bool(value == wanted)
    if value is None:
        return False
    return bool({">": value > wanted, ">=": value >= wanted, "<": value < wanted, "<=": value <= wanted}[operator])


def _literal(given: str) -> Any:
    words = {"TRUE": True, "FALSE": False, "NULL": None}
    if given in words:
        return words[given]
    if given.startswith("("):
        return {_literal(one) for one in given[1:-1].split(", ")}
    if given.startswith("'"):
        return given[1:-1].replace("\\'", "'").replace("\\\\", "\\")
    return datetime.strptime(given, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _sort(rows: list[Row], order: str | None) -> None:
    """In no order where none is asked for."""
    rows.sort(key=lambda row: row["Id"][::-1])
    for one in reversed((order or "").split(", ")):
        name, _, direction = one.partition(" ")
        if name:
            rows.sort(key=lambda row: row[name], reverse=direction == "DESC")


def _shown(kind: str, row: Row, fields: set[str]) -> Row:
    shown: Row = {"attributes": {"type": kind, "url": f"{_DATA}/sobjects/{kind}/{row.get('Id')}"}}
    for path in sorted(fields):
        name, _, inner = path.partition(".")
        if inner:
            beneath = row.get(name)
            shown[name] = {"attributes": {"type": name}, inner: beneath.get(inner)} if beneath else None
            if beneath:
                shown[name] |= {
                    each.partition(".")[2]: _value(row, each) for each in fields if each.startswith(f"{name}.")
                }
        else:
            shown[name] = _written(row.get(name))
    return shown


def _written(value: Any) -> Any:
    return f"{value:%Y-%m-%dT%H:%M:%S}.000+0000" if isinstance(value, datetime) else value


def _error(code: str, message: str) -> Reply:
    return Reply([{"message": message, "errorCode": code}], 400)
