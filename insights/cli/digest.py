"""What changed, in half a minute."""

from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli.app import AsJson, app
from insights.cli.output import as_json, console, say
from insights.errors import ExitCode, InsightsError

if TYPE_CHECKING:
    from insights.bootstrap import Workspace
    from insights.language.opening import Opener


@app.command(epilog="Example: insights digest --markdown > digest.md")
def digest(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help="Decisions from this day on; default: a week back.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no model for the opening sentence.")] = False,
    json: AsJson = False,
) -> None:
    """Show what is new, growing, fading and decided, and what the last run cost."""
    from datetime import UTC, datetime, timedelta

    from insights.bootstrap import now
    from insights.digest.changes import changes
    from insights.digest.opening import opened
    from insights.digest.render import to_json, to_markdown, to_terminal
    from insights.health import source_troubles

    workspace = context.obj.open()
    try:
        start = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else now() - timedelta(days=7)
    except ValueError as error:
        raise InsightsError(
            f"{since!r} is not a day.", remedy="Write it as 2026-05-01.", exit_code=ExitCode.USAGE
        ) from error
    currency = workspace.settings.product.currency
    opener = None if offline else _opener(workspace)
    troubles = source_troubles(workspace.standing(now()))
    told = changes(workspace.repository, since=start, now=now(), troubles=troubles)
    found = opened(told, opener=opener, currency=currency)
    if json:
        as_json(to_json(found))
    elif markdown:
        typer.echo(to_markdown(found, currency=currency))
    else:
        screen = console()
        screen.print(to_terminal(found, currency=currency, width=screen.width))
    for failure in opener.failures if opener else ():
        say(context.obj, f"note: {failure}")


def _opener(workspace: "Workspace") -> "Opener | None":
    desk = workspace.desk()
    if desk is None:
        return None
    from insights.language.opening import Opener

    return Opener(desk)
