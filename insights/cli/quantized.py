"""What int8 weights change, as a page for the terminal, at most 80 cells wide."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from insights.embedding.comparison import NEIGHBOURS, Comparison, Share
from insights.embedding.quantize import Quantized


def quantized_page(done: Quantized) -> RenderableType:
    """Where the weights are, size, speed and label accuracy before and after, the neighbours kept, and on what."""
    found = done.comparison
    return Group(
        Text(f"Int8 weights are in {done.folder}.\n", overflow="fold"),
        _table(done),
        Text(f"\nOf the {NEIGHBOURS} nearest texts of each, {_with_interval(found.neighbours_kept)} stay the same."),
        *(Text(line) for line in _label_change(found)),
        Text(
            f"\nOver {found.texts:,} texts, with 95% intervals. Speeds and what one is by the other are medians of "
            f"{found.rounds} turns that the two took in alternation."
        ),
    )


def _table(done: Quantized) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for title in ("float32", "int8", "int8 by float32"):
        table.add_column(title, justify="right")
    for cells in _rows(done):
        table.add_row(*map(Text, cells))
    return table


def _rows(done: Quantized) -> Iterator[tuple[str, ...]]:
    found = done.comparison
    before, after = done.megabytes_before, done.megabytes_after
    yield "weights, MB", f"{before:,.1f}", f"{after:,.1f}", f"{after / before:.2f}"
    yield (
        "texts per second",
        f"{found.before.texts_per_second:,.0f}",
        f"{found.after.texts_per_second:,.0f}",
        f"{found.times_as_fast:.2f}",
    )
    yield (
        "CPU seconds for 1,000 texts",
        f"{found.before.cpu_seconds:,.1f}",
        f"{found.after.cpu_seconds:,.1f}",
        f"{found.cpu_share:.2f}",
    )


def _label_change(found: Comparison) -> Iterator[str]:
    if found.accuracy is None:
        return
    told = found.accuracy
    yield f"\nTexts whose neighbours have most often their label, of {told.labels:,} labels:"
    yield f"  float32  {_with_interval(told.before)}"
    yield f"  int8     {_with_interval(told.after)}"
    yield f"  change   {_with_interval(told.change, sign='+')}"


def _with_interval(share: Share, *, sign: str = "") -> str:
    value, low, high = (f"{part:{sign}z.1%}".replace("-", "−") for part in (share.value, share.low, share.high))
    return f"{value} ({low} to {high})"
