"""One night: its steps in their order, each safe to repeat, and what became of them.

Nothing is kept of how far a night came: pulling goes on from the states of the sources, an analysis from what lacks its
output, a digest is made once for its period and sent once it was taken. Running again is the recovery.
"""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from insights.bootstrap import Workspace
from insights.domain.access import Act, use_case
from insights.domain.figures import counted
from insights.domain.run import Run
from insights.errors import ExitCode, InsightsError
from insights.nightly.delivering import Made, Post, Sent
from insights.nightly.log import NightLog
from insights.ports import Follow, Progress, Sender
from insights.pulling import Pulled, Reading
from insights.storage.deliveries import DeliveryStatus
from insights.storage.lock import OwnerLock
from insights.storage.nights import NightStore
from insights.storage.repository import Repository
from insights.syncing import Synced, sync, trackers_to_read

LOCK = "night.lock"
PATIENCE_SECONDS = 600


class NightStep(StrEnum):
    """In the order in which they are taken."""

    PULL = "pull"
    RETAIN = "retain"
    ANALYZE = "analyze"
    SYNC = "sync"
    MAKE = "make digests"
    SEND = "send digests"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightDone:
    """What became of a night. `failures` are by what failed: a source, a tracker, a digest, or "analysis"; `defects`
    those of them that nobody can mend but us, as they were raised. `heartbeats` are digests that say that all is quiet.
    `seconds` are by step. `news` is how many the analysis found."""

    at: datetime
    pulled: tuple[Pulled, ...] = ()
    sources: int = 0
    run: Run | None = None
    synced: tuple[Synced, ...] = ()
    news: int = 0
    sent: tuple[Sent, ...] = ()
    quiet: tuple[str, ...] = ()
    heartbeats: tuple[str, ...] = ()
    retained: int = 0
    """Items whose words went by rule."""
    backup: str = ""
    """Where the night's backup is; one that could not be made is told, and is no failure of the night."""
    failures: dict[NightStep, dict[str, InsightsError]] = field(default_factory=dict)
    defects: tuple[Exception, ...] = ()
    seconds: dict[NightStep, float] = field(default_factory=dict)

    @property
    def failed(self) -> list[tuple[str, InsightsError]]:
        """Everything that failed with its name, which a source and a digest may share."""
        return [(name, error) for some in self.failures.values() for name, error in some.items()]

    @property
    def is_changed(self) -> bool:
        """Whether the analysis found news, or a digest was sent that tells more than that all is quiet."""
        told = (one for one in self.sent if one.digest not in self.heartbeats)
        return self.news > 0 or any(one.status is DeliveryStatus.SENT for one in told)

    @property
    def exit_code(self) -> ExitCode:
        """4 where somebody must log in, else 1 where the analysis failed, nothing could be read or a digest could not
        be made, else 3 where some sources or trackers, or the rules for old words, failed. A sender that failed is
        tried again and is no failure of the night, unless its settings are wrong."""
        if any(error.exit_code is ExitCode.LOGIN for _, error in self.failed):
            return ExitCode.LOGIN
        sources = self.failures.get(NightStep.PULL, {})
        is_all = bool(sources) and len(sources) == self.sources
        unsent = self.failures.get(NightStep.SEND, {}).values()
        is_wrong = any(error.exit_code is ExitCode.USAGE for error in unsent)
        failed = self.failures.get(NightStep.ANALYZE) or self.failures.get(NightStep.MAKE)
        if self.defects or failed or is_all or is_wrong:
            return ExitCode.ERROR
        others = self.failures.get(NightStep.SYNC) or self.failures.get(NightStep.RETAIN)
        return ExitCode.PARTIAL if sources or others else ExitCode.OK


@dataclass(frozen=True, kw_only=True)
class Nightly:
    """What a night needs. `step` is told each step as it begins."""

    workspace: Workspace
    now: Callable[[], datetime]
    progress: Progress
    follow: Follow | None = None
    step: Callable[[NightStep], object] = lambda _: None
    ask_model: bool = True
    senders: Mapping[str, Sender] = field(default_factory=dict)
    """Instead of those that the settings name."""

    @property
    def repository(self) -> Repository:
        return self.workspace.repository

    @use_case(Act.BRING, Act.FILE)
    def run(self) -> NightDone:
        """The whole night. Raises InsightsError only where another one is under way."""
        lock = OwnerLock(self.workspace.data / LOCK, what="this workspace, for a night")
        with lock, self.workspace.repository.nights.alone():
            return _Night(self).run()


