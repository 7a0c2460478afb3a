"""Prepare the weights of embedding models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, progress_bar, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.embedding.comparison import Trial
    from insights.ports import Progress

models = typer.Typer(
    help="Prepare the weights of embedding models.",
    epilog="Example: insights models quantize models/minilm",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(models, name="models")


@models.callback()
def common() -> None:
    """Prepare the weights that `embedding.embedder` names. Needs no workspace."""


@models.command(epilog="Example: insights models quantize models/minilm --data tickets.csv --text body --label topic")
def quantize(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="Folder with model.onnx, in float32, and tokenizer.json.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to make; default: the name of the first with -int8 at its end.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Compare on the texts of this file; default: those of the sample firm.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Column of the texts.")] = None,
    label: Annotated[str | None, typer.Option(help="Column of the labels; rows without one are left out.")] = None,
    limit: Annotated[int, typer.Option(min=100, help="Compare on at most so many texts.")] = 1_000,
    json: AsJson = False,
) -> None:
    """Make int8 weights out of float32 ones, and tell what that changes: size, speed, which texts are neighbours."""
    from insights.embedding.quantize import default_folder
    from insights.embedding.quantize import quantize as make_int8

    with progress_bar(context.obj) as progress:
        trial = _trial(data, text=text, label=label, limit=limit, progress=progress)
        done = make_int8(path, out or default_folder(path), trial=trial, progress=progress)
    if json:
        as_json(done)
        return
    from insights.cli.quantized import quantized_page

    console().print(quantized_page(done))
    say(
        context.obj,
        f'To use them, set embedding.embedder to "onnx:{done.folder.resolve()}"; the next run makes all vectors anew.',
    )


def _trial(data: Path | None, *, text: str | None, label: str | None, limit: int, progress: "Progress") -> "Trial":
    """The texts of a labelled file, or of the sample firm, without labels, where none is named."""
    from insights.embedding.comparison import trial_of

    if data is None and text is None and label is None:
        from insights.demo.sample import sample_texts

        return trial_of(sample_texts(limit))
    if data is None or text is None or label is None:
        raise InsightsError(
            "A file to compare on needs --data, --text and --label.",
            remedy="Name all three, or none to compare on the texts of the sample firm.",
            exit_code=ExitCode.USAGE,
        )
    from connectors.sources.labelled import LabelledFile

    rows = LabelledFile(data, text=text, label=label).drawn(limit, progress=progress)
    return trial_of([row.text for row in rows], [row.labels for row in rows])
