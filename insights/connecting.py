"""Sources, trackers and senders by the names that the settings give them: their type is looked up among what is
installed, ours like anyone's, and only that is loaded; their secret comes from the environment, else from the
workspace."""

import difflib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar

from insights.config import (
    FileSettings,
    SenderSettings,
    Settings,
    SourceSettings,
    TrackerSettings,
    own_settings,
    variable_of,
)
from insights.errors import ExitCode, InsightsError
from insights.ports import (
    Checkable,
    Defect,
    Filed,
    Form,
    Issue,
    Message,
    Sender,
    SenderKind,
    Setup,
    Sought,
    Source,
    SourceKind,
    Tracker,
    TrackerKind,
    Unanswered,
    contained,
)
from insights.storage.credentials import CredentialStore
from insights.text.clean import one_line

SOURCES, TRACKERS, SENDERS = "insights.sources", "insights.trackers", "insights.senders"
FILE, STDOUT = "file", "stdout"
Kind = TypeVar("Kind", "SourceKind[Any]", "TrackerKind[Any]", "SenderKind[Any]")


class Credentials:
    """The secrets of sources, trackers and senders: a variable of the environment first, then the workspace's."""

    def __init__(self, store: CredentialStore, *, environment: Mapping[str, str] = os.environ) -> None:
        self._store = store
        self._environment = environment

    def with_given(self, name: str, secret: str) -> "Credentials":
        """The same with this secret for one name, before all others and not kept."""
        return Credentials(self._store, environment={**self._environment, variable_of(name): secret})

    def get(self, name: str) -> str:
        """Raises InsightsError with exit code LOGIN where there is none."""
        found = self._environment.get(variable_of(name), "").strip() or self._store.get(name)
        if not found:
            raise InsightsError(
                f"There is no login for {name}.",
                remedy=f"Keep it with: insights auth {name}, or set {variable_of(name)}.",
                exit_code=ExitCode.LOGIN,
            )
        return found

    def keep(self, name: str, secret: str, at: datetime) -> None:
        self._store.keep(name, secret, at)

    def forget(self, name: str) -> bool:
        """Whether the workspace kept one."""
        return self._store.forget(name)

    def place(self, name: str) -> str | None:
        """Where the secret is, in words; None where there is none."""
        if self._environment.get(variable_of(name), "").strip():
            return variable_of(name)
        return "the workspace" if name in self._store.names() else None


def types(group: str) -> list[str]:
    """All that is installed, without what is a file."""
    return sorted({point.name for point in entry_points(group=group)} - {FILE})


def source_kind(type_: str) -> "SourceKind[Any]":
    """Raises InsightsError for a type that is not installed, or not usable."""
    return _loaded(type_, SOURCES, SourceKind, what="source")


def tracker_kind(type_: str) -> "TrackerKind[Any]":
    """Raises InsightsError as above."""
    return _loaded(type_, TRACKERS, TrackerKind, what="tracker")


def sender_kind(type_: str) -> "SenderKind[Any]":
    """Raises InsightsError as above."""
    return _loaded(type_, SENDERS, SenderKind, what="sender")


def make_source(
    settings: SourceSettings,
    *,
    folder: Path,
    credentials: Credentials,
    since: date | None = None,
    full: bool = False,
    sleep: Callable[[float], object] = time.sleep,
) -> Source:
    """The source that one table of the settings describes; `since` beats what it says. A file that did not change is
    read again where the reading is `full`. `sleep` waits where a service asks for it. Raises InsightsError."""
    if isinstance(settings, FileSettings):
        return _file_source(settings, folder=folder, full=full)
    kind = source_kind(settings.type)
    setup: Setup[Any] = _setup(settings, kind, folder=folder, credentials=credentials)
    overlap = timedelta(minutes=settings.overlap_minutes)
    with contained(settings.name):
        return kind.make(replace(setup, since=since or settings.since, overlap=overlap, sleep=sleep))


