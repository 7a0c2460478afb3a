"""Write and read what a session decides, behind its screens: conflicts are asked about, what the database cannot take
is kept, and everything can be taken back."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from textual import work

from insights.config import Settings
from insights.domain.figures import counted
from insights.domain.intent import Reversal
from insights.domain.problem import Action, Problem, State, awaits_decision, problem_ref
from insights.domain.run import Run
from insights.errors import InsightsError, Unreachable
from insights.storage.repository import Repository
from insights.triage import Triage
from tui.cells import shown
from tui.models.desk import Reading, reading_of
from tui.pages.conflict import conflict_words
from tui.pages.frame import Status, stale_words
from tui.pages.rows import LensColumn
from tui.questions import Answer, Question
from tui.session import RETURN, SessionApp
from tui.writing import Clash, Job, Versions

_FIRST = 100
_LONGEST_TITLE = 8
_T = TypeVar("_T")
_NOTICED_SECONDS = 0.1
WAITING = "waiting for the database…"

BY_RETURN = "roi"
"""The lens in whose order problems come."""


class RecordingApp(SessionApp):
    """The part of the application that writes. Writes run one after the other in the order of the keys, none is
    dropped, and one that fails puts its problem back."""

    _is_retrying = False

    # -- reading ----------------------------------------------------------------------------------------------

    @work(group="inbox", exclusive=True)
    async def read_all(self, *, keep: int | None = None) -> None:
        """A new order from storage; what was decided in this session still counts."""
        await self.all_written()
        as_of = self.desk.clock
        try:
            # What is refused has to be asked about, also where another reading takes the place of this one.
            await asyncio.shield(asyncio.ensure_future(self._deliver_first()))
            begun = await self._read_first(keep)
            as_of = self.desk.clock
            found = await asyncio.to_thread(_read_all, self.triage, self.office.settings, self.lens)
        except InsightsError as error:
            self.desk.error = error
            self.is_offline = isinstance(error, Unreachable)
            self.complain(error)
        else:
            self.last_run, self.lens_title = found.last_run, found.lens_title
            self.failing = found.failing
            self.lens_column = found.lens_column
            has_moved = begun is not None and self._place_of_cursor() != begun
            self.desk.lay_out(found.reading, self.today(), keep=None if has_moved else keep, as_of=as_of)
            # These live as long as the session. Looking through 10,000 of them for garbage stopped every fifteenth
            # key for 140 ms (p95 from key to paint 144 ms, without it 27 ms).
            gc.freeze()
            self._say_if_stale()
        self.look(again=True)

    def _place_of_cursor(self) -> tuple[int, int]:
        return self.desk.cursor, self.desk.clock

    async def _read_first(self, keep: int | None) -> tuple[int, int] | None:
        """At the start, what fits a screen or two: of ten thousand, the others may come a moment later. Where the
        cursor stands then."""
        if self.desk.is_read or self.lens != BY_RETURN:
            return None
        first = await asyncio.to_thread(lambda: self.triage.repository.problems.first(_FIRST))
        if len(first) == _FIRST:
            self.desk.lay_out(reading_of(first, is_whole=False), self.today(), keep=keep)
            self.look()
        return self._place_of_cursor()

    def _say_if_stale(self) -> None:
        stale = stale_words(self.place)
        if stale is not None and not self._status.text:
            self._status = stale

    # -- writing ----------------------------------------------------------------------------------------------

    def change(
        self,
        problem: Problem,
        do: Callable[[Versions], list[int]],
        done: Status | Callable[[], Status],
        *,
        others: Sequence[Problem] = (),
        then: Callable[[], None] | None = None,
    ) -> None:
        """Write what shows when it is written; what is said may depend on what came of it. Each of the problems rises
        by one version."""
        before = (problem, *others)

        def show() -> None:
            self.desk.expect({one.id: 1 for one in before})

        show()
        self._change(Job(write=do, before=before, show=show), done, then)

    @work(group="write")
    async def _change(self, job: Job, done: Status | Callable[[], Status], then: Callable[[], None] | None) -> None:
        if await self._write(job):
            self.say(done if isinstance(done, Status) else done())
            self.look(again=True)
            if then is not None:
                then()

    @work(group="write")
    async def write(self, job: Job) -> None:
        """Write what shows already."""
        await self._write(job)

    async def _write(self, job: Job) -> bool:
        """Whether it was written; if not, it is said why."""
        self.forget_filed()
        try:
            clash = await self.writer.write(job)
        except Unreachable as error:
            self._is_away(error, is_kept=job in self.writer.kept)
        except InsightsError as error:
            self.complain(error)
        else:
            self.is_offline = False
            if clash is None:
                return True
            await self._ask_about(clash)
        self.look(again=True)
        return False

    def _is_away(self, error: InsightsError, *, is_kept: bool) -> None:
        self.is_offline = True
        if not is_kept:
            self.complain(error)
        self.show()

    async def _ask_about(self, clash: Clash) -> None:
        stale = sorted(clash.stale)
        try:
            histories = await asyncio.to_thread(lambda: {number: self.triage.history(number) for number in stale})
        except InsightsError as error:
            self.complain(error)
            return
        titles = {problem.id: problem.title for problem in clash.theirs}
        answers = (
            Answer("enter", "keep", lambda: self._write_rest(clash)),
            Answer("f", "mine", lambda: self._insist(clash)),
            Answer("v", "compare", lambda: self._compare(clash)),
        )
        self.ask(Question(words=conflict_words(histories, titles, self.office.now()), answers=answers, lasts=True))

    def _write_rest(self, clash: Clash) -> None:
        rest = clash.rest()
        if rest is not None:
            self._again(rest)

    def _insist(self, clash: Clash) -> None:
        self._again(clash.insist())

    def _again(self, job: Job) -> None:
        if job.intents:
            self.desk.decide(job.intents)
        else:
            job.show()
        self.write(job)
        self.look()

    def _compare(self, clash: Clash) -> None:
        """The problem with its history; the question stays."""
        self.open_problem(min(clash.stale))
        self.run_worker(self._ask_about(clash), group="ask")

    async def all_written(self) -> None:
        """Wait for the decisions that are on their way."""
        writing = [worker for worker in self.workers if worker.group == "write"]
        if writing:  # an empty list would mean every worker there is
            await self.workers.wait_for_complete(writing)

    async def retry(self) -> None:
        """Write what waits in the outbox, once the database is back; read what could not be read."""
        if not self.is_offline or self._is_retrying:
            return
        self._is_retrying = True
        try:
            with suppress(InsightsError):
                await self._deliver()
                if self.desk.error is not None:
                    self.read_all()
        finally:
            self._is_retrying = False
        self.show()

    def retry_behind(self) -> None:
        """The same, and no key waits for it: a database that is away may take its time to say so."""
        if self.is_offline:
            self.run_worker(self.retry(), group="retry")

    async def _deliver_first(self) -> None:
        """A file that cannot be read is no reason to show nothing."""
        try:
            await self._deliver()
        except Unreachable:
            raise
        except InsightsError as error:
            self.complain(error)

    async def _deliver(self) -> None:
        """Raises Unreachable where the database is still away."""
        waited = len(self.writer.kept)
        for refused in await self.writer.deliver():
            if isinstance(refused, Clash):
                await self._ask_about(refused)
            else:
                self.complain(refused)
        if self.is_offline:
            self.is_offline = False
            written = f"; {counted(waited, 'decision')} written" if waited else ""
            self.say(Status(f"the database is back{written}"))

    async def read_again(self, numbers: Sequence[int]) -> None:
        """These changed otherwise than by a decision."""
        as_of = self.desk.clock
        with suppress(InsightsError):
            fresh = await asyncio.to_thread(lambda: [self.triage.problem(number) for number in numbers])
            self.desk.refresh(fresh, self.today(), as_of=as_of)
        self.look(again=True)

    def rank_anew(self) -> None:
        """Estimates changed: have all of them ranked, behind what is done here."""

    def ask_about_filed(self) -> bool:
        """Whether an undo would come after an export, which is asked about."""
        return False

    def forget_filed(self) -> None:
        """Something else was done since the last export."""

    # -- taking back --------------------------------------------------------------------------------------------

    async def undo(self) -> None:
        """Take back this person's latest decision. Keys wait for it, so that the next one acts on what came back."""
        if self.ask_about_filed():
            return
        await self._waited_for(self.all_written())
        kept = await self.writer.take_back()
        if kept is not None:
            self.say(Status(f"{counted(len(kept.before), 'decision')} that waited will not be written"))
            self.look(again=True)
            return
        await self._turn(self.triage.undo, is_undo=True)

    async def redo(self) -> None:
        """Decide again what was taken back last."""
        await self._waited_for(self.all_written())
        await self._turn(self.triage.redo, is_undo=False)

    async def _waited_for(self, awaited: Awaitable[_T]) -> _T:
        """What it gives. Where it takes longer than an eye notices, it is said that something is waited for."""
        running = asyncio.ensure_future(awaited)
        await asyncio.wait((running,), timeout=_NOTICED_SECONDS)
        if not running.done():
            self.say(Status(WAITING))
        return await running

    async def _turn(self, turn: Callable[[], Reversal], *, is_undo: bool) -> None:
        def do() -> tuple[Reversal, list[Problem]]:
            reversal = turn()
            return reversal, [self.triage.problem(number) for number in reversal.problem_ids]

        try:
            reversal, problems = await self._waited_for(asyncio.to_thread(do))
        except InsightsError as error:
            self.complain(error)
        else:
            self.desk.drop(n for n, one in zip(reversal.problem_ids, problems, strict=True) if n != one.id)
            self._take_in(reversal, problems, is_undo=is_undo)
            if any(decision.action in _RANKED_ANEW for decision in (*reversal.about, *reversal.decisions)):
                self.rank_anew()
        self.look(again=True)

    def _take_in(self, reversal: Reversal, problems: Sequence[Problem], *, is_undo: bool) -> None:
        listed = {problem.id for problem in self.desk.visible}
        for problem in problems:
            self._turned(problem, reversal, is_undo=is_undo)
        if is_undo:
            self.desk.go_to_first({problem.id for problem in problems} - listed)
        waiting = [problem for problem in problems if awaits_decision(problem, self.today())]
        words = _correction(reversal, is_undo=is_undo) or _taken_back(waiting or problems, is_undo=is_undo)
        self.say(Status(words, hint="U redo" if is_undo else "u undo"))

    def _turned(self, problem: Problem, reversal: Reversal, *, is_undo: bool) -> None:
        """An undo puts the cursor on what waits again; a redo counts as decided."""
        if is_undo or awaits_decision(problem, self.today()):
            self.desk.give_back(problem, self.today(), follow=is_undo)
            return
        action = next((d.action for d in reversal.decisions if d.problem_id == problem.id), Action.MERGE)
        self.desk.settle(problem, action)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """All that a session reads at its start, and again on R."""

    reading: Reading
    last_run: Run | None
    failing: tuple[str, ...]
    lens_title: str
    lens_column: LensColumn | None


