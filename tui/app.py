"""The triage application: one person's session on five screens, with its keys, its palette and its looks."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen

from insights.errors import InsightsError
from tui.actions import EVERYWHERE, bindings, check_keys
from tui.deciding import DecidingApp
from tui.filing import Filing
from tui.office import Office
from tui.pages.frame import Status
from tui.screens.board import BoardScreen
from tui.screens.deciding import DecidingScreen
from tui.screens.evidence import EvidenceScreen
from tui.screens.health import HealthScreen
from tui.screens.inbox import InboxScreen
from tui.screens.runs import RunsScreen
from tui.screens.small import SmallScreen, is_too_small
from tui.terminal import Colourless, switch_mouse
from tui.themes import THEMES, known_theme
from tui.working import Working

_RETRY_SECONDS = 5.0
"""Between two attempts to reach a database that was away."""


class InsightsApp(Filing, Working, DecidingApp):
    """Wires the session to the screens."""

    CSS_PATH = "app.tcss"
    TITLE = "insights"
    ENABLE_COMMAND_PALETTE = False
    MODES: ClassVar[dict[str, Callable[[], Screen[None]]]] = {  # type: ignore[assignment]
        "inbox": InboxScreen,
        "board": BoardScreen,
        "evidence": EvidenceScreen,
        "runs": RunsScreen,
        "health": HealthScreen,
    }
    DEFAULT_MODE = "inbox"

    BINDINGS: ClassVar[list[BindingType]] = bindings(*EVERYWHERE)

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.has_mouse = office.settings.triage.mouse
        self._colourless = Colourless()
        self._last = office.remembered()
        for known in THEMES.values():
            self.register_theme(known)
        self.theme = known_theme(office.settings.triage.theme).name
        self.set_keymap(check_keys(office.settings.triage.keys))

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":  # a page, or Windows
            return found
        from tui.driver import TerminalDriver

        return TerminalDriver

    def get_line_filters(self) -> list[LineFilter]:
        return [self._colourless] if self.no_color else list(super().get_line_filters())

    def on_mount(self) -> None:
        self.set_interval(_RETRY_SECONDS, self.retry_behind)
        self.lens = str(self._last.get("lens") or self.lens)
        self.desk.wanted = str(self._last.get("wanted") or "")
        self.read_all(keep=self._last.get("cursor"))
        mode = str(self._last.get("screen") or "")
        if mode in self.MODES and mode != self.DEFAULT_MODE:
            self.switch_mode(mode)
            if isinstance(self.screen, EvidenceScreen):
                self.screen.is_finding = False  # nobody asked for a line to type in

    # -- keys and size ----------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        """Keys reach this handler in the order they were typed, after the ones before have been acted on."""
        if isinstance(self.screen, DecidingScreen) and (self.screen.take_key(event) or await self.answered(event.key)):
            event.prevent_default()

    def on_resize(self, event: events.Resize) -> None:
        is_covered = isinstance(self.screen, SmallScreen)
        if is_too_small(event.size) and not is_covered:
            self.push_screen(SmallScreen())
        elif is_covered and not is_too_small(event.size):
            self.pop_screen()

    def action_help(self) -> None:
        if isinstance(self.screen, DecidingScreen):
            from tui.screens.help import HelpScreen

            self.push_screen(HelpScreen(self.screen.help()))

    def action_palette(self) -> None:
        """All that can be done here, by name."""
        if isinstance(self.screen, DecidingScreen):
            from tui.screens.picking import PickScreen

            self.push_screen(PickScreen("Palette", self.screen.offers()), self._run_chosen)

    async def _run_chosen(self, action: str | None) -> None:
        if action is not None:
            await self.run_action(action, self.screen if not action.startswith("app.") else self)

    def action_go(self, mode: str) -> None:
        """To one of the five screens; the others stay as they are."""
        if mode in self.MODES:
            self.switch_mode(mode)

    def action_next_theme(self) -> None:
        names = list(THEMES)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.say(Status(f'theme {self.theme}; to keep it: theme = "{self.theme}" under [triage] in insights.toml'))

    def action_toggle_mouse(self) -> None:
        """Clicks, or the terminal's own selection of text."""
        self.has_mouse = not self.has_mouse
        if self._driver is not None:
            switch_mouse(self._driver, is_on=self.has_mouse)
        self.say(Status("the mouse clicks here" if self.has_mouse else "the mouse selects text, as in a shell"))

    async def action_quit(self) -> None:
        """Leave when everything decided is written; what was in work goes on being kept."""
        await self.all_written()
        self.stop_filing(leaves=True)
        await self.stop_for_good()
        with suppress(InsightsError):
            await asyncio.to_thread(self.office.remember, self._as_it_is())
        self.exit()

    def _as_it_is(self) -> dict[str, object]:
        current = self.desk.current
        return {
            "screen": self.current_mode,
            "wanted": self.desk.wanted,
            "cursor": current.id if current else None,
            "lens": self.lens,
        }