def make_tracker(settings: TrackerSettings, *, folder: Path, credentials: Credentials) -> Tracker:
    """The tracker that one table of the settings describes. Raises InsightsError."""
    kind = tracker_kind(settings.type)
    with contained(settings.name):
        return ContainedTracker(kind.make(_setup(settings, kind, folder=folder, credentials=credentials)))


@dataclass(frozen=True, slots=True)
class ContainedTracker:
    """A tracker, which others may have written, whose defects end nothing else and tell no words."""

    inner: Tracker = field(repr=False)

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def lag_seconds(self) -> float:
        return self.inner.lag_seconds

    def check(self) -> str:
        """As whom it is logged in; empty where it cannot tell."""
        with contained(self.name):
            return self.inner.check() if isinstance(self.inner, Checkable) else ""

    def find(self, sought: Sought) -> Filed | None:
        with contained(self.name):
            return self.inner.find(sought)

    def read(self, external_ids: Sequence[str]) -> Mapping[str, Filed]:
        with contained(self.name):
            return self.inner.read(external_ids)

    def create(self, issue: Issue) -> Filed:
        """Raises Unanswered after a defect, too: it may have been made before that."""
        try:
            with contained(self.name):
                return self.inner.create(issue)
        except Defect as defect:
            raise Unanswered(defect.message, remedy=defect.remedy) from defect.__cause__

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        with contained(self.name):
            return self.inner.update(filed, issue, reopens=reopens)

    def close(self, filed: Filed, comment: str) -> Filed:
        with contained(self.name):
            return self.inner.close(filed, comment)


def find_tracker(target: str, *, settings: Settings, folder: Path, credentials: Credentials) -> Tracker:
    """The tracker behind `file:backlog.md`, a relative path being one in `folder`, or behind the name of one of the
    settings. Raises InsightsError."""
    named = next((one for one in settings.trackers if one.name == target), None)
    if named is not None:
        return make_tracker(named, folder=folder, credentials=credentials)
    kind, _, place = target.partition(":")
    if kind == FILE and place.strip():
        from connectors.trackers.files import FileTracker

        return FileTracker(folder / Path(place.strip()).expanduser())
    places = [*(one.name for one in settings.trackers), "file:backlog.md", "file:backlog.csv", "file:backlog.jsonl"]
    raise InsightsError(
        f"{one_line(target, 120)!r} is no place to file problems in.",
        remedy=f"Use one of: {', '.join(places)}; or add a [[trackers]] block to insights.toml.",
        exit_code=ExitCode.USAGE,
    )


def make_sender(settings: SenderSettings, *, folder: Path, credentials: Credentials) -> "ContainedSender":
    """The sender that one table of the settings describes. Raises InsightsError."""
    kind = sender_kind(settings.type)
    with contained(settings.name):
        return ContainedSender(
            kind.make(_setup(settings, kind, folder=folder, credentials=credentials)), form=kind.form
        )


@dataclass(frozen=True, slots=True)
class ContainedSender:
    """A sender, which others may have written, whose defects end nothing else and tell no words. `form` is what it
    takes."""

    inner: Sender = field(repr=False)
    form: Form = Form.TEXT

    @property
    def name(self) -> str:
        return self.inner.name

    def check(self) -> str:
        """As whom it sends; empty where it cannot tell."""
        with contained(self.name):
            return self.inner.check() if isinstance(self.inner, Checkable) else ""

    def send(self, message: Message) -> str:
        """Raises Unanswered after a defect, too: it may have been taken before that."""
        try:
            with contained(self.name):
                return self.inner.send(message)
        except Defect as defect:
            raise Unanswered(defect.message, remedy=defect.remedy) from defect.__cause__


def find_sender(channel: str, *, settings: Settings, folder: Path, credentials: Credentials) -> ContainedSender:
    """The sender behind the name of one of the settings, behind `stdout`, or behind `file:digests/` and
    `file:digest.md`, a relative path being one in `folder`. Raises InsightsError."""
    named = next((one for one in settings.senders if one.name == channel), None)
    if named is not None:
        return make_sender(named, folder=folder, credentials=credentials)
    from connectors.senders.files import FileSender, StdoutSender

    kind, _, place = channel.partition(":")
    if channel == STDOUT:
        return ContainedSender(StdoutSender())
    if kind == FILE and place.strip():
        path = Path(place.strip()).expanduser()
        return ContainedSender(FileSender(folder / path, is_folder=place.strip().endswith(("/", os.sep))))
    raise _no_channel(channel, settings)


