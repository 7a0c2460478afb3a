"""Any service that a Singer tap reads: the tap runs in an environment of its own, its records become ours by a mapping.

What the tap calls its state is kept with the records before it, in the same transaction, and given back the next time.
So a kill loses nothing, and a tap that reads everything again changes nothing.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from connectors.sources.singer_catalog import names_in, read_catalog, selected
from connectors.sources.singer_messages import (
    Activation,
    Message,
    OtherMessage,
    StreamRecord,
    StreamSchema,
    TapState,
    read_message,
)
from connectors.sources.singer_streams import Stream, StreamSettings
from connectors.sources.singer_tap import SECRET_MARK, RunningTap, Tap, TapFiles, strings_in
from insights.config import Section
from insights.errors import InsightsError
from insights.ports import Page, Record, Reject, Setup, SourceKind

PAGE_RECORDS = 500
_LONGEST_RAW = 2_000
_LARGEST_CATALOG = 64_000_000
_MOST_NOTES = 20


class SingerSettings(Section):
    """`[[sources]]` with type = "singer", and a `[sources.streams.NAME]` for each stream."""

    command: list[str] = Field(
        min_length=1,
        description="The tap's program and its first arguments, each by itself: no shell reads them. "
        'A relative path is one in the workspace: ["taps/zendesk/bin/tap-zendesk"].',
    )
    config: dict[str, Any] = Field(
        default_factory=dict,
        description='What the tap\'s own documentation asks for; "$SECRET" stands for what `insights auth` keeps.',
    )
    streams: dict[str, StreamSettings] = Field(
        min_length=1, description="The streams to read: what a record of each is, and where our fields are in it."
    )
    select: Literal["catalog", "properties", "none"] = Field(
        "catalog",
        description="How the tap is told which streams are wanted: catalog (--catalog), properties (--properties, of "
        "older taps), or none: it knows no --discover and sends them all.",
    )
    environment: list[str] = Field(
        [], description="Variables of the environment that the tap may see, besides PATH, HOME, LANG and TMPDIR."
    )
    timeout_seconds: float = Field(
        600, gt=0, le=86_400, description="How long the tap may be silent before it is stopped."
    )

    @field_validator("environment")
    @classmethod
    def not_ours(cls, names: list[str]) -> list[str]:
        for name in names:
            if name.upper().startswith("INSIGHTS_"):
                raise ValueError(f"{name} is insights' own and is shown to no tap; put $SECRET into config instead")
        return names

    @property
    def needs_secret(self) -> bool:
        return any(SECRET_MARK in text for text in strings_in(self.config))


class Singer:
    """A tap's mapped streams."""

    def __init__(self, setup: Setup[SingerSettings]) -> None:
        self.name = setup.name
        self._setup = setup
        self._present: dict[str, set[str]] = {}
        """Of each stream that came as a whole in this object's last reading: the ids that are there."""

    def fetch(self, state: dict[str, Any]) -> Iterator[Page]:
        self._present = {}
        tap = self._tap()
        reading = _Reading(self.name, self._setup.settings.streams, state, tap.hidden)
        with tap.files() as files:
            arguments = self._arguments(tap, files, state)
            with tap.running(*arguments) as running:
                yield from _pages(reading, running)
        self._present = reading.whole()
        if page := reading.page():
            yield page

    def living(self) -> Iterator[Sequence[str]]:
        for ids in self._present.values():
            yield sorted(ids)

    def are_gone(self, source_ids: Sequence[str]) -> Sequence[str]:
        there = set().union(*self._present.values())
        return [name for name in source_ids if self.is_covered(name) and name not in there]

    def is_covered(self, source_id: str) -> bool:
        """Only streams of which the tap gave the whole table are."""
        return any(source_id.startswith(f"{stream}-") for stream in self._covering())

    def check(self) -> str:
        """The streams that the tap offers with this config; most taps log in for that."""
        tap = self._tap()
        name = Path(tap.program()).name
        if self._setup.settings.select == "none":
            return f"{name} is installed"
        with tap.files() as files:
            catalog = self._discovered(tap, files)
        return f"{name}, with {len(names_in(catalog))} streams"

    def _covering(self) -> list[str]:
        """Without those whose ids could be taken for another stream's."""
        others = self._setup.settings.streams
        return [s for s in self._present if not any(o != s and o.startswith(f"{s}-") for o in others)]

    def _tap(self) -> Tap:
        settings = self._setup.settings
        config = dict(settings.config)
        if self._setup.since is not None:
            config["start_date"] = f"{self._setup.since:%Y-%m-%d}T00:00:00Z"
        return Tap(
            source=self.name,
            command=settings.command,
            folder=self._setup.folder,
            config=config,
            secret=self._setup.secret() if settings.needs_secret else "",
            variables=settings.environment,
            timeout=settings.timeout_seconds,
        )

    def _arguments(self, tap: Tap, files: TapFiles, state: dict[str, Any]) -> list[str]:
        settings = self._setup.settings
        arguments = ["--config", str(files.config)]
        if settings.select != "none":
            catalog = selected(self._discovered(tap, files), settings.streams, source=self.name)
            arguments += [f"--{settings.select}", str(files.write("catalog.json", catalog))]
        if "tap" in state:
            arguments += ["--state", str(files.write("state.json", state["tap"]))]
        return arguments

    def _discovered(self, tap: Tap, files: TapFiles) -> dict[str, Any]:
        with tap.running("--config", str(files.config), "--discover") as running:
            return read_catalog(running.all(_LARGEST_CATALOG), source=self.name)


