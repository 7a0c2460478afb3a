"""What one person's session knows: the desk, the problem that is looked at, the last thing that happened, and what is
asked. It knows no storage and writes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from textual import work

from insights.domain.feedback import Evidence
from insights.domain.problem import Problem, State
from insights.domain.run import Run
from insights.errors import InsightsError
from tui.cells import shown
from tui.key_order import KeyOrder
from tui.models.desk import Desk
from tui.models.dossier import Dossier, Neighbour, read_dossier
from tui.models.outbox import Outbox
from tui.office import Office
from tui.pages.frame import Place, Status
from tui.pages.rows import LensColumn
from tui.questions import Question
from tui.screens.deciding import DecidingScreen
from tui.screens.problem import ProblemScreen
from tui.writing import Writer

if TYPE_CHECKING:
    from insights.finding.finder import Finder

_SETTLE_SECONDS = 0.03
"""The cursor rests this long before quotes are read, so that a held key reads nothing on its way."""


RETURN = "return on investment"
"""How the order by the first lens is called."""


class SessionApp(KeyOrder):
    """The part of the application that screens draw from."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.triage = office.triage
        self.currency = shown(office.settings.product.currency, 4)
        self.desk = Desk()
        outbox = Outbox(office.outbox) if office.outbox else None
        self.writer = Writer(self.desk, office.triage, outbox)
        self.quote = 0
        self.started = office.now()
        self.is_offline = False
        self.last_run: Run | None = None
        self.failing: tuple[str, ...] = ()
        """Names of the sources that could not be read the last time."""
        self.lens: str = office.settings.lenses.default
        self.lens_title = RETURN
        self.lens_column: LensColumn | None = None
        self._status = Status()
        self._questions: list[Question] = []
        self._dossier: Dossier | None = None
        self._counted = (-1, 0)

    def today(self) -> date:
        """By the office's clock."""
        return self.office.now().date()

    # -- what the status line says ------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """The oldest question, what is in work, or what happened last."""
        if self._questions:
            return Status(self._questions[0].words, hint=self._questions[0].hint, is_error=True)
        return self.work_status or self._status

    @property
    def work_status(self) -> Status | None:
        """What is in work, and how far; None where nothing is."""
        return None

    @property
    def question(self) -> Question | None:
        return self._questions[0] if self._questions else None

    def say(self, status: Status, *, is_drawn: bool = False) -> None:
        """This happened. A question that does not last goes. Who draws next in any case says so."""
        self._questions = [question for question in self._questions if question.lasts]
        self._status = status
        if not is_drawn:
            self.show()

    def ask(self, question: Question) -> None:
        self._questions.append(question)
        self.show()

    async def action_answer(self, key: str) -> None:
        await self.answered(key)

    async def answered(self, key: str) -> bool:
        answer = self.question.answer(key) if self.question else None
        if answer is None:
            return False
        self._questions.pop(0)
        done = answer.run()
        if isinstance(done, Awaitable):
            await done
        self.show()
        return True

    def complain(self, error: InsightsError) -> None:
        self.say(Status(f"{error.message} {error.remedy}", is_error=True))

    @property
    def place(self) -> Place:
        """Where the person is, for the top line."""
        desk = self.desk
        waiting = f"{len(desk.visible):,}/{desk.waiting:,}" if desk.wanted else f"{desk.waiting:,}"
        by = f" by {self.lens_title}" if self.lens_title != RETURN else ""
        return Place(
            screen=self.current_mode,
            workspace=self.office.workspace,
            today=self.today(),
            counts={"inbox": waiting + by, "board": f"{self._on_board():,}"} if desk.is_whole else {"inbox": "…"},
            newest_day=desk.newest_day,
            last_run=self.last_run,
            failing=self.failing,
            done=desk.done.total(),
            waiting=desk.waiting,
            is_offline=self.is_offline,
            kept=len(self.writer.kept),
        )

    def _on_board(self) -> int:
        """How many problems the Board shows; counted once for each change."""
        if self._counted[0] != self.desk.changes:
            count = sum(p.state in (State.ACCEPTED, State.DISMISSED) for p in self.desk.problems.values())
            self._counted = (self.desk.changes, count)
        return self._counted[1]

    # -- looking ----------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Draw the screens anew; the one on top may be a dialog."""
        for screen in self.screen_stack:
            if isinstance(screen, DecidingScreen):
                screen.show()

    def move_to(self, index: int) -> None:
        self.desk.move_to(index)
        self.look()

    def find(self, wanted: str) -> None:
        self.desk.find(wanted)
        self.look()

    def turn_quote(self, step: int) -> None:
        quotes = len(self._dossier.quotes) if self._dossier else 0
        self.quote = min(max(self.quote + step, 0), max(quotes - 1, 0))
        self.show()

    def open_problem(self, problem_id: int) -> None:
        self.push_screen(ProblemScreen(problem_id))
        self.call_after_refresh(self.look)

    def close_problem(self) -> None:
        if isinstance(self.screen, ProblemScreen):
            self.pop_screen()

    def dossier_of(self, problem: Problem) -> Dossier:
        """What is known so far."""
        known = self._dossier
        return known if known and known.problem == problem else Dossier(problem=problem)

    async def neighbours_of(self, problem: Problem) -> Sequence[Neighbour]:
        """The nearest problems; none where they cannot be read."""
        known = self.dossier_of(problem)
        if not known.is_read:
            known = await asyncio.to_thread(read_dossier, self.triage, problem)
        return known.similar

    def look(self, *, again: bool = False) -> None:
        """Draw, and read what the problem that is looked at rests on unless that is known."""
        looked_at = self.screen.looked_at if isinstance(self.screen, DecidingScreen) else self.desk.current
        if looked_at is not None and (again or not self.dossier_of(looked_at).is_read):
            if self._dossier is None or self._dossier.problem.id != looked_at.id:
                self.quote = 0
            self._read_dossier(looked_at)
        self.show()

    @work(group="dossier", exclusive=True)
    async def _read_dossier(self, problem: Problem) -> None:
        await asyncio.sleep(_SETTLE_SECONDS)
        self._dossier = await asyncio.to_thread(read_dossier, self.triage, problem)
        self.show()

    def open_source(self) -> None:
        """The quote's own page, in the browser."""
        quote = self.current_quote
        if quote is not None:
            from tui.opening import open_source

            by_page = self._open_by_page if self.is_web else None
            self.run_worker(self._say_after(lambda: open_source(quote, by_page)), group="open")

    def _open_by_page(self, address: str) -> bool:
        """Where a page in a browser draws the application, that browser opens it: it may be on another machine."""
        self.call_from_thread(self.open_url, address)
        return True

    def copy_quote(self) -> None:
        """The quote with its origin, to the clipboard."""
        quote = self.current_quote
        if quote is not None:
            from tui.opening import copy_quote

            by_terminal, commands = self._copy_by_terminal, self._clipboards
            self.run_worker(self._say_after(lambda: copy_quote(quote, by_terminal, commands=commands)), group="copy")

    def copy(self, text: str) -> None:
        """To the clipboard."""
        from tui.opening import copy_text

        by_terminal, commands = self._copy_by_terminal, self._clipboards
        self.run_worker(self._say_after(lambda: copy_text(text, by_terminal, commands=commands)), group="copy")

    @property
    def _clipboards(self) -> Sequence[tuple[str, ...]]:
        """None where a page draws the application: the clipboard that is meant is its browser's."""
        from tui.opening import CLIPBOARDS

        return () if self.is_web else CLIPBOARDS

    async def _say_after(self, act: Callable[[], str]) -> None:
        """Do it off the screen's thread, and say what it says."""
        self.say(Status(await asyncio.to_thread(act)))

    def _copy_by_terminal(self, text: str) -> None:
        self.call_from_thread(self.copy_to_clipboard, text)

    @property
    def current_quote(self) -> Evidence | None:
        """The quote that is looked at on this screen."""
        own = self.screen.quote if isinstance(self.screen, DecidingScreen) else None
        quotes = self._dossier.quotes if self._dossier else ()
        return own or (quotes[min(self.quote, len(quotes) - 1)] if quotes else None)

    @cached_property
    def finder(self) -> "Finder | None":
        """What searches the evidence, once it is asked for; None where there is no workspace."""
        office = self.office
        if office.embedder is None or office.vectors is None:
            return None
        from insights.finding.finder import Finder

        return Finder(office.repository, office.embedder, office.vectors, today=self.today)
