"""Choose the items of a problem that are another one."""

from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from textual.binding import Binding, BindingType

from insights.domain.problem import Problem
from insights.errors import InsightsError
from insights.parts import Split, parts
from tui.models.splitting import Splitting
from tui.pages.split import split_lines
from tui.screens.dialog import DialogScreen
from tui.widgets.lines import Lines


class SplitScreen(DialogScreen[Sequence[int]]):
    """Gives the ids of the items."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "split", "split"),
        Binding("space", "check", "check"),
        Binding("t", "turn_over", "turn over"),
        Binding("j,down", "move(1)", "down"),
        Binding("k,up", "move(-1)", "up"),
        Binding("pagedown", "move(10)", "a page down"),
        Binding("pageup", "move(-10)", "a page up"),
        Binding("g,home", "move(-100000)", "first"),
        Binding("G,end", "move(100000)", "last"),
        Binding("escape,h", "leave", "close"),
    ]

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self._splitting = Splitting(problem)

    def titles(self) -> tuple[str, str]:
        return f"Split {self._splitting.problem.ref}", "space: check   t: turn over   enter: split   esc: back"

    def on_mount(self) -> None:
        self.show()
        triage, number = self.insights.triage, self._splitting.problem.id
        self.read(lambda: triage.items(number), self._splitting.lay_out)
        self.read(self._find_parts, self._offer)

    def _find_parts(self) -> Split | None:
        office = self.insights.office
        if office.vectors is None:
            return None
        with suppress(InsightsError), office.vectors() as vectors:  # without parts to offer, it is split by hand
            return parts(self._splitting.problem.id, repository=office.repository, vectors=vectors)
        return None

    def _offer(self, split: Split | None) -> None:
        if split is None:
            self._splitting.parts = ()
        else:
            self._splitting.offer(split)

    def show(self) -> None:
        lines = split_lines(self._splitting, width=self.width, height=min(self.most_lines, 24))
        self.query_one("#inside", Lines).show(lines)

    def action_move(self, step: int) -> None:
        self._splitting.move(step)
        self.show()

    def action_check(self) -> None:
        self._splitting.toggle()
        self.show()

    def action_turn_over(self) -> None:
        self._splitting.turn_over()
        self.show()

    def action_split(self) -> None:
        items = self._splitting.ask()
        if items:
            self.dismiss(items)
        else:
            self.show()
