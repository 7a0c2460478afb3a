"""HubSpot's CRM as it is asked here: searches, batches and associations within its limits (CRM API, versions by
month)."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from connectors.http import Budget, Forbidden, NotThere, Rate, Service
from connectors.reading.changes import BEGINNING, Batch, Changed
from connectors.reading.spans import BySpans, Reach, Span, changed
from insights.domain.customers import DealStage
from insights.errors import ExitCode, InsightsError
from insights.ports import Setup

_PAGE, _LISTED, _READ, _ASSOCIATED = 200, 100, 100, 1_000
"""The most that a search, a list, a batch of records and a batch of associations take."""
_CHANGED = "hs_lastmodifieddate"

Filter = Mapping[str, str]


class HubSpotCrm:
    """Searches have a rate of their own beside that of all calls."""

    def __init__(
        self, setup: Setup[Any], *, url: str, version: str, searches_a_second: int, calls_in_ten_seconds: int
    ) -> None:
        self._name = setup.name
        self._version = version
        self._sleep = setup.sleep
        self._searches = Budget(Rate(searches_a_second, 1))
        self._service = Service(
            name=setup.name,
            base_url=url,
            headers=lambda: {"Authorization": f"Bearer {setup.secret()}"},
            secrets=lambda: (setup.secret(),),
            budget=Budget(Rate(calls_in_ten_seconds, 10)),
            sleep=setup.sleep,
        )

    def account(self) -> dict[str, Any]:
        """Whose account it is. Raises Forbidden where the login may not ask."""
        return self._service.get(f"account-info/{self._version}/details").data or {}

    def listing(self, noun: str, properties: Iterable[str], *, where: Sequence[Filter] = ()) -> BySpans:
        """The rows of a noun by the time of their change."""
        wanted = list(dict.fromkeys([*properties, _CHANGED]))
        return BySpans(lambda span: self._search(noun, [*_filters(span), *where], wanted, span=span))

    def newest(self, noun: str, *, where: Sequence[Filter]) -> Changed | None:
        """The row that changed last, none after the server's own clock."""
        batch = self._search(noun, where, [_CHANGED])
        times = [replace(one, at=min(one.at, batch.moment or one.at)) for one in batch.rows if one.at > BEGINNING]
        return times[0] if times else None

    def all_of(self, noun: str) -> Iterator[list[Any]]:
        """Pages of all that is not archived, by id."""
        params: dict[str, Any] = {"limit": _LISTED, "archived": "false", "properties": "hs_object_id"}
        after: str | None = ""
        while after is not None:
            given = {**params, **({"after": after} if after else {})}
            data = self._service.get(f"crm/objects/{self._version}/{noun}", given).data
            yield data["results"]
            after = _next_of(data)

    def associated(self, noun: str, other: str, numbers: Sequence[str]) -> dict[str, list[str]]:
        """Record -> the ids of its others, the primary one first; those without are left out."""
        found: dict[str, list[tuple[bool, str]]] = {}
        wanted: list[dict[str, str]] = [{"id": number} for number in numbers if number]
        while wanted:
            now, wanted = wanted[:_ASSOCIATED], wanted[_ASSOCIATED:]
            path = f"crm/associations/{self._version}/{noun}/{other}/batch/read"
            data = self._service.ask(path, {"inputs": now}).data
            for result in data["results"]:
                number = str(result["from"]["id"])
                found.setdefault(number, []).extend(_association(one) for one in result["to"] if "toObjectId" in one)
                after = _next_of(result)
                wanted += [{"id": number, "after": after}] if after else []
        return {number: _primary_first(others) for number, others in found.items() if others}

    def records(self, noun: str, numbers: Sequence[str], properties: Iterable[str]) -> dict[str, Any]:
        """Id -> row, of those that are there."""
        found: dict[str, Any] = {}
        for start in range(0, len(numbers), _READ):
            some = [{"id": number} for number in numbers[start : start + _READ]]
            body = {"inputs": some, "properties": list(properties)}
            data = self._service.ask(f"crm/objects/{self._version}/{noun}/batch/read", body).data
            found |= {str(row["id"]): row for row in data["results"] if not row.get("archived")}
        return found

    def refuse_unknown(self, noun: str, properties: Iterable[str]) -> None:
        """HubSpot leaves out a property that it does not know without a word: revenue would be unknown for all."""
        for name in properties:
            try:
                # Whoever may not look is believed.
                with contextlib.suppress(Forbidden):
                    self._service.get(f"crm/properties/{self._version}/{noun}/{quote(name, safe='')}")
            except NotThere:
                raise InsightsError(
                    f"{self._name} knows no property {name} of {noun}.",
                    remedy="Write its internal name into insights.toml: HubSpot, Settings, Properties.",
                    exit_code=ExitCode.USAGE,
                ) from None

    def stages_of_deals(self) -> dict[str, DealStage]:
        """Stage -> what it means, over all pipelines; their ids are unique in an account."""
        stages = (stage for pipeline in self._pipelines() for stage in pipeline.get("stages") or ())
        return {str(stage["id"]): _stage(stage.get("metadata") or {}) for stage in stages}

    def _pipelines(self) -> list[Any]:
        """Those of deals; none where the login may not look: then deals' own flags tell."""
        try:
            return list(self._service.get(f"crm/pipelines/{self._version}/deals").data["results"])
        except Forbidden:
            return []

    def _search(
        self,
        noun: str,
        filters: Sequence[Filter],
        properties: Sequence[str],
        *,
        span: Span | None = None,
    ) -> Batch:
        """The first page of a span; where none is given, the newest row alone."""
        seconds = self._searches.wait_time()
        if seconds > 0:
            self._sleep(seconds)
        by_id = span is not None and span.reach is Reach.AT
        order = {
            "propertyName": "hs_object_id" if by_id else _CHANGED,
            "direction": "ASCENDING" if span else "DESCENDING",
        }
        body = {
            "filterGroups": [{"filters": list(filters)}],
            "sorts": [order],
            "properties": list(properties),
            "limit": _PAGE if span else 1,
        }
        answer = self._service.ask(f"crm/objects/{self._version}/{noun}/search", body)
        since = span.since if span else BEGINNING
        rows = [changed(row, id_key="id", at=_changed_at(row), since=since) for row in answer.data["results"]]
        return Batch(rows, more=_next_of(answer.data) is not None, moment=answer.moment)


