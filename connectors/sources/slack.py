"""Slack's channels: each thread with what customers wrote in it (Web API).

Replies are not in a channel's history and do not move their thread in it. So the history of the last days is read again
each time, and the replies of each thread that looks another way than it did. A deleted message vanishes; where it has
replies, an empty one stays in its place.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from pydantic import Field

from connectors.http import NotThere
from connectors.reading.changes import BEGINNING, Changed, Gone
from connectors.reading.malformed import made_or_refused, refused
from connectors.reading.newest_first import Slice, newest_first
from connectors.reading.threads import Said, thread_text
from connectors.sources.slack_api import SlackApi
from connectors.sources.slack_people import Home, People
from connectors.sources.slack_text import plain_text
from insights.config import Section
from insights.domain.feedback import FeedbackKind, FeedbackRecord
from insights.errors import ExitCode, InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind

_PAGE = 200
_SECOND = timedelta(seconds=1)
_STILL_EDITED = timedelta(days=1)
"""Nothing tells that a reply was edited: threads that are younger are read each time."""
_WORDS = (None, "", "thread_broadcast", "file_share", "me_message")
"""Subtypes of messages that a person wrote."""
_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_TS = re.compile(r"\d{1,11}\.\d{1,9}")


class SlackSettings(Section):
    """`[[sources]]` with type = "slack"."""

    channels: list[str] = Field(min_length=1, description="Channels, by name or by id: acme-support or C012AB3CD.")
    everyone: bool = Field(
        False, description="Take everybody's words for a customer's, not only those of other teams and of guests."
    )
    our_teams: list[str] = Field([], description="Ids of further Slack teams whose members are your own people.")
    accounts: dict[str, str] = Field(
        {}, description="Which account a channel belongs to: channel, as it is named in channels, to an id or a name."
    )
    thread_days: int = Field(14, ge=1, description="For how many days after its first message a thread is looked at.")
    calls_a_minute: int = Field(50, ge=1, description="Calls a minute and method; 1 for apps that Slack limits more.")
    url: str = Field("https://slack.com/api", description="Address of the API.")


class Slack:
    """Threads by the time of their first message; a message that nobody answered is one, too."""

    def __init__(self, setup: Setup[SlackSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._settings = setup.settings
        self._api = SlackApi(setup, url=setup.settings.url, calls_a_minute=setup.settings.calls_a_minute)
        self._found: dict[str, str] = {}

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        home, moment = self._home()
        people = People(self._api, home, everyone=self._settings.everyone)
        for named, channel in self._channels().items():
            reader = _Channel(
                api=self._api,
                id=channel,
                source=self.name,
                people=people,
                home=home,
                moment=moment,
                known=dict(_known(state, channel)),
                account=self._settings.accounts.get(named),
                days=timedelta(days=self._settings.thread_days),
            )
            pages = newest_first(
                state,
                key=_key(channel),
                ask=reader.ask,
                make=reader.make,
                since=self._setup.since,
                overlap=max(self._setup.overlap, timedelta(days=self._settings.thread_days)),
                extra=reader.kept,
                rows_move=False,
            )
            for page in pages:
                state = {**page.state, "warnings": _warnings(people)}
                yield replace(page, state=state)

    def living(self) -> Iterator[Sequence[str]]:
        _, moment = self._home()
        for channel in self._channels().values():
            after: str | None = ""
            while after is not None:
                page = _history(self._api, channel, BEGINNING, after or None, moment)
                yield [f"{channel}-{one.id}" for one in page.rows if _is_root(one.row)]
                after = page.after

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        return [source_id for source_id in source_ids if self._is_gone(*source_id.split("-", 1))]

    def is_covered(self, source_id: str) -> bool:
        """A channel that is no longer named says nothing of its threads."""
        return source_id.split("-", 1)[0] in self._channels().values()

    def check(self) -> str:
        me = self._api.call("auth.test").data
        return f"{me.get('user')} in {me.get('team')} at {me.get('url')}"

    def _home(self) -> tuple[Home, datetime | None]:
        """And the server's time."""
        answer = self._api.call("auth.test")
        me = answer.data
        teams = frozenset(filter(None, [me.get("team_id"), me.get("enterprise_id"), *self._settings.our_teams]))
        return Home(teams=teams, enterprise=me.get("enterprise_id") or "", url=me.get("url") or ""), answer.moment

    def _channels(self) -> dict[str, str]:
        """As they are named in the settings -> id. Raises InsightsError where one is not there."""
        if not self._found:
            self._found = self._looked_up()
        return self._found

    def _looked_up(self) -> dict[str, str]:
        ids = {named: named for named in self._settings.channels if _ID.fullmatch(named)}
        names = {named.removeprefix("#").lower(): named for named in self._settings.channels if named not in ids}
        cursor = ""
        while len(ids) < len(set(self._settings.channels)):
            given: dict[str, str | int] = {"types": "public_channel,private_channel", "limit": _PAGE}
            data = self._api.call("conversations.list", **given, **({"cursor": cursor} if cursor else {})).data
            found = {row.get("name"): str(row.get("id")) for row in data.get("channels") or [] if isinstance(row, dict)}
            ids |= {named: found[name] for name, named in names.items() if name in found}
            before, cursor = cursor, _next_cursor(data)
            if cursor in ("", before):
                break
        if missing := [named for named in self._settings.channels if named not in ids]:
            raise InsightsError(
                f"{self.name} sees no channel called {missing[0]}.",
                remedy="Check the name in insights.toml; into a private channel the app must be invited.",
                exit_code=ExitCode.USAGE,
            )
        return ids

    def _is_gone(self, channel: str, ts: str) -> bool:
        data = self._api.call(
            "conversations.history", channel=channel, oldest=ts, latest=ts, inclusive="true", limit=1
        ).data
        found = [row for row in data.get("messages") or [] if row.get("ts") == ts]
        return not found or (found[0].get("subtype") == "tombstone" and not found[0].get("reply_count"))


