"""The detail of one problem as lines: short below the list, longer beside it, whole on its own screen.

Pure: a dossier in, lines of pieces with roles out. Customer text passes through `tui.cells` and is never mark-up.
"""

from collections.abc import Sequence
from datetime import timedelta

from rich.cells import cell_len

from insights.domain.assessed import Assessed
from insights.domain.figures import counted
from insights.domain.filed import stand_of
from insights.domain.problem import Action, ExportLink, Problem
from insights.history import Moment
from tui.cells import cut, shown, wrapped
from tui.figures import MOVEMENT_MARKS, SPIKE, doubt, sparkline
from tui.models.dossier import Dossier, Neighbour
from tui.pages.page import Page, packed, section
from tui.pages.pieces import Line, Role, clipped, label, labelled
from tui.pages.quote import quote_in_item, quote_lines
from tui.pages.worth import return_lines, value_line, value_lines, why_brief, why_lines

__all__ = ["BRIEF_LINES", "Page", "border_title", "brief", "first_line_of_quote", "full", "heading"]

BRIEF_LINES = 10
"""Of the detail below the list at 80×24."""

_READABLE = 100
"""Cells; the eye loses its line in wider prose."""
_LEAST_QUOTE = 2
_MOST_HISTORY = 6
_MOST_CONTEXT = 8
_DECIDED = frozenset((Action.ACCEPT, Action.DISMISS, Action.SNOOZE, Action.SHIP, Action.ESTIMATE, Action.PLACE))


def heading(problem: Problem, width: int) -> list[Line]:
    """Its id and whole title, on two lines at most."""
    words = f"{problem.ref}  {shown(problem.title, 500)}"
    return [[(line, Role.STRONG)] for line in wrapped(words, max(width, 10), most=2)]


def border_title(problem: Problem, room: int) -> str:
    """Its id and as much of its title as `room` cells of a border hold; the page below goes on with the rest."""
    return _parted(problem, room)[0]


def brief(dossier: Dossier, page: Page) -> list[Line]:
    """Exactly ten lines for 80×24: what the border above could not hold of the title, figures, why, quotes, then as
    much of similar problems and history as there is room for."""
    below = [*_similar(dossier.similar, page)[:1], *_history(dossier, page)[:1]]
    for why, ending in ((2, below), (2, below[:1]), (1, below[:1]), (1, [])):
        above = _above_quotes(dossier, page, why=why)
        if len(above) + len(ending) <= BRIEF_LINES - _LEAST_QUOTE:
            break
    middle = _said(dossier, page, most=BRIEF_LINES - len(above) - len(ending))
    lines = [*above, *middle, *ending][:BRIEF_LINES]
    return _fitting([*lines, *[[] for _ in range(BRIEF_LINES - len(lines))]], page)


def _above_quotes(dossier: Dossier, page: Page, *, why: int) -> list[Line]:
    problem = dossier.problem
    return [
        *_rest_of_title(problem, page),
        *_failed(dossier, page, most=2),
        *_changed(problem, page),
        *_facts(problem, page, most=1),
        value_line(problem, page),
        *return_lines(problem, page, most=1),
        *why_brief(problem.estimate, page, most=why),
    ]


def full(dossier: Dossier, page: Page, *, every_quote: bool) -> list[Line]:
    """Every section with air between: on a screen that scrolls with all quotes in their items, or in a pane of
    `page.height` lines with as much as it holds, from the quote that is looked at on."""
    if every_quote:
        return _fitting(_spaced(_whole(dossier, page)), page)
    for detail in (2, 1, 0):
        lines = _pane(dossier, page, detail=detail)
        if len(lines) <= page.height:
            break
    return _fitting(lines, page)


def first_line_of_quote(dossier: Dossier, page: Page) -> int:
    """Where the quote that is looked at begins on the full page."""
    lines = full(dossier, page, every_quote=True)
    return next((n for n, line in enumerate(lines) if line and line[0] == ("▌", Role.MARK)), 0)


# -- layouts ------------------------------------------------------------------------------------------------------


def _whole(dossier: Dossier, page: Page) -> list[list[Line]]:
    problem = dossier.problem
    return [
        [*_failed(dossier, page, most=3), *_changed(problem, page), *_facts(problem, page, most=3)],
        _summary(problem, page, most=12),
        value_lines(problem, page),
        why_lines(problem.estimate, page, detail=2),
        _assessed(dossier.assessed, page, most=3),
        _trend(dossier, page),
        [_evidence_title(dossier, page), *_every_quote(dossier, page)],
        _similar(dossier.similar, page),
        [*_history(dossier, page), *_filed(problem.exported, page)],
    ]


