"""Cards of the models and the data of a workspace, from what was measured."""

from pathlib import Path
from typing import Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json


@app.command(epilog="Example: insights card --to card.md")
def card(
    context: typer.Context,
    model: Annotated[bool, typer.Option("--model", help="The model card alone.")] = False,
    data: Annotated[bool, typer.Option("--data", help="The data card alone.")] = False,
    to: Annotated[Path | None, typer.Option("--to", help="Write it to this file instead of to stdout.")] = None,
    json: AsJson = False,
) -> None:
    """Print the model card and the data card: what is used and kept, how right it was, and what was not measured."""
    from insights.bootstrap import now, write_whole
    from insights.cards.facts import Subject, data_card, model_card
    from insights.cards.markdown import card_markdown
    from insights.cli.output import check_place

    if to is not None:
        check_place(to)
    workspace, moment = context.obj.open(), now()
    subject = Subject(repository=workspace.repository, settings=workspace.settings, now=moment)
    makers = [maker for maker, wanted in ((model_card, model), (data_card, data)) if wanted or model == data]
    cards = [maker(subject) for maker in makers]
    if json:
        as_json(cards)
        return
    made = f"Made {moment:%Y-%m-%d} by `insights card` from what this workspace keeps."
    text = "\n".join(card_markdown(one, made=made) for one in cards)
    if to is None:
        typer.echo(text, nl=False)
    else:
        write_whole(to, text)
