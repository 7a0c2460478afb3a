"""The Board: accepted problems in their columns, dismissed ones beside them. Pure: no widget, no storage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from insights.domain.board import height, on_board, places_for
from insights.domain.problem import COLUMN_TITLES, Column, Problem, State

WONT = "wont"
"""The column of what was dismissed."""

COLUMNS = (*(column.value for column in Column), WONT)
NAMES = {column.value: title for column, title in COLUMN_TITLES.items()} | {WONT: "Won't"}


@dataclass
class Board:
    """`columns` are those of `COLUMNS`, each with its problems from the top; the cursor is on one of them. A problem
    without a place stands by its rank below those that have one."""

    columns: dict[str, list[Problem]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    column: int = 0
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))

    def lay_out(self, problems: Iterable[Problem], *, follow: int | None = None) -> None:
        """What there is now. The cursor of each column stays with its card, and where that is gone at its row; `follow`
        takes it to that problem, wherever it is now."""
        kept = {name: some[self.rows[name]].id for name, some in self.columns.items() if self.rows[name] < len(some)}
        known = list(problems)
        dismissed = sorted((one for one in known if one.state is State.DISMISSED), key=height)
        self.columns = {column.value: on_board(known, column) for column in Column} | {WONT: dismissed}
        for name, some in self.columns.items():
            self.rows[name] = next((n for n, one in enumerate(some) if one.id == kept.get(name)), self.rows[name])
        place = next(((name, row) for name, row, one in self._all() if one.id == follow), None)
        if place is not None:
            self.column, self.rows[place[0]] = COLUMNS.index(place[0]), place[1]
        self.move(0)

    @property
    def name(self) -> str:
        """The column that the cursor is in."""
        return COLUMNS[self.column]

    @property
    def row(self) -> int:
        return self.rows[self.name]

    @property
    def current(self) -> Problem | None:
        here = self.columns[self.name]
        return here[self.row] if self.row < len(here) else None

    @property
    def count(self) -> int:
        return sum(map(len, self.columns.values()))

    def move(self, step: int) -> None:
        self.go(self.row + step)

    def go(self, row: int) -> None:
        last = max(len(self.columns[self.name]) - 1, 0)
        self.rows[self.name] = min(max(row, 0), last)

    def sideways(self, step: int) -> None:
        """To the next column, also an empty one."""
        self.column = min(max(self.column + step, 0), len(COLUMNS) - 1)
        self.move(0)

    def go_to_cards(self) -> None:
        """To the first column that has any."""
        self.column = next((n for n, name in enumerate(COLUMNS) if self.columns[name]), self.column)
        self.move(0)

    def places(self, step: int) -> Mapping[int, float] | None:
        """Places for the problems of the cursor's column when its problem moves up or down by one: only those that
        change, None where it stands at the end. Not for what was dismissed, which has no order of its own."""
        here, row = self.columns[self.name], self.row
        other = row + step
        if self.name == WONT or not here or not 0 <= other < len(here):
            return None
        others = [problem for problem in here if problem is not here[row]]
        return places_for(here[row].id, others, other)

    def _all(self) -> Iterable[tuple[str, int, Problem]]:
        for name, some in self.columns.items():
            for row, problem in enumerate(some):
                yield name, row, problem


def beside(name: str, step: int) -> str | None:
    """The next column to the left or right; None at the end."""
    place = COLUMNS.index(name) + step
    return COLUMNS[place] if 0 <= place < len(COLUMNS) else None
