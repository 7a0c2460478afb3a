"""Finished work: what similar issues took is where a problem's effort comes from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, confirm, console, progress_bar, say
from insights.domain.access import Act

if TYPE_CHECKING:
    from connectors.sources.finished import FinishedWorkFile
    from insights.finished_work import ImportedWork

_LONGEST_NAME = 80

work = typer.Typer(
    help="Finished work with its effort, from which the effort of problems is estimated.",
    epilog="Example: insights work import jira.csv --name backend",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(work, name="work")


@work.callback()
def common() -> None:
    """Finished work with its effort, from which the effort of problems is estimated."""


@work.command("import", epilog="Example: insights work import jira.csv --map hours=Actual --weeks-per-point 0.4")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL, Parquet or Excel, .gz too; one finished issue a row.")],
    name: Annotated[str, typer.Option(help="Name of the source; default: folder and file.")] = "",
    weeks_per_point: Annotated[
        float | None, typer.Option(help="Weeks that a story point is, for rows that hold no time.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="id, title, text, finished_on, weeks, days, hours, seconds or points = column."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the recognised columns without asking.")] = False,
    json: AsJson = False,
) -> None:
    """Import finished issues with the time they took. A second import changes nothing."""
    from connectors.sources.finished import FinishedWorkFile
    from insights.text.clean import one_line

    workspace = context.obj.open(Act.BRING)
    source = FinishedWorkFile(
        name=one_line(name or f"{file.resolve().parent.name}/{file.name}", _LONGEST_NAME),
        path=file,
        overrides=tuple(mapping or []),
        weeks_per_point=weeks_per_point,
    )
    if not json:
        _show_preview(context.obj, source)
        if not yes and not confirm(context.obj, f"Import {file.name} like this?"):
            say(context.obj, f"{file.name} was not imported. Say which columns to take with --map hours=COLUMN.")
            return
    from insights.finished_work import import_work

    with workspace.run_lock(), progress_bar(context.obj) as progress:
        done = import_work(
            source,
            repository=workspace.repository,
            embedder=workspace.embedder,
            regions=workspace.settings.privacy.phone_regions,
            rejects_folder=workspace.data / "rejects",
            progress=progress,
        )
    _report(context.obj, done, json=json)


def _show_preview(options: Globals, source: "FinishedWorkFile") -> None:
    from insights.text.clean import one_line

    preview = source.preview()
    say(options, f"{source.path.name}: {preview.form}. Columns recognised:")
    for column in preview.columns:
        say(options, f"  {column.field:<15} {one_line(column.column, 28):<28} {one_line(column.example or '', 60)}")
    for warning in preview.warnings:
        say(options, f"  note: {warning}")


def _report(options: Globals, done: "ImportedWork", *, json: bool) -> None:
    if json:
        as_json(done)
        return
    from insights.text.clean import one_line

    saved = done.saved
    console().print(
        f"{one_line(done.source)}: {saved.new:,} new, {saved.changed:,} changed, {saved.unchanged:,} unchanged, "
        f"{done.refused:,} refused",
        soft_wrap=True,
    )
    if done.rejects_file:
        say(options, f"  refused rows are in {done.rejects_file}: {one_line('; '.join(done.reasons), 160)}")


@work.command("list", epilog="Example: insights work list --limit 50")
def list_work(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many issues.")] = 20,
    json: AsJson = False,
) -> None:
    """List finished work, what was finished last first, and how much each source brought."""
    workspace = context.obj.open()
    kept = workspace.repository.finished_work
    counts, works = kept.counts(workspace.embedder.fingerprint), kept.latest(limit)
    if json:
        as_json({"sources": counts, "issues": works})
        return
    if not works:
        say(context.obj, "There is no finished work. Bring some in with: insights work import FILE")
        return
    from insights.cli.work_page import source_lines, work_table

    screen = console()
    screen.print(work_table(works, width=screen.width))
    for line in source_lines(counts):
        say(context.obj, line)


@work.command(epilog="Example: insights work forget backend")
def forget(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The source's name, as `insights work list` shows it.")],
) -> None:
    """Delete the finished work of a source."""
    from insights.domain.figures import counted
    from insights.finished_work import forget_work

    gone = forget_work(name, repository=context.obj.open(Act.BRING).repository)
    say(context.obj, f"Forgotten: {counted(gone, 'finished issue')} of {name}.")
