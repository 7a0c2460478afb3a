"""What the application does in the background: an analysis, or a new ranking, which take longer than a key."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.worker import Worker

from insights.domain.access import Act, Forbidden
from insights.errors import InsightsError
from tui.pages.frame import Status
from tui.pages.work import work_words

if TYPE_CHECKING:
    from tui.app import InsightsApp
    from tui.models.following import WorkState
    from tui.work import Work

_TICK_SECONDS = 0.5
"""Between two looks at work that goes on: a line that changes more often cannot be read."""

_ANALYZE, _RANK = "analyze", "rank"


class Working:
    """Part of the application: one thing at a time, in a process of its own, so that no key waits for it."""

    _work: "Work | None" = None
    _at_work: Worker[None] | None = None
    _is_to_rank = False

    @property
    def _app(self) -> "InsightsApp":
        return cast("InsightsApp", self)

    @property
    def work_status(self) -> Status | None:
        """What is in work, and how far; None where nothing is, or nothing that a person waits for."""
        if not self._is_busy or self._work is None or self._work.state.name == _RANK:
            return self._app.filing_status
        return Status(work_words(self._work.state, at=self._work.clock(), width=max(self._app.size.width - 4, 20)))

    @property
    def _is_busy(self) -> bool:
        return self._work is not None and not self._work.state.is_over

    def action_analyze(self) -> None:
        """Read and rank what is new, as `insights analyze` does."""
        try:
            self._app.office.repository.actor.require(Act.BRING)
        except Forbidden as error:
            self._app.complain(error)
            return
        program = self._app.office.analysis
        if program is None:
            self._app.say(Status("There is no workspace to analyze here.", is_error=True))
        elif self._is_busy:
            self._app.say(Status("Something runs already.", hint="^C stops it"))
        else:
            self._start(program, _ANALYZE)

    def rank_anew(self) -> None:
        """Estimate and rank all problems, once what runs is done. The order on the screen stays until R."""
        program = self._app.office.ranking
        if program is None:
            self._at_work = self._app.run_worker(self._rank_here(), group="work")
        elif self._is_busy:
            self._is_to_rank = True
        else:
            self._start(program, _RANK)

    def _start(self, program: Sequence[str], name: str) -> None:
        self._is_to_rank = False
        self._at_work = self._app.run_worker(self._run(list(program), name), group="work")

    async def _run(self, program: list[str], name: str) -> None:
        from tui.work import Work

        self._work = Work(program, name=name)
        ticking = self._app.set_interval(_TICK_SECONDS, self._app.show)
        try:
            state = await self._work.run()
        finally:
            ticking.stop()
        await self._tell(state)
        if self._is_to_rank:
            self.rank_anew()

    async def _rank_here(self) -> None:
        try:
            await asyncio.to_thread(self._app.office.rank)
        except InsightsError as error:
            self._app.complain(error)
        await self._app.read_again(list(self._app.desk.problems))

    async def _tell(self, state: "WorkState") -> None:
        from tui.models.following import Phase

        words = work_words(state, at=self._work.clock() if self._work else 0.0, width=400)
        if state.name == _RANK:
            if state.phase is Phase.FAILED:
                self._app.say(Status(words, is_error=True))
            await self._app.read_again(list(self._app.desk.problems))
            return
        if state.phase is Phase.DONE:
            words = f"{words}: {await asyncio.to_thread(self._did)}"
        hint = "4: Runs · R: what is new" if state.phase is Phase.DONE else "4: Runs · N: go on"
        self._app.say(Status(words, hint=hint, is_error=state.phase is Phase.FAILED))

    def _did(self) -> str:
        """What the last run did, in counts."""
        from insights.domain.run import did

        runs = self._app.office.repository.runs.recent(1)
        return did(runs[0]) if runs else "nothing was new"

    def action_stop_work(self) -> None:
        """Stop what runs; what is done is kept. Where nothing runs, say how to leave."""
        if self._work is not None and self._is_busy:
            self._work.stop()
            self._app.show()
        elif not self._app.stop_filing():
            self._app.say(Status("Nothing runs that could be stopped.", hint="q quit"))

    async def stop_for_good(self) -> None:
        """The session ends: stop an analysis, which goes on where it was next time; let a ranking end."""
        while self._at_work is not None and not self._at_work.is_finished:
            if self._work is not None and self._work.state.name == _ANALYZE:
                self.action_stop_work()
            await self._app.workers.wait_for_complete([self._at_work])
