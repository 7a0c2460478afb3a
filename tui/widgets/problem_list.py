"""The ranked list. Draws only the rows that show, so that 10,000 problems cost what ten do."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from insights.domain.problem import Problem
from tui.pages.pieces import Piece, Role
from tui.pages.rows import Columns, LensColumn, problem_row, title_row

_ROW = "problem-list--row"
_CURSOR = "problem-list--cursor"


class ProblemList(ScrollView, can_focus=False):
    """Shows problems with a cursor; says which row was clicked. The screen owns the cursor and the keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        _ROW,
        _CURSOR,
        "problem-list--muted",
        "problem-list--strong",
        "problem-list--trend",
        "problem-list--mark",
    }

    @dataclass
    class Clicked(Message):
        """The person pointed at a row."""

        index: int

    def __init__(self, *, currency: str, name_in_css: str | None = None) -> None:
        super().__init__(id=name_in_css)
        self._currency = currency
        self._problems: list[Problem] = []
        self._cursor = 0
        self._marked: Collection[int] = ()
        self._largest = (0, 0)
        self._lens: LensColumn | None = None

    def show(
        self, problems: list[Problem], cursor: int, marked: Collection[int] = (), *, lens: LensColumn | None = None
    ) -> None:
        """Draw these problems with the cursor on one of them; `marked` are the ids of those that are selected, `lens`
        is what their order comes from where that is not the return."""
        if problems is not self._problems or lens is not self._lens:
            self._lens = lens
            ranks = (p.estimate.rank or 0 for p in problems if p.estimate)
            place = lens.largest_place if lens else max(ranks, default=0)
            self._largest = (place, max((p.id for p in problems), default=0))
        self._problems, self._cursor, self._marked = problems, cursor, marked
        self.virtual_size = Size(self.size.width, len(problems))
        self.scroll_to_region(Region(0, cursor, 1, 1), animate=False, force=True, immediate=True)
        self.refresh()

    def titles(self) -> list[Piece]:
        """The names of the columns, as wide as the rows."""
        return [(" ", Role.MUTED), *title_row(self._columns())]

    def on_resize(self) -> None:
        self.show(self._problems, self._cursor, self._marked, lens=self._lens)

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < len(self._problems):
            self.post_message(self.Clicked(index))

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= len(self._problems):
            return Strip.blank(width, self.get_component_rich_style(_ROW))
        is_current = index == self._cursor
        ground = self.get_component_rich_style(_CURSOR if is_current else _ROW)
        sign = "●" if self._problems[index].id in self._marked else "▌" if is_current else " "
        bar = Segment(sign, ground + self._role(Role.MARK))
        row = problem_row(self._problems[index], self._columns())
        return Strip([bar, *(Segment(text, ground + self._role(role)) for text, role in row)], width)

    def _role(self, role: Role) -> Style:
        """How a piece of that role looks, on whatever ground."""
        if role is Role.PLAIN:
            return Style.null()
        return self.get_component_rich_style(f"problem-list--{role}", partial=True)

    def _columns(self) -> Columns:
        rank, number = self._largest
        return Columns(self.size.width - 1, self._currency, largest_rank=rank, largest_id=number, lens=self._lens)
