"""Make a workspace, bring feedback in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.access import offer_model
from insights.cli.app import AsJson, Globals, app
from insights.cli.collected import report
from insights.cli.output import confirm, progress_bar, say
from insights.domain.access import Act

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
    workspace = context.obj.open(Act.BRING)
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
    report(context.obj, results, json=json, noted=noted)


def _name_of(path: Path) -> str:
    """Folder and file: two exports that are both called data.csv must not overwrite each other's items."""
    return f"{path.resolve().parent.name}/{path.name}"


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


def _collect(options: Globals, workspace: "Workspace", reader: "FileSource") -> "Collected":
    from insights.bootstrap import now
    from insights.stages.collect import collect

    with workspace.run_lock(), progress_bar(options) as progress:
        return collect(
            reader,
            repository=workspace.repository,
            rejects_folder=workspace.data / "rejects",
            now=now(),
            progress=progress,
            full=True,
        )
