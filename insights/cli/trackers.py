"""Which trackers the settings name, and which types there are."""

from typing import Any

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json


@app.command(epilog="Example: insights trackers")
def trackers(context: typer.Context, json: AsJson = False) -> None:
    """Show the [[trackers]] of the settings, with where their logins are, and the types of trackers that there are."""
    from insights.connecting import TRACKERS, types

    workspace = context.obj.open()
    found: list[dict[str, Any]] = [
        {"name": one.name, "type": one.type, "login": workspace.credentials.place(one.name)}
        for one in workspace.settings.trackers
    ]
    if json:
        as_json({"trackers": found, "types": ["file", *types(TRACKERS)]})
        return
    if not found:
        typer.echo("No [[trackers]] in insights.toml; a file needs none: insights export P-1 --to file:backlog.md")
    for one in found:
        login = f"its login is in {one['login']}" if one["login"] else f"no login: insights auth {one['name']}"
        typer.echo(f"{one['name']}: {one['type']}; {login}")
    typer.echo(f"Types: {', '.join(['file', *types(TRACKERS)])}")
