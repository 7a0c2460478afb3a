"""Pages of Request Tracker's REST 2, by the ids of their rows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.http import Service
from connectors.reading.malformed import refused
from insights.errors import InsightsError
from insights.ports import Reject

PAGE = 100
_MOST_EMPTY = 200

Row = dict[str, Any]


class Rest:
    """Asks for rows by queries, always with a condition on their ids: a page that shifts loses none. `moment` is the
    server's clock as it last was, None where it does not say."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._refused: list[Reject] = []
        self.moment: datetime | None = None

    def refused(self) -> list[Reject]:
        """The rows that could not be read since this was asked last."""
        found, self._refused = self._refused, []
        return found

    def walk(self, path: str, query: str, *, fields: str, after: int = 0) -> Iterator[tuple[list[Row], int]]:
        """Pages of rows by their ids, up to the newest that there is now, each with how many there are in all, 0 where
        RT does not say. A page may be empty before the end, where RT hides rows after it counted them."""
        newest = self.rows(path, f"{query} AND id > {after}", fields=fields, order="DESC")
        last, number, total = max((int(row["id"]) for row in newest), default=0), 1, 0
        while after < last:
            data = self._ask(path, {"query": f"{query} AND id > {after}", "fields": fields, "page": number})
            rows = self._items(data, *_needed(path))
            total = total or int(data.get("total") or 0)
            if rows:
                yield rows, total
            after, number = (self._moved(after, rows), 1) if rows else (after, number + 1)
            if number > _MOST_EMPTY:
                raise InsightsError(
                    f"{self._service.name} gives one empty page after the other.",
                    remedy="Let its user see all tickets of its queues, or leave $UseSQLForACLChecks on.",
                )

    def until_short(self, path: str, query: str, **params: str) -> Iterator[list[Row]]:
        """Pages of rows by their ids, where RT hides none of them: a short one is the last."""
        after, is_more = 0, True
        while is_more:
            data = self._ask(path, {"query": f"{query} AND id > {after}", **params})
            rows = self._items(data, *_needed(path))
            if rows:
                yield rows
                after = self._moved(after, rows)
            total = data.get("total")
            is_more = bool(rows) and (total > len(rows) if isinstance(total, int) else len(rows) >= _full(data))

    def parts(self, conditions: Sequence[Row]) -> Iterator[Row]:
        """The parts of messages, by their ids."""
        after, is_more = 0, True
        params = {"fields": "TransactionId,ContentType,Content", "orderby": "id", "per_page": PAGE}
        while is_more:
            body = [*conditions, {"field": "id", "operator": ">", "value": str(after)}]
            data = self._service.ask("attachments", body, params).data
            rows = self._items(data, "TransactionId")
            yield from rows
            after = int(rows[-1]["id"]) if rows else after
            is_more = bool(rows) and len(rows) >= _full(data)

    def _moved(self, after: int, rows: Sequence[Row]) -> int:
        """The id of the last row. Raises InsightsError where the query was not heeded, as by RT 4."""
        if int(rows[-1]["id"]) <= after:
            raise InsightsError(
                f"{self._service.name} does not heed queries of its log.",
                remedy="Request Tracker 5.0 or later is needed.",
            )
        return int(rows[-1]["id"])

    def rows(self, path: str, query: str, **params: Any) -> list[Row]:
        return self._items(self._ask(path, {"query": query, **params}), *_needed(path))

    def _ask(self, path: str, params: Mapping[str, Any]) -> Row:
        answer = self._service.get(path, {"orderby": "id", "order": "ASC", "per_page": PAGE, **params})
        self.moment = answer.moment
        return answer.data if isinstance(answer.data, dict) else {}

    def _items(self, data: Any, *needed: str) -> list[Row]:
        """The rows of a page. One without its numbers is refused: nothing else of it could be looked up."""
        rows = data.get("items") if isinstance(data, dict) else None
        good, odd = list[Row](), list[Any]()
        for row in rows or ():
            has_numbers = isinstance(row, dict) and all(is_number(row.get(name)) for name in ("id", *needed))
            (good if has_numbers else odd).append(row)
        self._refused += [refused(row, "It has no number.") for row in odd]
        return good


def _needed(path: str) -> tuple[str, ...]:
    return ("ObjectId",) if path == "transactions" else ()


def is_number(value: Any) -> bool:
    return str(value).isdecimal()


def _full(data: Any) -> int:
    """How many rows a full page has, by the server's word."""
    return int((data or {}).get("per_page") or PAGE)
