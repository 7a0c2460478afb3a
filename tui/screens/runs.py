"""Runs: what each night did, what it cost, where it failed."""

import asyncio
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from insights.errors import InsightsError
from insights.language.usage import past_usage
from tui.actions import MOVING, bindings
from tui.pages.pieces import Line
from tui.pages.runs import Night, no_runs, run_page, run_row, runs_title, title_row
from tui.screens.deciding import DecidingScreen
from tui.screens.page import PageScreen
from tui.widgets.lines import Lines

_MOST = 60
"""Nights: two months."""


class RunsScreen(DecidingScreen):
    """The newest first; below or beside them the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*MOVING, "open", "back")

    def __init__(self) -> None:
        super().__init__()
        self.nights: list[Night] | None = None
        self.cursor = 0

    def compose(self) -> ComposeResult:
        yield from self.compose_top()
        with Container(id="body"):
            with Vertical(id="ranked"):
                yield Lines("titles")
                yield Lines("rows")
            with Vertical(id="beside"):
                yield Lines("detail")
        yield Lines("notice")
        yield from self.compose_bottom()

    @property
    def current(self) -> Night | None:
        return self.nights[self.cursor] if self.nights and self.cursor < len(self.nights) else None

    # -- reading ----------------------------------------------------------------------------------------------

    @on(events.ScreenResume)
    def read(self) -> None:
        self._read()

    @work(group="runs", exclusive=True)
    async def _read(self) -> None:
        try:
            self.nights = await asyncio.to_thread(self._nights)
        except InsightsError as error:
            self.insights.complain(error)
        self.show()
        self._read_usage()

    def _nights(self) -> list[Night]:
        repository = self.insights.office.repository
        runs = repository.runs.recent(_MOST)
        events_of = repository.lineage.of_runs([run.id for run in runs])
        return [Night(run=run, events=events_of.get(run.id, {})) for run in runs]

    @work(group="usage", exclusive=True)
    async def _read_usage(self) -> None:
        """What the models of the run under the cursor did."""
        place, night = self.cursor, self.current
        if night is None or self.nights is None or night.usage is not None:
            return
        with_usage = await asyncio.to_thread(self._used, night)
        if place < len(self.nights) and self.nights[place].run == night.run:
            self.nights[place] = with_usage
            self.show()

    def _used(self, night: Night) -> Night:
        office = self.insights.office
        try:
            usage = past_usage(night.run, calls=office.repository.calls, settings=office.settings.language)
        except InsightsError:  # a setting names no model that there is: the run stands without
            return night
        return Night(run=night.run, events=night.events, usage=usage)

    # -- showing ----------------------------------------------------------------------------------------------

    def show_body(self) -> None:
        is_empty = self.nights is not None and not self.nights
        self.set_class(is_empty, "-nothing")
        if is_empty:
            self.query_one("#notice", Lines).show(no_runs(has_data=self.insights.desk.has_any))
            return
        box, beside, detail = self.query_one("#ranked"), self.query_one("#beside"), self.query_one("#detail", Lines)
        width, height = box.content_size
        if not width or self.nights is None:
            return
        box.border_title = runs_title(self.nights)
        box.border_subtitle = f"{self.cursor + 1:,} of {len(self.nights):,}"
        self.query_one("#titles", Lines).show([title_row(width)])
        self.query_one("#rows", Lines).show(self._rows(width, height - 1))
        if self.current is not None and detail.size.width:
            title = f"Run {self.current.run.id}"
            beside.border_title = title if self.has_class("-wide") else f" {title} "
            beside.border_subtitle = "enter: the whole of it"
            detail.show(run_page(self.current, detail.size.width))

    def _rows(self, width: int, most: int) -> list[Line]:
        nights = self.nights or []
        first = min(max(self.cursor - most + 1, 0), max(len(nights) - most, 0))
        shown = list(enumerate(nights))[first : first + most]
        return [run_row(night, width, is_current=number == self.cursor) for number, night in shown]

    @on(Lines.Widened)
    def show_widened_lines(self) -> None:
        self.show_body()

    # -- moving -----------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        self.cursor = min(max(self.cursor + step, 0), max(len(self.nights or []) - 1, 0))
        self.show()
        self._read_usage()

    def action_go(self, place: int) -> None:
        count = len(self.nights or [])
        self.action_move(-count if place == 0 else count)

    def action_page(self, step: int) -> None:
        self.action_move(step * max(self.query_one("#ranked").content_size.height - 2, 1))

    def action_open(self) -> None:
        night = self.current
        if night is not None:
            self.app.push_screen(PageScreen(f"Run {night.run.id}", lambda width: run_page(night, width)))

    def action_back(self) -> None:
        self.insights.action_go("inbox")

    def action_rerank(self) -> None:
        super().action_rerank()
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "open":
            return True if self.current else None
        return super().check_action(action, parameters)