class _Night:
    def __init__(self, given: Nightly) -> None:
        self._given = given
        self._workspace = given.workspace
        self._log = NightLog.of(self._workspace.data, given.now(), keep=self._workspace.settings.nightly.keep_logs)
        self._failures: dict[NightStep, dict[str, InsightsError]] = {}
        self._defects: list[Exception] = []
        self._seconds: dict[NightStep, float] = {}

    def run(self) -> NightDone:
        at = self._given.now()
        self._log.say(f"night of {at:%Y-%m-%d} begins")
        self._wait_for_others()
        pulled = self._pull()
        retained = self._retain()
        run = self._analyze()
        synced = self._sync()
        post = self._post()
        made = self._make(post)
        sent = self._send(post)
        with self._noted(NightStep.RETAIN, "former keys"):  # tried again every night
            self._workspace.finish_keys(progress=self._given.progress)
        backup = self._backup()
        done = NightDone(
            at=at,
            pulled=tuple(pulled),
            sources=len(self._workspace.settings.sources),
            run=run,
            synced=tuple(synced),
            news=self._news(run),
            sent=tuple(sent),
            quiet=tuple(name for name, what in made.items() if what is Made.QUIET),
            heartbeats=tuple(name for name, what in made.items() if what is Made.HEARTBEAT),
            retained=retained,
            backup=backup,
            failures=self._failures,
            defects=tuple(self._defects),
            seconds=self._seconds,
        )
        self._log.say(f"night ends, exit code {int(done.exit_code)}", exit_code=int(done.exit_code))
        return done

    def _wait_for_others(self) -> None:
        """An import or an analysis that somebody began before may end; where it does not, the steps say so."""
        lock = self._workspace.run_lock()
        with suppress(InsightsError):
            lock.acquire(wait_seconds=PATIENCE_SECONDS)
            lock.release()

    # -- steps ------------------------------------------------------------------------------------------------

    def _pull(self) -> list[Pulled]:
        done: list[Pulled] = []
        with self._timed(NightStep.PULL):
            for source in self._workspace.settings.sources:
                with self._noted(NightStep.PULL, source.name):
                    found = self._workspace.pull(source, Reading(), progress=self._given.progress)
                    done.append(found)
                    saved = found.collected.saved
                    words = f"pull {source.name}: {saved.new} new, {saved.changed} changed"
                    self._log.say(words, step="pull", name=source.name, new=saved.new, changed=saved.changed)
                    if found.failure is not None:
                        raise found.failure
        return done

    def _retain(self) -> int:
        """Where the settings have rules: before the analysis, which describes anew what lost its words."""
        rules = self._workspace.settings.retention
        if not rules:
            return 0
        from insights.data_rights.erase import clean_files_of
        from insights.data_rights.retain import retain_nightly

        gone = 0
        with self._timed(NightStep.RETAIN), self._noted(NightStep.RETAIN, "retention"), self._workspace.run_lock():
            bench = self._workspace.bench(progress=self._given.progress)
            done = retain_nightly(
                self._workspace.repository,
                rules,
                now=self._given.now,
                progress=self._given.progress,
                files=lambda cleaned: clean_files_of(bench, cleaned),
            )
            gone = done.gone.items
            self._log.say(f"retain: the words of {gone} items went", step="retain", items=gone)
        return gone

    def _analyze(self) -> Run | None:
        run = None
        with self._timed(NightStep.ANALYZE):
            if not self._workspace.repository.feedback.counts()["items"]:
                self._log.say("analyze: there is no feedback yet", step="analyze")
                return None
            with self._noted(NightStep.ANALYZE, "analysis"):
                run = self._workspace.analyze(progress=self._given.progress, follow=self._given.follow)
                words = f"analyze: run {run.id}, {run.status.value}, ${run.spend_usd:.2f}"
                self._log.say(words, step="analyze", run=run.id, status=run.status.value, spend_usd=run.spend_usd)
        return run

    def _sync(self) -> list[Synced]:
        done: list[Synced] = []
        workspace = self._workspace
        with self._timed(NightStep.SYNC):
            names, left = trackers_to_read(workspace.repository, {one.name for one in workspace.settings.trackers})
            for name in left:
                words = f"sync: {name} holds issues and is no tracker of insights.toml any more"
                self._log.say(words, step="sync", name=name)
            for name in names:
                with self._noted(NightStep.SYNC, name):
                    told = sync(
                        workspace.tracker(name),
                        repository=workspace.repository,
                        now=self._given.now(),
                        progress=self._given.progress,
                    )
                    done.append(told)
                    words = f"sync {name}: {told.read} read, {len(told.changes)} changed"
                    self._log.say(words, step="sync", name=name, read=told.read, changed=len(told.changes))
                    if told.failed is not None:
                        raise told.failed
        return done

    def _post(self) -> Post:
        """Sources are told of by their state; what else failed is said here."""
        return Post(
            workspace=self._workspace,
            now=self._given.now,
            troubles={
                f"{step.value} {name}": f"{name}: {error.message} {error.remedy}"
                for step in (NightStep.ANALYZE, NightStep.SYNC)
                for name, error in self._failures.get(step, {}).items()
            },
            ask_model=self._given.ask_model,
            senders=dict(self._given.senders),
        )

    def _make(self, post: Post) -> Mapping[str, Made]:
        done: dict[str, Made] = {}
        with self._timed(NightStep.MAKE):
            for settings in post.due():
                with self._noted(NightStep.MAKE, settings.name):
                    done[settings.name] = post.make(settings)
                    words = f"digest {settings.name}: {done[settings.name].value}"
                    self._log.say(words, step="make digests", name=settings.name)
        return done

    def _send(self, post: Post) -> Sequence[Sent]:
        done: list[Sent] = []
        with self._timed(NightStep.SEND):
            for one in post.send():
                done.append(one)
                failure = _unquoted(one.failure) if one.failure else None
                if failure is not None:
                    self._failures.setdefault(NightStep.SEND, {})[one.digest] = failure
                why = failure.message if failure else one.receipt
                words = f"digest {one.digest} of {one.period}: {one.status.value}, {why}"
                self._log.say(words, step="send digests", is_failure=failure is not None, name=one.digest)
        return done

    def _backup(self) -> str:
        """Where the settings want one: proved by restoring it on trial."""
        folder = self._workspace.backups_folder
        if folder is None:
            return ""
        from insights.backup.make import backup

        place = ""
        with self._timed(NightStep.BACKUP), self._noted(NightStep.BACKUP, "backup"):
            made = backup(self._workspace.backup_bench(progress=self._given.progress), folder)
            place = made.backup.place
            words = f"backup: {Path(place).name}, {made.backup.bytes / 1e6:.1f} MB, {len(made.deleted)} deleted"
            self._log.say(words, step="backup", bytes=made.backup.bytes)
        return place

    def _news(self, run: Run | None) -> int:
        night = self._workspace.repository.nights.get(run.id) if run else None
        return len(night.news) if night else 0

    # -- around them ------------------------------------------------------------------------------------------

    @contextmanager
    def _timed(self, step: NightStep) -> Iterator[None]:
        self._given.step(step)
        begun = time.monotonic()
        try:
            yield
        except BaseException as stop:  # raised on: the log alone is there in the morning
            why = stop.unquoted[0] if isinstance(stop, InsightsError) else ""
            self._log.say(f"{step.value} ended by {type(stop).__name__} {why}", step=step.value, is_failure=True)
            raise
        finally:
            self._seconds[step] = round(time.monotonic() - begun, 2)
            self._log.say(f"{step.value}: {self._seconds[step]:.1f} s", step=step.value, seconds=self._seconds[step])

    @contextmanager
    def _noted(self, step: NightStep, name: str) -> Iterator[None]:
        """What fails ends nothing else, be it a defect of ours: the digests of others still go out."""
        try:
            yield
        except Exception as raised:  # it is kept, and raised by whoever called the night
            error = _unquoted(raised) if isinstance(raised, InsightsError) else self._defect(raised)
            self._failures.setdefault(step, {})[name] = error
            words = f"{step.value} {name} failed: {error.message} {error.remedy}"
            self._log.say(words, step=step.value, is_failure=True, name=name)

    def _defect(self, raised: Exception) -> InsightsError:
        """Its kind and place: its words may be a customer's."""
        self._defects.append(raised)
        *_, last = traceback.extract_tb(raised.__traceback__)
        return InsightsError(
            f"{type(raised).__name__} in {Path(last.filename).name}, line {last.lineno}.",
            remedy="This is a defect of insights, or a full disk: see what the night printed.",
        )


