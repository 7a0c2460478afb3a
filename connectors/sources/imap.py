"""A support address's mailbox: what customers wrote, one item for each conversation.

Mails never change, so a folder's numbers tell what is new; which mails belong together is told by the ids they name.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from connectors.reading.mails import (
    Head,
    Mail,
    Ours,
    Threads,
    made_item,
    read_head,
    read_mail,
    refused_mail,
    source_id_of,
)
from connectors.sources.imap_mailbox import Fetched, Folder, Mailbox
from insights.config import Section
from insights.ports import Page, Record, Reject, Setup, SourceKind

PAGE_MAILS = 100
_READ_AGAIN = 10
"""So many mails before the new ones are read again: a number may have become visible late."""
_MOST_MAILS = 500
"""Of one thread. Two machines that answer each other never end."""
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ImapSettings(Section):
    """`[[sources]]` with type = "imap"."""

    host: str = Field(pattern=r"^[A-Za-z0-9.:-]+$", max_length=255, description="The server: imap.example.com.")
    port: int = Field(993, ge=1, le=65_535, description="Its port: 993 with TLS, 143 with STARTTLS.")
    tls: Literal["tls", "starttls", "none"] = Field(
        "tls", description="How the connection is kept secret; none is for a server on this machine alone."
    )
    user: str = Field(min_length=1, max_length=320, description="The name to log in with, mostly the address.")
    folders: list[str] = Field(
        ["INBOX"], min_length=1, description="The folders to read; also those that answered mails are moved to."
    )
    own: list[str] = Field(
        [], description="Our own addresses and domains: mails from them are no feedback. The user is one of them."
    )

    @model_validator(mode="after")
    def secret(self) -> Self:
        if self.tls == "none" and self.host not in _LOCAL:
            raise ValueError('tls = "none" would send the password in the clear; use "tls" or "starttls"')
        if re.search(r"[\r\n\0]", "".join([self.user, *self.folders])):
            raise ValueError("user and folders must each be on one line")
        return self


Place = tuple[int, int]
"""Number of the folder in the settings, number of the mail in it."""


class Imap:
    """Threads of mails in a few folders."""

    def __init__(self, setup: Setup[ImapSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        settings = setup.settings
        self._ours = Ours.of([*settings.own, *([settings.user] if "@" in settings.user else [])])
        self._mailbox = Mailbox(
            source=setup.name,
            host=settings.host,
            port=settings.port,
            tls=settings.tls,
            user=settings.user,
            password=setup.secret,
            sleep=setup.sleep,
        )
        self._elsewhere: set[str] | None = None

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        try:
            yield from self._changes(state)
        finally:
            self._mailbox.close()

    def living(self) -> Iterator[Sequence[str]]:
        self._elsewhere = None
        try:
            index = _Index(self._ours)
            for number, name in enumerate(self._setup.settings.folders):
                self._enter_all(index, number, name)
            yield sorted(index.living())
        finally:
            self._mailbox.close()

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        """What is in none of the account's folders: what was moved to another than the settings name is not gone."""
        if self._elsewhere is None:
            self._elsewhere = self._in_other_folders()
        return [name for name in source_ids if name not in self._elsewhere]

    def check(self) -> str:
        try:
            folders = [self._mailbox.folder(name) for name in self._setup.settings.folders]
        finally:
            self._mailbox.close()
        return f"{self._setup.settings.user} at {self._setup.settings.host}, {', '.join(one.name for one in folders)}"

    # -- reading --------------------------------------------------------------------------------------------------

    def _changes(self, state: dict[str, Any]) -> Iterator[Page]:
        folders = [self._mailbox.folder(name) for name in self._setup.settings.folders]
        read_to = {folder.name: _position(state, folder) for folder in folders}
        new = [self._new(folder, read_to[folder.name]) for folder in folders]
        total = sum(map(len, new))
        index = self._index(folders, new, is_all=not any(read_to.values()))
        done = set[str]()
        for number, folder in enumerate(folders):
            for start in range(0, len(new[number]), PAGE_MAILS):
                uids = new[number][start : start + PAGE_MAILS]
                keys = [key for uid in uids if (key := index.key_at.get((number, uid))) and key not in done]
                made = self._made(dict.fromkeys(keys), index, folders)
                done |= set(keys)
                read_to[folder.name] = max(read_to[folder.name], uids[-1])
                yield _page(made, _state(folders, read_to), index.refused_at(number, uids), total)
        if not total and _state(folders, read_to) != {**state, "warnings": []}:
            yield Page((), state=_state(folders, read_to))

    def _new(self, folder: Folder, read_to: int) -> list[int]:
        since = self._setup.since if read_to == 0 else None
        found = self._mailbox.numbers(folder, first=read_to + 1, since=since)
        if found and read_to and self._setup.overlap:
            found = self._mailbox.numbers(folder, first=max(read_to + 1 - _READ_AGAIN, 1))
        return found

    def _index(self, folders: Sequence[Folder], new: Sequence[Sequence[int]], *, is_all: bool) -> "_Index":
        """Of the new mails alone where none of them answers another: what they answer is to be read with them."""
        index = _Index(self._ours)
        for number, folder in enumerate(folders):
            index.enter(number, self._mailbox.heads(folder, new[number]))
        if index.has_answers and not is_all:
            index = _Index(self._ours)
            for number, folder in enumerate(folders):
                uids = self._mailbox.numbers(folder, since=self._setup.since)
                index.enter(number, self._mailbox.heads(folder, sorted({*uids, *new[number]})))
        return index

    def _made(self, keys: "dict[str, None]", index: "_Index", folders: Sequence[Folder]) -> Iterator[Record | Reject]:
        for key in keys:
            read = list(self._mails(index, index.places(key), folders))
            yield from (one for one in read if isinstance(one, Reject))
            record = made_item(key, [one for one in read if isinstance(one, Mail)], source=self.name)
            if record is not None:
                yield record

    def _mails(self, index: "_Index", places: Sequence[Place], folders: Sequence[Folder]) -> Iterator[Mail | Reject]:
        """The customers' mails at these places; one that is in two folders comes once."""
        seen = set[str]()
        for number, uid in places[:_MOST_MAILS]:
            head, customer = index.heads[number, uid]
            if customer is None or head.id in seen:
                continue
            if found := self._mailbox.mail(folders[number], uid):
                seen.add(head.id)
                arrived = found.arrived or head.arrived or datetime(1971, 1, 1, tzinfo=UTC)
                yield read_mail(head, customer, arrived, found.raw)

    def _enter_all(self, index: "_Index", number: int, name: str) -> None:
        folder = self._mailbox.folder(name)
        index.enter(number, self._mailbox.heads(folder, self._mailbox.numbers(folder)))

    def _in_other_folders(self) -> set[str]:
        index = _Index(self._ours)
        try:
            known = self._setup.settings.folders
            for number, name in enumerate([*known, *self._mailbox.other_folders(known)]):
                self._enter_all(index, number, name)
        finally:
            self._mailbox.close()
        return index.living()


