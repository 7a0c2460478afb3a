"""Read one source of the settings, once: what changed since the last time, and from time to time what was deleted."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from insights.config import FileSettings, SourceSettings
from insights.connecting import Credentials, make_source
from insights.domain.access import Act, use_case
from insights.errors import ExitCode, InsightsError
from insights.ports import Progress, Source, Sweepable
from insights.stages.collect import TOLD, Collected, collect, note_failure
from insights.stages.sweep import Swept, sweep
from insights.storage.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a source is to be read: from a day on, from the start, with its deletions looked for now (None: when they are
    due), and whether it is expected that most of it is gone."""

    since: date | None = None
    full: bool = False
    sweeps: bool | None = None
    expects_deletions: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came of a source, and what was found of its deletions; None where they were not looked for, or could not be
    for the reason in `failure`."""

    collected: Collected
    swept: Swept | None = None
    failure: InsightsError | None = None


@dataclass(frozen=True, kw_only=True)
class Puller:
    """What pulling needs of a workspace."""

    repository: Repository
    folder: Path
    rejects_folder: Path
    credentials: Credentials
    now: Callable[[], datetime]
    progress: Progress

    @use_case(Act.BRING)
    def pull(self, settings: SourceSettings, how: Reading) -> Pulled:
        """What a page brings is saved with the state after it, so whoever stops this goes on there. Raises
        InsightsError where it cannot be read, which is noted with the source, too."""
        source = self._source(settings, how)
        before = self._due_changes(settings, how)
        collected = self._collect(source, full=how.full or how.since is not None, keep=settings.keep, before=before)
        if not self._is_due(settings, source, how):
            return Pulled(collected=collected)
        try:
            return Pulled(collected=collected, swept=self._sweep(source, how))
        except InsightsError as error:
            return Pulled(collected=collected, failure=error)

    def _due_changes(self, settings: SourceSettings, how: Reading) -> Collected | None:
        """Before a reading from a day on, what changed since the last one, which may lie before that day: the state
        that it leaves would hide that for good."""
        was_read = set(self.repository.sources.get(settings.name).state) - set(TOLD)
        if how.since is None or how.full or not was_read:
            return None
        return self._collect(self._source(settings, replace(how, since=None)), full=False, keep=settings.keep)

    def _collect(
        self, source: Source, *, full: bool, keep: list[str] | None, before: Collected | None = None
    ) -> Collected:
        return collect(
            source,
            repository=self.repository,
            rejects_folder=self.rejects_folder,
            now=self.now(),
            progress=self.progress,
            full=full,
            before=before,
            keep=keep,
        )

    def _source(self, settings: SourceSettings, how: Reading) -> Source:
        if how.since is not None and isinstance(settings, FileSettings):
            raise InsightsError(
                f"{settings.name} is a file, which is read as a whole.",
                remedy=f"Leave out --since; to read it again: insights pull {settings.name} --full",
                exit_code=ExitCode.USAGE,
            )
        try:
            return make_source(
                settings,
                folder=self.folder,
                credentials=self.credentials,
                since=how.since,
                full=how.full,
                sleep=partial(self._wait, settings.name),
            )
        except InsightsError as error:
            note_failure(self.repository, settings.name, error, self.now())
            raise

    def _wait(self, name: str, seconds: float) -> None:
        """As the service asks, second by second, so that whoever watches sees why nothing comes."""
        whole = int(seconds)
        for done in range(whole):
            self.progress(f"waiting as {name} asks", done, whole)
            time.sleep(1)
        time.sleep(seconds - whole)

    def _is_due(self, settings: SourceSettings, source: Source, how: Reading) -> bool:
        if not isinstance(source, Sweepable) or how.sweeps is False:
            return False
        known = self.repository.sources.get(source.name)
        if known.swept_at is None and not how.sweeps and not how.full:
            # Nothing was read before this reading; what is deleted after it is found by a later sweep.
            self.repository.sources.note_swept(source.name, self.now())
            return False
        return bool(how.sweeps or how.full) or not self._was_swept_lately(known.swept_at, settings.sweep_hours)

    def _was_swept_lately(self, at: datetime | None, hours: float) -> bool:
        """A time that is yet to come was written by a clock that was wrong."""
        return at is not None and timedelta(0) <= self.now() - at < timedelta(hours=hours)

    def _sweep(self, source: Source, how: Reading) -> Swept:
        assert isinstance(source, Sweepable)  # noqa: S101 - for the type checker
        try:
            found = sweep(
                source,
                name=source.name,
                repository=self.repository,
                progress=self.progress,
                is_expected=how.expects_deletions,
            )
        except InsightsError as error:
            note_failure(self.repository, source.name, error, self.now())
            raise
        self.repository.sources.note_swept(source.name, self.now())
        return found