def _read_all(triage: Triage, settings: Settings, lens: str) -> _Found:
    problems, lens_title, column = _in_order(triage.problems(), lens, triage.repository, settings)
    last_run = next(iter(triage.repository.runs.recent(1)), None)
    failing = tuple(one.source for one in triage.repository.sources.all() if one.error)
    return _Found(
        reading=reading_of(problems), last_run=last_run, failing=failing, lens_title=lens_title, lens_column=column
    )


def _in_order(
    problems: list[Problem], lens: str, repository: Repository, settings: Settings
) -> tuple[list[Problem], str, LensColumn | None]:
    """The problems in the order of a lens, how that is called, and what it says of each. They come in the order of the
    return."""
    if lens == BY_RETURN:
        return problems, RETURN, None
    from insights.lenses import chosen_lens, look

    chosen = chosen_lens(settings, name=lens)
    views = look(repository, chosen, settings=settings)
    seen = {view.problem.id: (view.place, view.short) for view in views}
    ordered = sorted(problems, key=lambda problem: seen[problem.id][0] if problem.id in seen else len(seen) + 1)
    return ordered, chosen.title, LensColumn(title=_short_title(chosen.title, chosen.name), seen=seen)


def _short_title(title: str, name: str) -> str:
    """What fits above a column."""
    return title if len(title) <= _LONGEST_TITLE else name


