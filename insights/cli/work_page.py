"""Finished work as a table for the terminal. Text from outside is literal, never markup."""

from collections.abc import Iterator, Sequence
from typing import Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from insights.domain.figures import counted
from insights.domain.finished_work import FinishedWork
from insights.storage.finished_work import WorkCount
from insights.text.clean import one_line

_MOST = {"id": 24, "source": 20}
"""Cells."""
_TITLE_LEAST = 10


def work_table(works: Sequence[FinishedWork], *, width: int) -> Table:
    """One line an issue in at most `width` cells; the title gets what the others leave."""
    cells = {
        "id": [one_line(work.source_id) for work in works],
        "title": [one_line(work.title or work.text) for work in works],
        "weeks": [f"{work.weeks:.2g}" for work in works],
        "finished": [f"{work.finished_on:%Y-%m-%d}" if work.finished_on else "–" for work in works],
        "source": [one_line(work.source) for work in works],
    }
    widths = {name: min(max(map(cell_len, [name, *column])), _MOST.get(name, width)) for name, column in cells.items()}
    taken = sum(1 + size for name, size in widths.items() if name != "title")
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name, size in widths.items():
        most = max(width - taken, _TITLE_LEAST) if name == "title" else size
        side: Literal["left", "right"] = "right" if name == "weeks" else "left"
        table.add_column(name, justify=side, no_wrap=True, overflow="ellipsis", max_width=most)
    for row in zip(*cells.values(), strict=True):
        table.add_row(*map(Text, row))
    return table


def source_lines(counts: Sequence[WorkCount]) -> Iterator[str]:
    """How much each source brought, and what still has no vector."""
    for count in counts:
        waiting = count.issues - (count.embedded or 0)
        later = f", {waiting:,} of them compared from the next analysis on" if waiting else ""
        yield f"{one_line(count.source)}: {counted(count.issues, 'finished issue')}{later}"
