"""An evaluation as a page for the terminal, at most 80 cells wide."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from insights.domain.figures import counted
from insights.evaluation import Evaluation
from insights.grouping.scores import Agreement, Figure, Scores

_NONE = "–"


def evaluation_page(done: Evaluation) -> RenderableType:
    """What was found, every score with its interval, what it took, and how far it can be trusted."""
    parts: list[RenderableType] = [Text(_found(done)), _scores(done.scores), _costs(done)]
    return Group(*parts, *(Text(f"\n{line}", style="bold") for line in done.verdict))


def _found(done: Evaluation) -> str:
    several = done.scores.in_several
    shared = f"; {counted(several, 'item')} in several of them" if several else ""
    return (
        f"{counted(done.items, 'item')}, {counted(done.mentions, 'mention')}, {counted(done.labels, 'true label')}.\n"
        f"{counted(done.groups, 'group')} found, {done.groups_of_5:,} with 5 items or more{shared}.\n"
    )


def _scores(scores: Scores) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("score")
    table.add_column("value", justify="right")
    table.add_column("95% interval")
    for cells in _rows(scores):
        if len(cells) == 1:
            table.add_row()
        table.add_row(*map(Text, cells))
    return table


def _rows(scores: Scores) -> Iterator[tuple[str, ...]]:
    yield (f"in no group, of {counted(scores.items, 'item')}", *_shares(scores.left_out))
    yield (f"over {counted(scores.single, 'item')} with one label",)
    for name, figure in (("AMI", scores.ami), ("ARI", scores.ari), ("V-measure", scores.v_measure)):
        yield (f"  {name}", *_figures(figure))
    form = "extended B-cubed" if scores.is_overlapping else "B-cubed"
    yield from _three(f"{form}, over {counted(scores.items, 'item')}", scores.bcubed)
    yield from _three(f"item-problem pairs, over {counted(scores.items, 'item')}", scores.pairs)
    if scores.in_several:
        yield from _three("the same with one label per item", scores.one_each)
        yield ("  F1 gained by several", *_figures(scores.gain, sign="+"))


def _three(title: str, agreement: Agreement) -> Iterator[tuple[str, ...]]:
    yield (title,)
    yield ("  precision", *_figures(agreement.precision))
    yield ("  recall", *_figures(agreement.recall))
    yield ("  F1", *_figures(agreement.f1))


def _figures(figure: Figure, *, sign: str = "") -> tuple[str, str]:
    return _written(figure, form=f"{sign}z.3f")


def _shares(figure: Figure) -> tuple[str, str]:
    return _written(figure, form=".1%")


def _written(figure: Figure, *, form: str) -> tuple[str, str]:
    """The value and its interval."""
    if figure.value is None:
        return _NONE, _NONE
    if figure.low is None or figure.high is None:
        return _number(figure.value, form), _NONE
    return _number(figure.value, form), f"{_number(figure.low, form)} to {_number(figure.high, form)}"


def _number(value: float, form: str) -> str:
    return f"{value:{form}}".replace("-", "−")


def _costs(done: Evaluation) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("step")
    table.add_column("wall s", justify="right")
    table.add_column("CPU s", justify="right")
    for step in done.steps:
        table.add_row(step.name, f"{step.wall_seconds:.1f}", f"{step.cpu_seconds:.1f}")
    wall, cpu = sum(step.wall_seconds for step in done.steps), sum(step.cpu_seconds for step in done.steps)
    table.add_row("together", f"{wall:.1f}", f"{cpu:.1f}")
    memory = f"peak memory {done.peak_megabytes:,.0f} MB, " if done.peak_megabytes is not None else ""
    return Group(Text(), table, Text(f"\n{memory}embedder {done.embedder}"))