def _pane(dossier: Dossier, page: Page, *, detail: int) -> list[Line]:
    """The quotes take the room that the other sections leave."""
    problem = dossier.problem
    above = [
        [
            *_failed(dossier, page, most=3),
            *_rest_of_title(problem, page),
            *_changed(problem, page),
            *_facts(problem, page, most=2),
        ],
        _summary(problem, page, most=2 * detail),
        value_lines(problem, page, most=2 + detail),
        why_lines(problem.estimate, page, detail=detail),
        [*_assessed(dossier.assessed, page, most=1 + detail), *_trend(dossier, page)],
    ]
    below = [
        *_similar(dossier.similar, page)[: 1 + detail],
        *_history(dossier, page)[: 1 + 2 * detail],
        *_filed(problem.exported, page)[:1],
    ]
    title = [_evidence_title(dossier, page)]
    taken = len(_spaced([*above, title, below]))
    room = max(page.height - taken, _LEAST_QUOTE + 1)
    quotes = _quotes(dossier, page, most=room, lines=3, origin_lines=2)
    return _spaced([*above, [*title, *quotes], below])


def _spaced(sections: Sequence[list[Line]]) -> list[Line]:
    return [line for lines in sections if lines for line in [*lines, []]][:-1]


def _fitting(lines: list[Line], page: Page) -> list[Line]:
    return [clipped(line, page.width) for line in lines]


# -- sections -----------------------------------------------------------------------------------------------------


def _parted(problem: Problem, room: int) -> tuple[str, str]:
    """Id and title, as much as fits into `room` cells, and the rest; an ellipsis stands where it was parted."""
    words = f"{problem.ref} {shown(problem.title, 500)}"
    if cell_len(words) <= room:
        return words, ""
    first = wrapped(words, max(room - 2, 2))[0]
    return f"{first} …", f"… {words[len(first) :].strip()}"


def _rest_of_title(problem: Problem, page: Page) -> list[Line]:
    rest = _parted(problem, page.room_for_title)[1]
    return [[(line, Role.STRONG)] for line in wrapped(rest, page.width, most=2)] if rest else []


def _facts(problem: Problem, page: Page, *, most: int) -> list[Line]:
    moves = f"{MOVEMENT_MARKS[problem.movement]} {problem.movement.value}".strip()
    spike = f"{SPIKE} spike: {problem.weekly[-1]:,} last week" if problem.is_spike and problem.weekly else ""
    little = doubt(problem)
    low = f"? low confidence ({little})" if little else ""
    heard = f"{problem.first_seen:%Y-%m-%d} to {problem.last_seen:%Y-%m-%d}"
    accounts = counted(problem.accounts, "account") if problem.accounts else "no known account"
    parts = [moves, spike, accounts, counted(problem.items, "item"), low, heard]
    if most == 1:  # what a page of one line tells must fit on it
        parts = [
            moves,
            SPIKE + " spike" if spike else "",
            accounts,
            counted(problem.items, "item"),
            low and "? low confidence",
            heard,
        ]
    return [[(line, Role.MUTED)] for line in packed(parts, page.width)[:most]]


def _changed(problem: Problem, page: Page) -> list[Line]:
    """That words and figures are of before a correction, and what renews them."""
    if not problem.is_changed:
        return []
    key = page.analyze_key
    old = f"! words and figures are from before a correction: {key} renews them"
    new = f"! no figures yet: {key} makes them"
    return [[(cut(old if problem.estimate else new, page.width), Role.MARK)]]


def _summary(problem: Problem, page: Page, *, most: int) -> list[Line]:
    summary = shown(problem.summary)
    if not summary or not most:
        return []
    return [[(line, Role.PLAIN)] for line in wrapped(summary, min(page.width, _READABLE), most=most)]


def _assessed(assessed: Assessed | None, page: Page, *, most: int) -> list[Line]:
    """How severe and urgent a model says it is, and its reason."""
    if assessed is None:
        return []
    unsure = "" if assessed.is_sure else " (not sure)"
    told = f"{shown(assessed.severity, 20)}, {shown(assessed.urgency, 20)}{unsure}, says {shown(assessed.by, 40)}"
    reason = f": {shown(assessed.severity_reason, 400)}" if assessed.severity_reason else ""
    return section("Severity", wrapped(told + reason, min(page.room, _READABLE), most=most))


def _trend(dossier: Dossier, page: Page) -> list[Line]:
    """Items by week between the first day of the first week and the last of the last, and the most in a week."""
    problem, weekly = dossier.problem, dossier.weekly or dossier.problem.weekly
    if not weekly or problem.weeks_end is None:
        return []
    peak = f"peak {max(weekly):,} a week"
    frame = len("01-01  01-01  ") + len(peak)
    counts = weekly[-max(page.room - frame, 4) :]
    first = problem.weeks_end - timedelta(days=7 * len(counts) - 1)
    line = [
        label("Trend"),
        (f"{first:%m-%d} ", Role.MUTED),
        (sparkline(counts, length=len(counts)), Role.TREND),
        (f" {problem.weeks_end:%m-%d}  {peak}", Role.MUTED),
    ]
    return [clipped(line, page.width)]


