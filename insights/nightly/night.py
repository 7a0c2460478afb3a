"""One night: its steps in their order, each safe to repeat, and what became of them.

Nothing is kept of how far a night came: pulling goes on from the states of the sources, an analysis from what lacks its
output, a digest is made once for its period and sent once it was taken. Running again is the recovery.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from insights.bootstrap import Workspace
from insights.domain.run import Run
from insights.errors import ExitCode, InsightsError
from insights.nightly.delivering import Post, Sent
from insights.nightly.log import NightLog
from insights.ports import Follow, Progress, Sender
from insights.pulling import Pulled, Reading
from insights.storage.deliveries import DeliveryStatus
from insights.storage.lock import OwnerLock
from insights.syncing import Synced, sync, trackers_to_read

LOCK = "night.lock"


class NightStep(StrEnum):
    """In the order in which they are taken."""

    PULL = "pull"
    ANALYZE = "analyze"
    SYNC = "sync"
    MAKE = "make digests"
    SEND = "send digests"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightDone:
    """What became of a night. `failures` are by what failed: a source, a tracker, a digest, or "analysis". `seconds`
    are by step. `news` is how many the analysis found."""

    at: datetime
    pulled: tuple[Pulled, ...] = ()
    sources: int = 0
    run: Run | None = None
    synced: tuple[Synced, ...] = ()
    news: int = 0
    sent: tuple[Sent, ...] = ()
    quiet: tuple[str, ...] = ()
    failures: dict[NightStep, dict[str, InsightsError]] = field(default_factory=dict)
    seconds: dict[NightStep, float] = field(default_factory=dict)

    @property
    def failed(self) -> dict[str, InsightsError]:
        """Everything that failed, by name."""
        return {name: error for some in self.failures.values() for name, error in some.items()}

    @property
    def is_changed(self) -> bool:
        """Whether a digest with something to tell was made or sent."""
        return any(one.status is DeliveryStatus.SENT for one in self.sent) or self.news > 0

    @property
    def exit_code(self) -> ExitCode:
        """4 where somebody must log in, else 1 where the analysis failed or nothing could be read, else 3 where some
        sources or trackers failed. A sender that failed is tried again and is no failure of the night."""
        failed = self.failed
        if any(error.exit_code is ExitCode.LOGIN for error in failed.values()):
            return ExitCode.LOGIN
        sources = self.failures.get(NightStep.PULL, {})
        is_all = bool(sources) and len(sources) == self.sources
        if self.failures.get(NightStep.ANALYZE) or self.failures.get(NightStep.MAKE) or is_all:
            return ExitCode.ERROR
        return ExitCode.PARTIAL if sources or self.failures.get(NightStep.SYNC) else ExitCode.OK


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

    def run(self) -> NightDone:
        """The whole night. Raises InsightsError only where another one is under way."""
        with OwnerLock(self.workspace.data / LOCK, what="this workspace, for a night"):
            return _Night(self).run()


class _Night:
    def __init__(self, given: Nightly) -> None:
        self._given = given
        self._workspace = given.workspace
        self._log = NightLog.of(self._workspace.data, given.now(), keep=self._workspace.settings.nightly.keep_logs)
        self._failures: dict[NightStep, dict[str, InsightsError]] = {}
        self._seconds: dict[NightStep, float] = {}

    def run(self) -> NightDone:
        at = self._given.now()
        self._log.say(f"night of {at:%Y-%m-%d} begins")
        pulled = self._pull()
        run = self._analyze()
        synced = self._sync()
        post = self._post()
        quiet = self._make(post)
        sent = self._send(post)
        done = NightDone(
            at=at,
            pulled=tuple(pulled),
            sources=len(self._workspace.settings.sources),
            run=run,
            synced=tuple(synced),
            news=self._news(run),
            sent=tuple(sent),
            quiet=tuple(quiet),
            failures=self._failures,
            seconds=self._seconds,
        )
        self._log.say(f"night ends, exit code {int(done.exit_code)}")
        return done

    # -- steps ------------------------------------------------------------------------------------------------

    def _pull(self) -> list[Pulled]:
        done: list[Pulled] = []
        with self._timed(NightStep.PULL):
            for source in self._workspace.settings.sources:
                with self._noted(NightStep.PULL, source.name):
                    found = self._workspace.pull(source, Reading(), progress=self._given.progress)
                    done.append(found)
                    saved = found.collected.saved
                    self._log.say(f"pull {source.name}: {saved.new} new, {saved.changed} changed")
                    if found.failure is not None:
                        raise found.failure
        return done

    def _analyze(self) -> Run | None:
        run = None
        with self._timed(NightStep.ANALYZE):
            if not self._workspace.repository.feedback.counts()["items"]:
                self._log.say("analyze: there is no feedback yet")
                return None
            with self._noted(NightStep.ANALYZE, "analysis"):
                run = self._workspace.analyze(progress=self._given.progress, follow=self._given.follow)
                self._log.say(f"analyze: run {run.id}, {run.status.value}, ${run.spend_usd:.2f}")
        return run

    def _sync(self) -> list[Synced]:
        done: list[Synced] = []
        workspace = self._workspace
        with self._timed(NightStep.SYNC):
            names, left = trackers_to_read(workspace.repository, {one.name for one in workspace.settings.trackers})
            for name in left:
                self._log.say(f"sync: {name} holds issues and is no tracker of insights.toml any more")
            for name in names:
                with self._noted(NightStep.SYNC, name):
                    told = sync(
                        workspace.tracker(name),
                        repository=workspace.repository,
                        now=self._given.now(),
                        progress=self._given.progress,
                    )
                    done.append(told)
                    self._log.say(f"sync {name}: {told.read} read, {len(told.changes)} changed")
                    if told.failed is not None:
                        raise told.failed
        return done

    def _post(self) -> Post:
        """Sources are told of by their state; what else failed is said here."""
        told = {**self._failures.get(NightStep.ANALYZE, {}), **self._failures.get(NightStep.SYNC, {})}
        return Post(
            workspace=self._workspace,
            now=self._given.now,
            troubles=tuple(f"{name}: {error.message} {error.remedy}" for name, error in told.items()),
            ask_model=self._given.ask_model,
            senders=dict(self._given.senders),
        )

    def _make(self, post: Post) -> Sequence[str]:
        quiet: list[str] = []
        with self._timed(NightStep.MAKE):
            for settings in post.due():
                with self._noted(NightStep.MAKE, settings.name):
                    if post.make(settings) is DeliveryStatus.QUIET:
                        quiet.append(settings.name)
                        self._log.say(f"digest {settings.name}: nothing to tell")
        return quiet

    def _send(self, post: Post) -> Sequence[Sent]:
        done: list[Sent] = []
        with self._timed(NightStep.SEND):
            for one in post.send():
                done.append(one)
                if one.failure is not None:
                    self._failures.setdefault(NightStep.SEND, {})[one.digest] = one.failure
                failed = f", {one.failure.message}" if one.failure else ""
                self._log.say(f"digest {one.digest} of {one.period}: {one.status.value} {one.receipt}{failed}")
        return done

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
        finally:
            self._seconds[step] = round(time.monotonic() - begun, 2)
            self._log.say(f"{step.value}: {self._seconds[step]:.1f} s")

    @contextmanager
    def _noted(self, step: NightStep, name: str) -> Iterator[None]:
        """What fails ends nothing else."""
        try:
            yield
        except InsightsError as error:
            self._failures.setdefault(step, {})[name] = error
            self._log.say(f"{step.value} {name} failed: {error.message} {error.remedy}")


def summary(done: NightDone) -> str:
    """A night in one line."""
    new = sum(one.collected.saved.new for one in done.pulled)
    parts = [f"{new:,} new item{'' if new == 1 else 's'}"]
    parts.append(f"{done.news} news" if done.news else "nothing new to tell")
    parts += [f"{one.digest} {one.status.value}" for one in done.sent]
    parts += [f"{name} quiet" for name in done.quiet]
    parts.append(f"${done.run.spend_usd:.2f}" if done.run else "no analysis")
    parts.append(f"{sum(done.seconds.values()):.0f} s")
    failed = f"; failed: {', '.join(done.failed)}" if done.failed else ""
    return f"Night of {done.at:%Y-%m-%d}: {', '.join(parts)}{failed}."
