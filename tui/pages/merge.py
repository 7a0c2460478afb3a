"""What becomes part of what, beside each other, before it is merged. Pure."""

from collections.abc import Sequence

from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted, money
from insights.domain.problem import Problem
from tui.cells import cut, shown, wrapped
from tui.models.merging import Meeting
from tui.pages.pieces import LABEL, Line, Role, labelled, width_of

_SIDE_BY_SIDE = 100
"""Cells from which two quotes stand beside each other."""
_GAP = 2
_QUOTE_LINES = 3
_TITLE_LINES, _ALIKE_LINES = 3, 3
_NAMED = 4


def merge_lines(meeting: Meeting, *, width: int, currency: str, others: Sequence[Problem] = ()) -> list[Line]:
    """What goes where, how alike they are, which accounts have both, and one quote of each. `others` become part of the
    same problem in one step with it."""
    lines = _sentence(meeting, others, width)
    alike = wrapped(" · ".join(_alike(meeting)), width - LABEL, most=_ALIKE_LINES)
    lines += labelled("Alike", [[(line, Role.PLAIN)] for line in alike])
    if meeting.error is not None:
        return [*lines, *[[(line, Role.MARK)] for line in wrapped(f"! {shown(meeting.error)}", width, most=2)]]
    if not meeting.is_read:
        return [*lines, [], [("reading…", Role.MUTED)]]
    return [*lines, [], *_quotes(meeting, width, currency)]


def _sentence(meeting: Meeting, others: Sequence[Problem], width: int) -> list[Line]:
    """P-9 “…” (12 items, 4 accounts) becomes part of P-1 “…” (118 items)"""
    whole = _named(meeting.whole, width)
    if not others:
        verb = "becomes part of"
        return [*_named(meeting.part, width), [(f"  {verb}", Role.MARK)], *whole]
    several = [line for one in (meeting.part, *others)[:_NAMED] for line in _named(one, width)]
    more = len(others) + 1 - _NAMED
    rest: list[Line] = [[(f"and {more} more", Role.MUTED)]] if more > 0 else []
    items = sum(one.items for one in (meeting.part, *others))
    verb = f"become part of, {counted(items, 'item')} together,"
    return [*several, *rest, [(f"  {verb}", Role.MARK)], *whole]


def _named(problem: Problem, width: int) -> list[Line]:
    """Its id and title on as many lines as they take, three at most, and how large it is."""
    size = f"({counted(problem.items, 'item')}, {counted(problem.accounts, 'account')}, {problem.state.value})"
    room = _TITLE_LINES * width - len(problem.ref) - len(size) - width // 2
    title = cut(shown(problem.title, 300), max(room, 12))
    lines = wrapped(f"{problem.ref} “{title}” {size}", width)
    return [[(line, Role.STRONG)] for line in lines]


def _alike(meeting: Meeting) -> list[str]:
    cosine = "not among the nearest" if meeting.cosine is None else f"{meeting.cosine:.2f} alike in meaning"
    if not meeting.is_read or meeting.error is not None:
        return [cosine]
    if not meeting.shared:
        return [cosine, f"no account has both, of {meeting.accounts:,}"]
    names = ", ".join(shown(name, 40) for name in meeting.shared[:_NAMED])
    more = f" and {len(meeting.shared) - _NAMED:,} more" if len(meeting.shared) > _NAMED else ""
    have = "has" if len(meeting.shared) == 1 else "have"
    return [cosine, f"{len(meeting.shared):,} of {counted(meeting.accounts, 'account')} {have} both: {names}{more}"]


def _quotes(meeting: Meeting, width: int, currency: str) -> list[Line]:
    pairs = ((meeting.part, meeting.part_quote), (meeting.whole, meeting.whole_quote))
    if width < _SIDE_BY_SIDE:
        return [line for problem, quote in pairs for line in _quote(problem, quote, width, currency)]
    room = (width - _GAP) // 2
    return beside(*(_quote(problem, quote, room, currency) for problem, quote in pairs), width=room)


def beside(left: Sequence[Line], right: Sequence[Line], *, width: int) -> list[Line]:
    """Two columns of so many cells each, with a gap between them."""
    rows = max(len(left), len(right))
    filled = [[*lines, *[[] for _ in range(rows - len(lines))]] for lines in (left, right)]
    return [
        [*one, (" " * (width - width_of(one) + _GAP), Role.PLAIN), *other]
        for one, other in zip(filled[0], filled[1], strict=True)
    ]


def _quote(problem: Problem, quote: Evidence | None, width: int, currency: str) -> list[Line]:
    if quote is None:
        return [[(f"{problem.ref}: no quote", Role.MUTED)]]
    words = wrapped(f"“{shown(quote.text).strip()}”", width - 2, most=_QUOTE_LINES)
    pays = f" · {money(quote.account_revenue, currency)} a year" if quote.account_revenue is not None else ""
    said = f"{problem.ref} · {shown(quote.account_name or 'account unknown', 60)}{pays} · {quote.created_at:%Y-%m-%d}"
    mark: list[Line] = [[("▏ ", Role.MUTED), (cut(GIVES_ORDERS, width - 2), Role.MARK)]] if quote.is_order else []
    return [
        *[[("▏ ", Role.MUTED), (line, Role.QUOTE)] for line in words],
        *mark,
        [("▏ ", Role.MUTED), (cut(said, width - 2), Role.MUTED)],
    ]
