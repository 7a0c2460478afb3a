"""Choose what a problem becomes part of: the nearest first, others by typing."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import work
from textual.app import ComposeResult

from insights.domain.problem import Problem
from tui.models.dossier import Neighbour
from tui.models.merging import Meeting, merge_picks, read_meeting
from tui.models.picks import Pick
from tui.pages.merge import merge_lines
from tui.screens.picking import PickScreen
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui.app import InsightsApp

_SETTLE_SECONDS = 0.05


class MergeScreen(PickScreen[Problem]):
    """Gives the problem that they become part of. `similar` are the neighbours of the first of them."""

    reserved = 22
    _has_moved = False

    def __init__(self, parts: Sequence[Problem], similar: Sequence[Neighbour], others: Sequence[Problem]) -> None:
        numbers = {part.id for part in parts}
        what = parts[0].ref if len(parts) == 1 else f"{len(parts):,} problems"
        super().__init__(
            f"Merge {what} into", merge_picks(similar, others, parts=numbers), hint="enter: merge   esc: back"
        )
        self._parts = list(parts)
        self._cosines = {one.problem.id: one.cosine for one in similar}
        self._meeting: Meeting | None = None

    def compose_below(self) -> ComposeResult:
        yield Lines("meeting")

    def show(self) -> None:
        super().show()
        current = self.current
        if current is None:
            self.query_one("#meeting", Lines).show([])
            return
        if self._meeting is None or self._meeting.whole.id != current.value.id:
            cosine = self._cosines.get(current.value.id)
            self._meeting = Meeting(part=self._parts[0], whole=current.value, cosine=cosine)
            self._read(current)
        app = cast("InsightsApp", self.app)
        width = max(self.query_one("#dialog").content_size.width, 20)
        lines = merge_lines(self._meeting, width=width, currency=app.currency, others=self._parts[1:])
        self.query_one("#meeting", Lines).show(lines)

    def action_pick(self) -> None:
        """Where nothing is near, the first of the list is no suggestion: it must be chosen."""
        if self._cosines or self._typed or self._has_moved:
            super().action_pick()
        else:
            self.query_one("#dialog").border_subtitle = "none is near: type, or ↓ ↑   enter: merge   esc: back"

    def action_move(self, step: int) -> None:
        self._has_moved = True
        super().action_move(step)

    @work(exclusive=True)
    async def _read(self, pick: Pick[Problem]) -> None:
        await asyncio.sleep(_SETTLE_SECONDS)
        triage = cast("InsightsApp", self.app).triage
        self._meeting = await asyncio.to_thread(read_meeting, triage, self._parts[0], pick.value)
        self.show()