def _filters(span: Span) -> list[dict[str, str]]:
    """The rows of a span; times are milliseconds since 1970."""
    at = str(round(span.since.timestamp() * 1000))
    operators = {Reach.FROM: ["GTE"], Reach.AT: ["GTE", "LTE"], Reach.AFTER: ["GT"]}[span.reach]
    times = [{"propertyName": _CHANGED, "operator": operator, "value": at} for operator in operators]
    after = {"propertyName": "hs_object_id", "operator": "GT", "value": span.after}
    return [*times, after] if span.after else times


def _next_of(data: Mapping[str, Any]) -> str | None:
    """What the next page begins after."""
    after = ((data.get("paging") or {}).get("next") or {}).get("after")
    return str(after) if after else None


def _changed_at(row: Any) -> Any:
    if not isinstance(row, dict):
        return None
    properties = row.get("properties")
    return (properties.get(_CHANGED) if isinstance(properties, dict) else None) or row.get("updatedAt")


def _association(row: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether it is the primary one, and its id."""
    is_primary = any(one.get("label") == "Primary" for one in row.get("associationTypes") or ())
    return is_primary, str(row["toObjectId"])


def _primary_first(others: Iterable[tuple[bool, str]]) -> list[str]:
    return list(dict.fromkeys(number for _, number in sorted(others, key=lambda one: not one[0])))


def _stage(metadata: Mapping[str, Any]) -> DealStage:
    """Closed with a probability of 1 is won, with another lost."""
    if str(metadata.get("isClosed")).lower() != "true":
        return DealStage.OPEN
    return DealStage.WON if str(metadata.get("probability")) in ("1", "1.0") else DealStage.LOST