def _pages(reading: "_Reading", running: RunningTap) -> Iterator[Page]:
    """Full pages, and what came before the tap failed; what came last is left to the end of the reading."""
    try:
        for number, line in enumerate(running.lines(), 1):
            reading.take(number, line)
            if reading.is_full and (page := reading.page()):
                yield page
    except InsightsError:
        if page := reading.page():
            yield page
        raise


@dataclass
class _Reading:
    """What came since the last page, and the state that holds for it: the latest one that the tap wrote, for it vouches
    for all records before it, and these are in this page or in an earlier one."""

    source: str
    settings: dict[str, StreamSettings]
    before: dict[str, Any]
    hidden: Callable[[str], str]
    """Takes secrets out of what the tap wrote."""
    records: dict[str, Record] = field(default_factory=dict)
    gone: dict[str, None] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    versions: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)
    activated: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tap_state = {"tap": self.before["tap"]} if "tap" in self.before else {}
        known = self.before.get("versions")
        self.versions = dict(known) if isinstance(known, dict) else {}
        self._first_versions = dict(self.versions)
        accounts = [name for name, settings in self.settings.items() if settings.kind == "account"]
        self.streams = {
            name: Stream(name, settings, source=self.source, accounts=accounts, notes=self.notes)
            for name, settings in self.settings.items()
        }

    @property
    def is_full(self) -> bool:
        return max(len(self.records), len(self.rejects), len(self.gone)) >= PAGE_RECORDS

    def take(self, number: int, line: bytes | None) -> None:
        """One line of the tap; None is one that was too long. Raises InsightsError for what cannot be left out."""
        if line is None:
            self.rejects.append(Reject(number, "The line is longer than 16 MB.", ""))
        elif line.strip():
            try:
                self._hear(number, read_message(line))
            except ValueError as error:
                raw = self.hidden(line[: 4 * _LONGEST_RAW].decode("utf-8", "replace"))
                self.rejects.append(Reject(number, str(error), raw[:_LONGEST_RAW]))

    def page(self) -> Page | None:
        """What came, and a fresh start; None where nothing did and the tap's state is as it was."""
        state = self._state()
        if not (self.records or self.gone or self.rejects) and state == self.before:
            return None
        page = Page(list(self.records.values()), tombstones=list(self.gone), rejects=self.rejects, state=state)
        self.records, self.gone, self.rejects, self.before = {}, {}, [], state
        return page

    def whole(self) -> dict[str, set[str]]:
        """The ids of each stream of which this reading brought a new version from its beginning to its end."""
        return {
            stream: self.seen.get(stream, set())
            for stream, version in self.activated.items()
            if version is not None and self._first_versions.get(stream) != version
        }

    def _hear(self, number: int, message: Message) -> None:
        if isinstance(message, TapState):
            self.tap_state = {"tap": message.value}
        elif isinstance(message, OtherMessage):
            self._refuse_batches(message)
        elif (stream := self.streams.get(message.stream)) is None:
            return
        elif isinstance(message, StreamSchema):
            stream.keys = message.keys
        elif isinstance(message, Activation):
            self._note_version(stream.name, message.version)
            self.activated[stream.name] = message.version
        else:
            self._keep(number, message, stream)

    def _keep(self, number: int, record: StreamRecord, stream: Stream) -> None:
        source_id = stream.id_of(record)
        if source_id is not None and record.version is not None:
            self._note_version(stream.name, record.version)
            self.seen.setdefault(stream.name, set()).add(source_id)
        if source_id is not None and stream.is_deleted(record):
            self.records.pop(source_id, None)
            self.gone[source_id] = None
            self.seen.get(stream.name, set()).discard(source_id)
            return
        made = stream.make(number, record)
        if isinstance(made, Reject):
            self.rejects.append(made)
        elif made is not None:
            self.gone.pop(made.source_id, None)
            self.records.pop(made.source_id, None)
            self.records[made.source_id] = made

    def _note_version(self, stream: str, version: Any) -> None:
        """Another version begins its table anew."""
        if self.versions.get(stream) != version:
            self.versions[stream] = version
            self.seen.pop(stream, None)
            self.activated.pop(stream, None)

    def _refuse_batches(self, message: OtherMessage) -> None:
        if message.is_batch:
            raise InsightsError(
                f"The tap of {self.source} puts its records into files (BATCH messages), which are not read.",
                remedy="Take batch_config out of its config.",
            )

    def _state(self) -> dict[str, Any]:
        return {
            **self.tap_state,
            "versions": dict(self.versions),
            "mapping": self.before.get("mapping") or _digest(self.settings),
            "warnings": self._warnings(),
        }

    def _warnings(self) -> list[str]:
        notes = [f"{note} ({count} {'time' if count == 1 else 'times'})" for note, count in self.notes.items()]
        if self.before.get("mapping", _digest(self.settings)) != _digest(self.settings):
            notes.insert(
                0,
                "The mapping of its streams changed: what was read before is as it was; to read it again: "
                f"insights pull {self.source} --full",
            )
        return notes[:_MOST_NOTES]


def _digest(settings: dict[str, StreamSettings]) -> str:
    words = {name: one.model_dump(mode="json") | one.paths for name, one in settings.items()}
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:16]


SINGER = SourceKind(
    settings=SingerSettings,
    make=Singer,
    login='whatever stands for "$SECRET" in the tap\'s config: its token, key or password',
)