@dataclass(kw_only=True)
class _Channel:
    """Reads one channel. `known` is how each thread of the last `days` looked when it was delivered."""

    api: SlackApi
    id: str
    source: str
    people: People
    home: Home
    moment: datetime | None
    known: dict[str, str]
    account: str | None
    days: timedelta
    _begin: datetime = BEGINNING

    def __post_init__(self) -> None:
        self._newest = max(map(_moment_of, self.known), default=BEGINNING)

    def ask(self, begin: datetime, after: str | None) -> Slice:
        self._begin = begin
        return _history(self.api, self.id, begin, after, self.moment)

    def make(self, rows: Sequence[Changed]) -> Iterator[Record | Reject | Gone]:
        for one in rows:
            root = _root(one.row)
            if not one.id or root is None:
                yield refused(one.row, "It has no ts that is a time.")
            elif root == one.id:
                yield from self._changed(one)
            elif _moment_of(root) < self._begin:
                # An answer that was also sent to the channel, in a thread that is no longer looked at by itself.
                yield self._thread(root, None)

    def kept(self) -> dict[str, Any]:
        """What is remembered of the threads that will be looked at again."""
        return {"known": dict(self.known)}

    def _changed(self, one: Changed) -> Iterator[Record | Reject | Gone]:
        look = _look(one.row)
        if self.known.get(one.id) != look or self._may_be_edited(one.row):
            yield self._thread(one.id, one.row)
            self._remember(one, look)

    def _remember(self, one: Changed, look: str) -> None:
        if one.at > self._newest:
            self._newest = one.at
            self.known = {ts: known for ts, known in self.known.items() if self._is_looked_at(_moment_of(ts))}
        if self._is_looked_at(one.at):
            self.known[one.id] = look

    def _is_looked_at(self, at: datetime) -> bool:
        return self._newest - at <= self.days

    def _may_be_edited(self, row: dict[str, Any]) -> bool:
        latest = str(row.get("latest_reply") or "")
        return bool(
            _TS.fullmatch(latest) and self.moment is not None and self.moment - _moment_of(latest) < _STILL_EDITED
        )

    def _thread(self, ts: str, row: dict[str, Any] | None) -> Record | Reject | Gone:
        """Its messages are asked for where it has any beside the first."""
        try:
            messages = [row] if row is not None and not row.get("reply_count") else list(self._replies(ts))
        except NotThere:
            return Gone(self._id(ts))
        self.people.meet(messages)
        return made_or_refused(lambda: self._record(ts, messages), messages)

    def _replies(self, ts: str) -> Iterator[Any]:
        """The first message and its replies, the oldest first."""
        cursor = ""
        while True:
            given: dict[str, str | int] = {"channel": self.id, "ts": ts, "limit": _PAGE}
            data = self.api.call("conversations.replies", **given, **({"cursor": cursor} if cursor else {})).data
            yield from data.get("messages") or []
            before, cursor = cursor, _next_cursor(data)
            if cursor in ("", before):
                return

    def _record(self, ts: str, messages: Sequence[dict[str, Any]]) -> FeedbackRecord | Gone:
        """Gone where no customer says anything in it, or no longer."""
        said = [one for one in messages if one.get("subtype") in _WORDS and self.people.is_customer(one)]
        text = thread_text(Said(text=self._plain(one), is_html=False) for one in said)
        if not text:
            return Gone(self._id(ts))
        author = self.people.of(said[0]["user"])
        return FeedbackRecord(
            source=self.source,
            source_id=self._id(ts),
            kind=FeedbackKind.TICKET,
            text=text,
            created_at=_moment_of(ts),
            author_name=author.name,
            author_email=author.email,
            account=self.account,
            url=f"{self.home.url}archives/{self.id}/p{ts.replace('.', '')}" if self.home.url else None,
        )

    def _plain(self, message: dict[str, Any]) -> str:
        return plain_text(message.get("text") or "", self.people.name_of)

    def _id(self, ts: str) -> str:
        return f"{self.id}-{ts}"