def form_of(channel: str, *, settings: Settings) -> Form:
    """What a channel takes. Raises InsightsError where its type is not installed."""
    named = next((one for one in settings.senders if one.name == channel), None)
    return sender_kind(named.type).form if named is not None else Form.TEXT


def _no_channel(channel: str, settings: Settings) -> InsightsError:
    places = [*(one.name for one in settings.senders), STDOUT, "file:digests/", "file:digest.md"]
    return InsightsError(
        f"{one_line(channel, 120)!r} is nothing that a digest can be sent with.",
        remedy=f"Use one of: {', '.join(places)}; or add a [[senders]] block to insights.toml.",
        exit_code=ExitCode.USAGE,
    )


def login_of(name: str, settings: Settings) -> str | None:
    """What a source, tracker or sender of the settings logs in with, in words; empty where it needs nothing, None where
    none is called so."""
    source = next((one for one in settings.sources if one.name == name), None)
    if source is not None:
        return "" if source.type == FILE else source_kind(source.type).login
    tracker = next((one for one in settings.trackers if one.name == name), None)
    if tracker is not None:
        return tracker_kind(tracker.type).login
    sender = next((one for one in settings.senders if one.name == name), None)
    return login_of_sender(sender) if sender is not None else None


def login_of_sender(settings: SenderSettings) -> str:
    """What one logs in with, in words; empty where it needs nothing. Some need a login or none as their settings say:
    these have `needs_login`. Raises InsightsError where its type is not installed or its settings are not usable."""
    kind = sender_kind(settings.type)
    needs = getattr(own_settings(settings, kind.settings), "needs_login", True) if kind.login else False
    return kind.login if needs else ""


def _setup(
    settings: SourceSettings | TrackerSettings | SenderSettings,
    kind: "SourceKind[Any] | TrackerKind[Any] | SenderKind[Any]",
    *,
    folder: Path,
    credentials: Credentials,
) -> Setup[Any]:
    return Setup(
        name=settings.name,
        settings=own_settings(settings, kind.settings),
        folder=folder,
        secret=partial(credentials.get, settings.name),
    )


def _file_source(settings: FileSettings, *, folder: Path, full: bool) -> Source:
    from connectors.sources.files import FileSource

    return FileSource(
        name=settings.name,
        path=folder / settings.path,
        kind=settings.kind,
        overrides=tuple(f"{field}={column}" for field, column in settings.map.items()),
        factors=tuple(f"{field}={factor!r}" for field, factor in settings.scale.items()),
        full=full,
    )


def _loaded(type_: str, group: str, wanted: type[Kind], *, what: str) -> Kind:
    point = next((one for one in entry_points(group=group) if one.name == type_), None)
    if point is None:
        known = [FILE, *types(group)] if group == SOURCES else types(group)
        near = difflib.get_close_matches(type_, known, n=2, cutoff=0.5) or known
        raise InsightsError(
            f"No {what} of type {one_line(type_, 60)!r} is installed.",
            remedy=f"Use one of: {', '.join(near)}.",
            exit_code=ExitCode.USAGE,
        )
    found = _imported(point, what=what)
    if not isinstance(found, wanted):
        raise InsightsError(
            f"The {what} {type_} is no {wanted.__name__}.", remedy=f"Update the package that brings it: {point.value}."
        )
    return found


def _imported(point: EntryPoint, *, what: str) -> Any:
    """Whatever a package of others does when it is loaded, it must not end us."""
    try:
        return point.load()
    except Exception as error:  # a package of others may fail in any way
        raise InsightsError(
            f"The {what} {point.name} cannot be loaded: {type(error).__name__}.",
            remedy=f"Install again the package that brings it: {point.value}.",
        ) from error
