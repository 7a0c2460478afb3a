"""What was distilled from a language model's answers, as pages for the terminal, at most 80 cells wide."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from insights.distillation import Outcome, Standing
from insights.domain.figures import counted
from insights.grouping.scores import Figure
from insights.language.distilling_figures import Figures, Quality
from insights.text.clean import one_line


def outcomes_page(outcomes: Sequence[Outcome]) -> RenderableType:
    """One part a classifier: what it learned from, how well, and whether it is used."""
    return _parts(_outcome(one) for one in outcomes)


def standing_page(found: Sequence[Standing]) -> RenderableType:
    """What is in use, since when, and what it did on the answers that were held out."""
    if not found:
        return Text("Nothing is distilled. To learn from what your models answered: insights models distil")
    return _parts(_standing(one) for one in found)


def _parts(parts: Iterable[Iterator[RenderableType]]) -> RenderableType:
    lines: list[RenderableType] = []
    for part in parts:
        lines += [Text(""), *part] if lines else part
    return Group(*lines)


def _outcome(one: Outcome) -> Iterator[RenderableType]:
    models = f" of {one_line(', '.join(one.models), 60)}" if one.models else ""
    yield Text(f"{one.name}: {counted(one.answers, 'answer')}{models}", style="bold")
    if one.figures is not None:
        yield from _figures(one.figures)
    yield Text(f"Not used: {one.refused}." if one.refused else "Used from the next analysis on.")


def _standing(one: Standing) -> Iterator[RenderableType]:
    yield Text(f"{one.name}: from {one_line(one.made_from, 120)}", style="bold")
    yield Text(f"Learned on {one.at:%Y-%m-%d %H:%M} UTC.")
    yield from _figures(one.figures)


def _figures(found: Figures) -> Iterator[RenderableType]:
    yield Text(f"On {found.held_out:,} answers held out, with 95% intervals; right is what the model says:")
    yield _table(found)
    yield Text(f"Without it, the mean F1 on the same answers is {_cell(found.before)}.")
    sure = f"It is sure of {_percent(found.sure)} of them"
    right = f", of which {_percent(found.sure_precision)} are right" if found.sure.value else ""
    yield Text(f"{sure}{right}; {found.precision:.0%} was asked for.")


def _table(found: Figures) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("")
    for title in ("rows", "precision", "recall", "F1", "sure from"):
        table.add_column(title, justify="right")
    for one in found.answers:
        sure_from = "never" if one.sure_from is None else _short(one.sure_from)
        table.add_row(one_line(one.answer, 12), f"{one.rows:,}", *_cells(one.quality), sure_from)
    table.add_row("mean", f"{found.held_out:,}", *_cells(found.mean), "")
    return table


def _cells(quality: Quality) -> tuple[str, str, str]:
    return _cell(quality.precision), _cell(quality.recall), _cell(quality.f1)


def _cell(figure: Figure) -> str:
    """The figure and its 95 % interval: .73 (.65–.80)."""
    if figure.value is None or figure.low is None or figure.high is None:
        return "–"
    return f"{_short(figure.value)} ({_short(figure.low)}–{_short(figure.high)})"


def _percent(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return "–"
    return f"{figure.value:.0%} ({figure.low:.0%}–{figure.high:.0%})"


def _short(value: float) -> str:
    """Two decimals, without a zero before them."""
    return f"{value:.2f}".removeprefix("0")