def _history(api: SlackApi, channel: str, begin: datetime, after: str | None, moment: datetime | None) -> Slice:
    """A page of a channel's messages. Slack gives those nearest to `latest`, the newest first; both bounds are left
    out, and no two messages of a channel have one ts, so the oldest of a page leads to the next."""
    latest = after or (f"{(moment + _SECOND).timestamp():.6f}" if moment is not None else "")
    answer = api.call(
        "conversations.history",
        channel=channel,
        limit=_PAGE,
        oldest=f"{max((begin - _SECOND).timestamp(), 0):.6f}" if begin > BEGINNING else "0",
        **({"latest": latest} if latest else {}),
    )
    rows = [_row(row, begin) for row in answer.data.get("messages") or []]
    times = [one.id for one in rows if one.id]
    more = bool(answer.data.get("has_more")) and bool(times)
    return Slice(rows=rows, after=min(times, key=_order) if more else None, moment=answer.moment)


def _row(row: Any, begin: datetime) -> Changed:
    ts = row.get("ts") if isinstance(row, dict) else None
    if not isinstance(ts, str) or not _TS.fullmatch(ts):
        return Changed("", begin, row)
    return Changed(ts, _moment_of(ts), row)


def _moment_of(ts: str) -> datetime:
    """What follows the point tells messages of one second apart; it is no part of the time."""
    return datetime.fromtimestamp(int(ts.partition(".")[0]), UTC)


def _order(ts: str) -> tuple[int, str]:
    seconds, _, rest = ts.partition(".")
    return int(seconds), rest


def _root(row: Any) -> str | None:
    """The ts of the thread's first message; None where it is no ts."""
    if not isinstance(row, dict):
        return None
    root = row.get("thread_ts") or row.get("ts")
    return root if isinstance(root, str) and _TS.fullmatch(root) else None


def _is_root(row: Any) -> bool:
    return isinstance(row, dict) and bool(row.get("ts")) and _root(row) == row.get("ts")


def _look(row: dict[str, Any]) -> str:
    """Another one for every change of a thread that its first message tells."""
    edited = (row.get("edited") or {}) if isinstance(row.get("edited"), dict) else {}
    seen = [row.get(key) for key in ("text", "subtype", "user", "latest_reply", "reply_count")] + [edited.get("ts")]
    return blake2b(repr(seen).encode("utf-8", "replace"), digest_size=6).hexdigest()


def _next_cursor(data: dict[str, Any]) -> str:
    return str((data.get("response_metadata") or {}).get("next_cursor") or "")


def _key(channel: str) -> str:
    return f"channel {channel}"


def _known(state: dict[str, Any], channel: str) -> dict[str, str]:
    known: dict[str, str] = (state.get(_key(channel)) or {}).get("known") or {}
    return known


def _warnings(people: People) -> list[str]:
    if not people.lacks:
        return []
    return [f"Without the scope {people.lacks} of the app, guests, names and addresses of people are not known."]


SLACK = SourceKind(
    settings=SlackSettings,
    make=Slack,
    login="bot token (xoxb-) of an app in your workspace that was invited into the channels",
)
