"""Problems and evidence as tables for the terminal. Text from outside is always literal, never markup."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insights.cli.estimates import estimate_section
from insights.domain.assessed import Assessed
from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted, likely, money, span, spark, times
from insights.domain.filed import age_of_reading, stand_of
from insights.domain.problem import Decision, ExportLink, Movement, Problem, State, done_in_words, problem_ref
from insights.errors import ExitCode, InsightsError
from insights.text.clean import one_line, sanitise

if TYPE_CHECKING:
    from insights.domain.query import Filters

MARKS = {Movement.NEW: "new", Movement.GROWING: "growing", Movement.FADING: "fading", Movement.STEADY: ""}


TITLE = "problem"
TITLE_LEAST = 30
"""Cells; where the title would get fewer, the least important columns are left out."""

WIDE = 110
"""Cells from which a problem's theme is shown."""

THEME = "theme"
NO_THEMES: Mapping[int, str] = MappingProxyType({})

DASH = "–"
"""Where nothing is known."""

_ALWAYS = ("#", "id", TITLE)
_LEFT = ("id", TITLE, "8 weeks", "", THEME, "how")
_THEME_MOST = 24
_LEAST_IMPORTANT_FIRST = ("how", THEME, "8 weeks", "items", "", "accts", "range")


def problem_table(
    problems: Sequence[Problem], *, currency: str, width: int, themes: Mapping[int, str] = NO_THEMES
) -> Table:
    """One line a problem in at most `width` cells: rank, title, return, value with range, trend, accounts, and on a
    wide screen its theme, by the names in `themes`. A column in which nothing stands is left out."""
    cells = {name: [cell(problem, currency) for problem in problems] for name, cell in _CELLS.items()}
    if width >= WIDE:
        cells |= {THEME: [one_line(themes.get(problem.theme_id or 0, ""), _THEME_MOST) for problem in problems]}
    return fitted_table(cells, width)


def fitted_table(cells: Mapping[str, Sequence[str]], width: int) -> Table:
    """Columns by their names, each with a cell a problem, in at most `width` cells: the least important ones and those
    in which nothing stands are left out, the title is cut."""
    names = _fitting(cells, width)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name in names:
        limit = max(_room(cells, names, width), 1) if name == TITLE else None
        side: Literal["left", "right"] = "left" if name in _LEFT else "right"
        table.add_column(name, justify=side, no_wrap=True, overflow="ellipsis", max_width=limit)
    for row in zip(*(cells[name] for name in names), strict=True):
        table.add_row(*map(Text, row))
    return table


_CELLS: Mapping[str, Callable[[Problem, str], str]] = {
    "#": lambda problem, _: f"{problem.estimate.rank or DASH}" if problem.estimate else DASH,
    "id": lambda problem, _: problem.ref,
    TITLE: lambda problem, _: one_line(problem.title, 90),
    "ROI": lambda problem, _: times(problem.estimate.roi.likely) if problem.estimate else DASH,
    "value/yr": lambda problem, currency: likely(problem.estimate.value, currency) if problem.estimate else DASH,
    "range": lambda problem, currency: span(problem.estimate.value, currency) if problem.estimate else DASH,
    "8 weeks": lambda problem, _: spark(problem.weekly[-8:]),
    "": lambda problem, _: _movement(problem) if problem.state is State.INBOX else problem.state.value,
    "items": lambda problem, _: f"{problem.items:,}",
    "accts": lambda problem, _: f"{problem.accounts:,}" if problem.accounts else DASH,
}


def _movement(problem: Problem) -> str:
    """How it develops, where there is something to say."""
    spike = "spike" if problem.is_spike else ""
    return ", ".join(word for word in (MARKS[problem.movement], spike) if word)


def _fitting(cells: Mapping[str, Sequence[str]], width: int) -> list[str]:
    """The names of the columns that leave the title its room."""
    names = [name for name, column in cells.items() if name in _ALWAYS or set(column) - {"", DASH}]
    least = min(TITLE_LEAST, max(map(cell_len, cells[TITLE]), default=0))
    for name in _LEAST_IMPORTANT_FIRST:
        if _room(cells, names, width) < least and name in names:
            names.remove(name)
    return names


def _room(cells: Mapping[str, Sequence[str]], names: Sequence[str], width: int) -> int:
    """What the other columns leave the title, in cells; one lies between two columns."""
    return width - sum(1 + max(map(cell_len, [name, *cells[name]])) for name in names if name != TITLE)


def problem_page(
    problem: Problem,
    quotes: Sequence[Evidence],
    history: Sequence[Decision],
    similar: Sequence[tuple[Problem, float]],
    *,
    currency: str,
    theme: str | None = None,
    elsewhere: int = 0,
    assessed: Assessed | None = None,
    assumptions: bool = False,
) -> Iterable[RenderableType]:
    """A problem in full; `theme` is the name of its theme, `elsewhere` how many items of others state it, too;
    `assumptions` asks for all of them."""
    yield Text(f"{problem.ref}  {one_line(problem.title)}", style="bold")
    accounts = f"from {counted(problem.accounts, 'account')}" if problem.accounts else "from no known account"
    state = f"{problem.state.value}; {problem.stance.value}; {counted(problem.items, 'item')} {accounts}"
    span = f"{problem.first_seen:%Y-%m-%d} to {problem.last_seen:%Y-%m-%d}"
    words = f"words: {problem.described_by or 'not described yet'}"
    words += f"; title: {one_line(problem.named_by, 60)}" if problem.named_by else ""
    area = f"theme: {one_line(theme, 60)}" if theme else ""
    yield Text(" · ".join(part for part in (state, span, _movement(problem), area, words) if part), style="dim")
    if elsewhere:
        yield Text(f"{elsewhere_in_words(elsewhere)} List: insights show {problem.ref} --items", style="dim")
    yield Padding(Text(sanitise(problem.summary)), (1, 0, 0, 2), expand=False)
    yield from _section("Quotes", [_quote(quote, currency) for quote in quotes])
    if assessed:
        yield from _section(f"Assessed by {one_line(assessed.by, 60)}", assessment_lines(assessed))
    if problem.estimate:
        yield from estimate_section(problem.estimate, currency, everything=assumptions)
    yield from _section("By week", [_weeks(problem)])
    yield from _section("Similar", [_similar(other, cosine) for other, cosine in similar])
    yield from _section("Decisions", [_decision(decision) for decision in history])


