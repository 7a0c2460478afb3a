"""Make a workspace, bring feedback in."""

from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.access import offer_model
from insights.cli.app import AsJson, Globals, app
from insights.cli.output import as_json, confirm, console, progress_bar, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from connectors.sources.files import FileSource
    from insights.bootstrap import Workspace
    from insights.stages.collect import Collected

KINDS = "ticket, nps, note, review, account, deal, subscription or departure"


@app.command(epilog="Example: insights init acme --product Crateline")
def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where; made if it is not there.")] = Path(),
    product: Annotated[str, typer.Option(help="What customers call your product.")] = "our product",
) -> None:
    """Make a workspace: insights.toml, and .insights/ for data. On a terminal, a language model that is here is offered
    for use; nothing is used unasked."""
    from insights.bootstrap import make_workspace

    made = make_workspace(folder, product=product)
    say(context.obj, f"Workspace made in {made.folder}. Its key is {made.key_place}: without it the text is lost.")
    offer_model(context.obj, made.folder)
    say(context.obj, "Next: insights import FILE --kind ticket, then insights analyze.")


@app.command("import", epilog="Example: insights import tickets.csv --kind ticket --map text=comment")
def import_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="CSV, TSV, JSONL, Parquet or Excel, .gz too.")],
    kind: Annotated[str, typer.Option(help=f"What a row is: {KINDS}.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="Our field = the file's column; repeatable.")
    ] = None,
    scale: Annotated[
        list[str] | None, typer.Option(help="Multiply a number, as annual_revenue=1000000; repeatable.")
    ] = None,
    source: Annotated[str, typer.Option(help="Name of the source; default: folder and file.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the recognised columns without asking.")] = False,
    json: AsJson = False,
) -> None:
    """Import feedback, accounts, deals, subscriptions or departures from files. A second import changes nothing."""
    workspace = context.obj.open()
    results = []
    noted: set[str] = set()
    for path in files:
        reader = _file_source(path, kind, source or _name_of(path), overrides=mapping or [], factors=scale or [])
        if not json:
            noted |= _show_preview(context.obj, reader)
        if not yes and not json and not confirm(context.obj, f"Import {path.name} like this?"):
            say(context.obj, f"{path.name} was not imported. Say which columns to take with --map text=COLUMN.")
            continue
        results.append(_collect(context.obj, workspace, reader))
    _report(context.obj, results, json=json, noted=noted)


@app.command(epilog="Example: insights pull, or: insights pull tickets --full")
def pull(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Sources to read; default: all.")] = None,
    full: Annotated[bool, typer.Option(help="Read from the start, also what was read before.")] = False,
    json: AsJson = False,
) -> None:
    """Read the [[sources]] of the configuration."""
    workspace = context.obj.open()
    chosen = _chosen(workspace, names or [])
    results, failures = [], []
    for settings in chosen:
        overrides = [f"{field}={column}" for field, column in settings.map.items()]
        path = workspace.folder / settings.path
        try:
            factors = [f"{field}={factor!r}" for field, factor in settings.scale.items()]
            reader = _file_source(path, settings.kind, settings.name, overrides=overrides, factors=factors)
            results.append(_collect(context.obj, workspace, reader, full=full))
        except InsightsError as error:
            failures.append(settings.name)
            say(context.obj, f"{settings.name}: {error.message} {error.remedy}")
    _report(context.obj, results, json=json)
    if failures:
        raise InsightsError(
            f"{len(failures)} of {len(chosen)} sources failed: {', '.join(failures)}.",
            remedy=f"{'The others were read. ' if results else ''}Mend them and run `insights pull` again.",
            exit_code=ExitCode.PARTIAL,
        )


def _name_of(path: Path) -> str:
    """Folder and file: two exports that are both called data.csv must not overwrite each other's items."""
    return f"{path.resolve().parent.name}/{path.name}"


def _chosen(workspace: "Workspace", names: list[str]) -> list[Any]:
    known = {settings.name: settings for settings in workspace.settings.sources}
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        raise InsightsError(
            f"There is no source called {unknown[0]!r}." if unknown else "No source is configured.",
            remedy=f"Known: {', '.join(known)}." if known else "Add a [[sources]] block to insights.toml.",
            exit_code=ExitCode.USAGE,
        )
    return [known[name] for name in names or known]


def _file_source(path: Path, kind: str, name: str, *, overrides: list[str], factors: list[str]) -> "FileSource":
    from connectors.sources.files import FileSource

    return FileSource(name=name, path=path, kind=kind, overrides=tuple(overrides), factors=tuple(factors))


def _show_preview(options: Globals, reader: "FileSource") -> set[str]:
    """What was recognised; returns the warnings that were printed."""
    preview = reader.preview()
    say(options, f"{reader.path.name}: {preview.form}. Columns recognised:")
    for column in preview.columns:
        say(options, f"  {column.field:<15} {column.column:<28} {_short(column.example)}")
    if preview.unused:
        say(options, f"  not used: {_short(', '.join(preview.unused), 90)}")
    for warning in preview.warnings:
        say(options, f"  note: {warning}")
    return set(preview.warnings)


def _short(text: object, limit: int = 60) -> str:
    from insights.text.clean import one_line

    return one_line(str(text if text is not None else ""), limit)


def _collect(options: Globals, workspace: "Workspace", reader: "FileSource", *, full: bool = True) -> "Collected":
    from insights.bootstrap import now
    from insights.stages.collect import collect
    from insights.storage.lock import OwnerLock

    # Not beside an analysis: it would work on words that change under it.
    lock = OwnerLock(workspace.data / "run.lock", what="this workspace, for an import or an analysis")
    with lock, progress_bar(options) as progress:
        return collect(
            reader,
            repository=workspace.repository,
            rejects_folder=workspace.data / "rejects",
            now=now(),
            progress=progress,
            full=full,
        )


def _report(options: Globals, results: list["Collected"], *, json: bool, noted: Set[str] = frozenset()) -> None:
    """The counts of each source; warnings that were `noted` before are not said twice."""
    if json:
        as_json(results)
        return
    for done in results:
        saved = done.saved
        console().print(
            f"{done.source}: {saved.new:,} new, {saved.changed:,} changed, {saved.unchanged:,} unchanged, "
            f"{done.refused:,} refused"
        )
        for warning in done.warnings:
            if warning not in noted:
                say(options, f"  note: {warning}")
        if done.rejects_file:
            say(options, f"  refused rows are in {done.rejects_file}: {_short('; '.join(done.reasons), 160)}")
