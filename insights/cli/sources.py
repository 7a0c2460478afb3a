"""Read the sources that the settings name, show how they stand, make the skeleton of a new one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, console, progress_bar, say
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from insights.bootstrap import Workspace
    from insights.config import SourceSettings
    from insights.pulling import Pulled, Reading

sources = typer.Typer(
    help="How the sources stand: what is kept of them, how fresh it is, what went wrong, what to do.",
    epilog="Example: insights sources, or: insights sources new acme-desk",
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.add_typer(sources, name="sources")


@app.command(epilog="Example: insights pull, or: insights pull zendesk --since 2026-01-01")
def pull(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="Which; default: all.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Read again what changed since this day, of a service.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read from the start, also what was read before.")] = False,
    sweep: Annotated[
        bool | None,
        typer.Option("--sweep/--no-sweep", help="Look for what was deleted there. [default: when it is due]"),
    ] = None,
    expect_deletions: Annotated[
        bool, typer.Option("--expect-deletions", help="Remove here also where more than half is gone there.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Read what changed in the [[sources]] of the settings. Stopped at any point, run it again: it goes on there. One
    that fails does not keep the others from being read."""
    from insights.pulling import Reading

    how = Reading(since=_day(since) if since else None, full=full, sweeps=sweep, expects_deletions=expect_deletions)
    workspace = context.obj.open(Act.BRING)
    chosen = _chosen(workspace, names or [])
    done: list[Pulled] = []
    failures: dict[str, InsightsError] = {}
    for settings in chosen:
        try:
            found = _pull(context.obj, workspace, settings, how)
        except InsightsError as error:
            failures[settings.name] = error
            continue
        done.append(found)
        if found.failure is not None:
            failures[settings.name] = found.failure
    _report(context.obj, done, failures, json=json, is_several=len(chosen) > 1)
    if failures:
        _fail(failures, of=len(chosen))


def _pull(options: Globals, workspace: "Workspace", settings: "SourceSettings", how: "Reading") -> "Pulled":
    with progress_bar(options) as progress:
        return workspace.pull(settings, how, progress=progress)


def _report(
    options: Globals, done: "Sequence[Pulled]", failures: "dict[str, InsightsError]", *, json: bool, is_several: bool
) -> None:
    from insights.cli.collected import counts

    if json:
        failed = [{"source": name, "error": e.message, "remedy": e.remedy} for name, e in failures.items()]
        as_json({"pulled": [{"collected": one.collected, "swept": one.swept} for one in done], "failed": failed})
        return
    for one in done:
        counts(options, one.collected, gone=one.swept.removed if one.swept else 0)
    for name, error in failures.items() if is_several else ():
        say(options, f"{name}: {error.message} {error.remedy}")


def _fail(failures: "dict[str, InsightsError]", *, of: int) -> None:
    """Exit code 3 where others were read, else what the first failure says."""
    first = next(iter(failures.values()))
    if of == 1:
        raise first
    raise InsightsError(
        f"{len(failures)} of {of} sources failed: {', '.join(failures)}.",
        remedy="The others were read; see: insights sources" if len(failures) < of else "See: insights sources",
        exit_code=ExitCode.PARTIAL if len(failures) < of else first.exit_code,
    )


def _chosen(workspace: "Workspace", names: list[str]) -> "list[SourceSettings]":
    known = {settings.name: settings for settings in workspace.settings.sources}
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        raise InsightsError(
            f"There is no source called {unknown[0]!r}." if unknown else "No source is configured.",
            remedy=f"Known: {', '.join(known)}."
            if known
            else "Add a [[sources]] block to insights.toml; `insights sources types` lists what there is.",
            exit_code=ExitCode.USAGE,
        )
    return [known[name] for name in dict.fromkeys(names or known)]


def _day(text: str) -> "date":
    from datetime import date

    from insights.bootstrap import now

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InsightsError(
            f"{text!r} is no day.", remedy="Write it as 2026-01-31.", exit_code=ExitCode.USAGE
        ) from None
    if day > now().date():
        raise InsightsError(f"{day} is yet to come.", remedy="Give a day that was.", exit_code=ExitCode.USAGE)
    return day


@sources.callback()
def show(context: typer.Context, json: AsJson = False) -> None:
    """How each source stands: what is kept of it, its newest item, when it was read, what went wrong, what to do."""
    if context.invoked_subcommand is not None:
        return
    from insights.bootstrap import now
    from insights.health import source_checks

    workspace = context.obj.open()
    checks = source_checks(workspace.standing(now()))
    if json:
        as_json([_as_data(check) for check in checks])
        return
    from insights.cli.examination import checks_table

    console().print(checks_table(checks, is_named=False))


def _as_data(check: Any) -> dict[str, Any]:
    return {**check.facts, "state": check.state, "remedy": check.remedy, "command": check.command}


@sources.command("types", epilog="Example: insights sources types")
def list_types(json: AsJson = False) -> None:
    """What types of sources are installed, ours and those of others."""
    from insights.connecting import SOURCES, types

    found = ["file", *types(SOURCES)]
    if json:
        as_json(found)
    else:
        typer.echo("\n".join(found))


@sources.command("new", epilog="Example: insights sources new acme-desk")
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the type of source is to be called.")],
    folder: Annotated[Path, typer.Option(help="Where the folder of its package is made.")] = Path(),
) -> None:
    """Write the skeleton of a source of your own: a package with an entry point, a source that reads JSON, and its
    contract test."""
    from insights.source_skeleton import write_skeleton

    made = write_skeleton(name, folder)
    for path in made:
        typer.echo(str(path))
    say(context.obj, f"Next: pip install -e {made[0].parent}, then a [[sources]] block with type = {name!r}.")
