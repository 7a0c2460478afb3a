"""HubSpot's CRM: searches of four rows and sixteen in all, in no order within one time; associations in batches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from connectors.sources.hubspot import HUBSPOT
from insights.ports import SourceKind
from tests.hostile.server import NOT_FOUND, SECRET, Call, Reply
from tests.hostile.world import Item, World
from tests.hostile.world import Reply as Message

_CAP = 16
_MAIL, _FIRST_MAIL = 9_000, 50_000
_SEARCH = {"filterGroups", "sorts", "properties", "limit", "after", "query"}
_NOUNS = ("companies", "contacts", "deals", "emails", "notes", "tickets")
_DATES = {"createdate", "hs_createdate", "hs_lastmodifieddate", "hs_timestamp"}
START = datetime(2026, 1, 5, 9, 0, 0, 250_000, tzinfo=UTC)


@dataclass(frozen=True)
class Thing:
    """A record of the CRM."""

    id: int
    properties: dict[str, Any]
    changed: datetime = START


@dataclass
class HubSpotDialect:
    """`things` are beside the world's tickets; `links` are associations: noun, id, other noun, other id, is primary."""

    kind: ClassVar[SourceKind[Any]] = HUBSPOT
    page: ClassVar[int] = 4
    silent_children: ClassVar[bool] = True
    tells_deleted: ClassVar[bool] = False

    things: dict[str, list[Thing]] = field(default_factory=dict)
    links: list[tuple[str, int, str, int, bool]] = field(default_factory=list)
    pipelines: list[dict[str, Any]] = field(default_factory=list)
    raw: dict[str, list[Any]] = field(default_factory=dict)
    """Rows that a search gives as they are, before all others."""
    known_properties: frozenset[str] = frozenset()
    hides_mails: bool = False
    scopes: frozenset[str] = frozenset(_NOUNS)

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": base}

    def source_id(self, item: Item) -> str:
        return f"ticket-{item.number}"

    def is_listing(self, call: Call) -> bool:
        return call.path in ("/crm/objects/2026-03/tickets/search", "/crm/objects/2026-03/tickets")

    def answer(self, world: World, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {SECRET}":
            said = f"Authentication credentials not found: {call.headers.get('authorization')}"
            return Reply({"status": "error", "message": said, "category": "INVALID_AUTHENTICATION"}, 401)
        match call.path.strip("/").split("/"):
            case ["account-info", "2026-03", "details"]:
                return Reply({"portalId": 4711, "uiDomain": "app.hubspot.com", "timeZone": "US/Eastern"})
            case ["crm", "pipelines", "2026-03", "deals"]:
                return Reply({"results": self.pipelines})
            case ["crm", "properties", "2026-03", noun, name] if noun in _NOUNS:
                return Reply({"name": name, "type": "string"}) if name in self.known_properties else NOT_FOUND
            case ["crm", "objects", "2026-03", noun, *rest] if noun in _NOUNS:
                return self._objects(world, call, noun, rest) if noun in self.scopes else _missing_scopes()
            case ["crm", "associations", "2026-03", noun, other, "batch", "read"]:
                return self._associations(world, call, noun, other) if other in self.scopes else _missing_scopes()
        return NOT_FOUND

    def _objects(self, world: World, call: Call, noun: str, rest: list[str]) -> Reply:
        there = list(self._there(world, noun))
        if rest == ["search"] and call.method == "POST":
            return self._search(there, call, noun)
        if rest == ["batch", "read"] and call.method == "POST":
            return _batch(there, call)
        if not rest and call.method == "GET":
            return self._list(there, call)
        return NOT_FOUND

    def _search(self, there: list[Thing], call: Call, noun: str) -> Reply:
        body = call.body
        if set(body) - _SEARCH or len(body["sorts"]) != 1 or len(body["filterGroups"]) > 5 or body["limit"] > 200:
            return _invalid("Invalid input JSON")
        after, limit = int(body.get("after", 0)), min(body["limit"], self.page)
        if after + limit > _CAP:
            return _invalid("There was a problem with the request: more than 10,000 results")
        [group] = body["filterGroups"]
        found = [one for one in there if all(_holds(one, each) for each in group["filters"])]
        [sort] = body["sorts"]
        found.sort(key=lambda one: one.id * 7 % 11)
        found.sort(key=lambda one: _value(one, sort["propertyName"]), reverse=sort["direction"] == "DESCENDING")
        some = [_row(one, body["properties"]) for one in found[after : after + limit]]
        more = {"paging": {"next": {"after": str(after + limit)}}} if after + limit < len(found) else {}
        return Reply({"total": len(found), "results": [*self.raw.get(noun, []), *some], **more})

    def _list(self, there: list[Thing], call: Call) -> Reply:
        if set(call.query) - {"limit", "after", "properties", "archived"} or int(call.query["limit"]) > 100:
            return _invalid("Unknown parameter")
        found = sorted((one for one in there if one.id > int(call.query.get("after", 0))), key=lambda one: one.id)
        some = found[: self.page]
        more = {"paging": {"next": {"after": str(some[-1].id)}}} if len(found) > self.page else {}
        return Reply({"results": [_row(one, call.query["properties"].split(",")) for one in some], **more})

    def _associations(self, world: World, call: Call, noun: str, other: str) -> Reply:
        """Two of a record at a time."""
        if set(call.body) != {"inputs"} or len(call.body["inputs"]) > 1_000:
            return _invalid("Invalid input JSON")
        results, errors = [], []
        links = list(self._links(world))
        for wanted in call.body["inputs"]:
            mine = [(to, first) for a, one, b, to, first in links if (a, str(one), b) == (noun, wanted["id"], other)]
            mine += [(one, first) for b, one, a, to, first in links if (a, str(to), b) == (noun, wanted["id"], other)]
            start = int(wanted.get("after", 0))
            more = {"paging": {"next": {"after": str(start + 2)}}} if start + 2 < len(mine) else {}
            to = [_association(*one) for one in mine[start : start + 2]]
            if to:
                results.append({"from": {"id": wanted["id"]}, "to": to, **more})
            else:
                errors.append({"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"id": [wanted["id"]]}})
        failed = {"numErrors": len(errors), "errors": errors} if errors else {}
        return Reply({"status": "COMPLETE", "results": results, **failed}, 207 if errors else 200)

    def _there(self, world: World, noun: str) -> Iterator[Thing]:
        yield from self.things.get(noun, ())
        for item in world.visible():
            if noun == "tickets":
                yield _ticket(item)
            elif noun == "contacts":
                yield Thing(item.number, {"email": item.author, "firstname": "Person", "lastname": str(item.number)})
            elif noun == "emails":
                yield from map(self._hidden, _mails(item)) if self.hides_mails else _mails(item)

    def _hidden(self, mail: Thing) -> Thing:
        said = "The content of this email has been redacted. To include it, your app must require another scope."
        return replace(mail, properties={**mail.properties, "hs_email_text": None, "hs_email_html": said})

    def _links(self, world: World) -> Iterator[tuple[str, int, str, int, bool]]:
        yield from self.links
        for item in world.visible():
            yield "tickets", item.number, "contacts", item.number, False
            for mail in _mails(item):
                yield "tickets", item.number, "emails", mail.id, False


def _ticket(item: Item) -> Thing:
    known = {"subject": item.subject, "content": item.text, "createdate": item.created, "hs_pipeline_stage": "1"}
    return Thing(item.number, known, item.changed)


def _mails(item: Item) -> Iterator[Thing]:
    """A ticket with an even number was made of a mail, which is in it, too."""
    if item.number % 2 == 0:
        first = Message(_FIRST_MAIL - _MAIL + item.number, item.text, item.created)
        yield _mail(first)
    for message in item.replies:
        yield _mail(message)


def _mail(message: Message) -> Thing:
    is_plain = message.number % 2 == 0
    direction = "INCOMING_EMAIL" if message.is_customer else "EMAIL"
    known = {
        "hs_email_text": message.text if is_plain else None,
        "hs_email_html": f"<div><p>{message.text}</p></div>",
        "hs_email_direction": direction,
        "hs_timestamp": message.at,
    }
    return Thing(_MAIL + message.number, known, message.at)


def _value(one: Thing, name: str) -> Any:
    if name == "hs_object_id":
        return one.id
    return one.changed if name == "hs_lastmodifieddate" else one.properties.get(name)


def _holds(one: Thing, wanted: dict[str, Any]) -> bool:
    value, given = _value(one, wanted["propertyName"]), wanted["value"]
    if isinstance(value, datetime):
        given = datetime.fromtimestamp(int(given) / 1000, UTC)
    elif isinstance(value, int):
        given = int(given)
    match wanted["operator"]:
        case "EQ":
            return bool(value == given)
        case "GT":
            return bool(value > given)
        case "GTE":
            return bool(value >= given)
        case "LTE":
            return bool(value <= given)
    raise ValueError(wanted["operator"])


def _row(one: Thing, properties: Iterable[str]) -> dict[str, Any]:
    known = {**one.properties, "hs_lastmodifieddate": one.changed, "hs_object_id": str(one.id)}
    shown = {name: known.get(name) for name in [*properties, "hs_object_id", "hs_lastmodifieddate"] if name}
    return {
        "id": str(one.id),
        "properties": {name: _time(value) if isinstance(value, datetime) else value for name, value in shown.items()},
        "createdAt": _time(START),
        "updatedAt": _time(one.changed),
        "archived": False,
    }


def _batch(there: list[Thing], call: Call) -> Reply:
    if set(call.body) - {"inputs", "properties"} or not 0 < len(call.body["inputs"]) <= 100:
        return _invalid("Invalid input JSON")
    wanted = {one["id"] for one in call.body["inputs"]}
    rows = [_row(one, call.body["properties"]) for one in there if str(one.id) in wanted]
    lost = sorted(wanted - {row["id"] for row in rows})
    failed = {"numErrors": 1, "errors": [{"category": "OBJECT_NOT_FOUND", "context": {"ids": lost}}]} if lost else {}
    return Reply({"status": "COMPLETE", "results": rows, **failed}, 207 if lost else 200)


def _association(number: int, is_primary: bool) -> dict[str, Any]:
    types = [{"category": "HUBSPOT_DEFINED", "typeId": 25, "label": None}]
    primary = [{"category": "HUBSPOT_DEFINED", "typeId": 26, "label": "Primary"}] if is_primary else []
    return {"toObjectId": number, "associationTypes": [*primary, *types]}


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _invalid(message: str) -> Reply:
    return Reply({"status": "error", "message": message, "category": "VALIDATION_ERROR"}, 400)


def _missing_scopes() -> Reply:
    said = "This app hasn't been granted all required scopes to make this call."
    return Reply({"status": "error", "message": said, "category": "MISSING_SCOPES"}, 403)