def _unquoted(error: InsightsError) -> InsightsError:
    """Nobody asked for a night: its log, its mail by cron and its JSON go to whoever watches machines."""
    if error.unquoted == (error.message, error.remedy):
        return error
    message, remedy = error.unquoted
    return InsightsError(message, remedy=remedy, exit_code=error.exit_code)


def refuse_past(nights: NightStore, moment: datetime) -> None:
    """Raises InsightsError for a day before the newest night: nights are compared in the order in which they ran, so
    one of the past would tell what came later as its news."""
    last = nights.last()
    if last is not None and moment.date() < last.at.date():
        raise InsightsError(
            f"A night of {last.at:%Y-%m-%d} is kept here already: {moment:%Y-%m-%d} is past.",
            remedy="Replay days in their order, in a workspace that has not seen later ones.",
            exit_code=ExitCode.USAGE,
        )


def summary(done: NightDone) -> str:
    """A night in one line."""
    new = sum(one.collected.saved.new for one in done.pulled)
    parts = [counted(new, "new record") if done.sources else "insights.toml names no [[sources]], nothing was read"]
    parts += [f"{done.news} news"] if done.news else []
    parts += [f"{one.digest} of {one.period} {one.status.value}" for one in done.sent]
    parts += [f"{name} quiet" for name in done.quiet]
    parts.append(f"${done.run.spend_usd:.2f}" if done.run else "no analysis")
    parts.append(f"{sum(done.seconds.values()):.0f} s")
    failed = f"; failed: {', '.join(name for name, _ in done.failed)}" if done.failed else ""
    return f"Night of {done.at:%Y-%m-%d}: {', '.join(parts)}{failed}."
