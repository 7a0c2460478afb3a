"""Two nights beside each other for the terminal: what happened, and how problems moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insights.cli.estimates import moved
from insights.cli.tables import DASH
from insights.digest.story import Tone
from insights.digest.words import Words
from insights.domain.figures import counted, money, times
from insights.domain.night import News, Night, Reason, Seen
from insights.domain.problem import State, problem_ref
from insights.news.differences import Difference
from insights.text.clean import one_line

_STYLES = {Tone.ALERT: "bold yellow", Tone.BAD: "bold red", Tone.GOOD: "bold green", Tone.PLAIN: "bold"}
_TITLE = 90
_WIDE = 100
"""Cells from which returns are shown beside values."""
_LEAST_BADGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What problems and accounts are called now, and what is said of them. `titles` and `accounts` by id."""

    titles: Mapping[int, str]
    accounts: Mapping[int, str]
    words: Words
    currency: str

    def title(self, number: int) -> str:
        return one_line(self.titles.get(number, ""), _TITLE)

    def news(self, one: News) -> str:
        return self.words.news(one, titles=self.titles)

    def why(self, one: News) -> str:
        """The reasons."""
        return self.words.why(one, accounts=self.accounts)

    def reason(self, reason: Reason) -> str:
        return self.words.reason(reason, accounts=self.accounts)


def diff_page(
    first: Night,
    last: Night,
    news: Sequence[News],
    listed: Sequence[Difference],
    names: Names,
    *,
    width: int,
    total: int,
) -> Iterator[RenderableType]:
    """Which nights, what happened between them, and of `total` problems that changed those listed, as a table in at
    most `width` cells."""
    yield Text(f"Run {first.run_id} ({first.at:%Y-%m-%d}) → run {last.run_id} ({last.at:%Y-%m-%d})", style="bold")
    yield Text(_whole(first, last), style="dim")
    if first.settings != last.settings:
        yield Text("What estimates assume was changed in between; ranks and values moved for that, too.", style="dim")
    yield Text("\nNews", style="bold")
    if news:
        yield Padding(_news_table(news, names), (0, 0, 0, 2), expand=False)
    else:
        yield Padding(Text("Nothing that is told: no alarm, no move beyond chance.", style="dim"), (0, 0, 0, 2))
    if listed:
        yield Text("\nProblems", style="bold")
        yield Padding(_problem_table(listed, names, width=width - 2), (0, 0, 0, 2), expand=False)
    if total > len(listed):
        yield Text(f"  … {total - len(listed):,} more changed: --limit {total}", style="dim")


def _whole(first: Night, last: Night) -> str:
    then, now = len(first.problems), len(last.problems)
    items = sum(one.items for one in last.problems.values()) - sum(one.items for one in first.problems.values())
    return f"{counted(now, 'problem')} ({now - then:+,}), {items:+,} items in problems".replace("-", "−")


# -- news -----------------------------------------------------------------------------------------------------------


def _news_table(news: Sequence[News], names: Names) -> Table:
    """What happened, to what; below it the figures and the reasons."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, min_width=_LEAST_BADGE)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for one in news:
        badge = Text(names.words.badge(one), style=_STYLES[names.words.tone(one)])
        table.add_row(badge, problem_ref(one.problem_id), _said(one, names))
    return table


def _said(one: News, names: Names) -> Text:
    why = names.why(one)
    happened = one_line(one.words, 200) or names.news(one)
    told = ": ".join(part for part in (happened, why) if part)
    return _two_lines(names.title(one.problem_id), told)


def _two_lines(title: str, below: str) -> Text:
    text = Text(title)
    return text.append("\n" if title else "").append(below, style="dim") if below else text


# -- problems -------------------------------------------------------------------------------------------------------


def _problem_table(listed: Sequence[Difference], names: Names, *, width: int) -> Table:
    """One row a problem: ranks, title with the reasons below it, value and items then and now."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", justify="left", no_wrap=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("id", no_wrap=True)
    table.add_column("problem", ratio=1, overflow="fold")
    if width >= _WIDE:
        table.add_column("ROI", justify="right", no_wrap=True)
    table.add_column("value/yr", justify="right", no_wrap=True)
    table.add_column("items", justify="right", no_wrap=True)
    for one in listed:
        cells: list[RenderableType] = [
            _move(one),
            _pair(_rank(one.before), _rank(one.after)),
            problem_ref(one.problem_id),
            _two_lines(names.title(one.problem_id), _why(one, names)),
        ]
        if width >= _WIDE:
            cells.append(_pair(_times(one.before), _times(one.after)))
        cells += [_pair(_value(one.before, names), _value(one.after, names)), _items(one)]
        table.add_row(*cells)
    return table


def _move(one: Difference) -> Text:
    if one.before is None:
        return Text("new", style="bold yellow")
    if one.after is None:
        return Text("gone", style="dim")
    rise = one.rise
    style = "dim" if not rise else "green" if rise > 0 else "red"
    return Text(DASH if rise is None else moved(rise), style=style)


def _why(one: Difference, names: Names) -> str:
    """Where it went, how its state changed, and what changed its return."""
    if one.after is None:
        if one.heir is None:
            return "nothing tells of it any more"
        return f"merged into {names.words.titled(one.heir, names.titles)}"
    told = [_state(one.before, one.after), *(names.reason(reason) for reason in one.reasons)]
    return "; ".join(part for part in (_against(one), ", ".join(word for word in told if word)) if part)


def _against(one: Difference) -> str:
    """Where its rank went the other way than its own return: what else moved it."""
    if not one.rise or one.before is None or one.after is None:
        return ""
    own = (one.after.roi or 0.0) - (one.before.roi or 0.0)
    return "" if own * one.rise > 0 else "others rose more" if one.rise < 0 else "others fell more"


def _state(before: Seen | None, after: Seen) -> str:
    is_new = before is not None and before.state is not after.state
    return f"{after.state.value} now" if is_new and after.state is not State.MERGED else ""


def _pair(then: str, now: str) -> Text:
    """10 → 5; what did not change stands alone."""
    if then == now:
        return Text(now)
    if DASH in (then, now):
        return Text(now if then == DASH else then, style="" if then == DASH else "dim")
    return Text.assemble((f"{then} → ", "dim"), now)


def _rank(seen: Seen | None) -> str:
    return DASH if seen is None or seen.rank is None else f"{seen.rank:,}"


def _value(seen: Seen | None, names: Names) -> str:
    return DASH if seen is None or seen.value is None else money(seen.value, names.currency)


def _times(seen: Seen | None) -> str:
    return DASH if seen is None or seen.roi is None else times(seen.roi)


def _items(one: Difference) -> Text:
    more = (one.after.items if one.after else 0) - (one.before.items if one.before else 0)
    return Text(f"{more:+,}".replace("-", "−"), style="" if more else "dim") if more else Text(DASH, style="dim")
