"""Open the triage application."""

from typing import TYPE_CHECKING

import typer

from insights.cli.app import app

if TYPE_CHECKING:
    from insights.bootstrap import Workspace


@app.command(epilog="Example: insights triage")
def triage(context: typer.Context) -> None:
    """Decide on problems in the terminal: j/k move, a accepts, d dismisses, s snoozes, u takes back, ? helps."""
    run_triage(context.obj.open())


def run_triage(workspace: "Workspace") -> None:
    """Run the application on an open workspace."""
    from tui.app import run

    run(workspace.triage(), workspace=workspace.folder.resolve().name, currency=workspace.settings.product.currency)
