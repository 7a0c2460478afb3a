"""Salesforce's REST API as it is used here: questions in SOQL, and a login whose token lives in memory alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from connectors.http import Answer, Forbidden, NotThere, Refused, Service
from connectors.reading.tokens import ClientCredentials
from insights.errors import InsightsError
from insights.ports import Setup

Got = TypeVar("Got")

_FEW = 200
"""Ids in one question: its address stays below 8,000 characters, Salesforce takes 16,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The first rows of an answer; `is_done`: there are no others. `moment` is the server's clock."""

    rows: list[Any]
    is_done: bool
    moment: datetime | None


class SalesforceApi:
    """`client_id`: the secret logs in by OAuth's client credentials; empty: it is an access token."""

    def __init__(self, setup: Setup[Any], *, url: str, client_id: str, version: str) -> None:
        self._name = setup.name
        self._login = ClientCredentials(
            setup,
            url=url,
            path="services/oauth2/token",
            client_id=client_id,
            remedy="See that the app has the client credentials flow with a user to run as, and give its secret",
            form=True,
        )
        self._data = f"services/data/v{version}"
        self._service = Service(
            name=setup.name,
            base_url=url,
            headers=lambda: {"Authorization": f"Bearer {self._login.token()}"},
            secrets=self._login.secrets,
            sleep=setup.sleep,
        )

    def first(self, question: str, *, deleted: bool = False) -> Found:
        """The first rows of an answer, as many as Salesforce sends at a time; with what lies in the recycle bin where
        `deleted`."""
        answer = self._get(f"{self._data}/{'queryAll' if deleted else 'query'}", {"q": question})
        return Found(rows=answer.data["records"], is_done=bool(answer.data["done"]), moment=answer.moment)

    def of_ids(
        self,
        fields: Sequence[str],
        kind: str,
        ids: Sequence[str],
        *,
        by: str = "Id",
        where: str = "",
        deleted: bool = False,
    ) -> Iterator[Any]:
        """All rows of an object whose id, or the field `by`, is among the ids; what is no row is left out."""
        for start in range(0, len(ids), _FEW):
            some = ", ".join(map(named, ids[start : start + _FEW]))
            rows = self._all(select(fields, kind, where, f"{by} IN ({some})"), deleted=deleted)
            yield from (row for row in rows if isinstance(row, dict))

    def text(self, path: str) -> str:
        """The text of a file; empty where it is not there any more."""
        try:
            return self._renewed(lambda: self._service.get_text(f"{self._data}/{path}"))
        except NotThere:
            return ""

    def identity(self) -> str:
        """As whom and where, in words; one whom the app does not let ask is told by the organisation."""
        try:
            me = self._get("services/oauth2/userinfo").data
            return f"{me.get('preferred_username') or me.get('name')} at {self._service.base_url}"
        except Forbidden:
            rows = self.first("SELECT Name FROM Organization").rows
            return f"{rows[0]['Name'] if rows else 'an app'} at {self._service.base_url}"

    def page_of(self, kind: str, number: str) -> str:
        """Where people look at a record."""
        return f"{self._service.base_url}/lightning/r/{kind}/{number}/view"

    def _all(self, question: str, *, deleted: bool) -> Iterator[Any]:
        data = self._get(f"{self._data}/{'queryAll' if deleted else 'query'}", {"q": question}).data
        yield from data["records"]
        while not data["done"]:
            data = self._get(data["nextRecordsUrl"]).data
            yield from data["records"]

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Answer:
        try:
            return self._renewed(lambda: self._service.get(path, params))
        except Refused as error:
            bare = error.unquoted[0]
            raise Refused(error.message, remedy=_FIELDS, status=error.status).quoting(bare, _FIELDS) from None

    def _renewed(self, ask: Callable[[], Got]) -> Got:
        """Once more with a new token where the old one is over."""
        try:
            return self._login.renewed(ask)
        except Forbidden as error:
            raise self._explained(error) from None

    def _explained(self, error: Forbidden) -> InsightsError:
        if "limit exceeded" not in error.message.lower():
            return error
        remedy = "What was read is kept; the same command goes on from there tomorrow."
        none_left = f"{self._name} has no calls left for today"
        bare = f"{none_left}: {error.unquoted[0]}"
        return InsightsError(f"{none_left}: {error.message}", remedy=remedy).quoting(bare, remedy)


_FIELDS = (
    "Write fields as Salesforce's API names them and let the login's user see them, or leave the object out of "
    "`objects` (mails of cases: emails = false)."
)


def select(fields: Sequence[str], kind: str, *conditions: str, order: str = "", limit: int = 0) -> str:
    """A question in SOQL; empty conditions are left out."""
    all_of = " AND ".join(filter(None, conditions))
    parts = (
        f"SELECT {', '.join(dict.fromkeys(fields))} FROM {kind}",  # noqa: S608 - names of ours and checked settings
        f"WHERE {all_of}" if all_of else "",
        f"ORDER BY {order}" if order else "",
        f"LIMIT {limit}" if limit else "",
    )
    return " ".join(filter(None, parts))


def named(text: str) -> str:
    """A text as SOQL writes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def literal(moment: datetime) -> str:
    """A time as SOQL writes it, in UTC."""
    at = moment.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
