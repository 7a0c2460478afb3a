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
    from insights.cli.spending import call_table
    from insights.domain.run import did, status_in_words
    from insights.language.usage import past_usage, usage_in_words

    workspace = context.obj.open()
    found = workspace.repository.runs.get(run)
    usage = past_usage(found, calls=workspace.repository.calls, settings=workspace.settings.language)
    if json:
        as_json({"run": found, "models": usage})
        return
    screen = console()
    screen.print(f"Run {found.id}, {found.started_at:%Y-%m-%d %H:%M} UTC, {_duration(found)}: {status_in_words(found)}")
    screen.print(f"Words: {found.mode}. Did: {did(found)}. In no problem: {_waiting(found)}.")
    if usage.calls:
        screen.print(call_table(usage, width=screen.width))
    for line in usage_in_words(usage):
        screen.print(line)
    for failure in found.reasons:
        say(context.obj, f"note: {failure}")


def _row(run: "Run") -> tuple[str, ...]:
    from insights.domain.run import did, status_in_words

    started, spent = f"{run.started_at:%Y-%m-%d %H:%M}", f"${run.spend_usd:.2f}"
    return str(run.id), started, _duration(run), status_in_words(run), run.mode, did(run), _waiting(run), spent


def _waiting(run: "Run") -> str:
    """Mentions in no problem when the run had ended."""
    return f"{run.counts['unassigned']:,}" if "unassigned" in run.counts else "–"


def _duration(run: "Run") -> str:
    """Minutes and seconds: 4:38."""
    from insights.domain.figures import clock

    return "–" if run.seconds is None else clock(round(run.seconds))
