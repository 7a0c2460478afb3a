"""What changed, in half a minute."""

from typing import Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console
from insights.errors import ExitCode, InsightsError


@app.command(epilog="Example: insights digest --markdown > digest.md")
def digest(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help="Decisions from this day on; default: a week back.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    json: AsJson = False,
) -> None:
    """Show what is new, growing, fading and decided, and what the last run cost."""
    from datetime import UTC, datetime, timedelta

    from insights.bootstrap import now
    from insights.digest.changes import changes
    from insights.digest.render import to_json, to_markdown, to_terminal

    workspace = context.obj.open()
    try:
        start = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else now() - timedelta(days=7)
    except ValueError as error:
        raise InsightsError(
            f"{since!r} is not a day.", remedy="Write it as 2026-05-01.", exit_code=ExitCode.USAGE
        ) from error
    found = changes(workspace.repository, since=start, now=now())
    currency = workspace.settings.product.currency
    if json:
        as_json(to_json(found))
    elif markdown:
        typer.echo(to_markdown(found, currency=currency))
    else:
        screen = console()
        screen.print(to_terminal(found, currency=currency, width=screen.width))
