"""A digest in a terminal, to be read in half a minute. Words from outside are literal, never markup."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from insights.digest.story import Entry, Part, Section, Story, Tone
from insights.domain.figures import spark
from insights.text.clean import one_line

NARROW = 100
"""Columns below which trends are shortened to twelve weeks."""

INDENT = 6
"""Columns before what stands below a title: as wide as `P-123 `."""

_SHORT_WEEKS, _WEEKS = 12, 26
_LIMIT = 400
"""Characters of one sentence."""
_STYLES = {Tone.ALERT: "bold red", Tone.BAD: "bold yellow", Tone.GOOD: "bold green", Tone.PLAIN: "bold"}
"""Of a badge, which says the same in words."""


def to_terminal(story: Story, width: int) -> RenderableType:
    """What Rich prints at `width` columns."""
    head = Text.assemble((one_line(story.headline, _LIMIT), "bold"), (f"\n{one_line(story.period, _LIMIT)}", "dim"))
    parts: list[RenderableType] = [Panel(head, title=Text(one_line(story.title, _LIMIT)), title_align="left")]
    for section in story.sections:
        parts += _section(section, width)
    feet = [Text(one_line(words, _LIMIT), style="dim") for words in (story.footer, story.by) if words]
    parts += [Text(""), *feet] if feet else []
    return Group(*parts)


def _section(section: Section, width: int) -> Iterator[RenderableType]:
    yield Text(f"\n{one_line(section.heading, _LIMIT)}", style="bold cyan")
    if section.part in (Part.DATA, Part.TROUBLES):
        yield _facts(section.entries)
    else:
        for entry in section.entries:
            yield from _problem(entry, width)
    if section.more:
        yield _below(Text(one_line(section.more, _LIMIT), style="dim"))


def _below(words: Text) -> Padding:
    """Words under a title."""
    return Padding(words, (0, 0, 0, INDENT))


def _problem(entry: Entry, width: int) -> Iterator[RenderableType]:
    """The title with its trend, and below it what happened and what it is worth."""
    yield _titled(entry, spark(entry.weekly[-(_SHORT_WEEKS if width < NARROW else _WEEKS) :]))
    *news, last = entry.told or ("",)
    badge = f"{one_line(entry.badge, _LIMIT)}  " if entry.badge else ""
    lines = [*news, *_packed([last, entry.worth], width - INDENT, first=0 if news else cell_len(badge))]
    lines = lines if any(lines) or badge else []
    for number, words in enumerate(one_line(line, _LIMIT) for line in lines):
        yield _below(Text.assemble(("" if number else badge, _STYLES[entry.tone]), words))
    if entry.quote:
        yield _below(Text(f"“{one_line(entry.quote, _LIMIT)}”", style="italic"))


def _titled(entry: Entry, trend: str) -> Table:
    """One row: the title gives way where there is too little room."""
    row = Table.grid(padding=(0, 1), expand=True)
    row.add_column(no_wrap=True, min_width=INDENT - 1)
    row.add_column(ratio=1)
    row.add_column(no_wrap=True, justify="right")
    title = Text(one_line(entry.title, _LIMIT), no_wrap=True, overflow="ellipsis", style="bold")
    row.add_row(Text(one_line(entry.ref, _LIMIT), style="dim"), title, Text(trend, style="cyan"))
    return row


def _packed(told: Sequence[str], width: int, *, first: int) -> list[str]:
    """On one line where there is room, the first of it `first` cells less; each on its own where there is not."""
    words = [one_line(one, _LIMIT) for one in told if one]
    line = " · ".join(words)
    return [line] if cell_len(line) + first <= width else words


def _facts(entries: Iterable[Entry]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for entry in entries:
        told = _joined([one_line(words, _LIMIT) for words in (entry.badge, *entry.told) if words])
        style = "" if entry.tone is Tone.PLAIN else _STYLES[entry.tone]
        title = one_line(entry.title, _LIMIT)
        name, words = (title, told) if told else ("", title)
        table.add_row(Text(name, style="dim"), Text(words, style=style))
    return table


def _joined(told: Sequence[str]) -> str:
    """With a dot between those that end without a full stop."""
    return "".join(f"{one} " if one[-1:] in ".!?…" else f"{one} · " for one in told[:-1]) + "".join(told[-1:])
