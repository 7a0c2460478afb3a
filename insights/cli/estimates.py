"""Estimates for the terminal: the parts, chances, reasons and assumptions of one, and lists under other assumptions."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insights.domain.estimate import Estimate, Factor, Part, Range
from insights.domain.figures import range_bar, rounded, span, times
from insights.domain.problem import Problem
from insights.estimating import Tried
from insights.text.clean import one_line, sanitise
from insights.worth.simulation import TOP

_INDENT = (0, 0, 0, 2)
_LEAST_TITLE = 20
_BAR = 24
_PERCENTILES = "1 chance in 10 to be below P10, even odds around P50, 1 in 10 to exceed P90"


def estimate_section(estimate: Estimate, currency: str, *, everything: bool = False) -> Iterator[RenderableType]:
    """The parts with their ranges, the chances, why it stands where it stands, and what it assumes: what weighs most
    and what somebody set, or `everything`."""
    yield Text("\nEstimate for a year", style="bold")
    yield Padding(Text(_PERCENTILES, style="dim"), _INDENT, expand=False)
    yield Padding(_parts(estimate, currency), _INDENT, expand=False)
    for line in (_chances(estimate), *estimate.notes):
        if line:
            yield Padding(Text(one_line(line, 300)), _INDENT, expand=False)
    if estimate.beyond is not None:
        yield Padding(Text(_beyond(estimate.beyond, currency), style="dim"), _INDENT, expand=False)
    yield from _reasons(estimate)
    yield from _assumptions(estimate, everything=everything)


def _parts(estimate: Estimate, currency: str) -> Table:
    table = Table(box=None, pad_edge=False, show_header=True, header_style="dim")
    for name in ("", "P10", "P50", "P90"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    table.add_column("how", ratio=1)
    for part in estimate.parts:
        table.add_row(part.name, *_three(part.value, currency), Text(sanitise(part.words)))
    table.add_row(
        "value",
        *_three(estimate.value, currency),
        Text(range_bar(estimate.value, length=_BAR) if estimate.value.low < estimate.value.high else "●"),
        style="bold",
    )
    weeks = estimate.weeks
    source = one_line(estimate.cost_source, 60)
    table.add_row(
        "cost",
        *_three(estimate.cost, currency),
        Text(f"{weeks.low:g} – {weeks.likely:g} – {weeks.high:g} weeks ({source})"),
    )
    roi = estimate.roi
    table.add_row("ROI", times(roi.low), times(roi.likely), times(roi.high), "(value − cost) ÷ cost", style="bold")
    return table


def _chances(estimate: Estimate) -> str:
    """What the simulation says of its place."""
    if estimate.chance_positive is None or estimate.chance_top is None:
        return ""
    words = f"Pays for itself with {estimate.chance_positive:.0%}; among the first {TOP} with {estimate.chance_top:.0%}"
    if estimate.outranks_next is not None:
        words += f"; outranks the next with {estimate.outranks_next:.0%}"
    tied = (
        f". Cannot be told apart from #{estimate.tie}: tied" if estimate.tie and estimate.tie != estimate.rank else ""
    )
    first = ". Others below cannot be told apart from it: tied" if estimate.tie == estimate.rank else ""
    return f"{words}{tied}{first if estimate.tie else ''}."


def _beyond(part: Part, currency: str) -> str:
    return f"{part.name}: {span(part.value, currency)}, {part.words}"


def _reasons(estimate: Estimate) -> Iterator[RenderableType]:
    yield Text(f"\nWhy #{estimate.rank}" if estimate.rank else "\nWhy", style="bold")
    yield Padding(Text(one_line(estimate.reason, 300)), _INDENT, expand=False)
    if estimate.factors:
        yield Padding(_factors(estimate.factors), _INDENT, expand=False)
    for line in (estimate.flip, estimate.worth_knowing):
        if line:
            yield Padding(Text(f"{line[:1].upper()}{line[1:]}."), _INDENT, expand=False)


def _factors(factors: Sequence[Factor]) -> Table:
    """What sets its return apart from the typical problem's, the largest first."""
    table = Table(box=None, pad_edge=False, show_header=True, header_style="dim")
    table.add_column("beside the typical problem", no_wrap=True)
    table.add_column("ROI", justify="right", no_wrap=True)
    table.add_column("here", ratio=1)
    for factor in sorted(factors, key=lambda one: -abs(one.share)):
        sign = "+" if factor.share >= 0 else ""
        table.add_row(factor.name, f"{sign}{times(factor.share)}", Text(one_line(factor.words, 120)))
    return table


