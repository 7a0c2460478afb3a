"""The cards of the Board as lines. Pure."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from rich.cells import cell_len

from insights.domain.figures import likely
from insights.domain.problem import ExportLink, Problem, Progressed, problem_ref
from tui.cells import cut, fit, shown
from tui.figures import DASH, marks, sparkline
from tui.models.board import COLUMNS, NAMES, WONT, Board
from tui.pages.pieces import Line, Role

CARD = 2
"""Lines of one card; one more between cards where all of a column fit so."""

_SPARK_WEEKS = 8
_NARROWEST = 25
"""Cells; a card in less has no room for its effort and trend."""
_UNFILED = "not exported"


def column_title(board: Board, name: str, *, now_limit: int) -> str:
    """Now 3/5, Next 12; an exclamation mark where Now holds more than it should."""
    count = len(board.columns[name])
    if name != COLUMNS[0] or not now_limit:
        return f"{NAMES[name]} {count:,}"
    return f"{NAMES[name]} {count:,}/{now_limit:,}{' !' if count > now_limit else ''}"


def tabs(board: Board, *, now_limit: int) -> Line:
    """The columns beside each other by name, for a screen that shows one of them."""
    line: Line = []
    for name in COLUMNS:
        is_current = name == board.name
        title = column_title(board, name, now_limit=now_limit)
        line += [("▌" if is_current else " ", Role.MARK), (title, Role.STRONG if is_current else Role.MUTED)]
        line.append(("   ", Role.MUTED))
    return line


def cards(
    board: Board,
    name: str,
    *,
    width: int,
    height: int,
    currency: str,
    marked: Collection[int] = (),
    reasons: Mapping[int, str] | None = None,
) -> tuple[int, list[Line]]:
    """The cards of a column that fit, and the row of the first of them; the cursor's is among them. `reasons` say why
    problems were dismissed."""
    problems = board.columns[name]
    lines = lines_of_card(board, name, height)
    most = max(height // lines, 1)
    row = board.rows[name]
    first = min(max(row - most + 1, 0), max(len(problems) - most, 0)) if len(problems) > most else 0
    shown_here = list(enumerate(problems))[first : first + most]
    found: list[Line] = []
    for number, problem in shown_here:
        is_current = name == board.name and number == row
        sign = "●" if problem.id in marked else "▌" if is_current else " "
        reason = (reasons or {}).get(problem.id, "") if name == WONT else None
        found += _card(problem, sign, width, currency, reason=reason, is_current=is_current)
        found += [[] for _ in range(lines - CARD)]
    return first, found or [[("  nothing here", Role.MUTED)]]


def lines_of_card(board: Board, name: str, height: int) -> int:
    """How many lines a card of this column takes."""
    return CARD + 1 if len(board.columns[name]) * (CARD + 1) <= height else CARD


def _card(
    problem: Problem, sign: str, width: int, currency: str, *, reason: str | None, is_current: bool
) -> list[Line]:
    estimate = problem.estimate
    value = likely(estimate.value, currency) if estimate else DASH
    weeks = f" {estimate.weeks.likely:.2g} wk" if estimate and width >= _NARROWEST else ""
    figures = f"{value}{weeks}"
    room = max(width - 2 - cell_len(figures) - 1, 4)
    title = fit(shown(problem.title, 300), room)
    first: Line = [
        (f"{sign} ", Role.MARK),
        (f"{title} ", Role.STRONG if is_current else Role.PLAIN),
        (figures, Role.STRONG),
    ]
    return [first, _second(problem, width, reason)]


def _second(problem: Problem, width: int, reason: str | None) -> Line:
    """Where it is filed, or why it was dismissed, and the trend where there is room."""
    spark = sparkline(problem.weekly, length=_SPARK_WEEKS) if width >= _NARROWEST else ""
    signs = f"{fit(marks(problem), 2)} " if spark else marks(problem)
    room = max(width - 2 - cell_len(signs + spark) - 1, 4)
    words = _filed(problem.exported) if reason is None else shown(reason, 200) or "no reason"
    told = f"{problem.ref} · {words}"
    is_cut_to_nothing = words == _UNFILED and cell_len(told) > room
    text = fit(cut(problem.ref if is_cut_to_nothing else told, room), room)
    return [("  ", Role.MUTED), (f"{text} ", Role.MUTED), (signs, Role.MARK), (spark, Role.TREND)]


def _filed(links: Sequence[ExportLink]) -> str:
    return ", ".join(map(_issue, links)) or _UNFILED


def _issue(link: ExportLink) -> str:
    """Its id, or the file that it is an entry of; and that it is closed or deleted, else who works on it, where that
    was read."""
    is_closed = link.is_gone or link.progress is not Progressed.OPEN
    told = "deleted" if link.is_gone else link.progress.value if is_closed else link.assignee
    is_entry = link.external_id == problem_ref(link.problem_id)
    name = PurePath(link.tracker).name if is_entry else link.external_id
    return f"{shown(name, 30)} {shown(told, 30)}".rstrip()
