"""The audit log: append-only, numbered without gaps, each entry sealed over itself and the seal before it.

The chain is HMAC-SHA256 under a key of the workspace. That shows an edit, a deletion inside and an insertion; that the
end was cut off shows the head, which is anchored outside the database after each commit (Schneier and Kelsey, "Secure
Audit Logs to Support Computer Forensics", 1999, on why a log cannot tell of its own end).
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, LargeBinary, Select, cast, insert, or_, select
from sqlalchemy.exc import IntegrityError

from insights.domain.access import Actor, Role
from insights.domain.audit import NO_HEAD, Entry, Head, Kind, Trouble, Verdict
from insights.errors import InsightsError
from insights.storage import tables
from insights.storage.anchors import read_anchor, write_anchor
from insights.storage.database import Database, put_meta, take_ids
from insights.storage.encryption import Cipher
from insights.storage.key_ring import meta_value

COUNTER = "audit"
SETTINGS = "audit.settings"
"""Under this name stands what the settings' file was like when it was last looked at, as keyed digests."""
MOST_TOLD = 20
_AT_ONCE = 2_000
_TIME = "%Y-%m-%d %H:%M:%S.%f"
"""As SQLite keeps a time: what is sealed is what stands in the column."""

_ACTION = re.compile(r"[a-z]{1,20}\.[a-z_]{1,18}")
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:#~-]{0,79}")
_FACT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VALUE = re.compile(r"[A-Za-z0-9_.:,+~/#-]{0,200}")

NO_FACTS: Mapping[str, int | float | str] = MappingProxyType({})


