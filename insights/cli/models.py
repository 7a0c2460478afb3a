"""Prepare the weights of embedding models; distil a language model's answers into small classifiers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, progress_bar, say
from insights.domain.access import Act
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.distillation import Standing
    from insights.embedding.comparison import Trial
    from insights.ports import Progress

models = typer.Typer(
    help="Prepare the weights of embedding models; distil a language model's answers.",
    epilog="Example: insights models quantize models/minilm",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(models, name="models")


@models.callback()
def common() -> None:
    """Prepare the weights that `embedding.embedder` names, without a workspace; distil what language models answered in
    a workspace into small classifiers. Nothing leaves the machine."""


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


@models.command(epilog="Example: insights models distil --status")
def distil(
    context: typer.Context,
    precision: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="How often a classifier has to be right where it is sure.")
    ] = 0.95,
    status: Annotated[bool, typer.Option("--status", help="Only tell what is distilled, and since when.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Remove the classifiers; what they told stays.")] = False,
    json: AsJson = False,
) -> None:
    """Learn from what language models answered and people left standing: small classifiers that from then on tell sure
    kinds and severities for nothing, with their F1 on answers held out. Asks no model."""
    if status and forget:
        raise InsightsError(
            "--status and --forget are two things.", remedy="Name one of them.", exit_code=ExitCode.USAGE
        )
    from insights import distillation

    workspace = context.obj.open(Act.LOOK if status else Act.MANAGE)
    if status or forget:
        found = (distillation.forget if forget else distillation.standing)(workspace.repository)
        _show_standing(context, found, forgotten=forget, json=json)
        return
    with progress_bar(context.obj) as progress:
        outcomes = workspace.distil(precision=precision, progress=progress)
    if json:
        as_json(outcomes)
        return
    from insights.cli.distilled_page import outcomes_page

    console().print(outcomes_page(outcomes))


def _show_standing(context: typer.Context, found: "list[Standing]", *, forgotten: bool, json: bool) -> None:
    if json:
        as_json(found)
        return
    if forgotten:
        say(context.obj, f"Forgotten: {', '.join(one.name for one in found) or 'nothing was distilled'}.")
        return
    from insights.cli.distilled_page import standing_page

    console().print(standing_page(found))
