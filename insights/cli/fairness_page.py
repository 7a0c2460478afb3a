"""Shares of the top of the list as tables for the terminal, at most 80 cells wide, with what to do in words."""

from collections.abc import Iterator, Sequence

from rich.console import Group as Page
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from insights.fairness import OF_ITEMS, Fairness
from insights.worth.fairness import LEAST_RATIO, Group, Ratio, Shares, Verdict

MOST_ROWS = 8
"""Groups of one attribute; flagged ones are shown whatever their number."""

_BAR = 8
_EIGHTHS = " ▏▎▍▌▋▊▉"
_NAME_MOST = 17
_LONG_NAME = 40
_NONE = "–"


def fairness_page(found: Sequence[Fairness], *, order: str) -> RenderableType:
    """Every attribute with its flags, and what to do. `order` names the order, as in "ROI"."""
    shares = found[0].shares
    parts: list[RenderableType] = [Text(_heading(shares, order))]
    for one in found:
        parts += [Text(), *([_table(one)] if one.shares.groups else []), *map(Text, _notes(one))]
        parts += [Text(line, style="bold") for line in flags(one)]
    return Page(*parts, *(Text(line) for line in ("", *what_to_do(found))))


def flags(one: Fairness) -> list[str]:
    """A sentence or two for each flagged group: how low, and whether the order is the cause."""
    return [_flag(group, one) for group in one.shares.groups if group.is_flagged]


def what_to_do(found: Sequence[Fairness]) -> Iterator[str]:
    """What helps against the flags there are, and how far to trust them."""
    flagged = [group for one in found for group in one.shares.groups if group.is_flagged]
    if found[0].shares.problems <= found[0].shares.top:
        return
    yield (
        "ratio: share of the first ÷ share of all problems, or of accounts, with its 95% range. Ten places tell "
        "little: a range that reaches 1 may be chance."
    )
    if not flagged:
        yield f"Nothing is below {LEAST_RATIO}."
    if any(group.to_problems.is_below for group in flagged):
        yield (
            "Low against problems: the order does it. Look through another lens (insights problems --lens accounts), "
            "or limit what one customer counts (worth.account_limit in insights.toml)."
        )
    if any(not group.to_problems.is_below for group in flagged):
        yield (
            "Low against accounts alone: they say less, so no order brings them up. Ask them, bring in where they "
            "write, or count those not heard from (worth.reach_silent)."
        )


def closing_line(found: Sequence[Fairness]) -> str | None:
    """For the end of an analysis: groups that are clearly low, their whole range below; None where there is none."""
    low = [group.name for one in found for group in one.shares.groups if group.is_clearly_low]
    if not low:
        return None
    more = f" and {len(low) - 3} more" if len(low) > 3 else ""
    first = f"the first {found[0].shares.top}"
    return f"Less than {LEAST_RATIO} of their share of {first}: {', '.join(low[:3])}{more}. See `insights fairness`."


def _heading(shares: Shares, order: str) -> str:
    if shares.problems <= shares.top:
        return f"There are {shares.problems} problems: all are among the first {shares.top}, so no group can be judged."
    return f"The first {shares.top} of {shares.problems} problems by {order}: whose they are."


def _table(one: Fairness) -> Table:
    shares = one.shares
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(one.attribute, no_wrap=True, overflow="ellipsis", max_width=_NAME_MOST)
    table.add_column("", no_wrap=True)
    for name in (f"first {shares.top}", f"all {shares.problems:,}"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("ratio", no_wrap=True)
    table.add_column("accounts", justify="right", no_wrap=True)
    table.add_column("ratio", no_wrap=True)
    for group in _shown(shares):
        table.add_row(*map(Text, _cells(group)), style="bold" if group.is_flagged else "")
    return table


def _shown(shares: Shares) -> list[Group]:
    return [group for place, group in enumerate(shares.groups) if place < MOST_ROWS or group.is_flagged]


def _cells(group: Group) -> tuple[str, ...]:
    return (
        group.name,
        _bar(group.top),
        f"{group.top:.0%}",
        f"{group.problems:.0%}",
        _ratio(group.to_problems),
        f"{group.accounts:.0%}",
        _ratio(group.to_accounts),
    )


def _bar(share: float) -> str:
    whole, part = divmod(round(min(max(share, 0), 1) * _BAR * 8), 8)
    return ("█" * whole + _EIGHTHS[part]).strip().ljust(_BAR)


def _ratio(ratio: Ratio) -> str:
    if ratio.verdict is Verdict.TOO_FEW or ratio.value is None or ratio.low is None or ratio.high is None:
        return "too few"
    return f"{ratio.value:.2f} {_range(ratio.low, ratio.high)}"


def _range(low: float, high: float) -> str:
    return f"{low:.1f}–{high:.1f}" if high < 10 else f"{low:.1f}–{high:.0f}"


def _notes(one: Fairness) -> Iterator[str]:
    shares = one.shares
    hidden = len(shares.groups) - len(_shown(shares))
    if hidden:
        yield f"and {hidden} smaller; --json lists all."
    if not shares.groups:
        where = "An import of accounts brings it." if one.attribute not in OF_ITEMS else ""
        yield f"No {one.attribute} is known of any customer with a problem. {where}".rstrip()
    elif max(shares.unknown_top, shares.unknown_problems) >= 0.005:
        yield (
            f"{one.attribute} unknown: {shares.unknown_top:.0%} of the first {shares.top}, "
            f"{shares.unknown_problems:.0%} of all; left out of the shares."
        )


def _flag(group: Group, one: Fairness) -> str:
    below = [
        f"{share:.0%} of {what}: ratio {ratio.value:.1f}"
        for share, what, ratio in (
            (group.problems, "problems", group.to_problems),
            (group.accounts, "accounts", group.to_accounts),
        )
        if ratio.is_below
    ]
    name = group.name if len(group.name) <= _LONG_NAME else f"{group.name[:_LONG_NAME]}…"
    said = f"{name}: {group.top:.0%} of the first {one.shares.top}, {'; '.join(below)}, below {LEAST_RATIO}."
    if group.to_problems.is_below:
        return f"{said} Of orders drawn at random {_in_hundred(group.chance)} in 100 do so."
    return f"{said} It has {group.problems:.0%} of all problems: it says less, the order takes little."


def _in_hundred(chance: float) -> str:
    return f"{chance * 100:.0f}" if chance >= 0.01 else "fewer than one"
