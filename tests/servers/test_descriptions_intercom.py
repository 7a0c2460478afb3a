"""Intercom's own description of its API."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.http import Answer, Service
from connectors.sources.intercom import INTERCOM, Intercom, IntercomSettings, contacts_body, search_body
from insights.ports import Setup
from tests.hostile.dialects.intercom import IntercomDialect
from tests.hostile.server import SECRET, serving
from tests.hostile.world import World
from tests.servers.others import Described

pytestmark = pytest.mark.servers

DESCRIPTION = Path(__file__).parent / "descriptions" / "intercom.yaml"

RECENT = {"field": "updated_at", "operator": ">", "value": 1}


def test_a_right_search_is_answered(intercom: Described) -> None:
    body = {"query": {"operator": "AND", "value": [RECENT]}, "pagination": {"per_page": 5}}
    status, answer = intercom.ask("POST", "/conversations/search", body, {"Intercom-Version": "2.14"})

    assert (status, intercom.refused()) == (200, [])
    assert answer["conversations"][0]["updated_at"] > 0


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"query": RECENT, "pages": 5}, {}),
        ({"query": RECENT, "pagination": {"size": 5}}, {}),
        ({"query": RECENT | {"operator": "=>"}}, {}),
        ({"query": {"operator": "AND", "value": [RECENT | {"name": "id"}]}}, {}),
        ({"query": RECENT}, {"Intercom-Version": "two"}),
        ({"query": RECENT}, {"X-Intercom": "2.14"}),
        ({"query": RECENT}, {"Authorization": "some"}),
    ],
)
def test_a_wrong_search_is_refused(intercom: Described, body: Any, headers: dict[str, str]) -> None:
    status, _ = intercom.ask("POST", "/conversations/search", body, headers)

    assert status in {400, 401, 422}
    assert intercom.refused()


@pytest.mark.parametrize("path", ["/conversations/7?show=all", "/conversation/7"])
def test_a_wrong_address_is_refused(intercom: Described, path: str) -> None:
    status, _ = intercom.ask("GET", path)

    assert status in {404, 422}
    assert intercom.refused()


# -- the connector ----------------------------------------------------------------------------------------------------


def connector(base: str) -> Intercom:
    settings = IntercomSettings(url=base, accounts=True)
    setup = Setup(name="chat", settings=settings, folder=Path(), secret=lambda: SECRET, sleep=lambda _: 0)
    made = INTERCOM.make(setup)
    assert isinstance(made, Intercom)
    return made


def test_every_call_of_the_connector_is_accepted(intercom: Described) -> None:
    chat = connector(intercom.url)

    chat.check()
    pages = list(chat.fetch({}))
    living = [number for some in chat.living() for number in some]
    chat.are_gone([*living, "conversation-515"])

    asked = {(one["method"], re.sub(r"/[0-9a-f]+$|\?.*", "/", one["path"])) for one in intercom.calls()}
    assert intercom.refused() == []
    assert pages and living
    assert asked == {
        ("GET", "/me"),
        ("POST", "/conversations/search"),
        ("GET", "/conversations/"),
        ("POST", "/contacts/search"),
        ("GET", "/companies/scroll"),
        ("GET", "/companies/scroll/"),  # with a parameter
        ("GET", "/companies/"),
    }


@pytest.mark.parametrize("until", [None, datetime(2026, 2, 1, tzinfo=UTC)])
@pytest.mark.parametrize("after", [None, "WzE3MzQ1Mzc1NDYwMDAsNTE1LDJd"])
def test_every_search_of_the_connector_is_accepted(
    intercom: Described, until: datetime | None, after: str | None
) -> None:
    body = search_body(datetime(2026, 1, 1, tzinfo=UTC), until, after)
    status, _ = intercom.ask("POST", "/conversations/search", body, {"Intercom-Version": "2.14"})
    assert (status, intercom.refused()) == (200, [])


def test_contacts_are_searched_for_as_described(intercom: Described) -> None:
    status, _ = intercom.ask("POST", "/contacts/search", contacts_body(["6762f0971bb69f9f2193bb2b"]))
    assert (status, intercom.refused()) == (200, [])


def test_every_field_that_the_connector_reads_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads answers that note each name it looks up, and hold what the description does not name against it."""
    description = yaml.safe_load(DESCRIPTION.read_text())
    notes = Notes(description["components"]["schemas"])
    for method in ("get", "ask"):
        monkeypatch.setattr(Service, method, noting(getattr(Service, method), notes, description["paths"]))
    with serving(World(), IntercomDialect()) as hostile:
        hostile.world.add(9)
        hostile.world.reply(3)
        hostile.world.reply(3, is_customer=False)
        chat = connector(hostile.base)
        chat.check()
        pages = list(chat.fetch({}))

    assert sum(len(page.records) for page in pages) == 14 and not any(page.rejects for page in pages)
    assert notes.missing == set()
    assert {"conversation_rating.remark", "conversation_part_author.type", "company.monthly_spend"} <= notes.read


class Notes:
    """Which fields were read, as "schema.field" or as their path, and which of them no schema has."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas
        self.read: set[str] = set()
        self.missing: set[str] = set()

    def resolved(self, schema: Any, name: str) -> tuple[dict[str, Any], str]:
        """A schema itself in place of a reference to it, with its name."""
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self.schemas[name]
        return schema, name

    def noted(self, value: Any, schema: Any, name: str) -> Any:
        """The value, made to note what is read in it."""
        schema, name = self.resolved(schema, name)
        if isinstance(value, dict) and "properties" in schema:
            return Noted(value, schema=schema, name=name, notes=self)
        if isinstance(value, list) and "items" in schema:
            return [self.noted(one, schema["items"], name) for one in value]
        return value


class Noted(dict[str, Any]):
    def __init__(self, value: dict[str, Any], *, schema: dict[str, Any], name: str, notes: Notes) -> None:
        super().__init__(value)
        self._schema, self._name, self._notes = schema, name, notes

    def __getitem__(self, key: str) -> Any:
        return self._look(key, super().__getitem__(key))

    def get(self, key: str, default: Any = None) -> Any:
        return self._look(key, super().get(key, default))

    def _look(self, key: str, value: Any) -> Any:
        name = f"{self._name}.{key}"
        self._notes.read.add(name)
        if key not in self._schema["properties"]:
            self._notes.missing.add(name)
            return value
        return self._notes.noted(value, self._schema["properties"][key], name)


def noting(method: Any, notes: Notes, paths: dict[str, Any]) -> Any:
    """A method of Service whose answers note what is read in them."""

    def asking(service: Service, path: str, *given: Any, **named: Any) -> Answer:
        answer: Answer = method(service, path, *given, **named)
        verb = "post" if method.__name__ == "ask" else "get"
        template = (
            "/conversations/{conversation_id}" if path.startswith("conversations/") and verb == "get" else f"/{path}"
        )
        content = paths[template][verb]["responses"]["200"]["content"]["application/json"]
        return Answer(
            answer.status,
            notes.noted(answer.data, content["schema"], template),
            answer.headers,
            answer.moment,
            answer.url,
        )

    return asking
