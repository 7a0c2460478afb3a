"""Write what was decided, one after the other in the order of the keys, off the screen's thread.

A decision shows at once and is written behind. None is dropped: what somebody else was faster with is put back and
asked about, what the database cannot take now is kept in the outbox, what it refuses is put back with the reason.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from insights.domain.intent import Intent
from insights.domain.problem import Problem, problem_ref
from insights.errors import Conflict, InsightsError, Unreachable
from insights.triage import Triage
from tui.models.desk import Desk
from tui.models.outbox import Outbox, Refused

Versions = Mapping[int, int]
"""problem id -> the version that the person looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to write. `before` are its problems as they were; `write` gets their versions and says which problems
    changed; `intents` are what it decides, where it may wait in the outbox; `show` has the desk expect it. `rises` says
    of which problems the version rises by more than one, and by how much."""

    write: Callable[[Versions], Iterable[int]]
    before: tuple[Problem, ...]
    intents: tuple[Intent, ...] = ()
    show: Callable[[], None] = lambda: None
    rises: Mapping[int, int] = field(default_factory=dict)

    @property
    def numbers(self) -> list[int]:
        return [problem.id for problem in self.before]

    @property
    def versions(self) -> Versions:
        return {problem.id: problem.version for problem in self.before}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Somebody else was faster: `theirs` are the problems as they are now, `stale` the ids of those that changed."""

    job: Job
    theirs: tuple[Problem, ...]
    stale: frozenset[int]

    def insist(self) -> Job:
        """The same on top of what the others did."""
        return _on(self.job, self.theirs)

    def rest(self) -> Job | None:
        """The same for those that nobody else changed; None where there is none, or where it is one thing."""
        others = tuple(problem for problem in self.theirs if problem.id not in self.stale)
        return _on(self.job, others) if self.job.intents and others else None


def decision(triage: Triage, intents: Sequence[Intent], before: Sequence[Problem]) -> Job:
    """Decisions that are made as one."""

    def write(versions: Versions) -> Iterable[int]:
        triage.decide_all(
            [replace(i, seen_version=versions[i.problem_id]) for i in intents if i.problem_id in versions]
        )
        return ()

    return Job(write=write, before=tuple(before), intents=tuple(intents))


def _as_seen(job: Job) -> list[Intent]:
    """What it decides, with the versions that the person looked at."""
    versions = job.versions
    return [replace(intent, seen_version=versions[intent.problem_id]) for intent in job.intents]


def _rests_on_refused(number: int) -> InsightsError:
    words = f"What was decided next on {problem_ref(number)} was not written either."
    return InsightsError(words, remedy="Look at it, and decide again.")


def _on(job: Job, problems: tuple[Problem, ...]) -> Job:
    numbers = {problem.id for problem in problems}
    return replace(job, before=problems, intents=tuple(i for i in job.intents if i.problem_id in numbers))


