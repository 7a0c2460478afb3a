"""Ranges as a chart of characters: one line a problem on one axis, legible without colour. Pure: problems in, lines
out."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.cells import cell_len

from insights.domain.measure import Measure
from insights.domain.problem import Problem
from insights.domain.range_axis import Axis, Row, Tick, axis_of, rows_of
from tui.cells import cut, fit, shown

TITLE_MOST = 40
"""Cells."""
_TITLE_LEAST = 8
_BAR_LEAST = 16
_WORDS_FROM = 56
"""Cells of the screen; below, the bars get the place of the printed range."""
_CELLS_A_TICK = 8
_LEGEND = "8 in 10 chances within ├──●──┤, half above ●"
_SHARED = "= shares its rank: cannot be told apart"


def range_chart(
    problems: Sequence[Problem], *, width: int, currency: str, measure: Measure = Measure.VALUE
) -> list[str]:
    """Rank, id, title, `├──●────┤` from P10 over P50 to P90, and the range in digits, in at most `width` cells (40 at
    least); below the bars the axis, logarithmic where the ranges lie far apart. A rank that is shared ends with =."""
    rows = rows_of(problems, measure=measure, currency=currency)
    if not rows:
        return []
    axis = axis_of([row.value for row in rows if row.value is not None], measure=measure)
    return [line.rstrip() for line in _lines(rows, axis, width=max(width, 40), measure=measure, currency=currency)]


def _lines(rows: Sequence[Row], axis: Axis, *, width: int, measure: Measure, currency: str) -> Iterator[str]:
    names, words = _names(rows, width), _words(rows, width)
    bar = width - cell_len(names[0]) - 1 - (cell_len(words[0]) + 1 if words[0] else 0)
    ticks = _fitting(axis, bar, measure=measure, currency=currency)
    marks = frozenset(_cell(tick.share, bar) for tick in ticks)
    yield cut(f"{measure.words}: {_LEGEND}{'; log scale' if axis.is_log else ''}", width)
    for row, name, said in zip(rows, names, words, strict=True):
        yield f"{name} {_bar(row, axis, bar, marks)} {said}"
    left = " " * (cell_len(names[0]) + 1)
    yield left + "".join("┴" if at in marks else "─" for at in range(bar))
    yield left + _labels(ticks, bar)
    if any(row.tie is not None for row in rows):
        yield cut(_SHARED, width)


def _names(rows: Sequence[Row], width: int) -> list[str]:
    """Rank, id and title of each row, all of one width."""
    rank, ref = max(len(row.rank) for row in rows), max(len(row.ref) for row in rows)
    titles = [shown(row.title, 200) for row in rows]
    words = max(map(cell_len, _words(rows, width)))
    room = (width - rank - ref - 2 - words) // 2
    wanted = min(max(map(cell_len, titles)), TITLE_MOST)
    room = max(min(wanted, room, width - rank - ref - words - 4 - _BAR_LEAST), _TITLE_LEAST)
    return [
        f"{row.rank.rjust(rank)} {row.ref.ljust(ref)} {fit(title, room)}"
        for row, title in zip(rows, titles, strict=True)
    ]


def _words(rows: Sequence[Row], width: int) -> list[str]:
    """The ranges in digits, right-aligned; nothing on a narrow screen."""
    if width < _WORDS_FROM:
        return [""] * len(rows)
    most = max(cell_len(row.words) for row in rows)
    return [fit(row.words, most, right=True) for row in rows]


def _cell(share: float, bar: int) -> int:
    return round(share * (bar - 1))


def _bar(row: Row, axis: Axis, bar: int, marks: frozenset[int]) -> str:
    """The range on its line; where the ends and the middle fall into one cell, the middle is shown."""
    cells = ["┊" if at in marks else " " for at in range(bar)]
    if row.value is not None:
        low, high = (_cell(axis.share(end), bar) for end in (row.value.low, row.value.high))
        cells[low : high + 1] = "─" * (high + 1 - low)
        cells[low], cells[high] = "├", "┤"
        cells[_cell(axis.share(row.value.likely), bar)] = "●"
    return "".join(cells)


def _fitting(axis: Axis, bar: int, *, measure: Measure, currency: str) -> list[Tick]:
    """The most ticks whose labels stand apart."""
    for most in range(max(bar // _CELLS_A_TICK, 2), 1, -1):
        ticks = axis.ticks(most, measure=measure, currency=currency)
        places = [_label_cells(tick, bar) for tick in ticks]
        if all(end + 1 < start for (_, end), (start, _) in pairwise(places)):
            return ticks
    return axis.ticks(2, measure=measure, currency=currency)[:1]


def _label_cells(tick: Tick, bar: int) -> tuple[int, int]:
    """The first cell of a label and the one after its last: centred below its tick, inside the bar."""
    length = cell_len(tick.label)
    start = max(min(_cell(tick.share, bar) - length // 2, bar - length), 0)
    return start, start + length


def _labels(ticks: Sequence[Tick], bar: int) -> str:
    line = ""
    for tick in ticks:
        start, _ = _label_cells(tick, bar)
        line += " " * (start - cell_len(line)) + tick.label
    return line
