"""The detail of one problem as lines: short beside the list, whole on its own screen.

Pure: a dossier in, lines of pieces with roles out. Customer text passes through `tui.cells` and is never mark-up.
"""

from dataclasses import dataclass

from rich.cells import cell_len

from insights.domain.estimate import Estimate
from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted, likely, money, range_bar, rounded, times
from insights.domain.problem import PAST, Action, Decision, Problem
from tui.cells import cut, fit, shown, shown_whole, wrapped
from tui.dossier import Dossier, Neighbour
from tui.figures import DASH, is_doubtful, sparkline, weeks
from tui.pages.pieces import LABEL, Line, Role, clipped, label, labelled

_WIDEST_SUM = 80
"""Cells; farther apart, name and amount are hard to read as one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How much room there is, which quote is looked at, and the sign before amounts of money."""

    width: int
    currency: str
    quote: int = 0


def brief(dossier: Dossier, page: Page) -> list[Line]:
    """Ten lines for 80×24, the most important first."""
    problem = dossier.problem
    return [
        *_facts(problem, page, most=1),
        *_summary(problem, page, most=1),
        *_value(problem, page, with_effort=True),
        *_why(problem.estimate, page, most=1)[:2],
        *_quotes_from(dossier, page, most=1, lines=2),
        *_similar(dossier.similar, page)[:1],
        *_history(dossier.history, page)[-1:],
        *_failed(dossier, page),
    ]


def full(dossier: Dossier, page: Page, *, every_quote: bool) -> list[Line]:
    """Every section with air between; from the quote that is looked at on, or all quotes from the first."""
    problem = dossier.problem
    quotes = _every_quote(dossier, page) if every_quote else _quotes_from(dossier, page, most=6, lines=4)
    sections = [
        _facts(problem, page, most=2),
        _summary(problem, page, most=6),
        [*_value(problem, page, with_effort=False), *_why(problem.estimate, page, most=3)],
        _trend(problem, page),
        _failed(dossier, page),
        [_quotes_title(dossier, page), *quotes],
        _similar(dossier.similar, page),
        _history(dossier.history, page),
    ]
    return [line for section in sections if section for line in [*section, []]][:-1]


def first_line_of_quote(dossier: Dossier, page: Page) -> int:
    """Where the quote that is looked at begins on the full page."""
    lines = full(dossier, page, every_quote=True)
    return next((n for n, line in enumerate(lines) if line and line[0] == ("▌", Role.MARK)), 0)


def _facts(problem: Problem, page: Page, *, most: int) -> list[Line]:
    heard = f"{problem.first_seen:%Y-%m-%d} to {problem.last_seen:%Y-%m-%d}"
    counts = f"{counted(problem.accounts, 'account')} · {counted(problem.items, 'item')}"
    doubt = " · low confidence" if is_doubtful(problem) else ""
    facts = f"{problem.movement.value} · {counts}{doubt} · {heard}"
    return [[(line, Role.MUTED)] for line in wrapped(facts, page.width, most=most)]


def _summary(problem: Problem, page: Page, *, most: int) -> list[Line]:
    summary = shown(problem.summary)
    return [[(line, Role.PLAIN)] for line in wrapped(summary, page.width, most=most)] if summary else []


def _value(problem: Problem, page: Page, *, with_effort: bool) -> list[Line]:
    estimate = problem.estimate
    if estimate is None:
        return [[label("Value"), (f"{DASH}  not estimated yet", Role.MUTED)]]
    worth = estimate.value
    low, high = (rounded(amount, worth, page.currency) for amount in (worth.low, worth.high))
    a_year = f"{likely(worth, page.currency)} a year"
    roi, effort = f"ROI {times(estimate.roi.likely)}", (weeks(estimate.weeks) if with_effort else "")
    used = LABEL + sum(map(cell_len, (a_year, low, high, roi, effort))) + 10
    bar = range_bar(worth, length=max(min(page.width - used, 24), 5))
    line = [
        label("Value"),
        (f"{a_year}  ", Role.STRONG),
        (f"{low} ", Role.MUTED),
        (bar, Role.TREND),
        (f" {high}  ", Role.MUTED),
        (f"{roi}  ", Role.STRONG),
        (effort, Role.MUTED),
    ]
    return [clipped(line, page.width)]


def _why(estimate: Estimate | None, page: Page, *, most: int) -> list[Line]:
    """The reason for the rank, then each source of value with its sum in words."""
    if estimate is None:
        return []
    texts = [shown(estimate.reason)] if estimate.reason else []
    room = page.width - LABEL
    lines: list[Line] = [[(line, Role.PLAIN)] for text in texts for line in wrapped(text, room, most=most)]
    for part in estimate.parts:
        lines += _part(part.name, part.words, likely(part.value, page.currency), room)
    cost = f"{weeks(estimate.weeks)}, source: {shown(estimate.cost_source, 60)}"
    lines += _part("effort", cost, likely(estimate.cost, page.currency), room, sign="-")
    if estimate.unknown_revenue_accounts:
        missing = f"revenue unknown for {counted(estimate.unknown_revenue_accounts, 'account')}"
        lines.append([(cut(missing, room), Role.MUTED)])
    return labelled("Why", lines)