_RANKED_ANEW = frozenset((Action.ESTIMATE, Action.MERGE))
"""What changes estimates or ranks when it is taken back or done again."""


_CORRECTIONS = {
    Action.MERGE: "the merge into {ref}",
    Action.SPLIT: "the split of {ref}",
    Action.MOVE: "the move of an item of {ref}",
    Action.RENAME: "the new title of {ref}",
    Action.ESTIMATE: "the estimate of {ref}",
    Action.PLACE: "the move on the board",
}
"""What says more than how many problems it changed."""


def _correction(reversal: Reversal, *, is_undo: bool) -> str:
    """What was taken back or done again, where it is a correction or a place and no decision; else nothing."""
    some = reversal.about if is_undo else reversal.decisions
    told = {_CORRECTIONS.get(one.action, "").format(ref=problem_ref(one.problem_id)) for one in some}
    words = told.pop() if len(told) == 1 else ""
    return f"{'taken back' if is_undo else 'done once more'}: {words}" if words else ""


def _taken_back(problems: Sequence[Problem], *, is_undo: bool) -> str:
    again = "again" if is_undo else "once more"
    if len(problems) != 1:
        return f"{counted(len(problems), 'problem')} {'taken back' if is_undo else 'decided once more'}"
    state = "waits" if problems[0].state is State.INBOX else f"is {problems[0].state.value}"
    return f"“{shown(problems[0].title, 200)}” {state} {again}"
