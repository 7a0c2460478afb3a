"""Run the analysis; make the vectors anew."""

from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, console, followed, progress_bar, say
from insights.domain.access import Act
from insights.errors import InsightsError

if TYPE_CHECKING:
    from insights.bootstrap import Workspace
    from insights.domain.run import Run


@app.command(epilog="Example: insights analyze")
def analyze(
    context: typer.Context,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only say what models would be asked, and about what it would cost.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Turn what is new into ranked problems. Stopped at any point, run it again: it goes on where it was."""
    if estimate:
        _estimate(context.obj, context.obj.open(Act.BRING), json=json)
        return
    run = run_analysis(context.obj, context.obj.open(Act.BRING))
    if json:
        as_json(run)


def run_analysis(options: Globals, workspace: "Workspace") -> "Run":
    """The analysis with its progress and its closing words."""
    _refuse_empty(workspace)
    with followed(options) as (progress, follow):
        run = workspace.analyze(progress=progress, follow=follow)
    for line in told(run, workspace.repository.feedback.counts()):
        say(options, line)
    say_troubles(options, workspace)
    if not options.quiet:
        _say_unfair(options, workspace)
    return run


def say_troubles(options: Globals, workspace: "Workspace") -> None:
    """A line for each source that could not be read or fell silent."""
    if options.quiet:
        return
    from insights.bootstrap import now
    from insights.health import source_troubles

    for words in source_troubles(workspace.standing(now())):
        say(options, f"note: {words}")


def _say_unfair(options: Globals, workspace: "Workspace") -> None:
    """One line where a group of accounts is clearly short of its share of the first problems."""
    from insights.cli.fairness_page import closing_line
    from insights.fairness import OF_ACCOUNTS, fairness, standing_order

    order = standing_order(workspace.repository)
    line = closing_line(fairness(workspace.repository, order=order, by=tuple(OF_ACCOUNTS))) if order else None
    if line:
        say(options, line)


def _refuse_empty(workspace: "Workspace") -> None:
    if not workspace.repository.feedback.counts()["items"]:
        raise InsightsError(
            "There is no feedback to analyse.",
            remedy="Import some: `insights import FILE --kind ticket`, or see `insights demo`.",
        )


def _estimate(options: Globals, workspace: "Workspace", *, json: bool) -> None:
    _refuse_empty(workspace)
    with progress_bar(options) as progress:
        found = workspace.forecast(progress=progress)
    desk = workspace.desk()
    if json:
        may_spend = desk.ledger.may_spend if desk else None
        as_json({"mode": desk.name if desk else "offline", "may_spend_usd": may_spend, "stages": found})
        return
    if desk is None:
        say(options, "No language model is set: words are made offline, and nothing is sent or paid.")
        return
    if not any(one.expected.calls for one in found):
        say(options, "Nothing is new: no model would be asked anything.")
        return
    from insights.cli.spending import forecast_table

    console().print(forecast_table(found))
    total = sum(one.expected.usd for one in found)
    language = workspace.settings.language
    said = f"About ${total:.2f} by the prices of {language.prices_of}; this run may cost ${desk.ledger.may_spend:.2f}."
    say(options, said if total <= desk.ledger.may_spend else f"{said} Model work will end there, the rest is offline.")
    if language.large_model:
        say(options, f"What goes on to {language.large_model} comes on top.")


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


@app.command(epilog="Example: insights reindex")
def reindex(context: typer.Context) -> None:
    """Make all vectors anew from the database: after damage, or to clean up."""
    workspace = context.obj.open(Act.BRING)
    with progress_bar(context.obj) as progress:
        made = workspace.reindex(progress=progress)
    say(context.obj, f"{made:,} vectors made.")
