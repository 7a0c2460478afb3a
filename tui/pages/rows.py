"""A problem as one row of the ranked list. Pure: domain objects in, pieces of text with a role out."""

from dataclasses import dataclass

from insights.domain.figures import likely, times
from insights.domain.problem import Problem
from tui.cells import fit, shown
from tui.figures import DASH, MARK_CELLS, mark_column, range_in, sparkline
from tui.pages.pieces import Piece, Role

RANGE_FROM_WIDTH = 70
"""Cells; below it the range gives its place to the title, and the detail alone shows it."""
ROOMY_FROM_WIDTH = 92
"""Cells from which there is room for eight weeks, and for ranges of many digits."""
_TITLE_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns stand in a list of `width` cells, and how wide they are."""

    width: int
    currency: str
    largest_rank: int
    largest_id: int

    @property
    def rank(self) -> int:
        return max(len(str(self.largest_rank)), 2)

    @property
    def ref(self) -> int:
        return max(len(f"P-{self.largest_id}"), 4)

    @property
    def money(self) -> int:
        return len(self.currency) + 5

    @property
    def range(self) -> int:
        if self.width < RANGE_FROM_WIDTH:
            return 0
        return 11 if self.width >= ROOMY_FROM_WIDTH else 9

    @property
    def weeks(self) -> int:
        """Of the trend."""
        return 8 if self.width >= ROOMY_FROM_WIDTH or self.width < RANGE_FROM_WIDTH else 5

    @property
    def title(self) -> int:
        taken = self.rank + 1 + self.ref + 1 + 1 + self.money + 1 + 5 + 2 + self.weeks + 1 + MARK_CELLS + 4 + 1
        return max(self.width - taken - (self.range + 1 if self.range else 0), 8)


def title_row(columns: Columns) -> list[Piece]:
    """The names of the columns."""
    names = _joined(
        columns,
        rank="#",
        ref="id",
        title="problem",
        value=f"{columns.currency}/yr",
        span="range",
        roi="ROI",
        trend=f"{columns.weeks} weeks" if columns.weeks > 7 else f"{columns.weeks} wk",
        mark="",
        accounts="acct",
    )
    return [(text, Role.MUTED) for text, _ in names]


def problem_row(problem: Problem, columns: Columns) -> list[Piece]:
    """One problem; its pieces are `columns.width` cells long together."""
    estimate = problem.estimate
    return _joined(
        columns,
        rank=str(estimate.rank) if estimate and estimate.rank is not None else DASH,
        ref=problem.ref,
        title=shown(problem.title, _TITLE_CHARACTERS),
        value=likely(estimate.value, columns.currency) if estimate else DASH,
        span=range_in(estimate.value, columns.range) if estimate else DASH,
        roi=times(estimate.roi.likely) if estimate else DASH,
        trend=sparkline(problem.weekly, length=columns.weeks),
        mark=mark_column(problem),
        accounts=f"{problem.accounts}",
    )


def _joined(columns: Columns, **cell: str) -> list[Piece]:
    pieces = [
        (fit(cell["rank"], columns.rank, right=True) + " ", Role.MUTED),
        (fit(cell["ref"], columns.ref) + " ", Role.MUTED),
        (fit(cell["title"], columns.title) + " ", Role.PLAIN),
        (fit(cell["value"], columns.money, right=True) + " ", Role.STRONG),
        (fit(cell["span"], columns.range, right=True) + " " if columns.range else "", Role.MUTED),
        (fit(cell["roi"], 5, right=True) + "  ", Role.STRONG),
        (fit(cell["trend"], columns.weeks) + " ", Role.TREND),
        (fit(cell["mark"], MARK_CELLS), Role.MARK),
        (fit(cell["accounts"], 4, right=True) + " ", Role.PLAIN),
    ]
    return [(text, role) for text, role in pieces if text]
