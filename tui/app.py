"""The triage application: wires a `Triage` to the screens and does its reading and writing off the screen's thread.

It knows no storage. A decision shows at once and is written behind; writes run one after the other in the order of
the keys, none is dropped, and one that fails puts its problem back.
"""

import asyncio
import gc
import sys
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from insights.domain.problem import PAST, Action, Problem, awaits_decision
from insights.errors import InsightsError
from insights.triage import Triage, snooze_until
from tui.cells import shown
from tui.desk import Desk
from tui.dossier import Dossier, read_dossier
from tui.keys import Choice
from tui.pages.frame import Status
from tui.screens.deciding import DecidingScreen
from tui.screens.help import HelpScreen
from tui.screens.inbox import InboxScreen
from tui.screens.problem import ProblemScreen
from tui.screens.small import SmallScreen, is_too_small
from tui.terminal import Colourless, check_terminal
from tui.themes import THEMES

_SETTLE_SECONDS = 0.03
"""The cursor rests this long before quotes are read, so that a held key reads nothing on its way."""


class InsightsApp(App[None]):
    """One person's session: the desk, the problem that is looked at, and the last thing that happened."""

    CSS_PATH = "app.tcss"
    TITLE = "insights"
    ENABLE_COMMAND_PALETTE = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "help", key_display="?", id="help"),
        Binding("q", "quit", "quit", id="quit"),
    ]

    def __init__(
        self,
        triage: Triage,
        *,
        workspace: str,
        currency: str = "$",
        theme: str = "dark",
        keymap: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.triage = triage
        self.workspace = workspace
        self.currency = shown(currency, 4)
        self.desk = Desk()
        self.status = Status()
        self.quote = 0
        self.started = triage.now()
        self._dossier: Dossier | None = None
        self._writing = asyncio.Lock()
        self._colourless = Colourless()
        for known in THEMES.values():
            self.register_theme(known)
        self.theme = _known_theme(theme)
        self.set_keymap(keymap or {})

    def get_line_filters(self) -> list[LineFilter]:
        return [self._colourless] if self.no_color else list(super().get_line_filters())

    def on_mount(self) -> None:
        self.push_screen(InboxScreen())
        self.read_inbox()

    # -- keys and size ----------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        """Keys reach this handler in the order they were typed, after the ones before have been acted on."""
        if isinstance(self.screen, DecidingScreen) and self.screen.take_key(event):
            event.prevent_default()

    def on_resize(self, event: events.Resize) -> None:
        is_covered = isinstance(self.screen, SmallScreen)
        if is_too_small(event.size) and not is_covered:
            self.push_screen(SmallScreen())
        elif is_covered and not is_too_small(event.size):
            self.pop_screen()

    def action_help(self) -> None:
        if isinstance(self.screen, DecidingScreen):
            self.push_screen(HelpScreen(self.screen.help()))

    async def action_quit(self) -> None:
        """Leave when everything decided is written."""
        await self._all_written()
        self.exit()

    # -- looking ----------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Draw the screens anew; the one on top may be the help."""
        for screen in self.screen_stack:
            if isinstance(screen, DecidingScreen):
                screen.show()

    def move_to(self, index: int) -> None:
        self.desk.move_to(index)
        self._look()

    def find(self, wanted: str) -> None:
        self.desk.find(wanted)
        self._look()

    def turn_quote(self, step: int) -> None:
        quotes = len(self._dossier.quotes) if self._dossier else 0
        self.quote = min(max(self.quote + step, 0), max(quotes - 1, 0))
        self.show()

    def open_problem(self) -> None:
        self.push_screen(ProblemScreen())

    def close_problem(self) -> None:
        if isinstance(self.screen, ProblemScreen):
            self.pop_screen()

    def dossier_of(self, problem: Problem) -> Dossier:
        """What is known so far."""
        known = self._dossier
        return known if known and known.problem == problem else Dossier(problem=problem)

    def _look(self, *, again: bool = False) -> None:
        """Draw, and read what the problem under the cursor rests on unless that is known."""
        current = self.desk.current
        if current is not None and (again or not self.dossier_of(current).is_read):
            if self._dossier is None or self._dossier.problem.id != current.id:
                self.quote = 0
            self._read_dossier(current)
        self.show()

    @work(group="dossier", exclusive=True)
    async def _read_dossier(self, problem: Problem) -> None:
        await asyncio.sleep(_SETTLE_SECONDS)
        self._dossier = await asyncio.to_thread(read_dossier, self.triage, problem)
        self.show()

    @work(group="inbox", exclusive=True)
    async def read_inbox(self) -> None:
        """A new order from storage; what was decided in this session still counts."""
        await self._all_written()
        try:
            problems, has_any = await asyncio.to_thread(_read_inbox, self.triage)
        except InsightsError as error:
            self.desk.error = error
            self._complain(error)
        else:
            self.desk.lay_out(problems, has_any=has_any)
            # These live as long as the session. Looking through 10,000 of them for garbage stopped every fifteenth
            # key for 140 ms (p95 from key to paint 144 ms, without it 27 ms).
            gc.freeze()
        self._look(again=True)

    # -- deciding ---------------------------------------------------------------------------------------------

    def decide(self, action: Action, choice: Choice | None = None) -> None:
        """Decide on the problem under the cursor: at once on the desk, and behind it in storage."""
        problem = self.desk.current
        if problem is None:
            return
        until = None
        if action is Action.SNOOZE and choice and choice.value:
            until = snooze_until(choice.value, today=self.triage.now().date())
        self.desk.take_out(problem, action)
        self.status = _decided(problem, action, choice)
        why = choice.value if choice and action is Action.DISMISS else None
        self._write(problem, action, why=why, until=until)
        self._look()

    @work(group="write")
    async def _write(self, problem: Problem, action: Action, *, why: str | None, until: date | None) -> None:
        def write() -> None:
            self.triage.decide(problem.id, action, why=why, until=until, seen_version=problem.version)

        async with self._writing:
            try:
                await asyncio.to_thread(write)
            except InsightsError as error:
                await self._recover(problem, error)
            finally:
                self.desk.written(problem)

    async def _all_written(self) -> None:
        """Wait for the decisions that are on their way."""
        writing = [worker for worker in self.workers if worker.group == "write"]
        if writing:  # an empty list would mean every worker there is
            await self.workers.wait_for_complete(writing)

    async def _recover(self, problem: Problem, error: InsightsError) -> None:
        """Nothing was written: say so, put the problem back as it is now, and take in what others did."""
        self.desk.put_back(problem)
        self._complain(error)
        try:
            problems, _ = await asyncio.to_thread(_read_inbox, self.triage)
        except InsightsError as unread:
            self._complain(unread)
        else:
            self.desk.update(problems)
        self._look(again=True)

    async def undo(self) -> None:
        """Take back this person's latest decision. Keys wait for it, so that the next one acts on what came back."""
        await self._all_written()
        try:
            problem = await asyncio.to_thread(_take_back, self.triage)
        except InsightsError as error:
            self._complain(error)
        else:
            self._take_in(problem)
        self._look(again=True)

    def _take_in(self, problem: Problem) -> None:
        title = shown(problem.title, 200)
        if awaits_decision(problem, self.triage.now().date()):
            self.desk.put_back(problem)
            self.status = Status(f"“{title}” waits again")
        else:
            self.desk.forget(problem)
            self.status = Status(f"“{title}” is {problem.state.value} again")

    def _complain(self, error: InsightsError) -> None:
        self.status = Status(f"{error.message} {error.remedy}", is_error=True)


def _read_inbox(triage: Triage) -> tuple[list[Problem], bool]:
    """What waits, and whether there are any problems at all."""
    problems = triage.inbox()
    return problems, bool(problems) or bool(triage.problems())


def _take_back(triage: Triage) -> Problem:
    return triage.problem(triage.undo().problem_id)


def _decided(problem: Problem, action: Action, choice: Choice | None) -> Status:
    how = f" ({choice.words})" if choice and choice.value else ""
    return Status(f"{PAST[action]} “{shown(problem.title, 200)}”{how}", hint="u undo")


def _known_theme(name: str) -> str:
    if name not in THEMES:
        raise InsightsError(f"There is no theme {name!r}.", remedy=f"Use one of: {', '.join(THEMES)}.")
    return name


def run(triage: Triage, *, workspace: str, currency: str = "$", theme: str = "dark") -> None:
    """Triage in the terminal until the person quits. Raises InsightsError where there is no terminal to draw on."""
    check_terminal(sys.stdin, sys.stdout, sys.stderr)
    gc.freeze()  # what is loaded by now stays
    InsightsApp(triage, workspace=workspace, currency=currency, theme=theme).run()
