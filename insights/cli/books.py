"""Rules, histories and lists of items for the terminal. Text from outside is always literal, never markup."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from insights.domain.feedback import GIVES_ORDERS, Evidence
from insights.domain.problem import problem_ref
from insights.history import Moment
from insights.rulebook import Saying, Status
from insights.text.clean import one_line, sanitise

_MARKED = {Status.CONTRADICTED: "bold red", Status.BROKEN: "bold yellow", Status.REVOKED: "dim"}
_MOST_NAMED = 3
_WORDS = 300
_ACCOUNT, _DAY, _LEAST_WORDS = 20, 10, 10
"""Cells."""


def rule_lines(found: Sequence[Saying]) -> RenderableType:
    """Status and sentence of each rule, below it who said it when and why; rules of one decision that differ in their
    item only are told together."""
    table = _grid()
    for some in _together(found):
        first = some[0]
        said = Text(_sentence(some))
        if first.reason:
            said.append(f"\n{one_line(first.reason, _WORDS)}", style=_MARKED.get(first.status, ""))
        said.append(f"\n{_who(f'{first.who}, {first.at:%Y-%m-%d}', first.why)}", style="dim")
        table.add_row(Text(first.status.value, style=_MARKED.get(first.status, "")), said)
    return table


def _together(found: Sequence[Saying]) -> Iterator[list[Saying]]:
    def alike(saying: Saying) -> tuple[object, ...]:
        apart = saying.rule_id if saying.item is None else 0
        return (saying.decision_id, saying.status, saying.kind, saying.problem_id, saying.reason, apart)

    for _, some in groupby(found, key=alike):
        yield list(some)


def _sentence(some: Sequence[Saying]) -> str:
    """The rule in words; of several, the names of the first few items."""
    words = sanitise(some[0].words)
    if len(some) == 1 or some[0].item is None:
        return f"{words}."
    names = [one_line(saying.item or "", 60) for saying in some[:_MOST_NAMED]]
    rest = len(some) - len(names)
    every = f"{', '.join(names)} and {rest} more" if rest else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = "are not in" if " is not in " in words else "belong to"
    return f"{every} {verb} {problem_ref(some[0].problem_id)}."


def time_line(found: Sequence[Moment]) -> RenderableType:
    """One row a moment: when, which problem where there are several, what, who, and why."""
    several = len({moment.problem_id for moment in found}) > 1
    table = _grid(columns=3 if several else 2)
    for moment in found:
        words = Text(f"{moment.event}: {one_line(moment.words, _WORDS)}" if moment.run_id else "")
        if not moment.run_id:
            words = Text(one_line(moment.words, _WORDS))
        if moment.title:
            words.append(f": “{one_line(moment.title, 120)}”")
        by = f"run {moment.run_id}" if moment.run_id else _who(moment.who or "somebody", moment.why)
        words.append(f"\n{by}", style="dim")
        where = [Text(problem_ref(moment.problem_id))] if several else []
        table.add_row(Text(f"{moment.at:%Y-%m-%d %H:%M}"), *where, words)
    return table


def item_table(found: Sequence[Evidence], *, width: int, elsewhere: bool = False) -> Table:
    """One row an item in at most `width` cells: its name in full, day, account, and its first words, below them a mark
    where they give orders to a machine; before them, of items `elsewhere`, the problem that each is in."""
    owners = [problem_ref(one.problem_id or 0) for one in found]
    owner = 1 + max(map(len, owners), default=0) if elsewhere else 0
    names = [sanitise(one.ref) for one in found]
    accounts = [one_line(one.account_name or "–", _ACCOUNT) for one in found]
    name = min(max(map(cell_len, ["item", *names])), width // 2)
    room = width - owner - name - _DAY - 3
    account = max(min(max(map(cell_len, ["account", *accounts])), room - _LEAST_WORDS), 1)
    says = max(room - account, _LEAST_WORDS)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    if elsewhere:
        table.add_column("in", no_wrap=True, width=owner - 1)
    table.add_column("item", overflow="fold", width=name)
    table.add_column("day", no_wrap=True, width=_DAY)
    table.add_column("account", no_wrap=True, width=account)
    table.add_column("says", no_wrap=True, overflow="ellipsis", width=says)
    for home, item, where, one in zip(owners, names, accounts, found, strict=True):
        words = Text(one_line(one.text, 200))
        if one.is_order:
            words.append(f"\n{GIVES_ORDERS}", style="bold")
        cells = [*([home] if elsewhere else []), item, f"{one.created_at:%Y-%m-%d}", where]
        table.add_row(*map(Text, cells), words)
    return table


def _who(who: str, why: str | None) -> str:
    return f"{one_line(who, 140)}: {one_line(why, _WORDS)}" if why else one_line(who, 140)


def _grid(columns: int = 2) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for _ in range(columns - 1):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
