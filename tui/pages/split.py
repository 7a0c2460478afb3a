"""The items of a problem with check marks, and its parts as ready choices above them. Pure."""

from typing import TYPE_CHECKING

from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted
from tui.cells import cut, fit, shown, wrapped
from tui.models.splitting import Check, Splitting
from tui.pages.pieces import Line, Role, clipped

if TYPE_CHECKING:
    from insights.parts import Part
    from tui.models.splitting import Row

_ACCOUNT = 16
_MOST_REF = 24
"""Cells of an item's name; as wide as the longest up to this."""
_FOOT, _FOOT_FROM = 4, 12
"""Lines of the foot, and how high a page is from which there is one."""
_WIDE = 90
"""Cells from which the account has a column."""


def split_lines(splitting: Splitting, *, width: int, height: int) -> list[Line]:
    """What would go where, then as many rows as `height` leaves, the cursor among them, and below them the words of
    that row as far as they fit. Exactly `height` lines from four on."""
    head = [_title(splitting, width), _state(splitting, width)]
    foot = _foot(splitting, width) if height >= _FOOT_FROM else []
    room = max(height - len(head) - len(foot), 1)
    rows = _rows(splitting, width=width, most=room)
    return [*head, *rows, *[[] for _ in range(room - len(rows))], *foot]


def _foot(splitting: Splitting, width: int) -> list[Line]:
    """The words of the current row, always as many lines."""
    row = splitting.current
    if row is None:
        return [[] for _ in range(_FOOT)]
    evidence = row if isinstance(row, Evidence) else row.typical
    words = wrapped(f"“{shown(evidence.text).strip()}”", width - 2, most=_FOOT - 1)
    lines: list[Line] = [[("▏ ", Role.MUTED), (line, Role.QUOTE)] for line in words]
    return [[], *lines, *[[] for _ in range(_FOOT - 1 - len(lines))]]


def _title(splitting: Splitting, width: int) -> Line:
    return [(cut(shown(splitting.problem.title), width), Role.STRONG)]


def _state(splitting: Splitting, width: int) -> Line:
    """What was refused, or what enter would do."""
    if splitting.refused:
        return clipped([(f"! {shown(splitting.refused)}", Role.MARK)], width)
    if not splitting.is_read:
        return [("reading…", Role.MUTED)]
    chosen, left = len(splitting.chosen), len(splitting.items) - len(splitting.chosen)
    if not chosen:
        return clipped(
            [(f"{counted(left, 'item')}, none checked. Check those that are another problem.", Role.MUTED)], width
        )
    words = (
        f"{counted(chosen, 'item')} would become a problem of {'its' if chosen == 1 else 'their'} own, {left:,} stay"
    )
    return clipped([(words, Role.PLAIN)], width)


def _rows(splitting: Splitting, *, width: int, most: int) -> list[Line]:
    """A window around the cursor, with a line that says what the parts are, or that there are none."""
    heading = _heading(splitting, width)
    lines: list[tuple[int | None, Row | None]] = [(None, None)] if heading else []
    lines += list(enumerate(splitting.rows))
    at = splitting.cursor + (1 if heading else 0)
    first = min(max(at - most // 2, 0), max(len(lines) - most, 0))
    return [
        heading if row is None else _row(row, splitting, width, is_current=place == splitting.cursor)
        for place, row in lines[first : first + most]
    ]


def _heading(splitting: Splitting, width: int) -> Line:
    if splitting.parts is None:
        return [("looking for parts…", Role.MUTED)] if splitting.is_read else []
    if not splitting.parts:
        return [(cut("No parts stand apart in it; check items one by one.", width), Role.MUTED)]
    stand = "stands" if len(splitting.parts) == 1 else "stand"
    return [(cut(f"{counted(len(splitting.parts), 'part')} that {stand} apart, then all items", width), Role.MUTED)]


def _row(row: "Row", splitting: Splitting, width: int, *, is_current: bool) -> Line:
    check = splitting.check(row)
    start: Line = [
        ("▌ " if is_current else "  ", Role.MARK),
        (f"[{check.value}] ", Role.PLAIN if check is Check.NONE else Role.STRONG),
    ]
    return clipped(
        [*start, *(_item(row, width, _ref_cells(splitting)) if isinstance(row, Evidence) else _part(row))], width
    )


def _part(part: "Part") -> Line:
    """part 1: 7 items, 3 accounts “typical words”"""
    accounts = f", {counted(part.accounts, 'account')}" if part.accounts else ""
    return [
        (f"part {part.number}: {counted(len(part.items), 'item')}{accounts} ", Role.STRONG),
        *_words(part.typical),
    ]


def _ref_cells(splitting: Splitting) -> int:
    return min(max((len(one.ref) for one in splitting.items), default=0), _MOST_REF)


def _item(item: Evidence, width: int, ref_cells: int) -> Line:
    account = f"{fit(shown(item.account_name or '–', 60), _ACCOUNT)} " if width >= _WIDE else ""
    return [
        (f"{fit(shown(item.ref, 60), ref_cells)} {item.created_at:%Y-%m-%d} {account}", Role.MUTED),
        *_words(item),
    ]


def _words(evidence: Evidence) -> Line:
    mark: Line = [(f"{GIVES_ORDERS} ", Role.MARK)] if evidence.is_order else []
    return [*mark, (f"“{shown(evidence.text).strip()}”", Role.QUOTE)]
