"""See who is behind a pseudonym, and whom items name."""

from typing import Annotated

import typer

from insights.cli.app import AsJson
from insights.cli.output import as_json, say
from insights.cli.privacy import privacy
from insights.text.clean import one_line, sanitise


@privacy.command("reveal", epilog="Example: insights privacy reveal EMAIL_7KQ2M4XA")
def reveal_one(
    context: typer.Context,
    token: Annotated[str, typer.Argument(metavar="PSEUDONYM", help="As it stands in a text, such as EMAIL_7KQ2M4XA.")],
    json: AsJson = False,
) -> None:
    """Say who is behind a pseudonym. The audit log notes that you looked."""
    from insights.data_rights.reveal import reveal

    value = reveal(context.obj.open().repository, token)
    if json:
        as_json({"pseudonym": token.strip().strip("<>").upper(), "value": value})
    else:
        typer.echo(one_line(value, 300))


@privacy.command("people", epilog="Example: insights privacy people EMAIL_7KQ2M4XA")
def list_people(
    context: typer.Context,
    token: Annotated[
        str, typer.Argument(metavar="[PSEUDONYM]", help="Instead of the list: the items that name this one.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: AsJson = False,
) -> None:
    """List whom items name most, by pseudonym, with how many items, accounts and problems; or show the redacted words
    of the items that name one, with pseudonyms. Nobody is revealed."""
    from insights.data_rights.reveal import naming, people

    repository = context.obj.open().repository
    if token:
        namings = naming(repository, token, limit=limit)
        if json:
            as_json(namings)
        for one in () if json else namings:
            typer.echo(f"{one_line(one.ref, 200)}\n{sanitise(one.text)}\n")
        return
    found = people(repository, limit=limit)
    if json:
        as_json(found)
        return
    for person in found:
        where = f"{person.items:>8,} items{person.accounts:>8,} accounts{person.problems:>8,} problems"
        typer.echo(f"{person.token:<20}{where}")
    if not found:
        say(context.obj, "No item names anybody who has a pseudonym.")
