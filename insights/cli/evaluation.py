"""Measure what is found against what people said."""

from pathlib import Path
from typing import Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, progress_bar, say

evaluations = typer.Typer(
    help="Measure the grouping on data that people labelled.",
    epilog="Example: insights eval groups --data tickets.csv --text body --label topic",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(evaluations, name="eval")


@evaluations.callback()
def common() -> None:
    """Measure the grouping on data that people labelled. Needs no workspace and stores nothing."""


@evaluations.command(epilog="Example: insights eval groups --data tickets.csv --text body --label topic --limit 2000")
def groups(
    context: typer.Context,
    data: Annotated[Path, typer.Option(help="CSV, TSV, JSONL, Parquet or Excel, .gz too.")],
    text: Annotated[str, typer.Option(help="Column of the texts.")],
    label: Annotated[str, typer.Option(help="Column of the labels; rows without one are grouped, not scored.")],
    separator: Annotated[str, typer.Option(help="What stands between the labels of one cell; empty: nothing.")] = "|",
    embedder: Annotated[
        str | None,
        typer.Option(help="static, onnx:FOLDER or openai:MODEL; default: the workspace's, or static without one."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=2, help="At most so many rows, drawn at random.")] = None,
    json: AsJson = False,
) -> None:
    """Group the texts of a file as `insights analyze` would, without its labels, and tell how well groups and labels
    agree."""
    from connectors.sources.labelled import LabelledFile
    from insights.bootstrap import embedding_of
    from insights.evaluation import evaluate

    settings, chosen = embedding_of(context.obj.folder, embedder=embedder)
    file = LabelledFile(data, text=text, label=label, separator=separator)
    with progress_bar(context.obj) as progress:
        done = evaluate(file, embedder=chosen, regions=settings.privacy.phone_regions, limit=limit, progress=progress)
    if json:
        as_json(done)
        return
    from insights.cli.scores import evaluation_page

    console().print(evaluation_page(done))
    for note in done.notes:
        say(context.obj, f"note: {note}")
