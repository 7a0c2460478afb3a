"""Show a digest: as Markdown, in a terminal, as data. Words from outside show as written and do nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from insights.digest.changes import Data, Decided, Digest, Line, Shortlist
from insights.domain.figures import counted, likely, money_range, spark, times
from insights.domain.problem import TOLD, Movement
from insights.domain.run import Run
from insights.text.clean import one_line
from insights.text.markdown import literal

NARROW = 100
"""Columns below which trends are shortened to twelve weeks."""

INDENT = 6
"""Columns before what stands below a title: as wide as `P-123 `."""

WAITING = "Waiting for a decision"


def to_json(digest: Digest) -> dict[str, Any]:
    """The digest as JSON knows it: dates as ISO 8601, unknown as null, titles as plain text."""
    return {name: _plain(value) for name, value in asdict(digest).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


# -- words that both renderings share ---------------------------------------------------------------------------


def _lists(digest: Digest) -> tuple[tuple[str, Shortlist], ...]:
    return (
        ("New", digest.new),
        ("Growing", digest.growing),
        ("Fading", digest.fading),
        (WAITING, digest.waiting),
    )


def _period(digest: Digest) -> str:
    start = "from the beginning" if digest.since is None else f"from {digest.since:%Y-%m-%d}"
    return f"{start} to {digest.now:%Y-%m-%d}"


def _details(line: Line, currency: str, *, waits: bool) -> list[str]:
    """What is told of a problem besides its title; nothing of it comes from outside. Where it `waits`, its movement
    is a word: its counts stand in the list above."""
    moved = line.movement is not Movement.STEADY
    told = [line.movement.value] if waits and moved else [line.change]
    told.append(counted(line.accounts, "account") if line.accounts else "no known account")
    if line.value is not None:
        told.append(f"{likely(line.value, currency)} a year ({money_range(line.value, currency)})")
    if line.roi is not None:
        told.append(f"ROI {times(line.roi.likely)}")
    return [*told, line.note] if line.note and not waits else told


def _decision(decided: Decided) -> str:
    until = f" until {decided.until:%Y-%m-%d}" if decided.until else ""
    return f"{decided.words or TOLD[decided.action]}{until} on {decided.at:%Y-%m-%d}"


def _data(digest: Digest) -> Iterator[tuple[str, str]]:
    data = digest.data
    kinds = ", ".join(f"{number:,} {kind.value}" for kind, number in data.by_kind.items())
    since = "" if data.items_since is None or digest.since is None else f"; {data.items_since:,} new or changed"
    yield "Items", f"{data.items:,}{f' ({kinds})' if kinds else ''}{since}"
    if data.by_stance:
        yield "Mentions", ", ".join(f"{number:,} {stance.value}" for stance, number in data.by_stance.items())
    yield "Unassigned", _unassigned(data)
    yield "Left out", "praise, questions and noise are not ranked"
    yield "Uncertain", f"{counted(data.uncertain_accounts, 'item')} without a certain account"
    yield "Redacted", counted(data.redacted, "personal detail")
    yield "Newest", _freshness(digest)


def _unassigned(data: Data) -> str:
    now = f"{counted(data.unassigned, 'mention')} of {counted(data.unassigned_items, 'item')} in no problem"
    return f"{now}; {data.settled:,} that waited found one" if data.settled else now


def _freshness(digest: Digest) -> str:
    newest = digest.data.newest
    if newest is None:
        return "no item yet"
    days = (digest.now.date() - newest.date()).days
    age = "today" if days == 0 else f"{counted(days, 'day')} ago" if days > 0 else "in the future"
    return f"{newest:%Y-%m-%d}, {age}"


def _run(run: Run | None) -> Iterator[tuple[str, str]]:
    if run is None:
        yield "Last run", "none yet"
        return
    where = f" at {run.stage}" if run.stage else ""
    yield "Last run", f"{run.started_at:%Y-%m-%d %H:%M}, {run.status.value}{where}, words by {run.mode}"
    if run.counts:
        yield "Stages", ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in run.counts.items())
    yield "Spent", f"${run.spend_usd:,.2f} on models"
    for failure in run.failures:
        yield "Failure", one_line(failure)


# -- Markdown ---------------------------------------------------------------------------------------------------


def to_markdown(digest: Digest, currency: str) -> str:
    """CommonMark, ending with a line end."""
    opening = f"**{literal(digest.opening.words)}**"
    period = f"_{_period(digest)}; words: {literal(digest.opening.mode)}_"
    parts = ["# What changed", opening, f"{literal(digest.headline)}", period]
    if digest.troubles:
        parts += ["## Sources", "\n".join(f"- {literal(words)}" for words in digest.troubles)]
    for name, shortlist in _lists(digest):
        parts += _markdown_list(name, shortlist, currency)
    if digest.decided_total:
        parts += [f"## Decided ({digest.decided_total})", "\n".join(map(_markdown_decided, digest.decided))]
    facts = [*_data(digest), *_run(digest.run)]
    parts += ["## Data", "\n".join(f"- **{name}:** {literal(words)}" for name, words in facts)]
    return "\n\n".join(parts) + "\n"


def _markdown_list(name: str, shortlist: Shortlist, currency: str) -> list[str]:
    if not shortlist.total:
        return []
    lines = []
    for line in shortlist.lines:
        details = "; ".join(_details(line, currency, waits=name == WAITING))
        lines.append(f"- **{line.ref}** {literal(line.title)} {spark(line.weekly[-12:])}  \n  {details}")
    rest = [f"- and {shortlist.more} more"] if shortlist.more else []
    return [f"## {name} ({shortlist.total})", "\n".join([*lines, *rest])]


def _markdown_decided(decided: Decided) -> str:
    why = f": {literal(decided.why)}" if decided.why else ""
    return f"- **{decided.ref}** {literal(decided.title)}: {_decision(decided)} by {literal(decided.who)}{why}"


# -- terminal ---------------------------------------------------------------------------------------------------


def to_terminal(digest: Digest, currency: str, width: int) -> RenderableType:
    """What Rich prints at `width` columns."""
    heading = Text(digest.opening.words, style="bold").append(Text(f"\n{digest.headline}", style="dim"))
    subtitle = f"{_period(digest)} · words: {digest.opening.mode}"
    parts: list[RenderableType] = [Panel(heading, title="What changed", subtitle=Text(subtitle), title_align="left")]
    if digest.troubles:
        parts.append(_heading("Sources"))
        parts += [Text(f"{one_line(words, 400)}", style="bold red") for words in digest.troubles]
    for name, shortlist in _lists(digest):
        if shortlist.total:
            parts.append(_heading(f"{name} ({shortlist.total})"))
            for line in shortlist.lines:
                parts += _problem(line, _details(line, currency, waits=name == WAITING), width=width)
            parts += [_below(f"and {shortlist.more} more")] if shortlist.more else []
    if digest.decided_total:
        parts.append(_heading(f"Decided ({digest.decided_total})"))
        parts += [part for decided in digest.decided for part in _terminal_decided(decided)]
    parts += [_heading("Data"), _facts([*_data(digest), *_run(digest.run)])]
    return Group(*parts)


def _heading(words: str) -> Text:
    return Text(f"\n{words}", style="bold cyan")


def _below(words: str) -> Padding:
    """Words under a title."""
    return Padding(Text(words, style="dim"), (0, 0, 0, INDENT))


def _problem(line: Line, details: Sequence[str], *, width: int) -> list[RenderableType]:
    """The title with its trend, and the figures below."""
    trend = spark(line.weekly[-12 if width < NARROW else -26 :])
    return [_titled(line.ref, line.title, trend), *(_below(words) for words in _packed(details, width - INDENT))]


def _titled(ref: str, title: str, trend: str = "") -> Table:
    """One row: the title gives way where there is too little room."""
    row = Table.grid(padding=(0, 1), expand=True)
    row.add_column(no_wrap=True, min_width=INDENT - 1)
    row.add_column(ratio=1)
    row.add_column(no_wrap=True, justify="right")
    row.add_row(Text(ref, style="bold"), Text(title, no_wrap=True, overflow="ellipsis"), Text(trend, style="cyan"))
    return row


def _packed(details: Sequence[str], width: int) -> list[str]:
    """As few lines as hold the details, none broken within."""
    lines: list[str] = []
    for detail in details:
        if lines and len(lines[-1]) + len(detail) + 3 <= width:
            lines[-1] += f" · {detail}"
        else:
            lines.append(detail)
    return lines


def _terminal_decided(decided: Decided) -> list[RenderableType]:
    why = f": {decided.why}" if decided.why else ""
    return [_titled(decided.ref, decided.title), _below(f"{_decision(decided)} by {decided.who}{why}")]


def _facts(facts: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for name, words in facts:
        style = "bold red" if name == "Failure" else "dim"
        table.add_row(Text(name, style=style), Text(words))
    return table
