"""What models were asked and what it cost, or would cost, as tables and sentences for the terminal."""

from collections.abc import Sequence

from rich.table import Table

from insights.forecast import Forecast
from insights.language.questions import Expected
from insights.language.usage import Usage

WIDE = 110
"""Cells in which the prompts' names have room."""


def forecast_table(stages: Sequence[Forecast]) -> Table:
    """What an analysis would ask, by stage, and in all; "about" marks what was reckoned, not counted."""
    table = Table(box=None, pad_edge=False)
    table.add_column("stage")
    table.add_column("model", overflow="fold")
    for name in ("calls", "tokens in", "out", "$"):
        table.add_column(name, justify="right")
    table.add_column("")
    for one in stages:
        table.add_row(one.stage, one.model, *_figures(one.expected), "" if one.is_counted else "about")
    whole = sum((one.expected for one in stages), Expected())
    table.add_row("in all", "", *_figures(whole), "about")
    return table


def _figures(one: Expected) -> tuple[str, str, str, str]:
    return f"{one.calls:,}", f"{one.tokens_in:,}", f"{one.tokens_out:,}", f"{one.usd:.4f}"


def call_table(usage: Usage, *, width: int) -> Table:
    """What models were asked, by stage, model and outcome, and by prompt in at least WIDE cells."""
    is_wide = width >= WIDE
    table = Table(box=None, pad_edge=False)
    table.add_column("stage")
    table.add_column("model", overflow="fold")
    if is_wide:
        table.add_column("prompt", overflow="fold")
    table.add_column("outcome")
    for name in ("calls", "tokens in", "out", "$", "s each"):
        table.add_column(name, justify="right")
    for one in usage.calls:
        table.add_row(
            one.stage,
            one.model,
            *([one.prompt] if is_wide else []),
            one.outcome,
            f"{one.calls:,}",
            f"{one.tokens_in:,}",
            f"{one.tokens_out:,}",
            f"{one.usd:.4f}",
            f"{one.seconds / one.calls:.1f}" if one.seconds else "–",
        )
    return table