class AuditStore:
    """Entries are written by `record` alone, and never changed or removed."""

    def __init__(self, database: Database, actor: Callable[[], Actor]) -> None:
        self._database = database
        self._cipher = database.cipher
        self._actor = actor
        self._lock = Lock()
        self.anchors: tuple[Path, ...] = ()
        """The files that the head is written to after a commit."""

    def record(
        self,
        action: str,
        subject: str = "",
        *,
        facts: Mapping[str, int | float | str] = NO_FACTS,
        connection: Connection | None = None,
    ) -> Entry:
        """Append what the repository's actor did: a part of the caller's transaction, or one of its own. Free text does
        not get in: a subject or a fact that is no short identifier stands there as a keyed digest. Raises ValueError
        for an action or a fact's name of another form."""
        told = json.dumps(self._short(facts), sort_keys=True, separators=(",", ":"))
        values = {
            "at": _now(),
            "who": _who(self._actor()),
            "roles": _roles(self._actor()),
            "action": _checked(action),
            "subject": self._named(subject, _SUBJECT) if subject else "",
            "facts": told,
        }
        with self._database.write_in(connection) as own:
            # The counter's row is held until the transaction ends: nobody else takes the same number or head.
            number = take_ids(own, COUNTER, count=1)[0]
            row = {"id": number, **values}
            seal = self._cipher.mac(_sealed_bytes(_as_read(row), _mac_before(own, number)))
            own.execute(insert(tables.audit).values(**row, mac=seal))
            self._database.after(own, lambda: self.anchor(Head(number, seal)))
        return _entry(_as_read({**row, "mac": seal}))

    def entries(self, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """By number. Raises InsightsError where one cannot be read."""
        with self._database.read() as connection:
            return [_entry(row) for row in self._rows(connection, after=after, limit=limit)]

    def newest(
        self,
        *,
        since: datetime | None = None,
        who: str = "",
        action: str = "",
        subject: str = "",
        limit: int = 50,
    ) -> list[Entry]:
        """The newest first: of somebody, of a kind ("decision" or "decision.accept"), of a subject. Raises
        InsightsError where one cannot be read."""
        column = tables.audit.c
        query = self._query().order_by(column.id.desc()).limit(limit)
        if since is not None:
            query = query.where(column.at >= since)
        if who:
            who = _storable(who)
            signed = column.who.startswith(f"{who} as ", autoescape=True)
            query = query.where(or_(column.who == who, signed, column.who.endswith(f" as {who}", autoescape=True)))
        if action:
            action = _storable(action)
            query = query.where(or_(column.action == action, column.action.startswith(f"{action}.", autoescape=True)))
        if subject:
            query = query.where(column.subject == self._named(subject, _SUBJECT))
        with self._database.read() as connection:
            return [_entry(_decoded(row)) for row in connection.execute(query)]

    def head(self) -> Head:
        """The newest entry's number and seal."""
        with self._database.read() as connection:
            return _head_in(connection)

    # -- the chain --------------------------------------------------------------------------------------------

    def verify(self, anchors: Mapping[str, Head] = MappingProxyType({})) -> Verdict:
        """Walk the whole chain, and compare it with the heads that were kept elsewhere: place, in words -> head."""
        walk = _Walk(self._cipher, wanted={head.number for head in anchors.values()})
        with self._database.read() as connection:
            given = _given(connection)
            while rows := list(self._rows(connection, after=walk.read, limit=_AT_ONCE)):
                for row in rows:
                    walk.step(row)
        return walk.verdict(given, anchors)

    def _rows(self, connection: Connection, *, after: int | None, limit: int) -> Iterator[dict[str, str]]:
        column = tables.audit.c
        query = self._query().order_by(column.id).limit(limit)
        if after is not None:
            query = query.where(column.id > after)
        for row in connection.execute(query):
            yield _decoded(row)

    def _query(self) -> Select[Any]:
        """Columns as they stand there: SQLite would refuse a damaged text or time before we could tell of it."""
        columns = [one for one in tables.audit.c if one.name != "id"]
        if self._database.engine.dialect.name == "sqlite":
            return select(tables.audit.c.id, *(cast(one, LargeBinary).label(one.name) for one in columns))
        return select(tables.audit.c.id, *columns)

    # -- the anchors ------------------------------------------------------------------------------------------

    def anchored(self) -> dict[Path, Head | None]:
        """What stands in the files; None where there is none, or it is damaged."""
        return {path: read_anchor(path) for path in self.anchors}

    def anchor(self, head: Head) -> None:
        """Write it to the files, except where one knows an entry that the log has not: that stays, to be told by
        `verify`. A file that cannot be written is left behind."""
        with self._lock:
            for path, before in self.anchored().items():
                with suppress(OSError, InsightsError):
                    if before is None or (before.number < head.number and self._has(before)):
                        write_anchor(path, head)

    def anchor_anew(self) -> Head:
        """Take the log as it is for the right one, as after a backup was restored, and say so in it."""
        former = max((head.number for head in self.anchored().values() if head), default=0)
        made = self.record("audit.anchor", facts={"former": former})
        head = Head(made.number, made.mac)
        for path in self.anchors:
            write_anchor(path, head)
        return head

    def _has(self, head: Head) -> bool:
        query = select(tables.audit.c.mac).where(tables.audit.c.id == head.number)
        with self._database.read() as connection:
            return head == NO_HEAD or connection.execute(query).scalar() == head.mac

    # -- settings ---------------------------------------------------------------------------------------------

    def notice_settings(self, text: str, sections: Callable[[], Mapping[str, str]]) -> None:
        """Record that the settings' file was changed since it was last looked at, and in which sections: section -> its
        content, asked for only then. The first look records nothing. InsightsError at once where SQLite is busy."""
        whole = self._cipher.digest(text)
        if _kept_settings(self._database.get_meta(SETTINGS)).get("") == whole:
            return
        now = {"": whole, **{name: self._cipher.digest(content) for name, content in sections().items()}}
        # Another process may be first (PostgreSQL); nobody waits long for a note.
        with suppress(IntegrityError), self._database.write(waits=False) as connection:
            self._note_settings(now, connection)

    def _note_settings(self, now: Mapping[str, str], connection: Connection) -> None:
        before = _kept_settings(meta_value(connection, SETTINGS))
        if before.get("") == now[""]:  # another process was first
            return
        changed = sorted(name for name in {*before, *now} - {""} if before.get(name) != now.get(name))
        put_meta(connection, SETTINGS, json.dumps(now))
        if before and changed:
            self.record("settings.change", facts={"sections": ",".join(changed)}, connection=connection)

    def _short(self, facts: Mapping[str, int | float | str]) -> dict[str, int | float | str]:
        odd = [name for name in facts if not _FACT.fullmatch(name)]
        if odd:
            msg = f"no name of a fact: {odd[0]!r}"
            raise ValueError(msg)
        return {name: self._value(value) for name, value in facts.items()}

    def _value(self, value: float | str) -> int | float | str:
        if isinstance(value, str):
            return self._named(value, _VALUE)
        return value if math.isfinite(value) else str(value)

    def _named(self, text: str, form: re.Pattern[str]) -> str:
        """As it is, where it is a short identifier; else what stands for it."""
        return text if form.fullmatch(text) else f"digest~{self._cipher.digest(text)}"


def _kept_settings(kept: str | None) -> dict[str, str]:
    try:
        found = json.loads(kept or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _checked(action: str) -> str:
    if not _ACTION.fullmatch(action):
        msg = f"no name of an action: {action!r}"
        raise ValueError(msg)
    return action


def _who(actor: Actor) -> str:
    """By the login, which nobody chooses, with the name that decisions carry where it is another."""
    who = actor.name if actor.name == actor.who else f"{actor.name} as {actor.who}"
    return _storable(who)[:120]


def _now() -> datetime:
    """The real clock: what a replay takes for today is no time at which anything was done."""
    return datetime.now(UTC)


def _storable(text: str) -> str:
    """Without what a database refuses in a text."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _roles(actor: Actor) -> str:
    return ",".join(role.value for role in Role if role in actor.roles)


def _mac_before(connection: Connection, number: int) -> str:
    column = tables.audit.c
    query = select(column.mac).where(column.id < number).order_by(column.id.desc()).limit(1)
    return connection.execute(query).scalar() or ""


def _head_in(connection: Connection) -> Head:
    column = tables.audit.c
    row = connection.execute(select(column.id, column.mac).order_by(column.id.desc()).limit(1)).first()
    return Head(row.id, row.mac) if row else NO_HEAD


def _given(connection: Connection) -> int:
    """The last number that was ever given."""
    column = tables.counter.c
    return connection.execute(select(column.last).where(column.name == COUNTER)).scalar() or 0


def _sealed_bytes(row: Mapping[str, str], before: str) -> bytes:
    """A JSON list, so that no two entries have the same: number, at, who, roles, action, subject, facts, mac before."""
    parts = [row[name] for name in ("id", "at", "who", "roles", "action", "subject", "facts")]
    return json.dumps([*parts, before], separators=(",", ":")).encode("ascii")


def _as_read(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in row.items()}


def _decoded(row: Any) -> dict[str, str]:
    return _as_read(row._mapping)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime(_TIME)
    return str(value)


def _entry(row: Mapping[str, str]) -> Entry:
    try:
        at, facts = datetime.strptime(row["at"], _TIME).replace(tzinfo=UTC), json.loads(row["facts"])
    except ValueError:
        at, facts = None, None
    if at is None or not isinstance(facts, dict):
        raise InsightsError(
            f"Entry {row['id']} of the audit log was damaged or changed.",
            remedy="Find out what happened to it: insights audit verify",
        )
    return Entry(
        number=int(row["id"]),
        at=at,
        who=row["who"],
        roles=row["roles"],
        action=row["action"],
        subject=row["subject"],
        facts=facts,
        mac=row["mac"],
    )


# -- verifying ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Walk:
    """What is known of the chain up to an entry. After a trouble it goes on with the seal that stands there, so that
    one edit is one trouble."""

    cipher: Cipher
    wanted: set[int]
    read: int | None = None
    """The number that was read last; `last` is that of the chain, which begins at 1."""
    last: int = 0
    mac: str = ""
    entries: int = 0
    suspect: int | None = None
    """An entry that does not follow; what that means, the next one tells."""
    at: str = ""
    jumps: list[int] = field(default_factory=list)
    macs: dict[int, str] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)

    def step(self, row: Mapping[str, str]) -> None:
        number, follows = int(row["id"]), self.last + 1
        self.read = number
        self.entries += 1
        if number < follows:
            self.troubles.append(Trouble(number=number, kind=Kind.MOVED, words=f"entry {number} was put in."))
            return
        is_sealed = row["mac"] == self.cipher.mac(_sealed_bytes(row, self.mac))
        self._settle(is_followed=is_sealed and number == follows)
        if number > follows:
            self.troubles.append(_missing(follows, number - 1))
        elif not is_sealed:
            self.suspect = number
        if row["at"] < self.at:
            self.jumps.append(number)
        self.last, self.mac, self.at = number, row["mac"], row["at"]
        if number in self.wanted:
            self.macs[number] = row["mac"]

    def verdict(self, given: int, anchors: Mapping[str, Head]) -> Verdict:
        self._settle(is_followed=False)
        if given > self.last:
            words = (
                f"the log ends with entry {self.last}, and {given} were written: its end was cut off."
                if self.entries
                else f"the log is empty, and {given} entries were written: it was deleted."
            )
            self.troubles.append(Trouble(number=self.last + 1, kind=Kind.CUT, words=words))
        elif given < self.last:
            words = f"entry {given + 1} and what follows were not written by insights."
            self.troubles.append(Trouble(number=given + 1, kind=Kind.MOVED, words=words))
        self.troubles += [one for place, head in anchors.items() if (one := self._against(place, head))]
        found = sorted(self.troubles, key=lambda one: one.number)
        return Verdict(
            entries=self.entries,
            head=Head(self.last, self.mac) if self.entries else NO_HEAD,
            troubles=tuple(found[:MOST_TOLD]),
            count=len(found),
            notes=_notes(self.jumps),
        )

    def _settle(self, *, is_followed: bool) -> None:
        """Say what the entry before was, now that it is known whether this one follows its seal."""
        if self.suspect is None:
            return
        number, self.suspect = self.suspect, None
        kind = Kind.EDITED if is_followed else Kind.MOVED
        words = (
            f"what entry {number} says was changed after it was written."
            if is_followed
            else f"entry {number} is not the one that was written there: it was changed, put in or swapped, or others "
            "before it were taken out."
        )
        self.troubles.append(Trouble(number=number, kind=kind, words=words))

    def _against(self, place: str, head: Head) -> Trouble | None:
        if head == NO_HEAD or self.macs.get(head.number) == head.mac:
            return None
        if head.number > self.last:
            words = (
                f"{place} knows entry {head.number}, and the log ends with {self.last}: its end was cut off, or an "
                "older database was put in its place."
            )
            return Trouble(number=self.last + 1, kind=Kind.CUT, words=words)
        words = f"entry {head.number} is another one than {place} knows: the log was replaced from there or before."
        return Trouble(number=head.number, kind=Kind.REPLACED, words=words)


def _missing(first: int, last: int) -> Trouble:
    which = f"entry {first} is" if first == last else f"entries {first} to {last} are"
    return Trouble(number=first, kind=Kind.MISSING, words=f"{which} missing: deleted.")


def _notes(jumps: Sequence[int]) -> tuple[str, ...]:
    if not jumps:
        return ()
    which: Iterable[str] = map(str, jumps[:MOST_TOLD])
    return (f"the clock was set back before entry {', '.join(which)}; the numbers tell the order.",)
