"""Gong's calls with what people outside the team said in them (API v2).

Calls are listed by when they began, and each appears only when it is processed, hours or days later. So those of the
last days are read again each time, with their transcripts. A call that was deleted or made private vanishes.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from connectors.http import Answer, Budget, NotThere, Rate, Service
from connectors.reading.changes import BEGINNING, Changed, page_of, read_time, start_of
from connectors.reading.malformed import made_or_refused, refused
from connectors.reading.spans import changed
from connectors.reading.threads import Said, thread_text
from connectors.reading.windows import Found, windows
from insights.config import Section
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind

_NONE_FOUND = "no calls found"
"""How Gong says, with status 404, that no call fits."""
_ACCOUNT = "account"
_PREFIXES = {"salesforce": "account", "hubspot": "company"}
"""What accounts are called by the sources of the same CRM."""


class GongSettings(Section):
    """`[[sources]]` with type = "gong"."""

    access_key: str = Field(description="Access key, which Gong shows beside its secret.")
    workspace: str = Field("", description="Id of the workspace to read; empty: all that the key may see.")
    reread_days: int = Field(
        7, ge=1, description="Calls of as many days are read again each time: Gong shows some of them late."
    )
    briefs: bool = Field(
        False, description="Where nobody outside is told apart in a call, take Gong's own brief of it. Not their words."
    )
    calls_a_day: int = Field(10_000, ge=1, description="Requests a day that your plan allows.")
    url: str = Field("https://api.gong.io", description="Address of the API, as Gong's page of keys shows it.")


class Gong:
    """One call is one item; transcripts are asked for a page of calls at a time."""

    def __init__(self, setup: Setup[GongSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        self._service = Service(
            name=setup.name,
            base_url=setup.settings.url,
            auth=lambda: (setup.settings.access_key, setup.secret()),
            secrets=self._secrets,
            budget=Budget(Rate(3, 1.0), Rate(setup.settings.calls_a_day, 86_400)),
            sleep=setup.sleep,
        )

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        for found, read_to in windows(self._search, begin=self._begin(state)):
            if read_to is not None:
                state = {**state, "read_to": max(read_to, read_time(state.get("read_to")) or read_to).isoformat()}
            yield page_of(self._made([one.row for one in found.rows]), state=state, total=found.total)

    def living(self) -> Iterator[Sequence[str]]:
        for found, _ in windows(self._search_bare, begin=BEGINNING):
            yield [one.id for one in found.rows if one.id]

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        """Asked for at once: those that are not among the answers."""
        there: set[str] = set()
        cursor: str | None = None
        while True:
            body = {"filter": {"callIds": list(source_ids)}, **({"cursor": cursor} if cursor else {})}
            answer = self._ask("v2/calls/extensive", body)
            there |= {str(_meta(row).get("id")) for row in _rows(answer, "calls", self.name)}
            cursor = _cursor(answer)
            if cursor is None:
                return [source_id for source_id in source_ids if source_id not in there]

    def check(self) -> str:
        """No call is as old as this: the answer is short, and needs no further permission."""
        self._ask("v2/calls/extensive", calls_body(BEGINNING, BEGINNING + timedelta(days=1), None))
        return f"access key {self._settings.access_key} at {self._service.base_url}"

    def _secrets(self) -> tuple[str, ...]:
        """And as it is sent."""
        secret = self._setup.secret()
        return secret, b64encode(f"{self._settings.access_key}:{secret}".encode()).decode()

    # -- asking ---------------------------------------------------------------------------------------------------

    def _begin(self, state: dict[str, Any]) -> datetime:
        known, since = read_time(state.get("read_to")), self._setup.since
        if known is not None:
            return max(known - max(self._setup.overlap, timedelta(days=self._settings.reread_days)), BEGINNING)
        return start_of(since)

    def _search(self, begin: datetime, until: datetime | None, after: str | None) -> Found:
        workspace, briefs = self._settings.workspace, self._settings.briefs
        return self._found({**calls_body(begin, until, after, workspace), **exposed(briefs=briefs)}, begin)

    def _search_bare(self, begin: datetime, until: datetime | None, after: str | None) -> Found:
        return self._found(calls_body(begin, until, after, self._settings.workspace), begin)

    def _found(self, body: Mapping[str, Any], begin: datetime) -> Found:
        answer = self._ask("v2/calls/extensive", body)
        rows = [_changed(row, begin) for row in _rows(answer, "calls", self.name)]
        total = (answer.data.get("records") or {}).get("totalRecords") or 0
        return Found(rows=tuple(rows), after=_cursor(answer), total=total, moment=answer.moment)

    def _ask(self, path: str, body: Mapping[str, Any]) -> Answer:
        try:
            return self._service.ask(path, body)
        except NotThere as error:
            if _NONE_FOUND not in error.message.lower():
                raise
            return Answer(404, {}, {})

    def _transcripts(self, ids: Sequence[str]) -> dict[str, Any]:
        """Call id -> what was said in it. A call that is not transcribed yet is not among them."""
        found: dict[str, Any] = {}
        cursor: str | None = None
        while ids:
            body = {"filter": {"callIds": list(ids)}, **({"cursor": cursor} if cursor else {})}
            answer = self._ask("v2/calls/transcript", body)
            for row in _rows(answer, "callTranscripts", self.name):
                if isinstance(row, dict):
                    found[str(row.get("callId"))] = row.get("transcript")
            cursor = _cursor(answer)
            if cursor is None:
                break
        return found

    # -- calls ----------------------------------------------------------------------------------------------------

    def _made(self, rows: Sequence[Any]) -> Iterator[Record | Reject]:
        ids = [str(_meta(row)["id"]) for row in rows if _meta(row).get("id")]
        said = self._transcripts(ids)
        yield from filter(None, (self._one(row, said) for row in rows))

    def _one(self, row: Any, said: Mapping[str, Any]) -> Record | Reject | None:
        if not _meta(row).get("id"):
            return refused(row, "It has no id.")
        return made_or_refused(lambda: self._record(row, said), row)

    def _record(self, row: dict[str, Any], said: Mapping[str, Any]) -> FeedbackRecord | None:
        """None where nobody outside says anything, or nobody wrote it down yet."""
        meta, parties = row["metaData"], [one for one in row.get("parties") or [] if _is_external(one)]
        text = thread_text(_spoken(said.get(str(meta["id"])) or [], parties)) or self._brief(row)
        if not text:
            return None
        speaker = _first_speaker(said.get(str(meta["id"])) or [], parties)
        return FeedbackRecord(
            source=self.name,
            source_id=str(meta["id"]),
            kind=FeedbackKind.NOTE,
            text=text,
            created_at=read_time(meta["started"]),
            author_name=speaker.get("name"),
            author_email=speaker.get("emailAddress"),
            account="\n".join(dict.fromkeys(_account_hints(row, parties))) or None,
            url=meta.get("url"),
        )

    def _brief(self, row: dict[str, Any]) -> str:
        return str((row.get("content") or {}).get("brief") or "") if self._settings.briefs else ""


def calls_body(begin: datetime, until: datetime | None, after: str | None, workspace: str = "") -> dict[str, Any]:
    """The request for calls that began at `begin` or later, and before `until`."""
    bounds = {"fromDateTime": _written(begin), **({"toDateTime": _written(until)} if until else {})}
    return {
        "filter": {**bounds, **({"workspaceId": workspace} if workspace else {})},
        **({"cursor": after} if after else {}),
    }


def exposed(*, briefs: bool) -> dict[str, Any]:
    """What is told of a call beside its data."""
    fields: dict[str, Any] = {"parties": True, **({"content": {"brief": True}} if briefs else {})}
    return {"contentSelector": {"context": "Extended", "exposedFields": fields}}


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _rows(answer: Answer, key: str, name: str) -> list[Any]:
    if answer.status == 404:
        return []
    found = answer.data.get(key) if isinstance(answer.data, dict) else None
    if not isinstance(found, list):
        raise InsightsError(f"{name} answered without {key}.", remedy="Check its address in insights.toml.")
    return found


def _cursor(answer: Answer) -> str | None:
    cursor = (answer.data.get("records") or {}).get("cursor") if isinstance(answer.data, dict) else None
    return str(cursor) if cursor else None


def _meta(row: Any) -> dict[str, Any]:
    meta = row.get("metaData") if isinstance(row, dict) else None
    return meta if isinstance(meta, dict) else {}


def _changed(row: Any, begin: datetime) -> Changed:
    meta = _meta(row)
    known = changed(meta, id_key="id", at=meta.get("started"), since=begin)
    return Changed(known.id, known.at, row)


def _is_external(party: Any) -> bool:
    """Gong says Unknown of many: those are not taken for customers."""
    return isinstance(party, dict) and str(party.get("affiliation")).lower() == "external"


def _spoken(transcript: Sequence[Mapping[str, Any]], parties: Sequence[Mapping[str, Any]]) -> Iterator[Said]:
    """What each of these people says at a time, in order."""
    speakers = {str(party["speakerId"]) for party in parties if party.get("speakerId")}
    for part in transcript:
        if str(part.get("speakerId")) in speakers:
            words = " ".join(str(sentence.get("text") or "") for sentence in part.get("sentences") or [])
            yield Said(text=words, is_html=False)


def _first_speaker(transcript: Sequence[Mapping[str, Any]], parties: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Who of these people speaks first; else whoever is named first."""
    known = {str(party["speakerId"]): party for party in parties if party.get("speakerId")}
    spoke = (known[str(part.get("speakerId"))] for part in transcript if str(part.get("speakerId")) in known)
    return next(spoke, parties[0] if parties else {})


def _account_hints(row: Mapping[str, Any], parties: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Ids and names of the CRM's accounts that the call belongs to, then those of its external parties."""
    contexts = [*(row.get("context") or []), *(one for party in parties for one in party.get("context") or [])]
    for context in contexts:
        prefix = _PREFIXES.get(str(context.get("system")).lower())
        for thing in context.get("objects") or []:
            if str(thing.get("objectType")).lower() in (_ACCOUNT, "company") and thing.get("objectId"):
                yield from filter(None, [prefix and f"{prefix}-{thing['objectId']}", str(thing["objectId"])])
                yield from (str(one["value"]) for one in thing.get("fields") or [] if _is_name(one))


def _is_name(one: Mapping[str, Any]) -> bool:
    return str(one.get("name")).lower() == "name" and bool(one.get("value"))


GONG = SourceKind(
    settings=GongSettings,
    make=Gong,
    login="access key secret (Admin center, Settings, Ecosystem, API)",
)
