"""A problem as one row of the ranked list. Pure: domain objects in, pieces of text with a role out."""

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LensColumn:
    """What another lens than the return says: `title` of its column, problem id -> its place in that order, and its
    figure in a few characters."""

    title: str
    seen: Mapping[int, tuple[int, str]]

    @property
    def largest_place(self) -> int:
        return max((place for place, _ in self.seen.values()), default=0)

    def place(self, problem: Problem) -> str:
        """Its number in the order; a dash for one that came since."""
        return str(self.seen[problem.id][0]) if problem.id in self.seen else DASH

    def figure(self, problem: Problem) -> str:
        return self.seen[problem.id][1] if problem.id in self.seen else DASH


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns stand in a list of `width` cells, and how wide they are."""

    width: int
    currency: str
    largest_rank: int
    largest_id: int
    lens: LensColumn | None = None

    @property
    def score(self) -> int:
        """The return, or the figure of another lens: "critical", "$1.24M"."""
        return 5 if self.lens is None else 8

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
        taken = self.rank + 1 + self.ref + 1 + 1 + self.money + 1 + self.score + 2 + self.weeks + 1 + MARK_CELLS + 4 + 1
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
        score=columns.lens.title if columns.lens else "ROI",
        trend=f"{columns.weeks} weeks" if columns.weeks > 7 else f"{columns.weeks} wk",
        mark="",
        accounts="acct",
    )
    return [(text, Role.MUTED) for text, _ in names]


def problem_row(problem: Problem, columns: Columns) -> list[Piece]:
    """One problem; its pieces are `columns.width` cells long together."""
    estimate, lens = problem.estimate, columns.lens
    rank = str(estimate.rank) if estimate and estimate.rank is not None else DASH
    roi = times(estimate.roi.likely) if estimate else DASH
    return _joined(
        columns,
        rank=lens.place(problem) if lens else rank,
        ref=problem.ref,
        title=shown(problem.title, _TITLE_CHARACTERS),
        value=likely(estimate.value, columns.currency) if estimate else DASH,
        span=range_in(estimate.value, columns.range) if estimate else DASH,
        score=lens.figure(problem) if lens else roi,
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
        (fit(cell["score"], columns.score, right=True) + "  ", Role.STRONG),
        (fit(cell["trend"], columns.weeks) + " ", Role.TREND),
        (fit(cell["mark"], MARK_CELLS), Role.MARK),
        (fit(cell["accounts"], 4, right=True) + " ", Role.PLAIN),
    ]
    return [(text, role) for text, role in pieces if text]