def _evidence_title(dossier: Dossier, page: Page) -> Line:
    count = f"{dossier.problem.items:,}"
    if not dossier.quotes:
        return [label("Evidence"), (f"{count}   {'no verified quote' if dossier.is_read else 'reading…'}", Role.MUTED)]
    place = f"   quote {_place(dossier, page) + 1} of {len(dossier.quotes)}"
    keys = f"   {page.quote_keys} next, previous   {page.open_key} open"
    return [label("Evidence"), (count, Role.STRONG), (place, Role.PLAIN), (keys, Role.MUTED)]


def _place(dossier: Dossier, page: Page) -> int:
    return min(max(page.quote, 0), max(len(dossier.quotes) - 1, 0))


def _said(dossier: Dossier, page: Page, *, most: int) -> list[Line]:
    """Quotes from the one that is looked at on, or the summary while there are none."""
    if not dossier.quotes:
        return _summary(dossier.problem, page, most=max(most, 0))
    return _quotes(dossier, page, most=most, lines=2)


def _quotes(dossier: Dossier, page: Page, *, most: int, lines: int, origin_lines: int = 1) -> list[Line]:
    """As many whole quotes as `most` lines hold, each with at most `lines` of words; the first at any rate, which says
    on at most `origin_lines` whose it is."""
    place, found = _place(dossier, page), list[Line]()
    for quote in dossier.quotes[place:]:
        about = 1 if found else origin_lines
        room = min(lines, most - len(found) - about)
        if found and room < 1:
            break
        found += quote_lines(
            quote,
            page.width,
            currency=page.currency,
            is_current=not found,
            most=max(room, 1),
            origin_lines=about,
        )
    return found


def _every_quote(dossier: Dossier, page: Page) -> list[Line]:
    place, width = _place(dossier, page), min(page.width, _READABLE)
    found: list[Line] = []
    for number, quote in enumerate(dossier.quotes):
        if number == place:
            lines = quote_in_item(quote, width, currency=page.currency, most=_MOST_CONTEXT)
        else:
            lines = quote_lines(quote, width, currency=page.currency, is_current=False, most=None, origin_lines=2)
        found += [[], *lines]
    return found


def _similar(similar: tuple[Neighbour, ...], page: Page) -> list[Line]:
    """The nearest problems; the first tells the key that merges."""
    lines: list[Line] = []
    for number, neighbour in enumerate(similar):
        problem = neighbour.problem
        key = f"  {page.merge_key} merges into {problem.ref}" if number == 0 else ""
        ending = f"  {neighbour.cosine:.2f}  {problem.state.value}"
        title = cut(f"{problem.ref} {shown(problem.title, 300)}", max(page.room - cell_len(ending + key), 8))
        lines.append([(title, Role.PLAIN), (ending, Role.MUTED), (key, Role.PLAIN)])
    return labelled("Similar", lines)


def _history(dossier: Dossier, page: Page) -> list[Line]:
    """What happened to it, the latest first."""
    latest = list(reversed(dossier.history))[:_MOST_HISTORY]
    return section("History", [cut(_moment(moment), page.room) for moment in latest])


def _moment(moment: Moment) -> str:
    words = shown(moment.words, 200)
    title = f": “{shown(moment.title, 120)}”" if moment.title else ""
    why = f": {shown(moment.why, 200)}" if moment.why else ""
    if moment.who is None:
        return f"{moment.at:%Y-%m-%d}  run {moment.run_id}: {moment.event}, {words}{title}"
    joint = " " if moment.event in _DECIDED else ": "
    return f"{moment.at:%Y-%m-%d}  {shown(moment.who, 60)}{joint}{words}{title}{why}"


def _filed(exported: tuple[ExportLink, ...], page: Page) -> list[Line]:
    """The issues that carry it."""
    return section("Filed", [cut(_issue(link), page.room) for link in exported])


def _issue(link: ExportLink) -> str:
    """Where it is; how it stands and who works on it, with the moment of that, where it was read."""
    place = f"{shown(link.external_id, 60)} in {shown(link.tracker.removeprefix('file:'), 60)}"
    if link.seen_at is None:
        return f"{place}, {link.exported_at:%Y-%m-%d}"
    told = ", ".join(filter(None, [shown(stand_of(link), 60), shown(link.assignee, 60)]))
    return f"{place}: {told} (read {link.seen_at:%Y-%m-%d %H:%M})"


def _failed(dossier: Dossier, page: Page, *, most: int) -> list[Line]:
    if dossier.error is None:
        return []
    return [[(line, Role.MARK)] for line in wrapped(f"! {shown(dossier.error)}", page.width, most=most)]