class _Index:
    """Which mails belong together, over all folders. About 1 kB a mail."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours
        self._threads = Threads()
        self._keys: dict[Place, str] | None = None
        self._places: dict[str, list[Place]] = {}
        self._refused: dict[Place, Reject] = {}
        self.heads: dict[Place, tuple[Head, tuple[str, str] | None]] = {}

    def enter(self, number: int, heads: Iterator[Fetched]) -> None:
        for one in heads:
            try:
                head = read_head(one.raw)
            except Exception as error:  # the standard library raises nearly any type for a hostile mail
                self._refused[number, one.uid] = refused_mail(one.raw, error)
                continue
            self.heads[number, one.uid] = head, self._ours.customer(head)
            self._threads.add(head)
        self._keys = None

    @property
    def has_answers(self) -> bool:
        return any(head.parents for head, _ in self.heads.values())

    @property
    def key_at(self) -> dict[Place, str]:
        """The thread of each mail."""
        if self._keys is None:
            self._keys = {place: self._threads.key(head) for place, (head, _) in self.heads.items()}
            self._places = {}
            for place, key in self._keys.items():
                self._places.setdefault(key, []).append(place)
        return self._keys

    def places(self, key: str) -> list[Place]:
        return self._places.get(key, []) if self.key_at else []

    def living(self) -> set[str]:
        """The ids of the items that customers' mails are in, by every id that one may have been known under: a mail
        between it and its first may be gone by now."""
        keys = set[str]()
        for place, key in self.key_at.items():
            head, customer = self.heads[place]
            if customer is not None:
                keys |= {key, head.id, *head.parents}
        return {source_id_of(key) for key in keys}

    def refused_at(self, number: int, uids: Sequence[int]) -> list[Reject]:
        return [self._refused[number, uid] for uid in uids if (number, uid) in self._refused]


def _position(state: dict[str, Any], folder: Folder) -> int:
    """The number that a folder was read to; 0 where its numbers were given anew."""
    known = state.get("folders", {}).get(folder.name, {})
    return int(known.get("read_to", 0)) if known.get("validity") == folder.validity else 0


def _state(folders: Sequence[Folder], read_to: dict[str, int]) -> dict[str, Any]:
    places = {one.name: {"validity": one.validity, "read_to": read_to[one.name]} for one in folders}
    return {"folders": places, "warnings": []}


def _page(made: Iterator[Record | Reject], state: dict[str, Any], rejects: list[Reject], total: int) -> Page:
    records = list[Record]()
    for one in made:
        (rejects if isinstance(one, Reject) else records).append(one)  # type: ignore[arg-type]
    return Page(records, rejects=rejects, state=state, total=total)


IMAP = SourceKind(
    settings=ImapSettings,
    make=Imap,
    login="the mailbox's password; an app password where the account has two factors",
)
