"""Run the analysis; look at past runs; make the vectors anew."""

from typing import TYPE_CHECKING

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, console, progress_bar, say
from insights.errors import InsightsError

if TYPE_CHECKING:
    from insights.bootstrap import Workspace
    from insights.domain.run import Run


@app.command(epilog="Example: insights analyze")
def analyze(context: typer.Context, json: AsJson = False) -> None:
    """Turn what is new into ranked problems. Stopped at any point, run it again: it goes on where it was."""
    run = run_analysis(context.obj, context.obj.open())
    if json:
        as_json(run)


def run_analysis(options: Globals, workspace: "Workspace") -> "Run":
    """The analysis with its progress and its closing words."""
    if not workspace.repository.feedback.counts()["items"]:
        raise InsightsError(
            "There is no feedback to analyse.",
            remedy="Import some: `insights import FILE --kind ticket`, or see `insights demo`.",
        )
    with progress_bar(options) as progress:
        run = workspace.analyze(progress=progress)
    for line in told(run, workspace.repository.feedback.counts()):
        say(options, line)
    return run


def told(run: "Run", totals: dict[str, int]) -> list[str]:
    """A run in a few lines: counts, mode and spend."""
    mentions = {name.removeprefix("mentions."): n for name, n in totals.items() if name.startswith("mentions.")}
    ranked = mentions.get("problem", 0) + mentions.get("request", 0)
    what = (
        f"{totals['items']:,} items, {sum(mentions.values()) - mentions['unassigned']:,} mentions: {ranked:,} state a "
        f"problem or request, {mentions.get('praise', 0):,} praise, {mentions.get('question', 0):,} questions, "
        f"{mentions.get('noise', 0):,} noise."
    )
    fallen_back = run.counts.get("described_offline", 0)
    words = f"{run.mode} ({fallen_back} offline)" if fallen_back else run.mode
    came = (
        f"{run.counts.get('ranked', 0):,} problems ranked, {run.counts.get('born', 0):,} of them new; "
        f"{mentions['unassigned']:,} mentions fit none yet. Words: {words}. Spent ${run.spend_usd:.2f}."
    )
    return [what, came, *(f"note: {failure}" for failure in run.failures)]


@app.command(epilog="Example: insights runs --json")
def runs(context: typer.Context, json: AsJson = False) -> None:
    """Show what past runs did and cost, newest first."""
    found = context.obj.open().repository.runs.recent()
    if json:
        as_json(found)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("run", "started (UTC)", "took", "status", "words", "did", "waiting", "spent"):
        table.add_column(name, overflow="fold")
    for run in found:
        did = ", ".join(f"{name} {count:,}" for name, count in run.counts.items() if count and name != "unassigned")
        stopped = f"{run.status.value} at {run.stage}" if run.stage else run.status.value
        started, spent = f"{run.started_at:%Y-%m-%d %H:%M}", f"${run.spend_usd:.2f}"
        did = did or "nothing was new"
        table.add_row(str(run.id), started, _duration(run), stopped, run.mode, did, _waiting(run), spent)
    console().print(table)


def _waiting(run: "Run") -> str:
    """Mentions in no problem when the run had ended."""
    return f"{run.counts['unassigned']:,}" if "unassigned" in run.counts else "–"


def _duration(run: "Run") -> str:
    """Minutes and seconds: 4:38."""
    from insights.domain.figures import clock

    if run.finished_at is None:
        return "–"
    return clock(round((run.finished_at - run.started_at).total_seconds()))


@app.command(epilog="Example: insights reindex")
def reindex(context: typer.Context) -> None:
    """Make all vectors anew from the database: after damage, or to clean up."""
    from insights.stages.embed import embed

    workspace = context.obj.open()
    with workspace.vectors(anew=True) as vectors, progress_bar(context.obj) as progress:
        workspace.repository.mentions.forget_embeddings()
        made = embed(workspace.repository, embedder=workspace.embedder, vectors=vectors, progress=progress)
    say(context.obj, f"{made:,} vectors made.")
