"""Look at past runs: what each did, what it cost, what became of its models' answers."""

from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say

if TYPE_CHECKING:
    from insights.domain.run import Run

runs = typer.Typer(
    help="Show what past runs did and cost.",
    epilog="Example: insights runs show 12",
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.add_typer(runs, name="runs")


@runs.callback()
def recent(context: typer.Context, json: AsJson = False) -> None:
    """Show what past runs did and cost, newest first."""
    if context.invoked_subcommand is not None:
        return
    found = context.obj.open().repository.runs.recent()
    if json:
        as_json(found)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("run", "started (UTC)", "took", "status", "words", "did", "waiting", "spent"):
        table.add_column(name, overflow="fold")
    for run in found:
        table.add_row(*_row(run))
    console().print(table)


@runs.command(epilog="Example: insights runs show 12 --json")
def show(
    context: typer.Context,
    run: Annotated[int | None, typer.Argument(metavar="RUN", help="Its number; the newest one by default.")] = None,
    json: AsJson = False,
) -> None:
    """Show one run: calls, tokens and money by stage and model, what went on to the large model, what passed the
    checks."""
    from insights.cli.spending import call_table, usage_in_words
    from insights.language.models import large_model
    from insights.language.usage import usage_of

    workspace = context.obj.open()
    found = workspace.repository.runs.get(run)
    calls = workspace.repository.calls.of_run(found.id)
    usage = usage_of(calls, found.counts, large=large_model(workspace.settings.language))
    if json:
        as_json({"run": found, "models": usage})
        return
    screen = console()
    screen.print(f"Run {found.id}, {found.started_at:%Y-%m-%d %H:%M} UTC, {_duration(found)}: {_status(found)}")
    screen.print(f"Words: {found.mode}. Did: {_did(found)}. In no problem: {_waiting(found)}.")
    if calls:
        screen.print(call_table(usage, width=screen.width))
    for line in usage_in_words(usage):
        screen.print(line)
    for failure in found.failures:
        say(context.obj, f"note: {failure}")


def _row(run: "Run") -> tuple[str, ...]:
    started, spent = f"{run.started_at:%Y-%m-%d %H:%M}", f"${run.spend_usd:.2f}"
    return str(run.id), started, _duration(run), _status(run), run.mode, _did(run), _waiting(run), spent


def _did(run: "Run") -> str:
    by_model = ("kinds_changed", "kinds_distilled", "severity_distilled", "stated", "merged", "parted")
    shown = ("joined", "born", "settled", "described", "ranked", *by_model)
    named = [f"{name.replace('_', ' ')} {count:,}" for name, count in run.counts.items() if count and name in shown]
    return ", ".join(named) or "nothing was new"


def _status(run: "Run") -> str:
    return f"{run.status.value} at {run.stage}" if run.stage else run.status.value


def _waiting(run: "Run") -> str:
    """Mentions in no problem when the run had ended."""
    return f"{run.counts['unassigned']:,}" if "unassigned" in run.counts else "–"


def _duration(run: "Run") -> str:
    """Minutes and seconds: 4:38."""
    from insights.domain.figures import clock

    if run.finished_at is None:
        return "–"
    return clock(round((run.finished_at - run.started_at).total_seconds()))
