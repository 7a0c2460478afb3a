"""Parts of problems for the terminal. Text from outside is literal, never markup."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insights.domain.feedback import GIVES_ORDERS
from insights.domain.figures import counted, money
from insights.domain.problem import Problem
from insights.parts import Part, Split
from insights.text.clean import one_line, sanitise

_WORDS = 200
_NAMED = 8
"""Items that are named; `--json` names all."""
_LEAST_WORDS = 10


def parts_page(found: Split, *, currency: str) -> Iterator[RenderableType]:
    """The problem, each of its parts with its typical words and items, and what is in no part."""
    yield Text(f"{found.problem.ref}  {one_line(found.problem.title)}", style="bold")
    if found.mentions < found.of_mentions:
        yield Text(f"The newest {found.mentions:,} of its {found.of_mentions:,} mentions were looked at.", style="dim")
    if not found.is_split:
        yield Text("It is one: splitting it would not make parts that stand apart.")
        return
    for part in found.parts:
        yield Text(f"\npart {part.name}  {_figures(part, currency)}")
        yield Padding(Text(f"“{one_line(part.typical.text, _WORDS)}”"), (0, 0, 0, 2), expand=False)
        if part.typical.is_order:
            yield Padding(Text(GIVES_ORDERS, style="bold"), (0, 0, 0, 2), expand=False)
        yield Padding(Text(_names(part.items), style="dim"), (0, 0, 0, 2), expand=False)
    if found.alone:
        yield Text(f"\n{counted(len(found.alone), 'item')} in no part")
        yield Padding(Text(_names(found.alone), style="dim"), (0, 0, 0, 2), expand=False)


def hidden_table(found: Sequence[tuple[Problem, Part]], *, currency: str, width: int) -> Table:
    """One row a part in at most `width` cells: problem, part, counts, revenue, how alike its mentions are among
    themselves and to the rest, and its typical words."""
    rows = [
        (
            problem.ref,
            part.name,
            f"{len(part.items):,}",
            f"{part.accounts:,}",
            money(part.revenue, currency),
            f"{part.likeness:.2f}",
            f"{part.outside:.2f}",
        )
        for problem, part in found
    ]
    names = ("in", "part", "items", "accts", "revenue", "alike", "rest")
    taken = sum(max(map(cell_len, column)) + 1 for column in zip(names, *rows, strict=True))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, justify="left" if name in ("in", "part") else "right", no_wrap=True)
    table.add_column("says", no_wrap=True, overflow="ellipsis", max_width=max(width - taken, _LEAST_WORDS))
    for row, (_, part) in zip(rows, found, strict=True):
        table.add_row(*map(Text, (*row, one_line(part.typical.text, _WORDS))))
    return table


def _figures(part: Part, currency: str) -> str:
    accounts = f"from {counted(part.accounts, 'account')}" if part.accounts else "from no known account"
    paying = f"{money(part.revenue, currency)} a year" if part.revenue is not None else ""
    unknown = f"{counted(part.unknown, 'account')} of unknown revenue" if part.unknown else ""
    return " · ".join(some for some in (f"{counted(len(part.items), 'item')} {accounts}", paying, unknown) if some)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(map(sanitise, names[:_NAMED])) + more
