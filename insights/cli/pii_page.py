"""How well personal data is found, as a page for the terminal, at most 80 cells wide."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from insights.domain.figures import counted
from insights.privacy.scoring import F1, KindScore, PiiScores, Rate
from insights.text.clean import one_line

_NONE = "–"


def pii_page(done: PiiScores) -> RenderableType:
    """Every type with its intervals, the types nobody looks for, what it took, and how to read it."""
    parts: list[RenderableType] = [
        Text(f"{counted(done.texts, 'text')}, engine {done.engine}, phones of {', '.join(done.regions)}\n"),
        _table(done),
        Text(f"\n{done.cpu_seconds_per_1000:.2f} CPU seconds per 1,000 texts"),
    ]
    if done.not_looked_for:
        told = ", ".join(f"{one_line(name, 40)} {count:,}" for name, count in done.not_looked_for.items())
        parts.append(Text(f"not looked for: {told}"))
    return Group(*parts, Text(f"\n{done.rule} {done.left_rule} {done.intervals}"))


def _table(done: PiiScores) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("type")
    for name in ("marked", "recall", "finds", "precision", "F1", "left"):
        table.add_column(name, justify="right")
    for kind in (done.structured, *done.kinds):
        for cells in _rows(kind):
            table.add_row(*map(Text, cells))
        if kind is done.structured:
            table.add_row()
    return table


def _rows(kind: KindScore) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The figures, and their intervals below."""
    left = _NONE if kind.left is None else f"{kind.left:.1%}"
    recall, precision = kind.recall, kind.precision
    figures = (f"{recall.of:,}", _value(recall), f"{precision.of:,}", _value(precision), _value(kind.f1), left)
    return (kind.kind, *figures), ("", "", _interval(recall), "", _interval(precision), _interval(kind.f1), "")


def _value(figure: Rate | F1) -> str:
    return _NONE if figure.value is None else f"{figure.value:.3f}"


def _interval(figure: Rate | F1) -> str:
    return "" if figure.low is None or figure.high is None else f"{figure.low:.3f}–{figure.high:.3f}"
