"""Measure what is found against what people said."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, progress_bar, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights.privacy.patterns import Span

evaluations = typer.Typer(
    help="Measure the grouping, or what is taken out of texts, on data that people labelled.",
    epilog="Example: insights eval groups --data tickets.csv --text body --label topic",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(evaluations, name="eval")


@evaluations.callback()
def common() -> None:
    """Measure the grouping, or what is taken out of texts, on data that people labelled. Needs no workspace and stores
    nothing."""


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


class Engine(StrEnum):
    RULES = "rules"
    PRESIDIO = "presidio"


@evaluations.command(epilog="Example: insights eval pii --data marked.jsonl --json")
def pii(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Option(help="JSON lines or a JSON list: text (or full_text) and spans with start, end and type."),
    ],
    engine: Annotated[
        Engine | None,
        typer.Option(help="What looks; default: the workspace's, or rules without one. presidio looks besides rules."),
    ] = None,
    only_engine: Annotated[
        bool, typer.Option("--only-engine", help="Without our own rules: what the engine finds alone.")
    ] = False,
    regions: Annotated[
        str | None,
        typer.Option(help="Countries of national phone numbers, such as US,DE; default: the workspace's, else 12."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many texts, from the first on.")] = None,
    json: AsJson = False,
) -> None:
    """Look for personal data in texts in which somebody marked it, and tell how much of it is found by type.

    A marked span counts as found where finds of its type cover half of its characters or more. A find is right where it
    overlaps a marked span of its type. "Left" is the share of the marked characters that the redacted copy still
    shows, whatever they were taken for. Types that are not looked for are listed."""
    from insights.bootstrap import privacy_of
    from insights.privacy.marked import read_marked
    from insights.privacy.scoring import score

    settings, places = privacy_of(context.obj.folder, regions=regions)
    chosen = engine.value if engine else settings.engine
    find = _finder(chosen, regions=places, alone=only_engine)
    texts = read_marked(data)[:limit]
    with progress_bar(context.obj) as progress:
        done = score(texts, find, engine=_told(chosen, alone=only_engine), regions=places, progress=progress)
    if json:
        as_json(done)
        return
    from insights.cli.pii_page import pii_page

    console().print(pii_page(done))


def _finder(engine: str, *, regions: tuple[str, ...], alone: bool) -> "Callable[[str], list[Span]]":
    from insights.privacy.redaction import Redactor, merged

    if engine == Engine.RULES:
        return Redactor(regions=regions).spans
    from insights.privacy.presidio import presidio_finder

    find = presidio_finder(regions=regions)
    return (lambda text: merged(find(text))) if alone else Redactor(regions=regions, finders=[find]).spans


def _told(engine: str, *, alone: bool) -> str:
    if engine == Engine.RULES:
        return engine
    return engine if alone else f"rules and {engine}"
