"""A discovery brief for the terminal. Text from outside, a model's too, is literal, never markup."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insights.briefing import Discovery, heard_in_words
from insights.cli.brief_markdown import origin_in_words, source_of
from insights.domain.brief import Entry, Origin
from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.figures import likely, money, money_range, spark
from insights.domain.trend import change_in_words
from insights.grounds.known import Payer
from insights.text.clean import one_line, sanitise

_PAYERS = 5
"""Accounts that are named; `--json` names all."""
_WORDS = 300
_NAME, _ACCOUNT, _SEGMENT = 17, 34, 16
"""Cells."""


def brief_page(found: Discovery, *, currency: str) -> Iterator[RenderableType]:
    """What it is, the accounts, every field with what is told and by whom, the quotes, and whose words they are."""
    yield Text(f"{found.problem.ref}  {one_line(found.problem.title)}", style="bold")
    yield Padding(_fields(_knowns(found, currency)), (1, 0, 0, 0))
    if found.known.payers:
        yield Padding(_accounts(found.known.payers, currency), (1, 0, 0, 2), expand=False)
    yield Text("")
    yield _fields((entry.name, _told(entry, found.mode)) for entry in found.entries)
    if found.known.quotes:
        yield Text("\nQuotes", style="bold")
        yield from (Padding(_quote(one), (0, 0, 0, 2), expand=False) for one in found.known.quotes)
    yield Text(sanitise(f"\nWords: {found.mode}{origin_in_words(found)}."), style="dim")


def _knowns(found: Discovery, currency: str) -> Iterator[tuple[str, Text]]:
    problem = found.problem
    heard = f"{heard_in_words(problem)}; {change_in_words(problem)} "
    yield "Heard", Text(heard).append(spark(problem.weekly[-12:]), style="cyan")
    if problem.estimate is not None:
        value, reason = problem.estimate.value, problem.estimate.reason
        worth = f"{likely(value, currency)} a year ({money_range(value, currency)})"
        yield "Worth", Text(one_line(f"{worth}; {reason}" if reason else worth))


def _told(entry: Entry, mode: str) -> Text:
    """A line each; who says so where it is not the data alone, and the question where somebody must."""
    lines = [
        Text(one_line(told.words)).append(_source(source_of(told, mode=mode)), style="dim")
        if told.refs or told.origin is not Origin.DATA
        else Text(one_line(told.words))
        for told in entry.told
    ]
    asks = [Text(f"? {entry.asks}", style="yellow")] if entry.asks else []
    return Text("\n").join([*lines, *asks])


def _source(source: str) -> str:
    return f" [{one_line(source, 200)}]"


def _fields(fields: Iterable[tuple[str, Text]]) -> Table:
    """A name and its words a row."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=_NAME)
    table.add_column(ratio=1, overflow="fold")
    for name, words in fields:
        table.add_row(Text(name), words)
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