@dataclass
class Writer:
    """`kept` are the decisions of this session that wait in the outbox.

    A decision may be refused while others on the same problem, made on top of it, are on their way. Where it is refused
    for itself, those are written with versions lowered by `_unrisen`. Where somebody else was faster, `_orphans` counts
    them by problem: they are not written, since they would overwrite what nobody here has seen.
    """

    desk: Desk
    triage: Triage
    outbox: Outbox | None = None
    kept: list[Job] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _unrisen: Counter[int] = field(default_factory=Counter)
    _orphans: Counter[int] = field(default_factory=Counter)

    async def write(self, job: Job) -> Clash | None:
        """Write it, after what came before. Raises InsightsError where nothing was written and its problems were put
        back; `Unreachable` means kept in the outbox if it is one that may wait."""
        async with self._lock:
            meant, job = job, self._after_refusals(job)
            try:
                changed = await asyncio.to_thread(self._write, job)
            except Conflict as error:
                theirs = await self._theirs(job)
                self._give_back(job, theirs)
                self._orphans.update({number: self.desk.unwritten[number] for number in job.numbers})
                return Clash(job=job, theirs=tuple(theirs), stale=frozenset(error.problem_ids))
            except Unreachable:
                await self._keep(job)
                raise
            except InsightsError:
                await self._put_back(job)
                raise
            self._written(job)
            as_of = self.desk.clock
            with suppress(InsightsError):  # it is written, whether or not it can be read again now
                numbers = changed if job is meant else [*changed, *job.numbers]
                fresh = await asyncio.to_thread(self._read, numbers)
                self.desk.refresh(fresh, self._today(), as_of=as_of)
            return None

    async def deliver(self) -> list[Clash | InsightsError]:
        """Write what waits in the outbox; what was refused meanwhile. Raises Unreachable where it still waits."""
        if self.outbox is None:
            return []
        async with self._lock:
            refused = await asyncio.to_thread(self._deliver, self.outbox)
            for job in self.kept:
                self.desk.written(job.numbers)
            self.kept.clear()
            return [await self._refused(one.intents, one.error) for one in refused]

    async def take_back(self) -> Job | None:
        """The latest decision that waits in the outbox waits no longer, and its problems are as they were. None where
        none waits; what another session of the same person wrote from there is in storage."""
        async with self._lock:
            while self.kept and self.outbox is not None:
                job = self.kept[-1]
                does_wait = await asyncio.to_thread(self.outbox.take_back, _as_seen(job))
                self.kept.pop()
                if does_wait:
                    self._give_back(job, job.before, follow=True)
                    return job
                self.desk.written(job.numbers)
        return None

    # -- parts ------------------------------------------------------------------------------------------------

    def _after_refusals(self, job: Job) -> Job:
        """The job with the versions that its problems have now that what it was made on top of was refused. Raises
        InsightsError where it rests on a decision that somebody else was faster than."""
        orphaned = [number for number in job.numbers if self._orphans[number] > 0]
        for number in orphaned:
            self._orphans[number] -= 1
        if orphaned:
            self._give_back(job, [problem for problem in job.before if problem.id not in orphaned])
            raise _rests_on_refused(orphaned[0])
        before = tuple(replace(one, version=one.version - self._unrisen[one.id]) for one in job.before)
        return replace(job, before=before) if before != job.before else job

    async def _put_back(self, job: Job) -> None:
        """It was refused for itself. What was decided on top of it is on its way, and shows on."""
        rests = any(self._unrisen[number] for number in job.numbers)
        before = await self._theirs(job) if rests else job.before
        self._written(job)
        for problem in before:
            if self.desk.unwritten[problem.id]:
                self._unrisen[problem.id] += job.rises.get(problem.id, 1)
            else:
                self.desk.give_back(problem, self._today())

    def _written(self, job: Job) -> None:
        """In storage, or refused there. What follows is made on what the desk reads then."""
        self.desk.written(job.numbers)
        for number in job.numbers:
            if not self.desk.unwritten[number]:
                del self._unrisen[number]

    def _write(self, job: Job) -> list[int]:
        if self.kept:  # the order of decisions is kept: none overtakes those that wait
            raise Unreachable("Decisions wait.", remedy="They are written first.")
        return list(job.write(job.versions))

    def _deliver(self, outbox: Outbox) -> list[Refused]:
        numbers: set[int] = set()

        def write(intents: Sequence[Intent]) -> None:
            own = {intent.problem_id for intent in intents}
            try:
                if own & numbers:
                    raise _rests_on_refused(min(own & numbers))
                self._write_kept(intents)
            except Unreachable:
                raise
            except InsightsError:
                numbers.update(own)
                raise

        refused = outbox.deliver(write)
        self.triage.repository.runs.recent(1)  # also where nothing waits: is the database there?
        return refused

    def _write_kept(self, intents: Sequence[Intent]) -> None:
        """What was written just before the connection broke, or the program, is not written twice."""
        try:
            self.triage.decide_all(intents)
        except Conflict:
            if not all(self._stands(intent) for intent in intents):
                raise

    def _stands(self, intent: Intent) -> bool:
        last = next(reversed(self.triage.history(intent.problem_id)), None)
        is_next = self.triage.problem(intent.problem_id).version == (intent.seen_version or 0) + 1
        return last is not None and is_next and (last.who, last.action) == (self.triage.who, intent.action)

    async def _theirs(self, job: Job) -> list[Problem]:
        """The problems of a conflict as they are now. Where they cannot be read, they are put back as they were."""
        try:
            return await asyncio.to_thread(self._read, job.numbers)
        except InsightsError:
            self._give_back(job, job.before)
            raise

    def _read(self, numbers: Iterable[int]) -> list[Problem]:
        return [self.triage.problem(number) for number in numbers]

    async def _keep(self, job: Job) -> None:
        if not job.intents or self.outbox is None:
            self._give_back(job, job.before)
            return
        try:
            await asyncio.to_thread(self.outbox.add, _as_seen(job))
        except InsightsError:
            self._give_back(job, job.before)
            raise
        self.kept.append(job)

    def _give_back(self, job: Job, problems: Sequence[Problem], *, follow: bool = False) -> None:
        self._written(job)
        for problem in problems:
            self.desk.give_back(problem, self._today(), follow=follow)

    async def _refused(self, intents: tuple[Intent, ...], error: InsightsError) -> "Clash | InsightsError":
        theirs = await asyncio.to_thread(self._read, [intent.problem_id for intent in intents])
        job = decision(self.triage, intents, theirs)
        for problem in theirs:
            self.desk.give_back(problem, self._today())
        if not isinstance(error, Conflict):
            return error
        return Clash(job=job, theirs=tuple(theirs), stale=frozenset(error.problem_ids))

    def _today(self) -> date:
        return self.triage.now().date()