def filed_section(links: Sequence[ExportLink], *, now: datetime) -> Iterable[RenderableType]:
    """The issues that carry a problem, how they stand, and how old it is that they were read."""
    yield from _section("Filed", [Text(_filed(link, now)) for link in links])


def _filed(link: ExportLink, now: datetime) -> str:
    due = f"due {link.due_on}" if link.due_on else ""
    estimate = f"estimate {link.estimate}" if link.estimate else ""
    place = f"{link.external_id} in {link.tracker.removeprefix('file:')}"
    age = age_of_reading(link, now)
    said = (place, stand_of(link), link.assignee, estimate, due, age or f"filed {link.exported_at:%Y-%m-%d}", link.url)
    return " · ".join(one_line(word, 300) for word in said if word)


def assessment_lines(assessed: Assessed) -> list[RenderableType]:
    """Severity and effort, each with its reason; no figure of these is in the estimate."""
    doubt = "" if assessed.is_sure else " (not sure)"
    severity = f"{assessed.severity}, {assessed.urgency}{doubt}"
    lines = [f"{severity}: {assessed.severity_reason}" if assessed.severity_reason else severity]
    if assessed.weeks:
        weeks = assessed.weeks
        effort = f"{weeks.low:g} to {weeks.high:g} weeks, likely {weeks.likely:g}"
        lines.append(f"{effort}: {assessed.effort_reason}" if assessed.effort_reason else effort)
    return [Text(one_line(line, 400)) for line in lines]


def elsewhere_in_words(number: int) -> str:
    """Items that state a problem though they are in another, in a sentence."""
    others = "another problem may state it, too, and is" if number == 1 else "other problems may state it, too, and are"
    return f"{counted(number, 'item')} of {others} not counted here."


def evidence_table(found: Sequence[Evidence], *, currency: str) -> RenderableType:
    """Search results: the words, and whose they are."""
    return Group(*[_quote(evidence, currency, marked=True) for evidence in found])


def filters_of(*, kind: str | None, source: str | None, account: str | None, since: str | None) -> "Filters":
    """What the command line says, as filters."""
    from insights.domain.feedback import FeedbackKind
    from insights.domain.query import Filters

    try:
        return Filters(
            kind=FeedbackKind(kind) if kind else None,
            source=source,
            account=account,
            since=date.fromisoformat(since) if since else None,
        )
    except ValueError as error:
        raise InsightsError(
            f"A filter is not usable: {error}.",
            remedy="Kinds are ticket, nps, note and review; days are written as 2026-05-01.",
            exit_code=ExitCode.USAGE,
        ) from error


def _section(title: str, lines: Sequence[RenderableType]) -> Iterable[RenderableType]:
    if lines:
        yield Text(f"\n{title}", style="bold")
        yield from (Padding(line, (0, 0, 0, 2), expand=False) for line in lines)


def _quote(quote: Evidence, currency: str, *, marked: bool = False) -> RenderableType:
    revenue = money(quote.account_revenue, currency)
    account = sanitise(quote.account_name or "account unknown")
    sure = "" if quote.account_is_certain or not quote.account_id else " (not certain)"
    paying = f"{account}{sure} · {revenue}" if quote.account_id else account
    score = f" · score {quote.score:g} of 10" if quote.score is not None else ""
    where = f"{quote.ref} · {quote.created_at:%Y-%m-%d}{score}"
    problem = f"{problem_ref(quote.problem_id)} · " if marked and quote.problem_id else ""
    origin = Text(f"   {problem}{paying} · {sanitise(where)}", style="dim")
    mark = [Text(f"   {GIVES_ORDERS}", style="bold")] if quote.is_order else []
    return Group(Text(f"“{one_line(quote.text, 400)}”"), origin, *mark)


def _weeks(problem: Problem) -> RenderableType:
    peak = max(problem.weekly, default=0)
    return Text(f"{spark(problem.weekly)}  {len(problem.weekly)} weeks to {problem.weeks_end}; peak {peak}")


def _similar(other: Problem, cosine: float) -> RenderableType:
    return Text(f"{other.ref}  {one_line(other.title, 70)}  {cosine:.2f}")


def _decision(decision: Decision) -> RenderableType:
    until = f" until {decision.until}" if decision.until else ""
    why = f": {one_line(decision.why, 200)}" if decision.why else ""
    return Text(f"{decision.at:%Y-%m-%d %H:%M}  {sanitise(decision.who)}  {done_in_words(decision)}{until}{why}")
