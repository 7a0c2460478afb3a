"""Open the triage application."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from insights.bootstrap import Workspace
    from insights.domain.health import Check
    from tui.office import Office


@app.command(epilog="Example: insights triage")
def triage(
    context: typer.Context,
    theme: Annotated[str | None, typer.Option(help="dark, light or high-contrast, whatever the settings say.")] = None,
    keys: Annotated[bool, typer.Option("--keys", help="List what it does: names, keys, plain commands.")] = False,
    web: Annotated[bool, typer.Option("--web", help="In a browser on this machine, until Ctrl-C.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --web: the port; 0 takes a free one.")] = 0,
    open_: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="With --web: open the browser. [default: where there is a display]"),
    ] = None,
    json: AsJson = False,
) -> None:
    """Decide on problems in the terminal: j/k move, a accepts, d dismisses, s snoozes, u takes back, ? helps."""
    if keys:
        _list_keys(json=json)
    elif web:
        _serve(context, port=port, is_open=open_, theme=theme)
    elif port or open_ is not None:
        raise typer.BadParameter("--port and --open go with --web.")
    else:
        run_triage(context.obj.open, theme=theme)


def _list_keys(*, json: bool) -> None:
    """Everything that the application does."""
    from tui.actions import ACTS
    from tui.keys import printed

    rows = [{"name": a.id, "keys": printed(a.keys), "does": a.words, "command": a.command} for a in ACTS]
    if json:
        as_json(rows)
    else:
        from rich.table import Table
        from rich.text import Text

        table = Table(*rows[0], box=None, padding=(0, 2, 0, 0), header_style="bold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row.values()))
        console().print(table)


def run_triage(open_workspace: "Callable[[], Workspace]", *, theme: str | None = None) -> None:
    """Run the application on a workspace, which is opened behind its first line."""
    from tui.entrance import run

    def open_office() -> "Office":
        from tui.office import with_theme

        office = office_of(open_workspace())
        return with_theme(office, theme) if theme else office

    run(open_office)


def office_of(workspace: "Workspace") -> "Office":
    """What the application may ask of this workspace."""
    from insights.bootstrap import now, outbox_file
    from tui.office import Office
    from tui.work import insights_program

    folder = workspace.folder.resolve()
    return Office(
        triage=replace(workspace.triage(), revalue=partial(_estimate_alone, workspace)),
        workspace=folder.name,
        settings=workspace.settings,
        embedder=lambda: workspace.embedder,
        vectors=workspace.vectors,
        examine=lambda asks: _examined(workspace, asks=asks),
        standing=lambda: workspace.standing(now()),
        analysis=insights_program(folder, "analyze"),
        ranking=insights_program(folder, "rank"),
        folder=folder,
        outbox=outbox_file(workspace),
    )


def _estimate_alone(workspace: "Workspace", numbers: "Collection[int]") -> None:
    """At once what a figure that was taken back is about; the application has all the others ranked behind it."""
    from insights.estimating import estimate_alone

    for number in numbers:
        estimate_alone(number, workspace.repository, workspace.settings)


def _examined(workspace: "Workspace", *, asks: bool) -> "Sequence[Check]":
    """How the workspace stands, quickly; or by trying all that it depends on."""
    from insights.bootstrap import now

    if asks:
        from insights.doctor import examine

        return examine(workspace.folder, now=now()).checks
    from insights.health import known_checks

    return known_checks(workspace.standing(now()))


def _serve(context: typer.Context, *, port: int, is_open: bool | None, theme: str | None) -> None:
    """Serve the application; each page opens the workspace for itself, this only makes sure that it can be opened."""
    from tui.web.server import has_display, serve

    workspace = context.obj.open()
    folder = workspace.folder.resolve()
    chosen = theme or workspace.settings.triage.theme
    workspace.close()
    say(context.obj, "Whoever has this address decides as you. Ctrl-C ends it.")
    serve(
        workspace=folder,
        port=port,
        open_browser=has_display() if is_open is None else is_open,
        on_ready=typer.echo,
        theme=chosen,
        options=("--theme", theme) if theme else (),
    )
    say(context.obj, "Stopped. What was decided is kept.")
