"""Why an item is where it is, what is in no problem, and themes, for the terminal. Text from outside is literal, never
markup."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insights.domain.feedback import GIVES_ORDERS
from insights.explanation import Explanation, Told, Unassigned, reason_in_words, waiting_in_words
from insights.text.clean import one_line, sanitise
from insights.themes import Area

_WORDS = 200
_ACCOUNT, _DAY, _LEAST_WORDS, _THEME = 20, 10, 10, 40
"""Cells."""


def explanation_page(found: Explanation) -> Iterator[RenderableType]:
    """The item, each of its mentions with the sentences that explain its place, and the rules about it."""
    origin = [f"{found.day:%Y-%m-%d}", *([one_line(found.account, 60)] if found.account else [])]
    yield Text(sanitise(found.item), style="bold")
    yield Text(" · ".join(origin), style="dim")
    if found.is_order:
        yield Text(GIVES_ORDERS, style="bold")
    if not found.mentions:
        why = "Nothing in it can be grouped." if found.is_analysed else "Not analysed yet: `insights analyze` will."
        yield Padding(Text(why), (1, 0, 0, 0))
    for mention in found.mentions:
        yield from _mention(mention)
    if found.rules:
        yield Text("\nWhat people said of it", style="bold")
    for rule in found.rules:
        reason = f" ({rule.reason})" if rule.reason else ""
        why = f": {one_line(rule.why, _WORDS)}" if rule.why else ""
        words = f"{sanitise(rule.words)}; {rule.status.value}{sanitise(reason)}."
        yield Padding(Text(f"{words}\n{one_line(rule.who, 60)}, {rule.at:%Y-%m-%d}{why}"), (0, 0, 0, 2), expand=False)


def _mention(mention: Told) -> Iterator[RenderableType]:
    yield Text(f"\n“{one_line(mention.words, _WORDS)}”")
    for sentence in mention.sentences:
        yield Padding(Text(sanitise(sentence), style="dim"), (0, 0, 0, 2), expand=False)


def unassigned_page(found: Unassigned, *, width: int) -> Iterator[RenderableType]:
    """How much waits, why, and the newest of it in at most `width` cells."""
    yield Text(waiting_in_words(found), style="bold")
    if not found.mentions:
        return
    reasons = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    reasons.add_column(justify="right", no_wrap=True)
    reasons.add_column(no_wrap=True)
    reasons.add_column(overflow="fold")
    for one in found.reasons:
        reasons.add_row(f"{one.mentions:,}", Text(one.reason), Text(reason_in_words(one.reason)))
    yield Padding(reasons, (1, 0, 1, 0), expand=False)
    yield _newest(found, width=width)


def _newest(found: Unassigned, *, width: int) -> Table:
    names = [sanitise(one.ref) for one, _ in found.newest]
    accounts = [one_line(one.account_name or "–", _ACCOUNT) for one, _ in found.newest]
    name = min(max(map(cell_len, ["item", *names])), width // 3)
    account = max(map(cell_len, ["account", *accounts])) if width >= 100 else 0
    why = max(map(cell_len, ["why", *(reason for _, reason in found.newest)]))
    says = max(width - name - account - why - _DAY - (4 if account else 3), _LEAST_WORDS)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("item", overflow="fold", width=name)
    table.add_column("day", no_wrap=True, width=_DAY)
    table.add_column("why", no_wrap=True, width=why)
    if account:
        table.add_column("account", no_wrap=True, width=account)
    table.add_column("says", no_wrap=True, overflow="ellipsis", width=says)
    for item, where, (one, reason) in zip(names, accounts, found.newest, strict=True):
        words = Text(one_line(one.text, _WORDS))
        if one.is_order:
            words.append(f"\n{GIVES_ORDERS}", style="bold")
        cells = [item, f"{one.created_at:%Y-%m-%d}", reason, *([where] if account else [])]
        table.add_row(*map(Text, cells), words)
    return table


def theme_table(found: Sequence[Area], *, width: int) -> Table:
    """One row a theme in at most `width` cells: id, name, counts, and its best ranked problem."""
    names = [one_line(area.name, _THEME) for area in found]
    best = [f"{area.problems[0].ref} {one_line(area.problems[0].title, _WORDS)}" for area in found]
    counts = [(f"{len(area.problems):,}", f"{area.items:,}", f"{area.accounts:,}") for area in found]
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("id", justify="right", no_wrap=True)
    table.add_column("theme", no_wrap=True)
    for name in ("problems", "items", "accts"):
        table.add_column(name, justify="right", no_wrap=True)
    taken = max(len(str(area.id)) for area in found) + max(map(cell_len, ["theme", *names])) + len("problemsitemsaccts")
    table.add_column("best ranked", no_wrap=True, overflow="ellipsis", max_width=max(width - taken - 7, _LEAST_WORDS))
    for area, name, some, first in zip(found, names, counts, best, strict=True):
        table.add_row(*map(Text, (str(area.id), name, *some, first)))
    return table