def _assumptions(estimate: Estimate, *, everything: bool) -> Iterator[RenderableType]:
    shown = estimate.assumptions if everything else estimate.main_assumptions
    if not shown:
        return
    yield Text("\nAssumptions (change them in insights.toml, or for one problem: insights estimate)", style="bold")
    table = Table(box=None, pad_edge=False, show_header=False, style="dim")
    for one in shown:
        by = f"[{one.setting}]" if one.source == "settings" else f"[{one_line(one.source, 40)}]"
        table.add_row(one.name, Text(one_line(one.value, 200)), Text(by))
    yield Padding(table, _INDENT, expand=False)
    if more := len(estimate.assumptions) - len(shown):
        yield Padding(Text(f"and {more} more: add --assumptions", style="dim"), _INDENT)


def _three(some: Range, currency: str) -> tuple[str, str, str]:
    low, likely, high = (rounded(amount, some, currency) for amount in (some.low, some.likely, some.high))
    return low, likely, high


# -- changes ------------------------------------------------------------------------------------------------------


def change_in_words(before: Problem, after: Problem, *, currency: str) -> Iterator[str]:
    """What became of one problem's estimate."""
    old, new = before.estimate, after.estimate
    if old is None or new is None:
        yield f"{after.ref} is estimated by the next analysis: insights analyze"
        return
    yield f"{after.ref} {one_line(after.title, 60)}: {_changed(_place(old), _place(new))}"
    value = _changed(span(old.value, currency), span(new.value, currency))
    cost = _changed(span(old.cost, currency), span(new.cost, currency))
    yield f"value {value}; cost {cost}"
    yield f"ROI {_changed(times(old.roi.likely), times(new.roi.likely))}. Take it back with: insights undo"


def _changed(old: str, new: str) -> str:
    return f"{old} → {new}" if old != new else f"stays {new}"


def _place(estimate: Estimate) -> str:
    return f"#{estimate.rank}" if estimate.rank else "no rank"


def moves_in_words(tried: Sequence[Tried], changes: Iterable[str]) -> Text:
    """What other assumptions do to the first ten, in a sentence."""
    before = {one.problem.id for one in tried if (one.before.rank or TOP + 1) <= TOP}
    after = {one.problem.id for one in tried if (one.after.rank or TOP + 1) <= TOP}
    with_words = one_line(", ".join(changes), 200)
    others = len(after - before)
    first = min(TOP, len(tried))
    said = f"the first {first} stay the same problems"
    if others:
        said = f"{others} of the first {first} {'was' if others == 1 else 'were'} not there before"
    most = max(tried, key=lambda one: abs(one.rise))
    if not most.rise:
        return Text(f"With {with_words}: {said}, and no problem moves.")
    verb = "rises" if most.rise > 0 else "falls"
    return Text(
        f"With {with_words}: {said}; {most.problem.ref} {verb} most, {_place(most.before)} → {_place(most.after)}."
    )


def tried_table(tried: Sequence[Tried], *, currency: str, width: int) -> Table:
    """One line a problem in at most `width` cells: its place, how it moved, return and value as they would be."""
    rows = [
        (
            f"{one.after.rank}",
            moved(one.rise),
            one.problem.ref,
            times(one.before.roi.likely),
            times(one.after.roi.likely),
            span(one.after.value, currency),
        )
        for one in tried
    ]
    names = ("#", "move", "id", "ROI now", "then", "value/yr")
    taken = sum(max(map(cell_len, column)) + 1 for column in zip(names, *rows, strict=True))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name in names[:3]:
        table.add_column(name, justify="left" if name == "id" else "right", no_wrap=True)
    table.add_column("problem", no_wrap=True, overflow="ellipsis", max_width=max(width - taken - 1, _LEAST_TITLE))
    for name in names[3:]:
        table.add_column(name, justify="right", no_wrap=True)
    for row, one in zip(rows, tried, strict=True):
        table.add_row(*row[:3], Text(one_line(one.problem.title, 90)), *row[3:])
    return table


def moved(rise: int) -> str:
    """▲3 up three places, ▼2 down two, = where it was."""
    return f"▲{rise}" if rise > 0 else f"▼{-rise}" if rise < 0 else "="
