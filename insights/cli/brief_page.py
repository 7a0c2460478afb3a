"""A discovery brief for the terminal. Text from outside, a model's too, is literal, never markup."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insights.briefing import Discovery, Payer, from_accounts, segments_in_words
from insights.digest.changes import change_in_words
from insights.domain.brief import NOT_SAID
from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import counted, money, money_range, spark
from insights.text.clean import one_line, sanitise

_PAYERS = 5
"""Accounts that are named; `--json` names all."""
_WORDS = 300
_ACCOUNT, _SEGMENT = 34, 16
"""Cells."""


def brief_page(found: Discovery, *, currency: str) -> Iterator[RenderableType]:
    """What code knows, what a model made of the remarks, the quotes, and whose words they are."""
    yield Text(f"{found.problem.ref}  {one_line(found.problem.title)}", style="bold")
    yield Padding(_fields(_knowns(found, currency)), (1, 0, 0, 0))
    if found.known.payers:
        yield Padding(_accounts(found.known.payers, currency), (1, 0, 0, 2), expand=False)
    yield Text("\nBrief", style="bold")
    yield _fields((name, Text(sanitise(words))) for name, words in found.brief.lines())
    if found.known.quotes:
        yield Text("\nQuotes", style="bold")
        yield from (Padding(_quote(one), (0, 0, 0, 2), expand=False) for one in found.known.quotes)
    yield Text(f"\nWords: {found.mode}{_origin(found)}.", style="dim")


def _knowns(found: Discovery, currency: str) -> Iterator[tuple[str, Text]]:
    problem, known = found.problem, found.known
    segments = f"; {segments_in_words(known)}" if known.segments else ""
    whom = f"{counted(problem.items, 'item')} {from_accounts(problem, known, currency=currency)}{segments}"
    yield "Who", Text(whom)
    span = f"{problem.first_seen:%Y-%m-%d} to {problem.last_seen:%Y-%m-%d}; {change_in_words(problem)}"
    yield "When", Text(f"{span} ").append(spark(problem.weekly[-12:]), style="cyan")
    if problem.estimate is not None:
        value, reason = problem.estimate.value, problem.estimate.reason
        worth = f"{money(value.likely, currency)} a year ({money_range(value, currency)})"
        yield "Worth", Text(f"{worth}; {reason}" if reason else worth)


def _fields(fields: Iterable[tuple[str, Text]]) -> Table:
    """A name and its words a row; what nobody said is dimmed."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True, min_width=17)
    table.add_column(ratio=1, overflow="fold")
    for name, words in fields:
        table.add_row(Text(name), Text(NOT_SAID, style="dim") if words.plain == NOT_SAID else words)
    return table


def _accounts(payers: Sequence[Payer], currency: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("account", no_wrap=True, overflow="ellipsis", max_width=_ACCOUNT)
    table.add_column("a year", justify="right", no_wrap=True)
    table.add_column("segment", no_wrap=True, overflow="ellipsis", max_width=_SEGMENT)
    table.add_column("items", justify="right", no_wrap=True)
    for one in payers[:_PAYERS]:
        segment = one_line(one.segment, 40) if one.segment else "–"
        cells = one_line(one.name, 60), money(one.revenue, currency), segment, f"{one.items:,}"
        table.add_row(*map(Text, cells))
    if len(payers) > _PAYERS:
        table.add_row(Text(f"and {len(payers) - _PAYERS} more", style="dim"))
    return table


def _quote(quote: Evidence) -> Text:
    account = one_line(quote.account_name, 60) if quote.account_name else "account unknown"
    words = Text(f"“{one_line(quote.text, _WORDS)}”")
    words.append(f"\n{account} · {sanitise(quote.ref)} · {quote.created_at:%Y-%m-%d}", style="dim")
    return words.append(f"\n{GIVES_ORDERS}", style="bold") if quote.is_order else words


def _origin(found: Discovery) -> str:
    """From what and when a model wrote it, and what of it did not pass the check."""
    if found.at is None or found.told_from is None:
        return ""
    dropped = f"; {counted(found.brief.dropped, 'part')} dropped as unbacked" if found.brief.dropped else ""
    return f", from {counted(found.told_from, 'item')}, {found.at:%Y-%m-%d}{dropped}"
