"""A file of mails (mbox, RFC 4155), as mail programs and Google Takeout write it: one item for each conversation.

Reads and yields; stores nothing. A file that did not change since the last time yields nothing.
"""

import gzip
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from pydantic import Field

from connectors.files.decoding import open_bytes, unreadable
from connectors.reading.mails import (
    LARGEST_MAIL,
    Head,
    Mail,
    Ours,
    Threads,
    made_item,
    read_head,
    read_mail,
    read_mail_time,
    refused_mail,
)
from insights.config import Section
from insights.errors import InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind

PAGE_ITEMS = 200
_MOST_MAILS = 500
_LARGEST_HEAD = 65_536
_LONGEST_LINE = 1 << 20
_BEGINS = re.compile(rb"^From \S.*(?:\d\d:\d\d|\d{4})")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


class MboxSettings(Section):
    """`[[sources]]` with type = "mbox"."""

    path: str = Field(min_length=1, description="The file, relative to the workspace; .gz too.")
    own: list[str] = Field([], description="Our own addresses and domains: mails from them are no feedback.")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mail is in the file, and when its first line says that it came."""

    start: int
    end: int
    arrived: datetime | None


class Mbox:
    """Threads of a file."""

    def __init__(self, setup: Setup[MboxSettings]) -> None:
        self.name = setup.name
        self._path = setup.folder / Path(setup.settings.path).expanduser()
        self._since = setup.since
        self._ours = Ours.of(setup.settings.own)
        words = repr((sorted(self._ours.names), self._since))
        self._reading = hashlib.sha256(words.encode()).hexdigest()[:16]

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        """Pages of at most 200 threads; the last one carries the new state. Raises InsightsError where the file cannot
        be read."""
        fresh = self._fingerprint(state)
        if fresh is None:
            return
        with _opened(self._path) as stream:
            threads, rejects = self._threads(stream)
            total = len(threads)
            records = list[Record]()
            for key, places in threads.items():
                read = list(_mails(stream, places))
                rejects += [one for one in read if isinstance(one, Reject)]
                record = made_item(key, [one for one in read if isinstance(one, Mail)], source=self.name)
                records += [record] if record is not None else []
                if len(records) >= PAGE_ITEMS or len(rejects) >= PAGE_ITEMS:
                    yield Page(records, rejects=rejects, state=state, total=total)
                    records, rejects = [], []
        yield Page(records, rejects=rejects, state=fresh, total=total)

    def _threads(self, stream: BinaryIO) -> tuple[dict[str, list[tuple[_Place, Head, tuple[str, str]]]], list[Reject]]:
        """Where the customers' mails of each thread are."""
        threads, rejects = Threads(), list[Reject]()
        found = list[tuple[_Place, Head, tuple[str, str] | None]]()
        for place in list(places_in(stream)):
            raw = _read(stream, place, _LARGEST_HEAD)
            try:
                head = read_head(raw)
            except Exception as error:  # the standard library raises nearly any type for a hostile mail
                rejects.append(refused_mail(raw, error))
                continue
            threads.add(head)
            found.append((place, head, self._ours.customer(head)))
        made: dict[str, list[tuple[_Place, Head, tuple[str, str]]]] = {}
        for place, head, customer in found:
            if customer is not None and self._is_wanted(place, head):
                made.setdefault(threads.key(head), []).append((place, head, customer))
        return made, rejects

    def _is_wanted(self, place: _Place, head: Head) -> bool:
        return self._since is None or _arrival(place, head).date() >= self._since

    def _fingerprint(self, state: dict[str, Any]) -> dict[str, Any] | None:
        """The file's state now; None where there is nothing new to read."""
        with open_bytes(self._path):
            stat = self._path.stat()
        fresh = {"size": stat.st_size, "mtime": stat.st_mtime_ns, "reading": self._reading, "warnings": []}
        return None if all(state.get(key) == value for key, value in fresh.items()) else fresh


def places_in(stream: BinaryIO) -> Iterator[_Place]:
    """Where each mail starts and ends: it begins below a line of "From ", which stands first or below an empty one."""
    stream.seek(0)
    at, start, arrived = 0, -1, None
    was_blank = is_whole = True
    while line := stream.readline(_LONGEST_LINE):
        if is_whole and was_blank and _BEGINS.match(line):
            if start >= 0:
                yield _Place(start, at, arrived)
            start, arrived = at + len(line), _line_time(line)
        at += len(line)
        was_blank = is_whole and line in (b"\n", b"\r\n")
        is_whole = line.endswith(b"\n")
    if start >= 0:
        yield _Place(start, at, arrived)


def _line_time(line: bytes) -> datetime | None:
    """ "From ann@acme.example Thu Jan  1 08:00:00 2026", in UTC by RFC 4155."""
    words = line.decode("ascii", "replace").split()[2:]
    if len(words) < 5:
        return None
    day, month, clock, *rest = words[2], words[1], words[3], *words[4:]
    years = [word for word in rest if re.fullmatch(r"\d{4}", word)]
    zones = [word for word in rest if re.fullmatch(r"[+-]\d{4}", word)]
    return read_mail_time(f"{day} {month} {years[0]} {clock} {zones[0] if zones else '+0000'}") if years else None


def _arrival(place: _Place, head: Head) -> datetime:
    return head.arrived or place.arrived or datetime(1971, 1, 1, tzinfo=UTC)


def _mails(stream: BinaryIO, places: list[tuple[_Place, Head, tuple[str, str]]]) -> Iterator[Mail | Reject]:
    seen = set[str]()
    for place, head, customer in places[:_MOST_MAILS]:
        if head.id not in seen:
            seen.add(head.id)
            yield read_mail(head, customer, _arrival(place, head), _read(stream, place, LARGEST_MAIL))


def _read(stream: BinaryIO, place: _Place, limit: int) -> bytes:
    stream.seek(place.start)
    raw = stream.read(min(place.end - place.start, limit))
    return _ESCAPED.sub(rb"\1", raw)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A file in which one can go back: a packed one is unpacked to disk first. Raises InsightsError for what is no
    mbox."""
    try:
        with open_bytes(path) as stream:
            if not isinstance(getattr(stream, "raw", None), gzip.GzipFile):
                yield _checked(stream, path)
                return
            with tempfile.TemporaryFile() as unpacked:
                shutil.copyfileobj(stream, unpacked)
                yield _checked(cast("BinaryIO", unpacked), path)
    except (OSError, EOFError) as error:
        raise unreadable(path, error) from error


def _checked(stream: BinaryIO, path: Path) -> BinaryIO:
    stream.seek(0)
    if not _BEGINS.match(stream.readline(_LONGEST_LINE)):
        raise InsightsError(
            f"{path} is no mbox: it does not begin with a line of From.",
            remedy="Export the mails again as mbox; a folder of .eml files is none.",
        )
    return stream


MBOX = SourceKind(settings=MboxSettings, make=Mbox)