def _part(name: str, words: str, amount: str, room: int, *, sign: str = "+") -> list[Line]:
    """One summand: what, the amount at a column of its own, and the sum in words between them or below."""
    name_width, amount_width = min(20, room // 3), 8
    middle = min(room, _WIDEST_SUM) - name_width - amount_width - 4
    words = shown(words, 300)
    fits = cell_len(words) <= middle
    first: Line = [
        (f"{sign} {fit(shown(name, 100), name_width)}", Role.PLAIN),
        (f" {fit(words if fits else '', middle)} ", Role.MUTED),
        (fit(amount, amount_width, right=True), Role.PLAIN),
    ]
    return [first] if fits else [first, *[[(f"  {line}", Role.MUTED)] for line in wrapped(words, room - 2, most=2)]]


def _trend(problem: Problem, page: Page) -> list[Line]:
    if not problem.weekly:
        return []
    spark = sparkline(problem.weekly, length=len(problem.weekly))
    end = f" to {problem.weeks_end:%Y-%m-%d}" if problem.weeks_end else ""
    words = f"  {counted(len(problem.weekly), 'week')}{end}, peak {max(problem.weekly):,} a week"
    return [clipped([label("Trend"), (spark, Role.TREND), (words, Role.MUTED)], page.width)]


def _quotes_title(dossier: Dossier, page: Page) -> Line:
    if not dossier.quotes:
        return [label("Quotes"), (DASH if dossier.is_read else "reading…", Role.MUTED)]
    place = f"{_place(dossier, page) + 1} of {len(dossier.quotes)}"
    return [label("Quotes"), (place, Role.PLAIN), ("   J K next, previous", Role.MUTED)]


def _place(dossier: Dossier, page: Page) -> int:
    return min(max(page.quote, 0), max(len(dossier.quotes) - 1, 0))


def _quotes_from(dossier: Dossier, page: Page, *, most: int, lines: int) -> list[Line]:
    place = _place(dossier, page)
    found: list[Line] = []
    for number, quote in enumerate(dossier.quotes[place : place + most]):
        found += _quote(quote, page, most=lines, is_current=number == 0)
    return found


def _every_quote(dossier: Dossier, page: Page) -> list[Line]:
    place = _place(dossier, page)
    found: list[Line] = []
    for number, quote in enumerate(dossier.quotes):
        found += [[], *_quote(quote, page, most=None, is_current=number == place)]
    return found


def _quote(quote: Evidence, page: Page, *, most: int | None, is_current: bool) -> list[Line]:
    bar = ("▌", Role.MARK) if is_current else ("▏", Role.MUTED)
    words = shown(quote.text) if most else shown_whole(quote.text)
    lines = wrapped(f"“{words.strip()}”", page.width - 2, most=most)
    mark: Line = [(f"  {GIVES_ORDERS}", Role.MARK)] if quote.is_order else []
    origin = (f"  {_origin(quote, page.currency)}", Role.MUTED)
    return [*[[bar, (f" {line}", Role.QUOTE)] for line in lines], clipped([bar, *mark, origin], page.width)]


def _origin(quote: Evidence, currency: str) -> str:
    """Account, what it pays a year, where it was said and when."""
    if quote.account_name is None:
        account = "account unknown"
    else:
        guessed = "" if quote.account_is_certain else " (by name alone)"
        pays = money(quote.account_revenue, currency)
        revenue = "revenue unknown" if quote.account_revenue is None else f"{pays} a year"
        account = f"{shown(quote.account_name, 60)}{guessed} · {revenue}"
    where = f"{shown(quote.source, 30)} {shown(quote.source_id, 40)}"
    return f"{account} · {where} · {quote.created_at:%Y-%m-%d}"


def _similar(similar: tuple[Neighbour, ...], page: Page) -> list[Line]:
    room = page.width - LABEL
    lines: list[Line] = []
    for neighbour in similar:
        problem = neighbour.problem
        ending = f"  {neighbour.cosine:.2f}  {problem.state.value}"
        title = cut(f"{problem.ref}  {shown(problem.title, 300)}", room - len(ending))
        lines.append([(title, Role.PLAIN), (ending, Role.MUTED)])
    return labelled("Similar", lines)


def _history(history: tuple[Decision, ...], page: Page) -> list[Line]:
    texts = [cut(_decision(decision), page.width - LABEL) for decision in history]
    return labelled("Decided", [[(text, Role.PLAIN)] for text in texts])


def _decision(decision: Decision) -> str:
    until = f" until {decision.until:%Y-%m-%d}" if decision.until else ""
    if decision.action is Action.SNOOZE and decision.until is None:
        until = " until it grows"
    why = f": {shown(decision.why, 200)}" if decision.why else ""
    return f"{decision.at:%Y-%m-%d}  {shown(decision.who, 60)} {PAST[decision.action]}{until}{why}"


def _failed(dossier: Dossier, page: Page) -> list[Line]:
    if dossier.error is None:
        return []
    return [[(line, Role.MARK)] for line in wrapped(f"! {shown(dossier.error)}", page.width, most=3)]
